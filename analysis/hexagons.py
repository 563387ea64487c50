"""A lattice of regular hexagons over the plane.

The hexagons stand on a corner; the middle of hexagon (0, 0) is the origin of the
coordinate system, so that the lattices of two runs or two provinces fit together.
Rows run from west to east, ``size`` apart from middle to middle; the next row lies
√3/2 ``size`` further north and starts half a hexagon further east. Axial coordinates:
``q`` along the row, ``r`` the row.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely

SQRT3 = math.sqrt(3)
CORNERS = np.array([[0, 2], [-1, 1], [-1, -1], [0, -2], [1, -1], [1, 1], [0, 2]])
"""Round the middle, in units of size/2 eastward and size/(2√3) northward."""


@dataclass(frozen=True)
class Lattice:
    """Hexagons of one size.

    Parameters
    ----------
    size
        Distance between opposite sides, in metres.
    """

    size: float

    @property
    def area(self) -> float:
        """Area of a hexagon in m²: √3/2 size²."""
        return SQRT3 / 2 * self.size**2

    @property
    def row_height(self) -> float:
        """Distance between two rows in metres."""
        return SQRT3 / 2 * self.size

    @property
    def circumradius(self) -> float:
        """Distance from the middle to a corner in metres."""
        return self.size / SQRT3

    def cells(self, points: np.ndarray) -> np.ndarray:
        """Axial coordinates of the hexagon that each point lies in.

        That is the hexagon whose middle is nearest. A point on an edge always goes to
        the same of the two, whatever points there are beside it.

        Parameters
        ----------
        points
            Coordinates in metres, shape (n, 2).

        Returns
        -------
        ndarray of int64, shape (n, 2)
        """
        r = points[:, 1] / self.row_height
        q = points[:, 0] / self.size - r / 2
        # Three axes that add up to zero; after rounding, the one that was furthest
        # off gives way to the two others.
        exact = np.stack([q, r, -q - r])
        q, r, s = whole = np.floor(exact + 0.5)
        off = np.abs(whole - exact)
        furthest = np.argmax(off, axis=0)
        q, r = np.where(furthest == 0, -r - s, q), np.where(furthest == 1, -q - s, r)
        return np.column_stack([q, r]).astype(np.int64)

    def middles(self, cells: np.ndarray) -> np.ndarray:
        """Middles of hexagons, in metres, shape (n, 2)."""
        q, r = cells.T
        return np.column_stack([(2 * q + r) * (self.size / 2), r * self.row_height])

    def polygons(self, cells: np.ndarray) -> np.ndarray:
        """Shapes of hexagons, shape (n,); neighbours share their corners to the bit."""
        q, r = cells.T
        middles = np.column_stack([2 * q + r, 3 * r])
        units = np.array([self.size / 2, self.size / (2 * SQRT3)])
        return shapely.polygons((middles[:, None, :] + CORNERS) * units)

    def around(self, reach: float) -> Iterator[tuple[int, int, int]]:
        """Row by row the hexagons whose middle lies within reach of that of (0, 0).

        Gives ``r`` and the first and last ``q``; the longest row comes first.
        """
        for step in range(int(reach / self.row_height) + 1):
            half = math.sqrt(reach**2 - (step * self.row_height) ** 2) / self.size
            for r in sorted({step, -step}):
                first, last = math.ceil(-half - r / 2), math.floor(half - r / 2)
                if first <= last:
                    yield r, first, last
