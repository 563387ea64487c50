"""Step: what is left over shared out at best, as far as it is published."""

from __future__ import annotations

from functools import partial

from ....analysis.matching.matches_section import matches_section
from ...matching.match_flows import MatchFlows
from ...styling import class_limits, read_style
from . import Outcome, Step


def _compute(layers: dict, settings, progress) -> Outcome:
    from ....analysis.matching.place_pairs import place_pairs

    known, found = MatchFlows.calculate(layers, settings, progress)
    flows, places = layers["flows"], layers["flow_places"]
    look, language = read_style("match_pairs"), settings.language
    pairs = place_pairs(
        found.table,
        layers["leads"],
        dict(zip(flows["flow_id"], flows["place_id"], strict=True)),
        dict(zip(places["place_id"], places["name"], strict=True)),
        dict(zip(places["place_id"], places.geometry, strict=True)),
        class_limits(look),
        (look["map"]["drawn"], look["map"]["leads"]),
        language,
    )
    tables = {
        "matches": found.table,
        "match_pairs": pairs,
        "match_totals": found.totals,
        "unlocks": found.unlocks,
    }
    notes = [*known.remarks(), *found.remarks(language)]
    section = partial(matches_section, gaps=found.gap, language=language)
    return Outcome(tables, notes, section)


NEEDS = ("flows", "flow_places", "leads")
STEP = Step(39, MatchFlows, NEEDS, _compute, from_published=True, told=16)
