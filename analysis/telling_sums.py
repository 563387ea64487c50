"""Sums of firms that cells give and that tell too much of one of them.

Whether a sum can be computed is exact (:mod:`.relations`). Not all sums that tell too
much can be looked at: there are too many. These are: every block of firms by itself
and every two of them; what is left of a cell, or of a few of one table together,
without one cell inside or without all of them; every two hidden cells, and more where
elimination comes upon them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd

from .cells import Cells, Firms, matrix
from .relations import PRIME, Row

Forbids = Callable[[Firms], np.ndarray]
"""Which totals of firms tell too much of one of them."""
Blocks = frozenset[int]
DOUBT = 1e-9
"""Differences of totals are rounded: what is nearly forbidden is looked at again."""
LARGE = 2**40
"""More than any number of blocks."""
FEW = 4
"""So many cells of a table at most are looked at together."""
OFTEN = 200
"""So many sums take a fraction of a second."""


def telling_blocks(cells: Cells, change: np.ndarray, forbids: Forbids) -> list[Blocks]:
    """Blocks and pairs of blocks that tell too much and are no cell themselves.

    Parameters
    ----------
    cells
        All of one measure.
    change
        A random change of every block that changes no cell
        (:meth:`.relations.Echelon.change`): what can be computed stays as it is.
    forbids
        What tells too much.
    """
    still = np.flatnonzero(change == 0)
    moving = pd.DataFrame({"block": np.arange(len(change)), "change": change})
    moving = moving[change != 0]
    undone = moving.assign(change=PRIME - moving["change"])
    pairs = moving.merge(undone, on="change", suffixes=("", "_other"))
    pairs = pairs[["block", "block_other"]].to_numpy()
    pairs = pairs[pairs[:, 0] < pairs[:, 1]]
    sums = [frozenset(blocks) for blocks in [*still[:, None].tolist(), *pairs.tolist()]]
    known = set(cells.sets)
    found = telling(cells, [blocks for blocks in sums if blocks not in known], forbids)
    return sorted(found, key=sorted)


def telling(cells: Cells, sums: list[Blocks], forbids: Forbids) -> list[Blocks]:
    """Those of some sums of blocks that tell too much of one firm."""
    place = np.repeat(np.arange(len(sums)), [len(blocks) for blocks in sums])
    own = np.array([block for blocks in sums for block in sorted(blocks)], int)
    firms = cells.blocks.together(place.astype(int), own, len(sums))
    return [sums[place] for place in np.flatnonzero(forbids(firms))]


class Rests:
    """What is left of published cells without cells inside them.

    A *whole* is a cell, or those cells of a table, sharing no firm, that touch one cell
    of another, where these are few.

    Parameters
    ----------
    cells
        All of one measure.
    forbids
        What tells too much.
    tell
        Is called often, as a sign of life.
    """

    def __init__(
        self, cells: Cells, forbids: Forbids, tell: Callable[[], object]
    ) -> None:
        self.cells = cells
        self.tell = tell
        self.forbids = forbids
        self.shown = np.zeros(len(cells.sets), bool)
        self.wholes = [(cell,) for cell in range(len(cells.sets))] + _few(cells)
        tell()
        size = [len(own) for own in self.wholes]
        whole, own = np.repeat(np.arange(len(size)), size), np.concatenate(self.wholes)
        self.firms = cells.firms.together(whole, own, len(size))
        self.taken = matrix(whole, own, len(size), len(cells.sets))
        self.blocks = self.taken @ cells.held
        tell()
        self.whole, self.inside = self._inside()

    def _inside(self) -> tuple[np.ndarray, np.ndarray]:
        """Pairs of a whole of which the cells share no firm, and another cell in it."""
        shared = (self.blocks @ self.cells.held.T - LARGE * self.taken).tocoo()
        inside = shared.data == np.diff(self.cells.held.indptr)[shared.col]
        apart = self.blocks.max(axis=1).toarray().ravel() == 1
        inside &= apart[shared.row]
        return shared.row[inside], shared.col[inside]

    def telling(self, shown: np.ndarray) -> dict[Blocks, Row]:
        """Rests that tell too much, with how many times each takes each cell.

        Only of cells that changed since the last time.

        Parameters
        ----------
        shown
            Whether each cell is published.
        """
        changed, self.shown = shown != self.shown, shown
        fresh = self.taken @ changed.astype(int) > 0
        fresh[self.whole[changed[self.inside]]] = True
        fresh &= self.taken @ (~shown).astype(int) == 0
        pairs = np.flatnonzero(fresh[self.whole] & shown[self.inside])
        found: dict[Blocks, Row] = {}
        for number, (whole, parts) in enumerate(self._suspect(pairs)):
            if number % OFTEN == 0:
                self.tell()
            rest, terms = self._left(whole, parts)
            if rest:
                found.setdefault(rest, terms)
        sums = telling(self.cells, list(found), self.forbids)
        return {blocks: found[blocks] for blocks in sums}

    def _suspect(self, pairs: np.ndarray) -> Iterator[tuple[int, list[int]]]:
        """Wholes and cells inside without which the rest may tell too much.

        Taken out are one cell, those of one table, or those of all tables. Of the rest,
        no firm is larger than the largest of the whole; and what is in no cell inside
        is left in any case.
        """
        whole, inside = self.whole[pairs], self.inside[pairs]
        out, blocks = self.cells.firms, self.cells.blocks
        largest = self.firms.largest * (1 + DOUBT)
        number = self.firms.number[whole] - out.number[inside]
        total = self.firms.total[whole] - out.total[inside]
        alone = self.forbids(Firms(number, largest[whole], total))
        for place in np.flatnonzero(alone):
            yield int(whole[place]), [int(inside[place])]
        rows, row = np.unique(whole, return_inverse=True)
        held = matrix(row, inside, len(rows), len(self.cells.sets)) @ self.cells.held
        left = self.blocks[rows] - (held > 0)
        rest = Firms(left @ blocks.number, largest[rows], left @ blocks.total)
        some = self.forbids(rest)[row]
        order = np.lexsort((-inside[some], whole[some]))
        whole, inside = whole[some][order], inside[some][order]
        start = np.flatnonzero(np.diff(whole, prepend=-1))
        for place, parts in zip(whole[start], np.split(inside, start)[1:], strict=True):
            yield int(place), parts.tolist()
            tables = self.cells.table[parts]
            for table in np.unique(tables):
                yield int(place), parts[tables == table].tolist()

    def _left(self, whole: int, parts: list[int]) -> tuple[Blocks, Row]:
        """What is left of a whole without parts that share no firm, the first first."""
        sets = self.cells.sets
        rest = set().union(*(sets[member] for member in self.wholes[whole]))
        terms = dict.fromkeys(self.wholes[whole], 1)
        for part in parts:
            if sets[part] <= rest:
                rest -= sets[part]
                terms[part] = -1
        return frozenset(rest), terms


def _few(cells: Cells) -> list[tuple[int, ...]]:
    """The cells of a table that touch one cell of another, where these are few."""
    shared = (cells.held @ cells.held.T).tocoo()
    apart = cells.table[shared.row] != cells.table[shared.col]
    whole, member = shared.row[apart], shared.col[apart]
    order = np.lexsort((member, cells.table[member], whole))
    whole, member = whole[order], member[order]
    key = whole * (cells.table.max(initial=0) + 1) + cells.table[member]
    start = np.flatnonzero(np.diff(key, prepend=-1))
    size = np.diff(start, append=len(key))
    few = np.flatnonzero((size > 1) & (size <= FEW))
    return sorted({tuple(member[start[n] : start[n] + size[n]].tolist()) for n in few})
