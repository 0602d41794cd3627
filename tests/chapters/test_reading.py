"""The main lines are as short as the book says, and so are the paths through it."""

import re

import pytest

from booktools import notebooks, reading
from booktools.sphinx.dependencies import built_on

PATHS = notebooks.chapters()
PARTS = [part for path in PATHS for part in reading.sections(notebooks.load(path))]
LANDING = (notebooks.ROOT / "index.md").read_text(encoding="utf-8")


def card(title):
    """Return the text of a card of the landing page."""
    return re.search(rf"^:::\{{grid-item-card\}} {title}$(.*?)^:::$", LANDING, re.DOTALL | re.MULTILINE)[1]


def led_to(text):
    """Return the sections that a text links to, each with those inside it."""
    found = []
    for label in re.findall(r"\{ref\}`(?:[^`<]*<)?([\w-]+)>?`", text):
        (start,) = (i for i, part in enumerate(PARTS) if part.label == label)
        inner = [i for i in range(start + 1, len(PARTS)) if PARTS[i].level <= PARTS[start].level]
        found += PARTS[start : min(inner, default=len(PARTS))]
    return found


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_a_main_line_takes_25_minutes_at_most_and_its_open_cells_are_short(path):
    assert reading.problems(notebooks.load(path)) == []


def test_the_landing_page_says_how_long_chapters_take():
    found = [round(reading.minutes(reading.sections(notebooks.load(path)))) for path in PATHS]
    assert f"{min(found)} to {max(found)} minutes" in " ".join(LANDING.split())


def test_ten_minutes_are_ten_minutes():
    """A 1,500-word answer: the landing page as far as the paths, and what the card leads to."""
    here = reading.Section("landing page", 1)
    here.add(LANDING.split("\n# ")[1].split("\n(paths)=")[0])
    path = [here, *led_to(card("Ten minutes"))]
    assert len(path) > 1
    assert reading.minutes(path) < 10.5
    assert sum(part.count["words"] for part in path) <= 1600


def test_one_evening_takes_as_long_as_it_says():
    text = card("One evening")
    (said,) = re.findall(r"(\d+) minutes", text)
    assert int(said) == round(reading.minutes(led_to(text))) <= 45


@pytest.mark.parametrize("path", PATHS[1:-1], ids=lambda path: path.stem)
def test_a_chapter_says_what_it_builds_on(path):
    """The map on the landing page is drawn from it; chapter 1 needs nothing, and the last takes up all."""
    numbers = [int(other.stem[:2]) for other in PATHS]
    before = [number for number in built_on(notebooks.load(path)) if number < int(path.stem[:2])]
    assert before
    assert set(before) <= set(numbers)
