"""Every chapter is listed, executed in order, and shows only what nbval compares."""

import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from booktools import execute, notebooks, rules

PATHS = notebooks.chapters()


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_nothing_is_wrong_with_the_chapter(path):
    assert rules.problems(path) == []


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_the_file_is_what_make_notebooks_would_write(path):
    assert path.read_text(encoding="utf-8") == execute.canonical(notebooks.load(path))


def test_every_notebook_of_the_repository_is_a_chapter_of_the_book():
    assert sorted(PATHS) == sorted(notebooks.ROOT.glob("chapters/**/[!.]*.ipynb"))
    assert len(PATHS) >= 2


def test_code_that_checks_or_draws_or_only_serves_these_is_shown_on_demand():
    shown = [new_output("stream", text="1")]
    helper, check = new_code_cell("def side(x): ..."), new_code_cell('verify.exact("eq-x", side, 1)')
    learner, run = new_code_cell("def learn(): ..."), new_code_cell("run = learn()", outputs=shown)
    figure = new_code_cell("plot(run)", outputs=shown, metadata={"mystnb": {"figure": {"name": "fig-run"}}})
    notebook = new_notebook(cells=[helper, learner, run, figure, check])
    assert notebooks.closed(notebook) == [check, figure, helper]
    assert "hide-input" not in execute.canonical(new_notebook(cells=[learner, run]))
    execute.canonical(notebook)
    assert [cell.metadata.get("tags") for cell in notebook.cells] == [
        ["hide-input"],
        *[None] * 2,
        *[["hide-input"]] * 2,
    ]
    assert check.metadata.jupyter.source_hidden
