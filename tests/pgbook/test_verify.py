"""A check accepts the true equation, refuses a false one, and fails if it cannot tell the two apart."""

import random
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest
import sympy
import torch

from pgbook import verify
from pgbook.verify import VerificationError

x = sympy.Symbol("x")


class Kind(NamedTuple):
    """A kind of check, with a left-hand side of its own: ``check(label, right-hand side, rejects=...)``."""

    check: Callable
    true: Any
    false: Any
    scope: str  # what the printed line says between the kind and the wrong versions
    worst: str  # how the worst case of `false` is described
    misshapen: Any
    not_finite: Any
    empty: tuple  # both sides of an equation about nothing


def normal(rng):
    return rng.normal()


def standard_normal(rng, size):
    return rng.normal(size=size)


KINDS = {
    "symbolic": Kind(
        check=lambda label, rhs, **keywords: verify.symbolic(label, sympy.sin(2 * x), rhs, **keywords),
        true=2 * sympy.sin(x) * sympy.cos(x),
        false=sympy.sin(x) * sympy.cos(x),
        scope="difference reduces to 0",
        worst=r"does not reduce to zero, it leaves \[\[sin\(2\*x\)/2\]\]",
        misshapen=sympy.Matrix([x, x]),
        not_finite=sympy.nan,
        empty=(sympy.zeros(0, 2), sympy.zeros(0, 2)),
    ),
    "exact": Kind(
        check=lambda label, rhs, **keywords: verify.exact(
            label, lambda x: np.sin(2 * x), rhs, given=normal, **keywords
        ),
        true=lambda x: 2 * np.sin(x) * np.cos(x),
        false=lambda x: np.sin(x) * np.cos(x),
        scope="200 random cases within 1e-10",
        worst=r"the sides differ by 0\.5 at \(",
        misshapen=lambda x: np.zeros(2),
        not_finite=lambda x: np.nan,
        empty=(np.zeros((0, 2)), np.zeros((0, 2))),
    ),
    "gradient": Kind(
        check=lambda label, rhs, **keywords: verify.gradient(label, torch.sin, rhs, given=normal, **keywords),
        true=np.cos,
        false=lambda x: -np.cos(x),
        scope="20 random points, autograd within 1e-10, central differences within 1e-06",
        worst=r"the sides differ by (2|1\.9\d+) at \(",
        misshapen=lambda x: np.zeros(2),
        not_finite=lambda x: np.inf,
        empty=(torch.sum, np.ones_like),
    ),
    "expectation": Kind(
        check=lambda label, rhs, **keywords: verify.expectation(
            label, lambda rng, size: rng.normal(1, 2, size), rhs, **keywords
        ),
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


def is_silent(capsys):
    return capsys.readouterr() == ("", "")


# --- what every kind does --------------------------------------------------------------------------


@every_kind
def test_a_true_equation_is_reported_in_one_line(name, kind, capsys):
    assert kind.check("eq-test", kind.true, rejects={"a slip": kind.false, "2": kind.false}) is None
    assert capsys.readouterr() == (f"✓ eq-test · {name} · {kind.scope} · rejects: a slip; 2\n", "")


@every_kind
def test_a_false_equation_fails_with_its_label_and_worst_case(name, kind, capsys):
    with pytest.raises(VerificationError, match=rf"^eq-test\b.*: .*{kind.worst}"):
        kind.check("eq-test", kind.false, rejects={"the other way round": kind.true})
    with pytest.raises(AssertionError, match=kind.worst):
        kind.check("eq-test", kind.false, rejects={}, why_none="it is a definition")
    assert is_silent(capsys)


@every_kind
def test_a_wrong_version_that_passes_fails_the_check(name, kind, capsys):
    with pytest.raises(VerificationError, match=r"^eq-test: the wrong version 'not wrong'"):
        kind.check("eq-test", kind.true, rejects={"wrong": kind.false, "not wrong": kind.true})
    assert is_silent(capsys)


@every_kind
@pytest.mark.parametrize("label", ["softmax", "", "Eq-softmax", "eq:softmax", None, 3])
def test_a_check_needs_the_label_of_an_equation(name, kind, label):
    with pytest.raises(ValueError, match=f"verify.{name} needs the label of the equation .* got {label!r}"):
        kind.check(label, kind.true, rejects={"a slip": kind.false})


@every_kind
@pytest.mark.parametrize("keywords", [{}, {"why_none": None}, {"why_none": ""}], ids=repr)
def test_a_check_needs_a_wrong_version_or_the_reason_why_there_is_none(name, kind, keywords):
    with pytest.raises(ValueError, match=f"eq-test: verify.{name} needs a wrong version .*, or why_none"):
        kind.check("eq-test", kind.true, rejects={}, **keywords)


@every_kind
def test_wrong_versions_cannot_be_forgotten(name, kind):
    with pytest.raises(TypeError, match="rejects"):
        kind.check("eq-test", kind.true)


@every_kind
def test_the_reason_for_no_wrong_version_is_reported(name, kind, capsys):
    kind.check("eq-test", kind.true, rejects={}, why_none="it is a definition")
    expected = f"✓ eq-test · {name} · {kind.scope} · no wrong version: it is a definition\n"
    assert capsys.readouterr().out == expected


@every_kind
def test_both_sides_must_have_the_same_shape(name, kind, capsys):
    with pytest.raises(ValueError, match=r"^eq-test\b.* have shapes? \(.*\(.*\)"):
        kind.check("eq-test", kind.misshapen, rejects={"a slip": kind.false})
    with pytest.raises(ValueError, match=r"^eq-test\b.* have shapes? \(.*\(.*\)"):
        kind.check("eq-test", kind.true, rejects={"misshapen": kind.misshapen})
    assert is_silent(capsys)


@every_kind
def test_a_value_that_is_not_finite_verifies_nothing(name, kind, capsys):
    with pytest.raises((ValueError, VerificationError), match=r"^eq-test\b.*(not finite|leaves \[\[nan\]\])"):
        kind.check("eq-test", kind.not_finite, rejects={"a slip": kind.false})
    with pytest.raises((ValueError, VerificationError), match=r"^eq-test\b.*(not finite|'undefined')"):
        kind.check("eq-test", kind.true, rejects={"undefined": kind.not_finite})
    assert is_silent(capsys)


@every_kind
def test_an_empty_comparison_verifies_nothing(name, kind, capsys):
    no_numbers = {"given": lambda rng: np.zeros(0)} if name == "gradient" else {}
    with pytest.raises(ValueError, match=r"^eq-test\b.*: there is nothing to compare"):
        getattr(verify, name)("eq-test", *kind.empty, **no_numbers, rejects={}, why_none="nothing")
    assert is_silent(capsys)


# --- random cases ----------------------------------------------------------------------------------


def cases_of(kind, label):
    """The random numbers that a check of this kind draws for this label."""
    drawn = []

    def draw(rng, size=1):
        drawn.append(rng.normal(size=size))
        return drawn[-1]

    keywords = {"rejects": {}, "why_none": "only the draws matter"}
    if kind == "exact":
        verify.exact(label, lambda x: x, lambda x: x, given=draw, **keywords)
    elif kind == "gradient":
        verify.gradient(label, lambda x: x, lambda x: np.eye(1), given=draw, **keywords)
    else:
        verify.expectation(label, draw, 0.0, standard_errors=100, **keywords)
    return np.concatenate(drawn)


@pytest.mark.parametrize("kind", ["exact", "gradient", "expectation"])
def test_random_cases_depend_on_the_label_alone(kind):
    first = cases_of(kind, "eq-one")
    np.random.seed(1)  # noqa: NPY002
    random.seed(1)
    torch.manual_seed(1)
    assert cases_of(kind, "eq-two")[0] != first[0]
    np.testing.assert_array_equal(cases_of(kind, "eq-one"), first)


@pytest.mark.parametrize("kind", ["exact", "gradient", "expectation"])
def test_random_cases_differ_from_each_other(kind):
    cases = cases_of(kind, "eq-one")
    assert len(set(cases)) == len(cases) >= 20


@pytest.mark.parametrize("check", [verify.exact, verify.gradient])
def test_at_least_one_case_is_needed(check):
    with pytest.raises(ValueError, match="eq-test: cases must be an integer, at least 1, but it is 0"):
        check("eq-test", np.sin, np.sin, given=normal, cases=0, rejects={"a slip": np.cos})


# --- what one side does, the others do not see ------------------------------------------------------


def spoiling(side):
    """The side, which then overwrites what it was given."""

    def spoiled(given):
        if isinstance(given, torch.Tensor):
            value, given = side(given.clone()), given.data
        else:
            value = np.copy(side(given))
        given[...] = 0
        return value

    return spoiled


def three_numbers(rng):
    return rng.normal(size=3)


SUMS = {
    "exact": (verify.exact, np.sum, lambda a: a[0] + a[1] + a[2], lambda a: 0.0),
    "gradient": (verify.gradient, lambda a: (a**2).sum(), lambda a: 2 * a, lambda a: 0 * a),
}
every_sum = pytest.mark.parametrize(("check", "lhs", "rhs", "zero"), SUMS.values(), ids=SUMS)
given_three = {"given": three_numbers, "rejects": {}, "why_none": "the arguments matter"}


@every_sum
def test_a_false_equation_does_not_become_true_by_overwriting_the_arguments(check, lhs, rhs, zero):
    for true in (lhs, spoiling(lhs)):
        check(
            "eq-test", true, spoiling(rhs), given=three_numbers, rejects={"0": spoiling(zero), "none": zero}
        )
        with pytest.raises(VerificationError, match="the sides differ"):
            check("eq-test", true, zero, **given_three)
        with pytest.raises(VerificationError, match=r"wrong version 'right' passes"):
            check(
                "eq-test",
                true,
                spoiling(rhs),
                given=three_numbers,
                rejects={"0": spoiling(zero), "right": rhs},
            )
    with pytest.raises(VerificationError, match="the sides differ"):
        # Where the left side has made its argument 0, the wrong right side is right.
        check("eq-test", spoiling(lhs), lambda a: rhs(a) * (np.abs(a).max() == 0), **given_three)


@pytest.mark.parametrize("check", [verify.exact, verify.gradient])
def test_cases_that_are_drawn_into_one_array_are_as_many(check):
    buffer, seen = np.zeros(1), []

    def given(rng):
        buffer[:] = rng.normal(size=1)
        return buffer

    def side(a):
        seen.append(float(np.sum(a)))
        return 2 * np.asarray(a) if check is verify.exact else 2 * np.diag(a)

    lhs = (lambda a: 2 * a) if check is verify.exact else (lambda a: a**2)
    check("eq-test", lhs, side, given=given, rejects={"0": lambda a: 0 * side(a)})
    assert len(set(seen)) >= 20


def test_values_that_are_given_as_they_are_are_taken_before_any_side_runs():
    value, wrong = np.ones(3), np.zeros(3)

    def overwrites(*given):
        value[:], wrong[:] = 5.0, 5.0
        return np.full(3, 5.0)

    with pytest.raises(VerificationError, match="the sides differ by"):
        verify.exact("eq-test", value, overwrites, rejects={"0": wrong})
    value[:], wrong[:] = 1.0, 0.0
    verify.exact("eq-test", lambda: np.ones(3), value, rejects={"5": overwrites, "0": wrong})
    value[:], wrong[:] = 1.0, 0.0
    with pytest.raises(VerificationError, match="the sampled mean is"):
        verify.expectation(
            "eq-test", lambda rng, size: np.tile(overwrites(), (size, 1)), value, rejects={"0": wrong}
        )


def test_symbolic_leaves_a_matrix_as_it_is():
    lhs, rhs = sympy.Matrix([[x, 1]]), sympy.Matrix([[x, 1]])
    verify.symbolic("eq-test", lhs, rhs, rejects={"transposed twice": 2 * rhs})
    assert lhs == rhs == sympy.Matrix([[x, 1]])


@every_kind
def test_numpys_error_settings_change_nothing(name, kind, capsys):
    tiny = {"exact": 5e-324, "expectation": 1.0}.get(name)
    with np.errstate(all="raise"):
        kind.check("eq-test", kind.true, rejects={"a slip": kind.false})
        if name == "exact":
            verify.exact("eq-test", [tiny, 1e200], [0.0, 1e200], rejects={"a slip": [1e300, 0.0]})
        if name == "expectation":
            verify.expectation(
                "eq-test", lambda rng, size: [1e-300, 2e-300], 1.5e-300, size=2, rejects={"1": 1.0}
            )


# --- sides that are no numbers ---------------------------------------------------------------------


def words(*_):
    return ["a", "b"]


@pytest.mark.parametrize(
    ("kind", "sides", "keywords"),
    [
        ("exact", (words, 1.0), {}),
        ("exact", (1.0, words), {}),
        ("gradient", (torch.sin, np.cos), {"given": words}),
        ("gradient", (torch.sin, words), {"given": normal}),
        ("expectation", (words, 1.0), {}),
        ("expectation", (standard_normal, words()), {}),
    ],
)
def test_a_side_that_holds_no_numbers_is_an_error_that_names_the_equation(kind, sides, keywords):
    with pytest.raises(ValueError, match=r"^eq-test: a side must hold real numbers, but its dtype is <U1$"):
        getattr(verify, kind)("eq-test", *sides, **keywords, rejects={"0": np.zeros_like})


@pytest.mark.parametrize(
    ("side", "why"),
    [
        (np.array(["1.5", 2], dtype=object), "it holds other objects"),
        ([None, 1], "it holds other objects"),
        ([10**400, 1], "int too large to convert to float"),
    ],
    ids=["a word", "nothing", "too large"],
)
def test_objects_that_are_no_numbers_are_an_error_that_says_why(side, why):
    with pytest.raises(ValueError, match=f"^eq-test: a side must hold real numbers; {why}$"):
        verify.exact("eq-test", side, [1.5, 2], rejects={"0": [0, 0]})
