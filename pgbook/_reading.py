"""The grammar of `pgbook.formulas`: from a text to a tree."""

import re
import unicodedata

from pgbook._inputs import instance

_WORDS = "alpha beta gamma delta epsilon eta theta kappa lambda mu pi rho sigma tau phi chi psi omega"
_GREEK = dict(zip(_WORDS.split(), "αβγδεηθκλμπρστφχψω", strict=True)) | {"Delta": "Δ", "Lambda": "Λ"}
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻", "0123456789+-")
_SUBSCRIPTS = str.maketrans("₀₁₂₃₄₅₆₇₈₉ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜₓ", "0123456789aehijklmnoprstx")
_FRACTIONS = {"½": "(1/2)", "⅓": "(1/3)", "⅔": "(2/3)", "¼": "(1/4)", "¾": "(3/4)"}
_SIGNS = str.maketrans("−–·⋅×∗⊙÷⁄∑∏∣ϵℓ", "--*****//ΣΠ|εl")
#: More than anybody writes: longer texts are refused, before they cost time.
LONGEST = 400
DEEPEST = 40
ARGUMENTS = {"min": 2, "max": 2, "clip": 3, "Cov": 2}
FUNCTIONS = {"log", "ln", "exp", "sqrt", "abs", "sigmoid", "tanh", "sinh", "cosh", "min", "max", "clip"}
REDUCTIONS = {"Σ", "Π", "max", "min", "mean"}
_TOKEN = re.compile(
    r"(?P<number>(?:\d+\.?\d*|\.\d+)(?![.\d]))|(?P<name>∇?(?:[Α-ω]|[A-Za-z]+)[\u0300-\u036f′']*)"
    r"|(?P<sub>_\{[^{}]*\}|_[A-Za-z0-9]+)|(?P<sign>\*\*|‖|[-+*/^()\[\],|√])|(?P<space>\s+)"
)


class FormulaError(ValueError):
    """A text is no formula, or not one of these quantities."""


def plain(text: str) -> str:
    r"""Write a formula with the signs of the grammar: no LaTeX, no signs of typography.

    Parameters
    ----------
    text : str

    Returns
    -------
    str

    >>> plain(r"\frac{\pi_b}{2} \cdot r_b² − J")
    '((π_b)/(2)) * r_b^(2) - J'
    """
    text = unicodedata.normalize("NFC", text).translate(_SIGNS)
    text = re.sub(r"\|\|([^|]+)\|\|", "‖\\1‖", text)
    for sign, words in _FRACTIONS.items():
        text = text.replace(sign, words)
    text = re.sub("[⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻]+", lambda m: f"^({m[0].translate(_SUPERSCRIPTS)})", text)
    text = re.sub("[₀-₉ₐₑₒₓₕₖₗₘₙₚₛₜᵢᵣⱼ]+", lambda m: f"_{{{m[0].translate(_SUBSCRIPTS)}}}", text)
    text = re.sub(r"\\(?:left|right|[,;:! ])", " ", text)
    text = re.sub(r"\\(?:cdot|times|odot)\b", "*", text)
    text = re.sub(r"\\?(?<![A-Za-z])sum(?=_)|\\sum\b", "Σ", text)
    text = re.sub(r"\\?(?<![A-Za-z])prod(?=_)|\\prod\b", "Π", text)
    greek = r"\\?(?<![A-Za-z])(" + "|".join(_GREEK) + ")(?=bar(?![A-Za-z])|(?![A-Za-z]))"
    text = re.sub(greek, lambda m: _GREEK[m[1]], text)
    text = re.sub(r"\\nabla(?![A-Za-z]) *", "∇", text).replace("\\ell", "l")
    text = re.sub(r"\\(?:bar|overline) *\{? *(\w) *\}?", "\\1\u0304", text)
    text = re.sub(r"(?<![A-Za-z])([A-Za-zΑ-ω])_?bar(?![A-Za-z])", "\\1\u0304", text)
    while (shorter := re.sub(r"\\[dt]?frac *\{([^{}]*)\} *\{([^{}]*)\}", r"((\1)/(\2))", text)) != text:
        text = shorter
    text = text.replace("≠", "!=").replace("\\neq", "!=").replace("\\ne", "!=").replace("\\", "")
    # Braces group, but those of an index stay.
    return re.sub(r"(_\{[^{}]*\})|\{|\}", lambda m: m[1] or {"{": "(", "}": ")"}[m[0]], text)


class Reader:
    """A parser by recursive descent: sum, product, sign, power, atom."""

    def __init__(self, text, scalars, vectors):
        instance("a formula", text, str)
        if len(text) > LONGEST:
            raise FormulaError(f"this is {len(text):,} characters long; {LONGEST} are enough")
        self.scalars, self.vectors, self.inside, self.depth = scalars, vectors, 0, 0
        self.text, self.tokens, at = plain(text), [], 0
        while at < len(self.text):
            match = _TOKEN.match(self.text, at)
            if not match:
                raise FormulaError(
                    f"{self.text[at]!r} has no meaning here".replace("'", "“", 1).replace("'", "”", 1)
                )
            if match.lastgroup == "number" and re.match(r"e[+-]?\d", self.text[match.end() :]):
                raise FormulaError(
                    f"{match[0]}e… can be read in two ways; write {match[0]} * 10^3, or {match[0]} e * 3"
                )
            if match.lastgroup != "space":
                self.tokens.append((match.lastgroup, match[0]))
            at = match.end()
        self.tokens.append(("end", ""))
        self.at = 0

    @property
    def kind(self):
        return self.tokens[self.at][0]

    @property
    def now(self):
        return self.tokens[self.at][1]

    def take(self, *wanted):
        if self.now in wanted and self.kind == "sign":
            self.at += 1
            return self.tokens[self.at - 1][1]
        return None

    def need(self, sign):
        if not self.take(sign):
            raise FormulaError(f"a {sign} is missing " + (f"before {self.now}" if self.now else "at the end"))

    def read(self):
        if self.kind == "end":
            raise FormulaError("there is nothing here yet")
        tree = self.sum()
        if self.kind != "end":
            raise FormulaError(f"there is a {self.now} too many")
        return tree

    def sum(self):
        tree = self.product()
        while sign := self.take("+", "-"):
            tree = (sign, tree, self.product())
        return tree

    def product(self):
        tree = self.signed()
        while True:
            if sign := self.take("*", "/"):
                tree = (sign, tree, self.signed())
            elif (
                self.kind in ("number", "name")
                or self.now in ("(", "√")
                or (self.now in ("|", "‖") and not self.inside)
            ):
                tree = ("*", tree, self.power())
            else:
                return tree

    def signed(self):
        self.depth += 1
        if self.depth > DEEPEST:
            raise FormulaError(f"more than {DEEPEST} brackets or signs stand one inside the other")
        sign = self.take("-", "+")
        tree = self.signed() if sign else self.power()
        self.depth -= 1
        return ("neg", tree) if sign == "-" else tree

    def power(self):
        tree = self.atom()
        return ("^", tree, self.signed()) if self.take("^", "**") else tree

    def atom(self):
        if self.kind == "number":
            self.at += 1
            return ("number", self.tokens[self.at - 1][1])
        if self.take("("):
            outside, self.inside = self.inside, 0
            tree = self.sum()
            self.inside = outside
            self.need(")")
            return tree
        if self.take("√"):
            return ("call", "sqrt", self.power())
        if bar := self.take("|", "‖"):
            self.inside += 1
            tree = self.sum()
            self.inside -= 1
            self.need(bar)
            if bar == "‖" and "·" not in free_of(tree):
                raise FormulaError("‖ ‖ takes a vector without an index")
            return ("call", "abs", tree) if bar == "|" else ("norm", tree)
        if self.kind == "name":
            return self.named()
        if self.kind == "sub":
            raise FormulaError(f"the index {self.now} belongs to nothing")
        raise FormulaError(
            f"something is missing before {self.now}" if self.now else "something is missing at the end"
        )

    def named(self):
        name = self.now
        self.at += 1
        index = self.index()
        if name in REDUCTIONS and index is not None:
            match = re.fullmatch(r"([a-zA-Z])(?:!=([a-zA-Z]))?", index)
            if not match:
                raise FormulaError(f"{name} needs one letter as its index, such as {name}_c")
            # The product that follows; what comes after a + or a − is no part of it.
            return ("reduce", name, match[1], match[2], self.product())
        if name in ("Σ", "Π", "mean"):
            raise FormulaError(f"{name} needs an index, such as {name}_c")
        if index is not None and f"{name}_{index}" in self.scalars | self.vectors:
            name, index = f"{name}_{index}", self.index()
        if name == "δ" and name not in self.scalars | self.vectors:
            if not re.fullmatch("[A-Za-z]{2}", index or ""):
                raise FormulaError("δ needs two letters as its index, such as δ_ab")
            return ("delta", *index)
        if name in self.vectors:
            return ("entry", name, self.letter(name, index))
        if name in self.scalars:
            if index is not None:
                raise FormulaError(f"{name} is one number and has no index {index}")
            return ("value", name)
        if name in FUNCTIONS:
            return self.call(name)
        if name == "Cov" and "π" in self.vectors:
            return covariance(*self.call(name)[2:])
        if index is None and (name == "e" or (name == "π" and "z" not in self.vectors)):
            return ("number", name)
        if name == "e" and len(index) == 1 and index.isalpha():
            return ("delta", index, "·")  # the vector with a 1 in this place
        there = ", ".join(sorted(self.scalars | self.vectors))
        raise FormulaError(f"there is no {name} here; there are {there or 'no names'}")

    def index(self):
        if self.kind == "sub":
            self.at += 1
            return re.sub(r"[_{}\s,]", "", self.tokens[self.at - 1][1])
        if self.take("["):
            found = []
            while self.kind in ("name", "number") or self.now == ",":
                found.append(self.now)
                self.at += 1
            self.need("]")
            return "".join(found).replace(",", "")
        return None

    def letter(self, name, index):
        if index is None or (len(index) == 1 and index.isalpha()):
            return index or "·"
        if index.isdecimal():
            return int(index) - 1
        raise FormulaError(f"{name} has one index, not {index}")

    def call(self, name):
        number = ARGUMENTS.get(name, 1)
        if self.take("("):
            outside, self.inside = self.inside, 0
            arguments = [self.sum()]
            while self.take(","):
                arguments.append(self.sum())
            self.inside = outside
            self.need(")")
        else:
            arguments = [self.power()]
        if len(arguments) != number:
            raise FormulaError(f"{name} takes {number} arguments, not {len(arguments)}")
        return ("call", name, *arguments)


def covariance(one, two):
    """Over the action A that π draws."""

    def mean(body):
        return ("reduce", "Σ", "A", None, ("*", ("entry", "π", "A"), renamed(body, "A")))

    return ("-", mean(("*", one, two)), ("*", mean(one), mean(two)))


def letters_of(tree):
    """All indices of a tree."""
    match tree:
        case ("entry", _, letter):
            return {letter} if isinstance(letter, str) else set()
        case ("delta", a, b):
            return {a, b}
        case ("reduce", _, letter, other, body):
            return {letter} | ({other} if other else set()) | letters_of(body)
    return set().union(*(letters_of(part) for part in tree[1:] if isinstance(part, tuple)))


def free_of(tree):
    """The indices of a tree that nothing sums."""
    match tree:
        case ("reduce", _, letter, other, body):
            return (free_of(body) - {letter}) | ({other} if other else set())
        case ("norm", body):
            return free_of(body) - {"·"}
        case ("entry", _, _) | ("delta", _, _):
            return letters_of(tree)
    return set().union(*(free_of(part) for part in tree[1:] if isinstance(part, tuple)))


def uses_of(tree):
    """Every vector of a tree with its index, where that is a letter."""
    if tree[0] == "entry":
        return [tree[1:]] if isinstance(tree[2], str) else []
    return [use for part in tree[1:] if isinstance(part, tuple) for use in uses_of(part)]


def renamed(tree, letter):
    """The tree with an index for vectors that were written without one, except below ‖·‖."""
    if tree[0] == "norm":
        return tree
    if tree[0] in ("entry", "delta"):
        return (*tree[:2], letter if tree[2] == "·" else tree[2])
    return tuple(renamed(part, letter) if isinstance(part, tuple) else part for part in tree)


def has_unit_vector(tree):
    """Whether there is an e_a in it."""
    return (tree[0] == "delta" and tree[2] == "·") or any(
        has_unit_vector(part) for part in tree[1:] if isinstance(part, tuple)
    )


def summed_by(tree):
    """The letters that sums and their like run over."""
    inner = (summed_by(part) for part in tree[1:] if isinstance(part, tuple))
    return set().union(*inner, {tree[2]} if tree[0] == "reduce" else ())
