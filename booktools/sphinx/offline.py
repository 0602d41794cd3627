"""Pages that need nothing from the network: leave out what would fetch a kernel from elsewhere."""

import re

_THEBE = re.compile(
    r'<script type="text/x-thebe-config">.*?</script>\s*<script>kernelName[^<]*</script>', re.DOTALL
)


def drop_thebe(app, pagename, templatename, context, doctree):
    """Take out the files of sphinx-thebe, which Jupyter Book always adds and this book never uses."""
    for kind in ("script_files", "css_files"):
        files = context.get(kind, [])
        context[kind] = [f for f in files if "thebe" not in f"{f} {getattr(f, 'attributes', '')}".lower()]
    context["body"] = _THEBE.sub("", context.get("body", ""))


def setup(app):
    app.connect("html-page-context", drop_thebe, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
