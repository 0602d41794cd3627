"""The list of policies over which the laws are tested. A new kind of policy is one new row."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pytest
import torch
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from pgbook.policies import Bernoulli, BernoulliLogit, Categorical, Gaussian, GaussianLogStd

LOGITS = np.log([0.5, 0.1, 0.1, 0.1, 0.1, 0.1])


@st.composite
def thetas(draw, *columns):
    """Parameters of shape (..., P), one strategy per column, with any small batch shape in front."""
    batch = draw(hnp.array_shapes(min_dims=0, max_dims=2, max_side=3))
    return np.stack([draw(hnp.arrays(float, batch, elements=column)) for column in columns], axis=-1)


# A rule gives points (n, ...) and weights (n, ...): the expectation of f is sum(weights * f(points)).


def enumeration(policy):
    """All actions: an expectation is a sum."""
    points = np.arange(getattr(policy, "num_actions", 2)).reshape(-1, *[1] * (policy.params.ndim - 1))
    return points, np.exp(policy.log_prob(points))


def trapezoids(policy):
    """A grid: for a density this smooth the trapezoidal rule is exact to rounding."""
    noise = np.arange(-10, 10.25, 0.25).reshape(-1, *[1] * (policy.params.ndim - 1))
    points = policy.mean + policy.std * noise
    return points, 0.25 * policy.std * np.exp(policy.log_prob(points))


class Family(NamedTuple):
    """A row of the table. Parameters ``theta`` have shape (..., P)."""

    build: Callable  # theta -> policy
    twin: Callable  # tensor of theta -> the same policy in torch.distributions
    example: np.ndarray  # one theta, shape (P,); a different policy is 0.2 away along the first parameter
    thetas: st.SearchStrategy
    rule: Callable


FAMILIES = {
    "Categorical": Family(
        build=Categorical,
        twin=lambda logits: torch.distributions.Categorical(logits=logits, validate_args=False),
        example=LOGITS,
        thetas=st.integers(1, 5).flatmap(lambda num_actions: thetas(*[st.floats(-20, 20)] * num_actions)),
        rule=enumeration,
    ),
    "Bernoulli": Family(
        build=lambda theta: Bernoulli(theta[..., 0]),
        twin=lambda theta: torch.distributions.Bernoulli(probs=theta[..., 0]),
        example=np.array([0.3]),
        thetas=thetas(st.floats(0.01, 0.99)),
        rule=enumeration,
    ),
    "BernoulliLogit": Family(
        build=lambda theta: BernoulliLogit(theta[..., 0]),
        twin=lambda theta: torch.distributions.Bernoulli(logits=theta[..., 0]),
        example=np.array([-1.0]),
        thetas=thetas(st.floats(-20, 20)),
        rule=enumeration,
    ),
    "Gaussian": Family(
        build=lambda theta: Gaussian(theta[..., 0], theta[..., 1]),
        twin=lambda theta: torch.distributions.Normal(theta[..., 0], theta[..., 1]),
        example=np.array([1.0, 2.0]),
        thetas=thetas(st.floats(-5, 5), st.floats(0.1, 10)),
        rule=trapezoids,
    ),
    "GaussianLogStd": Family(
        build=lambda theta: GaussianLogStd(theta[..., 0], theta[..., 1]),
        twin=lambda theta: torch.distributions.Normal(theta[..., 0], theta[..., 1].exp()),
        example=np.array([1.0, 0.5]),
        thetas=thetas(st.floats(-5, 5), st.floats(-2, 2)),
        rule=trapezoids,
    ),
}

every_family = pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES)


def drawn(family, data):
    """Parameters drawn by hypothesis, their policy, and the points and weights of its expectations."""
    theta = data.draw(family.thetas)
    policy = family.build(theta)
    return theta, policy, *family.rule(policy)


def discrete(family):
    return family.twin(torch.tensor(family.example)).support.is_discrete


class Edges(np.random.Generator):
    """Uniform draws as extreme as a generator can give."""

    def __init__(self):
        super().__init__(np.random.PCG64(0))

    def random(self, size=None):
        return np.resize([0.0, 0.5, np.nextafter(1, 0)], size)
