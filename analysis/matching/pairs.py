"""The best pairs of supply and demand, found without writing out all pairs.

Per kind of supply the demand that it can serve is looked at, in blocks of supply flows
that lie together. Once there are as many leads as are asked for, only that is looked
at which can still beat the worst of them: that narrows the circle to search.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from ..flows.tables import CARRIERS, DEMAND, SUPPLY
from ..progress import Progress, part, silent
from . import months, score
from .best import Best, best_of_groups, firsts
from .counting import count_compatible, count_in_reach
from .kinds import Kinds, kinds_of
from .knowledge import Knowledge
from .links import COLUMNS, linked, widest_reach
from .near import ALL, INCLUSIVE, Near
from .sides import Sides

BLOCK = 500_000
"""Pairs that are looked at in one go."""
LINKS = 200_000
"""Pairs of kinds that are looked at in one go."""
HAIR = 1e-9
"""Bounds of scores are so much too wide rather than too narrow."""


@dataclass(frozen=True)
class Limits:
    """How much is looked for.

    Parameters
    ----------
    max_distance
        No pair is farther apart, in metres.
    per_division
        Best pairs per supply flow and division of the receiver; 0 for all.
    most
        Best pairs of all; 0 for all.
    min_fit
        A use with a suitability times importance below it makes no pair.
    """

    max_distance: float = np.inf
    per_division: int = 10
    most: int = 100_000
    min_fit: float = 0.2


@dataclass(frozen=True)
class Pairs:
    """Pairs that were found, and how many there are.

    Attributes
    ----------
    table
        The best first, then by place in the sides: ``supply``, ``demand`` (places in
        the sides), ``link`` (row of the links), ``distance_m``, ``given`` (what would
        arrive if the giver gave all), ``shared`` (what can pass), ``score`` and the
        parts of it that the links don't hold.
    links
        As :func:`.links.linked` gives them.
    compatible, in_reach
        Number of pairs that fit within their own reach, and of all pairs within the
        widest reach, by carrier.
    unknown
        Number of flows of which temperature or class is unknown.
    beyond
        Number of pairs that fit within their own reach in a straight line, but not
        over the network; of every approach.
    """

    table: pd.DataFrame
    links: pd.DataFrame
    compatible: Counter
    in_reach: Counter
    unknown: int
    beyond: int = 0


def best_pairs(
    sides: Sides,
    known: Knowledge,
    near: Near,
    limits: Limits,
    progress: Progress = silent,
) -> Pairs:
    """The best pairs of supply and demand.

    Parameters
    ----------
    sides
        Supply and demand.
    known
        Rules, uses, bans and reaches.
    near
        Places of both sides.
    limits
        How much is looked for.
    progress
        Called after each block.

    Notes
    -----
    The same whatever the order of the flows was. Equal scores are ranked by the ids of
    supply and demand.
    """
    search = _Search(sides, known, near, limits)
    for place, carrier in enumerate(CARRIERS):
        start, end = place / len(CARRIERS), (place + 1) / len(CARRIERS)
        search.carrier(carrier, part(progress, start, end))
    return search.found()


FIXED = ("quality", "evidence", "ladder")
_ASKED = ("yield", "reach_m", "overlap", "fixed", *(f"score_{name}" for name in FIXED))


class _Search:
    """A search under way."""

    def __init__(
        self, sides: Sides, known: Knowledge, near: Near, limits: Limits
    ) -> None:
        self.sides, self.known, self.near, self.limits = sides, known, near, limits
        self.best = Best(limits.most)
        self.links: list[pd.DataFrame] = []
        self.link_count = 0
        self.compatible, self.in_reach = Counter(), Counter()
        self.unknown = self.beyond = 0
        divisions = sides.demand["division"]
        self.division = pd.factorize(divisions, sort=True)[0]
        self.data = {
            SUPPLY: score.data_part(sides.supply["data_quality"].to_numpy(float)),
            DEMAND: score.data_part(sides.demand["data_quality"].to_numpy(float)),
        }
        self.amount = {
            SUPPLY: sides.supply["amount"].to_numpy(float),
            DEMAND: sides.demand["amount"].to_numpy(float),
        }
        self.share = sides.supply["share"].to_numpy(float)
        self.actor = {
            SUPPLY: sides.supply["actor"].to_numpy(),
            DEMAND: sides.demand["actor"].to_numpy(),
        }
        self.profile = {
            SUPPLY: months.profile_codes(sides.supply["profile"]),
            DEMAND: months.profile_codes(sides.demand["profile"]),
        }

    def carrier(self, carrier: str, progress: Progress) -> None:
        """Look at the flows of one carrier."""
        supply, demand = self.sides.supply, self.sides.demand
        givers = kinds_of(supply, carrier, SUPPLY, self.known)
        receivers = kinds_of(demand, carrier, DEMAND, self.known)
        self.unknown += givers.unknown + receivers.unknown
        reach = widest_reach(carrier, self.known, self.limits.max_distance)
        self.in_reach[carrier] = count_in_reach(
            self.sides, self.near, carrier, reach, progress
        )
        if not givers.members or not receivers.members:
            return
        size = max(1, LINKS // len(receivers.members))
        parts = range(0, len(givers.members), size)
        for place, start in enumerate(parts):
            some = slice(start, min(start + size, len(givers.members)))
            links = linked(
                carrier, givers, receivers, some, self.known,
                self.limits.min_fit, self.limits.max_distance,
            )  # fmt: skip
            tell = part(progress, place / len(parts), (place + 1) / len(parts))
            self._count(carrier, links, givers, receivers, part(tell, 0.0, 0.3))
            self._look(links, givers, receivers, part(tell, 0.3, 1.0))
            # Of thousands of measured temperatures few links bring anything.
            used = self.best.keep_links(self.link_count)
            self.links.append(links.iloc[used])
            self.link_count += len(used)

    def found(self) -> Pairs:
        """What was found."""
        none = pd.DataFrame(columns=list(COLUMNS))
        links = pd.concat(self.links, ignore_index=True) if self.links else none
        table = self.best.table()
        counts = self.compatible, self.in_reach, self.unknown, self.beyond
        return Pairs(table, links, *counts)

    def _count(self, carrier: str, links, givers, receivers, progress) -> None:
        """Count the pairs of some links."""
        asked = links, givers, receivers, progress
        count = count_compatible(self.sides, self.near, *asked)
        self.compatible[carrier] += count
        if self.near.ways is not None:
            # Who are neighbours differs too: pairs of every approach are compared.
            whole = replace(self.near, approach=ALL)
            if self.near.approach != ALL:
                count = count_compatible(self.sides, whole, *asked)
            straight = count_compatible(self.sides, whole.straight(), *asked)
            self.beyond += straight - count

    def _look(
        self, links: pd.DataFrame, givers: Kinds, receivers: Kinds, progress: Progress
    ) -> None:
        """Look at the pairs of some links; kinds with the best links come first."""
        columns = {name: links[name].to_numpy(float) for name in _ASKED}
        first = firsts(links["giver"].to_numpy())
        last = np.append(first[1:], len(links))
        best = np.maximum.reduceat(columns["fixed"], first) if len(links) else first
        for done, place in enumerate(np.argsort(-best, kind="stable")):
            rows = np.arange(first[place], last[place])
            giver = links["giver"].iat[first[place]]
            targets = _Targets(links, columns, rows, receivers, self)
            size = BLOCK // len(targets.flows)
            blocks = self.near.together(givers.members[giver], size)
            for number, block in enumerate(blocks):
                progress((done + number / len(blocks)) / len(best))
                self._look_at(block, targets, columns)

    def _look_at(self, block: np.ndarray, targets: _Targets, columns: dict) -> None:
        """Add the best pairs of a block of supply flows."""
        radius = self.near.radius(
            targets.worth_reaching(
                self.best.least,
                self.data[SUPPLY][block].max(),
                np.sqrt(self.share[block].max()),
            )
        )
        spots, places = self.near.supply[block], self.near.demand[targets.flows]
        low, high = spots.min(axis=0), spots.max(axis=0)
        outside = np.maximum(np.maximum(low - places, places - high), 0)
        column = np.flatnonzero((radius >= 0) & (outside <= radius[:, None]).all(1))
        row, near, distance = self.near.within(
            block, targets.flows[column], radius[column]
        )
        column = column[near]
        giver, receiver = block[row], targets.flows[column]
        other = self.actor[SUPPLY][giver] != self.actor[DEMAND][receiver]
        other &= self.near.looked_at(giver, receiver, distance)
        chosen = np.flatnonzero(other)
        link = targets.link(column[chosen], distance[chosen])
        told = {name: each[link] for name, each in columns.items()}
        pairs = giver[chosen], receiver[chosen], distance[chosen]
        found = {**self._scored(*pairs, told), "link": link + self.link_count}
        good = np.flatnonzero(found["score"] >= self.best.least)
        if self.limits.per_division:
            group = row[chosen][good] * (1 + self.division.max())
            group = group + self.division[found["demand"][good]]
            top = best_of_groups(group, found["score"][good], self.limits.per_division)
            good = good[top]
        self.best.add({name: values[good] for name, values in found.items()})

    def _scored(self, giver, receiver, distance, links) -> dict[str, np.ndarray]:
        """Quantities and scores of pairs."""
        given = self.amount[SUPPLY][giver] * links["yield"]
        asked = self.amount[DEMAND][receiver]
        profiles = self.profile[SUPPLY][giver], self.profile[DEMAND][receiver]
        shared = np.minimum(given, asked)
        # Only of heat the months count: what else is told by month can wait in a tank.
        if (links["overlap"] < 1).any():
            shared = months.shared(given, asked, *profiles)
        parts = {
            "distance": score.distance_part(distance, links["reach_m"]),
            "quantity": score.quantity_part(self.share[giver], given, shared),
            "data": (self.data[SUPPLY][giver] + self.data[DEMAND][receiver]) / 2,
        }
        fixed = {name: links[f"score_{name}"] for name in FIXED}
        return {
            "supply": giver,
            "demand": receiver,
            "distance_m": distance,
            "given": given,
            "shared": shared,
            "score": score.weighted(**parts, **fixed),
            **{f"score_{name}": values for name, values in parts.items()},
        }


class _Targets:
    """Demand that one kind of supply can serve.

    Parameters
    ----------
    links, columns
        Links, and some of their columns.
    rows
        Those of the kind of supply: of a kind of demand together, best first.
    receivers
        Kinds of demand.
    search
        The search.
    """

    def __init__(
        self, links: pd.DataFrame, columns: dict, rows, receivers: Kinds, search
    ) -> None:
        taking = links["receiver"].to_numpy()[rows]
        first = firsts(taking)
        size = np.diff(np.append(first, len(rows)))
        local = np.repeat(np.arange(len(first)), size)
        ring = np.arange(len(rows)) - first[local]
        self._reach = np.full((len(first), size.max()), -1.0)
        self._link = np.zeros(self._reach.shape, np.int64)
        self._reach[local, ring] = columns["reach_m"][rows]
        self._link[local, ring] = rows
        self._farthest = rows[first + size - 1]
        members = [receivers.members[kind] for kind in taking[first]]
        flows = np.concatenate(members)
        kind = np.repeat(np.arange(len(first)), [len(each) for each in members])
        order = np.lexsort((flows, search.division[flows]))
        self.flows, self._kind = flows[order], kind[order]
        fixed = np.maximum.reduceat(columns["fixed"][rows], first)
        self._widest = self._reach.max(axis=1)[self._kind]
        self._fixed = fixed[self._kind]
        self._data = search.data[DEMAND][self.flows]

    def worth_reaching(self, least: float, data: float, quantity: float) -> np.ndarray:
        """Distance up to which a score can be at least so much; below 0: nowhere.

        ``data`` and ``quantity`` are the most that supply can bring to these parts.
        """
        rest = score.weighted(data=(data + self._data) / 2, quantity=quantity)
        most = self._fixed + rest
        left = (least - HAIR - most) / score.WEIGHTS["distance"]
        return self._widest * np.minimum(1 - left, 1)

    def link(self, column: np.ndarray, distance: np.ndarray) -> np.ndarray:
        """The best link of each pair that reaches so far."""
        kind = self._kind[column]
        found = self._farthest[kind]
        for ring in reversed(range(self._reach.shape[1])):
            reaches = distance <= self._reach[kind, ring] * INCLUSIVE
            found = np.where(reaches, self._link[kind, ring], found)
        return found
