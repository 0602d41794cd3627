"""Graded sheets: the answers are the chapter's, and nothing of a solution is in what students get."""

import json
import re

import numpy as np
import pytest
from lxml import html

from booktools import assignments, notebooks, slicing
from pgbook import exercises
from tests.solved import meets

PATHS = notebooks.chapters()
ONE = "06_bernoulli"
RUN = [pytest.param(path, id=path.stem, marks=[pytest.mark.slow] * (path.stem != ONE)) for path in PATHS]
built = pytest.mark.skipif(not (notebooks.HTML / "built").exists(), reason="the book is not built here")


@built
@pytest.mark.parametrize("path", RUN)
def test_right_is_right_and_every_known_mistake_is_named(path, tmp_path, monkeypatch, capsys):
    sheet = assignments.sheet(path)
    notebook = notebooks.load(path)
    published = {label: cell.metadata.get("answer") for label, cell in notebooks.stubs(notebook)}
    assert list(sheet.keys) == list(sheet.points) == list(published)
    assert min(sheet.points.values()) >= 1
    assignments.written(sheet.notebook, tmp_path / "sheet.ipynb")
    monkeypatch.chdir(tmp_path)
    given = {}
    for cell in sheet.notebook.cells:  # as a student runs it
        if cell.cell_type == "code":
            exec(compile(cell.source, cell.id, "exec"), given)
    said = capsys.readouterr().out
    assert [line for line in said.splitlines() if " · " in line] == [
        f"{one} · no answer yet" for one in sheet.keys
    ]
    assert "hint" not in said
    hints = [cell.outputs[0].text.partition("hint: ")[2].strip() for _, cell in notebooks.stubs(notebook)]
    assert min(map(len, hints)) > 10
    assert [hint for hint in hints if hint in json.dumps(sheet.notebook, ensure_ascii=False)] == []
    for label, (right, mistakes, *_) in assignments.solved(*assignments.parts(notebook, sheet.keys)).items():
        key = json.loads(assignments.plain(sheet.keys[label]))
        assert exercises.graded(label, key) == "no answer was given to check"
        capsys.readouterr()
        exercises.check(label, right)
        assert capsys.readouterr().out == f"{label} · {exercises._FORMED}\n"
        assert exercises.graded(label, key) == "right"
        for name, (wrong, why) in (mistakes or {}).items():
            exercises.check(label, wrong)
            assert exercises.graded(label, key) == f"known mistake: {name} · {why}"
        exercises.check(label, "?")
        assert "asks for" in exercises.graded(label, key) or "must hold" in exercises.graded(label, key)
        exercises.check(label, ...)
        if kept := published[label]:  # what the page tells right from wrong with
            assert np.ravel(key["values"][0]) == pytest.approx(kept["answer"], rel=1e-3, abs=1e-5)


@built
@pytest.mark.parametrize("path", RUN)
def test_a_cell_says_which_exercises_need_it_and_those_are_all_they_need(path):
    sheet = assignments.sheet(path)
    setup = [cell.source for cell in sheet.notebook.cells if cell.source.startswith("# For ")]
    stubs = [cell.source for _, cell in notebooks.stubs(sheet.notebook)]
    code = [cell.source for cell in sheet.notebook.cells if cell.cell_type == "code"]
    assert code == setup + stubs
    _, code = assignments.parts(notebooks.load(path), sheet.keys)
    every = slicing.names("\n".join(setup)).gives
    for label in sheet.keys:
        number, mine = assignments.numbers()[label], []
        for source in setup:
            said = source.splitlines()[0]
            if said == "# For all exercises" or number in re.findall(r"\d+\.\d+", said):
                mine.append(source)
        read = slicing.names("\n".join(mine))
        assert (assignments.uses(code[label]) | read.uses | read.later) & every <= read.gives
        exec(compile("\n".join(mine), "<setup>", "exec"), {})


@built
def test_numbers_and_titles_are_those_of_the_pages():
    found = {}
    for path in PATHS:
        page = html.parse(notebooks.HTML / "chapters" / f"{path.stem}.html")
        for shown in page.xpath("//div[contains(@class, 'exercise ') and starts-with(@id, 'ex-')]"):
            label, said = shown.get("id"), shown.xpath("string(./p)").replace("\xa0", " ")
            found[label] = said.partition(" (")[0].strip()
            title = re.sub(r"\$.*?\$", "", assignments.judged()[label].title)
            assert set(re.findall(r"\w+", title)) <= set(re.findall(r"\w+", said)), label
    assert found == {label: f"Exercise {number}" for label, number in assignments.numbers().items()}


@built
def test_a_sheet_says_what_to_hand_in_and_where_its_chapter_is(tmp_path):
    path = notebooks.ROOT / "chapters" / f"{ONE}.ipynb"
    page = html.parse(notebooks.HTML / "chapters" / f"{ONE}.html")
    for link in page.xpath("//link[@rel='canonical']"):
        link.getparent().remove(link)
    (tmp_path / "chapters").mkdir()
    text = html.tostring(page, encoding="unicode", doctype="<!DOCTYPE html>")
    (tmp_path / "chapters" / f"{ONE}.html").write_text(text, encoding="utf-8")
    title = page.xpath("string(//h1/text())").strip()
    label = "ex-bernoulli-pencil"
    number, about = assignments.numbers()[label], assignments.judged()[label]
    worth = f"{about.minutes // 5} points, about {about.minutes} minutes"
    unknown = f"## Exercise {number}: {about.title}\n\n{worth}. In the book: chapter 6, *{title}*.\n\n"

    def told():
        cells = assignments.sheet(path, {label}, tmp_path).notebook.cells
        return cells[0].source, next(cell.source for cell in cells if cell.source.startswith("## Exercise "))

    introduction, exercise = told()
    assert f"1 exercise of chapter 6, *{title}*, in the book *Why Divide by π?*: {worth}." in introduction
    assert "Where the book is, your teacher says." in introduction
    assert "`your-name-assignment_06_bernoulli-pencil.ipynb`" in introduction
    assert exercise.startswith(unknown)

    address = f"https://example.org/book/chapters/{ONE}.html"
    known = text.replace("</head>", f'<link rel="canonical" href="{address}"></head>', 1)
    (tmp_path / "chapters" / f"{ONE}.html").write_text(known, encoding="utf-8")
    introduction, exercise = told()
    assert f"1 exercise of chapter 6, [{title}]({address})" in introduction
    assert "The book is at <https://example.org/book/>." in introduction
    assert exercise.startswith(unknown.replace(f"*{title}*", f"[{title}]({address}#{label})"))


def test_exercises_are_chosen_by_number_or_label():
    every = {path.stem[:2]: path for path in PATHS}
    assert assignments.chosen([]) == (PATHS, set())
    assert assignments.chosen(["04", "5"]) == ([every["04"], every["05"]], set())
    assert assignments.chosen(["4.5", "ex-pi-tie"]) == ([every["04"]], {"ex-pi-tie", "ex-pi-lift"})
    assert assignments.chosen(["4.5", "1.1"])[0] == [every["01"], every["04"]]
    assert assignments.chosen(["04", "4.4"]) == ([every["04"]], {"ex-pi-tie"})


@built
@pytest.mark.slow
def test_a_sheet_of_chosen_exercises_has_a_name_of_its_own():
    sheet = assignments.sheet(PATHS[3], {"ex-pi-lift", "ex-pi-tie"})
    assert sheet.name == "assignment_04_pi-tie_pi-lift"
    assert [label for label, _ in notebooks.stubs(sheet.notebook)] == ["ex-pi-tie", "ex-pi-lift"]
    assert assignments.sheet(PATHS[3]).name == "assignment_04"
    assert not assignments.sheet(PATHS[0], {"ex-pi-tie"}).keys


@built
@pytest.mark.slow
def test_no_sheet_has_anything_of_a_solution(solutions):
    for path in PATHS:
        sheet = assignments.sheet(path)
        text = "\n".join(cell.source + json.dumps(cell, ensure_ascii=False) for cell in sheet.notebook.cells)
        assert meets(text, solutions.lines) == set()
        assert [number for number in solutions.numbers if number in text] == []
        # What is looked for is there where it may be.
        told = "\n".join(
            "\n".join(code) for code in assignments.parts(notebooks.load(path), sheet.keys)[1].values()
        )
        assert len(meets(told, solutions.lines)) > 20


def test_a_reference_is_what_the_page_shows_in_its_place():
    page = html.document_fromstring(
        "<div class='exercise' id='ex-a'><section>By <a>(4.3)</a><a class='headerlink'>#</a></section></div>"
    ).getroottree()
    text = ":::{exercise} A title\n:label: ex-a\n\nBy {eq}`eq-a`,\n\n$$\nx\n$$ (eq-b)\n:::\n"
    notebook = assignments.new_notebook(cells=[assignments.new_markdown_cell(text)])
    assert assignments.texts(notebook, page) == {"ex-a": "By (4.3),\n\n$$\nx\n$$"}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["15"], "there is no chapter '15'; there are: 1, 2, 3"),
        (
            ["04", "ex-pi-steps"],
            "there is no exercise that checks itself 'ex-pi-steps'; there are: 1.1, 1.2",
        ),
        (["4.9"], "there is no exercise that checks itself '4.9'; there are: 1.1, 1.2"),
        (["4.4,"], "there is no exercise that checks itself '4.4,'; there are: 1.1, 1.2"),
        (["5", "4.4"], "exercise 4.4 is in none of the chapters given"),
    ],
)
def test_what_is_not_there_is_refused(words, said, capsys):
    assert assignments.main(words) == 1
    assert capsys.readouterr().err.startswith(said)
