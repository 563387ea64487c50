"""Scoring areas in one go: measure, weigh, rank and explain."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial

import geopandas as gpd
import pandas as pd

from .criteria import Layers, Measured, criterion_ids, measure
from .errors import RefusalError
from .explain import explanations
from .levers import (
    BEST_FIELDS,
    TYPE_FIELDS,
    area_types,
    best_strategies,
    environment_fits,
    known_types,
    strategy_scores,
    told_scores,
)
from .own_criteria import OwnCriteria, own_criteria, with_own_criteria
from .pairwise import pairwise_weights
from .progress import Progress, part, silent
from .robustness import robustness
from .score_notes import missing_stakeholders, score_notes
from .score_tables import central_rows, criteria_rows, stakeholder_rows, strategy_rows
from .scoring import Scores, score_values
from .scoring_choices import AS_GIVEN, Scoring
from .strategies import ENVIRONMENT, criterion_shares, strategies, strategies_of
from .weights import (
    Weights,
    chosen_weights,
    file_weights,
    in_order,
    refuse_unknown_criteria,
    strategy_weights,
)
from .why_here import changes, matches_inside, strong_and_weak


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
    stakeholders
        One row per area and stakeholder; fields of ``stakeholder_scores``.
    central
        One row per area and criterion; fields of ``central_weights``.
    levers
        Scores for the strategies that were chosen.
    how, weights
        What was used.
    notes
        Keys and values of sentences for the log.
    """

    areas: gpd.GeoDataFrame
    criteria: pd.DataFrame
    stakeholders: pd.DataFrame
    central: pd.DataFrame
    levers: dict[str, Scores]
    how: Scoring
    weights: Weights
    notes: list[tuple[str, dict]] = field(default_factory=list)

    def strategies(self, progress: Progress = silent) -> pd.DataFrame:
        """One row per area and chosen strategy; fields of ``strategy_scores``."""
        return strategy_rows(_ids(self.areas), self.levers, self.how, progress)


def choose_weights(
    strategy: str, table: list[str], file: str | None, pairwise: str | None = None
) -> Weights:
    """Judgements by pairs beat a file, which beats a table, which beats a strategy.

    Scales and stakeholders of the file hold beside judgements as well.

    Parameters
    ----------
    strategy
        Id of a strategy.
    table
        Cells of the table that was filled in by hand.
    file, pairwise
        Text of the weights file and of that with judgements, None where there is none.
    """
    if pairwise is None:
        return chosen_weights(table, file, partial(strategy_weights, strategy))
    judged = pairwise_weights(pairwise)
    if file is None:
        return judged
    given = file_weights(file)
    return replace(judged, scales=given.scales, stakeholders=given.stakeholders)


def score_areas(
    areas: gpd.GeoDataFrame,
    layers: Layers,
    weights: Weights,
    own: pd.DataFrame | None = None,
    how: Scoring = AS_GIVEN,
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
    own
        The user's own criteria, or those of an earlier run, which are then not measured
        again; see :func:`.own_criteria.own_criteria`.
    how
        Everything else.

    Raises
    ------
    RefusalError
        If the areas have no id, a weight names a criterion that nobody measures, or
        no criterion can be computed.
    """
    areas, ids = _sorted(areas)
    weights = in_order(weights, criterion_ids())
    seen = _seen(areas, ids, layers, weights, own, how, part(progress, 0.0, 0.8))
    measured, scores = seen.measured, seen.scores
    sure = robustness(
        scores, how.draws, how.confidence, how.top, how.seed, part(progress, 0.8, 1.0)
    )
    results = [
        scores.table,
        sure.table,
        _best(areas, seen.levers, how),
        seen.types,
        strong_and_weak(scores),
        changes(measured, scores, weights.scales, how.top, how.language),
        matches_inside(areas, layers.matches, how.language),
        explanations(measured, scores, how.language),
    ]
    new = pd.concat(results, axis=1)
    scored = areas[[name for name in areas if name not in new]].join(new)
    names = areas["name"].fillna(ids) if "name" in areas else ids
    stakeholders = stakeholder_rows(ids, scores, weights, how)
    return ScoredAreas(
        scored,
        criteria_rows(ids, measured, scores, how.language),
        stakeholders,
        central_rows(ids, sure),
        {name: seen.levers[name] for name in seen.chosen if name in seen.levers},
        how,
        weights,
        score_notes(names, scores, weights, seen.own, how.top, how.language)
        + missing_stakeholders(weights, stakeholders),
    )


@dataclass(frozen=True)
class _Seen:
    """What was measured of the areas, and their scores."""

    measured: Measured
    scores: Scores
    types: pd.DataFrame
    own: OwnCriteria | None
    chosen: tuple[str, ...]
    levers: dict[str, Scores]


def _seen(areas, ids, layers, weights, own, how: Scoring, progress) -> _Seen:
    given = None if own is None else own_criteria(own, ids)
    _refuse_strangers(weights, given)
    chosen = strategies_of(how.strategy)
    named = {*weights.weight.index, *(criterion_shares() if chosen else ())}
    wanted = [name for name in criterion_ids() if name in named]
    needs_types = ENVIRONMENT in wanted
    types = area_types(areas, layers) if needs_types else known_types(areas)
    if given is not None:
        given = _still_true(given, types)
        wanted = [name for name in wanted if name not in given.value]
    fits = environment_fits(types) if needs_types else None
    layers = replace(layers, fits=_of_strategies(fits, chosen))
    measured = measure(areas, layers, wanted, progress)
    if given is not None:
        measured = with_own_criteria(measured, given, weights)
    _refuse_nothing(measured, weights)
    least = how.min_completeness
    scores = score_values(measured.value, weights.weight, least, how.method)
    levers = strategy_scores(measured, fits, least, how.method) if chosen else {}
    if types is None:
        types = pd.DataFrame(None, areas.index, TYPE_FIELDS, dtype=object)
    return _Seen(measured, scores, types, given, chosen, levers)


def _still_true(own: OwnCriteria, types: pd.DataFrame | None) -> OwnCriteria:
    """Without the fit of an earlier run, which was to the strategy of that run."""
    if types is None or ENVIRONMENT in own.theirs:
        return own
    return own.without(ENVIRONMENT)


def _sorted(areas: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, pd.Series]:
    """The areas in the order of their ids, and these ids."""
    areas = areas.loc[_ids(areas).sort_values(kind="stable").index]
    areas = areas.reset_index(drop=True)
    return areas, _ids(areas)


def _ids(areas: gpd.GeoDataFrame) -> pd.Series:
    for name in ("area_id", "zone_id"):
        if name in areas:
            return areas[name].astype(object)
    raise RefusalError("scoring.no_area_id")


def _best(areas, levers: dict[str, Scores], how: Scoring) -> pd.DataFrame:
    """Best strategies of every area; NULL where no strategy of the study is chosen."""
    chosen = strategies_of(how.strategy)
    if not chosen:
        return pd.DataFrame(None, areas.index, BEST_FIELDS, dtype=object)
    # A single strategy is compared with all.
    named = tuple(strategies()) if how.strategy in strategies() else chosen
    return best_strategies(told_scores(levers), named, how.top)


def _of_strategies(fits: pd.DataFrame | None, chosen: tuple) -> pd.DataFrame | None:
    """Fits of the chosen strategies, of all where none is chosen."""
    if fits is None or not chosen:
        return fits
    return fits[[name for name in chosen if name in fits]]


def _refuse_nothing(measured: Measured, weights: Weights) -> None:
    """Refuse areas of which nothing is known that has a weight."""
    counted = [name for name in measured.value if weights.weight.get(name, 0) > 0]
    known = measured.value[counted].notna()
    if len(known) and not known.any(axis=None):
        names = ", ".join(weights.weight.index)
        raise RefusalError("scoring.no_criteria", names=names)


def _refuse_strangers(weights: Weights, own: OwnCriteria | None) -> None:
    """Refuse weights of criteria that neither we nor the user measure."""
    known = set(criterion_ids())
    if own is not None:
        known |= set(own.value)
    refuse_unknown_criteria(weights, known)
