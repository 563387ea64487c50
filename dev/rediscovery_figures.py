"""Ranks, recall and their intervals, for docs/rediscovery.md: pure functions."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence

import numpy as np

FIRST = (1, 5, 10)
"""Recall is told in the first so many."""
METRICS = (*(f"in first {most}" for most in FIRST), "mean reciprocal rank")
Z = 1.6449
"""Standard deviations on either side that leave 90 % between them."""
DRAWS = 2000
NOWHERE = np.inf
"""Rank of what is not proposed."""


def rank_of(wanted: Hashable, scores: Mapping[Hashable, float]) -> float:
    """Place of one among others by score, the highest first; equal ones share it.

    Those that share places 2, 3 and 4 are all at 3; what has no score is nowhere.
    """
    if wanted not in scores:
        return NOWHERE
    values = np.fromiter(scores.values(), float)
    own = scores[wanted]
    return float((values > own).sum() + ((values == own).sum() + 1) / 2)


def measured(ranks: np.ndarray) -> np.ndarray:
    """Hits and reciprocal ranks, averaged over decoys.

    Parameters
    ----------
    ranks : ndarray of float, shape (n, draws)
        Of each exchange with each draw of decoys.

    Returns
    -------
    ndarray of float, shape (n, len(METRICS))
    """
    hits = [(ranks <= most).mean(axis=1) for most in FIRST]
    return np.stack([*hits, (1 / ranks).mean(axis=1)], axis=1)


def wilson(share: float, n: int) -> tuple[float, float]:
    """Interval of 90 % of a share of n (Wilson)."""
    middle = (share + Z**2 / (2 * n)) / (1 + Z**2 / n)
    half = Z / (1 + Z**2 / n) * np.sqrt(share * (1 - share) / n + Z**2 / (4 * n**2))
    return max(0.0, middle - half), min(1.0, middle + half)


def spread(values: np.ndarray, places: Sequence[Hashable]) -> np.ndarray:
    """Interval of 90 % of means, from draws of whole places with replacement.

    Parameters
    ----------
    values : ndarray of float, shape (n, m)
        What is averaged over n exchanges.
    places
        Where each of them is; those at one place are drawn together.

    Returns
    -------
    ndarray of float, shape (2, m)
        The 5 and 95 % points.
    """
    names, place = np.unique(np.asarray(places, str), return_inverse=True)
    sums = np.zeros((len(names), values.shape[1]))
    np.add.at(sums, place, values)
    sizes = np.bincount(place)
    drawn = np.random.default_rng(1).integers(len(names), size=(DRAWS, len(names)))
    means = sums[drawn].sum(axis=1) / sizes[drawn].sum(axis=1)[:, None]
    return np.quantile(means, [0.05, 0.95], axis=0)


def by_group(values: np.ndarray, groups: Sequence[Hashable]) -> np.ndarray:
    """Mean of each group, in the order of the groups sorted."""
    _, group = np.unique(np.asarray(groups, str), return_inverse=True)
    sums = np.zeros((group.max() + 1, values.shape[1]))
    np.add.at(sums, group, values)
    return sums / np.bincount(group)[:, None]
