"""Whatever a public function is given, it answers rightly or says which argument is wrong.

Every argument of everything public (see `api`) is replaced by everything that is not what it should be, by
what is at the edge of it, and by the same numbers in other clothes. No warning, no change to what was given.
Random numbers against independent formulas: see `test_oracles`.
"""

import inspect
import io
import re
from contextlib import redirect_stdout
from fractions import Fraction

import numpy as np
import pytest
import sympy
import torch

from pgbook.verify import VerificationError
from tests.pgbook.api import CALLS, X, arrays, call, is_property, outcome, public

every_call = pytest.mark.parametrize("name", CALLS)


class Subclass(np.ndarray):
    """An array of another class."""


class Odd:
    """An object that refuses to be an array."""

    def __array__(self, dtype=None, copy=None):
        raise RuntimeError("no array")


def self_containing():
    loop = []
    loop.append(loop)
    return loop


# Nothing that any argument takes for a number, and little that any takes at all: see `TAKEN`.
WRONG = {
    "None": lambda: None,
    "text": lambda: "a",
    "number as text": lambda: "0.5",
    "empty text": lambda: "",
    "texts": lambda: ["a", "b"],
    "three texts": lambda: ["a", "b", "c"],
    "bytes": lambda: b"x",
    "true": lambda: True,
    "truths": lambda: [True, False],
    "complex": lambda: 1j,
    "complexes": lambda: np.array([1 + 0j, 2]),
    "nan": lambda: np.nan,
    "infinity": lambda: np.inf,
    "minus infinity": lambda: [-np.inf],
    "some nan": lambda: [0.0, np.nan],
    "object": object,
    "objects": lambda: np.array([0.5, None], dtype=object),
    "no object": lambda: np.array(None),
    "fraction": lambda: Fraction(1, 2),
    "odd": Odd,
    "a class": lambda: Odd,
    "dictionary": lambda: {"a": 1},
    "empty dictionary": dict,
    "set": lambda: {1},
    "ragged": lambda: [[1, 2], [3]],
    "self-containing": self_containing,
    "generator": lambda: (i for i in range(3)),
    "function": lambda: lambda *given: given,
    "ellipsis": lambda: ...,
    "not implemented": lambda: NotImplemented,
    "masked": lambda: np.ma.array([0.0, 1.0], mask=[False, True]),
    "masked integers": lambda: np.ma.array([0, 1], mask=[False, True]),
    "all masked": lambda: np.ma.masked,
    "date": lambda: np.datetime64("2020-01-01"),
    "structure": lambda: np.zeros(2, dtype=[("a", float)]),
    "too long a float": lambda: np.array([np.longdouble("1e4000")]),
    "too large an integer": lambda: 10**400,
    "tensor with gradient": lambda: torch.tensor([0.0, 1.0], requires_grad=True),
    "symbol": lambda: X,
    "symbols": lambda: sympy.Matrix([X, X]),
    "too many dimensions": lambda: np.zeros((1,) * 64),
    "seed": lambda: 42.5,
    "legacy generator": lambda: np.random.RandomState(0),
}
# What some kinds of argument do take; `numbers` and the like take none of it.
TAKEN = {
    "size": {"None"},
    "count": set(),
    "positive": {"seed"},
    "numbers": {"seed"},
    "rng": set(),
    "policy": set(),
    "problem": set(),
    "axes": set(),
    "figure": set(),
    "label": set(),
    "dict": {"dictionary", "empty dictionary"},
    "texts": {"three texts", "number as text"},
    "logits": {"seed"},
    "no numbers": {"None"},
    "optional text": {"None", "text", "number as text", "empty text"},
    "optional texts": {"None", "empty text", "texts"},
    "optional function": {"None"},
    # A side of an equation is a number or a function; SymPy's sides are expressions.
    "side": {"true", "seed", "fraction", "complex", "too large an integer"}
    | {"nan", "infinity", "symbol", "symbols"},
}

# Large enough that only a loop or an array of that length would notice; such a number is a fair wish.
EDGES = {
    "zero": lambda: 0,
    "minus zero": lambda: -0.0,
    "minus one": lambda: -1,
    "one and a half": lambda: 1.5,
    "two": lambda: 2,
    "1e308": lambda: 1e308,
    "-1e308": lambda: -1e308,
    "the smallest": lambda: 5e-324,
    "1000": lambda: [1000.0, -1000.0, 0.0],
    "nothing": list,
    "no rows": lambda: np.zeros((0, 3)),
    "no columns": lambda: np.zeros((3, 0)),
    "no integers": lambda: np.zeros(0, dtype=int),
    "nine dimensions": lambda: np.zeros((1,) * 9),
    "seventeen dimensions": lambda: np.zeros((1,) * 17),
    "five": lambda: np.arange(5.0),
    "five integers": lambda: np.arange(5),
    "a matrix": lambda: np.ones((4, 7)),
    "range": lambda: range(2),
}


def names(name, argument, kind):
    """The words by which an error may name an argument."""
    words = [argument, argument.replace("_", " ")]
    if kind == "side":
        words += ["side", "sides"]
    if argument == "probs":
        words += ["logits"]  # which are given already
    if argument == "logits":
        words += ["runs"]  # which they make up
    return words


def problem(name, argument, value, taken):
    """Replace one argument of the good call, and say what is wrong with what comes of it."""
    function, arguments, kinds = call(name)
    arguments[argument] = value
    before = repr(value)
    with redirect_stdout(io.StringIO()):
        try:
            result, error = outcome(function, arguments)
        except VerificationError:
            return None  # which is an answer: the equation is false
        except Exception as raised:
            return f"{type(raised).__name__}: {raised}"
    if repr(value) != before:
        return f"it was changed to {value!r}"
    if error is not None:
        words = "|".join(names(name, argument, kinds[argument]))
        named = re.search(rf"\b({words})\b", str(error))
        return None if named else f"is not named by {error!r}"
    if not taken:
        return f"was taken, and gave {result!r}"
    if not is_finite(result):
        return f"gave {result!r}"
    return None


def is_finite(result):
    return all((array < np.inf).all() for array in arrays(result) if array.dtype.kind in "fc")


def test_nothing_public_is_forgotten():
    assert set(CALLS) == set(public())


@every_call
def test_no_argument_is_forgotten_and_the_good_call_is_good(name):
    function, arguments, _ = call(name)
    if not is_property(public()[name]):
        parameters = inspect.signature(function).parameters.values()
        assert list(arguments) == [p.name for p in parameters if p.kind != p.VAR_KEYWORD]
    with redirect_stdout(io.StringIO()):
        result, error = outcome(function, arguments)
    assert error is None
    assert is_finite(result)


@every_call
def test_what_is_wrong_is_refused_with_the_name_of_the_argument(name):
    kinds = call(name).kinds.items()
    tries = {
        f"{argument}: {wrong}": problem(name, argument, make(), taken=wrong in TAKEN.get(kind, ()))
        for argument, kind in kinds
        for wrong, make in WRONG.items()
        # Nobody lives to see so many steps refused, and what a reader's function does is its own affair.
        if (kind, wrong) != ("count", "too large an integer")
        and not (wrong in ("function", "a class") and ("function" in kind or kind == "side"))
    }
    assert {what: came for what, came in tries.items() if came} == {}


@every_call
def test_what_is_at_the_edge_is_answered_or_refused_with_the_name_of_the_argument(name):
    tries = {
        f"{argument}: {edge}": problem(name, argument, make(), taken=True)
        for argument in call(name).kinds
        for edge, make in EDGES.items()
    }
    assert {what: came for what, came in tries.items() if came} == {}


# --- the same numbers in other clothes -------------------------------------------------------------


def clothes(array):
    """The same numbers as other objects, where they hold them exactly."""
    kind = array.dtype.kind
    narrow = ["f2", "f4", ">f8", "g"] if kind == "f" else ["i1", "u1", ">i4", "u8"]
    unaligned = np.frombuffer(b"_" + array.tobytes(), dtype=np.uint8)[1:].view(array.dtype)
    read_only = array.copy()
    read_only.flags.writeable = False
    made = {
        "Python's": array.tolist(),
        "read-only": read_only,
        "unaligned": unaligned.reshape(array.shape),
        "subclass": array.view(Subclass),
        "nothing masked": np.ma.array(array, mask=False),
        "tensor": torch.tensor(array),
        **{dtype: array.astype(dtype) for dtype in narrow},
    }
    if array.ndim:
        made |= {
            "tuple": tuple(array.tolist()),
            "list of arrays": list(array),
            "Fortran order": np.asfortranarray(array),
            "not contiguous": np.repeat(array, 3, axis=-1)[..., ::3],
            "backwards": np.flip(np.flip(array).copy()),
            "memory": memoryview(np.ascontiguousarray(array)),
        }
    if kind == "f" and (array == np.round(array)).all():
        made |= {"integers": array.astype(int), "Python's integers": array.astype(int).tolist()}
    return made


@every_call
def test_the_same_numbers_in_other_clothes_give_the_same_answer(name):
    for argument, kind in call(name).kinds.items():
        if kind not in ("numbers", "logits", "integers"):
            continue
        function, arguments, _ = call(name)
        plain = np.asarray(arguments[argument])
        expected = arrays(outcome(function, arguments)[0])
        for what, worn in clothes(plain).items():
            function, arguments, _ = call(name)
            arguments[argument] = worn
            result, error = outcome(function, arguments)
            assert error is None, what
            for answer, right in zip(arrays(result), expected, strict=True):
                np.testing.assert_array_equal(answer, right, err_msg=what, strict=True)
                # Writing to what was given, or to what came back, must not change the other.
                assert not isinstance(worn, np.ndarray) or not np.shares_memory(answer, worn), what
            np.testing.assert_array_equal(np.asarray(worn), plain)
