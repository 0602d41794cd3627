"""Each box that asks has answers to choose from, and for each a response; one of them is right."""

import re

import pytest
from markdown_it import MarkdownIt

from booktools import notebooks

BOX = re.compile(r"^(:::+)\{admonition\} (?:Predict|Vote|Test).*\n:class: (.*)\n((?s:.*?))^\1$", re.MULTILINE)
CLOSED = re.compile(r"^:::\{dropdown\} What each answer says\n((?s:.*?))^:::$", re.MULTILINE)
PAGES = [notebooks.ROOT / "index.md", *notebooks.chapters(), notebooks.ROOT / "chapters/appendix/teaching.md"]
MOST_WORDS = 12


def boxes(path):
    """Return the classes and the text of each box of a page."""
    if path.suffix == ".md":
        text = path.read_text(encoding="utf-8")
    else:
        text = "\n\n".join(cell.source for _, cell in notebooks.cells(notebooks.load(path), "markdown"))
    return [match[1:] for match in BOX.findall(text)]


def lists(text):
    """Return the items of each bullet list.

    >>> lists("Who?\\n\\n- I\\n- **you**\\n\\n**2.** Why?\\n\\n- so")
    [['I', '**you**'], ['so']]
    """
    found, depth = [], 0
    for token in MarkdownIt().parse(text):
        depth += token.nesting * token.type.startswith("bullet_list")
        if token.type == "bullet_list_open":
            found.append([])
        elif token.type == "list_item_open":
            found[-1].append("")
        elif token.type == "inline" and depth:
            found[-1][-1] += token.content
    return found


def problems(classes, text):
    """Return, as sentences, what is wrong with a box."""
    if "predict" not in classes.split():
        return ["it is not of the class predict"]
    closed = CLOSED.findall(text)
    if len(closed) != 1:
        return ["it has no part 'What each answer says'"]
    asked, said = lists(CLOSED.sub("", text)), lists(closed[0])
    found = []
    if not asked or [len(answers) for answers in asked] != [len(responses) for responses in said]:
        found.append("there are not as many responses as answers")
    if any(not 2 <= len(answers) <= 4 for answers in asked):
        found.append("a question has two to four answers")
    for answer in (answer for answers in asked for answer in answers):
        if len(answer.split()) > MOST_WORDS or re.search(r"\]\(|\{\w+\}`", answer):
            found.append(f"an answer is short and no link: {answer}")
    for responses in said:
        kinds = [re.match(r"\*\*(Right|No|In part)\.\*\* \S", response) for response in responses]
        if not all(kinds) or [kind[1] for kind in kinds].count("Right") != 1:
            found.append("each response begins with **Right.**, **No.** or **In part.**, and one is right")
    numbers = [f"**{number}.**" for number in range(1, len(asked) + 1)] if len(asked) > 1 else []
    for part in (CLOSED.sub("", text), closed[0]):
        if re.findall(r"^\*\*\d+\.\*\*", part, re.MULTILINE) != numbers:
            found.append("several questions are numbered, and the responses as they are")
    return found


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_every_box_that_asks_can_be_answered(path):
    found = boxes(path)
    assert found
    assert [(text[:60], problems(classes, text)) for classes, text in found if problems(classes, text)] == []


def test_what_is_wrong_with_a_box_is_said():
    right = (
        "Who?\n\n- I\n- you\n\n:::{dropdown} What each answer says\n- **Right.** I.\n- **No.** Not so.\n:::\n"
    )
    assert problems("tip predict", right) == []
    wrong = {
        "tip": right,
        "tip predict": right.replace("No", "Right"),
        "predict tip": right.replace("- **No.** Not so.\n", ""),
        "predict": right.replace("- I", "- [I](here)"),
        "predict few": right.replace("- you\n", "").replace("- **No.** Not so.\n", ""),
        "predict numbers": right.replace("Who", "**2.** Who"),
        "predict open": right.replace("dropdown", "note"),
    }
    assert [len(problems(classes, text)) for classes, text in wrong.items()] == [1] * len(wrong)
