"""The code of a chapter as it stands there, to be measured: nothing is written twice."""

import ast

from booktools import notebooks


def definitions(chapter, *names):
    """Return a namespace with the imports and the functions and constants of a chapter.

    Cells run in order, as far as the last of the names; a cell takes part if it defines one of them or
    imports something.
    """
    notebook = notebooks.load(notebooks.ROOT / "chapters" / f"{chapter}.ipynb")
    found = {}
    for _, cell in notebooks.cells(notebook, "code"):
        for node in ast.parse(cell.source).body:
            targets = getattr(node, "targets", [node])
            defined = {getattr(target, "name", getattr(target, "id", None)) for target in targets}
            if isinstance(node, ast.Import | ast.ImportFrom) or defined & set(names):
                exec(compile(ast.Module([node], []), chapter, "exec"), found)
    missing = set(names) - set(found)
    if missing:
        raise LookupError(f"{chapter} does not define {sorted(missing)}")
    return found
