"""One site, once: which facility is which establishment."""

from __future__ import annotations

from functools import cache

import geopandas as gpd
import numpy as np
import shapely

from ..resources import read_csv

Prefixes = dict[str, tuple[str, ...]]


@cache
def activities_of_kinds() -> Prefixes:
    """Beginnings of the activity codes that fit a kind of facility."""
    return {
        row["kind"]: tuple(row["sbi"].split("|"))
        for row in read_csv("flows", "facility_activities.csv")
    }


def same_site(
    facilities: gpd.GeoDataFrame,
    establishments: gpd.GeoDataFrame,
    distance: float,
    activities: Prefixes | None = None,
) -> np.ndarray:
    """The establishment that each facility is.

    A facility is an establishment within the distance whose activity fits its kind:
    the nearest, of equally near ones that with the smallest id. Facilities of one kind
    at one point are one site. A site is one establishment and an establishment one
    site: where two sites want it the nearest has it, of equally near ones that of the
    smallest ``facility_id``, and the other takes the next.

    Parameters
    ----------
    facilities, establishments
        Canonical layers in one CRS, in metres.
    distance
        In metres, inclusive.
    activities
        By kind, the beginnings of activity codes; the shipped ones if not given. A kind
        that is not there is never an establishment.

    Returns
    -------
    ndarray of object, shape (n,)
        ``est_id`` per facility, None where it is none.
    """
    fitting = activities_of_kinds() if activities is None else activities
    site, places, kinds, ids = _sites(facilities)
    points = establishments.geometry.to_numpy()
    firms = establishments["est_id"].to_numpy(object)
    codes = establishments["sbi"].to_numpy(object)
    number, firm = shapely.STRtree(points).query(
        places, predicate="dwithin", distance=distance
    )
    apart = shapely.distance(places[number], points[firm])
    wishes = sorted(
        (metres, firms[firm_at], ids[site_at], site_at)
        for metres, firm_at, site_at in zip(apart, firm, number, strict=True)
        if str(codes[firm_at] or "").startswith(fitting.get(kinds[site_at], ("-",)))
    )
    taken: dict[int, str] = {}
    gone: set[str] = set()
    for _, est_id, _, site_at in wishes:
        if site_at not in taken and est_id not in gone:
            taken[site_at] = est_id
            gone.add(est_id)
    return np.array([taken.get(each) for each in site], dtype=object)


def sites(facilities: gpd.GeoDataFrame) -> np.ndarray:
    """Number of the site of each facility: same kind, same point; shape (n,)."""
    return _sites(facilities)[0]


def _sites(facilities: gpd.GeoDataFrame):
    """Site of each facility; point, kind and smallest id of each site."""
    points = facilities.geometry.to_numpy()
    x, y = shapely.get_x(points), shapely.get_y(points)
    keys = facilities[["kind", "facility_id"]].assign(x=x, y=y, point=points)
    groups = keys.groupby(["kind", "x", "y"], sort=True)
    first = groups.agg(point=("point", "first"), facility_id=("facility_id", "min"))
    kinds = first.index.get_level_values("kind").to_numpy(object)
    ids = first["facility_id"].to_numpy(object)
    return groups.ngroup().to_numpy(), first["point"].to_numpy(object), kinds, ids
