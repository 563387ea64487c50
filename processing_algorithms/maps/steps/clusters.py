"""Steps: business clusters, and what they consist of as far as that is published."""

from __future__ import annotations

from functools import partial

from ....analysis.cluster_profile import activity_totals, describe
from ....analysis.codes import division, division_names
from ....analysis.grouping import cell_ids
from ....analysis.report_content import Column, Section, Table
from ....analysis.study_area import inside_study_area
from ....analysis.texts import text
from ...clusters.detect_clusters import DetectClusters
from . import Outcome, Step

LISTED = 10


def _find(layers: dict, settings, progress) -> Outcome:
    found = DetectClusters.calculate(layers, settings, progress)
    firms = inside_study_area(layers["establishments"], layers.get("study_area"))
    tables = {
        "clusters": found.footprints,
        "members": found.members,
        "cluster_profile": found.cells,
        "activities": activity_totals(firms),
    }
    return Outcome(tables, found.remarks(), actors=_actors(found.members, firms))


def _actors(members, firms) -> dict:
    """Who stands behind the figures."""
    inside = members[members["cluster_id"].notna()]
    figures = ["est_id", "sbi", "jobs"]
    if "value_added_keur" in members:
        figures.append("value_added_keur")
    cells = cell_ids(inside["cluster_id"], division(inside["sbi"]))
    return {
        "clusters": inside[["cluster_id", *figures]],
        "cluster_profile": inside[figures].assign(cell_id=cells),
        "activities": firms[figures].assign(division=division(firms["sbi"])),
    }


def _describe(layers: dict, settings, progress) -> Outcome:
    progress(0)
    language, totals = settings.language, layers["activities"]
    clusters, profile = describe(
        layers["clusters"], layers["cluster_profile"], totals, language
    )
    jobs = totals["jobs"].astype(float)
    activities = totals.assign(
        division_name=totals["division"].map(division_names(language)),
        share=jobs / jobs.sum(),
    )
    tables = {
        "clusters": clusters,
        "cluster_profile": profile,
        "activities": activities,
    }
    return Outcome(tables, section=partial(_section, language=language))


def _section(layers: dict, language: str) -> Section:
    """What the most promising clusters consist of, or the largest if none is ranked."""
    clusters = layers["clusters"]

    def say(key: str, **values) -> str:
        return text(f"steps.clusters.{key}", language, **values)

    told = "activities_told" if "withheld" in clusters else "activities"
    columns = [
        Column(say("cluster")),
        Column(say("effective"), 1),
        Column(say("area"), 0),
        Column(say(told)),
    ]
    names = ["name", "divisions_effective", "area_ha", "top_activities"]
    first = clusters.sort_values(
        ["rank", "establishments", "cluster_id"], ascending=[True, False, True]
    )
    rows = first[names].head(LISTED).astype(object).to_numpy().tolist()
    sentences = [say("summary", count=len(clusters)), say("quotient")]
    tables = [Table(say("caption"), columns, rows)] if rows else []
    return Section("clusters", say("title"), sentences, tables)


STEPS = (
    Step(10, DetectClusters, ("establishments",), _find),
    Step(34, DetectClusters, ("clusters",), _describe, from_published=True, told=11),
)
