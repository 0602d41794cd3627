"""The commands of the Makefile, as a newcomer meets them."""

import os
import re
import shutil
import signal
import subprocess
import sys
import urllib.request

import pytest

from booktools import notebooks

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the Makefile is for Linux and macOS")


# As from a fresh shell, not as a child of the make that runs these tests.
INHERITED = ("MAKE", "MFLAGS", "CHAPTER", "SLOW")
FRESH = {name: value for name, value in os.environ.items() if not name.startswith(INHERITED)}


def make(*words, cwd=notebooks.ROOT):
    """Run make."""
    return subprocess.run(["make", *words], cwd=cwd, env=FRESH, capture_output=True, text=True, check=False)


def test_without_a_target_it_lists_all_commands():
    makefile = (notebooks.ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    done = make()
    assert done.returncode == 0
    assert {line.split()[1] for line in done.stdout.splitlines()} == targets


def test_after_a_build_nothing_is_left_to_do():
    assert make("--question", "_build/html/built").returncode == 0


@pytest.mark.parametrize(
    ("script", "found"),
    [
        ("#!/bin/sh\ncase $1 in --version) echo Python 3.9.2;; *) exit 1;; esac", "Python 3.9.2"),
        (None, "missing"),
    ],
)
def test_a_python_that_is_too_old_or_missing_gets_one_clear_sentence(tmp_path, script, found):
    for name in ("Makefile", "requirements.txt", "pyproject.toml"):
        shutil.copy(notebooks.ROOT / name, tmp_path)
    python = tmp_path / "python"
    if script:
        python.write_text(script)
        python.chmod(0o755)
    done = make("book", f"PYTHON={python}", cwd=tmp_path)
    assert done.returncode != 0
    sentence = f"This book needs Python 3.11 or newer, but '{python}' is {found}; name a newer one: "
    lines = done.stderr.strip().splitlines()
    assert lines[0] == f"{sentence}make PYTHON=python3.12 book"
    assert all(line.startswith("make:") for line in lines[1:])
    assert not (tmp_path / ".venv").exists()


def test_an_unknown_chapter_is_refused():
    done = make("notebooks", "CHAPTER=99")
    assert done.returncode != 0
    assert "there is no chapter '99'; there are: 01_question" in done.stderr


def test_serve_serves_what_was_built(tmp_path):
    """In a folder where the book counts as built: nothing is installed, and nothing built."""
    shutil.copy(notebooks.ROOT / "Makefile", tmp_path)
    (tmp_path / ".venv").symlink_to(sys.prefix)
    (tmp_path / "_build" / "html").mkdir(parents=True)
    (tmp_path / "_build" / "html" / "index.html").write_text("the book")
    command = ["make", "--old-file=_build/html/built", "serve", "PORT=0"]
    how = {"env": FRESH | {"PYTHONUNBUFFERED": "1"}, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, cwd=tmp_path, start_new_session=True, **how) as serving:
        url = re.search(r"http://127\.0\.0\.1:\d+/", serving.stdout.readline() + serving.stdout.readline())[0]
        with urllib.request.urlopen(url) as page:
            assert page.read() == b"the book"
        os.killpg(serving.pid, signal.SIGTERM)
