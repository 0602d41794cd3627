"""A check accepts the true equation, refuses a false one, and fails if it cannot tell the two apart."""

import random
import re
from collections.abc import Callable
from fractions import Fraction
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


# --- symbolic --------------------------------------------------------------------------------------


def test_symbolic_compares_matrices(capsys):
    a, b = sympy.symbols("a b")
    jacobian = sympy.Matrix([a * b, a / b]).jacobian([a, b])
    true = sympy.Matrix([[b, a], [1 / b, -a / b**2]])
    verify.symbolic("eq-test", jacobian, true, rejects={"transposed": true.T})
    assert "rejects: transposed" in capsys.readouterr().out
    with pytest.raises(VerificationError):
        verify.symbolic("eq-test", jacobian, true.T, rejects={"the other way round": true})


def test_symbolic_compares_numbers(capsys):
    verify.symbolic("eq-test", sympy.Rational(1, 2) + sympy.Rational(1, 2), 1, rejects={"two": 2})
    assert "✓ eq-test" in capsys.readouterr().out


def test_symbolic_refuses_a_difference_it_cannot_reduce():
    f = sympy.Function("f")
    with pytest.raises(VerificationError, match="does not reduce to zero"):
        verify.symbolic("eq-test", f(x), f(x + 1), rejects={"0": sympy.Integer(0)})


def test_symbolic_demands_that_a_wrong_version_differs_visibly():
    verify.symbolic("eq-test", x, x, rejects={"visible": x + sympy.Float(1e-5)})
    for size in (1e-7, 1e-6):
        with pytest.raises(VerificationError, match="version 'invisible' agrees with the left-hand side"):
            verify.symbolic("eq-test", 0, 0, rejects={"invisible": sympy.Float(size)})


def test_symbolic_tells_symbols_apart_at_a_point_inside_the_unit_square(capsys):
    y = sympy.Symbol("y")
    verify.symbolic("eq-test", x / y, x / y, rejects={"the other way round": y / x})
    assert "✓ eq-test" in capsys.readouterr().out
    numerators = []
    for number in range(300):
        with pytest.raises(VerificationError, match="agrees with") as error:
            verify.symbolic(f"eq-{number}", 0, 0, rejects={"tiny": (x + y) / 10**9})
        numerators.append(re.search(r"at {x: (\d+)/97, y: (\d+)/97}$", str(error.value)).groups())
    found = np.array(numerators, dtype=int)
    assert (found.min(), found.max()) == (1, 96)
    assert abs(np.corrcoef(found.T)[0, 1]) < 0.2


# --- exact -----------------------------------------------------------------------------------------


def test_exact_compares_values_as_they_are(capsys):
    verify.exact("eq-test", [[1, 2], [3, 4]], np.arange(1, 5).reshape(2, 2), rejects={"0": np.zeros((2, 2))})
    assert capsys.readouterr().out == "✓ eq-test · exact · the values shown within 1e-10 · rejects: 0\n"


def test_exact_compares_fractions_numbers_of_sympy_and_truth_values(capsys):
    third = sympy.Rational(1, 3)
    verify.exact("eq-test", [Fraction(1, 3), 2 * third, True], [1 / 3, 2 / 3, 1], rejects={"0": [0, 0, 0]})
    verify.exact("eq-test", np.array([True, False]), [1, 0], rejects={"negated": np.array([False, True])})
    assert capsys.readouterr().out.count("✓ eq-test") == 2


def test_exact_tolerates_an_error_as_large_as_the_tolerance():
    verify.exact("eq-test", 0, 1e-3, tol=1e-3, rejects={"far": 1.01})


def test_exact_rejects_a_wrong_version_that_is_too_far_away_for_float64():
    verify.exact("eq-test", 1.7e308, 1.7e308, rejects={"sign": -1.7e308})


def test_exact_passes_several_arguments(capsys):
    verify.exact(
        "eq-test",
        lambda a, b: a @ b,
        lambda a, b: np.einsum("nij,njk->nik", a, b),
        given=lambda rng: (rng.normal(size=(5, 2, 3)), rng.normal(size=(5, 3, 4))),
        cases=7,
        rejects={"sign": lambda a, b: -a @ b},
    )
    assert capsys.readouterr().out == "✓ eq-test · exact · 7 random cases within 1e-10 · rejects: sign\n"


def test_exact_names_the_worst_case():
    points = iter([1.0, 2.0, 3.0, 4.0])
    errors = {1.0: 0.0, 2.0: 0.1, 3.0: -0.6, 4.0: 0.2}
    with pytest.raises(VerificationError, match=r"the sides differ by 0\.6 at \(3\.0,\)"):
        verify.exact("eq-test", 0, errors.get, given=lambda rng: next(points), cases=4, rejects={"1": 1})


def test_one_false_component_in_one_case_is_enough():
    errors = np.zeros((200, 3, 3))
    errors[123, 1, 2] = 1e-9
    sides = iter(errors)
    with pytest.raises(VerificationError, match="the sides differ by 1e-09"):
        verify.exact("eq-test", errors[0], lambda _: next(sides), given=normal, rejects={"1": errors[0] + 1})


@pytest.mark.parametrize(("size", "error"), [(0.0, 9e-11), (1.0, 9e-11), (-1e6, 9e-5), (1e6, 9e-5)])
def test_exact_tolerates_an_error_relative_above_one_and_absolute_below(size, error):
    verify.exact("eq-test", size, size + error, rejects={"further": size + 2000 * error})
    with pytest.raises(VerificationError):
        verify.exact("eq-test", size, size + 1.2 * error, rejects={"further": size + 2000 * error})


def test_exact_demands_that_a_wrong_version_misses_by_more_than_a_thousandfold():
    verify.exact("eq-test", 0, 0, tol=1e-3, rejects={"far": 1.01})
    for error in (0.99, 1.0):
        with pytest.raises(VerificationError, match=rf"'near' passes, its worst error is {error:.3g}$"):
            verify.exact("eq-test", 0, 0, tol=1e-3, rejects={"near": error})


def test_exact_rejects_a_wrong_version_that_is_wrong_in_some_case_only():
    verify.exact("eq-test", abs, np.abs, given=normal, rejects={"right for x > 0": lambda x: x})


# --- gradient --------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(), (3,), (2, 3), (1,)])
def test_gradient_takes_points_of_any_shape(shape, capsys):
    verify.gradient(
        "eq-test",
        lambda x: (x**3).sum(),
        lambda x: 3 * x**2,
        given=lambda rng: rng.normal(size=shape),
        rejects={"3 forgotten": lambda x: x**2},
    )
    assert "✓ eq-test · gradient" in capsys.readouterr().out


def test_gradient_has_the_shape_of_output_plus_input(capsys):
    a = np.random.default_rng(0).normal(size=(2, 4, 3))
    verify.gradient(
        "eq-test",
        lambda x: torch.tensor(a) @ x**2,
        lambda x: 2 * a * x,
        given=lambda rng: rng.normal(size=3),
        rejects={"output reversed": lambda x: 2 * a[::-1] * x},
    )
    assert "✓ eq-test · gradient" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("slope", "reference"), [(lambda x: 3 * x**2, "central differences"), (lambda x: 2 * x, "autograd")]
)
def test_gradient_fails_if_only_one_reference_agrees(slope, reference):
    def square_with_the_autograd_of_a_cube(x):
        return (x**2).detach() + x**3 - (x**3).detach()

    with pytest.raises(VerificationError, match=rf"^eq-test \({reference}\): the sides differ"):
        verify.gradient(
            "eq-test", square_with_the_autograd_of_a_cube, slope, given=normal, rejects={"0": np.zeros_like}
        )


def test_gradient_demands_that_a_wrong_version_misses_both_references():
    def slope_off_by(error):
        return {"off": lambda x: np.cos(x) + error}

    verify.gradient("eq-test", torch.sin, np.cos, given=normal, rejects=slope_off_by(2e-3))
    for error in (5e-8, 5e-4):
        with pytest.raises(VerificationError, match=r"^eq-test: the wrong version 'off' passes"):
            verify.gradient("eq-test", torch.sin, np.cos, given=normal, rejects=slope_off_by(error))
    with pytest.raises(VerificationError, match=r"^eq-test: the wrong version 'off' passes"):
        verify.gradient("eq-test", torch.sin, np.cos, given=normal, tol=1e-3, rejects=slope_off_by(0.5))


def test_gradient_takes_differences_that_are_good_to_nine_digits(capsys):
    verify.gradient(
        "eq-test",
        torch.exp,
        np.exp,
        given=normal,
        tol_differences=1e-9,
        rejects={"off": lambda x: 1 + np.exp(x)},
    )
    assert "central differences within 1e-09" in capsys.readouterr().out


# --- expectation -----------------------------------------------------------------------------------


def standard_normal(rng, size):
    return rng.normal(size=size)


@pytest.mark.parametrize("sign", [-1, 1])
def test_expectation_detects_an_error_of_a_few_standard_errors(sign):
    few = sign * 9 / np.sqrt(100_000)
    with pytest.raises(VerificationError, match=r"eq-test: the sampled mean is \d+\.\d standard errors off"):
        verify.expectation("eq-test", standard_normal, few, rejects={"1": 1.0})


def test_expectation_demands_that_a_wrong_version_is_three_times_further_off():
    standard_error = 1 / np.sqrt(100_000)
    verify.expectation("eq-test", standard_normal, 0.0, rejects={"far": 16.5 * standard_error})
    with pytest.raises(VerificationError, match=r"the wrong version 'near' is only .* standard errors off"):
        verify.expectation("eq-test", standard_normal, 0.0, rejects={"near": 7.5 * standard_error})


def test_expectation_takes_wrong_samplers_and_wrong_values(capsys):
    verify.expectation(
        "eq-test",
        standard_normal,
        0.0,
        size=1000,
        rejects={"sampler": lambda rng, size: rng.normal(1, 1, size), "value": 1.0},
    )
    expected = "✓ eq-test · expectation · 1,000 samples within 4 standard errors · rejects: sampler; value\n"
    assert capsys.readouterr().out == expected


def test_expectation_compares_arrays_component_by_component():
    mean = np.arange(6.0).reshape(2, 3)

    def sample(rng, size):
        return rng.normal(mean, 1, (size, 2, 3))

    verify.expectation("eq-test", sample, mean, rejects={"reversed": mean[::-1]})
    one_wrong = mean.copy()
    one_wrong[1, 1] += 0.1
    with pytest.raises(VerificationError):
        verify.expectation("eq-test", sample, one_wrong, rejects={"reversed": mean[::-1]})


@pytest.mark.parametrize("constant", [0.0, 1 / 3, 1e6 / 3])
def test_expectation_of_a_constant_has_only_rounding_errors(constant):
    def sample(rng, size):
        return np.full(size, constant)

    verify.expectation("eq-test", sample, constant, rejects={"1e-8 off": constant + 1e-8 * max(1, constant)})
    with pytest.raises(VerificationError):
        verify.expectation("eq-test", sample, constant + 1e-8 * max(1, constant), rejects={"-1": -1.0})


def test_expectation_needs_as_many_samples_as_it_asks_for():
    with pytest.raises(
        ValueError, match=r"eq-test: samples have shape \(10,\), but expected needs \(100000,\)"
    ):
        verify.expectation("eq-test", lambda rng, size: rng.normal(size=10), 0.0, rejects={"1": 1.0})


@pytest.mark.parametrize(
    "draws",
    [[1e308] * 4, [-1e200, 1e200] * 2, [np.inf] * 4, [0, 1, 2, np.nan]],
    ids=["sum", "square", "inf", "nan"],
)
def test_expectation_of_samples_too_large_for_a_mean_and_a_spread_verifies_nothing(draws):
    with pytest.raises(ValueError, match=r"^eq-test: a side is not finite$"):
        verify.expectation("eq-test", lambda rng, size: draws, 0.0, size=4, rejects={"1": 1.0})


# Four draws with mean 1, standard deviation 2 and standard error 1, without a rounding error.
FOUR = [0.0, 0.0, 0.0, 4.0]


def test_expectation_counts_in_standard_errors_of_the_mean():
    def check(exact, wrong):
        verify.expectation("eq-test", lambda rng, size: FOUR, exact, size=4, rejects={"wrong": wrong})

    for least in (-3.0, 5.0):
        check(least, 13.5)
        with pytest.raises(
            VerificationError, match=r"^eq-test: the sampled mean is 4\.1 standard errors off$"
        ):
            check(1 + 1.025 * (least - 1), 13.5)
    with pytest.raises(VerificationError, match=r"'wrong' is only 12\.0 standard errors off$"):
        check(1.0, 13.0)


def test_expectation_needs_two_samples():
    verify.expectation("eq-test", lambda rng, size: [0.0, 2.0], 1.0, size=2, rejects={"20": 20.0})
    with pytest.raises(ValueError, match=r"^size must be an integer, at least 2, but it is 1$"):
        verify.expectation("eq-test", lambda rng, size: [0.0], 0.0, size=1, rejects={"20": 20.0})


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
