"""What a reader can find: sections, terms and functions of the built pages, and what the index calls them.

They are written into a script file, because a page that is opened from a disk may fetch nothing. MiniSearch
stands in front of them there and answers `_static/search.js`. Sphinx's own search is left out.
"""

import json
import re
from collections import defaultdict
from pathlib import Path
from urllib.parse import urljoin

from lxml import html

from booktools.sphinx.head import plain

INDEX, CHECKED = "chapters/appendix/index", "chapters/appendix/checked"
_ASIDE = "self::button or self::pre or self::script or self::style or self::svg or @class='headerlink'"
_ASIDE += " or self::summary[not(.//h2 or .//h3)] or self::p[starts-with(@id, 'check-')]"
_SAID = ".//*[self::p or self::figcaption][not(ancestor::table)]"
_AFTER_NAME = re.compile(" ?\N{EN SPACE}| see ")


def text(element):
    """Return the words of an element."""
    return " ".join(element.text_content().split())


def article(path):
    """Return the main part of a built page without code and checks, its formulas as plain text."""
    (found,) = html.parse(path).xpath("//article")
    for element in found.xpath(f".//*[{_ASIDE}]"):
        element.drop_tree()
    for math in found.xpath(".//*[contains(@class, 'math ')]"):
        math.text = plain(math.text_content()[2:-2]) if math.tag == "span" else ""
    return found


def place(url, title):
    """Return a place that can be found. The answer counts most, and a chapter more than the back matter."""
    weight = 2 if url == "index.html" else 0.5 if "/appendix/" in url else 1
    return {"url": url, "title": title, "weight": weight, "terms": [], "subjects": [], "text": []}


def places(page, url):
    """Return the places of a page, and in which of them each of its ids lies."""
    found = {}
    for heading in page.xpath(".//section//*[self::h1 or self::h2 or self::h3]"):
        section = next(heading.iterancestors("section"))
        anchor = "" if heading.tag == "h1" else f"#{section.get('id')}"
        found[section] = place(url + anchor, text(heading))
    for term in page.xpath(".//dt[@id][following-sibling::dd]"):
        name = text(term) if term.get("id").startswith("term-") else term.get("id")
        found[term] = found[term.getnext()] = place(f"{url}#{term.get('id')}", name)

    def around(element):
        return next((found[e] for e in [element, *element.iterancestors()] if e in found), None)

    for said in page.xpath(_SAID):
        if around(said):
            around(said)["text"].append(text(said))
    ids = {f"{url}#{element.get('id')}": around(element) for element in page.xpath(".//*[@id]")}
    return list({each["url"]: each for each in found.values()}.values()), ids


def name_places(index, ids):
    """Give the places what the index calls them; where it says "see", also that name."""
    called, see = defaultdict(list), []
    for line in index.xpath(".//*[contains(@class, 'index')]//li/p"):
        above = [item.find("p") for item in line.iterancestors("li")]
        name = " ".join(_AFTER_NAME.split(entry.text_content())[0] for entry in reversed(above))
        for link in line.xpath(".//a"):
            if link.get("href").startswith("#"):
                see.append((name, link.get("href")[1:]))
            elif found := ids.get(urljoin(f"{INDEX}.html", link.get("href"))):
                main = link.find("strong") is not None or "glossary" in link.get("href")
                names = found["terms" if main else "subjects"]
                called[above[-1].get("id")].append(names)
                names.append(name)
    for name, entry in see:
        for names in called[entry]:
            names.append(name)


def collect(folder, names):
    """Return all places of the built pages."""
    found, ids = [], {}
    for name in sorted(set(names) - {INDEX, CHECKED}):
        ours, anchors = places(article(folder / f"{name}.html"), f"{name}.html")
        found += [each | {"page": ours[0]["title"]} for each in ours]
        ids |= anchors
    if INDEX in names:
        name_places(article(folder / f"{INDEX}.html"), ids)
    for each in found:
        each |= {key: "; ".join(dict.fromkeys(each[key])) for key in ("terms", "subjects")}
        each["text"] = "\n".join(each["text"])
    return found


def leave_out(app):
    app.builder.search = False


def search_page(app):
    return [("search", {}, "search.html")]


def write(app, exception):
    if not exception and app.builder.format == "html":
        found = collect(Path(app.outdir), app.env.found_docs)
        script = Path(__file__).with_name("minisearch.js").read_text(encoding="utf-8")
        script += f"const PLACES = {json.dumps(found, ensure_ascii=False)};\n"
        Path(app.outdir, "_static", "places.js").write_text(script, encoding="utf-8")


def setup(app):
    app.connect("builder-inited", leave_out)
    app.connect("html-collect-pages", search_page)
    app.connect("build-finished", write)
    app.add_js_file("search.js", loading_method="defer")
    return {"parallel_read_safe": True, "parallel_write_safe": True}
