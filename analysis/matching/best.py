"""The best pairs among those that a search comes across."""

from __future__ import annotations

import numpy as np
import pandas as pd


class Best:
    """The best pairs so far.

    Parameters
    ----------
    most
        So many are kept; 0 for all.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._blocks: list[dict[str, np.ndarray]] = []
        self._size = 0
        self.least = -np.inf
        """No pair with a lower score can still come among the best."""

    def add(self, pairs: dict[str, np.ndarray]) -> None:
        """Add pairs."""
        self._blocks.append(pairs)
        self._size += len(pairs["score"])
        if self._most and self._size > 2 * self._most:
            self._cut()

    def keep_links(self, start: int) -> np.ndarray:
        """Which links from a number on were used; these are numbered anew from it."""
        numbers = [block["link"][block["link"] >= start] for block in self._blocks]
        used = np.unique(np.concatenate([np.empty(0, np.int64), *numbers]))
        for block in self._blocks:
            new = block["link"] >= start
            block["link"][new] = start + np.searchsorted(used, block["link"][new])
        return used - start

    def table(self) -> pd.DataFrame:
        """The best pairs in their order."""
        self._cut()
        return pd.DataFrame(self._blocks[0]) if self._blocks else pd.DataFrame(_NONE)

    def _cut(self) -> None:
        if not self._blocks:
            return
        joined = {
            name: np.concatenate([block[name] for block in self._blocks])
            for name in self._blocks[0]
        }
        keys = (joined["demand"], joined["supply"], -joined["score"])
        order = np.lexsort(keys)[: self._most or None]
        self._blocks = [{name: values[order] for name, values in joined.items()}]
        self._size = len(order)
        if self._most and self._size == self._most:
            self.least = float(joined["score"][order[-1]])


_NONE = {
    name: np.empty(0, kind)
    for name, kind in {
        "supply": int, "demand": int, "distance_m": float, "given": float,
        "shared": float, "score": float, "score_distance": float,
        "score_quantity": float, "score_data": float, "link": int,
    }.items()
}  # fmt: skip


def firsts(groups: np.ndarray) -> np.ndarray:
    """Where each group begins, of groups that lie together."""
    changes = np.flatnonzero(groups[1:] != groups[:-1]) + 1
    return np.append(0, changes) if len(groups) else changes


def best_of_groups(group: np.ndarray, scores: np.ndarray, most: int) -> np.ndarray:
    """Places of the best of each group, rising; of equal ones the first.

    Parameters
    ----------
    group
        Group of each pair, never falling.
    scores
        Its score.
    most
        How many of a group are kept.
    """
    if not len(group):
        return np.empty(0, int)
    start = firsts(group)
    size = np.diff(np.append(start, len(group)))
    large = np.repeat(size > most, size)
    places = np.flatnonzero(large)
    places = places[np.lexsort((-scores[places], group[places]))]
    many = size[size > most]
    rank = np.arange(len(places)) - np.repeat(np.cumsum(many) - many, many)
    return np.sort(np.concatenate([np.flatnonzero(~large), places[rank < most]]))
