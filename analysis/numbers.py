"""Numbers as people write them: decimal comma or point, thousands, blanks."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

import numpy as np
import pandas as pd

# Blank, no-break space, thin space and narrow no-break space stand between thousands.
SPACES = re.compile("[ \u00a0\u2009\u202f]")
NUMBER = re.compile(r"([+-]?)([0-9., ]*[0-9][0-9., ]*)(?:[eE]([+-]?[0-9]{1,3}))?")


def parse_number(text: str) -> float | None:
    """Read the number a text stands for, None where it stands for none.

    With two kinds of separator the last is the decimal one. One kind is decimal,
    unless it occurs twice. Thousands come in threes; units are not understood.

    >>> parse_number("1.234,5"), parse_number("1.234"), parse_number("1.234.567")
    (1234.5, 1.234, 1234567.0)
    >>> parse_number("12 jobs") is None
    True
    """
    plain = SPACES.sub(" ", text.strip()).replace("\u2212", "-")
    found = NUMBER.fullmatch(plain)
    if found is None:
        return None
    sign, body, exponent = found.groups()
    whole, fraction = _split_decimals(body)
    whole = _without_thousands(whole)
    if whole is None or not (fraction + "0").isdigit():
        return None
    value = float(f"{sign}{whole or 0}.{fraction or 0}e{exponent or 0}")
    return value if math.isfinite(value) else None


def parse_numbers(values: Sequence[object]) -> tuple[np.ndarray, np.ndarray]:
    """Numbers in a column of numbers, texts, blanks or a mixture of them.

    Parameters
    ----------
    values
        Column of n values: numbers, texts, None or NaN.

    Returns
    -------
    numbers : ndarray of float, shape (n,)
        NaN where the value is missing, blank or unreadable.
    unreadable : ndarray of bool, shape (n,)
        True where something stands that is not a finite number.
    """
    column = pd.Series(values).reset_index(drop=True)
    if is_numeric(column):
        numbers = pd.to_numeric(column, errors="coerce").to_numpy(
            float, na_value=np.nan
        )
        unreadable = np.isinf(numbers)
    else:
        numbers, unreadable = _parse_objects(column.astype(object).to_numpy())
    return np.where(unreadable, np.nan, numbers), unreadable


def as_texts(values: Sequence[object]) -> np.ndarray:
    """Cells as trimmed texts, shape (n,); None where missing, blank or not finite.

    Whole numbers lose the ``.0`` that a table with blanks gives them.
    """
    cells = pd.Series(values, dtype=object).to_numpy()
    texts = np.full(len(cells), None, dtype=object)
    present = ~pd.isna(cells)
    texts[present] = [_as_text(cell) for cell in cells[present]]
    return texts


def is_numeric(column: pd.Series) -> bool:
    """Whether a column holds numbers only, blanks aside."""
    kinds = pd.api.types
    if column.dtype != object:
        return kinds.is_numeric_dtype(column) and not kinds.is_bool_dtype(column)
    return kinds.infer_dtype(column, skipna=True) in (
        "integer",
        "floating",
        "mixed-integer-float",
        "decimal",
    )


def _as_text(value: object) -> str | None:
    """Write one cell that is not missing."""
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, float | np.floating):
        if not math.isfinite(value):
            return None
        return str(int(value)) if float(value).is_integer() else str(value)
    return str(value).strip() or None


def _parse_objects(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Numbers and unreadable marks of a column of objects."""
    numbers = np.full(len(values), np.nan)
    unreadable = np.zeros(len(values), bool)
    known: dict[str, float | None] = {}
    for place in np.flatnonzero(~pd.isna(values)):
        text = str(values[place]).strip()
        if text not in known:
            known[text] = parse_number(text)
        if known[text] is not None:
            numbers[place] = known[text]
        else:
            unreadable[place] = text != ""
    return numbers, unreadable


def _split_decimals(body: str) -> tuple[str, str]:
    """Split a number at its decimal separator."""
    dot, comma = body.rfind("."), body.rfind(",")
    last = max(dot, comma)
    if last < 0 or body.count(body[last]) > 1:
        return body, ""
    return body[:last], body[last + 1 :]


def _without_thousands(whole: str) -> str | None:
    """Join the digits of a whole number; None if its thousands are not in threes."""
    separators = set(whole) & set(" .,")
    if not separators:
        return whole
    first, *others = whole.split(separators.pop())
    in_threes = all(len(group) == 3 for group in others) and 1 <= len(first) <= 3
    return first + "".join(others) if in_threes and not separators else None
