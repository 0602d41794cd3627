"""A problem is what was meant; enumeration, backward induction and rollouts agree; bad input is named."""

import ast
import copy
import pickle
import re
import tracemalloc
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
import torch
from numpy.random import default_rng as rng
from scipy import stats

from booktools import notebooks
from pgbook.episodes import Problem, _draw, evaluate, rollouts, trajectories
from pgbook.policies import Categorical
from tests.pgbook.families import Edges


def make(seed, S=3, A=2, **kwargs):
    """A random problem with some impossible transitions, and a random policy for it."""
    draws = rng(seed)
    P = draws.dirichlet(np.ones(S), size=(S, A)) * draws.integers(0, 2, size=(S, A, S))
    P += np.eye(S)[:, None] / 9
    P /= P.sum(axis=-1, keepdims=True)
    settings = {"start": draws.dirichlet(np.ones(S)), "horizon": 3} | kwargs
    return Problem(P, draws.normal(size=(S, A)), **settings), Categorical(draws.normal(size=(S, A)))


def corridor(horizon, **kwargs):
    """Sutton & Barto, example 13.1: the second of three states is reversed, state 3 is the end."""
    P = np.zeros((4, 2, 4))
    for s, a in product(range(3), range(2)):
        step = (1 if a else -1) * (-1 if s == 1 else 1)
        P[s, a, max(s + step, 0)] = 1
    P[3, :, 3] = 1
    return Problem(P, [[-1, -1]] * 3 + [[0, 0]], [1, 0, 0, 0], horizon, terminal=[3], **kwargs)


def right(p):
    """The corridor's policy, the same in all states: right with probability p."""
    return Categorical(np.tile(np.log([1 - p, p]), (4, 1)))


def brute_force(problem, policy):
    """All trajectories in plain Python, straight from the product of probabilities."""
    found = {}
    for path in product(*map(range, problem.rewards.shape), repeat=problem.horizon):
        states, actions = path[::2], path[1::2]
        p = problem.start[states[0]]
        for t in range(problem.horizon):
            p *= policy.probs[states[t], actions[t]]
            if t + 1 < problem.horizon:
                p *= problem.transitions[states[t], actions[t], states[t + 1]]
        if p > 0:
            found[path] = p
    return found


def paths(states, actions):
    """One tuple s1, a1, s2, a2, … per trajectory."""
    return [tuple(row) for row in np.stack([states, actions], axis=-1).reshape(len(states), -1).tolist()]


def as_often_as_they_should(problem, policy, states, actions):
    """Pearson's chi-square test of drawn episodes; rare trajectories are counted together."""
    episodes, probs = trajectories(problem, policy)
    place = {path: i for i, path in enumerate(paths(*episodes[:2]))}
    found = np.bincount([place[path] for path in paths(states, actions)], minlength=len(probs))
    expected = len(states) * probs
    common = expected >= 5
    observed, expected = (np.r_[n[common], n[~common].sum()] for n in (found, expected))
    return stats.chisquare(observed[expected > 0], expected[expected > 0]).pvalue > 0.001


# --- enumeration -----------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("horizon", [1, 2, 4])
def test_all_trajectories_are_there_once_with_their_probabilities(seed, horizon):
    problem, policy = make(seed, horizon=horizon)
    episodes, probs = trajectories(problem, policy)
    expected = brute_force(problem, policy)
    assert paths(*episodes[:2]) == sorted(expected)
    np.testing.assert_allclose(probs, [expected[path] for path in paths(*episodes[:2])], rtol=1e-13)
    np.testing.assert_allclose(probs.sum(), 1, atol=1e-13)
    np.testing.assert_array_equal(episodes.rewards, problem.rewards[episodes.states, episodes.actions])
    assert episodes.running.all()


def test_an_action_that_underflows_keeps_its_place_with_probability_zero():
    problem, _ = make(1)
    policy = Categorical(np.tile([1000.0, -1000.0], (3, 1)))
    episodes, probs = trajectories(problem, policy)
    assert len(probs) == len(trajectories(problem, make(1)[1])[1])
    np.testing.assert_array_equal(probs[episodes.actions.any(axis=1)], 0)
    np.testing.assert_allclose(probs.sum(), 1)


def test_an_episode_that_has_ended_is_one_trajectory():
    episodes, probs = trajectories(corridor(horizon=6), right(0.4))
    np.testing.assert_allclose(probs.sum(), 1, atol=1e-13)
    ended = ~episodes.running
    np.testing.assert_array_equal(ended, episodes.states == 3)
    assert not episodes.actions[ended].any()
    assert not episodes.rewards[ended].any()
    assert len(set(paths(*episodes[:2]))) == len(probs)
    # The shortest way is right, left, right: probability p (1 - p) p.
    np.testing.assert_allclose(probs[episodes.running.sum(axis=1) == 3], [0.4 * 0.6 * 0.4])


def test_too_many_trajectories_are_counted_before_any_is_made():
    policy, problem = right(0.5), corridor(horizon=8)
    n = len(trajectories(problem, policy)[1])
    assert len(trajectories(problem, policy, limit=n)[1]) == n
    message = r"^there are {} trajectories of length {}, more than limit={}; use rollouts$"
    with pytest.raises(ValueError, match=message.format(n, 8, n - 1)):
        trajectories(problem, policy, limit=n - 1)
    # And as soon as there are too many.
    with pytest.raises(ValueError, match=message.format(r"1\d+", r"1\d", 100000)):
        trajectories(corridor(horizon=10**12), policy)


# --- backward induction ----------------------------------------------------------------------------


@pytest.mark.parametrize("discount", [0.0, 0.5, 1.0])
def test_enumeration_agrees_with_backward_induction(discount):
    problems, policies = zip(*(make(seed, horizon=4, discount=discount) for seed in range(5)), strict=True)
    for problem, policy in zip(problems, policies, strict=True):
        episodes, probs = trajectories(problem, policy)
        expected = probs @ episodes.rewards @ discount ** np.arange(4)
        np.testing.assert_allclose(evaluate(problem, policy), expected, atol=1e-13)
    batch = evaluate(problems[0], Categorical([[policy.logits for policy in policies]]))
    alone = [[evaluate(problems[0], policy) for policy in policies]]
    np.testing.assert_allclose(batch, alone, rtol=1e-13)


@pytest.mark.parametrize(
    ("p", "value"), [(0.05, -82.1), (0.95, -44.2), (2 - np.sqrt(2), -(6 + 4 * np.sqrt(2)))]
)
def test_a_long_corridor_is_worth_what_the_closed_form_says(p, value):
    assert evaluate(corridor(horizon=5000), right(p)) == pytest.approx((2 * p - 4) / (p * (1 - p)), rel=1e-12)
    assert evaluate(corridor(horizon=5000), right(p)) == pytest.approx(value, abs=0.06)


def test_values_too_large_are_an_error_that_says_so():
    problem = Problem(np.ones((1, 1, 1)), [[1e308]], [1], horizon=2)
    with pytest.raises(ValueError, match=r"^rewards: a result exceeds the range of float64$"):
        evaluate(problem, Categorical([[0.0]]))


# --- rollouts --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("problem", "policy"),
    [make(5, horizon=3), make(6, horizon=3, S=2, A=3), (corridor(horizon=6), right(0.6))],
    ids=["three states", "three actions", "corridor"],
)
def test_trajectories_come_as_often_as_they_should(problem, policy):
    drawn = rollouts(rng(7), problem, policy, 50_000)
    assert as_often_as_they_should(problem, policy, drawn.states, drawn.actions)
    np.testing.assert_array_equal(drawn.rewards, problem.rewards[drawn.states, drawn.actions])


def test_rollouts_stop_with_the_longest_episode():
    drawn = rollouts(rng(8), corridor(horizon=10_000), right(0.5), 200)
    lengths = drawn.running.sum(axis=1)
    assert drawn.states.shape == (200, lengths.max())
    assert lengths.max() < 200
    # Once over, over for good; and every step costs 1, the last one too.
    np.testing.assert_array_equal(np.sort(~drawn.running, axis=1), ~drawn.running)
    np.testing.assert_array_equal(drawn.rewards.sum(axis=1), -lengths)
    assert (drawn.states[np.arange(200), lengths - 1] == 2).all()


def test_rollouts_stop_at_the_horizon_or_before_the_first_step():
    drawn = rollouts(rng(9), corridor(horizon=4), right(0.5), 200)
    assert drawn.states.shape == (200, 4)
    assert 0 < drawn.running[:, -1].sum() < 200
    over = Problem(np.ones((1, 2, 1)), np.zeros((1, 2)), [1], horizon=5, terminal=[0])
    drawn = rollouts(rng(0), over, Categorical(np.zeros((1, 2))), 3)
    assert drawn.states.shape == (3, 1)
    assert not drawn.running.any()


@pytest.mark.parametrize(("size", "front"), [(None, ()), (4, (4,)), ((2, 3), (2, 3)), ((), ()), (0, (0,))])
@pytest.mark.parametrize("batch", [(), (5,), (2, 5), (0,)])
def test_every_policy_gets_its_own_episodes(size, front, batch):
    problem, _ = make(10)
    certain = rng(16).integers(2, size=batch).astype(bool)
    logits = np.zeros((*batch, 3, 2))
    logits[certain, :, 1] = 1000.0
    drawn = rollouts(rng(11), problem, Categorical(logits), size)
    assert drawn.states.shape == (*front, *batch, 3 if np.prod((*front, *batch)) else 1)
    assert (drawn.actions[..., certain, :] == 1).all()


@pytest.mark.parametrize("total", [1 - 1e-12, 1.0, 1 + 1e-12])
def test_what_has_probability_zero_never_happens_at_the_ends_of_the_generators_range(total):
    # Indices 0 and 2 have probability 0, and the sum is rounded.
    assert _draw(Edges(), np.tile([0, total, 0], (3, 1))).tolist() == [1, 1, 1]


# --- the chapter -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def shown():
    """The functions of chapter 8, taken from the notebook, and its kind of numbers."""
    notebook = notebooks.load(notebooks.ROOT / "chapters" / "08_trajectories.ipynb")
    names = {"np": np, "torch": torch, "product": product}
    for _, cell in notebooks.cells(notebook, "code"):
        functions = [node for node in ast.parse(cell.source).body if isinstance(node, ast.FunctionDef)]
        exec(compile(ast.Module(functions, []), "chapter 8", "exec"), names)
    torch.set_default_dtype(torch.float64)
    return names


@pytest.mark.parametrize("seed", range(3))
def test_chapter_8_shows_the_same_enumeration_and_backward_induction(seed, shown):
    problem, policy = make(seed, S=2, discount=0.7)
    episodes, probs = trajectories(problem, policy)
    states, actions, theirs = shown["every_trajectory"](problem, policy.probs)
    np.testing.assert_array_equal(states, episodes.states)
    np.testing.assert_array_equal(actions, episodes.actions)
    np.testing.assert_allclose(theirs, probs, rtol=1e-13)
    theirs = shown["expected_return"](torch.tensor(policy.logits), problem)
    np.testing.assert_allclose(theirs, evaluate(problem, policy), rtol=1e-13)


def test_chapter_8_shows_rollouts_of_the_same_distribution(shown):
    problem, policy = make(5)
    theirs = shown["simulate"](rng(15), 50_000, problem, policy.probs)
    assert as_often_as_they_should(problem, policy, *theirs)


# --- a problem -------------------------------------------------------------------------------------

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
        ({"horizon": 0}, "horizon must be an integer, at least 1, but it is 0"),
        ({"discount": 1.5}, "discount must lie in [0, 1], but it is 1.5"),
        ({"discount": -0.1}, "discount must lie in [0, 1], but it is -0.1"),
        ({"terminal": [2]}, "terminal must lie in [0, 2), but it contains 2"),
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
    twin, longer = copied(problem), replace(problem, horizon=np.int8(5))
    for name in ENDS:
        np.testing.assert_array_equal(getattr(twin, name), getattr(problem, name))
    assert evaluate(twin, policy) == evaluate(problem, policy)
    for array in (twin.transitions, twin.rewards, twin.start, twin.terminal, twin.ended):
        assert not array.flags.writeable
    with pytest.raises(AttributeError):
        twin.horizon = 3
    assert (longer.horizon, longer.terminal.tolist()) == (5, sorted(set(ends)))
    assert type(longer.horizon) is int


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
        assert not rollouts(rng(0), problem, policy, 9).actions.any()
        rare = Problem(**GOOD), Categorical([[0.0, -744.0, 0.0]] * 2)
        assert (rollouts(rng(0), *rare, 9).actions != 1).all()
        assert trajectories(*rare)[1].min() == 0
    assert probs.sum() == pytest.approx(1)


def test_enumeration_takes_one_policy():
    with pytest.raises(ValueError, match=r"^one policy is needed, but the logits have shape \(4, 2, 3\)$"):
        trajectories(Problem(**GOOD), Categorical(np.zeros((4, 2, 3))))


@pytest.mark.parametrize("shape", [(3,), (3, 2), (2, 2), (4, 3, 2)])
def test_a_policy_of_another_shape_is_refused_with_both_shapes(shape):
    policy = Categorical(np.zeros(shape))
    message = re.escape(f"the logits have shape {shape}, but the rewards have (2, 3)")
    for call in (trajectories, evaluate, lambda *given: rollouts(rng(0), *given)):
        with pytest.raises(ValueError, match=message):
            call(Problem(**GOOD), policy)
