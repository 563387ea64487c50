"""Step: scores and ranking. The ranking opens the report; its section says why."""

from __future__ import annotations

from functools import partial

import pandas as pd

from ....analysis.layers import layer_type
from ....analysis.report_content import Section
from ....analysis.why_section import why_section
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
    section = partial(_section, top=settings.integer("TOP"), language=settings.language)
    return Outcome(tables, found.notes, section)


def _section(layers: dict, top: int, language: str) -> Section:
    empty = pd.DataFrame(columns=list(layer_type("stakeholder_scores").fields))
    stakeholders = layers.get("stakeholder_scores", empty)
    return why_section(layers["leverage_areas"], stakeholders, top, language)


STEP = Step(40, ScoreAreas, ("leverage_areas",), _compute, from_published=True)
