"""What a reader waits for: starting pgbook, running the chapters, comparing and building them."""

import shutil
import subprocess
import sys

import nbformat
import pytest

from booktools import notebooks
from booktools.sphinx.speed import CHAPTERS, FLOOR, OURS

IMPORTS = "import pgbook.policies, pgbook.estimators, pgbook.bandits, pgbook.episodes, pgbook.verify"
PEAK = "import resource; print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"


def run(*words, folder):
    """Run a module of this Python in a folder; return what it prints."""
    words = [sys.executable, *map(str, words)]
    return subprocess.run(words, cwd=folder, check=True, capture_output=True, text=True).stdout


def python(code):
    """Run the code in a new interpreter; return its peak memory in MB, kernel and imports included."""
    unit = 1024 if sys.platform == "linux" else 1024**2
    return int(run("-c", f"{code}\n{PEAK}", folder=notebooks.ROOT / "chapters").split()[-1]) / unit


def code(path):
    """Return what the code cells of a chapter run, as a kernel would."""
    sources = [cell.source for _, cell in notebooks.cells(notebooks.load(path), "code")]
    shell = "from IPython.core.interactiveshell import InteractiveShell as S; shell = S.instance()"
    return "\n".join([shell, *(f"assert shell.run_cell({source!r}).success" for source in sources)])


@pytest.mark.parametrize(
    ("who", "statement"),
    [(OURS, IMPORTS), ("numpy, scipy.special", "import numpy, scipy.special"), (FLOOR, "")],
)
def test_imports(measure, who, statement):
    measure("import of pgbook", 1, who, python, statement)


@pytest.mark.parametrize("path", notebooks.chapters(), ids=lambda path: path.stem)
def test_chapter(measure, benchmark, path):
    peak = measure(f"chapter {int(path.stem[:2])}", 1, "all cells", python, code(path), rounds=1)
    benchmark.extra_info["peak"] = round(peak)


@pytest.mark.parametrize(("who", "cells"), [("all cells", None), (FLOOR, 1)])
def test_nbval(measure, tmp_path, who, cells):
    paths = notebooks.chapters()
    for path in paths:
        notebook = notebooks.load(path)
        last = [i for i, _ in notebooks.cells(notebook, "code")][:cells][-1]
        notebook.cells = notebook.cells[: last + 1]
        nbformat.write(notebook, tmp_path / path.name)
    words = ["-m", "pytest", "-q", "--nbval", "-n", "2", "--dist", "loadfile", "-p", "no:benchmark", "."]
    printed = measure(CHAPTERS, len(paths), who, lambda: run(*words, folder=tmp_path), rounds=1)
    assert " passed" in printed


def test_build(measure, tmp_path):
    skipped = shutil.ignore_patterns(".*", "_build", "mutants", "__pycache__")
    book = shutil.copytree(notebooks.ROOT, tmp_path / "book", ignore=skipped)
    words = ["-c", "from jupyter_book.cli.main import main; main()", "build", "--quiet", "."]
    measure("building the HTML", 1, "make book", lambda: run(*words, folder=book), rounds=1)
    assert (book / "_build/html/index.html").exists()
