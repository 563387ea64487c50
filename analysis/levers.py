"""For which strategies of the Flemish study an area is a lever.

Conditions and type environments together make it one: the score of a strategy is the
weighted sum of its conditions and of whether one of its type environments holds.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from .criteria import Layers, Measured
from .environments import scene
from .environments.types import SEPARATOR, environment_types
from .strategies import (
    ENVIRONMENT,
    Strategy,
    criterion_shares,
    strategies,
)
from .surroundings import zones_around

DOUBTFUL = 0.5
"""Value of a type environment where the study's table can be read in more ways
(aanname)."""
BEST = 3
"""So many strategies are named per area (aanname)."""


def environment_fits(areas: pd.DataFrame, layers: Layers) -> pd.DataFrame | None:
    """Whether one of the type environments of a strategy holds in an area.

    Parameters
    ----------
    areas
        Zones, or areas with ``zone_id``, which are what their zone is; with ``types``
        and ``types_unknown`` where that is known already.
    layers
        Where it is not, the layers to look at.

    Returns
    -------
    DataFrame
        Areas × strategies that name a type environment of zones: 1 where one holds,
        :data:`DOUBTFUL` where only one does that is uncertain, 0 where none does, NULL
        where that is unknown. None without zones.
    """
    types = _types(areas, layers)
    if types is None:
        return None
    pairs = [(_split(held), _split(doubt)) for held, doubt in types.to_numpy()]
    return pd.DataFrame(
        {
            name: [_fit(held, doubt, strategy) for held, doubt in pairs]
            for name, strategy in strategies().items()
            if strategy.zone_types
        },
        index=areas.index,
    )


def strategy_scores(
    measured: Measured, fits: pd.DataFrame | None, min_completeness: float
) -> pd.DataFrame:
    """Score of every area for every strategy, areas × strategies.

    As in :func:`.scoring.weighted_sum`; NULL where less is known than
    ``min_completeness`` of the weight that can be computed for any area.
    """
    share = criterion_shares()
    low, known, computed = np.zeros((3, len(measured.value), len(share)))
    for criterion in share:
        value = _value(criterion, measured, fits, share.index)
        if value is not None:
            weight = share[criterion].to_numpy()
            low += np.nan_to_num(value) * weight
            known += ~np.isnan(value) * weight
            computed += weight
    with np.errstate(divide="ignore", invalid="ignore"):
        score = 100 * low / known
        told = known / computed >= min_completeness - 1e-12
    score = np.where(told, score, np.nan).round(9)
    return pd.DataFrame(score, measured.value.index, share.index)


def best_strategies(
    scores: pd.DataFrame, chosen: tuple[str, ...], top: int
) -> pd.DataFrame:
    """Best strategies of every area, and how many work agendas want it.

    Best are those for which the area has the best place among all areas: scores for
    strategies with few and with many conditions do not compare. Areas of equal score
    share the last place of theirs, so that what suits a crowd singles out nobody.

    Parameters
    ----------
    scores
        Areas × strategies.
    chosen
        The strategies of which the best are named.
    top
        A work agenda wants the areas that have a place up to this one for one of its
        strategies.

    Returns
    -------
    DataFrame
        ``strategies``: ids, the best first; ``shared_agendas``: a number.
    """
    told = scores.where(scores > 0)
    places = told.rank(method="max", ascending=False)
    own, place = (table[list(chosen)].to_numpy() for table in (told, places))
    # By place, then by score, then in the study's order; what is unknown comes last.
    order = np.lexsort((-own, place), axis=1)[:, :BEST]
    names = [
        SEPARATOR.join(chosen[at] for at in row if own[area, at] > 0)
        for area, row in enumerate(order)
    ]
    agendas = [strategies()[name].agenda for name in places]
    wanted = (places <= top).T.groupby(agendas).any().sum()
    return pd.DataFrame(
        {"strategies": names, "shared_agendas": wanted}, index=scores.index
    )


def _value(criterion: str, measured: Measured, fits, names) -> np.ndarray | None:
    """Values of a criterion, (areas, 1) or (areas, strategies); None where absent."""
    if criterion == ENVIRONMENT:
        return None if fits is None else fits.reindex(columns=names).to_numpy(float)
    if criterion not in measured.value:
        return None
    return measured.value[[criterion]].to_numpy(float)


def _types(areas: pd.DataFrame, layers: Layers) -> pd.DataFrame | None:
    """Type environments of the areas: those that hold, and those that are unknown."""
    fields = ["types", "types_unknown"]
    if set(fields) <= set(areas):
        return areas[fields]
    zones = zones_around(areas, layers)
    if zones is None or "zone_id" not in areas:
        return None
    around = scene.Layers(
        zones.reset_index(drop=True),
        layers.establishments,
        layers.regions,
        layers.infrastructure,
        layers.facilities,
        layers.constraints,
    )
    found = environment_types(around, layers.mode_distances).zones
    by_id = found.drop_duplicates("zone_id").set_index("zone_id")[fields]
    return by_id.reindex(areas["zone_id"]).set_index(areas.index)


def _split(names: str | None) -> set[str] | None:
    return set(names.split(SEPARATOR)) - {""} if isinstance(names, str) else None


def _fit(held: set | None, unknown: set | None, strategy: Strategy) -> float:
    if held is None:
        return np.nan
    for uncertain, value in ((False, 1.0), (True, DOUBTFUL)):
        wanted = {
            name for name in strategy.zone_types if strategy.types[name] == uncertain
        }
        if held & wanted:
            return value
        if (unknown or set()) & wanted:
            return np.nan
    return 0.0
