"""What each kind of check does in its own way: the errors it tolerates, the distance it wants."""

import re
from fractions import Fraction

import numpy as np
import pytest
import sympy
import torch

from pgbook import verify
from pgbook.verify import VerificationError
from tests.pgbook.test_verify import normal, standard_normal

x = sympy.Symbol("x")


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
