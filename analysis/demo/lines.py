"""Lines of a province, and aids to lay them out."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import shapely
import shapely.ops
from shapely import LineString, Point

from .terrain import Terrain
from .towns import Town


@dataclass
class Line:
    """One named piece of infrastructure."""

    mode: str
    grade: str | None
    name: str
    shape: LineString


@dataclass
class Network:
    """All lines of a province and the motorway junctions (points, n x 2)."""

    lines: list[Line] = field(default_factory=list)
    junctions: np.ndarray = field(default_factory=lambda: np.empty((0, 2)))
    junction_names: list[str] = field(default_factory=list)

    def shapes(self, mode: str, *grades: str) -> list[LineString]:
        """Give the shapes of one mode, of all classes or of the given ones."""
        return [
            line.shape
            for line in self.lines
            if line.mode == mode and (not grades or line.grade in grades)
        ]


def on_land(
    line: LineString, terrain: Terrain, *, whole_start: bool = False
) -> LineString:
    """Cut ``line`` off where it leaves the province; water on the way stays.

    ``whole_start`` spares its start, as for a canal that begins in the river.
    """
    inside = shapely.points(shapely.get_coordinates(line.intersection(terrain.land)))
    places = shapely.line_locate_point(line, inside)
    start = 0.0 if whole_start else places.min()
    return shapely.ops.substring(line, start, places.max())


def served(guide: LineString, towns: list[Town], reach: float) -> list[Town]:
    """Give the main towns near ``guide``, in the order in which it passes them."""
    near = [
        town
        for town in towns
        if not town.village and guide.distance(Point(town.centre)) < reach
    ]
    return sorted(near, key=lambda town: guide.project(Point(town.centre)))


def apart(points: list, least: float) -> np.ndarray:
    """Leave out points (n, 2) too close to the one before; the ends stay."""
    kept = [np.asarray(points[0])]
    for point in points[1:-1]:
        gaps = np.subtract(point, [kept[-1], points[-1]])
        if np.hypot(*gaps.T).min() > least:
            kept.append(np.asarray(point))
    return np.array([*kept, np.asarray(points[-1])])


def bent(rng: np.random.Generator, points: np.ndarray, share: float) -> np.ndarray:
    """Add a sideways bend halfway each stretch above 7 km."""
    course = [points[0]]
    for start, end in pairwise(points):
        way = end - start
        if np.hypot(*way) > 7000:
            aside = rng.normal(0, share) * np.array([-way[1], way[0]])
            course.append(start + way / 2 + aside)
        course.append(end)
    return np.array(course)
