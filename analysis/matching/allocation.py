"""The best use of what is limited: who gives how much to whom."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from ..progress import Progress, part, silent
from .linear_program import Solver, highs
from .network import Network
from .pair_rounds import optimum

TOGETHER = 20_000
"""Pairs up to which networks that have nothing in common are solved in one go."""
CRUMB = 1e-9
"""What flows through a pair is nothing below this part of what could."""
ROUNDING = 1e-9
"""A gap below it is no gap but rounding."""


@dataclass(frozen=True)
class Allocation:
    """Who gives how much to whom, and the proof that it can't be better.

    Parameters
    ----------
    allocated : Series of float
        What leaves the giver, by pair; index and order are those of the pairs.
    delivered : Series of float
        What of that reaches the receiver.
    worth
        What it is worth in total.
    bound
        No allocation can be worth more: proven by prices at which none of all pairs
        would pay.
    prices : tuple of DataFrame of float
        What one more of each supply and of each demand is worth, by period.
    """

    allocated: pd.Series
    delivered: pd.Series
    worth: float
    bound: float
    prices: tuple[pd.DataFrame, pd.DataFrame]

    @property
    def gap(self) -> float:
        """What may be missing to the optimum at most, as a part of it."""
        missing = 1 - self.worth / self.bound if self.bound > 0 else 0.0
        return missing if missing > ROUNDING else 0.0


def allocate(
    available: pd.Series,
    asked: pd.Series,
    pairs: pd.DataFrame,
    progress: Progress = silent,
    solve: Solver = highs,
) -> Allocation:
    """Allocate what is available to who asks for it.

    Of all allocations, one of the highest worth; of those, one with the least amount
    × distance. Exact, and the same whatever the order of the rows.

    Parameters
    ----------
    available, asked : Series of float
        What each supply can give and each demand can take, from 0 up, by the id of
        the flow. One unit for all.
    pairs : DataFrame
        ``flow_supply``, ``flow_demand``: ids. ``distance_m``. ``yield``: what is
        delivered per unit allocated, above 0; without it 1. ``worth``: what counts
        per unit allocated; without it what is delivered. ``most``: most that may be
        allocated to the pair, empty where there is no such limit. A pair may be there
        more than once, with another yield.
    progress
        Called in every round and while the solver works.
    solve
        Another solver of linear programmes.

    Raises
    ------
    ValueError
        When a quantity, a yield or a distance isn't a number from 0 up.
    KeyError
        When a pair has an id that has no quantity.
    """
    return allocate_by_period(
        available.to_frame(0), asked.to_frame(0), pairs, progress, solve
    )


def allocate_by_period(
    available: pd.DataFrame,
    asked: pd.DataFrame,
    pairs: pd.DataFrame,
    progress: Progress = silent,
    solve: Solver = highs,
) -> Allocation:
    """Allocate within every period apart, as for heat, which can't be kept.

    No limit holds for two periods at once, so that the optimum of the year is the sum
    of theirs; periods with equal quantities are solved once.

    Parameters
    ----------
    available, asked : DataFrame of float
        A column per period, the same ones in both; the rest as in :func:`allocate`.
    pairs : DataFrame
        As in :func:`allocate`; ``most`` holds in every period.
    progress, solve
        As in :func:`allocate`.

    Returns
    -------
    Allocation
        Of all periods together.
    """
    available, asked = available.sort_index(), asked.sort_index()
    order, network = _network(available, asked, pairs)
    total, worth, bound = np.zeros(len(pairs)), 0.0, 0.0
    useful = np.zeros(len(pairs), bool)
    prices = np.zeros((len(available) + len(asked), available.shape[1]))
    periods = _different(available, asked)
    for place, (alike, given, got) in enumerate(periods):
        tell = part(progress, place / len(periods), (place + 1) / len(periods))
        network = replace(network, available=given, asked=got)
        amount, most, useful, price = _allocate(network, useful, solve, tell)
        number = alike.sum()
        total += number * amount
        worth += number * (amount @ network.worth)
        bound += number * most
        prices[:, alike] = price[:, None]
    allocated, delivered = np.empty((2, len(pairs)))
    allocated[order], delivered[order] = total, total * network.gain
    index = pairs.index
    rows = np.split(prices, [len(available)])
    return Allocation(
        pd.Series(allocated, index),
        pd.Series(delivered, index),
        worth,
        bound,
        tuple(
            pd.DataFrame(each, side.index, available.columns)
            for each, side in zip(rows, (available, asked), strict=True)
        ),
    )


def _network(available, asked, pairs: pd.DataFrame) -> tuple[np.ndarray, Network]:
    """Order of the pairs by content, and the network of them without quantities."""
    giver = _numbers(available, pairs["flow_supply"])
    receiver = _numbers(asked, pairs["flow_demand"])
    distance = pairs["distance_m"].to_numpy(float)
    gain = _column(pairs, "yield", np.ones(len(pairs)))
    worth = _column(pairs, "worth", gain)
    most = _column(pairs, "most", np.full(len(pairs), np.inf))
    most = np.where(np.isnan(most), np.inf, most)
    if not (np.isfinite(gain).all() and (gain > 0).all() and np.isfinite(worth).all()):
        raise ValueError("A yield must be above 0, and a worth a number.")
    if not (
        np.isfinite(distance).all() and (distance >= 0).all() and (most >= 0).all()
    ):
        raise ValueError("Distances and limits of pairs must be numbers from 0 up.")
    order = np.argsort(giver * len(asked) + receiver, kind="stable")
    columns = (giver, receiver, gain, worth, distance, most)
    if _double(giver[order], receiver[order]):
        order = np.lexsort(columns[::-1])
    none = np.empty(0)
    return order, Network(none, none, *(column[order] for column in columns))


def _numbers(quantities: pd.DataFrame, ids: pd.Series) -> np.ndarray:
    """Which row of the quantities each id is."""
    values = quantities.to_numpy(float)
    if not (np.isfinite(values).all() and (values >= 0).all()):
        raise ValueError("Quantities must be numbers from 0 up.")
    numbers = quantities.index.get_indexer(ids)
    if (numbers < 0).any():
        raise KeyError(ids[numbers < 0].iloc[0])
    return numbers


def _column(pairs: pd.DataFrame, name: str, otherwise: np.ndarray) -> np.ndarray:
    """Values of a column that may be missing."""
    return pairs[name].to_numpy(float) if name in pairs else otherwise


def _double(giver: np.ndarray, receiver: np.ndarray) -> bool:
    """Whether a pair is there twice, in sorted order."""
    return ((giver[1:] == giver[:-1]) & (receiver[1:] == receiver[:-1])).any()


def _different(available, asked) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Periods with quantities of their own: which ones, available, asked."""
    both = pd.concat([available, asked[available.columns]]).to_numpy(float).T
    different, number = np.unique(both, axis=0, return_inverse=True)
    return [
        (number.ravel() == place, *np.split(quantities, [len(available)]))
        for place, quantities in enumerate(different)
    ]


def _allocate(
    network: Network, begin: np.ndarray, solve: Solver, progress: Progress
) -> tuple[np.ndarray, float, np.ndarray, np.ndarray]:
    """Amounts and bound of one period, the pairs that were useful, and prices."""
    amount, bound = np.zeros(len(begin)), 0.0
    useful, prices = begin.copy(), np.zeros(len(network.limits))
    room = network.room
    pairs = np.flatnonzero((room > 0) & (network.worth > 0))
    done = 0
    for block in _blocks(network, pairs):
        own = network.where(block)
        tell = part(progress, done / len(pairs), (done + len(block)) / len(pairs))
        found = optimum(own, solve, begin[block], tell)
        amount[block] = _within(own, found.amount)
        bound += found.bound
        useful[block] = found.useful
        prices[network.ends(block)] = found.prices
        done += len(block)
    return amount, bound, useful, prices


def _blocks(network: Network, pairs: np.ndarray) -> Iterator[np.ndarray]:
    """Pairs in parts that share no giver and no receiver with another part."""
    if not len(pairs):
        return
    size = len(network.limits)
    receiver = network.receiver[pairs] + len(network.available)
    links = (np.ones(len(pairs)), (network.giver[pairs], receiver))
    _, label = connected_components(sparse.coo_matrix(links, (size, size)), False)
    label = label[network.giver[pairs]]
    counts = np.bincount(label)
    block = ((np.cumsum(counts) - counts) // TOGETHER)[label]
    order = np.argsort(block, kind="stable")
    cuts = np.flatnonzero(np.diff(block[order])) + 1
    yield from np.split(pairs[order], cuts)


def _within(network: Network, amount: np.ndarray) -> np.ndarray:
    """Amounts without crumbs, that keep to all limits but for the last bit."""
    amount = np.where(amount > CRUMB * network.room, amount, 0.0)
    amount = np.minimum(amount, network.most)
    used = network.used(amount)
    over = used > network.limits
    share = np.divide(network.limits, used, where=over, out=np.ones(len(used)))
    given, got = np.split(share, [len(network.available)])
    return amount * np.minimum(given[network.giver], got[network.receiver])
