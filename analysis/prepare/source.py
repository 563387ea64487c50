"""The source as the preset says it writes: its cells, and the features it selects."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from ..numbers import as_texts
from .ledger import Ledger
from .mapping import Mapping, selecting_column

# Patterns look at no more than this of a cell.
LONGEST = 200


def source_cells(
    source: pd.DataFrame, columns: list[str], mapping: Mapping, parameter: str
) -> tuple[pd.Series, np.ndarray]:
    """Cells of a column; where it is empty, those of the next.

    Parameters
    ----------
    source
        Attributes of n features.
    columns
        One column or more.
    mapping
        Its null tokens are missing values; the pattern of the parameter, if there is
        one, is what is taken of a cell.

    Returns
    -------
    cells : Series, shape (n,)
        Values as they stand in the source, or texts where there is a pattern.
    unreadable : ndarray of bool, shape (n,)
        A column holds something that the pattern does not find, and no other column
        helps.
    """
    pattern = mapping.patterns.get(parameter)
    cells, unreadable = pd.Series(dtype=object), np.zeros(len(source), bool)
    for place, column in enumerate(columns):
        found = _without_nulls(source[column], mapping)
        if pattern is not None:
            extracted = _extracted(found, re.compile(pattern, re.IGNORECASE))
            unreadable |= extracted.isna().to_numpy() & _present(found)
            found = extracted
        cells = found if place == 0 else _filled(cells, found)
    if unreadable.any():
        unreadable &= ~_present(cells)
    return cells, unreadable


def select(source: pd.DataFrame, mapping: Mapping, ledger: Ledger) -> None:
    """Leave out what the preset does not select, naming column and value."""
    for key, listed in (("keep", mapping.keep), ("leave_out", mapping.leave_out)):
        for name, values in listed.items():
            column = selecting_column(mapping, name, key, source.columns)
            if column is None:
                continue
            cells, _ = source_cells(source, [column], mapping, name)
            texts = as_texts(cells)
            matching = _matching(texts, values)
            gone = ~matching if key == "keep" else matching
            filled = key == "keep" and values == [""]
            _leave_out(gone, texts, column, ledger, filled)


def _leave_out(
    gone: np.ndarray, texts: np.ndarray, column: str, ledger: Ledger, filled: bool
) -> None:
    """Skip features, with their value in the reason."""
    if filled:
        # Dates and the like: a reason for each would say nothing.
        ledger.skip(gone, "left_out_filled", column=column)
        return
    shown = np.where(np.equal(texts, None), "–", texts)
    for value in sorted(set(shown[gone])):
        found = gone & (shown == value)
        ledger.skip(found, "left_out", column=column, value=value)


def _matching(texts: np.ndarray, values: list) -> np.ndarray:
    """Whether a cell, or a part of it between vertical bars, is listed, shape (n,).

    An empty text in the list stands for a cell without a value.
    """
    listed = {text and text.casefold() for text in as_texts(values)}
    known = {
        text: text in listed if text is None else not listed.isdisjoint(_parts(text))
        for text in set(texts)
    }
    return np.array([known[text] for text in texts], bool)


def _parts(text: str) -> set[str]:
    """Return a text and its parts between vertical bars, in lower case."""
    plain = text.casefold()
    return {plain, *(part.strip() for part in plain.split("|"))}


def _without_nulls(column: pd.Series, mapping: Mapping) -> pd.Series:
    """Mark the null tokens of the source as missing."""
    if not mapping.nulls:
        return column
    texts = pd.Series(as_texts(column), dtype=object)
    return column.mask(texts.isin(as_texts(mapping.nulls)))


def _present(cells: pd.Series) -> np.ndarray:
    """Whether there is something in a cell, shape (n,)."""
    return ~np.equal(as_texts(cells), None)


def _filled(first: pd.Series, second: pd.Series) -> pd.Series:
    """Take the second where the first is empty."""
    return first.astype(object).where(_present(first), second.astype(object))


def _extracted(cells: pd.Series, pattern: re.Pattern) -> pd.Series:
    """What a pattern takes of each cell; None where it finds nothing."""
    texts = as_texts(cells)
    known = {text: _group(pattern, text) for text in set(texts) if text is not None}
    return pd.Series([known.get(text) for text in texts], dtype=object)


def _group(pattern: re.Pattern, text: str) -> str | None:
    found = pattern.match(text[:LONGEST])
    return found.group(1) or None if found else None
