"""Graded sheets: the answers are the chapter's, and nothing of a solution is in what students get."""

import json

import numpy as np
import pytest
from lxml import html

from booktools import assignments, notebooks
from pgbook import exercises
from tests.pages.test_student import meets, solutions  # noqa: F401, a fixture

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
    assert capsys.readouterr().out.count(" · no answer yet · hint: ") == len(sheet.keys)
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
@pytest.mark.slow
def test_a_sheet_of_chosen_exercises_has_a_name_of_its_own():
    sheet = assignments.sheet(PATHS[3], {"ex-pi-lift", "ex-pi-tie"})
    assert sheet.name == "assignment_04_pi-tie_pi-lift"
    assert [label for label, _ in notebooks.stubs(sheet.notebook)] == ["ex-pi-tie", "ex-pi-lift"]
    assert assignments.sheet(PATHS[3]).name == "assignment_04"
    assert not assignments.sheet(PATHS[0], {"ex-pi-tie"}).keys


@built
@pytest.mark.slow
def test_no_sheet_has_anything_of_a_solution(solutions):  # noqa: F811
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
        (["15"], "there is no chapter '15'; there are: 01, 02"),
        (
            ["04", "ex-pi-steps"],
            "there is no exercise that checks itself 'ex-pi-steps'; there are: ex-baseline",
        ),
    ],
)
def test_what_is_not_there_is_refused(words, said, capsys):
    assert assignments.main(words) == 1
    assert capsys.readouterr().err.startswith(said)
