"""Built-up areas: centres, shopping streets, districts, special town-edge zones."""

from __future__ import annotations

from itertools import cycle

import numpy as np
import shapely
from shapely import Polygon

from ..progress import Progress
from ..resources import read_toml
from .canvas import Canvas, Zone
from .lines import Network
from .shapes import blob, block, parts_of, split_blocks, step, stretched
from .towns import Town

SIDES = [
    "Oost",
    "Noordoost",
    "Noord",
    "Noordwest",
    "West",
    "Zuidwest",
    "Zuid",
    "Zuidoost",
]
DENSITIES = ("urban_high", "urban_medium", "urban_low")


def lay_towns(
    rng: np.random.Generator,
    rules: dict,
    canvas: Canvas,
    network: Network,
    towns: list[Town],
    tell: Progress,
):
    """Districts of all towns; villages are one low-density district each."""
    roads = shapely.union_all(network.shapes("road", "provincial", "local"))
    for number, town in enumerate(towns):
        tell(number / len(towns))
        lobes = _lobes(town, roads)
        if town.village:
            _lay_village(rng, canvas, town, lobes)
        else:
            _lay_town(rng, rules, canvas, town, lobes)


def lay_special(rng: np.random.Generator, canvas: Canvas, towns: list[Town]):
    """Campus, landfill, waste zones and brownfields in and beside the towns."""
    for row in read_toml("demo", "special.toml")["zones"]:
        town = towns[row["rank"] - 1]
        size = row["hectares"] * 1e4 * rng.uniform(0.8, 1.2)
        room = _room_beside(rng, canvas, town, row["reach"], size)
        if room is None:
            continue
        shape, angle = room
        canvas.zones.append(
            Zone(
                row["name"].format(town=town.name), tuple(row["kinds"]), shape,
                row["environment"], "business_park", angle=angle,
                category=row.get("category"), share_free=row.get("free", np.nan),
                managed=row["environment"] == "campus" or None,
            )
        )  # fmt: skip


def _room_beside(rng, canvas: Canvas, town: Town, reach: float, size: float):
    """Block of ``size`` m2 at ``reach`` radii from a town's centre, and its angle."""
    for _ in range(60):
        angle = rng.uniform(0, 2 * np.pi)
        away = np.array([np.cos(angle), np.sin(angle)])
        along = np.array([-away[1], away[0]])
        length = np.sqrt(size * rng.uniform(1.1, 1.8))
        anchor = town.centre + away * town.radius * reach
        shape = block(rng, anchor, (along, away), (length, 1.15 * size / length))
        if canvas.fits(shape, 30.0):
            return shape, angle + np.pi / 2
    return None


def _lobes(town: Town, roads) -> tuple[float, ...]:
    """Angles at which roads leave a town: it grows outwards along them."""
    ring = shapely.Point(town.centre).buffer(town.radius).exterior
    points = shapely.get_coordinates(roads.intersection(ring))
    return tuple(np.arctan2(*(points - town.centre).T[::-1]))


def _lay_village(rng, canvas: Canvas, town: Town, lobes: tuple) -> None:
    shape = blob(rng, town.centre, town.radius, lobes=lobes, roughness=0.16, corners=22)
    zone = Zone(town.name, ("urban_low",), shape, "residential", "urban_low")
    canvas.lay(zone, 8e4, neck=25)


def _lay_town(rng, rules: dict, canvas: Canvas, town: Town, lobes: tuple) -> None:
    """City centre, shops, then districts; the older and denser lie further inside."""
    small = max(300.0, 0.18 * town.radius)
    centre = blob(rng, town.centre, small, roughness=0.16, corners=18)
    zone = Zone(
        f"{town.name} Binnenstad", ("city_centre",), centre, "centre", "city_centre"
    )
    canvas.lay(zone, 2e4)
    _lay_shops(rng, canvas, town)
    names = read_toml("demo", "names.toml")["districts"]
    labels = {kind: cycle(rng.permutation(names[kind])) for kind in names}
    for piece in _districts(rng, rules, town, lobes):
        away = np.hypot(*(np.array(piece.centroid.coords[0]) - town.centre))
        depth = away / town.radius + rng.normal(0, rules["district_noise"])
        kind = DENSITIES[int(np.searchsorted(rules["district_depths"], depth))]
        zone = Zone(f"{town.name} {next(labels[kind])}", (kind,), piece, "residential",
                    kind)  # fmt: skip
        canvas.lay(zone, 1.2e5, neck=30)


def _districts(rng, rules: dict, town: Town, lobes: tuple) -> list[Polygon]:
    """Districts of a town, which grew along its roads, and of its wings beyond."""
    # Towns grow to one side more than to the other.
    middle = town.centre + rng.normal(0, 0.12, 2) * town.radius
    body = blob(rng, middle, town.radius, lobes=lobes, roughness=0.17, corners=60)
    factor = rng.uniform(*rules["stretch"])
    shapes = [stretched(body, town.centre, rng.uniform(0, np.pi), factor)]
    for _ in range(int(town.inhabitants / rules["wing_from"])):
        angle, reach = rng.uniform(0, 2 * np.pi), rng.uniform(1.25, 1.7)
        place = town.centre + reach * town.radius * step(np.cos(angle), np.sin(angle))
        shapes.append(blob(rng, place, rng.uniform(500, 950), roughness=0.2))
    small, large = rules["districts_ha"]
    size = np.interp(town.inhabitants, [2e4, rules["largest"]], [small, large]) * 1e4
    parts = parts_of(shapely.union_all(shapes))
    return [piece for part in parts for piece in split_blocks(rng, part, size)]


def _lay_shops(rng, canvas: Canvas, town: Town) -> None:
    """District shopping centres, more of them in larger towns."""
    for number in range(int(np.clip(town.radius / 800, 1, 5))):
        angle = rng.uniform(0, 2 * np.pi)
        away = np.array([np.cos(angle), np.sin(angle)])
        place = town.centre + away * town.radius * rng.uniform(0.3, 0.62)
        length = rng.uniform(240, 420)
        shape = block(
            rng, place, (away, np.array([-away[1], away[0]])), (length, 0.6 * length)
        )
        side = SIDES[int(np.round(angle / (np.pi / 4))) % 8]
        label = (
            f"Winkelcentrum {town.name} {side}" if number else f"Winkelhart {town.name}"
        )
        zone = Zone(
            label, ("retail_core",), shape, "centre", "retail_core", angle=angle
        )
        canvas.lay(zone, 2e4)
