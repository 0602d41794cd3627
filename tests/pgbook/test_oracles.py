"""Random input, mild and extreme: the right answer, to the digits float64 has, or an error that says why.

What is right is computed with mpmath to hundreds of digits, from the formulas of the book. What is refused
must be at fault by the rules of `extremes`, and the error names an argument at fault; or a result exceeds
float64.
"""

import mpmath
import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from pgbook import estimators
from pgbook.policies import Bernoulli, BernoulliLogit, Categorical, Gaussian, GaussianLogStd
from tests.pgbook.api import outcome
from tests.pgbook.extremes import (
    LARGEST,
    actions,
    built,
    drawn,
    faults_of_actions,
    fitting,
    more,
    not_finite,
    parameters,
    reals,
    refused,
    shapes,
    unfit,
)

# So many that they hold the probability of the least likely action beside 1.
mpmath.mp.dps = 350

big, exp, log, log1p = (np.frompyfunc(getattr(mpmath, name), 1, 1) for name in ("mpf", "exp", "log", "log1p"))


class Exact(np.ndarray):
    """An array of mpmath's numbers that stays an array if there is one number only."""

    def __array_wrap__(self, array, context=None, return_scalar=False):
        return np.asarray(array, dtype=object).view(Exact)


def exact(array):
    """The numbers of an array as mpmath has them; what is not finite is zero, for it is refused anyway."""
    array = np.asarray(array).astype(float)
    return np.asarray(big(np.where(np.isfinite(array), array, 0)), dtype=object).view(Exact)


def stack(*columns):
    return np.stack([np.asarray(column, dtype=object) for column in columns], axis=-1).view(Exact)


# --- what is right ---------------------------------------------------------------------------------


def softmax(logits):
    """Probabilities and log-probabilities, exactly."""
    z = exact(logits)
    z[np.asarray(logits) == -np.inf] = mpmath.mpf("-inf")
    if not z.size:
        return z, z
    shifted = z - z.max(axis=-1, keepdims=True)
    log_probs = shifted - log(exp(shifted).sum(axis=-1, keepdims=True))
    return exp(log_probs), log_probs


def spread(policy):
    """The standard deviation, exactly."""
    return exact(policy.std) if isinstance(policy, Gaussian) else exp(exact(policy.log_std))


def noise(policy, x):
    return np.asarray((exact(x) - exact(policy.mean)) / spread(policy), dtype=object)


def right(policy, x):
    """Log-probability and score of actions, exactly, and how many units each may be off."""
    shape = np.broadcast_shapes(x.shape, policy.batch_shape)
    if isinstance(policy, Categorical):
        x = np.broadcast_to(x, shape).astype(int)
        probs, log_probs = (np.broadcast_to(a, (*shape, a.shape[-1])) for a in softmax(policy.logits))
        log_prob = np.take_along_axis(log_probs, x[..., None], axis=-1)[..., 0]
        return log_prob, exact(np.eye(policy.num_actions)[x]) - probs, 0, 0
    if isinstance(policy, Bernoulli):
        p, y = exact(policy.p) + 0 * exact(x), exact(x)
        return y * log(p) + (1 - y) * log1p(-p), stack((y - p) / (p * (1 - p))), 0, 0
    if isinstance(policy, BernoulliLogit):
        sign = exact(2.0 * x.astype(float) - 1)
        return (
            -log1p(exp(-sign * exact(policy.logit))),
            stack(sign / (1 + exp(sign * exact(policy.logit)))),
            0,
            0,
        )
    e, std = noise(policy, x), spread(policy)
    unit = std if isinstance(policy, Gaussian) else 1
    log_prob = -(e**2) / 2 - log(std) - mpmath.log(2 * mpmath.pi) / 2
    # Noise below 5e-324 is none.
    off = 1e-15 * (e**2 + abs(log(std)) + 1), stack(5e-324 / std + 0 * e, 1e-15 * (e**2 + 1) / unit)
    return log_prob, stack(e / std, (e**2 - 1) / unit), *off


def right_path(policy, x):
    """Pathwise derivative, exactly."""
    e = noise(policy, x)
    return stack(1 + 0 * e, e if isinstance(policy, Gaussian) else e * spread(policy))


def path_off(policy):
    """Noise below 5e-324 is none."""
    return 5e-324 * (1 + spread(policy))[..., None]


def judge(answer, at_fault, expected, off=0, leading=(), rtol=1e-11, named=()):
    """Judge what came of a call: ``expected`` is called only where nothing is at fault.

    A result may be refused if it, or the ``leading`` numbers on the way to it, exceed what float64 holds.
    """
    result, error = answer
    if at_fault:
        return refused(error, at_fault)
    expected = np.asarray(expected(), dtype=object)
    if error is not None:
        refused(error, set(named) | {"x"})
        numbers = [expected, *leading]
        assert any(abs(value) > LARGEST / 16 for array in numbers for value in np.ravel(array)), error
        return None
    result = np.asarray(result)
    assert result.shape == expected.shape
    # A mask, or a logit so far below the largest that it is one.
    expected = np.where(result == -np.inf, np.where(expected < -LARGEST, 0, expected), expected)
    result = np.where((result == -np.inf) & (expected == 0), 0, result)
    limits = np.broadcast_to(np.asarray(off, dtype=object), expected.shape)
    for value, wanted, limit in zip(result.flat, expected.flat, limits.flat, strict=True):
        assert abs(mpmath.mpf(float(value)) - wanted) <= rtol * abs(wanted) + limit + 1e-300, (value, wanted)
    return None


# --- policies --------------------------------------------------------------------------------------


@given(parameters(), st.data())
def test_log_prob_and_score_are_right_or_refused(named, data):
    policy = built(*named)
    if policy is None:
        return
    x = data.draw(actions(policy))
    at_fault, given = faults_of_actions(policy, x), {"x": x}
    log_prob, score, off, score_off = (None,) * 4 if at_fault else right(policy, x)
    judge(outcome(policy.log_prob, given), at_fault, lambda: log_prob, off)
    judge(outcome(policy.score, given), at_fault, lambda: score, score_off)
    if hasattr(policy, "pathwise"):
        judge(outcome(policy.pathwise, given), at_fault, lambda: right_path(policy, x), path_off(policy))


def mean(probs, values):
    """The expectation over actions; what has no probability does not count."""
    return (probs * np.where(probs > 0, values, 0)).sum(axis=-1)


def known(policy):
    """What a policy knows of itself, exactly, and how far off each may be."""
    if isinstance(policy, Categorical):
        probs, log_probs = softmax(policy.logits)
        jacobian = probs[..., None] * (exact(np.eye(policy.num_actions)) - probs[..., None, :])
        return {
            "probs": (probs, 0),
            "log_probs": (log_probs, 0),
            "jacobian": (jacobian, 0),
            "fisher": (jacobian, 0),
            "entropy": (mean(probs, -log_probs), 0),
        }
    if isinstance(policy, Bernoulli):
        p = exact(policy.p)
        entropy = -p * log(p) - (1 - p) * log1p(-p)
        return {"probs": (p, 0), "fisher": (stack(stack(1 / (p * (1 - p)))), 0), "entropy": (entropy, 0)}
    if isinstance(policy, BernoulliLogit):
        p, q = (1 / (1 + exp(sign * exact(policy.logit))) for sign in (-1, 1))
        entropy = -p * log(p) - q * log(q)
        return {"probs": (p, 0), "fisher": (stack(stack(p * q)), 0), "entropy": (entropy, 1e-307)}
    std = spread(policy)
    second = 2 / std**2 if isinstance(policy, Gaussian) else 2 + 0 * std
    fisher = stack(1 / std**2, second)[..., None] * exact(np.eye(2))
    entropy = log(2 * mpmath.pi * mpmath.e) / 2 + log(std)
    return {"std": (std, 0), "fisher": (fisher, 0), "entropy": (entropy, 1e-15 * (2 + abs(log(std))))}


@given(parameters())
def test_what_a_policy_knows_of_itself_is_right(named):
    name, columns = named
    policy = built(name, columns)
    if policy is None:
        return
    given = [array.astype(float) for array in columns.values()]
    theta = given[0] if name == "Categorical" else np.stack(np.broadcast_arrays(*given), axis=-1)
    np.testing.assert_array_equal(policy.params, theta, strict=True)
    assert policy.batch_shape == theta.shape[:-1]
    for member, (expected, off) in known(policy).items():
        value = getattr(policy, member)
        judge(
            outcome(value if callable(value) else lambda value=value: value, {}),
            set(),
            lambda e=expected: e,
            off,
        )


@given(parameters(names=("Categorical",)), st.data())
def test_the_jacobian_times_a_vector_is_right_or_refused(named, data):
    policy = built(*named)
    if policy is None:
        return
    v = data.draw(drawn(reals, data.draw(fitting(policy.logits.shape))))
    at_fault = not_finite(v=v) | (unfit(v=v.shape, logits=policy.logits.shape) & {"v"})
    at_fault |= {"v"} if v.shape[-1:] != policy.logits.shape[-1:] else set()
    sizes = abs(exact(v)).max(axis=-1, keepdims=True) if v.size and v.ndim else 0

    def expected():
        probs = softmax(policy.logits)[0]
        return probs * (exact(v) - (probs * exact(v)).sum(axis=-1, keepdims=True))

    judge(outcome(policy.jvp, {"v": v}), at_fault, expected, 1e-15 * sizes, [exact(v)], named="v")


# --- estimators ------------------------------------------------------------------------------------


@given(parameters(), st.data())
def test_estimators_are_right_or_refused(named, data):
    policy = built(*named)
    if policy is None:
        return
    x = data.draw(actions(policy))
    R = data.draw(drawn(reals, data.draw(fitting(x.shape))))
    beta = data.draw(drawn(reals, data.draw(fitting(R.shape))))
    shapes = {"returns": R.shape, "x": x.shape, "batch": policy.batch_shape}
    of_x = faults_of_actions(policy, x)
    actions_shape = (
        () if unfit(x=x.shape, batch=policy.batch_shape) else np.broadcast_shapes(x.shape, policy.batch_shape)
    )
    of_R = (
        of_x
        | not_finite(returns=R)
        | (unfit(**shapes) & {"returns", "x"})
        | more("returns", R, actions_shape)
    )
    of_beta = of_R | not_finite(baseline=beta) | (unfit(baseline=beta.shape, **shapes) - {"batch"})
    of_beta |= more("baseline", beta, actions_shape)
    log_prob, score, off, score_off = (None,) * 4 if of_x else right(policy, x)

    def weighted(weights, directions, direction_off):
        """Their product, how far off it may be, and what leads to it."""
        weights = np.asarray(weights, dtype=object)[..., None]
        if isinstance(policy, Gaussian | GaussianLogStd):
            leading = [
                weights,
                directions,
                noise(policy, x)[..., None] ** 2 * exact(1 / policy.std)[..., None],
            ]
        else:
            leading = [weights, directions]
        return weights * directions, abs(weights) * direction_off, leading

    words = {"returns", "baseline"}
    given = {"policy": policy, "x": x, "returns": R, "baseline": beta}
    answer = outcome(estimators.score_function, given)
    product, product_off, leading = (
        (None, 0, ()) if of_beta else weighted(exact(R) - exact(beta), score, score_off)
    )
    judge(answer, of_beta, lambda: product, product_off, leading, named=words)

    del given["baseline"]
    answer = outcome(estimators.without_division, given)
    product, product_off, leading = (None, 0, ())
    if not of_R:
        density = np.asarray(exp(log_prob), dtype=object)[..., None]
        # The density is as far off, relatively, as its logarithm; below 1e-308 it loses digits as well.
        relative = density * np.asarray(off + 0 * log_prob, dtype=object)[..., None] + 5e-324
        product, product_off, leading = weighted(exact(R), density * score, density * score_off)
        product_off = product_off + abs(exact(R))[..., None] * abs(score) * relative
    judge(answer, of_R, lambda: product, product_off, [*leading, *([] if of_R else [score])], named=words)

    if hasattr(policy, "pathwise"):
        of_slopes = {"slopes" if word == "returns" else word for word in of_R}
        answer = outcome(estimators.pathwise, {"policy": policy, "x": x, "slopes": R})
        product, product_off, leading = (
            (None, 0, ()) if of_R else weighted(exact(R), right_path(policy, x), path_off(policy))
        )
        judge(answer, of_slopes, lambda: product, product_off, leading, named={"slopes"})


@given(st.data())
def test_baselines_are_right_or_refused(data):
    shape = data.draw(hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4))
    R = data.draw(drawn(reals, shape))
    at_fault = not_finite(returns=R) | ({"returns"} if not shape or shape[-1] < 2 else set())

    def others():
        mean = exact(R).sum(axis=-1, keepdims=True) - exact(R)
        return np.asarray(mean, dtype=object) / (shape[-1] - 1)

    sizes = 1e-15 * abs(exact(R)).sum(axis=-1, keepdims=True) if shape else 0
    answer = outcome(estimators.leave_one_out, {"returns": R})
    judge(answer, at_fault, others, sizes, [sum(map(abs, exact(R).flat))], named={"returns"})

    scores = data.draw(drawn(reals, data.draw(st.just((*shape, 2)) | shapes)))
    at_fault = not_finite(scores=scores, returns=R)
    if scores.ndim != 2 or R.shape != scores.shape[:1]:
        at_fault |= {"scores", "returns"}
    elif not scores.any():
        at_fault |= {"scores"}

    def crossed():
        squares = (exact(scores) ** 2).sum(axis=-1)
        return (squares * exact(R)).sum() / squares.sum()

    answer = outcome(estimators.optimal_baseline, {"scores": scores, "returns": R})
    leading = [sum(map(abs, exact(R).flat))]
    largest = 1e-14 * max(map(abs, exact(R).flat), default=0)
    judge(answer, at_fault, crossed, largest, leading, named={"returns"})


@given(parameters(), st.data())
def test_importance_weights_are_right_or_refused(named, data):
    policy = built(*named)
    other = built(*data.draw(parameters() | parameters(names=(named[0],)) | st.just(named)))
    if policy is None or other is None:
        return
    x = data.draw(actions(policy))
    at_fault = {"behaviour"} if hasattr(policy, "pathwise") != hasattr(other, "pathwise") else set()
    if not at_fault:
        at_fault |= faults_of_actions(policy, x) | faults_of_actions(other, x)
        batches = {"policy": policy.batch_shape, "behaviour": other.batch_shape}
        at_fault |= unfit(x=x.shape, **batches)
    answer = outcome(estimators.importance_weights, {"policy": policy, "behaviour": other, "x": x})
    if at_fault:
        refused(answer[1], at_fault)
        return
    (ours, _, off, _), (theirs, _, other_off, _) = right(policy, x), right(other, x)
    expected = exp(ours - theirs)
    # One rounding of a logarithm is as much of the weight.
    off = (1e-15 * (abs(ours) + abs(theirs) + 1) + off + other_off) * expected
    if (np.asarray(off, dtype=object) < 0.01 * expected).all():
        judge(answer, set(), lambda: expected, 10 * off, named={"behaviour"})


@given(parameters(), st.data())
def test_the_divergence_is_right(named, data):
    policy = built(*named)
    other = built(*data.draw(parameters(names=(named[0],)) | st.just(named)))
    if policy is None or other is None:
        return
    at_fault = {"other"} if getattr(policy, "num_actions", 2) != getattr(other, "num_actions", 2) else set()
    at_fault |= unfit(policy=policy.batch_shape, other=other.batch_shape)
    answer = outcome(policy.kl, {"other": other})
    if at_fault:
        refused(answer[1], at_fault)
        return
    if isinstance(policy, Gaussian | GaussianLogStd):
        ratio, distance = spread(policy) / spread(other), exact(policy.mean) - exact(other.mean)
        parts = [ratio**2 / 2, (distance / spread(other)) ** 2 / 2, -log(ratio), exact(-0.5)]
    elif isinstance(policy, Categorical):
        (p, log_p), (_, log_q) = softmax(policy.logits), softmax(other.logits)
        parts = [mean(p, log_p), -mean(p, np.maximum(log_q, -(mpmath.mpf(10) ** 400)) + 0 * p)]
    else:
        outcomes = [np.zeros((), dtype=int), np.ones((), dtype=int)]
        parts = [
            exp(right(policy, x)[0]) * sign * right(who, x)[0]
            for x in outcomes
            for who, sign in ((policy, 1), (other, -1))
        ]
    # The parts cancel where the policies are alike.
    judge(answer, set(), lambda: sum(parts), 1e-14 * sum(map(abs, parts)), parts, named={"other"})
