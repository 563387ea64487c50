"""Find transport corridors, and where modes come together."""

from __future__ import annotations

from ...analysis.ground import HECTARE
from ...analysis.layers import layer_type
from ...analysis.vocabulary import ACCESS_CHOICES
from ..base import KansenkaartAlgorithm
from .distances import DEFAULTS, define_distances, distances_by_mode


class Corridors(KansenkaartAlgorithm):
    """Ground within reach of every mode, and of several modes at once."""

    ID = "corridors"
    GROUP = "leverage"
    ASSUMPTIONS = dict.fromkeys(DEFAULTS, "metre") | {"MIN_MODES": "modes"}

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
        crs = run.crs_of("INFRASTRUCTURE")
        roles = ("INFRASTRUCTURE", "FACILITIES")
        layers = run.frames(roles, crs, optional=False)
        found = self.calculate(layers, run, run.progress)
        for mode in found.without_points:
            run.say("messages.no_access_points", mode=run.mode_name(mode))
        run.write("OUTPUT", found.by_mode, layer_type("mode_corridors"), crs)
        run.write("OUTPUT_MULTIMODAL", found.multimodal, layer_type("corridors"), crs)
        return {"MULTIMODAL_HA": found.multimodal.area.sum() / HECTARE}

    @staticmethod
    def calculate(layers: dict, settings, progress):
        """Corridors of the infrastructure."""
        from ...analysis.corridors import corridors

        return corridors(
            layers["infrastructure"],
            distances_by_mode(settings),
            layers.get("facilities"),
            settings.choice("ACCESS", ACCESS_CHOICES),
            settings.integer("MIN_MODES"),
            progress=progress,
        )
