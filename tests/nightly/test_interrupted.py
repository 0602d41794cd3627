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
from tests.nightly.matrix import tree

KILLS = range(int(os.environ.get("KILLS", 1)))
SIGNALS = [signal.SIGTERM, signal.SIGINT, getattr(signal, "SIGKILL", signal.SIGTERM)]
VENV = notebooks.ROOT / ".venv"
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not (VENV / "installed").exists(), reason="make installed nothing here"),
]

INDEX = "# A small book\n\nIt has two chapters: {doc}`chapters/01_one` and {doc}`chapters/02_two`.\n"
TOC = "format: jb-book\nroot: index\nchapters:\n  - file: chapters/01_one\n  - file: chapters/02_two\n"
OTHERS = shutil.ignore_patterns("test_exercises*", "__pycache__", "test_[!en]*.py")
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
    """Return the book with two small chapters and few tests, executed and built."""
    root = tree(tmp_path_factory.mktemp("book"))
    for folder in ("chapters", "tests"):
        shutil.rmtree(root / folder)
    shutil.copytree(notebooks.ROOT / "tests/chapters", root / "tests/chapters", ignore=OTHERS)
    # A small book has not all that the theme and the extensions write.
    config = (root / "_config.yml").read_text(encoding="utf-8")
    few = config.replace("  config:\n", "  config:\n    suppress_warnings: [myst.domains, access]\n")
    (root / "_config.yml").write_text(few, encoding="utf-8")
    (root / "index.md").write_text(INDEX)
    (root / "_toc.yml").write_text(TOC)
    (root / "chapters").mkdir()
    for name in ("01_one", "02_two"):
        execute.write(chapter(name[3:]), root / f"chapters/{name}.ipynb")
    (root / ".venv").symlink_to(VENV, target_is_directory=True)
    # Older than the environment, so that make does not install it.
    for name in ("pyproject.toml", "requirements.txt"):
        os.utime(root / name, (0, 0))
    make(root, "notebooks")
    make(root, "test")
    return root


@pytest.fixture
def book(original, tmp_path):
    """Return a copy of the small book."""
    return shutil.copytree(original, tmp_path / "book", symlinks=True)


def started(root, *words, **streams):
    inherited = ("MAKE", "MFLAGS", "PYTEST", "BOOK_", "SLOW", "KILLS")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(inherited)}
    environment |= {"PYTHONPATH": str(root), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.Popen(["make", *words], cwd=root, env=environment, start_new_session=True, **streams)


def make(root, *words, moment=None):
    """Run a command, which succeeds, also after one that was stopped; return what it printed."""
    process = started(root, *words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    printed = process.communicate()[0]
    assert process.returncode == 0, (moment, printed)
    return printed


def interrupted(moment, root, *words):
    """Start a command and stop it, with all that it started, after so many seconds."""
    process = started(root, *words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    after, by = moment
    time.sleep(after)
    os.killpg(process.pid, by)
    process.wait()


def moments(seed, root, *words):
    """Yield random moments of a command, and signals in turn: another first one for each command."""
    begin, pick = time.monotonic(), random.Random(seed)
    make(root, *words)
    duration = time.monotonic() - begin
    for kill in KILLS:
        yield pick.uniform(0, 1.05 * duration), SIGNALS[(seed + kill) % len(SIGNALS)]


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


def test_make_book(book):
    whole = pages(book)
    # Stopped while it wrote a page.
    (book / "_build/html/built").unlink()
    (book / "_build/html/chapters/01_one.html").write_bytes(b"<html>")
    for number, moment in enumerate(moments(1, book, "book")):
        assert pages(book) == whole, moment
        if number % 2:  # the first time, or after a change
            (book / "index.md").touch()
        else:
            shutil.rmtree(book / "_build", ignore_errors=True)
        interrupted(moment, book, "book")
        make(book, "book", moment=moment)
        assert pages(book) == whole, moment


def test_make_clean_that_is_stopped_does_not_look_like_a_book(book):
    # As if stopped between its lines, or within the second.
    assert make(book, "--dry-run", "clean").startswith("rm -f _build/html/built\n")


def test_make_notebooks(book):
    executed = contents(book, "chapters")
    for moment in moments(2, book, "notebooks"):
        for path in notebooks.chapters(book):
            execute.write(chapter(path.stem[3:]), path)
        empty = contents(book, "chapters")
        interrupted(moment, book, "notebooks")
        for name, content in contents(book, "chapters").items():
            whole = content in (empty.get(name), executed.get(name))
            assert whole or name.endswith(".tmp"), (name, moment)
        make(book, "notebooks", moment=moment)
        assert contents(book, "chapters") == executed, moment


def test_make_test(book):
    everything = ("booktools", "_static", "chapters", "pgbook", "tests")
    before = contents(book, *everything)
    for moment in moments(3, book, "test"):
        interrupted(moment, book, "test")
        assert contents(book, *everything) == before, moment
        make(book, "test", moment=moment)


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
    for number, moment in enumerate(moments(4, book, *words)):
        if number % 2:  # anew, or to change versions
            os.utime(book / "requirements.txt")
        else:
            shutil.rmtree(book / ".venv", ignore_errors=True)
        interrupted(moment, book, *words)
        make(book, *words, moment=moment)
        assert not (book / ".venv.unfinished").exists()
        (site,) = (book / ".venv/lib").glob("python3*/site-packages")
        found = {found.name.lower(): found for found in metadata.distributions(path=[str(site)])}
        assert {pin.split("==")[0] for pin in few} | {"pip", "pgbook"} == set(found), moment
        for name, distribution in found.items():
            files = [file for file in distribution.files if "__pycache__" not in str(file)]
            assert files, (moment, name)
            assert all(file.locate().exists() for file in files), (moment, name)
