"""The field below a check: the page says of a formula what Python says of it, and a reader can use it."""

import numpy as np
import pytest
from axe_playwright_python.base import AXE_SCRIPT

from booktools import notebooks
from pgbook.formulas import read
from pgbook.mistakes import judge
from tests.chapters.test_questions import ASKED, known
from tests.pgbook.rewrites import perturbed, rewritten
from tests.pgbook.test_formulas import TOLD

FORMULAS = [path for path, asked in ASKED.items() if asked]
CHAPTERS = sorted({*notebooks.chapters(), *FORMULAS})
JUDGE = """([i, texts, points]) => {
    const { question } = [...document.querySelectorAll('.field')].filter(box => box.question.right)[i];
    // Fewer points, and no special cases, where a thousand texts are judged.
    const few = points ? { ...question, draws: [["", question.draws[0][1].slice(0, points)]] } : question;
    return texts.map(text => formulas.judge(text, few)).map(({ verdict, detail }) => [verdict, detail]);
}"""
# The numbers in a detail are as each language writes them.
WITH_NUMBERS = "factor", "constant", "different"


def agree(mine, yours):
    return mine[0] == yours[0] and (mine[0] in WITH_NUMBERS or mine[1] == yours[1])


@pytest.fixture(scope="module")
def page(browser):
    """Return a function that opens a chapter from the disk, with nothing from the network."""
    opened = browser.new_context(offline=True, viewport={"width": 390, "height": 844}).new_page()

    def open_page(path, typeset=True):
        opened.unroute_all()
        if not typeset:
            opened.route("**/mathjax/**", lambda route: route.abort())
        opened.goto((notebooks.HTML / path.relative_to(notebooks.ROOT)).with_suffix(".html").as_uri())
        opened.wait_for_selector(".field details", state="attached")
        return opened

    yield open_page
    opened.context.close()


@pytest.fixture(
    scope="module",
    params=[pytest.param(path, marks=[pytest.mark.slow] * (path not in CHAPTERS[:1])) for path in CHAPTERS],
    ids=lambda path: path.stem,
)
def chapter(request, page):
    """Return a chapter's path and page, opened once for what is asked of it without typeset mathematics."""
    return request.param, page(request.param, typeset=False)


@pytest.mark.parametrize("times", [3, pytest.param(200, marks=pytest.mark.slow)])
def test_the_page_judges_as_python_does(chapter, times):
    (path, tab), rng, points = chapter, np.random.default_rng(4), 2 if times > 100 else 0
    for i, asked in enumerate(ASKED[path]):
        question = asked.question
        right = read(question.right, known(question))
        assert tab.evaluate(JUDGE, [i, [question.right], 0]) == [["right", ""]]
        assert tab.evaluate(JUDGE, [i, list(question.wrong.values()), 0]) == [
            ["known", name] for name in question.wrong
        ]
        texts = [words for words in (rewritten(right, rng) for _ in range(times)) if len(words) <= 400]
        for words, found in zip(texts, tab.evaluate(JUDGE, [i, texts, points]), strict=True):
            assert found == ["right", ""], (asked.label, words)
        texts = [words for words in (perturbed(right, rng) for _ in range(times)) if len(words) <= 400]
        for words, found in zip(texts, tab.evaluate(JUDGE, [i, texts, points]), strict=True):
            # Hundreds take Python long; what must not happen is a wrong "right".
            if times < 100 or found[0] == "right":
                assert agree(judge(words, question), found), (asked.label, words)


def test_numbers_are_checked_and_mistakes_named_below_an_exercise(chapter):
    path, tab = chapter
    asked = [
        cell.metadata["answer"]
        for _, cell in notebooks.stubs(notebooks.load(path))
        if "answer" in cell.metadata
    ]
    fields = "[...document.querySelectorAll('.field')].filter(box => box.question.answer)"
    assert tab.evaluate(f"{fields}.length") == len(asked)

    def told(i, numbers):
        words = ", ".join(f"{number:.9f}" for number in numbers)
        return tab.evaluate(f"([i, words]) => {fields}[i].answered(words).words", [i, words])

    for i, question in enumerate(asked):
        assert told(i, question["answer"]) == "Right."
        assert told(i, [*question["answer"], 1]).startswith("The exercise asks for ")
        for name, (numbers, why) in question["mistakes"].items():
            assert told(i, numbers) in ("Right.", f"A known mistake: {name}. {why}"), name


def test_bad_input_is_told_the_same(page):
    path = FORMULAS[0]
    (asked, *_), tab = ASKED[path], page(path)
    for words, found in zip(TOLD, tab.evaluate(JUDGE, [0, list(TOLD), 0]), strict=True):
        assert list(judge(words, asked.question)) == found, words[:40]


def test_a_reader_writes_and_is_answered(page):
    tab = page(FORMULAS[0])
    found = ASKED[FORMULAS[0]]
    n = [asked.label for asked in found].index("eq-expected-update")
    asked, field = found[n], tab.locator(".field").nth(n)
    field.locator("summary").press("Enter")
    box, verdict = field.get_by_role("textbox"), field.get_by_role("status")
    (mistake, wrong), *_ = asked.question.wrong.items()
    for words, said in [
        (asked.question.right, "Right."),
        (wrong, f"A known mistake: {mistake}. {asked.why[mistake]}"),
        (f"2 ({asked.question.right})", "Off by a constant factor: yours is 2 times the right side."),
        (f"−({asked.question.right})", "The sign is wrong; all else is right."),
        (f"{asked.question.right} + 1", "Off by a constant: yours is 1 more than the right side."),
        (f"({asked.question.right}", "Not yet a formula: a ) is missing at the end."),
        ("", ""),
    ]:
        box.fill(words)
        tab.wait_for_function(
            "([box, said]) => box.textContent === said", arg=[verdict.element_handle(), said]
        )
    box.fill(f"({asked.question.right})²")
    tab.wait_for_function("box => box.textContent.startsWith('Different: ')", arg=verdict.element_handle())
    assert field.locator("mjx-container").count() == 1
    assert "π_b" in field.locator(".names").inner_text()


@pytest.mark.slow
def test_a_field_is_wide_and_high_enough_for_a_finger_and_has_no_barriers(page):
    tab = page(FORMULAS[0])
    field = tab.locator(".field").last
    field.locator("summary").click()
    sizes = [what.bounding_box() for what in (field.locator("summary"), field.locator("input"))]
    assert all(size["height"] >= 44 and size["x"] + size["width"] <= 390 for size in sizes), sizes
    tab.evaluate(AXE_SCRIPT)
    assert tab.evaluate("axe.run('.field').then(found => found.violations.map(one => one.id))") == []
