"""Score and rank areas."""

from __future__ import annotations

from ...analysis.layers import LayerType, layer_type
from ...analysis.vocabulary import LANGUAGE_CHOICES
from ..base import KansenkaartAlgorithm
from .distances import DEFAULTS


class ScoreAreas(KansenkaartAlgorithm):
    """Areas by a weighted sum of criteria, with the reason in words."""

    ID = "scoreareas"
    GROUP = "leverage"

    def define(self) -> None:
        """Areas, what the criteria look at, and how much each counts."""
        self.layer("AREAS")
        self.layer("ESTABLISHMENTS", optional=True)
        self.layer("ZONES", optional=True)
        for role in ("INFRASTRUCTURE", "FACILITIES", "CONSTRAINTS"):
            self.layers(role, optional=True)
        self.source("CRITERIA", "None", optional=True)
        self.string("STRATEGY", "basis")
        self.matrix("WEIGHTS", ["criterion", "weight"], [])
        self.file("WEIGHTS_FILE", "csv")
        self.decimal("MIN_COMPLETENESS", 0.6, 0.0, 1.0)
        self.choice("LANGUAGE", LANGUAGE_CHOICES, 0)
        self.sink("OUTPUT", "Polygon")
        self.sink("OUTPUT_CRITERIA", "None")
        for name in ("AREA_COUNT", "RANKED_COUNT", "BEST_SCORE"):
            self.number_output(name)

    def compute(self, run) -> dict:
        """Measure, weigh, rank and explain."""
        from ...analysis.criteria import Layers
        from ...analysis.score_areas import choose_weights, score_areas

        crs = run.crs_of("AREAS")
        areas = run.frame("AREAS", crs)
        roles = (
            "ESTABLISHMENTS",
            "ZONES",
            "INFRASTRUCTURE",
            "FACILITIES",
            "CONSTRAINTS",
        )
        layers = {role.lower(): run.frame(role, crs) for role in roles}
        found = score_areas(
            areas,
            Layers(**layers, mode_distances=_distances()),
            choose_weights(
                run.string("STRATEGY") or "basis",
                run.matrix("WEIGHTS"),
                run.text_file("WEIGHTS_FILE"),
            ),
            run.table("CRITERIA"),
            run.number("MIN_COMPLETENESS"),
            run.choice("LANGUAGE", LANGUAGE_CHOICES),
            progress=run.progress,
        )
        for key, values in found.notes:
            run.say(key, **values)
        run.write("OUTPUT", found.areas, _scored_type(found.areas), crs)
        run.write("OUTPUT_CRITERIA", found.criteria, layer_type("criteria"))
        ranked = found.areas["rank"].notna()
        return {
            "AREA_COUNT": len(found.areas),
            "RANKED_COUNT": int(ranked.sum()),
            "BEST_SCORE": found.areas.loc[ranked, "score"].max(),
        }


def _scored_type(areas) -> LayerType:
    """The areas' own fields, then those of the score."""
    from ..run import field_types

    scores = layer_type("scores").fields
    own = field_types(areas.drop(columns=[*scores, areas.geometry.name]))
    known = layer_type("leverage_areas").fields | layer_type("zones").fields
    own |= {name: known[name] for name in own if name in known}
    return LayerType("scored_areas", "Polygon", "area_id", own | scores, ())


def _distances() -> dict[str, float]:
    """Distances for zones that do not say which modes reach them."""
    modes = ("road", "rail", "water", "pipeline")
    return {mode: DEFAULTS[f"{mode.upper()}_DISTANCE"] for mode in modes}
