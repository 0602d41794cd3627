"""No unverified equation: each label has a check in its chapter that rejects a wrong version."""

import re

import pytest
from nbformat.v4 import new_markdown_cell, new_notebook

import chapters

PATHS = chapters.chapters()


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_every_labelled_equation_has_a_check_that_can_fail(path):
    notebook = chapters.load(path)
    assert chapters.equations(notebook), "a chapter without a labelled equation proves nothing"
    assert chapters.equation_problems(notebook) == []


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_every_check_that_was_made_says_so_in_its_output(path):
    notebook = chapters.load(path)
    printed = [
        line.split(" · ")[0].removeprefix("✓ ")
        for _, cell in chapters.cells(notebook, "code")
        for output in cell.outputs
        for line in output.get("text", "").splitlines()
        if line.startswith("✓ ")
    ]
    assert printed == [check.label for check in chapters.checks(notebook)]


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_the_reader_of_labels_misses_none(path):
    text = "\n".join(cell.source for _, cell in chapters.cells(chapters.load(path), "markdown"))
    endings = re.findall(r"\$\$[ \t]*\(([^)]+)\)", text) + re.findall(r":label:\s*(eq-\S+)", text)
    assert endings == [label for label, _ in chapters.equations(chapters.load(path))]


def test_an_equation_ends_where_it_is_displayed_to_end():
    text = "$$\na = b\n$$\n\nSome words.\n\n$$\nc = d\n$$ (eq-second)"
    assert chapters.equations(new_notebook(cells=[new_markdown_cell(text)])) == [("eq-second", "c = d")]


def test_no_two_chapters_share_a_label():
    assert chapters.duplicate_labels() == []


def test_references_to_equations_exist():
    known = {label for path in PATHS for label, _ in chapters.equations(chapters.load(path))}
    for path in PATHS:
        text = "\n".join(cell.source for _, cell in chapters.cells(chapters.load(path), "markdown"))
        assert set(re.findall(r"\{eq\}`([^`]+)`", text)) <= known, path.name
