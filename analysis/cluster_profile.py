"""What a cluster consists of: activities, how they compare with the region, a name."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from .codes import division, division_names
from .entropy import diversity
from .grouping import cell_ids
from .groupings import group_rows, shipped_grouping
from .regions import region_of
from .texts import number

LOW_HANGING_FRUIT = "low_hanging_fruit"
"""Grouping of the activities that are easy to start with, and field that flags them."""
SECOND_SHARE = 0.25
"""Share of the members from which a second region stands in a name (aanname)."""
NAMED_ACTIVITIES = 3
DASH = " – "


def cluster_figures(members: pd.DataFrame) -> pd.DataFrame:
    """Figures of each cluster.

    ``largest_share`` is the largest employer's share of the cluster's known jobs;
    ``low_hanging_fruit`` says whether firms in waste or waste water are among them,
    which the guide calls low-hanging fruit however few their jobs.

    Parameters
    ----------
    members
        Establishments with ``cluster_id``, ``sbi``, ``jobs`` and perhaps
        ``value_added_keur``.

    Returns
    -------
    DataFrame
        Index ``cluster_id``; establishments, jobs and, where the members have it,
        value_added_keur (both NULL when none are known), largest_share,
        low_hanging_fruit, divisions, diversity, divisions_effective.
    """
    by_cluster = members.groupby("cluster_id", sort=True)
    jobs = by_cluster["jobs"]
    total = jobs.sum(min_count=1)
    easy = group_rows(members["sbi"], shipped_grouping(LOW_HANGING_FRUIT))["row"]
    with_easy = members["cluster_id"].iloc[easy].unique()
    figures = pd.DataFrame(
        {
            "establishments": jobs.size(),
            "jobs": total,
            "largest_share": jobs.max() / total.where(total > 0),
        }
    )
    if "value_added_keur" in members:
        worth = members["value_added_keur"].astype(float)
        worth = worth.groupby(members["cluster_id"], sort=True)
        figures["value_added_keur"] = worth.sum(min_count=1)
    figures[LOW_HANGING_FRUIT] = figures.index.isin(with_easy)
    return figures.join(diversity(members, members["cluster_id"]))


def activity_cells(members: pd.DataFrame) -> pd.DataFrame:
    """Establishments and jobs of each cluster by division.

    Parameters
    ----------
    members
        Establishments with ``cluster_id``, ``sbi`` and ``jobs``.

    Returns
    -------
    DataFrame
        ``cell_id`` (cluster and division), ``cluster_id``, ``division``,
        ``establishments``, ``jobs`` (NULL when none are known); sorted by cluster and
        division.
    """
    keys = ["cluster_id", "division"]
    table = members.assign(division=division(members["sbi"]))
    jobs = table.groupby(keys, sort=True)["jobs"]
    cells = jobs.agg(establishments="size").join(jobs.sum(min_count=1)).reset_index()
    cells.insert(0, "cell_id", cell_ids(cells["cluster_id"], cells["division"]))
    return cells


def activity_totals(establishments: pd.DataFrame) -> pd.DataFrame:
    """Establishments and jobs of a whole region by division.

    Parameters
    ----------
    establishments
        Canonical establishments.

    Returns
    -------
    DataFrame
        ``division``, ``establishments``, ``jobs`` (NULL when none are known), sorted.
    """
    divisions = pd.Series(division(establishments["sbi"]), establishments.index)
    jobs = establishments["jobs"].groupby(divisions.rename("division"), sort=True)
    return jobs.agg(establishments="size").join(jobs.sum(min_count=1)).reset_index()


def activity_profile(
    cells: pd.DataFrame, totals: pd.DataFrame, jobs: pd.Series
) -> pd.DataFrame:
    """How far a cluster is specialised in its divisions.

    The location quotient (Balassa index) of division *d* in cluster *c* is
    ``(E_cd / E_c) / (E_d / E)``, with *E* in jobs.

    Parameters
    ----------
    cells
        As from :func:`activity_cells`; NULL jobs are unknown.
    totals
        As from :func:`activity_totals`, of the region that the clusters are compared
        with; unknown jobs count 0 in *E*.
    jobs
        *E_c*: jobs by ``cluster_id``, NULL where unknown.

    Returns
    -------
    DataFrame
        The cells with ``share`` (of the cluster's jobs) and ``lq``, NULL where
        something is unknown or 0.

    Source
    ------
    Balassa (1965), Trade liberalisation and revealed comparative advantage; the guide
    compares regions so.
    """
    own = cells["cluster_id"].map(jobs).astype(float)
    by_division = totals.set_index("division")["jobs"].astype(float)
    reference = cells["division"].map(by_division / by_division.sum())
    share = cells["jobs"].astype(float) / own.where(own > 0)
    return cells.assign(share=share, lq=share / reference.where(reference > 0))


def describe(
    clusters: pd.DataFrame, cells: pd.DataFrame, totals: pd.DataFrame, language: str
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Clusters with their activities in words, and their profile by division.

    Parameters
    ----------
    clusters
        With ``cluster_id`` and ``jobs``.
    cells, totals, language
        As for :func:`activity_profile` and :func:`top_activities`.

    Returns
    -------
    tuple
        The clusters with ``top_activities``; the profile with ``division_name``.
    """
    jobs = clusters.set_index("cluster_id")["jobs"]
    profile = activity_profile(cells, totals, jobs)
    profile["division_name"] = profile["division"].map(division_names(language))
    words = clusters["cluster_id"].map(top_activities(profile, language))
    return clusters.assign(top_activities=words.astype(object)), profile


def top_activities(profile: pd.DataFrame, language: str) -> pd.Series:
    """The largest divisions of each cluster in words.

    With the share of the jobs, and how many times as much that is as in the region:
    ``Chemie 45 % (8,2×), Landvervoer 20 % (1,3×)``.

    Parameters
    ----------
    profile
        As from :func:`activity_profile`; divisions of unknown share are passed over.
    language
        ``nl`` or ``en``.

    Returns
    -------
    Series
        By ``cluster_id``.
    """
    known = profile[profile["share"] > 0]
    largest = known.sort_values(
        ["cluster_id", "share", "division"], ascending=[True, False, True]
    )
    largest = largest.groupby("cluster_id").head(NAMED_ACTIVITIES)
    names = largest["division"].map(division_names(language))
    words = [
        _activity(*row, language)
        for row in zip(names, largest["share"], largest["lq"], strict=True)
    ]
    words = pd.Series(words, largest.index, dtype=object)
    return words.groupby(largest["cluster_id"]).agg(", ".join)


def _activity(name: str, share: float, quotient: float, language: str) -> str:
    """One activity in words; a quotient that is not known is left out."""
    words = f"{name} {number(100 * share, language)}\u00a0%"
    if np.isnan(quotient):
        return words
    return f"{words} ({number(quotient, language, 1)}×)"


def cluster_names(members: gpd.GeoDataFrame, regions: gpd.GeoDataFrame) -> pd.Series:
    """Names from the regions in which the members lie.

    A cluster is called after the region with most of its members, and also after the
    next one when this holds at least ``SECOND_SHARE`` of them. Clusters of one group
    that would be called the same are numbered in the order of their ids.

    Parameters
    ----------
    members
        Establishments with ``cluster_id`` and ``group``, CRS in metres.
    regions
        Canonical regions in the same CRS.

    Returns
    -------
    Series
        By ``cluster_id``; a cluster outside all regions is not there.
    """
    table = pd.DataFrame(
        {
            "cluster_id": members["cluster_id"].to_numpy(),
            "group": members["group"].to_numpy(),
            "region_id": region_of(members, regions),
        }
    )
    sizes = table.groupby(["group", "cluster_id", "region_id"]).size().rename("size")
    ranked = sizes.reset_index().sort_values(
        ["cluster_id", "size", "region_id"], ascending=[True, False, True]
    )
    place = ranked.groupby("cluster_id").cumcount()
    enough = ranked["size"] >= SECOND_SHARE * ranked["cluster_id"].map(
        table["cluster_id"].value_counts()
    )
    named = ranked[(place == 0) | ((place == 1) & enough)]
    called = regions.set_index("region_id")["name"]
    words = named["region_id"].map(called).fillna(named["region_id"]).astype(str)
    keys = [named["group"], named["cluster_id"]]
    return _numbered(words.groupby(keys).agg(DASH.join))


def _numbered(names: pd.Series) -> pd.Series:
    """Names by group and cluster, those that occur more than once numbered."""
    table = names.rename("name").reset_index()
    same = table.groupby(["group", "name"])["name"]
    numbers = (same.cumcount() + 1).astype(str)
    several = same.transform("size") > 1
    table["name"] = table["name"].where(~several, table["name"] + " " + numbers)
    return table.set_index("cluster_id")["name"]
