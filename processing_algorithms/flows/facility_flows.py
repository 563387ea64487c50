"""Flows of facilities."""

from __future__ import annotations

from ...analysis.flows.tables import CARRIERS
from ...analysis.layers import layer_type
from ...analysis.texts import text
from ..base import KansenkaartAlgorithm

SAME_SITE = 200.0
"""Metres."""


class FacilityFlows(KansenkaartAlgorithm):
    """Water, heat, CO2 and residues that plants give and ask, by their capacity."""

    ID = "facilityflows"
    GROUP = "flows"
    ASSUMPTIONS = {"SAME_SITE": "metre"}

    def define(self) -> None:
        """Facilities, factors, and the establishments that some of them are."""
        self.layers("FACILITIES")
        self.file("FACTORS", "csv")
        self.layer("ESTABLISHMENTS", optional=True)
        self.distance("SAME_SITE", SAME_SITE, "FACILITIES")
        self.sink("OUTPUT", "Point")
        self.sink("SKIPPED", "None")
        self.number_output("FLOW_COUNT")
        for carrier in CARRIERS:
            self.number_output(f"FLOW_COUNT_{carrier.upper()}")
        for name in ("FACILITY_COUNT", "SITE_COUNT", "SAME_SITE_COUNT"):
            self.number_output(name)
        self.number_output("SKIPPED_COUNT")

    def compute(self, run) -> dict:
        """Convert capacities, and say what could not be."""
        crs = run.crs_of("FACILITIES")
        layers = run.frames(("FACILITIES", "ESTABLISHMENTS"), crs)
        found = self.calculate(layers, run, run.progress)
        flows = found.flows
        for key, values in found.remarks():
            run.say(key, **values)
        skipped = _skipped(found.skipped, run)
        run.write("OUTPUT", flows, layer_type("flows"), crs)
        run.write("SKIPPED", skipped, layer_type("skipped"))
        by_carrier = flows["carrier"].value_counts()
        return {
            "FLOW_COUNT": len(flows),
            **{f"FLOW_COUNT_{n.upper()}": int(by_carrier.get(n, 0)) for n in CARRIERS},
            "FACILITY_COUNT": found.counts["facilities"],
            "SITE_COUNT": found.counts["sites"],
            "SAME_SITE_COUNT": found.counts["same_site"],
            "SKIPPED_COUNT": len(skipped),
        }

    @staticmethod
    def calculate(layers: dict, settings, progress):  # noqa: ARG004
        """Flows by the factors that the settings ask for."""
        from ...analysis.flows.facility import (
            facility_flows,
            read_factors,
            shipped_factors,
        )

        own, language = settings.text_file("FACTORS"), settings.language
        return facility_flows(
            layers["facilities"],
            shipped_factors(language)
            if own is None
            else read_factors(own, language=language),
            layers.get("establishments"),
            settings.distance("SAME_SITE"),
            language,
        )


def skipped_rows(rows, language: str) -> list[tuple[str, str, str]]:
    """Role, id and reason in words of facilities without flows."""
    return [
        ("facilities", row.facility_id, _reason(row, language))
        for row in rows.itertuples(index=False)
    ]


def _skipped(rows, run):
    """Facilities without flows, beside what had no usable shape, as the table says."""
    import pandas as pd

    name = ", ".join(layer.name for layer in run.opened("FACILITIES"))
    without = [
        (name, facility_id, reason, 1)
        for _, facility_id, reason in skipped_rows(rows, run.language)
    ]
    fields = list(layer_type("skipped").fields)
    table = pd.DataFrame([*run.skipped, *without], columns=fields, dtype=object)
    return table.sort_values(["layer", "source_id"], ignore_index=True)


def _reason(row, language: str) -> str:
    kind = text(f"messages.options.{row.kind}", language) if row.kind else "–"
    values = {"kind": kind, "unit": row.unit, "possible": row.possible}
    return text(f"facility_flows.reason.{row.reason}", language, **values)
