"""What cells of tables say of each other, in exact arithmetic.

Cells are sets of *blocks*: firms that always stand in the same cells. Two questions are
answered. Which blocks can be computed when every cell is known? A random change of all
blocks that leaves every cell as it is (:meth:`Echelon.change`) leaves just these as
they are. And which sums and differences of cells are nothing, whatever the firms have
(:meth:`Echelon.relations`)? A hidden cell can be computed from the others when, and
only when, a combination of these relations holds it and no other hidden cell;
:class:`Relations` keeps them so that this can be seen.

All is Gaussian elimination modulo a prime: exact, but for chances of one in 10¹⁸.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

import numpy as np

from .progress import Progress, silent

PRIME = 2**61 - 1
"""Computing modulo a prime keeps sums of whole totals exact."""
LOT = 1_618_033_988_749_894_848
"""A number without meaning."""
OFTEN = 2_000
"""So many columns take a fraction of a second."""

Row = dict[int, int]
"""Coefficients by cell; those that are 0 are left out."""


@dataclass(frozen=True)
class _Pivot:
    """A block that the blocks before it don't give.

    Parameters
    ----------
    cell
        First cell of what is left of its column; there it is 1.
    left
        Its column, times ``scale``, once ``steps`` have been taken out.
    steps
        Number of an earlier pivot, and how many times it was taken out.
    """

    block: int
    cell: int
    left: Row
    scale: int
    steps: list[tuple[int, int]]


class Echelon:
    """The columns of blocks, taken out of each other.

    Parameters
    ----------
    columns
        By block, the numbers of the cells that hold it. Numbering cells from small to
        large keeps the work small.
    """

    def __init__(self, columns: list[list[int]], progress: Progress = silent) -> None:
        self.columns = columns
        self.pivots: list[_Pivot] = []
        self.place: dict[int, int] = {}
        for block, column in enumerate(columns):
            if block % OFTEN == 0:
                progress(block / len(columns))
            self._add(block, dict.fromkeys(column, 1))

    def _add(self, block: int, left: Row) -> None:
        steps = []
        while left:
            cell = min(left)
            place = self.place.get(cell)
            if place is None:
                scale = pow(left[cell], -1, PRIME)
                left = {each: value * scale % PRIME for each, value in left.items()}
                self.place[cell] = len(self.pivots)
                self.pivots.append(_Pivot(block, cell, left, scale, steps))
                return
            steps.append((place, left[cell]))
            _take(left, left[cell], self.pivots[place].left)

    def change(self, seed: int = 0) -> np.ndarray:
        """A random change of every block that changes no cell, modulo the prime.

        What the blocks that are no pivot change at will, the pivots make up for.
        """
        change = np.random.default_rng(seed).integers(1, PRIME, len(self.columns))
        change[[pivot.block for pivot in self.pivots]] = 0
        cells: Row = {}
        for column, value in zip(self.columns, change.tolist(), strict=True):
            for cell in column:
                cells[cell] = cells.get(cell, 0) + value
        weights = [0] * len(self.pivots)
        for cell in sorted(self.place):
            place, value = self.place[cell], cells.get(cell, 0)
            weights[place] = -value % PRIME
            _take(cells, value, self.pivots[place].left)
        for place in reversed(range(len(self.pivots))):
            pivot = self.pivots[place]
            own = weights[place] * pivot.scale % PRIME
            change[pivot.block] = own
            for earlier, times in pivot.steps:
                weights[earlier] = (weights[earlier] - own * times) % PRIME
        return change

    def relations(self) -> list[Row]:
        """Independent sums of cells that are nothing; all others follow from these.

        Each has one cell that is no pivot, and the pivots that go with it.
        """
        found: dict[int, Row] = {}
        shares: dict[int, Row] = {}
        cells = {cell for own in self.columns for cell in own}
        for cell in sorted(cells, reverse=True):
            if cell in self.place:
                share: Row = {}
                for other, value in self.pivots[self.place[cell]].left.items():
                    if other != cell:
                        _take(share, value, shares[other])
            else:
                share = {cell: 1}
            shares[cell] = share
            for free, value in share.items():
                found.setdefault(free, {})[cell] = value
        return [found[free] for free in sorted(found)]


class Relations:
    """Relations between cells of which some are hidden.

    A relation with hidden cells has one as its *pivot*, which stands in no other
    relation. So a hidden cell can be computed from published ones when it is the only
    hidden cell of its relation.

    Parameters
    ----------
    rows
        Independent relations, as :meth:`Echelon.relations` gives them.

    Attributes
    ----------
    hidden
        The hidden cells.
    number
        By relation, how many hidden cells it has.
    pivot
        By relation with hidden cells, its pivot.
    """

    def __init__(self, rows: Iterable[Row]) -> None:
        self.hidden: set[int] = set()
        self.number: list[int] = []
        self.pivot: dict[int, int] = {}
        self._home: dict[int, int] = {}
        self._rows: list[Row] = []
        self._holders: dict[int, set[int]] = {}
        self._changed: set[int] = set()
        self._undoing: dict[int, int] = {}
        self._undone: dict[int, set[int]] = {}
        for row in rows:
            self._append(row)

    def _append(self, row: Row) -> None:
        for cell in row:
            self._holders.setdefault(cell, set()).add(len(self._rows))
        self._rows.append(row)
        self.number.append(len(self.hidden & row.keys()))

    def hide(self, cell: int) -> None:
        """Count a cell as hidden."""
        self.hidden.add(cell)
        holders = sorted(self._holders.get(cell, ()))
        self._changed.update(holders)
        for place in holders:
            self.number[place] += 1
        free = [place for place in holders if place not in self.pivot]
        if not free:
            return
        home = min(free, key=lambda place: (len(self._rows[place]), place))
        self.pivot[home], self._home[cell] = cell, home
        for place in holders:
            if place != home:
                self._clear(place, cell)

    def hide_sum(self, cell: int, terms: Row) -> None:
        """Count a sum of cells as a hidden cell of its own, under a new number."""
        place = len(self._rows)
        self._append({cell: PRIME - 1} | {each: n % PRIME for each, n in terms.items()})
        for each in sorted(self._home.keys() & terms):
            self._clear(place, each)
        self.hide(cell)

    def _clear(self, place: int, cell: int) -> None:
        """Take a pivot out of another relation."""
        row, source = self._rows[place], self._rows[self._home[cell]]
        times = row[cell] * pow(source[cell], -1, PRIME) % PRIME
        _take(row, times, source)
        for each in source:
            holders = self._holders[each]
            if (each in row) != (place in holders):
                holders.symmetric_difference_update((place,))
                if each in self.hidden:
                    self.number[place] += 1 if each in row else -1

    def news(self) -> list[int]:
        """Relations with hidden cells that changed since this was asked."""
        changed, self._changed = self._changed, set()
        return sorted(changed & self.pivot.keys())

    def known(self, place: int) -> Row:
        """A sum of hidden cells that can be computed.

        It is scaled so that the pivot counts once.
        """
        row = self._rows[place]
        scale = pow(row[self.pivot[place]], -1, PRIME)
        return {cell: row[cell] * scale % PRIME for cell in row.keys() & self.hidden}

    def known_pairs(self, place: int, own: Row) -> list[Row]:
        """Pairs of the pivot of a relation and another of which only the sum is known.

        What hidden cells undo in the relation of one, they undo in that of the other.
        ``own`` is what :meth:`known` gives.
        """
        cell = self.pivot[place]
        self._undone.get(self._undoing.get(place, 0), set()).discard(cell)
        value = sum(own[each] * _lot(each) for each in own if each != cell) % PRIME
        self._undoing[place] = value
        self._undone.setdefault(value, set()).add(cell)
        others = self._undone.get(PRIME - value, set()) if value else ()
        return [{cell: 1, other: 1} for other in sorted(others)]

    def published(self, place: int) -> dict[int, bool]:
        """The published cells of a relation.

        With each, whether its sum with the pivot stays known when it is hidden.
        """
        row = self._rows[place]
        own = row[self.pivot[place]]
        return {each: n == own for each, n in row.items() if each not in self.hidden}


@cache
def _lot(cell: int) -> int:
    """A number for a cell; sums of such numbers are equal by chance only."""
    return pow(LOT, cell + 1, PRIME)


def _take(row: Row, times: int, other: Row) -> None:
    """Take a row so many times out of another."""
    for cell, value in other.items():
        left = (row.get(cell, 0) - times * value) % PRIME
        if left:
            row[cell] = left
        else:
            row.pop(cell, None)
