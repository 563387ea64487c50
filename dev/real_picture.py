"""Small maps of the Netherlands with the ten best places, one per ranking."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import real

WIDTH, HEIGHT, LIST, GAP = 430, 510, 270, 16
"""In pixels: a map, the list below it, and the room between maps."""
RADIUS, APART, PUSHES = 11, 25.0, 300
"""Of a circle with a rank, and how far circles keep apart, in pixels."""
TITLES = {
    "WA2": "Circulair bouwen",
    "WA3": "Chemie en kunststoffen",
    "WA4": "Maakindustrie",
    "WA3.1": "Industriële symbiose",
}
RAMP = ("#f1eef6", "#bdc9e1", "#74a9cf", "#2b8cbe", "#045a8d")
"""Scores 0–20 … 80–100."""
INK = "#26282a"
FOOT = (
    "Proef op open data, 2014–2022: CBS en Kadaster (grenzen, spoor), Rijkswaterstaat "
    "(water), Hotmaps, powerplantmatching, EEA"
)
CUT = 50
"""Letters of a line in the list."""


def draw(tops: dict[str, gpd.GeoDataFrame], data: Path, path: Path) -> None:
    """Draw the best places of each ranking, side by side."""
    from PIL import Image
    from qgis.PyQt.QtGui import QColor, QImage, QPainter

    size = (len(tops) * (WIDTH + GAP) - GAP, 50 + HEIGHT + LIST)
    image = QImage(*size, QImage.Format.Format_RGB32)
    image.fill(QColor("#ffffff"))
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    ground, extent = _ground(data)
    for number, (agenda, top) in enumerate(tops.items()):
        left = number * (WIDTH + GAP)
        write(painter, left + 4, 30, f"{agenda} {TITLES[agenda]}", 18, bold=True)
        painter.drawImage(left, 50, ground)
        middles = top.geometry.centroid
        scale = WIDTH / extent.width()
        x = left + (middles.x.to_numpy() - extent.xMinimum()) * scale
        y = 50 + (extent.yMaximum() - middles.y.to_numpy()) * scale
        _circles(painter, np.column_stack([x, y]), top)
        _list(painter, left, top)
    _legend(painter, size[1] - 14)
    painter.end()
    image.save(str(path))
    # Few colours keep the file small.
    Image.open(path).convert("RGB").quantize(64).save(path, optimize=True)


def _ground(data: Path):
    """Provinces and water, quiet; and what part of the country it shows."""
    from qgis.core import (
        QgsFillSymbol,
        QgsMapRendererSequentialJob,
        QgsMapSettings,
        QgsRectangle,
        QgsSingleSymbolRenderer,
        QgsVectorLayer,
    )
    from qgis.PyQt.QtCore import QSize

    looks = {
        real.SOURCES["regions"]["cbs_provincies_2022"]: {
            "style": "no", "outline_color": "#8a8f94", "outline_width": "0.3",
        },
        real.SOURCES["infrastructure"]["krw_water"]: {
            "color": "#cfe3ee", "outline_style": "no",
        },
    }  # fmt: skip
    layers = []
    for source, look in looks.items():
        layer = QgsVectorLayer(str(data / source), source)
        symbol = QgsFillSymbol.createSimple(look)
        layer.setRenderer(QgsSingleSymbolRenderer(symbol))
        layers.append(layer)
    extent = QgsRectangle(layers[0].extent())
    extent.scale(1.04)
    # The map is as wide as the picture of it.
    spare = (extent.width() * HEIGHT / WIDTH - extent.height()) / 2
    extent = QgsRectangle(
        extent.xMinimum(), extent.yMinimum() - spare,
        extent.xMaximum(), extent.yMaximum() + spare,
    )  # fmt: skip
    settings = QgsMapSettings()
    settings.setLayers(layers)
    settings.setDestinationCrs(layers[0].crs())
    settings.setExtent(extent)
    settings.setOutputSize(QSize(WIDTH, HEIGHT))
    settings.setOutputDpi(96)
    job = QgsMapRendererSequentialJob(settings)
    job.start()
    job.waitForFinished()
    return job.renderedImage(), extent


def _circles(painter, spots: np.ndarray, top: gpd.GeoDataFrame) -> None:
    """Ranks in circles, with a line to the place where a circle had to move."""
    from qgis.PyQt.QtCore import QPointF, QRectF, Qt
    from qgis.PyQt.QtGui import QColor, QPen

    for start, end in zip(spots, _apart(spots), strict=True):
        painter.setPen(QPen(QColor(INK), 1))
        painter.drawLine(QPointF(*start), QPointF(*end))
        painter.setBrush(QColor(INK))
        painter.drawEllipse(QPointF(*start), 2, 2)
    rows = zip(_apart(spots), top["score"], top["rank"], strict=True)
    for end, score, rank in rows:
        step = min(int(score // 20), len(RAMP) - 1)
        painter.setPen(QPen(QColor("#ffffff"), 1.5))
        painter.setBrush(QColor(RAMP[step]))
        painter.drawEllipse(QPointF(*end), RADIUS, RADIUS)
        painter.setPen(QColor("#ffffff" if step > 2 else INK))
        painter.setFont(_font(12, bold=True))
        box = QRectF(end[0] - RADIUS, end[1] - RADIUS, 2 * RADIUS, 2 * RADIUS)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, str(int(rank)))


def _apart(spots: np.ndarray) -> np.ndarray:
    """Spots pushed away from each other until they are far enough apart."""
    ends = spots + np.random.default_rng(1).uniform(-0.5, 0.5, spots.shape)
    for _ in range(PUSHES):
        way = ends[:, None] - ends[None]
        far = np.hypot(*way.T).T
        np.fill_diagonal(far, np.inf)
        push = np.clip(APART - far, 0, None) / 2
        if not push.any():
            break
        ends = ends + (way / far[..., None] * push[..., None]).sum(axis=1)
    return ends


def _list(painter, left: int, top: gpd.GeoDataFrame) -> None:
    """The places below their map."""
    for number, (shown, name) in enumerate(zip(top["shown"], top["name"], strict=True)):
        low = 50 + HEIGHT + 22 + 18 * number
        write(painter, left + 4, low, shown, 12, bold=True)
        words = name if len(name) <= CUT else f"{name[:CUT]}…"
        write(painter, left + 32, low, words, 12)


def _legend(painter, low: int) -> None:
    """The classes of the scores, and where the data come from."""
    from qgis.PyQt.QtCore import QRectF
    from qgis.PyQt.QtGui import QColor

    write(painter, 4, low, "Score", 12, bold=True)
    for step, colour in enumerate(RAMP):
        left = 56 + 84 * step
        painter.setPen(QColor("#8a8f94"))
        painter.setBrush(QColor(colour))
        painter.drawRect(QRectF(left, low - 11, 18, 12))
        write(painter, left + 24, low, f"{20 * step}–{20 * step + 20}", 12)
    write(painter, 56 + 84 * len(RAMP) + 30, low, FOOT, 12)


def write(painter, left: int, top: int, words: str, size: int, bold=False) -> None:
    """Write a line."""
    from qgis.PyQt.QtGui import QColor

    painter.setFont(_font(size, bold))
    painter.setPen(QColor(INK))
    painter.drawText(left, top, words)


def _font(size: int, bold: bool):
    from kansenkaart.processing_algorithms.labels import font_family
    from qgis.PyQt.QtGui import QFont

    font = QFont(font_family())
    font.setPixelSize(size)
    font.setBold(bold)
    return font
