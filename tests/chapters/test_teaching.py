"""The plans add up, the goals are those of the chapters, and every exercise has been judged."""

import ast
import re
from collections import Counter

import numpy as np
import pytest
import sympy as sp

from booktools import assignments, exam, notebooks, reading
from booktools.sphinx.teaching import DATA, exercises, judged
from tests.chapters.test_predict import BOX, lists

PAGE = DATA.with_suffix(".md").read_text(encoding="utf-8")
SESSIONS = re.findall(r"^### Session \d+: .*\n\n((?s:.*?))(?=^###? |^\([\w-]+\)=)", PAGE, re.MULTILINE)
EXERCISES = exercises()
ROW = re.compile(r"^\| (\d+) \| (.*) \|$", re.MULTILINE)
LABEL = re.compile(r"\{ref\}`(ex-[\w-]+)`")
BOOK = {path.stem: notebooks.load(path) for path in notebooks.chapters()}
MINUTES = [round(reading.minutes(reading.sections(notebook))) for notebook in BOOK.values()]


def total(labels):
    return sum(EXERCISES[label].minutes for label in labels)


def test_every_exercise_is_judged_once_and_no_other():
    listed = re.findall(r"\bex-[\w-]+", DATA.read_text(encoding="utf-8"))
    sources = [cell.source for notebook in BOOK.values() for cell in notebook.cells]
    asked = [label for source in sources for label in re.findall(r"^:label: (ex-.*)$", source, re.MULTILINE)]
    assert sorted(listed) == sorted(asked)
    assert set(judged()) == set(EXERCISES) == set(asked)


def test_the_plans_say_how_long_their_chapters_take():
    rows = re.findall(r"\| chapters? (\d+)(?: (and|to) (\d+))?, (\d+) minutes \|$", PAGE, re.MULTILINE)
    assert len(rows) == 5
    for first, between, last, said in rows:
        first, last = int(first), int(last or first)
        chapters = {"and": [first, last]}.get(between, range(first, last + 1))
        assert int(said) == sum(MINUTES[chapter - 1] for chapter in chapters)


def test_there_is_a_session_for_each_chapter_and_before_it_the_chapter_before_is_read():
    assert len(SESSIONS) == len(BOOK)
    said = [
        [int(name[:2]) for name in re.findall(r"\.\./(\d\d_\w+)\.ipynb", text.split("|")[0])]
        for text in SESSIONS
    ]
    assert said == [[], *([number] for number in range(1, len(BOOK)))]


@pytest.mark.parametrize("text", SESSIONS, ids=range(1, len(SESSIONS) + 1))
def test_a_session_adds_up(text):
    before, rows = text.split("| minutes |")[0], ROW.findall(text)
    assert sum(int(minutes) for minutes, _ in rows) == 45
    chapters = [int(number) for number in re.findall(r"\.\./(\d\d)_", before)]
    assert re.findall(r"(\d+) minutes", before) in (
        [],
        [str(sum(MINUTES[number - 1] for number in chapters))],
    )
    for minutes, part in rows:
        if part.startswith("In class"):
            assert int(minutes) == total(LABEL.findall(part))
        for last, figure in re.findall(r"tasks 1 (?:to|and) (\d): \{numref\}`([\w-]+)`", part):
            assert int(last) <= tasks(figure)
    (home,) = re.findall(r"^At home \((\d+) minutes\): (.*)$", text, re.MULTILINE)
    assert int(home[0]) == total(LABEL.findall(home[1]))


def tasks(figure):
    """Return how many questions the box before an explorer asks."""
    for notebook in BOOK.values():
        asked = 0
        for cell in notebook.cells:
            boxes = BOX.findall(cell.source)
            asked = len(lists(boxes[-1][2])) // 2 if boxes else asked  # each list has its list of responses
            if cell.metadata.get("mystnb", {}).get("figure", {}).get("name") == figure:
                return asked
    raise LookupError(figure)


def test_the_proposed_sheets_are_of_exercises_that_no_session_has_and_take_the_minutes_said():
    section = PAGE.split("(teaching-graded)=")[1].split("(teaching-test)=")[0]
    minutes, text = re.search(
        r"exercises that no session has, (\d+) minutes(.*?)```", section, re.DOTALL
    ).groups()
    proposed = re.findall(r"\{ref\}`(ex-[\w-]+)` \((\d+)", text)
    labels = [label for label, _ in proposed]
    assert len(proposed) == 5
    assert [int(said) for _, said in proposed] == [EXERCISES[label].minutes for label in labels]
    assert int(minutes) == total(labels)
    assert not set(labels) & set(LABEL.findall("".join(SESSIONS)))
    (command,) = re.findall(r'ONLY="([^"]+)"\n```\n\nEach sheet', section)
    (whole,) = re.findall(r"sheets of chapters 1 to 4 take (\d+) minutes", section)
    first = [one.minutes for one in EXERCISES.values() if one.chapter < "05" and "checks itself" in one.kind]
    assert int(whole) == sum(first)
    paths, only = assignments.chosen(command.split())
    assert only == set(labels)
    assert len(paths) == 3
    assert [path.stem[:2] for path in paths] == ["01", "03", "04"]


def test_the_page_names_the_commands_a_teacher_needs():
    for command in ("make assignments", "make grade", "make exam", "make student"):
        assert f"`{command}" in PAGE or f"\n{command}" in PAGE


def goals():
    """Return the rows of the goals: chapter, verb, what a person can, what assesses it."""
    section = PAGE.split("(teaching-goals)=")[1].split("(teaching-exercises)=")[0]
    rows = re.findall(r"^\| (\d+) \| ([a-z ]+) \| ([^|]+) \| ([^|]+) \|$", section, re.MULTILINE)
    assert len(rows) == len(re.findall(r"^\|", section, re.MULTILINE)) - 2  # but for the head
    return rows


def verbs(point):
    """Return the verbs of a point of a box "In this chapter": the first, and one that "and" may bring.

    >>> verbs("**{term}`enumerate <enumeration>`** all, and **find out** more, and the **policy gradient**;")
    ['enumerate', 'find out']
    """
    return re.findall(r"(?:^|\band )\*\*(?:\{term\}`)?([a-z ]+?)(?: <[^`]*>`)?\*\*", point)


def test_the_goals_are_those_that_the_chapters_state():
    stated = []
    for number, notebook in enumerate(BOOK.values(), start=1):
        box = notebook.cells[0].source.split("\nYou will\n\n")[1].split("\n\n")[0]
        points = re.split(r"^- ", box, flags=re.MULTILINE)[1:]
        assert len(points) > 3
        for point in points:
            assert verbs(point), point
            stated += [(str(number), verb) for verb in verbs(point)]
    assert [row[:2] for row in goals()] == stated


def test_what_assesses_a_goal_is_there_and_is_of_its_chapter():
    questions = exam.questions()
    cells = [cell for notebook in BOOK.values() for _, cell in notebooks.cells(notebook, "markdown")]
    sources = "\n\n".join(cell.source for cell in cells)
    parts = dict(
        re.findall(r"^\(([\w-]+)\)=\n#+ .*\n((?s:.*?))(?=^\([\w-]+\)=$|^#+ )", sources, re.MULTILINE)
    )
    for number, verb, can, assessed in goals():
        labels = LABEL.findall(assessed)
        asked = re.findall(r"exam question ([\d.]+)", assessed)
        boxes = re.findall(r"(?:predict box|vote): \{ref\}`[^`<]+<([\w-]+)>`", assessed)
        assert len(re.findall(r"\{ref\}", assessed)) == len(labels) + len(boxes)
        assert assessed.startswith("no exercise; ") == (not labels)
        assert labels or asked or boxes or "task: " in assessed, (number, verb)
        for label in labels:
            chapter = int(EXERCISES[label].chapter[:2])
            assert chapter == int(number) or f"of chapter {chapter}" in can + assessed, label
        for question in asked:
            assert question.startswith(f"{number}.")
            assert question in questions
        for label in boxes:
            assert BOX.search(parts[label]), label
        for label in re.findall(r"\{eq\}`([\w-]+)`", assessed):
            assert f"$$ ({label})" in sources


def test_the_right_answers_of_the_ten_questions_are_right():
    (box,) = [text for _, _, text in BOX.findall(PAGE)]
    answers, responses = lists(box)[:10], lists(box)[10:]
    right = [
        answer
        for asked, said in zip(answers, responses, strict=True)
        for answer, response in zip(asked, said, strict=True)
        if response.startswith("**Right.**")
    ]
    x, y, t = sp.symbols("x y t", positive=True)
    paid, chance = np.array([10, 0]), np.array([0.3, 0.7])
    table = np.array([[1, 2], [3, 4], [5, 6]])
    numbers = {0: 0.9**3, 1: chance @ paid, 2: chance @ paid**2 - (chance @ paid) ** 2}
    numbers[6] = sp.diff(2 * t * t**2, t).subs(t, 1)
    for index, value in numbers.items():
        assert float(right[index]) == pytest.approx(float(value))
    assert sp.expand_log(sp.log(x * y**2)) == sp.log(x) + 2 * sp.log(y)
    assert right[3] == r"$\log a + 2 \log b$"
    assert (sp.diff(x**2 * y + y**3, x), right[4]) == (2 * x * y, "$2 x y$")
    assert (sp.diff(sp.log(1 + x**2), x), right[5]) == (2 * x / (1 + x**2), "$2x/(1 + x^2)$")
    assert ast.literal_eval(right[7].strip("$")) == tuple(np.array([[1, 2], [0, 3]]) @ [1, -1])
    assert (sp.integrate(x * 2 * x, (x, 0, 1)), right[8]) == (sp.Rational(2, 3), "$2/3$")
    assert ast.literal_eval(right[9].strip("`")) == (table * np.array([10, 1])).sum(axis=0).tolist()
    assert Counter(map(len, answers)) == {3: 10}
