"""A page is light: what a first visit transfers, compressed, and nothing that the page does not use."""

import sys

import pytest
from fontTools.ttLib import TTFont

from booktools import notebooks
from booktools.bench import pages

# In kB: of a page with an explorer, and of one without.
HEAVIEST, HEAVIEST_WITHOUT_EXPLORER = 2500, 800
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the book is built on Linux and macOS")


@pytest.fixture(scope="module")
def address():
    """Return the address of the built book, served compressed."""
    assert (pages.HTML / "built").exists(), "build the book first: make book"
    with pages.served() as address:
        yield address


@pytest.mark.parametrize("name", notebooks.listed())
def test_the_page_is_light(browser, address, name):
    page = pages.measure(browser, address, name)
    names = {path.partition("?")[0].rpartition("/")[2] for path in page.weights}
    html = (pages.HTML / f"{name}.html").read_text(encoding="utf-8")
    explorer = 'class="explorer' in html
    assert page.kilobytes < (HEAVIEST if explorer else HEAVIEST_WITHOUT_EXPLORER), page.weights
    assert ("explorers.js" in names) == explorer
    assert ("tex-chtml.js" in names) == ('class="math' in html)
    # The index is loaded by a search, icons are cut out of their fonts, kernels are not run on the page.
    assert not any(name.startswith(("searchindex", "fa-", "all.min", "sphinx-thebe")) for name in names)


@pytest.mark.parametrize("name", ["index", "chapters/01_question"])
def test_every_icon_that_is_shown_is_in_the_fonts(browser, address, name):
    fonts = [TTFont(path).getBestCmap() for path in pages.HTML.glob("_static/icons-*.woff")]
    page = browser.new_page(viewport={"width": 390, "height": 800})
    page.goto(f"{address}/{name}.html")
    shown = page.evaluate(
        """[...document.querySelectorAll('*')].flatMap(element => [null, '::before', '::after']
            .map(part => getComputedStyle(element, part))
            .filter(style => style.fontFamily.includes('Font Awesome') && style.content.startsWith('"'))
            .map(style => style.content.slice(1, -1)))"""
    )
    page.close()
    assert len(shown) > 8
    assert all(any(ord(icon) in font for font in fonts) for icon in shown)
