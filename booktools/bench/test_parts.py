"""Where the time goes that pgbook takes beyond the floor: each pass over the numbers by itself."""

import numpy as np
import pytest

from booktools.sphinx.speed import STEP_PARTS
from pgbook import bandits
from pgbook.policies import Categorical

RUNS, K = (2, 2000), 10


def of_a_step():
    """The parts of a step of `bandits.learn` for all runs of two curves, with a baseline and noise."""
    rng = np.random.default_rng(804)
    # Action by action in memory, as `learn` stores them.
    logits = np.moveaxis(rng.normal(size=(K, *RUNS)), 0, -1)
    returns, policy = rng.normal(4, 1, size=(*RUNS, K)), Categorical(logits)
    actions, moves = policy.sample(rng), logits / 100

    def steps(count=20):
        bandits.learn(np.random.default_rng(804), returns, logits, step_size=0.1, steps=count,
                      noise=1.0, baseline="average")  # fmt: skip

    return {
        "whole": (steps, 20),
        "random numbers": (lambda: (rng.random(RUNS), rng.standard_normal(RUNS)), 1),
        "a policy": (lambda: Categorical(logits), 1),
        "exponentials": (lambda: np.exp(logits), 1),
        "a policy, and its actions": (lambda: Categorical(logits).sample(rng), 1),
        "scores": (lambda: policy.score(actions), 1),
        "what is paid": (lambda: np.take_along_axis(returns, actions[..., None], axis=-1), 1),
        "weights, and the logits' move": (lambda: logits + 0.1 * (actions[..., None] * moves), 1),
    }


@pytest.mark.parametrize("who", of_a_step())
def test_parts_of_a_step(measure, who):
    function, steps = of_a_step()[who]
    measure(STEP_PARTS, 2 * RUNS[1], who, function, rounds=50, part=steps)
