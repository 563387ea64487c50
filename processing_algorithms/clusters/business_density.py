"""Show how densely firms or jobs lie."""

from __future__ import annotations

from dataclasses import replace

from ...analysis.ground import checked_distance
from ...analysis.layers import layer_type
from ...analysis.texts import text
from ...analysis.vocabulary import MEASURES
from ..base import KansenkaartAlgorithm

STYLES = {"establishments": "density", "jobs": "density_jobs"}
"""Style by measure: jobs are many more than establishments."""


class BusinessDensity(KansenkaartAlgorithm):
    """Hexagons with the density of establishments or jobs, per group of activities."""

    ID = "businessdensity"
    GROUP = "clusters"
    ASSUMPTIONS = {"CELL_SIZE": "metre", "RADIUS": "metre"}

    def define(self) -> None:
        """Establishments, how they are grouped, and how finely it is measured."""
        self.layer("ESTABLISHMENTS")
        self.grouping("all")
        self.choice("MEASURE", MEASURES, 0)
        self.distance("CELL_SIZE", 500.0, "ESTABLISHMENTS")
        self.distance("RADIUS", 0.0, "ESTABLISHMENTS")
        self.sink("OUTPUT", "Polygon")
        for name in ("HEXAGON_COUNT", "UNKNOWN_JOBS", "UNGROUPED", "HIGHEST"):
            self.number_output(name)

    def compute(self, run) -> dict:
        """Measure, and say what was unknown or left out."""
        crs = run.crs_of("ESTABLISHMENTS")
        establishments = run.frame("ESTABLISHMENTS", crs, optional=False)
        found = self.calculate({"establishments": establishments}, run, run.progress)
        for key, values in found.remarks():
            run.say(key, **values)
        style = STYLES[run.choice("MEASURE", MEASURES)]
        kind = replace(layer_type("density"), name=style)
        title = text(f"styles.layers.{style}", run.language)
        run.write("OUTPUT", found.hexagons, kind, crs, title)
        return {
            "HEXAGON_COUNT": len(found.hexagons),
            "UNKNOWN_JOBS": found.unknown_jobs,
            "UNGROUPED": found.ungrouped,
            "HIGHEST": found.hexagons["density"].max(),
        }

    @staticmethod
    def calculate(layers: dict, settings, progress):
        """Density of the establishments, with the names of the groups."""
        from ...analysis.density import business_density

        grouping = settings.grouping("GROUPING")
        radius = settings.number("RADIUS")
        found = business_density(
            layers["establishments"],
            grouping,
            settings.choice("MEASURE", MEASURES),
            settings.distance("CELL_SIZE"),
            checked_distance(radius, "RADIUS") if radius else 0.0,
            progress,
        )
        names = [
            grouping.name(group, settings.language) for group in found.hexagons["group"]
        ]
        found.hexagons.insert(2, "group_name", names)
        return found
