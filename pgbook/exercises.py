"""Exercises that check themselves: `check` compares an answer with the solution, and names a known mistake.

What is right is told by the solution's own code in the chapter, so that nothing is written twice. It assigns
``answer`` (numbers, yes or no, a function or a SymPy expression) and a ``hint``, and where they are of use
``mistakes`` (name: wrong answer, and a sentence on the thought behind it), ``digits`` (the decimals asked
for) and ``cases`` (the arguments for which functions are compared).
"""

import ast
import builtins
import contextlib
import copy
import functools
import hashlib
import io
import json
import re
import sys
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np

from pgbook._inputs import instance, numeric, place

#: How close numbers must be if the question does not say how many digits it asks for, and SymPy expressions.
RELATIVE, SYMBOLIC = 1e-6, 1e-12

# What a solution may assign. Names that the chapter, or another solution, uses so are not handed on to it.
_TOLD = ("answer", "mistakes", "digits", "cases", "hint")
_FENCE = re.compile(r"\{solution-start\} +(\S+)|\{solution-end\}")


def check(label: str, answer: Any) -> None:
    """Print in one line what there is to say of an answer to an exercise.

    Numbers agree to a millionth, or to the digits that the question asks for; whole numbers, and yes or no,
    agree exactly; functions and SymPy expressions agree where they are tried. An answer of another kind or
    shape, or a function that fails, is told so, and nothing is raised. In a chapter without solutions
    only numbers are compared, and no mistake is named.

    Parameters
    ----------
    label : str
        The exercise's label, ``"ex-..."``; its chapter lies where Python runs, or in ``chapters/`` there.
    answer : number, array, function or SymPy expression
        What the exercise asks for; ``...`` for the hint.

    Raises
    ------
    ValueError
        If no such exercise can be checked; the message names those that can.

    >>> check("ex-unknown", ...)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    ValueError: no exercise 'ex-unknown' is checked in *.ipynb or chapters/*.ipynb; there are ...
    """
    seal = _seal(instance("label", label, str))
    if seal:  # an edition without solutions
        print(f"{label} · {_unsealed(label, seal, answer)}")
        return
    cells = _solution(label)
    said = None
    if answer is not None and answer is not ...:
        names = {key: value for key, value in sys._getframe(1).f_globals.items() if key not in _TOLD}
        try:
            _run(cells, names)
        except Exception as error:  # whatever the solution meets where the chapter did not run as it stands
            said = f"first run all cells above, which the solution builds on ({_first_line(error)})"
        else:
            said = _verdict(*(names.get(key) for key in ("answer", "mistakes", "digits", "cases")), answer)
    hint = _text(cells, "hint")
    print(f"{label} · {said or f'no answer yet · hint: {hint}'}")


def published(label: str, names: dict[str, Any]) -> dict[str, Any] | None:
    """Return what a page needs to check an answer: its numbers, and those of known mistakes.

    Parameters
    ----------
    label : str
    names : dict
        What the chapter has defined when all of it ran.

    Returns
    -------
    dict or None
        ``answer`` and ``mistakes`` (name: numbers, sentence) to six digits of the largest, and ``digits`` if
        the question says how many it asks for. None if the answer is no number and no row of at most six.
    """
    names = {key: value for key, value in names.items() if key not in _TOLD}
    _run(_solution(label), names)

    def row(value):
        array = None if callable(value) or _points(value) is not None else np.asarray(value)
        if array is None or array.dtype.kind not in "iuf" or array.ndim > 1 or not 0 < array.size <= 6:
            return None
        largest = max(np.abs(array).max(), 1e-7)  # what is smaller may be what rounding left of 0
        return (np.round(array, 5 - int(np.floor(np.log10(largest)))) + 0.0).ravel().tolist()

    answer = row(names["answer"])
    mistakes = {name: [row(wrong), why] for name, (wrong, why) in names.get("mistakes", {}).items()}
    known = {name: told for name, told in mistakes.items() if told[0] and len(told[0]) == len(answer or [])}
    return answer and {"answer": answer, "digits": names.get("digits"), "mistakes": known}


def sealed(label: str, kept: dict[str, Any] | None) -> dict[str, Any]:
    """Return what an edition without solutions holds of an answer, by which it is recognised and not read.

    Who tries all numbers finds a single one; it is no lock, but nobody reads it by accident.

    Parameters
    ----------
    label : str
    kept : dict or None
        What `published` returns.

    Returns
    -------
    dict
        How many numbers, to how many decimals (those asked for, or three digits of the smallest), and a hash
        of the numbers rounded so. Empty if there are none to compare.

    >>> sorted(sealed("ex-pi", {"answer": [0.25], "digits": None})), sealed("ex-pi", None)
    (['count', 'decimals', 'sha256'], {})
    """
    if not kept:
        return {}
    values = np.array(kept["answer"], dtype=float)
    sizes = np.abs(values[values != 0])
    finest = 2 - int(np.floor(np.log10(sizes.min()))) if sizes.size else 3
    decimals = max(0, min(finest, 6)) if kept["digits"] is None else kept["digits"]
    return {"count": values.size, "decimals": decimals, "sha256": _hash(label, values, decimals)}


def _hash(label, values, decimals):
    rounded = [f"{value:.{decimals}f}" for value in np.round(values, decimals) + 0.0]
    return hashlib.sha256(" ".join([label, *rounded]).encode()).hexdigest()


def _unsealed(label, seal, answer):
    """Return what an edition without solutions can say of an answer."""
    said = answer
    if callable(answer):  # a body that is not written yet makes nothing of anything
        with contextlib.suppress(Exception), contextlib.redirect_stdout(io.StringIO()):
            said = answer(*[None] * answer.__code__.co_argcount)
    if said is None or said is ...:
        return f"no answer yet · hint: {seal['hint']}"
    if "sha256" not in seal:
        return "not compared: this edition has no solution to compare it with"
    if callable(answer):
        return "the exercise asks for numbers, not for a function"
    try:
        found = _value(answer, (), "iuf", None).astype(float).ravel()
    except ValueError as error:
        return str(error)
    if found.size != seal["count"]:
        return f"the exercise asks for {_counted(seal['count'])}, not for {_counted(found.size)}"
    decimals = seal["decimals"]
    # What lies at the edge between two roundings is as good on either side.
    near = (_hash(label, found * factor, decimals) for factor in (1, 1 - 1e-6, 1 + 1e-6))
    if seal["sha256"] in near:
        return f"right, to {decimals} decimals"
    return f"not right, to {decimals} decimals; what went wrong, only the full book can say"


def _chapters(label):
    """Return the cells of each chapter; the one that names the label comes first."""
    paths = (path for folder in (".", "chapters") for path in sorted(Path(folder).glob("[!.]*.ipynb")))
    texts = sorted((path.read_text(encoding="utf-8") for path in paths), key=lambda text: label not in text)
    return (json.loads(text)["cells"] for text in texts)


def _seal(label):
    """Return what is kept below an exercise in an edition without solutions, or nothing."""
    stub = f'check("{label}", '
    for cell in next(_chapters(label), []):
        if stub in "".join(cell["source"]) and "sealed" in cell["metadata"]:
            return cell["metadata"]["sealed"]
    return None


def _solution(label):
    """Return the code cells of an exercise's solution."""
    known = []
    for chapter in _chapters(label):
        cells, inside = {}, None
        for cell in chapter:
            source = "".join(cell["source"])
            if cell["cell_type"] == "markdown":
                inside = [inside, *(fence[1] for fence in _FENCE.finditer(source))][-1]
            elif inside:
                cells.setdefault(inside, []).append(source)
        answered = [name for name, code in cells.items() if _text(code, "hint")]
        if label in answered:
            return cells[label]
        known += answered
    alike = [name for name in known if name.split("-")[:2] == label.split("-")[:2]] or known
    listed = ", ".join(alike) or "none: run Python where the chapters are"
    raise ValueError(f"no exercise {label!r} is checked in *.ipynb or chapters/*.ipynb; there are {listed}")


def _text(cells, name):
    """Return the text that code assigns to a name, without running it."""
    for code in cells:
        for node in ast.parse(code).body if name in code else ():
            if isinstance(node, ast.Assign) and ast.unparse(node.targets) == name:
                return ast.literal_eval(node.value)
    return None


def _run(cells, names):
    """Run a solution with what the chapter has defined, as far as its answer; what it shows is not shown."""
    with (
        mock.patch.object(builtins, "display", print, create=True),
        contextlib.redirect_stdout(io.StringIO()),
    ):
        for code in cells:
            if "answer" not in names:
                exec(compile(code, "<solution>", "exec"), names)


def _verdict(wanted, mistakes, digits, cases, answer):
    """Return what there is to say of an answer, or nothing of a function whose body is not written yet.

    >>> _verdict(np.array([1, 2]), None, None, None, [2, 4])
    'off by the factor 2'
    >>> _verdict(1 / 3, {}, 2, None, 0.33)
    'right'
    """
    points = _points(wanted)
    if callable(answer) != callable(wanted):
        kinds = ["numbers" if points is None else "a SymPy expression", "a function"]
        return f"the exercise asks for {kinds[callable(wanted)]}, not for {kinds[callable(answer)]}"
    places = points or cases or [()]

    def values(side, kinds="biuf"):
        return [_value(side, at, kinds, points) for at in places]

    near = functools.partial(_near, digits=digits, relative=RELATIVE if points is None else SYMBOLIC)

    def agree(some, others):
        return all(near(one, other).all() for one, other in zip(some, others, strict=True))

    solution = values(wanted)
    no_numbers = solution[0].dtype.kind == "b"
    try:
        if callable(wanted) and any(_called(answer, places[0]) is nothing for nothing in (None, ...)):
            return None
        found = values(answer, "b" if no_numbers else "iuf")
    except ValueError as error:
        return str(error)
    if agree(found, solution):
        return "right"
    for name, (wrong, why) in (mistakes or {}).items():
        if agree(found, values(wrong)):
            return f"known mistake: {name} · {why}"
    if found[0].ndim == 2 and agree([array.T for array in found], solution):
        return "rows and columns are exchanged"
    for one, other in zip(found, solution, strict=True):
        if one.shape != other.shape:
            return f"{_shape(one)}, where the exercise asks for {_shape(other)}"
    if not no_numbers:
        factor = _factor(*(np.concatenate([array.ravel() for array in side]) for side in (found, solution)))
        if factor and agree([array / factor for array in found], solution):
            return "right but for the sign" if abs(factor + 1) < 1e-6 else f"off by the factor {factor:.4g}"
    pairs = zip(places, found, solution, strict=True)
    at, one, other = next(pair for pair in pairs if not near(*pair[1:]).all())
    where = "" if no_numbers else f", too {'large' if one.ravel()[0] > other.ravel()[0] else 'small'}"
    where = f", first at answer{np.argwhere(~near(one, other))[0].tolist()}" if one.ndim else where
    return f"different{where}" + (f", for {_written(at)}" if at else "")


def _points(wanted):
    """Return where SymPy expressions are compared, as values of their symbols by name; None for all else."""
    sympy = sys.modules.get("sympy")  # without it there are none
    if not sympy or not isinstance(wanted, sympy.Expr | sympy.MatrixBase):
        return None
    names = sorted(symbol.name for symbol in wanted.free_symbols)
    rng = np.random.default_rng(0)  # inside (0, 1), so that a symbol may be a probability
    return [{name: sympy.Rational(int(rng.integers(1, 97)), 97) for name in names} for _ in range(8)]


def _value(side, at, kinds, points):
    """Return as an array what a side is at one place, or raise a ``ValueError`` that says why it is none."""
    if points is not None:
        return _at(side, at)
    if callable(side):
        side = _called(side, at)
    side = side.detach() if hasattr(side, "detach") else side
    with contextlib.suppress(Exception):
        if np.asarray(side).dtype == object:
            side = np.asarray(side).astype(float)  # fractions, or numbers of SymPy
    array = numeric("answer", side, "True or False" if kinds == "b" else "real numbers", kinds).copy()
    finite = np.isfinite(array)
    if not finite.all():
        raise ValueError(f"answer must be finite, but {place('answer', array, ~finite)}")
    return array


def _called(function, arguments):
    """Return what a function says of copies of its arguments; what it raises becomes a sentence."""
    try:
        return function(*copy.deepcopy(arguments))
    except Exception as error:
        raise ValueError(f"answer raises {_first_line(error)}, for {_written(arguments)}") from None


def _at(side, point):
    """Return the value of a SymPy expression, or matrix, at a point."""
    import sympy

    if not isinstance(side, sympy.Expr | sympy.MatrixBase | int | float):
        raise ValueError(f"the exercise asks for a SymPy expression, not for {type(side).__name__}")
    matrix = sympy.Matrix([sympy.sympify(side)])
    unknown = sorted({symbol.name for symbol in matrix.free_symbols} - set(point))
    if unknown:
        raise ValueError(
            f"{', '.join(unknown)} must not be left; the solution has {', '.join(point) or 'no symbol'}"
        )
    numbers = matrix.subs({symbol: point[symbol.name] for symbol in matrix.free_symbols}).evalf(30)
    try:
        values = np.array(numbers.tolist(), dtype=float)
        return values if isinstance(side, sympy.MatrixBase) else values.reshape(())
    except TypeError:
        raise ValueError(
            f"answer must be a finite real number, but it is none for {_written(point)}"
        ) from None


def _near(one, other, digits, relative):
    """Return, for each number, whether it is close enough to the other; False if the shapes differ."""
    if one.shape != other.shape:
        return np.array(False)
    if other.dtype.kind == "b":
        return one == other
    size = np.abs(other.astype(float))
    allowed = relative * (size + 1e-3 * (size.max(initial=0) or 1))
    if digits is not None:
        allowed = 0.5 * 10.0**-digits * (1 + 1e-6)
    elif other.dtype.kind in "iu":
        allowed = RELATIVE
    return np.abs(one.astype(float) - other) <= allowed


def _factor(found, right):
    """Return what the numbers are a multiple by; of a single number only what is often forgotten."""
    factor = found @ right / (right @ right) if right.any() else 0
    told = np.count_nonzero(right) > 1 or np.isclose(factor, [-1, 2, 0.5, 10, 0.1, 100, 0.01]).any()
    return factor if told else 0


def _counted(count):
    return "one number" if count == 1 else f"{count} numbers"


def _shape(array):
    return f"an array of shape {array.shape}" if array.ndim else "one number"


def _written(at):
    """Write arguments, or the values of symbols, in one line."""
    if isinstance(at, dict):
        return ", ".join(f"{name} = {value}" for name, value in at.items())
    return ", ".join(" ".join(str(np.round(part, 3) if np.ndim(part) else part).split()) for part in at)


def _first_line(error):
    return f"{type(error).__name__}: {error}".splitlines()[0]
