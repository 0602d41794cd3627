"""Pages that need nothing from the network: leave out what would fetch a kernel from elsewhere."""


def drop_thebe(app, pagename, templatename, context, doctree):
    """Take out the scripts of sphinx-thebe, which Jupyter Book always adds and this book never uses."""
    scripts = context.get("script_files", [])
    context["script_files"] = [
        s for s in scripts if "thebe" not in f"{s} {getattr(s, 'attributes', '')}".lower()
    ]


def setup(app):
    app.connect("html-page-context", drop_thebe, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
