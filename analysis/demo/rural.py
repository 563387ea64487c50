"""Nature, glasshouses and farmland."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import numpy as np
import shapely
from shapely import Polygon

from .canvas import Canvas, Zone
from .lines import Network
from .shapes import blob, block, parts_of, snapped, split_blocks, step, waves
from .terrain import Terrain


def lay_nature(
    rng: np.random.Generator, rules: dict, canvas: Canvas, terrain: Terrain, names: dict
):
    """Dunes along the coast, heath and forest in the east, wetlands by the river."""
    dunes = _dunes(rng, rules["coast"]["dune_width"], terrain)
    _lay_nature(canvas, split_blocks(rng, dunes, 1.4e7), _names(rng, names, "dunes"))
    forests = _forests(rng, rules["land"], terrain)
    _lay_nature(canvas, forests, _names(rng, names, "forests"))
    wetlands = _wetlands(rng, rules["land"], terrain)
    _lay_nature(canvas, wetlands, _names(rng, names, "wetlands"))


def _wetlands(rng, rules: dict, terrain: Terrain) -> list[Polygon]:
    """Low ground along the river, on either side."""
    shapes = []
    places = np.linspace(0.42, 0.97, rules["wetlands"]) * terrain.width
    for place in places + rng.normal(0, 900, len(places)):
        middle = np.array([place, float(terrain.bank(place, int(rng.choice([-1, 1]))))])
        shape = blob(
            rng, middle, rng.uniform(1300, 2300), lobes=(0.0, np.pi), roughness=0.25
        )
        strip = terrain.river.buffer(rng.uniform(550, 800))
        shapes.append(shape.intersection(strip))
    return shapes


def lay_glasshouses(
    rng: np.random.Generator, rules: dict, canvas: Canvas, towns: list, names: dict
):
    """Lay blocks of glasshouses side by side, between dunes and main town."""
    main, angle = towns[0], rng.uniform(-0.15, 0.15)
    along = np.array([np.cos(angle), np.sin(angle)])
    inward = np.array([-along[1], along[0]])
    corner = main.centre + step(-0.95 * main.radius - 6200, 0.45 * main.radius)
    for number in range(rules["greenhouse_areas"]):
        size = rules["greenhouse_ha"] * 1e4 * rng.uniform(0.6, 1.3)
        column, row = number % 3, number // 3
        place = corner + along * (column * 1750.0) + inward * (row * 1500.0)
        shape = block(rng, place, (along, inward), (1600, size / 1600))
        zone = Zone(f"{names['glass']} {number + 1}", ("agriculture",), shape,
                    "greenhouse", "greenhouse", angle=angle)  # fmt: skip
        canvas.lay(zone, 2e5, neck=60)


def lay_farmland(rng: np.random.Generator, rules: dict, canvas: Canvas, names: dict):
    """Lay what is left, in polders cut square to the ditches and roads around."""
    laid = shapely.union_all([zone.shape for zone in canvas.zones])
    rest = canvas.ground.difference(laid).simplify(5)
    # Growing back a little less than was taken off leaves room for verges and banks.
    rest = snapped(rest.buffer(-60, quad_segs=2)).buffer(52, quad_segs=2)
    smallest, largest = rules["smallest_ha"] * 1e4, rules["polder_ha"] * 1e4
    pieces: list[Polygon] = []
    for part in parts_of(rest, smallest):
        pieces += split_blocks(rng, part, largest)
    pieces = [piece for piece in pieces if piece.area > smallest]
    labels = _names(rng, names, "polders")
    for piece, label in zip(pieces, labels, strict=False):
        canvas.zones.append(Zone(label, ("agriculture",), piece, "farm", "agriculture"))


def _lay_nature(canvas: Canvas, shapes: list, labels: Iterator[str]) -> None:
    """Lay each shape under the next name; roads and towns may cut it up."""
    for shape in shapes:
        zone = Zone(next(labels), ("nature",), shape, "nature", "nature")
        canvas.lay(zone, 3e5, neck=60)


def _dunes(rng, width: list[float], terrain: Terrain) -> Polygon:
    """Strip behind the beach whose inner edge wanders."""
    levels = np.arange(0, terrain.height + 1, 200.0)
    swing = 0.5 + 0.5 * waves(rng, [2300, 5100, 12000])(levels)
    inner = terrain.coast(levels) + width[0] + (width[1] - width[0]) * swing
    beach = terrain.coast(levels) + 60
    rim = np.vstack([np.c_[beach, levels], np.c_[inner, levels][::-1]])
    port = shapely.union_all(terrain.port_blocks).convex_hull.buffer(700)
    return Polygon(rim).buffer(0).difference(port)


def _forests(rng, rules: dict, terrain: Terrain) -> list[Polygon]:
    """Patches around a few cores on the high ground in the east."""
    size = np.array([terrain.width, terrain.height])
    levels = (np.arange(rules["forests"]) + 0.5) / rules["forests"]
    shapes = []
    for level in levels:
        core = size * [rng.uniform(0.74, 0.95), level + rng.normal(0, 0.06)]
        places = core + rng.normal(0, 1, (rules["patches"], 2)) * rules["forest_reach"]
        for place in places:
            radius = rng.uniform(*rules["forest_radius"])
            lobes = tuple(rng.uniform(0, 2 * np.pi, 2))
            shapes.append(blob(rng, place, radius, lobes=lobes, roughness=0.22))
    parts = parts_of(shapely.union_all(shapes))
    return [piece for part in parts for piece in split_blocks(rng, part, 1.6e7)]


def _names(rng, names: dict, landscape: str) -> Iterator[str]:
    """Names of a landscape in random order, such as "Oude Haverpolder".

    When all are given out, they come back as "Oude Haverpolder 2".
    """
    pair = names["land"][landscape]
    every = [first + last for first in pair["first"] for last in pair["last"]]
    order = rng.permutation(every)
    yield from map(str, order)
    for round_ in count(2):
        yield from (f"{name} {round_}" for name in order)


def open_ground(terrain: Terrain, network: Network, canal_half_width: float):
    """Land free of the corridors of motorways and canals."""
    corridors = [
        shapely.union_all(network.shapes("road", "motorway")).buffer(55, quad_segs=2),
        shapely.union_all(network.shapes("water")).buffer(
            canal_half_width, quad_segs=2
        ),
    ]
    return snapped(terrain.land.difference(shapely.union_all(corridors).simplify(3)))
