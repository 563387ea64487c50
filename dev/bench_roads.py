"""Case `roads` of ``make bench``: leads over a network of 100,000 roads."""

from __future__ import annotations

import sys
import time

import numpy as np
from bench_leads import FLOWS, SIDE, _flows
from bench_scene import ROOT
from bench_tools import note, say, target

SIDE_COUNT = 240
"""Crossings along a side of the square in which flows lie."""
LOST = 0.12
"""Part of the roads of the grid that nobody built."""
CHECKED = 5
"""Supply flows whose distances scipy's own search gives too."""
NEAR = 5_000
"""Metres up to which ways are left to the tests."""
MOST_SECONDS = 60


def roads() -> bool:
    """Leads over a road network, and its distances against scipy's Dijkstra."""
    sys.path[:0] = [str(ROOT / ".dev" / "plugins"), str(ROOT / "test")]
    from kansenkaart.analysis.matching.knowledge import choose_knowledge
    from kansenkaart.analysis.matching.leads import find_leads
    from kansenkaart.analysis.road_network import road_network
    from kansenkaart.analysis.travel import Travel

    known = choose_knowledge()
    flows, lines = _flows(known), _lines()
    start = time.perf_counter()
    find_leads(flows, known)
    without = time.perf_counter() - start
    told, begun = [time.perf_counter()], time.process_time()
    travel = Travel(road_network(lines))
    built = time.perf_counter() - told[0]
    found = find_leads(
        flows, known, travel=travel, progress=lambda _: told.append(time.perf_counter())
    )
    took, used = time.perf_counter() - told[0], time.process_time() - begun
    other_s, agree = _checked(flows, travel)
    size = f"{FLOWS}*{FLOWS}flows,{len(lines)}roads"
    say("roads", size, took, ("scipy_extrapolated", other_s), agree)
    target(f"<= {MOST_SECONDS} s", f"{took:.1f} s", took <= MOST_SECONDS)
    note(f"of one core {used:.1f} s; building the network {built:.1f} s")
    note(f"without network {without:.1f} s")
    note(f"longest without a word: {np.diff(told[1:]).max():.2f} s")
    note(f"pairs in reach {found.in_reach['material']}, {found.unreached}")
    return agree


def _lines():
    """A crooked grid of roads, of which some are missing."""
    import geopandas as gpd
    import shapely

    random = np.random.default_rng(1)
    step = SIDE / (SIDE_COUNT - 1)
    grid = np.linspace(0, SIDE, SIDE_COUNT)
    xy = np.stack(np.meshgrid(100_000 + grid, 400_000 + grid), -1)
    xy = (xy + random.uniform(-0.35, 0.35, xy.shape) * step).round(2)
    ends = np.concatenate(
        [
            np.stack([one.reshape(-1, 2), other.reshape(-1, 2)], 1)
            for one, other in ((xy[:, :-1], xy[:, 1:]), (xy[:-1], xy[1:]))
        ]
    )
    ends = ends[random.random(len(ends)) > LOST]
    bend = random.normal(0, 0.08, (len(ends), 1, 2)) * step
    middle = ends.mean(axis=1, keepdims=True) + bend
    shapes = shapely.linestrings(np.concatenate([ends[:, :1], middle, ends[:, 1:]], 1))
    return gpd.GeoDataFrame({"mode": "road"}, index=range(len(shapes)), geometry=shapes)


def _checked(flows, travel) -> tuple[float, bool]:
    """Seconds that scipy would take for all supply, and whether it agrees."""
    from kansenkaart.analysis.road_network import access
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import dijkstra

    network = travel.network
    shape = (network.node_count, network.node_count)
    graph = csr_matrix((network.length, network.ends.T), shape)
    ours = flows.geometry.to_numpy()
    some, others = (access(network, each) for each in (ours[:CHECKED], ours))
    table = travel.table(some, others)
    start = time.perf_counter()
    plain = np.full(table.shape, np.inf)
    ends = network.ends[others.edge]
    rest = np.stack([others.start, network.length[others.edge] - others.end], 1)
    for place, edge, at, leg in zip(
        some.place, some.edge, some.start, some.leg, strict=True
    ):
        ways = dijkstra(graph, directed=False, indices=network.ends[edge])
        ways += leg + np.array([[at], [network.length[edge] - at]])
        found = (ways.min(axis=0)[ends] + rest).min(axis=1) + others.leg
        np.minimum.at(plain[place], others.place, found)
    took = time.perf_counter() - start
    # Ways within an edge, and those that are taken straight, are near.
    far = table > NEAR
    agree = np.allclose(plain[far], table[far], 1e-9)
    return took / len(table) * FLOWS, bool(agree and far.any())
