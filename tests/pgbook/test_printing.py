"""Printed numbers look the same on every machine, or the call says what is wrong."""

import numpy as np
import pytest

from pgbook.printing import table


def test_three_decimals_are_printed_unless_others_are_asked_for(capsys):
    table({"x": [1 / 3]})
    assert capsys.readouterr().out == "x  0.333\n"


def test_a_number_that_rounds_to_zero_has_no_sign(capsys):
    table({"x": [-1e-17, -0.0, 1e-17, -0.004]}, digits=2)
    assert capsys.readouterr().out == "x  0.00  0.00  0.00  0.00\n"


def test_columns_line_up_under_their_headings(capsys):
    table({"short": [1, 10], "a longer name": [-100, 0.5]}, ["one", "two"], digits=1)
    lines = capsys.readouterr().out.splitlines()
    assert lines == [
        "                  one     two",
        "short             1.0    10.0",
        "a longer name  -100.0     0.5",
    ]


def test_a_batch_of_any_shape_is_one_row(capsys):
    table({"matrix": [[1, 2], [3, 4]], "row": range(4)}, digits=0)
    assert capsys.readouterr().out == "matrix  1  2  3  4\nrow     0  1  2  3\n"


def test_rows_of_different_lengths_are_an_error_that_names_them():
    with pytest.raises(ValueError, match=r"\{'a': 2, 'b': 1, 'columns': 2\}"):
        table({"a": [1, 2], "b": [3]}, ["one", "two"])


@pytest.mark.parametrize(
    ("rows", "keywords", "message"),
    [
        ([1], {}, "rows must be a dict, but it is [1]"),
        ({}, {"columns": 3}, "columns must be a Sequence, but it is 3"),
        ({1: [1.0]}, {}, "every name in rows and columns must be a str, but it is 1"),
        ({}, {"columns": [2]}, "every name in rows and columns must be a str, but it is 2"),
        ({"a": ["b"]}, {}, "rows['a'] must hold real numbers, but its dtype is <U1"),
        ({}, {"digits": -1}, "digits must be an integer, at least 0, but it is -1"),
        ({}, {"digits": 16}, "digits must be at most 15, but it is 16"),
    ],
)
def test_bad_input_is_named(rows, keywords, message):
    with pytest.raises(ValueError) as error:  # noqa: PT011
        table(rows, **keywords)
    assert str(error.value) == message


def test_large_numbers_and_an_empty_table_are_printed_too(capsys):
    table({"x": [1e300]}, digits=15)
    table({})
    assert capsys.readouterr().out == f"x  {1e300:.15f}\n"


@pytest.mark.parametrize(
    ("number", "digits", "printed"),
    [
        (1e15, 8, "1000000000000000.00000000"),
        (999999999999998.0, 8, "999999999999998.00000000"),
        (1e15 + 0.125, 1, "1000000000000000.1"),
        (-1e15 - 0.875, 2, "-1000000000000000.88"),
        (123456789.0625, 10, "123456789.0625000000"),
        # What is half way in decimals goes to the even digit, as numpy rounds.
        (2.675, 2, "2.68"),
        (0.125, 2, "0.12"),
        (4.2082608402011985, 15, "4.208260840201198"),
    ],
)
def test_a_number_is_rounded_to_the_nearest_however_large(number, digits, printed, capsys):
    table({"x": [number]}, digits=digits)
    assert capsys.readouterr().out == f"x  {printed}\n"


def test_an_integer_is_printed_to_its_last_digit(capsys):
    table({"x": [2**53 + 1, -(2**62) - 1]}, digits=0)
    table({"x": np.array([2**64 - 1], dtype=np.uint64)}, digits=2)
    table({"x": [0, -1]})
    printed = f"x      {2**53 + 1}  {-(2**62) - 1}\nx  {2**64 - 1}.00\nx   0.000  -1.000\n"
    assert capsys.readouterr().out == printed


def test_a_row_without_a_name_is_not_taken_for_the_headings(capsys):
    table({"": [1.0]}, ["one"], digits=1)
    assert capsys.readouterr().out == "  one\n  1.0\n"
