"""For which strategies of the Flemish study an area is a lever.

Conditions and type environments together make it one: the score of a strategy is the
weighted sum of its conditions and of whether one of its type environments holds.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from .criteria import Layers, Measured
from .environments import scene
from .environments.types import SEPARATOR, environment_types, types_of_areas
from .scoring import WEIGHTED_SUM, Scores, score_values
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
TYPE_FIELDS = ["types", "types_unknown"]
BEST_FIELDS = ["strategies", "shared_agendas"]
BEST = 3
"""So many strategies are named per area (aanname)."""


def environment_fits(types: pd.DataFrame | None) -> pd.DataFrame | None:
    """Whether one of the type environments of a strategy holds in an area.

    Parameters
    ----------
    types
        Of the areas, see :func:`area_types`.

    Returns
    -------
    DataFrame
        Areas × strategies that name a type environment of zones: 1 where one holds,
        :data:`DOUBTFUL` where only one does that is uncertain, 0 where none does, NULL
        where that is unknown. None where the types are not known.
    """
    if types is None:
        return None
    # Few zones differ in what they are.
    kind, each = pd.factorize(pd.MultiIndex.from_frame(types), use_na_sentinel=False)
    pairs = [(_split(held), _split(doubt)) for held, doubt in each]
    return pd.DataFrame(
        {
            name: np.array([_fit(held, doubt, strategy) for held, doubt in pairs])[kind]
            for name, strategy in strategies().items()
            if strategy.zone_types
        },
        index=types.index,
    )


def strategy_scores(
    measured: Measured,
    fits: pd.DataFrame | None,
    min_completeness: float,
    method: str = WEIGHTED_SUM,
) -> dict[str, Scores]:
    """Scores of the areas for every strategy of which a criterion can be computed."""
    share = criterion_shares()
    found = {}
    for name in strategies():
        value = _values(name, measured, fits, share.columns)
        weight = share.loc[name]
        weight = weight[weight > 0]
        if weight.reindex(value.columns).sum() > 0:
            found[name] = score_values(value, weight, min_completeness, method)
    return found


def told_scores(scores: dict[str, Scores]) -> pd.DataFrame:
    """Score of every area for every strategy; NULL where it has no rank for it."""
    return pd.DataFrame(
        {
            name: each.table["score"].where(each.table["rank"].notna()).round(9)
            for name, each in scores.items()
        }
    ).reindex(columns=list(strategies()))


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


def _values(name: str, measured: Measured, fits, criteria) -> pd.DataFrame:
    """Values of the criteria for one strategy, as far as they can be computed."""
    value = measured.value[[one for one in criteria if one in measured.value]]
    value = value.drop(columns=ENVIRONMENT, errors="ignore")
    if fits is None or name not in fits:
        return value
    return value.assign(**{ENVIRONMENT: fits[name]})


def area_types(areas: pd.DataFrame, layers: Layers) -> pd.DataFrame | None:
    """Type environments of the areas: those that hold, and those that are unknown.

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
        ``types``, ``types_unknown``; None without zones.
    """
    types = known_types(areas)
    if types is not None:
        return types
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
    found = environment_types(around, layers.mode_distances)
    return types_of_areas(areas, found.zones)


def known_types(areas: pd.DataFrame) -> pd.DataFrame | None:
    """Type environments that the areas carry already; None where nobody looked."""
    if not set(TYPE_FIELDS) <= set(areas):
        return None
    types = areas[TYPE_FIELDS]
    return types if types.notna().any(axis=None) else None


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
