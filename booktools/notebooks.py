"""Reading the notebooks: which there are, their cells, equations and checks.

The tests, `make notebooks` and the pages generated at build time all read notebooks through this module.
"""

import ast
import functools
import hashlib
import pickle
import re
from dataclasses import dataclass
from pathlib import Path

import nbformat
from sphinx_external_toc.parsing import parse_toc_yaml

ROOT = Path(__file__).resolve().parent.parent
HTML = ROOT / "_build" / "html"
# The heading of a section that a first reader can skip, with its label: it is closed until it is asked for.
DEEPER = re.compile(r"^(?:\([\w-]+\)=\n)?#+ Deeper: ", re.MULTILINE)
KINDS = ("symbolic", "exact", "gradient", "expectation")

# The body holds no $$: what stands before may be another equation, without a label.
_EQUATION = re.compile(
    r"^\$\$\s*\n(?P<latex>(?:(?!\$\$).)*)\n\$\$ *\((?P<label>[^)\s]+)\)", re.DOTALL | re.MULTILINE
)


_STUB = re.compile(r'^check\("(ex-[\w-]+)", answer\)$', re.MULTILINE)


@dataclass(frozen=True)
class Check:
    """One call of a ``verify`` function in a chapter."""

    label: str | None
    kind: str
    cell: int
    rejects: bool


def chapters(root=ROOT):
    """Return the paths of the chapters, the notebooks with a number, in reading order."""
    return [path for path in paths(root) if path.stem[:2].isdigit()]


def paths(root=ROOT):
    """Return the paths of all notebooks listed in ``_toc.yml``, in reading order."""
    return [root / f"{name}.ipynb" for name in listed(root) if (root / f"{name}.ipynb").exists()]


def listed(root=ROOT):
    """Return the names of all pages in ``_toc.yml``, in reading order, the landing page first."""
    return list(parse_toc_yaml(root / "_toc.yml"))


def load(path):
    """Return the notebook; a ``ValueError`` names the file if it is not one."""
    try:
        return pickle.loads(_read(path.read_bytes()))
    except Exception as error:
        raise ValueError(f"{path.name} is not a notebook: {str(error).splitlines()[0]}") from error


@functools.cache
def _read(content):
    """Return the pickled notebook: who asks again gets another one, in a fifth of the time."""
    notebook = nbformat.reads(content.decode("utf-8"), as_version=4)
    nbformat.validate(notebook)
    return pickle.dumps(notebook)


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
        # To parse what cannot hold a check takes most of the time.
        for node in ast.walk(ast.parse(cell.source)) if "verify" in cell.source else ():
            if isinstance(node, ast.Call) and ast.unparse(node.func) in {f"verify.{kind}" for kind in KINDS}:
                label = getattr(node.args[0], "value", None) if node.args else None
                given = {keyword.arg: keyword.value for keyword in node.keywords}
                rejects = bool(getattr(given.get("rejects"), "keys", ())) or "why_none" in given
                found.append(Check(label if isinstance(label, str) else None, node.func.attr, index, rejects))
    return found


def stubs(notebook):
    """Return ``(label, cell)`` for every cell below an exercise, in which a reader checks an answer."""
    found = ((_STUB.search(cell.source), cell) for _, cell in cells(notebook, "code"))
    return [(match[1], cell) for match, cell in found if match]


def closed(notebook):
    """Return the cells whose code is shown on demand: those that check, draw, or only serve these.

    A cell that its author has tagged "show-input" is none of them.
    """
    checking = {check.cell for check in checks(notebook)}
    found, wanted = [], set()
    for index, cell in reversed(cells(notebook, "code")):
        code = ast.parse(cell.source)
        drawing = "figure" in cell.metadata.get("mystnb", {})
        serves = cell.outputs or _bound(code) & wanted or "show-input" in cell.metadata.get("tags", [])
        if index in checking or drawing or not serves:
            found.append(cell)
        else:
            wanted |= {node.id for node in ast.walk(code) if isinstance(node, ast.Name)}
    return found


def _bound(node):
    """Return the names that code binds outside of functions; what it imports is none of them."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return {node.name}
    if isinstance(node, ast.Lambda | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
        return set()
    own = {node.id} if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) else set()
    return own.union(*map(_bound, ast.iter_child_nodes(node)))


def stamps(notebook):
    """Return, per code cell that checks equations, ``(cell, {label: fingerprint})`` as it should be."""
    latex = dict(equations(notebook))
    found = {}
    for check in checks(notebook):
        if check.label in latex:
            found.setdefault(check.cell, {})[check.label] = fingerprint(latex[check.label])
    return [(cell, found.get(index, {})) for index, cell in cells(notebook, "code")]
