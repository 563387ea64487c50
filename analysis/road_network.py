"""A network of roads: where lines meet, and where places find their way onto it.

Lines meet where an end lies on another line, and where they share a vertex, as in the
data of road authorities and OpenStreetMap. Lines that cross without a shared vertex do
not: one of them goes over a bridge.
"""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from .errors import RefusalError

MODE = "road"
JOIN = 1.0
"""Ends so many metres apart, or off another line, meet."""
ACCESS = 1000.0
"""So many metres from a road a place still finds its way onto it."""
POINT = 0
"""Dimensions of a point."""


@dataclass(frozen=True)
class RoadNetwork:
    """Edges between places where one can turn off.

    Attributes
    ----------
    lines
        Shape (e,): the edges, in an order that the order of the input never changes.
    length
        Shape (e,): their length in metres.
    ends
        Shape (e, 2): numbers of the nodes at both ends, from 0.
    node_count
        Number of nodes.
    part
        Shape (e,): parts of the network that no road joins; the longest is 0.
    """

    lines: np.ndarray
    length: np.ndarray
    ends: np.ndarray
    node_count: int
    part: np.ndarray


@dataclass(frozen=True)
class Access:
    """Where places find their way onto a network: one row per place and part of it.

    A place that lies on the road, such as an area that a road runs through, has one
    for every edge there.

    Attributes
    ----------
    shapes
        The places.
    place, edge
        Row of both; places never fall.
    start, end
        Between so many metres from the start of the edge; equal for a point.
    leg
        Metres in a straight line from the place to the edge.
    """

    shapes: np.ndarray
    place: np.ndarray
    edge: np.ndarray
    start: np.ndarray
    end: np.ndarray
    leg: np.ndarray

    @property
    def none(self) -> np.ndarray:
        """Which places find no road, shape (n,)."""
        return np.bincount(self.place, minlength=len(self.shapes)) == 0

    @property
    def legs(self) -> np.ndarray:
        """Metres from each place to the nearest edge, shape (n,); 0 without one."""
        least = np.full(len(self.shapes), np.inf)
        np.minimum.at(least, self.place, self.leg)
        return np.where(self.none, 0.0, least)


def road_network(infrastructure: gpd.GeoDataFrame) -> RoadNetwork:
    """Join the roads among lines into a network.

    Parameters
    ----------
    infrastructure
        Canonical infrastructure, CRS in metres.

    Raises
    ------
    RefusalError
        If there is no road among the lines.
    """
    roads = infrastructure.geometry[(infrastructure["mode"] == MODE).to_numpy(bool)]
    parts = shapely.force_2d(shapely.get_parts(roads.to_numpy()))
    parts = parts[shapely.length(parts) > 0]
    if not len(parts):
        raise RefusalError("network.no_roads")
    lines = shapely.from_wkb(np.unique(shapely.to_wkb(parts)))
    xy, vertex, line = _joined(lines)
    shapes, ends = _edges(xy, vertex, line)
    nodes, ends = np.unique(ends, return_inverse=True)
    ends = ends.reshape(-1, 2)
    length = shapely.length(shapes)
    part = _parts(ends, length, len(nodes))
    return RoadNetwork(shapes, length, ends, len(nodes), part)


def access(
    network: RoadNetwork, shapes: np.ndarray, farthest: float = ACCESS
) -> Access:
    """The nearest place on every part of a network that lies within a distance.

    Parameters
    ----------
    network
        A network.
    shapes : ndarray of shapely geometries, shape (n,)
        Places, in its CRS.
    farthest
        Metres up to which a place finds its way onto a road, inclusive.

    Notes
    -----
    One for every part: whoever lives beside a motorway that nothing joins to the roads
    round it takes the road that does lead somewhere.
    """
    on = _running_through(network, shapes)
    pairs = np.concatenate([on, _nearest(network, shapes, farthest, on)], axis=1)
    place, edge = np.unique(pairs, axis=1)
    ways = shapely.shortest_line(shapes[place], network.lines[edge])
    start = shapely.line_locate_point(network.lines[edge], shapely.get_point(ways, 1))
    end = start.copy()
    wide = np.flatnonzero(np.isin(_codes(place, edge), _codes(*on)))
    start[wide], end[wide] = _stretches(network.lines[edge[wide]], shapes[place[wide]])
    return Access(shapes, place, edge, start, end, shapely.length(ways))


# The edges.


def _joined(lines: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Coordinates of vertices, and the vertices of all lines, with their line.

    Ends that lie together are one vertex; where an end lies on another line, that line
    has a vertex.
    """
    xy, line = shapely.get_coordinates(lines, return_index=True)
    along = _along(xy, line)
    xy, vertex = np.unique(xy, axis=0, return_inverse=True)
    vertex = vertex.ravel()
    own = _one_of_each(xy, np.unique(vertex[_end_rows(line)]))
    vertex = own[vertex]
    loose, touched, place, spots = _on_lines(lines, xy, vertex, line)
    own = np.arange(len(xy) + len(spots))
    own[loose] = len(xy) + np.arange(len(spots))
    xy = np.concatenate([xy, spots])
    vertex = np.concatenate([own[vertex], own[loose]])
    line, along = np.append(line, touched), np.append(along, place)
    order = np.lexsort([along, line])
    vertex, line = vertex[order], line[order]
    same = np.append(False, (vertex[1:] == vertex[:-1]) & (line[1:] == line[:-1]))
    return xy, vertex[~same], line[~same]


def _along(xy: np.ndarray, line: np.ndarray) -> np.ndarray:
    """Metres of every vertex from the start of its line."""
    step = np.append(0.0, np.hypot(*np.diff(xy, axis=0).T))
    total = np.cumsum(step)
    first = np.flatnonzero(np.diff(line, prepend=-1))
    return total - total[first][line]


def _end_rows(line: np.ndarray) -> np.ndarray:
    """Whether a vertex is the first or the last of its line."""
    change = np.diff(line, prepend=-1, append=-1) != 0
    return change[:-1] | change[1:]


def _one_of_each(xy: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """For every vertex the one that stands for it: of ends that lie together the first.

    Vertices are in the order of their coordinates.
    """
    pairs = cKDTree(xy[ends]).query_pairs(JOIN, output_type="ndarray")
    links = coo_array((np.ones(len(pairs)), pairs.T), (len(ends), len(ends)))
    _, group = connected_components(links, directed=False)
    _, first = np.unique(group, return_index=True)
    own = np.arange(len(xy))
    own[ends] = ends[first[group]]
    return own


def _on_lines(lines, xy, vertex, line) -> tuple:
    """Ends that meet nothing but lie on another line.

    The vertices, those lines, how far along them, and the places there.
    """
    alone = np.bincount(vertex, minlength=len(xy)) == 1
    rows = np.flatnonzero(_end_rows(line) & alone[vertex])
    points = shapely.points(xy[vertex[rows]])
    end, other = shapely.STRtree(lines).query(
        points, predicate="dwithin", distance=JOIN
    )
    foreign = line[rows[end]] != other
    end, other = end[foreign], other[foreign]
    gap = shapely.distance(points[end], lines[other])
    order = np.lexsort([other, gap, end])
    end, first = np.unique(end[order], return_index=True)
    other = other[order][first]
    along = shapely.line_locate_point(lines[other], points[end])
    spots = shapely.line_interpolate_point(lines[other], along)
    return vertex[rows[end]], other, along, shapely.get_coordinates(spots)


def _edges(xy, vertex, line) -> tuple[np.ndarray, np.ndarray]:
    """Lines between one place to turn off and the next, and the vertices there."""
    many = np.bincount(vertex, minlength=len(xy)) > 1
    change = np.diff(line, prepend=-1, append=-1) != 0
    first, last = change[:-1], change[1:]
    node = first | last | many[vertex]
    piece = np.cumsum(node & ~last) - 1
    starts = np.flatnonzero(node & ~last)
    ends = np.flatnonzero(node & ~first)
    rows = np.concatenate([np.flatnonzero(~last), ends])
    of = np.concatenate([piece[~last], np.arange(len(ends))])
    order = np.lexsort([rows, of])
    shapes = shapely.linestrings(xy[vertex[rows[order]]], indices=of[order])
    return shapes, np.column_stack([vertex[starts], vertex[ends]])


def _parts(ends: np.ndarray, length: np.ndarray, nodes: int) -> np.ndarray:
    """Number of the part of each edge, the longest part first."""
    links = coo_array((np.ones(len(ends)), ends.T), (nodes, nodes))
    _, part = connected_components(links, directed=False)
    part = part[ends[:, 0]]
    total = np.bincount(part, length)
    rank = np.empty(len(total), int)
    rank[np.argsort(-total, kind="stable")] = np.arange(len(total))
    return rank[part]


# The way onto it.


def _running_through(network: RoadNetwork, shapes: np.ndarray) -> np.ndarray:
    """Pairs of a line or area and an edge that runs through or along it."""
    wide = np.flatnonzero(shapely.get_dimensions(shapes) > POINT)
    tree = shapely.STRtree(network.lines)
    place, edge = tree.query(shapes[wide], predicate="intersects")
    return np.stack([wide[place], edge])


def _nearest(network: RoadNetwork, shapes, farthest: float, on) -> np.ndarray:
    """Pairs of a place and the nearest edge of each part, of those that are not on it.

    Of edges that lie as near the first counts.
    """
    loose = network.part > 0
    main, other = np.flatnonzero(~loose), np.flatnonzero(loose)
    place, edge = shapely.STRtree(network.lines[main]).query_nearest(
        shapes, max_distance=max(farthest, JOIN)
    )
    near, line = shapely.STRtree(network.lines[other]).query(
        shapes, predicate="dwithin", distance=farthest
    )
    place, edge = np.append(place, near), np.append(main[edge], other[line])
    metres = shapely.distance(shapes[place], network.lines[edge])
    part = network.part[edge]
    there = _codes(on[0], network.part[on[1]])
    used = (metres <= farthest) & ~np.isin(_codes(place, part), there)
    place, edge, part, metres = (each[used] for each in (place, edge, part, metres))
    order = np.lexsort([edge, metres, part, place])
    _, first = np.unique(_codes(place, part)[order], return_index=True)
    return np.stack([place, edge])[:, order[first]]


def _codes(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """A number for each pair of whole numbers below 2³¹."""
    return one.astype(np.int64) << 32 | other.astype(np.int64)


def _stretches(lines: np.ndarray, shapes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """From where to where edges run through shapes, in metres from their start."""
    common = shapely.intersection(lines, shapes)
    xy, pair = shapely.get_coordinates(common, return_index=True)
    along = shapely.line_locate_point(lines[pair], shapely.points(xy))
    low, high = np.full(len(lines), np.inf), np.full(len(lines), -np.inf)
    np.minimum.at(low, pair, along)
    np.maximum.at(high, pair, along)
    return low, high
