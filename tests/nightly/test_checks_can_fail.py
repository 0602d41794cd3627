"""Mutation testing of the mathematics: a check refuses sign flips, lost factors and swapped indices.

The cells of each chapter are executed here, and every call of `pgbook.verify` is made again with systematic
mutants in the place of its right-hand side. All must be refused, unless they equal the original (as the
transpose of a symmetric matrix does). So must each wrong version, in the place of the true side.
"""

import contextlib
import io
import itertools
from collections import Counter

import numpy as np
import pytest
import sympy
import torch

from booktools import notebooks
from pgbook import verify
from pgbook.figures import use_house_style

# What a cell warns of is shown to nobody here; nbval compares what it prints.
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("default")]
ORIGINAL = {kind: getattr(verify, kind) for kind in notebooks.KINDS}
NONE = "mutants are tried one at a time"


def flipped(value):
    """The entry that is largest in size, with its sign changed."""
    value = value.copy()
    largest = np.unravel_index(np.abs(value).argmax(), value.shape)
    value[largest] *= -1
    return value


def swapped(value):
    """The first two indices of the last axis, exchanged."""
    order = np.arange(value.shape[-1]) if value.ndim else np.zeros(0, dtype=int)
    order[:2] = order[:2][::-1]
    return value[..., order] if value.ndim else value


MUTANTS = {
    "sign flipped": lambda value: -value,
    "factor 2 too many": lambda value: 2 * value,
    "factor 2 lost": lambda value: value / 2,
    "one sign flipped": flipped,
    "indices transposed": lambda value: np.swapaxes(value, -1, -2) if value.ndim > 1 else value,
    "two indices swapped": swapped,
    "index one off": lambda value: np.roll(value, 1, axis=-1) if value.ndim else value,
    "term lost": lambda value: value - value.flat[0],
    "one percent off": lambda value: 1.01 * value,
    "constant added": lambda value: value + 0.01,
}


def values(side, cases):
    """What a side is, case after case."""
    return [np.asarray(side(*case) if callable(side) else side, dtype=float) for case in cases]


def replay(recorded):
    """A side that answers as it did, without computing anything again."""
    answers = iter(recorded)
    return lambda *case: next(answers)


def mutated(recorded, change):
    return [change(value) for value in recorded]


def differ(originals, mutants, tol):
    """Whether a mutant is another function than the original, by more than the check tolerates."""
    for a, b in zip(originals, mutants, strict=True):
        if a.shape != b.shape or (np.abs(a - b) / np.maximum(1, np.abs(a))).max() > 3 * tol:
            return True
    return False


def symbolic_mutants(rhs):
    """The right-hand side of a symbolic equation, with signs flipped, parts lost, and symbols swapped."""
    matrix = rhs if hasattr(rhs, "shape") else sympy.Matrix([rhs])
    matrix = sympy.Matrix(matrix)
    yield "sign flipped", -matrix
    yield "factor 2 too many", 2 * matrix
    if matrix.shape[0] == matrix.shape[1] > 1:
        yield "indices transposed", matrix.T
    if len(matrix) > 1:
        yield "index one off", sympy.Matrix([*matrix[1:], matrix[0]]).reshape(*matrix.shape)
    symbols = sorted(matrix.free_symbols, key=str)
    for one, two in list(itertools.pairwise(symbols))[:3]:
        yield f"{one} and {two} swapped", matrix.subs({one: two, two: one}, simultaneous=True)
    for index, entry in enumerate(matrix[:2]):
        parts = entry.args if isinstance(entry, sympy.Add | sympy.Mul) else ()
        for part in parts[:4]:
            less = matrix.as_mutable()
            less[index] = entry - part if isinstance(entry, sympy.Add) else entry / part
            yield f"{part} lost", less


def shaped(mutant, rhs):
    return mutant if hasattr(rhs, "shape") else mutant[0]


def symbolic_differs(a, b):
    difference = sympy.Matrix(a) - sympy.Matrix(b)
    generator = np.random.default_rng(0)
    symbols = sorted(difference.free_symbols, key=str)
    for _ in range(3):
        point = {symbol: sympy.Rational(int(generator.integers(1, 98)), 97) for symbol in symbols}
        values = [complex(value) for value in difference.subs(point).evalf()]
        if max(map(abs, values)) > 1e-9:
            return True
    return False


def refuses(check, *given, **keywords):
    """Whether a check raises. What a mutant makes impossible to compute is refused as well."""
    with np.errstate(all="ignore"), contextlib.redirect_stdout(io.StringIO()):
        try:
            check(*given, **keywords)
        except (verify.VerificationError, ValueError):
            return True
    return False


class Trial:
    """Stands in for the functions of `verify`, tries every mutant, and keeps the score."""

    def __init__(self):
        self.score, self.survived, self.by_check = Counter(), [], {}

    def judge(self, label, name, refused, differs):
        outcome = "killed" if refused else "survived" if differs() else "equal"
        self.score[outcome] += 1
        self.by_check.setdefault(label, Counter())[outcome] += 1
        if outcome == "survived":
            self.survived.append(f"{label}: {name}")

    def symbolic(self, label, lhs, rhs, *, rejects, why_none=None):
        ORIGINAL["symbolic"](label, lhs, rhs, rejects=rejects, why_none=why_none)
        alone = {"rejects": {}, "why_none": NONE}
        for name, mutant in symbolic_mutants(rhs):
            refused = refuses(ORIGINAL["symbolic"], label, lhs, shaped(mutant, rhs), **alone)
            original = rhs if hasattr(rhs, "shape") else sympy.Matrix([rhs])
            self.judge(label, name, refused, lambda m=mutant, o=original: symbolic_differs(o, m))
        for name, wrong in rejects.items():
            self.judge(label, name, refuses(ORIGINAL["symbolic"], label, lhs, wrong, **alone), lambda: True)

    def exact(self, label, lhs, rhs, *, given=None, cases=200, tol=1e-10, rejects, why_none=None):
        keywords = {"given": given, "cases": cases, "tol": tol}
        ORIGINAL["exact"](label, lhs, rhs, **keywords, rejects=rejects, why_none=why_none)
        alone = keywords | {"rejects": {}, "why_none": NONE}
        # A side may change what it is given: each gets cases of its own.
        left, right = (values(side, verify._cases(label, given, cases)) for side in (lhs, rhs))
        for name, change in MUTANTS.items():
            mutants = mutated(right, change)
            refused = refuses(ORIGINAL["exact"], label, replay(left), replay(mutants), **alone)
            self.judge(label, name, refused, lambda m=mutants: differ(right, m, tol))
        for name, wrong in rejects.items():
            refused = refuses(ORIGINAL["exact"], label, replay(left), wrong, **alone)
            self.judge(label, name, refused, lambda: True)

    def gradient(self, label, function, gradient, *, given, rejects, why_none=None, **keywords):
        check = ORIGINAL["gradient"]
        check(label, function, gradient, given=given, rejects=rejects, why_none=why_none, **keywords)
        alone = keywords | {"given": given, "rejects": {}, "why_none": NONE}
        right = values(gradient, verify._cases(label, given, keywords.get("cases", 20)))
        for name, change in MUTANTS.items():
            mutants = mutated(right, change)
            refused = refuses(check, label, function, replay([*mutants, *mutants]), **alone)
            self.judge(label, name, refused, lambda m=mutants: differ(right, m, keywords.get("tol", 1e-10)))
        for name, wrong in rejects.items():
            self.judge(label, name, refuses(check, label, function, wrong, **alone), lambda: True)

    def expectation(self, label, sample, exact, *, size=100_000, standard_errors=4, rejects, why_none=None):
        keywords = {"size": size, "standard_errors": standard_errors}
        ORIGINAL["expectation"](label, sample, exact, **keywords, rejects=rejects, why_none=why_none)
        alone = keywords | {"rejects": {}, "why_none": NONE}
        draws = np.asarray(sample(verify._rng(label), size), dtype=float)
        error = draws.std(axis=0, ddof=1) / np.sqrt(size)

        def drawn(rng, n):
            return draws

        for name, change in MUTANTS.items():
            mutant = change(np.asarray(exact, dtype=float))
            far = (np.abs(mutant - exact) > 2 * standard_errors * error + 1e-11).any()
            refused = refuses(ORIGINAL["expectation"], label, drawn, mutant, **alone)
            self.judge(label, name, refused, lambda far=far: far)
        for name, wrong in rejects.items():
            sides = (wrong, exact) if callable(wrong) else (drawn, wrong)
            self.judge(label, name, refuses(ORIGINAL["expectation"], label, *sides, **alone), lambda: True)


@pytest.mark.parametrize("path", notebooks.chapters(), ids=lambda path: path.stem)
def test_no_mutant_of_an_equation_passes_its_check(path, monkeypatch):
    notebook, trial = notebooks.load(path), Trial()
    for kind in notebooks.KINDS:
        monkeypatch.setattr(verify, kind, getattr(trial, kind))
    monkeypatch.chdir(path.parent)
    threads, dtype = torch.get_num_threads(), torch.get_default_dtype()
    namespace = {"__name__": "__main__", "display": lambda *_: None}
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            for _, cell in notebooks.cells(notebook, "code"):
                exec(compile(cell.source, cell.id, "exec"), namespace)
    finally:
        torch.set_num_threads(threads)
        torch.set_default_dtype(dtype)
        use_house_style()
    score = ", ".join(f"{number} {outcome}" for outcome, number in sorted(trial.score.items()))
    print(f"{path.stem}: {len(trial.by_check)} checks, mutants: {score}")
    assert trial.survived == []
    labels = {label for label, _ in notebooks.equations(notebook)}
    assert set(trial.by_check) == labels
    assert {label: dict(found) for label, found in trial.by_check.items() if found["killed"] < 3} == {}
