"""The book for e-readers: `make epub` writes the built pages as EPUB 3, its formulas as MathML.

Solutions stay where they are, below their exercises: nothing can be closed in a book without scripts.
"""

import html
import posixpath
import re
import sys
import unicodedata
import uuid
import zipfile
from pathlib import Path
from urllib.parse import unquote, urlsplit

from lxml import etree
from lxml import html as lxml_html

from booktools import notebooks, pdf

# Attributes that HTML has and EPUB has not, or that only matter to scripts.
DROPPED = (
    "align",
    "aria-level",
    "border",
    "download",
    "height",
    "loading",
    "role",
    "tabindex",
    "valign",
    "width",
)
MATHML = """async formulas => {
    await window.MathJax.startup.promise;
    return formulas.map(([tex, display]) => MathJax.tex2mml(tex, {display}));
}"""
PAGE = """<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE html>
<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops" lang="en" xml:lang="en">
<head><meta charset="utf-8"/><title>{title}</title><link rel="stylesheet" href="book.css"/></head>
<body{id}>{body}</body>
</html>
"""
CONTAINER = """<?xml version="1.0"?>
<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
<rootfiles><rootfile full-path="book/content.opf" media-type="application/oebps-package+xml"/></rootfiles>
</container>
"""
OPF = """<?xml version="1.0" encoding="utf-8"?>
<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id" xml:lang="en">
<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">
<dc:identifier id="id">urn:uuid:{identifier}</dc:identifier>
<dc:title>{title}</dc:title>
<dc:language>en</dc:language>
<dc:creator>{author}</dc:creator>
<dc:rights>Text and figures: CC BY 4.0. Code: MIT.</dc:rights>
<dc:description>{abstract}</dc:description>
<meta property="dcterms:modified">{date}T00:00:00Z</meta>
<meta property="schema:accessMode">textual</meta>
<meta property="schema:accessMode">visual</meta>
<meta property="schema:accessModeSufficient">textual</meta>
<meta property="schema:accessibilityFeature">MathML</meta>
<meta property="schema:accessibilityFeature">alternativeText</meta>
<meta property="schema:accessibilityFeature">tableOfContents</meta>
<meta property="schema:accessibilityHazard">none</meta>
</metadata>
<manifest>
{manifest}
</manifest>
<spine>
{spine}
</spine>
</package>
"""


def formulas(articles):
    """Return each element that holds a formula, with its TeX and whether it is displayed."""
    found = []
    for article in articles.values():
        for element in article.xpath(".//*[contains(concat(' ', @class, ' '), ' math ')]"):
            number = element.find("span[@class='eqno']")
            text = (element.text or "") + ((number.tail or "") if number is not None else "")
            tex = re.fullmatch(r"\s*\\[(\[](.*)\\[)\]]\s*", text, re.DOTALL)
            found.append((element, tex[1].strip() if tex else text.strip(), element.tag == "div"))
    return found


def letter(style, plain):
    """Return a letter or digit in a style of mathematics.

    >>> letter("double-struck", "E"), letter("bold", "1"), letter("double-struck", "R")
    ('𝔼', '𝟏', 'ℝ')
    """
    kind = f"{style.upper()} {unicodedata.name(plain).removeprefix('LATIN ').replace(' LETTER', '')}"
    try:
        return unicodedata.lookup(f"MATHEMATICAL {kind}")
    except KeyError:
        return unicodedata.lookup(kind)


def put_in(element, mathml, tex):
    """Put a formula as MathML in the place of its TeX; its number follows it."""
    math = etree.fromstring(mathml.replace('columnspacing=""', ""))
    for part in math.iter():
        for name in [name for name in part.attrib if name.startswith("data-")]:
            del part.attrib[name]
        style = part.get("mathvariant", "normal")
        if style != "normal":  # browsers know the letter itself, and not that attribute
            part.text = "".join(letter(style, one) for one in part.text)
            del part.attrib["mathvariant"]
    math.set("alttext", " ".join(tex.split()))
    number = element.find("span[@class='eqno']")
    element.text = None
    if number is not None:
        number.tail = None
    element.insert(len(element), math)


def clean(article, owner):
    """Make of an article what EPUB admits; links go to the file that has the place.

    The map of what builds on what is for the screen: it is a drawing with links, and its text is its caption.
    """
    for drawing in article.xpath(".//svg | .//div[contains(concat(' ', @class, ' '), ' map ')]"):
        drawing.drop_tree()
    for element in article.iter():
        if not isinstance(element.tag, str) or element.tag.startswith("{"):  # a comment, a formula
            continue
        for name in DROPPED:
            element.attrib.pop(name, None)
        target = element.get("href", "")
        if target.startswith("#"):
            element.set("href", f"{owner[target[1:]]}.xhtml{target}")


def pictures(articles):
    """Name the images of all articles anew; return ``{name: path}``."""
    found = {}
    for article in articles.values():
        for image in article.iter("img"):
            path = Path(unquote(urlsplit(image.get("src")).path))
            name = f"images/{path.name}"
            assert found.setdefault(name, path).read_bytes() == path.read_bytes(), (
                f"two images are called {name}"
            )
            image.set("src", name)
    return found


def contents(articles, titles):
    """Return the navigation: parts, chapters and their sections."""
    opening = {pages[0]: title for title, pages in pdf.parts()}
    lines = []
    for name, article in articles.items():
        file = f"{pdf._slug(name)}.xhtml"
        if name in opening:
            lines += ["</ol></li>" if any("<span>" in line for line in lines) else ""]
            lines.append(f"<li><span>{html.escape(opening[name])}</span><ol>")
        sections = article.xpath("./section/section[@id]/h2") if "/appendix/" not in name else []
        inner = "".join(
            f'<li><a href="{file}#{heading.getparent().get("id")}">{html.escape(_words(heading))}</a></li>'
            for heading in sections
        )
        inner = f"<ol>{inner}</ol>" if inner else ""
        lines.append(f'<li><a href="{file}">{html.escape(titles[name])}</a>{inner}</li>')
    return f'<nav epub:type="toc"><h1>Contents</h1><ol>{"".join(lines)}</ol></li></ol></nav>'


def _words(element):
    return " ".join(element.text_content().split())


def write(browser, target, built=notebooks.HTML):
    """Write the built pages as an EPUB."""
    whole, soups, anchors = pdf.gathered(notebooks.listed(), built)
    articles = {name: lxml_html.fromstring(str(soup)) for name, soup in soups.items()}
    owner = {new: pdf._slug(name) for (name, _), new in anchors.items()}
    owner |= {pdf._anchor(name): pdf._slug(name) for name in articles}
    titles = {name: _words(article.find(".//h1")) for name, article in articles.items()}
    found = formulas(articles)
    page = browser.new_page()
    first = next(iter(whole))
    document = pdf.BUILD / "pdf" / "formulas.html"
    document.parent.mkdir(parents=True, exist_ok=True)
    document.write_text(
        f"<!DOCTYPE html>{pdf.head_of(whole[first], (built / first).parent)}", encoding="utf-8"
    )
    page.goto(document.as_uri(), wait_until="load")
    written = page.evaluate(MATHML, [[tex, display] for _, tex, display in found])
    page.close()
    for (element, tex, _), mathml in zip(found, written, strict=True):
        put_in(element, mathml, tex)
    images = pictures(articles)
    files = {"nav.xhtml": PAGE.format(title="Contents", id="", body=contents(articles, titles))}
    for name, article in articles.items():
        clean(article, owner)
        body = etree.tostring(article, encoding="unicode", method="xml", with_tail=False)
        slug = pdf._slug(name)
        files[f"{slug}.xhtml"] = PAGE.format(
            title=html.escape(titles[name]), id=f' id="{pdf._anchor(name)}"', body=body
        )
    pack(target, files, images)


def pack(target, files, images):
    """Write the archive, its first entry what it is."""
    book = pdf.citation()
    items = ['<item id="css" href="book.css" media-type="text/css"/>']
    for name in files:
        properties = ["nav"] * (name == "nav.xhtml") + ["mathml"] * ("<math " in files[name])
        said = f' properties="{" ".join(properties)}"' if properties else ""
        items.append(f'<item id="{name[:-6]}" href="{name}" media-type="application/xhtml+xml"{said}/>')
    kinds = {".svg": "image/svg+xml", ".png": "image/png"}
    for number, name in enumerate(images):
        items.append(
            f'<item id="i{number}" href="{name}" media-type="{kinds[posixpath.splitext(name)[1]]}"/>'
        )
    order = ["index", "nav", *(name[:-6] for name in files if name not in ("nav.xhtml", "index.xhtml"))]
    opf = OPF.format(
        identifier=uuid.uuid5(uuid.NAMESPACE_URL, f"{book['title']} {book['version']}"),
        title=html.escape(book["title"]),
        author=html.escape(book["authors"][0]["name"]),
        abstract=html.escape(" ".join(book["abstract"].split())),
        date=book["date-released"],
        manifest="\n".join(items),
        spine="\n".join(f'<itemref idref="{name}"/>' for name in order),
    )
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/epub+zip", zipfile.ZIP_STORED)
        archive.writestr("META-INF/container.xml", CONTAINER)
        archive.writestr("book/content.opf", opf)
        archive.write(Path(__file__).with_suffix(".css"), "book/book.css")
        for name, text in files.items():
            archive.writestr(f"book/{name}", text)
        for name, path in images.items():
            if path.suffix == ".svg":  # a space is a glyph without a path
                drawn = re.sub(r"<path (?![^>]*\bd=)", '<path d="M0 0" ', path.read_text(encoding="utf-8"))
                archive.writestr(f"book/{name}", drawn)
            else:
                archive.write(path, f"book/{name}")


if __name__ == "__main__":
    sys.exit(pdf.main([("why-divide-by-pi.epub", write)]))
