"""Every page can be used with a screen reader, a keyboard, large type and a narrow screen, light or dark."""

import re
import sys
from itertools import pairwise, product

import pytest
from axe_playwright_python.sync_playwright import Axe

from booktools import notebooks
from tests.pages.browser import TYPESET

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="`make serve` is for Linux and macOS")

OPEN = """open => {
    for (const button of document.querySelectorAll('article button.toggle-button'))
        if ((button.ariaExpanded === 'true') !== open) button.click();
    for (const details of document.querySelectorAll('article details')) details.open = open;
}"""
# The page's own script has measured everything: two frames after the last change.
SETTLED = (
    "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done))))"
)


@pytest.fixture(scope="module", params=notebooks.listed())
def page(request, browser, address):
    """Return a page of the book, typeset, for a reader who wants no animations."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    opened = context.new_page()
    opened.goto(f"{address}/{request.param}.html", wait_until="load")
    opened.wait_for_function(TYPESET)
    opened.name = request.param
    yield opened
    context.close()


def look(page, width=1280, theme="light", solutions=False):
    """Set the screen, the colours, and whether solutions and hidden code are open."""
    page.set_viewport_size({"width": width, "height": 900})
    page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
    page.evaluate(OPEN, solutions)
    page.evaluate(SETTLED)


def test_the_page_says_what_it_is(page):
    assert page.locator("html").get_attribute("lang") == "en"
    assert page.title().endswith(" — Why Divide by π?") or page.name == "index"
    assert page.title().startswith("Why Divide by π? — ") or page.name != "index"
    said = page.locator("meta[name=description]")
    assert said.count() == 1
    assert 5 < len(said.get_attribute("content")) <= 300
    for rel in ("icon", "apple-touch-icon"):
        for link in page.locator(f"link[rel={rel}]").all():
            assert page.request.get(link.evaluate("link => link.href")).ok


def test_headings_are_in_order(page):
    levels = page.evaluate(
        """[...document.querySelectorAll('main :is(h1, h2, h3, h4, h5, h6)')]
            .filter(heading => heading.checkVisibility()).map(heading => Number(heading.tagName[1]))"""
    )
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_no_two_elements_share_an_id(page):
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map(element => element.id)")
    assert sorted(ids) == sorted(set(ids))


def test_every_formula_can_be_read_aloud(page):
    formulas = page.locator("mjx-container").count()
    assert page.locator("mjx-container > mjx-assistive-mml > math > *").count() >= formulas
    assert page.locator("mjx-container > mjx-math[aria-hidden=true]").count() == formulas
    # They are read where they stand; hundreds of them are no stops on the way from link to link.
    assert page.locator("mjx-container:not([data-more])[tabindex='0']").count() == 0


def test_nothing_moves_for_a_reader_who_wants_no_motion(page):
    moving = """[...document.querySelectorAll('*')].slice(0, 500).map(element => getComputedStyle(element))
        .filter(style => style.transitionDuration !== '0s' && style.transitionProperty !== 'none'
            || style.animationName !== 'none' || style.scrollBehavior === 'smooth').length"""
    assert page.evaluate(moving) == 0


def test_the_keyboard_skips_to_the_content_and_its_place_is_always_seen(page):
    look(page)
    page.evaluate("scrollTo(0, 0)")
    page.locator("body").press("Tab")
    assert page.locator(":focus").inner_text() == "Skip to main content"
    for _ in range(30):
        seen = page.evaluate(
            """() => {
                const focused = document.activeElement, box = focused.getBoundingClientRect();
                // A ring around it, or around the card or the title that it opens.
                const frames = [getComputedStyle(focused), getComputedStyle(focused, '::after')];
                if (focused.closest('.admonition-title'))
                    frames.push(getComputedStyle(focused.closest('.admonition-title'), '::before'));
                const ring = frames.some(style => style.outlineStyle !== 'none' || style.boxShadow !== 'none'
                    || style.borderTopWidth === '3px');
                const inside = box.width > 0 && box.bottom > 0 && box.top < innerHeight;
                const seen = ring && inside && frames[0].opacity > 0;
                return focused === document.body || seen || focused.outerHTML.slice(0, 200);
            }"""
        )
        assert seen is True
        page.keyboard.press("Tab")


def test_solutions_open_with_the_keyboard_and_their_buttons_say_whose_they_are(page):
    look(page)
    buttons = page.locator(".solution button.toggle-button")
    names = buttons.evaluate_all("buttons => buttons.map(button => button.ariaLabel)")
    assert len(names) == len(set(names))
    assert all(re.match(r"Show the solution of Exercise\s\d", name) for name in names)
    if names:
        buttons.first.press("Enter")
        page.evaluate(SETTLED)
        assert buttons.first.get_attribute("aria-expanded") == "true"
        assert buttons.first.get_attribute("aria-label").startswith("Hide the solution of Exercise")


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_what_is_wider_than_the_screen_scrolls_by_itself_and_says_so(page, width):
    look(page, width, solutions=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    scrolling = page.evaluate(
        """[...document.querySelectorAll('article *')].filter(it =>
            it.checkVisibility() && it.clientWidth > 1 && it.scrollWidth > it.clientWidth + 1
            && ['auto', 'scroll'].includes(getComputedStyle(it).overflowX)).map(it =>
            [it.tabIndex, it.role, it.ariaLabel?.endsWith('scrolls sideways'), it.dataset.more])"""
    )
    assert all(element == [0, "group", True, "end"] for element in scrolling)
    if page.name in {
        path.relative_to(notebooks.ROOT).with_suffix("").as_posix() for path in notebooks.chapters()
    }:
        assert scrolling or width == 1280


def test_type_twice_as_large_fits_the_screen(page):
    look(page, solutions=True)
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    page.evaluate(SETTLED)
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280
    page.evaluate("document.documentElement.style.fontSize = ''")


# What axe-core looks at. Glyphs of formulas are for the eye only, what is read aloud is tested above, and a
# hundred tokens of one colour on one ground are one question.
LEAN = """() => {
    document.querySelectorAll('mjx-math').forEach(math => math.replaceChildren());
    document.querySelectorAll('mjx-assistive-mml').forEach(math => math.replaceChildren(math.textContent));
    const seen = new Set();
    for (const token of document.querySelectorAll('pre span')) {
        const ground = ['.cell_input, .cell_output, article', '.admonition'].map(it => token.closest(it));
        const kind = [token, ...ground].map(element => element?.className).join('|');
        if (seen.has(kind)) token.replaceWith(...token.childNodes);
        seen.add(kind);
    }
}"""


# Three that see each colour, each screen and each state, and the rest of all eight.
QUICK = [("light", 1280, False), ("light", 390, True), ("dark", 1280, True)]
ALL = [
    pytest.param(*case, marks=() if case in QUICK else pytest.mark.slow)
    for case in product(("light", "dark"), (1280, 390), (False, True))
]


@pytest.mark.parametrize(("theme", "width", "solutions"), ALL)
def test_axe_finds_nothing_serious(page, theme, width, solutions):
    look(page, width, theme, solutions)
    page.evaluate(LEAN)
    assert serious(page) == []


def test_axe_finds_nothing_serious_in_what_a_search_found(browser, address):
    context = browser.new_context(reduced_motion="reduce")
    page = context.new_page()
    page.goto(f"{address}/search.html?q=baseline")
    page.locator("#search-results li a").first.wait_for()
    for theme in ("light", "dark"):
        page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
        assert serious(page) == []
    context.close()


def serious(page):
    """Return what axe-core finds that keeps readers out."""
    options = {"resultTypes": ["violations"], "preload": False, "iframes": False}
    return [
        f"{violation['id']}: {node['html'][:200]} {node.get('failureSummary', '')}"
        for violation in Axe().run(page, options=options).response["violations"]
        if violation["impact"] in ("serious", "critical")
        for node in violation["nodes"]
    ]
