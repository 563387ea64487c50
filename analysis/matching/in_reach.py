"""All pairs of a carrier that fit within their reach, told in blocks.

A stream that many give and many take has hundreds of millions of pairs. An allocation
needs few of them: the nearest, and those that turn out to pay.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pandas as pd

from ..flows.tables import DEMAND, SUPPLY
from ..progress import Progress, silent
from .best import firsts
from .counting import count_compatible
from .kinds import Kinds, kinds_of
from .knowledge import Knowledge
from .links import COLUMNS, linked
from .near import INCLUSIVE, Near
from .pairs import Limits
from .sides import Sides

BLOCK = 500_000
"""Distances that are looked at in one go."""
LINKS = 200_000
"""Pairs of kinds that are looked at in one go."""


class InReach:
    """Pairs of the flows of one carrier.

    Parameters
    ----------
    sides
        Supply and demand.
    known
        Rules, uses, bans and reaches.
    near
        Places of both sides.
    carrier
        One of the carriers.
    limits
        Largest distance and lowest fit of a use.

    Attributes
    ----------
    givers, receivers
        Kinds of supply and of demand.
    links
        As :func:`.links.linked` gives them, of kinds that lie within reach.
    """

    def __init__(
        self, sides: Sides, known: Knowledge, near: Near, carrier: str, limits: Limits
    ) -> None:
        self._sides, self._near = sides, near
        self._actors = [
            side["actor"].to_numpy() for side in (sides.supply, sides.demand)
        ]
        self.givers = kinds_of(sides.supply, carrier, SUPPLY, known)
        self.receivers = kinds_of(sides.demand, carrier, DEMAND, known)
        self.links = self._linked(carrier, known, limits)

    def count(self, progress: Progress = silent) -> int:
        """How many pairs there are."""
        return count_compatible(
            self._sides, self._near, self.links, self.givers, self.receivers, progress
        )

    def beyond(self, progress: Progress = silent) -> int:
        """How many pairs lie in reach in a straight line, but not over the network."""
        if self._near.ways is None:
            return 0
        asked = self.links, self.givers, self.receivers, progress
        straight = count_compatible(self._sides, self._near.straight(), *asked)
        return straight - self.count(progress)

    def blocks(self, progress: Progress = silent) -> Iterator[pd.DataFrame]:
        """The pairs, in parts that hold all pairs of a supply.

        Yields
        ------
        DataFrame
            ``supply`` and ``demand`` (places in the sides), ``distance_m``, and
            ``link`` (row of the links, the best one that reaches so far).
        """
        giver = self.links["giver"].to_numpy()
        edges = np.append(firsts(giver), len(giver))
        for done, (start, end) in enumerate(pairwise(edges)):
            targets = _Targets(self.links.iloc[start:end], self.receivers)
            size = BLOCK // len(targets.flows)
            parts = self._near.together(self.givers.members[giver[start]], size)
            for number, flows in enumerate(parts):
                progress((done + number / len(parts)) / (len(edges) - 1))
                pairs = self._between(flows, targets)
                yield pairs.assign(link=pairs["link"] + start)

    def _linked(self, carrier: str, known: Knowledge, limits: Limits) -> pd.DataFrame:
        found = [pd.DataFrame(columns=list(COLUMNS))]
        if self.receivers.members:
            size = max(1, LINKS // len(self.receivers.members))
            for start in range(0, len(self.givers.members), size):
                some = slice(start, min(start + size, len(self.givers.members)))
                links = linked(
                    carrier, self.givers, self.receivers, some, known,
                    limits.min_fit, limits.max_distance,
                )  # fmt: skip
                # Of thousands of measured temperatures few lie within reach.
                found.append(links[self._close(links)])
        filled = [each for each in found if len(each)]
        return pd.concat(filled or found, ignore_index=True)

    def _close(self, links: pd.DataFrame) -> np.ndarray:
        """Links of kinds whose boxes lie within their reach."""
        given = _boxes(self.givers, self._near.supply)[links["giver"]]
        asked = _boxes(self.receivers, self._near.demand)[links["receiver"]]
        gap = np.maximum(given[:, :2] - asked[:, 2:], asked[:, :2] - given[:, 2:])
        radius = self._near.radius(links["reach_m"].to_numpy(float))
        return np.hypot(*np.maximum(gap, 0).T) <= radius

    def _between(self, flows: np.ndarray, targets: _Targets) -> pd.DataFrame:
        """Pairs between some supply and what it can serve."""
        spots, places = self._near.supply[flows], self._near.demand[targets.flows]
        radius = self._near.radius(targets.reach)
        low, high = spots.min(axis=0), spots.max(axis=0)
        gap = np.maximum(np.maximum(low - places, places - high), 0)
        column = np.flatnonzero(np.hypot(*gap.T) <= radius)
        row, near, distance = self._near.within(
            flows, targets.flows[column], radius[column]
        )
        giver, receiver = flows[row], targets.flows[column[near]]
        given, asked = self._actors
        others = np.flatnonzero(given[giver] != asked[receiver])
        giver, receiver = giver[others], receiver[others]
        distance = distance[others]
        return pd.DataFrame(
            {
                "supply": giver,
                "demand": receiver,
                "distance_m": distance,
                "link": targets.link(column[near[others]], distance),
            }
        )


class _Targets:
    """Demand that one kind of supply can serve, and how far its links reach.

    Parameters
    ----------
    links
        Those of the kind of supply: of a kind of demand together, the best first, each
        further one because it reaches farther.
    receivers
        Kinds of demand.
    """

    def __init__(self, links: pd.DataFrame, receivers: Kinds) -> None:
        taking, reach = links["receiver"].to_numpy(), links["reach_m"].to_numpy(float)
        first = firsts(taking)
        size = np.diff(np.append(first, len(links)))
        members = [receivers.members[kind] for kind in taking[first]]
        self.flows = np.concatenate(members)
        number = np.repeat(np.arange(len(first)), [len(each) for each in members])
        self._first, self._rings = first[number], size.max()
        self._last = (first + size - 1)[number]
        self._reach = reach
        self.reach = reach[self._last]

    def link(self, column: np.ndarray, distance: np.ndarray) -> np.ndarray:
        """The best link of each pair that reaches so far, as a row of the links."""
        row, last = self._first[column], self._last[column]
        for _ in range(1, self._rings):
            row += (distance > self._reach[row] * INCLUSIVE) & (row < last)
        return row


def _boxes(kinds: Kinds, spots: np.ndarray) -> np.ndarray:
    """Box around the flows of each kind: lowest and highest coordinates."""
    ends = [
        [*spots[flows].min(axis=0), *spots[flows].max(axis=0)]
        for flows in kinds.members
    ]
    return np.array(ends).reshape(-1, 4)
