"""Formulas made from a formula: the same in another form, or another that looks alike."""

import numpy as np

from pgbook.formulas import Formula

SIGNS = {
    "*": [" * ", " · ", "×", " "],
    "-": [" - ", " − "],
    "/": ["/", " ÷ "],
    "+": [" + "],
    "^": ["^", "**"],
}


def text(tree, rng):
    """Write a tree as somebody might; brackets are around every part."""
    match tree:
        case ("number", digits):
            return digits
        case ("value", name):
            return name
        case ("entry", name, index):
            letter = str(index + 1) if isinstance(index, int) else index
            return (
                name
                if letter == "·"
                else rng.choice([f"{name}_{letter}", f"{name}_{{{letter}}}", f"{name}[{letter}]"])
            )
        case ("delta", a, b):
            return f"δ_{a}{b}"
        case ("neg", body):
            return f"(-{text(body, rng)})"
        case ("norm", body):
            return f"‖{text(body, rng)}‖"
        case ("call", name, *arguments):
            return f"{name}({', '.join(text(part, rng) for part in arguments)})"
        case ("reduce", name, letter, other, body):
            index = f"{letter}≠{other}" if other else letter
            return f"({name}_{{{index}}} ({text(body, rng)}))"
    sign, left, right = tree
    return f"({text(left, rng)}{rng.choice(SIGNS[sign])}{text(right, rng)})"


def places(tree, at=()):
    """The way to every part of a tree but exponents: a root of less than 0 is none, by a rounding error."""
    yield at
    for i, part in enumerate(tree[1:], start=1):
        if isinstance(part, tuple) and not (tree[0] == "^" and i == 2):
            yield from places(part, (*at, i))


def changed(tree, at, change):
    """A tree with one part changed."""
    if not at:
        return change(tree)
    return (*tree[: at[0]], changed(tree[at[0]], at[1:], change), *tree[at[0] + 1 :])


def letters(tree):
    """All letters that are indices, free or not."""
    own = {part for part in tree[1:] if tree[0] in ("entry", "delta", "reduce") and isinstance(part, str)}
    return own.union(*(letters(part) for part in tree[1:] if isinstance(part, tuple)))


def same(tree, rng, formula):
    """The part in another form."""
    two, one = ("number", "2"), ("number", "1")
    number = ("number", str(round(rng.uniform(0.5, 9), 2)))
    scalar = ("value", rng.choice(sorted(formula.scalars))) if formula.scalars else number
    forms = [
        ("-", ("+", tree, scalar), scalar), ("+", ("-", tree, number), number), ("neg", ("neg", tree)),
        ("/", ("*", number, tree), number), ("*", tree, one), ("/", ("+", tree, tree), two),
        ("-", ("*", two, tree), tree),
    ]  # fmt: skip
    match tree:
        case ("+", a, b):
            forms += [("+", b, a), ("-", a, ("neg", b))]
        case ("*", a, ("+" | "-" as sign, b, c)):
            forms += [(sign, ("*", a, b), ("*", a, c))]
        case ("*", a, b):
            forms += [("*", b, a), ("/", a, ("/", one, b)), ("neg", ("*", ("neg", a), b))]
        case ("-", a, b):
            forms += [("+", a, ("neg", b)), ("neg", ("-", b, a))]
        case ("/", a, b):
            forms += [("*", a, ("/", one, b)), ("/", ("neg", a), ("neg", b))]
        case ("^", a, ("number", "2")):
            forms += [("*", a, a)]
        case ("reduce", "Σ", letter, other, body):
            forms += [("/", ("reduce", "Σ", letter, other, ("*", number, body)), number)]
        case ("call", "exp", body):
            forms += [("/", one, ("call", "exp", ("neg", body)))]
    return forms[rng.integers(len(forms))]


def other(tree, rng, formula):
    """The part changed into something else; it can happen to be the same."""
    match tree:
        case ("number", digits):
            more = float(digits) if digits[0].isdigit() else 0
            return ("number", str(more + rng.choice([0.5, 1, 2])))
        case ("value", _):
            return ("value", rng.choice(sorted(formula.scalars)))
        case ("entry", name, index):
            if rng.random() < 0.5:
                return ("entry", rng.choice(sorted(formula.vectors)), index)
            return ("entry", name, rng.choice(sorted(letters(formula.tree) - {"·"} or {"·"})))
        case ("+" | "-" | "*" | "/" | "^" as sign, a, b):
            signs = [*"+-*/", sign]
            return [a, b, (signs[rng.integers(4)], a, b), (sign, b, a)][rng.integers(4)]
        case ("neg", body) | ("norm", body) | ("call", _, body):
            return body
        case ("reduce", name, letter, excepted, body):
            return ("reduce", {"Σ": "mean"}.get(name, "Σ"), letter, excepted, body)
    return ("^", tree, ("number", "2"))


def rewritten(formula, rng, times=4):
    """The text of a formula that is the same everywhere."""
    tree = formula.tree
    for _ in range(rng.integers(1, times + 1)):
        ways = list(places(tree))
        tree = changed(tree, ways[rng.integers(len(ways))], lambda part: same(part, rng, formula))
    return text(tree, rng)


def perturbed(formula, rng):
    """The text of a formula in which one part is another; of its indices none is new."""
    ways = list(places(formula.tree))
    tree = changed(formula.tree, ways[rng.integers(len(ways))], lambda part: other(part, rng, formula))
    return text(tree, rng)


def formula_of(words, values, like):
    """The formula of a text, of the names in the values; None if it is none, or has other indices."""
    vectors = frozenset(name for name, value in values.items() if np.ndim(value))
    try:
        found = Formula(words, frozenset(values) - vectors, vectors)
    except ValueError:
        return None
    return found if set(found.free) <= set(like.free) else None
