"""Rivers and canals as lines; ships of the given CEMT class can use them."""

from __future__ import annotations

import numpy as np

from .lines import Line, on_land
from .shapes import soften, step
from .terrain import Terrain
from .towns import Town


def make_waterways(
    rng: np.random.Generator, terrain: Terrain, towns: list[Town]
) -> list[Line]:
    """Lay the rivers, the port's canal and three canals to towns off the river."""
    inside = terrain.land.convex_hull
    lines = [
        Line("water", "VIb", "Brede Maren", terrain.river.intersection(inside)),
        Line("water", "IV", "Dolle Vliet", terrain.tributary.intersection(inside)),
        Line("water", "VIb", "Diepwaterkanaal", terrain.port_channel),
    ]
    courses = [
        ("Va", "Noorderkanaal", _north(rng, terrain, towns[0], towns[2])),
        ("IV", "Zuiderkanaal", _south(terrain, towns[3], towns[5])),
        ("III", "Grensvaart", _border(terrain, towns[3])),
    ]
    for grade, name, course in courses:
        shape = on_land(soften(np.array(course)), terrain, whole_start=True)
        lines.append(Line("water", grade, name, shape))
    return lines


def _on_river(terrain: Terrain, place: float) -> np.ndarray:
    return step(place, float(terrain.river_level(place)))


def _beside_south(town: Town) -> np.ndarray:
    """Where the southern canals pass ``town``, just north of its houses."""
    return town.centre + step(0, 0.75 * town.radius + 250)


def _north(rng, terrain: Terrain, main: Town, north: Town) -> list[np.ndarray]:
    """From the river east of the main town, past another, to the border."""
    mouth = _on_river(terrain, main.centre[0] + 1.15 * main.radius)
    past = north.centre + step(rng.choice([-1, 1]) * (0.75 * north.radius + 200), 0)
    halfway = 0.5 * (mouth[1] + past[1]) + rng.uniform(-1500, 1500)
    bend = step(mouth[0] + 900, halfway)
    return [mouth, bend, past, step(past[0] + 700, terrain.height)]


def _south(terrain: Terrain, south: Town, east: Town) -> list[np.ndarray]:
    """From the end of the port round the south, back to the river upstream."""
    start = terrain.port_channel.coords[-1][0] + 3800
    past = _beside_south(south)
    end = east.centre[0] - 0.9 * east.radius
    return [
        _on_river(terrain, start),
        step(start + 500, past[1] + 6500),
        past,
        step(0.73 * terrain.width, past[1] - 1200),
        step(end, east.centre[1] - 1500),
        _on_river(terrain, end - 300),
    ]


def _border(terrain: Terrain, south: Town) -> list[np.ndarray]:
    """Small canal from the southern one through the town to the border."""
    past = _beside_south(south)
    return [
        past,
        step(past[0] - 900, 0.07 * terrain.height),
        step(past[0] - 1300, -500),
    ]
