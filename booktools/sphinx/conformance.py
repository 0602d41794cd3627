"""The directive `conformance`: what `make conformance` recorded of a library, as a sentence and a table."""

import json
from datetime import date

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from booktools import notebooks
from booktools.sphinx.checks import link, shown, table

RESULTS = notebooks.ROOT / "booktools" / "conformance" / "results.json"
TITLES = "option", "equation", "value, gradient: off by", "wrong version: off by", "line"


def load():
    """Return what was recorded."""
    return json.loads(RESULTS.read_text(encoding="utf-8"))


def written(far):
    """Write a difference with one digit, small ones as a power.

    >>> written(2.8e-17), written(0.37), written(0.0)
    ('3e-17', '0.4', '0')
    """
    return f"{far:.0e}" if far < 1e-3 and far else f"{far:.1g}"


class Conformance(SphinxDirective):
    """A sentence about the library that is named, and a table of its options."""

    required_arguments = 1

    def run(self):
        self.env.note_dependency(str(RESULTS))
        results, library = load(), self.arguments[0]
        found = results["libraries"][library]
        read = date.fromisoformat(results["read"])
        run = f"Version {found['version']}, read and run on {read.day} {read:%B %Y}: "
        said = nodes.paragraph(text=f"{run}{len(found['rows'])} options.")
        for one in found["changed"]:
            said += nodes.Text(" With one sign changed in a copy of ")
            said += [nodes.literal(text=one["function"]), nodes.Text(f", {one['red']} of them disagree.")]
        compared = table(TITLES, [self._row(row) for row in found["rows"]], (5, 2, 3, 6, 3), "mistakes")
        compared["classes"].append("conformance")
        return [said, compared]

    def _row(self, row):
        equations = nodes.inline()
        for label in row["equations"]:
            equations += [link(label, self.env.docname), nodes.Text(" ")]
        off = [*shown(written(row["value"])), nodes.Text(", "), *shown(written(row["gradient"]))]
        wrong = "; ".join(f"{name}: {written(far)}" for name, far in row["wrong"].items())
        place = f"{row['file'].rpartition('/')[2]}, {row['line']}"
        return [[nodes.literal(text=row["option"])], [equations], off, shown(wrong), [nodes.Text(place)]]


def setup(app):
    app.add_directive("conformance", Conformance)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
