"""Ranking clusters by the criteria of the guide, and which of them are promising.

The criteria are data: ``resources/cluster_criteria.toml``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from .cluster_profile import LOW_HANGING_FRUIT
from .criteria import Measured
from .progress import Progress, silent
from .resources import read_toml
from .score_tables import criteria_rows
from .scoring import Scores, score_values
from .texts import listing, text
from .threads import patiently
from .weights import (
    Weights,
    chosen_weights,
    refuse_unknown_criteria,
    weight_notes,
)

MIDDLE = 0.5
"""Value of a cluster with as many above it as below it."""
MOST_NAMED = 2
CARRIER, UNIT = "material", "t/y"
"""What flows must be to be added up: cubic metres and joules are no tonnes."""
DIRECTIONS = ("demand", "supply")


@dataclass(frozen=True)
class RankedClusters:
    """Clusters with their scores, and what these consist of.

    Parameters
    ----------
    clusters
        The clusters with the fields of ``cluster_ranks`` in ``resources/layers.toml``,
        sorted by id.
    criteria
        One row per cluster and criterion; fields of ``cluster_criteria``.
    unknown
        Names of the criteria with a weight of which no cluster's value is known.
    notes
        Keys and values of sentences for the log.
    """

    clusters: gpd.GeoDataFrame
    criteria: pd.DataFrame
    unknown: list[str]
    notes: list[tuple[str, dict]] = field(default_factory=list)

    @property
    def scored(self) -> bool:
        """Whether something is known of any cluster, if there is one."""
        return self.clusters.empty or bool(self.clusters["score"].notna().any())


def cluster_criterion_ids() -> list[str]:
    """Ids of the criteria, in order."""
    return list(read_toml("cluster_criteria.toml"))


def equal_share() -> float:
    """Weight of every criterion where no weights are given (aanname).

    >>> equal_share()
    0.2
    """
    return 1 / len(cluster_criterion_ids())


def cluster_weights(table: list[str], file: str | None) -> Weights:
    """A file beats a table; with neither every criterion weighs the same.

    Parameters
    ----------
    table
        Cells of the table that was filled in by hand.
    file
        Text of the weights file, None where there is none.
    """
    same = pd.Series(equal_share(), index=cluster_criterion_ids())
    return chosen_weights(table, file, lambda: Weights(same))


def mid_rank(raw: pd.Series) -> pd.Series:
    """Value function: the share of the others that have less, equal ones counted half.

    ``value = (less + equal / 2) / others``, with *others* those that are known; 0.5
    where there are none. It needs no worst and best value, which nobody could give for
    clusters of any size, and a giant does not press all others down to zero.

    Parameters
    ----------
    raw
        Raw values, more is better; NULL is unknown.

    Returns
    -------
    Series
        In [0, 1], NULL where unknown.

    >>> mid_rank(pd.Series([10.0, 40.0, 20.0, 20.0, None])).tolist()
    [0.0, 1.0, 0.5, 0.5, nan]
    """
    others = raw.notna().sum() - 1
    if others == 0:
        return raw.where(raw.isna(), MIDDLE)
    return (raw.rank() - 1) / others


def rank_clusters(
    clusters: gpd.GeoDataFrame,
    flows: gpd.GeoDataFrame | None,
    weights: Weights,
    min_completeness: float = 0.4,
    top: int = 10,
    language: str = "nl",
    progress: Progress = silent,
) -> RankedClusters:
    """Score and rank clusters, and say which are promising and why.

    The score is the weighted sum of :func:`.scoring.score_values` over the values of
    :func:`mid_rank`. Selected are the best ``top`` and, whatever their score, the
    clusters with firms in waste or waste water: these have few jobs and little value
    added, but are easy to start with.

    Parameters
    ----------
    clusters
        With ``cluster_id``, and as far as known ``value_added_keur``, ``jobs``,
        ``establishments`` and ``low_hanging_fruit``.
    flows
        Canonical flows in the same CRS; a flow belongs to every cluster whose
        footprint holds it. None: raw materials and residual streams are unknown.
    weights
        Weights of the criteria; only these count.
    min_completeness
        Share of the weight that must be known for a rank.
    top
        Number of ranks that are selected.
    language
        Of ``why`` and the units, ``nl`` or ``en``.

    Raises
    ------
    RefusalError
        If a weight names a criterion that does not exist.

    Source
    ------
    Naar een Circulair Nederland, step 1: criteria for promising clusters, and the
    warning that waste and waste water do not stand out by them.
    """
    refuse_unknown_criteria(weights, set(cluster_criterion_ids()))
    clusters = clusters.sort_values("cluster_id", ignore_index=True)
    totals, notes = patiently(
        partial(flow_totals, clusters, flows), partial(progress, 0.5)
    )
    measured = _measured(clusters, totals)
    scores = score_values(measured.value, weights.weight, min_completeness)
    used = [name for name, share in scores.share.items() if share > 0]
    unknown = [name for name in used if measured.raw[name].isna().all()]
    easy = clusters.get(
        LOW_HANGING_FRUIT, pd.Series(None, clusters.index, dtype=object)
    )
    results = scores.table.assign(
        selected=(scores.table["rank"] <= top) | easy.eq(True),
        why=_explanations(measured, scores, easy, language),
    )
    kept = [name for name in clusters if name not in results]
    ranked = clusters[kept].assign(**{LOW_HANGING_FRUIT: easy}).join(results)
    notes += weight_notes(weights) + _notes(ranked, unknown, language)
    table = _criteria(ranked["cluster_id"], measured, scores, language)
    progress(1.0)
    return RankedClusters(ranked, table, unknown, notes)


def flow_totals(
    clusters: gpd.GeoDataFrame, flows: gpd.GeoDataFrame | None
) -> tuple[pd.DataFrame, list[tuple[str, dict]]]:
    """Tonnes per year that flow into and out of the firms of each cluster.

    Added up are flows of carrier material in t/y whose quantity is known and not
    negative; the others are counted.

    Parameters
    ----------
    clusters
        Index from 0.
    flows
        Canonical flows, None where there are none.

    Returns
    -------
    tuple
        ``demand`` and ``supply`` by cluster, NULL where no flow at all could be added
        up in that direction; and sentences for the log.
    """
    totals = pd.DataFrame(np.nan, index=clusters.index, columns=list(DIRECTIONS))
    if flows is None:
        return totals, []
    alike = (flows["carrier"] == CARRIER) & (flows["unit"] == UNIT)
    clear = flows["direction"].isin(DIRECTIONS) & (flows["quantity"] >= 0)
    counted = flows[alike & clear]
    at, place = shapely.STRtree(counted.geometry.to_numpy()).query(
        clusters.geometry.to_numpy(), predicate="intersects"
    )
    inside = counted[["direction", "quantity"]].iloc[place].assign(at=at)
    # Added up in this order, the sum is the same in whatever order the flows come.
    inside = inside.sort_values("quantity")
    for direction in set(counted["direction"]):
        own = inside[inside["direction"] == direction]
        found = own.groupby("at")["quantity"].sum()
        totals[direction] = found.reindex(totals.index, fill_value=0.0)
    left_out = {
        "cluster_ranking.flows_of_other_units": int((~alike).sum()),
        "cluster_ranking.flows_unclear": int((alike & ~clear).sum()),
    }
    return totals, [(key, {"count": n}) for key, n in left_out.items() if n]


def cluster_criterion_title(criterion: str, language: str) -> str:
    """Name of a criterion."""
    return text(f"cluster_ranking.{criterion}.title", language)


def _measured(clusters: gpd.GeoDataFrame, totals: pd.DataFrame) -> Measured:
    """Raw values and values of all criteria; NULL where unknown."""
    unknown = pd.Series(np.nan, clusters.index)
    raw = pd.DataFrame(index=clusters.index)
    for name, entry in read_toml("cluster_criteria.toml").items():
        if "direction" in entry:
            raw[name] = totals[entry["direction"]]
        else:
            raw[name] = clusters.get(entry["field"], unknown).astype(float)
    value = {name: mid_rank(raw[name]) for name in raw}
    return Measured(raw, pd.DataFrame(value, index=raw.index))


def _criteria(
    ids: pd.Series, measured: Measured, scores: Scores, language: str
) -> pd.DataFrame:
    table = criteria_rows(ids, measured, scores, language, "cluster_criteria.toml")
    return table.rename(columns={"area_id": "cluster_id"})


def _notes(
    ranked: pd.DataFrame, unknown: list[str], language: str
) -> list[tuple[str, dict]]:
    """What was unknown, in sentences."""
    notes = []
    if len(ranked) == 1:
        notes.append(("cluster_ranking.one_cluster", {}))
    if unknown and len(ranked):
        titles = [cluster_criterion_title(name, language).lower() for name in unknown]
        names = listing(titles, language)
        notes.append(("cluster_ranking.criteria_unknown", {"names": names}))
    unranked = int(ranked["rank"].isna().sum())
    if unranked:
        notes.append(("cluster_ranking.unranked", {"count": unranked}))
    if len(ranked) and ranked[LOW_HANGING_FRUIT].isna().all():
        notes.append(("cluster_ranking.flag_unknown", {}))
    return notes


def _explanations(
    measured: Measured, scores: Scores, easy: pd.Series, language: str
) -> pd.Series:
    """Why each cluster scores as it does, and that it is easy where it is."""
    names = [name for name, share in scores.share.items() if share > 0]
    rows = zip(
        measured.value[names].to_numpy(),
        scores.contribution[names].to_numpy(),
        _compared(measured.raw[names]),
        easy.eq(True),
        strict=True,
    )
    found = [_explained(names, *row, language) for row in rows]
    return pd.Series(found, measured.raw.index, dtype=object)


def _compared(raw: pd.DataFrame) -> list[list[dict]]:
    """By cluster and criterion: how many others have less, more, and are known."""
    less = (raw.rank(method="min") - 1).to_numpy()
    known = raw.notna().sum().to_numpy()
    more = known - raw.rank(method="max").to_numpy()
    return [
        [
            {"less": low, "more": high, "others": others}
            for low, high, others in zip(*row, known - 1, strict=True)
        ]
        for row in zip(less, more, strict=True)
    ]


def _explained(names, value, contribution, compared, easy, language) -> str:
    """The two criteria that give most, the weakest, and the flag."""
    places = range(len(names))

    def phrase(at: int, kind: str) -> str:
        key = f"cluster_ranking.{names[at]}.{kind}"
        return text(key, language, **compared[at])

    order = sorted(places, key=lambda at: (-np.nan_to_num(contribution[at]), at))
    strong = [phrase(at, "good") for at in order if value[at] > MIDDLE][:MOST_NAMED]
    weak = sorted((value[at], at) for at in places if value[at] < MIDDLE)[:1]
    parts = []
    if strong:
        reasons = listing(strong, language)
        parts.append(text("criteria.strong", language, reasons=reasons))
    elif np.isnan(value).all():
        parts.append(text("cluster_ranking.nothing_known", language))
    else:
        parts.append(text("criteria.none_strong", language))
    for _, at in weak:
        parts.append(text("criteria.weak", language, reason=phrase(at, "weak")))
    if easy:
        parts.append(text("cluster_ranking.flagged", language))
    return " ".join(parts)
