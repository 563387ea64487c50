"""Numbers as people write them."""

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kansenkaart.analysis.numbers import as_texts, is_numeric, parse_numbers

READABLE = {
    "1.234,5": 1234.5,
    "1,234.5": 1234.5,
    "1.234": 1.234,
    "1,234": 1.234,
    "1.234.567": 1234567,
    "1,234,567": 1234567,
    "1.234.567,89": 1234567.89,
    "12 345,6": 12345.6,
    "12\u202f345": 12345,
    "12\u00a0345": 12345,
    "12\u2009345": 12345,
    " 7 ": 7,
    "+3": 3,
    "-0,5": -0.5,
    "\u22122": -2,
    ".5": 0.5,
    "5.": 5,
    "1e3": 1000,
    "2,5E-1": 0.25,
    "007": 7,
}
UNREADABLE = [
    "inf", "-inf", "nan", "1e999", "12 ha", "ca. 5", "x", ".", "-", "+", "1_000",
    "01.02.2020", "1.234.56", "1,2,3.4", "12 34", "1 234 5", "0x10", "5%", "--1",
    "1.234,567,8", "1.2,345,6", "1234.567.890", ".567.890", "٣", "1,234.567.890",
]  # fmt: skip


@pytest.mark.parametrize("text", READABLE)
def test_readable(text):
    numbers, unreadable = parse_numbers([text])
    assert numbers[0] == READABLE[text]
    assert not unreadable[0]


@pytest.mark.parametrize("text", UNREADABLE)
def test_unreadable(text):
    numbers, unreadable = parse_numbers([text, "1"])
    assert np.isnan(numbers[0])
    assert unreadable.tolist() == [True, False]


def test_missing_is_not_unreadable():
    numbers, unreadable = parse_numbers([None, "", "  ", np.nan, pd.NA, pd.NaT])
    assert np.isnan(numbers).all()
    assert not unreadable.any()


def test_a_mixture_of_kinds():
    numbers, unreadable = parse_numbers([3, 2.5, "4,5", Decimal("1.5"), True, np.inf])
    assert numbers[:4].tolist() == [3, 2.5, 4.5, 1.5]
    assert unreadable.tolist() == [False] * 4 + [True] * 2


@pytest.mark.parametrize("dtype", ["float64", "Int64", "object"])
def test_number_columns(dtype):
    numbers, unreadable = parse_numbers(pd.Series([1, None, 3], dtype=dtype))
    assert np.array_equal(numbers, [1, np.nan, 3], equal_nan=True)
    assert not unreadable.any()


def test_infinite_in_a_number_column():
    numbers, unreadable = parse_numbers(np.array([1.0, np.inf, -np.inf]))
    assert unreadable.tolist() == [False, True, True]
    assert np.isnan(numbers[1:]).all()


def test_empty_column():
    numbers, unreadable = parse_numbers([])
    assert len(numbers) == len(unreadable) == 0


@given(st.integers(-(10**12), 10**12), st.integers(0, 99))
def test_dutch_and_english_agree(whole, cents):
    english = f"{whole:,}.{cents:02d}"
    dutch = english.translate(str.maketrans(".,", ",."))
    expected = float(english.replace(",", ""))
    numbers, unreadable = parse_numbers([english, dutch])
    if abs(whole) < 1000:  # one kind of separator: always the decimal one
        assert numbers.tolist() == [expected] * 2
    assert not unreadable.any()
    assert numbers.tolist() == [expected] * 2


@given(st.lists(st.one_of(st.text(), st.floats(), st.integers(), st.none())))
def test_nothing_breaks_it(values):
    numbers, unreadable = parse_numbers(pd.Series(values, dtype=object))
    assert len(numbers) == len(unreadable) == len(values)
    assert np.isnan(numbers[unreadable]).all()
    assert not np.isinf(numbers).any()


def test_texts_of_cells():
    cells = pd.Series([" a ", "", None, 3.0, 2.5, 10**17, np.inf], dtype=object)
    texts = as_texts(cells).tolist()
    assert texts == ["a", None, None, "3", "2.5", "1" + "0" * 17, None]


def test_is_numeric():
    assert is_numeric(pd.Series([1.0, None]))
    assert is_numeric(pd.Series([1, None], dtype=object))
    assert not is_numeric(pd.Series(["1", None], dtype=object))
    assert not is_numeric(pd.Series([1, "1"], dtype=object))
    assert not is_numeric(pd.Series([True, False]))
