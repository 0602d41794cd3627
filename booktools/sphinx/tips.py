"""What a link leads to, for `tips.js` to show beside it: equations, theorems, figures, terms, papers.

They are taken from the written pages into one script, which a page asks for when the first is to be shown. A
script, because a page that was opened from a disk may not read other files.
"""

import json
import posixpath
import shutil
from copy import deepcopy
from pathlib import Path

from lxml import html

# Where ids are, and what of the page belongs to them: a term is told by its definition.
_KINDS = (
    "//div[@id][contains(@class, 'math') or contains(@class, 'proof') or @class='citation'] | //figure[@id]"
    " | //dl[contains(@class, 'glossary')]/dt[@id]/following-sibling::dd[1]"
)
_DROPPED = ".//*[contains(@class, 'headerlink') or self::script]"


def targets(page, name):
    """Return what a page has for others to show, as HTML by id; pictures are found from the root.

    >>> page = html.fromstring('<p><b></b><div class="math" id="eq-x">x <a class="headerlink"></a></div></p>')
    >>> targets(page, "chapters/one.html")
    {'eq-x': '<div class="math">x </div>'}
    """
    found = {}
    for original in page.xpath(_KINDS):
        place = (original if original.tag != "dd" else original.getprevious()).attrib["id"]
        element = deepcopy(original)
        element.tail = None
        for dropped in element.xpath(_DROPPED):
            dropped.drop_tree()
        for node in element.iter("*"):
            node.attrib.pop("id", None)
            node.attrib.pop("role", None)
            if node.tag == "a":
                node.tag = "span"
                node.attrib.clear()
            if node.tag == "img":
                node.attrib["src"] = posixpath.normpath(posixpath.join(name, "..", node.attrib["src"]))
        element.tag = "div"  # dd and figure are nothing by themselves
        found[place] = html.tostring(element, encoding="unicode")
    return found


def write(app, error):
    """Write what the pages of the book hold, and the script that shows it.

    Jupyter Book would load a script of our `_static` a second time.
    """
    if error or app.builder.format != "html":
        return
    root, tips = Path(app.outdir), {}
    for docname in sorted(app.env.found_docs):
        name = app.builder.get_target_uri(docname)
        page = html.fromstring((root / name).read_text(encoding="utf-8"))
        tips |= {f"{name}#{place}": text for place, text in targets(page, name).items()}
    data = json.dumps(tips, ensure_ascii=False, separators=(",", ":"))
    shutil.copy(Path(__file__).with_name("tips.js"), root / "_static")
    (root / "_static/targets.js").write_text(f"window.bookTargets = {data};\n", encoding="utf-8")


def setup(app):
    app.add_js_file("tips.js", loading_method="defer")
    app.connect("build-finished", write)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
