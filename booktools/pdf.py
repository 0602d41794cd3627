"""The whole book as one PDF: `make pdf`.

The pages of the built HTML are put one after the other into a single document, with their numbers as
they are, and printed by Chromium. `_static/print.css` says how it looks on paper.
"""

import html
import posixpath
import sys
from collections import Counter
from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit

import matplotlib
import pikepdf
from bs4 import BeautifulSoup
from pikepdf import Dictionary, Name, ObjectStreamMode
from sphinx_external_toc.parsing import parse_toc_yaml

from booktools import chromium, notebooks
from booktools.sphinx import downloads
from booktools.sphinx.edition import citation

BUILD = notebooks.ROOT / "_build"
NUMERALS = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII")
# What belongs to the screen: links to headings, buttons, code that checks or draws.
SCREEN = ".headerlink, button, script, style, details.hide, .screen-only"
# The fonts come with matplotlib, so that the book looks the same wherever it is printed: family, file, style.
FACES = [
    ("STIXGeneral", "STIXGeneral", ""),
    ("STIXGeneral", "STIXGeneralItalic", "font-style: italic;"),
    ("STIXGeneral", "STIXGeneralBol", "font-weight: bold;"),
    ("STIXGeneral", "STIXGeneralBolIta", "font-weight: bold; font-style: italic;"),
    ("DejaVu Sans Mono", "DejaVuSansMono", ""),
    ("DejaVu Sans Mono", "DejaVuSansMono-Bold", "font-weight: bold;"),
    ("DejaVu Sans Mono", "DejaVuSansMono-Oblique", "font-style: italic;"),
    ("DejaVu Sans", "DejaVuSans", ""),
]
TYPESET = """async () => {
    await window.MathJax?.startup?.promise;
    await document.fonts.ready;
    await Promise.all([...document.images].map(image => image.decode()));
    // To a screen reader an equation is one thing, with its source as text: a dot beside the glyphs has it.
    for (const math of window.MathJax?.startup?.document?.math ?? []) {
        math.typesetRoot.querySelector('mjx-assistive-mml')?.remove();
        const dot = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
        dot.innerHTML = '<path d="M0 0h1v1z" fill="#fff"/>';
        dot.setAttribute('class', 'spoken');
        dot.setAttribute('role', 'img');
        dot.setAttribute('aria-label', math.math.trim());
        math.typesetRoot.append(dot);
    }
}"""
HEADINGS = """() => [...document.querySelectorAll('h1, h2, h3, h4, h5, h6, [role=heading]')]
    .filter(heading => heading.checkVisibility())
    .map(heading => heading.innerText.replace(/\\s+/g, ' ').trim())"""
NUMBER = """pages => document.querySelectorAll('[data-page-of]').forEach(link => {
    link.dataset.page = pages[link.dataset.pageOf] ?? '';
})"""


def parts(root=notebooks.ROOT):
    """Return ``(title, names of the pages)`` for each part in ``_toc.yml``."""
    found, numbered = [], iter(NUMERALS)
    for part in parse_toc_yaml(root / "_toc.yml").root.subtrees:
        title = f"Part {next(numbered)}: {part.caption}" if part.numbered else part.caption
        found.append((title, list(part.items)))
    return found


def gathered(names, built):
    """Return the pages, their articles without what belongs to the screen, and the new names of their ids.

    Links between the articles lead from one to the other, and images are found from anywhere.
    """
    whole = {name: soup(built / f"{name}.html") for name in names}
    articles = {name: page.select_one("article.bd-article") for name, page in whole.items()}
    for article in articles.values():
        for element in article.select(SCREEN):
            element.decompose()
        for element in article.select("details, summary"):
            element.unwrap()
    anchors = _make_ids_unique(articles)
    for name, article in articles.items():
        redirect(article, name, anchors, built)
    return whole, articles, anchors


def assemble(names=None, built=BUILD / "html", root=notebooks.ROOT):
    """Return the book, or some of its pages, as one HTML document."""
    names = names or notebooks.listed(root)
    whole, articles, anchors = gathered(names, built)
    opening = {pages[0]: title for title, pages in parts(root) if pages[0] in articles}
    body = [_title_page(citation(root)), _contents(articles, anchors, opening)]
    for name, article in articles.items():
        body.append(f'<article class="bd-article chapter" id="{_anchor(name)}" style="page: {_page(name)}">')
        if name in opening:
            body.append(f'<p class="part" role="heading" aria-level="1">{html.escape(opening[name])}</p>')
        # Room for the parts above the chapters, in the outline and for screen readers.
        for heading in article.select("h1, h2, h3, h4, h5"):
            heading["aria-level"] = int(heading.name[1]) + 1
        body.append(article.decode_contents() + "</article>")
    head = head_of(whole[names[0]], (built / names[0]).parent)
    return f"""<!DOCTYPE html>
        <html lang="en" data-theme="light" class="book whole">
        <head>{head}<style>{style_of(articles)}</style></head>
        <body><main class="bd-main"><div class="bd-content">{"".join(body)}</div></main></body>
        </html>"""


def typeset(browser, document):
    """Open an assembled book as a page of the browser, and set its mathematics."""
    page = browser.new_page()
    page.route("**/*", lambda route: route.continue_() if _is_local(route) else route.abort())
    page.goto(document.as_uri(), wait_until="load")
    page.evaluate(TYPESET)
    return page


def printed(page):
    """Return the PDF of a typeset book, in which the contents name the pages, and its headings."""
    options = {"prefer_css_page_size": True, "print_background": True}
    with pikepdf.open(BytesIO(page.pdf(**options))) as draft:
        page.evaluate(NUMBER, page_numbers(draft))
    return page.pdf(**options, tagged=True, outline=True), page.evaluate(HEADINGS)


def page_numbers(document):
    """Return the page, counted from 1, of every place that something in the PDF links to."""
    numbers = {page.objgen: number for number, page in enumerate(document.pages, start=1)}
    return {name.lstrip("/"): numbers[place[0].objgen] for name, place in document.Root.Dests.items()}


def finished(pdf, headings, root=notebooks.ROOT):
    """Return the PDF with the book's title, author and licence, and packed."""
    book, packed = citation(root), BytesIO()
    with pikepdf.open(BytesIO(pdf)) as document:
        with document.open_metadata(set_pikepdf_as_editor=False) as metadata:
            metadata["dc:title"] = book["title"]
            metadata["dc:creator"] = [author["name"] for author in book["authors"]]
            metadata["dc:description"] = " ".join(book["abstract"].split())
            metadata["dc:language"] = {"en"}
            metadata["dc:rights"] = "Text and figures: CC BY 4.0. Code: MIT."
            metadata["pdf:Keywords"] = ", ".join(book["keywords"])
        # Chromium repeats the words of a heading at the top of a page.
        for entry, heading in zip(_entries(document.Root.Outlines), headings, strict=True):
            entry.Title = heading
        document.Root.ViewerPreferences = Dictionary(DisplayDocTitle=True)
        # Chromium uses these names of PDF 2.0 in a file of an older version.
        document.Root.StructTreeRoot.RoleMap = Dictionary(Strong=Name.Span, Em=Name.Span)
        document.save(packed, linearize=True, object_stream_mode=ObjectStreamMode.generate)
    return packed.getvalue()


def write(browser, target, built=BUILD / "html", root=notebooks.ROOT, names=None):
    """Print the pages in ``built``, or some of them, into a PDF."""
    document = built.parent / "pdf" / "book.html"
    document.parent.mkdir(parents=True, exist_ok=True)
    document.write_text(assemble(names, built, root), encoding="utf-8")
    target.write_bytes(finished(*printed(typeset(browser, document)), root))


def main(made=(("why-divide-by-pi.pdf", write),)):
    """Make editions, each with a function of a browser and a path, and offer them; return the exit code."""
    try:
        with chromium.launched() as browser:
            for name, make in made:
                make(browser, downloads.folder() / name)
                print(f"Made for the downloads of the built book: {name}")
    except chromium.Missing as missing:
        print(f"{missing}; Chromium (apt-get install chromium) or Chrome prints the book", file=sys.stderr)
        return 1
    finally:
        downloads.offer()
    return 0


def _entries(outline):
    entry = outline.get("/First")
    while entry is not None:
        yield entry
        yield from _entries(entry)
        entry = entry.get("/Next")


def soup(path):
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


def _is_local(route):
    return urlsplit(route.request.url).scheme in ("file", "data", "blob")


def _slug(name):
    return name.replace("/", "-")


def _anchor(name):
    return f"page-{_slug(name)}"


def _page(name):
    return f"p-{_slug(name)}"


def _make_ids_unique(articles):
    """Give ids that several pages use the name of their page; return ``{(page, id): new id}``."""
    used = Counter(id_ for article in articles.values() for id_ in {e["id"] for e in article.select("[id]")})
    anchors = {}
    for name, article in articles.items():
        for element in article.select("[id]"):
            old = element["id"]
            element["id"] = old if used[old] == 1 else f"{_slug(name)}-{old}"
            anchors[name, old] = element["id"]
    return anchors


def redirect(article, name, anchors, built):
    """Turn links to other pages into links within the document, and let images be found."""
    here = posixpath.dirname(name)
    for image in article.select("img"):
        image["src"] = (built / here / image["src"]).resolve().as_uri()
        image.attrs.pop("loading", None)
    for link in article.select("a[href]"):
        parsed = urlsplit(link["href"])
        if parsed.scheme or parsed.netloc:
            continue
        path = posixpath.normpath(posixpath.join(here, parsed.path)) if parsed.path else name
        page = path.removesuffix(".html")
        target = anchors.get((page, parsed.fragment)) if parsed.fragment else _anchor(page)
        if target and any(page == known for known, _ in anchors):
            link["href"] = f"#{target}"
        else:
            link.unwrap()


def _title_page(citation):
    title, subtitle = citation["title"].split(" — ")
    return f"""<section class="title-page">
        <p class="title">{html.escape(title)}</p>
        <p class="subtitle">{html.escape(subtitle.capitalize())}</p>
        <p class="author">{html.escape(citation["authors"][0]["name"])}</p>
        <p class="imprint">Version {citation["version"]}, {citation["date"]}.<br>
            Text and figures are under CC BY 4.0, the code under the MIT licence.</p>
        <p class="imprint">The code of checks and figures is left out here. The notebooks have it, and on the
            screen some of the figures answer when touched.</p>
    </section>"""


def _contents(articles, anchors, opening):
    lines = []

    def add(kind, heading, target):
        link = f'<a href="#{target}" data-page-of="{target}"><span>{heading.decode_contents()}</span></a>'
        lines.append(f'<li class="{kind}">{link}</li>')

    for name, article in articles.items():
        if name in opening:
            lines.append(f'<li class="contents-part">{html.escape(opening[name])}</li>')
        add("contents-chapter", article.h1, _anchor(name))
        for heading in article.select("h2") if article.h1.select(".section-number") else ():
            add("contents-section", heading, heading.find_parent("section")["id"])
    return f'<section class="contents"><h1>Contents</h1><ul>{"".join(lines)}</ul></section>'


def head_of(soup, folder):
    """Return the head of the document: the style sheets and the MathJax of a page in ``folder``."""
    kept = [f'<link rel="stylesheet" href="{_uri(folder, link["href"])}">'
            for link in soup.select("link[rel=stylesheet]")]  # fmt: skip
    for script in soup.select("script"):
        if "mathjax" in script.get("src", ""):
            kept.append(f'<script defer src="{_uri(folder, script["src"])}"></script>')
        elif "window.MathJax" in script.get_text():
            if '"ui/lazy"' not in (settings := str(script)):
                raise ValueError(
                    f"MathJax is not set up as expected, it would leave out what is far: {settings}"
                )
            kept.append(settings.replace('"ui/lazy"', ""))  # on paper, all is near
    title = html.escape(soup.title.get_text().split(" — ")[-1])
    return f'<meta charset="utf-8"><title>{title}</title>{"".join(kept)}'


def _uri(folder, href):
    return (folder / urlsplit(href).path).resolve().as_uri()


def style_of(articles):
    """Return the fonts, and the running head of each chapter."""
    folder = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    rules = ["@page { size: A4; }", "@page title { @bottom-center { content: none; } }"]
    for family, file, style in FACES:
        source = (folder / f"{file}.ttf").as_uri()
        rules.append(f'@font-face {{ font-family: "{family}"; {style} src: url("{source}"); }}')
    head = '{ content: "%s"; font: italic 9pt STIXGeneral; padding-bottom: 6mm; vertical-align: bottom; }'
    for name, article in articles.items():
        title = article.h1.get_text().replace("\\", "\\\\").replace('"', '\\"')
        rules.append(f"@page {_page(name)} {{ @top-left {head % title} }}")
    return "\n".join(rules)


if __name__ == "__main__":
    sys.exit(main())
