"""References show the numbers of what they name; a page is read once for many; garbage is collected after."""

import gc
from unittest.mock import patch

from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

FIGURE = ".. _{0}:\n\n.. figure:: {0}.png\n\n   Figure {0}\n\n"


def test_ten_references_show_the_numbers_and_read_the_page_once(tmp_path):
    (tmp_path / "conf.py").write_text("extensions = ['booktools.sphinx.quick']\nnumfig = True\n")
    refer = ":numref:`one` :numref:`two`\n\n" * 5
    (tmp_path / "index.rst").write_text(f"Top\n===\n\n{FIGURE.format('one')}{FIGURE.format('two')}{refer}")
    for name in ("one", "two"):
        (tmp_path / f"{name}.png").write_bytes(b"")
    app = Sphinx(tmp_path, tmp_path, tmp_path / "out", tmp_path / "trees", "html", status=None)
    with patch.object(
        BuildEnvironment, "get_doctree", autospec=True, side_effect=BuildEnvironment.get_doctree
    ) as read:
        app.build()
    page = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    assert [page.count(f'<span class="std std-numref">Fig. {n}</span>') for n in (1, 2)] == [5, 5]
    assert read.call_count <= 4
    assert gc.isenabled()
