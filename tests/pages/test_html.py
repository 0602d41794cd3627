"""The built pages, in a real browser: served by `make serve`, with the network blocked."""

import os
import sys
from urllib.parse import urlsplit

import pytest

from booktools import notebooks
from booktools.sphinx import repository
from tests.pages.browser import TYPESET

CHAPTERS = {path.relative_to(notebooks.ROOT).with_suffix("").as_posix() for path in notebooks.chapters()}
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="`make serve` is for Linux and macOS")


@pytest.fixture(scope="module", params=notebooks.listed())
def page(request, browser, address):
    """Return a page of the book, opened and typeset, and what it asked for and complained about."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    opened = context.new_page()
    opened.asked, opened.complaints, opened.is_chapter = [], [], request.param in CHAPTERS

    def local_only(route):
        opened.asked.append(route.request.url)
        local = urlsplit(route.request.url).netloc == urlsplit(address).netloc
        route.continue_() if local else route.abort()

    context.route("**/*", local_only)
    opened.on("pageerror", lambda error: opened.complaints.append(str(error)))
    opened.on("console", lambda line: opened.complaints.append(line.text) if line.type == "error" else None)
    opened.goto(f"{address}/{request.param}.html", wait_until="load")
    opened.wait_for_function(TYPESET)
    yield opened
    context.close()


def test_the_page_needs_no_network_and_raises_no_error(page):
    elsewhere = [url for url in page.asked if not url.startswith(("http://127.0.0.1", "data:"))]
    assert elsewhere == []
    assert page.complaints == []


def test_all_mathematics_is_typeset(page):
    assert page.locator("mjx-merror").count() == 0
    assert page.locator(".math").count() == page.locator(".math:has(mjx-container)").count()
    if page.is_chapter:
        assert page.locator("mjx-container").count() > 10
    text = page.locator("article").inner_text()
    assert "$$" not in text
    assert "\\begin" not in text


def test_every_figure_is_shown_with_its_text(page):
    images = page.locator("article img")
    for image in images.all():
        image.scroll_into_view_if_needed()
        assert image.evaluate("image => image.complete && image.naturalWidth > 0")
        assert len(image.get_attribute("alt")) > 20
    if page.is_chapter:
        assert images.count() >= 3


@pytest.mark.parametrize("width", [360, 1280])
def test_the_page_is_no_wider_than_the_screen(page, width):
    page.set_viewport_size({"width": width, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_solution_opens_when_asked_to(page):
    page.set_viewport_size({"width": 1280, "height": 900})
    solutions = page.locator(".solution.dropdown")
    if page.is_chapter:
        assert solutions.count() >= 5
    for solution in solutions.all():
        inside = solution.locator(".section, section").first
        assert not inside.is_visible()
        solution.locator("button.toggle-button").click()
        assert inside.is_visible()


def test_launch_buttons_are_right_or_absent(page):
    named = os.environ.get("BOOK_REPOSITORY_URL") or repository.git("config", "--get", "remote.origin.url")
    url = repository.repository_url(named)
    launch = [link.get_attribute("href") for link in page.locator("a[href*='mybinder.org/v2/']").all()]
    source = page.locator("a.btn-source-repository-button, a[href*='github.com'].btn").count()
    if url is None:
        assert launch == []
        assert source == 0
    elif page.is_chapter:
        owner_and_name = "/".join(url.split("/")[-2:])
        assert launch
        assert all(owner_and_name in link for link in launch)


def test_the_page_of_checks_lists_every_labelled_equation(browser, address):
    opened = browser.new_page()
    opened.goto(f"{address}/chapters/appendix/checked.html")
    links = opened.locator("table.checked td:first-child a").evaluate_all(
        "links => links.map(link => link.hash)"
    )
    opened.close()
    labels = {
        label for path in notebooks.chapters() for label, _ in notebooks.equations(notebooks.load(path))
    }
    assert {link.removeprefix("#equation-") for link in links} == labels
