"""Closed parts: sections called "Deeper: …", dropdowns, solutions and other boxes of the class "dropdown".

Each becomes a `<details>`: a browser opens it for a link into it and for words that a reader looks for.
"""

from docutils import nodes
from sphinx_exercise.nodes import solution_node
from sphinx_exercise.utils import get_node_number


def name(app, node):
    """Return what a screen reader calls the line that opens a part, if the line itself is not enough."""
    if not isinstance(node, solution_node):
        return ""
    exercise = app.env.sphinx_exercise_registry[node["target_label"]]["node"]
    number = app.config.numfig_format["exercise"] % get_node_number(app, exercise, "exercise")
    return f' aria-label="Show the solution of {number}"'


def like_the_others(app, doctree):
    """Make the dropdowns of sphinx-design boxes of the class."""
    for node in doctree.findall(nodes.container):
        if node.get("design_component") == "dropdown":
            del node["design_component"]
            node["classes"] = ["dropdown"]
            node[0]["classes"] = []


def close(app, doctree, docname):
    """Put all of a closed part but its title between the tags; a proof, which has none, says what it is."""

    def raw(text):
        return nodes.raw("", text, format="html")

    for node in list(doctree.findall(nodes.Element)) if app.builder.format == "html" else ():
        deeper = isinstance(node, nodes.section) and node[0].astext().startswith("Deeper: ")
        if deeper or "dropdown" in node.get("classes", []):
            title = [node.pop(0)] if isinstance(node[0], (nodes.title, nodes.rubric)) else [raw("Proof")]
            start = raw(f'<details class="closed"><summary{name(app, node)}>')
            node.insert(0, [start, *title, raw("</summary>")])
            node.append(raw("</details>"))


def setup(app):
    app.connect("doctree-read", like_the_others)
    app.connect("doctree-resolved", close, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
