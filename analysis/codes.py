"""Activity codes: SBI and NACE-BEL, however the source wrote them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd

from .errors import RefusalError
from .numbers import as_texts
from .resources import read_csv

WITH_TABLE = ("sbi2008", "nacebel2008")
DEFAULT_CODE_LIST = "sbi2008"
# Divisions of NACE Rev. 2, which SBI 2008 and NACE-BEL 2008 share.
DIVISIONS_COUNT = 88

# A section letter may stand before the digits: A01.11, C 20.1, A-0111.
WRITTEN = re.compile(r"(?:[A-Ua-u][ .-]*)?([0-9]+(?:\.[0-9]+)*)\.?")


@dataclass(frozen=True)
class CodeReading:
    """What a column of activity codes was read as.

    Attributes
    ----------
    codes : ndarray of object, shape (n,)
        Codes of 2 to 5 digits without dots; None where nothing could be read.
    reread : ndarray of bool, shape (n,)
        The source was read as another code than it wrote: a lost zero came back,
        or a ``.0`` was dropped from a text.
    cut : ndarray of bool, shape (n,)
        The code was cut to the longest beginning that the list knows.
    """

    codes: np.ndarray
    reread: np.ndarray
    cut: np.ndarray


@dataclass(frozen=True)
class _Written:
    """Digits as written, and what the dots in them tell."""

    digits: str
    dotted: bool = False
    one_digit_first: bool = False
    decimal: bool = False


@cache
def code_table(code_list: str) -> frozenset[str]:
    """Codes of a list, without dots.

    Raises
    ------
    RefusalError
        If the list is unknown or there is no table of it.
    """
    if code_list not in WITH_TABLE:
        raise RefusalError(
            "prepare.code_list_unknown",
            code_list=code_list,
            available=", ".join(WITH_TABLE),
        )
    return frozenset(row["code"] for row in read_csv("codes", f"{code_list}.csv"))


@cache
def division_names(language: str) -> dict[str, str]:
    """Short name of each two-digit division in ``nl`` or ``en``."""
    rows = read_csv("codes", "divisions.csv")
    return {row["division"]: row[f"name_{language}"] for row in rows}


@cache
def section_names(language: str) -> dict[str, str]:
    """Name of each section (a letter) in ``nl`` or ``en``."""
    rows = read_csv("codes", "sections.csv")
    return {row["section"]: row[f"name_{language}"] for row in rows}


@cache
def section_of() -> dict[str, str]:
    """Section of each two-digit division."""
    rows = read_csv("codes", "divisions.csv")
    return {row["division"]: row["section"] for row in rows}


def division(codes: Sequence[str | None]) -> np.ndarray:
    """Return the two-digit division of each code, None where there is no code."""
    return np.array([code[:2] if code else None for code in codes], dtype=object)


def read_codes(
    values: Sequence[object],
    code_list: str = DEFAULT_CODE_LIST,
    numeric_column: bool = False,
) -> CodeReading:
    """Activity codes in a column, with zeros that a spreadsheet ate put back.

    Parameters
    ----------
    values
        Column of n codes: texts, numbers, None.
    code_list
        The list the codes come from.
    numeric_column
        Whether the column holds numbers, which cannot keep a leading zero.

    Returns
    -------
    CodeReading
        Codes, and which of them were read differently from how they were written.

    Raises
    ------
    RefusalError
        If there is no table of the code list.

    Notes
    -----
    Some codes exist with and without a zero in front (30 in SBI 2008, e.g. ``141``
    and ``0141``). The zero is put back only when the column shows that zeros were
    lost: it is a number column, or no code starts with 0 while some code is valid
    only with a zero.
    """
    table = code_table(code_list)
    places, uniques = pd.factorize(as_texts(values))
    written = [_take_apart(text, table, numeric_column) for text in uniques]
    lost = numeric_column or _shows_lost_zeros(written, table)
    readings = [_read(found, table, lost, numeric_column) for found in written]
    readings.append((None, False, False))  # place -1: no value
    codes, reread, cut = zip(*readings, strict=True)
    return CodeReading(
        np.array(codes, object)[places], np.array(reread)[places], np.array(cut)[places]
    )


def _take_apart(
    text: str, table: frozenset[str], numeric_column: bool
) -> _Written | None:
    """Digits of a code as written, or None where it is no code."""
    found = WRITTEN.fullmatch(text)
    if found is None:
        return None
    parts = found.group(1).split(".")
    digits = "".join(parts)
    if parts[1:] == ["0"]:
        padded = "0" + digits if len(parts[0]) == 1 else digits
        if numeric_column or padded not in table:
            return _Written(parts[0], decimal=True)
    return _Written(digits, len(parts) > 1, len(parts[0]) == 1)


def _shows_lost_zeros(written: list[_Written | None], table: frozenset[str]) -> bool:
    """Whether no code starts with 0 while some are valid only with a 0 in front."""
    present = [found for found in written if found is not None]
    if any(found.digits.startswith("0") for found in present):
        return False
    return any(
        found.digits not in table
        and "0" + found.digits in table
        and (found.one_digit_first or not found.dotted)
        for found in present
    )


def _read(
    found: _Written | None, table: frozenset[str], lost: bool, numeric_column: bool
) -> tuple[str | None, bool, bool]:
    """Code, whether it was re-read, whether it was cut."""
    if found is None:
        return None, False, False
    readings = _readings(found, lost)
    code = next((reading for reading in readings if reading in table), None)
    reread = found.decimal and not numeric_column
    if code is not None:
        return code, reread or code != found.digits, False
    if not lost:
        readings = readings[:1]
    # Of the written digits (a zero put in front is none) two must be understood.
    zeros = [len(reading) - len(found.digits) for reading in readings]
    cuts = [_longest_prefix(reading, table) for reading in readings]
    known = [len(cut) - zero for cut, zero in zip(cuts, zeros, strict=True)]
    best = known.index(max(known))
    if known[best] < 2:
        return None, False, False
    return cuts[best], reread or zeros[best] > 0, True


def _readings(found: _Written, lost: bool) -> list[str]:
    """Ways to read a code, the likeliest first."""
    plain, padded = found.digits, "0" + found.digits
    if found.dotted:
        return [padded] if found.one_digit_first else [plain]
    return [padded, plain] if lost else [plain, padded]


def _longest_prefix(code: str, table: frozenset[str]) -> str:
    """Longest beginning of at least two digits that the list knows, or nothing."""
    lengths = range(len(code), 1, -1)
    return next((code[:n] for n in lengths if code[:n] in table), "")
