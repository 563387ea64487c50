"""Step: density of businesses."""

from __future__ import annotations

from functools import partial

from ....analysis.density import highest
from ....analysis.ground import HECTARE
from ....analysis.hexagons import Lattice
from ....analysis.report_content import Column, Section, Table
from ....analysis.texts import number, text
from ....analysis.vocabulary import MEASURES
from ...clusters.business_density import BusinessDensity
from . import Outcome, Step

LONGEST = 10


def _compute(layers: dict, settings, progress) -> Outcome:
    found = BusinessDensity.calculate(layers, settings, progress)
    # Of how many firms the jobs are unknown, the step of the clusters has said.
    notes = [note for note in found.remarks() if note[0] != "messages.jobs_unknown"]
    section = partial(_section, settings=settings)
    return Outcome({"density": found.hexagons}, notes, section)


def _section(layers: dict, settings) -> Section:
    """Where the density of each group is highest."""
    hexagons, language = layers["density"], settings.language

    def say(key: str, **values) -> str:
        return text(f"steps.density.{key}", language, **values)

    classed = "count_class" in hexagons
    measure = settings.choice("MEASURE", MEASURES)
    area = number(Lattice(settings.distance("CELL_SIZE")).area / HECTARE, language, 1)
    summary = "classed" if classed else f"summary_{measure}"
    columns = [
        Column(say("group")),
        Column(say("highest_class")) if classed else Column(say("highest"), 0),
        Column(say("place")),
    ]
    rows = highest(hexagons, layers.get("regions"))[:LONGEST]
    return Section(
        "density",
        say("title"),
        [say(summary, area=area, count=len(hexagons))],
        [Table(say("caption"), columns, rows)] if rows else [],
    )


STEP = Step(14, BusinessDensity, ("establishments",), _compute)
