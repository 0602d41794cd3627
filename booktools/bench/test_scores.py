"""Gradients of log π, one per sample: pgbook, beside automatic differentiation, beside the floor.

The floor is one exponential per entry and one write of the result.
"""

from collections import namedtuple

import numpy as np
import pytest
import torch

from booktools.sphinx.speed import FLOOR, OURS, PEERS
from pgbook.policies import BernoulliLogit, Categorical, GaussianLogStd

AUTOGRAD, VMAP = PEERS
D = torch.distributions
# Sizes; parameters (..., P) and actions of a size; their policy; log-probabilities by torch.distributions,
# and that of one action, written with torch.
Task = namedtuple("Task", "sizes case policy log_probs log_prob")
CATEGORICAL = (
    Categorical,
    lambda z, a: D.Categorical(logits=z).log_prob(a),
    lambda z, a: torch.log_softmax(z, -1).gather(-1, a[None])[0],
)
TASKS = {
    "scores of N actions, K = 6": Task(
        [10_000, 100_000, 1_000_000],
        lambda rng, n: (rng.normal(size=(n, 6)), rng.integers(6, size=n)),
        *CATEGORICAL,
    ),
    "scores of 256 tokens, V entries": Task(
        [1_500, 15_000, 150_000],
        lambda rng, n: (rng.normal(size=(256, n)), rng.integers(n, size=256)),
        *CATEGORICAL,
    ),
    "scores of N coins": Task(
        [100_000, 1_000_000, 10_000_000],
        lambda rng, n: (rng.normal(size=(n, 1)), rng.integers(2, size=n)),
        lambda z: BernoulliLogit(z[:, 0]),
        lambda z, y: D.Bernoulli(logits=z[:, 0]).log_prob(y.double()),
        lambda z, y: -torch.logaddexp(0 * z[0], (1 - 2 * y) * z[0]),
    ),
    "scores of N Gaussian actions": Task(
        [100_000, 1_000_000, 10_000_000],
        lambda rng, n: (rng.normal(size=(n, 2)), rng.normal(size=n)),
        lambda z: GaussianLogStd(z[:, 0], z[:, 1]),
        lambda z, x: D.Normal(z[:, 0], z[:, 1].exp()).log_prob(x),
        lambda z, x: -0.5 * ((x - z[0]) / torch.exp(z[1])) ** 2 - z[1],
    ),
}


def by_pgbook(task, parameters, actions):
    return TASKS[task].policy(parameters).score(actions)


def by_autograd(task, parameters, actions):
    leaf = torch.tensor(parameters, requires_grad=True)
    return torch.autograd.grad(TASKS[task].log_probs(leaf, torch.tensor(actions)).sum(), leaf)[0].numpy()


def by_vmap(task, parameters, actions):
    each = torch.func.vmap(torch.func.grad(TASKS[task].log_prob))
    return each(torch.tensor(parameters), torch.tensor(actions)).numpy()


def floor(task, parameters, actions):
    exponentials = np.exp(parameters if "Gaussian" not in task else parameters[:, :1])
    scores = np.empty(parameters.shape)
    scores[:] = exponentials
    return scores


@pytest.mark.parametrize(
    ("task", "size"), [(name, size) for name, task in TASKS.items() for size in task.sizes]
)
@pytest.mark.parametrize(
    ("who", "function"), [(OURS, by_pgbook), (AUTOGRAD, by_autograd), (VMAP, by_vmap), (FLOOR, floor)]
)
def test_scores(measure, task, size, who, function):
    parameters, actions = TASKS[task].case(np.random.default_rng(size), size)
    by_numpy = who in (OURS, FLOOR)
    scores = measure(task, size, who, function, task, parameters, actions, memory=by_numpy)
    if who != FLOOR:
        few = by_autograd(task, parameters[:100], actions[:100])
        np.testing.assert_allclose(scores[:100], few, rtol=1e-10, atol=1e-12)
