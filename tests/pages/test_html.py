"""Every page of the book: whole, light, offline, for keys, for large type and for narrow screens."""

import functools
import os
import re
import sys
from itertools import pairwise
from urllib.parse import urldefrag, urljoin, urlsplit

import pytest
from fontTools.ttLib import TTFont

from booktools import notebooks
from booktools.bench import pages
from booktools.sphinx import access, repository
from tests.pages.axe import serious
from tests.pages.browser import KINDS, look, visit

CHAPTERS = {path.relative_to(notebooks.ROOT).with_suffix("").as_posix() for path in notebooks.chapters()}
# In kB: of a page with an explorer, and of one without.
HEAVIEST, HEAVIEST_WITHOUT_EXPLORER = 2500, 800
# As a page opens, on a desktop: the longest chapters had 64,000 and 900.
MOST_ELEMENTS, MOST_FORMULAS = 12_000, 150
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the book is built on Linux and macOS")


# Always one page of each kind, and all of them by `make test SLOW=1`.
each_kind = pytest.mark.parametrize(
    "page",
    [pytest.param(name, marks=() if name in KINDS else pytest.mark.slow) for name in notebooks.listed()],
    indirect=True,
)


@functools.cache
def source(path):
    """Return the HTML of a page."""
    return (notebooks.HTML / path).read_text(encoding="utf-8")


@functools.cache
def ids(path):
    """Return the places in a page that a link can lead to."""
    return set(re.findall(r'\sid="([^"]*)"', source(path)))


@pytest.fixture(scope="module", params=notebooks.listed())
def page(request, tab, address):
    """Return a page of the book, opened and typeset; each test leaves it as it may for those below."""
    return visit(tab, address, request.param)


def test_the_page_is_light(page):
    page.wait_for_load_state("networkidle")
    weights = pages.weights(page.asked)
    names = {path.rpartition("/")[2] for path in weights}
    explorer = 'class="explorer' in source(f"{page.name}.html")
    assert sum(weights.values()) < 1000 * (HEAVIEST if explorer else HEAVIEST_WITHOUT_EXPLORER), weights
    assert explorer or "vega.js" not in names
    assert ("tex-chtml.js" in names) == ('class="math' in source(f"{page.name}.html"))
    # A search loads what it needs, icons are cut out of their fonts, kernels are not run on the page.
    others = ("places", "fa-", "all.min", "sphinx-thebe")
    assert not any(name.startswith(others) for name in names)


def test_the_page_opens_with_what_is_near(page):
    elements, formulas = page.opened
    assert elements < MOST_ELEMENTS
    assert formulas < MOST_FORMULAS


def count(page, *selectors):
    """Return how many elements each selector finds; a locator also looks into shadow trees."""
    return page.evaluate("all => all.map(it => document.querySelectorAll(it).length)", selectors)


def test_all_mathematics_is_typeset(page):
    wrong, formulas, typeset = count(page, "mjx-merror", ".math", ".math:has(mjx-container)")
    assert wrong == 0
    assert typeset == formulas
    if page.name in CHAPTERS:
        assert formulas > 10
    text = page.locator("article").evaluate(
        """article => {
            const apart = "pre, code, script, mjx-container", words = [];
            const filter = it => it.nodeType === 3 ? 1 : it.matches(apart) ? 2 : 3;  // take, leave out, enter
            const kinds = NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT;
            const walk = document.createTreeWalker(article, kinds, filter);
            while (walk.nextNode()) words.push(walk.currentNode.data);
            return words.join("");
        }"""
    )
    assert "$$" not in text
    assert "\\begin" not in text


def test_every_formula_can_be_read_aloud(page):
    formulas, read, drawn, stops = count(
        page,
        "mjx-container",
        "mjx-container > mjx-assistive-mml > math > *",
        "mjx-container > mjx-math[aria-hidden=true]",
        "mjx-container:not([data-more])[tabindex='0']",
    )
    assert read >= formulas
    assert drawn == formulas
    # They are read where they stand; hundreds of them are no stops on the way from link to link.
    assert stops == 0


def test_every_figure_is_shown_with_its_text(page):
    page.evaluate("document.querySelectorAll('article img').forEach(image => { image.loading = 'eager' })")
    page.wait_for_function("[...document.querySelectorAll('article img')].every(image => image.complete)")
    images = page.evaluate(
        "[...document.querySelectorAll('article img')].map(image => [image.naturalWidth, image.alt])"
    )
    assert all(width > 0 and len(alt) > 20 for width, alt in images)
    if page.name in CHAPTERS:
        assert len(images) >= 2


def test_every_link_into_the_book_leads_to_its_place(page, address):
    links = page.evaluate("[...document.querySelectorAll('a[href]')].map(link => link.getAttribute('href'))")
    links = [urljoin(page.url, link) for link in links]  # those of a drawing have no address of their own
    places = {urldefrag(link) for link in links if link.startswith(f"{address}/")}
    assert len(places) > 20
    for url, place in places:
        path = urlsplit(url).path.removeprefix("/")
        assert (notebooks.HTML / path).is_file(), url
        assert not place or place in ids(path), f"{url}#{place}"


def test_the_page_offers_its_source(page):
    link = page.locator("a.btn-download-source-button").evaluate("link => link.href")
    (committed,) = (it for it in notebooks.ROOT.glob(f"{page.name}.*") if it.suffix in (".md", ".ipynb"))
    assert (notebooks.HTML / urlsplit(link).path[1:]).read_bytes() == committed.read_bytes()


def test_launch_buttons_are_right_or_absent(page):
    named = os.environ.get("BOOK_REPOSITORY_URL") or repository.git("config", "--get", "remote.origin.url")
    url = repository.repository_url(named)
    launch = page.evaluate(
        "[...document.querySelectorAll('a[href*=\"mybinder.org/v2/\"]')].map(it => it.href)"
    )
    if url is None:
        assert launch == []
        absent = "a.btn-source-repository-button", "a[href*='github.com'].btn", "p.binder"
        assert count(page, *absent) == [0, 0, 0]
    elif page.name in CHAPTERS:
        owner_and_name = "/".join(url.split("/")[-2:])
        assert launch
        assert all(owner_and_name in link for link in launch)


def test_the_page_says_what_it_is(page, address):
    assert page.locator("html").get_attribute("lang") == "en"
    assert page.title().endswith(" — Why Divide by π?") or page.name == "index"
    assert page.title().startswith("Why Divide by π? — ") or page.name != "index"
    (said,) = page.evaluate("[...document.querySelectorAll('meta[name=description]')].map(it => it.content)")
    assert 5 < len(said) <= 300
    # Without a public address no page claims one.
    assert page.locator("link[rel=canonical]").count() or not page.locator("meta[property^='og:']").count()
    icons = page.evaluate("[...document.querySelectorAll('link[rel*=icon]')].map(link => link.href)")
    assert all((notebooks.HTML / urlsplit(icon).path[1:]).is_file() for icon in icons)


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


def test_nothing_moves_for_a_reader_who_wants_no_motion(page):
    moving = """[...document.querySelectorAll('*')].slice(0, 500).map(element => getComputedStyle(element))
        .filter(style => style.transitionDuration !== '0s' && style.transitionProperty !== 'none'
            || style.animationName !== 'none' || style.scrollBehavior === 'smooth').length"""
    assert page.evaluate(moving) == 0


@each_kind
def test_every_icon_that_is_shown_is_in_the_fonts(page):
    fonts = [TTFont(path).getBestCmap() for path in notebooks.HTML.glob("_static/icons-*.woff")]
    shown = page.evaluate(
        """[...document.querySelectorAll(':not(mjx-container *)')].flatMap(element =>
            [null, '::before', '::after'].map(part => getComputedStyle(element, part))
            .filter(style => style.fontFamily.includes('Font Awesome') && style.content.startsWith('"'))
            .map(style => style.content.slice(1, -1)))"""
    )
    assert len(shown) > 8
    assert all(any(ord(icon) in font for font in fonts) for icon in shown)


@each_kind
def test_the_keyboard_skips_to_the_content_and_its_place_is_always_seen(page):
    page.evaluate("scrollTo(0, 0)")
    page.locator("body").press("Tab")
    assert page.locator(":focus").inner_text() == "Skip to main content"
    # After a key, a focus set by a script shows as one set by a key. Of stops that look alike, two are tried.
    unseen = page.evaluate(
        """() => Object.values(Object.groupBy(
                [...document.querySelectorAll('a[href], button, input, select, summary, [tabindex="0"]')]
                    .filter(stop => stop.tabIndex >= 0 && stop.checkVisibility({visibilityProperty: true})),
                ({tagName, className, parentElement}) => [tagName, className, parentElement.className].join()
            )).flatMap(alike => alike.slice(0, 2)).filter(stop => {
                stop.focus();
                const box = stop.getBoundingClientRect();
                // A ring around it, or around the card or the title that it opens.
                const frames = [getComputedStyle(stop), getComputedStyle(stop, '::after')];
                if (stop.closest('.admonition-title'))
                    frames.push(getComputedStyle(stop.closest('.admonition-title'), '::before'));
                const ring = frames.some(style => style.outlineStyle !== 'none' || style.boxShadow !== 'none'
                    || style.borderTopWidth === '3px');
                const inside = box.width > 0 && box.bottom > 0 && box.top < innerHeight;
                return !(stop.matches(':focus-visible') && ring && inside && frames[0].opacity > 0);
            }).map(stop => stop.outerHTML.slice(0, 200))"""
    )
    assert unseen == []


def test_parts_that_are_closed_say_what_is_in_them(page):
    assert count(page, "details.closed[open]") == [0]
    names = page.evaluate(
        "[...document.querySelectorAll('.solution > details > summary')].map(it => it.ariaLabel)"
    )
    assert len(names) >= 5 or page.name not in CHAPTERS
    assert len(names) == len(set(names))
    assert all(re.fullmatch(r"Show the solution of Exercise \d+\.\d+", name) for name in names)
    outside = page.evaluate(
        """[...document.querySelectorAll('article :is(h2, h3, h4):not(summary > *)')]
            .map(it => it.textContent).filter(words => words.includes('Deeper: '))"""
    )
    assert outside == []


# The narrowest, or 1280 at 400 %, and large type beside the sidebars: what fits there fits elsewhere.
@each_kind
@pytest.mark.parametrize(
    ("width", "type"), [pytest.param(1280, "200%", marks=pytest.mark.slow), (320, "100%")]
)
def test_what_is_wider_than_the_screen_scrolls_by_itself_and_says_so(page, width, type):
    page.evaluate("size => { document.documentElement.style.fontSize = size }", type)
    look(page, width, solutions=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    scrolling = page.evaluate(
        """[...document.querySelectorAll('article :not(mjx-container *)')].filter(it =>
            it.checkVisibility() && it.clientWidth > 1 && it.scrollWidth > it.clientWidth + 1
            && ['auto', 'scroll'].includes(getComputedStyle(it).overflowX)).map(it =>
            [it.tabIndex, it.role, it.ariaLabel?.endsWith('scrolls sideways'), it.dataset.more])"""
    )
    assert all(element == [0, "group", True, "end"] for element in scrolling)
    if page.name in CHAPTERS:
        assert scrolling or width == 1280
    hints = page.locator(".tag_exercise .output pre")
    assert hints.evaluate_all("all => all.every(line => line.scrollWidth <= line.clientWidth)")
    # High enough for a finger.
    lines = page.locator("details.closed > summary")
    assert all(lines.evaluate_all("lines => lines.map(line => line.offsetHeight >= 44)"))


def test_nothing_of_all_that_needed_a_network_or_raised_an_error(page, address):
    elsewhere = [url for url in page.asked if not url.startswith((f"{address}/", "data:"))]
    assert elsewhere == []
    assert page.complaints == []


@each_kind
@pytest.mark.parametrize(("theme", "width"), [("light", 390), ("dark", 1280)])
def test_axe_finds_nothing_serious(page, theme, width):
    # All words of a closed page are in the open one.
    assert serious(page, theme, width, solutions=True) == []


@pytest.mark.slow
def test_the_source_of_a_module_fits_on_a_phone(tab, address):
    tab.set_viewport_size({"width": 390, "height": 844})
    for path in notebooks.HTML.glob("_modules/**/*.html"):
        tab.goto(f"{address}/{path.relative_to(notebooks.HTML).as_posix()}")
        assert tab.evaluate("document.documentElement.scrollWidth") == 390, path.name


def test_what_access_changes_in_the_themes_pages_was_there_to_be_changed():
    pages = [source(f"{name}.html") for name in notebooks.listed()]
    for theirs, ours in access.CHANGES.items():
        assert any(ours in page for page in pages), theirs
        assert theirs in ours or not any(theirs in page for page in pages), theirs
