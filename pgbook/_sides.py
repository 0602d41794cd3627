"""The two sides of a check: random cases, their values, and how far they are apart."""

import copy
import zlib

import numpy as np

from pgbook import formulas
from pgbook._inputs import callback, count, numeric


def rng(label):
    """Random numbers of a label's own: nobody can pick a lucky seed."""
    return np.random.default_rng(zlib.crc32(label.encode()))


def cases(label, given, number):
    """Random cases: tuples of arguments, or dicts of them by name."""
    if given is None:
        return [()]
    callback("given", given)
    stream = rng(label)
    drawn = [copy.deepcopy(given(stream)) for _ in range(count(f"{label}: cases", number, least=1))]
    return [
        formulas.settled(case) if isinstance(case, dict) else case if isinstance(case, tuple) else (case,)
        for case in drawn
    ]


def routes(side):
    """The routes to a side: one, or those of a tuple of callables."""
    return side if isinstance(side, tuple) and side and all(map(callable, side)) else (side,)


def values(label, sides, given, number):
    """The values of each side in all cases, which are drawn anew for each: none sees what another did."""
    # Wrong versions in the shape of the first formula, which is the right one.
    right = next((side for side in sides if isinstance(side, str)), None)

    def value(side, case):
        if isinstance(side, str):
            return formula(label, formulas.value, side, case if isinstance(case, dict) else {}, right)
        return side(**case) if isinstance(case, dict) else side(*case)

    fixed = [None if callable(side) or isinstance(side, str) else numbers(label, side) for side in sides]
    return [
        [
            numbers(label, value(side, case)) if constant is None else constant
            for case in cases(label, given, number)
        ]
        for side, constant in zip(sides, fixed, strict=True)
    ]


def formula(label, evaluate, text, *given):
    """What a formula comes to; an error in it names the equation and the side."""
    try:
        return evaluate(text, *given)
    except formulas.FormulaError as error:
        raise ValueError(f"{label}: a side is the formula {text!r}, but {error}") from None


def numbers(label, value):
    """Real numbers as float64: also truth values, and what can be converted, such as fractions."""
    array = numeric(f"{label}: a side", value, "real numbers", kinds="biufO")
    try:
        if array.dtype.kind == "O" and not all(hasattr(entry, "__float__") for entry in array.flat):
            raise TypeError("it holds other objects")
        with np.errstate(over="ignore"):
            return array.astype(float)
    except (TypeError, OverflowError) as error:
        raise ValueError(f"{label}: a side must hold real numbers; {error}") from None


def errors(label, left, right):
    """Largest error in each case, relative where the left value exceeds 1."""
    errors = []
    for a, b in zip(left, right, strict=True):
        comparable(label, a, b)
        with np.errstate(over="ignore"):
            errors.append(float(np.max(np.abs(a - b) / np.maximum(1, np.abs(a)))))
    return errors


def comparable(label, a, b):
    if a.shape != b.shape:
        raise ValueError(f"{label}: the sides have shapes {a.shape} and {b.shape}")
    if not (np.isfinite(a).all() and np.isfinite(b).all()):
        raise ValueError(f"{label}: a side is not finite")
    if a.size == 0:
        raise ValueError(f"{label}: there is nothing to compare")


def central_differences(function, point):
    import torch

    step = np.finfo(float).eps ** (1 / 3)
    columns = []
    for direction in torch.eye(point.numel(), dtype=point.dtype).reshape(-1, *point.shape):
        columns.append((function(point + step * direction) - function(point - step * direction)) / (2 * step))
    derivative = torch.stack(columns, dim=-1)
    return derivative.reshape(derivative.shape[:-1] + point.shape).detach().numpy()
