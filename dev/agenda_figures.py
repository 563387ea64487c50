"""Places in a ranking with ties, and what an order at random gives: pure functions."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from scipy.stats import binomtest, hypergeom

TOP = 10
LEVEL = 0.95


def places_of(score: float, scores: np.ndarray) -> tuple[int, int]:
    """First and last place that one of the scores can have, the highest first.

    Those of equal score share all their places; what has none shares the last.

    >>> places_of(2.0, np.array([3.0, 2.0, 2.0, 1.0, np.nan]))
    (2, 3)
    >>> places_of(np.nan, np.array([3.0, np.nan, np.nan]))
    (2, 3)
    """
    told = np.where(np.isnan(scores), -np.inf, scores)
    own = -np.inf if np.isnan(score) else score
    above = int((told > own).sum())
    return above + 1, above + int((told == own).sum())


def at_random(
    scenes: Iterable[tuple[int, int]], top: int = TOP
) -> tuple[float, int, int]:
    """Hits of an order at random: how many are expected, and their interval of 95 %.

    Parameters
    ----------
    scenes
        Number of zones of each ranking, and how many of them were built for it. In
        each the hits are hypergeometric, and their sum over the rankings is exact.
    """
    share = np.ones(1)
    for zones, built in scenes:
        each = hypergeom(zones, built, min(top, zones)).pmf(np.arange(built + 1))
        share = np.convolve(share, each)
    below = np.cumsum(share)
    ends = [int(np.searchsorted(below, end)) for end in _ENDS]
    return float(share @ np.arange(len(share))), *ends


_ENDS = ((1 - LEVEL) / 2, (1 + LEVEL) / 2)


def interval(count: int, of: int) -> tuple[float, float]:
    """Interval of 95 % of a share (Clopper and Pearson)."""
    found = binomtest(count, of).proportion_ci(LEVEL)
    return found.low, found.high
