"""A second channel over the classes of a number: a hatch where something holds."""

from __future__ import annotations

from qgis.core import (
    QgsExpression,
    QgsFeatureRequest,
    QgsFillSymbol,
    QgsGraduatedSymbolRenderer,
    QgsLinePatternFillSymbolLayer,
    QgsLineSymbol,
    QgsProperty,
    QgsRuleBasedRenderer,
    QgsSimpleFillSymbolLayer,
    QgsSimpleLineSymbolLayer,
    QgsSymbolLayer,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtGui import QColor

HATCHED = "hatched"
"""Key of the rule that hatches."""
WITHOUT_FEATURE = "@id IS NULL"


def hatches(layer: QgsVectorLayer, definition: dict) -> bool:
    """Whether a style has a hatch, and the layer a feature for it."""
    hatch = definition.get(HATCHED)
    if hatch is None or layer.fields().lookupField(hatch["field"]) < 0:
        return False
    request = QgsFeatureRequest().setFilterExpression(hatch["filter"]).setLimit(1)
    return next(layer.getFeatures(request), None) is not None


def hatched(
    graduated: QgsGraduatedSymbolRenderer, hatch: dict, label: str, factor: float
) -> QgsRuleBasedRenderer:
    """The same classes, and a hatch over the features that its filter finds.

    Parameters
    ----------
    graduated
        Its classes; a value on an edge is of the higher one.
    hatch
        ``filter``; what :func:`hatch_lines` takes; ``colour``, an expression that takes
        the place of ``stroke``; ``legend``, on which colour the legend shows it.
    label
        What the legend says of the hatch.
    factor
        Enlarges every length.
    """
    root = QgsRuleBasedRenderer.Rule(None)
    field = QgsExpression.quotedColumnRef(graduated.classAttribute())
    below = None
    for step in sorted(graduated.ranges(), key=lambda step: -step.lowerValue()):
        shown = f"{field} >= {step.lowerValue()}"
        shown += f" AND {field} < {below}" if below is not None else ""
        below = step.lowerValue()
        _add_rule(root, step.symbol().clone(), shown, step.label(), str(below))
    _add_rule(root, _hatch(hatch, factor), hatch["filter"], label, HATCHED)
    drawn = QgsRuleBasedRenderer(root)
    drawn.setOrderBy(graduated.orderBy())
    drawn.setOrderByEnabled(True)
    return drawn


def _add_rule(root, symbol: QgsFillSymbol, shown: str, label: str, key: str) -> None:
    rule = QgsRuleBasedRenderer.Rule(symbol, 0, 0, shown, label)
    rule.setRuleKey(key)
    root.appendChild(rule)


def hatch_lines(look: dict, factor: float) -> QgsLinePatternFillSymbolLayer:
    """Lines over a polygon.

    Parameters
    ----------
    look
        ``angle`` (degrees), ``stroke``, ``width`` and ``distance`` (mm).
    factor
        Enlarges every length.
    """
    stroke = QColor(look["stroke"])
    line = QgsSimpleLineSymbolLayer(stroke, factor * look["width"])
    lines = QgsLinePatternFillSymbolLayer()
    lines.setLineAngle(look["angle"])
    lines.setDistance(factor * look["distance"])
    # A layer handed to the constructor in a list dies with the list.
    lines.setSubSymbol(QgsLineSymbol())
    lines.subSymbol().changeSymbolLayer(0, line)
    return lines


def _hatch(hatch: dict, factor: float) -> QgsFillSymbol:
    """Lines alone on the map; in the legend, which knows no feature, on a colour."""
    ground = QgsSimpleFillSymbolLayer(QColor(hatch["legend"]))
    ground.setStrokeStyle(Qt.PenStyle.NoPen)
    ground.setDataDefinedProperty(
        QgsSymbolLayer.Property.LayerEnabled,
        QgsProperty.fromExpression(WITHOUT_FEATURE),
    )
    lines = hatch_lines(hatch, factor)
    lines.subSymbol().symbolLayer(0).setDataDefinedProperty(
        QgsSymbolLayer.Property.StrokeColor,
        QgsProperty.fromExpression(hatch["colour"]),
    )
    drawn = QgsFillSymbol()
    drawn.changeSymbolLayer(0, ground)
    drawn.appendSymbolLayer(lines)
    return drawn
