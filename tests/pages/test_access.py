"""Nothing keeps a reader out, says axe-core, of what a search finds and leads to, and of closed pages.

Every page as it is when all of it is open is asked about in test_html.
"""

import sys

import pytest

from tests.pages.axe import serious
from tests.pages.browser import KINDS, visit

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="the book is built on Linux and macOS"),
]


# With the open ones, each two of colour, screen and state meet in one of four.
@pytest.mark.parametrize("name", KINDS)
def test_axe_finds_nothing_serious_in_a_closed_page_of_each_kind(tab, address, name):
    page = visit(tab, address, name)
    assert serious(page) + serious(page, "dark", 390) == []


def test_axe_finds_nothing_serious_in_what_a_search_found(tab, address):
    page = visit(tab, address, "search", "?q=baseline")
    page.locator("article .search-results a").first.wait_for()
    # Or the next page would show the words that were looked for.
    page.evaluate("localStorage.clear()")
    assert serious(page, "light", 390) + serious(page, "dark") == []


def test_words_that_a_search_led_to_can_be_told_from_their_ground_and_one_that_is_pale_is_seen(tab, address):
    page = visit(tab, address, "chapters/appendix/index", "?highlight=baseline")
    page.locator("a span.highlighted").first.wait_for()
    assert serious(page, "dark") + serious(page) == []
    page.locator("article li a").nth(-2).evaluate("link => { link.style.color = '#bbb' }")
    found = serious(page)
    assert found
    assert [node for node in found if "color: rgb(187, 187, 187)" not in node] == []
