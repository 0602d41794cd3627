"""What a reader waits for: starting pgbook, running each chapter, and its tests."""

import subprocess
import sys

import pytest
from conftest import FLOOR, OURS

import chapters

IMPORTS = "import pgbook.policies, pgbook.estimators, pgbook.bandits, pgbook.episodes, pgbook.verify"
PEAK = "import resource; print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"


def python(code):
    """Run the code in a new interpreter; return its peak memory in MB, kernel and imports included."""
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\n{PEAK}"],
        cwd=chapters.ROOT / "chapters",
        check=True,
        capture_output=True,
    )
    unit = 1024 if sys.platform == "linux" else 1024**2
    return int(done.stdout.split()[-1]) / unit


def code(path, cells=None):
    """Return what the first ``cells`` code cells of a chapter run, as a kernel would."""
    sources = [cell.source for _, cell in chapters.cells(chapters.load(path), "code")][:cells]
    shell = "from IPython.core.interactiveshell import InteractiveShell as S; shell = S.instance()"
    run = [f"assert shell.run_cell({source!r}).success" for source in sources]
    return "\n".join([shell, *run])


@pytest.mark.parametrize(
    ("who", "statement"),
    [(OURS, IMPORTS), ("numpy, scipy.special", "import numpy, scipy.special"), (FLOOR, "")],
)
def test_imports(measure, who, statement):
    measure("import of pgbook", 1, who, python, statement)


@pytest.mark.parametrize("path", chapters.chapters(), ids=lambda path: path.stem)
@pytest.mark.parametrize(("who", "cells"), [("all cells", None), (FLOOR, 1)])
def test_chapter(measure, benchmark, path, who, cells):
    peak = measure(f"chapter {int(path.stem[:2])}", 1, who, python, code(path, cells), rounds=2)
    benchmark.extra_info["peak"] = round(peak)
