"""Lettering: which font, and the labels on the map."""

from __future__ import annotations

from functools import cache

from qgis.core import (
    Qgis,
    QgsCallout,
    QgsFontUtils,
    QgsPalLayerSettings,
    QgsPointXY,
    QgsProperty,
    QgsSimpleLineCallout,
    QgsTextBackgroundSettings,
    QgsTextFormat,
    QgsVectorLayer,
    QgsVectorLayerSimpleLabeling,
)
from qgis.PyQt.QtCore import QSizeF
from qgis.PyQt.QtGui import QColor, QFont

from ..analysis.resources import read_toml
from .symbols import symbol

BLANK_LINE = "\u2007\u2007\u2007"
"""Three figures wide."""


@cache
def font_family() -> str:
    """The first font of our list that is installed; the last one if none is."""
    families = read_toml("styles", "text.toml")["fonts"]
    installed = (name for name in families if _installed(name))
    return next(installed, families[-1])


def text_format(
    points: float, colour: str = "#000000", bold: bool = False
) -> QgsTextFormat:
    """Letters of a size and colour.

    Parameters
    ----------
    points
        Size.
    colour
        As ``#rrggbb``.
    bold
        Whether they are bold.
    """
    font = QFont(font_family())
    font.setBold(bold)
    letters = QgsTextFormat()
    letters.setFont(font)
    if bold:
        letters.setForcedBold(True)
    letters.setSize(points)
    letters.setSizeUnit(Qgis.RenderUnit.Points)
    letters.setColor(QColor(colour))
    return letters


def labelling(definition: dict, factor: float) -> QgsVectorLayerSimpleLabeling | None:
    """The labels of a style: names, ranks in a circle, or only room kept clear.

    Parameters
    ----------
    definition
        Data of the style.
    factor
        Enlarges every length and letter.
    """
    if look := definition.get("label"):
        return QgsVectorLayerSimpleLabeling(_names(look, factor))
    if look := definition.get("rank"):
        return QgsVectorLayerSimpleLabeling(_ranks(look, factor))
    if definition.get("keep_clear"):
        return QgsVectorLayerSimpleLabeling(_obstacle())
    return None


def pin_labels(layer: QgsVectorLayer, places: dict[int, QgsPointXY]) -> None:
    """Fix where the labels of some features come, by feature id.

    Parameters
    ----------
    layer
        A layer with labels.
    places
        The middle of each label, in the layer's coordinates.
    """
    settings = layer.labeling().settings()
    pinned = {
        "PositionX": _lookup({key: place.x() for key, place in places.items()}),
        "PositionY": _lookup({key: place.y() for key, place in places.items()}),
        "Hali": QgsProperty.fromValue("Center"),
        "Vali": QgsProperty.fromValue("Half"),
    }
    properties = settings.dataDefinedProperties()
    for name, value in pinned.items():
        properties.setProperty(getattr(QgsPalLayerSettings.Property, name), value)
    settings.setDataDefinedProperties(properties)
    layer.setLabeling(QgsVectorLayerSimpleLabeling(settings))


def _lookup(values: dict[int, float]) -> QgsProperty:
    pairs = ", ".join(f"'{key}', {value!r}" for key, value in values.items())
    return QgsProperty.fromExpression(f"map_get(map({pairs}), to_string(@id))")


def _installed(family: str) -> bool:
    matched = QgsFontUtils.fontFamilyMatchOnSystem(family)
    return matched[0] if isinstance(matched, tuple) else matched


def _names(look: dict, factor: float) -> QgsPalLayerSettings:
    """A name in the middle of what is visible of its area."""
    letters = text_format(factor * look["size"], look["colour"])
    halo = letters.buffer()
    halo.setEnabled(True)
    halo.setSize(factor * look["halo"])
    halo.setColor(QColor("#ffffff"))
    letters.setBuffer(halo)
    settings = QgsPalLayerSettings()
    settings.fieldName = look["field"]
    settings.setFormat(letters)
    settings.placement = Qgis.LabelPlacement.Horizontal
    settings.priority = 2
    return settings


def _ranks(look: dict, factor: float) -> QgsPalLayerSettings:
    """The best areas' ranks in a circle, beside small areas, with a leader."""
    settings = QgsPalLayerSettings()
    field = f'"{look["field"]}"'
    # QGIS keeps labels apart by their letters and forgets the circle round them, so
    # blank lines make the letters about as wide and high as the circle.
    settings.fieldName = f"'{BLANK_LINE}\\n' || {field} || '\\n{BLANK_LINE}'"
    settings.isExpression = True
    settings.setFormat(_in_circle(look, factor))
    settings.placement = Qgis.LabelPlacement.Horizontal
    settings.setPolygonPlacementFlags(
        settings.polygonPlacementFlags()
        | Qgis.LabelPolygonPlacementFlag.AllowPlacementOutsideOfPolygon
    )
    settings.multilineAlign = Qgis.LabelMultiLineAlignment.Center
    settings.dist = factor * look["distance"]
    settings.distUnits = Qgis.RenderUnit.Millimeters
    settings.priority = 10
    placement = settings.placementSettings()
    placement.setOverlapHandling(Qgis.LabelOverlapHandling.AllowOverlapIfRequired)
    settings.setPlacementSettings(placement)
    settings.setCallout(_leader(look, factor))
    shown = QgsProperty.fromExpression(f"{field} <= {look['last']}")
    properties = settings.dataDefinedProperties()
    properties.setProperty(QgsPalLayerSettings.Property.Show, shown)
    settings.setDataDefinedProperties(properties)
    return settings


def _obstacle() -> QgsPalLayerSettings:
    """No labels, but other layers' labels keep off the features."""
    settings = QgsPalLayerSettings()
    settings.drawLabels = False
    obstacle = settings.obstacleSettings()
    obstacle.setIsObstacle(True)
    settings.setObstacleSettings(obstacle)
    return settings


def _in_circle(look: dict, factor: float) -> QgsTextFormat:
    letters = text_format(factor * look["size"], look["colour"], bold=True)
    letters.setLineHeight(look["line_height"])
    circle = QgsTextBackgroundSettings()
    circle.setEnabled(True)
    circle.setType(QgsTextBackgroundSettings.ShapeType.ShapeCircle)
    circle.setSizeType(QgsTextBackgroundSettings.SizeType.SizeFixed)
    diameter = factor * look["diameter"]
    circle.setSize(QSizeF(diameter, diameter))
    circle.setSizeUnit(Qgis.RenderUnit.Millimeters)
    circle.setFillColor(QColor(look["fill"]))
    circle.setStrokeColor(QColor(look["stroke"]))
    circle.setStrokeWidth(factor * 0.3)
    circle.setStrokeWidthUnit(Qgis.RenderUnit.Millimeters)
    letters.setBackground(circle)
    return letters


def _leader(look: dict, factor: float) -> QgsSimpleLineCallout:
    leader = QgsSimpleLineCallout()
    leader.setEnabled(True)
    leader.setLabelAnchorPoint(QgsCallout.LabelAnchorPoint.LabelCentroid)
    line = {"stroke": look["fill"], "width": look["leader"]}
    leader.setLineSymbol(symbol(Qgis.GeometryType.Line, line, factor))
    return leader
