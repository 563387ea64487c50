"""Draws that are spread more evenly than chance, so that few already show the shape."""

from __future__ import annotations

import numpy as np

# Powers of the plastic number: multiples of the two fill a square evenly, modulo 1.
FIRST, SECOND = 0.7548776662466927, 0.5698402909980532


def low_discrepancy(rng: np.random.Generator, count: int, step: float) -> np.ndarray:
    """Numbers (count,) between 0 and 1, spread evenly over every stretch of rows.

    Over all rows they are the middles of ``count`` equal parts, in another order.
    """
    places = (rng.random() + step * np.arange(count)) % 1
    return (np.argsort(np.argsort(places)) + 0.5) / max(count, 1)


def systematic(rng: np.random.Generator, weights: np.ndarray, count: int) -> np.ndarray:
    """Draw ``count`` row numbers of ``weights``, in random order.

    Systematic sampling: each row comes as often as it weighs, give or take one.
    """
    limits = np.cumsum(weights)
    places = (np.arange(count) + rng.random()) / max(count, 1) * limits[-1]
    chosen = np.searchsorted(limits, places, side="right")
    return rng.permutation(np.minimum(chosen, len(limits) - 1))
