"""Estimate what goes in and what comes out."""

from __future__ import annotations

from ...analysis.flows.tables import CARRIERS
from ...analysis.layers import layer_type
from ...analysis.texts import text
from ..base import KansenkaartAlgorithm

LAND = ("REGIONS", "ZONES", "INFRASTRUCTURE")
AREAL = ("ZONES", "REGIONS")
COUNTS = {
    "REPLACED": "replaced",
    "SAME_STREAM": "same_stream",
    "GROSS_COUNT": "gross",
    "UNKNOWN_JOBS": "jobs_unknown",
    "UNKNOWN_POPULATION": "population_unknown",
    "WITHOUT_COEFFICIENT": "without_coefficient",
}
"""Number outputs, and the count of the estimate that each gives."""


class EstimateFlows(KansenkaartAlgorithm):
    """Materials, water, heat and CO2 that firms and households give and ask for."""

    ID = "estimateflows"
    GROUP = "flows"

    def define(self) -> None:
        """Establishments and what else gives or asks, coefficients, known flows."""
        self.layer("ESTABLISHMENTS")
        self.layer("REGIONS", optional=True)
        self.layer("ZONES", optional=True)
        self.layers("INFRASTRUCTURE", optional=True)
        self.file("COEFFICIENTS", "csv")
        self.file("EXTRA_COEFFICIENTS", "csv")
        self.layer("REPORTED", optional=True)
        self.sink("OUTPUT", "Point")
        self.sink("SKIPPED", "None")
        self.number_output("FLOW_COUNT")
        for carrier in CARRIERS:
            self.number_output(f"FLOW_COUNT_{carrier.upper()}")
        self.number_output("REPORTED_COUNT")
        for name in COUNTS:
            self.number_output(name)

    def compute(self, run) -> dict:
        """Estimate, and say what was unknown, replaced or left out."""
        first = next(filter(run.given, AREAL), "ESTABLISHMENTS")
        crs = run.crs_of(first)
        layers = run.frames(("ESTABLISHMENTS", *LAND, "REPORTED"), crs)
        found = self.calculate(layers, run, run.progress)
        for key, values in found.remarks():
            run.say(key, **values)
        run.write("OUTPUT", found.flows, layer_type("flows"), crs)
        run.write("SKIPPED", _skipped(found.skipped, run), layer_type("skipped"))
        reported = layers["reported"]
        return {
            "FLOW_COUNT": len(found.flows),
            **{f"FLOW_COUNT_{name.upper()}": found.counts[name] for name in CARRIERS},
            "REPORTED_COUNT": 0 if reported is None else len(reported),
            **{name: found.counts[count] for name, count in COUNTS.items()},
        }

    @staticmethod
    def calculate(layers: dict, settings, progress):
        """Estimates by the coefficients that the settings ask for."""
        from ...analysis.flows.estimate import estimate_flows

        return estimate_flows(
            layers["establishments"],
            coefficients_of(settings),
            layers.get("regions"),
            layers.get("zones"),
            layers.get("infrastructure"),
            layers.get("reported"),
            progress,
        )

    @staticmethod
    def on_map(layers: dict, settings, progress):
        """All flows of a map: given ones, those of facilities, and estimates."""
        from ...analysis.flows.whole import flows_of_map

        return flows_of_map(layers, coefficients_of(settings), progress)


def coefficients_of(settings):
    """The coefficients that the settings ask for."""
    from ...analysis.flows.coefficients import choose_coefficients

    return choose_coefficients(
        settings.text_file("COEFFICIENTS"),
        settings.text_file("EXTRA_COEFFICIENTS"),
        settings.language,
    )


def skipped_rows(rows, language: str) -> list[tuple[str, str, str]]:
    """Role, id and reason in words of what gave no flow."""
    return [
        (role, source_id, text(f"flows.reason.{reason}", language))
        for role, source_id, reason in rows.itertuples(index=False)
    ]


def _skipped(rows, run):
    """What gave no flow, beside what had no usable shape, as the table tells it."""
    import pandas as pd

    names = {role: run.opened(role.upper())[0].name for role in rows["role"].unique()}
    unknown = [
        (names[role], source_id, reason, 1)
        for role, source_id, reason in skipped_rows(rows, run.language)
    ]
    fields = list(layer_type("skipped").fields)
    table = pd.DataFrame([*run.skipped, *unknown], columns=fields, dtype=object)
    return table.sort_values(["layer", "source_id"], ignore_index=True)
