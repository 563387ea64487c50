"""Known totals of flows, as a planner brings them in a table."""

from __future__ import annotations

from dataclasses import dataclass

from ..csv_tables import parse_table
from ..errors import RefusalError
from ..numbers import parse_number
from .tables import CARRIERS, DIRECTIONS

NEEDED = ("region", "direction", "carrier", "material", "total", "uncertainty")
OPTIONAL = ("sbi", "unit", "source")
ALL = ("", "*")
"""What stands for every region or every material."""
LARGEST = 1e15
"""What is above this is no quantity of anything, in any unit of ours."""
EXACT = 1e-6
"""A smaller uncertainty is none."""
CONTRADICTION = 1.96
"""Standard deviations from which what is left over is no chance (aanname: 95 %)."""
WITHIN = 1.0
"""Standard deviations that a total must be off to count as what another contradicts
(aanname)."""
RANGE_UNKNOWN = 5.0
"""Factor within which an estimate lies that tells no range (aanname, our widest)."""
WIDEST = 100.0
"""Factor beyond which a range says nothing more: it counts as this one (aanname)."""


@dataclass(frozen=True, order=True)
class Total:
    """What some flows are known to be together, per year.

    Attributes
    ----------
    region, carrier, material, sbi, unit
        Which flows: region as its id or name, activity as the beginning of its code;
        empty = all. Unit: for a check only.
    direction
        ``supply`` or ``demand``.
    target, uncertainty
        The total, in the unit of the flows, and its standard deviation as a part of
        it; 0 = exact.
    source
        Where it comes from.
    row
        Number of its row in the table; the head is row 1, empty rows are not counted.
    """

    region: str
    direction: str
    carrier: str
    material: str
    sbi: str
    unit: str
    target: float
    uncertainty: float
    source: str
    row: int

    @property
    def words(self) -> str:
        """The total in short, for a sentence."""
        parts = (self.region, self.direction, self.carrier, self.material, self.sbi)
        told = ", ".join(part for part in parts if part)
        return f"{self.row} ({told}: {self.target:.15g})"


def read_totals(content: str) -> list[Total]:
    """Totals from a ``;``-separated table, sorted by what they are about.

    Raises
    ------
    RefusalError
        If the table has other columns or no rows, or a row no usable direction,
        carrier, total or uncertainty.
    """
    rows = parse_table(content, NEEDED, OPTIONAL)
    if not rows:
        raise RefusalError("reconcile.no_totals")
    return sorted(_total(row, place) for place, row in enumerate(rows, 2))


def _total(row: dict[str, str], place: int) -> Total:
    direction, carrier = row["direction"].lower(), row["carrier"].lower()
    for name, word, known in (
        ("direction", direction, DIRECTIONS),
        ("carrier", carrier, ("", *CARRIERS)),
    ):
        if word not in known:
            possible = ", ".join(filter(None, known))
            raise RefusalError(
                "reconcile.word", row=place, column=name, value=word, known=possible
            )
    return Total(
        region=_all_is_empty(row["region"]),
        direction=direction,
        carrier=carrier,
        material=_all_is_empty(row["material"]),
        sbi=row.get("sbi", "").replace(".", ""),
        unit=row.get("unit", ""),
        target=_number(row, "total", place),
        uncertainty=_uncertainty(row, place),
        source=row.get("source", ""),
        row=place,
    )


def _all_is_empty(word: str) -> str:
    return "" if word in ALL else word


def _uncertainty(row: dict[str, str], place: int) -> float:
    told = _number(row, "uncertainty", place)
    return told if told >= EXACT else 0.0


def _number(row: dict[str, str], column: str, place: int) -> float:
    value = parse_number(row[column])
    wrong = (
        ("unreadable", value is None),
        ("negative", value is not None and value < 0),
        ("too_large", value is not None and value > LARGEST),
    )
    for word, holds in wrong:
        if holds:
            key = f"reconcile.{word}"
            raise RefusalError(key, row=place, column=column, value=row[column])
    return value
