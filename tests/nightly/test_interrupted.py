"""Work that is stopped at a random moment leaves nothing half-written, and the next run succeeds.

In a small book with the real Makefile, once for each command: `KILLS=20 make test SLOW=1` does it so often.
"""

import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from importlib import metadata

import pytest
from nbformat import v4

from booktools import execute, notebooks

KILLS = range(int(os.environ.get("KILLS", 1)))
SIGNALS = [signal.SIGTERM, signal.SIGINT, getattr(signal, "SIGKILL", signal.SIGTERM)]
VENV = notebooks.ROOT / ".venv"
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not (VENV / "installed").exists(), reason="make installed nothing here"),
]

INDEX = "# A small book\n\nIt has two chapters: {doc}`chapters/01_one` and {doc}`chapters/02_two`.\n"
TOC = "format: jb-book\nroot: index\nchapters:\n  - file: chapters/01_one\n  - file: chapters/02_two\n"
CHECK = "from pgbook import verify\nverify.exact('eq-{0}', 1.0, 1.0, rejects={{'sign': -1.0}})"


def chapter(name):
    """A chapter with a labelled equation, a page of text and some output."""
    return v4.new_notebook(
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
        cells=[
            v4.new_markdown_cell(f"# {name}\n\n$$\nx = x\n$$ (eq-{name})", id="title"),
            v4.new_code_cell(CHECK.format(name), id="check"),
            v4.new_code_cell("for n in range(500):\n    print(n)", id="numbers"),
            v4.new_markdown_cell("Some text. " * 2000, id="text"),
        ],
    )


@pytest.fixture(scope="module")
def original(tmp_path_factory):
    """Return a small book, executed and built, with what its commands need of ours."""
    root = tmp_path_factory.mktemp("book")
    for name in ("booktools", "_static", "pgbook"):
        shutil.copytree(notebooks.ROOT / name, root / name)
    for name in ("Makefile", "_config.yml", "pyproject.toml", "references.bib", "requirements.txt"):
        shutil.copy(notebooks.ROOT / name, root)
    # A small book has not all that the theme and the extensions write.
    config = (root / "_config.yml").read_text(encoding="utf-8")
    few = config.replace("  config:\n", "  config:\n    suppress_warnings: [access, myst.domains]\n")
    (root / "_config.yml").write_text(few, encoding="utf-8")
    (root / "index.md").write_text(INDEX)
    (root / "_toc.yml").write_text(TOC)
    for folder in ("chapters", "tests/chapters"):
        (root / folder).mkdir(parents=True)
    for name in ("test_notebooks.py", "test_equations.py"):
        shutil.copy(notebooks.ROOT / "tests/chapters" / name, root / "tests/chapters")
    for name in ("01_one", "02_two"):
        execute.write(chapter(name[3:]), root / f"chapters/{name}.ipynb")
    (root / ".venv").symlink_to(VENV, target_is_directory=True)
    # Older than the environment, so that make does not install it.
    for name in ("pyproject.toml", "requirements.txt"):
        os.utime(root / name, (0, 0))
    assert run(root, "notebooks").returncode == 0
    assert run(root, "test").returncode == 0
    return root


@pytest.fixture
def book(original, tmp_path):
    """Return a copy of the small book."""
    return shutil.copytree(original, tmp_path / "book", symlinks=True)


def command(root, *words):
    inherited = ("MAKE", "MFLAGS", "PYTEST", "BOOK_", "SLOW", "KILLS")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(inherited)}
    environment |= {"PYTHONPATH": str(root), "PYTHONDONTWRITEBYTECODE": "1"}
    return {"args": ["make", *words], "cwd": root, "env": environment, "start_new_session": True}


def run(root, *words):
    return subprocess.run(**command(root, *words), capture_output=True, text=True, check=False)


def interrupted(root, *words, after, by):
    """Start a command and stop it, with all that it started, after so many seconds."""
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    started = subprocess.Popen(**command(root, *words), **quiet)
    time.sleep(after)
    os.killpg(started.pid, by)
    started.wait()


def seconds(root, *words):
    """How long a command takes, if nothing stops it."""
    begin = time.monotonic()
    done = run(root, *words)
    assert done.returncode == 0, done.stdout + done.stderr
    return time.monotonic() - begin


def contents(root, *folders):
    """What the files of some folders hold, by name; caches are none of them."""
    paths = [path for folder in folders for path in sorted((root / folder).rglob("*")) if path.is_file()]
    return {
        path.relative_to(root).as_posix(): path.read_bytes() for path in paths if ".venv" not in path.parts
    }


def pages(root):
    """The built pages, without the checksums that Sphinx adds to some addresses the second time."""
    built = contents(root, "_build/html")
    return {name: re.sub(rb"\?v=[0-9a-f]{8}", b"", content) for name, content in built.items()}


def moments(seed, duration):
    """Random moments of a command, and signals in turn: another first one for each command."""
    pick = random.Random(seed)
    return [(pick.uniform(0, 1.05 * duration), SIGNALS[(seed + kill) % len(SIGNALS)]) for kill in KILLS]


def test_make_book(book):
    whole = pages(book)
    # Stopped while it wrote a page.
    (book / "_build/html/built").unlink()
    (book / "_build/html/chapters/01_one.html").write_bytes(b"<html>")
    duration = seconds(book, "book")
    assert pages(book) == whole
    for number, (after, by) in enumerate(moments(1, duration)):
        if number % 2:  # the first time, or after a change
            (book / "index.md").touch()
        else:
            shutil.rmtree(book / "_build", ignore_errors=True)
        interrupted(book, "book", after=after, by=by)
        done = run(book, "book")
        assert done.returncode == 0, (after, by, done.stdout, done.stderr)
        assert pages(book) == whole, (after, by)


def test_make_clean_that_is_stopped_does_not_look_like_a_book(book):
    # As if stopped between its lines, or within the second.
    lines = run(book, "--dry-run", "clean").stdout.splitlines()
    assert lines[0] == "rm -f _build/html/built"


def test_make_notebooks(book):
    executed = contents(book, "chapters")
    duration = seconds(book, "notebooks")
    for after, by in moments(2, duration):
        for path in notebooks.chapters(book):
            notebook = notebooks.load(path)
            for _, cell in notebooks.cells(notebook, "code"):
                cell.outputs, cell.execution_count = [], None
            path.write_text(execute.nbformat.writes(notebook))
        empty = contents(book, "chapters")
        interrupted(book, "notebooks", after=after, by=by)
        left = contents(book, "chapters")
        for name, content in left.items():
            whole = content in (empty.get(name), executed.get(name))
            assert whole or name.endswith(".tmp"), (name, after, by)
        done = run(book, "notebooks")
        assert done.returncode == 0, (after, by, done.stderr)
        assert contents(book, "chapters") == executed, (after, by)


def test_make_test(book):
    everything = ("booktools", "_static", "chapters", "pgbook", "tests")
    before = contents(book, *everything)
    for after, by in moments(3, seconds(book, "test")):
        interrupted(book, "test", after=after, by=by)
        assert contents(book, *everything) == before, (after, by)
        done = run(book, "test")
        assert done.returncode == 0, (after, by, done.stdout)


def test_an_environment_that_was_installed_by_half_is_not_taken_for_a_whole_one(book):
    (book / ".venv").unlink()
    pins = (notebooks.ROOT / "requirements.txt").read_text().splitlines()
    wanted = ("uv", "setuptools", "iniconfig", "pluggy", "tabulate", "pygments")
    few = [pin for pin in pins if pin.split("==")[0] in wanted]
    (book / "requirements.txt").write_text("\n".join(few))
    project = 'build-system = {requires = ["setuptools"], build-backend = "setuptools.build_meta"}\n'
    project += '[project]\nname = "pgbook"\nversion = "0"\n[tool.setuptools]\npackages = ["pgbook"]\n'
    (book / "pyproject.toml").write_text(project)
    words = (".venv/installed", f"PYTHON={getattr(sys, '_base_executable', sys.executable)}")
    duration = seconds(book, *words)
    for number, (after, by) in enumerate(moments(4, duration)):
        if number % 2:  # anew, or to change versions
            os.utime(book / "requirements.txt")
        else:
            shutil.rmtree(book / ".venv", ignore_errors=True)
        interrupted(book, *words, after=after, by=by)
        done = run(book, *words)
        assert done.returncode == 0, (after, by, done.stdout, done.stderr)
        assert not (book / ".venv.unfinished").exists()
        (site,) = (book / ".venv/lib").glob("python3*/site-packages")
        found = {found.name.lower(): found for found in metadata.distributions(path=[str(site)])}
        assert {pin.split("==")[0] for pin in few} | {"pip", "pgbook"} == set(found), (after, by)
        for name, distribution in found.items():
            assert distribution.files, (after, by, name)
            files = [file for file in distribution.files if "__pycache__" not in str(file)]
            assert [file for file in files if not file.locate().exists()] == [], (after, by, name)
