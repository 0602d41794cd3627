"""What cells print, as a page shows it: numbers with a minus, and checks of an equation as what they are.

In a chapter each line that `pgbook.verify` prints becomes a link to its equation, and a place to link to. The
role `checked` leads there from the label of an equation, and the directive `checked-equations` lists the
lines of all chapters.
"""

import re
from collections import Counter
from functools import partial
from itertools import cycle, groupby

from docutils import nodes
from sphinx import addnodes
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective, SphinxRole

from booktools import notebooks
from pgbook.printing import SIGN

# A formula, spaces and all, or a part of one that has bars; a number, or a quotient.
_FORMULA = re.compile(r"(\S*\|\S*|\S+(?: [-−+=/] \S+)+|\S*(?:/|\de-\d)\S*)")
# A subscript or a superscript; and a tolerance.
_SCRIPT = re.compile(r"(?<=\b\w)_(ref|old|[A-Za-zα-ω\d]{1,2})(?![A-Za-zα-ω\d_])|\^\(([^)]*)\)")
_POWER = re.compile(r"\b(\d)e-0?(\d+)")
TITLES = "equation", "kind", "scope and tolerance", "wrong versions rejected"
LINE = re.compile(r"✓ (?P<label>eq-[\w-]+) · (?P<kind>\w+) · (?P<scope>.*?) · (?P<rejects>.*)")
# What the parts of a line say to a reader.
_AGREES = "agrees with an independent computation"
_WORDS = {
    r"symbolic · difference reduces to 0": "computer algebra reduces the difference to 0",
    r"exact · (.*) random cases within (.*)": rf"{_AGREES} in \1 random cases, to \2",
    r"exact · the values shown within (.*)": rf"{_AGREES} of the values shown, to \1",
    r"gradient · (.*) random points, autograd within (.*), central differences within (.*)": (
        r"agrees with automatic differentiation (to \2) and central differences (\3) at \1 random points"
    ),
    r"expectation · (.*) samples within (.*) standard errors": (
        r"agrees with the mean of \1 samples, within \2 standard errors"
    ),
}


def link(label, document):
    """Return a reference to an equation, by its number."""
    return addnodes.pending_xref(
        label, nodes.inline(text=label), refdomain="math", reftype="eq", refdoc=document,
        reftarget=label, refexplicit=False, refwarn=True,
    )  # fmt: skip


def shown(words):
    """Return a part of a check line as it is shown: formulas on one line, and |o| does not look like lol.

    >>> [str(node) for node in shown("K − 1 entries; not divided by |o|")]
    ['<inline classes="nobreak">K − 1</inline>', ' entries; not divided by ', '<literal>|o|</literal>']
    >>> "".join(str(node) for node in shown("π_a to 4e-04"))
    'π<subscript>a</subscript> to <inline classes="nobreak">4 × 10<superscript>−4</superscript></inline>'
    """

    def scripts(text):
        parts = _SCRIPT.split(_POWER.sub(r"\1 × 10^(−\2)", text).replace("1 × 10^", "10^"))
        kinds = zip(parts, cycle([nodes.Text, partial(nodes.subscript, ""), partial(nodes.superscript, "")]))
        return [kind(part) for part, kind in kinds if part]

    def piece(text):
        if "|" in text:
            return [nodes.literal(text, text)]
        formula = _FORMULA.fullmatch(text)
        return [nodes.inline(text, "", *scripts(text), classes=["nobreak"])] if formula else scripts(text)

    return [node for text in _FORMULA.split(words) for node in piece(text)]


def worded(match):
    """Return what a check line says, in words.

    >>> worded(LINE.fullmatch("✓ eq-x · expectation · 50 samples within 4 standard errors · rejects: sign"))
    'agrees with the mean of 50 samples, within 4 standard errors; wrong versions fail: sign'
    """
    said = f"{match['kind']} · {match['scope']}"
    for pattern, words in _WORDS.items():
        said = re.sub(f"^{pattern}$", words, said)
    return f"{said}; {match['rejects'].replace('rejects: ', 'wrong versions fail: ')}"


def place(label, seen):
    """Return the id of the next check of an equation on its page; ``seen`` counts them.

    >>> seen = Counter()
    >>> place("eq-softmax", seen), place("eq-softmax", seen)
    ('check-eq-softmax', 'check-eq-softmax-2')
    """
    seen[label] += 1
    return f"check-{label}" + (f"-{seen[label]}" if seen[label] > 1 else "")


class check_reference(nodes.Inline, nodes.TextElement):
    """A link to the cell that checks an equation; without text of its own, it shows the equation's number."""


class Checked(SphinxRole):
    """The role `checked`: from the label of an equation to the line that reports its check."""

    def run(self):
        return [check_reference(label=self.text, place=f"check-{self.text}")], []


def resolve(app, doctree, docname):
    """Turn every `check_reference` into a link to the page where its equation stands."""
    math = app.env.get_domain("math")
    for node in list(doctree.findall(check_reference)):
        label = node["label"]
        to_equation = math.resolve_xref(app.env, docname, app.builder, "eq", label, node, nodes.inline())
        if to_equation is None:
            logging.getLogger(__name__).warning(
                "no equation %s to show the check of", label, location=docname
            )
            node.replace_self(nodes.Text(label))
            continue
        number = to_equation.astext()
        uri = app.builder.get_relative_uri(docname, math.equations[label][0]) + f"#{node['place']}"
        words = node.children or [nodes.Text(f"✓ {number}")]
        title = f"The cell that checks equation {number}"
        found = {"internal": True, "refuri": uri, "reftitle": title, "classes": ["check"]}
        node.replace_self(nodes.reference("", "", *words, **found))


def show(app, doctree):
    """Give the numbers of an output a minus, and turn its check lines into paragraphs with links."""
    seen = Counter()
    for block in list(doctree.findall(nodes.literal_block)):
        if "output" not in block["classes"]:
            continue
        lines = [(LINE.fullmatch(line), line) for line in block.astext().strip("\n").split("\n")]
        blocks = []
        for are_checks, group in groupby(lines, key=lambda pair: bool(pair[0])):
            if are_checks:
                paragraphs = [_paragraph(match, app.env.docname, seen) for match, _ in group]
                blocks.append(nodes.container("", *paragraphs, classes=["checks"]))
            elif text := "\n".join(line for _, line in group):
                # Of JSON, which readers copy, the minus is the hyphen.
                text = text if text.startswith('{"') else SIGN.sub("−", text)
                blocks.append(nodes.literal_block(text, text, **block.attributes))
        block.parent.replace(block, blocks)


def _paragraph(match, document, seen):
    line = nodes.paragraph("", "✓ ", link(match["label"], document), *shown(f" {worded(match)}"))
    line["ids"].append(place(match["label"], seen))
    return line


class CheckedEquations(SphinxDirective):
    """A table of every check in the book: equation, kind, scope and tolerance, wrong versions."""

    def run(self):
        found = []
        for path in notebooks.paths():
            self.env.note_dependency(str(path))
            notebook = notebooks.load(path)
            title = notebook.cells[0].source.splitlines()[0].removeprefix("# ")
            seen = Counter()
            order = [label for label, _ in notebooks.equations(notebook)]
            printed = filter(None, map(LINE.fullmatch, self._printed(notebook)))
            printed = sorted(printed, key=lambda match: order.index(match["label"]))
            if not printed:
                continue
            rows = [self._row(match, seen) for match in printed]
            section = nodes.section(ids=[f"checked-{path.stem}"], names=[f"checked-{path.stem}"])
            section += [nodes.title(text=title), table(TITLES, rows, (1, 2, 5, 5), "checked")]
            found.append(section)
        return found

    def _printed(self, notebook):
        outputs = [output for _, cell in notebooks.cells(notebook, "code") for output in cell.outputs]
        return [line for output in outputs for line in output.get("text", "").splitlines()]

    def _row(self, match, seen):
        kind = check_reference("", match["kind"], label=match["label"], place=place(match["label"], seen))
        rejects = match["rejects"].removeprefix("rejects: ")
        return [[link(match["label"], self.env.docname)], [kind], shown(match["scope"]), shown(rejects)]


def table(titles, rows, widths, name, flush_right=()):
    """Return a table of cells, each a list of nodes, and of the class ``name``."""

    def row(cells):
        entries = [nodes.entry("", nodes.paragraph("", "", *cell)) for cell in cells]
        for i in flush_right:
            entries[i]["classes"].append("text-right")
        return nodes.row("", *entries)

    columns = [nodes.colspec(colwidth=width) for width in widths]
    head = nodes.thead("", row([[nodes.Text(title)] for title in titles]))
    group = nodes.tgroup("", *columns, head, nodes.tbody("", *map(row, rows)), cols=len(titles))
    return nodes.table("", group, classes=[name])


def setup(app):
    app.add_node(check_reference)
    app.add_role("checked", Checked())
    app.connect("doctree-read", show)
    app.connect("doctree-resolved", resolve)
    app.add_directive("checked-equations", CheckedEquations)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
