"""The vocabulary of checks that stand beside the equations.

Four kinds, strongest first: `symbolic`, `exact`, `gradient`, `expectation`. Each call names the
label of the equation it checks, and the *wrong versions* of it that the same check must reject.
It prints one line, the same on every machine, or raises a `VerificationError` that names the label
and the worst case. Random cases are seeded by the label, so nobody can pick a lucky seed. Each side gets
copies of its own: what it does to them, the others do not see.
"""

import copy
import numbers
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from pgbook._inputs import callback, count, instance, numeric, positive, underflow_is_zero

#: A wrong version has to miss the tolerance by this factor, so that it is not merely rounded differently.
MARGIN = 1000


class VerificationError(AssertionError):
    """An equation failed its check, or a wrong version of it passed."""


def symbolic(label: str, lhs: Any, rhs: Any, *, rejects: dict[str, Any], why_none: str | None = None) -> None:
    """Check that SymPy reduces ``lhs - rhs`` to zero.

    Parameters
    ----------
    label : str
        The equation's label, ``"eq-..."``.
    lhs, rhs : SymPy expression or Matrix
        Both sides, of one shape.
    rejects : dict of str to SymPy expression or Matrix
        Wrong versions of ``rhs``. Each must differ from ``lhs`` at a random point.
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

    label = _named(label, "symbolic", rejects, why_none)

    def matrix(side):
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

    reduced = difference(rhs).applyfunc(sympy.simplify)
    if not reduced.is_zero_matrix:
        raise VerificationError(f"{label}: lhs - rhs does not reduce to zero, it leaves {reduced.tolist()}")
    rng = _rng(label)
    for name, wrong in rejects.items():
        wrong_difference = difference(wrong)
        symbols = sorted(wrong_difference.free_symbols, key=str)
        # Inside (0, 1), so that a symbol may be a probability.
        point = {symbol: sympy.Rational(int(rng.integers(1, 97)), 97) for symbol in symbols}
        values = [abs(complex(value)) for value in wrong_difference.subs(point).evalf()]
        if not max(values) > 1e-6:
            raise VerificationError(
                f"{label}: the wrong version {name!r} agrees with the left-hand side at {point}"
            )
    _report(label, "symbolic", "difference reduces to 0", rejects, why_none)


@underflow_is_zero
def exact(
    label: str,
    lhs: Callable | ArrayLike,
    rhs: Callable | ArrayLike,
    *,
    given: Callable | None = None,
    cases: int = 200,
    tol: float = 1e-10,
    rejects: dict[str, Any],
    why_none: str | None = None,
) -> None:
    """Check that two exact computations agree for many random parameter values.

    Parameters
    ----------
    label, why_none
        As for `symbolic`.
    lhs, rhs : callable or array
        Both sides, computed by independent routes from the same arguments.
    given : callable, optional
        ``given(rng)`` draws the arguments (a tuple, or a single one). Without it both sides are
        taken as they are: one case.
    cases : int
        Number of random cases.
    tol : float
        Largest error, relative where the value exceeds 1 and absolute elsewhere.
    rejects : dict of str to callable or array
        Wrong versions of ``rhs``. Each must miss the tolerance 1000-fold in some case.

    Raises
    ------
    VerificationError, ValueError
        As for `symbolic`; also if a value is not a finite real number.

    >>> exact("eq-sine", lambda x: np.sin(2 * x),
    ...       lambda x: 2 * np.sin(x) * np.cos(x),
    ...       given=lambda rng: rng.normal(size=3),
    ...       rejects={"halved": lambda x: np.sin(x) * np.cos(x)})
    ✓ eq-sine · exact · 200 random cases within 1e-10 · rejects: halved
    """
    label, tol = _named(label, "exact", rejects, why_none), positive("tol", tol)
    arguments = _cases(label, given, cases)
    left, right, *wrong = _values(label, [lhs, rhs, *rejects.values()], arguments)
    _accept(label, _errors(label, left, right), arguments, tol)
    for name, values in zip(rejects, wrong, strict=True):
        _reject(label, name, _errors(label, left, values), tol)
    scope = f"{len(arguments)} random cases" if given else "the values shown"
    _report(label, "exact", f"{scope} within {tol:.0e}", rejects, why_none)


@underflow_is_zero
def gradient(
    label: str,
    function: Callable,
    derivative: Callable,
    *,
    given: Callable,
    cases: int = 20,
    tol: float = 1e-10,
    tol_differences: float = 1e-6,
    rejects: dict[str, Callable],
    why_none: str | None = None,
) -> None:
    """Check an analytic gradient against ``torch.autograd`` and against central differences.

    Parameters
    ----------
    label, why_none
        As for `symbolic`.
    function : callable
        Maps a float64 torch tensor to a tensor of any shape, with torch operations.
    derivative : callable
        Maps the same point as a numpy array to its derivative there, of shape ``output + input``.
    given : callable
        ``given(rng)`` draws the point, a float or an array.
    cases : int
        Number of random points.
    tol, tol_differences : float
        Largest error against autograd and against central differences.
    rejects : dict of str to callable
        Wrong versions of ``derivative``. Each must miss ``tol`` 1000-fold in some case.

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

    label = _named(label, "gradient", rejects, why_none)
    tol, tol_differences = positive("tol", tol), positive("tol_differences", tol_differences)
    callback("function", function)
    callback("derivative", derivative)
    arguments = _cases(label, callback("given", given), cases)
    points = [_numbers(label, point) for (point,) in arguments]
    autograd = [torch.autograd.functional.jacobian(function, torch.tensor(point)).numpy() for point in points]
    slopes, *wrong = _values(label, [derivative, *rejects.values()], arguments)
    _accept(f"{label} (autograd)", _errors(label, autograd, slopes), arguments, tol)
    differences = [_central_differences(function, torch.tensor(point)) for point in points]
    _accept(f"{label} (central differences)", _errors(label, differences, slopes), arguments, tol_differences)
    for name, values in zip(rejects, wrong, strict=True):
        _reject(label, name, _errors(label, autograd, values), tol)
        _reject(label, name, _errors(label, differences, values), tol_differences)
    scope = (
        f"{cases} random points, autograd within {tol:.0e}, central differences within {tol_differences:.0e}"
    )
    _report(label, "gradient", scope, rejects, why_none)


@underflow_is_zero
def expectation(
    label: str,
    sample: Callable,
    expected: ArrayLike,
    *,
    size: int = 100_000,
    standard_errors: float = 4,
    rejects: dict[str, Any],
    why_none: str | None = None,
) -> None:
    """Check a sampled mean against its exact value, in standard errors.

    Parameters
    ----------
    label, why_none
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
    label = _named(label, "expectation", rejects, why_none)
    size, bound = count("size", size, least=2), positive("standard_errors", standard_errors)
    callback("sample", sample)

    def distance(sample, mean):
        draws = _numbers(label, sample(_rng(label), size))
        if draws.shape != (size, *mean.shape):
            needed = (size, *mean.shape)
            raise ValueError(f"{label}: samples have shape {draws.shape}, but expected needs {needed}")
        with np.errstate(over="ignore", invalid="ignore"):
            sampled, spread = draws.mean(axis=0), draws.std(axis=0, ddof=1)
        _comparable(label, sampled, mean)
        _comparable(label, spread, mean)
        # A component that is constant has no sampling error, only rounding.
        rounding = 1e-12 * np.maximum(1, np.abs(sampled))
        with np.errstate(over="ignore"):
            return float(np.max(np.abs(sampled - mean) / np.maximum(spread / np.sqrt(size), rounding)))

    expected = _numbers(label, expected)
    wrong = {name: side if callable(side) else _numbers(label, side) for name, side in rejects.items()}
    off = distance(sample, expected)
    if not off <= bound:
        raise VerificationError(f"{label}: the sampled mean is {off:.1f} standard errors off")
    for name, side in wrong.items():
        off = distance(side, expected) if callable(side) else distance(sample, side)
        if not off > 3 * bound:
            raise VerificationError(
                f"{label}: the wrong version {name!r} is only {off:.1f} standard errors off"
            )
    _report(
        label, "expectation", f"{size:,} samples within {standard_errors} standard errors", rejects, why_none
    )


def _named(label, kind, rejects, why_none):
    if not (isinstance(label, str) and label.startswith("eq-")):
        raise ValueError(
            f"verify.{kind} needs the label of the equation it checks, such as 'eq-softmax'; got {label!r}"
        )
    instance(f"{label}: rejects", rejects, dict)
    for text in [*rejects, *([] if why_none is None else [why_none])]:
        instance(f"{label}: why_none and every name in rejects", text, str)
    if not rejects and not why_none:
        raise ValueError(f"{label}: verify.{kind} needs a wrong version in rejects, or why_none='...'")
    return label


def _rng(label):
    return np.random.default_rng(zlib.crc32(label.encode()))


def _cases(label, given, cases):
    if given is None:
        return [()]
    callback("given", given)
    rng = _rng(label)
    drawn = [copy.deepcopy(given(rng)) for _ in range(count(f"{label}: cases", cases, least=1))]
    return [case if isinstance(case, tuple) else (case,) for case in drawn]


def _values(label, sides, cases):
    """The values of each side in all cases. What a side does to a case is done to a copy."""
    constants = [None if callable(side) else _numbers(label, side) for side in sides]
    return [
        [_numbers(label, side(*copy.deepcopy(case))) if callable(side) else constant for case in cases]
        for side, constant in zip(sides, constants, strict=True)
    ]


def _numbers(label, value):
    """Real numbers as float64: also truth values, and what can be converted, such as fractions."""
    array = numeric(f"{label}: a side", value, "real numbers", kinds="biufO")
    try:
        if array.dtype.kind == "O" and not all(hasattr(entry, "__float__") for entry in array.flat):
            raise TypeError("it holds other objects")
        with np.errstate(over="ignore"):
            return array.astype(float)
    except (TypeError, OverflowError) as error:
        raise ValueError(f"{label}: a side must hold real numbers; {error}") from None


def _errors(label, left, right):
    """Largest error in each case, relative where the left value exceeds 1."""
    errors = []
    for a, b in zip(left, right, strict=True):
        _comparable(label, a, b)
        with np.errstate(over="ignore"):
            errors.append(float(np.max(np.abs(a - b) / np.maximum(1, np.abs(a)))))
    return errors


def _comparable(label, a, b):
    if a.shape != b.shape:
        raise ValueError(f"{label}: the sides have shapes {a.shape} and {b.shape}")
    if not (np.isfinite(a).all() and np.isfinite(b).all()):
        raise ValueError(f"{label}: a side is not finite")
    if a.size == 0:
        raise ValueError(f"{label}: there is nothing to compare")


def _accept(label, errors, arguments, tol):
    worst = int(np.argmax(errors))
    if errors[worst] > tol:
        raise VerificationError(f"{label}: the sides differ by {errors[worst]:.3g} at {arguments[worst]}")


def _reject(label, name, errors, tol):
    if not max(errors) > MARGIN * tol:
        raise VerificationError(
            f"{label}: the wrong version {name!r} passes, its worst error is {max(errors):.3g}"
        )


def _central_differences(function, point):
    import torch

    step = np.finfo(float).eps ** (1 / 3)
    columns = []
    for direction in torch.eye(point.numel(), dtype=point.dtype).reshape(-1, *point.shape):
        columns.append((function(point + step * direction) - function(point - step * direction)) / (2 * step))
    derivative = torch.stack(columns, dim=-1)
    return derivative.reshape(derivative.shape[:-1] + point.shape).detach().numpy()


def _report(label, kind, scope, rejects, why_none):
    rejected = f"rejects: {'; '.join(rejects)}" if rejects else f"no wrong version: {why_none}"
    print(f"✓ {label} · {kind} · {scope} · {rejected}")
