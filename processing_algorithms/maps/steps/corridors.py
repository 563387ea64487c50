"""Step: transport corridors."""

from __future__ import annotations

from functools import partial

from ....analysis.ground import HECTARE
from ....analysis.report_content import Column, Section, Table
from ....analysis.texts import listing, text
from ...leverage.corridors import Corridors
from . import Outcome, Step


def _compute(layers: dict, settings, progress) -> Outcome:
    found = Corridors.calculate(layers, settings, progress)
    language = settings.language
    notes = [
        ("messages.no_access_points", {"mode": _mode(mode, language)})
        for mode in found.without_points
    ]
    section = partial(_section, language=language)
    return Outcome({"corridors": found.multimodal}, notes, section)


def _section(layers: dict, language: str) -> Section:
    """Hectares by set of modes."""
    pieces = layers["corridors"]

    def say(key: str, **values) -> str:
        return text(f"steps.corridors.{key}", language, **values)

    hectares = (pieces.area / HECTARE).groupby(pieces["modes"]).sum()
    rows = [
        [listing([_mode(mode, language) for mode in modes.split(",")], language), area]
        for modes, area in hectares.sort_values(ascending=False).items()
    ]
    columns = [Column(say("modes")), Column(say("area"), 0)]
    tables = [Table(say("caption"), columns, rows)] if rows else []
    sentence = say("summary", area=round(float(hectares.sum())))
    return Section("corridors", say("title"), [sentence], tables)


def _mode(mode: str, language: str) -> str:
    return text(f"messages.options.{mode}", language)


STEP = Step(20, Corridors, ("infrastructure",), _compute)
