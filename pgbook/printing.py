"""Printing numbers so that they look the same on every machine."""

import numpy as np


def table(rows, columns=None, *, digits=3):
    """Print one aligned line of rounded numbers per row.

    Parameters
    ----------
    rows : dict of str to float array, shape (n,)
    columns : sequence of str, length n, optional
        Headings.
    digits : int
        Decimals. A number that rounds to zero is printed without a sign: the sign of a rounding
        error is not the same everywhere.

    Raises
    ------
    ValueError
        If the rows, or the headings, differ in length.

    >>> table({"π": [0.5, 0.25, 0.25], "score of 1": [0.5, -0.25, -0.25]}, ["1", "2", "3"], digits=2)
                    1      2      3
    π            0.50   0.25   0.25
    score of 1   0.50  -0.25  -0.25
    """
    cells = {name: [_fixed(value, digits) for value in np.ravel(row)] for name, row in rows.items()}
    lengths = {name: len(row) for name, row in cells.items()} | ({"columns": len(columns)} if columns else {})
    if len(set(lengths.values())) > 1:
        raise ValueError(f"rows and columns must have one length, but they have {lengths}")
    lines = ({"": list(columns)} if columns else {}) | cells
    first = max(map(len, lines))
    width = max((len(cell) for row in lines.values() for cell in row), default=0)
    for name, row in lines.items():
        print("  ".join([name.ljust(first), *(cell.rjust(width) for cell in row)]))


def _fixed(value, digits):
    return f"{np.round(float(value), digits) + 0.0:.{digits}f}"
