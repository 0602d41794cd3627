"""Program slicing: what of a chapter's code is needed for names that later code uses.

Graded sheets and their solutions take from the chapter what they build on, and no more.
"""

import ast
import builtins
import re
import symtable
from collections import namedtuple

Statement = namedtuple("Statement", "cell source uses later gives renews")


def statements(index, source):
    """Return the statements of a cell that give names: what each uses at once, and later, and what it gives.

    Imports come one by one. A statement renews its names if what they were before does not matter.

    >>> [one.source for one in statements(3, "import numpy as np\\nr = np.ones(2)\\nr[0] = 2\\nprint(r)")]
    ['import numpy as np', 'r = np.ones(2)', 'r[0] = 2']
    """
    found, lines = [], source.splitlines()
    for node in ast.parse(source).body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            for alias in node.names:
                one = ast.copy_location(type(node)(**dict(ast.iter_fields(node)) | {"names": [alias]}), node)
                given = {(alias.asname or alias.name).split(".")[0]}
                found.append(Statement(index, ast.unparse(one), set(), set(), given, True))
            continue
        first = min([node.lineno, *(one.lineno for one in getattr(node, "decorator_list", []))]) - 1
        while first and lines[first - 1].startswith("#"):
            first -= 1
        text = "\n".join(lines[first : node.end_lineno])
        read = names(text)
        setting = re.match(r"(\w+)\.set_\w+\(", text)
        gives = read.gives | ({setting[1]} if setting else set())
        renews = isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Assign) and not read.stored
        if gives:
            found.append(Statement(index, text, read.uses, read.later, gives, renews and not setting))
    return found


def names(code):
    """Return which global names code uses before it gives them, uses later, gives, and stores something in.

    >>> read = names("def f(x):\\n    return g(x)\\na = b\\na += c\\nd += a")
    >>> [sorted(one) for one in (read.uses, read.later, read.gives)]
    [['b', 'c', 'd'], ['g'], ['a', 'd', 'f']]
    """
    found = _Names()
    found.visit(ast.parse(code))
    return found


class _Names(ast.NodeVisitor):
    """Goes through code in the order in which it runs."""

    def __init__(self):
        self.uses, self.later, self.gives, self.stored = set(), set(), set(), set()

    def visit(self, node):
        if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Lambda):
            self.later |= _free(node)
            self.gives |= {node.name} if hasattr(node, "name") else set()
        elif isinstance(node, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
            self.uses |= _free(node) - self.gives
        elif isinstance(node, ast.Name):
            if isinstance(node.ctx, ast.Load) and node.id not in self.gives | set(dir(builtins)):
                self.uses.add(node.id)
            self.gives |= {node.id} if isinstance(node.ctx, ast.Store) else set()
        elif isinstance(node, ast.Subscript | ast.Attribute) and isinstance(node.ctx, ast.Store):
            self.generic_visit(node)
            self.stored |= {node.value.id} if isinstance(node.value, ast.Name) else set()
            self.gives |= self.stored
        else:
            if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
                self.visit(ast.Name(node.target.id, ast.Load()))
            # Where names are given, what is written last runs first.
            order = {ast.Assign: ("value", "targets"), ast.For: ("iter", "target", "body", "orelse")}
            for field in order.get(type(node), node._fields):
                value = getattr(node, field, None)
                for part in value if isinstance(value, list) else [value]:
                    if isinstance(part, ast.AST):
                        self.visit(part)


def _free(node):
    """Return the global names that a function, a class or a comprehension uses."""
    tables, found = [symtable.symtable(ast.unparse(node), "<chapter>", "exec")], set()
    while tables:
        table = tables.pop()
        used = (one for one in table.get_symbols() if one.is_referenced())
        found |= {one.get_name() for one in used if one.is_global() or table.get_type() == "module"}
        tables += table.get_children()
    return found - set(dir(builtins))


def needed(cells, wanted):
    """Return, for each cell, what of it is needed for the names that are wanted before a cell, by its index.

    A function finds what it uses when it is called, so of that all is needed that was ever given.
    """
    known = [one for index, source in enumerate(cells) for one in statements(index, source)]
    taken, later, before = set(), set(), None
    while before != (len(taken), len(later)):
        before = len(taken), len(later)
        live, at = set(), len(cells)
        for place in reversed(range(len(known))):
            one = known[place]
            live = live.union(*(wanted[index] for index in wanted if one.cell < index <= at))
            at = one.cell
            if one.gives & (live | later):
                taken.add(place)
                live = (live - one.gives if one.renews else live) | one.uses
                later |= one.later
    kept = [
        [known[at].source for at in sorted(taken) if known[at].cell == cell] for cell in range(len(cells))
    ]
    return ["\n".join(lines) for lines in kept]
