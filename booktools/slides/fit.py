"""How much fits on a slide: so many lines of so many letters, as slides.css has it."""

import re
from math import ceil

ROOM, LETTERS = 16.5, 84
HIGH = re.compile(r"frac|\\(sum|prod|int|sup|max|min|binom)\b")  # lines of a formula that are high


def is_formula(element):
    return "math" in element.get("class", [])


def lines(element, letters=LETTERS):
    """Return about how many lines a part of a slide takes."""
    text = element.get_text()
    if is_formula(element):
        return 1 + sum(2.8 if HIGH.search(row) else 1.4 for row in text.split(r"\\"))
    text = re.sub(r"\\[a-zA-Z]+|[{}\\^_]", "", text)
    return ceil(len(" ".join(text.split())) / letters) + 0.35


def divided(parts):
    """Divide parts, each a pair of HTML and its lines, into as few slides as hold them, in order.

    >>> divided([("a", 9), ("b", 6), ("c", 2)])
    ['ab', 'c']
    """
    found, left = [], 0
    for part, high in parts:
        if high > left:
            found, left = [*found, ""], ROOM
        found[-1] += part
        left -= high
    return found


def measured(elements):
    return [(str(element), lines(element)) for element in elements]


def is_paragraph(element):
    return element.name == "p"


def is_words(element):
    return element.name in ("p", "ul", "ol") or is_formula(element)
