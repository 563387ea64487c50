"""The smallest single change that would bring an area among the best."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pandas as pd

from .aggregation import among
from .scoring import Scores

NOTHING = -1e12
"""Stands for the logarithm of 0: only a value above 0 makes up for it."""
HALVINGS = 40
"""Steps in which a needed value is found where there is no formula for it."""
SAME = 1e-9
"""Changes that differ by less are equal."""


def smallest_changes(
    scores: Scores, top: int = 10, fixed: Collection[str] = ()
) -> pd.DataFrame:
    """Criterion of which the least higher value would give an area a place in the top.

    The other areas, and the other values of the area, stay as they are (and what TOPSIS
    compares with, which in truth moves along a little); enough is the
    score of the area that has the last of those places now. Of equal changes the one of
    the criterion with the lowest value is named, since there is most to be done.

    Parameters
    ----------
    scores
        Of the areas.
    top
        Places that count as the best.
    fixed
        Criteria that nobody can change.

    Returns
    -------
    DataFrame
        Per area: ``criterion``, ``value`` (that it needs, in [0, 1]) and ``within``,
        whether it is there already. ``criterion`` and ``value`` are NULL where it is,
        where it has no rank, and where no single change is enough.

    Source
    ------
    Our own, from the definitions of the methods in :mod:`.aggregation`.
    """
    table = scores.table
    within = (table["rank"] <= top).to_numpy()
    found = pd.DataFrame(
        {"criterion": None, "value": np.nan, "within": within}, index=table.index
    )
    places = table["rank"].to_numpy()
    rows = np.flatnonzero(places > top)
    if not len(rows):
        return found
    target = table["score"].to_numpy()[within].min() / 100
    value = scores.value.to_numpy()[rows]
    needed = needed_values(scores, rows, target)
    needed[:, scores.value.columns.isin(fixed)] = np.inf
    step = np.where(needed <= 1 + SAME, np.maximum(needed - value, 0.0), np.inf)
    # The least change, then the lowest value, then the order of the criteria.
    order = np.lexsort((value, np.round(step / SAME)), axis=1)[:, 0]
    enough = np.isfinite(np.take_along_axis(step, order[:, None], axis=1)[:, 0])
    names = scores.value.columns.to_numpy(object)[order]
    at = found.index[rows]
    found.loc[at, "criterion"] = np.where(enough, names, None)
    reached = np.take_along_axis(needed, order[:, None], axis=1)[:, 0].clip(0, 1)
    found.loc[at, "value"] = np.where(enough, reached, np.nan)
    return found


def needed_values(scores: Scores, rows: np.ndarray, target: float) -> np.ndarray:
    """Value that each criterion would need for a score, one at a time.

    For the weighted sum ``(t − Σ_{k≠j} w_k v_k) / w_j``; for the geometric mean the
    same with logarithms; for TOPSIS, where no formula holds, by halving.

    Parameters
    ----------
    rows
        Positions of the areas.
    target
        In [0, 1].

    Returns
    -------
    ndarray
        Areas × criteria; above 1 where no value is enough, infinite where the value is
        unknown or the criterion has no weight.
    """
    value = scores.value.to_numpy()[rows]
    if scores.method == "topsis":
        return _by_halving(scores, value, target)
    weight = scores.weight.to_numpy()[rows]
    if scores.method == "geometric_mean":
        with np.errstate(divide="ignore", over="ignore"):
            logarithm, wanted = (
                np.maximum(np.log(part), NOTHING) for part in (value, target)
            )
            return np.exp(np.minimum(_needed(logarithm, weight, wanted), 1.0))
    return _needed(value, weight, target)


def _needed(value: np.ndarray, weight: np.ndarray, target: float) -> np.ndarray:
    points = np.nan_to_num(weight * value)
    needed = np.full(value.shape, np.inf)
    for column in range(value.shape[1]):
        others = np.delete(points, column, axis=1).sum(axis=1)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            found = (target - others) / weight[:, column]
        usable = weight[:, column] > 0
        needed[usable, column] = found[usable]
    return needed


def _by_halving(scores: Scores, value: np.ndarray, target: float) -> np.ndarray:
    figures = among(scores.method, scores.value.to_numpy())
    share = scores.share.to_numpy()[None]
    needed = np.full(value.shape, np.inf)
    for column in np.flatnonzero(share[0] > 0):
        changed = value.copy()

        def figure(new: np.ndarray, changed=changed, column=column) -> np.ndarray:
            changed[:, column] = new
            return figures(changed, share)[0]

        enough = (figure(np.ones(len(value))) >= target) & ~np.isnan(value[:, column])
        low, high = value[:, column].copy(), np.ones(len(value))
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            reached = figure(middle) >= target
            low, high = np.where(reached, low, middle), np.where(reached, middle, high)
        needed[enough, column] = high[enough]
    return needed
