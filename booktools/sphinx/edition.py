"""Which edition of the book a page belongs to, how to cite it, and where to report an error in it.

All of it is from ``CITATION.cff``. The button above each page and the line below it open the form of
`_static/report.js`; where the repository is known, it leads to a new issue there.
"""

import yaml

from booktools import notebooks

# On each host, the page on which an issue is written, and what it calls its title and its text.
ISSUES = {
    "github.com": "/issues/new title body",
    "gitlab.com": "/-/issues/new issue[title] issue[description]",
}
BUTTON = {
    "type": "javascript",
    "javascript": "reportError()",
    "tooltip": "Report an error here",
    "icon": "fas fa-flag",
    "label": "report-button",
}


def citation(root=notebooks.ROOT):
    """Return what ``CITATION.cff`` says of the book, its date written out."""
    told = yaml.safe_load((root / "CITATION.cff").read_text(encoding="utf-8"))
    day = told["date-released"]
    return told | {"date": f"{day.day} {day:%B %Y}", "year": day.year}


def bibtex(told, url=""):
    r"""Return the entry for BibTeX.

    >>> print(bibtex({"title": "A — b, c", "authors": [{"name": "Us"}], "year": 2026, "version": "1.0"}))
    @book{whydividebypi,
      title   = {A: B, c},
      author  = {{Us}},
      year    = {2026},
      version = {1.0}
    }
    """
    title, subtitle = told["title"].split(" — ")
    # What ends in a mark needs no other.
    title += f"{'' if title.endswith('?') else ':'} {subtitle[0].upper()}{subtitle[1:]}"
    fields = {
        "title": title,
        "author": " and ".join(f"{{{author['name']}}}" for author in told["authors"]),
        "year": told["year"],
        "version": told["version"],
        **({"url": url} if url else {}),
    }
    lines = ",\n".join(f"  {name:<7} = {{{value}}}" for name, value in fields.items())
    return f"@book{{whydividebypi,\n{lines}\n}}"


def configure(app, config):
    """Give the pages the entry for BibTeX."""
    entry = f"```bibtex\n{bibtex(citation(), config.html_baseurl)}\n```"
    config.myst_substitutions = {**(config.myst_substitutions or {}), "bibtex": entry}


def tell(app, pagename, templatename, context, doctree):
    """Give a page what its footer says, and the button above it."""
    context["edition"] = citation()
    host, *rest = app.config.html_theme_options.get("repository_url", "").removeprefix("https://").split("/")
    context["issues"] = f"https://{'/'.join([host, *rest])}{ISSUES[host]}" if rest else ""
    if doctree is not None:
        context["header_buttons"].append(BUTTON)


def setup(app):
    # After booktools/sphinx/repository.py knows the address, and the theme its buttons.
    app.connect("config-inited", configure, priority=200)
    app.connect("html-page-context", tell, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
