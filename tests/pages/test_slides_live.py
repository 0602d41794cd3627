"""Slides in a browser: each fits its screen, keys and fingers reach what they should, paper has all."""

import pypdfium2
import pytest

from booktools import notebooks

pytestmark = pytest.mark.slow
CHAPTERS = [path.stem for path in notebooks.chapters()]
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


def opened(tab, slides_folder, chapter):
    """Open a deck from the disk."""
    tab.goto("about:blank")
    tab.asked.clear()
    tab.complaints.clear()
    tab.set_viewport_size({"width": 1280, "height": 720})
    tab.goto((slides_folder / f"{chapter}.html").as_uri())
    tab.wait_for_function("window.Reveal?.isReady?.()")


def turn(tab, index):
    """Go to a slide; its explorer is live then, and all is drawn."""
    tab.evaluate("index => Reveal.slide(index)", index)
    tab.wait_for_function(
        "[...Reveal.getCurrentSlide().querySelectorAll('.explorer')].every((box) => box.view)"
    )
    tab.evaluate("async () => { for (const _ of [1, 2]) await new Promise(requestAnimationFrame); }")


def test_an_explorer_says_nothing_before_it_is_touched(tab, slides_folder, decks):
    opened(tab, slides_folder, "13_grpo")
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


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_every_slide_fits_and_can_be_read(tab, slides_folder, chapter):
    opened(tab, slides_folder, chapter)
    for index in range(tab.evaluate("Reveal.getTotalSlides()")):
        turn(tab, index)
        assert tab.evaluate(FAULTS) == [], f"slide {index + 1}"
    assert tab.complaints == []
    assert [
        address for address in tab.asked if not address.startswith(("file:", "data:", "about:", "blob:"))
    ] == []


@pytest.mark.parametrize("chapter", ["01_question", "12_ppo"])
def test_on_a_phone_a_slide_is_as_wide_as_the_screen(browser, slides_folder, decks, chapter):
    tab = browser.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
    ).new_page()
    tab.goto((slides_folder / f"{chapter}.html").as_uri())
    tab.wait_for_function("window.Reveal?.isReady?.()")
    for index in range(len(decks[chapter])):
        turn(tab, index)
        assert tab.evaluate(WIDE) == [], f"slide {index + 1}"
    tab.context.close()


def test_on_paper_each_slide_is_a_page(browser, slides_folder, decks, tmp_path):
    tab = browser.new_page(viewport={"width": 1280, "height": 720})
    tab.goto((slides_folder / "04_one_over_pi.html").as_uri() + "?print-pdf")
    tab.wait_for_function("window.Reveal?.isReady?.() && document.querySelector('.pdf-page')")
    tab.pdf(path=tmp_path / "slides.pdf", prefer_css_page_size=True)
    tab.close()
    with pypdfium2.PdfDocument(tmp_path / "slides.pdf") as pages:
        assert len(pages) == len(decks["04_one_over_pi"])
        texts = [page.get_textpage().get_text_bounded() for page in pages]
    assert "What does dividing by" in texts[0]
    assert sum("Right." in said for said in texts) >= 8


def test_keys_belong_to_a_control_until_escape(tab, slides_folder, decks):
    opened(tab, slides_folder, "03_softmax_jacobian")
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


def test_what_is_dragged_stays_under_the_mouse(tab, slides_folder, decks):
    opened(tab, slides_folder, "12_ppo")
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


def test_the_notes_open_from_the_disk(tab, slides_folder):
    opened(tab, slides_folder, "01_question")
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


def test_a_finger_on_a_slider_turns_no_slide(browser, slides_folder, decks):
    context = browser.new_context(viewport={"width": 1280, "height": 720}, has_touch=True)
    tab = context.new_page()
    tab.asked, tab.complaints = [], []
    opened(tab, slides_folder, "03_softmax_jacobian")
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
