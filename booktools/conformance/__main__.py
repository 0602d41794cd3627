"""Compares the libraries' losses with the book's equations and with `results.json` (`make conformance`).

`--record` writes what it finds there. In either case it also changes a sign in copies of the libraries'
losses, and the comparison has to notice.
"""

import importlib.metadata
import inspect
import json
import re
import sys
import textwrap
import time
from pathlib import Path
from unittest import mock

from booktools.conformance import batch, ours, rows

RESULTS = Path(__file__).parent / "results.json"
LIBRARIES = {"TRL": "trl", "verl": "verl", "Stable-Baselines3": "stable-baselines3"}
TOLERANCE = 1e-12
# A wrong version is further off than a right one may be, by this factor.
FACTOR = 1e6


def rounded(far):
    """Two digits say how far off something is."""
    return float(f"{far:.1e}")


def measured(row, b):
    """Return what the results say of a row."""
    theirs = row.theirs(b)
    value, gradient = (rounded(far) for far in rows.difference(theirs, row.ours(b)))
    wrong = {name: rounded(max(rows.difference(theirs, version(b)))) for name, version in row.wrong.items()}
    where = inspect.unwrap(row.where)
    lines, first = inspect.getsourcelines(where)
    at = [first + n for n, line in enumerate(lines) if row.code in line]
    file = inspect.getsourcefile(where).partition("site-packages/")[2]
    return {
        "option": row.option, "equations": row.equations.split(), "value": value, "gradient": gradient,
        "wrong": wrong, "file": file, "line": at[0] if len(at) == 1 else None, "code": row.code,
    }  # fmt: skip


def wrong_with(row):
    """Return what is wrong with a measured row, as sentences."""
    if not max(row["value"], row["gradient"]) <= TOLERANCE:
        yield f"differs by {row['value']:.1e} in the value and {row['gradient']:.1e} in the gradient"
    for name, far in row["wrong"].items():
        if not far >= FACTOR * TOLERANCE:
            yield f"the wrong version {name!r} differs by no more than {far:.1e}"
    if row["line"] is None:
        yield f"{row['code']!r} is not in one line of {row['file']}"


def changed(library, found, recorded):
    """Return how a library's rows differ from those that were recorded, as sentences."""
    kept = ("equations", "file", "line", "code")
    old, new = ({row["option"]: row for row in some} for some in (recorded["rows"], found["rows"]))
    if found["version"] != recorded["version"]:
        yield f"{library} is {found['version']}, and {recorded['version']} was recorded"
    for option in old | new:
        if option not in new:
            yield f"{library}, {option}: the row has gone"
        elif option not in old:
            yield f"{library}, {option}: the row was not recorded"
        elif any(old[option][name] != new[option][name] for name in kept):
            yield f"{library}, {option}: {' or '.join(kept)} is not what was recorded"
        elif set(old[option]["wrong"]) != set(new[option]["wrong"]):
            yield f"{library}, {option}: the wrong versions are not those that were recorded"


def with_change(function, old, new):
    """Return a copy of a function in whose source one thing is changed, without its decorators."""
    source = textwrap.dedent(inspect.getsource(inspect.unwrap(function)))
    source = re.sub(r"\A(@.*\n)+", "", source)
    if source.count(old) != 1:
        raise ValueError(f"{old!r} is not once in {function.__qualname__}")
    namespace = dict(inspect.unwrap(function).__globals__)
    exec(compile(source.replace(old, new), "<a copy>", "exec"), namespace)
    return namespace[function.__name__]


def seen_to_fail(holder, name, old, new, of, b):
    """Change one sign in a copy of a loss; return how many rows then differ from their equations."""
    function = holder[name] if isinstance(holder, dict) else getattr(holder, name)
    copy = {name: with_change(function, old, new)}
    replaced = mock.patch.dict if isinstance(holder, dict) else mock.patch.multiple
    with replaced(holder, **copy):
        red = sum(max(rows.difference(row.theirs(b), row.ours(b))) > TOLERANCE for row in of)
    return {"function": function.__qualname__, "old": old, "new": new, "red": int(red)}


def libraries():
    """Return the rows of each library, and the signs that are changed in copies of its functions."""
    from stable_baselines3 import PPO
    from trl import GRPOTrainer, RLOOTrainer

    from booktools.conformance.rows_sb3 import SB3
    from booktools.conformance.rows_trl import TRL
    from booktools.conformance.rows_verl import FUNCTIONS, VERL

    minus = "per_token_loss = -torch.min(", "per_sequence_loss = -torch.min(", "policy_loss = -th.min("
    return {
        "TRL": (TRL, [
            (GRPOTrainer, "_compute_loss", minus[0], minus[0].replace("-", "")),
            (RLOOTrainer, "_compute_loss", minus[1], minus[1].replace("-", "")),
        ]),
        "verl": (VERL, [
            (FUNCTIONS, "vanilla", "pg_losses1 = -advantages * ratio", "pg_losses1 = advantages * ratio"),
        ]),
        "Stable-Baselines3": (SB3, [(PPO, "train", minus[2], minus[2].replace("-", ""))]),
    }  # fmt: skip


def run(record):
    """Measure all rows; return the results and what is wrong with them."""
    b, problems = batch.drawn(), []
    if not batch.covers(b, ours.centred(b)):
        problems.append("the batch does not have every case of the clip")
    recorded = {} if record else json.loads(RESULTS.read_text(encoding="utf-8"))["libraries"]
    results = {"read": time.strftime("%Y-%m-%d"), "tolerance": TOLERANCE, "libraries": {}}
    for library, (of, signs) in libraries().items():
        version = importlib.metadata.version(LIBRARIES[library])
        found = {
            "version": version,
            "changed": [seen_to_fail(*sign, of, b) for sign in signs],
            "rows": [measured(row, b) for row in of],
        }
        results["libraries"][library] = found
        problems += [
            f"{library}, {row['option']}: {what}" for row in found["rows"] for what in wrong_with(row)
        ]
        problems += [
            f"{it['function']}: a changed sign is not noticed" for it in found["changed"] if not it["red"]
        ]
        problems += [] if record else changed(library, found, recorded[library])
        print(told(library, found), flush=True)
    return results, problems


def told(library, found):
    """Return a line about a library."""
    far = max(max(row["value"], row["gradient"]) for row in found["rows"])
    near = min(min(row["wrong"].values()) for row in found["rows"])
    signs = "; ".join(f"a changed sign in {it['function']} is seen in {it['red']}" for it in found["changed"])
    return (
        f"{library} {found['version']}: {len(found['rows'])} options are off by at most {far:.0e},"
        f" wrong versions by at least {near:.0e}; {signs}."
    )


def main():
    try:
        results, problems = run(record := "--record" in sys.argv)
    except ImportError as why:
        print(
            f"A library cannot be imported here ({why}). `make conformance` installs them.", file=sys.stderr
        )
        return 1
    for problem in problems:
        print(problem, file=sys.stderr)
    if record and not problems:
        # One row a line.
        text = re.sub(r"\n {5,}|\n {4}(?=\})", " ", json.dumps(results, indent=1, ensure_ascii=False))
        RESULTS.write_text(text + "\n", encoding="utf-8")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
