"""Exercises that check themselves: `check` compares an answer with the solution, and names a known mistake.

What is right is told by the solution's own code in the chapter, so that nothing is written twice. It assigns
``answer`` (numbers, yes or no, a function or a SymPy expression) and a ``hint``, and where they are of use
``mistakes`` (name: wrong answer, and a sentence on the thought behind it), ``digits`` (the decimals asked
for) and ``cases`` (the arguments for which functions are compared).
"""

import ast
import builtins
import contextlib
import hashlib
import io
import json
import re
import sys
from itertools import chain
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np

from pgbook import _answers
from pgbook._inputs import instance, real_array

#: What `check` was given last on a graded sheet, by label: arrays, or a sentence on why they are none.
handed_in: dict[str, list[np.ndarray] | str] = {}

_FORMED = "kept; it has the right form, and whether it is right, the grading says"

# What a solution may assign. Names that the chapter, or another solution, uses so are not handed on to it.
_TOLD = ("answer", "mistakes", "digits", "cases", "hint")
_FENCE = re.compile(r"\{solution-start\} +(\S+)|\{solution-end\}")


def check(label: str, answer: Any) -> None:
    """Print in one line what there is to say of an answer to an exercise.

    Numbers agree to a millionth and a billionth of the largest among them, or to the digits that the question
    asks for; whole numbers agree to a millionth, yes and no exactly; functions and SymPy expressions where
    they are tried. An answer of another kind or shape, or a function that fails, is told so, and nothing is
    raised. In a chapter without solutions only numbers are compared, and no mistake is named; on a graded
    sheet nothing is compared before `graded`.

    Parameters
    ----------
    label : str
        The exercise's label, ``"ex-..."``; its chapter lies where Python runs, or in ``chapters/`` there.
    answer : number, array, function or SymPy expression
        What the exercise asks for; ``...`` for the hint, which a graded sheet does not have.

    Raises
    ------
    ValueError
        If no such exercise can be checked; the message names those that can.

    >>> check("ex-unknown", ...)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    ValueError: no exercise 'ex-unknown' is checked in *.ipynb or chapters/*.ipynb; there are ...
    """
    chapters = _chapters(instance("label", label, str))
    here = next(chapters, [])  # the cells of its own chapter
    seal = _seal(label, here)
    if seal:  # an edition without solutions
        print(f"{label} · {(_formed if 'form' in seal else _unsealed)(label, seal, answer)}")
        return
    cells = _solution(label, chain([here], chapters))
    said = None
    if not _unwritten(answer):
        names = {key: value for key, value in sys._getframe(1).f_globals.items() if key not in _TOLD}
        try:
            _run(cells, names)
        except Exception as error:  # whatever the solution meets where the chapter did not run as it stands
            said = f"first run all cells above, which the solution builds on ({_answers.first_line(error)})"
        else:
            said = _verdict(*(names.get(key) for key in ("answer", "mistakes", "digits", "cases")), answer)
    hint = _text(cells, "hint")
    print(f"{label} · {said or f'no answer yet · hint: {hint}'}")


def graded(label: str, key: dict[str, Any]) -> str:
    """Return what there is to say of the answer that `check` was given last on a graded sheet.

    Parameters
    ----------
    label : str
    key : dict
        What ``pgbook._answers.key`` made of the solution.

    Returns
    -------
    str
        ``"right"``, or what is wrong with it.

    >>> graded("ex-pi", {})
    'no answer was given to check'
    """
    found = handed_in.get(instance("label", label, str), "no answer was given to check")
    return found if isinstance(found, str) else _answers.compared(key, found)


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
    instance("label", label, str)
    names = {key: value for key, value in instance("names", names, dict).items() if key not in _TOLD}
    _run(_solution(label, _chapters(label)), names)

    def row(value):
        array = None if callable(value) or _answers.symbols(value) is not None else np.asarray(value)
        if array is None or array.dtype.kind not in "iuf" or array.ndim > 1 or not 0 < array.size <= 6:
            return None
        largest = max(np.abs(array).max(), 1e-7)  # what is smaller may be what rounding left of 0
        return (np.round(array, 5 - int(np.floor(np.log10(largest)))) + 0).ravel().tolist()

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
        How many numbers, to how many decimals (those asked for, or three digits of the smallest, at most six
        decimals), and a hash of the numbers rounded so. Empty if there are none to compare.

    >>> sorted(sealed("ex-pi", {"answer": [0.25], "digits": None})), sealed("ex-pi", None)
    (['count', 'decimals', 'sha256'], {})
    """
    if not kept:
        return {}
    instance("kept", kept, dict)
    values = real_array(f"{label}: the answer", kept["answer"])
    sizes = np.abs(values[values != 0])
    finest = 2 - int(np.floor(np.log10(sizes.min()))) if sizes.size else 3
    decimals = max(0, min(finest, 6)) if kept["digits"] is None else kept["digits"]
    return {"count": values.size, "decimals": decimals, "sha256": _hash(label, values, decimals)}


def _hash(label, values, decimals):
    rounded = [f"{value:.{decimals}f}" for value in np.round(values, decimals) + 0.0]
    return hashlib.sha256(" ".join([label, *rounded]).encode()).hexdigest()


def _unwritten(answer):
    """Return whether there is no answer yet: a body that is not written makes nothing of anything."""
    if callable(answer):
        with contextlib.suppress(Exception), contextlib.redirect_stdout(io.StringIO()):
            answer = answer(*(object() for _ in range(answer.__code__.co_argcount)))
    return answer is None or answer is ...


def _unsealed(label, seal, answer):
    """Return what an edition without solutions can say of an answer."""
    if _unwritten(answer):
        return f"no answer yet · hint: {seal['hint']}"
    if "sha256" not in seal:
        return "not compared: this edition has no solution to compare it with"
    if callable(answer):
        return "the exercise asks for numbers, not for a function"
    try:
        found = _answers.numbers(answer).astype(float).ravel()
    except ValueError as error:
        return str(error)
    if found.size != seal["count"]:
        return (
            f"the exercise asks for {_answers.counted(seal['count'])}, not for {_answers.counted(found.size)}"
        )
    decimals = seal["decimals"]
    to = f"to {decimals} decimal{'' if decimals == 1 else 's'}"
    # What lies at the edge between two roundings is as good on either side.
    near = (_hash(label, found * factor, decimals) for factor in (1, 1 - 1e-6, 1 + 1e-6))
    if seal["sha256"] in near:
        return f"right, {to}"
    return f"not right, {to}; what went wrong, only the full book can say"


def _formed(label, seal, answer):
    """Return whether an answer on a graded sheet has the right form, and keep what it is for the grading."""
    handed_in.pop(label, None)
    try:
        found = None if answer is None or answer is ... else _answers.read(seal["form"], answer)
    except ValueError as error:
        handed_in[label] = str(error)
        return str(error)
    if found is None:
        return "no answer yet"
    handed_in[label] = found
    said = _answers.misshapen(seal["form"], found)
    return said or _FORMED


def _chapters(label):
    """Return the cells of each chapter; the one that names the label comes first."""
    others = []
    for folder in (".", "chapters"):
        for path in sorted(Path(folder).glob("[!.]*.ipynb")):
            text = path.read_bytes()
            if label.encode() in text:
                yield json.loads(text)["cells"]
            else:
                others.append(text)
    yield from (json.loads(text)["cells"] for text in others)


def _seal(label, cells):
    """Return what is kept below an exercise in an edition without solutions, or nothing."""
    seals = (cell["metadata"].get("sealed", {}) for cell in cells)
    return next((seal for seal in seals if seal.get("label") == label), None)


def _solutions(cells):
    """Return the code cells of each solution, by the exercise's label."""
    found, inside = {}, None
    for cell in cells:
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            inside = [inside, *(fence[1] for fence in _FENCE.finditer(source))][-1]
        elif inside:
            found.setdefault(inside, []).append(source)
    return found


def _solution(label, chapters):
    """Return the code cells of an exercise's solution."""
    known = []
    for chapter in chapters:
        cells = _solutions(chapter)
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

    >>> _verdict(1 / 3, {}, 2, None, 0.33)
    'right'
    """
    key = _answers.key(wanted, mistakes, digits, cases)
    try:
        found = _answers.read(key["form"], answer)
    except ValueError as error:
        return str(error)
    return found and _answers.compared(key, found)
