"""The gate itself: a chapter that has been tampered with must turn it red.

Red means that nbval fails or that `rules.problems` is not empty; each tampering names which. The
copies are cut after the first figure, to keep this short.
"""

import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET

import nbformat
import pytest

from booktools import execute, notebooks, rules


def shortened():
    """Return the first chapter up to its first figure, with the text its cells need, and its explorer."""
    notebook = notebooks.load(notebooks.chapters()[0])
    code = notebooks.cells(notebook, "code")
    last = next(index for index, cell in code if "figure" in cell.metadata.get("mystnb", {}))
    explorer, output = next(outputs(notebook, notebooks.EXPLORER))
    notebook.cells = [*notebook.cells[: last + 1], explorer]
    explorer.execution_count = output.execution_count = len(notebooks.cells(notebook, "code"))
    return notebook


def outputs(notebook, mime):
    """Return ``(cell, output)`` for the outputs that hold a MIME type, or text where it is None."""
    for _, cell in notebooks.cells(notebook, "code"):
        for output in cell.outputs:
            if "text" in output if mime is None else mime in output.get("data", {}):
                yield cell, output


def nothing(notebook):
    """Leave everything as it is."""


def change_a_digit(notebook):
    _, output = next(outputs(notebook, None))
    output.text = re.sub(r"0\.5", "0.6", output.text, count=1)


def change_the_figure(notebook):
    _, output = next(outputs(notebook, "image/svg+xml"))
    output.data["image/svg+xml"] = re.sub(r"\bL (\d+)", r"L 1\1", output.data["image/svg+xml"], count=1)


def move_a_slider_of_the_explorer(notebook):
    _, output = next(outputs(notebook, notebooks.EXPLORER))
    output.data[notebooks.EXPLORER]["params"][0]["value"] += 1


def delete_an_output(notebook):
    cell, _ = next(outputs(notebook, None))
    cell.outputs = []


def change_the_checked_formula(notebook):
    cell = next(cell for _, cell in notebooks.cells(notebook, "code") if "verify.gradient" in cell.source)
    assert "one_hot(a) - softmax(z)" in cell.source
    cell.source = cell.source.replace("one_hot(a) - softmax(z)", "one_hot(a) + softmax(z)")


def leave_a_cell_unexecuted(notebook):
    cell, _ = next(outputs(notebook, None))
    cell.execution_count, cell.outputs = None, []


def change_the_displayed_equation(notebook):
    cell = next(cell for _, cell in notebooks.cells(notebook, "markdown") if "(eq-one-update)" in cell.source)
    assert r"(\delta_{ab} - \pi_b)" in cell.source
    cell.source = cell.source.replace(r"(\delta_{ab} - \pi_b)", r"(\delta_{ab} + \pi_b)")


def ask_nbval_to_look_away(notebook):
    cell, _ = next(outputs(notebook, None))
    cell.metadata["tags"] = ["nbval-ignore-output"]


def remove_the_check(notebook):
    notebook.cells = [cell for cell in notebook.cells if "verify.gradient" not in cell.source]


def show_a_bitmap(notebook):
    _, output = next(outputs(notebook, "image/svg+xml"))
    output.data["image/png"] = output.data.pop("image/svg+xml")


def forget_the_alt_text(notebook):
    cell, _ = next(outputs(notebook, "image/svg+xml"))
    del cell.metadata["mystnb"]["image"]


def forget_the_alt_text_of_the_explorer(notebook):
    _, output = next(outputs(notebook, notebooks.EXPLORER))
    del output.data[notebooks.EXPLORER]["description"]


def forget_the_caption_of_the_explorer(notebook):
    cell, _ = next(outputs(notebook, notebooks.EXPLORER))
    del cell.metadata["mystnb"]["figure"]["caption"]


def show_two_explorers(notebook):
    cell, output = next(outputs(notebook, notebooks.EXPLORER))
    cell.outputs.append(output)


def add_a_cell(notebook):
    notebook.cells.append(nbformat.v4.new_code_cell("print(1)"))


def repeat_an_output(notebook):
    cell, output = next(outputs(notebook, "image/svg+xml"))
    cell.outputs.append(output)


def print_over_a_line(notebook):
    _, output = next(outputs(notebook, None))
    output.text = "something else\r" + output.text


def print_after_the_figure(notebook):
    cell, _ = next(outputs(notebook, "image/svg+xml"))
    cell.outputs.append(nbformat.v4.new_output("stream", name="stdout", text="late\n"))


BY_NBVAL = [
    change_a_digit,
    change_the_figure,
    move_a_slider_of_the_explorer,
    delete_an_output,
    change_the_checked_formula,
]
BY_STRUCTURE = [
    leave_a_cell_unexecuted,
    change_the_displayed_equation,
    ask_nbval_to_look_away,
    remove_the_check,
    show_a_bitmap,
    forget_the_alt_text,
    forget_the_alt_text_of_the_explorer,
    forget_the_caption_of_the_explorer,
    show_two_explorers,
    add_a_cell,
    repeat_an_output,
    print_over_a_line,
    print_after_the_figure,
]  # fmt: skip


@pytest.fixture
def book(tmp_path):
    """Return an empty book that lists every tampering as a chapter."""
    names = [tampering.__name__ for tampering in [nothing, *BY_NBVAL, *BY_STRUCTURE]]
    shutil.copy(notebooks.ROOT / "pyproject.toml", tmp_path)
    listed = "".join(f"\n  - file: {name}" for name in names)
    (tmp_path / "_toc.yml").write_text(f"format: jb-book\nroot: index\nchapters:{listed}\n")
    return tmp_path


def tampered(book, tampering):
    notebook = shortened()
    before = nbformat.writes(notebook)
    tampering(notebook)
    assert tampering is nothing or nbformat.writes(notebook) != before
    path = book / f"{tampering.__name__}.ipynb"
    nbformat.write(notebook, path)
    return path


@pytest.mark.parametrize("tampering", BY_STRUCTURE, ids=lambda tampering: tampering.__name__)
def test_the_structure_shows_the_tampering(book, tampering):
    assert rules.problems(tampered(book, nothing), book) == []
    assert rules.problems(tampered(book, tampering), book) != []


def test_nbval_shows_the_tampering(book):
    paths = [tampered(book, tampering) for tampering in [nothing, *BY_NBVAL]]
    report = book / "report.xml"
    words = ["-p", "no:cacheprovider", "-p", "no:xdist", "-o", "addopts=", "--nbval", f"--junitxml={report}"]
    command = [sys.executable, "-m", "pytest", *words, *paths]
    done = subprocess.run(command, capture_output=True, text=True, cwd=book, check=False)
    cases = ET.parse(report).iter("testcase")
    red = {case.get("classname").split(".")[-2] for case in cases if case.find("failure") is not None}
    assert red == {tampering.__name__ for tampering in BY_NBVAL}, done.stdout


def test_the_control_is_what_make_notebooks_writes(book):
    path = tampered(book, nothing)
    execute.write(notebooks.load(path), path)
    assert rules.problems(path, book) == []
