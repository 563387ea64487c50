"""The best use of what one carrier has to give, however many pairs there are.

Of few pairs or few flows the optimum is exact. Of more an auction finds what is nearly
as good, and its prices prove how much can be missing at most.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..progress import Progress, part
from .allocation import allocate_by_period
from .auction import Offers, auction
from .best import best_of_groups, firsts
from .in_reach import InReach

MOST = 1_000_000
"""Pairs times periods up to which the optimum is exact."""
FEW = 10_000
"""Flows times periods up to which it is so however many pairs they have."""
HELD = 50_000_000
"""Of more pairs than these only the nearest of each supply take part in an auction."""
NEARER = 1e-3
"""What the longest way costs in an auction, as a part of the worth: of equally good
pairs the nearer one goes first."""
TRIFLE = 1e-9
"""A gap, or what is left of a quantity, is nothing below this part of it."""
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
    exact
        Whether it is an optimum by itself, with the fewest kilometres.
    of
        How many pairs there are.
    """

    pairs: pd.DataFrame
    worth: float
    bound: float
    exact: bool
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
    market = _Market(source, available, asked, worth)
    exact = _exact(source, count, available.shape[1])
    pairs = market.pairs(count, part(progress, 0.05, 0.2))
    if exact:
        allocated, bound = market.allocate(pairs, part(progress, 0.2, 1.0))
    else:
        pairs, allocated, prices = market.auction(pairs, part(progress, 0.2, 0.9))
        bound = market.bound(prices, part(progress, 0.9, 1.0))
    used = market.told(pairs[allocated > 0], allocated[allocated > 0])
    total = float(worth.of(used) @ used["allocated"])
    return BestUse(used, total, bound, exact, count)


def _exact(source: InReach, count: int, periods: int) -> bool:
    """Whether a linear programme is small enough."""
    flows = sum(map(len, (*source.givers.members, *source.receivers.members)))
    return count * periods <= MOST or (flows * periods <= FEW and count <= HELD)


class _Market:
    """What there is to give and to take, and what pairs are worth."""

    def __init__(self, source: InReach, available, asked, worth: Worth) -> None:
        self._source, self._worth = source, worth
        self._available, self._asked = available, asked
        self._gain = source.links["yield"].to_numpy(float)

    def pairs(self, count: int, progress: Progress) -> pd.DataFrame:
        """Pairs that are worth something, those of a supply together.

        Of too many ones the nearest of each supply.
        """
        most = 0 if count <= HELD else HELD // max(1, len(self._available))
        types = {"supply": np.int32, "demand": np.int32, "link": np.int32}
        held = {name: np.empty(min(count, HELD), kind) for name, kind in types.items()}
        held["distance_m"] = np.empty(min(count, HELD))
        size = 0
        for block in self._source.blocks(progress):
            some = block[self._worth.of(block) > 0]
            if most:
                near = -some["distance_m"].to_numpy()
                some = some.iloc[best_of_groups(some["supply"].to_numpy(), near, most)]
            for name, values in held.items():
                values[size : size + len(some)] = some[name]
            size += len(some)
        return pd.DataFrame({name: values[:size] for name, values in held.items()})

    def allocate(
        self, pairs: pd.DataFrame, progress: Progress
    ) -> tuple[np.ndarray, float]:
        """The best allocation over some pairs, and its bound."""
        sides = self._available, self._asked
        found = self._allocate(*sides, pairs, part(progress, 0.0, 0.9))
        amount = found.allocated.to_numpy()
        if len(self._available.columns) == 1:
            # What is less than a solver sees next to what is enormous.
            own = [each.to_numpy()[:, 0] for each in sides]
            amount = self._filled(pairs, amount, own, part(progress, 0.9, 1.0))
        return amount, found.bound

    def auction(
        self, pairs: pd.DataFrame, progress: Progress
    ) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
        """Pairs through which something flows, how much, and prices of demand.

        Prices have shape (d, periods).
        """
        offers = self._offers(pairs)
        amounts: dict[tuple, tuple] = {}
        prices = np.zeros(self._asked.shape)
        total = np.zeros(len(pairs))
        for number, name in enumerate(self._available):
            sides = (each[[name]] for each in (self._available, self._asked))
            period = part(
                progress, number / prices.shape[1], (number + 1) / prices.shape[1]
            )
            given, asked = (each.to_numpy()[:, 0] for each in (*sides,))
            key = given.tobytes(), asked.tobytes()
            if key not in amounts:
                amounts[key] = self._period(pairs, offers, given, asked, period)
            used, amount, price = amounts[key]
            total[used] += amount
            prices[:, number] = price
        used = np.flatnonzero(total)
        return pairs.iloc[used], total[used], prices

    def _offers(self, pairs: pd.DataFrame) -> Offers:
        far = pairs["distance_m"].max() if len(pairs) else 0.0
        nearness = 1 - NEARER * pairs["distance_m"].to_numpy() / (far or 1.0)
        return Offers(
            pairs["supply"].to_numpy(),
            pairs["demand"].to_numpy(),
            self._gain[pairs["link"].to_numpy()],
            (self._worth.of(pairs) * nearness).astype(np.float32),
        )

    def _period(
        self, pairs: pd.DataFrame, offers: Offers, given, asked, progress: Progress
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Pairs, amounts and prices of one period; what is left over finds its best."""
        used, amount, prices = auction(offers, given, asked, part(progress, 0.0, 0.9))
        own = (offers.giver[used], offers.receiver[used], offers.gain[used])
        total = np.zeros(len(pairs))
        total[used] = _within(*own, amount, given, asked)
        total = self._filled(pairs, total, (given, asked), part(progress, 0.9, 1.0))
        used = np.flatnonzero(total)
        return used, total[used], prices

    def _filled(
        self, pairs: pd.DataFrame, amount: np.ndarray, sides, progress: Progress
    ) -> np.ndarray:
        """Amounts (p,) with those of pairs of which both ends have something left."""
        ends = [pairs[name].to_numpy() for name in KEYS]
        used = np.flatnonzero(amount)
        given = amount[used]
        got = given * self._gain[pairs["link"].to_numpy()[used]]
        left, open_ = [], []
        for side, end, flow in zip(sides, ends, (given, got), strict=True):
            rest = side - np.bincount(end[used], flow, len(side))
            left.append(pd.DataFrame(np.maximum(rest, 0.0)))
            open_.append((rest > TRIFLE * side)[end])
        rest = np.flatnonzero(open_[0] & open_[1])
        more = self._allocate(*left, pairs.iloc[rest], progress)
        filled = amount.copy()
        filled[rest] += more.allocated.to_numpy()
        return filled

    def _allocate(self, available, asked, pairs: pd.DataFrame, progress: Progress):
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
            for side, name in zip((available, asked), KEYS, strict=True)
        )
        return allocate_by_period(*sides, offered, progress)

    def told(self, pairs: pd.DataFrame, allocated: np.ndarray) -> pd.DataFrame:
        """Pairs with what flows through them, sorted."""
        gain = self._gain[pairs["link"].to_numpy(int)]
        told = pairs.assign(allocated=allocated, delivered=gain * allocated)
        types = dict.fromkeys([*KEYS, "link"], int)
        return told.astype(types).sort_values(KEYS, ignore_index=True)

    def bound(self, prices: np.ndarray, progress: Progress) -> float:
        """What no allocation over all pairs can be worth more than.

        Any prices of demand from zero up prove it (weak duality): what is asked costs
        its price, and what is given what its best pair would earn.
        """
        available, asked = self._available.to_numpy(), self._asked.to_numpy()
        # What asks for nothing has no price.
        bound = (np.where(asked > 0, prices, 0.0) * asked).sum()
        for block in self._source.blocks(progress):
            if len(block):
                demand = block["demand"].to_numpy()
                gain = self._gain[block["link"].to_numpy(int)][:, None]
                earned = self._worth.of(block)[:, None] - gain * prices[demand]
                first = firsts(block["supply"].to_numpy())
                best = np.maximum.reduceat(earned, first, axis=0)
                # However enormous a supply is, nobody can take more.
                most = np.add.reduceat(asked[demand] / gain, first, axis=0)
                given = available[block["supply"].to_numpy()[first]]
                bound += (np.maximum(best, 0.0) * np.minimum(given, most)).sum()
        return float(bound)


def _within(giver, receiver, gain, amount, given, asked) -> np.ndarray:
    """Amounts that keep to all limits but for the last bit."""
    for side, flows, part_of in ((given, giver, 1.0), (asked, receiver, gain)):
        used = np.bincount(flows, amount * part_of, len(side))
        over = used > side
        share = np.divide(side, used, where=over, out=np.ones(len(side)))
        amount = amount * share[flows]
    return amount
