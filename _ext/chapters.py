"""Reading the chapters: which there are, their equations and checks, and what is wrong with them.

The tests, `make notebooks` and the pages generated at build time all read chapters through this module.
"""

import ast
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

import nbformat
import yaml

ROOT = Path(__file__).resolve().parent.parent
# Characters of code that fit on a page.
LINE = 78
KINDS = ("symbolic", "exact", "gradient", "expectation")

_EQUATION = re.compile(r"^\$\$\s*\n(?P<latex>.*?)\n\$\$ *\((?P<label>[^)\s]+)\)", re.DOTALL | re.MULTILINE)
# Explorers, as pgbook.explorers stores them.
EXPLORER = "application/vnd.vegalite.v5+json"
_FIGURES = {"image/svg+xml", EXPLORER}
# nbval passes over these.
_UNCOMPARED = {"image/png", "image/jpeg", "application/vnd.jupyter.widget-view+json"}
_NOT_REPRODUCIBLE = re.compile(r"(?:^|[\s'\"(])(?:/\w[\w.-]*/|[A-Z]:\\)|\b0x[0-9a-f]{6,}")


@dataclass(frozen=True)
class Check:
    """One call of a ``verify`` function in a chapter."""

    label: str | None
    kind: str
    cell: int
    rejects: bool


def chapters(root=ROOT):
    """Return the paths of all notebooks listed in ``_toc.yml``, in reading order."""
    return [root / f"{name}.ipynb" for name in listed(root) if (root / f"{name}.ipynb").exists()]


def listed(root=ROOT):
    """Return the names of all pages in ``_toc.yml``, in reading order, the landing page first."""
    toc = yaml.safe_load((root / "_toc.yml").read_text(encoding="utf-8"))
    found = [toc["root"]]

    def walk(node):
        if isinstance(node, dict):
            found.extend([node["file"]] if "file" in node else [])
            for value in node.values():
                walk(value)
        elif isinstance(node, list):
            for item in node:
                walk(item)

    walk({key: value for key, value in toc.items() if key != "root"})
    return found


def load(path):
    """Return the notebook; a ``ValueError`` names the file if it is not one."""
    try:
        notebook = nbformat.read(path, as_version=4)
        nbformat.validate(notebook)
    except Exception as error:
        raise ValueError(f"{path.name} is not a notebook: {str(error).splitlines()[0]}") from error
    return notebook


def cells(notebook, kind):
    """Return ``(index, cell)`` for the cells of a kind, ``"code"`` or ``"markdown"``."""
    return [(index, cell) for index, cell in enumerate(notebook.cells) if cell.cell_type == kind]


def equations(notebook):
    """Return ``(label, latex)`` for every labelled equation, in order."""
    found = (_EQUATION.finditer(cell.source) for _, cell in cells(notebook, "markdown"))
    return [(match["label"], match["latex"]) for matches in found for match in matches]


def fingerprint(latex):
    """Return eight hexadecimal digits that change whenever the equation does, white space apart."""
    return hashlib.sha256(" ".join(latex.split()).encode()).hexdigest()[:8]


def checks(notebook):
    """Return every call of a ``verify`` function, in order."""
    found = []
    for index, cell in cells(notebook, "code"):
        for node in ast.walk(ast.parse(cell.source)):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in {f"verify.{kind}" for kind in KINDS}:
                label = getattr(node.args[0], "value", None) if node.args else None
                given = {keyword.arg: keyword.value for keyword in node.keywords}
                rejects = bool(getattr(given.get("rejects"), "keys", ())) or "why_none" in given
                found.append(Check(label if isinstance(label, str) else None, node.func.attr, index, rejects))
    return found


def stamps(notebook):
    """Return, per code cell that checks equations, ``(cell, {label: fingerprint})`` as it should be."""
    latex = dict(equations(notebook))
    found = {}
    for check in checks(notebook):
        if check.label in latex:
            found.setdefault(check.cell, {})[check.label] = fingerprint(latex[check.label])
    return [(cell, found.get(index, {})) for index, cell in cells(notebook, "code")]


def equation_problems(notebook):
    """Return what is wrong with the labelled equations of one chapter and their checks."""
    labels = [label for label, _ in equations(notebook)]
    called = checks(notebook)
    checked = {check.label for check in called}
    problems = [f"equation {label} is labelled twice" for label in set(labels) if labels.count(label) > 1]
    problems += [f"equation {label}: a label starts with eq-" for label in labels if label[:3] != "eq-"]
    problems += [f"equation {label} has no check" for label in labels if label not in checked]
    for check in called:
        call = f"cell {check.cell}: verify.{check.kind}"
        if check.label is None:
            problems.append(f"{call} names no equation")
        elif check.label not in labels:
            problems.append(f"{call} names {check.label}, which is no equation of this chapter")
        if not check.rejects:
            problems.append(f"{call} rejects no wrong version and does not say why")
    return problems


def source_problems(notebook):
    """Return what is wrong with the text and code of one chapter, before anything is executed."""
    problems = equation_problems(notebook)
    for index, cell in cells(notebook, "code"):
        if not cell.source.strip():
            problems.append(f"cell {index} is empty")
        longest = max(map(len, cell.source.splitlines()), default=0)
        if longest > LINE:
            problems.append(f"cell {index} has a line of {longest} characters, more than the page's {LINE}")
        tags = cell.metadata.get("tags", [])
        if any("nbval" in tag for tag in tags) or re.search(r"#\s*NBVAL", cell.source, re.IGNORECASE):
            problems.append(f"cell {index} asks nbval to look away")
    kernel = notebook.metadata.get("kernelspec", {}).get("name")
    if kernel != "python3":
        problems.append(f"the kernel is {kernel!r}, not 'python3'")
    ids = [cell.get("id") for cell in notebook.cells]
    if None in ids or len(set(ids)) < len(ids):
        problems.append("cell ids are missing or not unique")
    return problems


def output_problems(notebook):
    """Return what is wrong with the outputs of one chapter."""
    problems = []
    for count, (index, cell) in enumerate(cells(notebook, "code"), start=1):
        if cell.execution_count != count:
            problems.append(f"cell {index} has execution count {cell.execution_count}, expected {count}")
        figure = cell.metadata.get("mystnb", {}).get("figure", {})
        drawn = [output for output in cell.outputs if _FIGURES & set(output.get("data", {}))]
        texts = [
            figure.get("name", "").startswith("fig-"),
            figure.get("caption"),
            *map(_alt_text(cell), drawn),
        ]
        if drawn and not all(texts):
            problems.append(f"cell {index} draws a figure without a name (fig-...), a caption or alt text")
        if figure and not (len(drawn) == len(cell.outputs) == 1):
            problems.append(f"cell {index} has a caption but does not show exactly one figure")
        for output in cell.outputs:
            if output.output_type == "error" or output.get("name") == "stderr":
                problems.append(f"cell {index} shows an error or writes to stderr")
            for mime in _UNCOMPARED & set(output.get("data", {})):
                problems.append(f"cell {index} shows {mime}, which nbval does not compare")
            text = output.get("text", "") + output.get("data", {}).get("text/plain", "")
            if _NOT_REPRODUCIBLE.search(text):
                problems.append(f"cell {index} shows a path or a memory address")
    for (index, cell), (_, expected) in zip(cells(notebook, "code"), stamps(notebook), strict=True):
        if cell.metadata.get("equations", {}) != expected:
            problems.append(f"cell {index}: an equation it checks has changed since it ran (make notebooks)")
    return problems


def _alt_text(cell):
    """Return the function that gives the alt text of a figure: an explorer brings its own."""
    alt = cell.metadata.get("mystnb", {}).get("image", {}).get("alt")
    return lambda output: output.data.get(EXPLORER, {"description": alt}).get("description")


def problems(path, root=ROOT):
    """Return everything that is wrong with one chapter, as sentences."""
    try:
        notebook = load(path)
    except ValueError as error:
        return [str(error)]
    found = source_problems(notebook) + output_problems(notebook)
    if path.relative_to(root).with_suffix("").as_posix() not in listed(root):
        found.append("it is not listed in _toc.yml")
    if path.stat().st_size > 1_000_000:
        found.append(f"it has {path.stat().st_size:,} bytes, more than 1 MB")
    return [f"{path.name}: {problem}" for problem in found]


def duplicate_labels(root=ROOT):
    """Return, as sentences, the equation labels that two chapters share."""
    home, found = {}, []
    for path in chapters(root):
        for label in {label for label, _ in equations(load(path))}:
            if label in home:
                found.append(f"{path.name}: equation {label} is labelled in {home[label]} already")
            home.setdefault(label, path.name)
    return sorted(found)
