"""Keep what `make bench` measured, for the page "How fast, and why", and print it.

``python -m booktools.bench.report raw.json`` reads pytest-benchmark's file and weighs the pages; it writes
``results.json`` beside this file.
"""

import json
import platform
import sys
from importlib.metadata import version
from pathlib import Path

from booktools.bench import pages
from booktools.sphinx import speed

KEPT = ("task", "size", "who", "peak")
WIDTHS = (46, 10, 28, 9, 18, 7, 5, 9)


def condensed(raw):
    """Return what is kept of pytest-benchmark's data: the conditions, and a row per measurement."""
    rows = []
    for benchmark in raw["benchmarks"]:
        info, stats = benchmark["extra_info"], benchmark["stats"]
        seconds = [float(f"{stats[name] / info['part']:.3g}") for name in ("min", "median", "stddev")]
        kept = {name: info[name] for name in KEPT if name in info}
        rows.append(kept | dict(zip(("min", "median", "stddev"), seconds, strict=True)))
    return {"conditions": conditions(raw["machine_info"]["cpu"]), "rows": rows}


def conditions(cpu):
    """Return what the times depend on: the processor, Python and the libraries."""
    found = {"processor": f"{cpu.get('brand_raw', platform.machine())}, {cpu['count']} cores"}
    found["Python"] = platform.python_version()
    return found | {name: version(name) for name in ("numpy", "torch")}


def main(path):
    """Write the results and the figure, and print the tables."""
    results = condensed(json.loads(Path(path).read_text(encoding="utf-8")))
    results["pages"] = [page._asdict() for page in pages.weighed()]
    groups = speed.grouped(results["rows"])
    speed.RESULTS.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    print("; ".join(f"{name} {value}" for name, value in results["conditions"].items()))
    for line in [speed.TITLES, *speed.lines(groups)]:
        print("  ".join(f"{word:<{width}}" for word, width in zip(line, WIDTHS, strict=True)))
    for row in speed.targets(groups):
        print("{:60} {:10} {:10} {}".format(*row))
    for page in results["pages"]:
        print(
            "  ".join(
                f"{word!s:<{width}}" for word, width in zip(page.values(), (36, 5, 5, 5, 5), strict=True)
            )
        )


if __name__ == "__main__":
    main(*sys.argv[1:])
