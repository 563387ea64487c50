"""The map on the page, its scale bar, north arrow and draft mark."""

from __future__ import annotations

import math
from collections.abc import Sequence

from qgis.core import (
    Qgis,
    QgsBasicNumericFormat,
    QgsFillSymbol,
    QgsLayoutItemMap,
    QgsLayoutItemPolygon,
    QgsLayoutItemScaleBar,
    QgsLayoutMeasurement,
    QgsLayoutPoint,
    QgsMapLayerStyle,
    QgsPointXY,
    QgsProject,
    QgsRectangle,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QPointF, QRectF
from qgis.PyQt.QtGui import QColor, QPolygonF

from ...analysis.resources import read_toml
from ...analysis.texts import text
from ..labels import pin_labels
from ..styling import read_style, style_layer, style_of
from ..symbols import symbol
from .mark_places import area_anchors, number_places, point_anchors, rank_places
from .page_arrows import style_arrows
from .page_flows import style_flows
from .project import FLOW_PLACES, MATCH_PAIRS, drawn_layers, extents, printed_style
from .sheet import Sheet

OF_CARRIERS = {FLOW_PLACES: style_flows, MATCH_PAIRS: style_arrows}
"""What gives the layer that a map of a carrier is about its style, with numbers."""


def add_map(
    sheet: Sheet,
    project: QgsProject,
    about: str | None = None,
    numbered: Sequence[str] = (),
) -> QgsLayoutItemMap:
    """The map: what it is about at a round scale, filling its frame.

    Parameters
    ----------
    sheet
        The page.
    project
        The project, with its layers.
    about
        Layer of a carrier that the map is about; None for the map of the areas.
    numbered
        Ids of the places or pairs of places that get a number, in this order.
    """
    printed = QgsLayoutItemMap(sheet.layout)
    printed.setId("map")
    sheet.place(printed, sheet.map_box)
    layers = drawn_layers(project, about)
    printed.setCrs(project.crs())
    printed.setLayers(layers)
    printed.setKeepLayerSet(True)
    printed.setExtent(round_extent(*extents(project, about), sheet))
    styles = _printed_styles(layers, printed, sheet, about, numbered)
    printed.setLayerStyleOverrides(styles)
    printed.setKeepLayerStyles(True)
    printed.setBackgroundColor(QColor("#ffffff"))
    printed.setFrameEnabled(True)
    printed.setFrameStrokeColor(sheet.colour("rule"))
    printed.setFrameStrokeWidth(QgsLayoutMeasurement(sheet.mm(0.2)))
    sheet.layout.setReferenceMap(printed)
    return printed


def round_extent(
    interest: QgsRectangle, setting: QgsRectangle, sheet: Sheet
) -> QgsRectangle:
    """The smallest extent round what matters that has a round scale.

    Its whole setting comes on the map where that costs little.
    """
    closest = _denominator(interest, sheet)
    whole = _denominator(setting, sheet)
    chosen, centre = closest, interest.center()
    if whole <= sheet.look["scale"]["for_setting"] * closest:
        chosen, centre = max(whole, closest), setting.center()
    box = sheet.map_box
    width, height = (chosen * mm / 1000 for mm in (box.width(), box.height()))
    return QgsRectangle.fromCenterAndSize(centre, width, height)


def _denominator(extent: QgsRectangle, sheet: Sheet) -> float:
    """Scale denominator at which an extent and its margin fit in the frame."""
    box = sheet.map_box
    margin = 1 + 2 * read_toml("styles", "project.toml")["map"]["margin"]
    needed = (
        1000 * margin * extent.width() / box.width(),
        1000 * margin * extent.height() / box.height(),
        sheet.look["scale"]["closest"],
    )
    return next_round(max(needed), sheet.look["scale"]["round"])


def next_round(value: float, steps: list[float]) -> float:
    """The smallest of the steps, times a power of ten, that is not below a value."""
    power = 10 ** math.floor(math.log10(value))
    # Dividing by a power of ten must not push a round number up a step.
    step = next((step for step in steps if step >= value / power * 0.999999), 10)
    return step * power


def add_scale_bar(sheet: Sheet, printed: QgsLayoutItemMap, bottom: float) -> float:
    """Scale bar and north arrow above the small print; gives their top."""
    bar = _scale_bar(sheet, printed)
    sheet.layout.addLayoutItem(bar)
    bar.update()
    size = bar.minimumSize()
    top = bottom - size.height() - sheet.mm(sheet.look["space"]["line"])
    bar.attemptMove(QgsLayoutPoint(sheet.column_left, top))
    bar.attemptResize(size)
    _add_north_arrow(sheet, top)
    return top


def _scale_bar(sheet: Sheet, printed: QgsLayoutItemMap) -> QgsLayoutItemScaleBar:
    """A plain line with ticks, in kilometres."""
    bar = QgsLayoutItemScaleBar(sheet.layout)
    bar.setId("scale bar")
    bar.setLinkedMap(printed)
    bar.setStyle("Line Ticks Up")
    bar.setUnits(Qgis.DistanceUnit.Kilometers)
    bar.setUnitLabel(text("page.kilometre", sheet.language))
    bar.setNumberOfSegmentsLeft(0)
    bar.setNumberOfSegments(2)
    bar.setUnitsPerSegment(_segment_km(printed, sheet))
    bar.setNumericFormat(_plain_numbers(sheet.language))
    bar.setTextFormat(sheet.letters("small"))
    line = {"stroke": sheet.look["colours"]["text"], "width": 0.3}
    bar.setLineSymbol(symbol(Qgis.GeometryType.Line, line, sheet.factor))
    bar.setHeight(sheet.mm(1.5))
    bar.setLabelBarSpace(sheet.mm(0.8))
    bar.setBoxContentSpace(0)
    return bar


def add_mark(sheet: Sheet) -> None:
    """Mark the page as a draft, in a corner of the map."""
    corner = sheet.map_box.topLeft()
    box = QRectF(corner.x(), corner.y(), sheet.mm(36), sheet.mm(11))
    letters = sheet.letters("mark", bold=True, colour="mark")
    label = sheet.add_label(text("page.mark", sheet.language), letters, box)
    label.setId("mark")
    sheet.centred(label)
    label.setBackgroundEnabled(True)
    label.setBackgroundColor(QColor("#ffffff"))
    label.setFrameEnabled(True)
    label.setFrameStrokeColor(sheet.colour("mark"))
    label.setFrameStrokeWidth(QgsLayoutMeasurement(sheet.mm(0.6)))


def _printed_styles(
    layers: list[QgsVectorLayer],
    printed: QgsLayoutItemMap,
    sheet: Sheet,
    about: str | None,
    numbered: Sequence[str],
) -> dict[str, str]:
    """The layers' styles, as large as the page asks, with the marks in their place."""
    styles = {}
    pins = _mark_places(layers, printed, sheet)
    for layer in layers:
        copy = layer.clone()
        style, definition = style_of(layer), printed_style(layer, about)
        if style in OF_CARRIERS:
            OF_CARRIERS[style](copy, definition, numbered, printed, sheet)
        else:
            style_layer(copy, style, sheet.language, sheet.factor, definition)
        if layer.id() in pins:
            pin_labels(copy, pins[layer.id()])
        written = QgsMapLayerStyle()
        written.readFromLayer(copy)
        styles[layer.id()] = written.xmlData()
    return styles


def _mark_places(
    layers: list[QgsVectorLayer], printed: QgsLayoutItemMap, sheet: Sheet
) -> dict[str, dict[int, QgsPointXY]]:
    """Where ranks and numbers come, by layer and feature; ranks go first."""
    extent = printed.extent()
    ranked, rank = _marked(layers, "rank")
    numbered, number = _marked(layers, "number")
    circle, plate = (
        sheet.mm(look.get("diameter", 0)) * printed.scale() / 1000
        for look in (rank, number)
    )
    areas = area_anchors(ranked, rank, circle) if ranked else {}
    points = point_anchors(numbered, number["field"], extent) if numbered else {}
    circles = rank_places(areas, points.values(), extent, circle)
    plates = number_places(points, areas.values(), circles.values(), extent, plate)
    found = ((ranked, circles), (numbered, plates))
    return {layer.id(): places for layer, places in found if places}


def _marked(
    layers: list[QgsVectorLayer], mark: str
) -> tuple[QgsVectorLayer | None, dict]:
    """The layer whose features carry such a mark, and what its style says of it."""
    for layer in layers:
        if look := read_style(style_of(layer)).get(mark):
            return layer, look
    return None, {}


def _segment_km(printed: QgsLayoutItemMap, sheet: Sheet) -> float:
    """Length of half the bar: the longest round one that fits."""
    widest = sheet.mm(sheet.look["scale"]["bar"]) / 2 * printed.scale() / 1e6
    power = 10 ** math.floor(math.log10(widest))
    steps = sheet.look["scale"]["steps"]
    return max(step for step in steps if step * power <= widest) * power


def _plain_numbers(language: str) -> QgsBasicNumericFormat:
    form = QgsBasicNumericFormat()
    form.setShowThousandsSeparator(False)
    form.setDecimalSeparator("," if language == "nl" else ".")
    return form


def _add_north_arrow(sheet: Sheet, top: float) -> None:
    """A small arrow with its letter, at the right end of the column."""
    size = sheet.mm(3)
    right = sheet.column_left + sheet.column_width
    tip = QPointF(right - size / 2, top)
    foot = QPointF(right - size / 2, top + 0.7 * size)
    corners = [tip, QPointF(right, top + size), foot, QPointF(right - size, top + size)]
    arrow = QgsLayoutItemPolygon(QPolygonF(corners), sheet.layout)
    colour = sheet.look["colours"]["quiet"]
    arrow.setSymbol(QgsFillSymbol.createSimple({"color": colour, "style": "solid"}))
    sheet.layout.addLayoutItem(arrow)
    box = QRectF(right - 2 * size, top + size, 3 * size, size)
    letters = sheet.letters("small", colour="quiet")
    label = sheet.add_label(text("page.north", sheet.language), letters, box)
    sheet.centred(label)
