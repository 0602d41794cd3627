"""What `booktools.sphinx.access` changes in the theme's pages was there to be changed."""

import pytest

from booktools import notebooks
from booktools.sphinx import access


@pytest.mark.skipif(not (notebooks.HTML / "built").exists(), reason="the book is not built here")
def test_every_change_is_made_on_some_page_and_forgotten_on_none():
    pages = [(notebooks.HTML / f"{name}.html").read_text(encoding="utf-8") for name in notebooks.listed()]
    for theirs, ours in access.CHANGES.items():
        assert any(ours in page for page in pages), theirs
        assert theirs in ours or not any(theirs in page for page in pages), theirs
