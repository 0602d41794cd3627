"""`check` says what there is to say of an answer; whatever it is given, one line tells it."""

import builtins
import json
import math
import re
from fractions import Fraction

import numpy as np
import pytest
import sympy
import torch
from hypothesis import given
from hypothesis import strategies as st
from nbformat import write
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from pgbook import _answers, exercises, mistakes
from pgbook.exercises import check

X, P = sympy.Symbol("x"), sympy.Symbol("p", positive=True)
M = np.array([[1.0, 2, 3], [4, 5, 6]])


def verdict(wanted, answer, mistakes=None, digits=None, cases=None):
    return exercises._verdict(wanted, mistakes, digits, cases, answer)


@pytest.mark.parametrize(
    ("wanted", "answer", "said"),
    [
        (1 / 3, 0.333333333, "right"),
        (1 / 3, 0.3333, "different, too small"),
        (1 / 3, Fraction(1, 3), "right"),
        (1 / 3, sympy.Rational(1, 3), "right"),
        (1 / 3, torch.tensor(1.0, requires_grad=True) / 3, "right"),  # of float32
        (3, 3.0, "right"),
        (2_400_000, 2_400_001, "different, too large"),
        (0.0, 1e-10, "right"),
        (0.0, -1e-8, "different, too small"),
        (2.0, -2.0, "right but for the sign"),
        (2.0, 1, "off by the factor 0.5"),
        (2.0, 3, "different, too large"),
        (2.0, [2.0], "an array of shape (1,), where the exercise asks for one number"),
        (M, M.tolist(), "right"),
        (M, M.T, "rows and columns are exchanged"),
        (M, -M, "right but for the sign"),
        (M, M / 3, "off by the factor 0.3333"),
        (M, M + np.eye(3)[2], "different, first at answer[0, 2]"),
        (M, M[0], "an array of shape (3,), where the exercise asks for an array of shape (2, 3)"),
        (M, M * 0, "different, first at answer[0, 0]"),
        (M[:0], [], "an array of shape (0,), where the exercise asks for an array of shape (0, 3)"),
        ([True, False], [True, False], "right"),
        ([True, False], [False, True], "different, first at answer[0]"),
        (True, False, "different"),
        (True, 1, "answer must hold True or False, but its dtype is int64"),
        (1.0, True, "answer must hold real numbers, but its dtype is bool"),
        (1.0, "1", "answer must hold real numbers, but its dtype is <U1"),
        (1.0, 1j, "answer must hold real numbers, but its dtype is complex128"),
        (1.0, [[1], []], "answer must be an array of real numbers, but its rows have different lengths"),
        (M, [[1, 2, 3], [4, math.nan, 6]], "answer must be finite, but answer[1, 1] is nan"),
        (1.0, X, "answer must hold real numbers, but its dtype is object"),
        (1.0, math.sin, "the exercise asks for numbers, not for a function"),
        (X / P, math.sin, "the exercise asks for a SymPy expression, not for a function"),
        (X / P, "x/p", "the exercise asks for a SymPy expression, not for str"),
        (X / P, sympy.exp(sympy.log(X) - sympy.log(P)), "right"),
        (X / P, X / sympy.Symbol("p"), "right"),
        (X / P, X / P + X**40 / 10**9, "different, too large, for p = 63/97, x = 88/97"),
        (X / P, 2 * X / P, "off by the factor 2"),
        (X / P, X / sympy.Symbol("q"), "q must not be left; the solution has p, x"),
        (X, sympy.log(-X), "answer must be a finite real number, but it is none for x = 82/97"),
        (X / P, sympy.Matrix([X, P]), "an array of shape (2, 1), where the exercise asks for one number"),
        (sympy.Integer(1) / 3, 1 / 3, "right"),
    ],
)  # fmt: skip
def test_an_answer_is_right_or_it_is_told_how_it_differs(wanted, answer, said):
    assert verdict(wanted, answer) == said


def test_digits_are_those_that_the_question_asks_for():
    assert [verdict(0.125, x, digits=2) for x in (0.12, 0.13, 0.125, 0.1299)] == ["right"] * 4
    assert [verdict(0.125, x, digits=2) for x in (0.11, 0.131)] == [
        "different, too small",
        "different, too large",
    ]


def test_functions_are_compared_for_each_case_on_copies_of_the_arguments():
    cases = [(np.array([1.0, 2]), 3), (np.array([0.0, 1]), -1.0)]

    def said(answer):
        return verdict(lambda x, k: k * x, answer, {"k forgotten": (lambda x, k: x, "Why.")}, cases=cases)

    def spoils(x, k):
        x *= k
        return x

    def fails(x, k):
        raise KeyError("no")

    assert said(spoils) == said(lambda x, k: x * k) == "right"
    assert said(lambda x, k: None) is said(lambda x, k: ...) is None
    assert said(lambda x, k: x) == "known mistake: k forgotten · Why."
    assert said(lambda x, k: -2 * k * x) == "off by the factor -2"
    assert said(lambda x, k: abs(k) * x) == "different, first at answer[1], for [0. 1.], -1.0"
    assert said(lambda x, k: (k * x)[: 2 if k > 0 else 1]).startswith("an array of shape (1,), where")
    assert said(fails) == "answer raises KeyError: 'no', for [1. 2.], 3"
    assert said(lambda x: x).startswith("answer raises TypeError: ")
    assert said(3) == "the exercise asks for a function, not for numbers"


@given(st.lists(st.floats(-1e3, 1e3).filter(lambda x: abs(x) > 1e-3), min_size=1, max_size=5), st.data())
def test_what_differs_anywhere_is_never_right(wanted, data):
    wanted = np.array(wanted)
    away = data.draw(st.sampled_from([-1.0, 1.0])) * data.draw(st.floats(1e-5, 1e3))
    answer = wanted.copy()
    answer[data.draw(st.integers(0, len(wanted) - 1))] *= 1 + away
    assert verdict(wanted, wanted * (1 + 1e-9)) == "right"
    assert verdict(wanted, answer) != "right"


SOLUTION = """\
table(power)  # shown to nobody
answer = 3.0 ** power
hint = "three times three"
mistakes = {"doubled": (3.0 * power, "The exponent was taken for a factor.")}
"""


@pytest.fixture
def chapter(tmp_path, monkeypatch):
    cells = [
        new_markdown_cell(":::{solution-start} ex-a-power\n:::\nText.\n"),
        new_code_cell(SOLUTION),
        new_code_cell("print(1 / 0)  # below the answer"),
        new_markdown_cell(":::{solution-end}\n:::\n\n:::{solution-start} ex-a-proof\n:::"),
        new_code_cell("print('no answer here')"),
        new_markdown_cell(":::{solution-end}\n:::"),
    ]
    (tmp_path / "chapters").mkdir()
    write(new_notebook(cells=cells), tmp_path / "chapters" / "01_powers.ipynb")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(names, answer, label="ex-a-power"):
    exec("check(label, given)", {**names, "check": check, "label": label, "given": answer})


def test_check_runs_the_solution_quietly_with_what_the_chapter_defined(chapter, capsys, monkeypatch):
    names = {"power": 2, "table": print, "answer": 5, "digits": 0}
    shown = []
    monkeypatch.setattr(builtins, "display", shown.append, raising=False)
    for answer in (..., None, 9, 6, 9.3):
        run(names, answer)
    run({}, 9)
    run({}, lambda x: ...)  # a body not written yet needs no solution
    run(names, lambda x: x)  # but what gives back its argument is written
    monkeypatch.chdir("chapters")
    run(names, [9])
    assert capsys.readouterr().out.splitlines() == [
        *["ex-a-power · no answer yet · hint: three times three"] * 2,
        "ex-a-power · right",
        "ex-a-power · known mistake: doubled · The exponent was taken for a factor.",
        "ex-a-power · different, too large",
        "ex-a-power · first run all cells above, which the solution builds on "
        "(NameError: name 'table' is not defined)",
        "ex-a-power · no answer yet · hint: three times three",
        "ex-a-power · the exercise asks for numbers, not for a function",
        "ex-a-power · an array of shape (1,), where the exercise asks for one number",
    ]
    assert names["answer"] == 5
    assert not shown
    assert builtins.display == shown.append


def test_an_exercise_that_is_not_checked_is_an_error_that_names_those_that_are(chapter, monkeypatch):
    for label in ("ex-a-proof", "ex-b-other"):
        with pytest.raises(ValueError, match=rf"^no exercise '{label}' is checked .*; there are ex-a-power$"):
            run({}, 1, label)
    with pytest.raises(ValueError, match=r"^label must be a str, but it is 3$"):
        check(3, 1)
    (chapter / "empty").mkdir()
    monkeypatch.chdir("empty")
    with pytest.raises(ValueError, match=r"there are none: run Python where the chapters are$"):
        run({}, 1)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: exercises.graded([], {}), "label must be a str, but it is []"),
        (lambda: exercises.published(5, {}), "label must be a str, but it is 5"),
        (lambda: exercises.published("ex-pi", None), "names must be a dict, but it is None"),
        (lambda: exercises.sealed("ex-pi", 5), "kept must be a dict, but it is 5"),
        (lambda: mistakes.judge("x", None), "question must be a Question, but it is None"),
        (lambda: mistakes.Question(5, {}, dict), "right must be a str, but it is 5"),
        (lambda: mistakes.Question("x", [], dict), "wrong must be a dict, but it is []"),
        (lambda: mistakes.Question("x", {}, 5), "given must be a function, but it is 5"),
        (lambda: mistakes.Question("x", {}, dict, 0), "points must be an integer, at least 1, but it is 0"),
    ],
)
def test_what_the_books_tools_hand_over_is_looked_at(call, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        call()


def test_what_is_no_number_is_not_sealed():
    with pytest.raises(
        ValueError, match=r"^ex-x: the answer must be finite, but ex-x: the answer\[1\] is nan$"
    ):
        exercises.sealed("ex-x", {"answer": [1.0, math.nan], "digits": None})


SEAL = exercises.sealed("ex-sealed", {"answer": [0.25, -3.0], "digits": None})


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (..., "no answer yet · hint: halve it"),
        (lambda x: None, "no answer yet · hint: halve it"),
        ([0.25, -3], "right, to 3 decimals"),
        (np.array([0.2500001, -3.0001]), "right, to 3 decimals"),
        ([0.25, 3], "not right, to 3 decimals; what went wrong, only the full book can say"),
        ([0.251, -3], "not right, to 3 decimals; what went wrong, only the full book can say"),
        (0.25, "the exercise asks for 2 numbers, not for one number"),
        ([math.nan, 1], "answer must be finite, but answer[0] is nan"),
        (lambda x: x + 1, "the exercise asks for numbers, not for a function"),
    ],
)
def test_without_solutions_numbers_are_recognised_and_nothing_is_told(chapter, capsys, answer, said):
    assert "0.25" not in str(SEAL)
    for label, seal in (("ex-sealed", SEAL), ("ex-open", {})):
        stub = new_code_cell(f'answer = ...\ncheck("{label}", answer)')
        stub.metadata["sealed"] = {"label": label, "hint": "halve it"} | seal
        write(new_notebook(cells=[stub]), chapter / "students.ipynb")
        check(label, answer)
    sealed, other = capsys.readouterr().out.splitlines()
    assert sealed == f"ex-sealed · {said}"
    told = said if "no answer" in said else "not compared: this edition has no solution to compare it with"
    assert other == f"ex-open · {told}"


NUMBERS = _answers.key(np.array([0.25, -3.0]), {"swapped": ([-3.0, 0.25], "Why.")}, digits=2)
SQUARE = _answers.key(
    lambda x: x @ x, {"doubled": (lambda x: x @ (2 * x), "Why.")}, cases=[(np.array([1.0, 2]),)]
)
RATIO = _answers.key(X / P, {"turned": (P / X, "Why.")})
NONE, KEPT = "no answer was given to check", exercises._FORMED
SHORT = "an array of shape (1,), where the exercise asks for an array of shape (2,)"
KIND = "the exercise asks for {}, not for {}"


@pytest.mark.parametrize(
    ("key", "answer", "said", "graded"),
    [
        (NUMBERS, ..., "no answer yet", NONE),
        (NUMBERS, None, "no answer yet", NONE),
        (NUMBERS, [0.25, -3], KEPT, "right"),
        (NUMBERS, [0.2549, -3], KEPT, "right"),
        (NUMBERS, [0.2551, -3], KEPT, "different, first at answer[0]"),
        (NUMBERS, [-3, 0.25], KEPT, "known mistake: swapped · Why."),
        (NUMBERS, [0.5, -6], KEPT, "off by the factor 2"),
        (NUMBERS, [1], SHORT, SHORT),
        (NUMBERS, len, KIND.format("numbers", "a function"), KIND.format("numbers", "a function")),
        (SQUARE, lambda x: None, "no answer yet", NONE),
        (SQUARE, lambda x: sum(x**2), KEPT, "right"),
        (SQUARE, lambda x: 2 * x @ x, KEPT, "known mistake: doubled · Why."),
        (SQUARE, 5.0, KIND.format("a function", "numbers"), KIND.format("a function", "numbers")),
        (RATIO, X / sympy.Symbol("p"), KEPT, "right"),
        (RATIO, P / X, KEPT, "known mistake: turned · Why."),
        (
            RATIO,
            len,
            KIND.format("a SymPy expression", "a function"),
            KIND.format("a SymPy expression", "a function"),
        ),
    ],
)
def test_a_graded_sheet_keeps_what_it_is_given_and_compares_it_later(
    chapter, capsys, key, answer, said, graded
):
    key = json.loads(json.dumps(key, default=np.ndarray.tolist))
    stub = new_code_cell("check('ex-graded', my_answer)")  # whatever a student makes of the cell
    stub.metadata["sealed"] = {"label": "ex-graded", "form": key["form"]}
    write(new_notebook(cells=[new_code_cell("1"), stub]), chapter / "sheet.ipynb")
    check("ex-graded", 0.0 if key["form"]["kind"] != "function" else len)  # the last answer counts
    capsys.readouterr()
    check("ex-graded", answer)
    assert capsys.readouterr().out == f"ex-graded · {said}\n"
    assert exercises.graded("ex-graded", key) == graded
    assert exercises.graded("ex-other", key) == NONE
