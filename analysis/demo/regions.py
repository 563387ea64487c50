"""Municipalities: put together from small cells, so their borders wander."""

from __future__ import annotations

import numpy as np
import shapely

from .shapes import GRID, largest_part, snapped, waves
from .terrain import Terrain
from .towns import Town


def make_regions(
    rng: np.random.Generator, rules: dict, terrain: Terrain, towns: list[Town]
) -> list[shapely.Polygon]:
    """One polygon for each of ``towns``; together they tile the land exactly."""
    cells = _cells(rng, rules["cells"], terrain)
    middles = shapely.get_coordinates(shapely.point_on_surface(cells))
    label = _nearest_town(rng, rules, terrain, towns, middles)
    label = _joined(cells, label, towns)
    # Snapping to the grid may leave a crumb of some square centimetres: drop it.
    return [
        largest_part(shapely.union_all(cells[label == number], grid_size=GRID))
        for number in range(len(towns))
    ]


def _cells(rng, count: int, terrain: Terrain) -> np.ndarray:
    """Small polygons that tile the land."""
    size = np.array([terrain.width, terrain.height])
    points = shapely.multipoints(rng.uniform(-0.03, 1.03, (count, 2)) * size)
    frame = shapely.box(-3e4, -3e4, *(size + 3e4))
    cells = shapely.get_parts(shapely.voronoi_polygons(points, extend_to=frame))
    cells = shapely.get_parts(
        shapely.intersection(snapped(cells), terrain.land, grid_size=GRID)
    )
    return cells[~shapely.is_empty(cells)]


def _nearest_town(rng, rules: dict, terrain: Terrain, towns: list[Town], middles):
    """Give the number of the town each cell belongs to; water keeps cells apart."""
    bend_x, bend_y = waves(rng, [5200, 9100, 17000]), waves(rng, [6100, 9900, 15000])
    warped = (
        middles + rules["warp"] * np.c_[bend_x(middles[:, 1]), bend_y(middles[:, 0])]
    )
    centres = np.array([town.centre for town in towns])
    steps = warped[:, None] - centres[None]
    away = np.hypot(steps[..., 0], steps[..., 1])
    away = away - 1.4 * np.array([town.radius for town in towns])
    side = np.sign(middles[:, 1] - terrain.river_level(middles[:, 0]))
    home = np.sign(centres[:, 1] - terrain.river_level(centres[:, 0]))
    return np.argmin(away + rules["river_penalty"] * (side[:, None] != home), axis=1)


def _joined(cells: np.ndarray, label: np.ndarray, towns: list[Town]) -> np.ndarray:
    """Hand cells cut off from their town to the neighbour with the longest border."""
    pairs, border = _neighbours(cells)
    centres = shapely.points(np.array([town.centre for town in towns]))
    seeds = [int(np.argmin(shapely.distance(cells, centre))) for centre in centres]
    label, reached = label.copy(), np.zeros(len(cells), dtype=bool)
    label[seeds] = np.arange(len(towns))
    reached[seeds] = True
    while not reached.all():
        grown = _grow(pairs, label, reached)
        if grown.any():
            reached |= grown
            continue
        edge = reached[pairs[0]] & ~reached[pairs[1]]
        if not edge.any():  # nothing leads there: it keeps its town
            break
        best = np.flatnonzero(edge)[np.argmax(border[edge])]
        label[pairs[1][best]] = label[pairs[0][best]]
        reached[pairs[1][best]] = True
    return label


def _neighbours(cells: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of cells (2, n), both ways round, and the length of their border (m)."""
    pairs = shapely.STRtree(cells).query(cells, predicate="touches")
    pairs = pairs[:, pairs[0] < pairs[1]]
    border = shapely.length(shapely.intersection(*cells[pairs]))
    pairs, border = pairs[:, border > 1], border[border > 1]
    return np.hstack([pairs, pairs[::-1]]), np.r_[border, border]


def _grow(pairs: np.ndarray, label: np.ndarray, reached: np.ndarray) -> np.ndarray:
    """Cells not yet reached that touch a reached cell of the same town."""
    same = label[pairs[0]] == label[pairs[1]]
    fresh = same & reached[pairs[0]] & ~reached[pairs[1]]
    grown = np.zeros(len(label), dtype=bool)
    grown[pairs[1][fresh]] = True
    return grown
