"""Provincial and local roads between neighbouring towns and villages."""

from __future__ import annotations

import numpy as np
from scipy.spatial import Delaunay
from shapely import LineString, Point

from .lines import Line
from .shapes import smooth_line
from .terrain import Terrain
from .towns import Town


def make_roads(
    rng: np.random.Generator, rules: dict, terrain: Terrain, towns: list[Town]
) -> list[Line]:
    """Join neighbours by road; roads between villages are local ones."""
    centres = np.array([town.centre for town in towns])
    lines = []
    for first, second in _gabriel(centres):
        shape = _winding(rng, centres[first], centres[second], rules["bend"])
        if shape.intersection(terrain.water).length > rules["widest_bridge"]:
            continue
        local = towns[first].village and towns[second].village
        name = f"{towns[first].name}seweg" if local else f"N{300 + len(lines)}"
        lines.append(Line("road", "local" if local else "provincial", name, shape))
    return lines


def make_port_road(terrain: Terrain, motorway: LineString) -> Line:
    """Lay the road behind the terminals, up to the motorway."""
    places = terrain.port_start + np.array([1500.0, 5000, 9000, 12500])
    course = np.c_[places, terrain.bank(places) - 3350]
    end = motorway.interpolate(motorway.project(Point(course[-1])) + 700)
    shape = smooth_line(np.vstack([course, end.coords[0]]), 200)
    return Line("road", "provincial", "Havenweg", shape)


def _winding(rng, start: np.ndarray, end: np.ndarray, bend: float) -> LineString:
    """Road from ``start`` to ``end`` with two gentle bends."""
    way = end - start
    aside = bend * np.array([-way[1], way[0]])
    first, second = rng.normal(0, 1, 2)
    bends = [start + way / 3 + first * aside, start + way / 1.5 + second * aside]
    return smooth_line(np.array([start, *bends, end]), 200)


def _gabriel(points: np.ndarray) -> np.ndarray:
    """Pairs (n, 2) of neighbours with no third point in the circle between them."""
    triangles = Delaunay(points).simplices
    pairs = np.vstack([triangles[:, sides] for sides in ([0, 1], [1, 2], [2, 0])])
    pairs = np.unique(np.sort(pairs, axis=1), axis=0)
    middles = points[pairs].mean(axis=1)
    reach = np.hypot(*np.diff(points[pairs], axis=1)[:, 0].T) / 2
    ways = middles[:, None] - points[None]
    nearest = np.hypot(ways[..., 0], ways[..., 1]).min(axis=1)
    return pairs[nearest >= reach - 1e-6]
