"""Every source can be found by the reader: a DOI or a stable link, and it is cited somewhere."""

import re

from bs4 import BeautifulSoup
from pybtex.database import parse_file

from booktools import notebooks

ENTRIES = parse_file(str(notebooks.ROOT / "references.bib")).entries


def test_every_entry_has_a_doi_or_a_link():
    assert [key for key, entry in ENTRIES.items() if not {"doi", "url"} & set(entry.fields)] == []


def test_a_doi_is_written_without_its_resolver():
    dois = [entry.fields["doi"] for entry in ENTRIES.values() if "doi" in entry.fields]
    assert [doi for doi in dois if not re.fullmatch(r"10\.\d{4,9}/\S+", doi)] == []


def test_every_entry_is_cited():
    pages = [notebooks.ROOT / "index.md", *notebooks.ROOT.glob("chapters/**/*.md"), *notebooks.chapters()]
    text = "\n".join(page.read_text(encoding="utf-8") for page in pages)
    lists = re.findall(r"\{cite(?::\w+)?\}`([^`]+)`", text)
    cited = {key for keys in lists for key in re.split(r",\s*", keys)}
    assert set(ENTRIES) == cited


def test_the_page_shows_every_doi_and_link():
    page = notebooks.ROOT / "_build/html/chapters/appendix/bibliography.html"
    assert page.exists(), "build the book first: make book"
    links = {
        link["href"] for link in BeautifulSoup(page.read_bytes(), "html.parser").find_all("a", href=True)
    }
    wanted = {
        f"https://doi.org/{entry.fields['doi']}" if "doi" in entry.fields else entry.fields["url"]
        for entry in ENTRIES.values()
    }
    assert wanted - links == set()


def test_a_citation_names_a_paper_as_the_bibliography_does():
    pages = notebooks.ROOT / "_build/html/chapters"
    entries = BeautifulSoup((pages / "appendix/bibliography.html").read_bytes(), "html.parser")
    labels = {entry["id"]: entry.select_one(".label").get_text() for entry in entries.select(".citation")}
    cited = set()
    for path in pages.glob("*.html"):
        for citation in BeautifulSoup(path.read_bytes(), "html.parser").select(".bibtex-citation a"):
            label = labels[citation["href"].partition("#")[2]]
            year = citation.get_text().rpartition(", ")[2]
            assert label.endswith(f", {year}]")
            cited.add(label)
    assert cited == set(labels.values())
