r"""Formulas as they are written, ``"π_b (r_b − J)"``: read, and evaluated at given values.

A check of `pgbook.verify` takes a formula for a side or for a wrong version of it. The built pages read
what a reader types by the same grammar, and compare it with the same formulas.

- ``+ − · × ⊙ * / ^ **``, ``²``, ``√``, ``½``, ``|x|``, ``‖π‖``; a product needs no sign: ``2 π_b r_b``.
- An index stands below a vector, ``π_b``, ``z_1``; ``δ_ab`` is 1 where both are equal. A vector without
  an index is taken entry by entry; such a vector is ``e_a``, with a 1 in place a.
- ``Σ_c π_c r_c`` sums the product that follows; so do ``Π``, ``max``, ``min`` and ``mean`` with an index.
  ``Σ_{c≠b}`` leaves one out.
- ``log exp sqrt abs sigmoid tanh sinh cosh min max clip`` are functions; ``log π_a`` needs no brackets.
- ``Cov(π_A, r_A)`` is a covariance over the action A that π draws.
- ``pi`` and ``\pi`` are π, ``rbar`` is r̄, ``\frac{a}{b}`` is a / b. Where no policy is, π is the number.
"""

import operator
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np

from pgbook._inputs import instance
from pgbook._reading import (
    FormulaError,
    Reader,
    free_of,
    has_unit_vector,
    letters_of,
    renamed,
    summed_by,
    uses_of,
)
from pgbook.policies import softmax

_FUNCTIONS = {
    "log": np.log,
    "ln": np.log,
    "exp": np.exp,
    "sqrt": np.sqrt,
    "abs": np.abs,
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "tanh": np.tanh,
    "sinh": np.sinh,
    "cosh": np.cosh,
    "min": np.minimum,
    "max": np.maximum,
    "clip": lambda x, low, high: np.minimum(np.maximum(x, low), high),
}
_CONSTANTS = {"e": np.e, "π": np.pi}
_OPERATIONS = {"+": operator.add, "-": operator.sub, "*": operator.mul, "/": np.divide, "^": np.power}
_REDUCTIONS = {"Σ": np.sum, "Π": np.prod, "max": np.max, "min": np.min, "mean": np.mean}


@dataclass(frozen=True)
class Formula:
    """A formula that was read.

    Parameters
    ----------
    text : str
    scalars, vectors : set of str
        The names that it may use. A vector has an index, a scalar has none.

    Raises
    ------
    ValueError
        If the text is no formula of these names; the message is for whoever wrote it.

    >>> f = Formula("π_b (r_b − J)", {"J"}, {"π", "r"})
    >>> f({"π": np.array([0.5, 0.5]), "r": np.array([50.0, 0.0]), "J": 25.0})
    array([ 12.5, -12.5])
    >>> Formula("π_b (r_b − q)", {"J"}, {"π", "r"})
    Traceback (most recent call last):
    ...
    pgbook._reading.FormulaError: there is no q here; there are J, r, π
    """

    text: str
    scalars: frozenset
    vectors: frozenset

    def __post_init__(self):
        _ = self.free

    @cached_property
    def tree(self) -> tuple:
        """Nested tuples, each of an operation and what it is applied to."""
        return Reader(self.text, self.scalars, self.vectors).read()

    @cached_property
    def free(self) -> str:
        """The letters that are indices of the value, in alphabetical order."""
        found = free_of(self.tree)
        if "·" in found and len(found) > 1 and not has_unit_vector(self.tree):
            bare = next(name for name, letter in uses_of(self.tree) if letter == "·")
            raise FormulaError(f"{bare} needs an index, such as {bare}_{min(found)}")
        return "".join(sorted(found))

    @cached_property
    def summed(self) -> set[str]:
        """The letters that are indices of sums and other reductions."""
        return summed_by(self.tree)

    def __call__(self, values: Mapping[str, Any], free: str | None = None, sizes: Mapping = {}) -> np.ndarray:
        """Evaluate the formula.

        Parameters
        ----------
        values : mapping of names to numbers or arrays
            Arrays of SymPy expressions will do. A letter that has an integer here is a fixed index, from 0.
        free : str, optional
            The indices of the value, an axis each; by default those of the formula.
        sizes : mapping of letters to int
            How far an index runs that the formula does not mention.

        Returns
        -------
        array, one axis per free index

        Raises
        ------
        ValueError
            If an index is not summed and not in ``free``, or runs over vectors of different lengths.
        """
        # Not every name of one letter is a place: c may be a number, and the index of a sum.
        fixed = {letter for letter in self.free if _is_integer(values.get(letter))}
        if both := fixed & self.summed:
            raise FormulaError(f"the index {min(both)} is given; sum over another letter")
        free = "".join(letter for letter in self.free if letter not in fixed) if free is None else free
        tree, loose, letters, uses = _laid_out(self.tree, free)
        if "·" in (missing := sorted(loose - fixed - set(free))):
            raise FormulaError(
                "e_a is a vector: beside it, write vectors without an index, or write δ_ab for it"
            )
        if missing:
            raise FormulaError(
                f"the index {missing[0]} is not summed, and the result has no index {missing[0]}"
            )
        letters = free + "".join(sorted(letters - set(free) - fixed))
        runs = dict(sizes)
        for name, letter in uses:
            length = len(values[name])
            if letter not in fixed and runs.setdefault(letter, length) != length:
                raise FormulaError(f"the index {letter} runs over {runs[letter]} and over {length} entries")
        for letter in set(letters) - set(runs):  # no vector has it: δ_ab, Σ_{c≠b}
            lengths = {len(values[name]) for name in self.vectors}
            if len(lengths) != 1:
                raise FormulaError(f"nothing says how far the index {letter} runs")
            runs[letter] = min(lengths)
        with np.errstate(all="ignore"):
            value = _Evaluation(values, letters, runs).of(tree)
        shape = [runs[letter] for letter in free]
        return np.broadcast_to(value, shape + [1] * (len(letters) - len(free))).reshape(shape)


def _is_integer(value):
    return np.ndim(value) == 0 and np.asarray(value).dtype.kind in "iu"


@lru_cache(1000)
def _laid_out(tree, free):
    """A tree for given free indices, with its free indices, all its indices and its vectors."""
    left = set(free) - free_of(tree)  # what vectors without an index run over
    tree = renamed(tree, *left) if len(left) == 1 else tree
    return tree, frozenset(free_of(tree)), frozenset(letters_of(tree)), tuple(uses_of(tree))


def read(text: str, values: Mapping[str, Any]) -> Formula:
    """Read a formula of the quantities in ``values``: numbers and vectors; a matrix has no name in it.

    >>> read("2 x y", {"x": 3.0, "y": 5.0})({"x": 3.0, "y": 5.0})
    array(30.)
    """
    dimensions = {name: np.ndim(value) for name, value in instance("values", values, Mapping).items()}
    scalars, vectors = (frozenset(name for name, n in dimensions.items() if n == wanted) for wanted in (0, 1))
    return _formula(text, scalars, vectors)


_formula = lru_cache(1000)(Formula)


def value(text: str, values: Mapping[str, Any], like: str | None = None) -> np.ndarray:
    """Evaluate a formula of some quantities and of what follows from them.

    Parameters
    ----------
    text : str
    values : mapping of names to numbers or arrays
    like : str, optional
        Another formula, whose indices and shape the value gets.

    >>> value("1 − J", {"π": np.array([0.5, 0.5]), "r": np.array([1.0, 0.0])}, like="π_b r_b")
    array([0.5, 0.5])
    """
    values = complete(values)
    if like in (None, text):
        return read(text, values)(values)
    model = read(like, values)
    shape = model(values).shape if model.free else ()
    return read(text, values)(values, model.free, dict(zip(model.free, shape, strict=True)))


def symbolic(text: str, quantities: Mapping[str, Any]) -> Any:
    """Evaluate a formula of SymPy expressions: to an expression, or to a Matrix if it has indices.

    >>> import sympy
    >>> p, q = sympy.symbols("p q")
    >>> symbolic("½ p (1 − q)", {"p": p, "q": q})
    p*(1 - q)/2
    """
    import sympy

    exactly = np.frompyfunc(sympy.sympify, 1, 1)  # so that 1 / 3 of whole numbers is no float
    formula = read(text, quantities)
    quantities = {
        name: np.asarray(exactly(np.array(value, dtype=object))) for name, value in quantities.items()
    }
    quantities[""] = np.array(sympy.S.One, dtype=object)  # one expression makes all numbers exact
    value = sympy.sympify(formula(quantities).tolist())
    return sympy.Matrix(value) if isinstance(value, list) else value


def settled(values: Mapping[str, Any]) -> dict[str, Any]:
    """Evaluate the values that are formulas of those before them, or of what follows from these.

    >>> settled({"p": 0.25, "q": 0.5, "t": "p + q"})["t"]
    array(0.75)
    """
    known: dict[str, Any] = {}
    for name, given in values.items():
        if isinstance(given, str):
            before = complete(known)
            known[name] = read(given, before)(before)
        else:
            known[name] = np.asarray(given) if isinstance(given, list | tuple) else given
    return known


def complete(values: Mapping[str, Any]) -> dict[str, Any]:
    """Settle the values, and add what follows: π and K from z, J and r̄ from the returns.

    >>> sorted(complete({"z": np.zeros(2), "r": np.array([50.0, 0.0])}))
    ['J', 'K', 'r', 'r̄', 'z', 'π']
    """
    values = settled(instance("values", values, Mapping))
    if "z" in values:
        values.setdefault("π", softmax(values["z"]))
    if np.ndim(values.get("π")) == 1:
        values.setdefault("K", len(values["π"]))
        if np.shape(values.get("r")) == np.shape(values["π"]):
            values.setdefault("J", values["π"] @ values["r"])
            values.setdefault("r̄", np.mean(values["r"]))
    return values


class _Evaluation:
    """Values of trees; each index has an axis of its own."""

    def __init__(self, values, letters, runs):
        self.values, self.letters, self.runs = values, letters, runs
        self.number = lambda digits: _CONSTANTS.get(digits) or float(digits)
        if any(np.asarray(value).dtype == object for value in values.values()):
            import sympy

            constants = {"e": sympy.E, "π": sympy.pi}
            self.number = lambda digits: constants.get(digits) or sympy.Rational(digits)

    def quantity(self, name):
        array = np.asarray(self.values[name])
        if array.dtype.kind not in "biuf":
            for entry in array.flat:
                if array.dtype != object or not hasattr(entry, "__truediv__"):
                    raise FormulaError(f"{name} must be real numbers, but it contains {entry!r}")
        return array if array.dtype == object else array.astype(float)

    def of(self, tree):
        match tree:
            case ("number", digits):
                return np.asarray(self.number(digits))
            case ("value", name):
                return self.quantity(name)
            case ("entry", name, index):
                return self.entry(self.quantity(name), name, index)
            case ("delta", a, b):
                return self.ones(self.place(a) == self.place(b))
            case ("neg", body):
                return -self.of(body)
            case ("call", name, *arguments):
                return _function(name)(*map(self.of, arguments))
            case ("norm", body):
                return _function("sqrt")(self.reduced("Σ", "·", None, ("^", body, ("number", "2"))))
            case ("reduce", name, letter, other, body):
                return self.reduced(name, letter, other, body)
        operation, left, right = tree
        return _OPERATIONS[operation](self.of(left), self.of(right))

    def along(self, array, letter):
        """A vector, laid along the axis of an index."""
        shape = [1] * len(self.letters)
        shape[self.letters.index(letter)] = len(array)
        return array.reshape(shape)

    def entry(self, vector, name, index):
        if isinstance(index, str) and index in self.letters:
            return self.along(vector, index)
        index = self.values.get(index, index)
        if not 0 <= index < len(vector):
            raise FormulaError(f"{name} has {len(vector)} entries, and none with the number {index + 1}")
        return np.asarray(vector[index])

    def place(self, letter):
        if letter in self.letters:
            return self.along(np.arange(self.runs[letter]), letter)
        return np.asarray(self.values[letter])

    def reduced(self, name, letter, other, body):
        axis, value = self.letters.index(letter), self.of(body)
        if name in ("max", "min", "mean") and self.runs[letter] == 0:
            raise FormulaError(f"{name} needs entries, but the index {letter} runs over none")
        whole = [1] * len(self.letters)
        whole[axis] = self.runs[letter]
        value = value + np.zeros(whole, dtype=int)  # also what does not depend on the index
        counted = np.ones(whole, dtype=bool)
        if other:
            counted = self.place(letter) != self.place(other)
            none = {"Π": 1, "max": -np.inf, "min": np.inf}.get(name, 0)
            value = np.where(counted, value, none)
        if name == "mean":
            counts = self.ones(counted).sum(axis=axis, keepdims=True)
            return value.sum(axis=axis, keepdims=True) / counts
        if value.dtype == object and name in ("max", "min"):
            return np.frompyfunc(_symbolic(name), 2, 1).reduce(value, axis=axis, keepdims=True)
        return _REDUCTIONS[name](value, axis=axis, keepdims=True)

    def ones(self, where):
        """1 where a condition holds, and 0 elsewhere: numbers as the formula's own are."""
        return np.asarray(self.number("1")) * where.astype(int)


def _function(name):
    """A function for numbers, or for SymPy's expressions."""

    def apply(*arguments):
        if all(np.asarray(argument).dtype != object for argument in arguments):
            return _FUNCTIONS[name](*arguments)
        return np.frompyfunc(_symbolic(name), len(arguments), 1)(*arguments)

    return apply


def _symbolic(name):
    """A function for SymPy's expressions."""
    import sympy

    known = {
        "ln": sympy.log,
        "abs": sympy.Abs,
        "min": sympy.Min,
        "max": sympy.Max,
        "sigmoid": lambda x: 1 / (1 + sympy.exp(-x)),
        "clip": lambda x, low, high: sympy.Min(sympy.Max(x, low), high),
    }
    return known.get(name) or getattr(sympy, name)
