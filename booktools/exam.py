"""Exam questions, whose numbers are computed: `make exam [QUESTIONS="1.1 4.2"] [SEED=7]`.

A question of `exam/` begins with code that computes its numbers, and once more on another way. The text takes
them as «name:format». A seed picks other numbers.
"""

import functools
import random
import re
import sys
from collections import namedtuple
from pathlib import Path

import numpy as np

from booktools import notebooks
from booktools.assignments import write_text

FOLDER, TARGET = notebooks.ROOT / "exam", notebooks.ROOT / "_build" / "exam"
_QUESTION = re.compile(
    r"^## (?P<number>\d+\.\d) (?P<title>[^\n]*)\n\n(?P<points>\d+) points?, (?P<minutes>\d+) minutes, "
    r"(?P<kind>[\w -]+)\. Goal: (?P<goal>\w+)\.\n\n```python\n(?P<code>.*?)^```\n\n(?P<text>.*?)\n"
    r"\*\*Solution\.\*\* (?P<solution>.*?)\n\*\*Marks\.\*\* (?P<marks>.*?)(?=^## |\Z)",
    re.MULTILINE | re.DOTALL,
)
_NUMBER = re.compile(r"«([^:»]+):([^»]*)»")

Question = namedtuple("Question", "number title points minutes kind goal text solution marks routes")


def question(match, seed=None):
    """Return a question with its numbers, those of a seed, and how many were computed on two ways."""
    chance, routes = random.Random(None if seed is None else f"{seed} {match['number']}"), []

    def pick(*choices):
        return choices[0] if seed is None else chance.choice(choices)

    def agree(one, other, within=1e-9):
        routes.append("agree")
        one, other = np.asarray(one, dtype=float), np.asarray(other, dtype=float)
        if one.shape != other.shape or not np.allclose(one, other, rtol=within, atol=within):
            raise ValueError(f"question {match['number']}, seed {seed}: two ways give {one} and {other}")

    def differ(right, *wrong):
        for one in wrong:
            routes.append("differ")
            if np.shape(one) == np.shape(right) and np.allclose(right, one, rtol=1e-3, atol=1e-3):
                raise ValueError(f"question {match['number']}, seed {seed}: a wrong answer is right, {one}")

    given = {"pick": pick, "agree": agree, "differ": differ, "np": np}
    exec(compile(match["code"], f"<question {match['number']}>", "exec"), given)

    def told(text):
        return _NUMBER.sub(lambda found: shown(eval(found[1], given), found[2]), text).strip()

    parts = {name: told(match[name]) for name in ("title", "text", "solution", "marks")}
    rest = {name: match[name] for name in ("number", "kind", "goal")}
    counts = {name: int(match[name]) for name in ("points", "minutes")}
    return Question(**parts, **rest, **counts, routes=routes)


def shown(value, form):
    """Return a number, or several, as text.

    >>> shown(-0.25, ".2f"), shown([0.5, 1], "g")
    ('-0.25', '0.5, 1')
    """
    if np.ndim(value):
        return ", ".join(shown(one, form) for one in value)
    text = format(value, form)
    return text.replace("-0", "0") if isinstance(value, float) and not float(text) else text


@functools.cache
def questions(seed=None, folder=FOLDER):
    """Return every question by its number."""
    texts = (path.read_text(encoding="utf-8") for path in sorted(folder.glob("[0-9]*.md")))
    found = [question(match, seed) for text in texts for match in _QUESTION.finditer(text)]
    return {one.number: one for one in found}


def sheet(chosen, solutions):
    """Return questions as the text of a sheet, with solutions and marks or without."""
    total = f"{sum(one.points for one in chosen)} points, {sum(one.minutes for one in chosen)} minutes"
    lines = [f"# {'Solutions' if solutions else 'Questions'}: {total}"]
    for one in chosen:
        lines += [f"## {one.number} {one.title} ({one.points} points, {one.minutes} minutes)", one.text]
        if solutions:
            lines += [f"**Solution.** {one.solution}", f"**Marks.** {one.marks}"]
    return "\n\n".join(lines) + "\n"


def main(words):
    seed = next((word for word in words if "." not in word), None)
    known = questions(seed)
    chosen = [word for word in words if word != seed] or list(known)
    if unknown := [word for word in chosen if word not in known]:
        print(f"there is no question {unknown[0]}; there are: {', '.join(known)}", file=sys.stderr)
        return 1
    TARGET.mkdir(parents=True, exist_ok=True)
    for name, solutions in (("questions.md", False), ("solutions.md", True)):
        write_text(Path(TARGET, name), sheet([known[one] for one in chosen], solutions))
    print(f"{len(chosen)} questions are in {TARGET}.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
