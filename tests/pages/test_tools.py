"""What a page offers its reader works: copying, downloads, printing, menus, colours, Binder."""

import os
import struct
import subprocess
import sys
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from booktools import notebooks
from tests.pages.browser import IN_VIEW, SETTLED, TYPESET

CHAPTER = "chapters/09_baselines"
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the book is built on Linux and macOS")


@pytest.fixture(scope="module")
def chapter(browser, address):
    """Return a chapter, opened at its exercises, in a browser that may use the clipboard."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.grant_permissions(["clipboard-read", "clipboard-write"], origin=address)
    page = context.new_page()
    page.goto(f"{address}/{CHAPTER}.html#exercises")
    page.wait_for_function(TYPESET)
    yield page
    context.close()


@pytest.fixture
def page(tab, address):
    """Return a short page of the book; what was kept of it is forgotten afterwards."""
    tab.set_viewport_size({"width": 1280, "height": 900})
    tab.goto(f"{address}/chapters/appendix/running.html")
    yield tab
    tab.evaluate("localStorage.clear()")


def test_a_link_into_a_page_arrives_although_formulas_and_figures_grow(chapter):
    chapter.evaluate(SETTLED)
    top = "document.getElementById('exercises').getBoundingClientRect().top"
    chapter.wait_for_function(f"-20 < {top} && {top} < 150")


def test_a_link_within_a_page_arrives_although_sections_on_the_way_were_not_laid_out(page, address):
    page.goto(f"{address}/{CHAPTER}.html")
    page.wait_for_function(TYPESET)
    page.locator(".bd-sidebar-secondary a[href='#the-baseline-may-know-the-state']").click()
    page.evaluate(SETTLED)
    page.wait_for_function(IN_VIEW)


# A closed part of each kind: how its HTML begins, what is in it, and an element of it.
KINDS = {
    "deeper": '<details class="closed"><summary><h',
    "solution": '<details class="closed"><summary aria-label',
    "box": '<details class="closed"><summary><p class="admonition-title',
    "code": '<details class="admonition hide',
}
INSIDE = """([start, id]) => {
    const parts = [...document.querySelectorAll('article details')];
    const part = parts.find(part => part.outerHTML.replace(/>\\s+</g, '><').startsWith(start));
    part.lastElementChild.id = id;
    document.querySelector('article h1').insertAdjacentHTML('afterend', `<a href="#${id}">to it</a>`);
}"""
SHUT = "document.querySelectorAll('details').forEach(part => { part.open = false })"


@pytest.mark.parametrize(
    "kind",
    ["solution", *(pytest.param(kind, marks=pytest.mark.slow) for kind in KINDS if kind != "solution")],
)
def test_a_link_into_a_closed_part_opens_it_each_time(tab, address, kind):
    sources = {name: (notebooks.HTML / f"{name}.html").read_text("utf-8") for name in notebooks.listed()}
    name = next(name for name, source in sources.items() if KINDS[kind] in source)
    tab.goto(f"{address}/{name}.html")
    tab.wait_for_function(TYPESET)
    tab.evaluate(INSIDE, [KINDS[kind], "inside"])
    for go in (
        tab.get_by_role("link", name="to it").click,
        tab.get_by_role("link", name="to it").click,
        lambda: tab.evaluate("location.hash = '#exercises'"),
        tab.go_back,
    ):
        tab.evaluate(SHUT)
        go()
        tab.wait_for_function(IN_VIEW)


def test_solutions_open_by_key_and_by_mouse(chapter):
    lines = chapter.locator(".solution > details > summary")
    lines.first.press("Enter")
    lines.last.click()
    seen = lines.evaluate_all("lines => lines.map(line => line.nextElementSibling.checkVisibility())")
    assert seen == [True, *[False] * (len(seen) - 2), True]


def test_the_copy_button_copies_the_code_of_its_cell(chapter):
    notebook = notebooks.load(notebooks.ROOT / f"{CHAPTER}.ipynb")
    sources = [cell.source for _, cell in notebooks.cells(notebook, "code")]
    for button in chapter.locator(".cell_input button.copybtn:visible").all()[:3]:
        button.hover()
        button.click()
        copied = chapter.evaluate("navigator.clipboard.readText()")
        assert copied.strip() in sources


def test_the_download_is_the_notebook_itself(chapter):
    chapter.get_by_role("button", name="Download this page").click()
    with chapter.expect_download() as download:
        chapter.locator("a.btn-download-source-button").click()
    assert download.value.suggested_filename == "09_baselines.ipynb"
    assert download.value.path().read_bytes() == (notebooks.ROOT / f"{CHAPTER}.ipynb").read_bytes()


def test_the_print_button_prints(page):
    page.evaluate("window.print = () => { window.printed = true }")
    page.get_by_role("button", name="Download this page").click()
    page.locator(".btn-download-pdf-button").click()
    assert page.evaluate("window.printed")


def test_on_a_phone_the_menus_open_with_the_keyboard_and_close_with_escape(page):
    page.set_viewport_size({"width": 390, "height": 800})
    for name, sidebar in [("Chapters", ".bd-sidebar-primary"), ("On this page", ".bd-sidebar-secondary")]:
        button = page.locator(f"button[aria-label='{name}']")
        button.press("Enter")
        page.wait_for_function(f"document.activeElement.closest('{sidebar}')")
        page.keyboard.press("Escape")
        assert button.evaluate("button => button === document.activeElement")
        page.locator(sidebar).wait_for(state="hidden")


def test_the_colours_stay_as_chosen(page):
    button = page.locator(".theme-switch-button:visible")
    chosen = set()
    for _ in range(3):
        button.click()
        chosen.add(page.locator("html").get_attribute("data-mode"))
    assert chosen == {"light", "dark", "auto"}
    while page.locator("html").get_attribute("data-mode") != "dark":
        button.click()
    page.reload()
    assert page.locator("html").get_attribute("data-theme") == "dark"


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """Return the folder of one chapter, built as for a public repository."""
    folder = tmp_path_factory.mktemp("published")
    (folder / "_toc.yml").write_text("format: jb-book\nroot: chapters/01_question\n")
    command = [Path(sys.executable).with_name("jupyter-book"), "build", "--quiet", notebooks.ROOT]
    command += ["--toc", folder / "_toc.yml", "--path-output", folder]
    named = {"BOOK_REPOSITORY_URL": "https://github.com/Someone/a-book", "BOOK_BRANCH": "main"}
    done = subprocess.run(command, env=os.environ | named, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder / "_build" / "html"


@pytest.fixture(scope="module")
def html(published):
    """Return that chapter, parsed."""
    path = published / "chapters" / "01_question.html"
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


@pytest.mark.slow
def test_exercises_invite_to_binder_where_the_launch_button_goes(html):
    (invitation,) = html.select("#exercises > p.binder a")
    (button,) = html.select(".dropdown-launch-buttons a")
    assert invitation.text == "Try it in Binder"
    assert invitation["href"] == button["href"]
    assert button["href"].startswith("https://mybinder.org/v2/gh/Someone/a-book/main?urlpath=lab/tree/")
    assert button["href"].endswith("/chapters/01_question.ipynb")


@pytest.mark.slow
def test_other_sites_can_show_a_link_to_the_book(html, published):
    here = "https://someone.github.io/a-book/"
    shown = {meta["property"]: meta["content"] for meta in html.select("meta[property^='og:']")}
    assert html.select_one("link[rel=canonical]")["href"] == f"{here}chapters/01_question.html"
    assert shown["og:url"] == f"{here}chapters/01_question.html"
    assert shown["og:title"] == "Does REINFORCE favour unlikely actions?"
    assert shown["og:description"] == html.select_one("meta[name=description]")["content"]
    assert shown["og:image"] == f"{here}_static/card.png"
    # A PNG holds its width and height in bytes 16 to 24.
    assert struct.unpack(">II", (published / "_static" / "card.png").read_bytes()[16:24]) == (1200, 630)


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("02_log_derivative", "05_all_scores", "equation-eq-fisher-information"),
        pytest.param("02_log_derivative", "02_log_derivative", "exercises", marks=pytest.mark.slow),
        pytest.param("11_ppo_grpo", "12_ppo", "equation-eq-clip-gradient", marks=pytest.mark.slow),
        pytest.param("05_bernoulli", "06_bernoulli", "what-we-found", marks=pytest.mark.slow),
        pytest.param("11_ppo_grpo", "13_grpo", "the-whole-objective", marks=pytest.mark.slow),
    ],
)
def test_an_old_address_leads_on(tab, address, old, new, place):
    tab.goto(f"{address}/chapters/{old}.html#{place}", wait_until="commit")
    tab.wait_for_url(f"{address}/chapters/{new}.html#{place}", wait_until="domcontentloaded")
    assert tab.locator(f"[id='{place}']").count() == 1
