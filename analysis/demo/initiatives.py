"""Initiatives: what is going on already, or planned, at some of the facilities."""

from __future__ import annotations

import shapely
from shapely import Point

from ..resources import read_toml
from .towns import Town


def make_initiatives(facilities: list[dict], towns: list[Town]) -> list[dict]:
    """Rows with name, kind, status, source and geometry."""
    rows = []
    for entry in read_toml("demo", "initiatives.toml")["initiative"]:
        sites = [each for each in facilities if each["kind"] == entry["at"]]
        if not sites:
            continue
        place = sites[entry["which"] % len(sites)]["geometry"]
        row = {key: entry[key] for key in ("kind", "status", "source")}
        name = entry["name"].format(town=_nearest(towns, place))
        rows.append({"name": name, **row, "geometry": place})
    return rows


def _nearest(towns: list[Town], place: Point) -> str:
    """Name of the town whose centre is nearest; villages don't count."""
    main = [town for town in towns if not town.village]
    return min(main, key=lambda town: shapely.distance(Point(town.centre), place)).name
