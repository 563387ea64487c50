"""What the page and the report of a run say."""

from __future__ import annotations

from datetime import datetime

import pandas as pd

from ...analysis.explain import criterion_title
from ...analysis.report_content import ReportContent, Section
from ...analysis.texts import number, text
from ..about import plugin_version
from ..language import label
from .initiatives import listed_initiatives
from .page import PageContent, RankedArea
from .sheet import shortened

TOP = 10
"""How many areas the page names."""
INPUT_FIELDS = ("role", "layer", "features", "crs", "hash")
"""What the report says of every input."""


def page_content(map_run) -> PageContent:
    """What stands on the page beside the map.

    Parameters
    ----------
    map_run
        The run, when all steps are done.
    """
    language = map_run.language
    return PageContent(
        title=shortened(map_run.title),
        subtitle=text("steps.map.subtitle", language),
        ranking=_ranking(map_run.layers["leverage_areas"]),
        initiatives=listed_initiatives(map_run.layers, language),
        sources=[_source(entry, language) for entry in map_run.inputs.record],
        assumptions_note=text("steps.map.assumptions_note", language),
        audience_note=_audience_note(map_run),
        proof=bool(map_run.options["PROOF"]),
        date=_date(map_run.started, language),
        version=plugin_version(),
        language=language,
    )


def report_content(map_run) -> ReportContent:
    """What stands in the report.

    Parameters
    ----------
    map_run
        The run, when all steps are done.
    """
    language, layers = map_run.language, map_run.layers
    used = dict.fromkeys(layers["criteria"]["criterion"])
    return ReportContent(
        language=language,
        title=map_run.title,
        date=_date(map_run.started, language),
        version=plugin_version(),
        summary=_summary(layers, language),
        areas=layers["leverage_areas"],
        criteria=layers["criteria"],
        criterion_titles={name: criterion_title(name, language) for name in used},
        assumptions=layers["assumptions"],
        skipped=layers["skipped"],
        inputs=[
            {key: entry[key] for key in INPUT_FIELDS} for entry in map_run.inputs.record
        ],
        warnings=map_run.run.messages,
        sections=[*map_run.sections(), _audience_section(map_run)],
        proof=bool(map_run.options["PROOF"]),
    )


def _audience_note(map_run) -> str:
    """Whom the map is for, and what it therefore leaves out."""
    language, rule = map_run.language, map_run.rule
    if not map_run.workshop:
        return text("confidentiality.internal_note", language)
    return text(
        "confidentiality.workshop_note",
        language,
        actors=rule.min_actors,
        share=number(100 * rule.dominance, language),
    )


def _audience_section(map_run) -> Section:
    language, withheld = map_run.language, map_run.withheld
    sentences = [_audience_note(map_run)]
    if map_run.workshop:
        sentences += [
            text("confidentiality.withheld", language, count=withheld.count),
            text("confidentiality.further", language, count=withheld.further),
            text("confidentiality.few", language),
        ]
    title = text("confidentiality.title", language)
    return Section("confidentiality", title, sentences)


def _ranking(areas: pd.DataFrame) -> list[RankedArea]:
    best = areas[areas["rank"] <= TOP].sort_values(["rank", "area_id"]).head(TOP)
    fields = best[["rank", "name", "score", "why_short"]].to_numpy().tolist()
    return [
        RankedArea(int(rank), shortened(name or ""), score, why)
        for rank, name, score, why in fields
    ]


def _source(entry: dict, language: str) -> str:
    role, _ = label("opportunitymap", "parameters", entry["role"], language)
    return text(
        "steps.map.source",
        language,
        role=role,
        layer=shortened(entry["layer"]),
        count=entry["features"],
    )


def _summary(layers: dict, language: str) -> list[tuple[str, str]]:
    areas = layers["leverage_areas"]
    ranked = areas["rank"].notna()
    figures = {
        "clusters": number(len(layers["clusters"]), language),
        "areas": number(len(areas), language),
        "ranked": number(int(ranked.sum()), language),
        "best": number(areas.loc[ranked, "score"].max(), language, 1),
    }
    return [
        (text(f"steps.map.{key}", language), value) for key, value in figures.items()
    ]


def _date(moment: datetime, language: str) -> str:
    months = text("steps.map.months", language).split()
    return text(
        "steps.map.date",
        language,
        day=moment.day,
        month=months[moment.month - 1],
        year=str(moment.year),
    )
