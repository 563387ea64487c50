"""Find spatial leverage areas."""

from __future__ import annotations

from ...analysis.layers import layer_type
from ..base import KansenkaartAlgorithm


class LeverageAreas(KansenkaartAlgorithm):
    """Zones, or parts of them, where modes and clusters come together."""

    ID = "leverageareas"
    GROUP = "leverage"

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
        from ...analysis.leverage_areas import leverage_areas, zones_of_kinds

        crs = run.crs_of("ZONES")
        zones = run.frame("ZONES", crs)
        found = leverage_areas(
            zones_of_kinds(zones, run.string("ZONE_KINDS")),
            run.frame("CLUSTERS", crs),
            run.frame("CORRIDORS", crs),
            run.frame("ESTABLISHMENTS", crs),
            run.frame("CONSTRAINTS", crs),
            run.integer("MIN_MODES"),
            run.number("CLUSTER_REACH"),
            run.number("MIN_AREA"),
            progress=run.progress,
        )
        if found.dropped:
            run.say("messages.areas_dropped", count=found.dropped)
        run.write("OUTPUT", found.areas, layer_type("leverage_areas"), crs)
        return {
            "AREA_COUNT": len(found.areas),
            "AREA_HA": found.areas.area.sum() / 10_000,
            "DROPPED": found.dropped,
            "EXCLUDED_HA": found.excluded_ha,
            "OVERLAP_HA": found.overlap_ha,
        }
