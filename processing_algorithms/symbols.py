"""Symbols of points, lines and polygons, built from what a style says of their look."""

from __future__ import annotations

from qgis.core import (
    Qgis,
    QgsArrowSymbolLayer,
    QgsExpression,
    QgsFillSymbol,
    QgsFontMarkerSymbolLayer,
    QgsLineSymbol,
    QgsMarkerLineSymbolLayer,
    QgsMarkerSymbol,
    QgsMarkerSymbolLayer,
    QgsProperty,
    QgsSimpleFillSymbolLayer,
    QgsSimpleLineSymbolLayer,
    QgsSimpleMarkerSymbolLayer,
    QgsSymbol,
    QgsSymbolLayer,
)
from qgis.PyQt.QtCore import QPointF, Qt
from qgis.PyQt.QtGui import QColor

from .fonts import font_family
from .hatching import hatch_lines

RAISED = 1 / 12
"""Fonts leave more room above capitals than below them, as a share of their size."""


def symbol(geometry: Qgis.GeometryType, look: dict, factor: float = 1.0) -> QgsSymbol:
    """A symbol for points, lines or polygons.

    Parameters
    ----------
    geometry
        Type of geometry.
    look
        ``fill``, ``stroke``, ``width`` and ``size`` (mm), ``opacity`` of the fill,
        ``dash`` (true, ``dot``, or lengths in mm), ``shape``; ``casing``, what differs
        in a symbol below, which shows as a rim; ``letter`` on a marker, with
        ``letter_size`` (mm) and ``letter_colour``. A marker is ``enlarged`` so many
        times, and then smaller by ``inset`` (mm). With ``sizes`` and ``letter_sizes``
        its size follows the class in ``size_field``, and it lies beside its point, on
        the side (-1 or 1) that the expression ``side`` says; ``shifts`` moves some,
        by feature id (mm to the right and down). ``arrow``, of a line from its first
        point to its last: ``field`` (whose values decide the width), ``group`` (field
        whose values have a scale each), ``width`` of the largest and ``least`` (mm);
        without ``field`` it is as wide as ``size``. ``bent``: along its middle point.
        ``head``: how large (mm) the head at the end of a line is. ``hatch``, of a
        polygon: lines over its fill, with ``angle`` (degrees), ``stroke``, ``width``
        and ``distance`` (mm).
    factor
        Enlarges every length.
    """
    kinds = {
        Qgis.GeometryType.Point: (QgsMarkerSymbol, _marker),
        Qgis.GeometryType.Line: (QgsLineSymbol, _line),
        Qgis.GeometryType.Polygon: (QgsFillSymbol, _polygon),
    }
    kind, build = kinds[geometry]
    drawn = kind()
    # A layer handed to the constructor in a list dies with the list.
    build = _arrow if look.get("arrow") else build
    drawn.changeSymbolLayer(0, build(look, factor))
    if casing := look.get("casing"):
        drawn.insertSymbolLayer(0, build(look | casing, factor))
    if "letter" in look:
        drawn.appendSymbolLayer(_letter(look, factor))
    if "hatch" in look:
        drawn.appendSymbolLayer(hatch_lines(look["hatch"], factor))
    if "head" in look:
        drawn.appendSymbolLayer(_head(look, factor))
    return drawn


def by_feature(values: dict[int, float]) -> str:
    """Expression that gives the value of a feature by its id; NULL without one."""
    pairs = ", ".join(f"'{key}', {value!r}" for key, value in values.items())
    return f"map_get(map({pairs}), to_string(@id))"


def share_of_largest(arrow: dict) -> str:
    """Quantity as a part of the largest of its group, as an expression."""
    field, group = (
        QgsExpression.quotedColumnRef(arrow[name]) for name in ("field", "group")
    )
    return f"{field} / maximum({field}, group_by:={group})"


def _marker(look: dict, factor: float) -> QgsSimpleMarkerSymbolLayer:
    shape, _ = QgsSimpleMarkerSymbolLayer.decodeShape(look["shape"])
    marker = QgsSimpleMarkerSymbolLayer(shape, factor * _width(look, look["size"]))
    marker.setColor(QColor(look["fill"]))
    marker.setStrokeColor(QColor(look["stroke"]))
    marker.setStrokeWidth(factor * look["width"])
    marker.setStrokeStyle(_stroke_style(look))
    if "sizes" in look:
        widths = [_width(look, size) for size in look["sizes"]]
        _follow_class(marker, look, widths, factor)
    return marker


def _width(look: dict, size: float) -> float:
    """How wide a marker of a size is, in mm."""
    return look.get("enlarged", 1) * size - look.get("inset", 0)


def _follow_class(
    layer: QgsMarkerSymbolLayer,
    look: dict,
    sizes: list[float],
    factor: float,
    raised: float = 0.0,
) -> None:
    """Let the size follow the class of a feature, and lie beside its point.

    Parameters
    ----------
    layer
        Part of a symbol.
    look
        As for :func:`symbol`.
    sizes
        Of this part by class, in mm.
    factor
        Enlarges every length.
    raised
        How far it lies too high, as a share of its size.
    """

    def of_class(lengths: list[float]) -> str:
        listed = ", ".join(str(factor * mm) for mm in lengths)
        return f'array_get(array({listed}), "{look["size_field"]}" - 1)'

    size, whole = of_class(sizes), look | {"inset": 0}
    beside = of_class([_width(whole, each) / 2 for each in look["sizes"]])
    shifts = look.get("shifts", {})
    right, down = (
        by_feature({key: factor * shift[axis] for key, shift in shifts.items()})
        for axis in (0, 1)
    )
    x = f"({look['side']}) * {beside} + coalesce({right}, 0)"
    y = f"coalesce({down}, 0) - {raised} * {size}"
    expressions = {
        QgsSymbolLayer.Property.Size: size,
        QgsSymbolLayer.Property.LayerEnabled: f"{size} > 0",
        QgsSymbolLayer.Property.Offset: f"({x}) || ',' || ({y})",
    }
    for name, expression in expressions.items():
        layer.setDataDefinedProperty(name, QgsProperty.fromExpression(expression))


def _letter(look: dict, factor: float) -> QgsFontMarkerSymbolLayer:
    size, colour = factor * look["letter_size"], QColor(look["letter_colour"])
    letter = QgsFontMarkerSymbolLayer(font_family(), look["letter"], size, colour)
    letter.setOffset(QPointF(0, -RAISED * size))
    if "sizes" in look:
        _follow_class(letter, look, look["letter_sizes"], factor, RAISED)
    return letter


def _line(look: dict, factor: float) -> QgsSimpleLineSymbolLayer:
    line = QgsSimpleLineSymbolLayer(QColor(look["stroke"]), factor * look["width"])
    line.setPenJoinStyle(Qt.PenJoinStyle.RoundJoin)
    if dash := look.get("dash"):
        line.setPenCapStyle(Qt.PenCapStyle.FlatCap)
        line.setUseCustomDashPattern(True)
        line.setCustomDashVector([factor * mm for mm in dash])
    return line


def _head(look: dict, factor: float) -> QgsMarkerLineSymbolLayer:
    """The head of an arrow, at the end of a line."""
    head = QgsSimpleMarkerSymbolLayer(Qgis.MarkerShape.ArrowHeadFilled)
    head.setSize(factor * look["head"])
    head.setColor(QColor(look["stroke"]))
    head.setStrokeStyle(Qt.PenStyle.NoPen)
    at_end = QgsMarkerLineSymbolLayer()
    at_end.setPlacements(Qgis.MarkerLinePlacement.LastVertex)
    at_end.subSymbol().changeSymbolLayer(0, head)
    return at_end


def _arrow(look: dict, factor: float) -> QgsArrowSymbolLayer:
    """An arrow as wide as its size, or as its quantity of the largest of its group."""
    arrow = look["arrow"]
    drawn = QgsArrowSymbolLayer()
    drawn.setSubSymbol(QgsFillSymbol())
    plain = look | {"fill": look["stroke"], "width": 0}
    drawn.subSymbol().changeSymbolLayer(0, _polygon(plain, factor))
    drawn.setIsCurved(arrow.get("bent", False))
    drawn.setIsRepeated(False)
    # What the legend shows, and where the layer tells nothing.
    usual = factor * (look["width"] if "field" in arrow else look["size"])
    # A thin arrow has a head that can be seen.
    for prop, setting, times, more in (
        (QgsSymbolLayer.Property.ArrowWidth, drawn.setArrowWidth, 1, 0),
        (QgsSymbolLayer.Property.ArrowStartWidth, drawn.setArrowStartWidth, 1, 0),
        (QgsSymbolLayer.Property.ArrowHeadLength, drawn.setHeadLength, 1.5, 1),
        (QgsSymbolLayer.Property.ArrowHeadThickness, drawn.setHeadThickness, 0.5, 0.4),
    ):
        setting(times * usual + more * factor)
        if "field" in arrow:
            least, width = factor * arrow["least"], factor * arrow["width"]
            body = f"{least} + {share_of_largest(arrow)} * {width}"
            expression = f"{times} * coalesce({body}, {usual}) + {more * factor}"
            drawn.setDataDefinedProperty(prop, QgsProperty.fromExpression(expression))
    return drawn


def _polygon(look: dict, factor: float) -> QgsSimpleFillSymbolLayer:
    fill = QgsSimpleFillSymbolLayer()
    fill.setStrokeColor(QColor(look["stroke"]))
    fill.setStrokeWidth(factor * look["width"])
    fill.setPenJoinStyle(Qt.PenJoinStyle.RoundJoin)
    fill.setStrokeStyle(_stroke_style(look))
    if "fill" not in look:
        fill.setBrushStyle(Qt.BrushStyle.NoBrush)
        return fill
    colour = QColor(look["fill"])
    colour.setAlphaF(look.get("opacity", 1.0))
    fill.setFillColor(colour)
    return fill


def _stroke_style(look: dict) -> Qt.PenStyle:
    if look["width"] == 0:
        return Qt.PenStyle.NoPen
    if look.get("dash") == "dot":
        return Qt.PenStyle.DotLine
    return Qt.PenStyle.DashLine if look.get("dash") else Qt.PenStyle.SolidLine
