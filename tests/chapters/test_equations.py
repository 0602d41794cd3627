"""No unverified equation: each label has a check in its chapter that rejects a wrong version."""

import re

import pytest
from nbformat.v4 import new_markdown_cell, new_notebook

from booktools import notebooks, rules

PATHS = notebooks.chapters()


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_every_labelled_equation_has_a_check_that_can_fail(path):
    notebook = notebooks.load(path)
    assert notebooks.equations(notebook), "a chapter without a labelled equation proves nothing"
    assert rules.equation_problems(notebook) == []


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


def test_no_two_chapters_share_a_label():
    assert rules.duplicate_labels() == []


def test_references_to_equations_exist():
    known = {label for path in PATHS for label, _ in notebooks.equations(notebooks.load(path))}
    for path in PATHS:
        text = "\n".join(cell.source for _, cell in notebooks.cells(notebooks.load(path), "markdown"))
        assert set(re.findall(r"\{eq\}`([^`]+)`", text)) <= known, path.name
