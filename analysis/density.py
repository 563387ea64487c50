"""How densely firms or jobs lie: per hexagon, counted or smoothed by a kernel."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from .confidentiality import Rule
from .errors import RefusalError
from .groupings import Grouping, group_rows
from .hexagons import Lattice
from .progress import Progress, silent
from .regions import region_of
from .resources import read_toml
from .threads import patiently
from .vocabulary import MEASURES

ESTABLISHMENTS, JOBS = MEASURES
MOST_HEXAGONS = 2_000_000
"""More than this no map shows and no computer draws."""
SQUARE_KILOMETRE = 1_000_000.0
LARGEST = 2**62
"""Numbers up to here can be added without running over."""


@dataclass(frozen=True)
class Density:
    """Hexagons, and what is not in them.

    Parameters
    ----------
    hexagons
        One row per group and hexagon, fields as in ``resources/layers.toml`` but
        ``group_name``.
    unknown_jobs
        Number of establishments whose jobs are unknown and counted as 0.
    ungrouped
        Number of establishments in no group.
    missed
        Number of establishments that no middle of a hexagon lies within the radius
        of: they add to no density.
    """

    hexagons: gpd.GeoDataFrame
    unknown_jobs: int
    ungrouped: int
    missed: int

    def remarks(self) -> list[tuple[str, dict]]:
        """Keys and values of sentences for the log."""
        counts = {
            "messages.jobs_unknown": self.unknown_jobs,
            "density.ungrouped": self.ungrouped,
            "density.missed": self.missed,
        }
        remarks = [(key, {"count": count}) for key, count in counts.items() if count]
        return remarks + ([("density.empty", {})] if self.hexagons.empty else [])


def business_density(
    establishments: gpd.GeoDataFrame,
    grouping: Grouping,
    measure: str = ESTABLISHMENTS,
    cell_size: float = 500.0,
    radius: float = 0.0,
    progress: Progress = silent,
) -> Density:
    """Density of establishments or jobs in hexagons, per group of activities.

    Without a radius a density is what lies in the hexagon, divided by its area. With a
    radius R it is the sum, over all establishments at a distance d below R from the
    middle of the hexagon, of 3/(πR²) · (1 − d²/R²)², times their jobs where jobs are
    measured: the quartic kernel, whose volume is 1.

    Listed are the hexagons in which an establishment lies or the density is above 0.

    Parameters
    ----------
    establishments
        Canonical establishments, CRS in metres. Unknown jobs count 0.
    grouping
        Which activities are taken together.
    measure
        ``establishments`` or ``jobs``.
    cell_size
        Distance between opposite sides of a hexagon, in metres.
    radius
        Radius of the kernel in metres; 0 for no kernel.

    Raises
    ------
    RefusalError
        If there would be more hexagons than ``MOST_HEXAGONS``.

    Source
    ------
    Silverman (1986), Density estimation for statistics and data analysis, equation
    4.5.
    """
    lattice = Lattice(cell_size)
    points, groups = patiently(
        partial(_points, establishments, grouping, lattice), partial(progress, 0)
    )
    points["amount"] = points["jobs"].fillna(0) if measure == JOBS else 1.0
    places = _Places.of(points, lattice, radius)
    points["key"] = places.keys(points)
    if radius:
        found = _kernel_sums(points, places, lattice, radius, progress)
        missed = points.loc[np.hypot(points["x"], points["y"]) >= radius, "row"]
    else:
        found = points.groupby("key")["amount"].sum() / lattice.area
        missed = points["row"].head(0)
    _refuse_above_most(len(found))
    inside = points.groupby("key")["jobs"].agg(["size", "count", "sum"])
    table = inside.join(found.rename("density"), how="outer").fillna(0)
    table = table[(table["size"] > 0) | (table["density"] > 0)]
    hexagons = patiently(
        partial(_hexagons, table, places, lattice, groups), partial(progress, 1)
    )
    jobs = establishments["jobs"].iloc[points["row"].unique()]
    return Density(
        hexagons.assign(measure=measure).set_crs(establishments.crs),
        int(jobs.isna().sum()),
        len(establishments) - len(jobs),
        missed.nunique(),
    )


def coarse_density(hexagons: gpd.GeoDataFrame, rule: Rule) -> gpd.GeoDataFrame:
    """What of the hexagons may be handed round: where firms lie, and about how many.

    A surface from a kernel is nearly a list of the firms, and exact numbers would give
    away withheld figures of clusters and areas. So there are only hexagons with enough
    establishments in them, and of these only the class: ``10–29``. The limits of the
    classes are data. The lowest class begins at the smallest number that may be told;
    a limit below twice that number is passed over, so that no class is so narrow that
    it tells the number itself.

    Parameters
    ----------
    hexagons
        As :func:`business_density` gives them, with ``group_name``.
    rule
        When a figure is withheld.
    """
    limits = read_toml("confidentiality.toml")["density"]["limits"]
    lowest = rule.min_actors
    limits = [lowest, *(limit for limit in limits if limit >= 2 * lowest)]
    names = [f"{low}–{high - 1}" for low, high in pairwise(limits)]
    names = np.array([*names, f"{limits[-1]}+"], dtype=object)
    kept = hexagons[hexagons["establishments"] >= lowest].reset_index(drop=True)
    classes = np.searchsorted(limits, kept["establishments"], side="right") - 1
    public = kept[["hex_id", "group", "group_name", "geometry"]]
    return public.assign(count_class=names[classes])


def highest(hexagons: gpd.GeoDataFrame, regions: gpd.GeoDataFrame | None) -> list[list]:
    """The highest density or class of every group, and where it is found.

    Parameters
    ----------
    hexagons
        As :func:`business_density` or :func:`coarse_density` gives them, with
        ``group_name``.
    regions
        Canonical regions in the same CRS; None where there are none.

    Returns
    -------
    list of list
        Name of the group, density or class, and name of the region that holds most of
        the hexagons that have it, None where it is in none. The highest comes first.
    """
    classed = "count_class" in hexagons
    shown = hexagons["count_class" if classed else "density"]
    height = shown.str.extract("([0-9]+)")[0].astype(float) if classed else shown
    table = pd.DataFrame(
        {
            "name": hexagons["group_name"],
            "shown": shown,
            "height": height,
            "region": _region_names(hexagons, regions),
        }
    ).sort_values(["height", "name"], ascending=[False, True])
    rows = []
    for name, own in table.groupby("name", sort=False):
        top = own[own["height"] == own["height"].iloc[0]]
        place = next(iter(top["region"].mode()), None)
        rows.append([name, top["shown"].iloc[0], place])
    return rows


def _region_names(hexagons, regions: gpd.GeoDataFrame | None) -> np.ndarray:
    """Name of the region that the middle of each hexagon lies in, None for none."""
    if regions is None:
        return np.full(len(hexagons), None)
    middles = hexagons.set_geometry(shapely.centroid(hexagons.geometry.to_numpy()))
    names = regions.set_index("region_id")["name"].to_dict()
    return np.array([names.get(region) for region in region_of(middles, regions)])


@dataclass(frozen=True)
class _Places:
    """Numbers for the hexagons of all groups: a step in the lattice is one in them.

    Parameters
    ----------
    low_q, low_r
        Lowest axial coordinates, with room below them.
    wide, high
        How many hexagons a row has, and how many rows a group.
    """

    low_q: int
    low_r: int
    wide: int
    high: int

    @classmethod
    def of(cls, points: pd.DataFrame, lattice: Lattice, radius: float) -> _Places:
        """Numbers for the hexagons of points, and for all in reach of them.

        Raises
        ------
        RefusalError
            If there are more than can be told apart.
        """
        if points.empty:
            return cls(0, 0, 1, 1)
        reach = radius + lattice.circumradius
        rows = math.ceil(reach / lattice.row_height)
        room = math.ceil(reach / lattice.size) + rows
        low_q, low_r = int(points["q"].min()) - room, int(points["r"].min()) - rows
        wide = int(points["q"].max()) + room + 1 - low_q
        high = int(points["r"].max()) + rows + 1 - low_r
        if (int(points["group"].max()) + 1) * wide * high > LARGEST:
            _refuse_above_most(math.inf)
        return cls(low_q, low_r, wide, high)

    def keys(self, points: pd.DataFrame) -> pd.Series:
        """One number per group and hexagon, in the order of group, row, place in it."""
        row = points["group"] * self.high + points["r"] - self.low_r
        return row * self.wide + points["q"] - self.low_q

    def behind(self, keys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Group and axial coordinates behind numbers."""
        row, q = np.divmod(keys, self.wide)
        group, r = np.divmod(row, self.high)
        return group, np.column_stack([q + self.low_q, r + self.low_r])


def _points(
    establishments: gpd.GeoDataFrame, grouping: Grouping, lattice: Lattice
) -> tuple[pd.DataFrame, np.ndarray]:
    """Establishments by group and hexagon, and the names of the groups.

    ``x`` and ``y`` are measured from the middle of the hexagon. Sorted by content, so
    that sums come out the same to the last bit.
    """
    grouped = group_rows(establishments["sbi"].fillna(""), grouping)
    rows = grouped["row"].to_numpy()
    groups, group = np.unique(grouped["group"].to_numpy(str), return_inverse=True)
    xy = shapely.get_coordinates(establishments.geometry.to_numpy())[rows]
    cells = lattice.cells(xy)
    q, r = cells.T
    x, y = (xy - lattice.middles(cells)).T
    jobs = establishments["jobs"].to_numpy(float)[rows]
    points = {"row": rows, "group": group, "r": r, "q": q, "x": x, "y": y, "jobs": jobs}
    content = ["group", "r", "q", "y", "x", "jobs"]
    return pd.DataFrame(points).sort_values(content, ignore_index=True), groups


def _hexagons(table, places, lattice, groups) -> gpd.GeoDataFrame:
    """The rows of the output, sorted by group and id."""
    group, cells = places.behind(table.index.to_numpy(np.int64))
    ids = np.array([f"{q}_{r}" for q, r in cells.tolist()], dtype=str)
    order = np.lexsort([ids, group])
    table = table.iloc[order]
    known = (table["count"] > 0) | (table["size"] == 0)
    frame = {
        "hex_id": ids[order].astype(object),
        "group": groups[group[order]].astype(object),
        "establishments": table["size"].to_numpy(int),
        "jobs": table["sum"].where(known).to_numpy(),
        "density": table["density"].to_numpy() * SQUARE_KILOMETRE,
    }
    return gpd.GeoDataFrame(frame, geometry=lattice.polygons(cells[order]))


def _kernel_sums(
    points: pd.DataFrame,
    places: _Places,
    lattice: Lattice,
    radius: float,
    progress: Progress,
) -> pd.Series:
    """Sum of the kernels of all points, in the middle of every hexagon in reach.

    All hexagons with points add at once to the hexagon that lies a fixed step away
    from each, step by step: memory follows the number of points and of hexagons, not
    of pairs.
    """
    # Those in one place are one.
    points = points.groupby(["key", "y", "x"])["amount"].sum().reset_index()
    x, y, amounts = (points[name].to_numpy() for name in ("x", "y", "amount"))
    keys, begins = np.unique(points["key"].to_numpy(), return_index=True)
    strips = lattice.around(radius + lattice.circumradius)
    strips, starts, ends = _reached(keys, strips, places.wide, progress)
    sizes = ends - starts + 1
    firsts = np.cumsum(sizes) - sizes
    sums = np.zeros(sizes.sum())
    for number, (r, first, last) in enumerate(strips):
        wanted = keys + r * places.wide + first
        run = np.searchsorted(starts, wanted, side="right") - 1
        at = firsts[run] + wanted - starts[run]
        north = (r * lattice.row_height - y) ** 2
        for q in range(first, last + 1):
            east = ((q + r / 2) * lattice.size - x) ** 2
            heights = np.maximum(1 - (east + north) / radius**2, 0) ** 2 * amounts
            sums[at + q - first] += np.add.reduceat(heights, begins)
            progress((number + (q - first) / (last - first + 1)) / len(strips))
    reached = np.arange(len(sums)) + np.repeat(starts - firsts, sizes)
    return pd.Series(3 / (np.pi * radius**2) * sums, index=reached)


def _reached(
    keys: np.ndarray, strips: Iterable[tuple], wide: int, progress: Progress
) -> tuple[list[tuple], np.ndarray, np.ndarray]:
    """The strips, and the first and last of every run of hexagons that they cover.

    A strip is a row of hexagons near that of a point, as far as they are in reach.

    Raises
    ------
    RefusalError
        If they cover too many.
    """
    used, starts, ends = [], np.empty(0, np.int64), np.empty(0, np.int64)
    for r, first, last in strips if len(keys) else ():
        starts = np.concatenate([starts, keys + r * wide + first])
        ends = np.concatenate([ends, keys + r * wide + last])
        order = np.argsort(starts, kind="stable")
        starts, ends = starts[order], np.maximum.accumulate(ends[order])
        apart = starts[1:] > ends[:-1] + 1
        starts, ends = starts[np.append(True, apart)], ends[np.append(apart, True)]
        _refuse_above_most((ends - starts + 1).sum())
        used.append((r, first, last))
        progress(0)
    return used, starts, ends


def _refuse_above_most(hexagons: float) -> None:
    """Stop before memory does.

    Raises
    ------
    RefusalError
        If there are more hexagons than anybody can use.
    """
    if hexagons > MOST_HEXAGONS:
        raise RefusalError("density.too_many", most=MOST_HEXAGONS)
