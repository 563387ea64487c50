"""Moving symbols apart, so that none hides another."""

from __future__ import annotations

import numpy as np

ROUNDS = 200
EASE = 0.5
"""Part of the way that two symbols go apart in one round: all of it would swing."""


def spread(middles: np.ndarray, halves: np.ndarray, reach: float) -> np.ndarray:
    """Shifts after which rectangles overlap no more, or as little as reach allows.

    Two that overlap go the shortest way apart, the smaller further, round by round.

    Parameters
    ----------
    middles : ndarray of float, shape (n, 2)
        Where the rectangles are.
    halves : ndarray of float, shape (n, 2)
        Half their width and height.
    reach
        How far each may go.

    Returns
    -------
    ndarray of float, shape (n, 2)
        How far each goes.
    """
    shifts = np.zeros_like(middles)
    size = halves[:, None] + halves[None]
    area = halves.prod(axis=1)
    part = (area / (area[:, None] + area))[..., None]
    # Two on one spot part in the order of the rows.
    order = np.sign(np.subtract.outer(np.arange(len(middles)), np.arange(len(middles))))
    for _ in range(ROUNDS):
        moved = middles + shifts
        apart = moved[:, None] - moved[None]
        overlap = size - np.abs(apart)
        both = (overlap > 1e-6).all(axis=2) & (order != 0)
        if not both.any():
            break
        shortest = overlap.argmin(axis=2)[..., None] == np.arange(2)
        way = np.where(apart == 0, order[..., None], np.sign(apart))
        pushes = np.where(both[..., None] & shortest, way * overlap * part, 0.0)
        shifts += EASE * pushes.sum(axis=1)
        length = np.hypot(*shifts.T)
        shifts *= np.minimum(1, reach / np.maximum(length, reach))[:, None]
    return shifts
