"""How sure a ranking is when the weights are not: SMAA."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from .aggregation import among
from .progress import Progress, silent
from .threads import in_threads

if TYPE_CHECKING:
    from .scoring import Scores

CONFIDENCE = 4.0
"""How close drawn weights stay to those given; 1 with equal weights: any weights alike
(aanname)."""
DRAWS = 1000
BLOCK = 2_000_000
"""Scores that are computed in one go."""
SAME = 1e-11
"""Figures in [0, 1] that differ by less are equal."""
LOW, HIGH = 0.05, 0.95
TABLE = ["acceptability", "rank_low", "rank_high"]


@dataclass(frozen=True)
class Robustness:
    """What happens to the places of areas when weights are drawn.

    Parameters
    ----------
    table
        Per area: acceptability, the share of the draws in which it has a place up to
        the top; rank_low (best) and rank_high, its place at the 5 and 95 % points of
        the draws. NULL without a rank, and without draws.
    central
        Areas × criteria: mean of the weights of the draws in which the area is among
        the top, 0 without weight; NULL where there is none.
    """

    table: pd.DataFrame
    central: pd.DataFrame


def robustness(
    scores: Scores,
    draws: int = DRAWS,
    confidence: float = CONFIDENCE,
    top: int = 10,
    seed: int = 1,
    progress: Progress = silent,
) -> Robustness:
    """Draw weights and see what place every area gets.

    Parameters
    ----------
    scores
        By the given weights. Areas with a rank take part.
    draws
        Number of draws; 0 leaves everything NULL.
    confidence, seed
        See :func:`dirichlet_weights`.
    top
        Places that count for acceptability and central weights.

    Source
    ------
    Lahdelma and Salminen (2001), SMAA-2. Acceptability and central weights are for the
    best ``top`` places together; with ``top`` 1 they are those of SMAA-2.
    """
    value, weight = scores.value, scores.share
    ranked = scores.table["rank"].notna()
    # In an order of its own, so that that of the weights makes no difference.
    names = sorted(name for name in weight.index if weight[name] > 0)
    part = value.loc[ranked, names].to_numpy(float)
    drawn = dirichlet_weights(weight[names], draws, confidence, seed)
    if not (draws and len(part)):
        empty = pd.DataFrame(index=value.index, columns=TABLE, dtype=float)
        return Robustness(empty, pd.DataFrame(np.nan, value.index, names))
    found = _places(scores.method, part, drawn, progress)
    inside = found <= top
    count = inside.sum(axis=0)
    with np.errstate(invalid="ignore"):
        central = (inside.T.astype(float) @ drawn) / count[:, None]
    low, high = percentiles(found, LOW, HIGH)
    table = pd.DataFrame(
        {"acceptability": count / draws, "rank_low": low, "rank_high": high},
        index=value.index[ranked],
    )
    central = pd.DataFrame(central, table.index, names)
    for name in weight.index.difference(names):
        # What weighs nothing does so in every draw.
        central[name] = np.where(count > 0, 0.0, np.nan)
    return Robustness(table.reindex(value.index), central.reindex(value.index))


def dirichlet_weights(
    weight: pd.Series, draws: int, confidence: float = CONFIDENCE, seed: int = 1
) -> np.ndarray:
    """Draw weights round those given.

    From a Dirichlet distribution with ``α_i = n · w_i · confidence``, *n* the number of
    criteria: their mean is the given weight, and with equal weights and confidence 1
    every set of weights is as likely as any other.

    Parameters
    ----------
    weight
        Above 0.

    Returns
    -------
    ndarray
        Draws × criteria, each draw adding up to 1.

    Source
    ------
    Tervonen and Lahdelma (2007), Implementing stochastic multicriteria acceptability
    analysis (uniform weights); the concentration round given weights is ours.
    """
    share = (weight / weight.sum()).to_numpy(float)
    alpha = len(share) * share * confidence
    return np.random.default_rng(seed).dirichlet(alpha, draws)


def places(figure: np.ndarray) -> np.ndarray:
    """Place of every area, the last axis; 1 is the highest.

    Equal figures share the best place of theirs.

    >>> places(np.array([0.5, 0.9, 0.5, 0.1]))
    array([2, 1, 2, 4], dtype=int32)
    """
    order = np.argsort(-figure, axis=-1)
    ordered = np.take_along_axis(figure, order, axis=-1)
    place = np.arange(1, figure.shape[-1] + 1, dtype=np.int32)
    lower = np.ones(figure.shape, dtype=bool)
    np.greater(ordered[..., :-1] - ordered[..., 1:], SAME, out=lower[..., 1:])
    shared = np.maximum.accumulate(np.where(lower, place, 0), axis=-1)
    found = np.empty(figure.shape, dtype=np.int32)
    np.put_along_axis(found, order, shared, axis=-1)
    return found


def percentiles(found: np.ndarray, *parts: float) -> list[np.ndarray]:
    """Points of the draws (first axis): the smallest with that part up to it."""
    at = [max(int(np.ceil(part * len(found) - 1e-9)) - 1, 0) for part in parts]
    ordered = np.partition(np.ascontiguousarray(found.T), at, axis=1)
    return [ordered[:, place] for place in at]


def _places(
    method: str, value: np.ndarray, drawn: np.ndarray, progress: Progress
) -> np.ndarray:
    """Places in every draw, draws × areas."""
    figures = among(method, value)
    size = max(1, BLOCK // len(value))
    blocks = [drawn[start : start + size] for start in range(0, len(drawn), size)]
    found = in_threads(lambda block: places(figures(value, block)), blocks, progress)
    return np.concatenate(found)
