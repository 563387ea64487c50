"""The words in which flows are told: materials, classes, units and profiles.

The tables themselves lie in ``resources/flows``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from ..resources import read_csv
from ..texts import text

DIRECTIONS = ("supply", "demand")
SUPPLY, DEMAND = DIRECTIONS
CARRIERS = ("material", "water", "heat", "co2")
MATERIAL = CARRIERS[0]
BASES = ("reported", "estimated")
REPORTED, ESTIMATED = BASES
UNITS = {
    "material": ("t/y", "MWh/y"),
    "water": ("m3/y",),
    "heat": ("MWh/y",),
    "co2": ("t/y",),
}
"""Units that fit a carrier; a material of ours has one of them."""
STREAM_UNITS = sorted({unit for own in UNITS.values() for unit in own})
CLASSES = {
    "water": ("water_classes.csv", "class"),
    "heat": ("heat_bands.csv", "band"),
    "co2": ("co2_classes.csv", "class"),
}
"""Table of the classes of quality of a carrier, and the column of their codes."""
LEFT = "kg/y"
"""Unit of what some treatments leave, beside those of streams."""
HAZARDOUS = "hazardous"


@dataclass(frozen=True)
class Material:
    """A material that we know, or one of the carriers water, heat and co2.

    Attributes
    ----------
    code, name_nl, name_en
        What it is called.
    group, theme
        Group that planners talk about, and theme of the guide (may be empty).
    carrier, role, unit
        Role: ``residual`` is offered, ``primary`` is what a residual can replace,
        ``both`` is offered and asked for.
    hazardous
        True or False where all of it is, None where some of it may be.
    properties
        Codes of the table of forbidden combinations, joined by ``;``.
    contracted_share
        Share that usually is promised already, 0–1; None where nobody knows.
    """

    code: str
    name_nl: str
    name_en: str
    group: str
    theme: str
    carrier: str
    role: str
    unit: str
    hazardous: bool | None
    properties: str
    contracted_share: float | None

    def name(self, language: str) -> str:
        """Its name in ``nl`` or ``en``."""
        return self.name_nl if language == "nl" else self.name_en


@cache
def materials() -> dict[str, Material]:
    """The shipped materials by code."""
    return {
        row["material"]: Material(
            code=row["material"],
            hazardous=_hazardous(row),
            properties=row["properties"].replace("|", ";"),
            contracted_share=_number(row["contracted_share_default"]),
            **{name: row[name] for name in _AS_THEY_ARE},
        )
        for row in read_csv("flows", "materials.csv")
    }


def material_name(code: str, language: str) -> str:
    """Name of a material; of one that we don't know its code."""
    known = materials().get(code)
    return known.name(language) if known else code


@cache
def material_groups(language: str) -> dict[str, str]:
    """Names of the groups of materials by code."""
    rows = read_csv("flows", "material_groups.csv")
    return {row["group"]: row[f"name_{language}"] for row in rows}


def carrier_name(carrier: str, unit: str, language: str) -> str:
    """Name of a carrier; materials that are told in energy are fuel gases."""
    if carrier not in CARRIERS:
        return carrier or "–"
    fuel = carrier == MATERIAL and unit == UNITS[MATERIAL][1]
    return text(f"flows.carrier.{'fuel' if fuel else carrier}", language)


@cache
def unit_name(unit: str, language: str) -> str:
    """A unit in words; one that we do not know as it is."""
    if unit not in (*STREAM_UNITS, LEFT):
        return unit or "–"
    return text(f"flows.unit.{unit.replace('/', '_')}", language)


@cache
def classes() -> dict[str, tuple[str, ...]]:
    """Classes of quality of each carrier, as listed; of materials none."""
    return {MATERIAL: ()} | {
        carrier: tuple(row[column] for row in read_csv("flows", table))
        for carrier, (table, column) in CLASSES.items()
    }


@cache
def class_names(carrier: str, language: str) -> dict[str, str]:
    """What the classes of quality of water, heat or CO2 are called, by code."""
    table, column = CLASSES[carrier]
    return {row[column]: row[f"name_{language}"] for row in read_csv("flows", table)}


@cache
def profiles() -> dict[str, tuple[float, ...]]:
    """Share of the year in each of the twelve months, by profile."""
    months = ("jan", "feb", "mar", "apr", "may", "jun",
              "jul", "aug", "sep", "oct", "nov", "dec")  # fmt: skip
    return {
        row["profile"]: tuple(float(row[month]) for month in months)
        for row in read_csv("flows", "profiles.csv")
    }


def units(carrier: str, material: str) -> tuple[str, ...]:
    """Units in which a material can be told; one where we know the material."""
    known = materials().get(material)
    return (known.unit,) if known else UNITS[carrier]


_AS_THEY_ARE = ("name_nl", "name_en", "group", "theme", "carrier", "role", "unit")


def _hazardous(row: dict[str, str]) -> bool | None:
    if HAZARDOUS in row["properties"].split("|"):
        return True
    return None if row["hazardous_possible"] == "1" else False


def _number(text: str) -> float | None:
    return float(text) if text else None
