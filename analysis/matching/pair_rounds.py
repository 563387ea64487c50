"""An optimum over millions of pairs, by rounds with few of them.

A linear programme with a few pairs gives prices of what is available and asked. They
tell of every other pair whether it would pay, and the best of those take part in the
next round (column generation). When none pays, the optimum of the few is that of all.

Worth comes first, kilometres second, and nothing of the first is given away for the
second: prices tell which limits every optimum uses up and which pairs no optimum uses
(complementary slackness), and the second search keeps to that.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ..progress import Progress, part
from ..threads import in_threads
from .linear_program import TOLERANCE, Program, Solver
from .network import Network

AT_ONCE = 5_000
"""So few pairs need no rounds."""
NEAREST = 6
"""Pairs of each giver and each receiver with which a search begins."""
ADDED, KEPT = 4, 2
"""Most pairs of each giver and each receiver that a round adds, and that are kept for
the next one although nothing flows through them."""
PER_DISTANCE = 1e-2
"""What the largest distance costs, as a part of the highest worth, while pairs are
sought that serve both goals."""
SAME = 1e-8
"""Up to here a price is nothing, as a part of the highest worth."""
ROUND_LEAVES = 0.8
"""Part of the work that is told to be left when a round is done."""
LOWER = 1e-12
"""From how much a goal counts as lower than in the round before, as a part of it."""


@dataclass(frozen=True)
class Optimum:
    """Amounts of the highest worth and, of those, of the fewest kilometres.

    Parameters
    ----------
    amount
        Shape (p,): what leaves the giver.
    bound
        No allocation can be worth more.
    useful
        Shape (p,): pairs that took part in the last round.
    prices
        Shape (g + r,): what one more of each limit is worth. Without limits of pairs
        themselves they prove the bound.
    """

    amount: np.ndarray
    bound: float
    useful: np.ndarray
    prices: np.ndarray


@dataclass(frozen=True)
class _Goal:
    """What is minimised over which pairs, all of shape (p,), within which limits.

    Parameters
    ----------
    limits, exact
        Shape (g + r,): limits, and which of them are used up.
    """

    cost: np.ndarray
    allowed: np.ndarray
    least: np.ndarray
    most: np.ndarray
    limits: np.ndarray
    exact: np.ndarray


def optimum(
    network: Network, solve: Solver, begin: np.ndarray, progress: Progress
) -> Optimum:
    """The best allocation, with the proof that it is.

    Parameters
    ----------
    network
        With a pair at least; nothing is zero but distances. The order of the pairs
        must not depend on that of the input.
    solve
        Solver of the rounds, which works in a thread of its own.
    begin
        Shape (p,): pairs that are thought useful.
    progress
        Called while the solver works.
    """
    clipped = network.clipped()
    # A yield and its inverse leave a hair.
    beyond = network.limits > clipped.limits * (1 + SAME)
    network, quantity, worth = clipped.scaled()
    useful = np.ones(len(begin), bool)
    if len(useful) > AT_ONCE:
        nearest = _first(network, network.distance, useful, NEAREST)
        search = part(progress, 0.0, 0.7)
        *_, useful = _least(network, _both(network), begin | nearest, solve, search)
    search = part(progress, 0.7, 0.85)
    goal = _worthiest(network)
    amount, prices, useful = _least(network, goal, useful, solve, search)
    prices, bound = _proven(network, -prices)
    goal = _nearest(network, amount, prices)
    search = part(progress, 0.85, 1.0)
    amount, _, useful = _least(network, goal, useful & goal.allowed, solve, search)
    prices = worth * _shifted(network, beyond, prices)
    return Optimum(amount * quantity, bound * quantity * worth, useful, prices)


def _both(network: Network) -> _Goal:
    """High worth and few kilometres at once: proves nothing, and finds good pairs."""
    goal = _worthiest(network)
    return replace(goal, cost=goal.cost + PER_DISTANCE * network.distance)


def _worthiest(network: Network) -> _Goal:
    """The highest worth."""
    nothing, limits = np.zeros(len(network.worth)), network.limits
    exact = np.zeros(len(limits), bool)
    return _Goal(-network.worth, nothing == 0, nothing, network.most, limits, exact)


def _nearest(network: Network, amount: np.ndarray, prices: np.ndarray) -> _Goal:
    """The fewest kilometres among all allocations worth as much as this one.

    Parameters
    ----------
    amount
        Shape (p,): one of them.
    prices
        Shape (g + r,): those that prove that nothing is worth more.
    """
    earned = network.worth - network.cost(prices)
    full = earned > SAME
    exact = prices > SAME
    return _Goal(
        network.distance,
        (earned >= -SAME) | (amount > 0),
        np.where(full, amount, 0.0),
        np.where(full, amount, network.most),
        np.where(exact, network.used(amount), network.limits),
        exact,
    )


def _proven(network: Network, prices: np.ndarray) -> tuple[np.ndarray, float]:
    """Prices at which no pair pays, and the bound on the worth that they prove.

    Any prices from zero up prove one (weak duality): what all limits cost, where that
    of each giver is raised until none of its pairs pays. Pairs with a limit of their
    own may pay; the bound rises by what they can earn.
    """
    prices = np.maximum(prices, 0.0)
    earned = network.worth - network.cost(prices)
    pays = np.flatnonzero(np.isinf(network.most) & (earned > 0))
    raised = np.zeros(len(prices))
    np.maximum.at(raised, network.giver[pays], earned[pays])
    prices += raised
    own = np.isfinite(network.most)
    earned = np.maximum(network.worth - network.cost(prices), 0.0)
    return prices, prices @ network.limits + network.most[own] @ earned[own]


def _shifted(network: Network, beyond: np.ndarray, prices: np.ndarray) -> np.ndarray:
    """Prices that prove as much when limits beyond what pairs can carry cost nothing.

    Parameters
    ----------
    beyond
        Shape (g + r,): limits that were lowered to what their pairs can carry. Where
        such a limit costs something each of its pairs uses up the other end alone,
        which can cost it instead.
    """
    given, got = np.split(prices, [len(network.available)])
    no_giver, no_receiver = np.split(beyond, [len(network.available)])
    to_got, to_given = np.zeros(len(got)), np.zeros(len(given))
    giver, receiver, gain = network.giver, network.receiver, network.gain
    pairs = no_giver[giver]
    np.maximum.at(to_got, receiver[pairs], (given[giver] / gain)[pairs])
    pairs = no_receiver[receiver]
    np.maximum.at(to_given, giver[pairs], (gain * got[receiver])[pairs])
    moved = np.where(beyond, 0.0, prices)
    return moved + np.concatenate([to_given, to_got])


def _least(
    network: Network, goal: _Goal, useful: np.ndarray, solve: Solver, progress: Progress
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Amounts of the least cost, prices of the limits, and the pairs of the last round.

    Parameters
    ----------
    useful
        Shape (p,): pairs of the first round.
    """
    lowest, rest = np.inf, 1.0
    while True:
        # Nobody knows how many rounds are to come.
        tell = part(progress, 1 - rest, 1 - rest * ROUND_LEAVES)
        rest *= ROUND_LEAVES
        pairs = np.flatnonzero(useful)
        program = Program(
            goal.cost[pairs],
            network.matrix(pairs),
            goal.limits,
            goal.exact,
            goal.least[pairs],
            goal.most[pairs],
        )
        tell(0.0)
        ((found, prices),) = in_threads(solve, [program], tell)
        amount = np.zeros(len(useful))
        amount[pairs] = found
        left = goal.cost - network.cost(prices)
        pays = goal.allowed & ~useful & (left < -TOLERANCE)
        if not pays.any():
            return amount, prices, useful
        total = goal.cost[pairs] @ found
        # Pairs are dropped after progress only: else they would come back for ever.
        if total < lowest - LOWER * abs(total):
            lowest = total
            useful = _first(network, left, useful, KEPT) | (amount > 0)
        useful |= _first(network, left, pays, ADDED)


def _first(
    network: Network, score: np.ndarray, among: np.ndarray, most: int
) -> np.ndarray:
    """Which pairs have the lowest scores of their giver or their receiver.

    Parameters
    ----------
    score
        Shape (p,), finite.
    among
        Shape (p,): pairs that take part.
    most
        Pairs of each giver and each receiver.
    """
    chosen = np.zeros(len(score), bool)
    pairs = np.flatnonzero(among)
    lowest, highest = score[pairs].min(initial=0.0), score[pairs].max(initial=0.0)
    height = (score[pairs] - lowest) / ((highest - lowest) or 1.0)
    for group in (network.giver[pairs], network.receiver[pairs]):
        # Group before and score behind the decimal point: one fast sort for both.
        order = np.argsort(group + height / 2, kind="stable")
        size = np.bincount(group)
        place = np.arange(len(order)) - np.repeat(np.cumsum(size) - size, size)
        chosen[pairs[order[place < most]]] = True
    return chosen
