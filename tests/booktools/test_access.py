"""A theme that has changed is told of when all pages are written, and not when a few are."""

import os
import subprocess
import sys

import pytest

from booktools import notebooks
from booktools.sphinx import access


@pytest.mark.slow
def test_a_full_build_warns_of_what_is_in_no_page_and_a_partial_one_does_not(tmp_path):
    kept, *gone = access.CHANGES
    (tmp_path / "conf.py").write_text(
        "extensions = ['booktools.sphinx.access']\ntemplates_path = ['templates']\n"
    )
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "page.html").write_text("{{ body | accessible }}")
    (tmp_path / "index.rst").write_text(f"""Title
=====

.. toctree::

   one
   other

.. raw:: html

   <p{kept}></p>
""")
    for name in ("one", "other"):
        (tmp_path / f"{name}.rst").write_text("Title\n=====\n")

    def build():
        command = [sys.executable, "-m", "sphinx", "-q", "-b", "html", ".", "out"]
        environment = os.environ | {"PYTHONPATH": str(notebooks.ROOT)}
        return subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, encoding="utf-8", check=True
        ).stderr

    said = build()
    assert [theirs for theirs in gone if f"is in no page: {theirs}\n" not in said] == []
    assert f"is in no page: {kept}" not in said
    (tmp_path / "other.rst").write_text("Title\n=====\n\nNew.\n")
    assert "is in no page" not in build()
