"""Adjust flows to known totals."""

from __future__ import annotations

from ...analysis.layers import LayerType, layer_type
from ..base import KansenkaartAlgorithm
from ..constants import constant


class ReconcileFlows(KansenkaartAlgorithm):
    """Flows that add up to what is known, each changed as far as it is unsure."""

    ID = "reconcileflows"
    GROUP = "flows"
    ADVANCED = ("SHARED_ERRORS", "REPORTED_SD")
    ASSUMPTIONS = {"REPORTED_SD": "quantity_part"}
    FIXED_ASSUMPTIONS = {
        "FIRM_FACTOR": ("times", constant("flows.uncertainty", "FIRM_FACTOR")),
        "RANGE_UNKNOWN": ("times", constant("flows.totals", "RANGE_UNKNOWN")),
        "WIDEST": ("times", constant("flows.totals", "WIDEST")),
        "WITHIN": ("standard_deviations", constant("flows.totals", "WITHIN")),
        "CONTRADICTION": (
            "standard_deviations",
            constant("flows.totals", "CONTRADICTION"),
        ),
    }

    def define(self) -> None:
        """Flows, what is known of their totals, and how unsure flows are."""
        self.layer("FLOWS")
        self.file("TOTALS", "csv", optional=False)
        self.layer("REGIONS", optional=True)
        self.boolean("SHARED_ERRORS", True)
        self.decimal("REPORTED_SD", 0.05, 0.0001, 1.0)
        self.sink("OUTPUT", "Point")
        self.sink("OUTPUT_TOTALS", "None")
        for name in (
            "TOTAL_COUNT",
            "USED_COUNT",
            "CONTRADICTION_COUNT",
            "ADJUSTED_COUNT",
            "ZERO_COUNT",
        ):
            self.number_output(name)

    def compute(self, run) -> dict:
        """Adjust, and say which totals were not used or not met."""
        crs = run.crs_of("REGIONS" if run.given("REGIONS") else "FLOWS")
        layers = run.frames(("FLOWS", "REGIONS"), crs)
        found = self.calculate(layers, run, run.progress)
        for key, values in found.remarks():
            run.say(key, **values)
        run.write("OUTPUT", found.flows, reconciled_type(), crs)
        run.write("OUTPUT_TOTALS", found.totals, layer_type("reconciled_totals"))
        return {
            "TOTAL_COUNT": len(found.totals),
            "USED_COUNT": int(found.totals["used"].sum()),
            "CONTRADICTION_COUNT": int(found.totals["contradiction"].sum()),
            "ADJUSTED_COUNT": int(found.flows["factor"].notna().sum()),
            "ZERO_COUNT": found.counts["to_zero"],
        }

    @staticmethod
    def calculate(layers: dict, settings, progress):
        """The flows, adjusted to the totals that the settings name."""
        from ...analysis.flows.reconcile import reconcile
        from ...analysis.flows.totals import read_totals

        return reconcile(
            layers["flows"],
            read_totals(settings.text_file("TOTALS")),
            layers.get("regions"),
            settings.boolean("SHARED_ERRORS"),
            settings.number("REPORTED_SD"),
            settings.language,
            progress,
        )


def reconciled_type() -> LayerType:
    """Fields of adjusted flows: those of flows, then how they changed."""
    flows, added = layer_type("flows"), layer_type("reconciled_flows").fields
    return LayerType(
        flows.name, flows.geometry, flows.id, flows.fields | added, flows.optional
    )
