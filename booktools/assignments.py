"""Graded sheets for otter-grader: `make assignments [CHAPTER=04] [ONLY="ex-pi-tie ex-pi-lift"]`.

A chapter's exercises that check themselves become a notebook for students, with what of the chapter's code
they build on, and an archive of hidden tests for whoever grades. The notebook holds the form of each answer;
the archive holds the answers themselves as data, which the solutions in the chapter compute here. So right
and wrong are said by the same comparison as in the book, and nothing is written twice.
"""

import ast
import builtins
import contextlib
import functools
import io
import json
import os
import re
import shutil
import symtable
import sys
import tempfile
from collections import namedtuple
from pathlib import Path

import nbformat
import numpy as np
from lxml import html
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from booktools import notebooks, student
from booktools.sphinx import teaching
from pgbook import _answers, exercises

NAME = "why-divide-by-pi-assignments"
TARGET = notebooks.ROOT / "_build" / "assignments"
MINUTES_A_POINT = 5
INTRODUCTION = """# Graded sheet: {title}

{count} exercises of chapter {number}, {points} points, about {minutes} minutes.

Run the cells from top to bottom. Write your answer to each exercise into the cell below it, and run that
cell: `check` says whether the answer has the right form, not whether it is right. What counts is the last
answer that you gave to `check`. Save, and hand in this file under your name.

What the exercises name, equations for example, is in the chapter."""
BUILDS_ON = "## What the exercises build on\n\nCode of the chapter. Run it; you may use all of it."
TEST = '''"""{title}"""

import json

from otter.test_files import test_case

from pgbook import exercises

OK_FORMAT = False
name = "{label}"
points = {points}
KEY = json.loads({key!r})


@test_case(hidden=True)
def graded():
    said = exercises.graded(name, KEY)
    assert said == "right", said
'''
_EXERCISE = re.compile(r"^:::\{exercise\}.*\n:label: (ex-.*)\n\n(?P<text>(?s:.*?))^:::$", re.MULTILINE)
LINKS = ".//section//a[not(contains(@class, 'headerlink'))] | .//cite"
_ROLE = re.compile(r"\{[\w:]+\}`[^`]+`")

Sheet = namedtuple("Sheet", "name notebook keys points titles")
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


def texts(notebook, page):
    """Return the text of each exercise by label, with numbers in place of what only the book can resolve."""
    source = "\n".join(cell.source for _, cell in notebooks.cells(notebook, "markdown"))
    found = {}
    for match in _EXERCISE.finditer(source):
        (shown,) = page.xpath(f"//div[contains(@class, 'exercise') and @id='{match[1]}']")
        said = iter(["".join(link.text_content().split("\n")) for link in shown.xpath(LINKS)])
        text = re.sub(r"\$\$ \(eq-[\w-]+\)", "$$", match["text"])
        text = re.sub(r"(\{ref\}`[^`]+`)", r"“\1”", text)
        found[match[1]] = _ROLE.sub(lambda role, said=said: next(said).removeprefix("Deeper: "), text).strip()
        assert not list(said), match[1]
    return found


def parts(notebook, labels):
    """Return all code of a chapter but the stubs, and that of the solutions by label."""
    stubs = [cell.source for _, cell in notebooks.stubs(notebook)]
    cells = [cell.source for _, cell in notebooks.cells(notebook, "code") if cell.source not in stubs]
    code = exercises._solutions(notebook.cells)
    return cells, {label: code[label] for label in labels}


def solved(cells, solutions):
    """Return what each solution assigns, computed at its place after what it needs of the cells before."""
    places = {cells.index(code[0]): label for label, code in solutions.items()}
    given, found = {}, {}
    with contextlib.redirect_stdout(io.StringIO()):
        wanted = {place: uses(solutions[label]) for place, label in places.items()}
        for place, code in enumerate(needed(cells, wanted)):
            if label := places.get(place):
                told = dict(given)
                exercises._run(solutions[label], told)
                found[label] = [told.get(one) for one in ("answer", "mistakes", "digits", "cases")]
            exec(compile(code, "<chapter>", "exec"), given)
    return found


def uses(cells):
    """Return the names that a solution uses of the chapter."""
    read = names("\n".join(cells))
    return (read.uses | read.later) - set(exercises._TOLD)


def plain(value):
    """Write a key, or a form, as JSON."""
    return json.dumps(value, ensure_ascii=False, default=lambda one: np.asarray(one).tolist())


@functools.cache
def judged():
    """Return what stands in the table of exercises, by label."""
    return teaching.exercises()


def sheet(path, only=(), built=notebooks.HTML):
    """Return the sheet of a chapter: the students' notebook, and the key, points and title by label."""
    notebook = notebooks.load(path)
    stubs = {label: cell for label, cell in notebooks.stubs(notebook) if not only or label in only}
    page = html.parse(built / "chapters" / f"{path.stem}.html")
    asked = texts(notebook, page)
    cells, solutions = parts(notebook, stubs)
    keys = {label: _answers.key(*told) for label, told in solved(cells, solutions).items()}
    spans = " ".join(span for label in stubs for span in re.findall(r"`([^`]+)`", asked[label]))
    wanted = {"check", *re.findall(r"[A-Za-z_]\w*", spans)}
    wanted = wanted.union(*map(uses, solutions.values())) - set(exercises._TOLD)
    open_cells = [cell.source for cell in student.split(notebook)[0] if cell.source in cells]
    setup = [source for source in needed(open_cells, {len(open_cells): wanted}) if source]
    points = {label: judged()[label].minutes // MINUTES_A_POINT for label in stubs}
    number, title = int(path.stem[:2]), page.xpath("string(//h1/text())").strip()
    about = {"title": title, "number": number, "count": len(stubs), "points": sum(points.values())}
    about["minutes"] = sum(judged()[label].minutes for label in stubs)
    cells = [new_markdown_cell(INTRODUCTION.format(**about)), new_markdown_cell(BUILDS_ON)]
    cells += map(new_code_cell, setup)
    for label, stub in stubs.items():
        worth = f"{points[label]} point{'s' if points[label] > 1 else ''}"
        heading = f"## {judged()[label].title} ({worth}, about {judged()[label].minutes} minutes)"
        hint = stub.outputs[0].text.partition("hint: ")[2].strip()
        form = json.loads(plain(keys[label]["form"]))
        cells.append(new_markdown_cell(f"{heading}\n\n{asked[label]}"))
        cells.append(
            new_code_cell(stub.source, metadata={"sealed": {"label": label, "hint": hint, "form": form}})
        )
        cells.append(new_markdown_cell("*How I found it:*"))
    for index, cell in enumerate(cells):
        cell["id"] = f"cell-{index}"
    name = "_".join(["assignment", path.stem[:2], *(label[3:] for label in stubs if only)])
    metadata = {"kernelspec": notebook.metadata.kernelspec, "otter": {"assignment_name": name}}
    titles = {label: judged()[label].title for label in stubs}
    return Sheet(name, new_notebook(cells=cells, metadata=metadata), keys, points, titles)


def archive(sheet, target):
    """Write the archive of hidden tests for otter-grader."""
    from otter.generate import main as generate

    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        for label, key in sheet.keys.items():
            about = {"title": sheet.titles[label], "label": label, "points": sheet.points[label]}
            (folder / f"{label}.py").write_text(TEST.format(key=plain(key), **about), encoding="utf-8")
        config = folder / "otter_config.json"
        config.write_text(json.dumps({"assignment_name": sheet.name, "show_hidden": True}), encoding="utf-8")
        options = {"no_requirements": True, "no_environment": True}
        generate(tests_dir=str(folder), output_path=str(folder / "made"), config=str(config), **options)
        os.replace(shutil.copy(folder / "made", target.with_suffix(".tmp")), target)


def written(notebook, path):
    write_text(path, nbformat.writes(notebook, version=4) + "\n")


def write_text(path, text):
    """Write all of a file or nothing."""
    unfinished = path.with_name(path.name + ".tmp")
    unfinished.write_text(text, encoding="utf-8")
    unfinished.replace(path)


def write(paths, only=(), target=TARGET):
    """Write the sheets and their archives, and pack what students need to work on the sheets.

    Archives of other sheets stay: somebody may still hand these in.
    """
    sheets = [one for one in (sheet(path, only) for path in paths) if one.keys]
    pack = target / "pack"
    shutil.rmtree(pack, ignore_errors=True)
    (pack / "chapters").mkdir(parents=True)
    for one in sheets:
        written(one.notebook, pack / "chapters" / f"{one.name}.ipynb")
        archive(one, target / f"{one.name}-tests.zip")
    readme = student.README.replace("For students", "Graded sheets")
    (pack / "README.md").write_text(readme, encoding="utf-8")
    for name in {*student.RUN} - {"chapters", "README.md"}:
        copy = shutil.copytree if (notebooks.ROOT / name).is_dir() else shutil.copy
        (pack / name).parent.mkdir(parents=True, exist_ok=True)
        copy(notebooks.ROOT / name, pack / name)
    for cache in pack.rglob("__pycache__"):
        shutil.rmtree(cache)
    student.packed(target / f"{NAME}.zip", pack, student.RUN)
    shutil.rmtree(pack)
    return sheets


def main(words):
    chapters = {path.stem[:2]: path for path in notebooks.chapters()}
    only = {word for word in words if word.startswith("ex-")}
    chosen = [word for word in words if word not in only]
    known = {label for path in chapters.values() for label, _ in notebooks.stubs(notebooks.load(path))}
    for wrong in [*(word for word in chosen if word not in chapters), *sorted(only - known)]:
        kind, there = ("exercise that checks itself", known) if wrong in only else ("chapter", chapters)
        print(f"there is no {kind} {wrong!r}; there are: {', '.join(sorted(there))}", file=sys.stderr)
        return 1
    sheets = write([chapters[word] for word in chosen or chapters], only)
    for one in sheets:
        print(f"{one.name}: {len(one.keys)} exercises, {sum(one.points.values())} points")
    print(f"For students: {TARGET / NAME}.zip. Beside it, not for students: the tests.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
