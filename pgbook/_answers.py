"""What an answer to an exercise is compared with, and what there is to say of it.

The `form` of an answer says of what kind and shape it is, and where a function or an expression is tried. A
`key` has that, the right values there and those of known mistakes. Both are plain data, so that they can be
kept without the solution's code, and `read` makes as plain data of an answer. All comparing is `compared`.
"""

import contextlib
import copy
import functools
import sys

import numpy as np

from pgbook._inputs import numeric, place

#: How close numbers must be if the question does not say how many digits it asks for, and SymPy expressions.
RELATIVE, SYMBOLIC = 1e-6, 1e-12


def key(wanted, mistakes=None, digits=None, cases=None):
    """Return what answers are compared with: the form, the values and those of known mistakes, and digits.

    >>> key(np.array([1, 2]))["form"]
    {'kind': 'numbers', 'places': [[]], 'shapes': [[2]], 'truth': False}
    """
    points = symbols(wanted)
    kind = "expression" if points is not None else "function" if callable(wanted) else "numbers"
    form = {"kind": kind, "places": [list(at) for at in cases or [()]] if points is None else points}

    def values(side):
        return [_value(side, at, "biuf", kind) for at in _places(form)]

    right = values(wanted)
    form |= {"shapes": [list(array.shape) for array in right], "truth": right[0].dtype.kind == "b"}
    known = {name: [values(wrong), why] for name, (wrong, why) in (mistakes or {}).items()}
    return {"form": form, "values": right, "mistakes": known, "digits": digits}


def read(form, answer):
    """Return as arrays what an answer is where it is tried; None of a function that is not written yet.

    Raises
    ------
    ValueError
        If the answer is of another kind, or fails; the message is for whoever answered.
    """
    function = form["kind"] == "function"
    if callable(answer) != function:
        asked = "a SymPy expression" if form["kind"] == "expression" else "numbers"
        kinds = [asked, "a function"]
        raise ValueError(f"the exercise asks for {kinds[function]}, not for {kinds[not function]}")
    places = _places(form)
    if function and any(_called(answer, places[0]) is nothing for nothing in (None, ...)):
        return None
    return [_value(answer, at, "b" if form["truth"] else "iuf", form["kind"]) for at in places]


def numbers(answer):
    """Return as an array what should be numbers."""
    return _value(answer, (), "iuf", "numbers")


def misshapen(form, found):
    """Return in words how the shapes of what was read differ from those asked for, or nothing."""
    for one, wanted in zip(found, form["shapes"], strict=True):
        if one.shape != tuple(wanted):
            return f"{shape(one.shape)}, where the exercise asks for {shape(tuple(wanted))}"
    return None


def compared(key, found):
    """Return what there is to say of an answer of which `read` made these arrays.

    >>> compared(key(np.array([1, 2])), [np.array([2, 4])])
    'off by the factor 2'
    """
    form, places = key["form"], _places(key["form"])
    solution = [np.asarray(values) for values in key["values"]]
    relative = SYMBOLIC if form["kind"] == "expression" else RELATIVE
    near = functools.partial(_near, digits=key["digits"], relative=relative)

    def agree(some, others):
        return all(near(one, np.asarray(other)).all() for one, other in zip(some, others, strict=True))

    if agree(found, solution):
        return "right"
    for name, (wrong, why) in key["mistakes"].items():
        if agree(found, wrong):
            return f"known mistake: {name} · {why}"
    if found[0].ndim == 2 and agree([array.T for array in found], solution):
        return "rows and columns are exchanged"
    if other_shape := misshapen(form, found):
        return other_shape
    if not form["truth"]:
        factor = _factor(*(np.concatenate([array.ravel() for array in side]) for side in (found, solution)))
        if factor and agree([array / factor for array in found], solution):
            return "right but for the sign" if abs(factor + 1) < 1e-6 else f"off by the factor {factor:.4g}"
    pairs = zip(places, found, solution, strict=True)
    at, one, other = next(pair for pair in pairs if not near(*pair[1:]).all())
    where = "" if form["truth"] else f", too {'large' if one.ravel()[0] > other.ravel()[0] else 'small'}"
    where = f", first at answer{np.argwhere(~near(one, other))[0].tolist()}" if one.ndim else where
    return f"different{where}" + (f", for {_written(at)}" if at else "")


def symbols(wanted):
    """Return the names of the symbols of a SymPy expression; None for all else."""
    sympy = sys.modules.get("sympy")  # without it there are none
    if not sympy or not isinstance(wanted, sympy.Expr | sympy.MatrixBase):
        return None
    return sorted(symbol.name for symbol in wanted.free_symbols)


def _places(form):
    """Return where an answer is tried: arguments of a function, or the values of symbols by name."""
    if form["kind"] == "expression":
        import sympy

        rng = np.random.default_rng(0)  # inside (0, 1), so that a symbol may be a probability
        names = form["places"]
        return [{name: sympy.Rational(int(rng.integers(1, 97)), 97) for name in names} for _ in range(8)]
    return [tuple(np.array(part) if isinstance(part, list) else part for part in at) for at in form["places"]]


def _value(side, at, kinds, kind):
    """Return as an array what a side is at one place, or raise a ``ValueError`` that says why it is none."""
    if kind == "expression":
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
        raise ValueError(f"answer raises {first_line(error)}, for {_written(arguments)}") from None


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


def counted(count):
    return "one number" if count == 1 else f"{count} numbers"


def shape(sizes):
    return f"an array of shape {sizes}" if sizes else "one number"


def _written(at):
    """Write arguments, or the values of symbols, in one line."""
    if isinstance(at, dict):
        return ", ".join(f"{name} = {value}" for name, value in at.items())
    return ", ".join(" ".join(str(np.round(part, 3) if np.ndim(part) else part).split()) for part in at)


def first_line(error):
    return f"{type(error).__name__}: {error}".splitlines()[0]
