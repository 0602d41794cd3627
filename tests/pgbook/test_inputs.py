"""The doors of every function: input is taken as it is meant, or an error names argument and culprit."""

import re
from functools import partial

import numpy as np
import pytest
import torch

from pgbook._inputs import (
    broadcast_shapes,
    callback,
    count,
    float64_array,
    generator,
    int_array,
    positive,
    real_array,
    sample_shape,
)

three = partial(int_array, stop=3)


# --- what is refused -------------------------------------------------------------------------------


@pytest.mark.parametrize(("door", "wanted"), [(real_array, "real numbers"), (three, "integers")])
@pytest.mark.parametrize(
    ("value", "why"),
    [
        (["a", "bc"], "hold {}, but its dtype is <U2"),
        (None, "hold {}, but its dtype is object"),
        (10**400, "hold {}, but its dtype is object"),
        ([1 + 2j], "hold {}, but its dtype is complex128"),
        (np.array([], dtype=complex), "hold {}, but its dtype is complex128"),
        ([True, False], "hold {}, but its dtype is bool"),
        (np.datetime64("2020-01-01"), "hold {}, but its dtype is datetime64[D]"),
        (np.ma.array([0, 1], mask=[False, True]), "hold {}, but some are masked"),
        ([[1, 2], [3]], "be an array of {}, but its rows have different lengths"),
        (np.ones((1,) * 17, dtype=int), "have at most 16 dimensions, not 17"),
    ],
)
def test_what_is_no_array_of_numbers_is_refused(door, wanted, value, why):
    with pytest.raises(ValueError, match=f"^x must {re.escape(why.format(wanted))}$"):
        door("x", value)


def test_why_a_conversion_failed_is_said():
    with pytest.raises(ValueError, match=r"^x must be an array of real numbers: Can't call numpy\(\)"):
        real_array("x", torch.ones(2, requires_grad=True))


@pytest.mark.parametrize(
    ("door", "value", "message"),
    [
        (real_array, np.nan, "x must be finite, but x is nan"),
        (real_array, [0, np.inf], "x must be finite, but x[1] is inf"),
        (real_array, [[0, 1], [-np.inf, np.nan]], "x must be finite, but x[1, 0] is -inf"),
        (three, 1.0, "x must hold integers, but its dtype is float64"),
        (three, 3, "x must lie in [0, 3), but it contains 3"),
        (three, [0, -1], "x must lie in [0, 3), but it contains -1"),
        (three, np.uint64(2**64 - 1), f"x must lie in [0, 3), but it contains {2**64 - 1}"),
        (count, True, "x must be an integer, at least 0, but it is True"),
        (count, -1, "x must be an integer, at least 0, but it is -1"),
        (count, 2.0, "x must be an integer, at least 0, but it is 2.0"),
        (partial(count, least=2), 1, "x must be an integer, at least 2, but it is 1"),
        (positive, 0, "x must be a positive number, but it is 0"),
        (positive, [1.0], "x must be a positive number, but it is [1.0]"),
        (positive, np.inf, "x must be finite, but x is inf"),
        (callback, None, "x must be a function, but it is None"),
    ],
)
def test_what_is_out_of_range_or_of_another_kind_is_refused(door, value, message):
    with pytest.raises(IndexError if "lie in" in message else ValueError, match=f"^{re.escape(message)}$"):
        door("x", value)


@pytest.mark.parametrize(
    ("size", "why"),
    [
        (2**40 + 1, "asks for more than 2**40 draws, or 16 dimensions: {}"),
        ((0, 2**40, 2), "asks for more than 2**40 draws, or 16 dimensions: {}"),
        ((1,) * 17, "asks for more than 2**40 draws, or 16 dimensions: {}"),
        ((2, -3), "must not be negative, but it is {}"),
        (2.0, "must be None, an integer or a sequence of integers, but it is {}"),
        ((2, 1.5), "must be None, an integer or a sequence of integers, but it is {}"),
        ("3", "must be None, an integer or a sequence of integers, but it is {!r}"),
        ([[2, 3]], "must be None, an integer or a sequence of integers, but it is {}"),
    ],
)
def test_what_is_not_a_size_is_refused(size, why):
    with pytest.raises(ValueError, match=f"^size {re.escape(why.format(size))}$"):
        sample_shape(size)


def test_only_numpys_new_generators_draw():
    with pytest.raises(ValueError, match=r"default_rng\(42\), but it is RandomState"):
        generator(np.random.RandomState(0))


def test_shapes_broadcast_as_in_numpy_and_all_are_named_if_they_do_not():
    assert broadcast_shapes(a=(2, 1), b=(3,), c=()) == (2, 3)
    assert broadcast_shapes(a=(0, 1), b=(3,)) == (0, 3)
    with pytest.raises(ValueError, match=r"^these shapes do not broadcast: x \(2,\), mean \(\), std \(3,\)$"):
        broadcast_shapes(x=(2,), mean=(), std=(3,))


# --- what is taken ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "size", [None, 3, 0, np.int64(3), (), (2, 0), [2, 3], (1,) * 16, (0, 2**40)], ids=str
)
def test_a_size_is_what_numpy_takes_for_one(size):
    assert sample_shape(size) == np.shape(np.random.default_rng(0).random(size))


@pytest.mark.parametrize("door", [real_array, float64_array, three])
def test_the_same_numbers_in_other_clothes_are_the_same_array(door):
    plain = np.array([[0, 1], [2, 0]], dtype=np.intp if door is three else np.float64)
    unaligned = np.frombuffer(b"_" + plain.tobytes(), dtype=np.uint8)[1:].view(plain.dtype)
    clothes = [
        plain.tolist(),
        tuple(plain),
        memoryview(plain),
        torch.tensor(plain),
        unaligned.reshape(2, 2),
        np.asfortranarray(plain),
        np.repeat(plain, 3, axis=-1)[..., ::3],
        np.ma.array(plain, mask=False),
        *(plain.astype(dtype) for dtype in ["i1", "u1", ">i4", "u8"]),
        *([] if door is three else [plain.astype(dtype) for dtype in ["f2", "f4", ">f8", "g"]]),
    ]
    for worn in clothes:
        np.testing.assert_array_equal(door("x", worn), plain, strict=True)
    assert door("x", []).shape == (0,)
    assert door("x", np.ones((1,) * 16, dtype=int)).ndim == 16


def test_a_real_array_is_read_only_and_not_the_callers():
    mine = np.array([1.0, 2.0])
    array = real_array("x", mine)
    mine[0] = 9
    assert array[0] == 1
    with pytest.raises(ValueError, match="read-only"):
        array[0] = 9
