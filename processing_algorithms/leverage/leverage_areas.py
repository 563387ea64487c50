"""Find spatial leverage areas."""

from __future__ import annotations

from ...analysis.layers import layer_type
from ..base import KansenkaartAlgorithm


class LeverageAreas(KansenkaartAlgorithm):
    """Zones, or parts of them, where modes and clusters come together."""

    ID = "leverageareas"
    GROUP = "leverage"
    ASSUMPTIONS = {
        "MIN_MODES": "modes",
        "CLUSTER_REACH": "metre",
        "MIN_AREA": "hectare",
    }

    def define(self) -> None:
        """Zones, clusters and corridors, and when a part counts."""
        self.layer("ZONES")
        self.layer("CLUSTERS")
        self.layer("CORRIDORS")
        self.layer("ESTABLISHMENTS", optional=True)
        self.layers("CONSTRAINTS", optional=True)
        self.string("ZONE_KINDS", "")
        self.integer("MIN_MODES", 2, 1, 4)
        self.distance("CLUSTER_REACH", 0.0, "ZONES")
        self.decimal("MIN_AREA", 1.0, 0.0)
        self.sink("OUTPUT", "Polygon")
        for name in ("AREA_COUNT", "AREA_HA", "DROPPED", "EXCLUDED_HA", "OVERLAP_HA"):
            self.number_output(name)

    def compute(self, run) -> dict:
        """Cut the zones along the corridors and keep what lies at a cluster."""
        crs = run.crs_of("ZONES")
        roles = ("ZONES", "CLUSTERS", "CORRIDORS", "ESTABLISHMENTS", "CONSTRAINTS")
        found = self.calculate(run.frames(roles, crs), run, run.progress)
        if found.dropped:
            run.say("messages.areas_dropped", count=found.dropped)
        run.write("OUTPUT", found.areas, layer_type("leverage_areas"), crs)
        return {
            "AREA_COUNT": len(found.areas),
            "AREA_HA": found.areas["area_ha"].sum(),
            "DROPPED": found.dropped,
            "EXCLUDED_HA": found.excluded_ha,
            "OVERLAP_HA": found.overlap_ha,
        }

    @staticmethod
    def calculate(layers: dict, settings, progress):
        """Leverage areas among the zones of the kinds that count."""
        from ...analysis.leverage_areas import leverage_areas, zones_of_kinds

        return leverage_areas(
            zones_of_kinds(layers["zones"], settings.string("ZONE_KINDS")),
            layers["clusters"],
            layers["corridors"],
            layers.get("establishments"),
            layers.get("constraints"),
            settings.integer("MIN_MODES"),
            settings.number("CLUSTER_REACH"),
            settings.number("MIN_AREA"),
            progress=progress,
        )
