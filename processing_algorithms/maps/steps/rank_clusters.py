"""Step: which clusters are promising."""

from __future__ import annotations

from functools import partial

from ....analysis.rank_clusters import cluster_criterion_title
from ....analysis.report_content import Column, Section, Table
from ....analysis.texts import listing, text
from ...clusters.rank_clusters import RankClusters
from . import Outcome, Step

OTHER_UNITS = "cluster_ranking.flows_of_other_units"


def _compute(layers: dict, settings, progress) -> Outcome:
    # Small flows are put together in the middle of a cluster, which may lie outside it.
    flows = layers.get("every_flow", layers.get("flows"))
    found = RankClusters.calculate(layers | {"flows": flows}, settings, progress)
    tables = {"clusters": found.clusters, "cluster_criteria": found.criteria}
    top, language = settings.integer("TOP"), settings.language
    section = partial(_section, unknown=found.unknown, top=top, language=language)
    # That water is not counted in tonnes needs no word where nobody gave these flows.
    notes = [note for note in found.notes if note[0] != OTHER_UNITS]
    return Outcome(tables, notes, section)


def _section(layers: dict, unknown: list[str], top: int, language: str) -> Section:
    """The promising clusters, and how to read their score."""
    clusters = layers["clusters"]
    selected = clusters[clusters["selected"]].sort_values(["rank", "cluster_id"])

    def say(key: str, **values) -> str:
        return text(f"steps.rank_clusters.{key}", language, **values)

    beyond = int((~(selected["rank"] <= top)).sum())
    sentences = [
        say("summary", selected=len(selected), count=len(clusters)),
        say("beyond", count=beyond),
        say("reading"),
    ]
    if unknown:
        titles = [cluster_criterion_title(name, language).lower() for name in unknown]
        sentences.append(say("unknown", names=listing(titles, language)))
    columns = [
        Column(say("cluster")),
        Column(say("group")),
        Column(say("rank"), 0),
        Column(say("score"), 1),
        Column(say("establishments"), 0),
        Column(say("jobs"), 0),
        Column(say("why")),
    ]
    names = ["name", "group_name", "rank", "score", "establishments", "jobs", "why"]
    rows = selected[names].astype(object).to_numpy().tolist()
    tables = [Table(say("caption"), columns, rows)] if rows else []
    return Section("rank_clusters", say("title"), sentences, tables)


STEP = Step(38, RankClusters, ("clusters",), _compute, from_published=True, told=10)
"""After publishing, since ranks of withheld figures would tell them."""
