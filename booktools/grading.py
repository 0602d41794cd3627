"""Grades a folder of handed-in notebooks by otter-grader: `make grade FOLDER=handed-in [LIMIT=600]`.

Each notebook says which sheet it is. It runs in a process of its own, and is stopped after LIMIT seconds.
The folder gets `grades.csv` (a line for each notebook), `answers.csv` (a line for each answer) and a text for
each student in `feedback`. Nothing keeps what runs from this machine: grade where you would run these
notebooks by hand, or in a container.
"""

import csv
import io
import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import nbformat

from booktools import notebooks
from booktools.assignments import TARGET, write_text

LIMIT = 600


class Ungraded(Exception):
    """A notebook that gets no points because it cannot be graded; the message says why."""


def graded(path, tests, limit=LIMIT):
    """Return what otter-grader says of a notebook: answers by label, and what its cells raised.

    Raises
    ------
    Ungraded
        If it is no notebook or of no sheet, runs longer than the limit (in seconds), or stops Python.
    """
    try:
        notebook = notebooks.load(path)
    except ValueError as error:
        raise Ungraded(str(error)) from None
    name = notebook.metadata.get("otter", {}).get("assignment_name")
    archive = tests / f"{name}-tests.zip"
    if not name or not archive.exists():
        known = ", ".join(sorted(one.name.removesuffix("-tests.zip") for one in tests.glob("*-tests.zip")))
        raise Ungraded(
            f"{path.name} belongs to {name or 'no graded sheet'}; there are tests of {known or 'none'}"
        )
    with tempfile.TemporaryDirectory() as folder:
        target, copy = Path(folder, "said.json"), Path(folder, "sheet.ipynb")
        # A student's kernel may have a name that is not known here.
        python = {"name": "python3", "display_name": "Python 3", "language": "python"}
        notebook.metadata["kernelspec"] = nbformat.from_dict(python)
        nbformat.write(notebook, copy)
        command = [sys.executable, "-m", "booktools.grading", "--one", copy, archive.resolve(), target]
        environment = os.environ | {"TMPDIR": folder}
        how = {
            "stdout": subprocess.DEVNULL,
            "stderr": subprocess.PIPE,
            "start_new_session": True,
            "text": True,
        }
        with subprocess.Popen(command, cwd=notebooks.ROOT, env=environment, **how) as running:
            try:
                _, errors = running.communicate(timeout=limit)
            except subprocess.TimeoutExpired:
                raise Ungraded(f"{path.name} ran longer than {limit:g} seconds, and was stopped") from None
            finally:
                if running.poll() is None:
                    os.killpg(running.pid, signal.SIGKILL)
        if not target.exists():
            last = (errors.strip().splitlines() or ["no reason given"])[-1]
            raise Ungraded(f"{path.name} could not be run to its end: {last}")
        return json.loads(target.read_text(encoding="utf-8")) | {"sheet": name}


def one(path, archive, target):
    """Grade one notebook in this process, and write what was found."""
    from otter.api import grade_submission

    results = grade_submission(path, archive, quiet=True)
    if results.has_catastrophic_failure():
        raise results.catastrophic_error
    answers = {}
    for label, test in results.results.items():
        (case,) = test.test_case_results
        said = "right" if case.passed else case.message.partition("AssertionError: ")[2] or case.message
        answers[label] = {"points": test.score, "of": test.possible, "said": said.strip()}
    outputs = [output for cell in results.notebook.cells for output in cell.get("outputs", [])]
    raised = [f"{one.ename}: {one.evalue}" for one in outputs if one.output_type == "error"]
    Path(target).write_text(json.dumps({"answers": answers, "raised": raised}), encoding="utf-8")


def feedback(found):
    """Return what a student reads.

    >>> said = {"points": 0, "of": 2, "said": "known mistake: J left out"}
    >>> print(feedback({"sheet": "assignment_01", "answers": {"ex-a": said}, "raised": []}))
    # assignment_01: 0 of 2 points
    <BLANKLINE>
    - ex-a, 0 of 2: known mistake: J left out
    <BLANKLINE>
    """
    points, of = total(found)
    lines = [f"# {found['sheet']}: {points:g} of {of:g} points", ""]
    for label, said in found["answers"].items():
        lines.append(f"- {label}, {said['points']:g} of {said['of']:g}: {said['said']}")
    if found["raised"]:
        lines += ["", "Cells that raised an error:", "", *(f"- {error}" for error in found["raised"])]
    return "\n".join(lines) + "\n"


def total(found):
    """Return how many points, and of how many."""
    return tuple(sum(said[one] for said in found["answers"].values()) for one in ("points", "of"))


def grade(folder, limit=LIMIT, tests=TARGET):
    """Grade every file of a folder, and write down what was found; return the lines of `grades.csv`."""
    grades, answers, texts = [], [], {}
    handed_in = (path for path in folder.iterdir() if path.is_file() and path.name[0] != ".")
    for path in sorted(path for path in handed_in if path.suffix != ".csv"):
        try:
            found = graded(path, tests, limit)
        except Ungraded as why:
            grades.append([path.name, "", "", "", str(why)])
            texts[path.name] = f"# Not graded\n\n{why}\n"
        else:
            points, of = total(found)
            grades.append([path.name, found["sheet"], f"{points:g}", f"{of:g}", ""])
            for label, said in found["answers"].items():
                answers.append([path.name, label, f"{said['points']:g}", f"{said['of']:g}", said["said"]])
            texts[path.name] = feedback(found)
        print(*grades[-1], flush=True)
    (folder / "feedback").mkdir(exist_ok=True)
    for name, text in texts.items():
        write_text(folder / "feedback" / f"{name}.md", text)
    write_text(folder / "grades.csv", table(["file", "sheet", "points", "of", "not graded because"], grades))
    write_text(folder / "answers.csv", table(["file", "exercise", "points", "of", "said"], answers))
    return grades


def table(head, rows):
    """Return rows as the text of a CSV file."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([head, *rows])
    return text.getvalue()


def main(words, tests=TARGET):
    if words[:1] == ["--one"]:
        return one(*words[1:])
    try:
        if not words[:1] or not words[0]:
            raise ValueError("FOLDER must be a folder of handed-in notebooks, but it is not given")
        if not Path(words[0]).is_dir():
            raise ValueError(f"FOLDER must be a folder of handed-in notebooks, but {words[0]!r} is none")
        if not any(tests.glob("*-tests.zip")):
            raise ValueError("there are no tests here: run make assignments first")
        limit = words[1] if words[1:] else str(LIMIT)
        if not limit.isdigit() or not int(limit):
            raise ValueError(f"LIMIT must be a positive number of seconds, but it is {limit!r}")
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    grade(Path(words[0]), int(limit), tests)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
