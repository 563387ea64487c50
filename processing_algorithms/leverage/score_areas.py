"""Score and rank areas."""

from __future__ import annotations

from ...analysis.layers import LayerType, layer_type
from ...analysis.vocabulary import LANGUAGE_CHOICES, SCORING_METHODS
from ..base import KansenkaartAlgorithm
from ..constants import constant
from ..network import travel_over
from .distances import default_distances

MOST_DRAWS = 100_000


class ScoreAreas(KansenkaartAlgorithm):
    """Areas by weighted criteria, with the reason in words and how sure it is."""

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
    ADVANCED = ("CONFIDENCE", "DRAWS", "SEED")
    ASSUMPTIONS = {"MIN_COMPLETENESS": "part", "TOP": "areas", "CONFIDENCE": "none"}
    FIXED_ASSUMPTIONS = {
        "ENVIRONMENT_PART": ("part", constant("strategies", "ENVIRONMENT_PART")),
        "DOUBTFUL": ("value_part", constant("levers", "DOUBTFUL")),
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
        self.layer("NETWORK", optional=True)
        self.source("CRITERIA", "None", optional=True)
        self.string("STRATEGY", "basis")
        self.matrix("WEIGHTS", ["criterion", "weight"], [])
        self.file("WEIGHTS_FILE", "csv")
        self.file("PAIRWISE", "csv")
        self.choice("METHOD", SCORING_METHODS, 0)
        self.decimal("MIN_COMPLETENESS", 0.6, 0.0, 1.0)
        self.integer("TOP", 10, 1)
        self.integer("DRAWS", 1000, 0, MOST_DRAWS)
        self.decimal("CONFIDENCE", 4.0, 0.01, 1000.0)
        self.integer("SEED", 1, 0)
        self.choice("LANGUAGE", LANGUAGE_CHOICES, 0)
        self.sink("OUTPUT", "Polygon")
        for name in ("CRITERIA", "STAKEHOLDERS", "CENTRAL", "STRATEGIES"):
            self.sink(f"OUTPUT_{name}", "None")
        for name in ("AREA_COUNT", "RANKED_COUNT", "BEST_SCORE", "CONSISTENCY_RATIO"):
            self.number_output(name)

    def compute(self, run) -> dict:
        """Measure, weigh, rank and explain."""
        from ...analysis.travel import off_road

        crs = run.crs_of("AREAS")
        others = [role for role in self.ROLES if role != "ESTABLISHMENTS"]
        layers = run.frames((*others, "NETWORK"), crs)
        # Where they are and what they do is enough.
        layers["establishments"] = run.frame("ESTABLISHMENTS", crs, optional=False)
        layers["criteria"] = run.table("CRITERIA")
        travel, rest = travel_over(layers, run.progress)
        found = self.calculate(layers, run, rest, travel)
        for key, values in off_road(travel, layers["areas"].geometry.to_numpy()):
            run.say(key, **values)
        for key, values in found.notes:
            run.say(key, **values)
        run.write("OUTPUT", found.areas, scored_type(found.areas), crs)
        run.write("OUTPUT_CRITERIA", found.criteria, layer_type("criteria"))
        stakeholders = layer_type("stakeholder_scores")
        run.write("OUTPUT_STAKEHOLDERS", found.stakeholders, stakeholders)
        run.write("OUTPUT_CENTRAL", found.central, layer_type("central_weights"))
        if run.given("OUTPUT_STRATEGIES"):
            table = found.strategies(run.progress)
            run.write("OUTPUT_STRATEGIES", table, layer_type("strategy_scores"))
        for name, empty in (
            ("STAKEHOLDERS", found.stakeholders.empty),
            ("STRATEGIES", not found.levers),
        ):
            if empty and run.given(f"OUTPUT_{name}"):
                run.say(f"scoring.no_{name.lower()}")
        ranked = found.areas["rank"].notna()
        return {
            "AREA_COUNT": len(found.areas),
            "RANKED_COUNT": int(ranked.sum()),
            "BEST_SCORE": found.areas.loc[ranked, "score"].max(),
            "CONSISTENCY_RATIO": found.weights.consistency,
        }

    @staticmethod
    def calculate(layers: dict, settings, progress, travel=None):
        """Scores of the areas."""
        from ...analysis.criteria import Layers
        from ...analysis.score_areas import score_areas
        from ...analysis.scoring_choices import Scoring

        roles = [role.lower() for role in ScoreAreas.ROLES if role != "AREAS"]
        seen = {role: layers.get(role) for role in roles}
        how = Scoring(
            settings.choice("METHOD", SCORING_METHODS),
            settings.number("MIN_COMPLETENESS"),
            settings.integer("DRAWS"),
            settings.number("CONFIDENCE"),
            settings.integer("SEED"),
            settings.integer("TOP"),
            settings.string("STRATEGY") or "",
            settings.choice("LANGUAGE", LANGUAGE_CHOICES),
        )
        return score_areas(
            layers["areas"],
            Layers(**seen, mode_distances=default_distances(), network=travel),
            ScoreAreas.weights(settings),
            layers.get("criteria"),
            how,
            progress,
        )

    @staticmethod
    def weights(settings):
        """The weights that the settings ask for."""
        from ...analysis.score_areas import choose_weights

        return choose_weights(
            settings.string("STRATEGY") or "basis",
            settings.matrix("WEIGHTS"),
            settings.text_file("WEIGHTS_FILE"),
            settings.text_file("PAIRWISE"),
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
