"""What each kind of check does in its own way: the errors it tolerates, the distance it wants."""

import re
from fractions import Fraction
from functools import partial
from itertools import cycle

import numpy as np
import pytest
import sympy
import torch

from pgbook import verify
from pgbook.verify import VerificationError

x, y = sympy.symbols("x y")
symbolic, exact = partial(verify.symbolic, "eq-test"), partial(verify.exact, "eq-test")
gradient = partial(verify.gradient, "eq-test", given=lambda rng: rng.normal())
expectation = partial(verify.expectation, "eq-test")


def fails(message):
    return pytest.raises(VerificationError, match=message)


def test_symbolic_compares_matrices_and_numbers():
    jacobian = sympy.Matrix([x * y, x / y]).jacobian([x, y])
    true = sympy.Matrix([[y, x], [1 / y, -x / y**2]])
    symbolic(jacobian, true, rejects={"transposed": true.T})
    with fails("does not reduce to zero"):
        symbolic(jacobian, true.T, rejects={"the other way round": true})
    symbolic(sympy.Rational(1, 2) + sympy.Rational(1, 2), 1, rejects={"two": 2})


def test_symbolic_demands_that_a_wrong_version_differs_visibly():
    symbolic(x, x, rejects={"visible": x + sympy.Float(1e-5)})
    for size in (1e-7, 1e-6):
        with fails("version 'invisible' agrees with the left-hand side"):
            symbolic(0, 0, rejects={"invisible": sympy.Float(size)})


def test_symbolic_tells_symbols_apart_at_a_point_inside_the_unit_square():
    symbolic(x / y, x / y, rejects={"the other way round": y / x})
    numerators = []
    for number in range(300):
        with fails("agrees with") as error:
            verify.symbolic(f"eq-{number}", 0, 0, rejects={"tiny": (x + y) / 10**9})
        numerators.append(re.search(r"at {x: (\d+)/97, y: (\d+)/97}$", str(error.value)).groups())
    found = np.array(numerators, dtype=int)
    assert (found.min(), found.max()) == (1, 96)
    assert abs(np.corrcoef(found.T)[0, 1]) < 0.2


def test_exact_compares_values_as_they_are_of_every_kind_of_number(capsys):
    exact([[1, 2], [3, 4]], np.arange(1, 5).reshape(2, 2), rejects={"0": np.zeros((2, 2))})
    assert capsys.readouterr().out == "✓ eq-test · exact · the values shown within 1e-10 · rejects: 0\n"
    exact([Fraction(1, 3), sympy.Rational(2, 3), True], [1 / 3, 2 / 3, 1], rejects={"0": [0, 0, 0]})
    exact(np.array([True, False]), [1, 0], rejects={"negated": np.array([False, True])})


def test_exact_passes_several_arguments(capsys):
    given = lambda rng: (rng.normal(size=(2, 3)), rng.normal(size=(3, 4)))  # noqa: E731
    product, wrong = partial(np.einsum, "ij,jk->ik"), {"sign": lambda a, b: -a @ b}
    exact(np.matmul, product, given=given, cases=7, rejects=wrong)
    assert capsys.readouterr().out == "✓ eq-test · exact · 7 random cases within 1e-10 · rejects: sign\n"


def test_exact_takes_formulas_of_what_the_cases_name(capsys):
    def given(rng):  # s is a formula of those before it
        return {"π": rng.dirichlet(np.ones(3)), "r": rng.normal(size=3), "s": "Σ_a π_a r_a²"}

    exact(lambda π, r, s: π @ r**2 - (π @ r) ** 2, "s − J²", given=given, cases=7, rejects={"J²": "s − J"})
    assert capsys.readouterr().out == "✓ eq-test · exact · 7 random cases within 1e-10 · rejects: J²\n"
    # A wrong version without indices gets those of the right one.
    exact(lambda π, r, s: π * (r - π @ r), "π_b (r_b − J)", given=given, rejects={"J alone": "J"})
    with pytest.raises(ValueError, match=r"^eq-test: a side is the formula 's − q', but there is no q here"):
        exact("s − q", "s", given=given, rejects={"0": "0"})


def test_exact_compares_each_of_several_routes():
    given = {"given": lambda rng: rng.normal(), "rejects": {"zero": 0.0}}
    exact((np.sin, lambda x: np.imag(np.exp(1j * x))), np.sin, **given)
    with fails("sides differ"):
        exact((np.sin, np.cos), np.sin, **given)
    with fails("'zero' passes"):
        exact((lambda x: 0.0, lambda x: 0.0), lambda x: 0.0, **given)


def test_one_false_component_in_one_case_is_enough_and_the_worst_case_is_named():
    errors = np.zeros((50, 2))
    errors[[17, 23, 42], 1] = 1e-9, -6e-9, 2e-9
    with fails(r"the sides differ by 6e-09 at \(array\(\[ 0\.e\+00, -6\.e-09\]\),\)$"):
        exact(
            errors[0], lambda error: error, given=partial(next, cycle(errors)), rejects={"1": errors[0] + 1}
        )


@pytest.mark.parametrize(("size", "error"), [(0.0, 9e-11), (1.0, 9e-11), (-1e6, 9e-5), (1e6, 9e-5)])
def test_exact_tolerates_an_error_relative_above_one_and_absolute_below(size, error):
    exact(size, size + error, rejects={"further": size + 2000 * error})
    with fails("the sides differ"):
        exact(size, size + 1.2 * error, rejects={"further": size + 2000 * error})


def test_exact_demands_that_a_wrong_version_misses_a_thousandfold_in_some_case():
    exact(0, 0, tol=1e-3, rejects={"far": 1.01})
    for error in (0.99, 1.0):
        with fails(rf"'near' passes, its worst error is {error:.3g}, not above 1$"):
            exact(0, 0, tol=1e-3, rejects={"near": error})
    exact(abs, np.abs, given=lambda rng: rng.normal(), rejects={"right for x > 0": lambda x: x})
    exact(1.7e308, 1.7e308, rejects={"too far away for float64": -1.7e308})


def test_gradient_has_the_shape_of_output_plus_input():
    a = np.random.default_rng(0).normal(size=(2, 4, 3))
    slope, given = lambda x: 2 * a * x, lambda rng: rng.normal(size=3)
    wrong = {"output reversed": lambda x: slope(x)[::-1]}
    gradient(lambda x: torch.tensor(a) @ x**2, slope, given=given, rejects=wrong)


@pytest.mark.parametrize(
    ("slope", "reference"), [(lambda x: 3 * x**2, "central differences"), (lambda x: 2 * x, "autograd")]
)
def test_gradient_fails_if_only_one_reference_agrees(slope, reference):
    def square_with_the_autograd_of_a_cube(x):
        return (x**2).detach() + x**3 - (x**3).detach()

    with fails(rf"^eq-test \({reference}\): the sides differ"):
        gradient(square_with_the_autograd_of_a_cube, slope, rejects={"0": np.zeros_like})


def test_gradient_demands_that_a_wrong_version_misses_both_references():
    gradient(torch.sin, np.cos, rejects={"off": lambda x: np.cos(x) + 2e-3})
    for error, tolerances in [(5e-8, {}), (5e-4, {}), (0.5, {"tol": 1e-3})]:
        with fails(r"^eq-test: the wrong version 'off' passes"):
            gradient(torch.sin, np.cos, rejects={"off": lambda x: np.cos(x) + error}, **tolerances)  # noqa: B023


def test_gradient_takes_one_point():
    with pytest.raises(
        ValueError, match=r"^eq-test: given must draw one point, or a dict, but it drew 2 values$"
    ):
        gradient(torch.sin, np.cos, given=lambda rng: (1.0, 2.0), rejects={"0": lambda x: 0.0})


def test_a_tolerance_is_printed_as_it_is(capsys):
    exact(1.0, 1.0 + 2.4e-3, tol=2.5e-3, rejects={"far": 5.0})
    assert "within 0.0025" in capsys.readouterr().out


def test_gradient_takes_differences_that_are_good_to_nine_digits(capsys):
    gradient(torch.exp, np.exp, tol_differences=1e-9, rejects={"off": lambda x: 1 + np.exp(x)})
    assert "central differences within 1e-09" in capsys.readouterr().out


def test_expectation_counts_in_standard_errors_and_wants_three_times_as_many():
    # Four draws with mean 1, standard deviation 2 and standard error 1, without a rounding error.
    check = partial(expectation, lambda rng, size: [0.0, 0.0, 0.0, 4.0], size=4)
    for least in (-3.0, 5.0):
        check(least, rejects={"wrong": 13.5})
        with fails(r"^eq-test: the sampled mean is 4\.1 standard errors off$"):
            check(1 + 1.025 * (least - 1), rejects={"wrong": 13.5})
    with fails(r"'wrong' is only 12\.0 standard errors off$"):
        check(1.0, rejects={"wrong": 13.0})


def test_expectation_takes_wrong_samplers_and_wrong_values(capsys):
    wrong = {"sampler": lambda rng, size: rng.normal(1, 1, size), "value": 1.0}
    expectation(lambda rng, size: rng.normal(size=size), 0.0, size=1000, rejects=wrong)
    expected = "✓ eq-test · expectation · 1,000 samples within 4 standard errors · rejects: sampler; value\n"
    assert capsys.readouterr().out == expected


def test_expectation_compares_arrays_component_by_component():
    mean = np.arange(6.0).reshape(2, 3)
    sample = lambda rng, size: rng.normal(mean, 1, (size, 2, 3))  # noqa: E731
    expectation(sample, mean, rejects={"reversed": mean[::-1]})
    with fails("standard errors off"):
        expectation(sample, np.add(mean, [[0, 0, 0], [0, 0.1, 0]]), rejects={"reversed": mean[::-1]})


@pytest.mark.parametrize("constant", [0.0, 1 / 3, 1e6 / 3])
def test_expectation_of_a_constant_has_only_rounding_errors(constant):
    sample, off = lambda rng, size: np.full(size, constant), constant + 1e-8 * max(1, constant)
    expectation(sample, constant, rejects={"1e-8 off": off})
    with fails("standard errors off"):
        expectation(sample, off, rejects={"-1": -1.0})


def test_expectation_needs_two_samples():
    expectation(lambda rng, size: [0.0, 2.0], 1.0, size=2, rejects={"20": 20.0})
    with pytest.raises(ValueError, match=r"^size must be an integer, at least 2, but it is 1$"):
        expectation(lambda rng, size: [0.0], 0.0, size=1, rejects={"20": 20.0})
