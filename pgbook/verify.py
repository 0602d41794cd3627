"""The vocabulary of checks that stand beside the equations.

Four kinds, strongest first: `symbolic`, `exact`, `gradient`, `expectation`. Each call names the
label of the equation it checks, and the *wrong versions* of it that the same check must reject.
It prints one line, the same on every machine, or raises a `VerificationError` that names the label
and says how far the sides are apart. Random cases are seeded by the label, so nobody can pick a lucky
seed, and drawn anew for each side: what one does to its cases, the others do not see. (What sides
take from around them, they share.)
"""

import numbers
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from pgbook import _sides, formulas
from pgbook._inputs import callback, count, instance, positive, underflow_is_zero

#: A wrong version has to miss the tolerance by this factor, so that it is not merely rounded differently.
MARGIN = 1000


class VerificationError(AssertionError):
    """An equation failed its check, or a wrong version of it passed."""


def symbolic(
    label: str,
    lhs: Any,
    rhs: Any,
    *,
    given: dict[str, Any] | None = None,
    rejects: dict[str, Any],
    why: dict[str, str] | None = None,
    why_none: str | None = None,
) -> None:
    """Check that SymPy reduces ``lhs - rhs`` to zero.

    Parameters
    ----------
    label : str
        The equation's label, ``"eq-..."``.
    lhs, rhs : SymPy expression or Matrix, or formula
        Both sides, of one shape. A string is a formula (see `pgbook.formulas`).
    given : dict of str to SymPy expression or list of them, optional
        What the names in formulas are.
    rejects : dict of str to SymPy expression or Matrix, or formula
        Wrong versions of ``rhs``. Each must differ from ``lhs`` at a random point.
    why : dict of str to str, optional
        For names in ``rejects``: a sentence for whoever made the mistake.
    why_none : str, optional
        Why no wrong version makes sense; needed if ``rejects`` is empty.

    Raises
    ------
    VerificationError
        If the difference is not zero, or a wrong version agrees with ``lhs``.
    ValueError
        If the label or ``rejects`` is missing, a side is no expression, or an argument is of the wrong kind.

    >>> import sympy
    >>> x = sympy.Symbol("x", positive=True)
    >>> lhs = sympy.diff(sympy.log(x**2), x)
    >>> symbolic("eq-log", lhs, 2 / x, rejects={"x forgotten": 2})
    ✓ eq-log · symbolic · difference reduces to 0 · rejects: x forgotten
    """
    import sympy

    label = _named(label, "symbolic", rejects, why, why_none)
    quantities = {} if given is None else instance(f"{label}: given", given, dict)

    def matrix(side):
        if isinstance(side, str):
            side = _sides.formula(label, formulas.symbolic, side, quantities)
        if isinstance(side, numbers.Number):
            side = sympy.sympify(side)
        if not isinstance(side, sympy.Expr | sympy.MatrixBase):
            raise ValueError(f"{label}: a side must be a SymPy expression or Matrix, but it is {side!r}")
        return sympy.Matrix([side])  # 1 × 1 of an expression; a Matrix stays as it is

    def difference(side):
        both = matrix(lhs), matrix(side)
        if both[0].shape != both[1].shape:
            raise ValueError(f"{label}: the sides have shapes {both[0].shape} and {both[1].shape}")
        if 0 in both[0].shape:
            raise ValueError(f"{label}: there is nothing to compare")
        return both[0] - both[1]

    def reduced_entry(entry):
        # What a common denominator shows to be zero need not be simplified, which takes longer.
        return sympy.numer(sympy.together(entry)).expand() and sympy.simplify(entry)

    reduced = difference(rhs).applyfunc(reduced_entry)
    if not reduced.is_zero_matrix:
        raise VerificationError(f"{label}: lhs - rhs does not reduce to zero, it leaves {reduced.tolist()}")
    rng = _sides.rng(label)
    for name, wrong in rejects.items():
        wrong_difference = difference(wrong)
        symbols = sorted(wrong_difference.free_symbols, key=str)
        # Inside (0, 1), so that a symbol may be a probability.
        point = {symbol: sympy.Rational(int(rng.integers(1, 97)), 97) for symbol in symbols}
        values = list(wrong_difference.subs(point).evalf())
        if not all(value.is_number and value.is_finite for value in values):
            raise ValueError(f"{label}: the wrong version {name!r} has no finite value at {point}")
        if not max(abs(complex(value)) for value in values) > 1e-6:
            raise VerificationError(
                f"{label}: the wrong version {name!r} agrees with the left-hand side at {point}"
            )
    _report(label, "symbolic", "difference reduces to 0", rejects, why_none)


@underflow_is_zero
def exact(
    label: str,
    lhs: Callable | tuple[Callable, ...] | ArrayLike | str,
    rhs: Callable | ArrayLike | str,
    *,
    given: Callable | None = None,
    cases: int = 50,
    tol: float = 1e-10,
    rejects: dict[str, Any],
    why: dict[str, str] | None = None,
    why_none: str | None = None,
) -> None:
    """Check that two exact computations agree for many random parameter values.

    Parameters
    ----------
    label, why, why_none
        As for `symbolic`.
    lhs, rhs : callable, formula or array
        Both sides, computed by independent routes from the same arguments. A tuple of callables: several
        routes to the left side, each of which is compared.
    given : callable, optional
        ``given(rng)`` draws the arguments: a tuple, a single one, or a dict by name, which formulas need.
        Without it both sides are taken as they are: one case.
    cases : int
        Number of random cases.
    tol : float
        Largest error, relative where the value exceeds 1 and absolute elsewhere.
    rejects : dict of str to callable, formula or array
        Wrong versions of ``rhs``. Each must miss the tolerance 1000-fold in some case.

    Raises
    ------
    VerificationError, ValueError
        As for `symbolic`; also if a value is not a finite real number.

    >>> exact("eq-sine", lambda x: np.sin(2 * x),
    ...       lambda x: 2 * np.sin(x) * np.cos(x),
    ...       given=lambda rng: rng.normal(size=3),
    ...       rejects={"halved": lambda x: np.sin(x) * np.cos(x)})
    ✓ eq-sine · exact · 50 random cases within 1e-10 · rejects: halved
    >>> exact("eq-variance", lambda π, r: π @ r**2 - (π @ r) ** 2, "Σ_a π_a (r_a − J)²",
    ...       given=lambda rng: dict(π=rng.dirichlet([1, 1, 1]), r=rng.normal(size=3)),
    ...       rejects={"J forgotten": "Σ_a π_a r_a²"})
    ✓ eq-variance · exact · 50 random cases within 1e-10 · rejects: J forgotten
    """
    label, tol = _named(label, "exact", rejects, why, why_none), positive("tol", tol)
    arguments = _sides.cases(label, given, cases)
    routes = _sides.routes(lhs)
    right, *values = _sides.values(label, [rhs, *routes, *rejects.values()], given, cases)
    for left in values[: len(routes)]:
        _accept(label, _sides.errors(label, left, right), arguments, tol)
        for name, wrong in zip(rejects, values[len(routes) :], strict=True):
            _reject(label, name, _sides.errors(label, left, wrong), tol)
    scope = f"{len(arguments)} random cases" if given else "the values shown"
    _report(label, "exact", f"{scope} within {_written(tol)}", rejects, why_none)


@underflow_is_zero
def gradient(
    label: str,
    function: Callable,
    derivative: Callable | str,
    *,
    given: Callable,
    cases: int = 20,
    tol: float = 1e-10,
    tol_differences: float = 1e-6,
    rejects: dict[str, Any],
    why: dict[str, str] | None = None,
    why_none: str | None = None,
) -> None:
    """Check an analytic gradient against ``torch.autograd`` and against central differences.

    Parameters
    ----------
    label, why, why_none
        As for `symbolic`.
    function : callable
        Maps a float64 torch tensor to a tensor of any shape, with torch operations.
    derivative : callable or formula
        Maps the same point as a numpy array to its derivative there, of shape ``output + input``.
    given : callable
        ``given(rng)`` draws the point, a float or an array; or a dict by name, the point first.
    cases : int
        Number of random points.
    tol, tol_differences : float
        Largest error against autograd and against central differences.
    rejects : dict of str to callable or formula
        Wrong versions of ``derivative``. Each must miss both tolerances 1000-fold in some case.

    Raises
    ------
    VerificationError, ValueError
        As for `symbolic`; also if a value is not a finite real number.

    >>> gradient("eq-square", lambda x: x**2, lambda x: 2 * x,  # doctest: +NORMALIZE_WHITESPACE
    ...          given=lambda rng: rng.normal(),
    ...          rejects={"2 forgotten": lambda x: x})
    ✓ eq-square · gradient · 20 random points, autograd within 1e-10,
    central differences within 1e-06 · rejects: 2 forgotten
    """
    import torch

    label = _named(label, "gradient", rejects, why, why_none)
    tol, tol_differences = positive("tol", tol), positive("tol_differences", tol_differences)
    callback("function", function)
    arguments = _sides.cases(label, callback("given", given), cases)

    def differentiated(*point, **values):
        return instance(f"{label}: what function returns", function(*point, **values), torch.Tensor)

    def at(case):
        """The function of the point alone, and the point."""
        if not isinstance(case, dict):
            if len(case) != 1:
                raise ValueError(
                    f"{label}: given must draw one point, or a dict, but it drew {len(case)} values"
                )
            return differentiated, torch.tensor(_sides.numbers(label, *case))
        if not case:
            raise ValueError(f"{label}: given must draw a dict with the point first, but it drew {case}")
        (name, point), *rest = (
            (name, torch.tensor(_sides.numbers(label, value))) for name, value in case.items()
        )
        return lambda moved: differentiated(**{name: moved}, **dict(rest)), point

    autograd = [torch.autograd.functional.jacobian(*at(case)).numpy() for case in arguments]
    if not isinstance(derivative, str):
        callback("derivative", derivative)
    slopes, *wrong = _sides.values(label, [derivative, *rejects.values()], given, cases)
    _accept(f"{label} (autograd)", _sides.errors(label, autograd, slopes), arguments, tol)
    differences = [_sides.central_differences(*at(case)) for case in arguments]
    _accept(
        f"{label} (central differences)",
        _sides.errors(label, differences, slopes),
        arguments,
        tol_differences,
    )
    for name, values in zip(rejects, wrong, strict=True):
        _reject(label, name, _sides.errors(label, autograd, values), tol)
        _reject(label, name, _sides.errors(label, differences, values), tol_differences)
    within = f"autograd within {_written(tol)}, central differences within {_written(tol_differences)}"
    _report(label, "gradient", f"{cases} random points, {within}", rejects, why_none)


@underflow_is_zero
def expectation(
    label: str,
    sample: Callable,
    expected: ArrayLike,
    *,
    size: int = 100_000,
    standard_errors: float = 4,
    rejects: dict[str, Any],
    why: dict[str, str] | None = None,
    why_none: str | None = None,
) -> None:
    """Check a sampled mean against its exact value, in standard errors.

    Parameters
    ----------
    label, why, why_none
        As for `symbolic`.
    sample : callable
        ``sample(rng, size)`` draws an array of shape ``(size, ...)``.
    expected : array
        The exact mean, of shape ``(...)``.
    size : int
        Number of samples, at least 2.
    standard_errors : float
        Largest error, in standard errors of the mean.
    rejects : dict of str to callable or array
        Wrong versions: of ``sample`` where callable, of ``expected`` where not. Each must miss by
        three times as many standard errors.

    Raises
    ------
    VerificationError, ValueError
        As for `symbolic`; also if a value is not a finite real number.

    >>> expectation("eq-mean", lambda rng, size: rng.normal(1, 2, size),
    ...             1, rejects={"zero": 0})  # doctest: +NORMALIZE_WHITESPACE
    ✓ eq-mean · expectation · 100,000 samples within 4 standard errors
    · rejects: zero
    """
    label = _named(label, "expectation", rejects, why, why_none)
    size, bound = count("size", size, least=2), positive("standard_errors", standard_errors)
    callback("sample", sample)

    def drawn(sample):
        return _sides.numbers(label, sample(_sides.rng(label), size))

    def distance(draws, mean):
        if draws.shape != (size, *mean.shape):
            needed = (size, *mean.shape)
            raise ValueError(f"{label}: samples have shape {draws.shape}, but expected needs {needed}")
        with np.errstate(over="ignore", invalid="ignore"):
            sampled, spread = draws.mean(axis=0), draws.std(axis=0, ddof=1)
        _sides.comparable(label, sampled, mean)
        _sides.comparable(label, spread, mean)
        # A component that is constant has no sampling error, only rounding.
        rounding = 1e-12 * np.maximum(1, np.abs(sampled))
        with np.errstate(over="ignore"):
            return float(np.max(np.abs(sampled - mean) / np.maximum(spread / np.sqrt(size), rounding)))

    expected = _sides.numbers(label, expected)
    wrong = {name: side if callable(side) else _sides.numbers(label, side) for name, side in rejects.items()}
    draws = drawn(sample)
    off = distance(draws, expected)
    if not off <= bound:
        raise VerificationError(f"{label}: the sampled mean is {off:.1f} standard errors off")
    for name, side in wrong.items():
        off = distance(drawn(side), expected) if callable(side) else distance(draws, side)
        if not off > 3 * bound:
            raise VerificationError(
                f"{label}: the wrong version {name!r} is only {off:.1f} standard errors off"
            )
    _report(
        label, "expectation", f"{size:,} samples within {standard_errors} standard errors", rejects, why_none
    )


def _named(label, kind, rejects, why, why_none):
    if not (isinstance(label, str) and label.startswith("eq-")):
        raise ValueError(
            f"verify.{kind} needs the label of the equation it checks, such as 'eq-softmax'; got {label!r}"
        )
    instance(f"{label}: rejects", rejects, dict)
    why = {} if why is None else instance(f"{label}: why", why, dict)
    for text in [*rejects, *why.values(), *([] if why_none is None else [why_none])]:
        instance(f"{label}: why_none, every name in rejects and every sentence in why", text, str)
    if unknown := why.keys() - rejects.keys():
        raise ValueError(f"{label}: why explains {min(unknown)!r}, which rejects does not have")
    if not rejects and not why_none:
        raise ValueError(f"{label}: verify.{kind} needs a wrong version in rejects, or why_none='...'")
    return label


def _accept(label, errors, arguments, tol):
    worst = int(np.argmax(errors))
    if errors[worst] > tol:
        raise VerificationError(f"{label}: the sides differ by {errors[worst]:.3g} at {arguments[worst]}")


def _reject(label, name, errors, tol):
    if not max(errors) > MARGIN * tol:
        raise VerificationError(
            f"{label}: the wrong version {name!r} passes, its worst error is {max(errors):.3g}, "
            f"not above {MARGIN * tol:.3g}"
        )


def _written(tol):
    """With one digit, if that is what it is."""
    return f"{tol:.0e}" if float(f"{tol:.0e}") == tol else f"{tol:g}"


def _report(label, kind, scope, rejects, why_none):
    rejected = f"rejects: {'; '.join(rejects)}" if rejects else f"no wrong version: {why_none}"
    print(f"✓ {label} · {kind} · {scope} · {rejected}")
