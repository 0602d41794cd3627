"""Scores of one million actions: pgbook, beside autograd, beside the floor of one exponential."""

import numpy as np
import pytest
import torch

from pgbook.policies import Categorical

N, K = 1_000_000, 6


@pytest.fixture(scope="module")
def logits():
    return np.random.default_rng(0).normal(size=(N, K))


@pytest.fixture(scope="module")
def actions():
    return np.random.default_rng(1).integers(K, size=N)


def by_autograd(logits, actions):
    z = torch.tensor(logits, requires_grad=True)
    log_prob = torch.distributions.Categorical(logits=z).log_prob(torch.tensor(actions)).sum()
    return torch.autograd.grad(log_prob, z)[0].numpy()


@pytest.mark.benchmark(group="scores of 10⁶ × 6")
def test_pgbook(benchmark, logits, actions):
    scores = benchmark(lambda: Categorical(logits).score(actions))
    np.testing.assert_allclose(scores[:1000], by_autograd(logits[:1000], actions[:1000]), atol=1e-12)


@pytest.mark.benchmark(group="scores of 10⁶ × 6")
def test_torch_distributions_with_autograd(benchmark, logits, actions):
    assert benchmark(by_autograd, logits, actions).shape == (N, K)


@pytest.mark.benchmark(group="scores of 10⁶ × 6")
def test_floor_one_exponential(benchmark, logits):
    assert benchmark(np.exp, logits).shape == (N, K)
