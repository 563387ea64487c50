"""Scoring areas in one go: measure, weigh, rank and explain."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial

import geopandas as gpd
import pandas as pd

from .criteria import Layers, criterion_ids, measure
from .errors import RefusalError
from .explain import criterion_title, explanations
from .levers import best_strategies, environment_fits, strategy_scores
from .numbers import as_texts
from .progress import Progress, silent
from .resources import read_toml
from .scoring import criteria_table, weighted_sum, with_own_criteria
from .strategies import ENVIRONMENT, criterion_shares, strategies, strategies_of
from .texts import listing, text
from .weights import (
    Weights,
    chosen_weights,
    refuse_unknown_criteria,
    strategy_weights,
    weight_notes,
)


@dataclass(frozen=True)
class ScoredAreas:
    """Areas with their scores, and what these consist of.

    Parameters
    ----------
    areas
        The areas with the fields of ``scores`` in ``resources/layers.toml``, sorted
        by id.
    criteria
        One row per area and criterion; fields of ``criteria``.
    weights
        The weights that were used.
    notes
        Keys and values of sentences for the log.
    """

    areas: gpd.GeoDataFrame
    criteria: pd.DataFrame
    weights: Weights
    notes: list[tuple[str, dict]] = field(default_factory=list)


def choose_weights(strategy: str, table: list[str], file: str | None) -> Weights:
    """A file beats a table beats a strategy.

    Parameters
    ----------
    strategy
        Id of a strategy.
    table
        Cells of the table that was filled in by hand.
    file
        Text of the weights file, None where there is none.
    """
    return chosen_weights(table, file, partial(strategy_weights, strategy))


def score_areas(
    areas: gpd.GeoDataFrame,
    layers: Layers,
    weights: Weights,
    own_criteria: pd.DataFrame | None = None,
    min_completeness: float = 0.6,
    language: str = "nl",
    strategy: str = "",
    top: int = 10,
    progress: Progress = silent,
) -> ScoredAreas:
    """Score, rank and explain areas.

    Parameters
    ----------
    areas
        Leverage areas or zones with ``area_id`` or else ``zone_id``, CRS in metres.
    layers
        What the criteria look at.
    weights
        Weights of the criteria; only these count.
    own_criteria
        The user's own: ``area_id``, ``criterion``, ``value``.
    min_completeness
        Share of the weight that must be known for a rank.
    language
        Of ``why`` and ``why_short``, ``nl`` or ``en``.
    strategy
        A strategy of the study, a work agenda or all: then every area also gets its
        best strategies, and the number of work agendas that want it.
    top
        A work agenda wants the areas that have a place up to this one for it.

    Raises
    ------
    RefusalError
        If the areas have no id, a weight names a criterion that nobody measures, or
        no criterion can be computed.
    """
    ids = _ids(areas)
    areas = areas.assign(_id=ids).sort_values("_id", ignore_index=True)
    ids = areas.pop("_id")
    _refuse_strangers(weights, own_criteria)
    chosen = strategies_of(strategy)
    named = {*weights.weight.index, *(criterion_shares() if chosen else ())}
    wanted = [name for name in criterion_ids() if name in named]
    fits = environment_fits(areas, layers) if ENVIRONMENT in wanted else None
    layers = replace(layers, fits=_of_strategies(fits, chosen))
    measured = measure(areas, layers, wanted, progress)
    notes = weight_notes(weights)
    if own_criteria is not None:
        measured, strangers = with_own_criteria(measured, own_criteria, ids, weights)
        if strangers:
            notes.append(("scoring.rows_without_area", {"count": strangers}))
    scores = weighted_sum(measured.value, weights.weight, min_completeness)
    if scores.left_out:
        titles = [criterion_title(name, language) for name in scores.left_out]
        names = listing(titles, language)
        notes.append(("scoring.criteria_left_out", {"names": names}))
    unranked = int(scores.table["rank"].isna().sum())
    if unranked:
        notes.append(("scoring.unranked", {"count": unranked}))
    reasons = explanations(measured, scores, language)
    catalogue = read_toml("criteria.toml")
    units = {
        name: text(f"units.{entry['unit']}", language)
        for name, entry in catalogue.items()
    }
    sources = {name: entry["source"] for name, entry in catalogue.items()}
    table = criteria_table(ids, measured, scores, units, sources)
    levers = pd.DataFrame({"strategies": None, "shared_agendas": None}, areas.index)
    if chosen:
        of_each = strategy_scores(measured, fits, min_completeness)
        levers = best_strategies(of_each, _named(strategy, chosen), top)
    kept = [name for name in areas if name not in {*scores.table, *levers, *reasons}]
    scored = areas[kept].join(scores.table).join(levers).join(reasons)
    return ScoredAreas(scored, table, weights, notes)


def _ids(areas: gpd.GeoDataFrame) -> pd.Series:
    for name in ("area_id", "zone_id"):
        if name in areas:
            return areas[name].astype(object)
    raise RefusalError("scoring.no_area_id")


def _of_strategies(fits: pd.DataFrame | None, chosen: tuple) -> pd.DataFrame | None:
    """Fits of the chosen strategies, of all where none is chosen."""
    if fits is None or not chosen:
        return fits
    return fits[[name for name in chosen if name in fits]]


def _named(strategy: str, chosen: tuple[str, ...]) -> tuple[str, ...]:
    """Strategies of which the best are named: a single one is compared with all."""
    return tuple(strategies()) if strategy in strategies() else chosen


def _refuse_strangers(weights: Weights, own: pd.DataFrame | None) -> None:
    """Refuse weights of criteria that neither we nor the user measure."""
    known = set(criterion_ids())
    if own is not None and "criterion" in own:
        known |= set(as_texts(own["criterion"])) - {None}
    refuse_unknown_criteria(weights, known)
