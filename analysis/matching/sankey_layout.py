"""Where the nodes and bands of a Sankey diagram stand.

Nodes stand in columns from left to right. What would have to go back is a loop, led
round under the diagram. Where that is too much to read, every node that both gives
and receives stands on both sides instead, givers left and receivers right.

All lengths are in pixels of a drawing of width ``WIDTH``, downward from its top.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np

from .sankey import GIVER, GROUP, OTHER, RECEIVER, Link, Node

WIDTH = 720.0
"""190 mm at 96 pixels an inch: an A4 sheet within its margins."""
TALLEST = 300.0
"""Height of all bands in the column through which most goes, at most."""
ROW = 100.0
"""As much of it as there are nodes below each other."""
NODE_WIDTH = 9.0
LABEL_HEIGHT = 28.0
GAP = 5.0
WHITE = 12.0
"""No more than this stays empty all across the drawing."""
LOOPS_WIDTH = 90.0
"""Width of all loops together, at most."""
SIDE_TWO, SIDE_MORE = 215.0, 150.0
"""Room for the names left and right, with two columns and with more."""
BEND = 5.0
"""Inner radius of a loop."""
MOST_COLUMNS = 5
MOST_LOOPS = 6
LOOP_SHARE = 0.4
"""More columns, more loops or a larger part in loops: givers left, receivers right."""
SWEEPS = 12


@dataclass(frozen=True)
class Box:
    """A node as it stands; ``y`` is its top, the rooms are for loops beside it."""

    node: Node
    column: int
    x: float
    y: float
    height: float
    given: float
    received: float
    left_room: float
    right_room: float


@dataclass(frozen=True)
class Band:
    """A link as it runs: through points (its middle), from left to right."""

    link: Link
    width: float
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Loop:
    """A link that goes back.

    From ``start`` it goes right to ``right``, down to ``lane``, left to ``left``, up
    and right to ``end``; all of these are of its middle.
    """

    link: Link
    width: float
    start: tuple[float, float]
    end: tuple[float, float]
    left: float
    right: float
    lane: float


@dataclass(frozen=True)
class Layout:
    """A drawing: what stands where, and how high it is."""

    boxes: tuple[Box, ...]
    bands: tuple[Band, ...]
    loops: tuple[Loop, ...]
    columns: int
    pitch: float
    """From column to column."""
    height: float
    scale: float
    """Pixels for one unit of quantity."""


@dataclass
class _Slot:
    """A node in a column, or the place where a band passes a column."""

    key: tuple
    column: int
    height: float
    up: float
    """Room that it takes above its middle."""
    down: float
    """And below it."""
    middle: float = 0.0
    before: list = field(default_factory=list)
    after: list = field(default_factory=list)


def lay_out(links: Iterable[Link]) -> Layout:
    """Place the nodes and bands of a diagram.

    Parameters
    ----------
    links
        At least one link above 0, no two with the same ends.

    Returns
    -------
    Layout
        The same for the same links in any order. Bands at one side of a node touch and
        together are as high as it, on the side where more passes.
    """
    links = sorted(links, key=lambda link: (link.source, link.target))
    back = _going_back(links)
    columns = _columns(links, back)
    if _unreadable(links, back, columns):
        links = [_two_sided(link) for link in links]
        back, columns = set(), _columns(links, set())
    return _Plan(links, back, columns).layout()


# Which links go back


def _going_back(links: list[Link]) -> set[tuple[Node, Node]]:
    """Links that go back when nodes stand in a row in which little goes back."""
    row = _greedy_row(links)
    ends = [(each.source, each.target, each.quantity) for each in links]
    least = 1e-9 * math.fsum(quantity for *_, quantity in ends)
    moved = True
    while moved:
        moved = False
        for node in sorted(row):
            rest = [each for each in row if each != node]
            # At how much that node goes back from each place in the row of the others.
            cost = _costs(node, rest, ends)
            best = min(range(len(cost)), key=lambda place: (cost[place], place))
            if cost[best] < cost[row.index(node)] - least:
                row, moved = [*rest[:best], node, *rest[best:]], True
    place = {node: number for number, node in enumerate(row)}
    return {(one, two) for one, two, _ in ends if place[one] >= place[two]}


def _costs(node: Node, rest: list[Node], ends: list[tuple]) -> list[float]:
    """How much of what a node gives and receives goes back, by its place."""
    given, received = defaultdict(float), defaultdict(float)
    for one, two, quantity in ends:
        if one == node != two:
            given[two] += quantity
        if two == node != one:
            received[one] += quantity
    cost = [math.fsum(received[each] for each in rest)]
    for passed in rest:
        cost.append(cost[-1] + given[passed] - received[passed])
    return cost


def _greedy_row(links: list[Link]) -> list[Node]:
    """The row of Eades, Lin and Smyth (1993), weighed by quantity.

    Sources first, sinks last, and of the others the node that gives most in balance.
    """
    open_ = sorted({node for link in links for node in (link.source, link.target)})
    first: list[Node] = []
    last: list[Node] = []
    while open_:
        inside = [
            link
            for link in links
            if link.source != link.target
            and link.source in open_
            and link.target in open_
        ]
        balance = {node: [0.0, 0.0] for node in open_}
        for link in inside:
            balance[link.source][0] += link.quantity
            balance[link.target][1] += link.quantity
        sinks = [node for node in open_ if not balance[node][0]]
        row = last if sinks else first
        best = max(open_, key=lambda node: _lead(*balance[node]))
        row.append(sinks[-1] if sinks else best)
        open_.remove(row[-1])
    return first + last[::-1]


def _lead(given: float, received: float) -> float:
    """How much a node belongs in front; one that only gives comes first of all."""
    return given - received if received else math.inf


def _columns(links: list[Link], back: set) -> dict[Node, int]:
    """Column of each node: the longest way to it; what only receives stands last."""
    ahead = [link for link in links if (link.source, link.target) not in back]
    column = dict.fromkeys((n for each in links for n in (each.source, each.target)), 0)
    for _ in column:
        for link in ahead:
            behind = column[link.source] + 1
            column[link.target] = max(column[link.target], behind)
    giving = {link.source for link in ahead}
    last = max(column.values())
    ends = {link.target for link in ahead} - giving
    return {node: last if node in ends else place for node, place in column.items()}


def _unreadable(links: list[Link], back: set, columns: dict[Node, int]) -> bool:
    """Whether nodes in columns with loops would be too much to read."""
    loops = [link.quantity for link in links if (link.source, link.target) in back]
    total = math.fsum(link.quantity for link in links)
    return (
        max(columns.values()) >= MOST_COLUMNS
        or len(loops) > MOST_LOOPS
        or math.fsum(loops) > LOOP_SHARE * total
        # What goes to "other" is missing at the node that it belongs to.
        or any(Node(OTHER, side=GIVER) == link.source for link in links)
    )


def _two_sided(link: Link) -> Link:
    return replace(
        link,
        source=replace(link.source, side=GIVER),
        target=replace(link.target, side=RECEIVER),
    )


# Where everything stands


class _Plan:
    """The work on one layout."""

    def __init__(self, links: list[Link], back: set, columns: dict[Node, int]) -> None:
        self.ahead = [each for each in links if (each.source, each.target) not in back]
        self.back = [each for each in links if (each.source, each.target) in back]
        self.column = columns
        self.count = max(columns.values()) + 1
        self.given = _through(links, lambda link: link.source)
        self.received = _through(links, lambda link: link.target)
        looped = math.fsum(link.quantity for link in self.back)
        rows = max(Counter(columns.values()).values())
        tallest = min(TALLEST, rows * ROW)
        self.scale = tallest / max(self._most(), looped * tallest / LOOPS_WIDTH)
        self.slots = {node: self._slot(node) for node in columns}
        self.ways = {(link.source, link.target): self._way(link) for link in self.ahead}
        self.rows = [
            sorted(
                (slot for slot in self._all() if slot.column == column),
                key=lambda slot: (*slot.key[:1], -slot.height, slot.key),
            )
            for column in range(self.count)
        ]

    def layout(self) -> Layout:
        """Order, place and connect."""
        self._order()
        self._place()
        leaving, entering = self._ends()
        left, right = self._rooms()
        places = self._places(left, right)
        top = {node: slot.middle - slot.height / 2 for node, slot in self.slots.items()}
        boxes = [
            Box(
                node,
                slot.column,
                places[slot.column],
                top[node],
                slot.height,
                self.given.get(node, 0.0),
                self.received.get(node, 0.0),
                left[slot.column],
                right[slot.column],
            )
            for node, slot in sorted(self.slots.items())
        ]
        bands = [self._band(link, leaving, entering, places) for link in self.ahead]
        loops, height = self._loops(leaving, entering, places)
        # The thickest first, so that no thin band is hidden.
        bands.sort(key=lambda band: (-band.width, band.link.source, band.link.target))
        return Layout(
            tuple(boxes),
            tuple(bands),
            tuple(loops),
            self.count,
            places[1] - places[0],
            height,
            self.scale,
        )

    def _width(self, link: Link) -> float:
        return link.quantity * self.scale

    def _height(self, node: Node) -> float:
        most = max(self.given.get(node, 0.0), self.received.get(node, 0.0))
        return most * self.scale

    def _most(self) -> float:
        """The largest quantity in one column, passing bands included."""
        sums = [0.0] * self.count
        for node, column in self.column.items():
            sums[column] += max(self.given.get(node, 0.0), self.received.get(node, 0.0))
        for link in self.ahead:
            for column in range(self.column[link.source] + 1, self.column[link.target]):
                sums[column] += link.quantity
        return max(sums)

    def _slot(self, node: Node) -> _Slot:
        """A node, with room for its name: beside it, or above it in between."""
        height = self._height(node)
        up = down = max(height, LABEL_HEIGHT) / 2
        if 0 < self.column[node] < self.count - 1:
            up, down = height / 2 + LABEL_HEIGHT, height / 2
        for link in self.back:
            if link.source == link.target == node:
                hanging = self._width(link) + 2 * BEND + GAP
                down = max(down, height / 2 + hanging)
        key = (node.kind != GROUP, node)
        return _Slot(key, self.column[node], height, up, down)

    def _way(self, link: Link) -> list[_Slot]:
        """The slots that a link passes, connected to each other."""
        key, width = (False, link.source, link.target), self._width(link)
        between = range(self.column[link.source] + 1, self.column[link.target])
        way = [
            self.slots[link.source],
            *(_Slot(key, at, width, width / 2, width / 2) for at in between),
            self.slots[link.target],
        ]
        for one, other in pairwise(way):
            one.after.append((other, link.quantity))
            other.before.append((one, link.quantity))
        return way

    def _all(self) -> list[_Slot]:
        passing = [slot for way in self.ways.values() for slot in way[1:-1]]
        return [*self.slots.values(), *passing]

    def _order(self) -> None:
        """Put each column in the order of what it is connected to; keep the best."""
        best, fewest = [list(row) for row in self.rows], self._crossings()
        for sweep in range(SWEEPS):
            forward = sweep % 2 == 0
            for row in self.rows if forward else self.rows[::-1]:
                place = {
                    id(slot): number
                    for other in self.rows
                    for number, slot in enumerate(other)
                }
                row.sort(key=lambda slot: self._wanted(slot, forward, place))
            crossings = self._crossings()
            if crossings < fewest * (1 - 1e-9):
                best, fewest = [list(row) for row in self.rows], crossings
        self.rows = best

    @staticmethod
    def _wanted(slot: _Slot, forward: bool, place: dict[int, int]) -> tuple:
        """Last what is no group; the others by the middle of their neighbours."""
        near = [(place[id(o)], q) for o, q in (slot.before if forward else slot.after)]
        middle = _mean(near) if near else place[id(slot)]
        return (slot.key[0], round(middle, 9), slot.key[1:])

    def _crossings(self) -> float:
        """How much crosses, weighed by quantity."""
        total = 0.0
        for row, following in pairwise(self.rows):
            place = {id(slot): number for number, slot in enumerate(following)}
            lines = [
                (number, place[id(other)], quantity * self.scale)
                for number, slot in enumerate(row)
                for other, quantity in slot.after
            ]
            one, two, width = np.array(lines, float).reshape(-1, 3).T
            crossing = (one[:, None] < one) & (two[:, None] > two)
            total += float(width @ crossing @ width)
        return total

    def _place(self) -> None:
        """Put every slot as near to what it is connected to as its column allows."""
        for row in self.rows:
            _settle(row, [0.0] * len(row))
        for sweep in range(SWEEPS):
            forward = sweep % 2 == 0
            for row in self.rows if forward else self.rows[::-1]:
                _settle(row, [_pull(slot, forward) for slot in row])
        _close_up(self._all())

    def _ends(self) -> tuple[dict, dict]:
        """Middles of the bands where they leave and enter, loops below the others."""
        leaving: dict = {}
        entering: dict = {}
        tracks = self._tracks()
        for node, slot in self.slots.items():
            top = slot.middle - slot.height / 2
            out = [
                (0, way[1].middle, ends)
                for ends, way in self.ways.items()
                if ends[0] == node
            ]
            into = [
                (0, way[-2].middle, ends)
                for ends, way in self.ways.items()
                if ends[1] == node
            ]
            for depth, (link, *_) in enumerate(tracks):
                ends = (link.source, link.target)
                # The innermost loop lies lowest, so that loops do not cross.
                out += [(1, -depth, ends)] * (link.source == node)
                into += [(1, -depth, ends)] * (link.target == node)
            self._stack(sorted(out), top, leaving)
            self._stack(sorted(into), top, entering)
        return leaving, entering

    def _stack(self, ends: list[tuple], top: float, middles: dict) -> None:
        width = {(e.source, e.target): self._width(e) for e in self.ahead + self.back}
        for *_, pair in ends:
            middles[pair] = top + width[pair] / 2
            top += width[pair]

    def _rooms(self) -> tuple[list[float], list[float]]:
        """What loops take left and right of each column."""
        left, right = [0.0] * self.count, [0.0] * self.count
        for track in self._tracks():
            link, inner_left, inner_right = track
            width = self._width(link)
            at, to = self.column[link.source], self.column[link.target]
            right[at] = max(right[at], inner_right + width + GAP)
            left[to] = max(left[to], inner_left + width + GAP)
        return left, right

    def _tracks(self) -> list[tuple[Link, float, float]]:
        """Loops from the innermost on, with how far their inner edge lies outside."""
        selves = [link for link in self.back if link.source == link.target]
        others = [link for link in self.back if link.source != link.target]
        others.sort(key=self._depth)
        left, right = {}, {}
        for link in selves:
            column = self.column[link.source]
            taken = max(right.get(column, BEND), BEND + self._width(link) + GAP)
            left[column] = right[column] = taken
        found = [(link, BEND, BEND) for link in selves]
        for link in others:
            at, to = self.column[link.source], self.column[link.target]
            found.append((link, left.get(to, BEND), right.get(at, BEND)))
            left[to] = found[-1][1] + self._width(link) + GAP
            right[at] = found[-1][2] + self._width(link) + GAP
        return found

    def _depth(self, link: Link) -> tuple:
        """Short loops inside long ones, and those of low nodes inside those of high."""
        ends = link.source, link.target
        at, to = (self.slots[node] for node in ends)
        return (at.column - to.column, -at.middle - to.middle, ends)

    def _places(self, left: list[float], right: list[float]) -> list[float]:
        """Left edge of each column."""
        side = SIDE_TWO if self.count <= 2 else SIDE_MORE
        first = side + left[0]
        last = WIDTH - side - right[-1] - NODE_WIDTH
        pitch = (last - first) / (self.count - 1)
        return [first + pitch * number for number in range(self.count)]

    def _band(self, link: Link, leaving: dict, entering: dict, places: list) -> Band:
        ends = (link.source, link.target)
        way = self.ways[ends]
        points = [(places[way[0].column] + NODE_WIDTH, leaving[ends])]
        for slot in way[1:-1]:
            x = places[slot.column]
            points += [(x, slot.middle), (x + NODE_WIDTH, slot.middle)]
        points.append((places[way[-1].column], entering[ends]))
        return Band(link, self._width(link), tuple(points))

    def _loops(self, leaving: dict, entering: dict, places: list):
        """Loops, and the height of all."""
        bottom = max(slot.middle + slot.down for slot in self._all())
        loops = []
        for link, inner_left, inner_right in self._tracks():
            ends, width = (link.source, link.target), self._width(link)
            slot = self.slots[link.source]
            if link.source == link.target:
                lane = slot.middle + slot.height / 2 + 2 * BEND + width / 2
            else:
                lane = bottom + 2 * BEND + width / 2
                bottom = lane + width / 2
            start = places[slot.column] + NODE_WIDTH
            end = places[self.column[link.target]]
            loops.append(
                Loop(
                    link,
                    width,
                    (start, leaving[ends]),
                    (end, entering[ends]),
                    end - inner_left - width / 2,
                    start + inner_right + width / 2,
                    lane,
                )
            )
        return loops, bottom


def _through(links: list[Link], end: Callable[[Link], Node]) -> dict[Node, float]:
    """How much goes through each node at one end."""
    parts: dict[Node, list[float]] = {}
    for link in links:
        parts.setdefault(end(link), []).append(link.quantity)
    return {node: math.fsum(each) for node, each in parts.items()}


def _mean(weighed: list[tuple[float, float]]) -> float:
    total = math.fsum(weight for _, weight in weighed)
    return math.fsum(value * (weight / total) for value, weight in weighed)


def _pull(slot: _Slot, forward: bool) -> float:
    """Where a slot would stand if it were alone."""
    near = (slot.before if forward else slot.after) or slot.before or slot.after
    return _mean([(o.middle, q) for o, q in near]) if near else slot.middle


def _settle(row: list[_Slot], wanted: list[float]) -> None:
    """Middles nearest to the wanted ones (least squares) that keep order and room.

    Pool adjacent violators, after the room between the slots is taken out.
    """
    offset = [0.0]
    for one, other in pairwise(row):
        offset.append(offset[-1] + one.down + GAP + other.up)
    pools: list[list[float]] = []
    for want, shift in zip(wanted, offset, strict=True):
        pools.append([want - shift, 1])
        while len(pools) > 1 and pools[-2][0] >= pools[-1][0]:
            (one, many), (other, more) = pools[-2:]
            pools[-2:] = [[(one * many + other * more) / (many + more), many + more]]
    flat = [mean for mean, count in pools for _ in range(count)]
    for slot, mean, shift in zip(row, flat, offset, strict=True):
        slot.middle = mean + shift


def _close_up(slots: list[_Slot]) -> None:
    """Move all up to 0, and out of them white that no column uses."""
    slots = sorted(slots, key=lambda slot: slot.middle - slot.up)
    moved = slots[0].middle - slots[0].up
    reached = 0.0
    for slot in slots:
        moved = max(moved, slot.middle - slot.up - reached - WHITE)
        slot.middle -= moved
        reached = max(reached, slot.middle + slot.down)
