"""Renderers and symbols built from the data of a style.

A style is one symbol (``symbol``), classes of values (``classes``, called as a text
says, or by their values where ``labels`` says so), a colour per value
(``palette``, called as the field ``names`` says), steps of a number (``ranges``) or
filters (``rules``). What ``symbol`` says holds for all of them, unless they say
otherwise. Where the field of a style is empty throughout, ``otherwise`` (a palette)
takes its place.
"""

from __future__ import annotations

from itertools import cycle

from qgis.core import (
    NULL,
    Qgis,
    QgsCategorizedSymbolRenderer,
    QgsExpression,
    QgsFeatureRenderer,
    QgsFeatureRequest,
    QgsFillSymbol,
    QgsFontMarkerSymbolLayer,
    QgsGraduatedSymbolRenderer,
    QgsLineSymbol,
    QgsMarkerSymbol,
    QgsProperty,
    QgsRendererCategory,
    QgsRendererRange,
    QgsRuleBasedRenderer,
    QgsSimpleFillSymbolLayer,
    QgsSimpleLineSymbolLayer,
    QgsSimpleMarkerSymbolLayer,
    QgsSingleSymbolRenderer,
    QgsSymbol,
    QgsSymbolLayer,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QPointF, Qt
from qgis.PyQt.QtGui import QColor

from ..analysis.resources import read_toml
from ..analysis.texts import number, text
from .fonts import font_family

UNLIMITED = 1e15
"""Where a range without an upper bound ends."""


def renderer(
    layer: QgsVectorLayer, style: str, definition: dict, language: str, factor: float
) -> QgsFeatureRenderer:
    """The renderer of a style for one layer.

    Parameters
    ----------
    layer
        The layer, whose values decide which classes there are.
    style, definition
        Name and data of the style.
    language
        ``nl`` or ``en``, for the legend.
    factor
        Enlarges every length.
    """
    otherwise = definition.get("otherwise")
    if otherwise and not any(_values(layer, definition["field"])):
        return _palette(layer, style, definition | otherwise, language, factor)
    if "classes" in definition:
        return _classes(layer, style, definition, language, factor)
    if "palette" in definition:
        return _palette(layer, style, definition, language, factor)
    if "ranges" in definition:
        return _ranges(layer, style, definition, language, factor)
    if "rules" in definition:
        return _rules(layer, style, definition, language, factor)
    return QgsSingleSymbolRenderer(
        symbol(layer.geometryType(), definition["symbol"], factor)
    )


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
        ``letter_size`` (mm) and ``letter_colour``.
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
    drawn.changeSymbolLayer(0, build(look, factor))
    if casing := look.get("casing"):
        drawn.insertSymbolLayer(0, build(look | casing, factor))
    if "letter" in look:
        drawn.appendSymbolLayer(_letter(look, factor))
    return drawn


def unevaluated(words: str) -> str:
    """A text that a printed legend shows as it is, and not as an expression."""
    return words.replace("[%", "[\u2060%")


def _classes(layer, style, definition, language, factor) -> QgsFeatureRenderer:
    """Categories for the classes that occur; one class may stand for many values."""
    found = _values_by_class(layer, definition)
    categories = []
    for entry in definition["classes"]:
        if values := found.get(entry["key"]):
            look = definition.get("symbol", {}) | entry
            drawn = symbol(layer.geometryType(), look, factor)
            _vary_width(drawn, layer, definition.get("widths"), look, factor)
            label = (
                ", ".join(values)
                if definition.get("labels") == "values"
                else text(f"styles.{style}.{entry['key']}", language)
            )
            categories.append(QgsRendererCategory(values, drawn, label))
    some_empty = any("" in values for values in found.values())
    return QgsCategorizedSymbolRenderer(_field(definition, some_empty), categories)


def _palette(layer, style, definition, language, factor) -> QgsFeatureRenderer:
    """One colour per value that occurs, in the order of the values."""
    words = read_toml("texts", language, "styles.toml")[style]
    names = _names_of_values(layer, definition) | words
    values = _values(layer, definition["field"])
    empty = {"": definition["empty"]} if "empty" in definition else {}
    filled = [value for value in values if value not in empty]
    colours = empty | dict(zip(filled, cycle(definition["palette"]), strict=False))
    categories = []
    for value in values:
        look = {"stroke": colours[value]} | definition["symbol"]
        look["fill"] = colours[value]
        drawn = symbol(layer.geometryType(), look, factor)
        label = unevaluated(names.get(value or "none", value))
        categories.append(QgsRendererCategory(value, drawn, label))
    return QgsCategorizedSymbolRenderer(_field(definition, "" in values), categories)


def _ranges(layer, style, definition, language, factor) -> QgsFeatureRenderer:
    """Fixed steps; the highest values are drawn last, on top."""
    steps = []
    for entry in definition["ranges"]:
        look = definition["symbol"] | entry
        bounds = {"low": entry["low"], "high": entry.get("high", UNLIMITED)}
        words = {name: number(bound, language) for name, bound in bounds.items()}
        key = "range" if "high" in entry else "above"
        label = text(f"styles.{style}.{key}", language, **words)
        drawn = symbol(layer.geometryType(), look, factor)
        steps.append(QgsRendererRange(*bounds.values(), drawn, label))
    graduated = QgsGraduatedSymbolRenderer(definition["field"], steps)
    rising = QgsFeatureRequest.OrderByClause(definition["field"], True)
    graduated.setOrderBy(QgsFeatureRequest.OrderBy([rising]))
    graduated.setOrderByEnabled(True)
    return graduated


def _names_of_values(layer: QgsVectorLayer, definition: dict) -> dict[str, str]:
    """What the layer itself calls its values, where it has a field of names."""
    fields = layer.fields().names()
    name = definition.get("names")
    if name not in fields:
        return {}
    request = QgsFeatureRequest().setFlags(Qgis.FeatureRequestFlag.NoGeometry)
    request.setSubsetOfAttributes([definition["field"], name], layer.fields())
    pairs = {(f[definition["field"]], f[name]) for f in layer.getFeatures(request)}
    return {value: str(called) for value, called in sorted(pairs, key=str) if called}


def _rules(layer, style, definition, language, factor) -> QgsFeatureRenderer:
    """A symbol per filter, for those that some feature fits."""
    root = QgsRuleBasedRenderer.Rule(None)
    for entry in definition["rules"]:
        fitting = QgsFeatureRequest().setFilterExpression(entry["filter"]).setLimit(1)
        if next(layer.getFeatures(fitting), None) is None:
            continue
        look = definition["symbol"] | entry
        drawn = symbol(layer.geometryType(), look, factor)
        rule = QgsRuleBasedRenderer.Rule(drawn, 0, 0, entry["filter"])
        rule.setLabel(text(f"styles.{style}.{entry['key']}", language))
        root.appendChild(rule)
    return QgsRuleBasedRenderer(root)


def _field(definition: dict, some_empty: bool) -> str:
    """The field of a style, as an expression where some features have no value.

    They would not even be read otherwise.
    """
    field = definition["field"]
    if not some_empty:
        return field
    return f"coalesce({QgsExpression.quotedColumnRef(field)}, '')"


def _values_by_class(layer: QgsVectorLayer, definition: dict) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for value in _values(layer, definition["field"]):
        separator = definition.get("separator")
        parts = value.split(separator) if separator else [value]
        if set(parts) <= set(definition.get("undrawn", [])):
            continue
        for entry in definition["classes"]:
            if not {"*", *parts}.isdisjoint(entry["values"]):
                found.setdefault(entry["key"], []).append(value)
                break
    return found


def _values(layer: QgsVectorLayer, field: str) -> list[str]:
    """Values that occur in a field, as texts, which is how QGIS compares them."""
    values = layer.uniqueValues(layer.fields().lookupField(field))
    return sorted("" if value in (None, NULL) else str(value) for value in values)


def _vary_width(drawn, layer, widths: dict | None, look: dict, factor: float) -> None:
    """Let the width of a line follow the values of a field, where there is one."""
    if widths is None or layer.fields().lookupField(widths["field"]) < 0:
        return
    pairs = ", ".join(f"'{key}', {factor * mm}" for key, mm in widths["values"].items())
    expression = (
        f'coalesce(map_get(map({pairs}), "{widths["field"]}"), '
        f"{factor * look['width']})"
    )
    drawn.symbolLayer(0).setDataDefinedProperty(
        QgsSymbolLayer.Property.StrokeWidth, QgsProperty.fromExpression(expression)
    )


def _marker(look: dict, factor: float) -> QgsSimpleMarkerSymbolLayer:
    shape, _ = QgsSimpleMarkerSymbolLayer.decodeShape(look["shape"])
    marker = QgsSimpleMarkerSymbolLayer(shape, factor * look["size"])
    marker.setColor(QColor(look["fill"]))
    marker.setStrokeColor(QColor(look["stroke"]))
    marker.setStrokeWidth(factor * look["width"])
    marker.setStrokeStyle(_stroke_style(look))
    return marker


def _letter(look: dict, factor: float) -> QgsFontMarkerSymbolLayer:
    size, colour = factor * look["letter_size"], QColor(look["letter_colour"])
    letter = QgsFontMarkerSymbolLayer(font_family(), look["letter"], size, colour)
    # Fonts leave more room above capitals than below them.
    letter.setOffset(QPointF(0, -size / 12))
    return letter


def _line(look: dict, factor: float) -> QgsSimpleLineSymbolLayer:
    line = QgsSimpleLineSymbolLayer(QColor(look["stroke"]), factor * look["width"])
    line.setPenJoinStyle(Qt.PenJoinStyle.RoundJoin)
    if dash := look.get("dash"):
        line.setPenCapStyle(Qt.PenCapStyle.FlatCap)
        line.setUseCustomDashPattern(True)
        line.setCustomDashVector([factor * mm for mm in dash])
    return line


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
