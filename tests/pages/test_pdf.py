"""The printed book: `make pdf`, read back page by page, and a page of the built book as readers print it.

It is printed by `make test SLOW=1`.
"""

import functools
import re
import sys
from io import BytesIO
from types import SimpleNamespace

import pikepdf
import pypdfium2
import pytest
from bs4 import BeautifulSoup

from booktools import chromium, notebooks, pdf
from tests.pages.browser import TYPESET

# What is between the margins of an A4 page, in pixels.
WIDTH, POINTS = round((210 - 2 * 23) / 25.4 * 96), (595, 842)
WIDER = """width => [...document.querySelectorAll('.bd-content *')]
    .filter(e => e.getBoundingClientRect().right > width + 1 || e.getBoundingClientRect().left < -1)
    .filter(e => !e.closest('mjx-math *, .sd-container-fluid'))
    .map(e => e.outerHTML.slice(0, 120))"""
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the Makefile is for Linux and macOS")


def test_formulas_that_are_typeset_only_when_near_would_be_missing_on_paper(tmp_path):
    page = "<title>A</title><script>window.MathJax = {}</script>"
    with pytest.raises(ValueError, match="MathJax is not set up as expected"):
        pdf.head_of(BeautifulSoup(page, "html.parser"), tmp_path)
    lazy = page.replace("{}", '{"loader": {"load": ["ui/lazy"]}}')
    assert '{"load": []}' in pdf.head_of(BeautifulSoup(lazy, "html.parser"), tmp_path)


@pytest.fixture(scope="module", params=[pytest.param("whole", marks=pytest.mark.slow)])
def book(browser, tmp_path_factory):
    """Return the book as it was assembled, as it lies on paper, and as it was printed."""
    path = tmp_path_factory.mktemp("pdf") / "book.html"
    path.write_text(pdf.assemble(), encoding="utf-8")
    page = pdf.typeset(browser, path)
    written = pdf.finished(*pdf.printed(page))
    page.set_viewport_size({"width": WIDTH, "height": 900})
    page.emulate_media(media="print")
    wider = page.evaluate(WIDER, WIDTH)
    formulas = [page.locator(f"mjx-{rest}").count() for rest in ("merror", "container", "container .spoken")]
    page.close()
    with pypdfium2.PdfDocument(written) as pages, pikepdf.open(BytesIO(written)) as document:
        texts = [page.get_textpage().get_text_bounded() for page in pages]
        yield SimpleNamespace(names=notebooks.listed(), **locals())


@functools.cache
def web(name):
    """Return the article of a page of the web book."""
    return pdf.soup(pdf.BUILD / "html" / f"{name}.html").select_one("article.bd-article")


def titles(names):
    """Return the titles of pages, as the web book has them."""
    return [web(name).h1.get_text().removesuffix("#") for name in names]


def plain(text):
    return re.sub(r"\s+", "", text).replace("ﬁ", "fi").replace("ﬂ", "fl").replace("ﬀ", "ff")


def test_code_keeps_its_lines(book):
    printed = BeautifulSoup(book.path.read_text(encoding="utf-8"), "html.parser").select(".cell_input pre")
    codes = [code for name in book.names for code in web(name).select(".cell_input pre")]
    shown = [code.get_text() for code in codes if not code.find_parent("details", class_="hide")]
    assert [code.get_text() for code in printed] == shown
    assert len(shown) > len(book.names)


def test_nothing_is_wider_than_the_page(book):
    assert book.wider == []


def test_every_formula_is_typeset_and_can_be_read_out(book):
    wrong, all_of_them, spoken = book.formulas
    assert wrong == 0
    assert all_of_them == spoken > 100


def test_every_page_has_text_inside_the_page_and_its_number(book):
    assert len(book.texts) > 5 * len(book.names)
    for number, (page, text) in enumerate(zip(book.pages, book.texts, strict=True), start=1):
        assert tuple(map(round, page.get_size())) == POINTS
        assert len(text.split()) >= 10, f"page {number} is empty"
        assert number == 1 or str(number) in text.split(), f"page {number} does not say so"
        characters = page.get_textpage()
        for index in range(characters.count_chars()):
            left, bottom, right, top = characters.get_charbox(index)
            # The middle of a tall brace is one glyph, stretched a hundredfold and cut: it begins elsewhere.
            stretched = max(right - left, top - bottom) > POINTS[0]
            inside = 0 <= left <= right <= POINTS[0] and 0 <= bottom <= top <= POINTS[1]
            assert inside or stretched or characters.get_text_range(index, 1).isspace(), (number, text)


def test_the_outline_has_every_part_chapter_and_section(book):
    entries = [(entry.level, plain(entry.get_title()), entry.get_dest()) for entry in book.pages.get_toc()]
    found = {title: place.get_index() for level, title, place in entries if level < 2}
    for title in map(plain, titles(book.names)):
        assert title in found
        assert title in plain(book.texts[found[title]])
    for part, pages in pdf.parts():
        if pages[0] in book.names:
            assert (0, plain(part)) in {entry[:2] for entry in entries}
    assert "1.1.Thepuzzle,initsownnumbers" in {title for _, title, _ in entries}


def test_the_contents_name_the_pages(book):
    pages = pdf.page_numbers(book.document)
    contents = plain("".join(book.texts[: pages[pdf._anchor(book.names[0])] - 1]))
    for name, title in zip(book.names, titles(book.names), strict=True):
        assert f"{plain(title)}{pages[pdf._anchor(name)]}" in contents
        assert plain(title) in plain(book.texts[pages[pdf._anchor(name)] - 1])


def test_every_equation_stands_in_its_order_with_the_number_of_the_web_book(book):
    places, pages = book.document.Root.Dests, pdf.page_numbers(book.document)
    last = (0, 0)
    for name in book.names:
        for equation in web(name).select("div.math[id^=equation-]"):
            number = equation.select_one(".eqno").get_text().removesuffix("#")
            assert equation["id"] in pages, f"nothing links to {equation['id']}"
            page = pages[equation["id"]]
            place = (page, -places[f"/{equation['id']}"][3])
            assert place > last, f"{number} is out of order"
            assert number in book.texts[page - 1]
            last = place
    assert last > (0, 0)


def test_links_lead_into_the_book_or_to_the_web(book):
    inside = 0
    for page in book.document.pages:
        for link in page.get("/Annots", []):
            if "/Dest" in link:
                assert str(link.Dest) in book.document.Root.Dests
                inside += 1
            else:
                assert re.match(r"https?://", str(link.A.URI))
    assert inside > 100


def test_fonts_are_embedded_and_figures_are_drawings(book):
    for page in book.document.pages:
        for font in page.Resources.get("/Font", {}).values():
            described = font.get("/DescendantFonts", [font])[0]
            embedded = {"/FontFile", "/FontFile2", "/FontFile3"} & set(described.get("/FontDescriptor", {}))
            assert font.Subtype == "/Type3" or embedded
        assert "/Image" not in [shape.Subtype for shape in page.Resources.get("/XObject", {}).values()]


def test_the_file_says_what_it_is_and_reads_itself_out(book):
    root = book.document.Root
    with book.document.open_metadata() as metadata:
        assert metadata["dc:title"] == pdf.citation()["title"]
        assert metadata["dc:creator"] == ["The authors of Why Divide by π?"]
    assert root.Lang == "en"
    assert root.MarkInfo.Marked
    assert root.ViewerPreferences.DisplayDocTitle
    elements = [thing for thing in book.document.objects if isinstance(thing, pikepdf.Dictionary)]
    spoken = {" ".join(str(element.Alt).split()) for element in elements if "/Alt" in element}
    assert r"\pi_a" in spoken
    alts = [image["alt"] for name in book.names for image in web(name).select("img[alt]")]
    assert {" ".join(alt.split()) for alt in alts} <= spoken


def test_a_missing_browser_is_said_in_one_sentence(monkeypatch, capsys):
    monkeypatch.setattr(chromium.shutil, "which", lambda name: None)
    assert pdf.main() == 1
    assert re.fullmatch(r"no browser found \(.*\); Chromium .* prints the book\n", capsys.readouterr().err)


@pytest.mark.slow
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_reader_who_prints_one_page_gets_the_article_alone_on_white(browser, address, theme):
    page = browser.new_page(viewport={"width": WIDTH, "height": 900})
    page.add_init_script(f"localStorage.setItem('mode', '{theme}'); localStorage.setItem('theme', '{theme}')")
    page.goto(f"{address}/chapters/01_question.html", wait_until="load")
    page.wait_for_function(TYPESET)
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.evaluate("getComputedStyle(document.querySelector('article p')).color") == "rgb(0, 0, 0)"
    assert page.locator("article h1").is_visible()
    hidden = ".bd-sidebar-primary, .bd-header, .prev-next-footer, .headerlink, #jb-print-docs-body, "
    hidden += "button:not([role=radio])"
    assert [e for e in page.locator(hidden).all() if e.is_visible()] == []
    for solution in page.locator(".solution section").all():
        assert solution.is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= WIDTH
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.evaluate("document.documentElement.dataset.theme") == theme
    page.close()
