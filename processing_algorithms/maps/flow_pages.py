"""A page per carrier: where it is left over, and where it is needed."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial

import pandas as pd
from qgis.core import QgsPrintLayout, QgsProject
from qgis.PyQt.QtCore import Qt

from ...analysis.flows.tables import CARRIERS, DIRECTIONS, MATERIAL
from ...analysis.resources import read_toml
from ...analysis.texts import listing, number, text
from ..amounts import SMALLEST, Told, rounded, significant, told_unit
from .carrier_page import add_carrier_page
from .page import PageContent
from .page_table import PageTable
from .project import FLOW_PLACES
from .sheet import Sheet, shortened

ROUGH = 5
"""Data quality of an estimate of which the range is told."""
RIGHT, LEFT = Qt.AlignmentFlag.AlignRight, Qt.AlignmentFlag.AlignLeft


@dataclass(frozen=True)
class FlowPlace:
    """One row of the table.

    Parameters
    ----------
    place_id
        Which place.
    name
        Its name, and what the most is of.
    supply, demand
        Yearly quantities, without their unit.
    """

    place_id: str
    name: str
    supply: str
    demand: str


@dataclass(frozen=True)
class FlowPage:
    """What the page of a carrier says beside its map.

    Parameters
    ----------
    carrier
        ``material``, ``water``, ``heat`` or ``co2``.
    unit
        Of the quantities, in words.
    places
        Those with the most, in the order of their numbers.
    notes
        What is drawn, and how the table is to be read.
    """

    carrier: str
    unit: str
    places: list[FlowPlace]
    notes: str


def flow_pages(places: pd.DataFrame, language: str) -> list[FlowPage]:
    """Pages of the carriers of which something is drawn.

    Parameters
    ----------
    places
        Fields of layer type ``flow_places``.
    language
        ``nl`` or ``en``.
    """
    sizes = read_toml("styles", "flow_places.toml")["sizes"]
    pages = []
    for carrier in CARRIERS:
        of_carrier = places["carrier"] == carrier
        own = places[of_carrier & (places["unit"] == sizes[carrier]["unit"])]
        if own["shown"].any():
            pages.append(_flow_page(carrier, own, sizes[carrier]["unit"], language))
    return pages


def add_flow_page(
    project: QgsProject, content: PageContent, flows: FlowPage, page: str = "A3"
) -> QgsPrintLayout:
    """Add the page of a carrier to a project that ``build_project`` made.

    It takes the place of an earlier page of the same carrier and size.

    Parameters
    ----------
    project
        The project, with its layers.
    content
        What the page of the areas says; title and small print are the same.
    flows
        What this page says.
    page
        ``A3``, ``A1`` or ``A0``, landscape.
    """
    rows = {place.place_id: place for place in flows.places}
    theme, carrier = ("flows", FLOW_PLACES), flows.carrier
    return add_carrier_page(
        project, content, page, theme, carrier, rows, partial(_table, flows)
    )


def _flow_page(carrier: str, own: pd.DataFrame, unit: str, language: str) -> FlowPage:
    """The page of one carrier; all rows are in one unit."""
    largest = _largest_places(own)
    told = told_unit(largest["quantity"], unit)
    found = []
    for place_id in dict.fromkeys(largest["place_id"]):
        rows = largest[largest["place_id"] == place_id].to_dict("records")
        amounts = {row["direction"]: _amount(row, told, language) for row in rows}
        supply, demand = (amounts.get(each, "–") for each in DIRECTIONS)
        found.append(FlowPlace(place_id, _name(rows[0], carrier), supply, demand))
    notes = [_drawn(own, language), text("page.flows.moved", language)]
    if (largest["data_quality"] == ROUGH).any():
        notes.append(text("page.flows.rough_note", language))
    return FlowPage(carrier, told.words(language), found, " ".join(notes))


def _largest_places(own: pd.DataFrame) -> pd.DataFrame:
    """Rows of the places with the most of what is drawn; a place's largest first.

    By what is told: a rough 200 does not come after 190.
    """
    look = read_toml("styles", "flow_places.toml")
    figures = [_figures(each) for each in own["data_quality"]]
    told = [rounded(*each) for each in zip(own["quantity"], figures, strict=True)]
    own = own.assign(figures=figures, told=told)
    order = ["told", "quantity", "place_id", "direction"]
    own = own.sort_values(order, ascending=[False, False, True, False])
    drawn = own[own["shown"].astype(bool)]
    first = drawn["place_id"].drop_duplicates().head(look["place_number"]["first"])
    rank = dict(zip(first, range(len(first)), strict=True))
    listed = own[own["place_id"].isin(rank)]
    return listed.sort_values("place_id", key=lambda ids: ids.map(rank), kind="stable")


def _figures(quality: float | None) -> int:
    """How many figures of a quantity are told."""
    figures = read_toml("styles", "flow_places.toml")["figures"]
    known = not pd.isna(quality)
    return figures["by_quality"][int(quality) - 1] if known else figures["unknown"]


def _name(row: dict, carrier: str) -> str:
    """What a place is called, and which materials it is most about."""
    name = shortened(row["name"] or "–")
    return f"{name}\n{row['materials']}" if carrier == MATERIAL else name


def _amount(row: dict, told: Told, language: str) -> str:
    """A quantity with as many figures as its quality allows; a rough one's range."""
    amount, low, high = (
        significant(row[name] / told.factor, row["figures"], language)
        for name in ("quantity", "quantity_low", "quantity_high")
    )
    known = row["data_quality"] != ROUGH or low == high
    if known or row["quantity"] < SMALLEST * told.factor:
        return amount
    return text("page.flows.rough", language, amount=amount, low=low, high=high)


def _drawn(own: pd.DataFrame, language: str) -> str:
    """How many places are drawn, and how much of everything they have."""
    parts = []
    for direction in DIRECTIONS:
        rows = own[own["direction"] == direction]
        shown = rows[rows["shown"].astype(bool)]
        if len(shown):
            # Not all is never "100 %".
            share = math.floor(100 * shown["quantity"].sum() / rows["quantity"].sum())
            words = {"count": len(shown), "share": number(share, language)}
            parts.append(text(f"page.flows.drawn_{direction}", language, **words))
    return text("page.flows.drawn", language, parts=listing(parts, language))


def _table(flows: FlowPage, sheet: Sheet, places: list[FlowPlace]) -> PageTable:
    """The places with the most, by number."""
    language = sheet.language
    headers = [
        text(f"page.flows.{key}", language, unit=flows.unit)
        for key in ("place", *DIRECTIONS)
    ]
    return PageTable(
        "places",
        text("page.flows.places", language),
        (RIGHT, LEFT, RIGHT, RIGHT),
        sheet.look["places"]["columns"],
        [
            (str(place), row.name, row.supply, row.demand)
            for place, row in enumerate(places, 1)
        ],
        ("", *headers),
        flows.notes,
    )
