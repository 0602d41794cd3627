"""Input is taken as it is meant, or refused with an error that names the argument and the culprit."""

import re

import numpy as np
import pytest

from pgbook._inputs import (
    broadcast_shapes,
    int_array,
    real_array,
    sample_shape,
)

RAGGED = [[1, 2], [3]]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (np.nan, "x must be finite, but x is nan"),
        ([0, np.inf], "x must be finite, but x[1] is inf"),
        ([[0, 1], [-np.inf, np.nan]], "x must be finite, but x[1, 0] is -inf"),
        ("0.5", "x must hold real numbers, but its dtype is <U3"),
        (["a", "bc"], "x must hold real numbers, but its dtype is <U2"),
        (None, "x must hold real numbers, but its dtype is object"),
        ({1.0}, "x must hold real numbers, but its dtype is object"),
        ([1 + 2j], "x must hold real numbers, but its dtype is complex128"),
        ([True, False], "x must hold real numbers, but its dtype is bool"),
        (np.array([], dtype=complex), "x must hold real numbers, but its dtype is complex128"),
        (np.datetime64("2020-01-01"), "x must hold real numbers, but its dtype is datetime64[D]"),
        (RAGGED, "x must be an array of real numbers, but its rows have different lengths"),
    ],
)
def test_what_is_not_a_finite_real_array_is_refused(value, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        real_array("x", value)


def test_an_array_may_have_sixteen_dimensions():
    assert real_array("x", np.ones((1,) * 16)).ndim == 16
    with pytest.raises(ValueError, match=r"^x must have at most 16 dimensions, not 17$"):
        real_array("x", np.ones((1,) * 17))


def test_a_real_array_is_read_only_and_not_the_callers():
    mine = np.array([1.0, 2.0])
    array = real_array("x", mine)
    assert array.dtype == np.float64
    mine[0] = 9
    assert array[0] == 1
    with pytest.raises(ValueError, match="read-only"):
        array[0] = 9


@pytest.mark.parametrize(
    ("value", "error", "message"),
    [
        (3, IndexError, "action must lie in [0, 3), but it contains 3"),
        ([0, -1], IndexError, "action must lie in [0, 3), but it contains -1"),
        (np.uint64(2**64 - 1), IndexError, f"action must lie in [0, 3), but it contains {2**64 - 1}"),
        (1.0, ValueError, "action must hold integers, but its dtype is float64"),
        ([np.nan], ValueError, "action must hold integers, but its dtype is float64"),
        (True, ValueError, "action must hold integers, but its dtype is bool"),
        ("1", ValueError, "action must hold integers, but its dtype is <U1"),
        (None, ValueError, "action must hold integers, but its dtype is object"),
        (1j, ValueError, "action must hold integers, but its dtype is complex128"),
        (RAGGED, ValueError, "action must be an array of integers, but its rows have different lengths"),
    ],
)
def test_what_is_not_an_index_is_refused(value, error, message):
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        int_array("action", value, stop=3)


@pytest.mark.parametrize(
    ("size", "shape"),
    [
        (None, ()),
        ((1,) * 16, (1,) * 16),
        ((0, 2**40), (0, 2**40)),
        (3, (3,)),
        (0, (0,)),
        (np.int64(3), (3,)),
        ((), ()),
        ((2, 0), (2, 0)),
        ([2, 3], (2, 3)),
    ],
)
def test_a_size_is_what_numpy_takes_for_one(size, shape):
    assert sample_shape(size) == shape
    assert np.random.default_rng(0).random(shape).shape == np.shape(np.random.default_rng(0).random(size))


@pytest.mark.parametrize(
    ("size", "message"),
    [
        (2**40 + 1, "size asks for more than 2**40 draws, or 16 dimensions: 1099511627777"),
        ((0, 2**40, 2), "size asks for more than 2**40 draws, or 16 dimensions: (0, 1099511627776, 2)"),
        ((1,) * 17, f"size asks for more than 2**40 draws, or 16 dimensions: {(1,) * 17}"),
        (-1, "size must not be negative, but it is -1"),
        ((2, -3), "size must not be negative, but it is (2, -3)"),
        (2.0, "size must be None, an integer or a sequence of integers, but it is 2.0"),
        ((2, 1.5), "size must be None, an integer or a sequence of integers, but it is (2, 1.5)"),
        ("3", "size must be None, an integer or a sequence of integers, but it is '3'"),
        (RAGGED, "size must be None, an integer or a sequence of integers, but it is [[1, 2], [3]]"),
        ([[2, 3]], "size must be None, an integer or a sequence of integers, but it is [[2, 3]]"),
    ],
)
def test_what_is_not_a_size_is_refused(size, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        sample_shape(size)


def test_shapes_broadcast_as_in_numpy_and_all_are_named_if_they_do_not():
    assert broadcast_shapes(a=(2, 1), b=(3,), c=()) == (2, 3)
    assert broadcast_shapes(a=(0, 1), b=(3,)) == (0, 3)
    with pytest.raises(
        ValueError, match=r"^these shapes do not broadcast: action \(2,\), mean \(\), std \(3,\)$"
    ):
        broadcast_shapes(action=(2,), mean=(), std=(3,))
