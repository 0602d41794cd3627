"""Pages that need nothing from the network, and no more than they use."""

import re

from sphinx.util import logging

# closed.py does without sphinx-togglebutton.
_UNUSED = re.compile("thebe|togglebutton|toggleHint|toggleOpen", re.IGNORECASE)
_THEBE = re.compile(
    r'<script type="text/x-thebe-config">.*?</script>\s*<script>kernelName[^<]*</script>', re.DOTALL
)

# The theme measures every piece of code, closed and far ones too, one by one; book.js measures those in view.
_MEASURES = re.compile(r'"complete"===document\.readyState\?\w\(\):window\.addEventListener\("load",\w\)')


def drop_thebe(app, pagename, templatename, context, doctree):
    """Take out the files of two extensions that Jupyter Book always adds and this book never uses."""
    for kind in ("script_files", "css_files"):
        files = context.get(kind, [])
        context[kind] = [f for f in files if not _UNUSED.search(f"{f} {getattr(f, 'attributes', '')}")]
    context["body"] = _THEBE.sub("", context.get("body", ""))


def drop_measures(app, error):
    """Take out what the theme measures when a page has loaded."""
    if error or app.builder.name != "html":
        return
    script = app.outdir / "_static/scripts/pydata-sphinx-theme.js"
    text, found = _MEASURES.subn("0", script.read_text(encoding="utf-8"))
    if found == 1:
        script.write_text(text, encoding="utf-8")
    else:
        logging.getLogger(__name__).warning("what the theme measures was found %d times in %s", found, script)


def setup(app):
    app.connect("build-finished", drop_measures)
    app.connect("html-page-context", drop_thebe, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
