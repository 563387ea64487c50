"""What the report tells of the best areas: why here, how sure, what would help."""

from __future__ import annotations

import pandas as pd

from .explain import criterion_title
from .report_content import Column, Section, Table
from .texts import number, text

NEXT = 10
"""So many areas behind the best get the change that would bring them there."""
DISPUTED = 10
"""So many areas about which stakeholders differ most are listed."""
NONE = "–"
UNSURE = (0.1, 0.9)
"""Acceptability between these leaves open whether an area is among the best."""


def why_section(
    areas: pd.DataFrame, stakeholders: pd.DataFrame, top: int, language: str
) -> Section:
    """Tell why the best areas are where they are.

    Parameters
    ----------
    areas
        With the fields of ``scores``.
    stakeholders
        Fields of ``stakeholder_scores``, empty where there are none.
    top
        Places that count as the best.
    language
        ``nl`` or ``en``.
    """

    def say(key: str, **values) -> str:
        return text(f"why.{key}", language, **values)

    ranked = areas[areas["rank"].notna()].sort_values(["rank", "area_id"])
    best, others = ranked[ranked["rank"] <= top], ranked[ranked["rank"] > top]
    paragraphs = [say("intro", top=top), *_certainty(ranked, language)]
    tables = [
        _best(best, say, language),
        _changes(others.head(NEXT), say),
        _disputes(areas, stakeholders, say, language),
    ]
    shown = [table for table in tables if table.rows]
    return Section("why", say("title"), paragraphs if shown else [say("none")], shown)


def _certainty(ranked: pd.DataFrame, language: str) -> list[str]:
    """How many areas are among the best whatever the weights, and how many perhaps."""
    share = ranked["acceptability"].dropna()
    if share.empty:
        return []
    low, high = UNSURE
    perhaps = int(((share >= low) & (share <= high)).sum())
    sure = int((share > high).sum())
    return [text("why.certainty", language, sure=sure, perhaps=perhaps)]


def _best(best: pd.DataFrame, say, language: str) -> Table:
    rows = [
        [
            _name(area),
            _places(area, say, language),
            _title(area["strongest"], language),
            _title(area["weakest"], language),
            _listed(area["types"]),
            _exchanges(area, say, language),
        ]
        for area in best.to_dict("records")
    ]
    heads = ("area", "sure", "strongest", "weakest", "types", "exchanges")
    told = [at for at in range(len(heads)) if any(row[at] != NONE for row in rows)]
    columns = [Column(say(heads[at])) for at in told]
    return Table(
        say("caption_best"), columns, [[row[at] for at in told] for row in rows]
    )


def _changes(others: pd.DataFrame, say) -> Table:
    rows = [
        [_name(area), int(area["rank"]), _text(area["change"])]
        for area in others.to_dict("records")
    ]
    heads = [Column(say("area")), Column(say("rank"), 0), Column(say("change"))]
    return Table(say("caption_changes"), heads, rows)


def _disputes(areas, stakeholders: pd.DataFrame, say, language: str) -> Table:
    """The areas about which stakeholders differ most: who, and by what."""
    heads = [Column(say("area")), Column(say("highest")), Column(say("lowest"))]
    heads += [Column(say("dispute"), 1), Column(say("cause"))]
    names = areas.set_index("area_id")["name"]
    rows = []
    order = ["dispute", "area_id"]
    table = stakeholders.dropna(subset=["cause"])
    table = table.sort_values(order, ascending=[False, True], kind="stable")
    for area_id in table["area_id"].drop_duplicates().head(DISPUTED):
        own = table[table["area_id"] == area_id].sort_values("score", kind="stable")
        most, least = own.iloc[-1], own.iloc[0]
        ends = [
            f"{each['stakeholder']}: {number(each['score'], language, 1)}"
            for each in (most, least)
        ]
        cause = _title(most["cause"], language)
        rows.append(
            [_text(names[area_id], area_id), *ends, float(most["dispute"]), cause]
        )
    return Table(say("caption_disputes"), heads, rows)


def _places(area: dict, say, language: str) -> str:
    """Places that other weights would give it."""
    share = area["acceptability"]
    if pd.isna(share):
        return NONE
    low, high = int(area["rank_low"]), int(area["rank_high"])
    places = str(low) if low == high else f"{low}–{high}"
    return say("places", places=places, share=number(100 * share, language))


def _exchanges(area: dict, say, language: str) -> str:
    count = area["matches"]
    if pd.isna(count):
        return NONE
    if not count:
        return number(0, language)
    return say("exchanged", count=number(count, language), what=area["exchanged"])


def _title(criterion: object, language: str) -> str:
    known = isinstance(criterion, str)
    return criterion_title(criterion, language) if known else NONE


def _listed(names: object) -> str:
    return _text(names).replace(";", ", ")


def _name(area: dict) -> str:
    return _text(area["name"], area["area_id"])


def _text(value: object, otherwise: str = NONE) -> str:
    """A text that may be absent."""
    return value if isinstance(value, str) and value else otherwise
