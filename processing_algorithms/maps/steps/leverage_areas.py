"""Step: spatial leverage areas."""

from __future__ import annotations

from functools import partial

from ....analysis.leverage_areas import actors_inside
from ....analysis.report_content import Section
from ....analysis.texts import text
from ...leverage.leverage_areas import LeverageAreas
from . import Outcome, Step


def _compute(layers: dict, settings, progress) -> Outcome:
    found = LeverageAreas.calculate(layers, settings, progress)
    notes = []
    if found.dropped:
        notes.append(("messages.areas_dropped", {"count": found.dropped}))
    if found.areas.empty:
        notes.append(("messages.no_areas", {}))
    actors = {"leverage_areas": actors_inside(found.areas, layers["establishments"])}
    section = partial(_section, found=found, language=settings.language)
    return Outcome({"leverage_areas": found.areas}, notes, section, actors)


def _section(layers: dict, found, language: str) -> Section:
    """How many areas, and what was left out."""
    areas = layers["leverage_areas"]

    def say(key: str, **values) -> str:
        return text(f"steps.leverage_areas.{key}", language, **values)

    area = round(float(areas["area_ha"].sum()))
    sentences = [
        say("summary", count=len(areas), area=area),
        say("left_out", dropped=found.dropped, excluded=round(found.excluded_ha)),
    ]
    return Section("leverage_areas", say("title"), sentences)


STEP = Step(30, LeverageAreas, ("zones", "clusters", "corridors"), _compute)
