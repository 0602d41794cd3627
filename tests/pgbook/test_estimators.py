"""The estimators have the means they claim: sums over all actions, or quadrature, against autograd."""

import itertools
import re
from fractions import Fraction
from types import SimpleNamespace

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
from tests.pgbook.families import discrete, drawn, every_family

numbers = st.floats(-10, 10)
two, three, five = Categorical([0, 0]), Categorical([0, 0, 0]), Categorical(np.zeros(5))
likely, certain = Categorical([0, -2000]), Categorical([0, -np.inf])
coin, coins = Bernoulli(0.5), Bernoulli([0.5] * 3)

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


def assert_equal_means(weights, estimates, gradient):
    """Compare on the scale of the estimates: large ones cancel in the mean."""
    mean = np.einsum("n...,n...i->...i", weights, estimates)
    off = 1e-10 * max(1, abs(estimates).max(initial=0))
    np.testing.assert_allclose(mean, gradient, rtol=1e-10, atol=off)


# --- score function, pathwise, without division ----------------------------------------------------


@every_family
@given(data=st.data())
def test_score_function_and_pathwise_are_unbiased_whatever_the_baseline(family, data):
    """Discrete returns are free, one for each action, and the expected return is a finite sum.

    Returns of a Gaussian are a polynomial of the action, and the expected return is a quadrature over the
    noise, so its gradient does not pass through any density.
    """
    theta, policy, x, weights = drawn(family, data)
    free = data.draw(hnp.arrays(float, len(x) if discrete(family) else 4, elements=numbers))
    returns = free.reshape(x.shape) if discrete(family) else polynomial(free, x)

    def expected(theta):
        twin = family.twin(theta)
        if discrete(family):
            return twin.log_prob(torch.tensor(x, dtype=torch.float64)).exp() * torch.tensor(returns)
        noise, weight = (torch.tensor(a).reshape(-1, *[1] * twin.loc.ndim) for a in (NOISE, WEIGHTS))
        return weight * polynomial(free, twin.loc + twin.scale * noise)

    gradient = gradient_of(expected, theta)
    for baseline in (0.0, data.draw(numbers)):
        assert_equal_means(weights, score_function(policy, x, returns, baseline), gradient)
    if not discrete(family):
        slopes = polynomial(np.polynomial.polynomial.polyder(free), x)
        assert_equal_means(weights, pathwise(policy, x, slopes), gradient)


@every_family
@given(data=st.data())
def test_without_division_ascends_half_the_squared_probabilities(family, data):
    theta, policy, x, weights = drawn(family, data)
    returns = np.cos(x)
    widths = weights / np.exp(policy.log_prob(x))  # 1 for actions, the step of the grid for densities

    def climbed(theta):
        probs = family.twin(theta).log_prob(torch.tensor(x, dtype=torch.float64)).exp()
        return 0.5 * torch.tensor(widths * returns) * probs**2

    assert_equal_means(weights, without_division(policy, x, returns), gradient_of(climbed, theta))


@every_family
def test_every_sample_has_its_own_gradient(family):
    policy = family.build(np.stack([family.example] * 3))
    x = policy.sample(np.random.default_rng(1), 4)
    returns = np.random.default_rng(2).normal(size=(4, 3))
    baseline = np.arange(3.0)
    estimates = score_function(policy, x, returns, baseline)
    assert estimates.shape == without_division(policy, x, returns).shape == (4, 3, family.example.size)
    one = family.build(family.example)
    alone = [score_function(one, x[i, j], returns[i, j], baseline[j]) for i, j in np.ndindex(4, 3)]
    np.testing.assert_allclose(estimates, np.reshape(alone, estimates.shape), rtol=1e-14)
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


@given(st.data())
def test_no_other_constant_has_a_smaller_variance_than_the_optimal_baseline(data):
    counts = np.array(data.draw(st.lists(st.integers(1, 4), min_size=2, max_size=4)))
    # Each action as often as its probability says, so that a plain mean is an expectation.
    x = np.repeat(np.arange(len(counts)), counts)
    scores = Categorical(np.log(counts)).score(x)
    returns = data.draw(hnp.arrays(float, len(counts), elements=numbers))[x]
    best = optimal_baseline(scores, returns)
    variance = lambda baseline: ((returns - baseline)[:, None] * scores).var(axis=0).sum()  # noqa: E731
    for step in (-10.0, -0.1, 0.01, 1.0):
        rise = step**2 * (scores**2).sum(axis=1).mean()
        assert variance(best + step) == pytest.approx(variance(best) + rise)


@given(hnp.arrays(float, st.tuples(st.integers(1, 3), st.integers(2, 4)), elements=numbers | st.just(1e17)))
def test_the_own_return_is_not_in_its_baseline_not_even_by_a_rounding_error(returns):
    for group, baselines in zip(returns, leave_one_out(returns), strict=True):
        for i, baseline in enumerate(baselines):
            others = [Fraction(R) for R in np.delete(group, i)]
            off = 1e-15 * float(sum(map(abs, others)))
            assert baseline == pytest.approx(float(sum(others) / len(others)), rel=0, abs=off)


@given(hnp.arrays(float, st.tuples(st.integers(1, 4), st.just(3)), elements=numbers), st.data())
def test_the_optimal_baseline_is_a_weighted_mean_of_scores_however_large(scores, data):
    scores[0, 0] += 20
    returns = data.draw(hnp.arrays(float, len(scores), elements=numbers))
    squares = [sum(Fraction(s) ** 2 for s in row) for row in scores]
    right = sum(w * Fraction(R) for w, R in zip(squares, returns, strict=True)) / sum(squares)
    for unit in (1e-300, 1.0, 1e300):
        assert optimal_baseline(unit * scores, returns) == pytest.approx(float(right), rel=1e-12, abs=1e-13)


@every_family
def test_importance_weights_turn_the_behaviours_mean_into_the_policys(family):
    policy = family.build(family.example)
    behaviour = family.build(family.example - 0.2 * np.eye(family.example.size)[0])
    x, weights = family.rule(behaviour)
    ratios = importance_weights(policy, behaviour, x)
    assert weights @ ratios == pytest.approx(1, rel=1e-12)
    off_policy = weights @ (ratios[:, None] * score_function(policy, x, np.cos(x)))
    x, weights = family.rule(policy)
    on_policy = weights @ score_function(policy, x, np.cos(x))
    np.testing.assert_allclose(off_policy, on_policy, rtol=1e-10, atol=1e-13)
    both = family.build(np.stack([family.example] * 2))
    np.testing.assert_array_equal(importance_weights(both, both, x[:, None]), np.ones((len(x), 2)))


def test_a_weight_may_be_zero_and_as_large_as_float64():
    largest = np.log(np.finfo(float).max)
    np.testing.assert_allclose(importance_weights(likely, two, [0, 1]), [2, 0])
    assert importance_weights(likely, Categorical([-largest, 0]), 0) == np.exp(largest)


# --- bad input -------------------------------------------------------------------------------------

GROUPS = "returns must have shape (..., G) with G >= 2, but the shape is"
SO_LITTLE = "behaviour gives an action so little probability that its weight overflows float64"
APART, NEEDED = "these shapes do not broadcast:", "scores (N, P) and returns (N,) are needed, not"
OTHERS, NEVER = (
    "behaviour takes integers in [0, {}), but the policy takes",
    "behaviour never takes one of the actions x",
)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: score_function(three, [0, 1, 2], [1, 2]), f"{APART} returns (2,), actions (3,)"),
        (lambda: score_function(three, [0, 1], [1, 2], [1, 2, 3]), f"{APART} baseline (3,), actions (2,)"),
        (lambda: pathwise(Gaussian(0, 1), [0, 1, 2], [1, 2]), f"{APART} slopes (2,), actions (3,)"),
        (lambda: pathwise(three, 0, 1), "policy must be a policy with pathwise, unlike Categorical"),
        (lambda: optimal_baseline([[1], [2]], [1, 2, 3]), f"{NEEDED} (2, 1) and (3,)"),
        (lambda: optimal_baseline([[1], [2]], [[1], [2]]), f"{NEEDED} (2, 1) and (2, 1)"),
        (lambda: optimal_baseline([[0], [0]], [1, 2]), "scores must not all be zero"),
        (lambda: optimal_baseline(np.zeros((0, 2)), []), "scores must not all be zero"),
        (lambda: leave_one_out(1), f"{GROUPS} ()"),
        (lambda: leave_one_out([[1], [2]]), f"{GROUPS} (2, 1)"),
        (lambda: leave_one_out([1.7e308] * 3), "returns: a result exceeds the range of float64"),
        (lambda: score_function(0.5, 0, 1), "policy must be a policy with score, unlike float"),
        (
            lambda: score_function(Bernoulli, 0, 1),
            "policy must be a policy with score, unlike the class Bernoulli",
        ),
        (lambda: without_division(0, 0, 1), "policy must be a policy with log_prob and score, unlike int"),
        (lambda: importance_weights(three, 0.5, 0), "behaviour must be a policy with log_prob, unlike float"),
        (
            lambda: importance_weights(SimpleNamespace(log_prob=abs), three, 0),
            "policy must be a policy with support and batch_shape, unlike SimpleNamespace",
        ),
        (lambda: importance_weights(three, five, 0), f"{OTHERS.format(5)} integers in [0, 3)"),
        (lambda: importance_weights(coin, two, 0), f"{OTHERS.format(2)} 0 and 1"),
        (lambda: importance_weights(two, likely, 1), SO_LITTLE),
        (lambda: importance_weights(two, certain, [0, 1]), NEVER),
        (lambda: importance_weights(Bernoulli([0.5] * 2), coins, 1), f"{APART} policy (2,), behaviour (3,)"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises((ValueError, IndexError), match=f"^{re.escape(message)}$"):
        call()


@pytest.mark.parametrize(
    ("actions", "returns"),
    [((5,), (5, 1)), ((5, 1), (5,)), ((), (5,)), ((1,), (5,)), ((2, 5), (3, 1, 5)), ((0,), (2, 0))],
)
def test_returns_that_would_pair_each_with_each_are_refused_with_both_shapes(actions, returns):
    policy, x, R = Gaussian(0, 1), np.zeros(actions), np.ones(returns)
    for name, estimate in [
        ("returns", lambda: score_function(policy, x, R)),
        ("baseline", lambda: score_function(policy, x, 1.0, R)),
        ("returns", lambda: without_division(policy, x, R)),
        ("slopes", lambda: pathwise(policy, x, R)),
    ]:
        message = f"{name} must not pair each with each: {name} {returns}, actions {actions}"
        with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
            estimate()


def test_what_has_no_more_than_the_actions_is_spread_over_them():
    x, batch = np.ones((3, 5), dtype=int), Bernoulli(np.full(5, 0.5))
    row, column = np.ones(5), np.ones((3, 1))
    for policy, actions, R in [(Bernoulli(0.5), x, row), (batch, x, row), (batch, x[:, :1], column)]:
        assert score_function(policy, actions, R, column).shape == (3, 5, 1)


def test_a_row_of_returns_is_refused_where_a_column_of_actions_has_met_each_policy():
    """The mean would be that of other samples: each return would pay all actions of one policy."""
    column, row = np.zeros((5, 1), dtype=int), np.ones(5)
    message = r"^(returns|slopes) must not pair each with each: \1 \(5,\), x \(5, 1\)$"
    for policy in (Categorical(np.zeros((5, 3))), Bernoulli(np.full(5, 0.5))):
        for estimate in (score_function, without_division):
            with pytest.raises(ValueError, match=message):
                estimate(policy, column, row)
            for x, returns in [(0, row), (column, row[:, None]), (column[:, 0], row), (column, 2.0)]:
                assert estimate(policy, x, returns).shape[0] == 5
    with pytest.raises(ValueError, match=message):
        pathwise(Gaussian(np.zeros(5), 1.0), np.zeros((5, 1)), row)


def test_numpys_error_settings_change_nothing():
    far, near = Categorical([0.0, -700.0, -np.inf]), Categorical([0.0, -1.0, -2.0])
    with np.errstate(all="raise"):
        assert importance_weights(far, near, 2) == 0
        assert importance_weights(Categorical([0.0, -743.0]), Categorical([0.0, 0.0]), 1) < 1e-320
        assert optimal_baseline([[1.0], [1e-170]], [2.0, 1.0]) == 2
        assert np.isfinite(score_function(far, [0, 1], 5e-324)).all()
        assert np.isfinite(without_division(far, [0, 1, 2], 1e-20)).all()
        assert np.isfinite(pathwise(GaussianLogStd(0, -300), [0, 1e-130], 1e-200)).all()
        np.testing.assert_array_equal(leave_one_out([5e-324, 1.0]), [1.0, 5e-324])
        with pytest.raises(ValueError, match=r"^returns, baseline: a result exceeds the range of float64$"):
            score_function(near, 0, 1e308, -1e308)
