"""The index of the book: terms and people, each with the passages that are about it.

Most of it makes itself: the terms come from the glossary and from where chapters link them, the people from
the citations. The directive `book-index` adds what its lines say,

    entry; subentry: label, label, 04#id-of-a-section

A passage is shown by the number of its section and leads to the place itself.
"""

import re
from collections import defaultdict
from dataclasses import dataclass

from docutils import nodes
from sphinx import addnodes
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from booktools import notebooks
from booktools.sphinx.bibliography import folded, plain

# The title of the part that is not under letters.
PEOPLE = "People and papers"
_LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True)
class Passage:
    """A place in the book: where it leads, the section it lies in, and whether it is the main one."""

    page: str
    anchor: str
    number: tuple
    title: str
    main: bool = False


class book_index(nodes.General, nodes.Element):
    """Where the index goes; filled in when all pages have been read."""


class BookIndex(SphinxDirective):
    """The whole index, with the entries of the content added to those that make themselves."""

    has_content = True

    def run(self):
        self.env.note_reread()
        return [book_index(lines=[line for line in self.content if line.strip()])]


def order(entry):
    """Return what entries are sorted by: their words, with numbers as numbers.

    >>> sorted(["Figure 13.1", "Zhu", "Üstün", "Figure 2.5"], key=order)
    ['Figure 2.5', 'Figure 13.1', 'Üstün', 'Zhu']
    """
    return [int(part) if part.isdecimal() else part for part in re.split(r"(\d+)", folded(entry))]


def parse(line):
    """Return entry, subentry, the other entry to see, and the labels of the passages of a line.

    >>> parse("baseline; optimal: thm-optimal-baseline, 06#scores")
    ('baseline', 'optimal', '', ['thm-optimal-baseline', '06#scores'])
    >>> parse("coin: see Bernoulli policy")
    ('coin', '', 'Bernoulli policy', [])
    """
    head, _, tail = line.rpartition(": ")
    entry, _, subentry = head.partition("; ")
    if tail.startswith("see "):
        return entry, subentry, tail.removeprefix("see "), []
    return entry, subentry, "", tail.split(", ")


class Book:
    """All chapters, as read: which section every place lies in."""

    def __init__(self, app):
        self.env = app.env
        self.pages = {path.stem[:2]: f"chapters/{path.stem}" for path in notebooks.chapters()}
        self.trees = {page: self.env.get_doctree(page) for page in self.pages.values()}
        self.places = {}
        for page, tree in self.trees.items():
            for node in tree.findall(nodes.Element):
                for anchor in node.get("ids", []):
                    self.places.setdefault(anchor, []).append((page, node))

    def passage(self, page, node, anchor=None, main=False):
        """Return the passage at a node; without an anchor it begins with the section."""
        # A proof or a solution is a section, too, but without a title.
        while not (isinstance(node, nodes.section) and isinstance(node.next_node(), nodes.title)):
            node = node.parent
        section, title = node["ids"][0], node.next_node(nodes.title).astext()
        numbers = self.env.toc_secnumbers[page]
        number = numbers.get(f"#{section}") or numbers[""]
        return Passage(page, anchor or section, tuple(number), title, main)

    def labelled(self, label, main=False):
        """Return the passage that a label names, or None."""
        chapter, _, section = label.rpartition("#")
        for anchor in (section, f"equation-{section}"):
            for page, node in self.places.get(anchor, []):
                if self.pages.get(chapter, page) == page:
                    return self.passage(page, node, anchor, main)
        return None


def terms(book, glossary):
    """Return, per term of the glossary, its anchor there and its passages.

    The main ones are those that the glossary names. Of a chapter it is the one that links the term.
    """
    uses = {
        (page, use["reftarget"]): use
        for page, tree in book.trees.items()
        for use in tree.findall(addnodes.pending_xref)
        if use["reftype"] == "term"
    }
    found = {}
    for item in book.env.get_doctree(glossary).findall(nodes.definition_list_item):
        node = item.next_node(nodes.term)
        term, passages = node.astext(), []
        refs = [(ref["reftype"], ref["reftarget"]) for ref in item.findall(addnodes.pending_xref)]
        for page, tree in book.trees.items():
            main = ("myst", page) in refs
            if (page, term) in uses:
                passages.append(book.passage(page, uses[page, term], use_id(term), main))
            elif main:
                passages.append(book.passage(page, tree.next_node(nodes.section), main=True))
        named = [book.labelled(target, main=True) for kind, target in refs if kind in ("eq", "ref")]
        found[term] = (node["ids"][0], [passage for passage in named if passage] + passages)
    return found


def people(book):
    """Return, per person and work, the anchor of the work in the bibliography and its passages."""
    cite = book.env.get_domain("cite")
    passages = defaultdict(list)
    for ref in cite.citation_refs:
        if ref.docname in book.trees:
            (node,) = [node for page, node in book.places[ref.citation_ref_id] if page == ref.docname]
            for target in ref.targets:
                passages[target.key].append(book.passage(ref.docname, node, ref.citation_ref_id))
    found = defaultdict(dict)
    for citation in cite.citations:
        for person in citation.entry.persons["author"]:
            if str(person) != "others":
                place = citation.bibliography_key.docname, citation.citation_id
                found[plain(str(person))][citation.formatted_entry.label] = (*place, passages[citation.key])
    return found


def use_id(term):
    """Return the id of the place where a chapter links a term."""
    return "use-" + nodes.make_id(term)


def mark_terms(app, doctree):
    """Give the place where a chapter links a term an id."""
    for use in list(doctree.findall(addnodes.pending_xref)):
        if use["reftype"] == "term" and use_id(use["reftarget"]) not in doctree.ids:
            target = nodes.target("", "", ids=[use_id(use["reftarget"])])
            doctree.ids[use_id(use["reftarget"])] = target
            use.parent.insert(use.parent.index(use), target)


def subjects(app, book, docname, lines):
    """Return, per entry and subentry, where it is explained, the entry to see, and its passages."""
    found = defaultdict(dict)
    (glossary,) = [page for page in app.env.found_docs if page.endswith("/glossary")]
    for term, (anchor, passages) in terms(book, glossary).items():
        found[term][""] = ((glossary, anchor), "", passages)
    for line in lines:
        entry, subentry, other, labels = parse(line)
        passages = [book.labelled(label) for label in labels]
        for label, passage in zip(labels, passages, strict=True):
            if passage is None:
                _LOGGER.warning("the index names %s, which is no place in a chapter", label, location=docname)
        explained, _, known = found[entry].get(subentry, (None, "", []))
        found[entry][subentry] = (explained, other, known + [passage for passage in passages if passage])
    return found


class Writer:
    """Turns entries into lists of links, as seen from one page."""

    def __init__(self, app, docname):
        self.app, self.docname = app, docname

    def link(self, page, anchor, *shown, **attributes):
        uri = f"{self.app.builder.get_relative_uri(self.docname, page)}#{anchor}"
        return nodes.reference("", "", *shown, internal=True, refuri=uri, **attributes)

    def item(self, shown, passages, children=(), anchor=None, other=""):
        """Return an entry: what it is called, the sections of its passages, and its subentries."""
        line = nodes.paragraph("", "", shown)
        line["ids"] += [anchor] if anchor else []
        for passage in self.ordered(passages):
            number = nodes.Text(".".join(map(str, passage.number)))
            number = nodes.strong("", "", number) if passage.main else number
            line += [
                nodes.Text(" \N{EN SPACE}" if len(line) == 1 else ", "),
                self.link(passage.page, passage.anchor, number, reftitle=passage.title),
            ]
        if other:
            to_other = nodes.reference("", other, internal=True, refid=entry_id(other))
            line += [nodes.Text(" "), nodes.emphasis(text="see "), to_other]
        children = list(children)
        return nodes.list_item("", line, *([nodes.bullet_list("", *children)] if children else []))

    def ordered(self, passages):
        """Return one passage per section, in the order of the book; the main one where there is a choice."""
        first = {}
        for passage in sorted(passages, key=lambda passage: not passage.main):
            first.setdefault(passage.number, passage)
        return [first[number] for number in sorted(first)]

    def subjects(self, found):
        """Return the entries of the first part, under their letters, and a line that leads to every part."""
        letters = defaultdict(list)
        for entry in sorted(found, key=order):
            letter = folded(entry)[0].upper()
            letters[letter if letter.isalpha() else "1"].append(entry)
        jump = nodes.paragraph(classes=["letters"])
        lists = []
        for letter, entries in sorted(letters.items()):
            anchor = f"letter-{letter.lower()}"
            jump += [nodes.reference("", letter, internal=True, refid=anchor), nodes.Text(" ")]
            shown = listed([self.subject(entry, found[entry]) for entry in entries])
            lists += [nodes.rubric(text=letter, ids=[anchor]), shown]
        jump += [nodes.reference("", PEOPLE, internal=True, refid=nodes.make_id(PEOPLE)), nodes.Text(" ")]
        return [jump, *lists]

    def subject(self, entry, subentries):
        if len(subentries) == 1 and "" not in subentries:
            ((name, (_, other, passages)),) = subentries.items()
            return self.item(nodes.Text(f"{entry}, {name}"), passages, (), entry_id(entry), other)
        explained, other, passages = subentries.get("", (None, "", []))
        shown = self.link(*explained, nodes.Text(entry)) if explained else nodes.Text(entry)
        children = [
            self.item(nodes.Text(name), passages, other=other)
            for name, (_, other, passages) in sorted(subentries.items(), key=lambda item: order(item[0]))
            if name
        ]
        return self.item(shown, passages, children, entry_id(entry), other)

    def people(self, found):
        """Return the entries of the second part: people, and under each their works by year."""
        entries = []
        for person, works in sorted(found.items(), key=lambda item: order(item[0])):
            by_year = sorted(works.items(), key=lambda item: item[0].rpartition(", ")[2])
            children = [
                self.item(self.link(page, anchor, nodes.Text(work)), passages)
                for work, (page, anchor, passages) in by_year
            ]
            entries.append(self.item(nodes.Text(person), [], children))
        return [listed(entries)]


def listed(entries):
    return nodes.container("", nodes.bullet_list("", *entries), classes=["index"])


def section(title, content):
    anchor = nodes.make_id(title)
    return nodes.section("", nodes.title(text=title), *content, ids=[anchor], names=[anchor])


def entry_id(entry):
    """Return the id of an entry of the index."""
    return "entry-" + (nodes.make_id(entry) or "".join(f"{ord(letter):x}" for letter in entry))


def fill(app, doctree, docname):
    """Put the index where the directive stands."""
    for place in list(doctree.findall(book_index)):
        book, writer = Book(app), Writer(app, docname)
        found = writer.subjects(subjects(app, book, docname, place["lines"]))
        both = ("Terms and methods", found), (PEOPLE, writer.people(people(book)))
        place.replace_self([section(title, content) for title, content in both])


def setup(app):
    app.add_node(book_index)
    app.add_directive("book-index", BookIndex)
    app.connect("doctree-read", mark_terms)
    app.connect("doctree-resolved", fill)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
