"""Areas where new industry is unwanted or has a price."""

from __future__ import annotations

import numpy as np
import shapely

from .canvas import Canvas
from .shapes import blob, parts_of, step
from .terrain import Terrain
from .towns import Town


def make_constraints(
    rng: np.random.Generator,
    canvas: Canvas,
    terrain: Terrain,
    towns: list[Town],
    regions: list,
) -> list[dict]:
    """Rows with kind, effect and geometry."""
    rows: list[dict] = []
    nature = canvas.shapes("nature")
    _note(rows, "nature", "exclude", nature)
    homes = canvas.shapes("urban_high", "urban_medium", "urban_low", "city_centre")
    _note(
        rows,
        "housing",
        "penalise",
        parts_of(shapely.union_all(homes).buffer(30).buffer(-30)),
    )
    _note(rows, "flood", "penalise", _flood(rng, terrain))
    _note(rows, "drinking_water", "exclude", _wells(rng, nature, terrain))
    _note(rows, "grid", "penalise", [regions[2], regions[6]])
    homes_near_port = [town.centre for town in towns if not town.village][4]
    noise = blob(rng, homes_near_port + step(0, 2500), 1500, lobes=(0.0, np.pi))
    _note(rows, "other", "penalise", parts_of(noise.intersection(terrain.land)))
    return rows


def _note(rows: list[dict], kind: str, effect: str, shapes: list) -> None:
    rows += [{"kind": kind, "effect": effect, "geometry": shape} for shape in shapes]


def _flood(rng, terrain: Terrain) -> list:
    """Low ground outside the dikes and the deepest polders along the rivers."""
    strip = terrain.river.buffer(750).union(terrain.tributary.buffer(480))
    places = rng.uniform(0.45, 0.95, 4) * terrain.width
    pits = []
    for place, side in zip(places, (-1, 1, -1, 1), strict=True):
        low = step(place, float(terrain.bank(place, side)) + side * 2200)
        pits.append(blob(rng, low, 2300, roughness=0.2))
    west = shapely.box(terrain.port_start + 14000, 0, terrain.width, terrain.height)
    low = (
        shapely.union_all([strip, *pits]).intersection(terrain.land).intersection(west)
    )
    return parts_of(low, 3e4)


def _wells(rng, nature: list, terrain: Terrain) -> list:
    """Protection areas around wells in the dunes and on the sandy ground."""
    largest = sorted(nature, key=lambda shape: -shape.area)[1:6:2]
    wells = [
        blob(rng, np.array(shape.centroid.coords[0]), rng.uniform(1000, 1700))
        for shape in largest
    ]
    return parts_of(shapely.intersection(wells, terrain.land), 1e5)
