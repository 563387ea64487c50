"""What the report tells of flows: totals, the largest materials, the largest places."""

from __future__ import annotations

import pandas as pd

from ..report_content import Column, Section, Table
from ..texts import number, text
from .balance import EVERYWHERE
from .balance_chart import Pair, amount, balance_chart
from .tables import CARRIERS, MATERIAL, UNITS, carrier_name, unit_name

TONNES = "t/y"
LISTED = 12
SIDES = ("supply", "demand")


def balance_section(table: pd.DataFrame, every: bool, language: str) -> Section:
    """Tell a balance.

    Parameters
    ----------
    table
        Fields of ``resource_balance``, per place and for :data:`~.balance.EVERYWHERE`.
    every
        Whether all flows are in it, and not only what may be told.
    language
        ``nl`` or ``en``.
    """

    def say(key: str, **values) -> str:
        return text(f"steps.flows.{key}", language, **values)

    whole = table[table["area_id"] == EVERYWHERE]
    places = table[table["area_id"] != EVERYWHERE]
    if whole.empty:
        return Section("flows", say("title"), [say("none")])
    told = whole[[*SIDES]].sum(axis=1)
    reported = (whole["reported_share"].fillna(0) * told).groupby(whole["unit"]).sum()
    summary = "summary" if reported.any() else "summary_estimated"
    sentences = [say(summary), say("reading")]
    if not every:
        sentences.append(say("published"))
    tables = [_totals(whole, language), _materials(whole, language)]
    figures = [_of_materials(whole, language)]
    figures += [_of_places(places, name, language) for name in CARRIERS[1:]]
    return Section(
        "flows",
        say("title"),
        sentences,
        [each for each in tables if each.rows],
        [each for each in figures if each],
    )


def _totals(whole: pd.DataFrame, language: str) -> Table:
    """One row per carrier and unit; sums over materials have no range of their own."""
    rows = []
    for (carrier, unit), own in whole.groupby(["carrier", "unit"], sort=False):
        both = own[[*SIDES]].sum(axis=1)
        share = (own["reported_share"].fillna(0) * both).sum() / (both.sum() or 1)
        sums = own[[*SIDES, "free_supply", "free_demand"]].sum()
        rows.append(
            [
                carrier_name(carrier, unit, language),
                *(amount(value, language) for value in sums),
                unit_name(unit, language),
                number(100 * share, language, 0) + " %",
            ]
        )
    rows.sort(key=lambda row: row[0])
    keys = ("carrier", *SIDES, "free_supply", "free_demand", "unit", "reported")
    return _table("totals", keys, rows, language)


def _materials(whole: pd.DataFrame, language: str) -> Table:
    """The materials that are offered or asked most, with their range."""
    rows = []
    for row in _largest(whole[whole["carrier"] == MATERIAL]).itertuples():
        ranges = [_ranged(row, side, language) for side in SIDES]
        rows.append([row.material_name, *ranges, unit_name(row.unit, language)])
    return _table("materials", ("material", *SIDES, "unit"), rows, language)


def _of_materials(whole: pd.DataFrame, language: str) -> str:
    own = whole[(whole["carrier"] == MATERIAL) & (whole["unit"] == TONNES)]
    rows = _largest(own)
    pairs = [_pair(row.material_name, row) for row in rows.itertuples()]
    return _drawn(pairs, MATERIAL, TONNES, "chart_materials", language)


def _of_places(places: pd.DataFrame, carrier: str, language: str) -> str:
    """The places that offer or ask most of a carrier."""
    unit = UNITS[carrier][0]
    own = places[(places["carrier"] == carrier) & (places["unit"] == unit)]
    pairs = [_pair(row.name, row) for row in _largest(own).itertuples(index=False)]
    return _drawn(pairs, carrier, unit, "chart_places", language)


def _drawn(pairs, carrier: str, unit: str, key: str, language: str) -> str:
    """A drawing with its heading; empty when there is nothing to draw."""
    if not pairs:
        return ""
    name = carrier_name(carrier, unit, language)
    title = text(f"steps.flows.{key}", language, carrier=name)
    return balance_chart(pairs, carrier, unit_name(unit, language), title, language)


def _largest(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of which more is offered or asked than of the others."""
    size = rows[[*SIDES]].max(axis=1)
    rows = rows.assign(size=size)[size > 0]
    keys = ["size", "area_id", "material"]
    return rows.sort_values(keys, ascending=[False, True, True]).head(LISTED)


def _pair(label: str, row) -> Pair:
    return Pair(label, *(_side(row, side) for side in SIDES))


def _side(row, side: str) -> tuple[float, float, float]:
    """Total, low and high of one side of a row."""
    return tuple(getattr(row, f"{side}{end}") for end in ("", "_low", "_high"))


def _ranged(row, side: str, language: str) -> str:
    total, low, high = (amount(each, language) for each in _side(row, side))
    return f"{total} ({low}–{high})" if getattr(row, side) else "–"


def _table(key: str, columns, rows, language: str) -> Table:
    headings = [Column(text(f"steps.flows.{name}", language)) for name in columns]
    return Table(text(f"steps.flows.caption_{key}", language), headings, rows)
