"""The slides: what the plan names, in its order; nothing gives an answer away; each fits its screen."""

import re
import zipfile

import pypdfium2
import pytest

from booktools import notebooks, pdf, slides
from booktools.sessions import PLAN as PAGE
from booktools.sessions import Book, Row

CHAPTERS = [path.stem for path in notebooks.chapters()]
PLAN = (notebooks.ROOT / f"{PAGE}.md").read_text(encoding="utf-8")
LABEL = re.compile(r"\{(ref|eq|numref)\}`(?:[^`<]*<)?([\w-]+)>?`")
# What sticks out of the slide, cannot be read from the back row, or was not typeset.
FAULTS = """() => {
    const slide = Reveal.getCurrentSlide(), found = [], unit = innerHeight / 720;
    const boxes = slide.querySelectorAll(".body, .controls, .task, mjx-container[display]");
    for (const part of [slide, ...boxes]) {
        const high = part.scrollHeight > part.clientHeight + 1 && !part.matches("mjx-container");
        if (high || part.scrollWidth > part.clientWidth + 1) found.push(part.outerHTML);
    }
    const apart = "mjx-math, mjx-assistive-mml, .picture, .visually-hidden";
    for (const part of slide.querySelectorAll(".body *")) {
        if (part.closest(apart) || !part.checkVisibility()) continue;
        const { left, top, right, bottom, width } = part.getBoundingClientRect();
        const out = left < 0 || top < 0 || right > innerWidth || bottom > innerHeight;
        if (width && out) found.push(part.outerHTML);
        const letters = [...part.childNodes].some((it) => it.nodeType === 3 && it.data.trim());
        const size = parseFloat(getComputedStyle(part).fontSize);
        if (letters && size < 23.9 * unit) found.push([part.outerHTML, size]);
    }
    for (const image of slide.querySelectorAll("img")) if (!image.naturalWidth) found.push(image.src);
    if (slide.querySelector("mjx-merror, .math:not(:has(mjx-container))")) found.push("a formula");
    return found;
}"""

WIDE = """() => [...Reveal.getCurrentSlide().querySelectorAll("*")]
    .filter((it) => it.checkVisibility() && !it.closest("svg, mjx-math, mjx-assistive-mml"))
    .filter((it) => !it.parentElement.closest("table"))  // which scrolls
    .filter((it) => it.getBoundingClientRect().right > innerWidth).map((it) => it.outerHTML)"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Return a folder with the slides of the built book."""
    assert (notebooks.HTML / "built").exists(), "build the book first: make book"
    made = tmp_path_factory.mktemp("downloads")
    slides.write(made)
    return made / "slides"


@pytest.fixture(scope="module")
def decks(folder):
    return {chapter: pdf.soup(folder / f"{chapter}.html")("section") for chapter in CHAPTERS}


def text(element):
    return " ".join(element.get_text().split())


def shown(section):
    return text(section.select_one(".body"))


def test_there_is_a_deck_of_at_most_45_minutes_for_each_chapter(folder, decks):
    assert sorted(path.stem for path in folder.glob("*.html")) == [*CHAPTERS, "index"]
    for sections in decks.values():
        assert 44 * 60 < sum(int(section["data-timing"]) for section in sections) <= 45.2 * 60
    for number, chapter in enumerate(CHAPTERS, start=1):
        article = pdf.soup(notebooks.HTML / f"chapters/{chapter}.html").select_one("article")
        title = text(article.h1).rstrip("#")
        assert text(decks[chapter][0].h1) == title
        assert f"### Session {number}: {title.partition('. ')[2]}\n" in PLAN
        assert sum(minutes for minutes, *_ in Book().sessions()[number][1]) <= 45


def test_a_deck_shows_what_its_session_names_in_that_order(decks):
    book = Book()
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


def test_no_slide_has_a_solution_or_leads_out_of_its_folder(folder, decks):
    for chapter, sections in decks.items():
        article = pdf.soup(notebooks.HTML / f"chapters/{chapter}.html").select_one("article")
        told = " ".join(map(shown, sections))
        solutions = [text(one) for one in article.select(".solution p:not(.admonition-title)")]
        assert len(solutions) >= 5
        assert [one for one in solutions if len(one) > 40 and one in told] == []
        page = pdf.soup(folder / f"{chapter}.html")
        for element in page.select("[src], [href]"):
            address = element.get("src") or element["href"]
            assert (folder / address).is_file() or (element.name == "a" and address.startswith("https://")), (
                address
            )
    with zipfile.ZipFile(folder.parent / f"{slides.NAME}.zip") as packed:
        files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
        assert {name.partition("/")[2] for name in packed.namelist()} == files


def test_an_exercise_is_asked_without_its_check_and_solved_in_the_notes(decks):
    asked, book, solved = 0, Book(), {}
    for chapter in CHAPTERS:
        for exercise in book.article(f"chapters/{chapter}").select(".exercise"):
            solved[text(exercise.p)] = exercise.find_next(class_="solution").section
    for section in (one for sections in decks.values() for one in sections):
        assert "Check. " not in shown(section)
        if solution := solved.get(text(section.h2)) if section.h2 else None:
            assert text(solution.p) in text(section.aside)
            asked += 1
    assert asked >= 14


def test_what_leads_to_a_question_is_not_what_its_right_answer_cites():
    hidden, book = 0, Book()
    for chapter in CHAPTERS:
        for box in book.article(f"chapters/{chapter}").select(".predict"):
            found, after = slides.leading(box)
            right = str([one for one in box.select("details li") if text(one).startswith("Right.")])
            assert [part["id"] for part in found if part.get("id") and f"#{part['id']}" in right] == []
            hidden += sum(f"#{part.get('id')}" in right for part in after)
    assert hidden
    order = [place for row in book.sessions()[4][1] for _, place in row.places]
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


def test_what_was_found_is_what_was_shown(decks):
    dropped, book = 0, Book()
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


def test_an_explorer_says_nothing_before_it_is_touched(tab, folder, decks):
    opened(tab, folder, "13_grpo")
    first, second = [index for index, one in enumerate(decks["13_grpo"]) if one.select(".explorer")][:2]
    seen = """which => getComputedStyle(document.querySelector(`.present .picture ${which}`)).opacity"""
    turn(tab, first)
    assert tab.evaluate(seen, "svg") == "0"
    turn(tab, second)
    assert tab.evaluate(seen, "svg") == "1"
    texts = "svg .root > g > g > .mark-text"
    assert tab.locator(f".present .picture {texts}").count() == 2
    assert tab.evaluate(seen, texts) == "0"
    assert tab.locator(".present .explorer [name=task]:checked").get_attribute("value") == "one of six right"
    tab.locator(".present .explorer [name=task]").nth(1).check()
    assert tab.evaluate(seen, texts) == "1"


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("equation-eq-none", "has no place 'equation-eq-none'"),
        ("check-eq-softmax", "no slide can be made of"),
    ],
)
def test_a_place_without_a_slide_is_named_with_its_session(place, said):
    row = Row(5, None, [("chapters/01_question", place)])
    with pytest.raises(ValueError, match=f"session 3: .*{said}"):
        slides.deck(3, [row], "chapters/01_question", Book())


def opened(tab, folder, chapter):
    """Open a deck from the disk."""
    tab.goto("about:blank")
    tab.asked.clear()
    tab.complaints.clear()
    tab.set_viewport_size({"width": 1280, "height": 720})
    tab.goto((folder / f"{chapter}.html").as_uri())
    tab.wait_for_function("window.Reveal?.isReady?.()")


def turn(tab, index):
    """Go to a slide; its explorer is live then, and all is drawn."""
    tab.evaluate("index => Reveal.slide(index)", index)
    tab.wait_for_function(
        "[...Reveal.getCurrentSlide().querySelectorAll('.explorer')].every((box) => box.view)"
    )
    tab.evaluate("async () => { for (const _ of [1, 2]) await new Promise(requestAnimationFrame); }")


@pytest.mark.slow
@pytest.mark.parametrize("chapter", CHAPTERS)
def test_every_slide_fits_and_can_be_read(tab, folder, chapter):
    opened(tab, folder, chapter)
    for index in range(tab.evaluate("Reveal.getTotalSlides()")):
        turn(tab, index)
        assert tab.evaluate(FAULTS) == [], f"slide {index + 1}"
    assert tab.complaints == []
    assert [
        address for address in tab.asked if not address.startswith(("file:", "data:", "about:", "blob:"))
    ] == []


@pytest.mark.slow
@pytest.mark.parametrize("chapter", ["01_question", "12_ppo"])
def test_on_a_phone_a_slide_is_as_wide_as_the_screen(browser, folder, decks, chapter):
    tab = browser.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
    ).new_page()
    tab.goto((folder / f"{chapter}.html").as_uri())
    tab.wait_for_function("window.Reveal?.isReady?.()")
    for index in range(len(decks[chapter])):
        turn(tab, index)
        assert tab.evaluate(WIDE) == [], f"slide {index + 1}"
    tab.context.close()


@pytest.mark.slow
def test_on_paper_each_slide_is_a_page(browser, folder, decks, tmp_path):
    tab = browser.new_page(viewport={"width": 1280, "height": 720})
    tab.goto((folder / "04_one_over_pi.html").as_uri() + "?print-pdf")
    tab.wait_for_function("window.Reveal?.isReady?.() && document.querySelector('.pdf-page')")
    tab.pdf(path=tmp_path / "slides.pdf", prefer_css_page_size=True)
    tab.close()
    with pypdfium2.PdfDocument(tmp_path / "slides.pdf") as pages:
        assert len(pages) == len(decks["04_one_over_pi"])
        texts = [page.get_textpage().get_text_bounded() for page in pages]
    assert "What does dividing by" in texts[0]
    assert sum("Right." in said for said in texts) >= 8


def test_keys_belong_to_a_control_until_escape(tab, folder, decks):
    opened(tab, folder, "03_softmax_jacobian")
    touch = next(i for i, one in enumerate(decks["03_softmax_jacobian"]) if one.select(".explorer"))
    turn(tab, touch)
    slider = tab.locator(".present .explorer input[type=range]").first
    slider.focus()
    before = slider.input_value()
    tab.keyboard.press("ArrowRight")
    assert slider.input_value() != before
    assert tab.evaluate("Reveal.getIndices().h") == touch
    tab.keyboard.press("Escape")
    tab.keyboard.press("ArrowRight")
    assert tab.evaluate("Reveal.getIndices().h") == touch + 1
    tab.wait_for_function("hash => location.hash === hash", arg=f"#/{touch + 1}")  # it is written later
    assert not tab.evaluate("Reveal.isOverview()")


def test_what_is_dragged_stays_under_the_mouse(tab, folder, decks):
    opened(tab, folder, "12_ppo")
    turn(tab, next(i for i, one in enumerate(decks["12_ppo"]) if one.select(".explorer")))

    def hand():
        box = tab.locator(".present .picture > :not(.ghost) .hand > path").bounding_box()
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    x, y = hand()
    tab.mouse.move(x, y)
    tab.mouse.down()
    for to in (x - 30, x - 90):
        tab.mouse.move(to, y)
    tab.mouse.up()
    tab.evaluate("async () => { await document.querySelector('.present .explorer').view.runAsync(); }")
    assert hand()[0] == pytest.approx(x - 90, abs=3)


def test_the_notes_open_from_the_disk(tab, folder):
    opened(tab, folder, "01_question")
    turn(tab, 3)
    with tab.expect_popup() as popup:
        tab.keyboard.press("s")
    notes = popup.value
    notes.wait_for_function(
        "document.querySelector('.speaker-controls-notes .value')?.innerText.includes('Next:')"
    )
    assert (
        "Part 2 of 7, 10 minutes, until minute 15."
        in notes.locator(".speaker-controls-notes .value").inner_text()
    )
    # Both are on the same slide, and keys in the notes turn the slides.
    assert tab.evaluate("Reveal.getIndices().h") == 3
    notes.keyboard.press("ArrowRight")
    tab.wait_for_function("Reveal.getIndices().h === 4")
    notes.close()


def test_a_finger_on_a_slider_turns_no_slide(browser, folder, decks):
    context = browser.new_context(viewport={"width": 1280, "height": 720}, has_touch=True)
    tab = context.new_page()
    tab.asked, tab.complaints = [], []
    opened(tab, folder, "03_softmax_jacobian")
    touch = next(i for i, one in enumerate(decks["03_softmax_jacobian"]) if one.select(".explorer"))
    turn(tab, touch)
    slider = tab.locator(".present .explorer input[type=range]").first
    box, before = slider.bounding_box(), slider.input_value()
    session = context.new_cdp_session(tab)
    y, xs = box["y"] + box["height"] / 2, [box["x"] + box["width"] * share for share in (0.9, 0.6, 0.4, 0.2)]

    def finger(kind, *points):
        touches = [{"x": x, "y": y} for x in points]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})

    finger("touchStart", xs[0])
    for x in xs[1:]:
        finger("touchMove", x)
    finger("touchEnd")
    tab.wait_for_function(
        "([slider, before]) => slider.value !== before", arg=[slider.element_handle(), before]
    )
    assert tab.evaluate("Reveal.getIndices().h") == touch
    # The same finger beside the explorer does.
    y = 40
    finger("touchStart", xs[0])
    for x in xs[1:]:
        finger("touchMove", x)
    finger("touchEnd")
    tab.wait_for_function("before => Reveal.getIndices().h === before", arg=touch + 1)
    context.close()
