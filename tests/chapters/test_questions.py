"""What a reader's own right side is told: right in every form, a mistake by its name, no wrong "right"."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from booktools import notebooks, questions
from booktools.sphinx.mistakes import kinds
from pgbook.formulas import complete, read
from pgbook.mistakes import judge
from tests.pgbook.rewrites import formula_of, perturbed, rewritten

ASKED = {path: questions.asked(notebooks.load(path)) for path in notebooks.paths()}
every_question = pytest.mark.parametrize(
    "asked", [pytest.param(one, id=one.label) for asked in ASKED.values() for one in asked]
)
often = pytest.mark.parametrize("times", [20, pytest.param(1000, marks=pytest.mark.slow)])


def known(question):
    """What an answer may name, with values."""
    values = complete(question.draws[0][1][0])
    return {name: values[name] for name in question.names}


def cheaper(question):
    """The question at two points, and without special cases: a thousand answers take seconds."""
    few = replace(question, points=2)
    vars(few)["draws"] = few.draws[:1]
    return few


def another(question):
    """Return whether a formula is another than the right one, at points that no page holds."""
    rng = np.random.default_rng(1)
    points = [complete(question.given(rng)) for _ in range(3)]
    right = [read(question.right, at)(at) for at in points]

    def differs(words):
        pairs = zip(question.values(words, points, right), right, strict=True)
        return any(not np.allclose(a, b, rtol=1e-7, atol=1e-7) for a, b in pairs)

    return differs


@every_question
def test_the_right_side_and_each_wrong_version_are_known(asked):
    assert judge(asked.question.right, asked.question) == ("right", "")
    for name, wrong in asked.question.wrong.items():
        assert judge(wrong, asked.question) == ("known", name)
        assert asked.why[name].endswith((".", "!", "?"))


@every_question
@often
def test_every_rewriting_is_right(asked, times):
    question, rng = cheaper(asked.question), np.random.default_rng(2)
    right = read(question.right, known(question))
    for _ in range(times):
        words = rewritten(right, rng)
        if len(words) <= 400:
            assert judge(words, question) == ("right", ""), words


@every_question
@often
def test_no_perturbation_is_right(asked, times):
    question, rng, values = cheaper(asked.question), np.random.default_rng(3), known(asked.question)
    right, verdicts, differs = read(question.right, values), Counter(), another(question)
    for _ in range(times):
        words = perturbed(right, rng)
        if formula_of(words, values, right) and differs(words):
            verdict, _ = judge(words, question)
            verdicts[verdict] += 1
            assert verdict != "right", words
    assert verdicts.total() > times / 10


def test_every_mistake_has_one_kind_and_says_what_is_wrong():
    listed = Counter(name for about in kinds().values() for name in about["names"])
    checks = [named for path in notebooks.paths() for named in questions.named(notebooks.load(path))]
    assert listed == Counter({name for _, names in checks for name, _ in names})
    assert all(len(about["names"]) >= 8 for about in kinds().values())
    assert [
        (label, name) for label, names in checks for name, why in names if not (why or "").endswith(".")
    ] == []
