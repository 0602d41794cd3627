"""The gate at random: one thing changed anywhere in any chapter, and something turns red.

No cell is executed: nbval's own code runs, with a kernel that answers what the untouched chapter holds. What
nbval passes over, the structural tests must see. `TAMPERINGS=2000 make test` tries that many.
"""

import contextlib
import copy
import json
import os
import random
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections import Counter
from types import SimpleNamespace

import nbformat
import pytest
from nbval.plugin import IPyNbFile, NbCellError

from booktools import execute, notebooks, rules

SEEDS = range(int(os.environ.get("TAMPERINGS", 200)))
PATHS = notebooks.chapters()
NOTEBOOKS = {path.stem: notebooks.load(path) for path in PATHS}
SVG = "image/svg+xml"


class Recorded:
    """A kernel that answers each cell with the outputs that the untouched chapter shows for it."""

    def __init__(self, notebook):
        self.outputs = {cell.source: cell.outputs for _, cell in notebooks.cells(notebook, "code")}
        self.messages = []

    def is_alive(self):
        return True

    def execute_cell_input(self, source, allow_stdin):
        for output in copy.deepcopy(self.outputs.get(source, [])):
            kind = output.pop("output_type")
            self.messages.append({"msg_type": kind, "content": output})
        self.messages.append({"msg_type": "status", "content": {"execution_state": "idle"}})
        return "this"

    def await_reply(self, *_, **__):
        pass

    def get_message(self, *_, **__):
        return self.messages.pop(0) | {"parent_header": {"msg_id": "this"}}


def nbval_sees(notebook, name, session, monkeypatch):
    """Whether nbval finds a cell whose outputs are not those of the untouched chapter."""
    monkeypatch.setattr("nbval.plugin.nbformat", SimpleNamespace(read=lambda *_, **__: notebook))
    collected = IPyNbFile.from_parent(session, path=notebooks.ROOT / f"chapters/{name}.ipynb")
    collected.kernel = Recorded(NOTEBOOKS[name])
    try:
        for cell in collected.collect():
            with contextlib.suppress(pytest.skip.Exception):
                cell.runtest()
    except NbCellError:
        return True
    except (
        TypeError
    ) as error:  # of nbval itself: it cannot print an explorer, and the cell fails all the same
        return "NotebookNode found" in str(error)
    return False


def structure_sees(notebook):
    """Whether a structural test finds something wrong."""
    if rules.output_problems(notebook) or rules.source_problems(notebook):
        return True
    printed = "".join(output.get("text", "") for cell in code(notebook) for output in cell.outputs)
    if re.findall(r"^✓ (\S+)", printed, re.MULTILINE) != [
        check.label for check in notebooks.checks(notebook)
    ]:
        return True
    before = json.dumps(notebook, sort_keys=True)
    try:
        execute.canonical(notebook)
    except nbformat.ValidationError:
        return True
    return json.dumps(notebook, sort_keys=True) != before


def code(notebook):
    return [cell for _, cell in notebooks.cells(notebook, "code")]


# --- tamperings: each changes one thing, chosen by `pick` -------------------------------------------

TAMPERINGS = []


def tampering(function):
    TAMPERINGS.append(function)
    return function


def pick_text(notebook, pick, wanted):
    """Choose an output text that holds what is wanted: return where it is kept, its key, and its matches."""
    found = []
    for cell in code(notebook):
        for output in cell.outputs:
            for place, key in [
                (output, "text"),
                *[(output.get("data", {}), mime) for mime in output.get("data", {})],
            ]:
                text = place.get(key)
                if isinstance(text, str) and re.search(wanted, text):
                    found.append((place, key))
    place, key = pick.choice(found)
    return place, key, pick.choice(list(re.finditer(wanted, place[key])))


def replaced(notebook, pick, wanted, new):
    """Replace one match in one output by something else."""
    place, key, match = pick_text(notebook, pick, wanted)
    text = place[key]
    place[key] = text[: match.start()] + new(match.group()) + text[match.end() :]


@tampering
def change_a_digit(notebook, pick):
    replaced(notebook, pick, r"\d", lambda digit: pick.choice("0123456789".replace(digit, "")))


@tampering
def change_a_sign(notebook, pick):
    replaced(notebook, pick, r"-(?=\d)|(?<= )(?=\d)", lambda sign: "" if sign else "-")


@tampering
def change_a_coordinate(notebook, pick):
    outputs = [
        output.data for cell in code(notebook) for output in cell.outputs if SVG in output.get("data", {})
    ]
    data = pick.choice(outputs)
    match = pick.choice(list(re.finditer(r"(?<=[ML] )-?\d+(?:\.\d+)?", data[SVG])))
    moved = f"{float(match.group()) + pick.choice([-0.01, 0.01, 1]):g}"
    data[SVG] = data[SVG][: match.start()] + moved + data[SVG][match.end() :]


@tampering
def change_a_letter(notebook, pick):
    replaced(notebook, pick, r"[A-Za-zΑ-ω]", lambda letter: pick.choice("abcxyz".replace(letter, "")))


@tampering
def add_or_drop_a_blank(notebook, pick):
    replaced(notebook, pick, r" |(?<=\S)\n", lambda blank: pick.choice(["", blank * 2]))


@tampering
def lose_a_line(notebook, pick):
    replaced(notebook, pick, r"(?m)^[^\n]*\n", lambda line: pick.choice(["", line * 2]))


@tampering
def swap_lines(notebook, pick):
    replaced(
        notebook,
        pick,
        r"(?m)^(?P<first>[^\n]+)\n(?!(?P=first)$)[^\n]+$",
        lambda lines: "\n".join(reversed(lines.split("\n"))),
    )


@tampering
def overprint_a_line(notebook, pick):
    output = pick.choice([output for cell in code(notebook) for output in cell.outputs if "text" in output])
    output.text = "something else\r" + output.text


@tampering
def split_what_was_printed(notebook, pick):
    cell = pick.choice([cell for cell in code(notebook) if "text" in (cell.outputs or [{}])[0]])
    first = cell.outputs[0]
    rest, at = copy.deepcopy(first), pick.randrange(len(first.text))
    first.text, rest.text = first.text[:at], first.text[at:]
    cell.outputs.insert(1, rest)


def shown(notebook):
    return [cell for cell in code(notebook) if cell.outputs]


@tampering
def lose_an_output(notebook, pick):
    pick.choice(shown(notebook)).outputs.pop()


@tampering
def repeat_an_output(notebook, pick):
    outputs = pick.choice(shown(notebook)).outputs
    outputs.append(copy.deepcopy(outputs[0]))


@tampering
def exchange_the_outputs_of_two_cells(notebook, pick):
    one = pick.choice(shown(notebook))
    two = pick.choice([cell for cell in shown(notebook) if cell.outputs != one.outputs])
    one.outputs, two.outputs = two.outputs, one.outputs


@tampering
def print_after_the_figure(notebook, pick):
    figure = pick.choice([cell for cell in shown(notebook) if SVG in cell.outputs[-1].get("data", {})])
    figure.outputs.append(nbformat.v4.new_output("stream", name="stdout", text="late\n"))


@tampering
def lose_a_format(notebook, pick):
    data = pick.choice(
        [output.data for cell in code(notebook) for output in cell.outputs if "data" in output]
    )
    del data[pick.choice(list(data))]


@tampering
def add_a_bitmap(notebook, pick):
    data = pick.choice(
        [output.data for cell in code(notebook) for output in cell.outputs if "data" in output]
    )
    data[pick.choice(["image/png", "image/jpeg", "application/vnd.jupyter.widget-view+json"])] = "AAAA"


@tampering
def make_a_count_stale(notebook, pick):
    cell = pick.choice(code(notebook))
    cell.execution_count = pick.choice([None, cell.execution_count + 1, 0, cell.execution_count + 100])


@tampering
def make_the_count_of_an_output_stale(notebook, pick):
    results = [output for cell in code(notebook) for output in cell.outputs if "execution_count" in output]
    pick.choice(results).execution_count += pick.choice([-1, 1, 100])


@tampering
def add_a_cell(notebook, pick):
    new = nbformat.v4.new_code_cell(
        pick.choice(["x = 1", "print('extra')", pick.choice(code(notebook)).source])
    )
    new.execution_count = pick.choice([None, 1, len(code(notebook)) + 2])
    notebook.cells.insert(pick.randrange(len(notebook.cells) + 1), new)


@tampering
def lose_a_cell(notebook, pick):
    notebook.cells.remove(
        pick.choice([cell for cell in code(notebook) if cell.execution_count < len(code(notebook))])
    )


@tampering
def swap_cells(notebook, pick):
    places = [index for index, _ in notebooks.cells(notebook, "code")]
    one, two = pick.sample(places, 2)
    notebook.cells[one], notebook.cells[two] = notebook.cells[two], notebook.cells[one]


@tampering
def change_an_equation(notebook, pick):
    label, latex = pick.choice(notebooks.equations(notebook))
    at = pick.choice([match.start() for match in re.finditer(r"\S", latex)])
    changed = latex[:at] + pick.choice([c for c in "+-2x" if c != latex[at]]) + latex[at + 1 :]
    cell = next(cell for cell in notebook.cells if f"\n{latex}\n$$ ({label})" in cell.source)
    cell.source = cell.source.replace(latex, changed)


@tampering
def rename_an_equation(notebook, pick):
    label, _ = pick.choice(notebooks.equations(notebook))
    cell = next(cell for cell in notebook.cells if f"$$ ({label})" in cell.source)
    cell.source = cell.source.replace(f"$$ ({label})", f"$$ ({label}-other)")


@tampering
def ask_nbval_to_look_away(notebook, pick):
    cell = pick.choice(shown(notebook))
    if pick.random() < 0.5:
        tags = [
            "nbval-ignore-output",
            "nbval-skip",
            "nbval-raises-exception",
            "raises-exception",
            "skip-execution",
        ]
        cell.metadata["tags"] = [*cell.metadata.get("tags", []), pick.choice(tags)]
    else:
        words = ["NBVAL_IGNORE_OUTPUT", "NBVAL_SKIP", "PYTEST_VALIDATE_IGNORE_OUTPUT", "nbval-skip"]
        cell.source = f"# {pick.choice(words)}\n{cell.source}"


@tampering
def mark_an_output(notebook, pick):
    output = pick.choice([output for cell in code(notebook) for output in cell.outputs])
    output["metadata"] = {"tags": ["changed"]}


caught = Counter()


def tampered(seed):
    """Return a chapter's name, the kind of tampering, and the chapter with one thing changed."""
    pick = random.Random(seed)
    while True:
        name = pick.choice(list(NOTEBOOKS))
        change = TAMPERINGS[seed % len(TAMPERINGS)]
        notebook = copy.deepcopy(NOTEBOOKS[name])
        try:
            change(notebook, pick)
        except (IndexError, ValueError):
            continue  # this chapter has nothing of the kind
        if notebook != NOTEBOOKS[name]:
            return name, change.__name__, notebook


def test_the_untouched_chapters_pass(request, monkeypatch):
    for name, notebook in NOTEBOOKS.items():
        assert not nbval_sees(copy.deepcopy(notebook), name, request.session, monkeypatch), name
        assert not structure_sees(copy.deepcopy(notebook)), name


def test_whatever_is_changed_something_turns_red(request, monkeypatch):
    missed = []
    for seed in SEEDS:
        name, change, notebook = tampered(seed)
        with monkeypatch.context() as patch:
            by_nbval = nbval_sees(copy.deepcopy(notebook), name, request.session, patch)
        if by_nbval or structure_sees(notebook):
            caught[change] += 1
        else:
            missed.append(f"{change} in {name}, seed {seed}")
    print(f"tamperings caught: {sum(caught.values()):,} of {len(SEEDS):,} ({dict(caught)})")
    assert missed == []


@pytest.mark.slow
def test_nbval_itself_sees_what_it_was_said_to_see(request, monkeypatch, tmp_path):
    """Sixteen tampered chapters, executed: what the recorded kernel shows, a real one shows too."""
    shutil.copy(notebooks.ROOT / "pyproject.toml", tmp_path)
    said = {}
    for seed in range(10**6, 10**6 + 16):
        name, change, notebook = tampered(seed)
        path = tmp_path / f"{change}_{seed}.ipynb"
        nbformat.write(notebook, path)
        with monkeypatch.context() as patch:
            said[path.stem] = nbval_sees(copy.deepcopy(notebook), name, request.session, patch)
    report = tmp_path / "report.xml"
    words = [
        "-p",
        "no:cacheprovider",
        "-n",
        "2",
        "-o",
        "addopts=",
        "--nbval",
        f"--junitxml={report}",
        tmp_path,
    ]
    subprocess.run([sys.executable, "-m", "pytest", *words], cwd=tmp_path, capture_output=True, check=False)
    seen = dict.fromkeys(said, False)
    for case in ET.parse(report).iter("testcase"):
        seen[case.get("classname").split(".")[-2]] |= case.find("failure") is not None
    # Nor can it be fooled where the recorded kernel can: by cells whose order or whose code was changed.
    assert {name for name, caught in said.items() if caught and not seen[name]} == set()
