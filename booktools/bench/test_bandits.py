"""The four curves of Sutton & Barto's Figure 2.5: pgbook, beside a loop over runs, beside the floor.

The floor draws the same random numbers and takes one exponential per logit and step.
"""

import numpy as np
import pytest

from booktools.bench import plain
from booktools.sphinx.speed import BANDIT, FLOOR, OURS
from pgbook import bandits

STEPS, K = 1000, 10
SIZES = [20, 200, 2000]


def problems(runs):
    return np.random.default_rng(803).normal(4, 1, size=(runs, K))


def by_pgbook(runs):
    q = problems(runs)
    best = q.argmax(axis=-1)
    return [
        bandits.learn(
            np.random.default_rng(804), q, np.zeros((2, runs, K)), step_size=[[0.1], [0.4]], steps=STEPS,
            noise=1.0, baseline=baseline, record=lambda policy, actions: actions == best,
        )[1].mean(axis=-1)
        for baseline in ("average", 0.0)
    ]  # fmt: skip


def by_loop(runs):
    rng, q = np.random.default_rng(804), problems(runs)
    return [
        [plain.gradient_bandit(rng, means, step_size, STEPS, baseline) for means in q]
        for baseline in (True, False)
        for step_size in (0.1, 0.4)
    ]


def floor(runs):
    rng = np.random.default_rng(804)
    logits = rng.normal(size=(2, runs, K))  # exponentials of zeros would be faster
    for _ in range(2 * STEPS):
        rng.random((2, runs))
        rng.standard_normal((2, runs))
        np.exp(logits)


@pytest.mark.parametrize("runs", SIZES)
@pytest.mark.parametrize(("who", "function"), [(OURS, by_pgbook), (FLOOR, floor)])
def test_figure_2_5(measure, runs, who, function):
    measure(BANDIT, runs, who, function, runs, rounds=5)


@pytest.mark.parametrize("runs", SIZES)
def test_figure_2_5_by_loop(measure, runs):
    done = min(runs, 5)
    measure(BANDIT, runs, "loop over runs", by_loop, done, rounds=3, part=done / runs)
