"""A page per carrier: who could serve whom, with all that is left over shared out."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial

import pandas as pd
from qgis.core import QgsPrintLayout, QgsProject
from qgis.PyQt.QtCore import Qt

from ...analysis.flows.tables import CARRIERS, MATERIAL
from ...analysis.resources import read_toml
from ...analysis.texts import number, text
from ..amounts import significant, told_unit
from .carrier_page import add_carrier_page
from .page import PageContent
from .page_table import PageTable
from .project import MATCH_PAIRS
from .sheet import Sheet, shortened

FIGURES = 2
"""So many figures of an amount are told: both ends are mostly estimates."""
RIGHT, LEFT = Qt.AlignmentFlag.AlignRight, Qt.AlignmentFlag.AlignLeft


@dataclass(frozen=True)
class MatchPair:
    """One row of the table.

    Parameters
    ----------
    pair_id
        Which pair of places.
    name
        From where to where, and of which materials the most is.
    delivered, avoided
        What arrives and the CO2 that it avoids, per year, without their unit.
    """

    pair_id: str
    name: str
    delivered: str
    avoided: str


@dataclass(frozen=True)
class MatchPage:
    """What the page of a carrier says beside its map.

    Parameters
    ----------
    carrier
        ``material``, ``water``, ``heat`` or ``co2``.
    unit
        Of what arrives, in words.
    pairs
        Those between which most arrives, in the order of their numbers.
    notes
        What is drawn, and how it is to be read.
    """

    carrier: str
    unit: str
    pairs: list[MatchPair]
    notes: str


def match_pages(pairs: pd.DataFrame, language: str) -> list[MatchPage]:
    """Pages of the carriers of which something is drawn.

    Parameters
    ----------
    pairs
        Fields of layer type ``match_pairs``.
    language
        ``nl`` or ``en``.
    """
    sizes = read_toml("styles", "match_pairs.toml")["sizes"]
    pages = []
    for carrier in CARRIERS:
        unit = sizes[carrier]["unit"]
        own = pairs[(pairs["carrier"] == carrier) & (pairs["unit"] == unit)]
        own = own[own["matches"] > 0]
        if own["shown"].any():
            pages.append(_match_page(carrier, own, unit, language))
    return pages


def add_match_page(
    project: QgsProject, content: PageContent, matches: MatchPage, page: str = "A3"
) -> QgsPrintLayout:
    """Add the page of a carrier to a project that ``build_project`` made.

    It takes the place of an earlier page of the same carrier and size.

    Parameters
    ----------
    project
        The project, with its layers.
    content
        What the page of the areas says; title and small print are the same.
    matches
        What this page says.
    page
        ``A3``, ``A1`` or ``A0``, landscape.
    """
    rows = {pair.pair_id: pair for pair in matches.pairs}
    theme, carrier = ("matches", MATCH_PAIRS), matches.carrier
    return add_carrier_page(
        project, content, page, theme, carrier, rows, partial(_table, matches)
    )


def _match_page(carrier: str, own: pd.DataFrame, unit: str, language: str) -> MatchPage:
    """The page of one carrier; all rows are in one unit."""
    drawn = own[own["shown"].astype(bool)]
    order = ["delivered", "pair_id"]
    first = read_toml("styles", "match_pairs.toml")["pair_number"]["first"]
    largest = drawn.sort_values(order, ascending=[False, True]).head(first)
    told = told_unit(largest["delivered"], unit)
    found = [
        MatchPair(
            row["pair_id"],
            _name(row, language),
            significant(row["delivered"] / told.factor, FIGURES, language),
            _avoided(row["avoided_co2_t"], language),
        )
        for row in largest.to_dict("records")
    ]
    # Not all is never "100 %".
    share = math.floor(100 * drawn["delivered"].sum() / own["delivered"].sum())
    words = {"count": len(drawn), "share": number(share, language)}
    notes = text("page.matches.drawn", language, **words)
    return MatchPage(carrier, told.words(language), found, notes)


def _name(row: dict, language: str) -> str:
    """From where to where; and which materials."""
    start, end = shortened(row["from_name"] or "–"), shortened(row["to_name"] or "–")
    name = text("page.matches.between", language, start=start, end=end)
    if row["from_id"] == row["to_id"]:
        name = text("page.matches.within", language, place=start)
    return f"{name}\n{row['materials']}" if row["carrier"] == MATERIAL else name


def _avoided(tonnes: float, language: str) -> str:
    """Tonnes of CO2; negative where the exchange costs more than it saves."""
    if pd.isna(tonnes):
        return "–"
    sign = "−" if tonnes < 0 else ""
    return sign + significant(abs(tonnes), FIGURES, language)


def _table(matches: MatchPage, sheet: Sheet, pairs: list[MatchPair]) -> PageTable:
    """The pairs between which most arrives, by number."""
    language = sheet.language
    headers = [
        text(f"page.matches.{key}", language, unit=matches.unit)
        for key in ("pair", "delivered", "avoided")
    ]
    return PageTable(
        "pairs",
        text("page.matches.pairs", language),
        (RIGHT, LEFT, RIGHT, RIGHT),
        sheet.look["pairs"]["columns"],
        [
            (str(place), row.name, row.delivered, row.avoided)
            for place, row in enumerate(pairs, 1)
        ],
        ("", *headers),
        matches.notes,
    )
