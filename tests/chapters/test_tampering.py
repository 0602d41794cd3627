"""One thing changed anywhere in any chapter, and something turns red.

Tamperings are drawn at random: nbval's own code runs with a kernel that answers what the untouched chapter
holds. What nbval passes over, the rules of structure must see. In `make test SLOW=1`, more are tried
(`TAMPERINGS=2000`: so many), and real kernels run chapters that were tampered with.
"""

import contextlib
import copy
import functools
import json
import os
import random
import re
import shutil
from collections import Counter
from types import SimpleNamespace

import nbformat
import pytest
from nbval.plugin import IPyNbFile, NbCellError

from booktools import execute, notebooks, rules
from booktools.rules import EXPLORER
from tests.nightly.matrix import compared

SEEDS = range(int(os.environ.get("TAMPERINGS", 200)))
NOTEBOOKS = {path.stem: notebooks.load(path) for path in notebooks.paths()}
SVG = "image/svg+xml"


def code(notebook):
    return [cell for _, cell in notebooks.cells(notebook, "code")]


def shown(notebook, mime=None):
    """Return ``(cell, output)`` for every output, or for those that hold a MIME type, or ``"text"``."""
    pairs = [(cell, output) for cell in code(notebook) for output in cell.outputs]
    return [
        (cell, output)
        for cell, output in pairs
        if not mime or mime in output or mime in output.get("data", {})
    ]


# --- with a kernel that runs -----------------------------------------------------------------------


def red(folder, *names):
    """Run nbval on notebooks of a folder; return the names of its cells that fail, and how many pass."""
    shutil.copy(notebooks.ROOT / "pyproject.toml", folder)
    chapters = [{"file": name} for name in names[1:]]
    toc = {"format": "jb-book", "root": names[0]} | ({"chapters": chapters} if chapters else {})
    (folder / "_toc.yml").write_text(json.dumps(toc))  # JSON is YAML
    passed, failed = compared(folder)
    return set(failed), passed


@pytest.mark.slow
def test_nbval_shows_each_tampering_and_nothing_else(tmp_path):
    """In the first chapter up to its first figure."""
    notebook = copy.deepcopy(next(iter(NOTEBOOKS.values())))
    drawn, figure = shown(notebook, SVG)[0]
    notebook.cells = notebook.cells[: notebook.cells.index(drawn) + 1]
    printed, text = shown(notebook, "text")[0]
    (plain, table), (marked_up, page), (emptied, _) = shown(notebook, "text/html")[:3]
    checked = next(cell for cell in code(notebook) if "verify.gradient" in cell.source)

    text.text = re.sub(r"\d", lambda digit: str(9 - int(digit[0])), text.text, count=1)
    table.data["text/plain"] = table.data["text/plain"].replace("0.5", "0.6", 1)
    page.data["text/html"] = page.data["text/html"].replace("<td>25", "<td>26", 1)
    emptied.outputs = []
    figure.data[SVG] = re.sub(r"\bL (\d+)", r"L 1\1", figure.data[SVG], count=1)
    checked.source = checked.source.replace("α R (δ_ab − π_b)", "α R (δ_ab + π_b)")

    nbformat.write(notebook, tmp_path / "tampered.ipynb")
    changed = [printed, plain, marked_up, emptied, drawn, checked]
    failed, passed = red(tmp_path, "tampered")
    assert failed == {f"tampered Cell {code(notebook).index(cell)}" for cell in changed}
    assert len(failed) == len(changed)
    assert passed == len(code(notebook)) - len(changed) > 0


# --- with a kernel that answers as it did ----------------------------------------------------------


class Recorded:
    """A kernel that answers each cell with the outputs that the untouched chapter shows for it."""

    def __init__(self, notebook):
        self.outputs = {cell.source: cell.outputs for cell in code(notebook)}
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
    except TypeError as error:
        # Of nbval itself: it cannot print an explorer, and the cell fails all the same.
        return "NotebookNode found" in str(error)
    return False


def structure_sees(notebook):
    """Whether a structural test finds something wrong."""
    if rules.output_problems(notebook) or rules.source_problems(notebook):
        return True
    printed = "".join(output.text for _, output in shown(notebook, "text"))
    labels = re.findall(r"^✓ (\S+)", printed, re.MULTILINE)
    if labels != [check.label for check in notebooks.checks(notebook)]:
        return True
    before = json.dumps(notebook, sort_keys=True)
    try:
        execute.canonical(notebook)
    except nbformat.ValidationError:
        return True
    return json.dumps(notebook, sort_keys=True) != before


def replaced(notebook, pick, wanted, new):
    """Replace one match in one output by something else."""
    places = [(output, "text") for _, output in shown(notebook, "text")]
    places += [(output.data, mime) for _, output in shown(notebook, "data") for mime in output.data]
    texts = [(place, key) for place, key in places if isinstance(place[key], str)]
    place, key = pick.choice([(place, key) for place, key in texts if re.search(wanted, place[key])])
    match = pick.choice(list(re.finditer(wanted, place[key])))
    place[key] = place[key][: match.start()] + new(match.group(), pick) + place[key][match.end() :]


# What is replaced in an output, and by what.
REPLACED = {
    "change a digit": (r"\d", lambda old, pick: pick.choice("0123456789".replace(old, ""))),
    "change a sign": (r"-(?=\d)|(?<= )(?=\d)", lambda old, pick: "" if old else "-"),
    "move a point": (
        r"(?<=[ML] )-?\d+(?:\.\d+)?",
        lambda old, pick: f"{float(old) + pick.choice([-0.01, 1]):g}",
    ),
    "change a letter": (r"[A-Za-zΑ-ω]", lambda old, pick: pick.choice("abcxyz".replace(old, ""))),
    "add or drop a blank": (r" |(?<=\S)\n", lambda old, pick: pick.choice(["", old * 2])),
    "lose a line": (r"(?m)^[^\n]*\n", lambda old, pick: pick.choice(["", old * 2])),
    "swap lines": (
        r"(?m)^(?P<first>[^\n]+)\n(?!(?P=first)$)[^\n]+$",
        lambda old, pick: "\n".join(reversed(old.split("\n"))),
    ),
}
# Each changes one thing, chosen by `pick`.
TAMPERINGS = {
    name: functools.partial(replaced, wanted=wanted, new=new) for name, (wanted, new) in REPLACED.items()
}


def of_an_output(change, mime=None):
    """Return the tampering that changes a cell and one of its outputs, if need be of a kind."""
    return lambda notebook, pick: change(*pick.choice(shown(notebook, mime)), pick)


BITMAPS = ["image/png", "image/jpeg", "application/vnd.jupyter.widget-view+json"]
LATE = nbformat.v4.new_output("stream", name="stdout", text="late\n")
TAMPERINGS |= {
    "overprint a line": of_an_output(lambda _, out, pick: out.update(text=f"other\r{out.text}"), "text"),
    "lose an output": of_an_output(lambda cell, *_: cell.outputs.pop()),
    "repeat an output": of_an_output(lambda cell, out, pick: cell.outputs.append(copy.deepcopy(out))),
    "print after the figure": of_an_output(lambda cell, *_: cell.outputs.append(copy.copy(LATE)), SVG),
    "lose a format": of_an_output(lambda _, out, pick: out.data.pop(pick.choice(list(out.data))), "data"),
    "add a bitmap": of_an_output(lambda _, out, pick: out.data.update({pick.choice(BITMAPS): "AA"}), "data"),
    "make the count of an output stale": of_an_output(
        lambda _, out, pick: out.update(execution_count=out.execution_count + pick.choice([-1, 1, 100])),
        "execution_count",
    ),
    "mark an output": of_an_output(lambda _, out, pick: out.update(metadata={"tags": ["changed"]})),
}


def tampering(function):
    TAMPERINGS[function.__name__.replace("_", " ")] = function
    return function


@tampering
def move_a_slider_of_an_explorer(notebook, pick):
    _, output = pick.choice(shown(notebook, EXPLORER))
    numbers = [one for one in output.data[EXPLORER]["signals"] if isinstance(one.get("value"), int | float)]
    pick.choice(numbers)["value"] += 1


@tampering
def split_what_was_printed(notebook, pick):
    cell, first = pick.choice(shown(notebook, "text"))
    rest, at = copy.deepcopy(first), pick.randrange(len(first.text))
    first.text, rest.text = first.text[:at], first.text[at:]
    cell.outputs.insert(1, rest)


@tampering
def exchange_the_outputs_of_two_cells(notebook, pick):
    one, _ = pick.choice(shown(notebook))
    two = pick.choice([cell for cell, _ in shown(notebook) if cell.outputs != one.outputs])
    one.outputs, two.outputs = two.outputs, one.outputs


@tampering
def forget_what_a_figure_is_called_or_shows(notebook, pick):
    cell, output = pick.choice(shown(notebook, SVG) + shown(notebook, EXPLORER))
    named = cell.metadata["mystnb"]
    alt = (output.data[EXPLORER], "description") if EXPLORER in output.data else (named["image"], "alt")
    place, key = pick.choice([(named["figure"], "name"), (named["figure"], "caption"), alt])
    del place[key]


@tampering
def make_a_count_stale(notebook, pick):
    cell = pick.choice(code(notebook))
    cell.execution_count = pick.choice([None, cell.execution_count + 1, 0, cell.execution_count + 100])


@tampering
def leave_a_cell_unexecuted(notebook, pick):
    cell = pick.choice(code(notebook))
    cell.execution_count, cell.outputs = None, []


@tampering
def add_a_cell(notebook, pick):
    sources = ["x = 1", "print('extra')", pick.choice(code(notebook)).source]
    new = nbformat.v4.new_code_cell(pick.choice(sources))
    new.execution_count = pick.choice([None, 1, len(code(notebook)) + 2])
    notebook.cells.insert(pick.randrange(len(notebook.cells) + 1), new)


@tampering
def lose_a_cell(notebook, pick):
    notebook.cells.remove(pick.choice(code(notebook)[:-1]))


@tampering
def lose_a_check(notebook, pick):
    """All cells that check an equation; the others are numbered as if they had never been."""
    label, _ = pick.choice(notebooks.equations(notebook))
    places = {check.cell for check in notebooks.checks(notebook) if check.label == label}
    notebook.cells = [cell for index, cell in enumerate(notebook.cells) if index not in places]
    execute.canonical(notebook)


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
    cell, _ = pick.choice(shown(notebook))
    tags = [
        "nbval-ignore-output",
        "nbval-skip",
        "nbval-raises-exception",
        "raises-exception",
        "skip-execution",
    ]
    words = ["NBVAL_IGNORE_OUTPUT", "NBVAL_SKIP", "PYTEST_VALIDATE_IGNORE_OUTPUT", "nbval-skip"]
    if pick.random() < 0.5:
        cell.metadata["tags"] = [*cell.metadata.get("tags", []), pick.choice(tags)]
    else:
        cell.source = f"# {pick.choice(words)}\n{cell.source}"


def tampered(seed):
    """Return a chapter's name, the kind of tampering, and the chapter with one thing changed."""
    pick = random.Random(seed)
    while True:
        name = pick.choice(list(NOTEBOOKS))
        change = list(TAMPERINGS)[seed % len(TAMPERINGS)]
        notebook = copy.deepcopy(NOTEBOOKS[name])
        try:
            TAMPERINGS[change](notebook, pick)
        except (IndexError, ValueError):
            continue  # this chapter has nothing of the kind
        if notebook != NOTEBOOKS[name]:
            return name, change, notebook


def test_the_untouched_chapters_pass(request, monkeypatch):
    for name, notebook in NOTEBOOKS.items():
        assert not nbval_sees(copy.deepcopy(notebook), name, request.session, monkeypatch), name
        assert not structure_sees(copy.deepcopy(notebook)), name


@pytest.mark.parametrize("seeds", [SEEDS[:60], pytest.param(SEEDS[60:], marks=pytest.mark.slow)], ids=str)
def test_whatever_is_changed_something_turns_red(request, monkeypatch, seeds):
    missed, caught = [], Counter()
    for seed in seeds:
        name, change, notebook = tampered(seed)
        with monkeypatch.context() as patch:
            by_nbval = nbval_sees(copy.deepcopy(notebook), name, request.session, patch)
        if by_nbval or structure_sees(notebook):
            caught[change] += 1
        else:
            missed.append(f"{change} in {name}, seed {seed}")
    print(f"tamperings caught: {sum(caught.values()):,} of {len(seeds):,} ({dict(caught)})")
    assert missed == []


@pytest.mark.slow
def test_nbval_itself_sees_what_it_was_said_to_see(request, monkeypatch, tmp_path):
    """Four tampered chapters, executed: what the recorded kernel shows, a real one shows too."""
    said = set()
    for seed in range(10**6, 10**6 + 4):
        name, _, notebook = tampered(seed)
        nbformat.write(notebook, tmp_path / f"{seed}.ipynb")
        with monkeypatch.context() as patch:
            if nbval_sees(copy.deepcopy(notebook), name, request.session, patch):
                said.add(str(seed))
    failed, _ = red(tmp_path, *(path.stem for path in tmp_path.glob("*.ipynb")))
    # Nor can it be fooled where the recorded kernel can: by cells whose order or whose code was changed.
    assert said
    assert said - {name.partition(" ")[0] for name in failed} == set()
