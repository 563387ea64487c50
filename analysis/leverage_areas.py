"""Spatial leverage areas: zones where modes and clusters come together."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from .entropy import diversity
from .errors import RefusalError
from .ground import HECTARE
from .grouping import positions_by
from .progress import Progress, part, silent
from .shapes import united
from .threads import copies, in_pairs, in_threads, patiently
from .vocabulary import ZONE_KINDS

SHARED_GROUND = 1.0
"""Square metres; less is rounding along a shared edge."""


@dataclass(frozen=True)
class LeverageAreas:
    """Leverage areas, and what was left out on the way.

    Parameters
    ----------
    areas
        Fields of ``leverage_areas`` in ``resources/layers.toml``.
    dropped
        Number of parts that were smaller than the smallest area.
    excluded_ha
        Hectares of the zones that constraints excluded.
    overlap_ha
        Hectares that belong to more than one area, counted once per extra area.
    """

    areas: gpd.GeoDataFrame
    dropped: int
    excluded_ha: float
    overlap_ha: float


def leverage_areas(
    zones: gpd.GeoDataFrame,
    clusters: gpd.GeoDataFrame,
    corridors: gpd.GeoDataFrame,
    establishments: gpd.GeoDataFrame | None = None,
    constraints: gpd.GeoDataFrame | None = None,
    min_modes: int = 2,
    cluster_reach: float = 0.0,
    min_area: float = 1.0,
    progress: Progress = silent,
) -> LeverageAreas:
    """Find the leverage areas.

    Zone, less excluding constraints, ∩ multimodal corridor → dissolved per zone →
    split into parts connected by an edge → a part is kept whole when a cluster lies
    within ``cluster_reach`` → dropped below ``min_area``.

    Parameters
    ----------
    zones, clusters, corridors
        Canonical zones, cluster footprints and multimodal pieces; one CRS in metres.
    establishments
        Counted by position inside the area; None leaves the counts NULL.
    constraints
        Canonical constraints; those with effect ``exclude`` are cut from the zones.
    min_modes
        Lowest number of modes of a corridor piece that counts.
    cluster_reach
        Furthest distance between area and cluster in metres; 0 means touching.
    min_area
        Smallest area in hectares.
    """
    ground, excluded_ha = _free_ground(zones, constraints, part(progress, 0, 0.3))
    pieces = corridors[corridors["mode_count"] >= min_modes].reset_index(drop=True)
    shares = _shares(ground, pieces, part(progress, 0.3, 0.5))
    parts = _parts(ground, shares, part(progress, 0.5, 0.7))
    parts["cluster_ids"] = _clusters_near(parts, clusters, cluster_reach)
    parts = parts[parts["cluster_ids"] != ""]
    large = parts.area >= min_area * HECTARE
    areas = parts[large].reset_index(drop=True)
    areas = _with_modes(areas, shares, pieces)
    progress(0.8)
    areas = _named(areas, zones)
    areas = patiently(partial(_counted, areas, establishments), partial(progress, 0.8))
    overlap_ha = _overlap(areas, part(progress, 0.9, 1))
    return LeverageAreas(areas, int((~large).sum()), excluded_ha, overlap_ha)


def zones_of_kinds(zones: gpd.GeoDataFrame, kinds: str | None) -> gpd.GeoDataFrame:
    """Zones of which at least one kind is among those asked for.

    Parameters
    ----------
    zones
        Canonical zones.
    kinds
        Kinds joined by ``;``; None or empty keeps all zones.

    Raises
    ------
    RefusalError
        If a kind does not exist.
    """
    wanted = {kind.strip() for kind in (kinds or "").split(";") if kind.strip()}
    unknown = sorted(wanted - set(ZONE_KINDS))
    if unknown:
        raise RefusalError(
            "messages.zone_kinds_unknown",
            kinds=", ".join(unknown),
            known=", ".join(ZONE_KINDS),
        )
    if not wanted:
        return zones
    own = zones["kinds"].fillna("").str.split(";")
    return zones[own.map(lambda names: bool(wanted & set(names)))]


def establishments_inside(
    areas: gpd.GeoDataFrame, establishments: gpd.GeoDataFrame
) -> pd.DataFrame:
    """Number, jobs and diversity of the establishments inside each area.

    Parameters
    ----------
    areas
        Polygons, index from 0.
    establishments
        Canonical establishments in the same CRS. One on an edge counts as inside.

    Returns
    -------
    DataFrame
        Same index; ``establishments``, ``jobs`` (NULL when there are establishments
        but the jobs of none are known) and ``diversity``.
    """
    area, point = _inside(areas, establishments)
    inside = establishments.iloc[point].reset_index(drop=True)
    groups = pd.Series(area)
    jobs = inside["jobs"].groupby(groups)
    table = pd.DataFrame(
        {"establishments": jobs.size(), "jobs": jobs.sum(min_count=1)}
    ).join(diversity(inside, groups)["diversity"])
    table = table.reindex(areas.index)
    none = table["establishments"].isna()
    table.loc[none, ["establishments", "jobs"]] = 0.0
    return table


def actors_inside(
    areas: gpd.GeoDataFrame, establishments: gpd.GeoDataFrame
) -> pd.DataFrame:
    """The establishments inside each area, one row per pair.

    Parameters
    ----------
    areas, establishments
        As in :func:`establishments_inside`; the areas with ``area_id``.

    Returns
    -------
    DataFrame
        ``area_id``, ``est_id``, ``sbi`` and ``jobs``.
    """
    area, point = _inside(areas, establishments)
    fields = ["est_id", "sbi", "jobs"]
    pairs = pd.DataFrame(establishments[fields]).iloc[point].reset_index(drop=True)
    return pd.DataFrame({"area_id": areas["area_id"].to_numpy()[area]}).join(pairs)


def _inside(areas, establishments) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of an area and an establishment in it or on its edge."""
    shapely.prepare(areas.geometry.to_numpy())
    tree = shapely.STRtree(establishments.geometry.to_numpy())
    return tree.query(areas.geometry.to_numpy(), predicate="intersects")


def _free_ground(zones, constraints, progress) -> tuple[gpd.GeoDataFrame, float]:
    """Zones less what is excluded, and the hectares that this takes away."""
    ground = zones[["zone_id", "geometry"]].reset_index(drop=True)
    if constraints is None or not (constraints["effect"] == "exclude").any():
        return ground, 0.0
    excluding = constraints.loc[constraints["effect"] == "exclude", "geometry"]
    excluding = excluding.to_numpy()
    before = ground.area.sum()
    shapes = ground.geometry.to_numpy().copy()
    zone, hit = shapely.STRtree(excluding).query(shapes, predicate="intersects")
    shapely.prepare(excluding)
    gone = np.unique(zone[shapely.covers(excluding[hit], shapes[zone])])
    shapes[gone] = shapely.Polygon()
    left = ~np.isin(zone, gone)
    zone, hit = zone[left], hit[left]

    def free(pair: tuple[int, np.ndarray]) -> shapely.Geometry:
        at, rows = pair
        taken = united(copies(excluding[hit[rows]]))
        return shapely.difference(shapes[at], taken)

    pairs = list(positions_by(zone))
    shapes[[at for at, _ in pairs]] = in_threads(free, pairs, progress)
    ground = ground.set_geometry(gpd.GeoSeries(shapes, crs=zones.crs))
    return ground, float(before - ground.area.sum()) / HECTARE


def _shares(
    ground: gpd.GeoDataFrame, pieces: gpd.GeoDataFrame, progress: Progress
) -> gpd.GeoDataFrame:
    """Polygons that a zone and a piece share, with the rows of both."""
    shapes, corridor = ground.geometry.to_numpy(), pieces.geometry.to_numpy()
    shapely.prepare(shapes)
    zone, piece = shapely.STRtree(corridor).query(shapes, predicate="intersects")
    common = copies(corridor[piece])
    cut = ~shapely.contains_properly(shapes[zone], common)
    common[cut] = in_pairs(
        shapely.intersection, shapes[zone[cut]], common[cut], progress
    )
    polygons, pair = shapely.get_parts(common, return_index=True)
    solid = shapely.get_type_id(polygons) == shapely.GeometryType.POLYGON
    rows = {"zone": zone[pair[solid]], "piece": piece[pair[solid]]}
    return gpd.GeoDataFrame(rows, geometry=polygons[solid], crs=ground.crs)


def _parts(
    ground: gpd.GeoDataFrame, shares: gpd.GeoDataFrame, progress: Progress
) -> gpd.GeoDataFrame:
    """Ground inside the corridors, dissolved per zone, one row per connected part."""
    polygons = shares.geometry.to_numpy()
    zones, groups = [], []
    for zone, rows in positions_by(shares["zone"].to_numpy()):
        zones.append(zone)
        groups.append(polygons[rows])
    dissolved = in_threads(united, groups, progress)
    parts, zone = shapely.get_parts(dissolved, return_index=True)
    zone = np.array(zones, dtype=int)[zone]
    names = ground["zone_id"].to_numpy()[zone]
    return gpd.GeoDataFrame(
        {"zone": zone, "zone_id": names}, geometry=parts, crs=ground.crs
    )


def _clusters_near(parts, clusters, reach) -> np.ndarray:
    """Ids of the clusters within reach of every part, joined by ``;``."""
    near = np.full(len(parts), "", dtype=object)
    tree = shapely.STRtree(clusters.geometry.to_numpy())
    shapes = parts.geometry.to_numpy()
    if reach > 0:
        part, cluster = tree.query(shapes, predicate="dwithin", distance=reach)
    else:
        part, cluster = tree.query(shapes, predicate="intersects")
    ids = clusters["cluster_id"].to_numpy()
    for at, rows in positions_by(part):
        near[at] = ";".join(sorted(ids[cluster[rows]]))
    return near


def _with_modes(
    areas: gpd.GeoDataFrame, shares: gpd.GeoDataFrame, pieces: gpd.GeoDataFrame
) -> gpd.GeoDataFrame:
    """Most modes in one place, all modes that reach the area, and their number."""
    area, piece = _reaching(areas, shares)
    counts = pieces["mode_count"].to_numpy()
    sets = pieces["modes"].str.split(",").to_numpy()
    most, names = np.zeros(len(areas)), np.full(len(areas), "", dtype=object)
    number = np.zeros(len(areas))
    for at, rows in positions_by(area):
        modes = sorted(set().union(*sets[piece[rows]]))
        most[at] = counts[piece[rows]].max()
        names[at], number[at] = ",".join(modes), len(modes)
    areas = areas.assign(modes=names, mode_count=most, modes_any=number)
    return areas.drop(columns="zone")


def _reaching(areas, shares) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of an area and a piece with more than a square metre of it."""
    middles = shapely.point_on_surface(shares.geometry.to_numpy())
    share, area = shapely.STRtree(areas.geometry.to_numpy()).query(
        middles, predicate="intersects"
    )
    own = shares["zone"].to_numpy()[share] == areas["zone"].to_numpy()[area]
    share, area = share[own], area[own]
    pairs = pd.DataFrame({"area": area, "piece": shares["piece"].to_numpy()[share]})
    ground = shares.area.to_numpy()[share]
    total = pd.Series(ground).groupby([pairs["area"], pairs["piece"]]).sum()
    reaching = total[total > SHARED_GROUND].index
    return tuple(reaching.get_level_values(level).to_numpy() for level in (0, 1))


def _named(areas: gpd.GeoDataFrame, zones: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Ids and names from the zone; the parts of a zone are numbered, largest first."""
    areas["area_ha"] = areas.area / HECTARE
    place = areas.geometry.bounds.round(3)
    keys = pd.concat([areas[["zone_id"]], -areas[["area_ha"]].round(6), place], axis=1)
    areas = areas.loc[keys.sort_values(list(keys.columns)).index]
    number = areas.groupby("zone_id").cumcount() + 1
    several = areas.groupby("zone_id")["zone_id"].transform("size") > 1
    details = zones.drop_duplicates("zone_id").set_index("zone_id")
    name = areas["zone_id"].map(details["name"]).fillna(areas["zone_id"])
    name = name.astype(object)  # also when there is no area at all
    areas["name"] = name.where(~several, name + " (" + number.astype(str) + ")")
    areas["zone_kinds"] = areas["zone_id"].map(details["kinds"])
    areas["area_id"] = areas["zone_id"] + "-" + number.astype(str)
    return areas.sort_values("area_id", ignore_index=True)


def _counted(areas, establishments) -> gpd.GeoDataFrame:
    fields = ["establishments", "jobs", "diversity"]
    if establishments is None:
        return areas.assign(**dict.fromkeys(fields, np.nan))
    return areas.join(establishments_inside(areas, establishments)[fields])


def _overlap(areas: gpd.GeoDataFrame, progress: Progress) -> float:
    """Hectares of ground that areas share, counted once per extra area."""
    shapes = areas.geometry.to_numpy()
    one, other = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    earlier = one < other
    common = in_pairs(
        shapely.intersection, shapes[one[earlier]], shapes[other[earlier]], progress
    )
    solid = shapely.area(common) > 0
    common, other = common[solid], other[earlier][solid]
    # What an area shares with those before it, however many of them share it.
    shared = [united(common[rows]).area for _, rows in positions_by(other)]
    return float(sum(shared)) / HECTARE
