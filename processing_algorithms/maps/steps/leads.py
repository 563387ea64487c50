"""Step: who could give what to whom, as far as the flows behind it are published."""

from __future__ import annotations

from functools import partial

from ....analysis.flows.tables import CARRIERS, MATERIAL, material_name
from ....analysis.report_content import Column, Section, Table
from ....analysis.texts import distance, number, text
from ...matching.find_leads import FindLeads
from ...network import travel_over
from . import Outcome, Step

LISTED = {MATERIAL: 10}
OTHERS = 3
"""How many kinds of exchange are listed, of materials and of each other carrier."""


def _compute(layers: dict, settings, progress) -> Outcome:
    travel, rest = travel_over(layers, progress)
    given = {**layers, "travel": travel}
    known, found = FindLeads.calculate(given, settings, rest)
    section = partial(_section, found=found, language=settings.language)
    notes = [*known.remarks(), *found.remarks()]
    kept = {} if travel is None else {"travel": travel}
    return Outcome({"leads": found.table}, notes, section, kept=kept)


def _section(layers: dict, found, language: str) -> Section:
    """How many pairs fit, and the best lead of every kind of exchange."""
    leads = layers["leads"]

    def say(key: str, **values) -> str:
        return text(f"steps.leads.{key}", language, **values)

    compatible, in_reach = found.compatible.total(), found.in_reach.total()
    share = number(100 * compatible / in_reach if in_reach else 0, language, 1)
    sentences = [
        say("summary", compatible=compatible, pairs=in_reach, share=share),
        say("shown", count=len(leads)),
        say("reading"),
    ]
    kinds = leads.drop_duplicates(["carrier", "material", "replaces"])
    rows = []
    for carrier in CARRIERS:
        own = kinds[kinds["carrier"] == carrier].head(LISTED.get(carrier, OTHERS))
        rows += [_row(lead, language) for lead in own.itertuples(index=False)]
    columns = [
        Column(say("what")),
        Column(say("giver")),
        Column(say("receiver")),
        Column(say("distance")),
        Column(say("score"), 2),
        Column(say("why")),
    ]
    tables = [Table(say("caption"), columns, rows)] if rows else []
    return Section("leads", say("title"), sentences, tables)


def _row(lead, language: str) -> list:
    return [
        material_name(lead.material, language),
        lead.giver_name or "–",
        lead.receiver_name or "–",
        distance(lead.distance_m, language),
        lead.score,
        lead.why,
    ]


STEP = Step(37, FindLeads, ("flows",), _compute, from_published=True, told=15)
