"""Score and rank areas."""

from __future__ import annotations

from ...analysis.layers import LayerType, layer_type
from ...analysis.vocabulary import LANGUAGE_CHOICES
from ..base import KansenkaartAlgorithm
from .distances import default_distances


def _environment_part(_settings) -> float:
    from ...analysis.strategies import ENVIRONMENT_PART

    return ENVIRONMENT_PART


def _doubtful(_settings) -> float:
    from ...analysis.levers import DOUBTFUL

    return DOUBTFUL


class ScoreAreas(KansenkaartAlgorithm):
    """Areas by a weighted sum of criteria, with the reason in words."""

    ID = "scoreareas"
    GROUP = "leverage"
    ROLES = (
        "AREAS",
        "ESTABLISHMENTS",
        "ZONES",
        "INFRASTRUCTURE",
        "FACILITIES",
        "CONSTRAINTS",
        "MATCHES",
        "REGIONS",
    )
    ASSUMPTIONS = {"MIN_COMPLETENESS": "part", "TOP": "areas"}
    FIXED_ASSUMPTIONS = {
        "ENVIRONMENT_PART": ("part", _environment_part),
        "DOUBTFUL": ("value_part", _doubtful),
    }

    def define(self) -> None:
        """Areas, what the criteria look at, and how much each counts."""
        self.layer("AREAS")
        self.layer("ESTABLISHMENTS", optional=True)
        self.layer("ZONES", optional=True)
        for role in ("INFRASTRUCTURE", "FACILITIES", "CONSTRAINTS"):
            self.layers(role, optional=True)
        self.layer("MATCHES", optional=True)
        self.layer("REGIONS", optional=True)
        self.source("CRITERIA", "None", optional=True)
        self.string("STRATEGY", "basis")
        self.matrix("WEIGHTS", ["criterion", "weight"], [])
        self.file("WEIGHTS_FILE", "csv")
        self.decimal("MIN_COMPLETENESS", 0.6, 0.0, 1.0)
        self.integer("TOP", 10, 1)
        self.choice("LANGUAGE", LANGUAGE_CHOICES, 0)
        self.sink("OUTPUT", "Polygon")
        self.sink("OUTPUT_CRITERIA", "None")
        for name in ("AREA_COUNT", "RANKED_COUNT", "BEST_SCORE"):
            self.number_output(name)

    def compute(self, run) -> dict:
        """Measure, weigh, rank and explain."""
        crs = run.crs_of("AREAS")
        layers = run.frames(self.ROLES, crs) | {"criteria": run.table("CRITERIA")}
        found = self.calculate(layers, run, run.progress)
        for key, values in found.notes:
            run.say(key, **values)
        run.write("OUTPUT", found.areas, scored_type(found.areas), crs)
        run.write("OUTPUT_CRITERIA", found.criteria, layer_type("criteria"))
        ranked = found.areas["rank"].notna()
        return {
            "AREA_COUNT": len(found.areas),
            "RANKED_COUNT": int(ranked.sum()),
            "BEST_SCORE": found.areas.loc[ranked, "score"].max(),
        }

    @staticmethod
    def calculate(layers: dict, settings, progress):
        """Scores of the areas."""
        from ...analysis.criteria import Layers
        from ...analysis.score_areas import score_areas

        roles = [role.lower() for role in ScoreAreas.ROLES if role != "AREAS"]
        seen = {role: layers.get(role) for role in roles}
        return score_areas(
            layers["areas"],
            Layers(**seen, mode_distances=default_distances()),
            ScoreAreas.weights(settings),
            layers.get("criteria"),
            settings.number("MIN_COMPLETENESS"),
            settings.choice("LANGUAGE", LANGUAGE_CHOICES),
            settings.string("STRATEGY"),
            settings.integer("TOP"),
            progress=progress,
        )

    @staticmethod
    def weights(settings):
        """The weights that the settings ask for."""
        from ...analysis.score_areas import choose_weights

        return choose_weights(
            settings.string("STRATEGY") or "basis",
            settings.matrix("WEIGHTS"),
            settings.text_file("WEIGHTS_FILE"),
        )


def scored_type(areas) -> LayerType:
    """Fields of scored areas: their own, then those of the score."""
    from ..run import field_types

    scores = layer_type("scores").fields
    own = field_types(areas.drop(columns=areas.geometry.name))
    own = {name: own[name] for name in _fitting(own, {"fid", "geom", *scores})}
    known = layer_type("leverage_areas").fields | layer_type("zones").fields
    own = {name: known[name] for name in known if name in own} | {
        name: kind for name, kind in own.items() if name not in known
    }
    return LayerType("scored_areas", "Polygon", "area_id", own | scores, ())


def _fitting(names, taken: set[str]) -> list[str]:
    """Names that fit into one GeoPackage, for which case makes no difference."""
    seen = set(taken)
    fitting = []
    for name in names:
        if name.casefold() not in seen:
            fitting.append(name)
            seen.add(name.casefold())
    return fitting
