"""Travel distances between supply and demand over a road network."""

from __future__ import annotations

from dataclasses import dataclass
from tempfile import TemporaryFile

import numpy as np
import shapely

from ..progress import Progress, silent
from ..road_network import Access, access
from ..travel import Travel

IN_MEMORY = 250_000_000
"""Distances of more pairs of places stand in a file that goes with the run: 1 GB."""


@dataclass(frozen=True)
class Unreached:
    """Places that the network does not join to any on the other side.

    Attributes
    ----------
    places
        Number of different places of supply and demand together.
    off_road
        Those that lie too far from every road.
    cut_off
        Those on a part of the network that leads to nobody.
    """

    places: int
    off_road: int
    cut_off: int

    @property
    def count(self) -> int:
        """Number of places that can't be reached."""
        return self.off_road + self.cut_off


class Ways:
    """Travel distances of all pairs of supply and demand, sought once.

    Parameters
    ----------
    travel
        The network.
    supply, demand
        Shape (s, 2) and (d, 2): coordinates in metres.
    limit
        Farther than so many metres counts as unreachable.
    progress
        Called as the work goes on.

    Attributes
    ----------
    unreached
        What the network does not join.

    Notes
    -----
    In single precision: a centimetre in a hundred kilometres.
    """

    def __init__(
        self,
        travel: Travel,
        supply: np.ndarray,
        demand: np.ndarray,
        limit: float,
        progress: Progress = silent,
    ) -> None:
        both = np.concatenate([supply, demand]).reshape(-1, 2)
        spots, place = np.unique(both, axis=0, return_inverse=True)
        given, asked = np.split(place.ravel(), [len(supply)])
        found = access(travel.network, shapely.points(spots))
        one, self._row = np.unique(given, return_inverse=True)
        other, self._column = np.unique(asked, return_inverse=True)
        self._metres = _table(len(one), len(other))
        ends = _only(found, one), _only(found, other)
        for some, metres in travel.blocks(*ends, limit, progress):
            self._metres[some] = metres
        self.unreached = _unreached(travel, found, one, other)

    def between(self, supply: np.ndarray, demand: np.ndarray) -> np.ndarray:
        """Metres from givers to receivers, pair by pair."""
        return self._metres[self._row[supply], self._column[demand]].astype(float)

    def table(self, supply: np.ndarray, demand: np.ndarray) -> np.ndarray:
        """Metres from all of some givers to all of some receivers."""
        rows, columns = self._row[supply], self._column[demand]
        return self._metres[rows].take(columns, axis=1)


def _table(rows: int, columns: int) -> np.ndarray:
    """Room for the distances of all pairs."""
    shape = (rows, columns)
    if rows * columns <= IN_MEMORY:
        return np.empty(shape, np.float32)
    # What is mapped outlives the file, which goes when nobody holds it.
    with TemporaryFile() as file:
        return np.memmap(file, np.float32, "w+", shape=shape)


def _only(found: Access, places: np.ndarray) -> Access:
    """The access of some places, numbered anew; places rise."""
    number = np.full(len(found.shapes), -1)
    number[places] = np.arange(len(places))
    rows = np.flatnonzero(number[found.place] >= 0)
    return Access(
        found.shapes[places],
        number[found.place[rows]],
        *(each[rows] for each in (found.edge, found.start, found.end, found.leg)),
    )


def _unreached(travel: Travel, found: Access, one, other) -> Unreached:
    """How many places have a road, and nobody of the other side along it."""
    part_of = travel.network.part[found.edge]
    joined = np.zeros(len(found.shapes), bool)
    for own, others in ((one, other), (other, one)):
        there = part_of[np.isin(found.place, others)]
        led = np.isin(found.place, own) & np.isin(part_of, there)
        joined[found.place[led]] = True
    off_road = int(found.none.sum())
    return Unreached(len(joined), off_road, int((~joined).sum()) - off_road)
