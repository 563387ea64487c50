"""Cells of tables, and the firms behind them."""

from __future__ import annotations

import itertools
from collections.abc import Collection
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from .progress import Progress, silent


@dataclass(frozen=True)
class Firms:
    """Sets of firms: how many have anything, what the largest has, and all together.

    One with nothing hides nobody.
    """

    number: np.ndarray
    largest: np.ndarray
    total: np.ndarray

    def together(self, place: np.ndarray, own: np.ndarray, count: int) -> Firms:
        """Sets put together, from pairs of a new set and one of these in it."""
        largest = np.zeros(count)
        np.maximum.at(largest, place, self.largest[own])
        number = np.bincount(place, self.number[own], count)
        return Firms(number, largest, np.bincount(place, self.total[own], count))


@dataclass
class Cells:
    """The cells of one measure, numbered from small to large.

    Parameters
    ----------
    names
        Table and row of every cell.
    table
        Number of its table.
    held
        1 where a cell (row) holds a *block* (column): firms that stand in the same
        cells.
    blocks
        The firms of every block.
    firms
        The firms of every cell.
    sets
        The blocks of every cell.
    columns
        The cells of every block, sorted.
    """

    names: list[tuple[str, object]]
    table: np.ndarray
    held: csr_array
    blocks: Firms
    firms: Firms = field(init=False)
    sets: list[frozenset[int]] = field(init=False)
    columns: list[list[int]] = field(init=False)

    def __post_init__(self) -> None:
        """Put the firms of every cell together."""
        place, block = self.held.nonzero()
        self.firms = self.blocks.together(place, block, len(self.names))
        self.sets = [frozenset(blocks) for blocks in _rows(self.held)]
        self.columns = _rows(self.held.T.tocsr())

    def together(self, blocks: Collection[int]) -> Firms:
        """The firms of some blocks, as one set."""
        own = np.array(sorted(blocks), int)
        return self.blocks.together(np.zeros_like(own), own, 1)


def cells_of(
    names: list[tuple[str, object]],
    place: np.ndarray,
    firm: np.ndarray,
    amount: np.ndarray,
    progress: Progress = silent,
) -> Cells:
    """Cells, from the firms in them.

    Parameters
    ----------
    names
        Table and row of every cell, sorted.
    place, firm, amount
        Pairs of a place in ``names`` and a firm, a whole number, and what it has.
    progress
        Hears how far it is.
    """
    order = np.argsort(np.bincount(place, minlength=len(names)), kind="stable")
    names = [names[each] for each in order]
    place = np.argsort(order)[place]
    numbers, row = np.unique(firm, return_inverse=True)
    has = np.zeros(len(numbers))
    has[row] = amount
    progress(0.2)
    block, kinds = _signatures(row, place, len(names))
    progress(0.5)
    single = Firms((has > 0).astype(int), has, has)
    blocks = single.together(block, np.arange(len(block)), len(kinds))
    column, position = np.nonzero(kinds >= 0)
    held = matrix(kinds[column, position], column, len(names), len(kinds))
    progress(0.7)
    table = np.unique([name for name, _ in names], return_inverse=True)[1]
    return Cells(names, table, held, blocks)


def matrix(row: np.ndarray, column: np.ndarray, rows: int, columns: int) -> csr_array:
    """A sparse matrix with ones, once each."""
    return csr_array((np.ones(len(row), np.int64), (row, column)), (rows, columns))


def _signatures(
    firm: np.ndarray, place: np.ndarray, cells: int
) -> tuple[np.ndarray, np.ndarray]:
    """The block of every firm, and the cells of every block, filled up with -1."""
    firm, place = np.divmod(np.unique(firm * max(cells, 1) + place), max(cells, 1))
    start = np.flatnonzero(np.diff(firm, prepend=-1))
    position = np.arange(len(firm)) - start[firm]
    signature = np.full((len(start), position.max(initial=0) + 1), -1)
    signature[firm, position] = place
    table = pd.DataFrame(signature)
    block = table.groupby(list(table), sort=True).ngroup().to_numpy()
    return block, signature[np.unique(block, return_index=True)[1]]


def _rows(held: csr_array) -> list[list[int]]:
    """The columns of every row."""
    held.sort_indices()
    columns, ends = held.indices.tolist(), held.indptr.tolist()
    return [columns[start:end] for start, end in itertools.pairwise(ends)]
