"""Coefficients: what one job, inhabitant, hectare or kilometre gives off or asks for.

The shipped ones lie in ``resources/flows/coefficients.csv``. A file of the user's
replaces them, or adds to them and overrides by key.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import NoReturn
from urllib.parse import quote

import numpy as np
import pandas as pd

from ..codes import WITH_TABLE, code_table
from ..csv_tables import parse_table
from ..errors import RefusalError
from ..numbers import parse_number
from ..resources import resource_path
from ..vocabulary import MODES, ZONE_KINDS
from .tables import CARRIERS, DIRECTIONS, MATERIAL, classes, materials, profiles, units

NEEDED = (
    "sbi", "direction", "carrier", "material", "low", "mode", "high", "unit",
    "data_quality", "source",
)  # fmt: skip
OPTIONAL = (
    "per", "kind", "temperature_c", "return_c", "quality", "profile",
    "contracted_share", "year", "derivation",
)  # fmt: skip
TOLD = ("source", "derivation")
"""What a planner reads of a row, in his own language."""
JOB, INHABITANT, HECTARE, KILOMETRE = PER = ("job", "inhabitant", "ha", "km")
KINDS = {HECTARE: ZONE_KINDS, KILOMETRE: MODES}
"""What a row per hectare or per kilometre is about."""
KEY = ["per", "kind", "sbi", "direction", "carrier", "material", "quality"]
"""What two rows may not share, and what overrides. Rows per job have no kind."""
PREFIX = re.compile("[0-9]{2,5}")
MOST = 1e12
"""More than this no coefficient and no firm has."""
ABSOLUTE_ZERO = -273.15
WORST_QUALITY = 5
YEARS = (1900, 2100)


def read_coefficients(
    content: str, parameter: str, language: str = "en"
) -> pd.DataFrame:
    """Coefficients of a file, checked and in their type.

    Parameters
    ----------
    content
        Text of the file.
    parameter
        Where it was given, for the sentence that refuses a row.
    language
        Of what is told in two languages, ``nl`` or ``en``.

    Returns
    -------
    DataFrame
        The columns of the file format and ``id``, which says what a row is about:
        what it is per (prefix, kind or ``inhabitant``), direction, material and
        quality. Sorted by it. Empty texts are empty, empty numbers NaN. Quantities
        are in ``unit``, per job and so on.

    Raises
    ------
    RefusalError
        If a column is missing or unknown, or a row can't be used; names the row.
    """
    lines = parse_table(content, NEEDED, OPTIONAL, TOLD, language)
    rows = [Row(cells, number, parameter) for number, cells in enumerate(lines, 2)]
    typed = pd.DataFrame([_typed(row) for row in rows], columns=[*NEEDED, *OPTIONAL])
    return identified(typed, KEY, _row_id, rows)


@cache
def shipped_coefficients(language: str = "en") -> pd.DataFrame:
    """The coefficients that come with Kansenkaart; do not change them."""
    path = resource_path("flows", "coefficients.csv")
    return read_coefficients(path.read_text("utf-8"), "COEFFICIENTS", language)


def choose_coefficients(
    own: str | None = None, extra: str | None = None, language: str = "en"
) -> pd.DataFrame:
    """The coefficients that the user asks for.

    Parameters
    ----------
    own
        Text of a file that replaces the shipped coefficients.
    extra
        Text of a file that is added; a row with the key of another takes its place.
    language
        Of what is told in two languages, ``nl`` or ``en``.
    """
    if own is None:
        chosen = shipped_coefficients(language)
    else:
        chosen = read_coefficients(own, "COEFFICIENTS", language)
    if extra is None:
        return chosen
    added = read_coefficients(extra, "EXTRA_COEFFICIENTS", language)
    return with_added(chosen, added, "id")


def with_added(chosen: pd.DataFrame, added: pd.DataFrame, key: str) -> pd.DataFrame:
    """Rows of both tables, sorted; an added one takes the place of one with its key."""
    kept = chosen[~chosen[key].isin(added[key])]
    both = [part for part in (kept, added) if len(part)]
    joined = pd.concat(both) if both else added
    return joined.sort_values(key, ignore_index=True)


def coefficient_remarks(coefficients: pd.DataFrame) -> list[tuple[str, dict]]:
    """Keys and values of sentences on what is kept although we do not know it."""
    strange = sorted({*coefficients["material"]} - {*materials()})
    listed = {code[:length] for code in _all_codes() for length in range(2, 6)}
    prefixes = sorted({*coefficients["sbi"]} - listed - {""})
    remarks = []
    if strange:
        remarks.append(("flows.materials_unknown", {"names": ", ".join(strange)}))
    if prefixes:
        remarks.append(("flows.prefixes_unknown", {"names": ", ".join(prefixes)}))
    return remarks


@dataclass(frozen=True)
class Row:
    """One row of a file, and how to say what is wrong with it."""

    cells: dict[str, str]
    number: int
    parameter: str

    def refuse(self, key: str, **values: object) -> NoReturn:
        """Stop with a sentence that names the file and the row."""
        named = ("sbi", "kind", "direction", "material", "quality")
        words = " ".join(filter(None, map(self.text, named)))
        raise RefusalError(
            f"flows.{key}",
            parameter=self.parameter,
            row=self.number,
            words=words or "–",
            **values,
        )

    def text(self, name: str) -> str:
        """A cell; empty where there is no such column."""
        return self.cells.get(name, "")

    def filled(self, name: str) -> str:
        """A cell that must not be empty."""
        if not self.text(name):
            self.refuse("row_empty", column=name)
        return self.text(name)

    def word(self, name: str, known: tuple[str, ...], default: str = "") -> str:
        """A cell that holds one of the words that we know."""
        found = self.text(name) or default
        if found not in known:
            self.refuse(
                "row_word",
                column=name,
                value=found or "–",
                known=", ".join(filter(None, known)) or "–",
            )
        return found

    def number_in(
        self, name: str, low: float, high: float, whole: bool = False
    ) -> float:
        """A number within bounds; NaN where the cell is empty."""
        if not self.text(name):
            return np.nan
        found = parse_number(self.text(name))
        if found is None or not low <= found <= high or (whole and found % 1):
            self.refuse(
                "row_number", column=name, value=self.text(name), low=low, high=high
            )
        return found


def identified(
    table: pd.DataFrame, key: list[str], row_id: Callable[[dict], str], rows: list[Row]
) -> pd.DataFrame:
    """A table with the ``id`` that each row has by its key, sorted by it.

    Raises
    ------
    RefusalError
        If two rows have the same key.
    """
    _refuse_doubles(table[key], rows)
    ids = [row_id(each) for each in table[key].to_dict("records")]
    return table.assign(id=ids).sort_values("id", ignore_index=True)


def _refuse_doubles(keys: pd.DataFrame, rows: list[Row]) -> None:
    """Refuse a row whose key another one has already."""
    double = np.flatnonzero(keys.duplicated())
    if len(double):
        same = (keys == keys.loc[double[0]]).all(axis=1)
        first = int(np.flatnonzero(same)[0])
        rows[double[0]].refuse("row_double", first=rows[first].number)


def _typed(row: Row) -> dict[str, object]:
    """The cells of a row in their type; refused where they can't be used."""
    per = row.word("per", PER, JOB)
    about = {"sbi": _prefix(row, per), "kind": row.word("kind", KINDS.get(per, ("",)))}
    return {"per": per, **about, **typed_stream(row)}


def typed_stream(row: Row) -> dict[str, object]:
    """What any row says of its stream, in its type; refused where it can't be used."""
    direction = row.word("direction", DIRECTIONS)
    carrier = row.word("carrier", CARRIERS)
    material = _material(row, carrier)
    qualities = classes()[carrier]
    return {
        "direction": direction,
        "carrier": carrier,
        "material": material,
        **_quantities(row),
        "unit": row.word("unit", units(carrier, material)),
        "temperature_c": row.number_in("temperature_c", ABSOLUTE_ZERO, MOST),
        "return_c": row.number_in("return_c", ABSOLUTE_ZERO, MOST),
        "quality": (
            row.word("quality", ("", *qualities)) if qualities else row.text("quality")
        ),
        "profile": row.word("profile", ("", *profiles())),
        "contracted_share": row.number_in("contracted_share", 0, 1),
        "data_quality": int(_needed(row, "data_quality", 1, WORST_QUALITY, True)),
        "year": row.number_in("year", *YEARS, whole=True),
        "source": row.filled("source"),
        "derivation": row.text("derivation"),
    }


def _needed(row: Row, name: str, low: float, high: float, whole=False) -> float:
    row.filled(name)
    return row.number_in(name, low, high, whole)


def _material(row: Row, carrier: str) -> str:
    """Material of a row; one that we don't know is kept."""
    if carrier != MATERIAL:
        return row.word("material", (carrier,))
    found = row.filled("material")
    known = materials().get(found)
    if known is not None and known.carrier != carrier:
        row.refuse("row_carrier", value=found, carrier=known.carrier)
    return found


def _prefix(row: Row, per: str) -> str:
    """Beginning of the activity codes of a row per job."""
    found = row.text("sbi")
    if per != JOB and found:
        row.refuse("row_sbi_unused", value=found, per=per)
    if per == JOB and not PREFIX.fullmatch(found):
        row.refuse("row_sbi", value=found or "–")
    return found


def _quantities(row: Row) -> dict[str, float]:
    names = ("low", "mode", "high")
    low, mode, high = (_needed(row, name, 0, MOST) for name in names)
    if not (low <= mode <= high and (mode > 0 or high == 0)):
        row.refuse("row_order")
    return {"low": low, "mode": mode, "high": high}


def _row_id(key: dict[str, str]) -> str:
    """Words of a key with as many colons whatever is in them, so that ids differ."""
    about = key["sbi"] or key["kind"] or key["per"]
    parts = (about, key["direction"], key["material"], key["quality"])
    return ":".join(quote(part, safe=" ") for part in parts)


def _all_codes() -> set[str]:
    return {code for name in WITH_TABLE for code in code_table(name)}
