"""What leads to a place of a page: to a prediction, to an equation."""

import re
from itertools import takewhile

from booktools.slides.fit import ROOM, is_formula, is_paragraph, is_words, lines

HEADINGS = ["h1", "h2", "h3"]
# So a paragraph begins that is about what stands above it.
BEFORE = re.compile(r"[a-z]|(Each|This|These|There|Both|Here)\b")


def opening(section, shown=(), room=ROOM, kind=is_words):
    """Return the words that a section begins with, as far as they fit; the last leads to nothing else."""
    found = []
    for part in takewhile(kind, section.find(HEADINGS).find_next_siblings()):
        if part.get("id") in shown or (room := room - lines(part)) < 0:
            break
        found.append(part)
    while found and leads(found[-1]):
        found.pop()
    return [part for part in found if str(part) not in shown]


def leads(part):
    """Return whether a paragraph goes on in what stands below it."""
    after = part.find_next_sibling()
    unfinished = part.get_text().rstrip().endswith((":", ","))
    return unfinished or (not is_formula(part) and after is not None and is_formula(after))


def right(box):
    """Return the keys of the equations that the right answers of a box cite."""
    said = [item for item in box.select("details li") if item.get_text().strip().startswith("Right.")]
    return re.findall(r'"#(equation-[\w-]+)', str(said))


def leading(box, shown=()):
    """Return what leads to a box, at most one slide, and apart what the right answers cite."""
    found, after, left, cited = [], [], ROOM, right(box)
    parts = iter(box.find_previous_siblings())
    for part in parts:
        words, begun = is_words(part), found or after
        if "predict" in part.get("class", []) or part.name in [*HEADINGS, "ol"] or part.get("id") in shown:
            break  # an ordered list has the answers to an explorer's tasks
        if begun and not words:
            if not box.find_previous_sibling(class_="predict"):
                found[:0] = opening(box.find_parent("section"), {*shown, *cited}, left)
            break
        if part.get("id") in cited:
            before = part.find_previous_sibling()
            after[:0] = [*([next(parts)] if before.name == "p" else []), part, *found]
            found, left = [], ROOM
        elif words and (begun or not part.get_text().endswith(":")):
            if (left := left - lines(part)) < 0:
                break
            found[:0] = [part]
    return found, after


def sentence(equation, shown):
    """Return the words before an equation, the formula that they are about, and the words before that."""
    found, left = [], ROOM - lines(equation)
    for part in equation.find_previous_siblings():
        fits = is_paragraph(part) if not found or is_formula(found[0]) else is_formula(part)
        if not fits or {part.get("id"), str(part)} & shown:
            break
        left -= lines(part)
        goes_on = len(found) > 2 and (is_formula(found[0]) or BEFORE.match(found[0].get_text()))
        if (left < 0 or len(found) > 2) and not goes_on:
            break
        found[:0] = [part]
    return found
