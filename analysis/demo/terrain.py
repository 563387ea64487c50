"""Coast, rivers, port basins and canals: what is land and what is water."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import shapely
from shapely import LineString, Polygon

from .harbour import Harbour
from .shapes import smooth_line, snapped, waves


@dataclass
class Terrain:
    """Land and water of one province, in metres from its south-west corner.

    Attributes
    ----------
    width, height : float
        Size of the frame (m).
    coast, river_level, half_width : callable
        Beach (x at height y), axis and half width of the main river (at place x).
    river, tributary : LineString
        Axes, from the sea inland and from the border to the confluence.
    land, water : geometry
        Dry land, and open water inside the frame.
    port_blocks : list of Polygon
        Terminals of the sea port, seaward first, north side before south side.
    """

    width: float
    height: float
    coast: Callable
    river_level: Callable
    half_width: Callable
    river: LineString
    tributary: LineString
    confluence: float
    land: shapely.Geometry
    water: shapely.Geometry
    port_start: float
    port_blocks: list[Polygon] = field(default_factory=list)
    port_channel: LineString | None = None

    def bank(self, place, side: int = -1):
        """Height of the south (-1) or north (1) bank of the main river at x."""
        return self.river_level(place) + side * self.half_width(place)


def make_terrain(rng: np.random.Generator, rules: dict) -> Terrain:
    """Shape the land of one province."""
    width, height = rules["frame"]["size"]
    coast = _coast(rng, rules["coast"], height)
    river_level, half_width = _river(rng, rules["river"], coast, (width, height))
    places = np.arange(-2000, width + 4000, 200.0)
    river = LineString(np.column_stack([places, river_level(places)]))
    tributary, confluence = _tributary(rng, river_level, width, height)
    start = float(coast(river_level(4000.0))) + rules["port"]["start"]
    terrain = Terrain(
        width, height, coast, river_level, half_width, river, tributary, confluence,
        Polygon(), Polygon(), start,
    )  # fmt: skip
    harbour = Harbour(rng, rules["port"], start, terrain.bank)
    outline = _outline(rng, rules["frame"], terrain)
    land = outline.difference(_river_bed(terrain, places)).union(harbour.ground)
    terrain.land = _without_crumbs(land.difference(harbour.basins))
    sea = shapely.box(-5e3, -5e3, width + 5e3, height + 5e3)
    terrain.water = sea.difference(terrain.land)
    terrain.port_channel = harbour.channel
    terrain.port_blocks = harbour.terminals(terrain.land)
    return terrain


def _coast(rng, rules: dict, height: float) -> Callable:
    wiggle = waves(rng, [9000, 15000, 24000])

    def place(level):
        level = np.asarray(level, dtype=float)
        bulge = rules["bulge"] * (2 * level / height - 1) ** 2
        return rules["offset"] + bulge + rules["wiggle"] * wiggle(level)

    return place


def _river(rng, rules: dict, coast: Callable, size: tuple) -> tuple:
    width, height = size
    base = rng.uniform(*rules["level"]) * height
    bends, meander = waves(rng, [34000, 52000]), waves(rng, [3900, 5600])

    def level(place):
        place = np.asarray(place, dtype=float)
        inland = np.clip((place - 0.35 * width) / (0.2 * width), 0, 1)
        # Near the sea the river runs straight: ships and dredgers saw to that.
        bend = rules["bend"] * np.clip(place / (0.45 * width), 0.15, 1)
        return base + bend * bends(place) + rules["meander"] * inland * meander(place)

    mouth = float(coast(level(4000.0)))

    def half_width(place):
        inland = np.clip(np.asarray(place, dtype=float) - mouth + 2000, 0, None)
        extra = rules["mouth_half_width"] - rules["inland_half_width"]
        return rules["inland_half_width"] + extra * np.exp(-inland / rules["taper"])

    return level, half_width


def _river_bed(terrain: Terrain, places: np.ndarray) -> Polygon:
    north, south = terrain.bank(places, 1), terrain.bank(places, -1)
    rim = np.vstack([np.c_[places, north], np.c_[places, south][::-1]])
    return Polygon(rim).buffer(0)


def _tributary(rng, river_level: Callable, width: float, height: float) -> tuple:
    confluence = width * rng.uniform(0.50, 0.60)
    foot = float(river_level(confluence))
    top = height * rng.uniform(0.74, 0.88)
    steps = np.linspace(0, 1, 9)[:-1]
    x = width + 2500 + (confluence - width - 2500) * steps**0.92
    y = top + (foot - top) * steps**1.25 + rng.normal(0, 750, len(steps))
    points = np.vstack([np.c_[x, y], [confluence, foot]])
    return smooth_line(points, 150), confluence


def _outline(rng, rules: dict, terrain: Terrain) -> shapely.Geometry:
    """Ground east of the beach; the other borders follow parcels, as borders do."""
    width, height = terrain.width, terrain.height
    south, east, north = (
        _border(rng, rules, length) for length in (width, height, width)
    )
    levels = np.arange(-1000, height + 1001, 250.0)
    sides = [
        np.vstack([[0, 0], south, [[width, 0], [width, height], [0, height]]]),
        np.vstack([[0, 0], np.c_[width - east[:, 1], east[:, 0]], [0, height]]),
        np.vstack([[width, 0], [0, 0], np.c_[north[:, 0], height - north[:, 1]]]),
        np.vstack([
            np.c_[terrain.coast(levels), levels],
            [[2 * width, levels[-1]], [2 * width, levels[0]]],
        ]),
    ]  # fmt: skip
    return shapely.intersection_all([Polygon(side).buffer(0) for side in sides])


def _border(rng, rules: dict, length: float) -> np.ndarray:
    """Border along a side of the frame: places along it and depths inside it (n, 2).

    Straight stretches with jogs in between, as where ditches and dikes were followed.
    """
    least = rules["border_run"][0]
    stretches = rng.uniform(*rules["border_run"], int(length / least))
    starts = np.r_[0, np.cumsum(stretches)]
    starts = np.r_[starts[starts < length - least], length]
    depths = rules["border_depth"] * (0.5 + 0.5 * waves(rng, [19000, 47000])(starts))
    jogs = rng.normal(0, rules["border_jog"], (len(starts), 2)) * [0.3, 1]
    jogs[:, 0] = np.abs(jogs[:, 0])
    before, after = np.c_[starts, depths] - jogs, np.c_[starts, depths] + jogs
    bends = np.stack([before, after], axis=1).reshape(-1, 2)[1:-1]
    return np.c_[np.clip(bends[:, 0], 0, length), np.clip(bends[:, 1], 0, None)]


def _without_crumbs(land: shapely.Geometry):
    """Land without islets below a square kilometre."""
    parts = [part for part in shapely.get_parts(land) if part.area > 1e6]
    return snapped(shapely.MultiPolygon(parts))
