"""What the theme leaves undone for readers, with a keyboard or a screen reader above all.

The markup of every page passes through here when it is written. What depends on the size of the
screen is left to `_static/book.js`.
"""

import re

from sphinx.util import logging

logger = logging.getLogger(__name__)

# Elements of the theme and what they lack: a role, a name, or to download a notebook and not show it.
ROLES = {
    'class="bd-sidebar-primary bd-sidebar"': 'role="complementary" aria-label="The book"',
    'class="bd-toc-nav page-toc"': 'aria-label="On this page"',
    'class="btn btn-sm btn-download-source-button dropdown-item"': "download",
    'class="prev-next-area"': 'role="navigation" aria-label="Previous and next page"',
}
# Titles of the theme's buttons, and what they do.
BUTTONS = {
    "Toggle primary sidebar": "Chapters",
    "Toggle secondary sidebar": "On this page",
    "light/dark": "Light, dark or as the system",
}
# In the place of what: first what the markup of others gets wrong, one id for all proofs, a name that hides
# the words it stands on ("Show the code"), entries of a list that are none. A full build warns of what is in
# no page, and a test sees to all.
CHANGES = {
    ' id="proof"': "",
    '<summary aria-label="Toggle hidden content">': "<summary>",
    'role="doc-biblioentry"': 'role="listitem"',
    **{element: f"{element} {role}" for element, role in ROLES.items()},
    **{f'title="{title}"': f'title="{name}" aria-label="{name}"' for title, name in BUTTONS.items()},
}
_NOBREAK = '<span class="nobreak">{}</span>'
_FORMULA = re.compile(r'([(“‘]?)(<span class="math notranslate nohighlight">[^<]*</span>)([.,;:?!)”’]*)')
# Text, and what is none. In it the space of "Theorem 2.1" and "2 GB"; the number of an equation is a link.
_TEXT = re.compile(r"<(pre|code|script|svg)\b.*?</\1>|(?<=>)[^<]+", re.DOTALL)
_KINDS = "chapter|section|equation|theorem|proposition|corollary|figure|exercise|statement"
_SPACE = re.compile(rf"\b((?:{_KINDS})s?|Fig\.)\s(?=\d|$)|(?<=\d)\s(?=[GM]B\b|%)", re.IGNORECASE)
# Code in a sentence, up to the length that fits on a phone.
_CODE = re.compile(r'<code class="(docutils literal notranslate">(.*?)</code>)')
_SHORT = 30
_TAG = re.compile("<[^>]*>")
# Words of code in the colour of the text; operators would be nearly half of all the coloured ones.
_PLAIN = re.compile(r'(?<=<pre>)<span></span>|<span class="(?:n|nn|o|p|w)">([^<]*)</span>')
_ID = re.compile(r'(<[a-z][^<>]*?) id="([^"]*)"')


def unique_ids(html):
    """Take away an id that an earlier element has: a link could not tell the two apart.

    >>> unique_ids('<section id="solution"></section><section id="solution"></section>')
    '<section id="solution"></section><section></section>'
    """
    seen = set()

    def first(match):
        start, name = match.groups()
        if name in seen:
            return start
        seen.add(name)
        return match.group()

    return _ID.sub(first, html)


def unbroken(html):
    """Keep on one line a formula and the punctuation around it, 1/π, "Theorem 2.1", "2 GB" and short code.

    >>> unbroken('if <span class="math notranslate nohighlight">x</span>, then')
    'if <span class="nobreak"><span class="math notranslate nohighlight">x</span>,</span> then'
    >>> unbroken('<p>What is 1/π?</p><pre>1/π</pre>')
    '<p>What is <span class="nobreak">1/π</span>?</p><pre>1/π</pre>'
    >>> unbroken('<p>Theorem 2.1 and equation <a>(2.1)</a></p>')
    '<p>Theorem\xa02.1 and equation\xa0<a>(2.1)</a></p>'
    >>> unbroken('<code class="docutils literal notranslate">M / pi</code>')
    '<code class="nobreak docutils literal notranslate">M / pi</code>'
    """

    def text(match):
        if match[1]:
            return match[0]
        return _SPACE.sub("\\1\N{NO-BREAK SPACE}", match[0]).replace("1/π", _NOBREAK.format("1/π"))

    def formula(match):
        return _NOBREAK.format(match[0]) if match[1] or match[3] else match[0]

    def code(match):
        shown = _TAG.sub("", match[2])
        return f'<code class="nobreak {match[1]}' if " " in shown and len(shown) <= _SHORT else match[0]

    return _CODE.sub(code, _FORMULA.sub(formula, _TEXT.sub(text, html)))


def accessible(html, met=None):
    """Return the content of a page with names for what had none, and each id once.

    Into ``met``, a set, go those of `CHANGES` that were made.
    """
    for title in BUTTONS:
        html = html.replace(f'aria-label="{title}"', "")
    for theirs, ours in CHANGES.items():
        if met is not None and theirs in html:
            met.add(theirs)
        html = html.replace(theirs, ours)
    return unbroken(unique_ids(_PLAIN.sub(r"\1", html)))


def setup(app):
    written, met = set(), set()

    def add_filter(app):
        if app.builder.format == "html":
            app.builder.templates.environment.filters["accessible"] = lambda html: accessible(html, met)

    def warn(app, error):
        if error or app.builder.name != "html" or not app.env.found_docs <= written:
            return  # what is missing may be in pages that were not written, or not by this process
        for theirs in CHANGES.keys() - met:
            logger.warning("what access.py changes is in no page: %s", theirs, type="access")

    app.connect("builder-inited", add_filter)
    app.connect("html-page-context", lambda app, pagename, *_: written.add(pagename))
    app.connect("build-finished", warn)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
