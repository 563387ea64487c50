"""What stakeholders with weights of their own agree and disagree about."""

from __future__ import annotations

import numpy as np
import pandas as pd

from .scoring import Scores, score_values

AGREED = 1e-9
"""Points by which scores may differ without dispute."""


def stakeholder_scores(
    scores: Scores,
    stakeholders: pd.DataFrame,
    min_completeness: float = 0.6,
    top: int = 10,
) -> pd.DataFrame:
    """Score of every area for every stakeholder, and what it is about.

    *Dispute* is the highest minus the lowest score of an area, in points; *cause* is
    the criterion that makes most of it, see :func:`causes`; *consensus* is the share of
    the stakeholders for whom the area has a rank whose rank is up to ``top``. Dispute
    takes two.

    Parameters
    ----------
    scores
        Of the areas by the weights of all together; says which method is used.
    stakeholders
        Weights, criteria × stakeholders.

    Returns
    -------
    DataFrame
        ``area`` (index of the areas), ``stakeholder``, ``score``, ``rank``,
        ``dispute``, ``cause``, ``consensus``; one row per area and stakeholder whose
        criteria can be computed.
    """
    weights = {
        name: weight
        for name, weight in stakeholders.items()
        if weight.reindex(scores.value.columns).sum() > 0
    }
    each = {
        name: score_values(scores.value, weight, min_completeness, scores.method)
        for name, weight in weights.items()
    }
    if not each:
        return pd.DataFrame(columns=COLUMNS)
    score, rank = (
        pd.DataFrame({name: own.table[column] for name, own in each.items()})
        for column in ("score", "rank")
    )
    told = pd.DataFrame(
        {
            "dispute": (score.max(axis=1) - score.min(axis=1)).where(
                score.count(axis=1) > 1
            ),
            "cause": causes(scores, each, score),
            "consensus": (rank <= top).sum(axis=1) / rank.count(axis=1),
        }
    )
    parts = [
        told.assign(
            area=score.index, stakeholder=name, score=score[name], rank=rank[name]
        )
        for name in each
    ]
    return pd.concat(parts, ignore_index=True)[COLUMNS]


COLUMNS = ["area", "stakeholder", "score", "rank", "dispute", "cause", "consensus"]


def causes(scores: Scores, each: dict[str, Scores], score: pd.DataFrame) -> pd.Series:
    """Criterion that makes most of the dispute on every area.

    Between the stakeholder with the highest and the one with the lowest score the
    weighted sum differs by ``Σ (w_a − w_b) · (v − s)`` over the criteria, with *v* the
    values and *s* the common score of the area (any number would do, as both weights
    add up to 1; the common score makes a weak criterion that the other weighs count as
    well as a strong one that the first weighs). The largest term names the criterion.
    For the other methods it is what the values point at.

    Source
    ------
    Our own, from the definition of the weighted sum.
    """
    weight = np.stack([np.nan_to_num(_spread(own, scores)) for own in each.values()])
    known = score.notna().any(axis=1).to_numpy()
    filled = score.to_numpy()[known]
    area = np.flatnonzero(known)
    high, low = np.nanargmax(filled, axis=1), np.nanargmin(filled, axis=1)
    middle = scores.table["score"].to_numpy()[known, None] / 100
    value = np.nan_to_num(scores.value.to_numpy()[known] - middle)
    terms = (weight[high, area] - weight[low, area]) * value
    names = scores.value.columns.to_numpy(object)[terms.argmax(axis=1)]
    gap = np.nanmax(filled, axis=1) - np.nanmin(filled, axis=1)
    found = pd.Series(None, score.index, dtype=object)
    found[known] = np.where(gap > AGREED, names, None)
    return found


def _spread(own: Scores, scores: Scores) -> np.ndarray:
    return own.weight.reindex(columns=scores.value.columns).to_numpy()
