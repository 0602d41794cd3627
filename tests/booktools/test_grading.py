"""A folder of graded sheets is graded by otter-grader itself, from the sheet to the feedback."""

import csv
import os
import subprocess
import sys
import zipfile

import nbformat
import pytest
from nbformat.v4 import new_notebook

from booktools import grading, notebooks
from booktools.sphinx import downloads
from pgbook import exercises

OTTER = notebooks.ROOT / "_build" / "otter"
MAKE = """
import shutil
import sys
from pathlib import Path
from booktools import assignments, notebooks
built = Path(sys.argv[1], "html")
shutil.copytree(notebooks.HTML / "chapters", built / "chapters")
paths = [path for path in notebooks.chapters() if path.stem[:2] in ("04", "05")]
for sheet in assignments.write(paths, target=Path(sys.argv[1]), built=built):
    assignments.written(sheet.notebook, Path(sys.argv[1], sheet.name + ".ipynb"))
"""
GRADE = """
import sys
from pathlib import Path
from booktools import grading
grading.grade(Path(sys.argv[1]), float(sys.argv[2]), Path(sys.argv[3]))
"""


def run(code, *words):
    environment = os.environ | {"PYTHONPATH": str(OTTER)}
    command = [sys.executable, "-c", code, *map(str, words)]
    subprocess.run(command, cwd=notebooks.ROOT, env=environment, check=True)


def answered(target, sheet, code):
    """Hand in a sheet, with code for each exercise in place of its stub, or the stub."""
    notebook = nbformat.read(sheet, as_version=4)
    for label, cell in notebooks.stubs(notebook):
        cell.source = code(label) or cell.source
    notebook.metadata.kernelspec.name = "a-kernel-of-my-own"
    nbformat.write(notebook, target)


def rows(path):
    with path.open(encoding="utf-8", newline="") as file:
        return {(row[0], row[1]) if "answers" in path.name else row[0]: row for row in csv.reader(file)}


@pytest.fixture(scope="module")
def tests(tmp_path_factory):
    if not (OTTER / "installed").exists():
        assert not os.environ.get("REQUIRE_OTTER"), "make assignments installs otter-grader"
        pytest.skip("otter-grader is not installed here: make assignments does it")
    folder = tmp_path_factory.mktemp("tests")
    run(MAKE, folder)
    return folder


@pytest.mark.slow
def test_what_is_for_students_is_among_the_downloads_and_no_tests_are(tests):
    (name,) = os.listdir(tests / "html" / "downloads")
    assert name == "why-divide-by-pi-assignments.zip"
    page = (tests / "html" / downloads.PAGE).read_text(encoding="utf-8")
    assert f'href="../../downloads/{name}"' in page
    inside = zipfile.ZipFile(tests / "html" / "downloads" / name).namelist()
    assert [one for one in inside if one.endswith(".ipynb")] == [
        f"why-divide-by-pi-assignments/chapters/assignment_{chapter}.ipynb" for chapter in ("04", "05")
    ]
    assert [one for one in inside if "tests" in one] == []
    assert sorted(one.name for one in tests.glob("*.zip")) == [
        f"assignment_{chapter}-tests.zip" for chapter in ("04", "05")
    ]


@pytest.mark.slow
def test_right_wrong_and_empty_sheets_get_what_they_deserve(tests, tmp_path):
    code = {}
    for path in notebooks.chapters()[3:5]:
        code |= exercises._solutions(notebooks.load(path).cells)

    def solved(label, answer="answer"):
        return "\n".join([*code[label], f'check("{label}", {answer})'])

    def wrong(label):
        return {
            "ex-pi-pencil": "answer = nothing",
            "ex-pi-lift": f"answer = [1, 2]\ncheck('{label}', answer)",
        }.get(label, solved(label, "next(iter(mistakes.values()))[0]"))

    answered(tmp_path / "right.ipynb", tests / "assignment_04.ipynb", solved)
    answered(tmp_path / "symbols.ipynb", tests / "assignment_05.ipynb", solved)
    answered(tmp_path / "wrong.ipynb", tests / "assignment_04.ipynb", wrong)
    answered(tmp_path / "empty.ipynb", tests / "assignment_04.ipynb", lambda label: None)
    (tmp_path / "broken.ipynb").write_text("{", encoding="utf-8")
    (tmp_path / ".DS_Store").touch()
    nbformat.write(new_notebook(), tmp_path / "other.ipynb")
    run(GRADE, tmp_path, grading.LIMIT, tests)

    grades, answers = rows(tmp_path / "grades.csv"), rows(tmp_path / "answers.csv")
    full = grades["right.ipynb"][2]
    assert int(full) > 10
    assert {name: row[1:] for name, row in grades.items() if name != "file"} == {
        "right.ipynb": ["assignment_04", full, full, ""],
        "symbols.ipynb": ["assignment_05", grades["symbols.ipynb"][3], grades["symbols.ipynb"][3], ""],
        "wrong.ipynb": ["assignment_04", "0", full, ""],
        "empty.ipynb": ["assignment_04", "0", full, ""],
        "broken.ipynb": [
            "",
            "",
            "",
            "broken.ipynb is not a notebook: Notebook does not appear to be JSON: '{'",
        ],
        "other.ipynb": [
            "",
            "",
            "",
            "other.ipynb belongs to no graded sheet; there are tests of assignment_04, assignment_05",
        ],
    }
    said = {key: row[4] for key, row in answers.items()}
    assert {said["right.ipynb", label] for _, label in said if label.startswith("ex-pi")} == {"right"}
    mistake = (
        "known mistake: not crossed · Where π₁ r₁ = π₂ r₂, π₁ is in proportion to the other arm's return."
    )
    assert said["wrong.ipynb", "ex-pi-constant"] == mistake
    assert said["wrong.ipynb", "ex-pi-lift"] == "answer must hold True or False, but its dtype is int64"
    assert (
        said["wrong.ipynb", "ex-pi-pencil"]
        == said["empty.ipynb", "ex-pi-tie"]
        == "no answer was given to check"
    )
    text = (tmp_path / "feedback" / "wrong.ipynb.md").read_text(encoding="utf-8")
    assert text.startswith(f"# assignment_04: 0 of {full} points\n\n")
    assert mistake in text
    assert "\nCells that raised an error:\n\n- NameError: name 'nothing' is not defined\n" in text


@pytest.mark.slow
def test_what_does_not_end_is_stopped_and_what_stops_python_is_told(tests, tmp_path):
    answered(tmp_path / "loop.ipynb", tests / "assignment_05.ipynb", lambda label: "while True: pass")
    run(GRADE, tmp_path, 5, tests)
    assert (
        rows(tmp_path / "grades.csv")["loop.ipynb"][4]
        == "loop.ipynb ran longer than 5 seconds, and was stopped"
    )
    (tmp_path / "loop.ipynb").unlink()
    answered(tmp_path / "exit.ipynb", tests / "assignment_05.ipynb", lambda label: "import os; os._exit(1)")
    run(GRADE, tmp_path, grading.LIMIT, tests)
    said = rows(tmp_path / "grades.csv")["exit.ipynb"][4]
    assert said.startswith("exit.ipynb could not be run to its end: ")
    assert "Kernel died" in said
    assert said in (tmp_path / "feedback" / "exit.ipynb.md").read_text(encoding="utf-8")


def test_otter_grader_brings_nothing_that_the_book_has():
    """It comes first where Python looks."""
    ours, theirs = (
        {line.partition("==")[0] for line in (notebooks.ROOT / name).read_text(encoding="utf-8").splitlines()}
        for name in ("requirements.txt", "booktools/otter.txt")
    )
    assert "otter-grader" in theirs
    assert not ours & theirs


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([""], "FOLDER must be a folder of handed-in notebooks, but it is not given\n"),
        (["nowhere"], "FOLDER must be a folder of handed-in notebooks, but 'nowhere' is none\n"),
        (["."], "there are no tests here: run make assignments first\n"),
    ],
)
def test_what_cannot_be_graded_gets_one_sentence(words, said, capsys, tmp_path):
    assert grading.main(words, tmp_path) == 1
    assert capsys.readouterr().err == said


def test_a_limit_is_a_number_of_seconds(capsys, tmp_path):
    (tmp_path / "assignment_01-tests.zip").touch()
    assert grading.main([".", "soon"], tmp_path) == 1
    assert capsys.readouterr().err == "LIMIT must be a positive number of seconds, but it is 'soon'\n"
