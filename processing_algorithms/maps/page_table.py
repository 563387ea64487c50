"""The ranking beside the map."""

from __future__ import annotations

from qgis.core import (
    QgsLayoutFrame,
    QgsLayoutItemManualTable,
    QgsLayoutMultiFrame,
    QgsLayoutTable,
    QgsLayoutTableColumn,
    QgsTableCell,
)
from qgis.PyQt.QtCore import QRectF, Qt

from ...analysis.texts import number, text
from .sheet import Sheet, literal

RIGHT = Qt.AlignmentFlag.AlignRight
LEFT = Qt.AlignmentFlag.AlignLeft
HEADERS = ("rank", "name", "score", "why")
ALIGNMENTS = (RIGHT, LEFT, RIGHT, LEFT)


def ranking_height(sheet: Sheet, ranking: list) -> float:
    """Height of what :func:`add_ranking` will add."""
    rows, title = _shown(sheet, ranking)
    if not rows:
        return sheet.text_height(title, "body")
    return _title_height(sheet, title) + _height(sheet, rows)


def add_ranking(sheet: Sheet, ranking: list, top: float) -> None:
    """Add the best areas as a table, or a sentence if there are none.

    Parameters
    ----------
    sheet
        The page.
    ranking
        Rows with ``rank``, ``name``, ``score`` and ``why_short``, the best first.
    top
        Where the block begins.
    """
    rows, title = _shown(sheet, ranking)
    if not rows:
        sheet.add_text(title, "body", top)
        return
    sheet.add_text(title, "heading", top, bold=True)
    _add_table(sheet, rows, top + _title_height(sheet, title))


def _shown(sheet: Sheet, ranking: list) -> tuple[list, str]:
    """The rows that are printed, and what stands above or instead of them."""
    most = sheet.look["table"]["rows"]
    rows = ranking[:most]
    full = "ranking" if len(rows) == most else "ranking_few"
    return rows, text(f"page.{full if rows else 'ranking_none'}", sheet.language)


def _title_height(sheet: Sheet, title: str) -> float:
    gap = sheet.mm(sheet.look["space"]["line"]) / 2
    return sheet.text_height(title, "heading", bold=True) + gap


def _add_table(sheet: Sheet, rows: list, top: float) -> None:
    table = QgsLayoutItemManualTable.create(sheet.layout)
    sheet.layout.addMultiFrame(table)
    _dress(table, sheet)
    table.setTableContents([_cells(row, sheet.language) for row in rows])
    table.setColumnWidths(_column_widths(sheet))
    frame = QgsLayoutFrame(sheet.layout, table)
    frame.setId("ranking")
    table.addFrame(frame)
    height = _height(sheet, rows)
    sheet.fit(frame, QRectF(sheet.column_left, top, sheet.column_width, height))


def _height(sheet: Sheet, rows: list) -> float:
    """Height of the table: a frame that is too low would drop its last rows."""
    header = [text(f"page.{key}", sheet.language) for key in HEADERS]
    margins = 2 * sheet.mm(sheet.look["table"]["margin"])
    widths = _column_widths(sheet)
    height = 0.0
    for values in (header, *(_values(row, sheet.language) for row in rows)):
        cells = zip(values, widths, strict=True)
        lines = [
            sheet.text_height(value, "body", width=width) for value, width in cells
        ]
        height += max(lines) + margins
    return height


def _values(row, language: str) -> tuple[str, ...]:
    score = number(row.score, language, 1)
    return str(row.rank), row.name or "–", score, row.why_short or "–"


def _cells(row, language: str) -> list[QgsTableCell]:
    cells = []
    for value, alignment in zip(_values(row, language), ALIGNMENTS, strict=True):
        cell = QgsTableCell(literal(value))
        cell.setHorizontalAlignment(alignment)
        cell.setVerticalAlignment(Qt.AlignmentFlag.AlignTop)
        cells.append(cell)
    return cells


def _column_widths(sheet: Sheet) -> list[float]:
    """Widths without the margins, which QGIS adds on both sides of a cell."""
    margins = 2 * sheet.mm(sheet.look["table"]["margin"])
    shares = sheet.look["table"]["columns"]
    return [share * sheet.column_width - margins for share in shares]


def _dress(table: QgsLayoutItemManualTable, sheet: Sheet) -> None:
    table.setHeaders(_headers(sheet.language))
    table.setIncludeTableHeader(True)
    table.setContentTextFormat(sheet.letters("body"))
    table.setHeaderTextFormat(sheet.letters("body", colour="quiet"))
    table.setHeaderHAlignment(QgsLayoutTable.HeaderHAlignment.FollowColumn)
    table.setWrapBehavior(QgsLayoutTable.WrapBehavior.WrapText)
    table.setCellMargin(sheet.mm(sheet.look["table"]["margin"]))
    table.setVerticalGrid(False)
    table.setGridStrokeWidth(sheet.mm(0.1))
    table.setGridColor(sheet.colour("faint"))
    table.setResizeMode(QgsLayoutMultiFrame.ResizeMode.UseExistingFrames)


def _headers(language: str) -> list[QgsLayoutTableColumn]:
    headers = []
    for key, alignment in zip(HEADERS, ALIGNMENTS, strict=True):
        header = QgsLayoutTableColumn(text(f"page.{key}", language))
        header.setHAlignment(alignment)
        headers.append(header)
    return headers
