"""Nothing keeps a reader out, says axe-core, of any kind of page: light, dark, wide, narrow, open or shut."""

import sys

import pytest
from axe_playwright_python.base import AXE_SCRIPT

from booktools import notebooks
from tests.pages.browser import look, visit

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the book is built on Linux and macOS")

# Always one of each kind: landing page, chapter without an explorer and with one, text, index, search.
KINDS = {
    "index",
    "chapters/03_softmax_jacobian",
    "chapters/09_baselines",
    "chapters/appendix/glossary",
    "chapters/appendix/index",
    "search",
}
# Each two of colour, screen and state meet in one of four. Open, a page has all words of the closed one.
CASES = [
    pytest.param("light", 1280, False, marks=pytest.mark.slow),
    ("light", 390, True),
    ("dark", 1280, True),
    pytest.param("dark", 390, False, marks=pytest.mark.slow),
]
COLOURS = ["color-contrast", "link-in-text-block"]
# Glyphs of formulas are for the eye only; test_html asks for what is read aloud.
LEAN = """() => {
    document.querySelectorAll('mjx-math').forEach(math => math.replaceChildren());
    document.querySelectorAll('mjx-assistive-mml').forEach(math => math.replaceChildren(math.textContent));
}"""
# Words of one kind and colour, size and weight, on the same grounds, are one question: it is asked twice.
ALIKE = """() => {
    const asked = {}, grounds = new Map([[null, '']]);
    for (const element of document.querySelectorAll('*')) {
        const style = getComputedStyle(element), above = element.parentElement;
        const ground = [style.backgroundColor, style.backgroundImage, style.opacity].join();
        grounds.set(element, grounds.get(above) + (ground === 'rgba(0, 0, 0, 0),none,1' ? '' : ground));
        const words = [...element.childNodes].some(node => node.nodeType === 3 && node.data.trim());
        const shown = words && element.checkVisibility({visibilityProperty: true, opacityProperty: true});
        const kind = [
            element.tagName, element.className, style.color, style.fontSize, style.fontWeight,
            style.textDecorationLine, getComputedStyle(above ?? element).color, grounds.get(element),
        ].join('|');
        if (shown) asked[kind] = (asked[kind] ?? 0) + 1;
        element.toggleAttribute('data-alike', !shown || asked[kind] > 2);
    }
    axe.configure({rules: [
        {id: 'color-contrast', selector: ':not([data-alike])'},
        {id: 'link-in-text-block', selector: 'a[href]:not([data-alike])'},
    ]});
}"""


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(name, marks=() if name in KINDS else pytest.mark.slow)
        for name in [*notebooks.listed(), "search"]
    ],
)
def page(request, tab, address):
    """Return a page of the book, typeset, with axe-core; or what a search found."""
    search = request.param == "search"
    page = visit(tab, address, request.param, "?q=baseline" if search else "")
    if search:
        page.locator("article .search-results a").first.wait_for()
        # Or the next page would show the words that were looked for.
        page.evaluate("localStorage.clear()")
    page.evaluate(LEAN)
    page.evaluate(AXE_SCRIPT)
    return page


def serious(page, **rules):
    """Return what axe-core finds that keeps readers out."""
    options = {"resultTypes": ["violations"], "preload": False, "iframes": False, **rules}
    return [
        f"{violation['id']}: {node['html'][:200]} {node.get('failureSummary', '')}"
        for violation in page.evaluate("options => axe.run(options)", options)["violations"]
        if violation["impact"] in ("serious", "critical")
        for node in violation["nodes"]
    ]


@pytest.mark.parametrize(
    ("width", "solutions"), [pytest.param(1280, False, marks=pytest.mark.slow), (390, True)]
)
def test_axe_finds_nothing_serious(page, width, solutions):
    look(page, width, solutions=solutions)
    assert serious(page, rules={rule: {"enabled": False} for rule in COLOURS}) == []


@pytest.mark.parametrize(("theme", "width", "solutions"), CASES)
def test_axe_can_tell_all_words_from_their_ground(page, theme, width, solutions):
    look(page, width, theme, solutions)
    page.evaluate(ALIKE)
    assert serious(page, runOnly=COLOURS) == []


def test_words_that_a_search_led_to_can_be_told_from_their_ground_and_one_that_is_pale_is_seen(tab, address):
    page = visit(tab, address, "chapters/appendix/index", "?highlight=baseline")
    page.locator("a span.highlighted").first.wait_for()
    page.evaluate(AXE_SCRIPT)
    for theme in ("dark", "light"):
        look(page, theme=theme)
        page.evaluate(ALIKE)
        assert serious(page, runOnly=COLOURS) == []
    page.locator("article li a").nth(-2).evaluate("link => { link.style.color = '#bbb' }")
    page.evaluate(ALIKE)
    found = serious(page, runOnly=COLOURS)
    assert found
    assert [node for node in found if "color: rgb(187, 187, 187)" not in node] == []
