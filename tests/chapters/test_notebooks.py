"""Every notebook is listed, executed in order, shows what nbval compares, and checks all its equations."""

import re

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from booktools import execute, notebooks, rules

PATHS = notebooks.paths()


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_nothing_is_wrong_with_the_notebook(path):
    assert rules.problems(path) == []
    proves = notebooks.equations(notebooks.load(path)) or path not in notebooks.chapters()
    assert proves, "a chapter without a labelled equation proves nothing"


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_the_file_is_what_make_notebooks_would_write(path):
    assert path.read_text(encoding="utf-8") == execute.canonical(notebooks.load(path))


def test_every_notebook_of_the_repository_is_a_page_of_the_book():
    assert sorted(PATHS) == sorted(notebooks.ROOT.glob("chapters/**/[!.]*.ipynb"))
    assert len(PATHS) >= 2


def test_code_that_checks_or_draws_or_only_serves_these_is_shown_on_demand():
    shown = [new_output("stream", text="1")]
    helper, check = new_code_cell("def side(x): ..."), new_code_cell('verify.exact("eq-x", side, 1)')
    learner = new_code_cell("for seed in range(2):\n    last = seed")
    run = new_code_cell("run = last", outputs=shown)
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


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_every_check_that_was_made_says_so_in_its_output(path):
    notebook = notebooks.load(path)
    printed = [
        line.split(" · ")[0].removeprefix("✓ ")
        for _, cell in notebooks.cells(notebook, "code")
        for output in cell.outputs
        for line in output.get("text", "").splitlines()
        if line.startswith("✓ ")
    ]
    assert printed == [check.label for check in notebooks.checks(notebook)]


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_the_reader_of_labels_misses_none(path):
    text = "\n".join(cell.source for _, cell in notebooks.cells(notebooks.load(path), "markdown"))
    endings = re.findall(r"\$\$[ \t]*\(([^)]+)\)", text) + re.findall(r":label:\s*(eq-\S+)", text)
    assert endings == [label for label, _ in notebooks.equations(notebooks.load(path))]


def test_an_equation_ends_where_it_is_displayed_to_end():
    text = "$$\na = b\n$$\n\nSome words.\n\n$$\nc = d\n$$ (eq-second)"
    assert notebooks.equations(new_notebook(cells=[new_markdown_cell(text)])) == [("eq-second", "c = d")]


def test_no_two_notebooks_share_a_label():
    assert rules.duplicate_labels() == []
