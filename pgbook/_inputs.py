"""What every public function does first: turn its input into arrays, or say what is wrong with it."""

import contextlib
import dataclasses
import math
import operator

import numpy as np

# No problem of this book needs more; numpy's own limits lie a little above.
MOST_DIMENSIONS, MOST_DRAWS = 16, 2**40

#: A decorator: numbers too small for float64 are 0, whatever ``np.seterr`` says.
underflow_is_zero = np.errstate(under="ignore")


class Rebuilt:
    """A frozen dataclass whose copies and pickles are built anew, so that their arrays are read-only too."""

    def __reduce__(self):
        return type(self), tuple(getattr(self, field.name) for field in dataclasses.fields(self))


def real_array(name, value):
    """Return ``value`` as a finite, read-only float64 array of its own; a ``ValueError`` names the culprit.

    >>> real_array("mean", [1, 2])
    array([1., 2.])
    >>> real_array("mean", [1, float("nan")])
    Traceback (most recent call last):
    ...
    ValueError: mean must be finite, but mean[1] is nan
    """
    array = float64_array(name, value)
    finite = np.isfinite(array)
    if not finite.all():
        raise ValueError(f"{name} must be finite, but {place(name, array, ~finite)}")
    return read_only(array)


def read_only(array):
    """Return ``array`` itself, from now on protected against writing.

    >>> read_only(np.zeros(2))[0] = 1
    Traceback (most recent call last):
    ...
    ValueError: assignment destination is read-only
    """
    array.flags.writeable = False
    return array


def int_array(name, value, stop):
    """Return ``value`` as an array of integers in ``[0, stop)``, itself if it is one.

    >>> int_array("action", [0, 2], stop=3)
    array([0, 2])
    >>> int_array("action", [0, 3], stop=3)
    Traceback (most recent call last):
    ...
    IndexError: action must lie in [0, 3), but it contains 3
    """
    array = numeric(name, value, "integers", kinds="iu")
    if array.size and (array.min() < 0 or array.max() >= stop):
        outside = (array < 0) | (array >= stop)
        raise IndexError(f"{name} must lie in [0, {stop}), but it contains {array[outside].flat[0]}")
    return array.astype(np.intp, copy=False)


def sample_shape(size):
    """Return ``size`` (None, an integer or a sequence of integers) as a tuple.

    >>> sample_shape(None), sample_shape(3), sample_shape((2, 0))
    ((), (3,), (2, 0))
    """
    if size is None:
        return ()
    try:
        shape = (_index(size),) if np.ndim(size) == 0 else tuple(_index(n) for n in size)
    except Exception:  # whatever looking at it raises
        raise ValueError(
            f"size must be None, an integer or a sequence of integers, but it is {size!r}"
        ) from None
    if min(shape, default=0) < 0:
        raise ValueError(f"size must not be negative, but it is {size!r}")
    if len(shape) > MOST_DIMENSIONS or math.prod(n or 1 for n in shape) > MOST_DRAWS:
        raise ValueError(f"size asks for more than 2**40 draws, or {MOST_DIMENSIONS} dimensions: {size!r}")
    return shape


def count(name, value, least=0):
    """Return ``value`` as an integer that is not below ``least``.

    >>> count("steps", 2.5)
    Traceback (most recent call last):
    ...
    ValueError: steps must be an integer, at least 0, but it is 2.5
    """
    try:
        number = _index(value)
    except TypeError:
        number = least - 1
    if number < least:
        raise ValueError(f"{name} must be an integer, at least {least}, but it is {value!r}")
    return number


def positive(name, value):
    """Return ``value`` as a positive float.

    >>> positive("tol", float("inf"))
    Traceback (most recent call last):
    ...
    ValueError: tol must be finite, but tol is inf
    """
    number = real_array(name, value)
    if number.ndim or not number > 0:
        raise ValueError(f"{name} must be a positive number, but it is {value!r}")
    return float(number)


def callback(name, value):
    """Return ``value`` if it can be called.

    >>> callback("update", "reinforce")
    Traceback (most recent call last):
    ...
    ValueError: update must be a function, but it is 'reinforce'
    """
    if not callable(value):
        raise ValueError(f"{name} must be a function, but it is {value!r}")
    return value


def instance(name, value, kind):
    """Return ``value`` if it is of a kind, a class.

    >>> instance("rejects", [1], dict)
    Traceback (most recent call last):
    ...
    ValueError: rejects must be a dict, but it is [1]
    """
    if not isinstance(value, kind):
        raise ValueError(f"{name} must be a {kind.__name__}, but it is {value!r}")
    return value


def policy_with(name, value, *methods):
    """Return ``value`` if it is a policy that has all the named methods and properties.

    >>> policy_with("policy", 0.5, "score")
    Traceback (most recent call last):
    ...
    ValueError: policy must be a policy with score, unlike float
    """
    a_class = isinstance(value, type)
    if a_class or not all(hasattr(value, method) for method in methods):
        kind = f"the class {value.__name__}" if a_class else type(value).__name__
        raise ValueError(f"{name} must be a policy with {' and '.join(methods)}, unlike {kind}")
    return value


def same_actions(name, policy, other, *needed):
    """Raise a ``ValueError`` unless ``other`` has a policy's actions, batches that fit and what is needed."""
    policy_with("policy", policy, "support", "batch_shape")
    policy_with(name, other, "log_prob")
    policy_with(name, other, "support", "batch_shape")
    if other.support != policy.support:
        raise ValueError(f"{name} takes {other.support}, but the policy takes {policy.support}")
    policy_with(name, other, *needed)
    broadcast_shapes(policy=policy.batch_shape, **{name: other.batch_shape})


@contextlib.contextmanager
def within_float64(what):
    """Turn an overflow of finite numbers into a ``ValueError`` that says what is too large.

    >>> with within_float64("returns"):
    ...     np.float64(1e308) * 10
    Traceback (most recent call last):
    ...
    ValueError: returns: a result exceeds the range of float64
    """
    try:
        with np.errstate(over="raise", under="ignore"):
            yield
    except FloatingPointError:
        raise ValueError(f"{what}: a result exceeds the range of float64") from None


def broadcast_shapes(**shapes):
    """Return the common shape of the named shapes; a ``ValueError`` names all of them.

    >>> broadcast_shapes(action=(5, 1), logits=(3,))
    (5, 3)
    >>> broadcast_shapes(action=(5,), logits=(3,))
    Traceback (most recent call last):
    ...
    ValueError: these shapes do not broadcast: action (5,), logits (3,)
    """
    first, *others = shapes.values()
    if all(shape == first for shape in others):  # as most are, and then numpy need not be asked
        return first
    try:
        return np.broadcast_shapes(first, *others)
    except ValueError:
        named = ", ".join(f"{name} {shape}" for name, shape in shapes.items())
        raise ValueError(f"these shapes do not broadcast: {named}") from None


def generator(rng):
    """Return ``rng`` if it is a ``numpy.random.Generator``.

    >>> generator(42)
    Traceback (most recent call last):
    ...
    ValueError: rng must be a numpy.random.Generator, such as np.random.default_rng(42), but it is 42
    """
    if not isinstance(rng, np.random.Generator):
        raise ValueError(
            f"rng must be a numpy.random.Generator, such as np.random.default_rng(42), but it is {rng!r}"
        )
    return rng


def numeric(name, value, wanted, kinds="iuf"):
    """Return ``value`` as an array of the wanted numbers, those of numpy's ``kinds``.

    >>> numeric("action", [True], "integers", kinds="iu")
    Traceback (most recent call last):
    ...
    ValueError: action must hold integers, but its dtype is bool
    """
    try:
        array = np.asarray(value)
    except ValueError:
        raise ValueError(
            f"{name} must be an array of {wanted}, but its rows have different lengths"
        ) from None
    except Exception as error:  # of the value's own conversion, such as a tensor's that requires a gradient
        raise ValueError(f"{name} must be an array of {wanted}: {error}") from None
    if array.dtype == object and array.ndim == 0 and hasattr(value, "__iter__"):  # a dict, a set, a generator
        raise ValueError(f"{name} must be an array of {wanted}, unlike {type(value).__name__}")
    # An empty list is float64 to numpy, whatever was meant.
    if array.dtype.kind not in (kinds if array.size else "iuf"):
        raise ValueError(f"{name} must hold {wanted}, but its dtype is {array.dtype}")
    if np.ma.is_masked(value):
        raise ValueError(f"{name} must hold {wanted}, but some are masked")
    if array.ndim > MOST_DIMENSIONS:
        raise ValueError(f"{name} must have at most {MOST_DIMENSIONS} dimensions, not {array.ndim}")
    return array


def float64_array(name, value, copy=True):
    """Return real numbers as a float64 array, whether they are finite or not; by default as a copy.

    >>> float64_array("logits", [1, -np.inf])
    array([  1., -inf])
    """
    array = numeric(name, value, "real numbers")
    if array.dtype == np.float64:
        return array.copy("K") if copy else array
    with np.errstate(over="ignore", under="ignore"):  # of a longer float
        return array.astype(np.float64)


def place(name, array, wrong):
    """Say where an array is first wrong, and what stands there.

    >>> place("p", np.array([0.5, 1.5]), np.array([False, True]))
    'p[1] is 1.5'
    >>> place("probs", np.array([[0.5, 0.5], [0.5, 0.1]]), np.array([False, True]))
    'probs[1] is [0.5 0.1]'
    """
    where = tuple(int(i) for i in np.argwhere(wrong)[0])
    index = f"[{', '.join(map(str, where))}]" if where else ""
    return f"{name}{index} is {array[where]}"


def _index(value):
    """An integer; True and False are none."""
    if isinstance(value, bool | np.bool_):
        raise TypeError
    return operator.index(value)
