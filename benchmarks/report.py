"""Turn what `make bench` measured into a table of ratios and a figure.

``python benchmarks/report.py raw.json`` reads pytest-benchmark's file, prints the table and draws times
against sizes into ``raw.svg`` beside it.
"""

import json
import platform
import sys
from importlib.metadata import version
from pathlib import Path

import numpy as np

from pgbook import figures

WIDTHS = (46, 10, 28, 9, 9, 11, 7, 5, 6)
KEPT = ("task", "size", "who", "part", "peak")


def condensed(raw):
    """Return what is kept of pytest-benchmark's data: the conditions, and a row per measurement."""
    rows = []
    for benchmark in raw["benchmarks"]:
        info, stats = benchmark["extra_info"], benchmark["stats"]
        seconds = [float(f"{stats[name] / info['part']:.3g}") for name in ("min", "median", "stddev")]
        kept = {name: info[name] for name in KEPT if name in info}
        rows.append(kept | dict(zip(("min", "median", "stddev"), seconds, strict=True)))
    packages = {name: version(name) for name in ("numpy", "torch")}
    machine = {"cores": raw["machine_info"]["cpu"]["count"], "machine": platform.machine()}
    conditions = machine | {"python": platform.python_version()} | packages
    return {"conditions": conditions, "rows": rows}


def grouped(rows):
    """Return ``{task: {size: {who: row}}}`` in the order measured."""
    groups = {}
    for row in rows:
        groups.setdefault(row["task"], {}).setdefault(row["size"], {})[row["who"]] = row
    return {task: dict(sorted(sizes.items())) for task, sizes in groups.items()}


def ours(people):
    """Return whose code the book offers: the first one measured."""
    return next(iter(people))


def slope(sizes, who):
    """Return the exponent with which the time grows, from the smallest to the largest size."""
    points = [(size, people[who]["min"]) for size, people in sizes.items() if who in people]
    (x0, y0), (x1, y1) = points[0], points[-1]
    return float(np.log(y1 / y0) / np.log(x1 / x0)) if x1 > x0 else None


def seconds(value):
    """Write a time with three digits and its unit.

    >>> seconds(0.00123), seconds(154.2)
    ('1.23 ms', '154 s')
    """
    for factor, unit in ((1, "s"), (1e3, "ms"), (1e6, "µs")):
        if value * factor >= 1 or unit == "µs":
            digits = max(0, 2 - int(np.floor(np.log10(value * factor))))
            return f"{value * factor:.{digits}f} {unit}"


def lines(groups):
    """Return the table's lines: task, size, who, time, spread, ratio to ours, growth."""
    table = []
    for task, sizes in groups.items():
        for size, people in sizes.items():
            mine = people[ours(people)]["min"]
            for who, row in people.items():
                last = size == max(sizes) and len(sizes) > 1
                growth = f"{slope(sizes, who):.2f}" if last else ""
                spread = f"± {seconds(row['stddev'])}" if row["stddev"] else ""
                times = seconds(row["min"]), seconds(row["median"]), spread
                peak = f"{row['peak']} MB" if "peak" in row else ""
                table.append((task, f"{size:,}", who, *times, f"{row['min'] / mine:.2f}", growth, peak))
    return table


def draw(groups):
    """Return the figure: time against size, ours and the others', for each task with three sizes."""
    tasks = {task: sizes for task, sizes in groups.items() if len(sizes) >= 3}
    figures.use_house_style()
    fig, axes = figures.subplots(-(-len(tasks) // 2), 2, height=2.3 * -(-len(tasks) // 2), squeeze=False)
    roles = {"floor": "neutral"}
    for ax, (task, sizes) in zip(axes.flat, tasks.items(), strict=False):
        for who in dict.fromkeys(who for people in sizes.values() for who in people):
            points = [(size, people[who]["min"]) for size, people in sizes.items() if who in people]
            first = who == ours(next(iter(sizes.values())))
            color = figures.COLORS["true" if first else roles.get(who, "dropped")]
            ax.plot(*zip(*points, strict=True), marker="o", markersize=3, color=color, lw=1.4)
        ax.set(xscale="log", yscale="log", title=task.replace(", ", ",\n", 1))
        ax.title.set_fontsize(8)
        ax.tick_params(labelsize=8)
    for ax in list(axes.flat)[len(tasks):]:  # fmt: skip
        ax.axis("off")
    axes[0, 0].set(ylabel="seconds")
    return fig


def main(path):
    """Print the table and draw the figure."""
    results = condensed(json.loads(Path(path).read_text(encoding="utf-8")))
    groups = grouped(results["rows"])
    Path(path).with_suffix(".svg").write_text(figures.canonical_svg(draw(groups)), encoding="utf-8")
    print(", ".join(f"{name} {value}" for name, value in results["conditions"].items()))
    for line in lines(groups):
        print("  ".join(f"{word:<{width}}" for word, width in zip(line, WIDTHS, strict=True)))


if __name__ == "__main__":
    main(*sys.argv[1:])
