"""Step: what is left over shared out at best, as far as it is published."""

from __future__ import annotations

from functools import partial

from ....analysis.matching.matches_section import matches_section
from ...matching.match_flows import MatchFlows
from ...styling import read_style
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
        {(name, each["unit"]): each["limits"] for name, each in look["sizes"].items()},
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


STEP = Step(39, MatchFlows, ("flows", "flow_places", "leads"), _compute, True, 16)
