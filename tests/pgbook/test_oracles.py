"""Random input, mild and extreme: the right answer, to the digits float64 has, or an error that says why.

What is right is computed with mpmath to fifty digits, from the formulas of the book. What is refused must be
at fault by the rules written here, and the error names an argument at fault; or a result exceeds float64.
"""

import io
import itertools
import math
import re
import sys
import xml.etree.ElementTree as ET
from contextlib import redirect_stdout
from decimal import Decimal
from fractions import Fraction

import mpmath
import numpy as np
import sympy
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from pgbook import bandits, episodes, estimators, figures, printing, verify
from pgbook.policies import Bernoulli, BernoulliLogit, Categorical, Gaussian, GaussianLogStd
from tests.pgbook.api import outcome, tried

mpmath.mp.dps = 50
LARGEST, SMALLEST = sys.float_info.max, sys.float_info.min
KINDS = {kind.__name__: kind for kind in (Categorical, Bernoulli, BernoulliLogit, Gaussian, GaussianLogStd)}

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


# --- what is drawn ---------------------------------------------------------------------------------

ENDS = [0.0, -0.0, 1.0, -1.0, 1e-9, 1000.0, -1000.0, 1e16, -1e16, 1e154, -1e200, 1e300, -LARGEST, LARGEST]
reals = st.floats(-10, 10) | st.sampled_from([*ENDS, 5e-324, SMALLEST, 1 + 2**-52])
BAD = [np.nan, np.inf, -np.inf]
probabilities = st.floats(0.01, 0.99) | st.sampled_from(
    [SMALLEST, 1e-300, 1e-17, 1 - 2**-53, 5e-324, 0.0, 1.0]
)
spreads = st.floats(0.1, 10) | st.sampled_from([1e-150, 1e150, 1e-9, 1e9, 9e-151, 2e150, 0.0, -1.0])
logarithms = st.floats(-3, 3) | st.sampled_from([345.0, -345.0, 345.5, -345.5, 0.0, 1e300])
shapes = hnp.array_shapes(min_dims=0, max_dims=2, min_side=0, max_side=3)


@st.composite
def drawn(draw, elements, shape):
    """An array of a shape, seldom with one value that is not finite, in one of several dtypes."""
    array = draw(hnp.arrays(float, shape, elements=elements))
    if array.size and draw(st.integers(0, 9)) == 9:
        array.flat[draw(st.integers(0, array.size - 1))] = draw(st.sampled_from(BAD))
    with np.errstate(over="ignore"):
        return array.astype(draw(st.sampled_from(["f8", "f8", "f8", "f4", ">f8"])))


@st.composite
def fitting(draw, shape):
    """A shape that mostly broadcasts against another one, in front of it or with ones in it."""
    ones = tuple(draw(st.sampled_from([n, 1])) for n in shape)
    return draw(st.sampled_from([shape, ones, (), (2, *shape), ones[1:]]) | shapes)


@st.composite
def parameters(draw, names=tuple(KINDS)):
    """The name of a kind of policy, and parameters for it, any of which may be at fault."""
    name, batch = draw(st.sampled_from(names)), draw(shapes)
    if name == "Categorical":
        return name, {"logits": draw(drawn(reals, (*batch, draw(st.integers(0, 4)))))}
    if name.startswith("Bernoulli"):
        key, elements = ("p", probabilities) if name == "Bernoulli" else ("logit", reals)
        return name, {key: draw(drawn(elements, batch))}
    key, elements = ("std", spreads) if name == "Gaussian" else ("log_std", logarithms)
    return name, {"mean": draw(drawn(reals, batch)), key: draw(drawn(elements, draw(fitting(batch))))}


@st.composite
def actions(draw, policy, shape=None):
    """Actions for a policy, now and then outside of what it takes."""
    shape = draw(fitting(policy.batch_shape)) if shape is None else shape
    if hasattr(policy, "pathwise"):
        return draw(drawn(reals, shape))
    stop = getattr(policy, "num_actions", 2)
    dtype = draw(st.sampled_from([np.int64, np.int8, ">i4"]))
    array = draw(hnp.arrays(dtype, shape, elements=st.integers(0, stop - 1)))
    if array.size and draw(st.integers(0, 9)) == 9:
        array.flat[draw(st.integers(0, array.size - 1))] = draw(st.sampled_from([-1, stop]))
    return array


# --- what is at fault ------------------------------------------------------------------------------


def not_finite(**arrays):
    return {name for name, array in arrays.items() if not np.isfinite(array.astype(float)).all()}


def unfit(**shapes):
    """The names of all shapes, if they do not broadcast."""
    try:
        np.broadcast_shapes(*shapes.values())
    except ValueError:
        return set(shapes)
    return set()


def more(name, array, actions):
    """The name, if the array makes more of the actions."""
    return (
        {name}
        if unfit(a=array.shape, b=actions) or np.broadcast_shapes(array.shape, actions) != actions
        else set()
    )


def faults_of_parameters(name, columns):
    columns = {key: array.astype(float) for key, array in columns.items()}
    limits = {
        "logits": lambda z: z.ndim > 0 and z.shape[-1] > 0 and (z.max(axis=-1) > -np.inf).all(),
        "p": lambda p: ((p >= SMALLEST) & (p < 1)).all(),
        "std": lambda s: ((s >= 1e-150) & (s <= 1e150)).all(),
        "log_std": lambda s: (np.abs(s) <= np.log(1e150)).all(),
    }
    outside = {key for key in set(columns) & set(limits) if not limits[key](columns[key])}
    apart = unfit(**{key: array.shape for key, array in columns.items()})
    masked = {key: np.where(z == -np.inf, 0, z) if key == "logits" else z for key, z in columns.items()}
    return not_finite(**masked) | outside | apart


def faults_of_actions(policy, x):
    apart = unfit(x=x.shape, batch=policy.batch_shape)
    if hasattr(policy, "pathwise"):
        far = not apart and not not_finite(x=x) and any(abs(e) > 0.999e150 for e in noise(policy, x).flat)
        return (apart | not_finite(x=x) | ({"x"} if far else set())) & {"x"}
    outside = (x < 0) | (x >= getattr(policy, "num_actions", 2))
    return {"x"} if apart or outside.any() else set()


def refused(error, at_fault):
    """Check that a fault was noticed, and named; an action is called as the policy calls it."""
    words = at_fault | ({"action", "y", "batch"} if "x" in at_fault else set())
    assert error is not None, at_fault
    assert any(re.search(rf"\b{word}\b", str(error)) for word in words), (error, at_fault)


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
        # Where 1 - π and log π cancel, the digits of 1 remain.
        return log_prob, exact(np.eye(policy.num_actions)[x]) - probs, 1e-15, 1e-15
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


def built(name, columns):
    """Build the policy; return None if it was rightly refused."""
    policy, error = outcome(KINDS[name], columns)
    at_fault = faults_of_parameters(name, columns)
    if at_fault:
        return refused(error, at_fault)
    assert error is None
    return policy


def argument(policy):
    return "x"


# --- policies --------------------------------------------------------------------------------------


@given(parameters(), st.data())
def test_log_prob_and_score_are_right_or_refused(named, data):
    policy = built(*named)
    if policy is None:
        return
    x = data.draw(actions(policy))
    at_fault, given = faults_of_actions(policy, x), {argument(policy): x}
    log_prob, score, off, score_off = (None,) * 4 if at_fault else right(policy, x)
    judge(outcome(policy.log_prob, given), at_fault, lambda: log_prob, off)
    judge(outcome(policy.score, given), at_fault, lambda: score, score_off)
    if hasattr(policy, "pathwise"):
        judge(outcome(policy.pathwise, given), at_fault, lambda: right_path(policy, x), path_off(policy))


def known(policy):
    """What a policy knows of itself, exactly, and how far off each may be."""
    if isinstance(policy, Categorical):
        probs, log_probs = softmax(policy.logits)
        jacobian = probs[..., None] * (exact(np.eye(policy.num_actions)) - probs[..., None, :])
        return {
            "probs": (probs, 0),
            "log_probs": (log_probs, 1e-15),
            "jacobian": (jacobian, 1e-16),
            "fisher": (jacobian, 1e-16),
        }
    if isinstance(policy, Bernoulli):
        p = exact(policy.p)
        return {"probs": (p, 0), "fisher": (stack(stack(1 / (p * (1 - p)))), 0)}
    if isinstance(policy, BernoulliLogit):
        p, q = (1 / (1 + exp(sign * exact(policy.logit))) for sign in (-1, 1))
        return {"probs": (p, 0), "fisher": (stack(stack(p * q)), 0)}
    std = spread(policy)
    second = 2 / std**2 if isinstance(policy, Gaussian) else 2 + 0 * std
    return {"std": (std, 0), "fisher": (stack(1 / std**2, second)[..., None] * exact(np.eye(2)), 0)}


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


asked = (
    st.none() | st.integers(-1, 3) | st.lists(st.integers(-1, 3), max_size=3) | st.tuples(st.integers(0, 2))
)


@given(parameters(), asked, st.integers(0, 5))
def test_samples_have_the_shape_asked_for_and_possible_values(named, size, seed):
    policy = built(*named)
    if policy is None:
        return
    draws, error = outcome(policy.sample, {"rng": np.random.default_rng(seed), "size": size})
    shape = () if size is None else (size,) if isinstance(size, int) else tuple(size)
    if min(shape, default=0) < 0:
        refused(error, {"size"})
        return
    shape += policy.batch_shape
    np.testing.assert_array_equal(draws, policy.sample(np.random.default_rng(seed), size), strict=True)
    if hasattr(policy, "pathwise"):
        e = exact(np.random.default_rng(seed).standard_normal(shape))
        mean, deviation = exact(policy.mean), spread(policy) * e
        off = 1e-14 * (abs(mean) + abs(deviation))
        judge((draws, error), set(), lambda: mean + deviation, off)
    else:
        assert error is None
        assert np.shape(draws) == shape
        assert np.asarray(draws).dtype.kind == "i"
        # exp(-745.2) is the smallest number there is.
        assert (policy.log_prob(draws) > -746).all()


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


# --- bandits ---------------------------------------------------------------------------------------


@settings(max_examples=max(1, settings().max_examples // 2))
@given(st.data())
def test_learners_move_as_their_actions_and_payments_say(data):
    runs, K = data.draw(shapes), data.draw(st.integers(1, 3))
    mild = st.floats(-5, 5) | st.sampled_from([0.0, 1000.0, -1e16, LARGEST, 1e300])
    z = data.draw(drawn(mild, (*runs, K)))
    r = data.draw(drawn(mild, data.draw(fitting((*runs, K)))))
    step = data.draw(
        drawn(st.floats(0.01, 2) | st.sampled_from([0.0, -1.0, LARGEST]), data.draw(fitting(runs)))
    )
    beta = data.draw(st.just("average") | drawn(mild, data.draw(fitting(runs))))
    steps, moves = data.draw(st.integers(-1, 3)), []

    def update(policy, actions, paid):
        moves.append((policy.logits.copy(), np.asarray(actions).copy(), np.array(paid)))
        return estimators.score_function(policy, actions, paid)

    given = {"returns": r, "logits": z, "step_size": step, "steps": steps, "update": update, "baseline": beta}
    result, error = outcome(bandits.learn, {"rng": np.random.default_rng(0), **given})

    at_fault = not_finite(returns=r, logits=z, step_size=step) | ({"steps"} if steps < 0 else set())
    at_fault |= {"step_size"} if not (step > 0).all() else set()
    at_fault |= {"returns"} if r.shape[-1:] != (K,) else unfit(returns=r.shape, logits=z.shape)
    whole = () if at_fault & {"returns", "logits"} else np.broadcast_shapes(r.shape, z.shape)
    for name, array in {"step_size": step, **({} if isinstance(beta, str) else {"baseline": beta})}.items():
        at_fault |= not_finite(**{name: array}) | unfit(**{name: array.shape, "runs": whole[:-1]})
        if not at_fault and np.broadcast_shapes(array.shape, whole[:-1]) != whole[:-1]:
            at_fault |= {name}
    if at_fault:
        refused(error, at_fault)
        return
    if error is not None:
        assert max(np.abs(array).max(initial=0) for array in (r, z, step)) > 1e290, error
        return
    assert len(moves) == steps
    assert result.shape == whole
    now, all_paid = np.broadcast_to(exact(z), whole), []
    for logits, taken, paid in moves:
        judge((logits, None), set(), lambda now=now: now, 1e-13 * (1 + abs(now)))
        right_payment = np.take_along_axis(np.broadcast_to(exact(r), whole), taken[..., None], axis=-1)[
            ..., 0
        ]
        all_paid.append(right_payment)
        average = sum(all_paid) / len(all_paid)
        expected = right_payment - (average if isinstance(beta, str) else exact(beta))
        off = 1e-14 * (sum(map(abs, all_paid)) + (0 if isinstance(beta, str) else abs(exact(beta))))
        judge((paid, None), set(), lambda e=expected: e, off)
        direction = exact(paid)[..., None] * (exact(np.eye(K)[taken]) - softmax(logits)[0])
        now = exact(logits) + exact(step)[..., None] * direction
    scale = abs(now) + (abs(exact(step))[..., None] * abs(exact(moves[-1][2]))[..., None] if moves else 0)
    judge((result, None), set(), lambda: now, 1e-14 * scale)


# --- episodes --------------------------------------------------------------------------------------


@st.composite
def rows(draw, shape):
    """Probabilities with few digits that sum to one over the last axis."""
    parts = draw(hnp.arrays(int, shape, elements=st.integers(0, 3))) + np.eye(shape[-1], dtype=int)[0]
    return parts / parts.sum(axis=-1, keepdims=True)


SPOILED = {
    "transitions": [lambda P: P * 0.9, lambda P: P - 1.0, lambda P: P[..., :0], lambda P: P * np.nan],
    "rewards": [lambda R: R.T[..., None], lambda R: R * np.inf, lambda R: R[0, 0]],
    "start": [lambda p: p * 2, lambda p: p[:-1], lambda p: -p],
    "horizon": [lambda T: 0, lambda T: T + 0.5, lambda T: -T],
    "discount": [lambda d: 1.1, lambda d: -1e-9, lambda d: np.nan, lambda d: [d]],
    "terminal": [lambda t: [-1], lambda t: [7], lambda t: [0.5]],
}


@settings(max_examples=max(1, settings().max_examples // 2))
@given(st.data())
def test_enumeration_evaluation_and_rollouts_agree_with_every_path_or_are_refused(data):
    S, A, T = (data.draw(st.integers(1, 2)) for _ in range(3))
    given = {
        "transitions": data.draw(rows((S, A, S))),
        "rewards": data.draw(
            hnp.arrays(float, (S, A), elements=st.floats(-9, 9) | st.sampled_from([1e16, LARGEST]))
        ),
        "start": data.draw(rows((S,))),
        "horizon": T,
        "discount": data.draw(st.sampled_from([0.0, 0.5, 1.0])),
        "terminal": [],
    }
    spoiled = data.draw(st.none() | st.none() | st.sampled_from(sorted(SPOILED)))
    if spoiled:
        with np.errstate(invalid="ignore"):
            given[spoiled] = data.draw(st.sampled_from(SPOILED[spoiled]))(given[spoiled])
    with np.errstate(invalid="ignore"):
        problem, error = outcome(episodes.Problem, given)
    if spoiled:
        refused(error, {spoiled, "rewards" if spoiled == "rewards" else spoiled})
        return
    logits = data.draw(drawn(st.floats(-3, 3) | st.sampled_from([1000.0]), (S, A)))
    policy = built("Categorical", {"logits": logits})
    if policy is None:
        return
    pi, value, paths = softmax(policy.logits)[0], mpmath.mpf(0), {}
    for path in itertools.product(range(S), range(A), repeat=T):
        states, actions = path[::2], path[1::2]
        p, possible, paid = (
            mpmath.mpf(given["start"][states[0]]),
            given["start"][states[0]] > 0,
            mpmath.mpf(0),
        )
        for t, (s, a) in enumerate(zip(states, actions, strict=True)):
            p *= pi[s, a]
            paid += mpmath.mpf(given["discount"]) ** t * mpmath.mpf(given["rewards"][s, a])
            if t + 1 < T:
                p *= mpmath.mpf(given["transitions"][s, a, states[t + 1]])
                possible = possible and given["transitions"][s, a, states[t + 1]] > 0
        if possible:
            paths[path] = p
            value += p * paid
    (found, probs), error = outcome(episodes.trajectories, {"problem": problem, "policy": policy})
    assert error is None
    order = [
        tuple(itertools.chain(*zip(s, a, strict=True)))
        for s, a in zip(found.states.tolist(), found.actions.tolist(), strict=True)
    ]
    assert sorted(order) == sorted(paths)
    judge((probs, None), set(), lambda: [paths[path] for path in order])
    assert found.running.all()
    np.testing.assert_array_equal(found.rewards, given["rewards"][found.states, found.actions])
    largest = T * abs(exact(given["rewards"])).max()
    answer = outcome(episodes.evaluate, {"problem": problem, "policy": policy})
    judge(answer, set(), lambda: value, 1e-13 * largest, [largest], named={"rewards"})

    size = data.draw(asked)
    drawn_episodes, error = outcome(
        episodes.rollouts,
        {"rng": np.random.default_rng(0), "problem": problem, "policy": policy, "size": size},
    )
    wanted = () if size is None else (size,) if isinstance(size, int) else tuple(size)
    if min(wanted, default=0) < 0:
        refused(error, {"size"})
        return
    assert error is None
    assert all(part.shape[:-1] == wanted for part in drawn_episodes)
    happened = np.stack([drawn_episodes.states, drawn_episodes.actions], axis=-1).reshape(
        -1, 2 * drawn_episodes.states.shape[-1]
    )
    assert all(paths[tuple(path)] > 0 for path in happened.tolist())


# --- printing --------------------------------------------------------------------------------------


@given(
    st.dictionaries(st.text(max_size=4), hnp.arrays(float, st.integers(0, 3), elements=reals), max_size=3),
    st.integers(-1, 17),
)
def test_a_table_shows_each_number_to_the_last_digit_and_no_minus_zero(rows, digits):
    printed = io.StringIO()
    with redirect_stdout(printed):
        _, error = outcome(printing.table, {"rows": rows, "digits": digits})
    if not 0 <= digits <= 15:
        refused(error, {"digits"})
        return
    lengths = {len(row) for row in rows.values()}
    if len(lengths) > 1:
        refused(error, {"rows"})
        return
    assert error is None
    name_width = max(map(len, rows), default=0)
    rest = printed.getvalue()
    for name, row in rows.items():
        assert rest.startswith(name)
        line, rest = rest[name_width:].split("\n", 1)
        cells = line.split()
        assert len(cells) == len(row)
        assert len({len(cell) for cell in re.findall(r" +\S+", line)}) <= 1
        for cell, value in zip(cells, row, strict=True):
            wanted, shown = Decimal(float(value)), Decimal(cell)
            assert abs(shown - wanted) <= Decimal("0.5000001") * Decimal(10) ** -digits + abs(
                wanted
            ) * Decimal("1e-15")
            assert not (shown.is_signed() and shown == 0)
            assert len(cell.partition(".")[2]) == digits
    assert rest == ""


# --- figures ---------------------------------------------------------------------------------------


@given(st.data())
def test_points_of_the_simplex_are_right_or_refused(data):
    probs = data.draw(drawn(reals, data.draw(st.sampled_from([(3,), (0, 3), (2, 1, 3)]) | shapes)))
    at_fault = not_finite(probs=probs) | ({"probs"} if probs.shape[-1:] != (3,) else set())

    def expected():
        one, two, three = np.moveaxis(exact(probs), -1, 0)
        return stack(two + three / 2, 0 * one + three * mpmath.sqrt(mpmath.mpf(3)) / 2)

    off = 1e-15 * abs(exact(probs)).sum(axis=-1, keepdims=True) if probs.ndim else 0
    judge(
        outcome(figures.simplex_xy, {"probs": probs}),
        at_fault,
        expected,
        off,
        [off * mpmath.mpf(10) ** 15],
        named={"probs"},
    )


@settings(max_examples=max(3, settings().max_examples // 5))
@given(
    hnp.arrays(
        float, st.integers(0, 4), elements=st.floats(-1e9, 1e9) | st.sampled_from([1e-300, -1e60, np.nan])
    ),
    st.sampled_from([0, 1, 2, 1.0]),
    st.sampled_from([0.0, -1.0, 0.5, 3, np.inf]),
)
def test_a_figure_is_valid_svg_without_a_number_that_is_none(y, columns, height):
    made, error = outcome(figures.subplots, {"ncols": columns, "height": height})
    if not isinstance(columns, int) or columns < 1 or not 0 < height < np.inf:
        return refused(error, {"ncols", "height"})
    fig, axes = made
    assert np.size(axes) == columns
    np.ravel(axes)[0].plot(y)
    svg, error = outcome(figures.canonical_svg, {"fig": fig})
    assert error is None
    ET.fromstring(svg)
    assert not re.search(r"\b(nan|inf)\b", " ".join(re.findall(r'\bd="([^"]*)"', svg)), re.IGNORECASE)
    assert svg == figures.canonical_svg(fig)
    return None


# --- checks ----------------------------------------------------------------------------------------

OFF = [0.0, 1e-14, 1e-8, 1e-5, 0.1, -0.1, 1e3, 1e305]


def passes(check, *sides, **given):
    """Whether a check passes; it must not warn."""
    tried["checks"] += 1
    try:
        with redirect_stdout(io.StringIO()):
            _, error = outcome(check, dict(enumerate_names(check, sides)) | given)
    except verify.VerificationError:
        return False
    assert error is None, error
    return True


def enumerate_names(check, sides):
    names = {verify.exact: ["lhs", "rhs"], verify.symbolic: ["lhs", "rhs"]}
    names |= {verify.gradient: ["function", "gradient"], verify.expectation: ["sample", "exact"]}
    return zip(["label", *names[check]], ["eq-test", *sides], strict=True)


@given(
    hnp.arrays(float, st.integers(1, 3), elements=st.floats(-100, 100)),
    st.sampled_from(OFF),
    st.sampled_from(OFF),
    st.sampled_from([1e-12, 1e-7]),
)
def test_an_exact_check_passes_only_what_is_equal_and_only_if_the_wrong_version_is_not(
    value, off, wrong, tol
):
    scale = max(1.0, abs(value[0]))
    sides = [value + np.eye(len(value))[0] * error * scale for error in (off, wrong)]
    expected = abs(off) <= tol / 10 and abs(wrong) > 1001 * tol
    assert passes(verify.exact, value, sides[0], tol=tol, rejects={"wrong": sides[1]}) == expected
    assert (
        passes(verify.exact, lambda: value, lambda: sides[0], tol=tol, rejects={"wrong": lambda: sides[1]})
        == expected
    )


@settings(max_examples=max(3, settings().max_examples // 3))
@given(st.lists(st.integers(-3, 3), min_size=1, max_size=4), st.integers(0, 3), st.sampled_from([-1, 1, 2]))
def test_a_symbolic_or_gradient_check_tells_polynomials_apart(coefficients, changed, change):
    x = sympy.Symbol("x")
    p = sum(c * x**k for k, c in enumerate(coefficients))
    slope = sympy.diff(p, x) + 0 * x
    wrong = slope + change * x**changed
    assert passes(
        verify.symbolic, sympy.expand(p * (x + 1)), p * (x + 1), rejects={"wrong": p * (x + 1) + change}
    )
    assert not passes(
        verify.symbolic, sympy.expand(p * (x + 1)), p * (x + 1) + change, rejects={"wrong": x**9}
    )
    assert not passes(verify.symbolic, p, p, rejects={"not wrong": sympy.expand(p)})

    def evaluated(expression):
        return lambda t: np.float64(sympy.lambdify(x, expression)(t))

    def function(t):
        return sum(c * t**k for k, c in enumerate(coefficients)) + 0 * t

    options = {"given": lambda rng: rng.uniform(0.5, 1.5), "cases": 3}
    assert passes(verify.gradient, function, evaluated(slope), rejects={"wrong": evaluated(wrong)}, **options)
    assert not passes(
        verify.gradient, function, evaluated(wrong), rejects={"wrong": evaluated(slope)}, **options
    )
    assert not passes(
        verify.gradient, function, evaluated(slope), rejects={"same": evaluated(slope)}, **options
    )


@given(
    st.floats(-10, 10),
    st.sampled_from([0.0, 1e-9, 1.0, 1e100]),
    st.sampled_from([0, 1, 3, 5, 11, 13, 40, 1e6]),
)
def test_an_expectation_passes_within_its_standard_errors_only(mean, width, errors):
    size = 100

    def sample(rng, size):
        return mean + width * np.tile([-1.0, 1.0], size // 2)

    error = max(width / math.sqrt(size - 1), 1e-12 * max(1, abs(mean), width * 1e-3))
    off = float(Fraction(mean) + Fraction(errors * error))
    passed = passes(verify.expectation, sample, off, size=size, why_none="there is none", rejects={})
    assert passed == (errors <= 4)
    rejected = passes(verify.expectation, sample, mean, size=size, rejects={"wrong": off})
    assert rejected == (errors > 12)


def test_torch_is_no_stranger():
    """A tensor without a gradient is an array like any other."""
    np.testing.assert_array_equal(Categorical(torch.zeros(3)).probs, np.full(3, 1 / 3))
