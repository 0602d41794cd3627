"""Recorded runs on the page, each as a script, which a page from the disk may load; `run.js` shows them."""

import shutil
from pathlib import Path

from docutils import nodes


def write_scripts(app):
    """Put the script into the built book, and the recordings beside it."""
    if app.builder.format == "html":
        folder = Path(app.outdir, "_static", "run")
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(Path(__file__).with_name("run.js"), folder.parent)
        for path in Path(app.srcdir, "chapters", "practice", "run").glob("*.json"):
            script = f"recorded({path.read_text(encoding='utf-8').strip()});\n"
            (folder / f"{path.stem}.js").write_text(script, encoding="utf-8")


def load_script(app, pagename, templatename, context, doctree):
    """Load it on the page that has recordings."""
    if doctree and any("recording" in box["classes"] for box in doctree.findall(nodes.container)):
        app.add_js_file("run.js", loading_method="defer")


def setup(app):
    app.connect("builder-inited", write_scripts)
    app.connect("html-page-context", load_script)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
