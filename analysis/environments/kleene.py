"""Three-valued logic on arrays (Kleene): false, unknown, true.

"All" is the smallest value and "any" the largest: one false makes "all" false and one
true makes "any" true, whatever the others are.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

FALSE, UNKNOWN, TRUE = 0, 1, 2


def everywhere(value: int, count: int) -> np.ndarray:
    """The same value for all places, shape (count,)."""
    return np.full(count, value, np.int8)


def where(sure: np.ndarray, possible: np.ndarray | None = None) -> np.ndarray:
    """True where it is sure, unknown where it is only possible, else false.

    >>> where(np.array([True, False, False]), np.array([True, True, False])).tolist()
    [2, 1, 0]
    """
    possible = sure if possible is None else sure | possible
    return (sure.astype(np.int8) + possible).astype(np.int8)


def all_of(states: Sequence[np.ndarray]) -> np.ndarray:
    """True where all are true."""
    return np.min(states, axis=0)


def any_of(states: Sequence[np.ndarray]) -> np.ndarray:
    """True where one is true."""
    return np.max(states, axis=0)


def opposite(state: np.ndarray) -> np.ndarray:
    """True where it is false; unknown stays unknown."""
    return (TRUE - state).astype(np.int8)
