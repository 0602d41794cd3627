"""The back matter leads to the right places, and leaves nothing out."""

import re

import pytest

import chapters

APPENDIX = chapters.ROOT / "chapters" / "appendix"
PATHS = chapters.chapters()
TERM = re.compile(r"\{term\}`(?:[^`<]*<)?([^`<>]+?)>?`")


def markdown(path):
    """Return the text of a chapter."""
    return "\n".join(cell.source for _, cell in chapters.cells(chapters.load(path), "markdown"))


def glossary():
    """Return the terms of the glossary, in order."""
    body = re.search(r"^:::\{glossary\}\n(.*?)^:::$", page("glossary"), re.DOTALL | re.MULTILINE)[1]
    return re.findall(r"^(\S.*)$", body, re.MULTILINE)


def page(name):
    """Return the source of a page of the back matter."""
    return (APPENDIX / f"{name}.md").read_text(encoding="utf-8")


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
