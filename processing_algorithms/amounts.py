"""Yearly quantities as a reader knows them: kilotonnes, not thousands of tonnes.

Which units there are is data: ``told`` in ``resources/styles/flow_places.toml``.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from statistics import median
from typing import NamedTuple

from ..analysis.resources import read_toml
from ..analysis.texts import NO_BREAK_SPACE, number, text

SMALLEST = 0.1
"""Smaller amounts are told as less than this."""


class Told(NamedTuple):
    """How much goes into a unit in which quantities are told, and its name."""

    factor: float
    name: str

    def words(self, language: str) -> str:
        """The unit as a reader knows it."""
        return text(f"styles.flow_places.units.{self.name}", language)


def told_unit(quantities: Iterable[float], unit: str) -> Told:
    """The largest unit of which most quantities are at least one.

    Parameters
    ----------
    quantities
        In ``unit``.
    unit
        ``t/y``, ``m3/y`` or ``MWh/y``.
    """
    told = read_toml("styles", "flow_places.toml")["told"][unit]
    smallest, *larger = (Told(factor, name) for name, factor in told.items())
    middle = median(quantities)
    return max([smallest, *(each for each in larger if each.factor <= middle)])


def rounded(value: float, figures: int) -> float:
    """A number with so many figures that count, the others zero.

    >>> rounded(1234.5, 2)
    1200.0
    """
    if not value or not math.isfinite(value):
        return value
    return round(value, figures - 1 - math.floor(math.log10(abs(value))))


def significant(value: float, figures: int, language: str) -> str:
    r"""A number with so many figures that count, and at most one decimal.

    >>> significant(1234.5, 2, "nl"), significant(3.21, 3, "nl")
    ('1\u202f200', '3,2')
    >>> significant(0.04, 1, "nl")
    '<\xa00,1'
    """
    if 0 < value < SMALLEST:
        return f"<{NO_BREAK_SPACE}{number(SMALLEST, language, 1)}"
    near = rounded(value, figures)
    return number(near, language, int(0 < near < 10 ** (figures - 1)))


def amount_between(
    low: float | None, high: float | None, unit: str, language: str
) -> str:
    """A class of yearly quantities in words; at most one of its bounds is None."""
    told = told_unit([high if low is None else low], unit)
    bounds = {
        name: bound / told.factor
        for name, bound in (("low", low), ("high", high))
        if bound is not None
    }
    key = "between" if len(bounds) == 2 else "below" if low is None else "above"
    words = told.words(language)
    return text(f"styles.flow_places.{key}", language, **bounds, unit=words)
