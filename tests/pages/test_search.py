"""A search finds the section that explains what was asked for, quotes it in words, and leads into it."""

import csv
import sys

import pytest
from lxml import html

from booktools import notebooks
from tests.pages.browser import IN_VIEW, visit

# What is asked, the id of an equation, a term or a heading that explains it, and the worst rank it may have.
QUERIES = list(csv.reader((notebooks.ROOT / "tests/pages/queries.csv").read_text("utf-8").splitlines()))[1:]
HEADED = "ancestor-or-self::*[self::dt or self::section[.//h1 or .//h2 or .//h3]][1]"
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the book is built on Linux and macOS")


@pytest.fixture(scope="module")
def built():
    """Return the address of the page, and the element, of each id in the built book."""
    places = {}
    for name in reversed(notebooks.listed()):
        page = html.parse(notebooks.HTML / f"{name}.html")
        places |= {place.get("id"): (f"/{name}.html", place) for place in page.xpath("//*[@id]")}
    return places


def around(built, target):
    """Return the address of the section, or of the term, in which something is explained."""
    name, place = built.get(target) or built[f"equation-{target}"]
    (section,) = place.xpath(HEADED)
    return name if section.find("h1") is not None else f"{name}#{section.get('id')}"


@pytest.fixture(scope="module")
def page(tab, address):
    """Return the page of the search, where something is found."""
    page = visit(tab, address, "search", "?q=policy")
    page.locator("article .search-results li").first.wait_for()
    return page


@pytest.mark.parametrize(("query", "target", "worst"), QUERIES, ids=[query for query, *_ in QUERIES])
def test_a_search_finds_what_explains_and_quotes_it_in_words(page, built, query, target, worst):
    page.locator("article input").fill(query)
    results = page.locator("article .search-results li")
    links = results.locator("a").evaluate_all("links => links.map(link => link.pathname + link.hash)")
    assert around(built, target) in links[: int(worst)]
    quoted = results.locator(".context").all_inner_texts()
    assert [text for text in quoted if not text or set("\\{}$") & set(text) or "import " in text] == []
    assert page.complaints == []


@pytest.mark.slow
@pytest.mark.parametrize("offline", [True, False])
def test_typing_suggests_and_keys_lead_to_the_section(tab, address, offline):
    tab.goto(f"{notebooks.HTML.as_uri() if offline else address}/chapters/01_question.html")
    tab.keyboard.press("Control+k")
    tab.keyboard.type("temperat")
    first = tab.locator(".search-results a:visible").first
    first.wait_for()
    assert "places" in tab.locator(".search-results:visible [role=status]").inner_text()
    tab.keyboard.press("ArrowDown")
    assert first.evaluate("link => link === document.activeElement")
    section = first.evaluate("link => link.hash")
    tab.keyboard.press("Enter")
    tab.wait_for_url(f"**/03_softmax_jacobian.html*{section}")
    tab.wait_for_function(IN_VIEW)
    tab.locator(f"{section} .highlighted", has_text="temperature").first.wait_for()


def test_enter_shows_all_or_says_that_there_is_nothing(tab, address):
    page = visit(tab, address, "chapters/appendix/running")
    page.keyboard.press("Control+k")
    page.keyboard.type("zzzz")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search.html?q=zzzz")
    page.get_by_role("status").filter(has_text="Nothing found").wait_for()
