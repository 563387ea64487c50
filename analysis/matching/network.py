"""Givers, receivers and the pairs between them, as arrays."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

LARGEST = 2.0**20
"""Largest quantity in the units in which an allocation is computed."""


@dataclass(frozen=True)
class Network:
    """What is available and asked, and pairs through which it can flow.

    Parameters
    ----------
    available, asked
        Shape (g,) and (r,): what can leave each giver and reach each receiver.
    giver, receiver
        Shape (p,): numbers of the two of each pair.
    gain
        Shape (p,): what reaches the receiver per unit that leaves the giver.
    worth
        Shape (p,): what counts per unit that leaves the giver.
    distance
        Shape (p,): what decides between allocations that are worth equally much.
    most
        Shape (p,): most that may leave the giver; infinite where only the limits of
        the two hold.
    """

    available: np.ndarray
    asked: np.ndarray
    giver: np.ndarray
    receiver: np.ndarray
    gain: np.ndarray
    worth: np.ndarray
    distance: np.ndarray
    most: np.ndarray

    @property
    def limits(self) -> np.ndarray:
        """Those of givers, then those of receivers: shape (g + r,)."""
        return np.concatenate([self.available, self.asked])

    @property
    def room(self) -> np.ndarray:
        """What could flow through each pair if it were the only one."""
        got = self.asked[self.receiver] / self.gain
        return np.minimum(np.minimum(self.available[self.giver], got), self.most)

    def where(self, pairs: np.ndarray) -> Network:
        """Some of the pairs, with the givers and receivers that have one."""
        givers, giver = _renumbered(self.giver[pairs], len(self.available))
        receivers, receiver = _renumbered(self.receiver[pairs], len(self.asked))
        return Network(
            self.available[givers],
            self.asked[receivers],
            giver,
            receiver,
            self.gain[pairs],
            self.worth[pairs],
            self.distance[pairs],
            self.most[pairs],
        )

    def ends(self, pairs: np.ndarray) -> np.ndarray:
        """Places in the limits of the givers and receivers of some pairs."""
        givers, receivers = (
            np.unique(self.giver[pairs]),
            np.unique(self.receiver[pairs]),
        )
        return np.append(givers, receivers + len(self.available))

    def clipped(self) -> Network:
        """The same without limits that can't be reached, however enormous they were."""
        room, gain = self.room, self.gain
        given = np.bincount(self.giver, room, len(self.available))
        got = np.bincount(self.receiver, room * gain, len(self.asked))
        own = np.where(self.most > room, np.inf, self.most)
        return replace(
            self,
            available=np.minimum(self.available, given),
            asked=np.minimum(self.asked, got),
            most=own,
        )

    def scaled(self) -> tuple[Network, float, float]:
        """The same in units that suit a solver.

        Returns
        -------
        network, quantity, worth
            By what to multiply quantities and worth to have them back. Powers of two:
            scaling rounds nothing.
        """
        quantity = _power_of_two(self.limits) / LARGEST
        worth = _power_of_two(self.worth)
        scaled = replace(
            self,
            available=self.available / quantity,
            asked=self.asked / quantity,
            most=self.most / quantity,
            worth=self.worth / worth,
            distance=self.distance / _power_of_two(self.distance),
        )
        return scaled, quantity, worth

    def matrix(self, pairs: np.ndarray) -> sparse.csr_matrix:
        """How much of the limits (rows) pairs (columns) use per unit."""
        number = np.arange(len(pairs))
        rows = np.r_[self.giver[pairs], self.receiver[pairs] + len(self.available)]
        used = np.r_[np.ones(len(pairs)), self.gain[pairs]]
        shape = (len(self.limits), len(pairs))
        return sparse.csr_matrix((used, (rows, np.r_[number, number])), shape=shape)

    def used(self, amount: np.ndarray) -> np.ndarray:
        """How much of the limits amounts (p,) use: shape (g + r,)."""
        given = np.bincount(self.giver, amount, len(self.available))
        got = np.bincount(self.receiver, amount * self.gain, len(self.asked))
        return np.concatenate([given, got])

    def cost(self, prices: np.ndarray) -> np.ndarray:
        """What a unit through each pair costs at prices (g + r,) of the limits."""
        given, got = np.split(prices, [len(self.available)])
        return given[self.giver] + self.gain * got[self.receiver]


def _renumbered(numbers: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
    """The different numbers below a size, and which of those each number is."""
    present = np.zeros(size, bool)
    present[numbers] = True
    return np.flatnonzero(present), (np.cumsum(present) - 1)[numbers]


def _power_of_two(numbers: np.ndarray) -> float:
    """About as large as the largest number."""
    largest = numbers.max(initial=0.0)
    return 2.0 ** np.round(np.log2(largest)) if largest > 0 else 1.0
