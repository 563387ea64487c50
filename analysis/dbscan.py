"""DBSCAN with a second limit in jobs, exact, on a grid.

Source of the method: Ester, Kriegel, Sander and Xu (1996); the grid whose cells hold
only points that reach each other: Gunawan (2013).
"""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from .progress import Progress, silent

# Just under 1/√2, so that two points in one cell are never further apart than the
# distance, whatever the rounding.
CELL_SHARE = (1 - 1e-9) / np.sqrt(2)
BLOCK = 20_000
NEIGHBOURS = [
    (dx, dy) for dx in range(3) for dy in range(-2, 3) if dx > 0 or (dx == 0 and dy > 0)
]
"""Half of the cells around a cell in which a point within the distance can lie."""


def core_points(
    points: np.ndarray,
    jobs: np.ndarray,
    distance: float,
    min_points: int,
    min_jobs: float,
    progress: Progress = silent,
) -> np.ndarray:
    """Which points have enough points and jobs around them, themselves included.

    Parameters
    ----------
    points
        Coordinates in metres, shape (n, 2).
    jobs
        Jobs per point, shape (n,); unknown jobs as 0.
    distance
        Radius in metres, inclusive.
    min_points, min_jobs
        Lowest number of points and of jobs within the radius.

    Returns
    -------
    ndarray
        Booleans, shape (n,).
    """
    if len(points) == 0:
        return np.zeros(0, bool)
    core = _full_cells(points, jobs, distance, min_points, min_jobs)
    tree = cKDTree(points)
    rest = np.flatnonzero(~core)
    for start in range(0, len(rest), BLOCK):
        block = rest[start : start + BLOCK]
        counts = tree.query_ball_point(
            points[block], distance, return_length=True, workers=-1
        )
        core[block] = counts >= min_points
        progress(start / len(rest))
    if min_jobs > 0:
        candidates = rest[core[rest]]
        around = _jobs_around(tree, points, candidates, jobs, distance, progress)
        core[candidates] = around >= min_jobs
    return core


def components(
    points: np.ndarray, distance: float, progress: Progress = silent
) -> np.ndarray:
    """Connected components of points that lie within a distance of each other.

    Points in one grid cell always reach each other, so only pairs of cells need a
    look, the quick one first; cells that are joined already are passed over.

    Parameters
    ----------
    points
        Coordinates in metres, shape (n, 2).
    distance
        Distance in metres, inclusive.

    Returns
    -------
    ndarray
        Component number per point, shape (n,); the numbers mean nothing.
    """
    if len(points) == 0:
        return np.zeros(0, int)
    keys, cell_of, width = _cells(points, distance)
    order = np.argsort(cell_of, kind="stable")
    starts = np.searchsorted(cell_of[order], np.arange(len(keys) + 1))
    pairs = _cell_pairs(keys, width)
    joined = np.arange(len(keys))
    for reaches in (_first_reach, _likely_reach, _any_reach):
        apart = pairs[joined[pairs[:, 0]] != joined[pairs[:, 1]]]
        near = reaches(points, order, starts, apart, distance, progress)
        joined = _join(joined, apart[near])
    return joined[cell_of]


def nearest_core(
    border: np.ndarray, core: np.ndarray, rank: np.ndarray, distance: float
) -> np.ndarray:
    """The nearest core point of every other point, as far as one lies near enough.

    Parameters
    ----------
    border
        Coordinates of the other points, shape (m, 2).
    core
        Coordinates of the core points, shape (k, 2).
    rank
        Order of the core points, shape (k,): of equally near ones the lowest wins.
    distance
        Furthest distance in metres, inclusive.

    Returns
    -------
    ndarray
        Index into ``core``, −1 where none is near enough; shape (m,).
    """
    found = np.full(len(border), -1)
    if len(core) == 0 or len(border) == 0:
        return found
    tree = cKDTree(core)
    nearest, _ = tree.query(border, workers=-1)
    reached = np.flatnonzero(nearest <= distance)
    radius = nearest[reached] * (1 + 1e-12) + 1e-9
    for index, candidates in zip(
        reached, tree.query_ball_point(border[reached], radius), strict=True
    ):
        near = np.array(candidates)
        if len(near) > 1:
            away = ((core[near] - border[index]) ** 2).sum(axis=1)
            near = near[away == away.min()]
        found[index] = near[np.argmin(rank[near])]
    return found


def covering(points: np.ndarray, groups: np.ndarray, distance: float) -> np.ndarray:
    """Points whose discs cover the same ground, group by group, as those of all.

    Around a point amid occupied cells, all ground within the distance lies in a cell
    with a point, whose disc covers that cell. Of such points one per cell is kept.

    Parameters
    ----------
    points
        Coordinates in metres, shape (n, 2).
    groups
        Number of the group that each point belongs to, from 0, shape (n,).
    distance
        Radius of the discs in metres.

    Returns
    -------
    ndarray
        Booleans, shape (n,).
    """
    if len(points) == 0:
        return np.zeros(0, bool)
    keys, cell_of, width = _cells(points, distance)
    # Between the cells of two groups lie more empty ones than any neighbour is away.
    keys, first, cell_of = np.unique(
        groups * (keys[-1] + 3 * width) + keys[cell_of],
        return_index=True,
        return_inverse=True,
    )
    neighbours = np.bincount(_cell_pairs(keys, width).ravel(), minlength=len(keys))
    kept = neighbours[cell_of] < 2 * len(NEIGHBOURS)
    kept[first] = True
    return kept


def _cells(points: np.ndarray, distance: float) -> tuple[np.ndarray, np.ndarray, int]:
    """Numbers of the occupied cells, the cell of every point, and cells in a row."""
    cells = np.floor(points / (distance * CELL_SHARE)).astype(np.int64)
    cells -= cells.min(axis=0)
    width = int(cells[:, 1].max()) + 5
    keys, cell_of = np.unique(cells[:, 0] * width + cells[:, 1], return_inverse=True)
    return keys, cell_of, width


def _full_cells(points, jobs, distance, min_points, min_jobs) -> np.ndarray:
    """Which points are core by their own cell alone, all of which they reach."""
    _, cell_of, _ = _cells(points, distance)
    enough = np.bincount(cell_of) >= min_points
    enough &= np.bincount(cell_of, jobs) >= min_jobs
    return enough[cell_of]


def _jobs_around(tree, points, candidates, jobs, distance, progress) -> np.ndarray:
    """Jobs within the distance of the candidates, in blocks that fit in memory."""
    around = np.empty(len(candidates))
    for start in range(0, len(candidates), 1000):
        block = candidates[start : start + 1000]
        found = tree.query_ball_point(points[block], distance, workers=-1)
        lengths = np.array([len(near) for near in found])
        totals = np.add.reduceat(
            jobs[np.concatenate(found).astype(int)],
            np.concatenate([[0], np.cumsum(lengths)[:-1]]),
        )
        around[start : start + 1000] = totals
        progress(start / len(candidates))
    return around


def _cell_pairs(keys: np.ndarray, width: int) -> np.ndarray:
    """Pairs of occupied cells that are near enough to be joined, shape (p, 2)."""
    pairs = []
    for dx, dy in NEIGHBOURS:
        wanted = keys + dx * width + dy
        at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
        hit = np.flatnonzero(keys[at] == wanted)
        pairs.append(np.column_stack([hit, at[hit]]))
    return np.concatenate(pairs)


def _join(joined: np.ndarray, links: np.ndarray) -> np.ndarray:
    """Number per cell, the same for those that links between cells join as well."""
    count = int(joined.max()) + 1
    ends = joined[links]
    graph = coo_matrix((np.ones(len(ends)), ends.T), shape=(count, count))
    return connected_components(graph, directed=False)[1][joined]


def _first_reach(points, order, starts, pairs, distance, _progress) -> np.ndarray:
    """Of which pairs of cells the first points reach each other."""
    first = points[order[starts[:-1]]]
    one, other = pairs.T
    return ((first[one] - first[other]) ** 2).sum(axis=1) <= distance**2


def _likely_reach(points, order, starts, pairs, distance, _progress) -> np.ndarray:
    """Of which pairs of cells two likely points reach each other.

    Of the one cell it tries the point nearest to the middle of the other, and of the
    other the point nearest to that one.
    """
    sizes = np.diff(starts)
    means = np.add.reduceat(points[order], starts[:-1]) / sizes[:, None]
    near = np.zeros(len(pairs), bool)
    for start in range(0, len(pairs), BLOCK):
        a, b = pairs[start : start + BLOCK].T
        from_a, _ = _nearest_in_cell(points, order, starts, a, means[b])
        _, away = _nearest_in_cell(points, order, starts, b, points[from_a])
        near[start : start + BLOCK] = away <= distance**2
    return near


def _nearest_in_cell(points, order, starts, cells, targets):
    """Of each cell the point nearest to its target, and the squared distance."""
    sizes = starts[cells + 1] - starts[cells]
    first = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    within = np.arange(sizes.sum()) - np.repeat(first, sizes)
    members = order[np.repeat(starts[cells], sizes) + within]
    away = ((points[members] - np.repeat(targets, sizes, axis=0)) ** 2).sum(axis=1)
    least = np.minimum.reduceat(away, first)
    hits = np.flatnonzero(away == np.repeat(least, sizes))
    owner = np.repeat(np.arange(len(cells)), sizes)[hits]
    _, one = np.unique(owner, return_index=True)
    return members[hits[one]], least


def _any_reach(points, order, starts, pairs, distance, progress) -> np.ndarray:
    """Of which pairs of cells any two points reach each other."""
    near = np.zeros(len(pairs), bool)
    for index, (a, b) in enumerate(pairs):
        in_a = points[order[starts[a] : starts[a + 1]]]
        in_b = points[order[starts[b] : starts[b + 1]]]
        nearest, _ = cKDTree(in_a).query(in_b)
        near[index] = nearest.min() <= distance
        if index % 1000 == 0:
            progress(index / len(pairs))
    return near
