"""Find who could give what to whom."""

from __future__ import annotations

from ...analysis.flows.tables import CARRIERS
from ...analysis.layers import layer_type
from ...analysis.vocabulary import APPROACHES
from ..base import KansenkaartAlgorithm
from ..constants import constant
from ..network import NETWORK_ASSUMPTIONS, travel_over

COUNTS = {
    "NOT_SHOWN_COUNT": "not_shown",
    "UNUSABLE_COUNT": "unusable",
    "TAKEN_COUNT": "taken",
    "UNKNOWN_COUNT": "unknown",
}
"""Number outputs, and the count of the leads that each gives."""


class FindLeads(KansenkaartAlgorithm):
    """Possible pairs of supply and demand, each with its ground and a score."""

    ID = "findleads"
    GROUP = "matching"
    ADVANCED = ("DETOUR", "PER_DIVISION", "MAX_LEADS", "MIN_FIT")
    ASSUMPTIONS = {
        "DETOUR": "times",
        "PER_DIVISION": "leads",
        "MAX_LEADS": "leads",
        "MIN_FIT": "share",
    }
    FIXED_ASSUMPTIONS = {
        **{
            f"WEIGHT_{part.upper()}": (
                "percent",
                constant("matching.score", "WEIGHTS_IN_PERCENT", key=part),
            )
            for part in (
                "distance", "quantity", "quality", "evidence", "data", "ladder"
            )
        },
        "RULE_EVIDENCE": ("percent", constant("matching.score", "RULE_EVIDENCE", 100)),
        "MOST_EVIDENCE": ("percent", constant("matching.score", "MOST_EVIDENCE", 100)),
        "EVERYDAY_EVIDENCE": (
            "percent", constant("matching.score", "EVERYDAY_EVIDENCE", 100)
        ),
        "EVERYDAY_SHARE": (
            "percent", constant("matching.everyday", "EVERYDAY_SHARE", 100)
        ),
        "USE_EVIDENCE": ("percent", constant("matching.score", "USE_EVIDENCE", 100)),
        "PHYSICS_EVIDENCE": (
            "percent", constant("matching.score", "PHYSICS_EVIDENCE", 100)
        ),
        "TREATED_QUALITY": (
            "percent", constant("matching.score", "TREATED_QUALITY", 100)
        ),
        "NEIGHBOURS": ("metre", constant("matching.near", "NEIGHBOURS")),
        "LOCAL": ("kilometre", constant("matching.leads", "LOCAL_KM")),
        "REGIONAL": ("kilometre", constant("matching.leads", "REGIONAL_KM")),
        **NETWORK_ASSUMPTIONS,
    }  # fmt: skip

    def define(self) -> None:
        """Flows, what is known of exchanges, how far, and how many."""
        self.define_exchanges(self)
        self.integer("PER_DIVISION", 10, 0)
        self.integer("MAX_LEADS", 100_000, 0)
        self.decimal("MIN_FIT", 0.2, 0.0, 1.0)
        self.choice("APPROACH", APPROACHES, 0)
        self.layer("AREAS", optional=True)
        self.sink("OUTPUT", "Line")
        self.number_output("LEAD_COUNT")
        for name in ("COMPATIBLE_PAIRS", "PAIRS_IN_REACH"):
            self.number_output(name)
            for carrier in CARRIERS:
                self.number_output(f"{name}_{carrier.upper()}")
        for name in (*COUNTS, "UNREACHED_COUNT"):
            self.number_output(name)

    @staticmethod
    def define_exchanges(algorithm: KansenkaartAlgorithm) -> None:
        """What every algorithm asks that brings supply and demand together."""
        algorithm.layer("FLOWS")
        algorithm.file("RULES", "csv")
        algorithm.file("EXTRA_RULES", "csv")
        algorithm.boolean("USES", True)
        algorithm.file("REACH", "csv")
        algorithm.decimal("DETOUR", 1.3, 1.0)
        algorithm.distance("MAX_DISTANCE", None, "FLOWS")
        algorithm.layer("NETWORK", optional=True)

    def compute(self, run) -> dict:
        """Find, and say what was left out."""
        crs = run.crs_of("AREAS" if run.given("AREAS") else "FLOWS")
        layers = run.frames(("FLOWS", "AREAS", "NETWORK"), crs)
        if run.choice("APPROACH", APPROACHES) != APPROACHES[0] and not run.given(
            "AREAS"
        ):
            run.say("leads.said.no_areas")
        known, found = self.calculate(layers, run, run.progress)
        for key, values in (*known.remarks(), *found.remarks()):
            run.say(key, **values)
        run.write("OUTPUT", found.table, layer_type("leads"), crs)
        totals = {
            "COMPATIBLE_PAIRS": found.compatible,
            "PAIRS_IN_REACH": found.in_reach,
        }
        return {
            "LEAD_COUNT": len(found.table),
            **{name: sum(counts.values()) for name, counts in totals.items()},
            **{
                f"{name}_{carrier.upper()}": counts[carrier]
                for name, counts in totals.items()
                for carrier in CARRIERS
            },
            **{name: found.counts[count] for name, count in COUNTS.items()},
            "UNREACHED_COUNT": found.unreached.count if found.unreached else 0,
        }

    @staticmethod
    def calculate(layers: dict, settings, progress):
        """What is known of exchanges, and the leads that follow from it."""
        from ...analysis.matching.leads import find_leads

        travel, rest = travel_over(layers, progress)
        known = FindLeads.knowledge(settings)
        found = find_leads(
            layers["flows"],
            known,
            FindLeads.limits(settings),
            settings.number("DETOUR"),
            layers.get("areas"),
            settings.choice("APPROACH", APPROACHES),
            settings.language,
            rest,
            travel,
        )
        return known, found

    @staticmethod
    def knowledge(settings):
        """The rules, uses and reaches that the settings ask for.

        Whoever brings rules of his own wants no uses, unless he says so.
        """
        from ...analysis.matching.knowledge import choose_knowledge

        own = settings.text_file("RULES")
        return choose_knowledge(
            own,
            settings.text_file("EXTRA_RULES"),
            settings.boolean("USES") and (own is None or settings.given("USES")),
            settings.text_file("REACH"),
            settings.language,
        )

    @staticmethod
    def limits(settings):
        """How much the settings let look for."""
        from ...analysis.matching.pairs import Limits

        return Limits(
            FindLeads.farthest(settings),
            settings.integer("PER_DIVISION"),
            settings.integer("MAX_LEADS"),
            settings.number("MIN_FIT"),
        )

    @staticmethod
    def farthest(settings) -> float:
        """Beyond so many metres nothing is exchanged; infinite where nobody says."""
        far = settings.given("MAX_DISTANCE")
        return settings.number("MAX_DISTANCE") if far else float("inf")
