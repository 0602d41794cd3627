"""Exercises check themselves: the right answer, each known mistake and no answer are told apart."""

import contextlib
import io
import re
import warnings

import pytest

from booktools import notebooks
from pgbook import exercises

PATHS = notebooks.chapters()
EXERCISE = re.compile(r"\{exercise\}[^\n]*\n:label: (\S+)\n(.*?)^:::$", re.DOTALL | re.MULTILINE)
STUB = re.compile(r'^check\("(ex-[\w-]+)", answer\)$', re.MULTILINE)

# Exercises that ask for nothing that could be compared, and why.
PROOF = "a proof of what its text states"
SAMPLED = "a project whose numbers are sampled: another generator gives others"
UNCHECKED = {
    "ex-pi-no-trap": PROOF,
    "ex-pi-steps": SAMPLED,
    "ex-trajectories-batch-mean": PROOF,
    "ex-trajectories-project": SAMPLED,
    "ex-baseline-zero": SAMPLED,
    "ex-natural-invariant": PROOF,
    "ex-grpo-inner": SAMPLED,
    "ex-false-own": "a search of the reader's own",
}


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_below_an_exercise_is_a_stub_or_there_is_a_reason_why_not(path):
    texts, checked, above = [], [], ""
    for cell in notebooks.load(path).cells:
        if cell.cell_type == "markdown":
            above = cell.source
            texts += EXERCISE.findall(above)
        for label in STUB.findall(cell.source) if cell.cell_type == "code" else ():
            assert EXERCISE.findall(above)[-1][0] == label
            checked.append(label)
    assert texts
    assert checked == [label for label, text in texts if label not in UNCHECKED]
    assert checked == [label for label, text in texts if "**Check.** " in text]


# One chapter always; the others run once more, two minutes of a processor, in the slow tests.
ONE = "02_log_derivative"
RUN = [pytest.param(path, id=path.stem, marks=[pytest.mark.slow] * (path.stem != ONE)) for path in PATHS]


@pytest.mark.parametrize("path", RUN)
def test_right_is_right_and_every_known_mistake_is_known(path, monkeypatch):
    """Where the exercise stands, and when all of the chapter has run: readers come back."""
    monkeypatch.chdir(path.parent)
    names, answers = {"check": exercises.check}, {}

    def solved(label):
        told = {name: value for name, value in names.items() if name not in exercises._TOLD}
        exercises._run(exercises._solution(label, exercises._chapters(label)), told)
        return [told.get(name) for name in ("answer", "mistakes", "digits", "cases")]

    def meets(label):
        right, mistakes, *_ = answers[label]
        told = solved(label)
        assert exercises._verdict(*told, right) == "right", label
        for name, (wrong, why) in (mistakes or {}).items():
            assert exercises._verdict(*told, wrong) == f"known mistake: {name} · {why}", label

    for _, cell in notebooks.cells(notebooks.load(path), "code"):
        with contextlib.redirect_stdout(io.StringIO()) as printed, warnings.catch_warnings(action="ignore"):
            exec(compile(cell.source, cell.id, "exec"), names)
        for label in STUB.findall(cell.source):
            assert printed.getvalue().startswith(f"{label} · no answer yet · hint: ")
            answers[label] = solved(label)
            meets(label)
        if "\nhint = " in cell.source:  # what the page shows is what is compared
            assert exercises._verdict(*answers[label], names["answer"]) == "right", label
    for label in answers:
        meets(label)
    # What the page checks with was computed so too.
    for label, cell in notebooks.stubs(notebooks.load(path)):
        kept, told = cell.metadata.get("answer"), exercises.published(label, names)
        assert (kept is None) == (told is None), label
        assert kept is None or kept["answer"] == pytest.approx(told["answer"], rel=1e-4, abs=1e-6), label
