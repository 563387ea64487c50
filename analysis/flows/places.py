"""In which areas flows lie, where areas may overlap."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely

from ..errors import RefusalError

AREA_IDS = ("area_id", "cluster_id", "zone_id", "region_id")
"""What identifies an area, the first that is there."""


def area_ids(areas: gpd.GeoDataFrame) -> np.ndarray:
    """Ids of areas of any kind, shape (a,).

    Raises
    ------
    RefusalError
        If none of ``AREA_IDS`` is a field, or an id is empty or occurs twice.
    """
    field = next((name for name in AREA_IDS if name in areas), None)
    if field is None:
        raise RefusalError("balance.no_area_id", fields=", ".join(AREA_IDS))
    ids = areas[field]
    if ids.isna().any() or (ids.astype(str).str.strip() == "").any():
        raise RefusalError("balance.area_id_empty", field=field)
    double = ids[ids.duplicated()]
    if len(double):
        raise RefusalError("balance.area_id_double", field=field, example=min(double))
    return ids.to_numpy(object)


def memberships(
    points: gpd.GeoDataFrame, areas: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Which points lie in which areas.

    A point inside several areas is in each of them; one that lies on borders only is
    in the first of the areas that it touches.

    Parameters
    ----------
    points
        Points, CRS in metres.
    areas : ndarray of Polygon, shape (a,)
        In the same CRS, in the order that decides on borders.

    Returns
    -------
    point, area : ndarray of int, shape (m,)
        Places of the pairs, sorted by point, then area.
    """
    places = shapely.get_coordinates(points.geometry.to_numpy())
    # Flows of one actor lie on one spot.
    spots, spot = np.unique(places, axis=0, return_inverse=True)
    at, area = _spots_in(shapely.points(spots), areas)
    count = np.bincount(at, minlength=len(spots))
    start = np.cumsum(count) - count
    spot = spot.reshape(-1)
    point = np.repeat(np.arange(len(places)), count[spot])
    within = np.arange(len(point)) - np.repeat(
        np.cumsum(count[spot]) - count[spot], count[spot]
    )
    return point, area[np.repeat(start[spot], count[spot]) + within]


def _spots_in(spots, areas):
    """Pairs of spot and area, sorted."""
    shapely.prepare(areas)
    tree = shapely.STRtree(areas)
    inside = tree.query(spots, predicate="within")
    touching = tree.query(spots, predicate="intersects")
    touching = touching[:, ~np.isin(touching[0], inside[0])]
    touching = touching[:, np.lexsort(touching[::-1])]
    _, first = np.unique(touching[0], return_index=True)
    pairs = np.concatenate([inside, touching[:, first]], axis=1)
    return pairs[:, np.lexsort(pairs[::-1])]
