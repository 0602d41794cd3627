"""Random input, mild and extreme, and what is at fault with it by the rules written here."""

import re
import sys

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from pgbook.policies import Bernoulli, BernoulliLogit, Categorical, Gaussian, GaussianLogStd
from tests.pgbook.api import outcome

LARGEST, SMALLEST = sys.float_info.max, sys.float_info.min
KINDS = {kind.__name__: kind for kind in (Categorical, Bernoulli, BernoulliLogit, Gaussian, GaussianLogStd)}

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
        with np.errstate(all="ignore"):
            far = not apart and (np.abs(x.astype(float) - policy.mean) / policy.std > 0.999e150).any()
        return (apart | not_finite(x=x) | ({"x"} if far else set())) & {"x"}
    outside = (x < 0) | (x >= getattr(policy, "num_actions", 2))
    return {"x"} if apart or outside.any() else set()


def refused(error, at_fault):
    """Check that a fault was noticed, and named."""
    words = at_fault | ({"batch"} if "x" in at_fault else set())
    assert error is not None, at_fault
    assert any(re.search(rf"\b{word}\b", str(error)) for word in words), (error, at_fault)


def built(name, columns):
    """Build the policy; return None if it was rightly refused."""
    policy, error = outcome(KINDS[name], columns)
    at_fault = faults_of_parameters(name, columns)
    if at_fault:
        return refused(error, at_fault)
    assert error is None
    return policy
