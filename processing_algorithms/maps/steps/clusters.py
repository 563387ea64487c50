"""Step: business clusters."""

from __future__ import annotations

from functools import partial

from ....analysis.report_content import Column, Section, Table
from ....analysis.texts import text
from ...clusters.detect_clusters import DetectClusters
from . import Outcome, Step

LARGEST = 10


def _compute(layers: dict, settings, progress) -> Outcome:
    found = DetectClusters.calculate(layers, settings, progress)
    notes = []
    if found.unknown_jobs:
        notes.append(("messages.jobs_unknown", {"count": found.unknown_jobs}))
    tables = {"clusters": found.footprints, "members": found.members}
    inside = found.members[found.members["cluster_id"].notna()]
    actors = inside[["cluster_id", "est_id", "sbi", "jobs"]]
    section = partial(_section, language=settings.language)
    return Outcome(tables, notes, section, {"clusters": actors})


def _section(layers: dict, language: str) -> Section:
    """The largest clusters."""
    clusters = layers["clusters"]

    def say(key: str, **values) -> str:
        return text(f"steps.clusters.{key}", language, **values)

    columns = [
        Column(say("cluster")),
        Column(say("establishments"), 0),
        Column(say("jobs"), 0),
        Column(say("effective"), 1),
        Column(say("area"), 0),
    ]
    names = ["cluster_id", "establishments", "jobs", "divisions_effective", "area_ha"]
    largest = clusters.sort_values(
        ["establishments", "cluster_id"], ascending=[False, True]
    )
    rows = largest[names].head(LARGEST).astype(object).to_numpy().tolist()
    sentence = say("summary", count=len(clusters))
    tables = [Table(say("caption"), columns, rows)] if rows else []
    return Section("clusters", say("title"), [sentence], tables)


STEP = Step(10, DetectClusters, ("establishments",), _compute)
