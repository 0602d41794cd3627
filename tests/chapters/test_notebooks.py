"""Every chapter is listed, executed in order, and shows only what nbval compares."""

import pytest

from booktools import execute, notebooks, rules

PATHS = notebooks.chapters()


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_nothing_is_wrong_with_the_chapter(path):
    assert rules.problems(path) == []


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_the_file_is_what_make_notebooks_would_write(path):
    assert path.read_text(encoding="utf-8") == execute.canonical(notebooks.load(path))


def test_every_notebook_of_the_repository_is_a_chapter_of_the_book():
    assert sorted(PATHS) == sorted(notebooks.ROOT.glob("chapters/**/[!.]*.ipynb"))
    assert len(PATHS) >= 2
