"""Parameters mild and extreme: every answer has the digits that float64 can hold.

What is right is computed with mpmath to hundreds of digits, from the formulas of the book, for one policy and
one action at a time. An answer may be refused only where it, or what leads to it, exceeds float64.
"""

import sys

import mpmath
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from mpmath import log, log1p, mpf

from pgbook.estimators import importance_weights
from pgbook.policies import Bernoulli, BernoulliLogit, Categorical, Gaussian, GaussianLogStd

# So many that they hold the probability of the least likely action beside 1.
mpmath.mp.dps = 350

LARGEST, SMALLEST = sys.float_info.max, sys.float_info.min
ENDS = [0.0, 1.0, 1e-9, 40.0, 1000.0, 1e16, 1e154, 1e200, 1e300, LARGEST, 5e-324, SMALLEST, 1 + 2**-52]
SIGNED = [sign * end for end in ENDS for sign in (1, -1)]
reals = st.floats(-10, 10) | st.floats(-750, 750) | st.sampled_from(SIGNED)
probabilities = st.floats(0.01, 0.99) | st.sampled_from([SMALLEST, 1e-300, 1e-17, 1 - 2**-53])
logarithms = st.floats(-3, 3) | st.sampled_from([345.0, -345.0])
spreads = st.floats(0.1, 10) | st.sampled_from([1e-150, 1e150, 1e-9, 1e9])
logits = st.lists(reals, min_size=1, max_size=4)

DISCRETE = [logits.map(Categorical), probabilities.map(Bernoulli), reals.map(BernoulliLogit)]
NORMAL = [st.builds(Gaussian, reals, spreads), st.builds(GaussianLogStd, reals, logarithms)]


@pytest.fixture(autouse=True)
def whatever_numpys_error_settings():
    with np.errstate(all="raise"):
        yield


def exp(x):
    """The exponential; what is less than 1e-800 is nothing here, and would take long."""
    return mpmath.exp(x) if x > -2000 else mpf(0)


def log_probs(policy):
    """Log-probabilities of all actions, exactly."""
    if isinstance(policy, Bernoulli):
        return [log1p(-mpf(float(policy.p))), log(mpf(float(policy.p)))]
    z = policy.logits if isinstance(policy, Categorical) else [0, policy.logit]
    z = [mpf(float(logit)) for logit in z]
    z = [logit - max(z) for logit in z]
    return [logit - log(sum(map(exp, z))) for logit in z]


def scores(policy):
    """A row per action: derivatives of its log-probability, exactly."""
    probs = [exp(value) for value in log_probs(policy)]
    if isinstance(policy, Bernoulli):
        return [[-1 / probs[0]], [1 / probs[1]]]
    rows = [[(a == b) - p for b, p in enumerate(probs)] for a in range(len(probs))]
    return rows if isinstance(policy, Categorical) else [row[1:] for row in rows]


def noise(policy, x):
    """Standard deviation and standardised action, exactly."""
    std = exp(mpf(float(policy.log_std))) if isinstance(policy, GaussianLogStd) else mpf(float(policy.std))
    return std, (mpf(float(x)) - mpf(float(policy.mean))) / std


def assert_right(answer, right, off=0, leading=(), rtol=1e-11):
    """Compare numbers; ``off`` says how far off each may be, ``leading`` is what leads to them."""
    right = np.asarray(right, dtype=object)
    try:
        found = np.asarray(answer())
    except ValueError as error:
        if "float64" in str(error) and max(abs(value) for value in [*right.flat, *leading]) > LARGEST / 16:
            return
        raise
    assert found.shape == right.shape
    limits = np.broadcast_to(np.asarray(off, dtype=object), right.shape)
    for value, wanted, limit in zip(found.flat, right.flat, limits.flat, strict=True):
        if not (value == -np.inf and wanted < -LARGEST):  # so far below that it is a mask
            assert abs(mpf(float(value)) - wanted) <= rtol * abs(wanted) + limit + 1e-300, (value, wanted)


@pytest.mark.parametrize("policies", DISCRETE)
@given(data=st.data())
def test_what_a_discrete_policy_knows_is_right(policies, data):
    policy = data.draw(policies)
    logs, s = log_probs(policy), np.array(scores(policy), dtype=object)
    x, p = np.arange(len(logs)), np.array([exp(value) for value in logs])
    assert_right(lambda: policy.log_prob(x), logs)
    assert_right(lambda: policy.score(x), s)
    assert_right(lambda: policy.fisher(), np.einsum("a,ai,aj->ij", p, s, s))
    assert_right(lambda: policy.entropy(), -p @ logs, off=1e-307)
    assert (policy.log_prob(policy.sample(np.random.default_rng(0), 3)) > -np.inf).all()
    if isinstance(policy, Categorical):
        assert_right(lambda: policy.probs, p)
        assert_right(lambda: policy.log_probs, logs)
        assert_right(lambda: policy.jacobian(), p[:, None] * s)
    else:
        assert_right(lambda: policy.probs, p[1])


@given(logits, st.data())
def test_the_jacobian_times_a_vector_is_right(z, data):
    v = data.draw(st.lists(reals, min_size=len(z), max_size=len(z)))
    policy, exactly = Categorical(z), np.array([mpf(x) for x in v])
    p = np.array([exp(value) for value in log_probs(policy)])
    right = p * (exactly - p @ exactly)
    assert_right(lambda: policy.jvp(v), right, off=1e-15 * max(map(abs, exactly)), leading=exactly)


def near(policy, noise):
    """An action that many standard deviations from the mean, as well as float64 can place it."""
    with np.errstate(all="ignore"):
        x = policy.mean + policy.std * noise
    assume(np.isfinite(x))
    return x


noises = st.floats(-5, 5) | st.sampled_from([sign * n for n in (1e-9, 1e16, 1e77, 1e149) for sign in (1, -1)])


def log_density(policy, x):
    """Logarithm of the density, exactly, and how far off float64 may be: the square cancels."""
    std, e = noise(policy, x)
    return -(e**2) / 2 - log(std) - log(2 * mpmath.pi) / 2, 1e-15 * (e**2 + abs(log(std)) + 1)


@pytest.mark.parametrize("policies", NORMAL)
@given(data=st.data())
def test_what_a_normal_policy_knows_is_right(policies, data):
    policy = data.draw(policies)
    x = near(policy, data.draw(noises))
    (std, e), one = noise(policy, x), mpf(1)
    unit, path = (std, e) if isinstance(policy, Gaussian) else (one, e * std)
    tiny = 5e-324 * one  # noise below it is none
    log_prob, off = log_density(policy, x)
    assert_right(lambda: policy.log_prob(x), log_prob, off)
    off = [tiny / std, 1e-15 * (e**2 + 1) / unit]
    assert_right(lambda: policy.score(x), [e / std, (e**2 - 1) / unit], off)
    assert_right(lambda: policy.pathwise(x), [one, path], tiny * (1 + std))
    assert_right(lambda: policy.std, std)
    assert_right(lambda: policy.fisher(), np.diag([1 / std**2, 2 / unit**2]))
    entropy = log(2 * mpmath.pi * mpmath.e) / 2 + log(std)
    assert_right(lambda: policy.entropy(), entropy, 1e-15 * (2 + abs(log(std))))
    assert (policy.log_prob(policy.sample(np.random.default_rng(0), 3)) > -np.inf).all()


def alike(policy):
    """Policies with the same actions."""
    if isinstance(policy, Categorical):
        return st.lists(reals, min_size=policy.num_actions, max_size=policy.num_actions).map(Categorical)
    return st.one_of(NORMAL if hasattr(policy, "pathwise") else DISCRETE[1:])


@pytest.mark.parametrize("policies", DISCRETE + NORMAL)
@given(data=st.data())
def test_the_divergence_is_right(policies, data):
    policy = data.draw(policies)
    other = data.draw(alike(policy) | st.just(policy))
    if hasattr(policy, "pathwise"):
        (std, e), (scale, _) = noise(policy, other.mean), noise(other, 0)
        parts = [(std / scale) ** 2 / 2, (e * std / scale) ** 2 / 2, -log(std / scale), mpf(-0.5)]
    else:
        assume((other.log_prob(np.arange(getattr(other, "num_actions", 2))) > -np.inf).all())
        ours, theirs = log_probs(policy), log_probs(other)
        parts = [exp(a) * term for a, b in zip(ours, theirs, strict=True) for term in (a, -b)]
    # The parts cancel where the policies are alike.
    assert_right(lambda: policy.kl(other), sum(parts), 1e-14 * sum(map(abs, parts)), leading=parts)


@pytest.mark.parametrize("policies", DISCRETE + NORMAL)
@given(data=st.data())
def test_importance_weights_are_right(policies, data):
    policy = data.draw(policies)
    other = data.draw(alike(policy) | st.just(policy))
    if hasattr(policy, "pathwise"):
        x = near(other, data.draw(noises))
        assume(abs(noise(policy, x)[1]) < 1e149)
        (ours, off), (theirs, other_off) = log_density(policy, x), log_density(other, x)
    else:
        x, off, other_off = data.draw(st.integers(0, len(log_probs(policy)) - 1)), 0, 0
        assume(other.log_prob(x) > -np.inf)
        ours, theirs = log_probs(policy)[x], log_probs(other)[x]
    # One rounding of a logarithm is as much of the weight.
    off += 1e-15 * (abs(ours) + abs(theirs) + 1) + other_off
    if off < 0.01:
        right = exp(ours - theirs)
        assert_right(lambda: importance_weights(policy, other, x), right, 10 * off * right)
