"""Working per group on arrays."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np


def positions_by(keys: np.ndarray) -> Iterator[tuple[object, np.ndarray]]:
    """Positions of every key, in the order of the keys.

    >>> [(int(key), rows.tolist()) for key, rows in positions_by(np.array([2, 1, 2]))]
    [(1, [1]), (2, [0, 2])]
    """
    if len(keys) == 0:
        return
    order = np.argsort(keys, kind="stable")
    values, starts = np.unique(keys[order], return_index=True)
    yield from zip(values, np.split(order, starts[1:]), strict=True)


def cell_ids(rows: Iterable[str], columns: Iterable[str]) -> np.ndarray:
    """Ids of the cells of a table, from the ids of their rows and columns.

    >>> cell_ids(["C001", "C002"], ["20", "46"]).tolist()
    ['C001|20', 'C002|46']
    """
    pairs = zip(rows, columns, strict=True)
    return np.array([f"{row}|{column}" for row, column in pairs], dtype=object)
