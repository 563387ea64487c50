"""Case `match` of ``make bench``: the best allocation over millions of pairs."""

from __future__ import annotations

import sys
import time
from functools import partial
from itertools import pairwise

import numpy as np
import pandas as pd
from bench_scene import ROOT
from bench_tools import in_turn, note, say, target
from scipy.spatial import cKDTree

FLOWS = 3000
SIDE, REACH = 100_000, 30_000
"""Metres of the square in which flows lie, and how far they go."""
SPREAD = 1.2
"""Standard deviation of the logarithm of quantities."""


def match() -> bool:
    """Tonnes and tonne-kilometres against OR-tools; then the same with heat pumps."""
    sys.path.insert(0, str(ROOT / ".dev" / "plugins"))
    from kansenkaart.analysis.matching.allocation import allocate

    available, asked, pairs = _flows()
    (ours_s, found), (other_s, (most, least)) = in_turn(
        partial(allocate, available, asked, pairs),
        partial(_or_tools, available, asked, pairs),
    )
    effort = found.allocated @ pairs["distance_m"]
    agree = abs(found.worth / most - 1) < 1e-9 and abs(effort / least - 1) < 1e-9
    size = f"{FLOWS}*{FLOWS}flows,{len(pairs)}pairs"
    say("match", size, ours_s, ("or-tools", other_s), agree)
    target(
        "gap <= 0.1 % in 10 s", _gap(found, ours_s), found.gap <= 1e-3 and ours_s <= 10
    )
    target("gap 0 in 20 s", _gap(found, ours_s), found.gap == 0 and ours_s <= 20)
    pumps = _with_heat_pumps(pairs)
    told = [time.perf_counter()]
    found = allocate(
        available, asked, pumps, lambda _: told.append(time.perf_counter())
    )
    took = time.perf_counter() - told[0]
    longest = max(later - sooner for sooner, later in pairwise(told))
    note(f"heat pumps, {len(pumps)} pairs: {_gap(found, took)}")
    note(f"longest without a word: {longest:.2f} s")
    return agree


def _gap(found, seconds: float) -> str:
    return f"{found.gap:.2%} in {seconds:.1f} s"


def _flows() -> tuple[pd.Series, pd.Series, pd.DataFrame]:
    """Whole kilograms and metres, as OR-tools asks for, at places by chance."""
    random = np.random.default_rng(1)
    at, to = (SIDE * random.random((FLOWS, 2)) for _ in range(2))
    available, asked = (
        pd.Series((1000 * random.lognormal(3, SPREAD, FLOWS)).round()) for _ in range(2)
    )
    near = cKDTree(at).sparse_distance_matrix(cKDTree(to), REACH, output_type="ndarray")
    columns = {"i": "flow_supply", "j": "flow_demand", "v": "distance_m"}
    pairs = pd.DataFrame(near).rename(columns=columns)
    pairs["distance_m"] = pairs["distance_m"].round()
    return available, asked, pairs.sort_values([*columns.values()], ignore_index=True)


def _with_heat_pumps(pairs: pd.DataFrame) -> pd.DataFrame:
    """The pairs as flows of heat, some of which need a heat pump, and some can't."""
    random = np.random.default_rng(2)
    hot, needed = random.uniform(20, 90, FLOWS), random.uniform(40, 120, FLOWS)
    low = hot[pairs["flow_supply"]] - 5
    high = needed[pairs["flow_demand"]]
    power = 0.5 * (high + 273.15) / np.maximum(high - low, 1e-9)
    direct = low >= high
    gain = np.where(direct, 1.0, power / (power - 1))
    possible = direct | ((power >= 1.5) & (power <= 8))
    return pairs.assign(**{"yield": gain}, worth=1.0)[possible]


def _or_tools(available, asked, pairs) -> tuple[int, int]:
    """Most that can flow, and the least quantity × distance with which it can."""
    from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

    limits = np.r_[available, asked].astype(np.int64)
    giver = pairs["flow_supply"].to_numpy()
    receiver = pairs["flow_demand"].to_numpy() + FLOWS
    most = np.minimum(limits[giver], limits[receiver])
    metres = pairs["distance_m"].to_numpy(np.int64)
    solver = SimpleMinCostFlow()
    solver.add_arcs_with_capacity_and_unit_cost(giver, receiver, most, metres)
    signs = np.repeat([1, -1], FLOWS)
    solver.set_nodes_supplies(np.arange(len(limits)), signs * limits)
    if solver.solve_max_flow_with_min_cost() != solver.OPTIMAL:
        raise RuntimeError
    return solver.maximum_flow(), solver.optimal_cost()
