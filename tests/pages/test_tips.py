"""What a link leads to is shown beside it, by mouse, keyboard and touch, from the disk; Escape closes it."""

import sys

import pytest
from axe_playwright_python.base import AXE_SCRIPT

from booktools import notebooks
from tests.pages.browser import TYPESET

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the book is built on Linux and macOS")
PAGE = "chapters/04_one_over_pi.html"
# A link of each kind, and what is shown of its target.
KINDS = {
    "p a[href^='#equation-']": ".math mjx-container",
    "p a[href*='.html#equation-']": ".math mjx-container",
    "p a[href*='#thm-']": ".admonition-title",
    "p a[href*='#fig-']": "figcaption",
    "p a[href*='#term-']": "p",
    "p a[href*='bibliography.html#']": ".label",
}
COMPLETE = """link => link.getAttribute('aria-describedby') === 'tip'
    && !document.querySelector('#tip :is(a, [id], .math:not(:has(mjx-container)))')"""
PLACES = """link => [document.querySelector('#tip'), link].map(e => e.getBoundingClientRect().toJSON())
    .concat(document.documentElement.clientWidth, innerHeight)"""


@pytest.fixture
def opened(browser):
    """Return a function that opens the page from the disk, on a screen with a mouse or on one to touch."""
    asked = []

    def page(width, theme, **screen):
        context = browser.new_context(reduced_motion="reduce", color_scheme=theme, **screen)
        tab = context.new_page()
        tab.set_viewport_size({"width": width, "height": 800})
        tab.on("request", lambda request: asked.append(request.url))
        tab.goto((notebooks.HTML / PAGE).as_uri())
        tab.wait_for_function(TYPESET)
        tab.evaluate(AXE_SCRIPT)
        return tab

    yield page
    assert asked
    assert all(url.startswith(("file:", "data:")) for url in asked)


def links(page):
    """Yield a link of each kind, and what is shown of its target."""
    for kind, content in KINDS.items():
        yield page.locator(kind).locator("visible=true").first, content


def shown(page, link, content):
    """Return the tip: complete, inside the screen, not on its link, and no obstacle, says axe-core."""
    tip = page.locator("#tip:popover-open")
    tip.locator(content).first.wait_for()
    page.wait_for_function(COMPLETE, arg=link.element_handle())
    box, anchor, width, height = link.evaluate(PLACES)
    assert 0 <= box["left"] < box["right"] <= width
    assert 0 <= box["top"] < box["bottom"] <= height
    assert box["bottom"] <= anchor["top"] or box["top"] >= anchor["bottom"]
    assert page.evaluate("async () => (await axe.run('#tip')).violations.map(one => one.id)") == []
    return tip


def test_mouse_and_keyboard_show_what_a_link_leads_to(opened):
    page = opened(1366, "dark")
    for link, content in links(page):
        link.hover()
        tip = shown(page, link, content)
        tip.hover()
        page.keyboard.press("Escape")
        tip.wait_for(state="hidden")
        assert link.get_attribute("aria-describedby") is None
        link.focus()
        tip = shown(page, link, content)
        page.emulate_media(media="print")
        assert not tip.is_visible()
        page.emulate_media(media="screen")
        link.blur()
        tip.wait_for(state="hidden")


def test_the_first_tap_shows_and_the_second_follows(opened):
    page = opened(390, "light", has_touch=True)
    before = page.url
    for link, content in links(page):
        link.tap()
        shown(page, link, content)
        assert page.url == before
    wanted = link.evaluate("link => link.href")
    link.tap()
    page.wait_for_url(wanted)
