"""What a reader may be asked: equations of a chapter whose right side, and wrong versions, are formulas."""

import ast
import re
from dataclasses import dataclass

import numpy as np

from booktools import notebooks
from pgbook.mistakes import Question


@dataclass(frozen=True)
class Asked:
    """An equation whose check compares formulas.

    ``left`` is LaTeX, what the equation says a formula for; ``why`` has a sentence for each wrong version.
    """

    label: str
    left: str
    question: Question
    why: dict[str, str]


def asked(notebook):
    """Return the equations of a notebook that a reader can be asked, in the order of their checks.

    Raises
    ------
    ValueError
        If a wrong version of such an equation has no sentence, or values cannot be drawn without the chapter.
    """
    latex, found = dict(notebooks.equations(notebook)), {}
    for label, call, given in _calls(notebook):
        right = call.args[2] if len(call.args) == 3 else None
        if right is not None and _is_text(right) and label not in found:
            found[label] = _asked(label, latex[label], right.value, given)
    return list(found.values())


def named(notebook):
    """Return, per check, its label and ``(name, sentence or None)`` of every wrong version of it."""
    found = []
    for label, _, given in _calls(notebook):
        why = _texts(given["why"]) if "why" in given else {}
        names = [ast.literal_eval(key) for key in getattr(given.get("rejects"), "keys", [])]
        found.append((label, [(name, why.get(name)) for name in names]))
    return found


def _calls(notebook):
    """Every call of a check: its label, the call, and the source of its keyword arguments."""
    for _, cell in notebooks.cells(notebook, "code"):
        for call in ast.walk(ast.parse(cell.source)) if "verify" in cell.source else ():
            if isinstance(call, ast.Call) and ast.unparse(call.func).startswith("verify.") and call.args:
                given = {keyword.arg: keyword.value for keyword in call.keywords}
                yield getattr(call.args[0], "value", None), call, given


def _asked(label, latex, right, given):
    wrong = _texts(given["rejects"])
    why = _texts(given["why"]) if "why" in given else {}
    if missing := wrong.keys() - why.keys():
        raise ValueError(f"{label}: why does not say what is wrong with {min(missing)!r}")
    try:
        question = Question(right, wrong, _draw(given["given"]))
        _ = question.draws
    except Exception as error:
        raise ValueError(f"{label}: values for its formulas cannot be drawn: {error!r}") from error
    return Asked(label, _left(latex), question, why)


def _left(latex):
    """What stands before the first = sign, without what lines it up with other lines."""
    return re.sub(r"\\begin\{\w+\}|\\\\(\[\w+\])?|&|\{\}|\\q?quad", "", latex.split("=")[0]).strip()


def _texts(node):
    """The texts of a dict in the source of a cell, by name."""
    pairs = zip(node.keys, node.values, strict=True)
    return {ast.literal_eval(key): ast.literal_eval(value) for key, value in pairs if _is_text(value)}


def _is_text(node):
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _draw(node):
    """The function that draws values; SymPy's symbols stand for numbers between 0 and 1."""
    if isinstance(node, ast.Lambda):
        return eval(compile(ast.Expression(node), "given", "eval"), {"np": np})
    pairs = [(keyword.arg, keyword.value) for keyword in node.keywords]
    sizes = {name: len(value.elts) if isinstance(value, ast.List) else None for name, value in pairs}
    return lambda rng: {name: rng.uniform(0.1, 0.9, size=size) for name, size in sizes.items()}
