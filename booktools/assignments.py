"""Graded sheets for otter-grader: `make assignments [CHAPTER=04] [ONLY="4.4 4.5"]`.

A chapter's exercises that check themselves become a notebook for students, with what of the chapter's code
they build on, and an archive of hidden tests for whoever grades. The notebook holds the form of each answer;
the archive holds the answers themselves as data, which the solutions in the chapter compute here. So right
and wrong are said by the same comparison as in the book, and nothing is written twice.
"""

import contextlib
import functools
import io
import json
import os
import re
import shutil
import sys
import tempfile
from collections import namedtuple
from itertools import groupby
from pathlib import Path

import nbformat
import numpy as np
from lxml import html
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from booktools import notebooks, pdf, student
from booktools.slicing import names, needed
from booktools.sphinx import downloads, teaching
from pgbook import _answers, exercises

NAME = "why-divide-by-pi-assignments"
TARGET = notebooks.ROOT / "_build" / "assignments"
MINUTES_A_POINT = 5
INTRODUCTION = """# Graded sheet: {title}

{count} of {chapter}, in the book *{book}*: {points}, about {minutes} minutes. {where}
Have the chapter open beside this sheet: symbols, examples and the numbers of equations are the book's.

**How to work.** Run the cells from top to bottom. Write your answer to each exercise into the cell below it,
and run that cell: `check` says whether the answer has the right form, not whether it is right, and gives no
hint.

**What counts.** Points are for what stands under *Check.* alone, for each exercise all or none. The grading
runs this file from top to bottom; the last answer that `check` gets counts. All else that an exercise asks
for, a proof for example, belongs under *How I found it*: people read it, no program does. Whether you have to
write it, your teacher says; if nothing is said, you need not.

**What to hand in.** This file, saved after you ran it, with your name in front of its own:
`your-name-{name}.ipynb`. How to hand it in, your teacher says."""
WHERE = {True: "The book is at <{address}>.", False: "Where the book is, your teacher says."}
BUILDS_ON = """## What the exercises build on

Code of the chapter. Run it; you may use all of it. The first line of a cell says which exercises need it."""
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


@functools.cache
def numbers():
    """Return the number of each exercise, as on the pages, by label."""
    found = groupby(judged().values(), lambda one: one.chapter)
    return {one.label: f"{int(name[:2])}.{at}" for name, group in found for at, one in enumerate(group, 1)}


def counted(count, what):
    """Return how many there are, in words.

    >>> counted(1, "point"), counted(2, "point")
    ('1 point', '2 points')
    """
    return f"{count} {what}{'s' * (count != 1)}"


def chapter(path, title, address):
    """Return how a sheet names a chapter: with a link if the built page knows its address.

    >>> chapter(Path("04_pi.ipynb"), "Why?", "https://example.org/04_pi.html")
    'chapter 4, [Why?](https://example.org/04_pi.html)'
    >>> chapter(Path("04_pi.ipynb"), "Why?", "")
    'chapter 4, *Why?*'
    """
    return f"chapter {int(path.stem[:2])}, " + (f"[{title}]({address})" if address else f"*{title}*")


def wanted(text, solution):
    """Return the names that an exercise needs of the chapter, by its text and by its solution."""
    spans = " ".join(re.findall(r"`([^`]+)`", text))
    return {"check", *re.findall(r"[A-Za-z_]\w*", spans), *uses(solution)} - set(exercises._TOLD)


def built_on(cells, wanted):
    """Return what of the cells is needed for names that are wanted, by label; each cell says for which."""
    kept = needed(cells, {len(cells): set().union(*wanted.values())})
    served = {numbers()[label]: serving(kept, names) for label, names in wanted.items()}
    found = []
    for index, source in enumerate(kept):
        for_these = [number for number in served if index in served[number]]
        said = f"exercise{'s' * (len(for_these) > 1)} {', '.join(for_these)}"
        if source:
            found.append(f"# For {'all exercises' if 1 < len(for_these) == len(wanted) else said}\n{source}")
    return found


def serving(cells, wanted):
    """Return the indices of the cells that have to run, as a whole, before names that are wanted can be used.

    >>> serving(["b = 1", "a = 2\\nc = b", "d = 3"], {"a"}) == {0, 1}
    True
    """
    taken, before, asked = set(), None, {len(cells): wanted}
    while taken != before:
        before = taken
        taken = {index for index, source in enumerate(needed(cells, asked)) if source}
        reads = {index: names(cells[index]) for index in taken}
        asked = {index: read.uses for index, read in reads.items()}
        asked[len(cells)] = wanted.union(*(read.later for read in reads.values()))
    return taken


def sheet(path, only=(), built=notebooks.HTML):
    """Return the sheet of a chapter: the students' notebook, and the key, points and title by label."""
    notebook = notebooks.load(path)
    stubs = {label: cell for label, cell in notebooks.stubs(notebook) if not only or label in only}
    page = html.parse(built / "chapters" / f"{path.stem}.html")
    asked = texts(notebook, page)
    cells, solutions = parts(notebook, stubs)
    keys = {label: _answers.key(*told) for label, told in solved(cells, solutions).items()}
    open_cells = [cell.source for cell in student.split(notebook)[0] if cell.source in cells]
    setup = built_on(open_cells, {label: wanted(asked[label], solutions[label]) for label in stubs})
    points = {label: judged()[label].minutes // MINUTES_A_POINT for label in stubs}
    name = "_".join(["assignment", path.stem[:2], *(label[3:] for label in stubs if only)])
    title, address = (
        page.xpath("string(//h1/text())").strip(),
        page.xpath("string(//link[@rel='canonical']/@href)"),
    )
    about = {
        "title": title,
        "name": name,
        "book": pdf.citation()["title"].partition(" — ")[0],
        "chapter": chapter(path, title, address),
    }
    about |= {"count": counted(len(stubs), "exercise"), "points": counted(sum(points.values()), "point")}
    about["minutes"] = sum(judged()[label].minutes for label in stubs)
    about["where"] = WHERE[bool(address)].format(address=address.partition("chapters/")[0])
    cells = [new_markdown_cell(INTRODUCTION.format(**about)), new_markdown_cell(BUILDS_ON)]
    cells += map(new_code_cell, setup)
    for label, stub in stubs.items():
        worth = f"{counted(points[label], 'point')}, about {judged()[label].minutes} minutes"
        place = f"{worth}. In the book: {chapter(path, title, address and f'{address}#{label}')}."
        heading = f"## Exercise {numbers()[label]}: {judged()[label].title}"
        form = json.loads(plain(keys[label]["form"]))
        cells.append(new_markdown_cell(f"{heading}\n\n{place}\n\n{asked[label]}"))
        cells.append(new_code_cell(stub.source, metadata={"sealed": {"label": label, "form": form}}))
        cells.append(new_markdown_cell("*How I found it:*"))
    for index, cell in enumerate(cells):
        cell["id"] = f"cell-{index}"
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


def write(paths, only=(), target=TARGET, built=notebooks.HTML):
    """Write the sheets' archives, and into the downloads of the built book what students need for the sheets.

    Archives of other sheets stay: somebody may still hand these in.
    """
    sheets = [one for one in (sheet(path, only, built) for path in paths) if one.keys]
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
    student.packed(target / f"{NAME}.tmp", pack, student.RUN)
    os.replace(target / f"{NAME}.tmp", downloads.folder(built) / f"{NAME}.zip")
    downloads.offer(built)
    shutil.rmtree(pack)
    return sheets


def chosen(words):
    """Return the chapters and the labels of exercises that words name, both by number, or exercises by label.

    Raises
    ------
    ValueError
        If there is none of that name, and the message names those there are; or the two do not meet.
    """
    chapters = {str(int(path.stem[:2])): path for path in notebooks.chapters()}
    checked = {
        label: path for path in chapters.values() for label, _ in notebooks.stubs(notebooks.load(path))
    }
    labels = {name: label for label in checked for name in (label, numbers()[label])}
    paths, only = [], {}
    for word in words:
        if "." in word or word.startswith("ex-"):
            if word not in labels:
                raise ValueError(
                    f"there is no exercise that checks itself {word!r}; there are: {listed(labels)}"
                )
            only[labels[word]] = word
        elif word.lstrip("0") not in chapters:
            raise ValueError(f"there is no chapter {word!r}; there are: {', '.join(chapters)}")
        else:
            paths.append(chapters[word.lstrip("0")])
    for label, word in only.items():
        if paths and checked[label] not in paths:
            raise ValueError(f"exercise {word} is in none of the chapters given: name its own too, or none")
    if not paths and only:
        paths = [path for path in chapters.values() if path in [checked[label] for label in only]]
    return paths or [*chapters.values()], set(only)


def listed(names):
    """Return the numbers among the names of exercises as one text."""
    return ", ".join(name for name in names if not name.startswith("ex-"))


def main(words):
    try:
        paths, only = chosen(words)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    for one in write(paths, only):
        print(
            f"{one.name}: {counted(len(one.keys), 'exercise')}, {counted(sum(one.points.values()), 'point')}"
        )
    print(
        f"For students, in the built book's downloads: {NAME}.zip. Not for students: the tests in {TARGET}."
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
