"""A field below the check of an equation, which takes the reader's own right side and names the mistake.

It holds the formulas of the check and the values at which they are compared; `fields.js` shows it and
`formulas.js` judges what is typed. Below an exercise that asks for numbers it holds these, and takes numbers.
"""

import json
import shutil
from pathlib import Path

import numpy as np
from docutils import nodes

from booktools import notebooks, questions

SCRIPTS = "formulas.js", "fields.js"


def data(asked):
    """Return what the page needs of an equation, as JSON."""

    def number(value):
        return value.item() if isinstance(value, np.generic) else value

    draws = [
        (
            condition,
            [{name: number(np.asarray(value).tolist()) for name, value in point.items()} for point in points],
        )
        for condition, points in asked.question.draws
    ]
    question = {"right": asked.question.right, "wrong": asked.question.wrong, "draws": draws}
    question["names"] = asked.question.names
    return json.dumps({"left": asked.left, "why": asked.why, **question}, ensure_ascii=False)


def add_answers(notebook, doctree):
    """Put a field below the stub of each exercise that asks for numbers."""
    asked = {
        label: cell.metadata["answer"]
        for label, cell in notebooks.stubs(notebook)
        if cell.metadata.get("answer")
    }
    for block in list(doctree.findall(nodes.literal_block)):
        label = block.astext().split(" ")[0]
        if "output" in block["classes"] and label in asked:
            text = json.dumps(asked[label], ensure_ascii=False)
            field = nodes.container("", nodes.raw("", _escaped(text), format="html"), classes=["field"])
            block.parent.insert(block.parent.index(block) + 1, field)


def add(app, doctree):
    """Put a field below the line that reports the check of an equation."""
    path = Path(app.env.doc2path(app.env.docname))
    if path.suffix != ".ipynb":
        return
    lines = {name: line for line in doctree.findall(nodes.paragraph) for name in line["ids"]}
    notebook = notebooks.load(path)
    add_answers(notebook, doctree)
    for asked in questions.asked(notebook):
        line = lines[f"check-{asked.label}"]
        field = nodes.container("", nodes.raw("", _escaped(data(asked)), format="html"), classes=["field"])
        line.parent.insert(line.parent.index(line) + 1, field)


def _escaped(text):
    text = text.replace("<", "\\u003c").replace("&", "\\u0026")
    return f'<script type="application/json">{text}</script>'


def write_scripts(app):
    """Put the scripts into the built book."""
    if app.builder.format == "html":
        static = Path(app.outdir, "_static")
        static.mkdir(parents=True, exist_ok=True)
        for name in SCRIPTS:
            shutil.copy(Path(__file__).with_name(name), static)


def load_scripts(app, pagename, templatename, context, doctree):
    """Load them on the pages that have a field."""
    if doctree and any("field" in box["classes"] for box in doctree.findall(nodes.container)):
        for name in SCRIPTS:
            app.add_js_file(name, loading_method="defer")


def setup(app):
    app.connect("builder-inited", write_scripts)
    # After checks.py, whose lines are looked for.
    app.connect("doctree-read", add, priority=600)
    app.connect("html-page-context", load_scripts)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
