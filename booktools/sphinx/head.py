"""What search engines, phones and other sites are told about a page: its description, icon and picture.

The description is the beginning of the page's first paragraph, unless the page names one itself
(`html_meta`). What needs the book's public address is left out where that is not known.
"""

import contextlib
import html
import re
import textwrap
import unicodedata

from docutils import nodes

LONGEST = 200
_SIGNS = """nabla ∇ dots … cdot · times × sum ∑ partial ∂ odot ⊙ infty ∞ sim ∼ in ∈ le ≤ leq ≤ ge ≥ geq ≥ ne ≠
    neq ≠ approx ≈ pm ± to → leftarrow ← mapsto ↦ ell ℓ int ∫ propto ∝ mid | sqrt √ lVert ‖ rVert ‖"""
_WORDS = dict(re.findall(r"(\w+) (\S)", _SIGNS))
_SPACE = re.compile(r"\\(?:[,;! ]|bigl|bigr|left\b|right\b)")
_FRACTION = re.compile(r"\\[dt]?frac *(?:\{([^{}]*)\}|(\w)) *(?:\{([^{}]*)\}|(\w))")


def plain(latex):
    r"""Return a short formula as plain text.

    >>> plain(r"\pi = (0.5, \dots), \nabla \log \pi_a")
    'π = (0.5, …), ∇log πa'
    >>> plain(r"\lambda\,\frac{1}{K - 1} \leq \tfrac12")
    'λ 1/(K - 1) ≤ 1/2'
    """

    def symbol(match):
        name = match[1]
        with contextlib.suppress(KeyError):
            size, letter = "SMALL" if name.islower() else "CAPITAL", name.replace("ambda", "amda")
            return _WORDS[name] if name in _WORDS else unicodedata.lookup(f"GREEK {size} LETTER {letter}")
        return name

    def fraction(match):
        return "/".join(f"({part})" if re.search("[-+ ]", part) else part for part in match.groups() if part)

    latex = _FRACTION.sub(fraction, _SPACE.sub(" ", latex.replace(r"\var", "\\")))
    latex = re.sub(r"\\[a-z]+\{([^{}]*)\}", r"\1", latex.replace(r"^\top", "ᵀ").replace("^2", "²"))
    latex = re.sub(r"\^\{([^{}]+[-+/][^{}]*)\}", r"^(\1)", latex)
    return re.sub(r"[{}_\\]|(?<=∇) ", "", re.sub(r"\\([A-Za-z]+)", symbol, latex)).strip()


def words(node):
    """Return the text of a node without its citations, and with its formulas in plain text."""
    if isinstance(node, nodes.math):
        return plain(node.astext())
    if isinstance(node, nodes.Text):
        return node.astext()
    if "bibtex-citation" in node.get("classes", []):
        return ""
    return "".join(map(words, node.children))


def description(doctree):
    """Return what a page says of itself, or the beginning of its first paragraph, or its title."""
    for meta in doctree.findall(nodes.meta):
        if meta.get("name") == "description":
            return meta["content"]
    for section in doctree.findall(nodes.section):
        for child in section.children:
            if isinstance(child, nodes.paragraph):
                said = re.sub(r"\s+([.,:;?!])", r"\1", words(child))
                return textwrap.shorten(said, LONGEST, placeholder=" …")
    return next(doctree.findall(nodes.title)).astext()


def tags(app, pagename, templatename, context, doctree):
    """Fill in what `_templates/layout.html` puts into the head."""
    icon = context["pathto"]("_static/icon.png", 1)
    found = [f'<link rel="apple-touch-icon" href="{icon}" />']
    found.append(f'<link rel="icon" type="image/png" sizes="180x180" href="{icon}" />')
    said = description(doctree) if doctree is not None else ""
    if said and not any(meta.get("name") == "description" for meta in doctree.findall(nodes.meta)):
        found.append(meta_tag("name", "description", said))
    if said and app.config.html_baseurl:
        base = app.config.html_baseurl
        shown = {
            "og:type": "website" if pagename == app.config.root_doc else "article",
            "og:site_name": app.config.html_title,
            "og:title": app.env.titles[pagename].astext(),
            "og:description": said,
            "og:url": base + app.builder.get_target_uri(pagename),
            "og:image": base + "_static/card.png",
            "og:image:alt": "How often an action is taken, times how hard it is pushed: the average push.",
        }
        found += [meta_tag("property", name, value) for name, value in shown.items()]
        found.append(meta_tag("name", "twitter:card", "summary_large_image"))
    context["head"] = "\n".join(found)


def meta_tag(key, name, content):
    """Return one element.

    >>> meta_tag("name", "description", 'He said "no".')
    '<meta name="description" content="He said &quot;no&quot;." />'
    """
    return f'<meta {key}="{name}" content="{html.escape(content)}" />'


def setup(app):
    app.connect("html-page-context", tags)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
