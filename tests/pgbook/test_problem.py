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


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"start": [1.0]},
            "transitions, rewards, start and discount must have shapes (S, A, S), (S, A), (S,) and (), "
            "but they have ((2, 3, 2), (2, 3), (1,), ())",
        ),
        (
            {"transitions": [[[0.5, 0.5]] * 3, [[1.0, 0.0], [1.5, -0.5], [0.0, 1.0]]]},
            "transitions must hold probabilities that sum to 1, but it contains [[1.5, -0.5]]",
        ),
        ({"transitions": np.full((2, 3, 3), 1 / 3)}, "but they have ((2, 3, 3), (2, 3), (2,), ())"),
        ({"transitions": np.full((2, 2), 0.5)}, "but they have ((2, 2), (2, 3), (2,), ())"),
        ({"transitions": np.full((2, 3, 2), 0.4)}, "transitions must hold probabilities that sum to 1"),
        ({"rewards": np.zeros((3, 2))}, "but they have ((2, 3, 2), (3, 2), (2,), ())"),
        ({"rewards": 1.0}, "but they have ((2, 3, 2), (), (2,), ())"),
        ({"rewards": np.zeros((2, 0))}, "but they have ((2, 3, 2), (2, 0), (2,), ())"),
        ({"start": [1, 0, 0]}, "but they have ((2, 3, 2), (2, 3), (3,), ())"),
        ({"start": [0.5, 0.4]}, "start must hold probabilities that sum to 1, but it contains [[0.5, 0.4]]"),
        (
            {"start": [1.5, -0.5]},
            "start must hold probabilities that sum to 1, but it contains [[1.5, -0.5]]",
        ),
        ({"horizon": True}, "horizon must be an integer, at least 1, but it is True"),
        ({"discount": 1.5}, "discount must lie in [0, 1], but it is 1.5"),
        ({"discount": -0.1}, "discount must lie in [0, 1], but it is -0.1"),
        ({"discount": [0.5]}, "but they have ((2, 3, 2), (2, 3), (2,), (1,))"),
        ({"terminal": [1]}, "a terminal state must lead to itself and pay nothing, unlike [1]"),
        ({"terminal": [2]}, "terminal must lie in [0, 2), but it contains 2"),
    ],
)
def test_a_bad_problem_is_refused_with_its_name(change, message):
    with pytest.raises((ValueError, IndexError), match=re.escape(message)):
        Problem(**GOOD | change)


def test_a_terminal_state_that_pays_is_refused():
    P = np.ones((1, 2, 1))
    assert Problem(P, [[0, 0]], [1], 3, terminal=[0]).ended.tolist() == [True]
    with pytest.raises(ValueError, match=re.escape("pay nothing, unlike [0]")):
        Problem(P, [[0, 1]], [1], 3, terminal=[0])


@pytest.mark.parametrize("change", ["it pays", "it leads away"])
def test_of_two_terminal_states_the_one_that_is_none_is_named(change):
    P, rewards = np.zeros((3, 1, 3)), np.zeros((3, 1))
    P[0, 0, 1] = P[1, 0, 1] = P[2, 0, 2] = 1
    if change == "it pays":
        rewards[2] = 1
    else:
        P[2, 0] = [1, 0, 0]
    with pytest.raises(ValueError, match=re.escape("pay nothing, unlike [2]")):
        Problem(P, rewards, [1, 0, 0], 3, terminal=[1, 2])


ENDS = {
    "transitions": [[[0, 1.0], [0.5, 0.5]], [[0, 1.0], [0, 1.0]]],
    "rewards": [[1.0, 2.0], [0.0, 0.0]],
    "start": [1.0, 0.0],
    "horizon": 3,
    "discount": 0.5,
    "terminal": [1],
}


@pytest.mark.parametrize("ends", [[1], (), np.array([1, 1])], ids=str)
def test_a_problem_can_be_copied_pickled_and_replaced(ends):
    problem = Problem(**ENDS | {"terminal": ends})
    copies = [
        copy.copy(problem),
        copy.deepcopy(problem),
        pickle.loads(pickle.dumps(problem)),
        replace(problem),
    ]
    for twin in copies:
        for name in ENDS:
            np.testing.assert_array_equal(getattr(twin, name), getattr(problem, name))
        assert not twin.ended.flags.writeable
        assert not twin.rewards.flags.writeable
        assert evaluate(twin, Categorical(np.zeros((2, 2)))) == evaluate(
            problem, Categorical(np.zeros((2, 2)))
        )
    longer = replace(problem, horizon=5)
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
    assert probs.sum() == pytest.approx(1)


def test_the_horizon_becomes_an_int():
    assert type(Problem(**GOOD | {"horizon": np.int8(2)}).horizon) is int


@pytest.mark.parametrize("shape", [(3,), (3, 2), (2, 2), (4, 3, 2)])
def test_a_policy_of_another_shape_is_refused_with_both_shapes(shape):
    policy = Categorical(np.zeros(shape))
    message = re.escape(f"the logits have shape {shape}, but the rewards have (2, 3)")
    for call in (trajectories, evaluate, lambda *given: rollouts(rng(), *given)):
        with pytest.raises(ValueError, match=message):
            call(Problem(**GOOD), policy)


def test_a_problem_cannot_be_changed():
    problem = Problem(**ENDS)
    for array in (problem.transitions, problem.rewards, problem.start, problem.terminal, problem.ended):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1
    with pytest.raises(AttributeError):
        problem.horizon = 3
