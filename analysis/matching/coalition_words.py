"""What coalitions are called, and what is told of them in words."""

from __future__ import annotations

import pandas as pd

from ..codes import division_names
from ..flows.tables import (
    MATERIAL,
    material_groups,
    material_name,
    materials,
    unit_name,
)
from ..texts import listing, number, text
from .missing_parties import TAKER

NAMED = 2
"""After so many streams a coalition is called."""
TOLD = 3
"""So many streams of a party, and missing parties, are told."""
FIGURES = 2
"""Estimates are no more exact."""
SMALLEST = 0.1
"""Smaller quantities are told as less than this."""


def amount(value: float, unit: str, language: str) -> str:
    """A quantity with two figures that count, and its unit in words."""
    return f"{_figures(value, language)} {unit_name(unit, language)}"


def called(kinds: list[str], rank: int, place: str | None, language: str) -> str:
    """Name of a coalition after its strongest kinds of stream and its place.

    Parameters
    ----------
    kinds
        As :func:`kind_names` gives them, the strongest first.
    rank
        Its place among the coalitions.
    place
        Name of a region, None where that is not known.
    language
        ``nl`` or ``en``.
    """
    words = {"rank": rank, "what": " + ".join(kinds[:NAMED])}
    if place is None:
        return text("coalitions.name", language, **words)
    return text("coalitions.name_at", language, place=place, **words)


def kind_names(streams: pd.DataFrame, language: str) -> list[str]:
    """Group of the material of each stream, else its carrier."""
    keys = ["carrier", "material"]
    names = {
        key: _kind(*key, language)
        for key in streams[keys].drop_duplicates().itertuples(index=False, name=None)
    }
    return [names[key] for key in streams[keys].itertuples(index=False, name=None)]


def streams_told(streams: list[tuple[str, str, float]], language: str) -> str:
    """Materials with unit and quantity, of which the first few are told."""
    parts = [
        f"{material_name(material, language)} ({amount(quantity, unit, language)})"
        for material, unit, quantity in streams[:TOLD]
    ]
    return _with_more(parts, len(streams), language)


def missing_told(rows: list[dict], language: str) -> str:
    """Who is missing, the most wanted first."""
    parts = [_missing(row, language) for row in rows[:TOLD]]
    return _with_more(parts, len(rows), language)


def why(row: dict, tie_sbi: str | None, language: str) -> str:
    """What a coalition is, in a few sentences without names of firms."""

    def say(key: str, **values) -> str:
        return text(f"coalitions.why.{key}", language, **values)

    counts = ("parties", "divisions", "matches", "both")
    told = [say("size", **{name: row[name] for name in counts})]
    if row["avoided_co2_t"] > 0:
        told.append(say("avoided", tonnes=_figures(row["avoided_co2_t"], language)))
    told.append(say("held", percent=number(100 * row["held"], language)))
    activity = _activities(tie_sbi or "", language) or say("unknown")
    lost = row["tie_cuts_off"]
    cut = "none" if not lost else "one" if lost == 1 else "several"
    told.append(say(f"tie_{cut}", activity=activity, count=lost))
    return " ".join(told)


def _figures(value: float, language: str) -> str:
    """A quantity with two figures that count."""
    rounded = float(f"{value:.{FIGURES - 1}e}")
    if rounded < SMALLEST:
        return f"< {number(SMALLEST, language, 1)}"
    return number(rounded, language, 0 if rounded >= 10 or rounded.is_integer() else 1)


def _with_more(parts: list[str], count: int, language: str) -> str:
    """Parts, and how many there are besides."""
    if count > TOLD:
        parts = [*parts, text("coalitions.more", language, count=count - TOLD)]
    return "; ".join(parts)


def _kind(carrier: str, material: str, language: str) -> str:
    """Group of a material, else the carrier."""
    known = materials().get(material)
    if carrier == MATERIAL:
        return material_groups(language)[known.group] if known else material
    return known.name(language) if known else carrier


def _missing(row: dict, language: str) -> str:
    words = {
        "material": material_name(row["material"], language),
        "amount": amount(row["quantity"], row["unit"], language),
    }
    if row["wanted"] != TAKER:
        key = "replacement" if row["carrier"] == MATERIAL else "giver"
        return text(f"coalitions.missing.{key}", language, **words)
    if not row["activities"]:
        return text("coalitions.missing.taker", language, **words)
    words["activities"] = _activities(row["activities"], language)
    return text(f"coalitions.missing.{row['reason']}", language, **words)


def _activities(codes: str, language: str) -> str:
    """Names of the first divisions of activity codes that a bar joins."""
    names = division_names(language)
    divisions = dict.fromkeys(code[:2] for code in codes.split("|"))
    known = [f"{names[each]} ({each})" for each in divisions if each in names]
    return listing(known[:NAMED], language)
