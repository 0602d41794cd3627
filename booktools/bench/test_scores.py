"""Gradients of log π, one per sample: pgbook, beside automatic differentiation, beside the floor.

The floor is one exponential per entry and one write of the result.
"""

import numpy as np
import pytest
import torch

from booktools.sphinx.speed import FLOOR, OURS, PEERS
from pgbook.policies import BernoulliLogit, Categorical, GaussianLogStd

AUTOGRAD, VMAP = PEERS
TASKS = {
    "scores of N actions, K = 6": [10_000, 100_000, 1_000_000],
    "scores of 256 tokens, V entries": [1_500, 15_000, 150_000],
    "scores of N coins": [100_000, 1_000_000, 10_000_000],
    "scores of N Gaussian actions": [100_000, 1_000_000, 10_000_000],
}


def case(task, size):
    """Return the parameters (..., P) and the actions of a task."""
    rng = np.random.default_rng(size)
    if "coins" in task:
        return rng.normal(size=(size, 1)), rng.integers(2, size=size)
    if "Gaussian" in task:
        return rng.normal(size=(size, 2)), rng.normal(size=size)
    shape = (256, size) if "tokens" in task else (size, 6)
    return rng.normal(size=shape), rng.integers(shape[1], size=shape[0])


def policy(task, parameters):
    if "coins" in task:
        return BernoulliLogit(parameters[:, 0])
    if "Gaussian" in task:
        return GaussianLogStd(parameters[:, 0], parameters[:, 1])
    return Categorical(parameters)


def by_pgbook(task, parameters, actions):
    return policy(task, parameters).score(actions)


def distribution(task, parameters):
    if "coins" in task:
        return torch.distributions.Bernoulli(logits=parameters[:, 0])
    if "Gaussian" in task:
        return torch.distributions.Normal(parameters[:, 0], parameters[:, 1].exp())
    return torch.distributions.Categorical(logits=parameters)


def by_autograd(task, parameters, actions):
    leaf = torch.tensor(parameters, requires_grad=True)
    actions = torch.tensor(actions)
    if "coins" in task:
        actions = actions.double()
    return torch.autograd.grad(distribution(task, leaf).log_prob(actions).sum(), leaf)[0].numpy()


def log_prob(task):
    """Log-probability of one action, written with torch."""
    if "coins" in task:
        return lambda z, y: -torch.logaddexp(0 * z[0], (1 - 2 * y) * z[0])
    if "Gaussian" in task:
        return lambda z, x: -0.5 * ((x - z[0]) / torch.exp(z[1])) ** 2 - z[1]
    return lambda z, a: torch.log_softmax(z, -1).gather(-1, a[None])[0]


def by_vmap(task, parameters, actions):
    each = torch.func.vmap(torch.func.grad(log_prob(task)))
    return each(torch.tensor(parameters), torch.tensor(actions)).numpy()


def floor(task, parameters, actions):
    exponentials = np.exp(parameters if "Gaussian" not in task else parameters[:, :1])
    scores = np.empty(parameters.shape)
    scores[:] = exponentials
    return scores


@pytest.mark.parametrize(("task", "size"), [(task, size) for task, sizes in TASKS.items() for size in sizes])
@pytest.mark.parametrize(
    ("who", "function"), [(OURS, by_pgbook), (AUTOGRAD, by_autograd), (VMAP, by_vmap), (FLOOR, floor)]
)
def test_scores(measure, task, size, who, function):
    parameters, actions = case(task, size)
    by_numpy = who in (OURS, FLOOR)
    scores = measure(task, size, who, function, task, parameters, actions, memory=by_numpy)
    if who != FLOOR:
        few = by_autograd(task, parameters[:100], actions[:100])
        np.testing.assert_allclose(scores[:100], few, rtol=1e-10, atol=1e-12)
