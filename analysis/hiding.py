"""Hide more cells, until what stays published gives nothing away that is hidden.

Secondary suppression: Handbook on Statistical Disclosure Control, chapter 4, Magnitude
tabular data (sdctools).
"""

from __future__ import annotations

from functools import partial

import numpy as np

from .cells import Cells, Firms
from .progress import Progress, part, silent
from .relations import Echelon, Relations, Row
from .telling_sums import Blocks, Forbids, Rests, telling, telling_blocks

OFTEN = 1_000
"""To hide so many cells takes a fraction of a second."""


class Hiding:
    """Cells of one measure, of which more and more are hidden.

    A sum of firms that may not be told is kept as a hidden cell of its own, numbered
    after the cells.

    Parameters
    ----------
    cells
        All of one measure.
    forbids
        Which sums of firms besides the hidden cells must not be computable; None: these
        only.
    """

    def __init__(
        self, cells: Cells, forbids: Forbids | None, progress: Progress = silent
    ) -> None:
        self.cells = cells
        self.forbids = forbids
        self.progress = progress
        self.sums: list[Blocks] = list(cells.sets)
        echelon = Echelon(cells.columns, part(progress, 0, 0.3))
        if forbids is not None:
            self.sums += telling_blocks(cells, echelon.change(), forbids)
            echelon = self._with_sums(echelon)
        self.relations = Relations(echelon.relations())
        progress(0.6)

    def _with_sums(self, echelon: Echelon) -> Echelon:
        """The same with the sums that are no cells.

        The blocks that are no pivot follow from those that are, with sums or without.
        """
        columns = [list(column) for column in self.cells.columns]
        count = len(self.cells.sets)
        for place, blocks in enumerate(self.sums[count:], count):
            for block in blocks:
                columns[block].append(place)
        pivots = sorted(pivot.block for pivot in echelon.pivots)
        return Echelon(
            [columns[each] for each in pivots], part(self.progress, 0.3, 0.5)
        )

    def hide(self, unsafe: set[int]) -> set[int]:
        """Hide these cells, and others that would give them away; give all of them."""
        count = len(self.cells.sets)
        hidden = [*sorted(unsafe), *range(count, len(self.sums))]
        for number, place in enumerate(hidden):
            if number % OFTEN == 0:
                self.progress(0.6)
            self.relations.hide(place)
        seen = self._guard()
        if self.forbids is not None and self.cells.columns:
            rests = Rests(self.cells, self.forbids, partial(self.progress, 0.7))
            while more := self._known_sums(seen) | self._rests(rests):
                for place, terms in enumerate(more.values(), len(self.sums)):
                    self.relations.hide_sum(place, terms)
                self.sums += more
                seen = self._guard()
        return {place for place in self.relations.hidden if place < count}

    def _guard(self) -> set[int]:
        """Hide published cells until no hidden cell can be computed.

        Gives the relations that were looked at.
        """
        seen: set[int] = set()
        while news := self.relations.news():
            self.progress(0.7)
            seen |= set(news)
            chosen: set[int] = set()
            for place in news:
                if self.relations.number[place] == 1:
                    published = self.relations.published(place)
                    if published and chosen.isdisjoint(published):
                        chosen.add(self._partner(place, published))
            for cell in sorted(chosen):
                self.relations.hide(cell)
        return seen

    def _partner(self, place: int, published: dict[int, bool]) -> int:
        """The published cell to hide in a relation with one hidden cell.

        The smallest that, together with the hidden one, may be told; else the smallest.
        """
        cell = np.array(list(published))
        firms = self.cells.firms
        little = np.zeros(len(cell), bool)
        if self.forbids is not None:
            own = self.cells.together(self.sums[self.relations.pivot[place]])
            number = firms.number[cell] + own.number
            largest = np.maximum(firms.largest[cell], own.largest)
            total = firms.total[cell] + own.total
            little = self.forbids(Firms(number, largest, total))
            little &= np.array(list(published.values()))
        return int(cell[np.lexsort((cell, firms.total[cell], little))[0]])

    def _rests(self, rests: Rests) -> dict[Blocks, Row]:
        """Sums that :class:`.telling_sums.Rests` comes upon."""
        shown = np.ones(len(self.cells.sets), bool)
        shown[[cell for cell in self.relations.hidden if cell < len(shown)]] = False
        return self._new(rests.telling(shown))

    def _known_sums(self, seen: set[int]) -> dict[Blocks, Row]:
        """Sums of hidden cells that relations give and that tell too much.

        Each with how many times it takes each cell.
        """
        found: dict[Blocks, Row] = {}
        for place in sorted(seen):
            own = self.relations.known(place)
            for terms in (own, *self.relations.known_pairs(place, own)):
                if set(terms.values()) == {1}:
                    parts = [self.sums[cell] for cell in terms]
                    union = frozenset().union(*parts)
                    if len(union) == sum(map(len, parts)):
                        found.setdefault(union, terms)
        sums = telling(self.cells, list(found), self.forbids)
        return self._new({blocks: found[blocks] for blocks in sums})

    def _new(self, found: dict[Blocks, Row]) -> dict[Blocks, Row]:
        """Those that are not hidden yet."""
        hidden = {self.sums[place] for place in self.relations.hidden}
        return {blocks: found[blocks] for blocks in found if blocks not in hidden}
