"""The back matter leads to the right places, and leaves nothing out."""

import functools
import importlib
import inspect
import pkgutil
import re
from types import SimpleNamespace

import pytest
from bs4 import BeautifulSoup
from docutils import nodes
from docutils.utils import new_document
from lxml import html
from pybtex.database import parse_file

import pgbook
from booktools import notebooks
from booktools.notebooks import HTML
from booktools.sphinx import book_index, checks, docstrings

APPENDIX = notebooks.ROOT / "chapters" / "appendix"
PATHS = notebooks.chapters()
ENTRIES = parse_file(str(notebooks.ROOT / "references.bib")).entries
TERM = re.compile(r"\{term\}`(?:[^`<]*<)?([^`<>]+?)>?`")


def markdown(path):
    """Return the text of a chapter."""
    return "\n".join(cell.source for _, cell in notebooks.cells(notebooks.load(path), "markdown"))


def glossary():
    """Return the terms of the glossary, in order."""
    body = re.search(r"^:::\{glossary\}\n(.*?)^:::$", page("glossary"), re.DOTALL | re.MULTILINE)[1]
    return re.findall(r"^(\S.*)$", body, re.MULTILINE)


def page(name):
    """Return the source of a page of the back matter."""
    return (APPENDIX / f"{name}.md").read_text(encoding="utf-8")


@functools.cache
def built(path):
    """Return a page of the built book."""
    assert (HTML / "built").exists(), "build the book first: make book"
    return BeautifulSoup(path.read_text(encoding="utf-8"), "lxml")


@functools.cache
def anchors(path):
    """Return the ids of a page of the built book."""
    return {element["id"] for element in built(path).find_all(id=True)}


def internal_links(name):
    """Return, per link to a place in the book on a page of the back matter, its page and its fragment."""
    path = HTML / "chapters" / "appendix" / f"{name}.html"
    hrefs = [link["href"] for link in built(path).article.find_all("a", class_="internal")]
    parts = [href.partition("#") for href in hrefs]
    return [((path.parent / target).resolve() if target else path, place) for target, _, place in parts]


def homes():
    """Return the notebook in which each equation is labelled."""
    read = {path.stem: notebooks.equations(notebooks.load(path)) for path in notebooks.paths()}
    return {label: stem for stem, equations in read.items() for label, _ in equations}


def public_names():
    """Return the full names of the functions, classes, methods and constants that pgbook offers."""
    found = set()
    for info in pkgutil.walk_packages(pgbook.__path__, "pgbook."):
        parent = importlib.import_module(info.name.rpartition(".")[0])
        # What a package within pgbook collects in __all__ is offered there, and not in its modules.
        collected = parent is not pgbook and hasattr(parent, "__all__")
        if info.name.rpartition(".")[2].startswith("_") or collected:
            continue
        module = importlib.import_module(info.name)
        for name, value in vars(module).items():
            own = getattr(value, "__module__", info.name if name.isupper() else None) == info.name
            if name in getattr(module, "__all__", [name] if own and name[0] != "_" else []):
                found.add(f"{info.name}.{name}")
                found |= {f"{info.name}.{name}.{method}" for method in public_methods(value)}
    return found


def public_methods(value):
    """Return the names of the methods and properties that a class has from pgbook."""
    found = set()
    for base in value.__mro__ if inspect.isclass(value) else ():
        for name, member in vars(base).items():
            function = getattr(member, "fget", None) or getattr(member, "func", member)
            if name[0] != "_" and str(getattr(function, "__module__", "")).startswith("pgbook"):
                found.add(name)
    return found


def test_the_glossary_is_sorted():
    terms = glossary()
    assert len(terms) > 60
    assert terms == sorted(terms, key=str.casefold)


def test_every_term_of_the_glossary_is_linked_from_a_chapter():
    linked = {term for path in PATHS for term in TERM.findall(markdown(path))}
    assert set(glossary()) == linked


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_a_chapter_links_a_term_once(path):
    linked = TERM.findall(markdown(path))
    assert sorted(linked) == sorted(set(linked))
    assert len(linked) >= 5


def test_each_statement_of_the_thread_leads_to_the_cells_that_check_it():
    statements = re.split(r"^### Statement (\d+): ", page("thread"), flags=re.MULTILINE)[1:]
    assert sorted(map(int, statements[::2])) == list(range(1, 17))
    for number, text in zip(statements[::2], statements[1::2], strict=True):
        verdicts = re.findall(r"^\*\*(Right|A slip of the pen|Imprecise|False)\b", text, flags=re.MULTILINE)
        assert len(verdicts) == 1, f"statement {number} has no verdict, or two"
        assert re.findall(r"\{checked\}`(eq-[\w-]+)`", text), f"statement {number} leads to no check"


@pytest.mark.parametrize("name", ["thread", "mistakes", "checked"])
def test_a_link_to_a_check_leads_to_the_chapter_of_its_equation(name):
    home = homes()
    found = [(path.stem, place) for path, place in internal_links(name) if place.startswith("check-")]
    labels = [re.match(r"check-(.*?)(?:-\d+)?$", place)[1] for _, place in found]
    assert [path for path, _ in found] == [home[label] for label in labels]
    if name == "checked":
        assert set(labels) == set(home)


def test_a_check_among_other_lines_of_an_output_is_a_place_to_link_to():
    line = "✓ eq-x · exact · the values shown within 1e-10 · rejects: sign"
    document = new_document("page")
    document += nodes.literal_block("", f"before -1\n{line}\n\n", classes=["output"])
    document += nodes.literal_block("", f"-1\n{line}")
    checks.show(SimpleNamespace(env=SimpleNamespace(docname="page")), document)
    shown = [(node.tagname, node.astext()) for node in document.children]
    said = "agrees with an independent computation of the values shown, to 10−10; wrong versions fail: sign"
    assert shown == [
        ("literal_block", "before −1"),
        ("container", f"✓ eq-x {said}"),
        ("literal_block", f"-1\n{line}"),
    ]
    assert document[1][0]["ids"] == ["check-eq-x"]


def test_every_public_name_of_pgbook_is_on_its_page():
    names = public_names()
    assert {"pgbook.policies.Categorical.score", "pgbook.bandits.learn", "pgbook.figures.COLORS"} <= names
    assert names - anchors(HTML / "chapters/appendix/pgbook.html") == set()


def test_every_equation_that_a_docstring_names_exists():
    sources = [path.read_text(encoding="utf-8") for path in (notebooks.ROOT / "pgbook").rglob("*.py")]
    named = {label for source in sources for label in docstrings.equations(source)}
    assert len(named) > 10
    assert named <= set(homes())


def test_the_index_has_many_entries_and_each_leads_somewhere():
    index = built(HTML / "chapters/appendix/index.html").select(".index li")
    assert len(index) >= 150
    assert [entry.get_text(strip=True) for entry in index if not entry.find("a")] == []


def test_the_entries_of_the_index_are_sorted():
    body = re.search(r"^:::\{book-index\}\n(.*?)^:::$", page("index"), re.DOTALL | re.MULTILINE)[1]
    assert body.splitlines() == sorted(body.splitlines(), key=book_index.order)


def test_the_index_shows_where_every_term_is_introduced():
    index = built(HTML / "chapters/appendix/index.html").select_one("#terms-and-methods")
    links = index.select(".index p > a[href^='glossary.html']:first-child")
    entries = {link.get_text(): link.parent for link in links}
    assert list(entries) == sorted(glossary(), key=book_index.order)
    assert [term for term, line in entries.items() if not line.find("strong")] == []


def test_the_index_tells_two_papers_of_one_year_apart():
    index = built(HTML / "chapters/appendix/index.html").select_one("#people-and-papers")
    works = [link.get_text() for link in index.select("a[href^='bibliography']")]
    labels = built(HTML / "chapters/appendix/bibliography.html").select(".citation > .label")
    assert {label.get_text().strip("[]") for label in labels} == set(works)


def test_every_entry_has_a_doi_or_a_link():
    assert [key for key, entry in ENTRIES.items() if not {"doi", "url"} & set(entry.fields)] == []


def test_a_doi_is_written_without_its_resolver():
    dois = [entry.fields["doi"] for entry in ENTRIES.values() if "doi" in entry.fields]
    assert [doi for doi in dois if not re.fullmatch(r"10\.\d{4,9}/\S+", doi)] == []


def test_every_entry_is_cited():
    pages = [notebooks.ROOT / "index.md", *notebooks.ROOT.glob("chapters/**/*.md"), *notebooks.paths()]
    text = "\n".join(page.read_text(encoding="utf-8") for page in pages)
    lists = re.findall(r"\{cite(?::\w+)?\}`([^`]+)`", text)
    cited = {key for keys in lists for key in re.split(r",\s*", keys)}
    assert set(ENTRIES) == cited


def test_the_page_shows_every_doi_and_link():
    links = {
        link["href"] for link in built(HTML / "chapters/appendix/bibliography.html").find_all("a", href=True)
    }
    fields = [entry.fields for entry in ENTRIES.values()]
    wanted = {f"https://doi.org/{each['doi']}" if "doi" in each else each["url"] for each in fields}
    assert wanted - links == set()


def test_a_citation_names_a_paper_as_the_bibliography_does():
    entries = built(HTML / "chapters/appendix/bibliography.html").select(".citation")
    labels, cited = {entry["id"]: entry.select_one(".label").get_text() for entry in entries}, set()
    for path in notebooks.paths():
        page = (HTML / path.relative_to(notebooks.ROOT)).with_suffix(".html")
        for citation in html.parse(page).xpath("//*[contains(@class, 'bibtex-citation')]//a"):
            label = labels[citation.get("href").partition("#")[2]]
            assert label.endswith(f", {citation.text_content().rpartition(', ')[2]}]")
            cited.add(label)
    assert cited == set(labels.values())
