"""Single sites: junctions, stations, quays, plants, knowledge and reuse."""

from __future__ import annotations

import numpy as np
import shapely
import shapely.ops
from shapely import Point

from ..resources import read_toml
from .canvas import Canvas, Zone
from .lines import Network
from .towns import Town


class _Book:
    """Rows of the table of facilities, in the order in which they are noted."""

    def __init__(self, rng: np.random.Generator):
        self.rng, self.rows = rng, []

    def note(self, kind: str, name: str, place, size: tuple = (np.nan, "")) -> None:
        """Add a row; ``size`` is the capacity and its unit."""
        capacity = float(f"{size[0]:.2g}")  # nobody knows these to the last tonne
        row = {"name": name, "kind": kind, "capacity": capacity, "unit": size[1]}
        self.rows.append({**row, "geometry": Point(place)})

    def inside(self, zone: Zone) -> np.ndarray:
        """Draw a place (2,) in the inner part of ``zone``."""
        inner = zone.shape.buffer(-0.12 * np.sqrt(zone.shape.area))
        shape = zone.shape if inner.is_empty else inner
        low, high = np.array(shape.bounds[:2]), np.array(shape.bounds[2:])
        points = self.rng.uniform(low, high, (200, 2))
        points = points[shapely.contains_xy(shape, *points.T)]
        middle = shapely.get_coordinates(shape.representative_point())
        return np.vstack([points, middle])[0]


def make_facilities(
    rng: np.random.Generator, canvas: Canvas, network: Network, towns: list[Town]
) -> list[dict]:
    """Rows with name, kind, capacity, unit and geometry."""
    book, sites = _Book(rng), read_toml("demo", "sites.toml")
    _transport(book, canvas, network, towns)
    waters = shapely.union_all(network.shapes("water"))
    for site in sites["zone_site"]:
        _zone_sites(book, site, canvas, waters)
    parks = _zones(canvas, "business_park", "waste")
    for town in towns:
        _town_sites(book, sites["town_site"], parks, town)
    return book.rows


def _zones(canvas: Canvas, *kinds: str) -> list[Zone]:
    return [
        zone
        for zone in canvas.zones
        if set(kinds) & set(zone.kinds) or zone.environment in kinds
    ]


def _transport(book: _Book, canvas: Canvas, network: Network, towns: list) -> None:
    """Note junctions, stations and rail terminals."""
    for place, name in zip(network.junctions, network.junction_names, strict=True):
        book.note("motorway_junction", f"Afrit {name}", place)
    rails = shapely.union_all(network.shapes("rail", "passenger_rail"))
    for town in towns:
        spot = shapely.ops.nearest_points(rails, Point(town.centre))[0]
        if spot.distance(Point(town.centre)) < max(0.5 * town.radius, 700):
            size = (0.08 * town.inhabitants, "reizigers/dag")
            book.note("station", f"Station {town.name}", spot, size)
    freight = network.shapes("rail", "freight_rail")[0]
    zones = _zones(canvas, "sea_port", "business_park")
    near = [zone for zone in zones if zone.shape.distance(freight) < 450]
    for zone in near[1::3][:5]:
        place = shapely.ops.nearest_points(zone.shape, freight)[0]
        size = (book.rng.uniform(4e4, 4e5), "TEU/jaar")
        book.note("rail_terminal", f"Railterminal {zone.name}", place, size)


def _zone_sites(book: _Book, site: dict, canvas: Canvas, waters) -> None:
    """Note the sites of one entry, in the zones it asks for."""
    zones = sorted(_zones(canvas, *site["zones"]), key=lambda zone: -zone.shape.area)
    bounds = np.log(site["capacity"])
    for zone in zones[slice(*site["which"])]:
        place = book.inside(zone)
        if site.get("place") == "water":
            place = shapely.ops.nearest_points(zone.shape, waters)[0]
        size = (np.exp(book.rng.uniform(*bounds)), site["unit"])
        book.note(site["kind"], site["label"].format(zone=zone.name), place, size)


def _town_sites(book: _Book, sites: list[dict], parks: list[Zone], town: Town) -> None:
    """Note what a town needs, in the parks nearest to it."""
    centre = Point(town.centre)
    near = sorted(parks, key=lambda zone: zone.shape.distance(centre))
    for site in sites:
        if town.rank > site["last_rank"]:
            continue
        size = (site["for_each"] * town.inhabitants, site["unit"])
        name = site["label"].format(town=town.name)
        book.note(site["kind"], name, book.inside(near[site["park"]]), size)
    if 1 < town.rank < 6:
        place = town.centre + book.rng.normal(0, 0.15 * town.radius, 2)
        size = (0.06 * town.inhabitants, "studenten")
        book.note("knowledge", f"Hogeschool {town.name}", place, size)
