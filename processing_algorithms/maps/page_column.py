"""The column beside the map: title, legend, tables, scale bar and small print."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qgis.core import QgsLayoutItemLegend, QgsLayoutItemMap, QgsLayoutPoint

from ...analysis.texts import number, text
from .page_legend import add_legend, legend_height
from .page_map import add_scale_bar
from .page_table import PageTable, add_table, table_height
from .sheet import Sheet

if TYPE_CHECKING:
    from .page import PageContent


@dataclass(frozen=True)
class Listing:
    """Rows of a table, of which the last may be left out where they do not fit.

    Parameters
    ----------
    rows
        As many as the page may list.
    table
        Makes the table of some of them.
    fewest
        So many stay.
    """

    rows: list
    table: Callable[[list], PageTable]
    fewest: int = 0


def add_column(
    sheet: Sheet,
    printed: QgsLayoutItemMap,
    content: PageContent,
    listings: list[Listing],
    about: str | None = None,
) -> None:
    """Fill the column beside the map from the top down, above its small print.

    Parameters
    ----------
    sheet, printed
        The page and its map.
    content
        What the page says.
    listings
        The tables, the most important first.
    about
        Layer of a carrier that the map is about; None for the map of the areas.
    """
    bottom = _add_small_print(sheet, printed, content)
    legend = add_legend(sheet, printed, about)
    tables = _fit(sheet, legend, content, listings, bottom)
    gap = sheet.mm(sheet.look["space"]["block"])
    top = sheet.margin
    top += sheet.add_text(content.title, "title", top, bold=True) + gap / 4
    top += sheet.add_text(content.subtitle, "subtitle", top) + gap
    legend.attemptMove(QgsLayoutPoint(sheet.column_left, top))
    top += legend_height(sheet, legend) + gap
    for table in tables:
        top += add_table(sheet, table, top) + gap


def _fit(
    sheet: Sheet,
    legend: QgsLayoutItemLegend,
    content: PageContent,
    listings: list[Listing],
    bottom: float,
) -> list[PageTable]:
    """Choose the largest letters with which everything fits above the small print.

    Gives the tables. Where even the smallest letters are too large, the last table
    loses its last rows, and then the one above it.
    """
    gap = sheet.mm(sheet.look["space"]["block"])
    room = bottom - sheet.margin - 2.25 * gap
    room -= sheet.text_height(content.title, "title", bold=True)
    room -= sheet.text_height(content.subtitle, "subtitle")
    rows = [listing.rows for listing in listings]

    def tables() -> list[PageTable]:
        pairs = zip(listings, rows, strict=True)
        return [listing.table(own) for listing, own in pairs]

    def too_high() -> bool:
        return sum(table_height(sheet, table) + gap for table in tables()) > left

    for size in sheet.look["letters"]["stretch"]:
        sheet.stretch = size
        left = room - legend_height(sheet, legend)
        if not too_high():
            return tables()
    for place in reversed(range(len(rows))):
        while len(rows[place]) > listings[place].fewest and too_high():
            rows[place] = rows[place][:-1]
    return tables()


def _add_small_print(
    sheet: Sheet, printed: QgsLayoutItemMap, content: PageContent
) -> float:
    """Sources and colophon at the foot of the column; gives the top of it all."""
    top = sheet.height - sheet.margin
    for words in reversed(_small_print(printed, content)):
        top -= sheet.text_height(words, "small")
        sheet.add_text(words, "small", top, colour="quiet")
        top -= sheet.mm(sheet.look["space"]["line"])
    return add_scale_bar(sheet, printed, top)


def _small_print(printed: QgsLayoutItemMap, content: PageContent) -> list[str]:
    crs = printed.crs()
    colophon = text(
        "page.colophon",
        content.language,
        date=content.date,
        version=content.version,
        crs=f"{crs.description()} ({crs.authid()})",
        scale=number(round(printed.scale()), content.language),
    )
    paragraphs = [content.audience_note, content.assumptions_note, colophon]
    if content.sources:
        listed = "; ".join(content.sources)
        paragraphs.insert(0, text("page.sources", content.language, sources=listed))
    return [paragraph for paragraph in paragraphs if paragraph]
