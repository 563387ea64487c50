"""Scores of areas: the weighted sum, what is unknown, and the ranking."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from .criteria import Measured, linear_value
from .errors import RefusalError
from .numbers import as_texts, parse_numbers
from .weights import Weights

OWN_SOURCE = "CRITERIA"


@dataclass(frozen=True)
class Scores:
    """Scores of areas and what they consist of.

    Parameters
    ----------
    table
        Per area (index of the areas): score, rank, score_low, score_high,
        completeness.
    contribution, weight, effect
        Per area and criterion: points of the score; the weight after the weights of
        unknown criteria are spread; score minus the score with this criterion at the
        set's median. NULL where the value is unknown.
    share
        Weight by criterion over those that can be computed, adding up to 1.
    left_out
        Criteria that have a weight but whose layer is absent.
    """

    table: pd.DataFrame
    contribution: pd.DataFrame
    weight: pd.DataFrame
    effect: pd.DataFrame
    share: pd.Series
    left_out: list[str]


def weighted_sum(
    value: pd.DataFrame, weight: pd.Series, min_completeness: float = 0.6
) -> Scores:
    """Score areas by the weighted sum of their values.

    ``score = 100 · Σ w_i v_i / Σ w_i`` over the criteria that are known for the area;
    ``score_low`` and ``score_high`` put the unknown values at 0 and at 1;
    ``completeness`` is the share of the weight that is known. Areas below
    ``min_completeness`` are scored but not ranked; equal scores share a rank.

    Parameters
    ----------
    value
        Values in [0, 1], areas × criteria; NULL is unknown.
    weight
        Weights by criterion. One that has no column is left out for all areas.
    min_completeness
        Share of the weight that must be known for a rank.

    Raises
    ------
    RefusalError
        If none of the criteria with a weight can be computed.
    """
    used = [name for name in weight.index if name in value]
    left_out = [name for name in weight.index if name not in value and weight[name] > 0]
    if weight[used].sum() <= 0:
        names = ", ".join(weight.index)
        raise RefusalError("scoring.no_criteria", names=names)
    shares = weight[used] / weight[used].sum()
    share = shares.to_numpy()
    chosen = value[used].astype(float)
    values = chosen.to_numpy()
    known = ~np.isnan(values)
    completeness = known @ share
    low = 100 * (np.where(known, values, 0.0) @ share)
    with np.errstate(divide="ignore", invalid="ignore"):
        # Shares add up to 1 but for the last bit.
        score = np.minimum(low / completeness, 100.0)
        effective = np.where(known, share / completeness[:, None], np.nan)
    medians = chosen.median().to_numpy()
    table = pd.DataFrame(
        {
            "score": score,
            "rank": _ranks(score, completeness >= min_completeness - 1e-12),
            "score_low": low,
            "score_high": low + 100 * (1 - completeness),
            "completeness": completeness,
        },
        index=value.index,
    )

    def framed(array: np.ndarray) -> pd.DataFrame:
        return pd.DataFrame(array, index=value.index, columns=used)

    points = 100 * effective
    contribution, effect = framed(points * values), framed(points * (values - medians))
    return Scores(table, contribution, framed(effective), effect, shares, left_out)


def with_own_criteria(
    measured: Measured, own: pd.DataFrame, area_ids: pd.Series, weights: Weights
) -> tuple[Measured, int]:
    """Add the user's own criteria to what was measured; theirs win.

    Parameters
    ----------
    measured
        Raw and scaled values, index as ``area_ids``.
    own
        Table with ``area_id``, ``criterion`` and ``value``.
    area_ids
        Ids of the areas.
    weights
        Their scales turn values into [0, 1]; without a scale they must lie in it.

    Returns
    -------
    tuple
        What is measured now, and the number of rows for areas that do not exist.

    Raises
    ------
    RefusalError
        If a column is missing, a row occurs twice, or a value lies outside 0–1 and no
        worst and best are given.
    """
    missing = [name for name in ("area_id", "criterion", "value") if name not in own]
    if missing:
        raise RefusalError("scoring.criteria_columns", columns=", ".join(missing))
    # A spreadsheet makes numbers of ids that look like them.
    texts = {name: as_texts(own[name]) for name in ("area_id", "criterion")}
    own = own.assign(**texts, value=_own_numbers(own))
    strangers = int((~own["area_id"].isin(area_ids) | own["criterion"].isna()).sum())
    own = own.dropna(subset=list(texts))
    if own.duplicated(["area_id", "criterion"]).any():
        raise RefusalError("scoring.criteria_double")
    wide = own.pivot(index="area_id", columns="criterion", values="value")
    raw, value = measured.raw.copy(), measured.value.copy()
    for criterion in wide:
        raw[criterion] = area_ids.map(wide[criterion]).to_numpy()
        value[criterion] = _own_values(raw[criterion], criterion, weights.scales)
    return Measured(raw, value), strangers


def criteria_table(
    area_ids: pd.Series,
    measured: Measured,
    scores: Scores,
    units: dict[str, str],
    sources: dict[str, str],
) -> pd.DataFrame:
    """One row per area and criterion; fields of ``criteria`` in ``layers.toml``."""
    parts = [
        pd.DataFrame(
            {
                "area_id": area_ids,
                "criterion": criterion,
                "raw": measured.raw[criterion],
                "unit": units.get(criterion, ""),
                "value": measured.value[criterion],
                "weight": scores.weight[criterion],
                "contribution": scores.contribution[criterion],
                "effect": scores.effect[criterion],
                "source": sources.get(criterion, OWN_SOURCE),
            }
        )
        for criterion in scores.contribution
    ]
    table = pd.concat(parts, ignore_index=True)
    # Stable: criteria keep their order within an area.
    return table.sort_values("area_id", kind="stable", ignore_index=True)


def _own_numbers(own: pd.DataFrame) -> np.ndarray:
    numbers, unreadable = parse_numbers(own["value"])
    if unreadable.any():
        first = own[unreadable].iloc[0]
        raise RefusalError(
            "scoring.value_unreadable",
            value=str(first["value"]),
            criterion=first["criterion"],
        )
    return numbers


def _ranks(score: np.ndarray, allowed: np.ndarray) -> pd.Series:
    """Place by score; equal scores share the best place of theirs."""
    counted = pd.Series(np.where(allowed, np.round(score, 9), np.nan))
    return counted.rank(method="min", ascending=False).to_numpy()


def _own_values(raw: pd.Series, criterion: str, scales: dict) -> pd.Series:
    if criterion in scales:
        return linear_value(raw, *scales[criterion])
    if ((raw < 0) | (raw > 1)).any():
        raise RefusalError("scoring.value_outside", criterion=criterion)
    return raw
