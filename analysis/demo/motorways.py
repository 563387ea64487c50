"""Motorways around the towns, and their junctions."""

from __future__ import annotations

import numpy as np
import shapely
from shapely import LineString, Point

from .lines import Line, apart, bent, on_land, served
from .shapes import smooth_line, step
from .terrain import Terrain
from .towns import Town

NAMES = ("A815", "A820", "A804", "A850")


def make_motorways(
    rng: np.random.Generator, rules: dict, terrain: Terrain, towns: list[Town]
) -> list[Line]:
    """Lay four motorways that pass beside the main towns near their course."""
    lines = []
    for name, points in zip(NAMES, _guides(rng, terrain, towns), strict=True):
        guide = LineString(points)
        near = served(guide, towns, rules["motorway_reach"])
        stops = [_bypass(guide, town, rules["bypass"]) for town in near]
        course = apart([points[0], *stops, points[-1]], rules["motorway_spacing"])
        shape = smooth_line(bent(rng, course, rules["motorway_bend"]), 200)
        lines.append(Line("road", "motorway", name, on_land(shape, terrain)))
    return lines


def _guides(rng, terrain: Terrain, towns: list[Town]) -> list[list[np.ndarray]]:
    """Rough courses: along the south bank, to the coast, and two north-south."""
    size = np.array([terrain.width, terrain.height])
    main, mouth, resort = towns[0], towns[4], towns[6]
    shift = rng.uniform(-0.03, 0.03, 6)
    quay = terrain.port_start + 4800
    return [
        [step(quay, terrain.bank(quay) - 3900), mouth.centre + step(0, 900),
         size * [0.6, 0.32], size * [1, 0.30 + shift[0]]],
        [resort.centre + step(resort.radius + 700, -resort.radius),
         main.centre + step(0, main.radius),
         size * [0.7, 0.62 + shift[1]], size * [1, 0.64 + shift[1]]],
        [size * [0.36 + shift[2], 1], main.centre + step(main.radius, 0),
         size * [0.42 + shift[3], 0]],
        [size * [0.80 + shift[4], 1], size * [0.74 + shift[5], 0]],
    ]  # fmt: skip


def _bypass(guide: LineString, town: Town, distance: float) -> np.ndarray:
    """Place beside ``town``, on the side where the guide passes."""
    place = guide.interpolate(guide.project(Point(town.centre)))
    way = np.array([place.x, place.y]) - town.centre
    gap = max(np.hypot(*way), 1.0)
    least = 1.08 * town.radius + distance
    return town.centre + way / gap * max(least, 0.75 * gap)


def make_junctions(
    rules: dict, motorways: list[Line], terrain: Terrain, towns: list[Town]
) -> tuple[np.ndarray, list[str]]:
    """Place junctions (n, 2), near towns first, then where gaps grow too wide."""
    found, names = [], []
    for line in motorways:
        places = np.arange(1200, line.shape.length - 1200, 200.0)
        points = shapely.line_interpolate_point(line.shape, places)
        dry = shapely.distance(terrain.land.boundary, points) > 350
        places, points = places[dry], shapely.get_coordinates(points[dry])
        chosen = _spaced(places, _pull(points, towns), *rules["junction_spacing"])
        found.append(points[np.isin(places, chosen)])
        names += [f"{line.name}-{number}" for number in range(1, len(chosen) + 1)]
    return np.vstack(found), names


def _pull(points: np.ndarray, towns: list[Town]) -> np.ndarray:
    """How much each point wants a junction: large towns at hand count most."""
    pull = np.zeros(len(points))
    for town in towns:
        away = np.hypot(*(points - town.centre).T) - town.radius
        pull += np.sqrt(town.inhabitants) * np.exp(-np.clip(away, 0, None) / 900)
    return pull


def _spaced(
    places: np.ndarray, pull: np.ndarray, low: float, high: float
) -> np.ndarray:
    """Best places at least ``low`` apart, with gaps above ``high`` filled."""
    chosen: list[float] = []
    for index in np.argsort(-pull, kind="stable"):
        gap = min((abs(place - places[index]) for place in chosen), default=np.inf)
        wanted = pull[index] > 20 or gap > high / 2
        if wanted and gap >= low:
            chosen.append(places[index])
    return np.sort(chosen)
