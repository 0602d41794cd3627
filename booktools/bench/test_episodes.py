"""Episodes: the corridor of chapter 9 beside a loop over learners, and how the cost of enumeration grows."""

import numpy as np
import pytest

from booktools.bench import plain
from booktools.bench.from_chapter import definitions
from booktools.sphinx.speed import CORRIDOR, OURS
from pgbook.episodes import Problem, evaluate, trajectories
from pgbook.policies import Categorical

STEP_SIZE = 2.0**-13


def by_chapter(learners):
    names = "NEXT", "eight_steps", "EIGHT", "play", "sigmoid", "go_through", "reinforce"
    code = definitions("09_networks", *names)
    step_sizes, none = np.full(learners, STEP_SIZE), np.zeros(learners)
    return code["reinforce"](np.random.default_rng(903), step_sizes, none, none.astype(bool))


def by_loop(learners):
    rng = np.random.default_rng(903)
    return [plain.short_corridor(rng, STEP_SIZE, 1000) for _ in range(learners)]


@pytest.mark.parametrize("learners", [3, 30, 300, 1200])
def test_corridor(measure, learners):
    measure(CORRIDOR, learners, "chapter 9", by_chapter, learners, rounds=3)


@pytest.mark.parametrize("learners", [3, 30, 300, 1200])
def test_corridor_by_loop(measure, learners):
    measure(CORRIDOR, learners, "loop over learners", by_loop, 3, rounds=1, part=3 / learners)


def enumerated(actions, steps):
    """Enumerate one state with so many actions: actions**steps trajectories."""
    rewards = np.arange(actions, dtype=float)[None]
    problem = Problem(np.ones((1, actions, 1)), rewards, [1.0], horizon=steps)
    policy = Categorical(np.zeros((1, actions)))
    episodes, probs = trajectories(problem, policy, limit=10**7)
    np.testing.assert_allclose(probs @ episodes.rewards.sum(axis=-1), evaluate(problem, policy))
    return len(probs)


@pytest.mark.parametrize("steps", [8, 12, 16])
def test_enumeration_of_two_actions(measure, steps):
    n = 2**steps
    assert measure("N trajectories: 2 actions, 8 to 16 steps", n, OURS, enumerated, 2, steps) == n


@pytest.mark.parametrize("actions", [4, 8, 16])
def test_enumeration_of_five_steps(measure, actions):
    n = actions**5
    assert measure("N trajectories: 4 to 16 actions, 5 steps", n, OURS, enumerated, actions, 5) == n
