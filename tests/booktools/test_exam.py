"""The exam questions: numbers agree on two ways, for other seeds too; the public book shows none of them."""

import re

import pytest

from booktools import exam, notebooks

PAGE = (notebooks.ROOT / "chapters/appendix/teaching.md").read_text(encoding="utf-8")


def test_there_are_forty_two_to_four_for_each_chapter():
    headings = [
        number
        for path in sorted(exam.FOLDER.glob("[0-9]*.md"))
        for number in re.findall(r"^## (\S+) ", path.read_text(encoding="utf-8"), re.MULTILINE)
    ]
    assert list(exam.questions()) == headings
    assert len(headings) == 40
    for path in notebooks.chapters():
        numbers = [number for number in headings if number.split(".")[0] == str(int(path.stem[:2]))]
        assert numbers == [f"{int(path.stem[:2])}.{at + 1}" for at in range(len(numbers))]
        assert 2 <= len(numbers) <= 4
        assert (exam.FOLDER / f"{path.stem}.md").exists()


def test_each_assesses_a_goal_of_its_chapter_and_has_what_a_question_needs():
    kinds = {one.kind for one in exam.questions().values()}
    assert kinds == {
        "by hand",
        "derivation",
        "find the mistake",
        "interpret numbers",
        "read code",
        "true or false",
    }
    for path in notebooks.chapters():
        first = notebooks.load(path).cells[0].source
        goals = re.findall(r"\*\*(?:\{term\}`)?(\w+)", first.split("In this chapter")[1])
        for one in exam.questions().values():
            if one.number.split(".")[0] == str(int(path.stem[:2])):
                assert one.goal in goals, one.number
                assert f"| {one.number.split('.')[0]} | {one.goal} |" in PAGE
    for one in exam.questions().values():
        assert "agree" in one.routes, one.number
        assert "differ" in one.routes, one.number
        words = one.title + one.text + one.solution + one.marks
        assert "«" not in words, one.number
        # GitHub takes a backslash before punctuation away, in formulas too
        assert re.findall(r"\\[^a-zA-Z].*", words) == [], one.number
        for part in re.findall(r"\(([a-d])\)", one.text):
            assert f"({part})" in one.solution, one.number
        assert 5 <= one.minutes <= 15
        assert 5 <= one.points <= 10


SEEDS = ["7", *(pytest.param(str(seed), marks=pytest.mark.slow) for seed in range(10) if seed != 7)]


@pytest.mark.parametrize("seed", SEEDS)
def test_another_seed_gives_other_numbers_that_agree_as_well(seed):
    others = exam.questions(seed)
    assert list(others) == list(exam.questions())
    changed = [number for number, one in others.items() if one.text != exam.questions()[number].text]
    assert len(changed) > 15


def test_a_number_on_one_way_only_is_an_error():
    match = next(exam._QUESTION.finditer((exam.FOLDER / "01_question.md").read_text(encoding="utf-8")))
    for code, said in (
        ("agree(1, 1.1)", "two ways give 1.0 and 1.1"),
        ("differ(2, 2)", "a wrong answer is right, 2"),
    ):
        wrong = {**match.groupdict(), "code": code}
        with pytest.raises(ValueError, match=rf"^question 1\.1, seed None: {re.escape(said)}$"):
            exam.question(wrong)


def test_a_sheet_has_solutions_or_has_none(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(exam, "TARGET", tmp_path)
    assert exam.main(["1.1", "9.3", "7"]) == 0
    questions, solutions = (
        (tmp_path / f"{name}.md").read_text(encoding="utf-8") for name in ("questions", "solutions")
    )
    assert questions.startswith("# Questions: 13 points, 15 minutes\n\n## 1.1 One update by hand (6 points, ")
    assert "**Solution.**" not in questions
    assert solutions.count("**Solution.**") == solutions.count("**Marks.**") == 2
    assert exam.main(["1.1", "9.9"]) == 1
    assert "there is no question 9.9; there are: 1.1, 1.2," in capsys.readouterr().err


@pytest.mark.skipif(not (notebooks.HTML / "built").exists(), reason="the book is not built here")
def test_the_pages_and_their_search_have_no_question():
    said = [max(re.findall(r"[A-Za-z ,]+", one.text), key=len)[:40] for one in exam.questions().values()]
    assert min(map(len, said)) > 20
    files = [
        path for kind in ("html", "js", "json", "md", "txt") for path in notebooks.HTML.rglob(f"*.{kind}")
    ]
    assert len(files) > 30
    for path in files:
        text = "" if "mathjax" in path.parts else path.read_text(encoding="utf-8", errors="ignore")
        assert [one for one in said if one in text] == [], path
