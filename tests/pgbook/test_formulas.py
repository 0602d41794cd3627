"""What formulas mean, and what whoever writes something else is told."""

import numpy as np
import pytest
import sympy

from pgbook.formulas import FormulaError, complete, read, symbolic, value

RNG = np.random.default_rng(0)
VALUES = complete({"z": RNG.normal(size=4), "r": RNG.normal(size=4), "x": 0.7, "K_0": 3.0, "∇π": "z"})
PI, R, Z, J = (VALUES[name] for name in ("π", "r", "z", "J"))
MEANT = {
    "π_b (r_b − J)": PI * (R - J),
    "pi_b*(r_b - J)": PI * (R - J),
    r"\pi_b \left(r_b - \sum_c \pi_c r_c\right)": PI * (R - J),
    "π ⊙ (r − J)": PI * (R - J),
    "π[b] · (r[b] − J)": PI * (R - J),
    "π_a (δ_ab − π_b)": np.diag(PI) - np.outer(PI, PI),
    "e_a − π": np.eye(4) - PI,
    "Σ_a r_a e_a": R,
    "‖e_a − π‖²": 1 - 2 * PI + PI @ PI,
    r"\nabla π_b + ∇π_b": 2 * Z,
    "r_a z_b": np.outer(R, Z),
    "z_b r_a": np.outer(R, Z),
    "e^z_b / Σ_c e^{z_c}": PI,
    "exp(z_b)/sum_c exp(z_c)": PI,
    r"\frac{\pi_b}{2} r_b": PI * R / 2,
    "½ Σ_a π_a² r_a": PI**2 @ R / 2,
    "‖π‖²": PI @ PI,
    "||π||^2": PI @ PI,
    "π/‖π‖": PI / np.sqrt(PI @ PI),
    "|r_b| |z_b|": abs(R) * abs(Z),
    "|r_b − |x||": abs(R - 0.7),
    "Σ_{c≠b} π_c r_c": J - PI * R,
    "Σ_c π_c r_c − J": 0.0,
    "Σ_c (π_c + x)": 1 + 4 * 0.7,
    "Π_c π_c": PI.prod(),
    "max_c z_c": Z.max(),
    "max_{c≠b} z_c": [np.delete(Z, b).max() for b in range(4)],
    "mean_{c≠b} r_c": [np.delete(R, b).mean() for b in range(4)],
    "mean_c r_c": R.mean(),
    "r̄": R.mean(),
    "rbar": R.mean(),
    r"\bar{r}": R.mean(),
    "max(z_1, z_2)": max(Z[0], Z[1]),
    "clip(r_b, −½, ½)": np.clip(R, -0.5, 0.5),
    "log π_a²": np.log(PI**2),
    "log(π_a)²": np.log(PI) ** 2,
    "√x": 0.7**0.5,
    "√2 x": 2**0.5 * 0.7,
    "−x²": -0.49,
    "2^−1": 0.5,
    "2 x^2 x": 2 * 0.7**3,
    "x⁻¹": 1 / 0.7,
    "1/2x": 0.35,
    "1 − −x": 1.7,
    "2^3^2": 512.0,
    "x K_0": 2.1,
}
TOLD = {
    "": "there is nothing here yet",
    "π_b (r_b": r"a \) is missing at the end",
    "π_b r_b)": r"there is a \) too many",
    "(π_b + r_b] x": r"a \) is missing before \]",
    "|x": r"a \| is missing at the end",
    "q": "there is no q here; there are J, K, K_0, r, r̄, x, z, π, ∇π",
    "rz": "there is no rz here",
    "3 $ 4": "“[$]” has no meaning here",
    "x +": "something is missing at the end",
    "x * / 2": "something is missing before /",
    "π_bc": "π has one index, not bc",
    "x_b": "x is one number and has no index b",
    "Σ π_c": "Σ needs an index, such as Σ_c",
    "Σ_bc π_c": "Σ needs one letter as its index, such as Σ_c",
    "δ_a": "δ needs two letters as its index, such as δ_ab",
    "Σ_a δ_1a r_a": "δ needs two letters as its index, such as δ_ab",
    "2 + 1e-3 x": r"^1e… can be read in two ways; write 1 \* 10\^3, or 1 e \* 3$",
    "log": "something is missing at the end",
    "min(x)": "min takes 2 arguments, not 1",
    "_b x": "the index _b belongs to nothing",
    "1.2.3": "“1” has no meaning here",
    "π_9": "π has 4 entries, and none with the number 9",
    "‖π_b‖": "‖ ‖ takes a vector without an index",
    "e_1": "there is no e here",
    "π_b r": "r needs an index, such as r_b",
    "x" * 1_000_000: "this is 1,000,000 characters long; 400 are enough",
    "__import__('os')": "has no meaning here|there is no|belongs to nothing",
    "(" * 390: "more than 40 brackets or signs stand one inside the other",
    "-" * 390 + "x": "more than 40 brackets or signs stand one inside the other",
}


@pytest.mark.parametrize("text", MEANT)
def test_a_formula_means_what_it_says(text):
    np.testing.assert_allclose(read(text, VALUES)(VALUES), MEANT[text], rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("text", TOLD, ids=lambda text: text[:20])
def test_what_is_no_formula_gets_one_clear_sentence(text):
    with pytest.raises(FormulaError, match=TOLD[text]) as caught:
        read(text, VALUES)(VALUES)
    assert "\n" not in str(caught.value)


def test_an_index_that_nothing_sums_is_named():
    with pytest.raises(FormulaError, match="the index c is not summed, and the result has no index c"):
        value("π_b r_c", VALUES, like="π_b r_b")


def test_vectors_of_different_lengths_do_not_share_an_index():
    with pytest.raises(FormulaError, match="the index b runs over 2 and over 3 entries"):
        value("u_b w_b", {"u": np.ones(2), "w": np.ones(3)})


def test_a_formula_gets_the_shape_of_its_model():
    np.testing.assert_array_equal(value("x", VALUES, like="π_a r_b"), np.full((4, 4), 0.7))


def test_an_index_can_be_fixed():
    values = {"a": 2, "z": Z, "π": PI}
    np.testing.assert_allclose(value("δ_ab − π_b", values), np.eye(4)[2] - PI)
    np.testing.assert_allclose(value("log π_a", values), np.log(PI[2]))

    with pytest.raises(FormulaError, match="the index a is given; sum over another letter"):
        value("π_a Σ_a z_a", values)
    assert value("Σ_a z_a", values) == Z.sum()


def test_e_a_goes_with_vectors_without_an_index():
    np.testing.assert_array_equal(value("e_a − π", VALUES, like="δ_ab − π_b"), np.eye(4) - PI)
    with pytest.raises(FormulaError, match="e_a is a vector: beside it, write vectors without an index"):
        value("e_a − π_b", VALUES, like="δ_ab − π_b")


def test_a_formula_of_symbols_is_exact():
    p, q = sympy.symbols("p q")
    assert symbolic("½ Σ_c v_c² + log p", {"v": [p, q], "p": p}) == p**2 / 2 + q**2 / 2 + sympy.log(p)
    assert symbolic("v_a (δ_ab − v_b)", {"v": [p, q]}) == sympy.Matrix(
        [[p * (1 - p), -p * q], [-p * q, q * (1 - q)]]
    )


P = sympy.Symbol("p")
THIRD = sympy.Rational(1, 3)
EXACT = {
    "Σ_c v_c": P + 1,
    "mean_c v_c": (P + 1) / 3,
    "mean_c δ_bc": sympy.Matrix([THIRD] * 3),
    "Σ_{c≠b} v_c": sympy.Matrix([1, P, P + 1]),
    "Π_{c≠b} (v_c + 1)": sympy.Matrix([2, P + 1, 2 * P + 2]),
    "max_{c≠b} v_c": sympy.Matrix([1, sympy.Max(P, 0), sympy.Max(P, 1)]),
    "min_c v_c": sympy.Min(P, 0),
    "v_2 / 3": THIRD,
    "v_2 / w": THIRD,
    "sigmoid(p + 1)": 1 / (1 + sympy.exp(-P - 1)),
    "clip(p, 0, 1)": sympy.Min(sympy.Max(P, 0), 1),
    "log(1 + p)": sympy.log(1 + P),
    **{f"{name}(p)": getattr(sympy, name)(P) for name in ("exp", "sqrt", "tanh", "sinh", "cosh")},
    "|p| + ln p": sympy.Abs(P) + sympy.log(P),
    "max(p, ½)": sympy.Max(P, sympy.Rational(1, 2)),
}


@pytest.mark.parametrize("text", EXACT)
def test_whatever_is_in_the_grammar_has_an_exact_form(text):
    found = symbolic(text, {"v": [P, 1, 0], "w": 3, "p": P})
    assert found == EXACT[text] or (found - EXACT[text]).expand() == 0
    assert not found.atoms(sympy.Float)


def test_numbers_are_exact_even_where_no_symbol_is_given():
    assert symbolic("1/3", {}) == THIRD
    with pytest.raises(FormulaError, match=r"^there is no q here; there are p$"):
        symbolic("q", {"p": P})


@pytest.mark.parametrize(
    ("text", "values", "message"),
    [
        ("x", None, "values must be a Mapping, but it is None"),
        ("x + 1", {"x": None}, "x must be real numbers, but it contains None"),
        ("x + 1", {"x": 1j}, r"x must be real numbers, but it contains np.complex128\(1j\)"),
        ("x_a", {"x": ["a", "b"]}, r"x must be real numbers, but it contains np.str_\('a'\)"),
        ("M_a", {"M": np.eye(2), "x": 1.0}, "there is no M here; there are x"),
        ("max_c r_c", {"r": []}, "max needs entries, but the index c runs over none"),
        ("mean_c r_c", {"r": []}, "mean needs entries, but the index c runs over none"),
    ],
)
def test_values_that_are_none_are_named(text, values, message):
    with pytest.raises(ValueError, match=f"^{message}$"):
        value(text, values)


def test_no_answer_names_what_is_asked():
    assert "J" not in complete({"π": PI})
    assert complete({"π": PI, "r": R})["J"] == complete({"π": PI.tolist(), "r": R.tolist()})["J"] == PI @ R
    assert complete({"π": 0.5}) == {"π": 0.5}
    assert complete({"z": Z, "π": np.ones(4)})["π"][0] == 1
