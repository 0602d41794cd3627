"""Printed numbers look the same on every machine, or the call says what is wrong."""

import builtins
import re

import numpy as np
import pytest

from pgbook.printing import table


def test_columns_line_up_under_their_headings_and_rows_may_have_any_shape(capsys):
    table({"short": [1, 10], "a longer name": [[-100], [0.5]]}, ["one", "two"], digits=1)
    table({"": range(2)}, ["one", "two"], digits=0)
    table({})
    assert capsys.readouterr().out.splitlines() == [
        "                  one     two",
        "short             1.0    10.0",
        "a longer name  -100.0     0.5",
        "  one  two",
        "    0    1",
        "",
    ]


def test_a_notebook_is_given_the_lines_and_a_table(monkeypatch, capsys):
    shown = []
    monkeypatch.setattr(builtins, "display", shown.append, raising=False)
    table({"a < 3-4": [-1.25, -np.inf], "k = -2": [0.5, 10]}, ["z-1", "(-1)"], digits=1)
    table({"only": [1]}, digits=0)
    assert capsys.readouterr().out == ""
    assert [repr(one) for one in shown] == [
        "          z-1  (-1)\na < 3-4  -1.2  -inf\nk = -2    0.5  10.0",
        "only  1",
    ]
    assert [one._repr_html_() for one in shown] == [
        """\
<table>
<thead><tr><td></td><th scope="col">z-1</th><th scope="col">(−1)</th></tr></thead>
<tr><th scope="row">a &lt; 3-4</th><td>−1.2</td><td>−inf</td></tr>
<tr><th scope="row">k = −2</th><td>0.5</td><td>10.0</td></tr>
</table>""",
        '<table>\n<tr><th scope="row">only</th><td>1</td></tr>\n</table>',
    ]


@pytest.mark.parametrize(
    ("rows", "keywords", "message"),
    [
        (
            {"a": [1, 2], "b": [3]},
            {"columns": ["one", "two"]},
            "rows and columns must have one length, but they have {'a': 2, 'b': 1, 'columns': 2}",
        ),
        ([1], {}, "rows must be a dict, but it is [1]"),
        ({}, {"columns": 3}, "columns must be a Sequence, but it is 3"),
        ({1: [1.0]}, {}, "every name in rows and columns must be a str, but it is 1"),
        ({}, {"columns": [2]}, "every name in rows and columns must be a str, but it is 2"),
        ({"a": ["b"]}, {}, "rows['a'] must hold real numbers, but its dtype is <U1"),
        ({}, {"digits": 16}, "digits must be at most 15, but it is 16"),
    ],
)
def test_bad_input_is_named(rows, keywords, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        table(rows, **keywords)


@pytest.mark.parametrize(
    ("number", "digits", "printed"),
    [
        (1 / 3, 3, "0.333"),
        (-0.0, 2, "0.00"),
        (-0.004, 2, "0.00"),
        (1e15, 8, "1000000000000000.00000000"),
        (999999999999998.0, 8, "999999999999998.00000000"),
        (1e15 + 0.125, 1, "1000000000000000.1"),
        (-1e15 - 0.875, 2, "-1000000000000000.88"),
        (123456789.0625, 10, "123456789.0625000000"),
        (1e300, 15, f"{1e300:.15f}"),
        # What is half way in decimals goes to the even digit, as numpy rounds.
        (2.675, 2, "2.68"),
        (0.125, 2, "0.12"),
        (4.2082608402011985, 15, "4.208260840201198"),
        # An integer is printed to its last digit.
        (2**53 + 1, 0, "9007199254740993"),
        (-(2**62) - 1, 3, "-4611686018427387905.000"),
        (np.uint64(2**64 - 1), 2, "18446744073709551615.00"),
        # A short float is scaled as a long one.
        (np.float16(0.5), 5, "0.50000"),
        (np.float16(1000), 3, "1000.000"),
        (np.float32(0.5), 15, "0.500000000000000"),
    ],
)
def test_a_number_is_rounded_to_the_nearest_and_zero_has_no_sign(number, digits, printed, capsys):
    table({"x": [number]}, **{} if digits == 3 else {"digits": digits})
    assert capsys.readouterr().out == f"x  {printed}\n"


def test_an_integer_beside_a_fraction_is_printed_to_its_last_digit_too(capsys):
    table({"x": [2**53 + 1, 0.5], "y": [[np.int64(-(2**62) - 1)], [0.25]]})
    numbers = [line.split()[1:] for line in capsys.readouterr().out.splitlines()]
    assert numbers == [["9007199254740993.000", "0.500"], ["-4611686018427387905.000", "0.250"]]
