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

    lhs: Any
    true: Any
    false: Any
    scope: str  # what the printed line says between the kind and the wrong versions
    worst: str  # how the worst case of `false` is described
    misshapen: Any
    not_finite: Any
    empty: tuple  # both sides of an equation about nothing
    given: dict = {}  # noqa: RUF012

    def check(self, rhs, label="eq-test", **keywords):
        (name,) = [name for name, kind in KINDS.items() if kind is self]
        return getattr(verify, name)(label, self.lhs, rhs, **self.given | keywords)


KINDS = {
    "symbolic": Kind(
        lhs=sympy.sin(2 * x),
        true=2 * sympy.sin(x) * sympy.cos(x),
        false=sympy.sin(x) * sympy.cos(x),
        scope="difference reduces to 0",
        worst=r"does not reduce to zero, it leaves \[\[sin\(2\*x\)/2\]\]",
        misshapen=sympy.Matrix([x, x]),
        not_finite=sympy.nan,
        empty=(sympy.zeros(0, 2), sympy.zeros(0, 2)),
    ),
    "exact": Kind(
        lhs=lambda x: np.sin(2 * x),
        true=lambda x: 2 * np.sin(x) * np.cos(x),
        false=lambda x: np.sin(x) * np.cos(x),
        scope="200 random cases within 1e-10",
        worst=r"the sides differ by 0\.5 at \(",
        misshapen=lambda x: np.zeros(2),
        not_finite=lambda x: np.nan,
        empty=(np.zeros((0, 2)), np.zeros((0, 2))),
        given={"given": normal},
    ),
    "gradient": Kind(
        lhs=torch.sin,
        true=np.cos,
        false=lambda x: -np.cos(x),
        scope="20 random points, autograd within 1e-10, central differences within 1e-06",
        worst=r"the sides differ by (2|1\.9\d+) at \(",
        misshapen=lambda x: np.zeros(2),
        not_finite=lambda x: np.inf,
        empty=(torch.sum, np.ones_like),
        given={"given": normal},
    ),
    "expectation": Kind(
        lhs=around_one,
        true=1.0,
        false=0.0,
        scope="100,000 samples within 4 standard errors",
        worst=r"the sampled mean is 15\d\.\d standard errors off",
        misshapen=[1.0, 1.0],
        not_finite=np.inf,
        empty=(lambda rng, size: np.zeros((size, 0)), np.zeros(0)),
    ),
}
every_kind = pytest.mark.parametrize(("name", "kind"), KINDS.items(), ids=KINDS)


# --- what every kind does --------------------------------------------------------------------------


@every_kind
def test_a_true_equation_is_reported_in_one_line(name, kind, capsys):
    assert kind.check(kind.true, rejects={"a slip": kind.false, "2": kind.false}) is None
    assert capsys.readouterr() == (f"✓ eq-test · {name} · {kind.scope} · rejects: a slip; 2\n", "")
    kind.check(kind.true, rejects={}, why_none="it is a definition")
    expected = f"✓ eq-test · {name} · {kind.scope} · no wrong version: it is a definition\n"
    assert capsys.readouterr().out == expected


@every_kind
def test_a_false_equation_fails_with_its_label_and_worst_case(name, kind, capsys):
    for keywords in ({"rejects": {"the other": kind.true}}, {"rejects": {}, "why_none": "a definition"}):
        with pytest.raises(VerificationError, match=rf"^eq-test\b.*: .*{kind.worst}"):
            kind.check(kind.false, **keywords)
    assert capsys.readouterr() == ("", "")
    assert issubclass(VerificationError, AssertionError)


@every_kind
def test_a_wrong_version_that_passes_fails_the_check(name, kind, capsys):
    with pytest.raises(VerificationError, match=r"^eq-test: the wrong version 'not wrong'"):
        kind.check(kind.true, rejects={"wrong": kind.false, "not wrong": kind.true})
    assert capsys.readouterr() == ("", "")


@every_kind
@pytest.mark.parametrize("label", ["softmax", "", "Eq-softmax", "eq:softmax", None])
def test_a_check_needs_the_label_of_an_equation(name, kind, label):
    with pytest.raises(ValueError, match=f"verify.{name} needs the label of the equation .* got {label!r}"):
        kind.check(kind.true, label, rejects={"a slip": kind.false})


@every_kind
def test_a_check_needs_a_wrong_version_or_the_reason_why_there_is_none(name, kind):
    for keywords in ({}, {"why_none": None}, {"why_none": ""}):
        with pytest.raises(ValueError, match=f"eq-test: verify.{name} needs a wrong version .*, or why_none"):
            kind.check(kind.true, rejects={}, **keywords)
    with pytest.raises(TypeError, match="rejects"):
        kind.check(kind.true)


@every_kind
@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("misshapen", r"^eq-test\b.* have shapes? \(.*\(.*\)"),
        ("not_finite", r"^eq-test\b.*(not finite|leaves \[\[nan\]\]|'not_finite')"),
    ],
)
def test_sides_of_two_shapes_or_a_value_that_is_not_finite_verify_nothing(name, kind, fault, message, capsys):
    side = getattr(kind, fault)
    for rhs, wrong in [(side, {"a slip": kind.false}), (kind.true, {fault: side})]:
        with pytest.raises((ValueError, VerificationError), match=message):
            kind.check(rhs, rejects=wrong)
    assert capsys.readouterr() == ("", "")


@every_kind
def test_an_empty_comparison_verifies_nothing(name, kind, capsys):
    given = {"given": lambda rng: np.zeros(0)} if name == "gradient" else {}
    with pytest.raises(ValueError, match=r"^eq-test\b.*: there is nothing to compare"):
        getattr(verify, name)("eq-test", *kind.empty, **given, rejects={}, why_none="nothing")
    assert capsys.readouterr() == ("", "")


@every_kind
def test_numpys_error_settings_change_nothing(name, kind):
    with np.errstate(all="raise"):
        kind.check(kind.true, rejects={"a slip": kind.false})
        if name in ("exact", "gradient"):
            kind.check(lambda x: kind.true(x) + np.exp(-750 + 0 * x), rejects={"a slip": kind.false})
        if name == "expectation":
            tiny = lambda rng, size: [1e-300, 2e-300]  # noqa: E731
            verify.expectation("eq-test", tiny, 1.5e-300, size=2, rejects={"1": 1.0})


# --- random cases ----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["exact", "gradient", "expectation"])
def test_random_cases_differ_and_depend_on_the_label_alone(kind):
    def cases_of(label):
        drawn, keywords = [], {"rejects": {}, "why_none": "only the draws matter"}

        def draw(rng, size=1):
            drawn.append(rng.normal(size=size))
            return drawn[-1]

        if kind == "expectation":
            verify.expectation(label, draw, 0.0, standard_errors=100, **keywords)
        else:
            derivative = (lambda x: x) if kind == "exact" else (lambda x: np.eye(1))
            getattr(verify, kind)(label, lambda x: x, derivative, given=draw, **keywords)
        return np.concatenate(drawn)

    first = cases_of("eq-one")
    assert len(set(first)) == len(first) >= 20
    np.random.seed(1)  # noqa: NPY002
    random.seed(1)
    torch.manual_seed(1)
    assert cases_of("eq-two")[0] != first[0]
    np.testing.assert_array_equal(cases_of("eq-one"), first)


@pytest.mark.parametrize("check", [verify.exact, verify.gradient])
def test_at_least_one_case_is_needed(check):
    with pytest.raises(ValueError, match="eq-test: cases must be an integer, at least 1, but it is 0"):
        check("eq-test", np.sin, np.sin, given=normal, cases=0, rejects={"a slip": np.cos})


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


@pytest.mark.parametrize("name", SUMS)
def test_cases_that_are_drawn_into_one_array_are_as_many(name):
    buffer, seen = np.zeros(1), []

    def given(rng):
        buffer[:] = rng.normal(size=1)
        return buffer

    def side(a):
        seen.append(float(np.sum(a)))
        return 2 * np.asarray(a) if name == "exact" else 2 * np.diag(a)

    lhs = (lambda a: 2 * a) if name == "exact" else (lambda a: a**2)
    getattr(verify, name)("eq-test", lhs, side, given=given, rejects={"0": lambda a: 0 * side(a)})
    assert len(set(seen)) >= 20


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


# --- sides that are no numbers ---------------------------------------------------------------------


def words(*_):
    return ["a", "b"]


@pytest.mark.parametrize(
    ("check", "message"),
    [
        (partial(verify.exact, lhs=words, rhs=1.0), "but its dtype is <U1"),
        (partial(verify.exact, lhs=1.0, rhs=words), "but its dtype is <U1"),
        (
            partial(verify.gradient, function=torch.sin, derivative=np.cos, given=words),
            "but its dtype is <U1",
        ),
        (
            partial(verify.gradient, function=torch.sin, derivative=words, given=normal),
            "but its dtype is <U1",
        ),
        (partial(verify.expectation, sample=words, expected=1.0), "but its dtype is <U1"),
        (partial(verify.expectation, sample=around_one, expected=["a"]), "but its dtype is <U1"),
        (partial(verify.exact, lhs=np.array(["1.5", 2], dtype=object), rhs=2), "it holds other objects"),
        (partial(verify.exact, lhs=[None, 1], rhs=2), "it holds other objects"),
        (partial(verify.exact, lhs=[10**400, 1], rhs=2), "int too large to convert to float"),
    ],
)
def test_a_side_that_holds_no_numbers_is_an_error_that_names_the_equation_and_says_why(check, message):
    with pytest.raises(ValueError, match=f"^eq-test: a side must hold real numbers[,;] {message}$"):
        check("eq-test", rejects={"0": np.zeros_like})
