"""Step: scores of whole zones, where a strategy of the study is asked for.

Some strategies are aimed at urban zones, of which few hold a leverage area.
"""

from __future__ import annotations

from functools import partial

from ....analysis.report_content import Column, Section, Table
from ....analysis.strategies import strategies_of
from ....analysis.texts import text
from ...leverage.score_areas import ScoreAreas
from . import Outcome, Step


def _compute(layers: dict, settings, progress) -> Outcome:
    if not strategies_of(settings.string("STRATEGY")):
        return Outcome({})
    zones = layers["environment_zones"]
    # The criteria of the areas, which are there by now, are no criteria of the user's.
    seen = layers | {"areas": zones, "criteria": None}
    found = ScoreAreas.calculate(seen, settings, progress)
    # What is to be said of weights and criteria has been said of the areas.
    section = partial(_section, settings=settings)
    return Outcome({"zone_scores": found.areas}, section=section)


def _section(layers: dict, settings) -> Section:
    """The best zones for the strategy, whether or not they hold an area."""
    zones, top = layers["zone_scores"], settings.integer("TOP")

    def say(key: str, **values) -> str:
        return text(f"steps.zone_scores.{key}", settings.language, **values)

    best = zones[zones["rank"] <= top].sort_values(["rank", "zone_id"]).head(top)
    best = best.assign(name=best["name"].fillna(best["zone_id"]))
    columns = [
        Column(say("zone")),
        Column(say("rank"), 0),
        Column(say("score"), 1),
        Column(say("why")),
    ]
    cells = best[["name", "rank", "score", "why_short"]].astype(object)
    rows = cells.to_numpy().tolist()
    tables = [Table(say("caption"), columns, rows)] if rows else []
    ranked = int(zones["rank"].notna().sum())
    sentences = [say("summary", count=ranked)]
    alike = int((zones["rank"] <= top).sum()) - len(best)
    if alike:
        sentences.append(say("alike", count=alike))
    return Section("zone_scores", say("title"), sentences, tables)


NEEDS = ("environment_zones",)
STEP = Step(41, ScoreAreas, NEEDS, _compute, from_published=True, told=33)
