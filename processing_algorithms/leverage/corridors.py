"""Find transport corridors, and where modes come together."""

from __future__ import annotations

from ...analysis.layers import layer_type
from ...analysis.vocabulary import ACCESS_CHOICES
from ..base import KansenkaartAlgorithm
from .distances import define_distances, distances_by_mode


class Corridors(KansenkaartAlgorithm):
    """Ground within reach of every mode, and of several modes at once."""

    ID = "corridors"
    GROUP = "leverage"

    def define(self) -> None:
        """Infrastructure, how far each mode reaches, and how many must meet."""
        self.layers("INFRASTRUCTURE")
        self.layers("FACILITIES", optional=True)
        self.choice("ACCESS", ACCESS_CHOICES, 0)
        define_distances(self, "INFRASTRUCTURE")
        self.integer("MIN_MODES", 2, 1, 4)
        self.sink("OUTPUT", "Polygon")
        self.sink("OUTPUT_MULTIMODAL", "Polygon")
        self.number_output("MULTIMODAL_HA")

    def compute(self, run) -> dict:
        """Buffer by mode and cut into pieces."""
        from ...analysis.corridors import corridors

        crs = run.crs_of("INFRASTRUCTURE")
        found = corridors(
            run.frame("INFRASTRUCTURE", crs),
            distances_by_mode(run),
            run.frame("FACILITIES", crs),
            run.choice("ACCESS", ACCESS_CHOICES),
            run.integer("MIN_MODES"),
            progress=run.progress,
        )
        for mode in found.without_points:
            run.say("messages.no_access_points", mode=run.mode_name(mode))
        run.write("OUTPUT", found.by_mode, layer_type("mode_corridors"), crs)
        run.write("OUTPUT_MULTIMODAL", found.multimodal, layer_type("corridors"), crs)
        return {"MULTIMODAL_HA": found.multimodal.area.sum() / 10_000}
