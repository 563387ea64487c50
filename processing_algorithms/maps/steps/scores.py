"""Step: scores and ranking. Its section is the ranking that opens the report."""

from __future__ import annotations

from ...leverage.score_areas import ScoreAreas
from . import Outcome, Step


def _compute(layers: dict, settings, progress) -> Outcome:
    areas = layers["leverage_areas"]
    found = ScoreAreas.calculate(layers | {"areas": areas}, settings, progress)
    tables = {
        "leverage_areas": found.areas,
        "criteria": found.criteria,
        "central_weights": found.central,
    }
    if not found.stakeholders.empty:
        tables["stakeholder_scores"] = found.stakeholders
    return Outcome(tables, found.notes)


STEP = Step(40, ScoreAreas, ("leverage_areas",), _compute, from_published=True)
