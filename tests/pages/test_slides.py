"""The slides: what the plan names, in its order; nothing gives an answer away."""

import re
import zipfile

import pytest

from booktools import notebooks, pdf, slides
from booktools.slides.plan import PLAN as PAGE
from booktools.slides.plan import Row

pytestmark = pytest.mark.slow
CHAPTERS = [path.stem for path in notebooks.chapters()]
PLAN = (notebooks.ROOT / f"{PAGE}.md").read_text(encoding="utf-8")
LABEL = re.compile(r"\{(ref|eq|numref)\}`(?:[^`<]*<)?([\w-]+)>?`")


def test_controls_by_another_name_would_style_those_of_an_explorer(tmp_path, monkeypatch):
    for name in ("STATIC", "REVEAL", "OURS"):
        monkeypatch.setattr(slides, name, ())
    style = tmp_path / "reveal.css"
    style.write_text(".reveal .controls {}", encoding="utf-8")
    slides.add_static(tmp_path, tmp_path)
    assert style.read_text(encoding="utf-8") == ".reveal aside.controls {}"
    style.write_text(".reveal .buttons {}", encoding="utf-8")
    with pytest.raises(ValueError, match=r"reveal\.css has no controls"):
        slides.add_static(tmp_path, tmp_path)


def text(element):
    return " ".join(element.get_text().split())


def shown(section):
    return text(section.select_one(".body"))


def test_there_is_a_deck_of_at_most_45_minutes_for_each_chapter(slides_folder, decks, book):
    assert sorted(path.stem for path in slides_folder.glob("*.html")) == [*CHAPTERS, "index"]
    for sections in decks.values():
        assert 44 * 60 < sum(int(section["data-timing"]) for section in sections) <= 45.2 * 60
    for number, chapter in enumerate(CHAPTERS, start=1):
        article = book.article(f"chapters/{chapter}")
        title = text(article.h1).rstrip("#")
        assert text(decks[chapter][0].h1) == title
        assert f"### Session {number}: {title.partition('. ')[2]}\n" in PLAN
        assert sum(minutes for minutes, *_ in book.sessions[number][1]) <= 45


def test_a_deck_shows_what_its_session_names_in_that_order(decks, book):
    plans = re.findall(r"^### Session \d+: .*\n((?s:.*?))^At home", PLAN, re.MULTILINE)
    assert len(plans) == len(CHAPTERS)
    for chapter, plan in zip(CHAPTERS, plans, strict=True):
        position, named = 0, LABEL.findall(plan.split("| ---: | --- |")[1])
        assert len(named) >= 5
        for role, label in named:
            words = said_of(book, chapter, role, label)
            places = [
                index for index, one in enumerate(decks[chapter]) if index >= position and words in text(one)
            ]
            assert places, (chapter, label, words)
            position = places[0]


def said_of(book, chapter, role, label):
    """Return words that the slide of a label shows."""
    place = f"equation-{label}" if role == "eq" else label
    names = [f"chapters/{chapter}", *(f"chapters/{one}" for one in CHAPTERS), "index"]
    found = next(filter(None, (book.article(name).find(id=place) for name in names)))
    if role == "eq":
        return text(found).replace("#", "")
    if found.select(".explorer"):
        return text(found.find_previous(class_="predict")("p", recursive=False)[1])
    if role == "numref" or label.startswith("ex-"):
        return text(found.select_one(".caption-number"))
    boxes = [box for box in found.parent.select(".predict") if "touch" not in box.p.get_text()]
    return text(boxes[0].ul.find_previous("p")) if boxes else text(found.find_next(["h2", "td"])).rstrip("#")


def test_what_an_answer_says_stands_on_a_slide_after_its_question(decks):
    asked = 0
    for sections in decks.values():
        for index, section in enumerate(sections):
            if not section.select(".body .answers:not(.said)"):
                continue
            asked += 1
            assert not re.search(r"\bRight\.|\bNo\.|\bIn part\.", shown(section))
            assert not section.select(".body .right")
            answers = [text(item) for item in section.select(".body .answers > li")]
            said, after = [], index + 1
            while after < len(sections) and (items := sections[after].select(".body .said > li")):
                said, after = said + items, after + 1
            assert [text(item.select_one(".answer")) for item in said] == answers
            assert [text(item.strong) == "Right." for item in said] == [
                "right" in item.get("class", []) for item in said
            ]
            assert sum("right" in item.get("class", []) for item in said) == 1
            # And in the notes, for who speaks.
            assert all(text(item) in text(section.aside) for item in said)
    assert asked > 60


def test_notes_say_the_minutes_and_what_comes_next(decks):
    for sections in decks.values():
        notes = [text(section.aside) for section in sections]
        assert all(re.match(r"Part \d+ of \d+, \d+ minutes, until minute \d+\.", note) for note in notes)
        assert all("Next: " in note for note in notes[:-1])
        assert notes[-1].endswith("This is the end.")


def test_no_slide_has_a_solution_or_leads_out_of_its_folder(slides_folder, decks, book):
    for chapter, sections in decks.items():
        article = book.article(f"chapters/{chapter}")
        told = " ".join(map(shown, sections))
        solutions = [text(one) for one in article.select(".solution p:not(.admonition-title)")]
        assert len(solutions) >= 5
        assert [one for one in solutions if len(one) > 40 and one in told] == []
        page = pdf.soup(slides_folder / f"{chapter}.html")
        for element in page.select("[src], [href]"):
            address = element.get("src") or element["href"]
            assert (slides_folder / address).is_file() or (
                element.name == "a" and address.startswith("https://")
            ), address
    with zipfile.ZipFile(slides_folder.parent / f"{slides.NAME}.zip") as packed:
        files = {
            path.relative_to(slides_folder).as_posix() for path in slides_folder.rglob("*") if path.is_file()
        }
        assert {name.partition("/")[2] for name in packed.namelist()} == files


def test_an_exercise_is_asked_without_its_check_and_solved_in_the_notes(decks, book):
    asked, solved = 0, {}
    for chapter in CHAPTERS:
        for exercise in book.article(f"chapters/{chapter}").select(".exercise"):
            solved[text(exercise.p)] = exercise.find_next(class_="solution").section
    for section in (one for sections in decks.values() for one in sections):
        assert "Check. " not in shown(section)
        if solution := solved.get(text(section.h2)) if section.h2 else None:
            assert text(solution.p) in text(section.aside)
            asked += 1
    assert asked >= 14


def test_what_leads_to_a_question_is_not_what_its_right_answer_cites(book):
    hidden = 0
    for chapter in CHAPTERS:
        for box in book.article(f"chapters/{chapter}").select(".predict"):
            found, after = slides.leading(box)
            right = str([one for one in box.select("details li") if text(one).startswith("Right.")])
            assert [part["id"] for part in found if part.get("id") and f"#{part['id']}" in right] == []
            hidden += sum(f"#{part.get('id')}" in right for part in after)
    assert hidden
    order = [place for row in book.sessions[4][1] for _, place in row.places]
    assert order.index("equation-eq-frequency") < order.index("pi-three-readings")
    assert order.index("pi-three-readings") < order.index("equation-eq-any-sampler")


def test_each_equation_stands_on_one_slide_and_those_that_a_right_answer_cites_do(decks):
    cited = 0
    for number, sections in enumerate(decks.values(), start=1):
        formulas = [[text(one) for one in section.select(".body div.math")] for section in sections]
        places = [
            (re.match(rf"\({number}\.\d+\)", one), at) for at, found in enumerate(formulas) for one in found
        ]
        places = [(match[0], at) for match, at in places if match]
        assert len(dict(places)) == len(places)
        for section in sections:
            question = section.select(".body .answers:not(.said)") and "question" in section["class"]
            for right in section.select("aside .right") if question else []:
                keys = re.findall(rf"\({number}\.\d+\)", text(right))
                assert set(keys) <= set(dict(places)), text(right)
                cited += len(keys)
    assert cited > 30


def test_a_vote_has_its_small_case_after_the_answers_and_before_what_is_true(decks):
    sections = list(decks.values())[-1]
    asked = [section for section in sections if section.select(".body .answers:not(.said)")]
    assert len(asked) == 7
    for section in asked:
        same = [shown(one) for one in sections if text(one.h2 or one.h1) == text(section.h2)]
        case = next(index for index, words in enumerate(same) if "counterexample" in words.lower())
        assert "counterexample" not in " ".join(same[:2]).lower()
        assert case >= 2
        assert any("What is true" in words for words in same[:case]) is False
    assert sum(len(section.select("table")) for section in sections if "text" in section["class"]) >= 4


def test_what_was_found_is_what_was_shown(decks, book):
    dropped = 0
    for chapter, sections in decks.items():
        article = book.article(f"chapters/{chapter}")
        last = [one for one in sections if "What we found" in text(one)]
        before = " ".join(shown(one) for one in sections if one not in last)
        title = article.find(lambda tag: tag.name == "h2" and "What we found" in tag.get_text())
        for item in title.find_next("ul")("li", recursive=False):
            keys = re.findall(r'"#(equation-[\w-]+)"', str(item))
            cited = [article.find(id=key) for key in keys]
            if cited and not any(text(item) in shown(one) for one in last):
                dropped += 1
                assert shown(last[-1]).endswith("More in the chapter.")
                assert not any(text(formula).replace("#", "") in before for formula in cited)
    assert dropped > 5


def test_the_title_has_a_fixed_share(decks):
    for sections in decks.values():
        assert {one["data-timing"] for one in sections if "title" in one["class"]} == {str(slides.TITLE)}


def test_an_explorer_opens_as_the_task_before_left_it(decks):
    boxes = [one.select_one(".explorer") for one in decks["01_question"] if one.select(".explorer")]
    assert [box["data-opens"] for box in boxes] == ["", "only action 2 pays", "all pay"]
    assert ["covered" in box["class"] for box in boxes] == [True, False, False]
    for sections in decks.values():
        assert all("untouched" in box["class"] for one in sections for box in one.select(".explorer"))


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("equation-eq-none", "has no place 'equation-eq-none'"),
        ("check-eq-softmax", "no slide can be made of"),
    ],
)
def test_a_place_without_a_slide_is_named_with_its_session(place, said, book):
    row = Row(5, None, [("chapters/01_question", place)])
    with pytest.raises(ValueError, match=f"session 3: .*{said}"):
        slides.deck(3, [row], "chapters/01_question", book)
