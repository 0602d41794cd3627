"""The laws every policy obeys. A new family is one new row of `FAMILIES`."""

import re
import tracemalloc
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import stats

from pgbook.policies import Bernoulli, BernoulliLogit, Categorical, Gaussian, GaussianLogStd

LOGITS = np.log([0.5, 0.1, 0.1, 0.1, 0.1, 0.1])


@st.composite
def thetas(draw, *columns):
    """Parameters of shape (..., P), one strategy per column, with any small batch shape in front."""
    batch = draw(hnp.array_shapes(min_dims=0, max_dims=2, max_side=3))
    return np.stack([draw(hnp.arrays(float, batch, elements=column)) for column in columns], axis=-1)


# A rule gives points (n, ...) and weights (n, ...): the expectation of f is sum(weights * f(points)).


def enumeration(policy, num_actions):
    """All actions: an expectation is a sum."""
    points = np.arange(num_actions).reshape(-1, *[1] * (policy.params.ndim - 1))
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
        rule=lambda policy: enumeration(policy, policy.num_actions),
    ),
    "Bernoulli": Family(
        build=lambda theta: Bernoulli(theta[..., 0]),
        twin=lambda theta: torch.distributions.Bernoulli(probs=theta[..., 0]),
        example=np.array([0.3]),
        thetas=thetas(st.floats(0.01, 0.99)),
        rule=lambda policy: enumeration(policy, 2),
    ),
    "BernoulliLogit": Family(
        build=lambda theta: BernoulliLogit(theta[..., 0]),
        twin=lambda theta: torch.distributions.Bernoulli(logits=theta[..., 0]),
        example=np.array([-1.0]),
        thetas=thetas(st.floats(-20, 20)),
        rule=lambda policy: enumeration(policy, 2),
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


def twin_log_prob(family, theta, x):
    return family.twin(torch.as_tensor(theta)).log_prob(torch.as_tensor(x, dtype=torch.float64))


def central_differences(function, theta, step=1e-5):
    """Derivatives of ``function(theta)`` with respect to the last axis of ``theta``."""
    steps = step * np.eye(theta.shape[-1])
    return np.stack([(function(theta + h) - function(theta - h)) / (2 * step) for h in steps], axis=-1)


# --- log_prob, score, fisher ------------------------------------------------------------------------


@every_family
@given(data=st.data())
def test_log_prob_agrees_with_torch(family, data):
    theta, policy, x, _ = drawn(family, data)
    expected = twin_log_prob(family, theta, x).numpy()
    np.testing.assert_allclose(policy.log_prob(x), expected, rtol=1e-12, atol=1e-12)


@every_family
@given(data=st.data())
def test_score_is_the_gradient_of_torchs_log_prob(family, data):
    theta, policy, x, _ = drawn(family, data)
    batch = np.broadcast_shapes(x.shape, theta.shape[:-1])
    leaf = torch.tensor(np.broadcast_to(theta, (*batch, theta.shape[-1])), requires_grad=True)
    (gradient,) = torch.autograd.grad(twin_log_prob(family, leaf, x).sum(), leaf)
    np.testing.assert_allclose(policy.score(x), gradient.numpy(), rtol=1e-12, atol=1e-12)


@every_family
@given(data=st.data())
def test_score_is_the_slope_of_our_log_prob(family, data):
    theta, policy, x, _ = drawn(family, data)
    slope = central_differences(lambda theta: family.build(theta).log_prob(x), theta)
    np.testing.assert_allclose(policy.score(x), slope, rtol=1e-6, atol=1e-6)


@every_family
@given(data=st.data())
def test_score_has_mean_zero_and_covariance_fisher(family, data):
    _, policy, x, weights = drawn(family, data)
    score, fisher = policy.score(x), policy.fisher()
    np.testing.assert_allclose(weights.sum(axis=0), np.ones(policy.batch_shape), rtol=1e-12)
    mean = np.einsum("n...,n...i->...i", weights, score)
    np.testing.assert_allclose(mean, np.zeros_like(policy.params), atol=1e-12)
    covariance = np.einsum("n...,n...i,n...j->...ij", weights, score, score)
    np.testing.assert_allclose(covariance, fisher, rtol=1e-10, atol=1e-12)


@every_family
@given(data=st.data())
def test_fisher_is_symmetric_and_positive_semidefinite(family, data):
    _, policy, _, _ = drawn(family, data)
    fisher = policy.fisher()
    np.testing.assert_array_equal(fisher, np.swapaxes(fisher, -1, -2))
    assert np.linalg.eigvalsh(fisher).min() >= -1e-14 * max(1, abs(fisher).max())


# --- shapes ----------------------------------------------------------------------------------------


@every_family
@given(shapes=hnp.mutually_broadcastable_shapes(num_shapes=2, min_side=0, max_side=3, max_dims=2))
def test_shapes_follow_torch(family, shapes):
    x_shape, batch = shapes.input_shapes
    num_params = family.example.size
    theta = np.broadcast_to(family.example, (*batch, num_params))
    policy = family.build(theta)
    x = np.full(x_shape, family.rule(family.build(family.example))[0][0])
    log_prob = twin_log_prob(family, theta.copy(), x)
    assert np.shape(policy.log_prob(x)) == log_prob.shape
    assert policy.score(x).shape == (*log_prob.shape, num_params)
    assert policy.fisher().shape == (*batch, num_params, num_params)
    assert policy.params.shape == theta.shape
    for size in [(), (3,), (2, 0)]:
        draws = policy.sample(np.random.default_rng(1), size)
        assert np.shape(draws) == (*size, *batch)
        assert np.shape(policy.log_prob(draws)) == (*size, *batch)


@every_family
@given(data=st.data())
def test_a_batch_is_its_policies_side_by_side(family, data):
    theta, policy, x, _ = drawn(family, data)
    x = np.broadcast_to(x, (len(x), *theta.shape[:-1]))
    for index in np.ndindex(theta.shape[:-1]):
        one = family.build(theta[index])
        at = (slice(None), *index)
        np.testing.assert_allclose(policy.log_prob(x)[at], one.log_prob(x[at]), rtol=1e-14)
        np.testing.assert_allclose(policy.score(x)[at], one.score(x[at]), rtol=1e-13, atol=1e-15)
        np.testing.assert_allclose(policy.fisher()[index], one.fisher(), rtol=1e-13, atol=1e-15)


# --- sampling --------------------------------------------------------------------------------------


def score_test(policy, sample):
    """P-value of Rao's score test that ``policy`` drew ``sample``; for Categorical, Pearson's chi-square."""
    mean, fisher = policy.score(sample).mean(axis=0), policy.fisher()
    statistic = len(sample) * mean @ np.linalg.pinv(fisher, rcond=1e-12, hermitian=True) @ mean
    return stats.chi2.sf(statistic, df=np.linalg.matrix_rank(fisher, tol=1e-12, hermitian=True))


def test_the_score_test_is_pearsons_chi_square():
    policy = Categorical(LOGITS)
    sample = policy.sample(np.random.default_rng(2), 1000)
    counts = np.bincount(sample, minlength=6)
    assert score_test(policy, sample) == pytest.approx(stats.chisquare(counts, 1000 * policy.probs).pvalue)


@every_family
def test_samples_come_from_this_policy_and_not_from_one_nearby(family):
    nearby = family.example + 0.2 * np.eye(family.example.size)[0]
    both = [family.build(theta) for theta in (family.example, nearby)]
    batch = family.build(np.stack([family.example, nearby])).sample(np.random.default_rng(3), 20_000)
    alone = [policy.sample(np.random.default_rng(4), 20_000) for policy in both]
    for mine, other in (alone, batch.T):
        assert min(score_test(both[0], mine), score_test(both[1], other)) > 1e-3
        assert max(score_test(both[0], other), score_test(both[1], mine)) < 1e-6


@every_family
def test_draws_are_independent(family):
    draws = family.build(family.example).sample(np.random.default_rng(5), (20_000, 2))
    policy = family.build(family.example)
    first, second = policy.score(draws[:, 0]), policy.score(draws[:, 1])
    for a, b in [(first, second), (first[1:], first[:-1])]:
        products = np.einsum("ni,nj->nij", a, b)
        errors = products.mean(axis=0) / (products.std(axis=0) / np.sqrt(len(products)))
        assert abs(errors).max() < 4


@every_family
def test_the_same_generator_state_gives_the_same_sample(family):
    policy = family.build(family.example)
    rng = np.random.default_rng(6)
    first, second = policy.sample(rng, 100), policy.sample(rng, 100)
    np.testing.assert_array_equal(first, policy.sample(np.random.default_rng(6), 100))
    assert (first != second).any()


@every_family
@pytest.mark.parametrize(("size", "same"), [(None, ()), (4, (4,)), (np.int64(4), (4,)), ([2, 3], (2, 3))])
def test_size_may_be_none_an_integer_or_a_sequence(family, size, same):
    policy = family.build(family.example)
    a, b = (policy.sample(np.random.default_rng(7), given) for given in (size, same))
    assert np.shape(a) == same
    np.testing.assert_array_equal(a, b)


@every_family
@pytest.mark.parametrize("batch", [(), (2,)])
def test_samples_are_integers_exactly_if_the_actions_are_discrete(family, batch):
    discrete = family.twin(torch.tensor(family.example)).support.is_discrete
    policy = family.build(np.broadcast_to(family.example, (*batch, family.example.size)))
    assert policy.sample(np.random.default_rng(8), 5).dtype == (np.intp if discrete else np.float64)


# --- a policy cannot be changed --------------------------------------------------------------------


@every_family
def test_a_policy_does_not_follow_the_callers_array(family):
    theta = family.example.copy()
    policy = family.build(theta)
    theta += 0.1
    np.testing.assert_array_equal(policy.params, family.example)


@every_family
def test_a_policy_is_frozen(family):
    policy = family.build(family.example)
    assert not policy.params.flags.writeable
    for attribute in [*vars(policy), "params", "new"]:
        with pytest.raises(AttributeError):
            setattr(policy, attribute, 1.0)


@every_family
def test_what_a_policy_returns_belongs_to_the_caller(family):
    policy, untouched = family.build(family.example), family.build(family.example)
    x = family.rule(policy)[0]
    for answer in [lambda p: p.log_prob(x), lambda p: p.score(x), lambda p: p.fisher()]:
        answer(policy)[...] = 9
        np.testing.assert_array_equal(answer(policy), answer(untouched))


# --- bad input -------------------------------------------------------------------------------------


def with_std(std):
    return Gaussian([0, 0], std)


def with_log_std(log_std):
    return GaussianLogStd([0, 0], log_std)


@pytest.mark.parametrize(
    ("build", "bad", "message"),
    [
        (Categorical, [0, np.nan], "logits must be finite or -inf, but logits[1] is nan"),
        (Categorical, [[0, 1], [-np.inf, np.inf]], "logits must be finite or -inf, but logits[1, 1] is inf"),
        (Categorical, [[0], [-np.inf]], "logits must leave an action to take, but logits[1] is [-inf]"),
        (Categorical, 0.0, "logits must have shape (..., K) with K >= 1, but the shape is ()"),
        (Categorical, [], "logits must have shape (..., K) with K >= 1, but the shape is (0,)"),
        (
            Categorical,
            np.zeros((2, 0)),
            "logits must have shape (..., K) with K >= 1, but the shape is (2, 0)",
        ),
        (Categorical, "abc", "logits must hold real numbers, but its dtype is <U3"),
        (Categorical, ["1", "2"], "logits must hold real numbers, but its dtype is <U1"),
        (Categorical, None, "logits or probs are needed, and not both"),
        (Categorical, [0, 1j], "logits must hold real numbers, but its dtype is complex128"),
        (Categorical, [True], "logits must hold real numbers, but its dtype is bool"),
        (Categorical, [[0], [0, 1]], "logits must be an array of real numbers, but its rows have"),
        (Bernoulli, np.nan, "p must be finite, but p is nan"),
        (Bernoulli, [0.5, 0], "p must lie in (0, 1), but p[1] is 0.0"),
        (Bernoulli, 1, "p must lie in (0, 1), but p is 1.0"),
        (Bernoulli, -0.1, "p must lie in (0, 1), but p is -0.1"),
        (Bernoulli, "0.5", "p must hold real numbers, but its dtype is <U3"),
        (BernoulliLogit, [0, np.inf], "logit must be finite, but logit[1] is inf"),
        (BernoulliLogit, None, "logit must hold real numbers, but its dtype is object"),
        (with_std, np.nan, "std must be finite, but std is nan"),
        (with_std, [1, 0], "std must lie in [1e-150, 1e+150], but std[1] is 0.0"),
        (with_std, -2, "std must lie in [1e-150, 1e+150], but std is -2.0"),
        (with_std, 1e200, "std must lie in [1e-150, 1e+150], but std is 1e+200"),
        (with_std, [1, 1, 1], "these shapes do not broadcast: mean (2,), std (3,)"),
        (with_log_std, np.inf, "log_std must be finite, but log_std is inf"),
        (with_log_std, [0, -400], "log_std must lie within ±345, but log_std[1] is -400.0"),
        (with_log_std, [1, 1, 1], "these shapes do not broadcast: mean (2,), log_std (3,)"),
        (lambda mean: Gaussian(mean, 1), np.inf, "mean must be finite, but mean is inf"),
        (lambda mean: GaussianLogStd(mean, 0), np.inf, "mean must be finite, but mean is inf"),
    ],
)
def test_bad_parameters_are_named(build, bad, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        build(bad)


@pytest.mark.parametrize("method", ["log_prob", "score"])
@pytest.mark.parametrize(
    ("policy", "bad", "error", "message"),
    [
        (Categorical(np.zeros(3)), 3, IndexError, "x must lie in [0, 3), but it contains 3"),
        (Categorical(np.zeros(3)), [0, -1], IndexError, "x must lie in [0, 3), but it contains -1"),
        (Categorical(np.zeros(3)), 1.0, ValueError, "x must hold integers, but its dtype is float64"),
        (Categorical(np.zeros(3)), np.nan, ValueError, "x must hold integers, but its dtype is float64"),
        (Categorical(np.zeros(3)), True, ValueError, "x must hold integers, but its dtype is bool"),
        (Categorical(np.zeros(3)), "a", ValueError, "x must hold integers, but its dtype is <U1"),
        (Categorical(np.zeros(3)), None, ValueError, "x must hold integers, but its dtype is object"),
        (
            Categorical(np.zeros(3)),
            [[0], [0, 1]],
            ValueError,
            "x must be an array of integers, but its rows",
        ),
        (Bernoulli(0.5), [1, 2], IndexError, "x must lie in [0, 2), but it contains 2"),
        (Bernoulli(0.5), 0.5, ValueError, "x must hold integers, but its dtype is float64"),
        (BernoulliLogit(0), -1, IndexError, "x must lie in [0, 2), but it contains -1"),
        (Gaussian(0, 1), [0, np.nan], ValueError, "x must be finite, but x[1] is nan"),
        (Gaussian(0, 1), "a", ValueError, "x must hold real numbers, but its dtype is <U1"),
        (Gaussian(0, 1e-10), 1e145, ValueError, "x must lie within 1e+150 standard deviations of the mean"),
        (
            GaussianLogStd(0, -300),
            1e300,
            ValueError,
            "x must lie within 1e+150 standard deviations of the mean",
        ),
    ],
)
def test_bad_actions_are_named(policy, method, bad, error, message):
    with pytest.raises(error, match=re.escape(message)):
        getattr(policy, method)(bad)


@every_family
@pytest.mark.parametrize(
    ("rng", "size", "message"),
    [
        (42, 1, r"rng must be a numpy\.random\.Generator.* it is 42"),
        (None, 1, r"rng must be a numpy\.random\.Generator.* it is None"),
        (np.random.default_rng(0), -1, "size must not be negative, but it is -1"),
        (np.random.default_rng(0), (2, -1), r"size must not be negative, but it is \(2, -1\)"),
        (np.random.default_rng(0), 2.0, r"size must be None, an integer or .* it is 2\.0"),
        (np.random.default_rng(0), "3", "size must be None, an integer or .* it is '3'"),
    ],
)
def test_bad_arguments_of_sample_are_named(family, rng, size, message):
    with pytest.raises(ValueError, match=message):
        family.build(family.example).sample(rng, size)


@every_family
@pytest.mark.parametrize("method", ["log_prob", "score"])
def test_shapes_that_do_not_broadcast_are_both_named(family, method):
    policy = family.build(np.broadcast_to(family.example, (3, family.example.size)))
    x = np.full(5, family.rule(family.build(family.example))[0][0])
    with pytest.raises(ValueError, match=r"do not broadcast.*\(5,\).*\(3,\)"):
        getattr(policy, method)(x)


# --- Categorical -----------------------------------------------------------------------------------

logits = FAMILIES["Categorical"].thetas


@pytest.mark.parametrize(
    ("v", "message"),
    [
        ([1, 2], "v must have shape (..., 3), but the shape is (2,)"),
        ([1], "v must have shape (..., 3), but the shape is (1,)"),
        (1.0, "v must have shape (..., 3), but the shape is ()"),
        ([1, 2, np.nan], "v must be finite, but v[2] is nan"),
        (np.zeros((4, 3)), "these shapes do not broadcast: v (4, 3), logits (2, 3)"),
    ],
)
def test_bad_vectors_are_named(v, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        Categorical(np.zeros((2, 3))).jvp(v)


def test_an_action_may_be_as_far_away_as_the_error_says():
    far = 1e150
    assert Gaussian(0, 1).log_prob([far, -far]) == pytest.approx(-0.5e300)
    with pytest.raises(ValueError, match=r"^x must lie within 1e\+150 standard deviations of the mean$"):
        Gaussian(0, 1).log_prob(-2 * far)


@pytest.mark.parametrize(
    ("call", "what"),
    [
        (lambda: Categorical([0, -5]).jvp([1.7e308, -1.7e308]), "v"),
        (lambda: Gaussian(0, 1e-150).score(1e-25), "x, in standard deviations from the mean"),
    ],
    ids=["v", "x"],
)
def test_a_result_too_large_is_an_error_that_says_of_what(call, what):
    with pytest.raises(ValueError, match=f"^{what}: a result exceeds the range of float64$"):
        call()


@given(logits)
def test_probs_are_torchs_softmax(logits):
    policy, z = Categorical(logits), torch.tensor(logits)
    np.testing.assert_allclose(policy.probs, torch.softmax(z, -1).numpy(), rtol=1e-13)
    np.testing.assert_allclose(policy.log_probs, torch.log_softmax(z, -1).numpy(), atol=1e-13)


@given(logits, st.floats(-1000, 1000))
def test_only_differences_of_logits_matter(logits, constant):
    np.testing.assert_allclose(Categorical(logits + constant).probs, Categorical(logits).probs, rtol=1e-11)


def test_logits_of_1000_are_exact():
    policy = Categorical([[1000, -1000], [-1000, 1000], [1000, 1000]])
    np.testing.assert_array_equal(policy.probs, [[1, 0], [0, 1], [0.5, 0.5]])
    np.testing.assert_array_equal(policy.log_prob(1), [-2000, 0, -np.log(2)])
    np.testing.assert_array_equal(policy.score(1), [[-1, 1], [0, 0], [-0.5, 0.5]])
    np.testing.assert_array_equal(policy.fisher()[:2], np.zeros((2, 2, 2)))
    np.testing.assert_array_equal(policy.jvp([50, 0]), [[0, 0], [0, 0], [12.5, -12.5]])


def test_a_logit_too_far_below_the_largest_is_a_mask():
    policy = Categorical([1e308, -1e308, 1e308])
    np.testing.assert_array_equal(policy.probs, [0.5, 0, 0.5])
    np.testing.assert_array_equal(policy.log_prob(1), -np.inf)


class Edges(np.random.Generator):
    """Uniform draws as extreme as a generator can give."""

    def __init__(self):
        super().__init__(np.random.PCG64(0))

    def random(self, size=None):
        return np.resize([0.0, 0.5, np.nextafter(1, 0)], size)


@pytest.mark.parametrize("batch", [(), (1,)])
@pytest.mark.parametrize("rng", [Edges(), np.random.default_rng(9)], ids=["edges", "random"])
def test_actions_of_probability_zero_are_never_drawn(rng, batch):
    policy = Categorical(np.reshape([-1000, 1000, -1000, 1000, -1000], (*batch, 5)))
    assert set(np.ravel(policy.sample(rng, 300))) == {1, 3}


def test_nor_are_faces_of_probability_zero():
    draws = BernoulliLogit([-1000, 1000]).sample(Edges(), 7)
    np.testing.assert_array_equal(draws, np.tile([0, 1], (7, 1)))


@pytest.mark.parametrize("batch", [(), (1,)])
def test_the_smallest_and_largest_uniform_draw_the_first_and_last_action(batch):
    for num_actions in range(1, 30):
        draws = Categorical(np.zeros((*batch, num_actions))).sample(Edges(), 3)
        assert (draws[0], draws[2]) == (0, num_actions - 1)


@given(logits)
def test_a_batch_of_one_draws_what_a_single_policy_draws(logits):
    logits = logits.reshape(-1, logits.shape[-1])[0]
    alone = Categorical(logits).sample(np.random.default_rng(10), 50)
    batch = Categorical(logits[None]).sample(np.random.default_rng(10), 50)
    np.testing.assert_array_equal(batch, alone[:, None])


def test_one_action_is_certain():
    policy = Categorical([[3.0], [-1000.0]])
    np.testing.assert_array_equal(policy.probs, [[1], [1]])
    np.testing.assert_array_equal(policy.sample(np.random.default_rng(11), 4), np.zeros((4, 2)))
    np.testing.assert_array_equal(policy.log_prob(0), [0, 0])
    np.testing.assert_array_equal(policy.score(0), [[0], [0]])
    np.testing.assert_array_equal(policy.fisher(), np.zeros((2, 1, 1)))


@pytest.mark.parametrize("batch", [(0,), (2, 0)])
def test_an_empty_batch_gives_empty_answers(batch):
    policy = Categorical(np.zeros((*batch, 3)))
    assert policy.probs.shape == policy.jvp([1, 2, 3]).shape == policy.score(2).shape == (*batch, 3)
    assert policy.jacobian().shape == (*batch, 3, 3)
    assert policy.log_prob([]).shape == batch
    assert policy.sample(np.random.default_rng(12), 5).shape == (5, *batch)


def test_probabilities_cannot_be_overwritten():
    policy = Categorical(LOGITS)
    for array in (policy.probs, policy.log_probs):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0.9


@given(logits)
def test_the_scores_components_sum_to_zero(logits):
    policy = Categorical(logits)
    for action in range(policy.num_actions):
        np.testing.assert_allclose(policy.score(action).sum(axis=-1), 0, atol=1e-15)


@given(logits)
def test_jacobian_agrees_with_torch(logits):
    jacobian = Categorical(logits).jacobian()
    for index in np.ndindex(logits.shape[:-1]):
        z = torch.tensor(logits[index])
        expected = torch.autograd.functional.jacobian(lambda z: torch.softmax(z, -1), z).numpy()
        np.testing.assert_allclose(jacobian[index], expected, rtol=1e-12, atol=1e-15)


@given(logits)
def test_rows_and_columns_of_the_jacobian_sum_to_zero(logits):
    jacobian = Categorical(logits).jacobian()
    np.testing.assert_allclose(jacobian.sum(axis=-1), np.zeros_like(logits), atol=1e-15)
    np.testing.assert_allclose(jacobian.sum(axis=-2), np.zeros_like(logits), atol=1e-15)


@given(logits, st.data())
def test_jvp_is_the_jacobian_times_the_vector(logits, data):
    policy = Categorical(logits)
    v = data.draw(hnp.arrays(float, logits.shape, elements=st.floats(-100, 100)))
    np.testing.assert_allclose(policy.jvp(v), np.einsum("...ij,...j->...i", policy.jacobian(), v), atol=1e-12)
    np.testing.assert_allclose(policy.jvp(v[..., :1] + 0 * v), np.zeros_like(v), atol=1e-12)


def test_a_vocabulary_needs_no_matrix():
    size = 150_000
    rng = np.random.default_rng(13)
    logits, v = rng.normal(size=(2, size))
    tracemalloc.start()
    policy = Categorical(logits)
    answers = policy.log_prob(7), policy.score(7), policy.jvp(v), policy.sample(rng, 1000)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 20 * logits.nbytes

    z = torch.tensor(logits)
    _, jvp = torch.autograd.functional.jvp(lambda z: torch.softmax(z, -1), z, torch.tensor(v))
    score = torch.autograd.functional.jacobian(lambda z: torch.log_softmax(z, -1)[7], z)
    np.testing.assert_allclose(answers[0], torch.log_softmax(z, -1)[7].item(), rtol=1e-13)
    np.testing.assert_allclose(answers[1], score.numpy(), rtol=1e-9, atol=1e-15)
    np.testing.assert_allclose(answers[2], jvp.numpy(), rtol=1e-9, atol=1e-15)
    assert np.unique(answers[3]).size > 900


# --- Bernoulli and Gaussian ------------------------------------------------------------------------


@given(st.floats(0.001, 0.999))
def test_a_coin_is_the_same_by_probability_and_by_logit(p):
    by_p, by_logit = Bernoulli(p), BernoulliLogit(np.log(p) - np.log1p(-p))
    slope = p * (1 - p)  # of the probability, along the logit
    np.testing.assert_allclose(by_logit.probs, by_p.probs, rtol=1e-12)
    np.testing.assert_allclose(by_logit.log_prob([0, 1]), by_p.log_prob([0, 1]), rtol=1e-10)
    np.testing.assert_allclose(by_logit.score([0, 1]), by_p.score([0, 1]) * slope, rtol=1e-10)
    np.testing.assert_allclose(by_logit.fisher(), by_p.fisher() * slope**2, rtol=1e-10)


@given(st.floats(-20, 20))
def test_a_coin_is_a_softmax_with_the_logits_zero_and_theta(theta):
    coin, softmax = BernoulliLogit(theta), Categorical([0, theta])
    np.testing.assert_allclose(coin.log_prob([0, 1]), softmax.log_prob([0, 1]), rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(
        coin.score([0, 1])[..., 0], softmax.score([0, 1])[..., 1], rtol=1e-12, atol=1e-15
    )
    np.testing.assert_allclose(coin.fisher()[0, 0], softmax.fisher()[1, 1], rtol=1e-12, atol=1e-15)


def test_a_coins_logit_of_1000_is_exact():
    coin = BernoulliLogit([1000, -1000])
    np.testing.assert_array_equal(coin.probs, [1, 0])
    np.testing.assert_array_equal(coin.log_prob(1), [0, -1000])
    np.testing.assert_array_equal(coin.score(1), [[0], [1]])
    np.testing.assert_array_equal(coin.sample(np.random.default_rng(14), 100), np.tile([1, 0], (100, 1)))
    np.testing.assert_allclose(BernoulliLogit([40, -40]).score([1, 0])[:, 0], np.exp([-40, -40]) * [1, -1])


def test_extreme_probabilities_keep_their_digits():
    coin = Bernoulli([1e-300, 1 - 2**-53])
    np.testing.assert_allclose(coin.log_prob(1), [np.log(1e-300), -(2**-53)], rtol=1e-15)
    np.testing.assert_allclose(coin.log_prob(0), [-1e-300, np.log(2**-53)], rtol=1e-15)
    np.testing.assert_allclose(coin.score(1)[:, 0], [1e300, 1], rtol=1e-15)
    np.testing.assert_allclose(coin.score(0)[:, 0], [-1, -(2**53)], rtol=1e-15)


@given(st.floats(-5, 5), st.floats(0.1, 10), st.floats(-50, 50))
def test_a_gaussian_is_the_same_by_std_and_by_its_logarithm(mean, std, x):
    by_std, by_log = Gaussian(mean, std), GaussianLogStd(mean, np.log(std))
    slope = np.array([1, std])  # of (mean, std), along (mean, log std)
    np.testing.assert_allclose(by_log.log_prob(x), by_std.log_prob(x), rtol=1e-12)
    np.testing.assert_allclose(by_log.score(x), by_std.score(x) * slope, rtol=1e-11, atol=1e-12)
    np.testing.assert_allclose(by_log.fisher(), by_std.fisher() * np.outer(slope, slope), rtol=1e-12)
    np.testing.assert_allclose(by_log.pathwise(x), by_std.pathwise(x) * slope, rtol=1e-12)


@pytest.mark.parametrize("name", ["Gaussian", "GaussianLogStd"])
@given(data=st.data())
def test_pathwise_is_the_derivative_of_the_action_at_fixed_probability_below(name, data):
    family = FAMILIES[name]
    theta = data.draw(family.thetas)
    policy = family.build(theta)
    x = policy.mean + policy.std * data.draw(st.floats(-3, 3))
    leaf = torch.tensor(theta, requires_grad=True)
    (below,) = torch.autograd.grad(family.twin(leaf).cdf(torch.as_tensor(x)).sum(), leaf)
    expected = -below.numpy() / np.exp(policy.log_prob(x))[..., None]
    np.testing.assert_allclose(policy.pathwise(x), expected, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("std", [1e-150, 1e150])
def test_extreme_spreads_keep_their_digits(std):
    for policy in (Gaussian(0, std), GaussianLogStd(0, np.log(std))):
        np.testing.assert_allclose(
            policy.log_prob(std), -0.5 - np.log(std) - 0.5 * np.log(2 * np.pi), rtol=1e-13
        )
        np.testing.assert_allclose(policy.score(2 * std)[0], 2 / std, rtol=1e-12)
        np.testing.assert_allclose(policy.fisher()[0, 0], 1 / std**2, rtol=1e-12)
