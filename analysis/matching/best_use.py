"""The best use of what one carrier has to give, however many pairs there are.

Up to :data:`MOST` pairs all of them take part. Of more, the nearest of each flow begin;
the prices that come out of that tell which of all others would pay, and those join in
the next round. The same prices prove how much can be missing at most.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..progress import Progress, part
from .allocation import allocate_by_period
from .in_reach import InReach, lowest

MOST = 1_000_000
"""Pairs up to which all take part at once."""
BEGIN = 3
"""So many of the nearest and of the largest pairs of each flow begin the rounds."""
ADDED = 4
"""Most pairs of each flow that a round adds."""
ENOUGH = 1e-3
"""With so little missing at most the rounds end."""
ROUNDS = 6
"""After so many rounds what is missing at most is told as it is."""
TRIFLE = 1e-9
"""A pair pays when it earns more than this part of the highest worth."""
KEYS = ["supply", "demand"]


@dataclass(frozen=True)
class Worth:
    """What counts per unit that leaves a giver, linear in the way it goes.

    Parameters
    ----------
    fixed, per_metre
        By link, shape (l,).
    """

    fixed: np.ndarray
    per_metre: np.ndarray

    def of(self, pairs: pd.DataFrame) -> np.ndarray:
        """Worth of pairs, shape (m,)."""
        link = pairs["link"].to_numpy(int)
        return self.fixed[link] + self.per_metre[link] * pairs["distance_m"].to_numpy()


@dataclass(frozen=True)
class BestUse:
    """Who gives how much to whom.

    Attributes
    ----------
    pairs : DataFrame
        As :meth:`.InReach.blocks` tells them, those through which something flows,
        sorted, with ``allocated`` (leaves the giver) and ``delivered`` (arrives).
    worth, bound
        What it is worth, and what no allocation over all pairs can be worth more than.
    taking_part, of
        How many pairs took part, of how many.
    """

    pairs: pd.DataFrame
    worth: float
    bound: float
    taking_part: int
    of: int

    @property
    def gap(self) -> float:
        """What may be missing to the optimum at most, as a part of it."""
        missing = 1 - self.worth / self.bound if self.bound > 0 else 0.0
        return missing if missing > TRIFLE else 0.0


def best_use(
    source: InReach,
    available: pd.DataFrame,
    asked: pd.DataFrame,
    worth: Worth,
    progress: Progress,
) -> BestUse:
    """Allocate what is available to who asks for it.

    Parameters
    ----------
    source
        The pairs.
    available, asked : DataFrame of float
        Free quantities: a row per place in the side, a column per period.
    worth
        What is to be as much as possible; of equal ones the fewest kilometres.
    progress
        Called as the work goes on.
    """
    count = source.count(part(progress, 0.0, 0.05))
    few = count > MOST
    market = _Market(source, available, asked, worth)
    pairs, bound, left = market.begin(few, part(progress, 0.05, 0.2)), np.inf, 0.8
    for last in range(ROUNDS, 0, -1):
        # Nobody knows how many rounds are to come.
        tell = part(progress, 1 - left, 1 - left / 2)
        left /= 2
        found = market.allocate(pairs, part(tell, 0.0, 0.7))
        if not few:
            bound = found.bound
            break
        paying, proven = market.look(found.prices, part(tell, 0.7, 1.0))
        bound = min(bound, proven)
        if last == 1 or paying.empty or found.worth >= (1 - ENOUGH) * bound:
            break
        kept = pairs[(found.allocated > 0).to_numpy()]
        pairs = pd.concat([kept, paying]).drop_duplicates(KEYS, ignore_index=True)
    amounts = {"allocated": found.allocated, "delivered": found.delivered}
    used = pairs.assign(**amounts)[found.allocated > 0]
    used = used.sort_values(KEYS, ignore_index=True)
    return BestUse(used, found.worth, bound, len(pairs) if few else count, count)


class _Market:
    """What there is to give and to take, and what pairs are worth."""

    def __init__(self, source: InReach, available, asked, worth: Worth) -> None:
        self._source, self._worth = source, worth
        self._available, self._asked = available, asked
        self._gain = source.links["yield"].to_numpy(float)

    def begin(self, few: bool, progress: Progress) -> pd.DataFrame:
        """All pairs, or some of each flow: the nearest and the largest."""
        nearest, largest = _Chosen(BEGIN if few else 0), _Chosen(BEGIN)
        given, asked = (
            side.to_numpy().sum(axis=1) for side in (self._available, self._asked)
        )
        for block in self._source.blocks(progress):
            worthy = block[self._worth.of(block) > 0]
            nearest.add(worthy, worthy["distance_m"].to_numpy())
            if few:
                supply, demand, link = (worthy[name] for name in (*KEYS, "link"))
                got = asked[demand] / self._gain[link]
                largest.add(worthy, -np.minimum(given[supply], got))
        if not few:
            return nearest.pairs()
        both = pd.concat([nearest.pairs(), largest.pairs()])
        both = both.drop_duplicates(KEYS).sort_values(KEYS)
        return both.reset_index(drop=True)

    def allocate(self, pairs: pd.DataFrame, progress: Progress):
        """The best allocation over some pairs."""
        offered = pd.DataFrame(
            {
                "flow_supply": pairs["supply"],
                "flow_demand": pairs["demand"],
                "distance_m": pairs["distance_m"],
                "yield": self._gain[pairs["link"].to_numpy(int)],
                "worth": self._worth.of(pairs),
            }
        )
        sides = (
            side.loc[np.unique(pairs[name])]
            for side, name in zip((self._available, self._asked), KEYS, strict=True)
        )
        return allocate_by_period(*sides, offered, progress)

    def look(
        self, prices: tuple[pd.DataFrame, pd.DataFrame], progress: Progress
    ) -> tuple[pd.DataFrame, float]:
        """Which of all pairs would pay at some prices, and the bound these prove.

        Any prices from zero up prove one (weak duality): what all limits cost, where
        that of each giver is raised by what its best pair would earn.
        """
        given, got = (
            each.reindex(side.index, fill_value=0.0).to_numpy()
            for each, side in zip(prices, (self._available, self._asked), strict=True)
        )
        available, asked = self._available.to_numpy(), self._asked.to_numpy()
        some_given, some_got = available > 0, asked > 0
        raised, chosen = np.zeros(given.shape), _Chosen(ADDED)
        for block in self._source.blocks(progress):
            supply, demand = (block[name].to_numpy() for name in KEYS)
            worth = self._worth.of(block)[:, None]
            gain = self._gain[block["link"].to_numpy(int)][:, None]
            earned = worth - given[supply] - gain * got[demand]
            # What somebody doesn't have in a period could cost anything.
            earned[~(some_given[supply] & some_got[demand])] = 0.0
            best = earned.max(axis=1, initial=0.0)
            pays = np.flatnonzero(best > 0)
            for period in range(given.shape[1]):
                column = raised[:, period]
                np.maximum.at(column, supply[pays], earned[pays, period])
            pays = pays[best[pays] > TRIFLE * worth.max(initial=0.0)]
            chosen.add(block.iloc[pays], -best[pays])
        bound = ((given + raised) * available).sum() + (got * asked).sum()
        return chosen.pairs(), float(bound)


class _Chosen:
    """Pairs with the lowest scores of their supply or their demand.

    Parameters
    ----------
    most
        How many of each flow; 0 for all.
    """

    def __init__(self, most: int) -> None:
        self._most, self._blocks, self._size = most, [], 0

    def add(self, pairs: pd.DataFrame, score: np.ndarray) -> None:
        """Add pairs."""
        if self._most:
            # What is not among the lowest of these is not among those of all.
            some = _lowest_of_both(pairs, score, self._most)
            pairs, score = pairs[some], score[some]
        self._blocks.append(pairs.assign(score=score))
        self._size += len(pairs)
        if self._most and self._size > 2 * MOST:
            self._cut()

    def pairs(self) -> pd.DataFrame:
        """The pairs, sorted."""
        if not self._blocks:
            return pd.DataFrame(columns=[*KEYS, "distance_m", "link"])
        self._cut()
        (found,) = self._blocks
        return found.drop(columns="score")

    def _cut(self) -> None:
        pairs = pd.concat(self._blocks).sort_values(KEYS, ignore_index=True)
        if self._most:
            score = pairs["score"].to_numpy(float)
            pairs = pairs[_lowest_of_both(pairs, score, self._most)]
        self._blocks, self._size = [pairs.reset_index(drop=True)], len(pairs)


def _lowest_of_both(pairs: pd.DataFrame, score: np.ndarray, most: int) -> np.ndarray:
    """Pairs with the lowest scores of their supply or of their demand."""
    chosen = np.zeros(len(pairs), bool)
    for name in KEYS:
        chosen |= lowest(pairs[name].to_numpy(int), score, most)
    return chosen
