"""What areas offer and ask for."""

from __future__ import annotations

from ...analysis.layers import layer_type
from ..base import KansenkaartAlgorithm
from ..constants import constant


class ResourceBalance(KansenkaartAlgorithm):
    """Supply, demand and net of areas per carrier and material."""

    ID = "resourcebalance"
    GROUP = "flows"
    ADVANCED = ("SEED",)
    FIXED_ASSUMPTIONS = {
        "FIRM_FACTOR": ("times", constant("flows.uncertainty", "FIRM_FACTOR"))
    }

    def define(self) -> None:
        """Flows, and the areas to add them up in."""
        self.layer("FLOWS")
        self.layer("AREAS")
        self.integer("SEED", 1, 0)
        self.sink("OUTPUT", "None")
        self.sink("OUTPUT_AREAS", "Polygon")
        for name in (
            "AREA_COUNT",
            "ROW_COUNT",
            "FLOW_COUNT",
            "OUTSIDE_COUNT",
            "OVERLAP_COUNT",
            "UNUSABLE_COUNT",
        ):
            self.number_output(name)

    def compute(self, run) -> dict:
        """Add up, and say what counted twice or not at all."""
        crs = run.crs_of("AREAS")
        layers = run.frames(("FLOWS", "AREAS"), crs)
        found = self.calculate(layers, run, run.progress)
        for key, values in found.remarks():
            run.say(key, **values)
        run.write("OUTPUT", found.table, layer_type("resource_balance"))
        run.write("OUTPUT_AREAS", found.areas, layer_type("balance_areas"), crs)
        return {
            "AREA_COUNT": len(found.areas),
            "ROW_COUNT": len(found.table),
            "FLOW_COUNT": len(layers["flows"]),
            "OUTSIDE_COUNT": found.outside,
            "OVERLAP_COUNT": found.overlapping,
            "UNUSABLE_COUNT": found.unusable,
        }

    @staticmethod
    def calculate(layers: dict, settings, progress):
        """Balances of the areas."""
        from ...analysis.flows.balance import resource_balance

        return resource_balance(
            layers["flows"],
            layers["areas"],
            settings.language,
            settings.integer("SEED"),
            progress,
        )
