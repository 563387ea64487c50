"""Ground and basins of the sea port, drawn along the river bank."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import shapely
from shapely import LineString, Polygon

from .shapes import largest_part


class Harbour:
    """Reclaimed ground along the south bank, with a canal and docks on both sides.

    Places are given as distance along the bank and distance from it (m).

    Parameters
    ----------
    rng : numpy.random.Generator
    rules : dict
        Table ``port`` of ``province.toml``.
    start : float
        Place (x) where the ground begins, at sea.
    bank : callable
        Height (y) of the bank at each place (x).
    """

    def __init__(
        self, rng: np.random.Generator, rules: dict, start: float, bank: Callable
    ):
        self._rules, self._start, self._bank = rules, start, bank
        length, corner = rules["length"], rules["corner"]
        near, far = rules["channel"]
        ground = self._strip((0, length), (0, rules["depth"]))
        self.ground = ground.buffer(-corner).buffer(corner)
        canal = self._strip((-3000, length - 450), (near, far))
        self.basins = shapely.union_all([canal, *self._docks(rng)])
        places = np.linspace(-2500, length - 500, 25)
        middle = np.full(len(places), (near + far) / 2)
        self.channel = LineString(self._plane(np.c_[places, middle]))

    def terminals(self, land) -> list[Polygon]:
        """Give the dry strips north and south of the canal, cut at the docks."""
        rules, firm = self._rules, land.buffer(-25)
        near, far = rules["channel"]
        edges = np.linspace(0, rules["length"], rules["sections"] + 1)
        blocks = []
        for ends in pairwise(edges):
            for away in ((40, near), (far, rules["depth"])):
                strip = self._strip(ends, away)
                blocks.append(largest_part(strip.intersection(firm)))
        return blocks

    def _docks(self, rng) -> list[Polygon]:
        """Slanting docks; those in the south lie halfway between the others."""
        rules, (near, far) = self._rules, self._rules["channel"]
        pitch = rules["length"] / rules["sections"]
        docks = []
        for start in np.arange(1, rules["sections"]) * pitch:
            north, south = rng.uniform(*rules["dock_length"], 2)
            shifted = start + 0.35 * pitch
            for place, away in (
                (start, (near + 20, near - north)),
                (shifted, (far - 20, far + south)),
            ):
                ends = (place, place + rules["dock_width"])
                docks.append(self._strip(ends, away, rules["dock_slant"]))
        return docks

    def _strip(self, along: tuple, away: tuple, slant: float = 0.0) -> Polygon:
        """Strip between two distances along the bank and two away from it."""
        places = np.linspace(*along, 12)
        front = np.c_[places, np.full(12, away[0])]
        back = np.c_[places - slant, np.full(12, away[1])]
        return Polygon(self._plane(np.vstack([front, back[::-1]]))).buffer(0)

    def _plane(self, places: np.ndarray) -> np.ndarray:
        """Coordinates (n, 2) of places along and away from the bank."""
        x = self._start + places[:, 0]
        return np.c_[x, self._bank(x) - places[:, 1]]
