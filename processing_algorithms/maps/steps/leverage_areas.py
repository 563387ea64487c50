"""Step: spatial leverage areas."""

from __future__ import annotations

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
    section = _section(found, settings.language)
    return Outcome({"leverage_areas": found.areas}, notes, section)


def _section(found, language: str) -> Section:
    """How many areas, and what was left out."""

    def say(key: str, **values) -> str:
        return text(f"steps.leverage_areas.{key}", language, **values)

    area = round(float(found.areas["area_ha"].sum()))
    sentences = [
        say("summary", count=len(found.areas), area=area),
        say("left_out", dropped=found.dropped, excluded=round(found.excluded_ha)),
    ]
    return Section("leverage_areas", say("title"), sentences)


STEP = Step(30, LeverageAreas, ("zones", "clusters", "corridors"), _compute)
