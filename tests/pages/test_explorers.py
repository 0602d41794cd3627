"""The explorers in the built pages: their numbers and lengths are those of pgbook, and all can move them."""

import importlib
import inspect
import json
import sys

import pytest

from booktools import notebooks
from pgbook import explorers
from tests.pages.live import PAGES, PLACES, Live, settings_of

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the book is built on Linux and macOS")
# Always one that draws bars, one that draws curves, and one that plays.
KINDS = {"one_update", "clip", "learners_baseline"}


FIRST = [(name, *places[0]) for name, places in PAGES.items()]


def each(places):
    marks = {True: (), False: pytest.mark.slow}
    places = [pytest.param(*place, marks=marks[place[0] in KINDS and place in FIRST]) for place in places]
    return pytest.mark.parametrize(("name", "page", "number"), places)


every_explorer, every_place = each(FIRST), each(PLACES)
SCREENS = [
    (1366, 768),
    *(pytest.param(*screen, marks=pytest.mark.slow) for screen in [(390, 844), (820, 1180)]),
]
# What the page's header covers, in pixels.
HEADER = 48


def of(name):
    """What one explorer means: check_numbers, check_picture and check_text of its module here."""
    return importlib.import_module(f"tests.pages.explorers.{name}")


# A hand takes hold of one picture, passes over another of half its size, lets go there, and comes back.
PASSED_OVER = """pictures => {
    const [held, other] = pictures.map(box => box.querySelector("svg"));
    const told = (target, type) => {
        const event = new PointerEvent(type, { bubbles: true, pointerId: 1, clientX: 400.3, clientY: 300.7 });
        target.dispatchEvent(event);
        return event.clientX;
    };
    other.style.width = `${other.getBoundingClientRect().width / 2}px`;
    const found = [told(held, "pointerdown"), told(other, "pointermove"), told(other, "pointerup")];
    const free = told(other, "pointermove");
    other.style.width = "";
    return [found, free];
}"""


@pytest.fixture(scope="module")
def opened(browser, address):
    """Return a function that opens a page once at each width.

    A page that was resized takes no fingers at some places. None may ask for anything elsewhere, or complain.
    """
    contexts, pages, asked, complaints = {}, {}, [], []

    def page(name, width=1366, height=768):
        if width not in contexts:
            screen = {"viewport": {"width": width, "height": height}, "has_touch": width < 1000}
            contexts[width] = browser.new_context(**screen)
            contexts[width].on("request", lambda request: asked.append(request.url))
        if (name, width) not in pages:
            new = pages[name, width] = contexts[width].new_page()
            new.on("pageerror", lambda error: complaints.append(str(error)))
            new.on("console", lambda m: complaints.append(m.text) if m.type in ("error", "warning") else None)
            new.goto(f"{address}/{name}.html")
        pages[name, width].bring_to_front()
        return pages[name, width]

    yield page
    for each in contexts.values():
        each.close()
    assert [url for url in asked if not url.startswith((address, "data:"))] == []
    assert [text for text in complaints if "preload" not in text] == []


@pytest.fixture
def live(opened, name, page, number):
    """Return an explorer of a page, as it opens."""
    explorer = Live(name, opened(page), number)
    explorer.set_signals(explorer.start)
    return explorer


def check(live, settings):
    assert live.settings() == settings
    of(live.name).check_numbers(live, settings)
    of(live.name).check_picture(live, settings)
    assert live.box.evaluate(WORDS) == {"cut": [], "on others": [], "hyphens": []}


# The ink of each line of text in the picture: whether it leaves the picture, or lies on that of another.
WORDS = r"""box => {
    const svg = box.querySelector(".picture > :not(.ghost) svg"), { width, height } = svg.viewBox.baseVal;
    const pen = new OffscreenCanvas(1, 1).getContext("2d"), scale = svg.getBoundingClientRect().width / width;
    // A stroke is what clears the place of a text.
    const texts = [...svg.querySelectorAll("text:not([stroke])")];
    const lines = texts.flatMap(text => text.querySelector("tspan") ? [...text.children] : [text]);
    const inked = lines.filter(line => /[\p{L}\d]/u.test(line.textContent)).map(line => {
        const { fontWeight, fontSize, fontFamily } = getComputedStyle(line), words = line.textContent;
        pen.font = `${fontWeight} ${fontSize} ${fontFamily}`;
        const ink = pen.measureText(words), at = line.getStartPositionOfChar(0);
        const { x, y } = at.matrixTransform(line.getCTM());
        const { actualBoundingBoxLeft: left, actualBoundingBoxRight: right } = ink;
        const { actualBoundingBoxAscent: up, actualBoundingBoxDescent: down } = ink;
        const [across, along] = [x / scale, y / scale];
        return { words, left: across - left, right: across + right, top: along - up, bottom: along + down };
    });
    const cut = inked.filter(it => it.left < -1 || it.top < 0 || it.right > width + 1 || it.bottom > height);
    const meet = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
    const on = (a, n) => inked.slice(n + 1).filter(b => meet(a, b)).map(b => [a.words, b.words]);
    const written = [...lines, ...box.querySelectorAll("label")].map(it => it.textContent);
    const hyphens = written.filter(words => /(^|[^\w])-\d/.test(words));
    return { cut: cut.map(it => it.words), "on others": inked.flatMap(on), hyphens };
}"""


@every_place
def test_it_opens_as_it_is_stored(live):
    check(live, live.start)


@every_explorer
@pytest.mark.parametrize(
    ("way", "states"),
    [
        ("set_signals", 2),
        pytest.param("set_signals", 6, marks=pytest.mark.slow),
        pytest.param("set_controls", 2, marks=pytest.mark.slow),
    ],
)
def test_its_numbers_and_lengths_are_those_of_pgbook(live, way, states):
    for seed in range(states):
        settings = settings_of(live, seed)
        getattr(live, way)(settings)
        check(live, settings)


@every_explorer
def test_it_shows_what_the_text_says(live):
    of(live.name).check_text(live)


@pytest.mark.slow
@every_explorer
def test_presets_set_all_controls_and_reset_brings_the_first(live):
    states = []
    for task in live.tasks:
        live.set_signals(settings_of(live, 0))
        live.choose(task)
        states.append(live.settings())
        check(live, states[-1])
    assert states[0] == live.start
    live.box.get_by_role("button", name="Reset").click()
    live.drawn()
    assert live.settings() == live.start
    # After a preset each switch and choice answers at once; pressed again after that, the preset works again.
    for name, control in live.controls.items():
        if control["bind"]["input"] != "range":
            shown = live.box.locator(f"[name={name}]")
            other = next(
                value for value in control["bind"].get("options", [False, True]) if value != live.start[name]
            )
            live.set_controls({name: other})
            assert live.signal(name) == other
            assert (shown.is_checked() if isinstance(other, bool) else shown.input_value()) == other
            live.choose(live.tasks[0])
            assert live.settings() == live.start
    live.set_controls({name: states[-1][name] for name in list(live.controls)[:1]})
    live.choose(live.tasks[0])
    assert live.settings() == live.start


@every_explorer
def test_what_can_be_dragged_follows_the_mouse(live):
    assert ("cursor" in json.dumps(live.spec)) == hasattr(of(live.name), "check_drag")
    if "cursor" in json.dumps(live.spec):
        of(live.name).check_drag(live)
        check(live, live.settings())


@every_explorer
def test_the_state_before_a_change_stays_as_a_ghost(live):
    before = [live.boxes(mark) for mark in live.spec["usermeta"]["ghosts"]]
    live.page.wait_for_timeout(900)
    live.choose(live.tasks[1])
    ghosts = live.box.locator(".ghost [class*=mark-] > path:not(.background, .foreground)")
    assert ghosts.count() == sum(map(len, before)) > 0
    assert ghosts.first.evaluate("it => getComputedStyle(it).strokeDasharray") != "none"


@pytest.mark.slow
def test_no_ghost_stays_in_other_units(opened):
    live = Live("bernoulli", opened("chapters/06_bernoulli"), 0)
    live.set_signals(live.start)
    live.page.wait_for_timeout(900)
    live.choose("p = 0.5")
    assert live.box.locator(".ghost").count() == 1
    live.choose("logit, p = 0.5")
    live.box.locator(".ghost").wait_for(state="detached")


SIZES = """box => {
    let task = box.closest(".cell") ?? box.closest("figure");
    while (!task.matches(".admonition")) task = task.previousElementSibling;
    // Of a task with several questions, the last, with its words above the answers.
    let question = [...task.querySelectorAll("[role=radiogroup]")].at(-1) ?? task;
    const end = ".responses, .admonition-title";
    for (let it = question; it !== task && !it.matches(end); it = it.previousElementSibling) question = it;
    const [svg, form, { top }] = [box.querySelector("svg"), box.querySelector(".controls"), question]
        .map(it => it.getBoundingClientRect());
    const shown = kind => [...box.querySelectorAll(kind)].filter(it => it.checkVisibility());
    const bottom = Math.max(svg.bottom, form.bottom);
    const letters = 14 * svg.width / box.querySelector("svg").viewBox.baseVal.width;
    return {
        height: bottom - Math.min(svg.top, form.top),
        withTask: bottom - top,
        tracks: shown("input[type=range]").map(it => it.offsetWidth),
        rows: shown("label, button, summary").map(it => it.offsetHeight),
        type: [letters, parseFloat(getComputedStyle(box.querySelector(".controls")).fontSize)],
        beside: form.left >= svg.right,
        wide: document.documentElement.scrollWidth - innerWidth,
    };
}"""


@every_place
@pytest.mark.parametrize(("width", "height"), SCREENS)
def test_cause_and_effect_are_on_one_screen(opened, name, page, number, width, height):
    live = Live(name, opened(page, width, height), number)
    sizes = live.box.evaluate(SIZES)
    assert sizes["height"] <= (640 if width > 1000 else height - HEADER)
    assert all(13.5 <= size <= 16 for size in sizes["type"]), sizes["type"]
    assert min(sizes["tracks"], default=160) >= 160
    assert min(sizes["rows"]) >= 24
    assert sizes["wide"] <= 0
    assert sizes["beside"] == (width > 1000)
    if width > 1000:
        assert sizes["withTask"] <= height - HEADER


@every_explorer
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_is_turned_round_in_the_dark(live, theme):
    live.page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
    # The view is black on clear; in the dark it is turned round. axe-core compares the labels with the page.
    turned = live.box.locator(".picture svg").first.evaluate("svg => getComputedStyle(svg).filter")
    assert ("invert(0.9" in turned) == (theme == "dark")


# What can be dragged: its cursor, the middle of what is seen of it, and its size.
HANDLES = """box => [...box.querySelectorAll(".picture > :not(.ghost) [style*=cursor]")].map(it => {
    const { x, y, width, height } = it.getBoundingClientRect();
    return [it.style.cursor, x + width / 2, y + height / 2, Math.min(width, height)];
})"""


def test_a_hand_that_holds_a_picture_is_told_its_place_on_that_one_alone(opened):
    page = opened("chapters/09_baselines")
    boxes = [
        Live(name, page, number).box.element_handle()
        for name, number in [("learners_baseline", 0), ("baseline", 1)]
    ]
    for pair in (boxes, boxes[::-1]):
        found, free = page.evaluate(PASSED_OVER, pair)
        assert len(set(found)) == 1
        assert free not in found


@pytest.mark.slow
@every_explorer
def test_a_finger_that_scrolls_changes_nothing_and_one_that_drags_does(opened, name, page, number):
    live = Live(name, opened(page, 390, 844), number)
    live.set_signals(live.start)
    finger = live.page.context.new_cdp_session(live.page)

    def touch(*places):
        """Put a finger down, move it along, and lift it."""
        kinds = ["touchStart", *["touchMove"] * (len(places) - 1), "touchEnd"]
        for kind, place in zip(kinds, [*places, None], strict=True):
            points = [dict(zip("xy", place, strict=True))] if place else []
            finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
        live.page.wait_for_timeout(100)
        live.drawn()

    live.box.evaluate("box => box.scrollIntoView({ block: 'center', behavior: 'instant' })")
    boxes = [track.bounding_box() for track in live.box.locator("input[type=range]:visible").all()]
    tracks = [(box["x"] + 0.8 * box["width"], box["y"] + box["height"] / 2) for box in boxes]
    handles = live.box.evaluate(HANDLES)
    for x, y in [*tracks, *(place[1:3] for place in handles)]:
        covered = "(box, [x, y]) => !box.contains(document.elementFromPoint(x, y))"
        assert not live.box.evaluate(covered, [x, y])
        swipe = {"x": round(x), "y": round(y), "xDistance": 0, "yDistance": -60}
        finger.send("Input.synthesizeScrollGesture", swipe | {"gestureSourceType": "touch", "speed": 600})
        live.box.evaluate("box => box.scrollIntoView({ block: 'center', behavior: 'instant' })")
        live.drawn()
        assert live.settings() == live.start
    # One that goes sideways does; what is pulled up and down is tapped at the height that is wanted.
    for cursor, x, y, size in [*(("", *place, 44) for place in tracks[:1]), *handles]:
        assert size >= 44
        if cursor == "ns-resize":
            touch((x, y - 10))
        else:
            touch(*((x + (x < 195 or -1) * step, y) for step in [0, 15, 30, 60]))
        assert live.settings() != live.start, cursor
        live.set_signals(live.start)


@every_explorer
def test_every_control_has_a_name_and_shows_its_value(live):
    live.box.evaluate("box => box.querySelectorAll('details').forEach((part) => { part.open = true; })")
    assert ("play" in live.controls) == live.box.get_by_role("switch", name="play", exact=True).count()
    for name, control in live.controls.items():
        label = live.box.locator(f"[name={name}]").evaluate("control => control.labels[0].innerText")
        assert label.startswith(control["bind"]["name"])
        if control["bind"]["input"] == "range":
            assert str(live.signal(name)) in label


@every_explorer
def test_the_view_says_in_words_what_it_shows(live):
    view = live.box.locator("[role=graphics-document]")
    assert view.get_attribute("aria-label") == live.spec["description"]
    assert live.box.locator("img").count() == 0
    assert live.box.locator(".picture > :not(.ghost) .status text").count() == 1


@pytest.mark.slow
@pytest.mark.parametrize(("name", "page", "number"), [("one_update", "index", 0)])
def test_keys_are_enough(live):
    page = live.page

    def tab_to(name):
        for _ in range(150):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.name") == name:
                return
        pytest.fail(f"{name} cannot be reached with the Tab key")

    # Tab leads to the preset that is chosen.
    live.choose(live.tasks[0])
    tab_to("task")
    page.keyboard.press("ArrowRight")
    live.drawn()
    assert live.signal("a") == 2
    spoken = page.locator(".explorer [role=status]")
    spoken.filter(has_text="Action 2 alone pays 50").wait_for(state="attached")
    assert "by 45.00 when taken, by 4.50 on average" in spoken.inner_text()
    tab_to("a")
    page.keyboard.press("ArrowRight")
    live.drawn()
    assert live.signal("a") == 3
    tab_to("division")
    page.keyboard.press("Space")
    live.drawn()
    assert live.signal("division") is False


def test_all_explorers_of_the_package_and_of_the_book_are_looked_at():
    functions = {name for name in explorers.__all__ if inspect.isfunction(getattr(explorers, name))}
    assert functions == set(PAGES)
    for page in notebooks.listed():
        html = (notebooks.HTML / f"{page}.html").read_text(encoding="utf-8")
        assert html.count('class="explorer ') == sum(place[1] == page for place in PLACES)
