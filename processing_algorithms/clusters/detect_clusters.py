"""Find business clusters."""

from __future__ import annotations

import math

from ...analysis.ground import HECTARE
from ...analysis.layers import layer_type
from ..base import KansenkaartAlgorithm
from ..constants import constant


class DetectClusters(KansenkaartAlgorithm):
    """Clusters of establishments that lie close together, and what they consist of."""

    ID = "detectclusters"
    GROUP = "clusters"
    ASSUMPTIONS = {
        "DISTANCE": "metre",
        "MIN_ESTABLISHMENTS": "establishments",
        "MIN_JOBS": "jobs",
    }

    FIXED_ASSUMPTIONS = {
        "SMALL_HOLE": (
            "hectare",
            lambda settings: math.pi * (settings.number("DISTANCE") / 2) ** 2 / HECTARE,
        ),
        "SECOND_SHARE": ("percent", constant("cluster_profile", "SECOND_SHARE", 100)),
    }

    def define(self) -> None:
        """Establishments, how they are grouped, and what makes a cluster."""
        self.layer("ESTABLISHMENTS")
        self.grouping("all")
        self.distance("DISTANCE", 500.0, "ESTABLISHMENTS")
        self.integer("MIN_ESTABLISHMENTS", 10, 1)
        self.decimal("MIN_JOBS", 0.0, 0.0)
        self.layer("REGIONS", optional=True)
        self.sink("OUTPUT", "Polygon")
        self.sink("OUTPUT_MEMBERS", "Point")
        self.sink("OUTPUT_PROFILE", "None")
        for name in ("CLUSTER_COUNT", "MEMBER_COUNT", "UNKNOWN_JOBS", "UNGROUPED"):
            self.number_output(name)

    def compute(self, run) -> dict:
        """Cluster, describe, and say what was unknown or left out."""
        from ...analysis.cluster_profile import activity_totals, describe

        crs = run.crs_of("ESTABLISHMENTS")
        layers = {
            "establishments": run.frame(
                "ESTABLISHMENTS", crs, optional=("value_added_keur",)
            ),
            "regions": run.frame("REGIONS", crs),
        }
        found = self.calculate(layers, run, run.progress)
        for key, values in found.remarks():
            run.say(key, **values)
        totals = activity_totals(layers["establishments"])
        clusters, profile = describe(
            found.footprints, found.cells, totals, run.language
        )
        run.write("OUTPUT", clusters, layer_type("clusters"), crs)
        run.write("OUTPUT_MEMBERS", found.members, layer_type("members"), crs)
        run.write("OUTPUT_PROFILE", profile, layer_type("cluster_profile"))
        return {
            "CLUSTER_COUNT": len(clusters),
            "MEMBER_COUNT": int(found.members["cluster_id"].notna().sum()),
            "UNKNOWN_JOBS": found.unknown_jobs,
            "UNGROUPED": found.ungrouped,
        }

    @staticmethod
    def calculate(layers: dict, settings, progress):
        """Clusters of the establishments, with their groups and names in words."""
        from ...analysis.clusters import detect_clusters

        grouping = settings.grouping("GROUPING")
        found = detect_clusters(
            layers["establishments"],
            settings.distance("DISTANCE"),
            settings.integer("MIN_ESTABLISHMENTS"),
            settings.number("MIN_JOBS"),
            grouping,
            layers.get("regions"),
            progress,
        )
        found.footprints["group_name"] = [
            grouping.name(group, settings.language)
            for group in found.footprints["group"]
        ]
        return found
