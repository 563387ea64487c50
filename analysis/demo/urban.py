"""Built-up areas: centres, shopping streets, districts, special town-edge zones."""

from __future__ import annotations

import numpy as np
import shapely

from ..resources import read_toml
from .canvas import Canvas, Zone
from .lines import Network
from .shapes import blob, block, wedge
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


def lay_towns(rng: np.random.Generator, canvas: Canvas, network: Network, towns: list):
    """Districts of all towns; villages are one low-density district each."""
    roads = shapely.union_all(network.shapes("road", "provincial", "local"))
    for town in towns:
        lobes = _lobes(town, roads)
        if town.village:
            _lay_village(rng, canvas, town, lobes)
        else:
            _lay_town(rng, canvas, town, lobes)


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


def _lay_town(rng, canvas: Canvas, town: Town, lobes: tuple) -> None:
    """City centre, shops, then rings of falling density, large ones in sectors."""
    small = max(260.0, 0.17 * town.radius)
    centre = blob(rng, town.centre, small, roughness=0.16, corners=18)
    zone = Zone(
        f"{town.name} Binnenstad", ("city_centre",), centre, "centre", "city_centre"
    )
    canvas.lay(zone, 2e4)
    _lay_shops(rng, canvas, town)
    sectors = int(np.clip(town.radius / 560, 2, 6))
    rings = [
        ("urban_high", 0.44, max(1, sectors // 3), "Binnenring"),
        ("urban_medium", 0.76, sectors, ""),
        ("urban_low", 1.06, max(2, sectors - 1), "Buiten"),
    ]
    for kind, reach, count, label in rings:
        fingers = lobes if reach > 0.7 else ()
        # Towns grow to one side more than to the other.
        middle = town.centre + rng.normal(0, 0.07, 2) * town.radius
        shape = blob(rng, middle, reach * town.radius, lobes=fingers, corners=52)
        _lay_sectors(rng, canvas, town, shape, (kind, count, label))


def _lay_sectors(rng, canvas: Canvas, town: Town, shape, ring: tuple) -> None:
    kind, count, label = ring
    edges = np.arange(count) * 2 * np.pi / count + rng.uniform(0, 0.6)
    edges = edges + rng.normal(0, 0.12, count)
    ends = np.r_[edges[1:], edges[0] + 2 * np.pi]
    for start, end in zip(edges, ends, strict=True):
        pie = wedge(town.centre, start, end, 4 * town.radius)
        piece = shape.intersection(pie) if count > 1 else shape
        side = SIDES[int(np.round((start + end) / 2 / (np.pi / 4))) % 8]
        name = " ".join(part for part in (town.name, label, side) if part)
        zone = Zone(name, (kind,), piece, "residential", kind)
        canvas.lay(zone, 1.6e5, neck=30)


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
