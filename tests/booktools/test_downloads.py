"""The page "Run it yourself" offers the editions that there are, and no others."""

from types import SimpleNamespace

from lxml import html

from booktools import notebooks
from booktools.sphinx import downloads

SOURCE = '<div class="downloads screen-only docutils">\n<p>Nothing.</p>\n</div><p>After.</p>'


def offered(built):
    """Return the texts of the links on the page; each leads to a file."""
    page = built / downloads.PAGE
    links = html.parse(page).xpath("//div[contains(@class, 'downloads')]//a")
    assert all((page.parent / link.get("href")).resolve().is_file() for link in links)
    return [link.text for link in links]


def test_what_was_made_is_offered_until_the_pages_are_built_anew(tmp_path):
    page = tmp_path / downloads.PAGE
    page.parent.mkdir(parents=True)
    page.write_text(SOURCE, encoding="utf-8")
    downloads.offer(tmp_path)
    assert offered(tmp_path) == []
    names = ("why-divide-by-pi.pdf", "why-divide-by-pi.epub", "notes.txt", "assignment_04-tests.zip")
    for name in names:
        (downloads.folder(tmp_path) / name).write_bytes(b"x" * 250_000)
    downloads.offer(tmp_path)
    assert offered(tmp_path) == ["The whole book as a PDF", "The whole book for e-readers, as EPUB"]
    assert "0.2 MB" in page.read_text(encoding="utf-8")
    (downloads.folder(tmp_path) / "slides").mkdir()
    (downloads.folder(tmp_path) / "slides" / "index.html").write_text("Slides", encoding="utf-8")
    downloads.offer(tmp_path)
    assert offered(tmp_path)[-1] == "Slides for each chapter, to show from here"
    assert page.read_text(encoding="utf-8").count(" download>") == 2  # slides are opened, and not downloaded
    app = SimpleNamespace(outdir=tmp_path, builder=SimpleNamespace(name="html"))
    downloads.renew(app, None)
    assert offered(tmp_path) == []
    assert not (tmp_path / "downloads").exists()
    assert page.read_text(encoding="utf-8").endswith("</div><p>After.</p>")


def test_the_built_page_has_a_place_for_them():
    assert "make editions" in (notebooks.ROOT / "chapters/appendix/running.md").read_text(encoding="utf-8")
    assert len(downloads._LIST.findall((notebooks.HTML / downloads.PAGE).read_text(encoding="utf-8"))) == 1
