"""What a link leads to is shown beside it, by mouse, keyboard and touch, from the disk; Escape closes it."""

import sys

import pytest
from axe_playwright_python.base import AXE_SCRIPT

from booktools import notebooks
from tests.pages.browser import COVER_NOTHING, TYPESET, TYPESET_ALL, look

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the book is built on Linux and macOS")
PAGE = "chapters/12_ppo.html"
# A link of each kind, and what is shown of its target.
KINDS = {
    "[href^='#equation-']": ".math mjx-container",
    "[href*='.html#equation-']": ".math mjx-container",
    "[href*='#thm-']": ".admonition-title",
    "[href*='#fig-']": "figcaption",
    "[href*='#term-']": "p",
    "[href*='bibliography.html#']": ".label",
}
COMPLETE = """link => link.getAttribute('aria-describedby') === 'tip'
    && !document.querySelector('#tip :is(a, [id], .math:not(:has(mjx-container)))')"""
PLACES = """link => [document.querySelector('#tip'), link].map(e => e.getBoundingClientRect().toJSON())
    .concat(document.documentElement.clientWidth, innerHeight)"""
# Two links, of which the lower one is covered by the upper one's tip.
STACKED = """() => {
    const links = [...document.querySelectorAll('p a[href^="#equation-"]')].filter(e => e.checkVisibility());
    const box = new Map(links.map(e => [e, e.getBoundingClientRect()]));
    for (const upper of links) for (const lower of links) {
        const [a, b] = [box.get(upper), box.get(lower)];
        const right = b.left - a.left, below = b.top - a.bottom;
        if (10 < right && right < 150 && 8 < below && below < 45) return [upper, lower];
    }
}"""
# Alone on the page, or axe-core would go through all of it each time; and none below another.
BARRIERS = """async tips => {
    const open = tips.join('').replaceAll(' popover=', ' data-popover=');
    document.body.innerHTML = `<main class="bd-content">${open}</main>`;
    document.querySelectorAll('#tip').forEach(tip => { tip.style.position = 'static' });
    return (await axe.run('#tip')).violations.map(one => one.id);
}"""


@pytest.fixture(scope="module")
def opened(browser):
    """Return a function that opens the page from the disk, on a screen with a mouse or on one to touch."""
    tabs, asked = {}, []

    def page(width, theme, touch=False):
        if touch not in tabs:
            tabs[touch] = browser.new_context(reduced_motion="reduce", has_touch=touch).new_page()
            tabs[touch].add_init_script(COVER_NOTHING)
            tabs[touch].on("request", lambda request: asked.append(request.url))
        tab = tabs[touch]
        tab.goto((notebooks.HTML / PAGE).as_uri())
        tab.wait_for_function(TYPESET)
        # Or a link could move away from the pointer while formulas above it grow.
        tab.evaluate(TYPESET_ALL)
        look(tab, width, theme)
        return tab

    yield page
    assert asked
    assert all(url.startswith(("file:", "data:")) for url in asked)


def links(page):
    """Yield a link of each kind, and what is shown of its target."""
    for number, (kind, content) in enumerate(KINDS.items()):
        first = page.locator(f"p a.reference.internal{kind}").locator("visible=true").first
        # Which of them is the first to be seen can change with what the mouse uncovers.
        first.evaluate("(link, number) => { link.dataset.number = number }", number)
        yield page.locator(f"a[data-number='{number}']"), content


def shown(page, link, content):
    """Return the tip: complete, inside the screen and not on its link."""
    tip = page.locator("#tip:popover-open")
    tip.locator(content).first.wait_for()
    page.wait_for_function(COMPLETE, arg=link.element_handle())
    box, anchor, width, height = link.evaluate(PLACES)
    assert 0 <= box["left"] < box["right"] <= width
    assert 0 <= box["top"] < box["bottom"] <= height
    assert box["bottom"] <= anchor["top"] or box["top"] >= anchor["bottom"]
    return tip


@pytest.mark.slow
def test_mouse_and_keyboard_show_what_a_link_leads_to(opened):
    page, tips = opened(1366, "dark"), []
    for link, content in links(page):
        link.hover()
        tip = shown(page, link, content)
        tip.hover()
        page.keyboard.press("Escape")
        tip.wait_for(state="hidden")
        assert link.get_attribute("aria-describedby") is None
        link.focus()
        tip = shown(page, link, content)
        tips.append(tip.evaluate("tip => tip.outerHTML"))
        link.blur()
        tip.wait_for(state="hidden")
    link.focus()
    tip = shown(page, link, content)
    page.emulate_media(media="print")
    assert not tip.is_visible()
    page.emulate_media(media="screen")
    assert barriers(page, tips) == []


@pytest.mark.slow
def test_what_a_closing_tip_uncovers_under_a_still_mouse_shows_nothing(opened):
    page = opened(1366, "light")
    upper, lower = page.evaluate_handle(STACKED).get_properties().values()
    upper.as_element().hover()
    tip = page.locator("#tip:popover-open")
    tip.wait_for()
    lower = lower.as_element()
    box = lower.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    assert tip.evaluate("tip => tip.matches(':hover')")
    page.keyboard.press("Escape")
    tip.wait_for(state="hidden")
    page.wait_for_function("link => link.matches(':hover')", arg=lower)
    page.wait_for_timeout(600)
    assert not tip.is_visible()
    page.mouse.move(box["x"] + box["width"] / 2 + 1, box["y"] + box["height"] / 2)
    tip.wait_for()


@pytest.mark.slow
def test_the_first_tap_shows_and_the_second_follows(opened):
    page, tips = opened(390, "light", touch=True), []
    before = page.url
    for link, content in links(page):
        link.tap()
        tips.append(shown(page, link, content).evaluate("tip => tip.outerHTML"))
        assert page.url == before
    wanted = link.evaluate("link => link.href")
    link.tap()
    page.wait_for_url(wanted)
    assert barriers(page, tips) == []


def barriers(page, tips):
    """Return what axe-core finds in tips that keeps readers out."""
    page.evaluate(AXE_SCRIPT)
    return page.evaluate(BARRIERS, tips)
