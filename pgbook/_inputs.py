"""What every public function does first: turn its input into arrays, or say what is wrong with it."""

import operator

import numpy as np


def real_array(name, value):
    """Return ``value`` as a finite, read-only float64 array of its own; a ``ValueError`` names the culprit.

    >>> real_array("mean", [1, 2])
    array([1., 2.])
    >>> real_array("mean", [1, float("nan")])
    Traceback (most recent call last):
    ...
    ValueError: mean must be finite, but mean[1] is nan
    """
    array = _numeric(name, value, kinds="iuf", wanted="real numbers").astype(np.float64)
    if not np.isfinite(array).all():
        where = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
        place = f"{name}[{', '.join(map(str, where))}]" if where else name
        raise ValueError(f"{name} must be finite, but {place} is {array[where]}")
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
    """Return ``value`` as an array of integers in ``[0, stop)``.

    >>> int_array("action", [0, 2], stop=3)
    array([0, 2])
    >>> int_array("action", [0, 3], stop=3)
    Traceback (most recent call last):
    ...
    IndexError: action must lie in [0, 3), but it contains 3
    """
    array = _numeric(name, value, kinds="iu", wanted="integers")
    outside = (array < 0) | (array >= stop)
    if outside.any():
        raise IndexError(f"{name} must lie in [0, {stop}), but it contains {array[outside].flat[0]}")
    return array.astype(np.intp)


def sample_shape(size):
    """Return ``size`` (None, an integer or a sequence of integers) as a tuple.

    >>> sample_shape(None), sample_shape(3), sample_shape((2, 0))
    ((), (3,), (2, 0))
    """
    if size is None:
        return ()
    try:
        shape = (operator.index(size),) if np.ndim(size) == 0 else tuple(operator.index(n) for n in size)
    except (TypeError, ValueError):
        raise ValueError(
            f"size must be None, an integer or a sequence of integers, but it is {size!r}"
        ) from None
    if min(shape, default=0) < 0:
        raise ValueError(f"size must not be negative, but it is {size!r}")
    return shape


def broadcast_shapes(**shapes):
    """Return the common shape of the named shapes; a ``ValueError`` names all of them.

    >>> broadcast_shapes(action=(5, 1), logits=(3,))
    (5, 3)
    >>> broadcast_shapes(action=(5,), logits=(3,))
    Traceback (most recent call last):
    ...
    ValueError: these shapes do not broadcast: action (5,), logits (3,)
    """
    try:
        return np.broadcast_shapes(*shapes.values())
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


def _numeric(name, value, kinds, wanted):
    try:
        array = np.asarray(value)
    except ValueError:
        raise ValueError(
            f"{name} must be an array of {wanted}, but its rows have different lengths"
        ) from None
    # An empty list is float64 to numpy, whatever was meant.
    if array.dtype.kind not in (kinds if array.size else "iuf"):
        raise ValueError(f"{name} must hold {wanted}, but its dtype is {array.dtype}")
    return array
