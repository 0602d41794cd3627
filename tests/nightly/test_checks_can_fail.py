"""Mutation testing of the mathematics: a check refuses sign flips, lost factors and swapped indices.

The cells of each chapter are executed here, and every call of `pgbook.verify` is made again with systematic
mutants in the place of its right-hand side. All must be refused, unless they equal the original (as the
transpose of a symmetric matrix does). So must each wrong version, in the place of the true side.
"""

import contextlib
import io
import itertools
from collections import Counter
from functools import partial

import numpy as np
import pytest
import sympy
import torch

from booktools import notebooks
from pgbook import _sides, formulas, verify
from pgbook.figures import use_house_style

# What a cell warns of is shown to nobody here; nbval compares what it prints.
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("default")]


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


def replay(recorded):
    """A side that answers as it did, again and again, without computing anything."""
    answers = itertools.cycle(recorded)
    return lambda *case, **named: next(answers)


def differ(originals, mutants, tol):
    """Whether a mutant is another function than the original, by more than the check tolerates."""
    for a, b in zip(originals, mutants, strict=True):
        if a.shape != b.shape or (np.abs(a - b) / np.maximum(1, np.abs(a))).max() > 3 * tol:
            return True
    return False


def mutants(right, tol):
    """The mutants of a side that is given by its values: name, side, and whether it is another function."""
    for name, change in MUTANTS.items():
        mutant = [change(value) for value in right]
        yield name, replay(mutant), partial(differ, right, mutant, tol)


# For each kind: the left side as it is to be compared again, and the mutants of the right one.


def exact(label, lhs, rhs, given=None, cases=50, tol=1e-10):
    sides = *_sides.routes(lhs), rhs
    *left, right = (_sides.values(label, [side], given, cases)[0] for side in sides)
    return tuple(map(replay, left)), mutants(right, tol)


def gradient(label, function, derivative, given, cases=20, tol=1e-10, tol_differences=None):
    return function, mutants(_sides.values(label, [derivative], given, cases)[0], tol)


def expectation(label, sample, expected, size=100_000, standard_errors=4):
    draws = np.asarray(sample(_sides.rng(label), size), dtype=float)
    far = 2 * standard_errors * draws.std(axis=0, ddof=1) / np.sqrt(size) + 1e-11
    changed = {name: change(np.asarray(expected, dtype=float)) for name, change in MUTANTS.items()}
    tried = [(name, each, (np.abs(each - expected) > far).any) for name, each in changed.items()]
    return lambda rng, size: draws, tried


def symbolic(label, lhs, rhs, given=None):
    rhs = formulas.symbolic(rhs, given) if isinstance(rhs, str) else rhs
    matrix, rng = sympy.Matrix([rhs]), np.random.default_rng(0)

    def another(mutant):
        difference = matrix - mutant
        symbols = sorted(difference.free_symbols, key=str)
        points = [
            {symbol: sympy.Rational(int(rng.integers(1, 98)), 97) for symbol in symbols} for _ in range(3)
        ]
        return any(abs(complex(value)) > 1e-9 for at in points for value in difference.subs(at).evalf())

    return lhs, ((name, mutant, partial(another, mutant)) for name, mutant in symbolic_mutants(matrix))


def symbolic_mutants(matrix):
    """The right-hand side of a symbolic equation, with signs flipped, parts lost, and symbols swapped."""
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


def refuses(check, *given, **keywords):
    """Whether a check raises. What a mutant makes impossible to compute is refused as well."""
    with np.errstate(all="ignore"), contextlib.redirect_stdout(io.StringIO()):
        try:
            check(*given, **keywords)
        except (verify.VerificationError, ValueError):
            return True
    return False


def stand_in(check, tried, outcomes):
    """Return a function that makes a check, and makes it again with every mutant: killed, survived, equal."""

    def checked(label, left, right, *, rejects, why=None, why_none=None, **given):
        check(label, left, right, rejects=rejects, why=why, why_none=why_none, **given)
        recorded, changed = tried(label, left, right, **given)
        wrong = [(name, side, lambda: True) for name, side in rejects.items()]
        for name, mutant, differs in itertools.chain(changed, wrong):
            # A wrong version of what is sampled stands on the left.
            sides = (mutant, right) if tried is expectation and callable(mutant) else (recorded, mutant)
            refused = refuses(check, label, *sides, rejects={}, why_none="one mutant at a time", **given)
            outcomes.append((label, name, "killed" if refused else "survived" if differs() else "equal"))

    return checked


@pytest.mark.parametrize("path", notebooks.paths(), ids=lambda path: path.stem)
def test_no_mutant_of_an_equation_passes_its_check(path, monkeypatch):
    notebook, outcomes = notebooks.load(path), []
    for tried in (symbolic, exact, gradient, expectation):
        check = getattr(verify, tried.__name__)
        monkeypatch.setattr(verify, tried.__name__, stand_in(check, tried, outcomes))
    monkeypatch.chdir(path.parent)
    threads = torch.get_num_threads()
    namespace = {"__name__": "__main__", "display": lambda *_: None}
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            for _, cell in notebooks.cells(notebook, "code"):
                exec(compile(cell.source, cell.id, "exec"), namespace)
    finally:
        torch.set_num_threads(threads)
        use_house_style()
    print(path.stem, Counter(outcome for _, _, outcome in outcomes))
    assert [found for found in outcomes if found[2] == "survived"] == []
    killed = Counter(label for label, _, outcome in outcomes if outcome == "killed")
    assert set(killed) == {label for label, _ in notebooks.equations(notebook)}
    assert min(killed.values(), default=3) >= 3, killed
