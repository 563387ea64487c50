"""Case `rediscovery` of ``make bench``: documented exchanges among 500 decoys."""

from __future__ import annotations

import sys
import time
from dataclasses import replace

import numpy as np
import pandas as pd
from bench_scene import ROOT
from bench_tools import note, say, target

EVERY = 29
"""One in so many exchanges is also looked for alone."""
DENSEST = 0.05
COUNTED = "materials, further collection"


def rediscovery() -> bool:
    """All exchanges in one scene, against a scene for each."""
    sys.path.insert(0, str(ROOT / ".dev" / "plugins"))
    from rediscovery import densities, samples, values_of
    from rediscovery_scenes import INDUSTRY, LEFT_OUT, exchanges, made, ranks

    table = exchanges()
    start = time.perf_counter()
    scenes = made(table, INDUSTRY)
    took = time.perf_counter() - start
    some = table[::EVERY]
    start = time.perf_counter()
    alone = [_alone(each) for _, each in some.iterrows()]
    per_exchange = (time.perf_counter() - start) / len(some)
    others = per_exchange * len(table) * len(scenes.found)
    agree = np.array_equal(alone, ranks(scenes.found[:1], some, LEFT_OUT)[:, 0])
    size = f"{len(table)}*{len(scenes.found)}scenes"
    say("rediscovery", size, took, ("one_by_one_extrapolated", others), agree)
    for name, values, places in samples(table, values_of(table, scenes)):
        _tell(name, values, places)
    leads, pairs = np.sum(densities(scenes), axis=0)
    share = leads / pairs
    target(f"<= {DENSEST:.0%} leads", f"{share:.2%}", share <= DENSEST)
    return agree


def _tell(name: str, values: dict[str, np.ndarray], places: np.ndarray) -> None:
    """Print recall in the first 1, 5, 10 and mean reciprocal rank by method."""
    from rediscovery_figures import METRICS, spread
    from rediscovery_scenes import BASELINE, LEFT_OUT

    note(f"{name}, n={len(places)}: first 1, 5, 10, mean reciprocal rank")
    for method, each in values.items():
        note(f"  {method}: " + " ".join(f"{mean:.2f}" for mean in each.mean(axis=0)))
    gain = values[LEFT_OUT] - values[BASELINE]
    means, (low, high) = gain.mean(axis=0), spread(gain, places)
    ends = zip(means, low, high, strict=True)
    told = [f"{mean:+.2f} ({least:+.2f} to {most:+.2f})" for mean, least, most in ends]
    note(f"  {LEFT_OUT} minus {BASELINE}: {' '.join(told)}")
    if name == COUNTED:
        for metric, each, least in zip(METRICS, told, low, strict=True):
            target(f"{metric}: above the baseline", each, bool(least > 0))


def _alone(exchange: pd.Series) -> float:
    """Rank of an exchange in a scene of its own, through leads as users see them."""
    from kansenkaart.analysis.matching.knowledge import choose_knowledge
    from kansenkaart.analysis.matching.leads import find_leads
    from kansenkaart.analysis.matching.pairs import Limits
    from kansenkaart.analysis.matching.rules import leaving_out, shipped_cases
    from rediscovery_figures import rank_of
    from rediscovery_scenes import CARRIER, INDUSTRY, SEEDS, estimated, scene

    known = choose_knowledge()
    rules = leaving_out(known.rules, shipped_cases(), exchange["place"])
    flows = estimated(scene(exchange.to_frame().T, SEEDS[0], INDUSTRY))
    limits = Limits(per_division=0, most=0)
    leads = find_leads(flows, replace(known, rules=rules), limits).table
    leads = leads[leads["giver"] == "G" + exchange["id"]]
    leads = leads[leads["receiver"] != leads["giver"]]
    fuel = leads["material"].eq("fuel_gas")
    carrier = leads["carrier"].mask(fuel, CARRIER["energy"])
    leads = leads[carrier == exchange["carrier"]]
    best = leads.groupby(leads["receiver_sbi"].str[:2])["score"].max()
    return rank_of(exchange["receiver_division"], best.to_dict())
