"""Readers: from source cells to the values of a canonical field.

A reader takes :class:`Cells` and returns one value per feature. What it cannot read
it notes in the ledger: as a skipped feature where the field is needed, else as a
repair that leaves the value empty.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
import pandas as pd

from ..codes import DEFAULT_CODE_LIST, WITH_TABLE, code_table, read_codes
from ..numbers import as_texts, is_numeric, parse_numbers
from ..resources import read_toml
from ..size_classes import read_size_class
from ..vocabulary import LANGUAGE_CHOICES
from .ledger import Ledger
from .roles import Field

YES = {"true", "1", "ja", "j", "yes", "y", "waar"}
NO = {"false", "0", "nee", "n", "no", "onwaar"}
ENV_CATEGORY = re.compile(
    r"(?:(?:milieu)?cat(?:egorie|egory)?\.? *)?([1-6](?:[.,]\d)?)"
)
ENV_CATEGORIES = {1.0, 2.0, 3.1, 3.2, 4.1, 4.2, 5.1, 5.2, 5.3, 6.0}
# A main category without its step says what is allowed at most.
AT_MOST = {3.0: 3.2, 4.0: 4.2, 5.0: 5.3}


@dataclass(frozen=True)
class Cells:
    """The cells that a field is read from.

    Attributes
    ----------
    field
        The canonical field.
    label
        Name of the source column, for sentences.
    raw
        Source values, shape (n,).
    fixed
        Texts that a value map or a constant gives, shape (n,); None elsewhere.
    values
        Value map: canonical value by source value in lower case.
    factor
        What numbers are multiplied by.
    ledger
        Where skipped and repaired features are noted.
    done
        Fields that were read before.
    """

    field: Field
    label: str
    raw: pd.Series
    fixed: np.ndarray
    values: dict[str, str]
    factor: float
    ledger: Ledger
    done: dict[str, np.ndarray]

    @cached_property
    def texts(self) -> np.ndarray:
        """Fixed values, else the source cells as texts, shape (n,)."""
        return np.where(np.equal(self.fixed, None), as_texts(self.raw), self.fixed)

    def numbers(self) -> tuple[np.ndarray, np.ndarray]:
        """Numbers in the canonical unit, and which cells are unreadable."""
        numbers, unreadable = parse_numbers(self.raw)
        return numbers * self.factor, unreadable


def read_text(cells: Cells) -> np.ndarray:
    """Trimmed texts; None where there is none."""
    return cells.texts


def read_number(cells: Cells) -> np.ndarray:
    """Any number; unreadable ones become empty."""
    numbers, unreadable = cells.numbers()
    cells.ledger.repair(unreadable, "value", field=cells.label)
    return numbers


def read_amount(cells: Cells) -> np.ndarray:
    """Numbers from 0; negative and unreadable ones become empty."""
    numbers, unreadable = cells.numbers()
    wrong = unreadable | (numbers < 0)
    cells.ledger.repair(wrong, "value", field=cells.label)
    return np.where(wrong, np.nan, numbers)


def read_jobs(cells: Cells) -> np.ndarray:
    """Jobs; unknown is allowed, negative and unreadable are skipped."""
    numbers, unreadable = cells.numbers()
    cells.ledger.skip(unreadable, "jobs")
    cells.ledger.skip(numbers < 0, "jobs_negative")
    return numbers


def read_size_classes(cells: Cells) -> np.ndarray:
    """Size classes; None where there is none, or none that we have a value for."""
    texts = cells.texts
    classes = _by_text(texts, read_size_class)
    unreadable = np.equal(classes, None) & ~np.equal(texts, None)
    # Where the jobs themselves are known, nothing is lost.
    unknown = np.isnan(cells.done["jobs"])
    cells.ledger.repair(unreadable & unknown, "size_class")
    return classes


def read_flag(cells: Cells) -> np.ndarray:
    """Yes or no; None where unknown or unreadable."""
    meaning = {**dict.fromkeys(YES, True), **dict.fromkeys(NO, False)}
    texts = cells.texts
    flags = _by_text(texts, lambda value: meaning.get(value.casefold()))
    unreadable = np.equal(flags, None) & ~np.equal(texts, None)
    cells.ledger.repair(unreadable, "value", field=cells.label)
    return flags


def read_choice(cells: Cells) -> np.ndarray:
    """One of the field's choices; without a default, what is unknown is skipped."""
    found = _by_text(cells.texts, lambda value: choice(value, cells))
    unknown = np.equal(found, None)
    if cells.field.default is None:
        cells.ledger.skip(unknown, cells.field.name)
        return found
    cells.ledger.repair(unknown, cells.field.name)
    return np.where(unknown, cells.field.default, found)


def read_known_choice(cells: Cells) -> np.ndarray:
    """One of the field's choices; None where there is none or it is unreadable."""
    found = _by_text(cells.texts, lambda value: choice(value, cells))
    none = np.equal(cells.texts, None)
    cells.ledger.say(none, f"{cells.field.name}_unknown")
    unreadable = np.equal(found, None) & ~none
    cells.ledger.repair(unreadable, "value", field=cells.label)
    return found


def read_choices(cells: Cells) -> np.ndarray:
    """Several choices joined by ``;``; each that is unknown becomes the default."""
    default = cells.field.default
    texts = np.where(np.equal(cells.texts, None), "", cells.texts)
    split = {value: _split_choices(value, cells) for value in set(texts)}
    cells.ledger.repair(
        np.array([None in split[value] for value in texts], bool), cells.field.name
    )
    joined = {
        value: ";".join(dict.fromkeys(choice or default for choice in choices))
        for value, choices in split.items()
    }
    return np.array([joined[value] for value in texts], dtype=object)


def read_env_category(cells: Cells) -> np.ndarray:
    """Environmental category 1 to 6; a plain 3, 4 or 5 is read as "at most"."""
    texts = cells.texts
    numbers = np.array(_by_text(texts, _env_category), dtype=float)
    at_most = np.isin(numbers, list(AT_MOST))
    cells.ledger.say(at_most, "env_at_most")
    cells.ledger.repair(
        np.isnan(numbers) & ~np.equal(texts, None), "value", field=cells.label
    )
    return pd.Series(numbers).replace(AT_MOST).to_numpy(float)


def read_code_list(cells: Cells) -> np.ndarray:
    """Name of the code list of each feature.

    Features of a list that we have no table of are skipped, unless no feature has a
    list with a table: then the layer is refused.

    Raises
    ------
    RefusalError
        If there is no table of the list.
    """
    texts = cells.texts
    lists = np.where(np.equal(texts, None), DEFAULT_CODE_LIST, texts)
    lists = _by_text(lists, str.lower)
    without = sorted(set(lists) - set(WITH_TABLE))
    if without and set(lists) == set(without):
        code_table(without[0])
    for name in without:
        cells.ledger.skip(lists == name, "code_list", code_list=name)
    return lists


def read_code(cells: Cells) -> np.ndarray:
    """Activity codes; features without a readable code are skipped."""
    lists = cells.done["code_list"]
    given = np.equal(cells.fixed, None)
    codes = cells.fixed.copy()
    reread, cut = np.zeros(len(codes), bool), np.zeros(len(codes), bool)
    numeric = is_numeric(cells.raw)
    for name in sorted(set(lists) & set(WITH_TABLE)):
        places = np.flatnonzero(given & (lists == name))
        reading = read_codes(cells.raw.iloc[places], name, numeric_column=numeric)
        codes[places] = reading.codes
        reread[places], cut[places] = reading.reread, reading.cut
        known = code_table(name)
        fixed = np.flatnonzero(~given & (lists == name))
        codes[fixed] = [code if code in known else None for code in codes[fixed]]
    texts = cells.texts
    cells.ledger.skip(np.equal(texts, None), "no_code")
    cells.ledger.skip(np.equal(codes, None), "code")
    note_codes(cells.ledger, texts, codes, reread, cut)
    return codes


def note_codes(
    ledger: Ledger,
    texts: np.ndarray,
    codes: np.ndarray,
    reread: np.ndarray,
    cut: np.ndarray,
) -> None:
    """Count codes that were read differently, and name some of them."""
    changed = np.full(len(texts), None, dtype=object)
    different = reread | cut
    changed[different] = [
        f"{text} → {code}"
        for text, code in zip(texts[different], codes[different], strict=True)
    ]
    # A code that was both re-read and cut is one repair.
    ledger.repair(cut, "code_cut")
    ledger.repair(reread & ~cut, "code_reread")
    ledger.say(cut, "codes_cut", changed)
    ledger.say(reread & ~cut, "codes_reread", changed)


def _by_text(texts: np.ndarray, read: Callable[[str], object]) -> np.ndarray:
    """Read each different text once; None stays None."""
    known = {value: read(value) for value in set(texts) if value is not None}
    return np.array([known.get(value) for value in texts], dtype=object)


def choice(value: str, cells: Cells) -> str | None:
    """One choice: by the value map, else by its id or its name as we write it.

    Of several values between vertical bars the first that the value map knows counts.
    """
    whole = value.casefold()
    for part in (whole, *whole.split("|")):
        if part.strip() in cells.values:
            return cells.values[part.strip()]
    word, choices = plain(value), cells.field.choices
    return word if word in choices else _words(choices).get(word)


def plain(value: str) -> str:
    """A text as ids are written: small letters, no blanks and hyphens."""
    return re.sub(r"[ -]+", "_", value.strip().lower())


@cache
def _words(choices: tuple[str, ...]) -> dict[str, str]:
    """Choices by the names that Dutch and English readers know them by."""
    words = {}
    for language in LANGUAGE_CHOICES:
        for theme, table in (("styles", "words"), ("messages", "options")):
            names = read_toml("texts", language, f"{theme}.toml")[table]
            words |= {plain(names[name]): name for name in choices if name in names}
    return words


def _split_choices(value: str, cells: Cells) -> list[str | None]:
    """Choices in a list; None for each that is unknown, or when there are none."""
    parts = [part.strip() for part in re.split("[;|]", value)]
    return [choice(part, cells) for part in parts if part] or [None]


def _env_category(value: str) -> float | None:
    """One category, as a number; None where unreadable."""
    found = ENV_CATEGORY.fullmatch(value.lower())
    if found is None:
        return None
    number = float(found.group(1).replace(",", "."))
    return number if number in ENV_CATEGORIES or number in AT_MOST else None


READERS: dict[str, Callable[[Cells], np.ndarray]] = {
    "text": read_text,
    "number": read_number,
    "amount": read_amount,
    "jobs": read_jobs,
    "size_class": read_size_classes,
    "flag": read_flag,
    "choice": read_choice,
    "known_choice": read_known_choice,
    "choices": read_choices,
    "env_category": read_env_category,
    "code_list": read_code_list,
    "code": read_code,
}
