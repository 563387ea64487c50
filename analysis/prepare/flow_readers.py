"""Readers of the fields of flows; see :mod:`.reading`."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..codes import DEFAULT_CODE_LIST, read_codes
from ..flows.tables import REPORTED
from ..numbers import as_texts, is_numeric
from .reading import Cells, choice, note_codes

ABSOLUTE_ZERO = -273.15
BEST, WORST = 1, 5
"""Data quality; what a firm reports of itself counts as measured at the site."""
FIRST_YEAR, LAST_YEAR = 1900, 2100
SKIP = "prepare_flows"


def read_quantity(cells: Cells) -> np.ndarray:
    """Quantities from 0, in the source's unit; all others are skipped."""
    numbers, unreadable = cells.numbers()
    cells.ledger.skip(unreadable, f"{SKIP}.quantity")
    cells.ledger.skip(np.isnan(numbers), f"{SKIP}.no_quantity")
    cells.ledger.skip(numbers < 0, f"{SKIP}.negative")
    return numbers


def read_share(cells: Cells) -> np.ndarray:
    """Parts of one; below 0 or above 1 is skipped, unreadable becomes empty."""
    numbers, unreadable = cells.numbers()
    cells.ledger.repair(unreadable, "value", field=cells.label)
    cells.ledger.skip((numbers < 0) | (numbers > 1), f"{SKIP}.share")
    return numbers


def read_temperature(cells: Cells) -> np.ndarray:
    """Degrees Celsius; what is none becomes empty."""
    return _within(cells, lambda numbers: numbers > ABSOLUTE_ZERO)


def read_year(cells: Cells) -> np.ndarray:
    """Whole years of our time; all others become empty."""
    return _within(
        cells,
        lambda numbers: (
            (numbers % 1 == 0) & (numbers >= FIRST_YEAR) & (numbers <= LAST_YEAR)
        ),
    )


def read_data_quality(cells: Cells) -> np.ndarray:
    """1 (best) to 5; the best of reported flows where nothing is said."""
    numbers = _within(cells, lambda found: np.isin(found, range(BEST, WORST + 1)))
    nothing = np.equal(as_texts(cells.raw), None)
    reported = np.equal(_basis(cells.done), REPORTED)
    return np.where(nothing & reported, BEST, numbers)


def read_word(cells: Cells) -> np.ndarray:
    """One of the field's choices, None where there is none; others become empty."""
    found, unknown = _choices(cells)
    cells.ledger.repair(unknown, "value", field=cells.label)
    return found


def read_carrier(cells: Cells) -> np.ndarray:
    """Carriers, None where there is none; unknown ones are skipped."""
    found, unknown = _choices(cells)
    cells.ledger.skip(unknown, f"{SKIP}.carrier")
    return found


def read_optional_code(cells: Cells) -> np.ndarray:
    """Activity codes, None where there is none; unreadable ones become empty."""
    numeric = is_numeric(cells.raw)
    reading = read_codes(cells.raw, DEFAULT_CODE_LIST, numeric_column=numeric)
    texts = cells.texts
    unreadable = np.equal(reading.codes, None) & ~np.equal(texts, None)
    cells.ledger.repair(unreadable, "value", field=cells.label)
    note_codes(cells.ledger, texts, reading.codes, reading.reread, reading.cut)
    return reading.codes


def _within(cells: Cells, fits: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    numbers, unreadable = cells.numbers()
    wrong = unreadable | (~np.isnan(numbers) & ~fits(numbers))
    cells.ledger.repair(wrong, "value", field=cells.label)
    return np.where(wrong, np.nan, numbers)


def _choices(cells: Cells) -> tuple[np.ndarray, np.ndarray]:
    """Choices, and which texts are none of them."""
    texts = cells.texts
    known = {value: choice(value, cells) for value in set(texts) - {None}}
    found = np.array([known.get(value) for value in texts], dtype=object)
    return found, np.equal(found, None) & ~np.equal(texts, None)


def _basis(done: dict[str, np.ndarray]) -> np.ndarray:
    """Reported where nothing else is said."""
    return np.where(np.equal(done["basis"], None), REPORTED, done["basis"])


FLOW_READERS: dict[str, Callable[[Cells], np.ndarray]] = {
    "quantity": read_quantity,
    "share": read_share,
    "temperature": read_temperature,
    "year": read_year,
    "data_quality": read_data_quality,
    "word": read_word,
    "carrier": read_carrier,
    "optional_code": read_optional_code,
}
