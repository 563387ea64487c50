"""Who gives how much to whom, nearly at best, however many pairs there are.

An auction (Bertsekas). Whoever has something left offers it to the receiver that brings
most at the present prices, and bids up to where the second best would do as well, and a
step more. A receiver keeps the highest bids; the lowest that it keeps is its price once
it is full. Who is outbid bids again, or gives up where nothing pays. In the end no one
is further than a step from the best that the prices offer.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ..progress import Progress
from .best import firsts

STEP = 0.015
"""Of the highest worth of a giver: about so much may be missing in the end."""
CRUMB = 1e-9
"""What is left of a quantity is nothing below this part of it."""
ENOUGH = 5e-3
"""The auction ends when only this part of what can be given still seeks a place."""
ROUNDS = 20_000
"""It ends after so many rounds in any case."""
CHUNK = 2_000_000
"""Pairs that are looked at in one go."""


@dataclass(frozen=True)
class Offers:
    """Pairs, those of each giver together.

    Parameters
    ----------
    giver, receiver
        Shape (p,): numbers of the two of each pair.
    gain
        Shape (p,): what reaches the receiver per unit that leaves the giver.
    value
        Shape (p,): what counts per unit that leaves the giver, above 0.
    """

    giver: np.ndarray
    receiver: np.ndarray
    gain: np.ndarray
    value: np.ndarray


def auction(
    offers: Offers, available: np.ndarray, asked: np.ndarray, progress: Progress
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Amounts that keep to all limits, and prices that tell how good they are.

    Parameters
    ----------
    offers
        The pairs. Of equally good ones the first is taken.
    available, asked
        Shape (g,) and (r,): what can leave each giver and reach each receiver.
    progress
        Called in every round.

    Returns
    -------
    pairs, amounts : ndarray, shape (k,)
        What leaves the giver, of pairs through which something flows.
    prices : ndarray, shape (r,)
        Of what reaches a receiver; infinite where nothing is asked.
    """
    bidders = _Bidders(offers, available, asked)
    taking = _Taking(offers, asked)
    total = bidders.left.sum()
    for turn in range(ROUNDS):
        left = bidders.left.sum()
        progress(1 - left / total if total > 0 else 1.0)
        if left <= ENOUGH * total:
            break
        pairs, amounts, raise_by = bidders.bids(taking.prices, turn)
        bidders.back(*taking.offered(pairs, amounts, raise_by))
    return *taking.held(), taking.prices


class _Bidders:
    """Givers, and what of theirs has no place yet."""

    def __init__(self, offers: Offers, available, asked) -> None:
        self._offers, self._asked = offers, asked
        self._start = firsts(offers.giver)
        self._size = np.diff(np.append(self._start, len(offers.giver)))
        givers = offers.giver[self._start]
        self._number = np.zeros(len(available), int)
        self._number[givers] = np.arange(len(givers))
        self.left = available[givers].astype(float)
        self._step = np.zeros(len(givers))
        if len(givers):
            # However enormous it is, nobody can take more.
            most = np.add.reduceat(asked[offers.receiver] / offers.gain, self._start)
            self.left = np.minimum(self.left, most)
            self._step += STEP * np.maximum.reduceat(offers.value, self._start)
        self._crumb = CRUMB * self.left

    def bids(
        self, prices: np.ndarray, turn: int
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Pairs that are bid for, what is offered, and by how much prices rise."""
        none = np.empty(0, int), np.empty(0), np.empty(0)
        found: list[tuple[np.ndarray, ...]] = [none]
        for some in self._chunks(np.flatnonzero(self.left > self._crumb)):
            found.append(self._bids(some, prices, turn))
        pairs, amounts, rise = (
            np.concatenate(each) for each in zip(*found, strict=True)
        )
        np.subtract.at(self.left, self._owner(pairs), amounts)
        np.maximum(self.left, 0.0, out=self.left)
        return pairs, amounts, rise

    def back(self, pairs: np.ndarray, amounts: np.ndarray) -> None:
        """Amounts that were refused, or that somebody outbid."""
        np.add.at(self.left, self._owner(pairs), amounts)

    def _owner(self, pairs: np.ndarray) -> np.ndarray:
        return self._number[self._offers.giver[pairs]]

    def _chunks(self, some: np.ndarray) -> Iterator[np.ndarray]:
        place = np.cumsum(self._size[some]) // CHUNK
        return iter(np.split(some, np.flatnonzero(np.diff(place)) + 1))

    def _bids(self, some: np.ndarray, prices: np.ndarray, turn: int):
        """What some givers bid; who finds that nothing pays gives up."""
        size, offers = self._size[some], self._offers
        first = np.cumsum(size) - size
        pairs = np.arange(size.sum()) + np.repeat(self._start[some] - first, size)
        cost = offers.gain[pairs] * prices[offers.receiver[pairs]]
        earned = offers.value[pairs] - cost
        best = np.maximum.reduceat(earned, first)
        step = self._step[some]
        pays = best > step
        self.left[some[~pays]] = 0.0
        # All that is nearly as good as the best is bid for at once.
        close = earned >= np.repeat(np.where(pays, best - step / 2, np.inf), size)
        good = np.flatnonzero(close)
        own, worth = np.searchsorted(first, good, "right") - 1, earned[good]
        earned[good] = 0.0
        beyond = np.maximum(np.maximum.reduceat(earned, first), 0.0)
        order = self._turns(
            own, worth, prices[offers.receiver[pairs[good]]], some, turn
        )
        chosen, own, worth = pairs[good[order]], own[order], worth[order]
        left = self.left[some[own]]
        # As parts of what is left: enormous quantities hide no small ones.
        room = self._asked[offers.receiver[chosen]] / offers.gain[chosen]
        share = np.minimum(room / left, 1.0)
        begin = firsts(own)
        count = np.diff(np.append(begin, len(own)))
        before = np.cumsum(share) - share
        before -= np.repeat(before[begin], count)
        amount = np.minimum(np.clip(1 - before, 0.0, share) * left, room)
        # Whoever needs more than that, or has one choice, bids up to what is beyond.
        last = begin + count - 1
        needs = (before + share)[last] < 1
        needs = np.repeat(needs | (count == 1), count)
        level = np.where(needs, beyond[own], best[own])
        rise = np.minimum(worth - level + step[own], worth)
        use = amount > 0
        return chosen[use], amount[use], (rise / offers.gain[chosen])[use]

    def _turns(self, own, worth, prices, some: np.ndarray, turn: int) -> np.ndarray:
        """Order of pairs that are equally good to their giver: the best one first.

        Where that one is full they take turns, else all would want the same.
        """
        begin = firsts(own)
        count = np.diff(np.append(begin, len(own)))
        place = np.arange(len(own)) - np.repeat(begin, count)
        top = np.lexsort((place, -worth, own))[begin]
        givers = some[own[begin]]
        shift = np.where(prices[top] > 0, (givers + turn) % count, place[top])
        place = (place - np.repeat(shift, count)) % np.repeat(count, count)
        return np.lexsort((place, own))


class _Taking:
    """Receivers, and the bids that they keep."""

    def __init__(self, offers: Offers, asked: np.ndarray) -> None:
        self._offers, self._asked = offers, asked
        self._pairs, self._quantity, self._bid = (
            np.empty(0, int), np.empty(0), np.empty(0),
        )  # fmt: skip
        # Nobody bids for what can take nothing.
        self._prices = np.where(asked > 0, 0.0, np.inf)

    @property
    def prices(self) -> np.ndarray:
        """What the next bid must be higher than; infinite where nothing is asked."""
        return self._prices

    def held(self) -> tuple[np.ndarray, np.ndarray]:
        """Pairs of which something is kept, and what leaves the giver."""
        pairs, number = np.unique(self._pairs, return_inverse=True)
        amounts = self._quantity / self._offers.gain[self._pairs]
        return pairs, np.bincount(number.ravel(), amounts, len(pairs))

    def offered(
        self, pairs: np.ndarray, amounts: np.ndarray, rise: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Keep the highest bids; pairs and amounts that find no place."""
        offers, asked = self._offers, self._asked
        taking = np.zeros(len(asked), bool)
        taking[offers.receiver[pairs]] = True
        again = taking[offers.receiver[self._pairs]]
        bid = self._prices[offers.receiver[pairs]] + rise
        pairs = np.append(self._pairs[again], pairs)
        bid = np.append(self._bid[again], bid)
        new = amounts * offers.gain[pairs[again.sum() :]]
        quantity = np.append(self._quantity[again], new)
        order = np.lexsort((pairs, -bid, offers.receiver[pairs]))
        pairs, bid, quantity = (each[order] for each in (pairs, bid, quantity))
        receiver = offers.receiver[pairs]
        kept = self._kept(receiver, quantity)
        stays = kept > CRUMB * np.minimum(quantity, asked[receiver])
        self._raise(receiver, kept, np.where(stays, bid, np.inf))
        for name, values in (
            ("_pairs", pairs), ("_quantity", kept), ("_bid", bid),
        ):  # fmt: skip
            own = getattr(self, name)[~again]
            setattr(self, name, np.append(own, values[stays]))
        refused = quantity - np.where(stays, kept, 0.0)
        return pairs, refused / offers.gain[pairs]

    def _kept(self, receiver: np.ndarray, quantity: np.ndarray) -> np.ndarray:
        """What of each bid there is room for, the first of a receiver first."""
        first = firsts(receiver)
        asked = self._asked[receiver]
        # As parts of what is asked: enormous quantities hide no small ones.
        share = np.minimum(quantity / asked, 1.0)
        before = np.cumsum(share) - share
        before -= np.repeat(before[first], np.diff(np.append(first, len(receiver))))
        return np.minimum(np.clip(1 - before, 0.0, share) * asked, quantity)

    def _raise(self, receiver: np.ndarray, kept: np.ndarray, bid: np.ndarray) -> None:
        """The price of who is full is the lowest bid that is kept."""
        first = firsts(receiver)
        if not len(first):
            return
        own, total = receiver[first], np.add.reduceat(kept, first)
        full = total >= (1 - CRUMB) * self._asked[own]
        lowest = np.minimum.reduceat(bid, first)
        self._prices[own[full]] = np.maximum(self._prices[own[full]], lowest[full])
