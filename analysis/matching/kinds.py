"""Flows that nothing tells apart: the kinds among the flows of a carrier.

Thousands of flows share a few streams, and of all activity codes only matters which
rules, uses and bans they fall under. Whether a pair fits is asked per pair of kinds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..flows.tables import DEMAND, MATERIAL, SUPPLY
from .knowledge import Knowledge
from .physics import CARRIERS as PHYSICS
from .rules import begins

STREAM = ("material", "unit")
"""What must be known of a material. Of other carriers: ``KEYS`` of their module."""


@dataclass(frozen=True)
class Kinds:
    """Kinds of flows of one carrier and direction.

    Attributes
    ----------
    table
        What each kind is: the columns of its stream, and ``rules``, ``uses`` and
        ``bans``: tuples of row numbers of the tables of :class:`.Knowledge` (``uses``
        of ``activity_uses``).
    members
        The flows of each kind, as places in the side, rising.
    unknown
        Number of flows of which temperature or class is unknown.
    """

    table: pd.DataFrame
    members: list[np.ndarray]
    unknown: int


def kinds_of(
    side: pd.DataFrame, carrier: str, direction: str, known: Knowledge
) -> Kinds:
    """Kinds among the flows of one carrier on one side.

    Parameters
    ----------
    side
        As :class:`.Sides` holds it.
    carrier
        One of the carriers.
    direction
        Which side it is: ``supply`` or ``demand``.
    known
        Rules, uses and bans.

    Notes
    -----
    A kind of supply holds the rules and bans that name its stream and giver, one of
    demand those that name what it asks for and its receiver.
    """
    places = np.flatnonzero((side["carrier"] == carrier).to_numpy())
    keys = list(STREAM if carrier == MATERIAL else (*PHYSICS[carrier].KEYS, "unit"))
    told = side.loc[places, keys[0]]
    usable = (told.notna() & (told != "")).to_numpy()
    rows = side.loc[places[usable]]
    asked = ["sbi", "holds"] if direction == SUPPLY else ["sbi"]
    told = list(dict.fromkeys([*keys, "material", *asked]))
    groups = rows.groupby(told, sort=True, dropna=False)
    number = groups.ngroup().to_numpy()
    first = rows.iloc[np.unique(number, return_index=True)[1]]
    found = _falls_under(first, carrier, direction, known)
    table, kind = _distinct(first[keys].assign(**found))
    kind = kind[number]
    order = np.argsort(kind, kind="stable")
    cuts = np.searchsorted(kind[order], np.arange(1, len(table)))
    members = np.split(places[usable][order], cuts) if len(table) else []
    return Kinds(table, members, int((~usable).sum()))


def _falls_under(
    rows: pd.DataFrame, carrier: str, direction: str, known: Knowledge
) -> dict[str, list[tuple[int, ...]]]:
    """Rules, uses and bans of each row."""
    giving = direction == SUPPLY
    rules = known.rules[known.rules["carrier"] == carrier]
    named = "material" if giving else "replaces"
    activity = "giver_sbi" if giving else "receiver_sbi"
    by_material = dict(list(rules.groupby(named)[activity]))
    uses = _Uses(known.activity_uses) if direction == DEMAND else None
    bans = _ban_finder(known.forbidden, direction)
    found: dict[str, list[tuple[int, ...]]] = {"rules": [], "uses": [], "bans": []}
    for row in rows.itertuples(index=False):
        prefixes = by_material.get(row.material)
        found["rules"].append(
            ()
            if prefixes is None
            else tuple(n for n, each in prefixes.items() if begins(each, row.sbi))
        )
        found["uses"].append(
            uses.of(row.sbi, row.material) if uses and carrier == MATERIAL else ()
        )
        found["bans"].append(bans(row))
    return found


class _Uses:
    """Uses of activities: of each use the row with the longest prefix."""

    def __init__(self, activity_uses: pd.DataFrame) -> None:
        self._rows = list(
            activity_uses[["sbi", "use", "replaces"]].itertuples(name=None)
        )
        self._seen: dict[str, dict[str, tuple[int, ...]]] = {}

    def of(self, sbi: str, material: str) -> tuple[int, ...]:
        """Rows by which an activity could use something instead of a material."""
        if sbi not in self._seen:
            self._seen[sbi] = self._by_material(sbi)
        return self._seen[sbi].get(material, ())

    def _by_material(self, sbi: str) -> dict[str, tuple[int, ...]]:
        longest: dict[str, tuple[int, int, str]] = {}
        for number, prefix, use, replaces in self._rows:
            row = (len(prefix), number, replaces)
            if sbi.startswith(prefix) and row > longest.get(use, (0,)):
                longest[use] = row
        found: dict[str, tuple[int, ...]] = {}
        for _, number, replaces in longest.values():
            found[replaces] = (*found.get(replaces, ()), number)
        return {material: tuple(sorted(rows)) for material, rows in found.items()}


def _ban_finder(
    forbidden: pd.DataFrame, direction: str
) -> Callable[[tuple], tuple[int, ...]]:
    """What tells the bans that name a flow: its material or what it holds, or who."""
    columns = ["material", "property", "receiver_sbi"]
    rows = list(forbidden[columns].itertuples(name=None))
    if direction == DEMAND:
        return lambda flow: tuple(
            n for n, *_, receivers in rows if begins(receivers, flow.sbi)
        )
    return lambda flow: tuple(
        n
        for n, material, held, _ in rows
        if material == flow.material or held in flow.holds
    )


def _distinct(rows: pd.DataFrame) -> tuple[pd.DataFrame, np.ndarray]:
    """Distinct rows, sorted, and which of them each row is."""
    groups = rows.groupby(list(rows.columns), sort=True, dropna=False)
    kind = groups.ngroup().to_numpy()
    first = np.unique(kind, return_index=True)[1]
    return rows.iloc[first].reset_index(drop=True), kind
