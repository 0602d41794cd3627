"""Keep what `make bench` measured, for the page "How fast, and why".

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
    """Write the results, and print which targets they meet."""
    results = condensed(json.loads(Path(path).read_text(encoding="utf-8")))
    results["pages"] = pages.weighed()
    speed.RESULTS.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    for row in speed.targets(speed.grouped(results["rows"])):
        print("{:60} {:10} {:10} {}".format(*row))


if __name__ == "__main__":
    main(*sys.argv[1:])
