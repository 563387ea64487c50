"""What regions are specialised in, from establishments or from a table of counts."""

from __future__ import annotations

from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd

from .codes import division_names, section_names
from .errors import RefusalError
from .grouping import cell_ids
from .groupings import REST, Grouping, group_rows
from .location_quotient import (
    Counts,
    counted,
    in_decisions,
    specialisation,
    strongest,
)
from .nested import dominant_region, refuse_nested
from .region_join import join_regions
from .region_table import RegionTable, close_names, first_names, take_out
from .regions import region_of
from .table_codes import sections_of
from .texts import text

JOBS, ESTABLISHMENTS = "jobs", "establishments"
UNREADABLE = "\ufffd"
"""Stands for a letter in another encoding than the reader took."""


@dataclass(frozen=True)
class Specialisation:
    """What was found.

    Parameters
    ----------
    table
        Fields of ``specialisation`` in ``resources/layers.toml``, one row per region
        and sector.
    notes
        Keys and values of sentences on what is unknown or odd.
    rest
        The sector that holds what belongs nowhere else, None where there is none.
    outside
        Number of establishments outside all regions.
    """

    table: pd.DataFrame
    notes: list[tuple[str, dict]]
    rest: str | None = None
    outside: int = 0

    @property
    def specialised(self) -> int:
        """Number of specialisations."""
        return int(self.table["specialised"].fillna(False).sum())


@dataclass(frozen=True)
class RegionCounts:
    """Establishments and jobs by region and group of activities.

    Parameters
    ----------
    regions, sectors
        Ids of regions and groups, sorted.
    firms
        Number of establishments, shape (r, s).
    jobs
        Their known jobs, NaN where there are establishments but no jobs are known.
    firms_by_region, jobs_by_region
        The same for all sectors together, each establishment once, shape (r,).
    outside, ungrouped, unknown_jobs
        Number of establishments outside all regions, in no group, and without known
        jobs; the last two of those inside.
    pairs
        Rows of establishments and the cells they stand in, counted row by row.
    """

    regions: np.ndarray
    sectors: np.ndarray
    firms: np.ndarray
    jobs: np.ndarray
    firms_by_region: np.ndarray
    jobs_by_region: np.ndarray
    outside: int = 0
    ungrouped: int = 0
    unknown_jobs: int = 0
    pairs: tuple[np.ndarray, np.ndarray] = ()

    def remarks(self, unit: str) -> list[tuple[str, dict]]:
        """Keys and values of sentences on establishments that don't count fully."""
        return _counted_notes(
            ("outside", self.outside),
            ("ungrouped", self.ungrouped),
            ("jobs_unknown", self.unknown_jobs if unit == JOBS else 0),
        )

    def compared(self, unit: str, place: int | None) -> tuple[Counts, Counts]:
        """Amounts and decisions, compared with all or with the region at a place.

        What is not there at all is known to be 0, but it is not tested.
        """
        cells = self.firms if unit == ESTABLISHMENTS else self.jobs
        whole = self.firms_by_region if unit == ESTABLISHMENTS else self.jobs_by_region
        some = np.where(self.firms > 0, self.firms, np.nan)
        return (
            _against(cells, whole, place),
            _against(some, self.firms_by_region, place),
        )


def count_in_regions(
    establishments: gpd.GeoDataFrame, regions: gpd.GeoDataFrame, grouping: Grouping
) -> RegionCounts:
    """Establishments and jobs by region and group.

    Parameters
    ----------
    establishments, regions
        Canonical layers in one CRS in metres.
    grouping
        How activities are grouped; those of no group are ``other``.
    """
    ids = np.sort(regions["region_id"].to_numpy(object))
    found = region_of(establishments, regions)
    inside = np.array([each is not None for each in found], dtype=bool)
    row = np.searchsorted(ids, found[inside])
    pairs, ungrouped = _with_rest(
        establishments["sbi"].to_numpy(object)[inside], grouping
    )
    column, sectors = pd.factorize(pairs["group"], sort=True)
    place = pairs["row"].to_numpy()
    jobs = establishments["jobs"].to_numpy(float)[inside]
    known = ~np.isnan(jobs)
    shape = (len(ids), len(sectors))
    flat = row[place] * shape[1] + column

    def by_cell(values: np.ndarray) -> np.ndarray:
        return np.bincount(flat, values, shape[0] * shape[1]).reshape(shape)

    def by_region(values: np.ndarray) -> np.ndarray:
        return np.bincount(row, values, len(ids)).astype(float)

    firms = by_cell(np.ones(len(flat)))
    no_jobs_known = (firms > 0) & (by_cell(known[place].astype(float)) == 0)
    amounts = by_cell(np.nan_to_num(jobs)[place])
    return RegionCounts(
        ids,
        np.asarray(sectors, object),
        firms,
        np.where(no_jobs_known, np.nan, amounts),
        by_region(np.ones(len(row))),
        by_region(np.nan_to_num(jobs)),
        int((~inside).sum()),
        ungrouped,
        int((~known).sum()),
        (np.flatnonzero(inside)[place], flat),
    )


def cells_of_regions(
    counts: RegionCounts, grouping: Grouping, language: str
) -> pd.DataFrame:
    """Establishments and known jobs of every region and group that has any.

    Fields of ``region_sectors``, sorted by region and group.
    """
    row, column = np.nonzero(counts.firms)
    regions, sectors = counts.regions[row], counts.sectors[column]
    names = {each: grouping.name(each, language) for each in counts.sectors}
    return pd.DataFrame(
        {
            "cell_id": cell_ids(regions, sectors),
            "region_id": regions,
            "sector": sectors,
            "sector_name": pd.Series(sectors, dtype=object).map(names),
            "establishments": counts.firms[row, column].astype(int),
            "jobs": counts.jobs[row, column],
        }
    )


def actors_in_cells(
    establishments: gpd.GeoDataFrame, counts: RegionCounts
) -> pd.DataFrame:
    """Who stands behind each cell: ``cell_id``, ``est_id``, ``sbi``, ``jobs``.

    Parameters
    ----------
    establishments
        Those that were counted.
    counts
        As :func:`count_in_regions` gives them.
    """
    rows, places = counts.pairs
    ids = cell_ids(
        np.repeat(counts.regions, len(counts.sectors)),
        np.tile(counts.sectors, len(counts.regions)),
    )
    actors = establishments[["est_id", "sbi", "jobs"]].iloc[rows]
    return actors.assign(cell_id=ids[places])


def published_counts(cells: pd.DataFrame, regions: gpd.GeoDataFrame) -> RegionCounts:
    """Counts as the published cells give them.

    What is withheld is unknown and counts 0 in the margins. A cell that is not there is
    empty, or unknown where cells are withheld. Where groups overlap, their
    establishments count in each.

    Parameters
    ----------
    cells
        Fields of ``region_sectors``.
    regions
        Canonical regions.
    """
    ids = np.sort(regions["region_id"].to_numpy(object))
    column, sectors = pd.factorize(cells["sector"], sort=True)
    row = np.searchsorted(ids, cells["region_id"].to_numpy(object))
    absent = np.nan if "withheld" in cells else 0.0
    firms, jobs = np.full((2, len(ids), len(sectors)), absent)
    firms[row, column] = cells["establishments"].to_numpy(float)
    jobs[row, column] = cells["jobs"].to_numpy(float)
    return RegionCounts(
        ids,
        np.asarray(sectors, object),
        firms,
        jobs,
        np.nansum(firms, axis=1),
        np.nansum(jobs, axis=1),
    )


def specialise_establishments(
    counts: RegionCounts,
    grouping: Grouping,
    unit: str,
    lq_min: float,
    reference: str | None,
    language: str,
) -> Specialisation:
    """What regions are specialised in, from their establishments.

    Parameters
    ----------
    counts
        As :func:`count_in_regions` gives them.
    grouping
        The grouping that was used, for the names of its groups.
    unit
        What the quotients are of: ``jobs`` or ``establishments``.
    lq_min
        Smallest location quotient of a specialisation.
    reference
        The region that the others are compared with; None for all together.
    language
        ``nl`` or ``en``.

    Raises
    ------
    RefusalError
        If the reference is not there, or no other region is.
    """
    place = None if reference is None else _place(counts.regions, reference)
    amounts, decisions = counts.compared(unit, place)
    regions = counts.regions
    if place is not None:
        regions = np.delete(regions, place)
    table, impossible = specialisation(
        regions, counts.sectors, amounts, decisions, lq_min
    )
    names = {each: grouping.name(each, language) for each in counts.sectors}
    table["sector_name"] = table["sector"].map(names)
    notes = counts.remarks(unit) + _notes(regions, amounts, impossible, reference)
    return Specialisation(table, notes, REST, counts.outside)


def specialise_table(
    table: RegionTable,
    unit: str,
    jobs_per_decision: float,
    lq_min: float,
    reference: str | None,
) -> Specialisation:
    """What regions are specialised in, from a table of counts.

    Parameters
    ----------
    table
        Counts by region and sector.
    unit
        What is counted: ``jobs`` or ``establishments``.
    jobs_per_decision
        How many jobs stand for one decision to settle.
    lq_min
        Smallest location quotient of a specialisation.
    reference
        The region that the others are compared with; None for all together.

    Raises
    ------
    RefusalError
        If regions or sectors lie inside each other, or the reference is not there.
    """
    others, compared = table, None
    if reference is not None:
        others, compared = take_out(table, reference)
    refuse_nested(others.regions, others.sectors, others.cells)
    size = jobs_per_decision if unit == JOBS else 1.0
    amounts = counted(others.cells, compared)
    decisions = counted(
        in_decisions(others.cells, size),
        None if compared is None else in_decisions(compared, size),
    )
    found, impossible = specialisation(
        others.regions, others.sectors, amounts, decisions, lq_min
    )
    found["sector_name"] = found["sector"]
    notes = _counted_notes(
        ("unnamed", table.unnamed),
        ("unknown", table.unknown),
        ("absent", table.absent),
        ("garbled", sum(UNREADABLE in name for name in table.regions)),
    )
    if unit == JOBS and size >= 1 and (np.nan_to_num(table.cells) % 1 > 0).any():
        notes.append(("specialisation.fractions", {"value": jobs_per_decision}))
    dominant = dominant_region(others.cells)
    if dominant is not None:
        notes.append(("specialisation.dominant", {"name": others.regions[dominant]}))
    notes += _notes(others.regions, amounts, impossible, reference)
    return Specialisation(found, notes)


def named_activities(found: Specialisation, language: str) -> Specialisation:
    """The same, with sectors named by their section or division where all are one."""
    sectors = set(found.table["sector"])
    for names in (section_names(language), division_names(language)):
        if sectors <= set(names):
            named = found.table.assign(sector_name=found.table["sector"].map(names))
            return replace(found, table=named)
    return found


def specialised_regions(
    found: Specialisation, regions: gpd.GeoDataFrame, language: str
) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Polygons with their strongest specialisation, and what did not match.

    Parameters
    ----------
    found
        What the regions of the table are specialised in.
    regions
        Canonical regions.
    language
        ``nl`` or ``en``.

    Returns
    -------
    tuple
        Fields of ``specialised_regions``, sorted by ``region_id``; and of
        ``unmatched_regions``.
    """
    names = found.table["region_id"].unique()
    places, unmatched = join_regions(names, regions)
    unmatched["reason"] = [
        text(f"specialisation.unmatched.{side}_{reason}", language)
        for side, reason in zip(unmatched["side"], unmatched["reason"], strict=True)
    ]
    best = strongest(found.table, found.rest).reindex(names)
    best["specialisations"] = best["specialisations"].fillna(0)
    best["place"] = places
    best = best[best["place"] >= 0].set_index("place").reindex(range(len(regions)))
    own = ["sector", "sector_name", "lq", "lq_symmetric", "q_value", "count"]
    polygons = regions[["region_id", "name", "geometry"]].reset_index(drop=True)
    polygons[[*own, "specialisations"]] = best[[*own, "specialisations"]]
    sections = sections_of([*set(found.table["sector"]) - {found.rest}]) or {}
    polygons["section"] = polygons["sector"].map(sections).astype(object)
    return polygons.sort_values("region_id", ignore_index=True), unmatched


def _with_rest(codes: np.ndarray, grouping: Grouping) -> tuple[pd.DataFrame, int]:
    """Rows and their groups; what is in none is the rest, and how many those are."""
    pairs = group_rows(codes, grouping)
    left = np.setdiff1d(np.arange(len(codes)), pairs["row"].to_numpy())
    rest = pd.DataFrame({"row": left, "group": np.full(len(left), REST, object)})
    return pd.concat([pairs, rest], ignore_index=True), len(left)


def _against(cells: np.ndarray, whole: np.ndarray, place: int | None) -> Counts:
    """Cells with the margins of all rows, or of one, which is taken out."""
    known = np.nan_to_num(cells)
    if place is None:
        return Counts(cells, whole, known.sum(axis=0), float(whole.sum()))
    return Counts(
        np.delete(cells, place, axis=0),
        np.delete(whole, place),
        known[place],
        float(whole[place]),
    )


def _place(regions: np.ndarray, name: str) -> int:
    found = np.flatnonzero(regions == name)
    if not len(found):
        close = close_names(name, regions)
        raise RefusalError("specialisation.reference_unknown", name=name, close=close)
    if len(regions) == 1:
        raise RefusalError("specialisation.reference_only", name=name)
    return int(found[0])


def _counted_notes(*pairs: tuple[str, int]) -> list[tuple[str, dict]]:
    """Sentences that count something, where there is anything to count."""
    return [(f"specialisation.{key}", {"count": n}) for key, n in pairs if n]


def _notes(
    regions: np.ndarray, amounts: Counts, impossible: int, reference: str | None
) -> list[tuple[str, dict]]:
    """Sentences on what can't be computed, or says nothing."""
    notes = []
    if len(regions) == 1 and reference is None:
        notes.append(("specialisation.one_region", {"name": regions[0]}))
    empty = [*regions[amounts.regions == 0]]
    if empty:
        values = {"count": len(empty), "examples": first_names(empty)}
        notes.append(("specialisation.empty_regions", values))
    return notes + _counted_notes(
        ("empty_sectors", int((amounts.sectors == 0).sum())),
        ("impossible", impossible),
    )
