"""The book for e-readers: EPUBCheck finds nothing, and each page fits a small screen without scripts."""

import os
import re
import shutil
import subprocess
import zipfile

import pytest
from lxml import etree

from booktools import epub, notebooks, pdf

MATH = "{http://www.w3.org/1998/Math/MathML}math"
# What is wider than the screen and does not scroll by itself; a long formula in the text may be, a little.
WIDER = """width => [...document.querySelectorAll('body *')].map(e => [e, e.getBoundingClientRect().right])
    .filter(([e, right]) => right > 1.15 * width && !e.closest('table, div.math'))
    .map(([e]) => e.outerHTML.slice(0, 120))"""
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def book(browser, tmp_path_factory):
    """Return the folder of the book, beside the file."""
    target = tmp_path_factory.mktemp("epub") / "book.epub"
    epub.write(browser, target)
    zipfile.ZipFile(target).extractall(target.parent)
    return target.parent / "book"


def test_epubcheck_finds_nothing(book):
    if not shutil.which("epubcheck"):
        message = "no epubcheck (apt-get install epubcheck default-jre-headless): the EPUB is not checked"
        pytest.fail(message) if os.environ.get("REQUIRE_BROWSER") else pytest.skip(message)
    command = ["java", "-jar", shutil.which("epubcheck"), book.parent / "book.epub"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "0 fatals / 0 errors / 0 warnings" in done.stdout + done.stderr, done.stderr[:3000]


def test_every_formula_figure_and_number_of_the_pages_is_there(book):
    for name in notebooks.listed():
        (page,) = etree.parse(book / f"{pdf._slug(name)}.xhtml").getroot().iter("{*}article")
        web = pdf.soup(notebooks.HTML / f"{name}.html").select_one("article.bd-article")
        for element in web.select(f"{pdf.SCREEN}, div.map"):
            element.decompose()
        formulas = list(page.iter(MATH))
        assert len(formulas) == len(web.select(".math"))
        assert all(formula.get("alttext") for formula in formulas)
        assert "merror" not in etree.tostring(page, encoding="unicode")
        numbers = [number.text for number in page.iterfind(".//{*}span[@class='eqno']")]
        assert numbers == [number.get_text() for number in web.select(".eqno")]
        images = list(page.iter("{*}img"))
        assert [image.get("alt") for image in images] == [image["alt"] for image in web.select("img")]
        assert all((book / image.get("src")).stat().st_size > 500 for image in images)


def test_nothing_depends_on_scripts_or_the_network(book):
    for path in book.glob("*.xhtml"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"<script|<button|\son\w+=|src=\"http", text), path.name


def test_pages_fit_a_small_screen(book, browser):
    page = browser.new_page()
    for path in sorted(book.glob("*.xhtml")):
        page.goto(path.as_uri())
        for width in (360, 600):
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate(WIDER, width) == [], (path.name, width)
    page.close()
