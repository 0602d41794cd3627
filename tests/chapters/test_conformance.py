"""What `make conformance` recorded: equations of the book, wrong versions far off, the lines of the page."""

import re

import pytest

from booktools import notebooks
from booktools.sphinx import conformance

PAGE = (notebooks.ROOT / "chapters/practice/libraries.md").read_text(encoding="utf-8")
RESULTS = conformance.load()
ROWS = [(library, row) for library, found in RESULTS["libraries"].items() for row in found["rows"]]


@pytest.mark.parametrize(
    ("library", "row"), ROWS, ids=lambda part: part if isinstance(part, str) else part["option"]
)
def test_wrong_versions_are_a_thousand_times_further_off(library, row):
    far = max(row["value"], row["gradient"])
    assert far <= RESULTS["tolerance"]
    assert row["wrong"]
    assert min(row["wrong"].values()) >= 1000 * max(far, RESULTS["tolerance"])


def test_rows_name_equations_of_the_book():
    named = {label for _, row in ROWS for label in row["equations"]}
    chapters = [notebooks.load(path) for path in notebooks.chapters()]
    assert named <= {label for chapter in chapters for label, _ in notebooks.equations(chapter)}


def test_each_library_has_its_table_and_was_seen_to_fail():
    assert re.findall(r"{conformance} (\S+)", PAGE) == list(RESULTS["libraries"])
    assert all(one["red"] > 0 for found in RESULTS["libraries"].values() for one in found["changed"])


def test_lines_in_the_text_are_those_of_rows():
    found = re.findall(r"`(\w+\.py)`, lines? (\d+)(?: and (\d+))?", PAGE)
    named = {(file, int(line)) for file, *lines in found for line in lines if line}
    assert len(named) > 15
    assert named <= {(row["file"].rpartition("/")[2], row["line"]) for _, row in ROWS}
