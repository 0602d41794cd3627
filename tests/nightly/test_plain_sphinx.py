"""If Jupyter Book 1 goes: Sphinx alone, from a conf.py made of _config.yml, builds the same pages."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from booktools import notebooks

BUILT = notebooks.ROOT / "_build/html"
pytestmark = pytest.mark.slow


def run(folder, *command):
    subprocess.run(command, cwd=folder, env=os.environ | {"PYTHONPATH": str(folder)}, check=True)


def article(path):
    """Return the text of a page, without the theme's frame and the list of editions, which are made later."""
    page = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
    for made_later in page.select("div.downloads"):
        made_later.decompose()
    return " ".join((page.find("article") or page).get_text().split())


def test_sphinx_alone_builds_the_same_pages_with_the_same_text(tmp_path):
    assert (BUILT / "built").exists(), "build the book first: make book"
    book, html = tmp_path / "book", tmp_path / "html"
    shutil.copytree(notebooks.ROOT, book, ignore=shutil.ignore_patterns(".*", "_build", "tests"))
    run(book, Path(sys.executable).with_name("jupyter-book"), "config", "sphinx", ".")
    conf = (book / "conf.py").read_text(encoding="utf-8").replace("'jupyter_book', ", "")
    (book / "conf.py").write_text(conf, encoding="utf-8")
    run(book, sys.executable, "-m", "sphinx", "-q", "-W", "-n", "--keep-going", "-b", "html", ".", html)
    pages = {path.relative_to(BUILT) for path in BUILT.rglob("*.html")}
    pages = {page for page in pages if page.parts[0] != "downloads"}  # editions, made of the pages
    assert {path.relative_to(html) for path in html.rglob("*.html")} == pages
    assert [page for page in sorted(pages) if article(html / page) != article(BUILT / page)] == []
