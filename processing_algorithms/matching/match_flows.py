"""Allocate what is available to who asks for it."""

from __future__ import annotations

from ...analysis.flows.tables import CARRIERS, UNITS
from ...analysis.layers import layer_type
from ...analysis.vocabulary import OBJECTIVES
from ..base import KansenkaartAlgorithm
from ..constants import constant
from ..network import NETWORK_ASSUMPTIONS, travel_over
from .find_leads import FindLeads

TABLES = {
    "OUTPUT_BALANCE": "match_balance",
    "OUTPUT_TOTALS": "match_totals",
    "OUTPUT_UNLOCKS": "unlocks",
}
"""Tables that come out if asked for, and what each is."""
ALLOCATED = {
    f"ALLOCATED_{carrier.upper()}{'_ENERGY' if place else ''}": (carrier, unit)
    for carrier in CARRIERS
    for place, unit in enumerate(UNITS[carrier])
}
"""Number outputs, and of which carrier and unit each is."""
AVOIDED = ("avoided_primary_t", "avoided_co2_t", "avoided_co2_t_low",
           "avoided_co2_t_high")  # fmt: skip
COUNTS = {
    "GROSS_COUNT": "gross",
    "UNUSABLE_COUNT": "unusable",
    "TAKEN_COUNT": "taken",
    "UNKNOWN_COUNT": "unknown",
}
"""Number outputs, and the count of the matches that each gives."""


class MatchFlows(KansenkaartAlgorithm):
    """The best allocation of limited quantities, and what it leaves."""

    ID = "matchflows"
    GROUP = "matching"
    ADVANCED = ("DETOUR", "MIN_FIT")
    ASSUMPTIONS = {"DETOUR": "times", "MIN_FIT": "share"}
    FIXED_ASSUMPTIONS = {
        "LOCAL": ("kilometre", constant("matching.leads", "LOCAL_KM")),
        "REGIONAL": ("kilometre", constant("matching.leads", "REGIONAL_KM")),
        "STEP": ("percent", constant("matching.auction", "STEP", 100)),
        **NETWORK_ASSUMPTIONS,
    }

    def define(self) -> None:
        """Flows, what is known of exchanges, how far, and what counts."""
        FindLeads.define_exchanges(self)
        self.decimal("MIN_FIT", 0.2, 0.0, 1.0)
        self.choice("OBJECTIVE", OBJECTIVES, 0)
        self.sink("OUTPUT", "Line")
        for name in TABLES:
            self.sink(name, "None")
        self.number_output("MATCH_COUNT")
        for name in (*ALLOCATED, "GAP", *(each.upper() for each in AVOIDED), *COUNTS):
            self.number_output(name)
        self.number_output("UNREACHED_COUNT")

    def compute(self, run) -> dict:
        """Allocate, and say what was left out, is not proven, or is missing."""
        crs = run.crs_of("FLOWS")
        layers = run.frames(("FLOWS", "NETWORK"), crs)
        known, found = self.calculate(layers, run, run.progress)
        for key, values in (*known.remarks(), *found.remarks(run.language)):
            run.say(key, **values)
        run.write("OUTPUT", found.table, layer_type("matches"), crs)
        tables = (found.balance, found.totals, found.unlocks)
        for (name, kind), table in zip(TABLES.items(), tables, strict=True):
            run.write(name, table, layer_type(kind))
        return {
            "MATCH_COUNT": len(found.table),
            **{
                name: found.allocated.get(stream, 0.0)
                for name, stream in ALLOCATED.items()
            },
            "GAP": max(found.gap.values()),
            **{
                name.upper(): found.table[name].sum(min_count=min(1, len(found.table)))
                for name in AVOIDED
            },
            **{name: found.counts[count] for name, count in COUNTS.items()},
            "UNREACHED_COUNT": found.unreached.count if found.unreached else 0,
        }

    @staticmethod
    def calculate(layers: dict, settings, progress):
        """What is known of exchanges, and the matches that follow from it."""
        from ...analysis.matching.matches import match_flows
        from ...analysis.matching.pairs import Limits

        travel, rest = travel_over(layers, progress)
        known = FindLeads.knowledge(settings)
        farthest, fit = FindLeads.farthest(settings), settings.number("MIN_FIT")
        limits = Limits(farthest, min_fit=fit)
        found = match_flows(
            layers["flows"],
            known,
            limits,
            settings.number("DETOUR"),
            settings.choice("OBJECTIVE", OBJECTIVES),
            settings.language,
            rest,
            travel,
        )
        return known, found
