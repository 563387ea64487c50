"""Travel distances over roads, pair by pair, and small networks to try them on."""

import math
from collections import Counter
from itertools import pairwise

import networkx as nx
import numpy as np
from shapely import LineString, Point


def random_lines(random, size=100.0, count=25, corner=(0.0, 0.0)):
    """Winding lines over a grid of points, and a part that lies apart."""
    lines = []
    for _ in range(count):
        at = random.integers(0, 9, 2)
        line = [at]
        for _ in range(random.integers(1, 5)):
            step = [(1, 0), (0, 1), (-1, 0), (0, -1), (1, 1)][random.integers(5)]
            line.append(line[-1] + np.array(step))
        lines.append(line)
    lines.append([(11.5, 0.0), (11.5, 3.0), (11.9, 4.2)])
    x, y = corner
    return [
        [(x + size * float(a), y + size * float(b)) for a, b in line] for line in lines
    ]


def cut(lines):
    """Pieces between vertices that are an end or occur more than once."""
    lines = [[a for a, b in zip(line, [None, *line], strict=False) if a != b]
             for line in {tuple(line) for line in lines}]  # fmt: skip
    often = Counter(spot for line in lines for spot in line)
    pieces = []
    for line in lines:
        piece = [line[0]]
        for spot in line[1:]:
            piece.append(spot)
            if often[spot] > 1 or spot == line[-1]:
                pieces.append(piece)
                piece = [spot]
        if len(piece) > 1:
            pieces.append(piece)
    return pieces


def by_networkx(lines, sources, targets, farthest):
    """All pairs, one by one, in a graph of which every vertex is a node."""
    pieces = cut(lines)
    graph = nx.Graph()
    for piece in pieces:
        for one, other in pairwise(piece):
            if math.dist(one, other) < graph.get_edge_data(one, other, {}).get(
                "weight", math.inf
            ):
                graph.add_edge(one, other, weight=math.dist(one, other))
    parts = list(nx.connected_components(graph))
    part_of = [next(i for i, p in enumerate(parts) if piece[0] in p)
               for piece in pieces]  # fmt: skip
    shapes = [LineString(piece) for piece in pieces]

    def doors(spot):
        """Per part: the nearest piece, how far along it, and how far off."""
        found = {}
        for number, shape in enumerate(shapes):
            leg = shape.distance(Point(spot))
            if leg <= farthest and leg < found.get(part_of[number], (9e9,))[0] - 1e-9:
                along = shape.project(Point(spot))
                found[part_of[number]] = leg, number, along
        return found

    from_nodes = dict(nx.all_pairs_dijkstra_path_length(graph))
    table = np.full((len(sources), len(targets)), np.inf)
    reached = [doors(target) for target in targets]
    for row, source in enumerate(sources):
        here = doors(source)
        for column, target in enumerate(targets):
            there = reached[column]
            for part in here.keys() & there.keys():
                leg, number, along = here[part]
                more, other, place = there[part]
                ends = [
                    (pieces[number][0], along),
                    (pieces[number][-1], shapes[number].length - along),
                ]
                exits = [
                    (pieces[other][0], place),
                    (pieces[other][-1], shapes[other].length - place),
                ]
                ways = [a + from_nodes[u][v] + b for u, a in ends for v, b in exits]
                if number == other:
                    ways.append(abs(along - place))
                least = leg + more + min(ways)
                table[row, column] = min(table[row, column], least)
            legs = [min(d[0] for d in each.values()) for each in (here, there) if each]
            if table[row, column] <= 2 * sum(legs):
                table[row, column] = math.dist(source, target)
    return table
