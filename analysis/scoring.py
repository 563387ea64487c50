"""Scores of areas: what is known and unknown, what they consist of, and the ranking."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from .aggregation import aggregate, among, filled
from .criteria import OWN_SOURCE, Measured
from .errors import RefusalError
from .robustness import places
from .vocabulary import SCORING_METHODS

WEIGHTED_SUM = SCORING_METHODS[0]
ENOUGH = 1e-12
"""By so much a sum of shares may fall short in its last bits."""


@dataclass(frozen=True)
class Scores:
    """Scores of areas and what they consist of.

    Parameters
    ----------
    table
        Per area (index of the areas): score, rank, score_low, score_high,
        completeness.
    value
        Values of the criteria that have a weight and can be computed.
    share
        Weight by criterion over those that can be computed, adding up to 1.
    left_out
        Criteria that have a weight but whose layer is absent.
    method
        One of :data:`.vocabulary.SCORING_METHODS`.
    """

    table: pd.DataFrame
    value: pd.DataFrame
    share: pd.Series
    left_out: list[str]
    method: str = WEIGHTED_SUM

    @cached_property
    def weight(self) -> pd.DataFrame:
        """Weight per area after those of unknown criteria are spread.

        NULL where the value is unknown.
        """
        complete = self.table["completeness"].to_numpy()[:, None]
        with np.errstate(divide="ignore", invalid="ignore"):
            spread = self.share.to_numpy() / complete
        known = self.value.notna().to_numpy()
        spread = np.where(known, spread, np.nan)
        return pd.DataFrame(spread, self.value.index, self.value.columns)

    @cached_property
    def contribution(self) -> pd.DataFrame:
        """Points of the score; NULL where they would not add up to it."""
        if self.method != WEIGHTED_SUM:
            return pd.DataFrame(np.nan, self.value.index, self.value.columns)
        return 100 * self.weight * self.value

    @cached_property
    def effect(self) -> pd.DataFrame:
        """Score minus the score with a criterion at the set's median.

        The others, and what TOPSIS compares an area with, stay as they are.
        """
        medians = self.value.median()
        if self.method == WEIGHTED_SUM:
            return 100 * self.weight * (self.value - medians)
        figures = among(self.method, self.value.to_numpy())
        share = self.share.to_numpy()[None]
        found = {}
        for name in self.value:
            unknown = self.value[name].isna()
            other = self.value.assign(
                **{name: self.value[name].where(unknown, medians[name])}
            )
            score = 100 * figures(other.to_numpy(), share)[0]
            found[name] = (self.table["score"] - score).mask(unknown)
        return pd.DataFrame(found, index=self.value.index)

    @property
    def driver(self) -> pd.DataFrame:
        """What puts the criteria of an area in order: contribution, else effect."""
        return self.contribution if self.method == WEIGHTED_SUM else self.effect


def score_values(
    value: pd.DataFrame,
    weight: pd.Series,
    min_completeness: float = 0.6,
    method: str = WEIGHTED_SUM,
) -> Scores:
    """Score areas by their values.

    ``score`` is 100 times the figure of the method over the criteria that are known for
    the area; ``score_low`` and ``score_high`` put its unknown values at 0 and at 1;
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
    method
        One of :data:`.vocabulary.SCORING_METHODS`.

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
    share = shares.to_numpy(float)
    chosen = value[used].astype(float)
    values = chosen.to_numpy()
    completeness = ~np.isnan(values) @ share
    score, low, high = (
        100 * figures[0]
        for figures in (
            aggregate(method, values, share[None]),
            filled(method, values, share[None], 0.0),
            filled(method, values, share[None], 1.0),
        )
    )
    table = pd.DataFrame(
        {
            "score": score,
            "rank": _ranks(score, completeness >= min_completeness - ENOUGH),
            "score_low": low,
            "score_high": high,
            "completeness": completeness,
        },
        index=value.index,
    )
    return Scores(table, chosen, shares, left_out, method)


def criteria_table(
    area_ids: pd.Series,
    measured: Measured,
    scores: Scores,
    units: dict[str, str],
    sources: dict[str, str],
) -> pd.DataFrame:
    """One row per area and criterion; fields of ``criteria`` in ``layers.toml``."""
    units, sources = (
        {name: told for name, told in known.items() if name not in measured.own}
        for known in (units, sources)
    )
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


def _ranks(score: np.ndarray, allowed: np.ndarray) -> np.ndarray:
    """Place by score of the areas that may have one; equal scores share the best."""
    counted = allowed & ~np.isnan(score)
    ranks = np.full(len(score), np.nan)
    ranks[counted] = places(score[counted] / 100)
    return ranks
