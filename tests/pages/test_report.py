"""Every page says its edition and how to cite it, and a reader can report an error where it stands."""

import sys
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml
from axe_playwright_python.base import AXE_SCRIPT

from booktools import notebooks
from booktools.sphinx.edition import bibtex, citation
from tests.pages.browser import look, visit

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the book is built on Linux and macOS")
PAGE = "chapters/02_log_derivative"
TEXT = "dialog => dialog.querySelector('textarea').value"
SELECT = """() => {
    const place = document.querySelector("#what-we-found li");
    getSelection().selectAllChildren(place);
    return place.textContent.replace(/\\s+/g, " ").trim().slice(0, 18);  // as far as the first formula
}"""


@pytest.fixture
def page(tab, address):
    """Return the page, opened, with what is written to the clipboard kept in ``copied``."""
    page = visit(tab, address, PAGE)
    page.evaluate(
        "Object.defineProperty(navigator, 'clipboard', {value: {writeText: async it => { copied = it }}})"
    )
    return page


@pytest.mark.slow
def test_the_form_knows_the_place_and_can_be_copied(page):
    page.evaluate("document.querySelector('#equation-eq-score-function').scrollIntoView({block: 'center'})")
    # By the mouse itself: Playwright would first scroll to a button that sticks to the screen.
    box = page.locator(".btn-report-button").bounding_box()
    page.mouse.click(box["x"] + 10, box["y"] + 10)
    dialog = page.get_by_role("dialog", name="Report an error")
    said = dialog.evaluate(TEXT)
    number = page.locator("#equation-eq-score-function .eqno").text_content().strip("#")
    assert f"({PAGE}.html)\n" in said
    assert number in said.split("Equations on the screen: ")[1].split("\n")[0]
    assert f"\nVersion: {citation()['version']}, {citation()['date']}\n" in said
    page.keyboard.type("the sign")
    # Where no repository is known, there is no link that leads nowhere.
    assert dialog.get_by_role("link").count() == 0
    dialog.get_by_role("button", name="Copy").click()
    dialog.get_by_text("Copied.").wait_for()
    assert page.evaluate("copied") == f"{said}the sign"
    page.keyboard.press("Escape")
    dialog.wait_for(state="hidden")
    # Below the page, it is what is marked that says where.
    marked = page.evaluate(SELECT)
    page.locator(".imprint .report").click()
    said = dialog.evaluate(TEXT)
    assert f"Marked: “{marked}" in said
    assert "What we found" in said.split("Section: ")[1].split("\n")[0]


@pytest.mark.slow
def test_where_the_repository_is_known_the_form_becomes_an_issue(page):
    page.evaluate(
        "document.querySelector('.report').dataset.issues = 'https://example.org/new title issue[text]'"
    )
    page.locator(".imprint .report").click()
    page.locator("#report textarea").fill("1/π & more")
    link = urlsplit(page.locator("#report a").get_attribute("href"))
    assert link.geturl().startswith("https://example.org/new?")
    assert parse_qs(link.query) == {"title": [f"Error in {PAGE}.html"], "issue[text]": ["1/π & more"]}


@pytest.mark.slow
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_form_fits_a_phone_and_keeps_nobody_out(page, theme):
    look(page, 390, theme)
    page.locator(".imprint .report").click()
    box = page.locator("#report").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    page.evaluate(AXE_SCRIPT)
    assert page.evaluate("axe.run('#report').then(found => found.violations.map(one => one.id))") == []


def test_what_is_cited_is_one_thing(tab, address):
    told = citation()
    tab.goto(f"{address}/index.html")
    (shown,) = [text for text in tab.locator("pre").all_text_contents() if text.startswith("@book")]
    assert shown.strip() == bibtex(told)
    footer = tab.locator(".imprint").text_content()
    assert f"Version {told['version']}, {told['date']}" in footer
    assert tab.locator(".imprint a", has_text="Cite it").evaluate(
        "link => document.querySelector(new URL(link.href).hash) !== null"
    )
    preferred = told["preferred-citation"]
    assert f"  title   = {{{preferred['title']}}}" in shown
    assert (preferred["authors"], preferred["year"]) == (told["authors"], told["year"])
    project = (notebooks.ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert f'version = "{told["version"]}"' in project
    newest = (notebooks.ROOT / "chapters/appendix/changes.md").read_text(encoding="utf-8").split("\n## ")[1]
    assert newest.startswith(f"{told['version']}, {told['date']}\n")
    assert yaml.safe_load((notebooks.ROOT / "_config.yml").read_text())["copyright"] == str(told["year"])
