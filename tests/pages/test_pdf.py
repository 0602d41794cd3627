"""The printed book: `make pdf`, read back page by page, and a page of the built book as readers print it."""

import re
import sys
from math import hypot

import pytest
from bs4 import BeautifulSoup
from pypdf import PdfReader

from booktools import chromium, notebooks, pdf
from tests.pages.browser import TYPESET, found

# What is between the margins of an A4 page, in pixels.
WIDTH, POINTS = round((210 - 2 * 23) / 25.4 * 96), (595, 842)
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the Makefile is for Linux and macOS")


@pytest.fixture(scope="module")
def document(tmp_path_factory):
    """Return the whole book as one HTML document, and the names of its pages."""
    found()
    path = tmp_path_factory.mktemp("pdf") / "book.html"
    path.write_text(pdf.assemble(), encoding="utf-8")
    return path, notebooks.listed()


@pytest.fixture(scope="module")
def book(document):
    """Return the printed book, opened, and the names of its pages."""
    path, names = document
    path.with_suffix(".pdf").write_bytes(pdf.finished(*pdf.printed(path)))
    return PdfReader(path.with_suffix(".pdf")), names


@pytest.fixture(scope="module")
def texts(book):
    """Return the text of every page."""
    return [page.extract_text() for page in book[0].pages]


def titles(names):
    """Return the titles of pages, as the web book has them."""
    soups = [pdf._soup(pdf.BUILD / "html" / f"{name}.html") for name in names]
    return [soup.h1.get_text().removesuffix("#") for soup in (soup.article for soup in soups)]


def plain(text):
    return re.sub(r"\s+", "", text).replace("ﬁ", "fi").replace("ﬂ", "fl").replace("ﬀ", "ff")


def test_code_is_parted_between_statements_and_keeps_its_lines(document):
    path, names = document
    printed = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser").select(".cell_input pre")
    codes = iter([code.get_text() for code in printed])
    pieces = [piece.get_text() for code in printed for piece in code.select(".piece")]
    for name in names:
        built = pdf._soup(pdf.BUILD / "html" / f"{name}.html")
        for code in built.select("article .cell_input pre"):
            if not code.find_parent("details"):
                wanted = [line for line in code.get_text().split("\n") if line.strip()]
                assert next(codes).splitlines() == wanted
    assert next(codes, None) is None
    assert len(pieces) > len(printed) > 100
    assert all(piece[0] not in " )]}" and "\n\n" not in piece for piece in pieces)


def test_nothing_is_wider_than_the_page(document):
    path, _ = document
    with chromium.launched() as launched:
        page = launched.new_page(viewport={"width": WIDTH, "height": 900})
        page.emulate_media(media="print")
        page.goto(path.as_uri(), wait_until="load")
        page.evaluate(pdf.TYPESET)
        wider = page.evaluate(
            """width => [...document.querySelectorAll('.bd-content *')]
                .filter(e => !e.closest('mjx-math *, .sd-container-fluid'))
                .map(e => [e.outerHTML.slice(0, 120), e.getBoundingClientRect()])
                .filter(([text, box]) => box.right > width + 1 || box.left < -1)""",
            WIDTH,
        )
        assert wider == []
        assert page.locator("mjx-merror").count() == 0
        assert page.locator("mjx-container").count() == page.locator("mjx-container .spoken").count() > 100


def test_every_page_has_text_inside_the_page_and_its_number(book, texts):
    reader, names = book
    assert len(texts) > 8 * len(names)
    assert {tuple(round(side) for side in page.mediabox[2:]) for page in reader.pages} == {POINTS}
    for number, text in enumerate(texts, start=1):
        assert len(text.split()) >= 10, f"page {number} is empty"
        assert number == 1 or str(number) in text.split(), f"page {number} does not say so"

    def inside(text, user, matrix, font, size):
        (a, b, c, d, e, f), (right, up) = user, matrix[4:]
        x, y = a * right + c * up + e, b * right + d * up + f
        # The middle of a tall brace is one glyph, stretched a hundredfold and cut: its origin is elsewhere.
        stretched = not 0.1 < hypot(a, b) / hypot(c, d) < 10
        assert stretched or not text.strip() or (0 < x < POINTS[0] and 0 < y < POINTS[1]), text

    for page in reader.pages:
        page.extract_text(visitor_text=inside)


def test_the_outline_has_every_part_chapter_and_section(book, texts):
    reader, names = book

    def flat(items, depth=1):
        for item in items:
            if isinstance(item, list):
                yield from flat(item, depth + 1)
            else:
                yield depth, plain(item.title), reader.get_destination_page_number(item)

    entries = list(flat(reader.outline))
    found = {title: page for depth, title, page in entries if depth <= 2}
    for title in map(plain, titles(names)):
        assert title in found
        assert title in plain(texts[found[title]])
    for part, pages in pdf.parts():
        if pages[0] in names:
            assert (1, plain(part)) in {entry[:2] for entry in entries}
    assert "4.1.Thedivision,doneonce" in {title for _, title, _ in entries}


def test_the_contents_name_the_pages(book, texts):
    reader, names = book
    pages = pdf.page_numbers(reader)
    contents = plain("".join(texts[: pages[pdf._anchor(names[0])] - 1]))
    for name, title in zip(names, titles(names), strict=True):
        assert f"{plain(title)}{pages[pdf._anchor(name)]}" in contents
        assert plain(title) in plain(texts[pages[pdf._anchor(name)] - 1])


def test_every_equation_stands_in_its_order_with_the_number_of_the_web_book(book, texts):
    reader, names = book
    places = reader.named_destinations
    last = (0, 0)
    for name in names:
        web = pdf._soup(pdf.BUILD / "html" / f"{name}.html")
        for equation in web.select("article div.math[id^=equation-]"):
            number = equation.select_one(".eqno").get_text().removesuffix("#")
            label = f"/{equation['id']}" if f"/{equation['id']}" in places else equation["id"]
            assert label in places, f"nothing links to {equation['id']}"
            if label in places:
                page = reader.get_destination_page_number(places[label])
                place = (page, -float(places[label].top))
                assert place > last, f"{number} is out of order"
                assert number in texts[page]
                last = place
    assert last > (0, 0)


def test_links_lead_into_the_book_or_to_the_web(book):
    reader, _ = book
    places = {place.lstrip("/") for place in reader.named_destinations}
    inside = 0
    for page in reader.pages:
        for link in (annotation.get_object() for annotation in page.get("/Annots", [])):
            if "/Dest" in link:
                assert str(link["/Dest"]).lstrip("/") in places
                inside += 1
            else:
                assert re.match(r"https?://", link["/A"]["/URI"])
    assert inside > 100


def test_fonts_are_embedded_and_figures_are_drawings(book):
    reader, _ = book
    for page in reader.pages:
        resources = page["/Resources"].get_object()
        for font in resources.get("/Font", {}).values():
            font = font.get_object()
            described = font.get("/DescendantFonts", [font])[0].get_object()
            embedded = {"/FontFile", "/FontFile2", "/FontFile3"} & set(described.get("/FontDescriptor", {}))
            assert font["/Subtype"] == "/Type3" or embedded
        shapes = [shape.get_object()["/Subtype"] for shape in resources.get("/XObject", {}).values()]
        assert "/Image" not in shapes


def test_the_file_says_what_it_is_and_reads_itself_out(book):
    reader, names = book
    root = reader.root_object
    assert reader.metadata.title == pdf.citation()["title"]
    assert reader.metadata.author == "The authors of Why Divide by π?"
    assert root["/Lang"] == "en"
    assert root["/MarkInfo"]["/Marked"]
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    spoken, waiting = [], [root["/StructTreeRoot"]["/K"]]
    while waiting:
        element = waiting.pop().get_object()
        if isinstance(element, list):
            waiting += element
        elif hasattr(element, "get"):
            spoken += [element["/Alt"]] if "/Alt" in element else []
            waiting += [element["/K"]] if "/K" in element else []
    assert r"\pi_a" in spoken
    alts = [pdf._soup(pdf.BUILD / "html" / f"{name}.html").select("article img[alt]") for name in names]
    assert {" ".join(image["alt"].split()) for images in alts for image in images} <= {
        " ".join(alt.split()) for alt in spoken
    }


def test_a_missing_browser_is_said_in_one_sentence(monkeypatch, capsys):
    monkeypatch.setattr(chromium.shutil, "which", lambda name: None)
    assert pdf.main() == 1
    assert re.fullmatch(r"no browser found \(.*\); Chromium .* prints the book\n", capsys.readouterr().err)


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
    hidden = ".bd-sidebar-primary, .bd-header, .prev-next-footer, .headerlink, button, #jb-print-docs-body"
    assert [e for e in page.locator(hidden).all() if e.is_visible()] == []
    for solution in page.locator(".solution section").all():
        assert solution.is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= WIDTH
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.evaluate("document.documentElement.dataset.theme") == theme
    page.close()
