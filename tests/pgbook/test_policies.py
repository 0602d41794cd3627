"""The laws every policy obeys, over the list of `families`, with torch.distributions as the oracle.

Parameters that are extreme: see `test_digits`.
"""

import contextlib
import copy
import pickle
import re
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import stats

from pgbook.policies import Bernoulli, BernoulliLogit, Categorical, Gaussian, GaussianLogStd
from tests.pgbook.families import FAMILIES, discrete, drawn, every_family

# --- log_prob, score, fisher ------------------------------------------------------------------------


@every_family
@given(data=st.data())
def test_log_prob_and_its_gradient_agree_with_torch(family, data):
    theta, policy, x, _ = drawn(family, data)
    batch = np.broadcast_shapes(x.shape, theta.shape[:-1])
    leaf = torch.tensor(np.broadcast_to(theta, (*batch, theta.shape[-1])), requires_grad=True)
    log_prob = family.twin(leaf).log_prob(torch.as_tensor(x, dtype=torch.float64))
    (gradient,) = torch.autograd.grad(log_prob.sum(), leaf)
    np.testing.assert_allclose(policy.log_prob(x), log_prob.detach().numpy(), rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(policy.score(x), gradient.numpy(), rtol=1e-12, atol=1e-12)


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
def test_entropy_and_kl_agree_with_torch(family, data):
    theta, policy, _, _ = drawn(family, data)
    batch = data.draw(st.sampled_from([(), theta.shape[:-1]]))
    other = data.draw(family.thetas.filter(lambda t: t.shape[-1] == theta.shape[-1]))
    other = np.broadcast_to(other.reshape(-1, theta.shape[-1])[:1].reshape(-1), (*batch, theta.shape[-1]))
    twins = [family.twin(torch.tensor(t)) for t in (theta, other)]
    entropy, kl = twins[0].entropy().numpy(), torch.distributions.kl_divergence(*twins).numpy()
    np.testing.assert_allclose(policy.entropy(), entropy, rtol=1e-11, atol=1e-12, strict=False)
    np.testing.assert_allclose(policy.kl(family.build(other)), kl, rtol=1e-10, atol=1e-11)
    assert np.shape(policy.entropy()) == entropy.shape
    assert np.shape(policy.kl(family.build(other))) == kl.shape
    np.testing.assert_array_equal(policy.kl(policy), 0)


@every_family
def test_only_policies_with_the_same_actions_and_shapes_that_fit_are_compared(family):
    policy = family.build(np.stack([family.example] * 2))
    for other in FAMILIES.values():
        stranger = other.build(other.example)
        if stranger.support == policy.support:
            assert policy.kl(stranger).shape == (2,)
        else:
            with pytest.raises(ValueError, match=r"^other takes .*, but the policy takes "):
                policy.kl(stranger)
    with pytest.raises(ValueError, match=r"^these shapes do not broadcast: policy \(2,\), other \(3,\)$"):
        policy.kl(family.build(np.stack([family.example] * 3)))
    with pytest.raises(ValueError, match=r"^other must be a policy with log_prob, unlike float$"):
        policy.kl(0.5)
    stranger = SimpleNamespace(log_prob=policy.log_prob, support=policy.support)
    with pytest.raises(ValueError, match=r"^other must be a policy with support and batch_shape, unlike S"):
        policy.kl(stranger)
    stranger.batch_shape = policy.batch_shape
    with contextlib.suppress(ValueError):  # it is compared, or told what else is needed
        assert policy.kl(stranger).shape == (2,)


@pytest.mark.parametrize(
    ("policy", "other", "right"),
    [
        (GaussianLogStd(0, 0), GaussianLogStd(1e-9, 0), 5e-19),
        (Gaussian(0, 1), Gaussian(0, 1 + 2**-30), 2**-60),
        (Categorical([0, 0]), Categorical([0, 1e-9]), 1.25e-19),
        (Bernoulli(0.5), Bernoulli(0.5 + 2**-30), 2 * 2**-60),
        (BernoulliLogit(0), BernoulliLogit(1e-9), 1.25e-19),
    ],
)
def test_the_divergence_of_policies_that_are_near_keeps_its_digits(policy, other, right):
    np.testing.assert_allclose([policy.kl(other), other.kl(policy)], right, rtol=1e-6)


@every_family
@given(data=st.data())
def test_no_divergence_is_negative(family, data):
    theta = data.draw(family.thetas)
    moved = theta * (1 + data.draw(st.sampled_from([1e-16, 3e-16, 1e-15, 1e-12, 1e-9, -1e-15])))
    assert (family.build(theta).kl(family.build(moved)) >= 0).all()


def test_a_coin_has_probabilities_of_one_kind_and_an_entropy_without_a_sign():
    for coin in (Bernoulli(0.3), BernoulliLogit(0.3)):
        assert isinstance(coin.probs, np.ndarray)
        assert coin.probs.shape == ()
    assert not np.signbit([BernoulliLogit(x).entropy() for x in (1000, -1000)]).any()


@every_family
@given(shapes=hnp.mutually_broadcastable_shapes(num_shapes=2, min_side=0, max_side=3, max_dims=2))
def test_shapes_are_those_of_torch(family, shapes):
    x_shape, batch = shapes.input_shapes
    num_params = family.example.size
    theta = np.broadcast_to(family.example, (*batch, num_params))
    policy = family.build(theta)
    x = np.full(x_shape, family.rule(family.build(family.example))[0][0])
    rng, both = np.random.default_rng(1), shapes.result_shape
    assert np.shape(policy.log_prob(x)) == both
    assert policy.score(x).shape == (*both, num_params)
    assert policy.fisher().shape == (*batch, num_params, num_params)
    for answer in (policy.log_prob(x), policy.entropy(), policy.kl(policy), policy.sample(rng)):
        assert isinstance(answer, np.ndarray if np.ndim(answer) else np.generic)
    assert policy.params.shape == theta.shape
    for size in [(), (3,), (2, 0)]:
        draws = policy.sample(rng, size)
        assert np.shape(draws) == (*size, *batch)
        assert draws.dtype == (np.intp if discrete(family) else np.float64)
        assert np.shape(policy.log_prob(draws)) == (*size, *batch)


# --- sampling --------------------------------------------------------------------------------------


def score_test(policy, sample):
    """P-value of Rao's score test that ``policy`` drew ``sample``; for Categorical, Pearson's chi-square."""
    mean, fisher = policy.score(sample).mean(axis=0), policy.fisher()
    statistic = len(sample) * mean @ np.linalg.pinv(fisher, rcond=1e-12, hermitian=True) @ mean
    return stats.chi2.sf(statistic, df=np.linalg.matrix_rank(fisher, tol=1e-12, hermitian=True))


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
def test_draws_are_independent_and_depend_on_the_generators_state_alone(family):
    policy = family.build(family.example)
    draws = policy.sample(np.random.default_rng(5), (20_000, 2))
    np.testing.assert_array_equal(draws, policy.sample(np.random.default_rng(5), (20_000, 2)))
    first, second = policy.score(draws[:, 0]), policy.score(draws[:, 1])
    for a, b in [(first, second), (first[1:], first[:-1])]:
        products = np.einsum("ni,nj->nij", a, b)
        errors = products.mean(axis=0) / (products.std(axis=0) / np.sqrt(len(products)))
        assert abs(errors).max() < 4


@every_family
@pytest.mark.parametrize(
    "copied", [lambda p: p, copy.copy, copy.deepcopy, lambda p: pickle.loads(pickle.dumps(p))]
)
def test_a_policy_its_copies_and_its_pickles_are_the_same_and_cannot_be_changed(family, copied):
    policy = family.build(np.stack([family.example] * 9))
    twin, x = copied(policy), policy.sample(np.random.default_rng(9))
    np.testing.assert_array_equal(twin.params, policy.params)
    np.testing.assert_array_equal(twin.score(x), policy.score(x))
    twin.log_prob(x)
    for name, value in [*vars(twin).items(), ("params", twin.params)]:
        while isinstance(value, np.ndarray):  # and none that it is a part of
            assert not value.flags.writeable, name
            value = value.base
        with pytest.raises(AttributeError):
            setattr(twin, name, 1.0)
    with pytest.raises(AttributeError):
        twin.new = 1.0


@every_family
def test_what_a_policy_returns_belongs_to_the_caller(family):
    policy, untouched = family.build(family.example), family.build(family.example)
    x = family.rule(policy)[0]
    for answer in [lambda p: p.log_prob(x), lambda p: p.score(x), lambda p: p.fisher()]:
        answer(policy)[...] = 9
        np.testing.assert_array_equal(answer(policy), answer(untouched))


# --- bad input ------------------------------------------------------------------------------------


FAR = "x must lie within 1e+150 standard deviations of the mean"
TOO_LARGE = "a result exceeds the range of float64"


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Bernoulli([0.5, 0]), "p must lie in (0, 1), but p[1] is 0.0"),
        (lambda: Bernoulli(1), "p must lie in (0, 1), but p is 1.0"),
        (lambda: Bernoulli(1e-308), "p must lie in (0, 1), but p is 1e-308"),
        (lambda: Gaussian([0, 0], [1, 9e-151]), "std must lie in [1e-150, 1e+150], but std[1] is 9e-151"),
        (lambda: Gaussian(0, 2e150), "std must lie in [1e-150, 1e+150], but std is 2e+150"),
        (lambda: Gaussian([0, 0], [1, 1, 1]), "these shapes do not broadcast: mean (2,), std (3,)"),
        (lambda: GaussianLogStd([0, 0], [0, -400]), "log_std must lie within ±345, but log_std[1] is -400.0"),
        (lambda: GaussianLogStd(0, 345.5), "log_std must lie within ±345, but log_std is 345.5"),
        (lambda: GaussianLogStd([0, 0], [1, 1, 1]), "these shapes do not broadcast: mean (2,), log_std (3,)"),
        (lambda: Gaussian(0, 1).log_prob(-1.001e150), FAR),
        (lambda: Gaussian(0, 1).pathwise(1.001e150), FAR),
        (lambda: GaussianLogStd(0, -300).score(1e300), FAR),
        (lambda: Gaussian(0, 1e-150).score(1e-25), f"x, in standard deviations from the mean: {TOO_LARGE}"),
        (lambda: Gaussian(0, 1e150).kl(Gaussian(0, 1e-150)), f"other: {TOO_LARGE}"),
        (lambda: Bernoulli(0.5).log_prob(0.5), "x must hold integers, but its dtype is float64"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        call()


@every_family
@pytest.mark.parametrize("method", ["log_prob", "score"])
def test_actions_out_of_range_or_of_other_shapes_are_named(family, method):
    answer = getattr(family.build(np.stack([family.example] * 3)), method)
    with pytest.raises(ValueError, match=r"^these shapes do not broadcast: x \(5,\), batch \(3,\)$"):
        answer(np.zeros(5, dtype=int))
    if discrete(family):
        K = getattr(family.build(family.example), "num_actions", 2)
        for outside in (-1, K):
            with pytest.raises(IndexError, match=rf"^x must lie in \[0, {K}\), but it contains {outside}$"):
                answer([0, outside, 0])
