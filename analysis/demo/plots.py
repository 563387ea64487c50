"""Places for establishments: along streets and on plots, never in the water."""

from __future__ import annotations

import numpy as np
import shapely
from scipy.spatial import cKDTree

from .canvas import Zone


class Streets:
    """Directions of the streets: neighbourhoods that each keep their own grid.

    Parameters
    ----------
    rng : numpy.random.Generator
    size : tuple of float
        Width and height of the province (m).
    reach : float
        Distance over which streets keep their direction (m).
    """

    def __init__(self, rng: np.random.Generator, size: tuple, reach: float):
        count = int(size[0] * size[1] / reach**2)
        centres = rng.uniform(0, 1, (count, 2)) * size
        self._tree = cKDTree(centres)
        # Neighbours turn together on the large scale and differ on the small one.
        turn = np.sin(centres[:, 0] / 7000) + np.cos(centres[:, 1] / 6100)
        self._angles = turn + rng.normal(0, 0.35, count)

    def angles(self, points: np.ndarray) -> np.ndarray:
        """Direction of the streets (radians) around each of ``points`` (n, 2)."""
        return self._angles[self._tree.query(points)[1]]


def place_in(
    rng: np.random.Generator,
    zone: Zone,
    count: int,
    pattern: list[float],
    streets: Streets,
) -> np.ndarray:
    """Draw ``count`` places (count, 2) on the streets or plots of ``zone``."""
    shapely.prepare(zone.shape)
    low_x, low_y, high_x, high_y = zone.shape.bounds
    fill = zone.shape.area / ((high_x - low_x) * (high_y - low_y))
    found, missing = [], count
    for attempt in range(60):
        draw = int(missing / max(fill, 0.05) * 1.25) + 8
        points = rng.uniform((low_x, low_y), (high_x, high_y), (draw, 2))
        points = points[shapely.contains_xy(zone.shape, *points.T)]
        if attempt < 40:  # a zone too small for its pattern takes any place
            angles = streets.angles(points) if zone.angle is None else zone.angle
            points = _to_street(rng, points, angles, pattern)
            points = points[shapely.contains_xy(zone.shape, *points.T)]
        found.append(points[:missing])
        missing -= len(found[-1])
        if not missing:
            break
    return np.vstack(found)


def _to_street(rng, points: np.ndarray, angles, pattern: list[float]) -> np.ndarray:
    """Move points to the nearest street front of a grid turned by ``angles``."""
    gap, length, setback, scatter = pattern
    cos, sin = np.cos(angles), np.sin(angles)
    along = cos * points[:, 0] + sin * points[:, 1]
    across = cos * points[:, 1] - sin * points[:, 0]
    side = rng.choice([-setback, setback], len(points))
    corner = rng.random(len(points)) < min(0.5, gap / (gap + length))
    front = np.round(across / gap) * gap + side
    along_front = along + rng.normal(0, scatter, len(points))
    crossing = np.round(along / length) * length + side
    along = np.where(corner, crossing, along_front)
    across = np.where(corner, across, front) + rng.normal(
        0, 0.15 * setback, len(points)
    )
    return np.column_stack([cos * along - sin * across, sin * along + cos * across])
