"""The lines that `pgbook.verify` prints, shown as what they are: checks of an equation.

In a chapter each line becomes a link to its equation. The directive `checked-equations` lists those of
all chapters.
"""

import re

from docutils import nodes
from sphinx import addnodes
from sphinx.util.docutils import SphinxDirective

import chapters

LINE = re.compile(r"✓ (?P<label>eq-[\w-]+) · (?P<kind>\w+) · (?P<scope>.*?) · (?P<rejects>.*)")


def link(label, document):
    """Return a reference to an equation, by its number."""
    return addnodes.pending_xref(
        label, nodes.inline(text=label), refdomain="math", reftype="eq", refdoc=document,
        reftarget=label, refexplicit=False, refwarn=True,
    )  # fmt: skip


def show(app, doctree):
    """Turn an output that consists of check lines into paragraphs that link to the equations."""
    for block in list(doctree.findall(nodes.literal_block)):
        matches = [LINE.fullmatch(line) for line in block.astext().strip().split("\n")]
        if not all(matches):
            continue
        shown = nodes.container(classes=["checks"])
        for match in matches:
            words = f" {match['kind']} · {match['scope']} · {match['rejects']}"
            shown += nodes.paragraph("", "✓ ", link(match["label"], app.env.docname), nodes.Text(words))
        block.replace_self(shown)


class CheckedEquations(SphinxDirective):
    """A table of every check in the book: equation, kind, scope and tolerance, wrong versions."""

    def run(self):
        found = []
        for path in chapters.chapters():
            self.env.note_dependency(str(path))
            notebook = chapters.load(path)
            title = notebook.cells[0].source.splitlines()[0].removeprefix("# ")
            rows = [self._row(match) for match in map(LINE.fullmatch, self._printed(notebook)) if match]
            section = nodes.section(ids=[f"checked-{path.stem}"], names=[f"checked-{path.stem}"])
            section += [nodes.title(text=title), self._table(rows)]
            found.append(section)
        return found

    def _printed(self, notebook):
        outputs = [output for _, cell in chapters.cells(notebook, "code") for output in cell.outputs]
        return [line for output in outputs for line in output.get("text", "").splitlines()]

    def _row(self, match):
        scope = nodes.paragraph(text=match["scope"])
        rejects = nodes.paragraph(text=re.sub(r"^rejects: ", "", match["rejects"]))
        equation = nodes.paragraph("", "", link(match["label"], self.env.docname))
        cells = [equation, nodes.paragraph(text=match["kind"]), scope, rejects]
        return nodes.row("", *[nodes.entry("", cell) for cell in cells])

    def _table(self, rows):
        titles = ["equation", "kind", "scope and tolerance", "wrong versions rejected"]
        head = nodes.row("", *[nodes.entry("", nodes.paragraph(text=title)) for title in titles])
        columns = [nodes.colspec(colwidth=width) for width in (1, 2, 5, 5)]
        group = nodes.tgroup("", *columns, nodes.thead("", head), nodes.tbody("", *rows), cols=4)
        return nodes.table("", group, classes=["checked"])


def setup(app):
    app.connect("doctree-read", show)
    app.add_directive("checked-equations", CheckedEquations)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
