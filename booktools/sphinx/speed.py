"""What `make bench` measured, for the page "How fast, and why": tables and targets.

`bench/results.json` holds the conditions and one row per measurement: its task and size, whose code it
was, the least and the median time in seconds, and the standard deviation of the repetitions.
"""

import json
from collections import namedtuple

import numpy as np
from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from booktools import notebooks
from booktools.sphinx import checks

RESULTS = notebooks.ROOT / "booktools" / "bench" / "results.json"
OURS, FLOOR = "pgbook", "floor"

# A row of the table of targets: ``value`` of the results is to be at least, or at most, ``limit``.
Target = namedtuple("Target", "text sign limit unit value")


def load(path=RESULTS):
    """Return what was measured."""
    return json.loads(path.read_text(encoding="utf-8"))


def grouped(rows):
    """Return ``{task: {size: {who: row}}}``, tasks in the order measured, sizes in their own.

    >>> list(grouped([{"task": "sum", "size": size, "who": "pgbook"} for size in (10, 2)])["sum"])
    [2, 10]
    """
    groups = {}
    for row in rows:
        groups.setdefault(row["task"], {}).setdefault(row["size"], {})[row["who"]] = row
    return {task: dict(sorted(sizes.items())) for task, sizes in groups.items()}


def slope(sizes, who):
    """Return the exponent with which the time grows from the smallest to the largest size.

    >>> slope({10: {"a": {"min": 0.1}}, 1000: {"a": {"min": 10.0}}}, "a")
    1.0
    """
    points = [(size, people[who]["min"]) for size, people in sizes.items() if who in people]
    (x0, y0), (x1, y1) = points[0], points[-1]
    return float(np.log(y1 / y0) / np.log(x1 / x0)) if x1 > x0 else None


def written(value, unit=""):
    """Write a time, a ratio or a size with the digits that mean something.

    >>> written(0.00123, "s"), written(154.2, "s"), written(2.513, "×"), written(96, "MB")
    ('1.2 ms', '154 s', '2.5 ×', '96 MB')
    """
    scale = [(1, "s"), (1e3, "ms"), (1e6, "µs")] if unit == "s" else [(1, unit)]
    factor, unit = next(((f, name) for f, name in scale if value * f >= 1), scale[-1])
    return f"{value * factor:.{1 if value * factor < 9.95 else 0}f} {unit}".strip()


def ratio(task, slower, faster, size=None):
    """Return a function of the groups: how many times longer the slower one takes, at a size or the largest.

    ``slower`` may be several names: of them, the one that takes least.
    """

    def value(groups):
        people = groups[task][size or max(groups[task])]
        names = [name for name in np.atleast_1d(slower) if name in people]
        return min(people[name]["min"] for name in names) / people[faster]["min"]

    return value


PEERS = ["torch.distributions, autograd", "torch.func, vmap(grad)"]
SCORES = {
    "scores of N actions, K = 6": "10⁶ actions, K = 6",
    "scores of 256 tokens, V entries": "256 tokens, 150,000 entries",
    "scores of N coins": "10⁷ coins",
    "scores of N Gaussian actions": "10⁷ Gaussian actions",
}
BANDIT = "Figure 2.5: four curves of N runs, 1000 steps"
CORRIDOR = "corridor: N learners, 1000 episodes"
CHAPTERS = "nbval of the first N chapters"
STEP_PARTS = "parts of a step of 4000 runs, K = 10"


def _largest_peak(groups):
    return max(people["all cells"]["peak"] for task, sizes in groups.items() if task.startswith("chapter ")
               for people in sizes.values())  # fmt: skip


TARGETS = [
    *[Target(f"scores of {name}: PyTorch", "≥", 1.5, "×", ratio(task, PEERS, OURS))
      for task, name in SCORES.items()],
    Target("Figure 2.5, 8000 runs: the loop over runs", "≥", 150, "×", ratio(BANDIT, "loop over runs", OURS)),
    Target("Figure 2.5, 8000 runs: over the floor", "≤", 3, "×", ratio(BANDIT, OURS, FLOOR)),
    Target("corridor, 300 learners: the loop over learners", "≥", 50, "×",
           ratio(CORRIDOR, "loop over learners", "chapter 10", 300)),
    Target("nbval of all chapters: over the floor", "≤", 2, "×", ratio(CHAPTERS, "all cells", FLOOR)),
    Target("memory of the largest chapter", "<", 700, "MB", _largest_peak),
    Target("import of pgbook and its modules", "<", 0.3, "s",
           lambda groups: groups["import of pgbook"][1][OURS]["min"]),
]  # fmt: skip


def met(target, value):
    """Whether a value meets its target."""
    return value >= target.limit if target.sign == "≥" else value <= target.limit


def targets(groups):
    """Return the rows of the table of targets: what, wanted, measured, met or not."""
    rows = []
    for target in TARGETS:
        value = target.value(groups)
        wanted = f"{target.sign} {target.limit:g} {target.unit}"
        rows.append((target.text, wanted, written(value, target.unit), "yes" if met(target, value) else "no"))
    return rows


def by_size(groups):
    """Return, for each task of scores, how many times as long PyTorch's faster way takes at each size."""
    return [
        (task, *(written(ratio(task, PEERS, OURS, size)(groups)) for size in groups[task])) for task in SCORES
    ]


def lines(groups):
    """Return a table's rows: task, size, who, least time, median and spread, ratio, growth, memory."""
    table = []
    for task, sizes in groups.items():
        for size, people in sizes.items():
            first = next(iter(people.values()))["min"]
            for who, row in people.items():
                growth = size == max(sizes) and slope(sizes, who)
                spread = f" ± {written(row['stddev'], 's')}" if row["stddev"] else ""
                times = written(row["min"], "s"), written(row["median"], "s") + spread
                memory = f"{row['peak']:,} MB" if "peak" in row else ""
                compared = f"{row['min'] / first:.2f}"
                grows = f"{growth:.2f}" if growth else ""
                table.append((task, f"{size:,}", who, *times, compared, grows, memory))
    return table


TITLES = ("task", "N", "whose", "least", "median", "÷ first", "grows as N^", "memory")


class Speed(SphinxDirective):
    """A table of what was measured: of the targets, of the pages, or of the tasks whose names begin so."""

    required_arguments = 1
    final_argument_whitespace = True

    def run(self):
        self.env.note_dependency(str(RESULTS))
        results, what = load(), self.arguments[0]
        groups = grouped(results["rows"])
        if what == "conditions":
            words = "; ".join(f"{name} {value}" for name, value in results["conditions"].items())
            return [nodes.paragraph(text=words + ".")]
        if what == "targets":
            return [table(("what", "wanted", "measured", "met"), targets(groups), (6, 2, 2, 1), (1, 2))]
        if what == "ratios":
            sizes = "N / 100", "N / 10", "N"
            return [table(("PyTorch ÷ pgbook", *sizes), by_size(groups), (4, 1, 1, 1), (1, 2, 3))]
        if what == "pages":
            titles = "page", "requests", "kB", "loaded, ms", "typeset, ms"
            rows = [[str(value or "–") for value in row.values()] for row in results["pages"]]
            return [table(titles, rows, (4, 1, 1, 1, 1), range(1, 5))]
        chosen = {task: sizes for task, sizes in groups.items() if task.startswith(what)}
        if not chosen:
            raise self.error(f"nothing was measured whose name begins with {what!r}")
        if len(chosen) > 4:
            return [measured(lines(chosen), 0)]
        found = []
        for task, sizes in chosen.items():
            rows = [row for row in lines({task: sizes}) if row[1] == f"{max(sizes):,}"]
            name = task if len(sizes) == 1 else f"{task}, for N = {max(sizes):,}"
            found += [nodes.paragraph("", "", nodes.strong(text=name)), measured(rows, 2)]
        return found


def measured(rows, first):
    """Return a table of the columns from the first one on that say something."""
    kept = [i for i in range(first, len(TITLES)) if i != 1 and any(row[i] for row in rows)]
    flush = [n for n, i in enumerate(kept) if i > 2]
    widths = [5 if i in (0, 2) else 2 for i in kept]
    return table([TITLES[i] for i in kept], [[row[i] for i in kept] for row in rows], widths, flush)


def table(titles, rows, widths, numeric):
    """Return a table of texts; the numeric columns are set flush right, each number on one line."""

    def unbroken(texts):
        return [
            text.replace(" ", "\N{NO-BREAK SPACE}") if i in numeric else text for i, text in enumerate(texts)
        ]

    cells = [[[nodes.Text(text)] for text in unbroken(row)] for row in rows]
    return checks.table(unbroken(titles), cells, widths, "speed", numeric)


def setup(app):
    app.add_directive("speed", Speed)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
