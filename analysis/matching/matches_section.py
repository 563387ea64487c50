"""What the report tells of matches: totals, the largest, a diagram, what is missing."""

from __future__ import annotations

import pandas as pd

from ..codes import division_names
from ..flows.balance_chart import amount
from ..flows.tables import CARRIERS, carrier_name, material_name, unit_name
from ..report_content import Column, Section, Table
from ..texts import distance, listing, number, text
from .sankey import add_up, diagrams
from .sankey_svg import draw, svg

GROUPS, SHARE = 8, 0.01
"""A diagram names so many groups on each side; smaller parts of it are put together."""
BY = "section"
LISTED, UNLOCKS, OTHERS, TAKERS = 5, 8, 2, 3
"""How many pairs of places of each carrier are listed, how many materials that are left
over and how many classes of each other carrier, and how many takers are named."""


def matches_section(layers: dict, gaps: dict[str, float], language: str) -> Section:
    """Tell matches.

    Parameters
    ----------
    layers
        ``matches``, ``match_pairs``, ``match_totals`` and ``unlocks``.
    gaps
        What may be missing to the optimum, as a part of it, by carrier.
    language
        ``nl`` or ``en``.
    """

    def say(key: str, **values) -> str:
        return text(f"steps.matches.{key}", language, **values)

    matches = layers["matches"]
    if matches.empty:
        return Section("matches", say("title"), [say("none")])
    gap = number(100 * max(gaps.values()), language, 2)
    co2 = [
        amount(matches[f"avoided_co2_t{end}"].sum(), language)
        for end in ("", "_low", "_high")
    ]
    words = dict(zip(("co2", "low", "high"), co2, strict=True))
    sentences = [
        say("summary", count=number(len(matches), language), gap=gap),
        say("avoided", **words),
        say("reading"),
    ]
    tables = [
        _totals(layers["match_totals"], language),
        _pairs(layers["match_pairs"], language),
        _unlocks(layers["unlocks"], language),
    ]
    return Section(
        "matches",
        say("title"),
        sentences,
        [table for table in tables if table.rows],
        [_diagrams(matches, language)],
    )


def _totals(totals: pd.DataFrame, language: str) -> Table:
    """One row per carrier and unit."""
    sums = totals.groupby(["carrier", "unit"])[
        ["matches", "allocated", "delivered", "avoided_co2_t"]
    ].sum()
    rows = [
        [
            carrier_name(carrier, unit, language),
            row["matches"],
            amount(row["allocated"], language),
            amount(row["delivered"], language),
            unit_name(unit, language),
            _avoided(row["avoided_co2_t"], language),
        ]
        for (carrier, unit), row in sums.iterrows()
    ]
    rows.sort(key=lambda row: row[0])
    keys = ("carrier", "matches", "allocated", "delivered", "unit", "avoided_co2")
    return _table("totals", keys, rows, language, numbers=("matches",))


def _pairs(pairs: pd.DataFrame, language: str) -> Table:
    """The pairs of places between which most goes, by carrier."""
    rows = []
    for carrier in CARRIERS:
        own = pairs[(pairs["carrier"] == carrier) & (pairs["matches"] > 0)]
        own = own.sort_values(["delivered", "pair_id"], ascending=[False, True])
        rows += [
            [
                row.materials,
                row.from_name,
                row.to_name,
                amount(row.delivered, language),
                unit_name(row.unit, language),
                distance(row.distance_m, language),
                _avoided(row.avoided_co2_t, language),
            ]
            for row in own.head(LISTED).itertuples(index=False)
        ]
    keys = ("what", "giver", "receiver", "delivered", "unit", "distance", "avoided_co2")
    return _table("pairs", keys, rows, language)


def _unlocks(unlocks: pd.DataFrame, language: str) -> Table:
    """Of what is left over most: who could use it, and why nobody here does."""
    other = unlocks["material"].isin(CARRIERS)
    best = pd.concat(
        [
            unlocks[~other].drop_duplicates("material").head(UNLOCKS),
            unlocks[other].groupby("material", sort=False).head(OTHERS),
        ]
    )
    rows = [
        [
            _left_over(row.material, row.quality, language),
            amount(row.left, language),
            unit_name(row.unit, language),
            _takers(row.receiver_sbi, language),
            row.treatment or "–",
            text(f"steps.matches.missing_{row.missing}", language),
        ]
        for row in best.itertuples(index=False)
    ]
    keys = ("what", "left", "unit", "takers", "treatment", "missing")
    return _table("unlocks", keys, rows, language)


def _avoided(tonnes: float, language: str) -> str:
    """An amount that is unknown where no factor is."""
    return "–" if pd.isna(tonnes) else amount(tonnes, language)


def _left_over(material: str, quality: str | None, language: str) -> str:
    """A material, or a carrier with its temperature or class."""
    name = material_name(material, language)
    return name if pd.isna(quality) else f"{name}, {quality}"


def _takers(codes: str, language: str) -> str:
    """Activities by name, the first few."""
    names = division_names(language)
    if not codes:
        return "–"
    known = [names.get(code[:2], code) for code in codes.split("|")]
    return listing([*dict.fromkeys(known)][:TAKERS], language)


def _table(caption: str, keys, rows, language: str, numbers=()) -> Table:
    columns = [
        Column(text(f"steps.matches.{key}", language), 0 if key in numbers else None)
        for key in keys
    ]
    return Table(text(f"steps.matches.{caption}_caption", language), columns, rows)


def _diagrams(matches, language: str) -> str:
    """Who gives how much to whom, by section of activities."""
    flows = add_up(matches, BY, language)
    found = diagrams(flows, GROUPS, SHARE)
    return svg([draw(each, language, flows.competing) for each in found])
