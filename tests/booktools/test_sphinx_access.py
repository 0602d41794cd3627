"""What `booktools.sphinx.access` changes in the theme's pages is there to be changed."""

import os
import subprocess
import sys

from booktools import notebooks
from booktools.sphinx import access

CONF = """\
extensions = ["myst_parser", "booktools.sphinx.access"]
html_theme = "sphinx_book_theme"
html_static_path = ["_static"]
templates_path = ["_templates"]
"""


def test_markup_that_no_page_has_is_a_warning_that_names_it(tmp_path):
    (tmp_path / "_templates").mkdir()
    (tmp_path / "_static").mkdir()
    (tmp_path / "_static/book.js").touch()
    layout = '{% extends "!layout.html" %}{% block content %}{{ super() | accessible }}{% endblock %}'
    (tmp_path / "_templates/layout.html").write_text(layout)
    (tmp_path / "conf.py").write_text(CONF)
    (tmp_path / "index.md").write_text("# A page\n\n## A section\n")
    command = [sys.executable, "-m", "sphinx", "-q", "-b", "html", ".", "out"]
    environment = os.environ | {"PYTHONPATH": str(notebooks.ROOT)}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    named = {line.partition("any more: ")[2] for line in done.stderr.splitlines() if "access.py" in line}
    # This page has the theme's sidebars, but no proof, no folded cell and no bibliography.
    assert set(access.REPLACED) <= named
    assert not {element for element in access.ROLES if "sidebar" in element} & named
