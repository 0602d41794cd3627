"""Pages that need nothing from the network, and no more than they use."""

import re

# closed.py does without sphinx-togglebutton.
_UNUSED = re.compile("thebe|togglebutton|toggleHint|toggleOpen", re.IGNORECASE)
_THEBE = re.compile(
    r'<script type="text/x-thebe-config">.*?</script>\s*<script>kernelName[^<]*</script>', re.DOTALL
)


def drop_thebe(app, pagename, templatename, context, doctree):
    """Take out the files of two extensions that Jupyter Book always adds and this book never uses."""
    for kind in ("script_files", "css_files"):
        files = context.get(kind, [])
        context[kind] = [f for f in files if not _UNUSED.search(f"{f} {getattr(f, 'attributes', '')}")]
    context["body"] = _THEBE.sub("", context.get("body", ""))


def setup(app):
    app.connect("html-page-context", drop_thebe, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
