"""The pgbook reference: docstrings as autodoc reads them, with links where they name things.

An equation named in a docstring, ``eq-...``, becomes a link to it, a paper such as "Williams (1992)" a
citation, and a name in single backticks a link to what it names. The doctest at the end gets a heading.
"""

import functools
import inspect
import re
import sys

from pybtex.database import parse_file

from booktools import notebooks
from booktools.sphinx.bibliography import labels

_EQUATION = re.compile(r"``(eq-[\w-]+)``")
_DOCTEST = re.compile(r"^(?:.+\n)*(?:.*: *\n\n)?>>> ", re.MULTILINE)
_NAME = re.compile(r"(?<![:`\w])`([A-Za-z_][\w.]*)`(?!`)")


def equations(docstring):
    """Return the labels of the equations that a docstring names.

    >>> equations("Equations ``eq-softmax`` and ``eq-log-softmax``; the label is ``'eq-...'``.")
    ['eq-softmax', 'eq-log-softmax']
    """
    return _EQUATION.findall(docstring)


@functools.cache
def papers():
    """Return the key of every entry of the bibliography by the way a docstring cites it.

    >>> papers()["Sutton & Barto (2018)"], papers()["Schulman et al. (2015b)"]
    ('suttonbarto2018', 'schulman2015trpo')
    """
    found = {}
    for key, label in labels(parse_file(str(notebooks.ROOT / "references.bib")).entries.values()).items():
        authors, _, year = label.replace(" and ", " & ").rpartition(", ")
        found[f"{authors} ({year})"] = key
    return found


def linked(line):
    """Return a line of a docstring with its equations, papers and names as reStructuredText roles.

    >>> linked("Equation ``eq-softmax``; Williams (1992). Compare `BernoulliLogit` and ``returns``.")
    'Equation :eq:`eq-softmax`; :cite:t:`williams1992`. Compare :py:obj:`.BernoulliLogit` and ``returns``.'
    """
    line = _NAME.sub(r":py:obj:`.\1`", _EQUATION.sub(r":eq:`\1`", line))
    for written, key in papers().items():
        line = line.replace(written, f":cite:t:`{key}`")
    return line


def with_heading(lines):
    """Return the lines with a heading before the first doctest and the sentence that leads to it."""
    return re.sub(_DOCTEST, "Examples\n--------\n\\g<0>", "\n".join(lines), count=1).split("\n")


def process(app, what, name, obj, options, lines):
    """Rewrite a docstring before napoleon reads its sections."""
    if what != "module":
        lines[:] = with_heading(lines)
    lines[:] = [line if line.startswith((">>> ", "... ")) else linked(line) for line in lines]


def own_signature(app, what, name, obj, options, signature, return_annotation):
    """Leave out the arguments of a class that takes those of a class from elsewhere."""
    start = getattr(obj, "__init__", None)
    if what == "class" and inspect.isfunction(start) and not start.__module__.startswith("pgbook."):
        return "", return_annotation
    return None


def skip(app, what, name, obj, skipped, options):
    """Leave out the fields of named tuples: their docstrings say only which field they are."""
    return True if str(getattr(obj, "__doc__", "")).startswith("Alias for field number") else None


def setup(app):
    # The package of this tree, whichever is installed.
    sys.path.insert(0, str(notebooks.ROOT))
    app.setup_extension("sphinx.ext.autodoc")
    app.setup_extension("sphinx.ext.napoleon")
    app.setup_extension("sphinx.ext.viewcode")
    app.connect("autodoc-process-docstring", process, priority=400)
    app.connect("autodoc-process-signature", own_signature)
    app.connect("autodoc-skip-member", skip)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
