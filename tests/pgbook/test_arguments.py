"""Whatever an argument of a public function is, the function answers, or its error names that argument.

All public functions, classes and methods are found by looking. What is wrong with an array, a size or a count
is told in `test_inputs`; here every argument is shown to pass such a door.
"""

import inspect
import io
import re
import warnings
from contextlib import redirect_stdout

import numpy as np
import pytest
import sympy
import torch

import pgbook
from pgbook.episodes import Problem
from pgbook.estimators import score_function
from pgbook.figures import subplots
from pgbook.policies import Bernoulli, BernoulliLogit, Categorical, Gaussian, GaussianLogStd
from pgbook.verify import VerificationError

X = sympy.Symbol("x")
POLICIES = [
    Categorical([[1.0, 0.5, -2.0], [0.0, 0.0, 0.5]]),
    Bernoulli([0.25, 0.5]),
    BernoulliLogit([-1.0, 2.0]),
    Gaussian([1.0, -1.0], 2.0),
    GaussianLogStd([1.0, -1.0], 0.5),
]
PROBLEM = Problem(np.full((2, 3, 2), 0.5), [[1, 2, 3], [0, -1, 4]], [0.25, 0.75], 2)
FIG, AX = subplots()

# Made or called by the book, not by its users; explorers take their numbers from sliders, whose ends are the
# bounds, and an exercise says in a line what is wrong with any answer.
NOT_CALLED = {"Policy", "Episodes", "BookFigure", "VerificationError"}
NOT_CALLED |= {"check", "published", "sealed", "graded"}
APART = {"explorers", "formulas", "mistakes"}  # whose texts have tests of their own

# A good value for every argument, by its name, and those of one function where they must differ.
GOOD = {
    "rng": np.random.default_rng(0), "size": (2, 3), "policy": POLICIES[0], "behaviour": POLICIES[0],
    "x": [0, 1], "returns": [4.0, -1.0], "baseline": [0.5, 0.25], "slopes": [4.0, -1.0],
    "scores": [[1.0, 0.5], [2.0, -1.0]], "logits": [[1.0, 0.5], [0.0, 0.5], [2.0, -2.0]], "probs": None,
    "p": [0.25, 0.5], "logit": [-1.0, 2.0], "mean": [1.0, -1.0], "std": [2.0, 0.5], "log_std": [2.0, -0.5],
    "v": [1.0, 2.0, -3.0], "step_size": [0.5, 0.25, 0.125], "steps": 2, "update": score_function,
    "noise": [0.5, 0.25, 1.0], "record": lambda policy, actions: actions, "problem": PROBLEM, "limit": 1000,
    "transitions": [[[0.5, 0.5], [0.25, 0.75]], [[0.0, 1.0], [0.0, 1.0]]], "rewards": [[1.0, -2.0], [0, 0]],
    "start": [0.75, 0.25], "horizon": 3, "discount": 0.5, "terminal": [1], "fig": FIG, "ax": AX,
    "labels": ["one", "two", "three"], "nrows": 1, "ncols": 2, "height": 3.0, "width": 5,
    "rows": {"one": [0.5, 2.0], "two": (1, 3)}, "columns": ["1", "2"], "digits": 2,
    "label": "eq-double", "lhs": lambda x=1.0: x + x, "rhs": lambda x=1.0: 2 * x, "cases": 3, "tol": 1e-10,
    "given": lambda rng: rng.normal(), "tol_differences": 1e-6, "standard_errors": 4, "why_none": None,
    "rejects": {"2 forgotten": lambda x=1.0: x}, "function": lambda x: x**2, "derivative": lambda x: 2 * x,
    "sample": lambda rng, size: rng.normal(1, 1, size), "expected": 1.0,
    "why": {"2 forgotten": "x + x is twice x."},
}  # fmt: skip
OTHERWISE = {
    "learn": {"baseline": [0.5, 0.25, 1.0]},
    "pathwise": {"policy": POLICIES[3]},
    "simplex_xy": {"probs": [[0.25, 0.25, 0.5]]},
    "symbolic": {"given": {"x": X}, "lhs": X + X, "rhs": 2 * X, "rejects": {"2 forgotten": X}},
    "expectation": {"size": 1000, "rejects": {"zero": 0.0}, "why": {"zero": "Their mean is 1."}},
}


def public(owner):
    """Functions and classes of a module, or methods of a policy; not the copies that `make mutants` makes."""
    for name, value in inspect.getmembers(owner, callable):
        home = getattr(value, "__module__", None) or ""
        ours = owner.__name__ if inspect.ismodule(owner) else "pgbook."
        if name[0] != "_" and "__" not in name and name not in NOT_CALLED and home.startswith(ours):
            yield name, value


CALLS = {
    name if inspect.ismodule(owner) else f"{type(owner).__name__}.{name}": (
        function,
        {key: OTHERWISE.get(name, {}).get(key, owner if key == "other" else GOOD[key]) for key in parameters},
    )
    for owner in [*(getattr(pgbook, name) for name in pgbook._MODULES if name not in APART), *POLICIES]
    for name, function in public(owner)
    if (parameters := [key for key in inspect.signature(function).parameters if key != "kwargs"])
}
every_call = pytest.mark.parametrize("name", CALLS)
every_argument = pytest.mark.parametrize(
    ("name", "argument"), [(name, key) for name, (_, arguments) in CALLS.items() for key in arguments]
)


class Odd:
    """An object that refuses to be an array."""

    def __array__(self, dtype=None, copy=None):
        raise RuntimeError("no array")


LOOP = []
LOOP.append(LOOP)

# What no argument takes.
WRONG = [
    object(), Odd(), Odd, LOOP, ..., NotImplemented, b"x", {1}, [[1, 2], [3]], (i for i in range(3)),
    [0.5, None], [1 + 0j, 2], [0.0, np.nan], [-np.inf], np.datetime64("2020-01-01"),
    np.ma.array([0.0, 1.0], mask=[False, True]), np.ma.masked, np.zeros(2, dtype=[("a", float)]),
    np.array([np.longdouble("1e4000")]), torch.tensor([0.0, 1.0], requires_grad=True), np.zeros((1,) * 64),
    np.random.RandomState(0),
]  # fmt: skip

# What some arguments take: text, numbers at the ends of float64, shapes that fit or do not.
EDGES = [
    None, "a", "", "0.5", ["a", "b"], True, [True, False], {}, {"a": 1}, 0, -0.0, -1, 1.5, 2, 1j, X, np.nan,
    np.inf, 1e308, -1e308, 5e-324, [1000.0, -1000.0, 0.0], [], range(2), np.arange(5), np.arange(5.0),
    np.zeros((0, 3)), np.zeros((3, 0)), np.zeros(0, dtype=int), np.ones((4, 7)), np.zeros((1,) * 9),
    np.zeros((1,) * 17), np.ma.array([0, 1], mask=[False, True]),
]  # fmt: skip


def call(name, **changed):
    """Call with every warning an error; return the result and the error, of which one is None."""
    function, arguments = CALLS[name]
    with warnings.catch_warnings(), redirect_stdout(io.StringIO()):
        warnings.simplefilter("error")
        try:
            return function(**arguments | changed), None
        except VerificationError:
            return "the equation is false", None
        except (ValueError, IndexError, TypeError) as error:
            return None, error


def arrays(result):
    """All real numbers in a result as arrays: of tuples, of policies and problems."""
    if isinstance(result, tuple | list):
        return [array for part in result for array in arrays(part)]
    if hasattr(result, "__dataclass_fields__"):
        return arrays([getattr(result, field) for field in result.__dataclass_fields__])
    return [np.asarray(result)] if np.asarray(result).dtype.kind == "f" else []


def is_finite(result):
    """Log-probabilities may be -∞."""
    return all((array < np.inf).all() for array in arrays(result))


def names(error, argument):
    """Whether an error names an argument, or the sides of the equation that it is in."""
    other = {"logits": "runs", "given": "side"}
    other |= dict.fromkeys(("lhs", "rhs", "expected", "derivative"), "sides?")
    return re.search(rf"\b({argument}|{other.get(argument, argument)})\b", str(error))


@every_argument
def test_what_is_wrong_is_refused_with_the_name_of_the_argument(name, argument):
    for wrong in WRONG:
        if wrong is Odd and callable(CALLS[name][1][argument]):
            continue  # what a reader's function does is its own affair
        result, error = call(name, **{argument: wrong})
        assert error, (wrong, result)
        assert names(error, argument), (wrong, error)


@every_argument
def test_what_is_at_the_edge_is_answered_or_refused_with_the_name_of_the_argument(name, argument):
    for edge in EDGES:
        result, error = call(name, **{argument: edge})
        assert names(error, argument) if error else is_finite(result), (edge, result, error)


@every_call
@pytest.mark.parametrize("order", ["C", "F"])
def test_what_is_given_is_not_changed_and_no_answer_is_a_part_of_it(name, order):
    numbers = {
        key: np.asarray(value, order=order)
        for key, value in CALLS[name][1].items()
        if isinstance(value, list | float | np.ndarray) and not isinstance(np.ravel(value)[0], str)
    }
    before = {key: array.copy() for key, array in numbers.items()}
    result, error = call(name, **numbers)
    assert error is None
    assert is_finite(result)
    for key, array in numbers.items():
        np.testing.assert_array_equal(array, before[key])
        assert not any(np.shares_memory(answer, array) for answer in arrays(result)), key
