"""A problem is what was meant, or an error says what does not fit; it can be copied, and not be changed."""

import copy
import pickle
import re
import tracemalloc
from dataclasses import replace

import numpy as np
import pytest

from pgbook.episodes import Problem, evaluate, rollouts, trajectories
from pgbook.policies import Categorical


def rng(seed=0):
    return np.random.default_rng(seed)


GOOD = {
    "transitions": np.full((2, 3, 2), 0.5),
    "rewards": np.zeros((2, 3)),
    "start": [0.5, 0.5],
    "horizon": 2,
}
# From state 0 to state 1, where it ends.
ENDS = {
    "transitions": [[[0, 1.0], [0.5, 0.5]], [[0, 1.0], [0, 1.0]]],
    "rewards": [[1.0, 2.0], [0.0, 0.0]],
    "start": [1.0, 0.0],
    "horizon": 3,
    "discount": 0.5,
    "terminal": [1],
}
NEEDED = "must have shapes (S, A, S), (S, A), (S,) and (), but they have "
ONE = "must hold probabilities that sum to 1, but it contains "
NO_END = "a terminal state must lead to itself and pay nothing, unlike "


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"transitions": np.full((2, 3, 3), 1 / 3)}, f"{NEEDED}((2, 3, 3), (2, 3), (2,), ())"),
        ({"transitions": np.full((2, 2), 0.5)}, f"{NEEDED}((2, 2), (2, 3), (2,), ())"),
        ({"rewards": np.zeros((3, 2))}, f"{NEEDED}((2, 3, 2), (3, 2), (2,), ())"),
        ({"rewards": 1.0}, f"{NEEDED}((2, 3, 2), (), (2,), ())"),
        ({"rewards": np.zeros((2, 0))}, f"{NEEDED}((2, 3, 2), (2, 0), (2,), ())"),
        ({"start": [1.0]}, f"transitions, rewards, start and discount {NEEDED}((2, 3, 2), (2, 3), (1,), ())"),
        ({"discount": [0.5]}, f"{NEEDED}((2, 3, 2), (2, 3), (2,), (1,))"),
        (
            {"transitions": [[[0.5, 0.5]] * 3, [[1, 0], [1.5, -0.5], [0, 1]]]},
            f"transitions {ONE}[[1.5, -0.5]]",
        ),
        ({"transitions": np.full((2, 3, 2), 0.4)}, f"transitions {ONE}[[0.4, 0.4]]"),
        ({"start": [0.5, 0.4]}, f"start {ONE}[[0.5, 0.4]]"),
        ({"start": [1.5, -0.5]}, f"start {ONE}[[1.5, -0.5]]"),
        ({"horizon": True}, "horizon must be an integer, at least 1, but it is True"),
        ({"horizon": 0}, "horizon must be an integer, at least 1, but it is 0"),
        ({"discount": 1.5}, "discount must lie in [0, 1], but it is 1.5"),
        ({"discount": -0.1}, "discount must lie in [0, 1], but it is -0.1"),
        ({"terminal": [2]}, "terminal must lie in [0, 2), but it contains 2"),
        ({"terminal": [1]}, f"{NO_END}[1]"),
        (ENDS | {"terminal": [0, 1]}, f"{NO_END}[0]"),
        (ENDS | {"rewards": [[1.0, 2.0], [0.0, 1.0]]}, f"{NO_END}[1]"),
    ],
)
def test_a_bad_problem_is_refused_with_its_name(change, message):
    with pytest.raises((ValueError, IndexError), match=f"{re.escape(message)}$"):
        Problem(**GOOD | change)


@pytest.mark.parametrize("ends", [[1], (), np.array([1, 1])], ids=str)
@pytest.mark.parametrize(
    "copied", [copy.copy, copy.deepcopy, lambda p: pickle.loads(pickle.dumps(p)), replace]
)
def test_a_problem_can_be_copied_pickled_and_replaced(ends, copied):
    problem, policy = Problem(**ENDS | {"terminal": ends}), Categorical(np.zeros((2, 2)))
    twin, longer = copied(problem), replace(problem, horizon=5)
    for name in ENDS:
        np.testing.assert_array_equal(getattr(twin, name), getattr(problem, name))
    assert evaluate(twin, policy) == evaluate(problem, policy)
    for array in (twin.transitions, twin.rewards, twin.start, twin.terminal, twin.ended):
        assert not array.flags.writeable
    with pytest.raises(AttributeError):
        twin.horizon = 3
    assert (longer.horizon, longer.terminal.tolist()) == (5, sorted(set(ends)))


def test_evaluation_needs_no_array_over_pairs_of_pairs():
    S, A = 60, 20
    problem = Problem(np.full((S, A, S), 1 / S), np.zeros((S, A)), np.full(S, 1 / S), horizon=3)
    policy = Categorical(np.zeros((4, S, A)))
    tracemalloc.start()
    evaluate(problem, policy)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 3 * problem.transitions.nbytes


def test_numpys_error_settings_change_nothing():
    problem, policy = Problem(**ENDS), Categorical([[0.0, -700.0], [0.0, -np.inf]])
    with np.errstate(all="raise"):
        _, probs = trajectories(problem, policy)
        assert evaluate(problem, policy) == pytest.approx(1)
        assert not rollouts(rng(), problem, policy, 9).actions.any()
        rare = Problem(**GOOD), Categorical([[0.0, -744.0, 0.0]] * 2)
        assert (rollouts(rng(), *rare, 9).actions != 1).all()
        assert trajectories(*rare)[1].min() == 0
    assert probs.sum() == pytest.approx(1)


def test_enumeration_takes_one_policy():
    with pytest.raises(ValueError, match=r"^one policy is needed, but the logits have shape \(4, 2, 3\)$"):
        trajectories(Problem(**GOOD), Categorical(np.zeros((4, 2, 3))))


def test_the_horizon_becomes_an_int():
    assert type(Problem(**GOOD | {"horizon": np.int8(2)}).horizon) is int


@pytest.mark.parametrize("shape", [(3,), (3, 2), (2, 2), (4, 3, 2)])
def test_a_policy_of_another_shape_is_refused_with_both_shapes(shape):
    policy = Categorical(np.zeros(shape))
    message = re.escape(f"the logits have shape {shape}, but the rewards have (2, 3)")
    for call in (trajectories, evaluate, lambda *given: rollouts(rng(), *given)):
        with pytest.raises(ValueError, match=message):
            call(Problem(**GOOD), policy)
