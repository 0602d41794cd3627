"""A box of predictions: its answers are buttons, each is answered, and what follows is covered until then."""

import sys

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import expect

from booktools import notebooks
from tests.pages.browser import IN_VIEW, SETTLED, TYPESET, look

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the book is built on Linux and macOS")
PAGE = "chapters/01_question.html"
# What follows a box up to a heading or the next: whether it is covered, and whether it holds an explorer.
COVERED = """() => [...document.querySelectorAll('.predict')].map(box => {
    const parts = [];
    for (let it = box.nextElementSibling; it && !it.matches('section, .predict'); it = it.nextElementSibling)
        parts.push([it.matches('.covered[hidden]'), it.querySelector('.explorer') !== null]);
    return parts;
})"""


@pytest.fixture(scope="module")
def opened(browser):
    """Return a function that opens the page from the disk, as somebody who has not answered anything."""
    tabs, asked, complaints = {}, [], []

    def page(place="", name=PAGE, **screen):
        kind = tuple(screen)
        if kind not in tabs:
            tabs[kind] = browser.new_context(reduced_motion="reduce", **screen).new_page()
            tabs[kind].on("request", lambda request: asked.append(request.url))
            tabs[kind].on("pageerror", lambda error: complaints.append(str(error)))
        else:
            tabs[kind].evaluate("localStorage.clear()")
            tabs[kind].goto("about:blank")  # or another place in the page would be no new page
        tabs[kind].emulate_media(media="screen")
        tabs[kind].set_viewport_size(screen.get("viewport", {"width": 1280, "height": 720}))
        tabs[kind].goto(f"{notebooks.HTML.as_uri()}/{name}{place}")
        return tabs[kind]

    yield page
    for tab in tabs.values():
        tab.context.close()
    assert all(url.startswith(("file:", "data:", "about:")) for url in asked)
    assert complaints == []


def parts(box):
    """Return a box's answers, the responses that are shown, its foot's button, and what it covers."""
    after = box.locator("xpath=following-sibling::*[contains(@class, 'covered')]")
    return box.get_by_role("radio"), box.locator(".responses li:visible"), box.locator(".foot button"), after


@pytest.mark.slow
def test_a_choice_is_answered_kept_and_can_be_changed_and_forgotten(opened):
    page = opened()
    box, other = (page.locator(".predict").nth(i) for i in (0, 2))
    answers, responses, more, after = parts(box)
    expect(after).to_be_hidden()
    assert responses.count() == 0
    answers.nth(1).click()
    expect(after).to_be_visible()
    expect(answers.nth(1)).to_be_checked()
    assert responses.inner_text().startswith("No. ")
    answers.nth(0).click()
    assert responses.inner_text().startswith("Right. ")
    assert answers.evaluate_all("all => all.map(it => it.ariaChecked)") == ["true", "false", "false"]
    more.click()
    assert [text.split("\n")[0] for text in responses.all_inner_texts()] == answers.all_inner_texts()
    more.click()
    assert responses.count() == 1
    # Of two questions, both want an answer.
    answers, _, _, after = parts(other)
    answers.nth(0).click()
    expect(after).to_be_hidden()
    answers.last.click()
    expect(after).to_be_visible()
    page.reload()
    expect(after).to_be_visible()
    assert parts(box)[1].inner_text().startswith("Right. ")
    page.get_by_role("button", name="Forget").click()
    expect(after).to_be_hidden()
    assert page.locator(".responses li:visible, [aria-checked=true]").count() == 0
    page.get_by_label("Cover nothing").check()
    page.reload()
    expect(after).to_be_visible()


def test_all_but_headings_boxes_and_explorers_is_covered_until_somebody_wants_to_see_it(opened):
    page = opened()
    found = page.evaluate(COVERED)
    assert all(covered != explorer for box in found for covered, explorer in box)
    assert any(explorer for box in found for _, explorer in box)
    assert sum(covered for box in found for covered, _ in box) >= len(found)
    box = page.locator(".predict").first
    answers, responses, more, after = parts(box)
    assert more.inner_text() == "Show me"
    more.click()
    expect(after).to_be_visible()
    assert responses.count() == answers.count()


def test_keys_choose(opened):
    page = opened()
    answers, _, _, after = parts(page.locator(".predict").first)
    answers.first.focus()
    page.keyboard.press("ArrowUp")
    expect(answers.last).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(answers.nth(1)).to_be_focused()
    expect(after).to_be_hidden()
    page.keyboard.press("Space")
    expect(answers.nth(1)).to_be_checked()
    expect(answers.nth(1)).to_be_focused()
    expect(after).to_be_visible()
    page.keyboard.press("Tab")  # to the link in the response
    assert page.locator(":focus").evaluate("link => link.closest('.responses') !== null")


@pytest.mark.slow
def test_one_question_comes_after_the_other_and_all_of_them_on_paper(opened):
    page = opened()
    box = page.locator(".predict:has([role=radiogroup] ~ [role=radiogroup])").first
    one, two = (box.get_by_role("radiogroup", include_hidden=True).nth(i) for i in (0, 1))
    expect(one).to_be_visible()
    expect(two).to_be_hidden()
    one.get_by_role("radio").first.click()
    expect(two).to_be_visible()
    page.reload()
    expect(two).to_be_visible()
    page.get_by_role("button", name="Forget my choices").click()
    expect(two).to_be_hidden()
    page.emulate_media(media="print")
    expect(two).to_be_visible()


@pytest.mark.slow
def test_a_finger_chooses_on_a_phone_and_what_it_needs_is_large_enough(opened):
    page = opened(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    answers, responses, _, after = parts(page.locator(".predict").first)
    answers.last.tap()
    expect(after).to_be_visible()
    assert responses.count() == 1
    small = page.locator(".predict :is(button, label)").evaluate_all(
        """all => all.filter(it => it.checkVisibility({ contentVisibilityAuto: true }))
            .map(it => it.getBoundingClientRect().toJSON())
            .filter(it => it.width < 44 || it.height < 44 || it.left < 0 || it.right > 390)"""
    )
    assert small == []
    assert page.evaluate("document.documentElement.scrollWidth") == 390


@pytest.mark.slow
@pytest.mark.parametrize(
    ("address", "uncovered"),
    [
        ("#equation-eq-one-update", 0),
        ("#:~:text=No%20small%20number%20is%20left", 0),  # finds as a reader's own search does
        ("?highlight=logit#question-worlds", 2),  # from the book's search
    ],
)
def test_what_leads_into_a_covered_part_uncovers_it(opened, address, uncovered):
    page = opened(address)
    covers = [parts(box)[3].first for box in page.locator(".predict").all()]
    expect(covers[uncovered]).to_be_visible()
    expect(covers[2 - uncovered]).to_be_hidden()
    if "=" not in address:
        page.wait_for_function(IN_VIEW)
        page.evaluate("location.hash = '#equation-eq-three-worlds'")
        expect(covers[2]).to_be_visible()
        page.wait_for_function(IN_VIEW)


@pytest.mark.slow
def test_back_leads_to_where_one_was(opened):
    page = opened()
    page.wait_for_function(TYPESET)
    parts(page.locator(".predict").nth(1))[2].click()
    place = page.locator("#what-we-found")
    place.scroll_into_view_if_needed()
    page.evaluate(SETTLED)
    page.evaluate("document.querySelector('#what-we-found').scrollIntoView()")
    page.evaluate(SETTLED)
    page.goto(f"{notebooks.HTML.as_uri()}/chapters/02_log_derivative.html")
    page.go_back()
    page.wait_for_function(TYPESET)
    page.evaluate(SETTLED)
    page.wait_for_function(
        "Math.abs(document.querySelector('#what-we-found').getBoundingClientRect().top) < 150"
    )


@pytest.mark.slow
def test_the_last_chapter_shows_the_readers_votes_beside_the_verdicts(opened):
    page = opened(name="chapters/14_plausible_but_false.html")
    boxes = page.locator(".predict").filter(has=page.get_by_text("Vote", exact=True)).all()
    shown = page.locator(".votes tbody td:nth-child(2)")
    assert shown.all_text_contents() == ["–"] * len(boxes)
    chosen = [box.get_by_role("radio").nth(i % 3) for i, box in enumerate(boxes)]
    for answer in chosen:
        answer.click()
    assert shown.all_text_contents() == [answer.text_content() for answer in chosen]


@pytest.mark.slow
def test_paper_has_all(opened):
    page = opened()
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    assert all(part.is_visible() for part in page.locator(".covered, .predict .responses li").all())
    assert not any(part.is_visible() for part in page.locator(".predict :is(.foot, .settings)").all())
    assert page.get_by_role("radio").first.is_visible()
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    page.emulate_media(media="screen")
    expect(parts(page.locator(".predict").first)[3]).to_be_hidden()


@pytest.mark.slow
def test_without_javascript_a_box_is_a_list_of_answers_and_a_closed_part(opened):
    page = opened(java_script_enabled=False)
    box = page.locator(".predict").first
    assert box.locator("xpath=following-sibling::*").first.is_visible()
    assert box.locator(":scope > ul > li").count() == 3
    assert not box.locator("details li").first.is_visible()
    box.locator("summary").click()
    assert box.locator("details li").first.is_visible()


@pytest.mark.slow
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_screen_reader_hears_question_answers_choice_and_response(opened, theme):
    page = opened()
    page.wait_for_function(TYPESET)
    box = page.locator(".predict").first
    question = box.locator("p:not(.admonition-title)").first.inner_text()
    assert box.get_by_role("radiogroup", name=question).get_by_role("radio").count() == 3
    assert box.locator("[aria-live=polite]").count() == 1
    parts(box)[0].first.click()
    parts(page.locator(".predict").nth(1))[2].click()
    look(page, 390, theme)
    page.evaluate(AXE_SCRIPT)
    found = page.evaluate("axe.run('.predict')")["violations"]
    assert [(it["id"], it["nodes"][0]["html"][:200]) for it in found] == []
