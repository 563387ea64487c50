"""Travel distances over a road network between many places.

The nodes of the network are taken out one by one, those with the fewest neighbours
first, so that dead ends and chains go before anything else; a way through a node that
goes becomes one between its neighbours. What is left is a hierarchy in which every
shortest way first climbs and then descends. So the ways of many places at once follow
from two sweeps over it, in which a node takes the least of what its neighbours have.

Source
------
Geisberger, Sanders, Schultes & Delling (2008), Contraction hierarchies; Delling,
Goldberg, Nowatzyk & Werneck (2011), PHAST.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import shapely

from .progress import Progress, silent
from .road_network import Access, RoadNetwork, access

DENSE = 3_000
"""So many nodes are left when a table of all of them takes less time than lists."""
INCLUSIVE = 1 + 1e-9
"""A limit holds what lies just on it, whatever the last bits say."""
BLOCK = 256
"""Places from which ways are sought at once."""


@dataclass(frozen=True)
class _Hierarchy:
    """Neighbours of every node that went later than itself.

    Nodes are numbered by level, the last to go first; ``first`` to ``first + 1`` are
    the rows of a node in ``above`` (numbers of neighbours, all lower) and ``metres``.
    ``bounds`` holds where each level begins, ``number`` the number of each node of the
    network.
    """

    first: np.ndarray
    above: np.ndarray
    metres: np.ndarray
    bounds: np.ndarray
    number: np.ndarray


class Travel:
    """Shortest ways over a network.

    Parameters
    ----------
    network
        A network.
    progress
        Called while it is looked at.
    """

    def __init__(self, network: RoadNetwork, progress: Progress = silent) -> None:
        self.network = network
        self._hierarchy = _hierarchy(network, progress)

    def blocks(
        self,
        sources: Access,
        targets: Access,
        limit: float = np.inf,
        progress: Progress = silent,
    ) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Travel distances from some places to all others.

        Parameters
        ----------
        sources, targets
            Places on the network.
        limit
            Farther than so many metres is as good as unreachable.
        progress
            Called after each block.

        Yields
        ------
        tuple
            Places of sources, shape (s,), and metres from them to all targets, shape
            (s, t); infinite where no road leads there. A way of which half or more
            leads to the first road and from the last is taken straight.
        """
        sweep = _Sweep(self._hierarchy, self.network, sources, targets)
        order = _together(sources.shapes)
        for start in range(0, len(order), BLOCK):
            some = order[start : start + BLOCK]
            metres = sweep.metres(some)
            metres[metres > limit * INCLUSIVE] = np.inf
            yield some, metres
            progress(min(1.0, (start + BLOCK) / len(order)))

    def table(
        self, sources: Access, targets: Access, limit: float = np.inf
    ) -> np.ndarray:
        """All distances at once, shape (s, t); for few places."""
        found = np.full((len(sources.shapes), len(targets.shapes)), np.inf)
        for some, metres in self.blocks(sources, targets, limit):
            found[some] = metres
        return found

    def between(
        self, sources: np.ndarray, targets: np.ndarray, one: np.ndarray, other
    ) -> np.ndarray:
        """Travel distances of some pairs of shapes.

        Parameters
        ----------
        sources, targets : ndarray of shapely geometries
            Places in the CRS of the network, areas too.
        one, other
            Places of the pairs in both, shape (m,).
        """
        sides = [np.unique(each, return_inverse=True) for each in (one, other)]
        sides = [*zip((sources, targets), sides, strict=True)]
        # Roads lead both ways: the fewer of both are those that are searched from.
        sides.sort(key=lambda side: len(side[1][0]))
        (own, (few, row)), (others, (many, column)) = sides
        ends = access(self.network, own[few]), access(self.network, others[many])
        order = np.argsort(row, kind="stable")
        first = np.searchsorted(row[order], np.arange(len(few) + 1))
        found = np.full(len(one), np.inf)
        for some, metres in self.blocks(*ends):
            for place, ways in zip(some, metres, strict=True):
                pairs = order[first[place] : first[place + 1]]
                found[pairs] = ways[column[pairs]]
        return found


def off_road(travel: Travel | None, shapes: np.ndarray) -> list[tuple[str, dict]]:
    """Key and values of a sentence on areas that find no road, if there are any."""
    if travel is None:
        return []
    count = int(access(travel.network, shapes).none.sum())
    values = {"count": count, "places": len(shapes)}
    return [("network.off_road", values)] if count else []


class _Sweep:
    """Ways from some places to others.

    Only nodes at their doors, and what lies above these, take part.
    """

    def __init__(
        self,
        hierarchy: _Hierarchy,
        network: RoadNetwork,
        sources: Access,
        targets: Access,
    ) -> None:
        self._hierarchy, self._sources, self._targets = hierarchy, sources, targets
        self._from, self._legs = _doors(hierarchy, network, sources)
        self._to, self._metres = _doors(hierarchy, network, targets)
        wanted = _closed(hierarchy, self._to)
        kept = np.flatnonzero(wanted | _closed(hierarchy, self._from))
        self._place = np.full(len(hierarchy.number), -1)
        self._place[kept] = np.arange(len(kept))
        self._count = len(kept)
        self._wanted = np.flatnonzero(wanted)
        self._above = self._place[hierarchy.above]
        self._by_edge = np.argsort(targets.edge, kind="stable")
        self._edges = targets.edge[self._by_edge]

    def metres(self, some: np.ndarray) -> np.ndarray:
        """Metres from some places to all targets, shape (s, t)."""
        column = np.full(len(self._sources.shapes), -1)
        column[some] = np.arange(len(some))
        rows = np.flatnonzero(column[self._sources.place] >= 0)
        nodes = self._from[rows]
        found = np.full((self._count, len(some)), np.inf)
        own = column[self._sources.place[rows]][:, None]
        np.minimum.at(found, (self._place[nodes], own), self._legs[rows])
        self._climb(found, np.flatnonzero(_closed(self._hierarchy, nodes)))
        self._descend(found)
        ways = np.full((len(self._targets.shapes), len(some)), np.inf)
        if len(self._to):
            ends = [
                found[self._place[self._to[:, end]]] + self._metres[:, end, None]
                for end in (0, 1)
            ]
            target, first = np.unique(self._targets.place, return_index=True)
            ways[target] = np.minimum.reduceat(np.minimum(*ends), first, axis=0)
        self._along_edges(ways, rows, column)
        ways = ways.T
        self._straightened(ways, some)
        return ways

    def _climb(self, found: np.ndarray, nodes: np.ndarray) -> None:
        """Let some nodes, the first to go first, tell those above how far they are."""
        metres = self._hierarchy.metres[:, None]
        for place, start, end in self._each(nodes[::-1]):
            above = self._above[start:end]
            ways = found[place] + metres[start:end]
            found[above] = np.minimum(found[above], ways)

    def _descend(self, found: np.ndarray) -> None:
        """Let every node, the last to go first, ask those above how far they are."""
        metres = self._hierarchy.metres[:, None]
        for place, start, end in self._each(self._wanted):
            ways = found[self._above[start:end]]
            ways += metres[start:end]
            row = found[place]
            np.minimum(row, np.minimum.reduce(ways, axis=0), out=row)

    def _each(self, nodes: np.ndarray) -> Iterator[tuple[int, int, int]]:
        """Place of each node that has others above it, and the rows of these."""
        first = self._hierarchy.first
        nodes = nodes[first[nodes] < first[nodes + 1]]
        columns = self._place[nodes], first[nodes], first[nodes + 1]
        return zip(*(each.tolist() for each in columns), strict=True)

    def _along_edges(self, ways, rows: np.ndarray, column: np.ndarray) -> None:
        """Ways between places that share an edge."""
        sources, targets = self._sources, self._targets
        edge = sources.edge[rows]
        start = np.searchsorted(self._edges, edge, "left")
        size = np.searchsorted(self._edges, edge, "right") - start
        one = np.repeat(rows, size)
        inner = np.arange(size.sum()) - np.repeat(np.cumsum(size) - size, size)
        other = self._by_edge[np.repeat(start, size) + inner]
        ahead = targets.start[other] - sources.end[one]
        back = sources.start[one] - targets.end[other]
        legs = sources.leg[one] + targets.leg[other]
        metres = legs + np.maximum(np.maximum(ahead, back), 0.0)
        np.minimum.at(ways, (targets.place[other], column[sources.place[one]]), metres)

    def _straightened(self, ways: np.ndarray, some: np.ndarray) -> None:
        """Take ways straight that run no farther over roads than to and from them."""
        sources, targets = self._sources, self._targets
        legs = sources.legs[some, None] + targets.legs
        row, target = np.nonzero(ways <= 2 * legs)
        ways[row, target] = shapely.distance(
            sources.shapes[some[row]], targets.shapes[target]
        )


def _doors(
    hierarchy: _Hierarchy, network: RoadNetwork, access: Access
) -> tuple[np.ndarray, np.ndarray]:
    """Nodes at both ends of the edges of an access, and the metres to them."""
    nodes = hierarchy.number[network.ends[access.edge]]
    ends = [access.start, network.length[access.edge] - access.end]
    return nodes, access.leg[:, None] + np.maximum(np.stack(ends, axis=1), 0.0)


def _closed(hierarchy: _Hierarchy, nodes: np.ndarray) -> np.ndarray:
    """Nodes and all that lies above them, shape (n,)."""
    first, above = hierarchy.first, hierarchy.above
    chosen = np.zeros(len(hierarchy.number), bool)
    chosen[nodes] = True
    bounds = hierarchy.bounds.tolist()
    for start, end in reversed([*pairwise(bounds)]):
        own = start + np.flatnonzero(chosen[start:end])
        size = first[own + 1] - first[own]
        inner = np.arange(size.sum()) - np.repeat(np.cumsum(size) - size, size)
        chosen[above[np.repeat(first[own], size) + inner]] = True
    return chosen


def _together(shapes: np.ndarray) -> np.ndarray:
    """Places of shapes, those that lie together one behind the other."""
    if not len(shapes):
        return np.empty(0, int)
    xy = shapely.get_coordinates(shapely.centroid(shapes))
    size = max(1, int(np.sqrt(len(xy) / BLOCK)))
    low, high = xy.min(axis=0), xy.max(axis=0)
    tile = np.floor((xy - low) / np.maximum(high - low, 1) * size)
    return np.lexsort([np.arange(len(xy)), tile[:, 1], tile[:, 0]])


# The hierarchy.


def _hierarchy(network: RoadNetwork, progress: Progress) -> _Hierarchy:
    """Take out node by node, and number what was above each of them."""
    order, above = _thinned(_neighbours(network), progress)
    level = np.zeros(network.node_count, int)
    for node in reversed(order):
        if above[node]:
            level[node] = 1 + max(level[other] for other in above[node])
    nodes = np.argsort(level, kind="stable")
    number = np.empty(len(nodes), int)
    number[nodes] = np.arange(len(nodes))
    sizes = [len(above[node]) for node in nodes]
    return _Hierarchy(
        np.append(0, np.cumsum(sizes, dtype=int)),
        number[np.array([o for node in nodes for o in above[node]], int)],
        np.array([m for node in nodes for m in above[node].values()], float),
        np.append(0, np.cumsum(np.bincount(level))),
        number,
    )


def _neighbours(network: RoadNetwork) -> list[dict[int, float]]:
    """Metres to the neighbours of each node."""
    found: list[dict[int, float]] = [{} for _ in range(network.node_count)]
    ends, length = network.ends.tolist(), network.length.tolist()
    for (one, other), metres in zip(ends, length, strict=True):
        if one != other and metres < found[one].get(other, np.inf):
            found[one][other] = found[other][one] = metres
    return found


def _thinned(
    found: list[dict[int, float]], progress: Progress
) -> tuple[list[int], list[dict[int, float]]]:
    """Nodes in the order in which they go, and the neighbours that each then has."""
    queue = [(len(near), node) for node, near in enumerate(found)]
    heapq.heapify(queue)
    order: list[int] = []
    gone = bytearray(len(found))
    while len(found) - len(order) > DENSE:
        size, node = heapq.heappop(queue)
        near = found[node]
        if gone[node] or size != len(near):
            continue
        gone[node] = 1
        order.append(node)
        for one, metres in near.items():
            ways = found[one]
            del ways[node]
            for other, more in near.items():
                if other != one and metres + more < ways.get(other, np.inf):
                    ways[other] = metres + more
            heapq.heappush(queue, (len(ways), one))
        if len(order) % 1000 == 0:
            progress(len(order) / len(found))
    left = np.flatnonzero(np.frombuffer(gone, np.uint8) == 0)
    order += _thinned_table(found, left, progress)
    return order, found


def _thinned_table(
    found: list[dict[int, float]], left: np.ndarray, progress: Progress
) -> list[int]:
    """The same for the last nodes, which have many neighbours."""
    place = {node: at for at, node in enumerate(left.tolist())}
    table = np.full((len(left), len(left)), np.inf)
    for node, at in place.items():
        near = found[node]
        table[at, [place[other] for other in near]] = list(near.values())
    sizes = np.isfinite(table).sum(axis=1).astype(float)
    order = []
    for _ in left:
        at = int(np.argmin(sizes))
        near = np.flatnonzero(np.isfinite(table[at]))
        metres = table[at, near]
        order.append(int(left[at]))
        found[order[-1]] = dict(zip(left[near].tolist(), metres.tolist(), strict=True))
        square = np.ix_(near, near)
        table[square] = np.minimum(table[square], metres[:, None] + metres)
        table[near, near] = np.inf
        table[near, at] = np.inf
        sizes[at] = np.inf
        sizes[near] = np.isfinite(table[near]).sum(axis=1)
        if len(order) % 100 == 0:
            progress(1.0)
    return order
