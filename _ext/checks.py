"""Show the lines that `pgbook.verify` prints as what they are: checks of an equation."""

import re

from docutils import nodes
from sphinx import addnodes

_LINE = re.compile(r"✓ (?P<label>eq-[\w-]+) · (?P<rest>.*)")


def show(app, doctree):
    """Turn an output of check lines into a list, each linked to its equation by number."""
    for block in list(doctree.findall(nodes.literal_block)):
        lines = block.astext().strip().split("\n")
        matches = [_LINE.fullmatch(line) for line in lines]
        if not all(matches):
            continue
        items = []
        for match in matches:
            reference = addnodes.pending_xref(
                match["label"], nodes.inline(text=match["label"]), refdomain="math", reftype="eq",
                refdoc=app.env.docname, reftarget=match["label"], refexplicit=False, refwarn=True,
            )  # fmt: skip
            items.append(nodes.paragraph("", "✓ ", reference, nodes.Text(f" {match['rest']}")))
        block.replace_self(nodes.container("", *items, classes=["checks"]))


def setup(app):
    app.connect("doctree-read", show)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
