"""The estimators have the means they claim: sums over all actions, or quadrature, against autograd."""

import itertools
import re

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from pgbook.estimators import (
    importance_weights,
    leave_one_out,
    optimal_baseline,
    pathwise,
    score_function,
    without_division,
)
from pgbook.policies import Bernoulli, Categorical, Gaussian, GaussianLogStd
from tests.pgbook.families import FAMILIES, discrete, drawn, every_family

numbers = st.floats(-10, 10)
cubics = hnp.arrays(float, 4, elements=numbers)
gaussians = pytest.mark.parametrize("name", ["Gaussian", "GaussianLogStd"])

# Gauss-Hermite: the expectation of f(noise) is sum(WEIGHTS * f(NOISE)), exact for polynomials below x⁴⁰.
NOISE, WEIGHTS = np.polynomial.hermite_e.hermegauss(20)
WEIGHTS = WEIGHTS / WEIGHTS.sum()


def polynomial(coefficients, x):
    return sum(coefficient * x**power for power, coefficient in enumerate(coefficients))


def gradient_of(function, theta):
    """Gradient of ``sum(function(theta))`` by autograd, as numpy array."""
    leaf = torch.tensor(theta, requires_grad=True)
    (gradient,) = torch.autograd.grad(function(leaf).sum(), leaf)
    return gradient.numpy()


def mean(weights, estimates):
    return np.einsum("n...,n...i->...i", weights, estimates)


def case(family, data):
    """A policy, points, weights, returns at the points, and the gradient of the expected return.

    Discrete returns are free, one for each action, and the gradient is that of a finite sum. Returns of a
    Gaussian are a polynomial of the action, and their expectation is a quadrature over the noise, so the
    gradient does not pass through any density.
    """
    theta, policy, x, weights = drawn(family, data)
    if discrete(family):
        returns = data.draw(hnp.arrays(float, len(x), elements=numbers)).reshape(x.shape)

        def expected(theta):
            log_prob = family.twin(theta).log_prob(torch.tensor(x, dtype=torch.float64))
            return log_prob.exp() * torch.tensor(returns)

    else:
        coefficients = data.draw(cubics)
        returns = polynomial(coefficients, x)

        def expected(theta):
            twin = family.twin(theta)
            shape = (-1, *[1] * twin.loc.ndim)
            action = twin.loc + twin.scale * torch.tensor(NOISE).reshape(shape)
            return torch.tensor(WEIGHTS).reshape(shape) * polynomial(coefficients, action)

    return policy, x, weights, returns, gradient_of(expected, theta)


def assert_equal_means(estimate, gradient, estimates, rtol=1e-10):
    """Compare on the scale of the estimates: large ones cancel in the mean."""
    np.testing.assert_allclose(
        estimate, gradient, rtol=rtol, atol=rtol * max(1, abs(estimates).max(initial=0))
    )


# --- score function, pathwise, without division ----------------------------------------------------


@every_family
@given(data=st.data())
def test_score_function_is_unbiased_whatever_the_baseline(family, data):
    policy, x, weights, returns, gradient = case(family, data)
    for baseline in (0.0, data.draw(numbers)):
        estimates = score_function(policy, x, returns, baseline)
        assert_equal_means(mean(weights, estimates), gradient, estimates)


@every_family
@given(data=st.data())
def test_without_division_ascends_half_the_squared_probabilities(family, data):
    theta, policy, x, weights = drawn(family, data)
    returns = np.cos(x)
    widths = weights / np.exp(policy.log_prob(x))  # 1 for actions, the step of the grid for densities
    estimates = without_division(policy, x, returns)

    def climbed(theta):
        probs = family.twin(theta).log_prob(torch.tensor(x, dtype=torch.float64)).exp()
        return 0.5 * torch.tensor(widths * returns) * probs**2

    assert_equal_means(mean(weights, estimates), gradient_of(climbed, theta), estimates)


def test_without_division_is_biased():
    policy, returns = Categorical(np.log([0.1, 0.8, 0.1])), np.array([1, 0.9, 0.2])
    actions = np.arange(3)
    right = policy.probs @ score_function(policy, actions, returns)
    wrong = policy.probs @ without_division(policy, actions, returns)
    np.testing.assert_allclose(right, [0.016, 0.048, -0.064], atol=1e-15)
    np.testing.assert_allclose(wrong, [-0.0488, 0.1056, -0.0568], atol=1e-15)


@gaussians
@given(data=st.data())
def test_pathwise_has_the_mean_of_the_score_function(name, data):
    family = FAMILIES[name]
    theta, policy, x, weights = drawn(family, data)
    coefficients = data.draw(cubics)
    slopes = polynomial(np.polynomial.polynomial.polyder(coefficients), x)
    estimates = pathwise(policy, x, slopes)
    widths = weights / np.exp(policy.log_prob(x))

    def expected(theta):  # through the density
        density = family.twin(theta).log_prob(torch.tensor(x)).exp()
        return torch.tensor(widths * polynomial(coefficients, x)) * density

    scored = score_function(policy, x, polynomial(coefficients, x))
    assert_equal_means(mean(weights, estimates), gradient_of(expected, theta), scored)
    assert_equal_means(mean(weights, scored), mean(weights, estimates), scored)


@every_family
def test_every_sample_has_its_own_gradient(family):
    policy = family.build(np.stack([family.example] * 3))
    x = policy.sample(np.random.default_rng(1), 4)
    returns = np.random.default_rng(2).normal(size=(4, 3))
    baseline = np.arange(3.0)
    estimates = score_function(policy, x, returns, baseline)
    assert estimates.shape == without_division(policy, x, returns).shape == (4, 3, family.example.size)
    one = family.build(family.example)
    for i, j in np.ndindex(4, 3):
        alone = score_function(one, x[i, j], returns[i, j], baseline[j])
        np.testing.assert_allclose(estimates[i, j], alone, rtol=1e-14)
    assert score_function(policy, x[:0], returns[:0]).shape == (0, 3, family.example.size)
    assert score_function(one, x[0, 0], 1.0).shape == family.example.shape


# --- baselines -------------------------------------------------------------------------------------


@every_family
@pytest.mark.parametrize("group", [2, 3])
def test_leave_one_out_is_unbiased_and_the_group_mean_is_not(family, group):
    policy = family.build(family.example)
    x, weights = family.rule(policy)
    if not discrete(family):  # few enough points for triples; exact for the polynomials below
        x, weights = policy.mean + policy.std * NOISE, WEIGHTS
    returns = np.random.default_rng(3).normal(size=len(x)) if discrete(family) else 1 + 2 * x - x**2
    gradient = weights @ score_function(policy, x, returns)
    indices = np.array(list(itertools.product(range(len(x)), repeat=group)))
    probability = weights[indices].prod(axis=1)
    for baseline, factor in [
        (leave_one_out(returns[indices]), 1),
        (returns[indices].mean(axis=1, keepdims=True), (group - 1) / group),
    ]:
        estimates = score_function(policy, x[indices], returns[indices], baseline).mean(axis=1)
        np.testing.assert_allclose(probability @ estimates, factor * gradient, rtol=1e-10, atol=1e-12)


def total_variance(scores, returns, baseline):
    return ((returns - baseline)[:, None] * scores).var(axis=0).sum()


@given(st.data())
def test_no_other_constant_has_a_smaller_variance_than_the_optimal_baseline(data):
    counts = np.array(data.draw(st.lists(st.integers(1, 4), min_size=2, max_size=4)))
    # Each action as often as its probability says, so that a plain mean is an expectation.
    x = np.repeat(np.arange(len(counts)), counts)
    scores = Categorical(np.log(counts)).score(x)
    returns = data.draw(hnp.arrays(float, len(counts), elements=numbers))[x]
    best = optimal_baseline(scores, returns)
    least = total_variance(scores, returns, best)
    for step in np.logspace(-2, 1, 7):
        for other in (best - step, best + step):
            rise = step**2 * (scores**2).sum(axis=1).mean()
            assert total_variance(scores, returns, other) == pytest.approx(least + rise)


# --- importance weights ----------------------------------------------------------------------------


@every_family
def test_importance_weights_turn_the_behaviours_mean_into_the_policys(family):
    policy = family.build(family.example)
    behaviour = family.build(family.example - 0.2 * np.eye(family.example.size)[0])
    x, weights = family.rule(behaviour)
    ratios = importance_weights(policy, behaviour, x)
    assert weights @ ratios == pytest.approx(1, rel=1e-12)
    off_policy = weights @ (ratios[:, None] * score_function(policy, x, np.cos(x)))
    x, weights = family.rule(policy)
    np.testing.assert_allclose(
        off_policy, weights @ score_function(policy, x, np.cos(x)), rtol=1e-10, atol=1e-13
    )


@every_family
def test_importance_weights_are_one_on_policy(family):
    policy = family.build(np.stack([family.example] * 2))
    x = policy.sample(np.random.default_rng(4), 5)
    np.testing.assert_array_equal(importance_weights(policy, policy, x), np.ones((5, 2)))


def test_an_action_the_policy_never_takes_has_weight_zero():
    weights = importance_weights(Categorical([0, -2000]), Categorical([0, 0]), [0, 1])
    np.testing.assert_allclose(weights, [2, 0], rtol=1e-15)


def test_a_weight_may_be_as_large_as_float64():
    largest = np.log(np.finfo(float).max)
    (weight,) = importance_weights(Categorical([0, -2000]), Categorical([-largest, 0]), [0])
    assert weight == np.exp(largest)


# --- bad input -------------------------------------------------------------------------------------

three, two, coin, coins = Categorical([0, 0, 0]), Categorical([0, 0]), Bernoulli(0.5), Bernoulli([0.5] * 3)
GROUPS = "returns must have shape (..., G) with G >= 2, but the shape is"
SO_LITTLE = "behaviour gives an action so little probability that its weight overflows float64"
APART, NEEDED = "these shapes do not broadcast:", "scores (N, P) and returns (N,) are needed, not"
OTHERS = "behaviour takes integers in [0, 5), but the policy takes"


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: score_function(three, [0, 1], [1, np.nan]), "returns must be finite, but returns[1] is nan"),
        (lambda: score_function(three, 0, 1, np.inf), "baseline must be finite, but baseline is inf"),
        (lambda: score_function(three, [0, 1, 2], [1, 2]), f"{APART} returns (2,), actions (3,)"),
        (lambda: score_function(three, [0, 1], [1, 2], [1, 2, 3]), f"{APART} baseline (3,), actions (2,)"),
        (lambda: score_function(three, 3, 1), "x must lie in [0, 3), but it contains 3"),
        (lambda: without_division(three, [0, 1, 2], [1, 2]), f"{APART} returns (2,), actions (3,)"),
        (lambda: pathwise(Gaussian(0, 1), [0, 1, 2], [1, 2]), f"{APART} slopes (2,), actions (3,)"),
        (lambda: pathwise(three, 0, 1), "policy must be a policy with pathwise, unlike Categorical"),
        (lambda: optimal_baseline([1, 2], [1, 2]), f"{NEEDED} (2,) and (2,)"),
        (lambda: optimal_baseline([[1], [2]], [1, 2, 3]), f"{NEEDED} (2, 1) and (3,)"),
        (lambda: optimal_baseline([[1], [2]], [[1], [2]]), f"{NEEDED} (2, 1) and (2, 1)"),
        (lambda: optimal_baseline([[0], [0]], [1, 2]), "scores must not all be zero"),
        (lambda: optimal_baseline(np.zeros((0, 2)), []), "scores must not all be zero"),
        (lambda: leave_one_out(1), f"{GROUPS} ()"),
        (lambda: leave_one_out([[1], [2]]), f"{GROUPS} (2, 1)"),
        (lambda: score_function(0.5, 0, 1), "policy must be a policy with score, unlike float"),
        (lambda: without_division(0, 0, 1), "policy must be a policy with log_prob and score, unlike int"),
        (lambda: importance_weights(0.5, three, 0), "policy must be a policy with log_prob, unlike float"),
        (lambda: importance_weights(three, 0.5, 0), "behaviour must be a policy with log_prob, unlike float"),
        (lambda: importance_weights(three, Categorical(np.zeros(5)), 0), f"{OTHERS} integers in [0, 3)"),
        (
            lambda: importance_weights(coin, two, 0),
            "behaviour takes integers in [0, 2), but the policy takes 0 and 1",
        ),
        (lambda: importance_weights(two, Categorical([0, -2000]), 1), SO_LITTLE),
        (
            lambda: importance_weights(two, Categorical([0, -np.inf]), 1),
            "behaviour never takes one of the actions x",
        ),
        (lambda: importance_weights(Bernoulli([0.5] * 2), coins, 1), f"{APART} policy (2,), behaviour (3,)"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises((ValueError, IndexError), match=f"^{re.escape(message)}$"):
        call()


PAIRS = [((5,), (5, 1)), ((5, 1), (5,)), ((), (5,)), ((1,), (5,)), ((2, 5), (3, 1, 5)), ((0,), (2, 0))]


@every_family
@pytest.mark.parametrize(("actions", "returns"), PAIRS)
def test_returns_that_would_pair_each_with_each_are_refused_with_both_shapes(family, actions, returns):
    policy = family.build(family.example)
    x, R = policy.sample(np.random.default_rng(5), actions), np.ones(returns)
    message = re.escape(f"must not pair each with each: {{}} {returns}, actions {actions}")
    for estimator in (score_function, without_division, *([pathwise] if hasattr(policy, "pathwise") else [])):
        name = "slopes" if estimator is pathwise else "returns"
        with pytest.raises(ValueError, match=f"^{name} {message.replace(re.escape('{}'), name)}$"):
            estimator(policy, x, R)
    with pytest.raises(ValueError, match=f"^baseline {message.replace(re.escape('{}'), 'baseline')}$"):
        score_function(policy, x, 1.0, R)


def test_what_has_no_more_than_the_actions_is_spread_over_them():
    x, batch = np.ones((3, 5), dtype=int), Bernoulli(np.full(5, 0.5))
    for policy, actions in [(Bernoulli(0.5), x), (batch, x), (batch, x[:, :1])]:
        assert score_function(policy, actions, np.ones(5), np.ones((3, 1))).shape == (3, 5, 1)


def test_the_own_return_is_not_in_its_baseline_not_even_by_a_rounding_error():
    np.testing.assert_array_equal(leave_one_out([1e17, 1.0, 2.0]), [1.5, 5e16, 5e16])


def test_numpys_error_settings_change_nothing():
    far, near = Categorical([0.0, -700.0, -np.inf]), Categorical([0.0, -1.0, -2.0])
    with np.errstate(all="raise"):
        assert importance_weights(far, near, 2) == 0
        assert np.isfinite(score_function(far, [0, 1], 5e-324)).all()
        assert np.isfinite(without_division(far, [0, 1, 2], 1e-20)).all()
        assert np.isfinite(pathwise(GaussianLogStd(0, -300), [0, 1e-130], 1e-200)).all()
        np.testing.assert_array_equal(leave_one_out([5e-324, 1.0]), [1.0, 5e-324])
        with pytest.raises(ValueError, match=r"^returns, baseline: a result exceeds the range of float64$"):
            score_function(near, 0, 1e308, -1e308)
