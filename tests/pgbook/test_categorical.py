"""What only the softmax policy has: the Jacobian, masks, probabilities instead of logits, vocabularies."""

import functools
import re
import tracemalloc

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from pgbook.policies import BernoulliLogit, Categorical, softmax
from tests.pgbook.families import FAMILIES, Edges

logits = FAMILIES["Categorical"].thetas


@st.composite
def masked(draw):
    """Logits, some of which are -∞, never all of a policy."""
    z = draw(logits)
    hidden = draw(hnp.arrays(bool, z.shape))
    hidden[..., draw(st.integers(0, z.shape[-1] - 1))] = False
    return np.where(hidden, -np.inf, z)


@given(masked())
def test_a_masked_action_is_never_taken_and_the_others_are_as_in_torch(z):
    policy, everything = Categorical(z), np.arange(z.shape[-1]).reshape(-1, *[1] * (z.ndim - 1))
    leaf = torch.tensor(np.broadcast_to(z, (len(everything), *z.shape)), requires_grad=True)
    twin = FAMILIES["Categorical"].twin(leaf)
    log_prob = twin.log_prob(torch.tensor(np.broadcast_to(everything, twin.batch_shape)))
    (gradient,) = torch.autograd.grad(log_prob.sum(), leaf)
    close = functools.partial(np.testing.assert_allclose, rtol=1e-12, atol=1e-13)
    close(policy.log_prob(everything), log_prob.detach().numpy())
    close(policy.score(everything), gradient.numpy())
    close(policy.probs, twin.probs[0].detach().numpy())
    close(policy.entropy(), twin.entropy()[0].detach().numpy())
    v = np.arange(z.shape[-1]) ** 2.0
    # π_a ∇ log π_a is a row of the Jacobian.
    close(np.moveaxis(policy.jacobian(), -2, 0), (log_prob.exp()[..., None] * gradient).detach().numpy())
    close(policy.jvp(v), policy.jacobian() @ v)
    np.testing.assert_array_equal(softmax(z), policy.probs)
    hidden = z == -np.inf
    draws = policy.sample(np.random.default_rng(2), 20)
    assert np.isfinite(policy.log_prob(draws)).all()
    for answer in (policy.score(draws[0]), policy.jacobian(), policy.jvp(v)):
        assert not answer[hidden].any()


@given(masked(), st.data())
def test_the_divergence_is_infinite_exactly_where_the_other_masks_what_this_one_takes(z, data):
    w = np.where(data.draw(hnp.arrays(bool, z.shape)) & (z < z.max(axis=-1, keepdims=True)), -np.inf, z / 2)
    twins = [FAMILIES["Categorical"].twin(torch.tensor(a)) for a in (z, w)]
    kl = Categorical(z).kl(Categorical(w))
    np.testing.assert_allclose(kl, torch.distributions.kl_divergence(*twins).numpy(), rtol=1e-11, atol=1e-12)
    np.testing.assert_array_equal(np.isinf(kl), ((z > -np.inf) & (w == -np.inf)).any(axis=-1))


@given(hnp.arrays(float, hnp.array_shapes(max_dims=2), elements=st.floats(0, 1)))
def test_probabilities_do_in_place_of_logits(weights):
    weights[..., 0] += 1e-3
    p = weights / weights.sum(axis=-1, keepdims=True)
    policy = Categorical(probs=p)
    np.testing.assert_allclose(policy.probs, p, rtol=1e-12)
    with np.errstate(divide="ignore"):
        np.testing.assert_array_equal(policy.logits, np.log(p))


def test_a_divergence_is_infinite_however_unlikely_what_the_other_masks():
    assert Categorical([0, -800]).kl(Categorical([0, -np.inf])) == np.inf
    assert Categorical([0, -np.inf]).kl(Categorical([0, -800])) == 0


def test_certainty_keeps_its_digits():
    policy, rest = Categorical([0.0, 40.0, -np.inf]), np.exp(-40)
    np.testing.assert_allclose(policy.log_prob(1), -rest, rtol=1e-15)
    np.testing.assert_allclose(policy.score(1), [-rest, rest, 0], rtol=1e-14)
    np.testing.assert_allclose(policy.jacobian()[:2], [[rest, -rest, 0], [-rest, rest, 0]], rtol=1e-14)
    for v in ([50, 0, 7], [0, 50, 7], [1e6, 1e6 + 1, 7]):
        moved = rest * (v[0] - v[1])
        np.testing.assert_allclose(policy.jvp(v), [moved, -moved, 0], rtol=1e-9)
    np.testing.assert_allclose(policy.entropy(), 41 * rest, rtol=1e-14)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "logits or probs are needed, and not both"),
        ({"logits": [0], "probs": [1]}, "logits or probs are needed, and not both"),
        ({"logits": [0, np.nan]}, "logits must be finite or -inf, but logits[1] is nan"),
        ({"logits": [[0, 1], [-np.inf, np.inf]]}, "logits must be finite or -inf, but logits[1, 1] is inf"),
        ({"logits": [[0], [-np.inf]]}, "logits must leave an action to take, but logits[1] is [-inf]"),
        ({"logits": {0: 1}}, "logits must be an array of real numbers, unlike dict"),
        ({"logits": {0, 1}}, "logits must be an array of real numbers, unlike set"),
        ({"logits": (x for x in (0, 1))}, "logits must be an array of real numbers, unlike generator"),
        ({"logits": 0.0}, "logits must have shape (..., K) with K >= 1, but the shape is ()"),
        ({"logits": [[], []]}, "logits must have shape (..., K) with K >= 1, but the shape is (2, 0)"),
        ({"probs": [0.5, 0.4]}, "probs must be at least 0 and sum to 1, but probs is [0.5 0.4]"),
        ({"probs": [[1, 0], [2, -1]]}, "probs must be at least 0 and sum to 1, but probs[1] is [ 2. -1.]"),
        ({"probs": 1.0}, "probs must have shape (..., K) with K >= 1, but the shape is ()"),
    ],
)
def test_bad_logits_and_probabilities_are_named(given, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        Categorical(**given)
    if list(given) == ["logits"]:
        with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
            softmax(given["logits"])


@pytest.mark.parametrize(
    ("v", "message"),
    [
        ([1, 2], "v must have shape (..., 3), but the shape is (2,)"),
        ([1], "v must have shape (..., 3), but the shape is (1,)"),
        (1.0, "v must have shape (..., 3), but the shape is ()"),
        (np.zeros((4, 3)), "these shapes do not broadcast: v (4, 3), logits (2, 3)"),
        ([1.7e308, -1.7e308, 0], "v: a result exceeds the range of float64"),
    ],
)
def test_bad_vectors_are_named(v, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        Categorical(np.zeros((2, 3))).jvp(v)


# --- sampling -------------------------------------------------------------------------------------


@pytest.mark.parametrize("batch", [(), (1,)])
@pytest.mark.parametrize("rng", [Edges(), np.random.default_rng(9)], ids=["edges", "random"])
def test_actions_of_probability_zero_are_never_drawn(rng, batch):
    policy = Categorical(np.reshape([-1000, 1000, -1000, 1000, -np.inf], (*batch, 5)))
    assert set(np.ravel(policy.sample(rng, 300))) == {1, 3}
    assert (BernoulliLogit([-1000, 1000]).sample(rng, 300) == [0, 1]).all()


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


def test_an_empty_batch_gives_empty_answers():
    policy = Categorical(np.zeros((2, 0, 3)))
    assert policy.probs.shape == policy.jvp([1, 2, 3]).shape == policy.log_probs.shape == (2, 0, 3)


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

    pi = np.exp(logits) / np.exp(logits).sum()
    np.testing.assert_allclose(answers[0], np.log(pi[7]), rtol=1e-13)
    np.testing.assert_allclose(answers[1], (np.arange(size) == 7) - pi, rtol=1e-9, atol=1e-15)
    np.testing.assert_allclose(answers[2], pi * (v - pi @ v), rtol=1e-9, atol=1e-15)
    assert np.unique(answers[3]).size > 900


def test_many_draws_of_many_policies_need_no_array_of_all_actions():
    policy = Categorical(np.zeros((20, 1000)))
    tracemalloc.start()
    draws = policy.sample(np.random.default_rng(14), 5000)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert draws.shape == (5000, 20)
    assert peak < 5 * draws.nbytes
