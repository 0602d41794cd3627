"""A check accepts the true equation, refuses a false one, and fails if it cannot tell the two apart."""

import random
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import pytest
import sympy
import torch

from pgbook import verify
from pgbook.verify import VerificationError

x = sympy.Symbol("x")


def normal(rng):
    return rng.normal()


def around_one(rng, size):
    return rng.normal(1, 2, size)


class Kind(NamedTuple):
    """A kind of check of one equation; the sides stand for its right-hand side."""

    name: str
    lhs: Any
    true: Any
    false: Any
    misshapen: Any
    not_finite: Any
    scope: str  # what the printed line says between the kind and the wrong versions
    worst: str  # how the worst case of `false` is described
    given: dict = {}  # noqa: RUF012

    def check(self, rhs, label="eq-test", **keywords):
        return getattr(verify, self.name)(label, self.lhs, rhs, **self.given | keywords)


KINDS = [
    Kind(
        name="symbolic",
        lhs=sympy.sin(2 * x),
        true=2 * sympy.sin(x) * sympy.cos(x),
        false=sympy.sin(x) * sympy.cos(x),
        misshapen=sympy.Matrix([x, x]),
        not_finite=sympy.nan,
        scope="difference reduces to 0",
        worst=r"lhs - rhs does not reduce to zero, it leaves \[\[sin\(2\*x\)/2\]\]",
    ),
    Kind(
        name="exact",
        lhs=lambda x: np.sin(2 * x),
        true=lambda x: 2 * np.sin(x) * np.cos(x),
        false=lambda x: np.sin(x) * np.cos(x),
        misshapen=lambda x: np.zeros(2),
        not_finite=lambda x: np.nan,
        scope="50 random cases within 1e-10",
        worst=r"the sides differ by 0\.5 at \(",
        given={"given": normal},
    ),
    Kind(
        name="gradient",
        lhs=torch.sin,
        true=np.cos,
        false=lambda x: -np.cos(x),
        misshapen=lambda x: np.zeros(2),
        not_finite=lambda x: np.inf,
        scope="20 random points, autograd within 1e-10, central differences within 1e-06",
        worst=r"the sides differ by (2|1\.9\d+) at \(",
        given={"given": normal},
    ),
    Kind(
        name="expectation",
        lhs=around_one,
        true=1.0,
        false=0.0,
        misshapen=[1.0, 1.0],
        not_finite=np.inf,
        scope="100,000 samples within 4 standard errors",
        worst=r"the sampled mean is 15\d\.\d standard errors off",
    ),
]
every_kind = pytest.mark.parametrize("kind", KINDS, ids=[kind.name for kind in KINDS])


# --- what every kind does --------------------------------------------------------------------------


@every_kind
def test_a_true_equation_is_reported_in_one_line(kind, capsys):
    assert kind.check(kind.true, rejects={"a slip": kind.false, "2": kind.false}) is None
    assert capsys.readouterr() == (f"✓ eq-test · {kind.name} · {kind.scope} · rejects: a slip; 2\n", "")
    kind.check(kind.true, rejects={}, why_none="it is a definition")
    expected = f"✓ eq-test · {kind.name} · {kind.scope} · no wrong version: it is a definition\n"
    assert capsys.readouterr().out == expected
    with pytest.raises(TypeError, match="rejects"):
        kind.check(kind.true)


LABEL = r"^verify.{name} needs the label of the equation it checks, such as 'eq-softmax'; got {label!r}$"
WRONG_VERSION = r"^eq-test: verify.{name} needs a wrong version in rejects, or why_none='...'$"
FALSE, SHAPES = r"^eq-test\b.*: {worst}", r"^eq-test\b.* have shapes? \(.*\(.*\)"
NOT_FINITE = r"^eq-test\b.*(not finite|leaves \[\[nan\]\]|'not_finite')"


@every_kind
@pytest.mark.parametrize(
    ("rhs", "wrong", "keywords", "error", "message"),
    [
        ("false", ["true"], {}, VerificationError, FALSE),
        ("false", [], {"why_none": "a definition"}, VerificationError, FALSE),
        ("true", ["false", "true"], {}, VerificationError, r"^eq-test: the wrong version 'true'"),
        ("misshapen", ["false"], {}, ValueError, SHAPES),
        ("true", ["misshapen"], {}, ValueError, SHAPES),
        ("not_finite", ["false"], {}, (ValueError, VerificationError), NOT_FINITE),
        ("true", ["not_finite"], {}, (ValueError, VerificationError), NOT_FINITE),
        *(("true", [], why, ValueError, WRONG_VERSION) for why in ({}, {"why_none": None}, {"why_none": ""})),
        *(
            ("true", ["false"], {"label": label}, ValueError, LABEL)
            for label in ("softmax", "", "Eq-softmax", "eq:softmax", None)
        ),
    ],
)
def test_what_fails_is_an_error_that_says_why_and_prints_nothing(
    kind, rhs, wrong, keywords, error, message, capsys
):
    with pytest.raises(error, match=message.format(**kind._asdict(), **{"label": None} | keywords)):
        kind.check(getattr(kind, rhs), rejects={name: getattr(kind, name) for name in wrong}, **keywords)
    assert capsys.readouterr() == ("", "")
    assert issubclass(VerificationError, AssertionError)


@every_kind
def test_numpys_error_settings_change_nothing(kind):
    with np.errstate(all="raise"):
        kind.check(kind.true, rejects={"a slip": kind.false})
        if kind.given:
            kind.check(lambda x: kind.true(x) + np.exp(-750 + 0 * x), rejects={"a slip": kind.false})
        if kind.name == "expectation":
            tiny = lambda rng, size: [1e-300, 2e-300]  # noqa: E731
            verify.expectation("eq-test", tiny, 1.5e-300, size=2, rejects={"1": 1.0})


# --- sides and arguments of which nothing can be verified -------------------------------------------


def words(*_):
    return ["a", "b"]


def draws(*numbers):
    """Arguments of an expectation whose samples are these."""
    return {"sample": lambda rng, size: numbers, "expected": 0.0, "size": 4}


WORDS = "a side must hold real numbers, but its dtype is <U1"
OBJECTS, NOTHING = "a side must hold real numbers; it holds other objects", "there is nothing to compare"
CONVERT, FINITE = "a side must hold real numbers; int too large to convert to float", "a side is not finite"
CASES = "cases must be an integer, at least 1, but it is 0"
SINE, NONE = {"function": torch.sin, "derivative": np.cos, "given": normal}, np.zeros((0, 2))


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("exact", {"lhs": words, "rhs": 1.0}, WORDS),
        ("exact", {"lhs": 1.0, "rhs": words}, WORDS),
        ("gradient", SINE | {"given": words}, WORDS),
        ("gradient", SINE | {"derivative": words}, WORDS),
        ("gradient", SINE | {"given": lambda rng: {}}, "given must draw a dict with the point first, .*"),
        ("gradient", SINE | {"function": lambda x: 1.0}, "what function returns must be a Tensor, .* 1.0"),
        ("expectation", {"sample": words, "expected": 1.0}, WORDS),
        ("expectation", {"sample": around_one, "expected": ["a"]}, WORDS),
        ("exact", {"lhs": np.array(["1.5", 2], dtype=object), "rhs": 2}, OBJECTS),
        ("exact", {"lhs": [None, 1], "rhs": 2}, OBJECTS),
        ("exact", {"lhs": [10**400, 1], "rhs": 2}, CONVERT),
        ("symbolic", {"lhs": sympy.zeros(0, 2), "rhs": sympy.zeros(0, 2)}, NOTHING),
        ("exact", {"lhs": NONE, "rhs": NONE}, NOTHING),
        ("gradient", {"function": torch.sum, "derivative": np.ones_like, "given": lambda rng: NONE}, NOTHING),
        ("expectation", {"sample": lambda rng, size: np.zeros((size, 0)), "expected": NONE[:, 0]}, NOTHING),
        ("exact", {"lhs": np.sin, "rhs": np.sin, "given": normal, "cases": 0}, CASES),
        ("expectation", draws(1e308, 1e308, 1e308, 1e308), FINITE),
        ("expectation", draws(-1e200, 1e200, -1e200, 1e200), FINITE),
        ("expectation", draws(0, 1, 2, np.nan), FINITE),
        ("expectation", draws(0, 0, 0), r"samples have shape \(3,\), but expected needs \(4,\)"),
    ],
)
def test_what_verifies_nothing_is_an_error_that_names_the_equation(name, arguments, message, capsys):
    with pytest.raises(ValueError, match=rf"^eq-test( \(autograd\))?: {message}$"):
        getattr(verify, name)("eq-test", **arguments, rejects={}, why_none="nothing")
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("wrong", [sympy.oo, sympy.nan, sympy.Function("f")(x)], ids=str)
def test_a_wrong_version_without_a_finite_value_shows_nothing(wrong):
    with pytest.raises(ValueError, match=r"^eq-test: the wrong version 'none' has no finite value at "):
        verify.symbolic("eq-test", x, x, rejects={"none": wrong})


def cases_of(name, label):
    """What a side gets, where all is drawn into one array."""
    buffer, seen = np.zeros(1), []

    def side(a):
        seen.append(a.item())
        return a if name == "exact" else np.eye(1)

    def sample(rng, size):
        seen.extend(rng.normal(size=size))
        return seen

    if name == "expectation":
        sides, keywords = (sample, 0.0), {"standard_errors": 100}
    else:
        sides, keywords = (lambda a: a, side), {"given": lambda rng: rng.standard_normal(out=buffer)}
    getattr(verify, name)(label, *sides, **keywords, rejects={}, why_none="only the draws matter")
    return seen


@pytest.mark.parametrize("name", ["exact", "gradient", "expectation"])
def test_random_cases_differ_and_depend_on_the_label_alone(name):
    first = cases_of(name, "eq-one")
    assert len(set(first)) == len(first) >= 20
    np.random.seed(1)  # noqa: NPY002
    random.seed(1)
    torch.manual_seed(1)
    assert cases_of(name, "eq-two")[0] != first[0]
    assert cases_of(name, "eq-one") == first


# --- what one side does, the others do not see ------------------------------------------------------


def spoiling(side):
    """The side, which then overwrites what it was given."""

    def spoiled(given):
        tensor = isinstance(given, torch.Tensor)
        value = side(given.clone()) if tensor else np.copy(side(given))
        (given.data if tensor else given)[...] = 0
        return value

    return spoiled


SUMS = {
    "exact": (np.sum, lambda a: a[0] + a[1] + a[2], lambda a: 0.0),
    "gradient": (lambda a: (a**2).sum(), lambda a: 2 * a, lambda a: 0 * a),
}


@pytest.mark.parametrize(("name", "sides"), SUMS.items(), ids=SUMS)
def test_a_false_equation_does_not_become_true_by_overwriting_the_arguments(name, sides):
    (lhs, rhs, zero) = sides
    check = partial(getattr(verify, name), "eq-test", given=lambda rng: rng.normal(size=3), why_none="none")
    for true in (lhs, spoiling(lhs)):
        check(true, spoiling(rhs), rejects={"0": spoiling(zero), "none": zero})
        with pytest.raises(VerificationError, match="the sides differ"):
            check(true, zero, rejects={})
        with pytest.raises(VerificationError, match=r"wrong version 'right' passes"):
            check(true, spoiling(rhs), rejects={"0": spoiling(zero), "right": rhs})
    with pytest.raises(VerificationError, match="the sides differ"):
        # Where the left side has made its argument 0, the wrong right side is right.
        check(spoiling(lhs), lambda a: rhs(a) * (np.abs(a).max() == 0), rejects={})


def with_closure(rng):
    w = rng.normal(size=3)
    return lambda x: w @ x


def with_default(rng):
    drawn = rng.normal(size=3)
    return lambda x, w=drawn: w @ x


@pytest.mark.parametrize(
    ("drawn", "kept"),
    [
        (with_closure, lambda f: f.__closure__[0].cell_contents),
        (with_default, lambda f: f.__defaults__[0]),
    ],
)
def test_nor_by_overwriting_what_a_function_it_was_given_keeps(drawn, kept):
    def zero(f):
        kept(f)[:] = 0
        return f(np.ones(3))

    given = {"given": drawn, "rejects": {}, "why_none": "a test"}
    verify.exact("eq-test", lambda f: f(np.ones(3)), lambda f: kept(f).sum(), **given)
    for sides in ((zero, lambda f: f(np.ones(3))), (lambda f: f(np.ones(3)), zero)):
        with pytest.raises(VerificationError, match="the sides differ"):
            verify.exact("eq-test", *sides, **given)


def test_nor_by_overwriting_what_all_cases_share():
    shared = np.ones(3)
    given = {"given": lambda rng: (shared, rng.normal()), "rejects": {}, "why_none": "a test"}
    with pytest.raises(VerificationError, match="the sides differ"):
        verify.exact("eq-test", lambda a, _: spoiling(np.sum)(a), lambda a, _: 0.0, **given)
    np.testing.assert_array_equal(shared, 1)


def test_values_that_are_given_as_they_are_are_taken_before_any_side_runs():
    def overwrites(*given):
        value[:], wrong[:] = 5.0, 5.0
        return np.full(3, 5.0)

    value, wrong = np.ones(3), np.zeros(3)
    with pytest.raises(VerificationError, match="the sides differ by"):
        verify.exact("eq-test", value, overwrites, rejects={"0": wrong})
    value, wrong = np.ones(3), np.zeros(3)
    verify.exact("eq-test", lambda: np.ones(3), value, rejects={"5": overwrites, "0": wrong})
    value, wrong = np.ones(3), np.zeros(3)
    with pytest.raises(VerificationError, match="the sampled mean is"):
        verify.expectation("eq-test", lambda _, n: np.tile(overwrites(), (n, 1)), value, rejects={"0": wrong})
