"""The map of the book: an arc from each chapter to every one that it says it builds on.

The content of the directive `dependencies` is one short name per chapter. What a chapter builds on are the
earlier chapters that its box "In this chapter" links to.
"""

import html
import re

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from booktools import notebooks

ROW, LEFT, WIDTH = 30, 150, 360
_BOX = re.compile(r"^:::\{admonition\} In this chapter\n(.*?)^:::$", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"\]\((\d\d)_\w+\.ipynb\)")


def built_on(notebook):
    """Return the numbers of the earlier chapters that a chapter says it builds on.

    >>> from nbformat.v4 import new_markdown_cell, new_notebook
    >>> text = ":::{admonition} In this chapter\\nWe need [chapter 2](02_two.ipynb).\\n:::\\n"
    >>> built_on(new_notebook(cells=[new_markdown_cell(text)]))
    [2]
    """
    box = _BOX.search(notebook.cells[0].source)
    return sorted({int(number) for number in _LINK.findall(box[1])}) if box else []


def drawing(chapters, names, address):
    """Return the map as SVG: a row per chapter, with its arcs on the left."""
    rows = {number: ROW * (row + 0.5) for row, number in enumerate(chapters)}
    found = []
    for (number, before), name in zip(chapters.items(), names, strict=True):
        before = [other for other in before if other < number]
        said = f"Chapter {number}, {name}"
        said += f"; builds on {', '.join(map(str, before))}" if before else ""
        arcs = []
        for other in before:
            low, high = rows[number], rows[other]
            half = (low - high) / 2
            arcs.append(f'<path d="M{LEFT} {high:g}A{min(half, LEFT - 8):g} {half:g} 0 0 0 {LEFT} {low:g}"/>')
        found.append(
            f'<a href="{address(number)}" aria-label="{html.escape(said)}">{"".join(arcs)}'
            f'<circle cx="{LEFT}" cy="{rows[number]:g}" r="4"/>'
            f'<text x="{LEFT + 12}" y="{rows[number]:g}">{number}&#160; {html.escape(name)}</text></a>'
        )
    return (
        f'<svg class="dependencies" viewBox="0 0 {WIDTH} {ROW * len(rows)}" role="group" '
        f'aria-label="What each chapter builds on">{"".join(found)}</svg>'
    )


class Dependencies(SphinxDirective):
    """The map; the content is one short name per chapter."""

    has_content = True

    def run(self):
        paths = notebooks.chapters()
        for path in paths:
            self.env.note_dependency(str(path))
        if len(self.content) != len(paths):
            raise self.error(f"{len(paths)} chapters need a name each, but there are {len(self.content)}")
        chapters = {int(path.stem[:2]): built_on(notebooks.load(path)) for path in paths}
        pages = {int(path.stem[:2]): f"chapters/{path.stem}" for path in paths}
        builder, here = self.env.app.builder, self.env.docname
        svg = drawing(chapters, self.content, lambda number: builder.get_relative_uri(here, pages[number]))
        return [nodes.raw("", svg, format="html")]


def setup(app):
    app.add_directive("dependencies", Dependencies)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
