"""Business clusters: where establishments lie close together."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.spatial import Delaunay, QhullError, cKDTree

from .cluster_profile import activity_cells, cluster_figures, cluster_names
from .dbscan import components, core_points, covering, nearest_core
from .ground import HECTARE, QUARTER_SEGMENTS
from .groupings import ALL, Grouping, group_rows, shipped_grouping
from .progress import Progress, part, silent
from .shapes import united
from .threads import in_threads

INNER = np.cos(np.pi / (4 * QUARTER_SEGMENTS))
"""What of its radius lies within a disc that is drawn with straight segments."""
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
        The establishments with ``group`` and ``cluster_id`` (NULL: in none), once for
        every group they belong to.
    cells
        Establishments and jobs of each cluster by division.
    unknown_jobs
        Number of establishments whose jobs are unknown and counted as 0.
    """

    footprints: gpd.GeoDataFrame
    members: gpd.GeoDataFrame
    cells: pd.DataFrame
    unknown_jobs: int

    @property
    def ungrouped(self) -> int:
        """Number of establishments that belong to no group."""
        return int(self.members["group"].isna().sum())

    def remarks(self) -> list[tuple[str, dict]]:
        """Keys and values of sentences on what was unknown or left out."""
        remarks = []
        if self.unknown_jobs:
            remarks.append(("messages.jobs_unknown", {"count": self.unknown_jobs}))
        if self.ungrouped:
            remarks.append(("messages.ungrouped", {"count": self.ungrouped}))
        return remarks


def detect_clusters(
    establishments: gpd.GeoDataFrame,
    distance: float = 500.0,
    min_establishments: int = 10,
    min_jobs: float = 0.0,
    grouping: Grouping | None = None,
    regions: gpd.GeoDataFrame | None = None,
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
    grouping
        The establishments of each group are clustered by themselves; None takes all
        together.
    regions
        Canonical regions in the same CRS, after which the clusters are called; None
        calls them by their ids.

    Source
    ------
    Ester, Kriegel, Sander and Xu (1996), A density-based algorithm for discovering
    clusters.
    """
    points = establishments.sort_values("est_id", ignore_index=True)
    rows = group_rows(points["sbi"], grouping or shipped_grouping(ALL))
    rows = rows.sort_values(["group", "row"], ignore_index=True)
    limits = (distance, min_establishments, min_jobs)
    labels = _labels_by_group(points, rows, limits, part(progress, 0, 0.6))
    rows["cluster_id"] = _cluster_ids(labels)
    members = _members(points, rows)
    inside = members[members["cluster_id"].notna()].reset_index(drop=True)
    footprints = _footprints(inside, distance / 2, part(progress, 0.6, 1))
    footprints["name"] = _names(footprints["cluster_id"], inside, regions)
    unknown = int(establishments["jobs"].isna().sum())
    return Clusters(footprints, members, activity_cells(inside), unknown)


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
    # To move one disc about is faster than to draw as many.
    disc = shapely.buffer(shapely.Point(0, 0), radius, quad_segs=QUARTER_SEGMENTS)
    outlines = _outermost(points, radius)[:, None] + shapely.get_coordinates(disc)
    ground = shapely.union_all(shapely.polygons(outlines))
    parts = [_with_real_holes(part, points, radius) for part in _polygons(ground)]
    # A filled hole may have held a part of its own.
    return united(parts)


def _labels_by_group(points, rows, limits, progress) -> np.ndarray:
    """Component of every row, −1 for noise; no two groups share one."""
    xy = shapely.get_coordinates(points.geometry.to_numpy())
    jobs = points["jobs"].fillna(0).to_numpy(float)
    labels = np.full(len(rows), -1)
    groups = rows.groupby("group", sort=True).indices
    for place, own in enumerate(groups.values()):
        told = part(progress, place / len(groups), (place + 1) / len(groups))
        at = rows["row"].to_numpy()[own]
        core = core_points(xy[at], jobs[at], *limits, part(told, 0, 2 / 3))
        found = _labels(xy[at], core, limits[0], part(told, 2 / 3, 1))
        labels[own] = np.where(found < 0, -1, found + labels.max() + 1)
    return labels


def _members(points: gpd.GeoDataFrame, rows: pd.DataFrame) -> gpd.GeoDataFrame:
    """Establishments by group and cluster; those in no group stand there as well."""
    outside = np.setdiff1d(np.arange(len(points)), rows["row"])
    rows = pd.concat([rows, pd.DataFrame({"row": outside}, dtype=int)])
    rows = rows.sort_values(["row", "group"], ignore_index=True)
    rows = rows.astype({"group": object, "cluster_id": object})
    rows = rows.where(rows.notna(), None)
    members = points.iloc[rows["row"].to_numpy(int)].reset_index(drop=True)
    return members.assign(group=rows["group"], cluster_id=rows["cluster_id"])


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
    """Ids from content: by group, in the order of each cluster's smallest member.

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


def _footprints(inside, radius, progress) -> gpd.GeoDataFrame:
    """One row per cluster: its ground and its figures."""
    xy = shapely.get_coordinates(inside.geometry.to_numpy())
    number = inside.groupby("cluster_id", sort=True).ngroup().to_numpy()
    kept = np.flatnonzero(covering(xy, number, radius * INNER))
    by_cluster = pd.Series(number[kept]).groupby(number[kept]).indices
    rows = [kept[own] for own in by_cluster.values()]
    shapes = in_threads(lambda own: footprint(xy[own], radius), rows, progress)
    frame = gpd.GeoDataFrame(
        cluster_figures(inside).rename_axis("cluster_id").reset_index(),
        geometry=shapes,
        crs=inside.crs,
    )
    groups = inside.groupby("cluster_id", sort=True)["group"].first()
    frame["group"] = frame["cluster_id"].map(groups).astype(object)
    frame["area_ha"] = frame.area / HECTARE
    return frame


def _names(ids: pd.Series, inside, regions) -> pd.Series:
    """Names of the clusters; outside all regions a cluster is called by its id."""
    if regions is None:
        return ids
    return ids.map(cluster_names(inside, regions)).fillna(ids).astype(object)


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
    polygon: shapely.Polygon, points: np.ndarray, radius: float
) -> shapely.Polygon:
    """Fill holes smaller than one disc, and those that only left-out discs cover."""
    outline, *rings = shapely.get_rings(polygon)
    rings = np.array(rings, dtype=object)
    holes = shapely.polygons(rings)
    large = shapely.area(holes) >= np.pi * radius**2
    if not large.any():
        return shapely.polygons(outline)
    middles = shapely.get_coordinates(shapely.point_on_surface(holes[large]))
    empty = cKDTree(points).query(middles)[0] >= radius
    return shapely.polygons(outline, holes=rings[large][empty])
