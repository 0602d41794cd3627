"""What a formula says about whoever wrote it: right, a known mistake, or where it differs.

A `Question` holds the right side of an equation and the wrong versions that have names. `judge` compares
a text with them at random points; the built pages do the same, with the same points.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from pgbook._inputs import callback, count, instance
from pgbook.formulas import FormulaError, complete, read

#: How far two values of one quantity may lie apart, relative where it exceeds 1.
TOLERANCE = 1e-9


@dataclass(frozen=True)
class Question:
    """The right side of an equation, wrong versions of it, and values at which they are compared.

    Parameters
    ----------
    right : str
        The right side, a formula.
    wrong : dict of str to str
        Wrong versions by name.
    given : callable
        ``given(rng)`` draws a dict of the quantities. A text there is a formula of those before it.
    points : int
        How many random points there are.
    """

    right: str
    wrong: dict[str, str]
    given: Callable
    points: int = 8

    def __post_init__(self):
        instance("right", self.right, str)
        instance("wrong", self.wrong, dict)
        callback("given", self.given)
        count("points", self.points, least=1)

    @cached_property
    def draws(self) -> list[tuple[str, list[dict]]]:
        """``(condition, points)``: random points without a condition, then those of special cases.

        Numbers have four digits, so that a page that holds them is small.
        """
        rng = np.random.default_rng(0)
        drawn = [
            {name: _short(number) for name, number in self.given(rng).items()} for _ in range(self.points)
        ]
        found = [("", drawn)]
        for condition, change in _special(drawn[0]):
            changed = [change(dict(values)) for values in drawn[:3]]
            try:
                right = [read(self.right, at)(at) for at in map(complete, changed)]
            except FormulaError:  # it has a third action
                continue
            # Where it is 0, many a formula is.
            if all(map(_finite, right)) and max(np.abs(value).max() for value in right) > TOLERANCE:
                found.append((condition, changed))
        return found

    @cached_property
    def known(self) -> list[tuple[str, list[dict], list[np.ndarray]]]:
        """As ``draws``: the condition, the points with what follows from them, and the right side there."""
        found = [(condition, list(map(complete, points))) for condition, points in self.draws]
        return [
            (condition, points, [read(self.right, at)(at) for at in points]) for condition, points in found
        ]

    def values(self, text: str, points: list[dict], like: list[np.ndarray]) -> list[np.ndarray]:
        """Evaluate a formula at points that hold what follows from them, in the shape of the right side."""
        # Fixed indices are no axes.
        free = "".join(letter for letter in read(self.right, points[0]).free if letter not in points[0])
        return [
            read(text, at)(at, free, dict(zip(free, right.shape, strict=True)))
            for at, right in zip(points, like, strict=True)
        ]

    @cached_property
    def names(self) -> list[str]:
        """Names that an answer may have, given ones and what follows, but for what *is* the right side.

        >>> Question("e^z_b / Σ_c e^z_c", {}, lambda rng: {"z": rng.normal(size=3)}).names
        ['z', 'K']
        """
        _, points, right = self.known[0]
        given = self.draws[0][1][0]
        return [name for name in points[0] if name in given or not _same([at[name] for at in points], right)]


def judge(text: str, question: Question) -> tuple[str, str]:
    """Say what a formula is.

    Parameters
    ----------
    text : str
    question : Question

    Returns
    -------
    verdict : str
        "right", "known", "sign", "factor", "constant", "special", "different" or "unreadable".
    detail : str
        The name of the known mistake, the factor, the constant, the condition, where it differs, or what is
        wrong with the text.

    >>> question = Question("π_b (r_b − J)", {"π forgotten": "r_b − J"},
    ...                     lambda rng: dict(z=rng.normal(size=3), r=rng.normal(size=3)))
    >>> judge("π_b r_b - pi_b * Σ_c π_c r_c", question)
    ('right', '')
    >>> judge("r_b − J", question)
    ('known', 'π forgotten')
    >>> judge("2 π_b (r_b − J)", question)
    ('factor', '2')
    >>> judge("π_b (r_b − J", question)
    ('unreadable', 'a ) is missing at the end')
    """
    (_, points, right), *special = instance("question", question, Question).known
    try:
        read(text, {name: points[0][name] for name in question.names})
        mine = question.values(text, points, right)
    except FormulaError as error:
        return "unreadable", str(error)
    if not all(map(_finite, mine)):
        return "unreadable", "it has no finite value at some points, as where something is divided by 0"
    if _same(mine, right):
        return "right", ""
    for name, wrong in question.wrong.items():
        if _same(mine, question.values(wrong, points, right)):
            return "known", name
    a, b = (np.concatenate(list(map(np.ravel, values))) for values in (mine, right))
    if np.abs(b).min() > 1e-6 and _same([a / b], [np.full(b.shape, a[0] / b[0])]):
        return ("sign", "") if abs(a[0] / b[0] + 1) < 1e-9 else ("factor", f"{a[0] / b[0]:.4g}")
    if _same([a - b], [np.full(b.shape, a[0] - b[0])]):
        return "constant", f"{a[0] - b[0]:.4g}"
    for condition, places, truth in special:
        with suppress(FormulaError):
            if _same(question.values(text, places, truth), truth):
                return "special", condition
    worst = int(np.argmax(np.abs(a - b)))
    return "different", f"{a[worst]:.4g} for {b[worst]:.4g}"


def _short(number):
    if isinstance(number, str):
        return number
    number = np.asarray(number)
    return number if number.dtype.kind in "iu" else np.vectorize(lambda x: float(f"{x:.4g}"))(number)


def _finite(array):
    return np.isfinite(array).all()


def _special(values):
    """Special cases: what each is called, and how values are changed into it."""
    vectors = {name: entries for name, entries in values.items() if np.ndim(entries) == 1}
    if vectors and min(map(len, vectors.values())) > 2:
        yield "there are two actions", lambda v: {n: x[:2] if n in vectors else x for n, x in v.items()}
    for name in vectors:
        words = "all actions are equally likely" if name in ("z", "π") else f"all entries of {name} are equal"
        yield words, lambda v, name=name: v | {name: np.full(len(v[name]), np.mean(v[name]))}
    for name in values:
        for number in (
            (0, 0.5, 1) if np.asarray(values[name]).dtype.kind == "f" and name not in vectors else ()
        ):
            yield f"{name} = {number:g}", lambda v, name=name, number=number: v | {name: np.asarray(number)}


def _same(left, right):
    return all(
        np.shape(a) == np.shape(b) and np.all(np.abs(a - b) <= TOLERANCE * np.maximum(1, np.abs(b)))
        for a, b in zip(left, right, strict=True)
    )
