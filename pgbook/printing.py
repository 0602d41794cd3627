"""Printing numbers so that they look the same on every machine."""

import builtins
import re
from collections.abc import Sequence
from html import escape

import numpy as np

from pgbook._inputs import count, instance, numeric

#: The largest number of decimals; of a number near 1, a float64 has no more.
MOST_DIGITS = 15

# A hyphen that is the sign of a number; a minus is wider, and is not taken for a hyphen.
SIGN = re.compile(r"(?<![\w)\]])-(?=\.?\d|inf)")


def table(rows, columns=None, *, digits=3):
    """Show rounded numbers, a row for each name: a table in a notebook or on a page, elsewhere aligned lines.

    Parameters
    ----------
    rows : dict of str to float array, with n numbers each
    columns : sequence of str, length n, optional
        Headings.
    digits : int, at most 15
        Decimals. A number that rounds to zero is printed without a sign: the sign of a rounding
        error is not the same everywhere.

    Raises
    ------
    ValueError
        If the rows, or the headings, differ in length, or an argument is of the wrong kind.

    >>> rows = {"π": [0.5, 0.25, 0.25], "score of 1": [0.5, -0.25, -0.25]}
    >>> table(rows, ["1", "2", "3"], digits=2)
                    1      2      3
    π            0.50   0.25   0.25
    score of 1   0.50  -0.25  -0.25
    """
    if count("digits", digits) > MOST_DIGITS:
        raise ValueError(f"digits must be at most {MOST_DIGITS}, but it is {digits}")
    headings = list(instance("columns", [] if columns is None else columns, Sequence))
    for name in [*instance("rows", rows, dict), *headings]:
        instance("every name in rows and columns", name, str)
    numbers = {name: numeric(f"rows[{name!r}]", row, wanted="real numbers") for name, row in rows.items()}
    # As objects: an integer in a list with fractions keeps its digits.
    entries = {
        name: np.array(row if isinstance(row, Sequence) else numbers[name], dtype=object)
        for name, row in rows.items()
    }
    cells = {name: [_fixed(value, digits) for value in row.flat] for name, row in entries.items()}
    lengths = {name: len(row) for name, row in cells.items()}
    if headings:
        lengths["columns"] = len(headings)
    if len(set(lengths.values())) > 1:
        raise ValueError(f"rows and columns must have one length, but they have {lengths}")
    # Where there is IPython there is `display`.
    getattr(builtins, "display", print)(_Table(headings, cells))


class _Table:
    """Rows of text under headings, in the two forms in which a notebook keeps them."""

    def __init__(self, headings, cells):
        self.headings, self.cells = headings, cells

    def __repr__(self):
        lines = [("", self.headings)] if self.headings else []
        lines += self.cells.items()
        first = max((len(name) for name, _ in lines), default=0)
        width = max((len(cell) for _, row in lines for cell in row), default=0)
        return "\n".join(
            "  ".join([name.ljust(first), *(cell.rjust(width) for cell in row)]) for name, row in lines
        )

    def _repr_html_(self):
        head = [f'<th scope="col">{_typeset(name)}</th>' for name in self.headings]
        lines = [f"<thead><tr><td></td>{''.join(head)}</tr></thead>"] if head else []
        for name, row in self.cells.items():
            numbers = "".join(f"<td>{_typeset(cell)}</td>" for cell in row)
            lines.append(f'<tr><th scope="row">{_typeset(name)}</th>{numbers}</tr>')
        return "\n".join(["<table>", *lines, "</table>"])


def _typeset(text):
    return SIGN.sub("−", escape(text, quote=False))


def _fixed(value, digits):
    if isinstance(value, int | np.integer):  # not by way of a float, which has 53 binary digits
        return f"{value}.{'0' * digits}".rstrip(".")
    value = float(value)  # a shorter one would overflow when it is scaled
    # Rounding scales by a power of ten; beyond 2**53 that is not exact, and nothing there rounds to zero.
    rounded = np.round(value, digits) if abs(value) < 2**53 / 10**digits else value
    return f"{rounded + 0.0:.{digits}f}"
