"""The edition for students, without solutions, as pages, a PDF and notebooks: `make student`.

A copy of the book's sources lies in `_build/student`, its notebooks without what stands between the start and
the end of a solution. All else is made from these as the book is from its own, so nothing can leak: pages,
lists, index, search. Nothing is executed.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import nbformat

from booktools import notebooks, pdf
from booktools.sphinx import downloads, teaching
from pgbook import exercises

NAME = "why-divide-by-pi-student"
TREE = notebooks.ROOT / "_build" / "student"
SOURCES = ["_config.yml", "_toc.yml", "index.md", "references.bib", "CITATION.cff"]
SOURCES += ["_static", "_templates", "booktools", "proofs"]
# What a student needs to run the notebooks.
RUN = ["chapters", "pgbook", "booktools/__init__.py", "booktools/install.py", "Makefile", "pyproject.toml"]
RUN += ["requirements.txt", "README.md", "LICENSE", "LICENSE-TEXT"]
README = """# Why Divide by π? For students

In this folder, `make lab` installs everything and opens JupyterLab (on Windows: `py -3.12 -m venv .venv`,
then `.venv\\Scripts\\python -m booktools.install` and `.venv\\Scripts\\python -m jupyterlab chapters`).

"""
CHECK = """The exercises come without solutions. Below each stands `check`: of numbers it says whether they
are right, of other answers that this edition has nothing to compare them with."""
LISTS = ["checked", "mistakes", "proofs", "pgbook", "fast", "changes", "index"]
# What the text says of solutions, and what it says here.
SAID = {
    "_config.yml": [('title: "Why Divide by π?"', 'title: "Why Divide by π? For students"')],
    "CITATION.cff": [("\nversion: ", "\nversion: for students, without solutions, ")],
    "index.md": [
        ("exercises with full solutions", "exercises"),
        ("Exercises come with full solutions.", "In this edition exercises come without solutions."),
    ],
    "chapters/appendix/running.md": [("Solutions are open, so stop at the exercise.", CHECK)],
}
_GATE = re.compile(r"^:::\{solution-(start|end)\}.*?^:::$", re.MULTILINE | re.DOTALL)


def split(notebook):
    """Return the cells outside of solutions and those inside; text that holds both is divided."""
    outside, inside, within = [], [], False
    for cell in notebook.cells:
        if cell.cell_type != "markdown":
            (inside if within else outside).append(cell)
            continue
        first, *rest = _GATE.split(cell.source)
        texts = {within: [first]}
        for gate, text in zip(rest[::2], rest[1::2], strict=True):
            within = gate == "start"
            texts.setdefault(within, []).append(text)
        for side, cells in ((False, outside), (True, inside)):
            text = "\n\n".join(part.strip("\n") for part in texts.get(side, []) if part.strip())
            if text:
                cells.append(nbformat.from_dict({**cell, "source": text}))
    return outside, inside


def stripped(notebook):
    """Return the notebook without solutions; below exercises are seals of numbers, and the hints."""
    kept = nbformat.from_dict(notebook | {"cells": split(notebook)[0]})
    for label, cell in notebooks.stubs(kept):
        hint = cell.outputs[0].text.partition("hint: ")[2].strip()
        seal = exercises.sealed(label, cell.metadata.pop("answer", None))
        cell.metadata["sealed"] = {"label": label, "hint": hint} | seal
    return kept


def make_tree(tree=TREE, root=notebooks.ROOT):
    """Copy the sources of the book, without solutions, and what leads to them."""
    shutil.rmtree(tree, ignore_errors=True)
    ignored = shutil.ignore_patterns("__pycache__", ".*", "*.tmp")
    for name in {*SOURCES, *RUN} - {"booktools/__init__.py", "booktools/install.py"}:
        copy = shutil.copytree if (root / name).is_dir() else shutil.copy
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        copy(root / name, tree / name, **({"ignore": ignored} if (root / name).is_dir() else {}))
    kept = tree / teaching.KEPT.relative_to(notebooks.ROOT)
    kept.write_text(json.dumps([*teaching.exercises().values()], ensure_ascii=False) + "\n", encoding="utf-8")
    gone = set()
    for path in notebooks.paths(tree):
        notebook = notebooks.load(path)
        labels = {label for label, _ in notebooks.equations(notebook)}
        notebook = stripped(notebook)
        gone |= labels - {label for label, _ in notebooks.equations(notebook)}
        path.write_text(nbformat.writes(notebook, version=4) + "\n", encoding="utf-8")
    for path in [tree / "chapters/appendix/index.md", *tree.glob("proofs/*.v")]:
        lines = path.read_text(encoding="utf-8").splitlines()
        path.write_text("\n".join(without(gone, lines)) + "\n", encoding="utf-8")
    changes = tree / "chapters/appendix/changes.md"  # what was corrected in a solution is none of theirs
    told = changes.read_text(encoding="utf-8").split("\n\n")
    changes.write_text("\n\n".join(one for one in told if "{ref}`ex-" not in one) + "\n", encoding="utf-8")
    for name, pairs in SAID.items():
        text = (tree / name).read_text(encoding="utf-8")
        for old, new in pairs:
            pattern = re.sub(r"\\ ", r"\\s+", re.escape(old))  # wherever a line ends
            text, found = re.subn(pattern, new, text)
            assert found == 1, f"{name} says {found} times: {old}"
        (tree / name).write_text(text, encoding="utf-8")
    (tree / "README.md").write_text(README + CHECK + "\n", encoding="utf-8")


def without(gone, lines):
    """Return the lines of the index, or a proof, without those labels, and without lines of no other.

    >>> without({"eq-b"}, ["coin; fair: eq-a, eq-b", "unit: eq-b", "", "(* eq-b 0123abcd for all *)", "text"])
    ['coin; fair: eq-a', '', 'text']
    """
    found = []
    for line in lines:
        head, colon, tail = line.rpartition(": ")
        labels = [label for label in tail.split(", ") if label not in gone]
        proved = re.match(r"\(\* (\S+) [0-9a-f]{8} ", line)
        if labels and not (proved and proved[1] in gone):
            found.append(head + colon + ", ".join(labels))
    return found


def build(tree=TREE):
    """Build the pages of the tree; they name no repository, which would lead to the solutions."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("BOOK_")}
    environment |= {"PYTHONPATH": str(tree), "GIT_CEILING_DIRECTORIES": str(tree.parent)}
    command = [
        Path(sys.executable).with_name("jupyter-book"),
        "build",
        "--quiet",
        "-W",
        "-n",
        "--keep-going",
        ".",
    ]
    subprocess.run(command, cwd=tree, env=environment, check=True)


def packed(target, root, names):
    """Write files, and all in folders, below ``root`` as a zip whose one folder has the name of the file."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            found = [root / name] if (root / name).is_file() else sorted((root / name).rglob("*"))
            for path in found:
                if path.is_file():
                    archive.write(path, Path(target.stem, path.relative_to(root)))


def write(folder, tree=TREE):
    """Make pages and notebooks, and pack them into the folder."""
    make_tree(tree)
    build(tree)
    packed(folder / f"{NAME}-notebooks.zip", tree, RUN)
    packed(folder / f"{NAME}-web.zip", tree / "_build" / "html", ["."])


def pages(tree=TREE):
    """Return the names of the pages that are printed: the chapters and what is read beside them, no lists."""
    lists = tuple(f"chapters/appendix/{name}" for name in LISTS)
    return [name for name in notebooks.listed(tree) if name not in lists]


def printed(browser, target, tree=TREE):
    """Print these pages."""
    pdf.write(browser, target, tree / "_build" / "html", tree, pages(tree))


if __name__ == "__main__":
    write(downloads.folder())
    sys.exit(pdf.main([(f"{NAME}.pdf", printed)]))
