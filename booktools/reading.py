"""How long the main line of a chapter takes to read: `python -m booktools.reading` tells it of every chapter.

The main line is what a page shows before anything is opened: neither the exercises and what follows, nor a
part whose heading begins with "Deeper: ", nor folded code.
"""

import re
from collections import Counter
from dataclasses import dataclass, field
from statistics import median

from booktools import notebooks

WORDS_A_MINUTE, SECONDS_AN_EQUATION, SECONDS_A_LINE = 200, 20, 3
#: The most minutes of a main line, and the most lines of one open cell and of the median one.
MOST_MINUTES, MOST_LINES, MEDIAN_LINES = 25, 12, 6
DEEPER = "Deeper: "

_HEADING = re.compile(r"(?:^\((?P<label>[\w-]+)\)=\n+)?^(?P<level>#+) (?P<title>.*)$", re.MULTILINE)
_DISPLAYED = re.compile(
    r"^\$\$.*?\$\$[^\n]*$|^\\begin\{(\w+\*?)\}.*?^\\end\{\1\}|^(:::+|```+)\{math\}.*?^\2$",
    re.DOTALL | re.MULTILINE,
)
# What is not read: closed boxes, comments, labels, options and fences of directives, the addresses of links.
_UNSEEN = re.compile(
    r"^(?P<fence>:::+)\{(?:dropdown\}|[^\n]*\n:class:[^\n]*\bdropdown\b)(?s:.*?)^(?P=fence)$|"
    r"^%.*$|^\([\w-]+\)=$|^:[\w-]+:.*$|^(?::::+|```+)(?:\{[^}]*\})?|\{[\w:]+\}(?=`)|\]\([^)]*\)|\s<[^<>`\n]*>(?=`)",
    re.MULTILINE,
)


@dataclass
class Section:
    """One section of a main line without those inside it, and what it holds that takes time."""

    title: str
    level: int
    label: str | None = None
    count: Counter = field(default_factory=Counter)
    cells: list[int] = field(default_factory=list)  # lines of each open cell

    def add(self, text):
        """Count a text; a formula in a line counts as one word."""
        self.count["equations"] += len(_DISPLAYED.findall(text))
        seen = re.sub(r"\$[^$]+\$", "formula", _UNSEEN.sub(" ", _DISPLAYED.sub("", text)))
        self.count["words"] += len(re.findall(r"[^\W_][\w’'.,:-]*", seen))


def sections(notebook):
    """Return the sections of the main line, in order.

    >>> from nbformat.v4 import new_markdown_cell, new_notebook
    >>> text = "# One\\nfirst\\n## Deeper: more\\nno\\n(two)=\\n## Two\\nis second\\n## Exercises\\nlater"
    >>> notebook = new_notebook(cells=[new_markdown_cell(text)])
    >>> [(part.title, part.count["words"]) for part in sections(notebook)]
    [('One', 2), ('Two', 3)]
    """
    found, skipped = [Section("", 0)], None  # the level of the heading whose part is passed over
    for cell in notebook.cells:
        if cell.cell_type == "code":
            if skipped is None:
                found[-1].add(cell.metadata.get("mystnb", {}).get("figure", {}).get("caption", ""))
                if "hide-input" not in cell.metadata.get("tags", []):
                    found[-1].cells.append(len(cell.source.splitlines()))
            continue
        headings = list(_HEADING.finditer(cell.source))
        ends = [*(heading.start() for heading in headings), len(cell.source)]
        if skipped is None:
            found[-1].add(cell.source[: ends[0]])
        for heading, end in zip(headings, ends[1:], strict=True):
            level, title = len(heading["level"]), heading["title"]
            if title == "Exercises":
                return found[1:]
            if skipped is None or level <= skipped:
                skipped = level if title.startswith(DEEPER) else None
                if skipped is None:
                    found.append(Section(title, level, heading["label"]))
                    found[-1].add(cell.source[heading.start("title") : end])
    return found[1:]


def minutes(parts):
    """Return the minutes that sections take, not rounded.

    >>> part = Section("", 1, cells=[10])
    >>> part.add("word " * 300 + "\\n\\n$$\\nx\\n$$\\n")
    >>> round(minutes([part]), 2)
    2.33
    """
    words, equations = (sum(part.count[kind] for part in parts) for kind in ("words", "equations"))
    lines = sum(sum(part.cells) for part in parts)
    return words / WORDS_A_MINUTE + (SECONDS_AN_EQUATION * equations + SECONDS_A_LINE * lines) / 60


def dated(notebook):
    """Bring up to date how long a chapter says, below its title, that its main line takes."""
    said = f"*Main line: {minutes(sections(notebook)):.0f} minutes*"
    for cell in notebook.cells[:1]:
        cell.source = re.sub(r"^\*Main line: \d+ minutes\*$", said, cell.source, flags=re.MULTILINE)


def problems(notebook):
    """Return, as sentences, what makes a main line too long."""
    parts = sections(notebook)
    lengths = [length for part in parts for length in part.cells]
    taken, found = round(minutes(parts)), []
    if f"\n*Main line: {taken} minutes*\n" not in notebook.cells[0].source:
        found.append(f"its head does not say '*Main line: {taken} minutes*' (make notebooks)")
    if taken > MOST_MINUTES:
        found.append(f"the main line takes {taken} minutes, more than {MOST_MINUTES}")
    if max(lengths, default=0) > MOST_LINES:
        found.append(f"an open cell has {max(lengths)} lines, more than {MOST_LINES}: fold or split it")
    if lengths and median(lengths) > MEDIAN_LINES:
        found.append(f"the median open cell has {median(lengths)} lines, more than {MEDIAN_LINES}")
    return found


def main():
    print(f"{'':24}  words  equations  open lines  longest  median  minutes")
    for path in notebooks.chapters():
        parts = sections(notebooks.load(path))
        words, equations = (sum(part.count[kind] for part in parts) for kind in ("words", "equations"))
        lengths = [length for part in parts for length in part.cells] or [0]
        print(
            f"{path.stem:24}  {words:5}  {equations:9}  {sum(lengths):10}  {max(lengths):7}"
            f"  {median(lengths):6}  {minutes(parts):7.0f}"
        )


if __name__ == "__main__":
    main()
