"""What all pages about one carrier have in common."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from qgis.core import QgsPrintLayout, QgsProject

from ...analysis.texts import text
from .page import PageContent, complete_page, new_sheet
from .page_column import Listing
from .page_map import add_map
from .page_table import PageTable
from .project import carrier_layer
from .sheet import Sheet


def add_carrier_page(
    project: QgsProject,
    content: PageContent,
    page: str,
    theme: tuple[str, str],
    carrier: str,
    rows: dict[str, object],
    table: Callable[[Sheet, list], PageTable],
) -> QgsPrintLayout:
    """Add a page about a carrier to a project that ``build_project`` made.

    It takes the place of an earlier page of the same theme, carrier and size.

    Parameters
    ----------
    project
        The project, with its layers.
    content
        What the page of the areas says; title and small print are the same.
    page
        ``A3``, ``A1`` or ``A0``, landscape.
    theme
        Where its texts stand under ``page``, and the table that it draws.
    carrier
        ``material``, ``water``, ``heat`` or ``co2``.
    rows
        What is listed, by the id of what carries its number on the map.
    table
        Makes the table of some of the rows.
    """
    (texts, drawn), language = theme, content.language
    called = text(f"styles.words.{carrier}", language)
    name = text(f"page.{texts}.layout", language, page=page, carrier=called)
    subtitle = text(f"page.{texts}.subtitle.{carrier}", language)
    sheet = new_sheet(project, name, page, language)
    about = carrier_layer(drawn, carrier)
    printed = add_map(sheet, project, about, list(rows))
    listing = Listing(list(rows.values()), lambda some: table(sheet, some), fewest=1)
    own = replace(content, subtitle=subtitle)
    return complete_page(sheet, printed, own, [listing], about)
