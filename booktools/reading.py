"""How long the main line of a chapter takes to read: `python -m booktools.reading` says it for every chapter.

The main line is what a page shows before anything is opened: neither the exercises and what follows, nor a
part whose heading begins with "Deeper: ", nor folded code.
"""

import re
from collections import Counter
from statistics import median

from booktools import notebooks

WORDS_A_MINUTE, SECONDS_AN_EQUATION, SECONDS_A_LINE = 200, 20, 3
#: The most minutes of a main line, and lines of one open cell and of the median one.
MOST_MINUTES, MOST_LINES, MEDIAN_LINES = 25, 12, 6
DEEPER = "Deeper: "

_HEADING = re.compile(r"^(#+) (.*)$", re.MULTILINE)
_DISPLAYED = re.compile(r"^\$\$.*?\$\$[^\n]*$|^(:::+|```+)\{math\}.*?^\1$", re.DOTALL | re.MULTILINE)
# What a page does not show: comments, labels, options and fences of directives, the addresses of links.
_UNSEEN = re.compile(
    r"^%.*$|^\([\w-]+\)=$|^:[\w-]+:.*$|^(?::::+|```+)(?:\{[^}]*\})?|\{[\w:]+\}(?=`)|\]\([^)]*\)|\s<[^<>`\n]*>(?=`)",
    re.MULTILINE,
)


def main_line(notebook):
    """Return the cells of the main line, with as much of each text as belongs to it.

    >>> from nbformat.v4 import new_markdown_cell, new_notebook
    >>> text = "# One\\nfirst\\n## Deeper: more\\nnot now\\n## Two\\nsecond\\n## Exercises\\nlater"
    >>> [text for _, text in main_line(new_notebook(cells=[new_markdown_cell(text)]))]
    ['# One\\nfirst\\n## Two\\nsecond\\n']
    """
    found, skipped = [], None  # the level of the heading whose part is passed over
    for cell in notebook.cells:
        if cell.cell_type == "code":
            if skipped is None:
                found.append((cell, cell.source))
            continue
        starts = [match.start() for match in _HEADING.finditer(cell.source)]
        kept = []
        for start, end in zip([0, *starts], [*starts, len(cell.source)], strict=True):
            part = cell.source[start:end]
            heading = _HEADING.match(part)
            if heading and (skipped is None or len(heading[1]) <= skipped):
                left = heading[2].startswith(DEEPER) or heading[2] == "Exercises"
                skipped = len(heading[1]) if left else None
                if heading[2] == "Exercises":
                    return [*found, (cell, "".join(kept))]
            if skipped is None:
                kept.append(part)
        found.append((cell, "".join(kept)))
    return found


def amounts(notebook):
    """Return the number of words, displayed equations and open lines of code, and each open cell's lines.

    A formula in a line of text counts as one word.
    """
    count, lengths = Counter(), []
    for cell, text in main_line(notebook):
        if cell.cell_type == "code":
            text = cell.metadata.get("mystnb", {}).get("figure", {}).get("caption", "")
            if "hide-input" not in cell.metadata.get("tags", []):
                lengths.append(len(cell.source.splitlines()))
        count["equations"] += len(_DISPLAYED.findall(text))
        words = re.sub(r"\$[^$]+\$", "formula", _UNSEEN.sub(" ", _DISPLAYED.sub("", text)))
        count["words"] += len(re.findall(r"[^\W_][\w’'.,:-]*", words))
    return count["words"], count["equations"], sum(lengths), lengths


def minutes(notebook):
    """Return the minutes that the main line takes.

    >>> from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
    >>> cells = [new_markdown_cell("word " * 300 + "\\n\\n$$\\nx\\n$$\\n"), new_code_cell("1\\n" * 10)]
    >>> minutes(new_notebook(cells=cells))
    2
    """
    words, equations, lines, _ = amounts(notebook)
    return round(words / WORDS_A_MINUTE + (SECONDS_AN_EQUATION * equations + SECONDS_A_LINE * lines) / 60)


def dated(notebook):
    """Write at the head of a chapter, below its title, how long its main line takes."""
    if not notebook.cells or not notebook.cells[0].source.startswith("# "):
        return
    title, _, text = notebook.cells[0].source.partition("\n")
    text = re.sub(r"\A\n\*Main line: \d+ minutes\*\n", "", text)
    notebook.cells[0].source = f"{title}\n\n*Main line: {minutes(notebook)} minutes*\n{text}"


def main():
    print(f"{'':24}  words  equations  open lines  longest  median  minutes")
    for path in notebooks.chapters():
        notebook = notebooks.load(path)
        words, equations, lines, lengths = amounts(notebook)
        print(
            f"{path.stem:24}  {words:5}  {equations:9}  {lines:10}  {max(lengths, default=0):7}"
            f"  {median(lengths or [0]):6}  {minutes(notebook):7}"
        )


if __name__ == "__main__":
    main()
