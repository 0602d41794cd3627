"""The viewer of runs shows what is recorded, by mouse, finger and keys, and says what is wrong in a file."""

import copy
import json
import re

import pytest
from axe_playwright_python.base import AXE_SCRIPT

from booktools import notebooks, train

PAGE = notebooks.HTML / "chapters" / "practice" / "run.html"
RECORDED = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in train.FOLDER.glob("*.json")}
FORM = next(
    output.text
    for _, cell in notebooks.cells(notebooks.load(train.FOLDER.with_suffix(".ipynb")), "code")
    for output in cell.outputs
    if "text" in output and output.text.startswith('{"form"')
)


@pytest.fixture(scope="module")
def tab(browser):
    """Return the page as opened from the disk on a phone, with nothing from the network."""
    context = browser.new_context(offline=True, has_touch=True, viewport={"width": 390, "height": 844})
    opened = context.new_page()
    opened.complaints = []
    opened.on("pageerror", lambda error: opened.complaints.append(str(error)))
    yield opened
    context.close()


@pytest.fixture
def box(tab):
    """Return the viewer as it opens."""
    tab.goto(PAGE.as_uri())
    tab.locator(".recording").scroll_into_view_if_needed()
    tab.locator(".recording .side").nth(1).wait_for()
    yield tab.locator(".recording")
    assert tab.complaints == []


def shown(box):
    """Return what the tables say: for each run its caption and its rows."""
    return box.locator("table").evaluate_all(
        """all => all.map(one => [one.caption.textContent,
            [...one.tBodies[0].rows].map(row => [...row.cells].map(cell => cell.textContent))])"""
    )


def number(words):
    return float(words.replace("−", "-"))


def agree(rows, answer):
    """Compare a table with the recording, to the three digits that are shown."""
    assert [row[0] for row in rows] == answer["tokens"]
    A = answer["advantage"]
    columns = list(zip(*[row[1:] for row in rows], strict=True))
    wanted = [answer["pi"], [1 / x for x in answer["pi"]], answer["pi_old"]]
    wanted += [[x / y for x, y in zip(answer["pi"], answer["pi_old"], strict=True)], [A] * len(rows)]
    wanted += [answer["weight"], answer["gradient"]]
    states = {"a": "alive", "d": "dead", "m": "masked"}
    assert [states[letter] for letter in answer["state"]] == list(columns.pop(5))
    for column, values in zip(columns, wanted, strict=True):
        assert [number(cell) for cell in column] == pytest.approx(values, rel=6e-3)


def choose(box, label, value):
    box.get_by_label(label, exact=True).select_option(value)


@pytest.mark.slow
@pytest.mark.parametrize("which", range(3))
def test_the_tables_say_what_is_recorded(box, which):
    n = len(RECORDED["grpo"]["steps"])
    at, slider = [0, n // 2, n - 1][which], box.get_by_role("slider")
    for name in RECORDED:
        choose(box, "Beside it", name)
        slider.evaluate("(it, at) => { it.value = at; it.dispatchEvent(new Event('input')) }", at)
        choose(box, "Prompt", str(train.SHOWN[which]))
        box.locator(".side").nth(1).locator("button").nth(at % train.GROUP).click()
        box.page.wait_for_function("name => document.querySelector('.recording').run.runs[name]", arg=name)
        for side, (_, rows) in zip(("grpo", name), shown(box), strict=True):
            agree(rows, RECORDED[side]["steps"][at]["groups"][which]["answers"][at % train.GROUP])


def test_cells_and_curve_say_their_numbers(box):
    choose(box, "In the cells", "ratio")
    # It opens in the middle.
    answers = RECORDED["grpo"]["steps"][len(RECORDED["grpo"]["steps"]) // 2]["groups"][0]["answers"]
    for button, answer in zip(box.locator(".side").first.locator("button").all(), answers, strict=True):
        cells = button.locator(".token").evaluate_all(
            "all => all.map(it => [it.firstChild.textContent, it.lastChild.textContent])"
        )
        assert [token for token, _ in cells] == answer["tokens"]
        ratios = [x / y for x, y in zip(answer["pi"], answer["pi_old"], strict=True)]
        assert [number(words) for _, words in cells] == pytest.approx(ratios, rel=6e-3)
    choose(box, "Curve", "entropy")
    said = box.locator(".curve p").inner_text()
    values = [number(words) for words in re.findall(r"\) ([−\d.]+)", said)]
    assert values == pytest.approx(
        [RECORDED[name]["curves"]["entropy"][train.KEPT[2] - 1] for name in ("grpo", "neither")], rel=6e-3
    )
    assert box.get_by_role("img").get_attribute("aria-label") == said


@pytest.mark.slow
def test_keys_alone_are_enough(box, tab):
    box.get_by_label("Beside it", exact=True).focus()
    tab.keyboard.press("End")  # the last recording
    slider = box.get_by_role("slider")
    slider.focus()
    tab.keyboard.press("Home")
    assert "batch 1, update 1" in slider.get_attribute("aria-valuetext")
    button = box.locator(".side").first.locator("button").nth(2)
    button.focus()
    tab.keyboard.press("Enter")
    tab.wait_for_function("document.querySelectorAll('.recording [aria-pressed=true]').length === 2")
    assert tab.evaluate("document.activeElement.getAttribute('aria-label')").startswith("Answer 3:")
    assert "batch 1, update 1" in shown(box)[0][0]


@pytest.mark.slow
def test_a_finger_chooses_and_everything_fits(box, tab):
    box.locator(".side").first.locator("button").nth(4).tap()
    tab.wait_for_function("document.querySelector('.recording caption').textContent.endsWith('answer 5')")
    assert tab.evaluate("document.documentElement.scrollWidth") == 390
    targets = [
        one.bounding_box() for one in box.locator("select, button, input, summary").all() if one.is_visible()
    ]
    assert all(target["height"] >= 44 for target in targets)


def test_without_a_script_the_recordings_are_a_list_of_files(browser):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(PAGE.as_uri())
    links = page.locator(".recording li a").all()
    assert len(links) == len(train.VARIANTS)
    for link in links:
        assert (PAGE.parent / link.get_attribute("href")).is_file()
    context.close()


def give(box, name, words):
    """Choose a file; return what is said of it."""
    box.locator("input[type=file]").set_input_files(
        {"name": name, "mimeType": "application/json", "buffer": words.encode()}
    )
    box.page.wait_for_function(
        "name => document.querySelector('.recording .said').textContent.startsWith(name)", arg=name
    )
    return box.locator(".said").inner_text()


@pytest.mark.slow
def test_a_log_of_ones_own_is_shown(box):
    assert give(box, "mine.json", FORM) == "mine.json is open. It stays in this browser."
    mine = json.loads(FORM)
    (caption, rows), _ = shown(box)
    assert caption.startswith(f"{mine['name']} (mine.json)")
    assert [row[0] for row in rows] == mine["steps"][-1]["groups"][0]["answers"][0]["tokens"]
    assert give(box, "again.json", json.dumps(RECORDED["padding"])).startswith("again.json is open.")
    agree(shown(box)[0][1], RECORDED["padding"]["steps"][5]["groups"][0]["answers"][0])


@pytest.mark.slow
def test_a_dropped_file_is_opened(box, tab):
    tab.evaluate(
        """words => {
            const given = new DataTransfer();
            given.items.add(new File([words], "dropped.json"));
            const drop = new DragEvent("drop", { dataTransfer: given, cancelable: true });
            document.querySelector(".recording").dispatchEvent(drop);
        }""",
        FORM,
    )
    tab.wait_for_function(
        "document.querySelector('.recording .said').textContent.startsWith('dropped.json is open')"
    )


ANSWER = "steps[0].groups[0].answers[0]"
WRONG = {
    f"{ANSWER}.pi[1] is 1.2, but must be a probability above 0 and at most 1.": lambda a, r: a[
        "pi"
    ].__setitem__(1, 1.2),
    f"{ANSWER}.pi_old[0] is 0, but must be a probability above 0 and at most 1.": lambda a, r: a[
        "pi_old"
    ].__setitem__(0, 0),
    f"{ANSWER}.pi is missing, but must be a list that is not empty.": lambda a, r: a.pop("pi"),
    f"{ANSWER}.pi_old has 1 entries, but must have 2, one for each token or step.": lambda a, r: a[
        "pi_old"
    ].pop(),
    f'{ANSWER}.reward is "good", but must be a number.': lambda a, r: a.update(reward="good"),
    f"{ANSWER}.advantage is null, but must be a number.": lambda a, r: a.update(advantage=None),
    f"{ANSWER}.tokens[0] is 3, but must be a text.": lambda a, r: a["tokens"].__setitem__(0, 3),
    f'{ANSWER}.state is "ax", but must be 2 letters a, d or m, one for each token.': lambda a, r: a.update(
        state="ax"
    ),
    "steps is [], but must be a list that is not empty.": lambda a, r: r.update(steps=[]),
    "steps[0].step is missing, but must be a number.": lambda a, r: r["steps"][0].pop("step"),
    'form is "run 2", but must be "run 1".': lambda a, r: r.update(form="run 2"),
    "name is missing, but must be a text.": lambda a, r: r.pop("name"),
    "curves.reward[0] is true, but must be a number.": lambda a, r: r.update(
        curves={"step": [1], "reward": [True]}
    ),
    "curves.reward has 2 entries, but must have 1, one for each token or step.": lambda a, r: r.update(
        curves={"step": [1], "reward": [0, 1]}
    ),
}


def test_what_is_wrong_with_a_file_is_said_with_its_place_and_value(box):
    before = shown(box)
    for i, (said, damage) in enumerate(WRONG.items()):
        bad = copy.deepcopy(json.loads(FORM))
        damage(bad["steps"][0]["groups"][0]["answers"][0], bad)
        assert give(box, f"bad{i}.json", json.dumps(bad)) == f"bad{i}.json cannot be shown. {said}"
    assert give(box, "words.json", "π = 0.5").startswith("words.json cannot be shown. The file is no JSON: ")
    assert give(box, "list.json", "[]").endswith(" The file is [], but must be an object, {…}.")
    assert shown(box) == before


@pytest.mark.slow
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_viewer_has_no_barriers(box, tab, theme):
    tab.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
    choose(box, "In the cells", "inverse")
    tab.evaluate(AXE_SCRIPT)
    found = tab.evaluate(
        "axe.run('.recording').then(found => found.violations.map(one => [one.id, one.nodes[0].html]))"
    )
    assert found == []


def test_nothing_is_asked_for_but_the_two_recordings(tab):
    asked = []
    tab.on("request", lambda request: asked.append(request.url))
    tab.goto(PAGE.as_uri())
    tab.wait_for_load_state("networkidle")
    assert not [url for url in asked if "/run/" in url]
    tab.locator(".recording").scroll_into_view_if_needed()
    tab.locator(".recording .side").nth(1).wait_for()
    assert [url.rpartition("/")[2] for url in asked if "/run/" in url] == ["grpo.js", "neither.js"]
    assert all(url.startswith("file:") for url in asked)
