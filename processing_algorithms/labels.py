"""Lettering: which font, and the labels on the map."""

from __future__ import annotations

from qgis.core import (
    Qgis,
    QgsAbstractVectorLayerLabeling,
    QgsCallout,
    QgsExpression,
    QgsPalLayerSettings,
    QgsPointXY,
    QgsProperty,
    QgsRuleBasedLabeling,
    QgsSimpleLineCallout,
    QgsTextBackgroundSettings,
    QgsTextFormat,
    QgsVectorLayer,
    QgsVectorLayerSimpleLabeling,
)
from qgis.PyQt.QtCore import QSizeF
from qgis.PyQt.QtGui import QColor, QFont

from .fonts import font_family
from .label_lines import SIDE_MM, name_and_lines
from .symbols import by_feature, symbol

BLANK_LINE = "\u2007\u2007\u2007"
"""Three figures wide."""


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


def labelling(
    layer: QgsVectorLayer, definition: dict, language: str, factor: float
) -> QgsAbstractVectorLayerLabeling | None:
    """The labels of a style: names, ranks or numbers in a mark, or room kept clear.

    Under a name there may be lines of figures (:mod:`.label_lines`).

    Parameters
    ----------
    layer
        The layer; one without numbers gets none.
    definition
        Data of the style.
    language
        ``nl`` or ``en``, of figures.
    factor
        Enlarges every length and letter.
    """
    if look := definition.get("label"):
        if "lines" in look:
            room = factor * look["room"]
            written = name_and_lines(look | {"room": room}, language)
            look = look | {"field": written, "expression": True}
        return QgsVectorLayerSimpleLabeling(_names(look, factor))
    if look := definition.get("rank"):
        return QgsVectorLayerSimpleLabeling(_ranks(look, factor))
    look = definition.get("number")
    if look and layer.fields().lookupField(look["field"]) >= 0:
        return _numbers(definition, factor)
    if definition.get("keep_clear"):
        return QgsVectorLayerSimpleLabeling(_obstacle())
    return None


def number_labels(
    look: dict, numbers: dict[int, int], factor: float
) -> QgsRuleBasedLabeling:
    """Numbers in a circle for some features; other labels keep off all of them.

    Parameters
    ----------
    look
        What the style says of the circle.
    numbers
        By feature id.
    factor
        Enlarges every length and letter.
    """
    number = by_feature(numbers)
    shown = {"expression": number, "shown": f"{number} IS NOT NULL"}
    root = QgsRuleBasedLabeling.Rule(None)
    root.appendChild(QgsRuleBasedLabeling.Rule(_ranks(look | shown, factor)))
    root.appendChild(QgsRuleBasedLabeling.Rule(_obstacle()))
    return QgsRuleBasedLabeling(root)


def pin_labels(
    layer: QgsVectorLayer,
    places: dict[int, QgsPointXY],
    ends: dict[int, QgsPointXY] | None = None,
) -> None:
    """Fix where the labels of some features come, by feature id.

    Parameters
    ----------
    layer
        A layer with labels.
    places
        The middle of each label, in the layer's coordinates.
    ends
        Where leaders go, if not to the features.
    """
    labels = layer.labeling().clone()
    if isinstance(labels, QgsRuleBasedLabeling):
        for rule in labels.rootRule().children():
            rule.setSettings(_pinned(rule.settings(), places, ends or {}))
    else:
        settings = _pinned(labels.settings(), places, ends or {})
        labels = QgsVectorLayerSimpleLabeling(settings)
    layer.setLabeling(labels)


def _pinned(
    settings: QgsPalLayerSettings,
    places: dict[int, QgsPointXY],
    ends: dict[int, QgsPointXY],
) -> QgsPalLayerSettings:
    """Settings of labels that know their place, and the ends of their leaders."""
    settings = QgsPalLayerSettings(settings)
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
    if ends and (leader := settings.callout()):
        leader = leader.clone()
        properties = leader.dataDefinedProperties()
        for name, axis in (("DestinationX", 0), ("DestinationY", 1)):
            values = _lookup({key: end[axis] for key, end in ends.items()})
            properties.setProperty(getattr(QgsCallout.Property, name), values)
        leader.setDataDefinedProperties(properties)
        settings.setCallout(leader)
    return settings


def _lookup(values: dict[int, float]) -> QgsProperty:
    return QgsProperty.fromExpression(by_feature(values))


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
    settings.isExpression = look.get("expression", False)
    settings.setFormat(letters)
    settings.multilineAlign = Qgis.LabelMultiLineAlignment.Left
    settings.placement = Qgis.LabelPlacement.Horizontal
    settings.priority = 2
    if "beside" in look:
        _move_beside(settings, look, factor)
    return settings


def _ranks(look: dict, factor: float) -> QgsPalLayerSettings:
    """The best areas' ranks in a circle, beside small areas, with a leader."""
    settings = _marks(look, _circle(look, factor), factor)
    settings.placement = Qgis.LabelPlacement.Horizontal
    settings.setPolygonPlacementFlags(
        settings.polygonPlacementFlags()
        | Qgis.LabelPolygonPlacementFlag.AllowPlacementOutsideOfPolygon
    )
    shown = QgsProperty.fromExpression(look["shown"])
    properties = settings.dataDefinedProperties()
    properties.setProperty(QgsPalLayerSettings.Property.Show, shown)
    settings.setDataDefinedProperties(properties)
    return settings


def _move_beside(settings: QgsPalLayerSettings, look: dict, factor: float) -> None:
    """Let labels lie beside areas that are too small for them, and only those."""
    settings.dist = factor * look["distance"]
    settings.distUnits = Qgis.RenderUnit.Millimeters
    small = QgsProperty.fromExpression(f"{SIDE_MM} < {factor * look['beside']}")
    properties = settings.dataDefinedProperties()
    properties.setProperty(QgsPalLayerSettings.Property.PolygonLabelOutside, small)
    settings.setDataDefinedProperties(properties)


def _numbers(definition: dict, factor: float) -> QgsRuleBasedLabeling:
    """Numbers beside their points, in a plate that has the shape of the class."""
    root = QgsRuleBasedLabeling.Rule(None)
    for entry in definition["classes"]:
        look = definition["symbol"] | entry
        words = definition["number"] | {
            "fill": look["stroke"],
            "colour": look["stroke"],
        }
        settings = _marks(
            words, _plate(look, words["enlarged"] * factor, factor), factor
        )
        settings.placement = Qgis.LabelPlacement.AroundPoint
        values = ", ".join(map(QgsExpression.quotedString, entry["values"]))
        listed = f'"{definition["field"]}" IN ({values})'
        rule = QgsRuleBasedLabeling.Rule(settings)
        rule.setFilterExpression("ELSE" if "*" in entry["values"] else listed)
        root.appendChild(rule)
    return QgsRuleBasedLabeling(root)


def _marks(
    look: dict, mark: QgsTextBackgroundSettings, factor: float
) -> QgsPalLayerSettings:
    """Numbers in a mark, with a leader to what they are about."""
    settings = QgsPalLayerSettings()
    # QGIS keeps labels apart by their letters and forgets the mark round them, so
    # blank lines make the letters about as wide and high as the mark.
    field = look.get("expression") or f'"{look["field"]}"'
    settings.fieldName = f"'{BLANK_LINE}\\n' || {field} || '\\n{BLANK_LINE}'"
    settings.isExpression = True
    letters = text_format(factor * look["size"], look["colour"], bold=True)
    letters.setLineHeight(look["line_height"])
    letters.setBackground(mark)
    settings.setFormat(letters)
    settings.multilineAlign = Qgis.LabelMultiLineAlignment.Center
    settings.dist = factor * look["distance"]
    settings.distUnits = Qgis.RenderUnit.Millimeters
    settings.priority = 10
    placement = settings.placementSettings()
    placement.setOverlapHandling(Qgis.LabelOverlapHandling.AllowOverlapIfRequired)
    settings.setPlacementSettings(placement)
    settings.setCallout(_leader(look, factor))
    return settings


def _obstacle() -> QgsPalLayerSettings:
    """No labels, but other layers' labels keep off the features."""
    settings = QgsPalLayerSettings()
    settings.drawLabels = False
    obstacle = settings.obstacleSettings()
    obstacle.setIsObstacle(True)
    settings.setObstacleSettings(obstacle)
    return settings


def _circle(look: dict, factor: float) -> QgsTextBackgroundSettings:
    circle = _background(factor * look["diameter"])
    circle.setType(QgsTextBackgroundSettings.ShapeType.ShapeCircle)
    circle.setFillColor(QColor(look["fill"]))
    circle.setStrokeColor(QColor(look["stroke"]))
    circle.setStrokeWidth(factor * 0.3)
    circle.setStrokeWidthUnit(Qgis.RenderUnit.Millimeters)
    return circle


def _plate(look: dict, enlarged: float, factor: float) -> QgsTextBackgroundSettings:
    plate = _background(enlarged * look["size"])
    plate.setType(QgsTextBackgroundSettings.ShapeType.ShapeMarkerSymbol)
    plate.setMarkerSymbol(symbol(Qgis.GeometryType.Point, look, factor))
    return plate


def _background(size: float) -> QgsTextBackgroundSettings:
    """What lies behind a number, as wide as it is high, in mm."""
    background = QgsTextBackgroundSettings()
    background.setEnabled(True)
    background.setSizeType(QgsTextBackgroundSettings.SizeType.SizeFixed)
    background.setSize(QSizeF(size, size))
    background.setSizeUnit(Qgis.RenderUnit.Millimeters)
    return background


def _leader(look: dict, factor: float) -> QgsSimpleLineCallout:
    leader = QgsSimpleLineCallout()
    leader.setEnabled(True)
    leader.setLabelAnchorPoint(QgsCallout.LabelAnchorPoint.LabelCentroid)
    line = {"stroke": look["fill"], "width": look["leader"]}
    leader.setLineSymbol(symbol(Qgis.GeometryType.Line, line, factor))
    return leader
