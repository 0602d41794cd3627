"""`make notebooks`: all of a chapter or nothing, the same bytes every time, one clear message."""

import json

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from booktools import execute, notebooks, rules

KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
EQUATION = "$$\nx = x\n$$ (eq-x)"
CHECK = """\
from pgbook import verify
verify.exact("eq-x", 1.0, 1.0, rejects={"sign": -1.0})"""


@pytest.fixture
def book(tmp_path):
    """Return a function that writes a book from cell sources; those of Markdown start with $ or #."""

    def write(metadata=KERNEL, **sources):
        listed = "".join(f"\n  - file: chapters/{name[1:]}" for name in sources)
        (tmp_path / "_toc.yml").write_text(f"format: jb-book\nroot: index\nchapters:{listed}\n")
        (tmp_path / "chapters").mkdir(exist_ok=True)
        for name, cells in sources.items():
            made = [(new_markdown_cell if text[0] in "$#" else new_code_cell)(text) for text in cells]
            nbformat.write(
                new_notebook(cells=made, metadata=metadata), tmp_path / f"chapters/{name[1:]}.ipynb"
            )
        return tmp_path

    return write


def contents(root):
    return {path.name: path.read_bytes() for path in sorted((root / "chapters").iterdir())}


@pytest.fixture
def refusal(capsys):
    """Return a function that executes a book, of which nothing changes, and returns what is said of that."""

    def failed(root, name=""):
        before = contents(root)
        assert execute.main(name, root) == 1
        assert contents(root) == before
        return capsys.readouterr().err

    return failed


def test_outputs_are_kept_and_a_second_run_changes_no_byte(book):
    root = book(_01_one=[EQUATION, CHECK, "print('one')\nprint('two')", "6 * 7"])
    assert execute.main(root=root) == 0
    first = contents(root)
    notebook = nbformat.reads(first["01_one.ipynb"].decode(), as_version=4)
    assert [cell.execution_count for _, cell in notebooks.cells(notebook, "code")] == [1, 2, 3]
    assert notebook.cells[2].outputs[0].text == "one\ntwo\n"
    assert notebook.cells[3].outputs[0].data["text/plain"] == "42"
    assert notebook.cells[1].metadata == {
        "equations": {"eq-x": notebooks.fingerprint("x = x")},
        "jupyter": {"source_hidden": True},
        "tags": ["hide-input"],
    }
    assert rules.problems(root / "chapters/01_one.ipynb", root) == []
    assert execute.main("01", root) == 0
    assert contents(root) == first


def test_only_the_named_chapter_is_executed(book):
    root = book(_01_one=["1"], _02_two=["2"])
    before = contents(root)
    assert execute.main("02", root) == 0
    after = contents(root)
    assert after["01_one.ipynb"] == before["01_one.ipynb"]
    assert after["02_two.ipynb"] != before["02_two.ipynb"]


@pytest.mark.parametrize(
    ("cell", "named"),
    [
        ("1 / 0", "ZeroDivisionError"),
        pytest.param("import os; os._exit(1)", "01_one.ipynb: cell 2 (id ", marks=pytest.mark.slow),
    ],
    ids=["a failing cell", "a dying kernel"],
)
def test_what_stops_a_chapter_is_named_and_the_old_file_stays(book, refusal, cell, named):
    message = refusal(book(_01_one=["# Title", "1", cell, "2"]))
    assert "01_one.ipynb: cell 2 (id " in message
    assert named in message


@pytest.mark.slow
def test_one_failing_chapter_does_not_keep_the_others_from_being_written(book, capsys):
    root = book(_01_one=["1 / 0"], _02_two=["2"])
    assert execute.main(root=root) == 1
    assert "02_two.ipynb: executed" in capsys.readouterr().out
    assert rules.problems(root / "chapters/02_two.ipynb", root) == []


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ([EQUATION], "equation eq-x has no check"),
        ([EQUATION, EQUATION, CHECK], "equation eq-x is labelled twice"),
        ([CHECK], "names eq-x, which is no equation of this chapter"),
        ([EQUATION, CHECK.replace('"eq-x", ', "")], "verify.exact names no equation"),
        ([EQUATION, CHECK.replace('{"sign": -1.0}', "{}")], "rejects no wrong version"),
        (["$$\nx = x\n$$ (x)", CHECK], "a label starts with eq-"),
        (["1  # NBVAL_SKIP"], "asks nbval to look away"),
        (["'" + "x" * 80 + "'"], "has a line of 82 characters"),
    ],
)
def test_a_chapter_that_breaks_a_rule_is_not_executed(book, refusal, cells, message):
    error = refusal(book(_01_one=cells))
    assert error.startswith("01_one.ipynb: ")
    assert message in error


def test_a_label_that_another_chapter_has_is_named(book, refusal):
    root = book(_01_one=[EQUATION, CHECK], _02_two=[EQUATION, CHECK])
    assert refusal(root) == "02_two.ipynb: equation eq-x is labelled in 01_one.ipynb already\n"


def test_an_unknown_chapter_is_named_with_those_there_are(book, refusal):
    assert refusal(book(_01_one=["1"]), "7") == "there is no chapter '7'; there are: 01_one\n"


def test_a_file_that_is_no_notebook_is_named_and_stays(book, refusal):
    root = book(_01_one=["1"])
    (root / "chapters/01_one.ipynb").write_text('{"cells": [')
    assert refusal(root).startswith("01_one.ipynb is not a notebook: ")


def test_another_kernel_is_refused_and_a_missing_one_is_named(book, refusal, monkeypatch):
    root = book(metadata={"kernelspec": {"name": "ir", "display_name": "R"}}, _01_one=["1"])
    assert "01_one.ipynb: the kernel is 'ir', not 'python3'" in refusal(root)

    def missing(*_, **__):
        raise execute.NoSuchKernel("python3")

    monkeypatch.setattr(execute.NotebookClient, "execute", missing)
    assert "01_one.ipynb: there is no kernel 'python3' here" in refusal(book(_01_one=["1"]))


def test_what_changes_from_run_to_run_is_left_out(book):
    root = book(_01_one=["import sys\nprint(1)\nsys.stdout.flush()\nprint(2)"])
    assert execute.main(root=root) == 0
    written = json.loads((root / "chapters/01_one.ipynb").read_text(encoding="utf-8"))
    assert set(written["metadata"]) == {"kernelspec", "language_info"}
    assert written["cells"][0]["metadata"] == {}
    assert [output["text"] for output in written["cells"][0]["outputs"]] == [["1\n", "2\n"]]
