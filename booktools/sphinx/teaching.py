"""The directive `exercise-table`: each exercise of the book, how hard it is, and how long it may take."""

import ast
import json
import math
import re
import tomllib
from collections import namedtuple
from itertools import groupby

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from booktools import notebooks, reading

DATA = notebooks.ROOT / "chapters/appendix/teaching.toml"
# In an edition without solutions, what the minutes were when these were there.
KEPT = DATA.with_name("exercises.json")
WORDS_A_MINUTE, MINUTES_A_FORMULA, MINUTES_A_LINE = 50, {1: 0.5, 2: 1, 3: 1.5}, 1.5

_EXERCISE = re.compile(
    r"^(:::+)\{exercise\} (?P<title>.*)\n:label: (?P<label>.*)\n(?P<text>(?s:.*?))^\1$(?s:.*?)"
    r"^:::+\{solution-start\} (?P=label)$(?P<solution>(?s:.*?))^:::+\{solution-end\}$",
    re.MULTILINE,
)
_CODE = re.compile(r"^```python\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_FORMULA = re.compile(r"\$\$.*?\$\$|\\begin\{(\w+\*?)\}.*?\\end\{\1\}|\$[^$]+\$", re.DOTALL)
# What a solution's code says for `check`, and no reader has to write.
_GIVEN = {"answer", "mistakes", "hint", "digits", "cases"}


Exercise = namedtuple("Exercise", "label title chapter difficulty kind minutes")


def judged():
    """Return, by label, what was judged of each exercise: its difficulty, and by hand or code."""
    kinds = tomllib.loads(DATA.read_text(encoding="utf-8")).items()
    pairs = [(kind, int(level), labels.split()) for kind, levels in kinds for level, labels in levels.items()]
    return {label: (level, kind) for kind, level, labels in pairs for label in labels}


def exercises():
    """Return every exercise of the chapters that was judged by its label, in reading order."""
    if KEPT.exists():
        return {label: Exercise(label, *row) for label, *row in json.loads(KEPT.read_text(encoding="utf-8"))}
    found, verdicts = {}, judged()
    for path in notebooks.chapters():
        notebook = notebooks.load(path)
        checked = {label for label, _ in notebooks.stubs(notebook)}
        source = "\n".join(
            cell.source if cell.cell_type == "markdown" else f"```python\n{cell.source}\n```"
            for cell in notebook.cells
        )
        for match in _EXERCISE.finditer(source):
            label = match["label"]
            if label not in verdicts:
                logging.getLogger(__name__).warning("%s does not say how hard %s is", DATA.name, label)
                continue
            level, kind = verdicts[label]
            minutes = _minutes(match["text"], match["solution"], level, kind)
            said = f"{kind}, checks itself" if label in checked else kind
            found[label] = Exercise(label, match["title"], path.stem, level, said, minutes)
    return found


def _minutes(text, solution, difficulty, kind):
    """Return how long an exercise takes by the rule that the page states, to the next five minutes."""
    prose, read = _CODE.sub("", solution), reading.Section("", 0)
    read.add(text + "\n" + prose)
    lines = sum(map(_lines, _CODE.findall(solution))) if kind == "code" else 0
    formulas = len(_FORMULA.findall(prose)) * MINUTES_A_FORMULA[difficulty]
    return 5 * math.ceil((read.count["words"] / WORDS_A_MINUTE + formulas + lines * MINUTES_A_LINE) / 5)


def _lines(code):
    """Return how many lines of a solution remain without what is said to `check`, and checks of equations."""

    def given(node):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            return ast.unparse(node.value.func).startswith("verify.")
        names = [ast.walk(target) for target in getattr(node, "targets", [])]
        return bool(names) and {each.id for name in names for each in name if hasattr(each, "id")} <= _GIVEN

    return sum(node.end_lineno - node.lineno + 1 for node in ast.parse(code).body if not given(node))


class ExerciseTable(SphinxDirective):
    """For each chapter a closed part with a table of its exercises."""

    def run(self):
        for path in [DATA, *notebooks.chapters()]:
            self.env.note_dependency(str(path))
        lines = []
        for chapter, group in groupby(exercises().values(), lambda exercise: exercise.chapter):
            rows = list(group)
            total = f"{len(rows)} exercises, {sum(row.minutes for row in rows)} minutes"
            lines += [f":::{{dropdown}} Chapter {int(chapter[:2])}: {total}"]
            lines += [
                "| exercise | title | difficulty | minutes | kind |",
                "| --- | --- | ---: | ---: | --- |",
            ]
            for row in rows:
                cells = f"{{ref}}`{row.label}`", row.title, row.difficulty, row.minutes, row.kind
                lines.append("| " + " | ".join(map(str, cells)) + " |")
            lines += [":::", ""]
        found = nodes.container()
        self.state.nested_parse(StringList(lines, "exercise-table"), 0, found)
        return found.children


def setup(app):
    app.add_directive("exercise-table", ExerciseTable)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
