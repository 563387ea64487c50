"""Railways: passenger lines through the towns and a freight line to the port."""

from __future__ import annotations

import numpy as np
from shapely import LineString

from .lines import Line, apart, bent, on_land, served
from .shapes import smooth_line, step
from .terrain import Terrain
from .towns import Town


def make_railways(
    rng: np.random.Generator, rules: dict, terrain: Terrain, towns: list[Town]
) -> list[Line]:
    """Lay three passenger lines that meet in the main town, and the freight line."""
    size = np.array([terrain.width, terrain.height])
    main, second, upstream, resort = (towns[index] for index in (0, 1, 5, 6))
    guides = {
        "Noord–Zuidlijn": [size * [0.44, 1], main.centre, size * [0.52, 0]],
        "Oosterlijn": [
            main.centre, second.centre, upstream.centre,
            step(terrain.width, upstream.centre[1] + 2500),
        ],
        "Kustlijn": [main.centre, main.centre + step(-6000, 7000), resort.centre],
    }  # fmt: skip
    lines = []
    for name, points in guides.items():
        near = served(LineString(points), towns, rules["rail_reach"])
        stops = [town.centre + rng.normal(0, 0.08 * town.radius, 2) for town in near]
        course = apart([points[0], *stops, points[-1]], rules["rail_spacing"])
        shape = smooth_line(bent(rng, course, rules["rail_bend"]), 200)
        lines.append(Line("rail", "passenger_rail", name, on_land(shape, terrain)))
    return [*lines, _freight(terrain, size)]


def _freight(terrain: Terrain, size: np.ndarray) -> Line:
    """From behind the terminals eastwards to the border."""
    places = terrain.port_start + np.array([1200.0, 6000, 11500, 16500])
    behind = terrain.bank(places) - np.array([3420, 3420, 3420, 3900])
    inland = size * [[0.62, 0.345], [1, 0.335]]
    shape = smooth_line(np.vstack([np.c_[places, behind], inland]), 200)
    return Line("rail", "freight_rail", "Havenspoorlijn", on_land(shape, terrain))
