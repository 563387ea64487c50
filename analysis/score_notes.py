"""What has to be said about scores: what was left out, does not tell, or is equal."""

from __future__ import annotations

import pandas as pd

from .explain import criterion_title
from .own_criteria import OwnCriteria
from .pairwise import MOST_INCONSISTENT
from .scoring import Scores
from .texts import listing, text
from .weights import Weights, weight_notes

Note = tuple[str, dict]
NAMED = 5
"""So many areas with the same place are named."""
TOLD = 3
"""So many shared places are told."""
SAME = 1e-12


def score_notes(
    names: pd.Series,
    scores: Scores,
    weights: Weights,
    own: OwnCriteria | None,
    top: int,
    language: str,
) -> list[Note]:
    """Keys and values of sentences for the log and the report.

    Parameters
    ----------
    names
        What the areas are called, index as the scores.
    own
        The user's own criteria, None where there are none.
    top
        Places that count as the best.
    """
    notes = weight_notes(weights)
    if weights.consistency is not None:
        notes.append(_consistency(weights.consistency))
    if own is not None and own.strangers:
        notes.append(("scoring.rows_without_area", {"count": own.strangers}))
    notes += _silent_criteria(scores, language)
    unranked = int(scores.table["rank"].isna().sum())
    if unranked:
        notes.append(("scoring.unranked", {"count": unranked}))
    return notes + _places(names, scores, top, language)


def missing_stakeholders(weights: Weights, table: pd.DataFrame) -> list[Note]:
    """Stakeholders who weigh only what can't be computed.

    Parameters
    ----------
    table
        With ``stakeholder``: those who are told of.
    """
    told = set(table["stakeholder"])
    missing = [name for name in weights.stakeholders if name not in told]
    names = ", ".join(missing)
    return [("scoring.stakeholders_left_out", {"names": names})] if missing else []


def _consistency(ratio: float) -> Note:
    key = "inconsistent" if ratio > MOST_INCONSISTENT else "consistent"
    values = {"ratio": ratio, "most": MOST_INCONSISTENT}
    return f"scoring.{key}", values


def _silent_criteria(scores: Scores, language: str) -> list[Note]:
    """Criteria that can't tell one area from another, and why."""
    value, share = scores.value, scores.share
    spread = value.max() - value.min()
    counted = share[share > 0].index
    many = len(value) > 1
    found = {
        "criteria_left_out": scores.left_out,
        "criteria_without_weight": share[share == 0].index,
        "criteria_unknown": [name for name in counted if value[name].isna().all()],
        "criteria_constant": [name for name in counted if many and spread[name] < SAME],
    }
    notes = []
    for key, ids in found.items():
        titles = [criterion_title(name, language) for name in ids]
        if titles:
            notes.append((f"scoring.{key}", {"names": listing(titles, language)}))
    return notes


def _places(names: pd.Series, scores: Scores, top: int, language: str) -> list[Note]:
    """What the places do not tell: few areas, and places that are shared."""
    ranks = scores.table["rank"].dropna()
    if len(scores.table) == 1:
        return [("scoring.one_area", {})]
    notes = []
    if 0 < len(ranks) <= top:
        notes.append(("scoring.all_best", {"count": len(ranks), "top": top}))
    best = ranks[ranks <= top].sort_values(kind="stable")
    shared = [group for _, group in best.groupby(best) if len(group) > 1]
    for group in shared[:TOLD]:
        called = [str(name) for name in names[group.index]]
        if len(called) > NAMED:
            rest = len(called) - NAMED
            called = [*called[:NAMED], text("scoring.more", language, count=rest)]
        values = {"rank": int(group.iloc[0]), "names": listing(called, language)}
        notes.append(("scoring.shared_place", values))
    if len(shared) > TOLD:
        notes.append(("scoring.more_shared", {"count": len(shared) - TOLD}))
    return notes
