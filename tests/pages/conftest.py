"""A browser, the address of the built book, and a tab: what the tests that look at the pages are given."""

import os

import pytest

from booktools import chromium, notebooks, pdf, slides
from booktools.bench import pages
from booktools.slides.plan import Book
from tests.pages.browser import COVER_NOTHING


@pytest.fixture(scope="session")
def browser():
    """Return a running headless Chromium; skip where there is none, or fail where REQUIRE_BROWSER is set."""
    try:
        chromium.path()
    except chromium.Missing as missing:
        message = f"{missing}: the built pages are not looked at"
        pytest.fail(message) if os.environ.get("REQUIRE_BROWSER") else pytest.skip(message)
    with chromium.launched() as launched:
        yield launched


@pytest.fixture(scope="session")
def address():
    """Return the address of the built book, served."""
    assert (notebooks.HTML / "built").exists(), "build the book first: make book"
    with pages.served() as address:
        yield address


@pytest.fixture(scope="session")
def tab(browser):
    """Return a tab that animates and covers nothing, with all it asks for and complains about."""
    tab = browser.new_context(reduced_motion="reduce").new_page()
    tab.add_init_script(COVER_NOTHING)
    tab.asked, tab.complaints = [], []
    tab.on("request", lambda request: tab.asked.append(request.url))
    tab.on("pageerror", lambda error: tab.complaints.append(str(error)))
    tab.on("console", lambda line: tab.complaints.append(line.text) if line.type == "error" else None)
    return tab


@pytest.fixture(scope="session")
def book():
    """Return the built pages, each parsed once."""
    return Book()


@pytest.fixture(scope="session")
def slides_folder(tmp_path_factory, book):
    """Return a folder with the slides of the built book."""
    assert (notebooks.HTML / "built").exists(), "build the book first: make book"
    made = tmp_path_factory.mktemp("downloads")
    slides.write(made, book)
    return made / "slides"


@pytest.fixture(scope="session")
def decks(slides_folder):
    """Return the slides of each chapter, as parsed."""
    names = [path.stem for path in notebooks.chapters()]
    return {name: pdf.soup(slides_folder / f"{name}.html")("section") for name in names}
