"""A picture of what the example of every algorithm gives: docs/images/help/.

Run by ``make docs``. Layers have the style that the algorithm gives them, over a calm
ground; a table shows its most telling columns. What is shown stands in ``help_shown``.
"""

from __future__ import annotations

import re
import sys
import tempfile
from pathlib import Path

from help_chain import features, run_examples
from help_shown import GROUND, NAMES, SHOWN, Layer, Picture, Table
from osgeo import gdal
from PIL import Image
from qgis.core import (
    QgsApplication,
    QgsExpressionContextUtils,
    QgsFeatureRequest,
    QgsMapRendererSequentialJob,
    QgsMapSettings,
    QgsPointDisplacementRenderer,
    QgsRectangle,
    QgsRenderContext,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QRect, QRectF, QSize, Qt
from qgis.PyQt.QtGui import QColor, QFont, QFontMetrics, QImage, QPainter
from qgis.PyQt.QtSvg import QSvgRenderer

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images" / "help"
WIDTH, HEIGHT, EDGE, LEGEND, GAP = 800, 500, 6, 200, 12
"""In pixels: the picture, its margin, its legend, and the room between its parts."""
ROW, BETWEEN, ARROW = 21, 14, 40
LETTER, SWATCH = 12, QSize(26, 16)
FIGURE = re.compile(r'<g transform="translate\(0 ([\d.]+)\)">\s*<circle')
"""Where a figure begins in a drawing with several."""
INK, QUIET, RULE = "#26282a", "#6b7075", "#c9cdd1"
COLOURS = 256


def draw_all(folder: Path) -> None:
    """Draw the picture of every algorithm from what its example gave."""
    # Else GeoPackages close under one layer when another lets go of them.
    gdal.SetConfigOption("OGR_SQLITE_JOURNAL", "DELETE")
    for name, picture in SHOWN.items():
        draw(folder, picture, IMAGES / f"{name}.png")


def draw(folder: Path, picture: Picture, path: Path) -> None:
    """Draw tables above, map and legend below, or a drawing alone."""
    image = QImage(WIDTH, HEIGHT, QImage.Format.Format_RGB32)
    image.fill(QColor("#ffffff"))
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    top = _tables(painter, folder, picture.tables)
    room = QRect(EDGE, top, WIDTH - 2 * EDGE, HEIGHT - EDGE - top)
    if picture.drawing:
        _drawing(painter, folder / picture.drawing, room)
    if picture.layers:
        _map(painter, folder, picture, room)
    painter.end()
    height = HEIGHT if picture.layers or picture.drawing else top
    image.copy(0, 0, WIDTH, height).save(str(path))
    # Few colours keep the file small; the rare ones are those that tell most.
    drawn = Image.open(path).convert("RGB")
    few = drawn.quantize(COLOURS, Image.Quantize.MAXCOVERAGE, kmeans=4)
    few.save(path, optimize=True)


def _map(painter: QPainter, folder: Path, picture: Picture, room: QRect) -> None:
    """The layers in a frame, and what they are beside it."""
    ground = [_opened(folder, each) for each in GROUND if each.file not in picture.bare]
    layers = [_opened(folder, each) for each in picture.layers]
    frame = room.adjusted(0, 0, -LEGEND - GAP, 0)
    settings = QgsMapSettings()
    settings.setLayers([*reversed(layers), *reversed(ground)])
    settings.setDestinationCrs(layers[0].crs())
    settings.setOutputSize(frame.size())
    settings.setOutputDpi(96)
    settings.setExtent(_extent(folder, picture.view))
    job = QgsMapRendererSequentialJob(settings)
    job.start()
    job.waitForFinished()
    painter.drawImage(frame.topLeft(), job.renderedImage())
    painter.setPen(QColor(RULE))
    painter.drawRect(frame.adjusted(0, 0, -1, -1))
    left, top = frame.right() + GAP, room.top()
    for shown, layer in zip(picture.layers, layers, strict=True):
        if shown.title:
            top = _legend(painter, left, top, shown.title, layer, settings)
    _scale_bar(painter, left, room.bottom() - 8, settings.mapUnitsPerPixel())


def _extent(folder: Path, view: tuple | None) -> QgsRectangle:
    """The part that is shown; without one all of the province."""
    if view:
        return QgsRectangle(*view)
    extent = QgsRectangle(_opened(folder, NAMES).extent())
    extent.scale(1.04)
    return extent


def _opened(folder: Path, shown: Layer) -> QgsVectorLayer:
    """A layer in the style that its file holds."""
    from kansenkaart.processing_algorithms.styling import style_layer, style_of

    layer = QgsVectorLayer(f"{folder}/{shown.file}", shown.title, "ogr")
    if shown.chosen:
        layer.setSubsetString(shown.chosen)
    if shown.look or shown.factor > 1:
        style = style_of(layer)
        style_layer(layer, style, "nl", shown.factor, shown.look)
    if shown.unnamed:
        layer.setLabelsEnabled(False)
    if shown.apart:
        layer.setRenderer(_apart(layer))
    return layer


def _apart(layer: QgsVectorLayer) -> QgsPointDisplacementRenderer:
    """A renderer that puts points of one place in a ring."""
    ring = QgsPointDisplacementRenderer()
    ring.setEmbeddedRenderer(layer.renderer().clone())
    ring.setTolerance(8)
    ring.setCircleColor(QColor("#00000000"))
    ring.setCircleRadiusAddition(0.3)
    ring.centerSymbol().setSize(0.8)
    ring.centerSymbol().setColor(QColor(QUIET))
    return ring


def _legend(painter, left: int, top: int, title: str, layer, settings) -> int:
    """What of a layer is on the map; gives where the next begins."""
    items = _items(layer, settings)
    if len(items) == 1:
        return _entry(painter, left, top, items[0].symbol(), title) + GAP
    top = _words(painter, QRect(left, top, LEGEND, 400), title, bold=True) + 4
    for item in items:
        top = _entry(painter, left, top, item.symbol(), item.label())
    return top + GAP


def _entry(painter, left: int, top: int, symbol, words: str) -> int:
    """A symbol and what it is."""
    painter.drawImage(left, top, symbol.asImage(SWATCH))
    beside = left + SWATCH.width() + 8
    room = QRect(beside, top, LEGEND - SWATCH.width() - 8, 100)
    return max(_words(painter, room, words), top + SWATCH.height()) + 4


def _items(layer: QgsVectorLayer, settings: QgsMapSettings) -> list:
    """Classes of a layer that some feature on the map has."""
    drawn = layer.renderer()
    drawn = (drawn.embeddedRenderer() or drawn).clone()
    context = QgsRenderContext.fromMapSettings(settings)
    scopes = QgsExpressionContextUtils.globalProjectLayerScopes(layer)
    context.expressionContext().appendScopes(scopes)
    drawn.startRender(context, layer.fields())
    keys = set()
    for feature in layer.getFeatures(QgsFeatureRequest(settings.visibleExtent())):
        context.expressionContext().setFeature(feature)
        keys |= drawn.legendKeysForFeature(feature, context)
    drawn.stopRender(context)
    items = drawn.legendSymbolItems()
    return [each for each in items if each.ruleKey() in keys] if keys else items


def _scale_bar(painter: QPainter, left: int, bottom: int, metres: float) -> None:
    """A bar of a round length, by the metres of a pixel."""
    length = next(
        km for km in (20, 10, 5, 2, 1, 0.5) if 1000 * km / metres < LEGEND / 2
    )
    width = round(1000 * length / metres)
    painter.setPen(QColor(QUIET))
    painter.drawLine(left, bottom, left + width, bottom)
    for x in (left, left + width):
        painter.drawLine(x, bottom - 4, x, bottom)
    room = QRect(left + width + 8, bottom - 13, 80, 20)
    _words(painter, room, f"{length:g} km".replace(".", ","), QUIET)


def _drawing(painter: QPainter, path: Path, room: QRect) -> None:
    """The first figure of a drawing, as large as there is room."""
    from kansenkaart.processing_algorithms.fonts import font_family

    drawn = re.sub(
        'font-family="[^"]*"', f'font-family="{font_family()}"', path.read_text("utf-8")
    )
    drawing = QSvgRenderer(drawn.encode())
    width, height = drawing.defaultSize().width(), float(FIGURE.findall(drawn)[1])
    drawing.setViewBox(QRectF(0, 0, width, height))
    scale = min(room.width() / width, room.height() / height)
    left = room.left() + (room.width() - scale * width) / 2
    place = QRectF(left, room.top(), scale * width, scale * height)
    painter.setClipRect(place)
    drawing.render(painter, place)


def _tables(painter: QPainter, folder: Path, tables: tuple[Table, ...]) -> int:
    """Tables beside each other, an arrow between them; gives where these end."""
    filled = [_rows(folder, table) for table in tables]
    cells = [
        [list(table.columns), *([_told(cell) for cell in row] for row in rows)]
        for table, rows in zip(tables, filled, strict=True)
    ]
    room = WIDTH - 2 * EDGE - ARROW * (len(tables) - 1)
    widths = _fitted([_widths(each) for each in cells], room)
    left = bottom = EDGE
    for told, rows, wide in zip(cells, filled, widths, strict=True):
        if left > EDGE:
            _arrow(painter, left, EDGE + 2 * ROW)
            left += ARROW
        is_number = [isinstance(cell, int | float) for cell in rows[0]]
        _table(painter, left, told, wide, is_number)
        left += sum(wide)
        bottom = max(bottom, EDGE + ROW * len(told) + GAP)
    return bottom


def _arrow(painter: QPainter, left: int, top: int) -> None:
    room = QRect(left, top, ARROW, ROW)
    painter.setFont(_font(20))
    painter.setPen(QColor(QUIET))
    painter.drawText(room, Qt.AlignmentFlag.AlignCenter, "→")


def _table(painter, left: int, cells, widths: list[int], is_number: list) -> None:
    """The first rows of a table, below the names of its columns."""
    for line, row in enumerate(cells):
        x, y = left, EDGE + line * ROW
        for cell, wide, number in zip(row, widths, is_number, strict=True):
            room = QRect(x, y, wide - BETWEEN, ROW)
            _cell(painter, room, cell, number, QUIET if line == 0 else INK)
            x += wide
        painter.setPen(QColor(RULE))
        painter.drawLine(left, y + ROW - 1, x - BETWEEN, y + ROW - 1)


def _rows(folder: Path, table: Table) -> list[list]:
    """What a table shows."""
    found = features(f"{folder}/{table.file}", table.chosen)
    if table.order:
        name = table.order.removeprefix("-")
        falling = table.order != name
        found = sorted(found, key=lambda each: each[name], reverse=falling)
    return [[each[name] for name in table.columns] for each in found[: table.rows]]


def _widths(cells: list[list[str]]) -> list[int]:
    """How wide the columns of a table would be."""
    metrics = QFontMetrics(_font(LETTER))
    return [
        max(metrics.horizontalAdvance(cell) for cell in column) + BETWEEN + 2
        for column in zip(*cells, strict=True)
    ]


def _fitted(widths: list[list[int]], room: int) -> list[list[int]]:
    """Widths of all columns, the widest made narrower until all fit."""
    while sum(map(sum, widths)) > room:
        table = max(widths, key=max)
        table[table.index(max(table))] -= 1
    return widths


def _cell(painter, room: QRect, words: str, right: bool, colour: str) -> None:
    side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
    font = _font(LETTER)
    end = Qt.TextElideMode.ElideRight
    words = QFontMetrics(font).elidedText(words, end, room.width())
    painter.setFont(font)
    painter.setPen(QColor(colour))
    painter.drawText(room, side | Qt.AlignmentFlag.AlignVCenter, words)


def _told(value: object) -> str:
    """A value as a Dutch reader writes it."""
    from kansenkaart.analysis.texts import number

    if isinstance(value, bool):
        return "ja" if value else "nee"
    if isinstance(value, int | float):
        most = 0 if abs(value) >= 100 else 2
        value = round(value, most)
        digits = next(few for few in range(3) if round(value, few) == value)
        return number(value, "nl", digits)
    return str(value) if value else "–"


def _words(painter, room: QRect, words: str, colour: str = INK, bold=False) -> int:
    """Write words within a width; gives where they end."""
    painter.setFont(_font(LETTER, bold))
    painter.setPen(QColor(colour))
    wrapped = Qt.TextFlag.TextWordWrap
    painter.drawText(room, wrapped, words)
    return painter.boundingRect(room, wrapped, words).bottom()


def _font(pixels: int, bold: bool = False) -> QFont:
    from kansenkaart.processing_algorithms.fonts import font_family

    font = QFont(font_family())
    font.setPixelSize(pixels)
    font.setBold(bold)
    return font


def main() -> None:
    """Run the examples in Dutch, draw, and take away what is left over."""
    sys.path.insert(0, str(ROOT / ".dev" / "plugins"))
    application = QgsApplication([], False)
    application.initQgis()
    application.setTranslation("nl")
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        run_examples(Path(folder))
        draw_all(Path(folder))
    for path in IMAGES.glob("*.png"):
        if path.stem not in SHOWN:
            path.unlink()
    print(f"{len(SHOWN)} pictures drawn")
    application.exitQgis()


if __name__ == "__main__":
    main()
