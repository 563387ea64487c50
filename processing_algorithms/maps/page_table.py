"""Tables in the column beside the map: the ranking, and the initiatives."""

from __future__ import annotations

from dataclasses import dataclass

from qgis.core import (
    Qgis,
    QgsLayoutFrame,
    QgsLayoutItemManualTable,
    QgsLayoutMultiFrame,
    QgsLayoutTable,
    QgsLayoutTableColumn,
    QgsTableCell,
)
from qgis.PyQt.QtCore import QRectF, Qt

from ...analysis.texts import number, text
from .sheet import Sheet

RIGHT = Qt.AlignmentFlag.AlignRight
LEFT = Qt.AlignmentFlag.AlignLeft
RULE = 0.1
"""Width of the lines between rows, in mm."""


@dataclass(frozen=True)
class PageTable:
    """A table as it comes on the page.

    Parameters
    ----------
    id
        Name of its frame in the layout.
    title
        Heading above it; without rows a sentence instead of it.
    alignments
        Of the columns.
    widths
        Shares of the column beside the map.
    rows
        Cells by row.
    headers
        Headings of the columns; empty for none.
    rest
        A line below it; empty for none.
    """

    id: str
    title: str
    alignments: tuple[Qt.AlignmentFlag, ...]
    widths: list[float]
    rows: list[tuple[str, ...]]
    headers: tuple[str, ...] = ()
    rest: str = ""


def ranking_table(sheet: Sheet, ranking: list) -> PageTable:
    """The best areas, or a sentence that there are none.

    Parameters
    ----------
    sheet
        The page.
    ranking
        Rows with ``rank``, ``name``, ``score`` and ``why_short``, the best first.
    """
    language, look = sheet.language, sheet.look["table"]
    rows = ranking[: look["rows"]]
    full = "ranking" if len(rows) == look["rows"] else "ranking_few"
    return PageTable(
        "ranking",
        text(f"page.{full if rows else 'ranking_none'}", language),
        (RIGHT, LEFT, RIGHT, LEFT),
        look["columns"],
        [
            (
                str(row.rank),
                row.name or "–",
                number(row.score, language, 1),
                row.why_short or "–",
            )
            for row in rows
        ],
        tuple(
            text(f"page.{key}", language) for key in ("rank", "name", "score", "why")
        ),
    )


def initiatives_table(sheet: Sheet, initiatives: list, count: int) -> PageTable:
    """Initiatives, and how many there are more.

    Parameters
    ----------
    sheet
        The page.
    initiatives
        Rows with ``number``, ``name`` and ``kind``, in the order of their numbers.
    count
        How many there are in all.
    """
    more = count - len(initiatives)
    key = "initiatives_more" if initiatives else "initiatives_all"
    return PageTable(
        "initiatives",
        text("page.initiatives", sheet.language),
        (RIGHT, LEFT, LEFT),
        sheet.look["initiatives"]["columns"],
        [(str(row.number), row.name, row.kind) for row in initiatives],
        rest=text(f"page.{key}", sheet.language, count=more) if more else "",
    )


def table_height(sheet: Sheet, table: PageTable) -> float:
    """Height of what :func:`add_table` will add."""
    if not table.rows and not table.rest:
        return sheet.text_height(table.title, "body")
    height = _title_height(sheet, table.title) + _rows_height(sheet, table)
    return height + (_rest_height(sheet, table) if table.rest else 0)


def add_table(sheet: Sheet, table: PageTable, top: float) -> float:
    """Add a table with its heading; give its height.

    Parameters
    ----------
    sheet
        The page.
    table
        What to add.
    top
        Where the block begins.
    """
    height = table_height(sheet, table)
    if not table.rows and not table.rest:
        sheet.add_text(table.title, "body", top)
        return height
    sheet.add_text(table.title, "heading", top, bold=True)
    if table.rows:
        _add_rows(sheet, table, top + _title_height(sheet, table.title))
    if table.rest:
        foot = top + height - sheet.text_height(table.rest, "body")
        sheet.add_text(table.rest, "body", foot, colour="quiet")
    return height


def _title_height(sheet: Sheet, title: str) -> float:
    gap = sheet.mm(sheet.look["space"]["line"]) / 2
    return sheet.text_height(title, "heading", bold=True) + gap


def _rest_height(sheet: Sheet, table: PageTable) -> float:
    gap = sheet.mm(sheet.look["space"]["line"]) / 2
    return gap + sheet.text_height(table.rest, "body")


def _add_rows(sheet: Sheet, table: PageTable, top: float) -> None:
    printed = QgsLayoutItemManualTable.create(sheet.layout)
    sheet.layout.addMultiFrame(printed)
    _dress(printed, sheet, table)
    printed.setTableContents([_cells(row, table.alignments) for row in table.rows])
    printed.setColumnWidths(_column_widths(sheet, table))
    frame = QgsLayoutFrame(sheet.layout, printed)
    frame.setId(table.id)
    printed.addFrame(frame)
    height = _rows_height(sheet, table)
    sheet.fit(frame, QRectF(sheet.column_left, top, sheet.column_width, height))


def _rows_height(sheet: Sheet, table: PageTable) -> float:
    """Height of the table: a frame that is too low would drop its last rows."""
    around = 2 * _margin(sheet) + sheet.mm(RULE)
    widths = _column_widths(sheet, table)
    # As tables measure their cells.
    mode = Qgis.TextLayoutMode.RectangleAscentBased
    height = sheet.mm(RULE)
    for values in [table.headers, *table.rows] if table.headers else table.rows:
        cells = zip(values, widths, strict=True)
        lines = [
            sheet.text_height(value, "body", width=width, mode=mode)
            for value, width in cells
        ]
        height += max(lines) + around
    return height


def _cells(
    row: tuple[str, ...], alignments: tuple[Qt.AlignmentFlag, ...]
) -> list[QgsTableCell]:
    cells = []
    for value, alignment in zip(row, alignments, strict=True):
        cell = QgsTableCell(value)
        cell.setHorizontalAlignment(alignment)
        cell.setVerticalAlignment(Qt.AlignmentFlag.AlignTop)
        cells.append(cell)
    return cells


def _margin(sheet: Sheet) -> float:
    """White round what a cell holds."""
    return sheet.mm(sheet.look["table"]["margin"]) * sheet.stretch


def _column_widths(sheet: Sheet, table: PageTable) -> list[float]:
    """Widths without the margins, which QGIS adds on both sides of a cell."""
    margins = 2 * _margin(sheet)
    return [share * sheet.column_width - margins for share in table.widths]


def _dress(printed: QgsLayoutItemManualTable, sheet: Sheet, table: PageTable) -> None:
    printed.setHeaders(_headers(table))
    printed.setIncludeTableHeader(bool(table.headers))
    printed.setContentTextFormat(sheet.letters("body"))
    printed.setHeaderTextFormat(sheet.letters("body", colour="quiet"))
    printed.setHeaderHAlignment(QgsLayoutTable.HeaderHAlignment.FollowColumn)
    printed.setWrapBehavior(QgsLayoutTable.WrapBehavior.WrapText)
    printed.setCellMargin(_margin(sheet))
    printed.setVerticalGrid(False)
    printed.setGridStrokeWidth(sheet.mm(RULE))
    printed.setGridColor(sheet.colour("faint"))
    printed.setResizeMode(QgsLayoutMultiFrame.ResizeMode.UseExistingFrames)


def _headers(table: PageTable) -> list[QgsLayoutTableColumn]:
    headers = []
    for words, alignment in zip(table.headers, table.alignments, strict=False):
        header = QgsLayoutTableColumn(words)
        header.setHAlignment(alignment)
        headers.append(header)
    return headers
