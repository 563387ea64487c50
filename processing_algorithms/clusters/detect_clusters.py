"""Find business clusters."""

from __future__ import annotations

import math

from ...analysis.ground import HECTARE
from ...analysis.layers import layer_type
from ..base import KansenkaartAlgorithm


class DetectClusters(KansenkaartAlgorithm):
    """Clusters of establishments that lie close together."""

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
        )
    }

    def define(self) -> None:
        """Establishments, and what makes a cluster."""
        self.layer("ESTABLISHMENTS")
        self.distance("DISTANCE", 500.0, "ESTABLISHMENTS")
        self.integer("MIN_ESTABLISHMENTS", 10, 1)
        self.decimal("MIN_JOBS", 0.0, 0.0)
        self.sink("OUTPUT", "Polygon")
        self.sink("OUTPUT_MEMBERS", "Point")
        for name in ("CLUSTER_COUNT", "MEMBER_COUNT", "UNKNOWN_JOBS"):
            self.number_output(name)

    def compute(self, run) -> dict:
        """Cluster, and say how many jobs were unknown."""
        crs = run.crs_of("ESTABLISHMENTS")
        establishments = run.frame("ESTABLISHMENTS", crs, optional=False)
        found = self.calculate({"establishments": establishments}, run, run.progress)
        if found.unknown_jobs:
            run.say("messages.jobs_unknown", count=found.unknown_jobs)
        run.write("OUTPUT", found.footprints, layer_type("clusters"), crs)
        run.write("OUTPUT_MEMBERS", found.members, layer_type("members"), crs)
        return {
            "CLUSTER_COUNT": len(found.footprints),
            "MEMBER_COUNT": int(found.members["cluster_id"].notna().sum()),
            "UNKNOWN_JOBS": found.unknown_jobs,
        }

    @staticmethod
    def calculate(layers: dict, settings, progress):
        """Clusters of the establishments."""
        from ...analysis.clusters import detect_clusters

        return detect_clusters(
            layers["establishments"],
            settings.distance("DISTANCE"),
            settings.integer("MIN_ESTABLISHMENTS"),
            settings.number("MIN_JOBS"),
            progress=progress,
        )
