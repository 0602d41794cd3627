"""Explorers on the page: a picture first, which gives way to the live view where JavaScript runs.

Chapters hold explorers as Vega; other pages name one: `{explorer} one_update`. Vega is written into the
built book from the package vl-convert-python and loaded only by the pages that have an explorer.
"""

import hashlib
import importlib
import json
import os
import shutil
from pathlib import Path

import vl_convert
from docutils import nodes
from docutils.parsers.rst import directives
from myst_nb.core.render import load_mime_renders
from sphinx.util.docutils import SphinxDirective

from pgbook.explorers.parts import MIME


def explorer_node(env, spec):
    """Return an explorer, given as Vega: its picture, its text, and the data for the live view."""
    still = as_picture(spec)
    svg = vl_convert.vega_to_svg(still)
    pictures = Path(env.app.doctreedir, "explorers")
    pictures.mkdir(parents=True, exist_ok=True)
    picture = pictures / f"{hashlib.sha256(svg.encode()).hexdigest()[:16]}.svg"
    picture.write_text(svg, encoding="utf-8")
    uri = "/" + Path(os.path.relpath(picture, env.app.srcdir)).as_posix()
    data = json.dumps(spec, ensure_ascii=False).replace("<", "\\u003c")
    script = f'<script type="application/json">{data}</script>'
    box = nodes.container(classes=["explorer"])
    box += [nodes.image(uri=uri, alt=still["description"]), nodes.raw("", script, format="html")]
    return box


def as_picture(spec):
    """Return an explorer as its picture shows it: as it opens, or at the values chosen for paper.

    >>> picture = {"description": "off", "values": {"division": False}}
    >>> spec = {"signals": [{"name": "division", "value": True}], "usermeta": {"picture": picture}}
    >>> as_picture(spec)["signals"], as_picture(spec)["description"]
    ([{'name': 'division', 'value': False}], 'off')
    """
    picture = spec["usermeta"].get("picture", {"description": spec.get("description"), "values": {}})
    values = {name: {"value": value} for name, value in picture["values"].items()}
    signals = [signal | values.get(signal["name"], {}) for signal in spec["signals"]]
    return {**spec, "signals": signals, "description": picture["description"]}


class Renderer:
    """Shows the explorers of a chapter, by the protocol of MyST-NB's renderers."""

    mime_priority_overrides = (("*", MIME, 1),)

    @staticmethod
    def handle_mime(renderer, data, inline):
        if data.mime_type == MIME:
            return [explorer_node(renderer.renderer.sphinx_env, data.content)]


class ExplorerDirective(SphinxDirective):
    """An explorer of `pgbook.explorers` on a page without code, with its name and caption."""

    required_arguments = 1
    has_content = True
    option_spec = {"name": directives.unchanged_required}  # noqa: RUF012

    def run(self):
        explorers = importlib.import_module("pgbook.explorers")
        for source in Path(explorers.__file__).parent.glob("*.py"):
            self.env.note_dependency(str(source))
        figure = nodes.figure("", explorer_node(self.env, getattr(explorers, self.arguments[0])().spec()))
        caption, _ = self.state.inline_text("\n".join(self.content), self.lineno)
        figure += nodes.caption("", "", *caption)
        self.set_source_info(figure)
        self.add_name(figure)
        return [figure]


def write_script(app):
    """Put explorers.js into the built book; and, as one file, Vega and Vega-Embed."""
    if app.builder.format == "html":
        static = Path(app.outdir, "_static")
        static.mkdir(parents=True, exist_ok=True)
        shutil.copy(Path(__file__).with_name("explorers.js"), static)
        bundle = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;")
        # A scope of its own: pages have other scripts. (A module would have one, but not from disk.)
        (static / "vega.js").write_text(f"(() => {{\n{bundle}\n}})();\n", encoding="utf-8")


def load_script(app, pagename, templatename, context, doctree):
    """Load it on the pages that have an explorer."""
    if doctree and any("explorer" in box["classes"] for box in doctree.findall(nodes.container)):
        app.add_js_file("explorers.js", loading_method="defer")


def setup(app):
    # MyST-NB asks installed packages for renderers; this one is not installed.
    load_mime_renders().append(Renderer)
    app.add_directive("explorer", ExplorerDirective)
    app.connect("builder-inited", write_script)
    app.connect("html-page-context", load_script)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
