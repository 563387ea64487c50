"""Units in which people write quantities, and what they are per year in ours.

The table itself is ``resources/flows/units.csv``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

import numpy as np

from ..resources import read_csv

LONGEST_YEAR = 8784.0
"""Hours in a leap year."""
NEEDED = "needed"
GAS = ("m3/y", "Nm3/y")
"""Volumes of gas are energy once their heating value is known."""
ENERGY = "MWh/y"
MEGAJOULES = 3600.0
"""In a MWh."""
PER_YEAR = re.compile(r"/(?:jaar|jr|j|year|yr|y|annum|a)$")
SUPERSCRIPTS = str.maketrans("²³", "23")


@dataclass(frozen=True)
class Unit:
    """One way to write a quantity.

    Attributes
    ----------
    name
        As we write it.
    target
        Unit per year that it becomes.
    factor
        What a quantity is multiplied by; of a rate also by the hours per year.
    hours
        Of a rate, the hours per year where none are given, NaN where they must be;
        None of what is no rate.
    """

    name: str
    target: str
    factor: float
    hours: float | None

    def per_year(self, hours: np.ndarray) -> np.ndarray:
        """Factors to the target, NaN where hours are needed and unknown, shape (n,)."""
        if self.hours is None:
            return np.full(len(hours), self.factor)
        return self.factor * np.where(np.isnan(hours), self.hours, hours)


def find_unit(written: str) -> Unit | None:
    """The unit that a text stands for; None where it is not one that we know.

    ``t``, ``ton``, ``t/y`` and ``ton per jaar`` are the same: all is per year.
    """
    return _units().get(plain_unit(written))


def plain_unit(written: str) -> str:
    """A unit without blanks, dots, capitals and "per year"."""
    plain = re.sub(r"\bper\b", "/", written.casefold()).translate(SUPERSCRIPTS)
    return PER_YEAR.sub("", re.sub(r"[\s._]", "", plain))


def energy_factor(heating_value: np.ndarray) -> np.ndarray:
    """MWh per m3 of gas by its heating value in MJ per m3; NaN where it is none."""
    return np.where(heating_value > 0, heating_value, np.nan) / MEGAJOULES


@cache
def _units() -> dict[str, Unit]:
    """The units by each of their spellings."""
    return {
        plain_unit(spelling): _unit(row)
        for row in read_csv("flows", "units.csv")
        for spelling in (row["unit"], *row["spellings"].split("|"))
    }


def _unit(row: dict[str, str]) -> Unit:
    hours = {"": None, NEEDED: np.nan}
    return Unit(
        row["unit"],
        row["target"],
        float(row["factor"]),
        hours[row["hours"]] if row["hours"] in hours else float(row["hours"]),
    )
