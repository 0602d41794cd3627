"""What only the solutions say, and how it is known again in a page, a notebook or a PDF."""

import json
import re
from types import SimpleNamespace

import pypdfium2
from lxml import html

from booktools import notebooks, student

LENGTH = 28  # letters and digits by which a sentence or a line is known again
MARKUP = re.compile(r"[$`{}*_\[\]()<>|\\\n]|https?:\S+")


def plain(text):
    return re.sub(r"[\W_]+", "", text.replace("ﬁ", "fi").replace("ﬂ", "fl").replace("ﬀ", "ff"))


def lines(cells):
    """Return what the cells say, in pieces without markup: sentences, lines of code and of outputs."""
    found = []
    for cell in cells:
        found += (MARKUP.split if cell.cell_type == "markdown" else str.splitlines)(cell.source)
        for output in cell.get("outputs", []):
            found += (output.get("text") or output.get("data", {}).get("text/plain", "")).splitlines()
    # A Greek letter may be a formula elsewhere.
    return {one[:LENGTH] for one in map(plain, found) if len(one) >= LENGTH and one[:LENGTH].isascii()}


def meets(text, pieces):
    """Return which of the pieces are in a text."""
    text = plain(text)
    windows = (text[start : start + LENGTH] for start in range(len(text) - LENGTH + 1))
    return {window for window in windows if window in pieces}


def read(path):
    """Return all there is to read in a file, attributes of pages and metadata of notebooks too."""
    if path.suffix == ".pdf":
        with pypdfium2.PdfDocument(path) as pages:
            return "".join(page.get_textpage().get_text_bounded() for page in pages)
    if path.suffix == ".html":
        page = html.parse(path).getroot()
        return "\n".join([page.text_content(), *page.xpath("//@*")])
    text = path.read_bytes().decode("utf-8", errors="ignore")
    if path.suffix == ".ipynb":
        cells = json.loads(text)["cells"]
        return "\n".join("".join(cell["source"]) + json.dumps(cell, ensure_ascii=False) for cell in cells)
    return text.replace("\\n", " ")


def there_alone():
    """Return the lines and the numbers that nothing but the solutions has."""
    paths = notebooks.paths()
    sides = [student.split(notebooks.load(path)) for path in paths]
    secret = set().union(*(lines(inside) for _, inside in sides))
    outside = [cell.source + str(cell.get("outputs", "")) for cells, _ in sides for cell in cells]
    outside += map(read, [*notebooks.ROOT.glob("pgbook/**/*.py"), *notebooks.ROOT.glob("chapters/**/*.md")])
    kept = [
        cell.metadata.get("answer") for path in paths for _, cell in notebooks.stubs(notebooks.load(path))
    ]
    numbers = {f"{abs(value)}" for told in kept if told for value in told["answer"]}
    long = {number for number in numbers if len(number.replace(".", "").strip("0")) >= 5}
    said = "\n".join(outside)
    return SimpleNamespace(
        lines=secret - meets(said, secret), numbers={one for one in long if one not in said}
    )
