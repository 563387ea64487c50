"""Business clusters: where establishments lie close together."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.spatial import Delaunay, QhullError, cKDTree

from .dbscan import components, core_points, nearest_core
from .entropy import diversity
from .ground import HECTARE, QUARTER_SEGMENTS
from .progress import Progress, part, silent
from .threads import in_threads

MANY_MEMBERS = 50
"""From here on it pays to leave discs out that do not show at the edge."""


@dataclass(frozen=True)
class Clusters:
    """Clusters, and which establishment belongs to which.

    Parameters
    ----------
    footprints
        One polygon per cluster, fields as in ``resources/layers.toml``.
    members
        The establishments with ``cluster_id`` (NULL: in no cluster).
    unknown_jobs
        Number of establishments whose jobs are unknown and counted as 0.
    """

    footprints: gpd.GeoDataFrame
    members: gpd.GeoDataFrame
    unknown_jobs: int


def detect_clusters(
    establishments: gpd.GeoDataFrame,
    distance: float = 500.0,
    min_establishments: int = 10,
    min_jobs: float = 0.0,
    group: str = "all",
    progress: Progress = silent,
) -> Clusters:
    """Find clusters of establishments with DBSCAN.

    A point is core when at least ``min_establishments`` points (itself included) and
    ``min_jobs`` jobs lie within ``distance``. Clusters are the connected components
    of core points; a border point joins its nearest core point's cluster, of equally
    near ones that with the smallest ``est_id``. Unknown jobs count 0.

    Parameters
    ----------
    establishments
        Canonical establishments with unique ``est_id``, CRS in metres.
    distance
        In metres, inclusive.
    min_establishments, min_jobs
        What must lie within the distance of a core point.
    group
        Name of the group of activities that is clustered.

    Source
    ------
    Ester, Kriegel, Sander and Xu (1996), A density-based algorithm for discovering
    clusters.
    """
    points = establishments.sort_values("est_id", ignore_index=True)
    xy = shapely.get_coordinates(points.geometry.to_numpy())
    jobs = points["jobs"].fillna(0).to_numpy(float)
    core = core_points(
        xy, jobs, distance, min_establishments, min_jobs, part(progress, 0, 0.4)
    )
    labels = _labels(xy, core, distance, part(progress, 0.4, 0.6))
    points["cluster_id"] = _cluster_ids(labels)
    footprints = _footprints(points, distance / 2, group, part(progress, 0.6, 1))
    return Clusters(footprints, points, int(establishments["jobs"].isna().sum()))


def footprint(points: np.ndarray, radius: float) -> shapely.Geometry:
    """The ground of a cluster: discs round its members, small holes filled.

    A hole is small when it is smaller than one disc: ground that no member is more
    than about two radii away from (aanname).

    Parameters
    ----------
    points
        Coordinates in metres, shape (n, 2).
    radius
        Radius of the discs in metres.
    """
    outer = shapely.points(_outermost(points, radius))
    ground = shapely.union_all(
        shapely.buffer(outer, radius, quad_segs=QUARTER_SEGMENTS)
    )
    tree = cKDTree(points)
    parts = [_with_real_holes(part, tree, radius) for part in _polygons(ground)]
    # A filled hole may have held a part of its own.
    return shapely.union_all(parts)


def _labels(xy, core, distance, progress) -> np.ndarray:
    """Component of every point, −1 for noise."""
    labels = np.full(len(xy), -1)
    where = np.flatnonzero(core)
    labels[where] = components(xy[where], distance, progress)
    others = np.flatnonzero(~core)
    # Rows are sorted by est_id, so the position among the core points is their order.
    nearest = nearest_core(xy[others], xy[where], np.arange(len(where)), distance)
    reached = nearest >= 0
    labels[others[reached]] = labels[where[nearest[reached]]]
    return labels


def _cluster_ids(labels: np.ndarray) -> np.ndarray:
    """Ids from content: in the order of each cluster's smallest member.

    An order by size would tell sizes that may be confidential.
    """
    found, first = np.unique(labels, return_index=True)
    real = found >= 0
    order = np.argsort(first[real])
    digits = max(3, len(str(real.sum())))
    ids = dict.fromkeys(found.tolist())
    for number, at in enumerate(order, start=1):
        ids[int(found[real][at])] = f"C{number:0{digits}d}"
    return np.array([ids[label] for label in labels.tolist()], dtype=object)


def _footprints(points, radius, group, progress) -> gpd.GeoDataFrame:
    members = points[points["cluster_id"].notna()].reset_index(drop=True)
    xy = shapely.get_coordinates(members.geometry.to_numpy())
    by_cluster = members.groupby("cluster_id", sort=True).indices
    rows = list(by_cluster.values())
    shapes = in_threads(lambda own: footprint(xy[own], radius), rows, progress)
    profile = cluster_profile(members)
    frame = gpd.GeoDataFrame(
        profile.rename_axis("cluster_id").reset_index(),
        geometry=shapes,
        crs=points.crs,
    )
    frame["group"] = group
    frame["area_ha"] = frame.area / HECTARE
    return frame


def cluster_profile(members: pd.DataFrame) -> pd.DataFrame:
    """What the clusters consist of.

    ``largest_share`` is the largest employer's share of the cluster's known jobs.

    Parameters
    ----------
    members
        Establishments with ``cluster_id``, ``sbi`` and ``jobs``.

    Returns
    -------
    DataFrame
        Index ``cluster_id``; establishments, jobs (NULL when none are known),
        largest_share, divisions, diversity, divisions_effective.
    """
    jobs = members.groupby("cluster_id", sort=True)["jobs"]
    total = jobs.sum(min_count=1)
    profile = pd.DataFrame(
        {
            "establishments": jobs.size(),
            "jobs": total,
            "largest_share": jobs.max() / total.where(total > 0),
        }
    )
    return profile.join(diversity(members, members["cluster_id"]))


def _outermost(points: np.ndarray, radius: float) -> np.ndarray:
    """Members whose disc shows at the edge of the union.

    The edge of a disc lies inside its Voronoi cell, and the corners of that cell are
    the circumcentres of the Delaunay triangles round the member: the disc shows when
    one of them lies further away than the radius, or when the cell has no end.
    """
    points = _distinct(points)
    if len(points) < MANY_MEMBERS:
        return points
    try:
        delaunay = Delaunay(points)
    except QhullError:  # all on one line
        return points
    corners = points[delaunay.simplices]
    wide = _circumradius(corners) > radius * (1 - 1e-6)
    shown = np.union1d(delaunay.simplices[wide], delaunay.convex_hull)
    return points[shown]


def _distinct(points: np.ndarray) -> np.ndarray:
    """Every place once, sorted."""
    # As complex numbers they are sorted much faster than as rows.
    places = np.unique(points[:, 0] + 1j * points[:, 1])
    return np.column_stack([places.real, places.imag])


def _circumradius(corners: np.ndarray) -> np.ndarray:
    """Radius of the circle through the three corners, shape (n, 3, 2) → (n,)."""
    sides = corners - np.roll(corners, 1, axis=1)
    lengths = np.hypot(sides[..., 0], sides[..., 1])
    twice_area = np.abs(
        sides[:, 0, 0] * sides[:, 1, 1] - sides[:, 0, 1] * sides[:, 1, 0]
    )
    with np.errstate(divide="ignore"):
        return lengths.prod(axis=1) / (2 * twice_area)


def _polygons(geometry: shapely.Geometry) -> np.ndarray:
    parts = shapely.get_parts(geometry)
    return parts[shapely.get_type_id(parts) == shapely.GeometryType.POLYGON]


def _with_real_holes(
    polygon: shapely.Polygon, tree: cKDTree, radius: float
) -> shapely.Polygon:
    """Fill holes smaller than one disc, and those that only left-out discs cover."""
    kept = []
    for ring in polygon.interiors:
        hole = shapely.polygons(ring)
        middle = shapely.get_coordinates(shapely.point_on_surface(hole))[0]
        if hole.area >= np.pi * radius**2 and tree.query(middle)[0] >= radius:
            kept.append(ring)
    return shapely.polygons(polygon.exterior, holes=kept or None)
