"""At which place of a map flows are: in a cluster, a zone, a region, or a square."""

from __future__ import annotations

import re

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from ..regions import region_of
from ..texts import text
from .places import memberships

KINDS = ("cluster", "zone", "region", "square")
CLUSTER, ZONE, REGION, SQUARE = KINDS
SIDE = 5000.0
"""Side of a square in metres (aanname)."""
SQUARE_ID = re.compile(f"{SQUARE}-(-?[0-9]+)-(-?[0-9]+)")


def places_of(
    flows: gpd.GeoDataFrame, members: pd.DataFrame, zones: gpd.GeoDataFrame
) -> np.ndarray:
    """The place of each flow, by an id that starts with its kind.

    An establishment's flows are in its cluster, else in the zone where it lies; what a
    region or zone gives is in that region or zone; the rest is in a square of
    ``SIDE`` metres. A firm in several clusters is in the first by id.

    Parameters
    ----------
    flows
        Canonical flows, CRS in metres.
    members
        ``est_id`` and ``cluster_id``, NULL for a firm in no cluster.
    zones
        Canonical zones in the same CRS.

    Returns
    -------
    ndarray of object, shape (n,)
        ``cluster-…``, ``zone-…``, ``region-…`` or ``square-<km>-<km>`` of the lower
        left corner.
    """
    actor, actors = pd.factorize(flows["actor_id"].astype(object))
    known = _by_actor(actors, members, zones)
    # A flow of nobody has actor -1, the last.
    found = np.array([*map(known.get, actors), None], dtype=object)[actor]
    rest = np.flatnonzero(pd.isna(found))
    found[rest] = _on_ground(flows.iloc[rest], zones)
    return found


def _by_actor(actors, members: pd.DataFrame, zones) -> dict[str, str]:
    """Places of the actors that are a member of a cluster, a region or a zone."""
    inside = members[members["cluster_id"].notna()]
    inside = inside.sort_values("cluster_id", ascending=False)
    pairs = zip(inside["est_id"], inside["cluster_id"], strict=True)
    clusters = {firm: f"{CLUSTER}-{cluster}" for firm, cluster in pairs}
    land = {f"{ZONE}-{zone}" for zone in zones["zone_id"]}
    land |= {each for each in actors if each.startswith(f"{REGION}-")}
    # A firm may be called like a region.
    return {each: each for each in land - {*members["est_id"]}} | clusters


def _on_ground(flows: gpd.GeoDataFrame, zones: gpd.GeoDataFrame) -> np.ndarray:
    """The first zone that a point lies in, else its square."""
    zones = zones.sort_values("zone_id", ignore_index=True)
    at, zone = memberships(flows, zones.geometry.to_numpy())
    squares = (shapely.get_coordinates(flows.geometry.to_numpy()) // SIDE).astype(int)
    squares = squares * int(SIDE) // 1000
    found = np.array([f"{SQUARE}-{x}-{y}" for x, y in squares], dtype=object)
    # The first of several zones is written last.
    ids = zones["zone_id"].to_numpy(object)
    for place, own in zip(at[::-1], zone[::-1], strict=True):
        found[place] = f"{ZONE}-{ids[own]}"
    return found


def place_kind(place: str) -> str:
    """Kind of a place.

    >>> place_kind("zone-A-7")
    'zone'
    """
    return place.partition("-")[0]


def place_names(
    places: np.ndarray,
    clusters: pd.DataFrame,
    zones: pd.DataFrame,
    regions: gpd.GeoDataFrame | None,
    language: str,
) -> dict[str, str]:
    """What places are called.

    Parameters
    ----------
    places
        Ids as :func:`places_of` gives them.
    clusters, zones, regions
        With their id and ``name``.
    language
        ``nl`` or ``en``, for what has no name of its own.
    """
    known = _named(CLUSTER, clusters) | _named(ZONE, zones)
    if regions is not None:
        known |= _named(REGION, regions)
    unique = sorted(set(places))
    squares = [each for each in unique if place_kind(each) == SQUARE]
    known |= dict(zip(squares, _square_names(squares, regions, language), strict=True))
    return {each: known.get(each, each.partition("-")[2]) for each in unique}


def _named(kind: str, layer: pd.DataFrame) -> dict[str, str]:
    ids = layer[f"{kind}_id"].astype(object)
    names = layer["name"].where(layer["name"].notna(), ids)
    return {f"{kind}-{own}": name for own, name in zip(ids, names, strict=True)}


def _square_names(squares: list[str], regions, language: str) -> list[str]:
    """Outskirts of the region that a square's middle is in."""
    if regions is None or not squares:
        return [text("flows.place.outside", language)] * len(squares)
    middles = shapely.points(_middles(squares))
    points = gpd.GeoDataFrame(geometry=middles, crs=regions.crs)
    own = regions.set_index("region_id")["name"]
    return [
        text("flows.place.outside", language)
        if region is None
        else text("flows.place.outskirts", language, region=own[region])
        for region in region_of(points, regions)
    ]


def place_points(
    places: np.ndarray,
    clusters: gpd.GeoDataFrame,
    zones: gpd.GeoDataFrame,
    regions: gpd.GeoDataFrame | None,
) -> dict[str, shapely.Point]:
    """A point in each place, whoever is there.

    Parameters
    ----------
    places
        Ids as :func:`places_of` gives them.
    clusters, zones, regions
        Polygons with their id, in one CRS in metres.
    """
    known = _points(CLUSTER, clusters) | _points(ZONE, zones)
    if regions is not None:
        known |= _points(REGION, regions)
    squares = [each for each in set(places) if place_kind(each) == SQUARE]
    known |= dict(zip(squares, shapely.points(_middles(squares)), strict=True))
    return {each: known[each] for each in sorted(set(places) & set(known))}


def _points(kind: str, layer: gpd.GeoDataFrame) -> dict[str, shapely.Point]:
    ids = layer[f"{kind}_id"].astype(object)
    points = shapely.point_on_surface(layer.geometry.to_numpy())
    return {f"{kind}-{own}": point for own, point in zip(ids, points, strict=True)}


def _middles(squares: list[str]) -> np.ndarray:
    corners = [re.fullmatch(SQUARE_ID, each).groups() for each in squares]
    return np.array(corners, float).reshape(-1, 2) * 1000 + SIDE / 2
