"""Which equations are proved by machine: said where they are checked, and all statements in a list.

The directive `proved-statements` lists what proofs/ states, by chapter; a check of an equation leads there.
"""

import re

from docutils import nodes
from sphinx import addnodes
from sphinx.util.docutils import SphinxDirective

from booktools import notebooks, proofs
from booktools.sphinx import checks


def said(one, document):
    """Return for what a statement is proved, as a link to it."""
    return addnodes.pending_xref(
        "", nodes.inline(text=f"proved {one.scope}"), refdomain="std", reftype="ref", refdoc=document,
        reftarget=f"proof-{one.label}", refexplicit=True, refwarn=True,
    )  # fmt: skip


def show(app, doctree):
    """Say it at the end of the first line that reports a check, and beside its kind in the list of checks."""
    known = {one.label: one for one in proofs.statements()}
    for line in list(doctree.findall(nodes.paragraph)):
        for label in {name.removeprefix("check-") for name in line["ids"]} & set(known):
            line += [nodes.Text("; "), said(known[label], app.env.docname)]
    for kind in list(doctree.findall(checks.check_reference)):
        if kind.children and kind["place"] == f"check-{kind['label']}" and kind["label"] in known:
            kind.parent += [nodes.Text(", "), said(known[kind["label"]], app.env.docname)]


class ProvedStatements(SphinxDirective):
    """Every statement of proofs/ as it stands there, and the refuted version of it, closed."""

    def run(self):
        common = ("Sums.v", "Derivatives.v", "Groups.v")
        found = [part for name in common for part in self._definitions(notebooks.ROOT / "proofs" / name)]
        for path in notebooks.chapters():
            # chapter_03.v, and chapter_03_sizes.v where one file would be long.
            files = sorted((notebooks.ROOT / "proofs").glob(f"chapter_{path.stem[:2]}*.v"))
            if files:
                title = notebooks.load(path).cells[0].source.splitlines()[0].removeprefix("# ")
                section = nodes.section(ids=[f"proved-{path.stem}"], names=[f"proved-{path.stem}"])
                section += nodes.title(text=title)
                found.append(section)
            for file in files:
                self.env.note_dependency(str(file))
                section += [*self._head(file), *self._definitions(file)]
                section += [self._statement(one) for one in proofs.statements() if one.file == file.name]
        return found

    def _head(self, file):
        head = re.match(r"\(\*(.*?)\*\)", file.read_text(encoding="utf-8"), re.DOTALL)[1]
        return [nodes.paragraph(text=" ".join(text.split())) for text in head.split("\n\n")[1:]]

    def _definitions(self, file):
        """Return what the words of the statements are short for, with the comments above them."""
        source = file.read_text(encoding="utf-8")
        defined = r"^(?:\(\* [^*]*\*\)\n)?(?:Definition|Fixpoint|Record|Notation) .*?\.$"
        text = "\n\n".join(re.findall(defined, source, re.MULTILINE | re.DOTALL))
        block = nodes.literal_block(text, text, language="coq")
        opened = f'<details class="closed"><summary>What is defined in {file.name}</summary>'
        closed = nodes.raw("", "</details>", format="html")
        parts = [nodes.raw("", opened, format="html"), block, closed]
        return [nodes.container("", *parts, classes=["proved"])] if text else []

    def _statement(self, one):
        document, place = self.env.docname, f"proof-{one.label}"
        self.env.get_domain("std").note_hyperlink_target(place, document, place)
        is_equation = one.label.startswith("eq-")
        link = checks.link(one.label, document) if is_equation else self._theorem(one.label)
        opened = f'<details class="closed"><summary>Refuted: {one.wrong}</summary>'
        parts = [
            nodes.paragraph("", "", link, nodes.Text(f", {one.scope}")),
            *([nodes.paragraph(text=one.note)] if one.note else []),
            nodes.literal_block(one.text, one.text, language="coq"),
            nodes.raw("", opened, format="html"),
            nodes.literal_block(one.refutation, one.refutation, language="coq"),
            nodes.raw("", "</details>", format="html"),
        ]
        return nodes.container("", *parts, classes=["proved"], ids=[place])

    def _theorem(self, label):
        return addnodes.pending_xref(
            "", nodes.inline(text=label), refdomain="prf", reftype="ref", refdoc=self.env.docname,
            reftarget=label, refexplicit=False, refwarn=True,
        )  # fmt: skip


class ProvedCount(SphinxDirective):
    """How many equations are proved, a table by the kind of their checks, and why the others are not."""

    def run(self):
        self.env.note_dependency(str(notebooks.ROOT / "proofs" / "unproved.toml"))
        chapters = [notebooks.load(path) for path in notebooks.chapters()]
        equations = {label for chapter in chapters for label, _ in notebooks.equations(chapter)}
        called = [check for chapter in chapters for check in notebooks.checks(chapter)]
        proved = equations & {one.label for one in proofs.statements()}
        said = f"{len(proved)} of {len(equations)} equations are proved by machine"
        rows, left = [], set(equations)
        for kind in notebooks.KINDS:
            # Of several checks the strongest, which comes first, counts.
            of_kind = left & {check.label for check in called if check.kind == kind}
            left -= of_kind
            counts = len(of_kind), len(of_kind & proved), len(of_kind - proved)
            rows.append([[nodes.Text(str(cell))] for cell in (kind, *counts)])
        titles = "the strongest check", "equations", "proved too", "not proved"
        table = checks.table(titles, rows, (2, 1, 1, 1), "proved-counts", flush_right=(1, 2, 3))
        return [nodes.paragraph(text=f"{said}."), table, *self._reasons()]

    def _reasons(self):
        items = nodes.definition_list()
        for why, labels in proofs.unproved().items():
            links = nodes.paragraph()
            for label in labels:
                links += [checks.link(label, self.env.docname), nodes.Text(" ")]
            items += nodes.definition_list_item("", nodes.term(text=why), nodes.definition("", links))
        return [items]


def setup(app):
    # After the lines of checks have become paragraphs.
    app.connect("doctree-read", show, priority=600)
    app.add_directive("proved-statements", ProvedStatements)
    app.add_directive("proved-count", ProvedCount)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
