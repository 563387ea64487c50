"""Which pairs of places lie within reach, and how many they are.

Pairs are counted with trees, without writing them out: a stream that a fifth of all
firms give and a fifth take has hundreds of millions of them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import shapely
from scipy import sparse
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from ..flows.places import area_ids, memberships
from ..vocabulary import APPROACHES
from .ways import Ways

ALL, AREA, CHAIN = APPROACHES
NEIGHBOURS = 1000.0
"""So many metres apart two parties are neighbours, in one area or not."""
INCLUSIVE = 1 + 1e-9
"""A reach holds what lies just on it, whatever the last bits say."""
OUTSIDE = -1
COUNTED = 4_000_000
"""Distances over a network that are counted in one go."""


@dataclass(frozen=True)
class Near:
    """Places of both sides, and which pairs of them are looked at.

    Parameters
    ----------
    supply, demand
        Shape (s, 2) and (d, 2): coordinates in metres.
    supply_area, demand_area
        Number of the area of each, ``OUTSIDE`` where there is none.
    detour
        A way is so many times as long as the straight line.
    approach
        ``area``: both in one area, or neighbours; ``chain``: all others; ``all``.
    ways
        Distances over a road network, where one is given; the detour is 1 then.
    """

    supply: np.ndarray
    demand: np.ndarray
    supply_area: np.ndarray
    demand_area: np.ndarray
    detour: float
    approach: str = ALL
    ways: Ways | None = None

    def straight(self) -> Near:
        """The same in a straight line, below which no way over a network is."""
        return replace(self, ways=None, detour=1.0)

    def radius(self, reach: np.ndarray) -> np.ndarray:
        """A reach in metres as a straight line; a hair longer."""
        return np.asarray(reach) / self.detour * INCLUSIVE

    def together(self, flows: np.ndarray, size: int) -> list[np.ndarray]:
        """Supply in blocks of so many flows that lie together, one at least."""
        size = max(1, size)
        if len(flows) > size:
            spots = self.supply[flows]
            low, high = spots.min(axis=0), spots.max(axis=0)
            tiles = max(1, int(np.sqrt(len(flows) / size)))
            tile = np.floor((spots - low) / np.maximum(high - low, 1) * tiles)
            flows = flows[np.lexsort((flows, tile[:, 1], tile[:, 0]))]
        return [flows[at : at + size] for at in range(0, len(flows), size)]

    def within(
        self, givers: np.ndarray, receivers: np.ndarray, radius: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Pairs of some givers and receivers: their places in both, and distances.

        Parameters
        ----------
        givers, receivers
            Shape (m,) and (n,).
        radius
            Shape (n,): radius round each receiver, as :meth:`radius` gives it.
        """
        if self.ways is not None:
            metres = self.ways.table(givers, receivers)
            row, column = np.nonzero(metres <= radius)
            return row, column, metres[row, column].astype(float)
        apart = _squares(self.supply[givers], self.demand[receivers])
        row, column = np.nonzero(apart <= radius**2)
        return row, column, self.detour * np.sqrt(apart[row, column])

    def looked_at(
        self, giver: np.ndarray, receiver: np.ndarray, distance: np.ndarray
    ) -> np.ndarray:
        """Pairs that belong to the approach, shape (m,); distance with its detour."""
        if self.approach == ALL:
            return np.ones(len(giver), bool)
        area = self.supply_area[giver]
        together = (area != OUTSIDE) & (area == self.demand_area[receiver])
        together |= distance <= NEIGHBOURS * INCLUSIVE
        return together if self.approach == AREA else ~together

    def count(self, givers: np.ndarray, receivers: np.ndarray, reach: float) -> int:
        """Number of pairs within reach that belong to the approach."""
        if self.ways is not None:
            return self._count_ways(givers, receivers, reach)
        if self.approach == ALL:
            return self._count(givers, receivers, reach)
        next_door = min(reach, NEIGHBOURS)
        together = (
            self._count_inside(givers, receivers, reach)
            + self._count(givers, receivers, next_door)
            - self._count_inside(givers, receivers, next_door)
        )
        if self.approach == AREA:
            return together
        return self._count(givers, receivers, reach) - together

    def distance(self, giver: np.ndarray, receiver: np.ndarray) -> np.ndarray:
        """Way from givers to receivers in metres, pair by pair."""
        if self.ways is not None:
            return self.ways.between(giver, receiver)
        apart = self.supply[giver] - self.demand[receiver]
        return self.detour * np.sqrt(apart[:, 0] ** 2 + apart[:, 1] ** 2)

    def _count_ways(self, givers, receivers, reach: float) -> int:
        """The same over a network, block by block."""
        size = max(1, COUNTED // max(1, len(receivers)))
        count = 0
        for start in range(0, len(givers), size):
            some = givers[start : start + size]
            close = self.ways.table(some, receivers) <= reach * INCLUSIVE
            if self.approach == ALL:
                count += int(np.count_nonzero(close))
                continue
            row, column = np.nonzero(close)
            giver, receiver = some[row], receivers[column]
            distance = self.distance(giver, receiver)
            count += int(self.looked_at(giver, receiver, distance).sum())
        return count

    def _count(self, givers, receivers, reach: float) -> int:
        return _count(self.supply[givers], self.demand[receivers], self.radius(reach))

    def _count_inside(self, givers, receivers, reach: float) -> int:
        """Pairs in one area: areas lie above each other, out of each other's reach."""
        radius = self.radius(reach)
        floor = 2 * radius + 1
        sides = []
        for places, points, area in (
            (givers, self.supply, self.supply_area),
            (receivers, self.demand, self.demand_area),
        ):
            inside = places[area[places] != OUTSIDE]
            sides.append(np.column_stack([points[inside], floor * area[inside]]))
        return _count(*sides, radius)


def _count(givers: np.ndarray, receivers: np.ndarray, radius: float) -> int:
    if not len(givers) or not len(receivers):
        return 0
    return int(cKDTree(givers).count_neighbors(cKDTree(receivers), radius))


def _squares(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Squared distances between all points of both."""
    across = one[:, None, 0] - other[None, :, 0]
    along = one[:, None, 1] - other[None, :, 1]
    across *= across
    along *= along
    across += along
    return across


def areas_of(points: np.ndarray, areas: gpd.GeoDataFrame | None) -> np.ndarray:
    """Number of the area of each point; areas that overlap count as one.

    Parameters
    ----------
    points : ndarray of float, shape (n, 2)
        In the CRS of the areas.
    areas
        Polygons with an id, as :func:`..flows.places.area_ids` takes them.
    """
    number = np.full(len(points), OUTSIDE)
    if areas is None or not len(areas):
        return number
    areas = areas.assign(area_id=area_ids(areas)).sort_values("area_id")
    shapes = areas.geometry.to_numpy()
    one, other = shapely.STRtree(shapes).query(shapes, "intersects")
    shared = shapely.area(shapely.intersection(shapes[one], shapes[other])) > 0
    ties = (np.ones(shared.sum()), (one[shared], other[shared]))
    size = (len(shapes), len(shapes))
    _, group = connected_components(sparse.coo_matrix(ties, size), directed=False)
    spots = gpd.GeoDataFrame(geometry=shapely.points(points))
    point, area = memberships(spots, shapes)
    number[point] = group[area]
    return number
