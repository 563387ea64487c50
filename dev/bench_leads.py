"""Case `leads` of ``make bench``: the best pairs among 10,000 × 10,000 flows."""

from __future__ import annotations

import sys
import time
from itertools import pairwise

import numpy as np
import pandas as pd
from bench_scene import ROOT
from bench_tools import note, say, target

FLOWS, MATERIALS = 10_000, 30
SIDE = 100_000
"""Metres of the square in which flows lie."""
CHECKED = 25
"""Supply flows of which every pair is looked at by a loop."""
MOST_SECONDS = 10


def leads() -> bool:
    """Leads against plain loops over all pairs of a few supply flows."""
    sys.path[:0] = [str(ROOT / ".dev" / "plugins"), str(ROOT / "test")]
    from kansenkaart.analysis.matching.knowledge import choose_knowledge
    from kansenkaart.analysis.matching.leads import find_leads

    known = choose_knowledge()
    flows = _flows(known)
    told = [time.perf_counter()]
    found = find_leads(
        flows, known, progress=lambda _: told.append(time.perf_counter())
    )
    took = told[-1] - told[0]
    some, other_s, agree = _checked(flows, known, found)
    size = f"{FLOWS}*{FLOWS}flows,{found.compatible['material']}pairs"
    per_pair = other_s / some * FLOWS
    say("leads", size, took, ("loops_extrapolated", per_pair), agree)
    target(f"<= {MOST_SECONDS} s", f"{took:.1f} s", took <= MOST_SECONDS)
    longest = max(later - sooner for sooner, later in pairwise(told))
    note(f"longest without a word: {longest:.2f} s")
    in_reach = found.in_reach["material"]
    note(f"pairs in reach {in_reach}, leads shown {len(found.table)}")
    return agree


def _flows(known):
    """Flows of 30 residuals, and of the materials that these can replace."""
    from kansenkaart.analysis.flows.coefficients import shipped_coefficients
    from lead_oracle import flows_of

    random = np.random.default_rng(1)
    rows = shipped_coefficients()
    rows = rows[(rows["per"] == "job") & (rows["mode"] > 0)]
    supply = rows[(rows["direction"] == "supply") & (rows["carrier"] == "material")]
    common = supply["material"].value_counts().sort_index(kind="stable")
    common = common[common.index.isin(known.rules["material"])]
    common = common.sort_values(ascending=False, kind="stable").index[:MATERIALS]
    supply = supply[supply["material"].isin(common)]
    named = known.rules[known.rules["material"].isin(common)]
    asked = rows["material"].isin(named["replaces"]) & (rows["direction"] == "demand")
    chosen = pd.concat(
        side.iloc[random.integers(len(side), size=FLOWS)]
        for side in (supply, rows[asked])
    ).reset_index(drop=True)
    spots = random.uniform(0, SIDE, (2 * FLOWS, 2))
    quantity = chosen["mode"] * random.lognormal(2, 1.5, 2 * FLOWS)
    names = ["sbi", "direction", "carrier", "material", "unit"]
    return flows_of(
        *(
            {
                "flow_id": f"f{place:05}",
                "actor_id": f"a{place % (FLOWS // 5)}",
                "at": tuple(spots[place]),
                "quantity": quantity[place],
                **dict(zip(names, row, strict=True)),
            }
            for place, row in enumerate(chosen[names].itertuples(index=False))
        )
    )


def _checked(flows, known, found) -> tuple[int, float, bool]:
    """How many supply flows a loop looked at, its seconds, and whether it agrees."""
    from kansenkaart.analysis.matching.leads import find_leads
    from lead_oracle import plain_leads

    supply = flows[flows["direction"] == "supply"].iloc[:: FLOWS // CHECKED]
    some = pd.concat([supply, flows[flows["direction"] == "demand"]])
    start = time.perf_counter()
    plain, compatible, in_reach = plain_leads(some, known, most=0, among=flows)
    took = time.perf_counter() - start
    part = find_leads(some, known)
    counts = part.compatible["material"], part.in_reach["material"]
    agree = counts == (compatible["material"], in_reach["material"])
    best = found.table
    # What is better than the worst lead of all must be there, and nothing else.
    least = best["score"].min()
    keys = ["flow_supply", "flow_demand"]
    ours = best[best["flow_supply"].isin(supply["flow_id"])]
    ours = ours[ours["score"] > least + 1e-9].set_index(keys)["score"].sort_index()
    theirs = plain[plain["score"] > least + 1e-9].set_index(keys)["score"].sort_index()
    same = ours.index.equals(theirs.index) and np.allclose(ours, theirs, 1e-9, 1e-9)
    return len(supply), took, bool(agree and same and len(ours))
