"""Renderers and symbols built from the data of a style.

A style is one symbol (``symbol``), classes of values (``classes``, called as a text
says, by their values where ``labels`` says so, or where a class is one value by the
field ``names``), a colour per value (``palette``, called as ``names`` says), steps of a
number (``ranges``, some features ``hatched``) or filters (``rules``; or ``rules_of`` a
file, whose lists are combined each with each).
What ``symbol`` says holds for all of them, unless they say otherwise. Where the field
of a style is empty throughout, ``otherwise`` (a palette) takes its place. Where
``symbol`` has ``sizes``, a class of the feature decides how large it is, and a rule for
each class (``size_symbol``) tells what it stands for.
"""

from __future__ import annotations

from itertools import cycle, product

from qgis.core import (
    NULL,
    Qgis,
    QgsArrowSymbolLayer,
    QgsCategorizedSymbolRenderer,
    QgsExpression,
    QgsFeatureRenderer,
    QgsFeatureRequest,
    QgsFillSymbol,
    QgsFontMarkerSymbolLayer,
    QgsGraduatedSymbolRenderer,
    QgsLineSymbol,
    QgsMarkerLineSymbolLayer,
    QgsMarkerSymbol,
    QgsMarkerSymbolLayer,
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
from .amounts import amount_between
from .fonts import font_family
from .hatching import HATCHED, hatch_lines, hatched, hatches

RAISED = 1 / 12
"""Fonts leave more room above capitals than below them, as a share of their size."""
SIZE = "size"
"""Keys of rules that tell how much a size stands for begin with this."""
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
    if "rules" in definition or "rules_of" in definition:
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


def unevaluated(words: str) -> str:
    """A text that a printed legend shows as it is, and not as an expression."""
    return words.replace("[%", "[\u2060%")


def _classes(layer, style, definition, language, factor) -> QgsFeatureRenderer:
    """Categories for the classes that occur; one class may stand for many values."""
    found = _values_by_class(layer, definition)
    names = _names_of_values(layer, definition)
    categories = []
    for entry in definition["classes"]:
        if values := found.get(entry["key"]):
            look = definition.get("symbol", {}) | entry
            drawn = symbol(layer.geometryType(), look, factor)
            _vary_width(drawn, layer, definition.get("widths"), look, factor)
            label = _class_label(style, definition, entry, values, names, language)
            categories.append(QgsRendererCategory(values, drawn, label))
    some_empty = any("" in values for values in found.values())
    drawn = QgsCategorizedSymbolRenderer(_field(definition, some_empty), categories)
    if arrow := definition.get("symbol", {}).get("arrow"):
        _draw_in_order(drawn, {"field": _share(arrow), "rising": True})
    elif "order" in definition:
        _draw_in_order(drawn, definition["order"])
    return drawn


def _class_label(style, definition, entry, values, names, language) -> str:
    """What a class is called: by its values, by what the layer calls its one value."""
    if definition.get("labels") == "values":
        return ", ".join(values)
    if "*" not in entry["values"] and len(values) == 1 and values[0] in names:
        return unevaluated(names[values[0]])
    return text(f"styles.{style}.{entry['key']}", language)


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
    _draw_in_order(graduated, {"field": definition["field"], "rising": True})
    if not hatches(layer, definition):
        return graduated
    label = text(f"styles.{style}.{HATCHED}", language)
    return hatched(graduated, definition[HATCHED], label, factor)


def _draw_in_order(drawn: QgsFeatureRenderer, order: dict) -> None:
    """Draw the features by the values of a field, the last on top."""
    clause = QgsFeatureRequest.OrderByClause(order["field"], order["rising"])
    drawn.setOrderBy(QgsFeatureRequest.OrderBy([clause]))
    drawn.setOrderByEnabled(True)


def _names_of_values(layer: QgsVectorLayer, definition: dict) -> dict[str, str]:
    """What the layer itself calls its values, where it has a field of names."""
    fields = layer.fields().names()
    name = definition.get("names")
    if name not in fields:
        return {}
    request = QgsFeatureRequest().setFlags(Qgis.FeatureRequestFlag.NoGeometry)
    request.setSubsetOfAttributes([definition["field"], name], layer.fields())
    pairs = {(f[definition["field"]], f[name]) for f in layer.getFeatures(request)}
    return {str(value): str(name) for value, name in sorted(pairs, key=str) if name}


def _rules(layer, style, definition, language, factor) -> QgsFeatureRenderer:
    """A symbol per filter, for those that some feature fits."""
    root = QgsRuleBasedRenderer.Rule(None)
    entries = _rules_by_size(definition, language)
    for entry in entries + _rule_entries(style, definition, language):
        fitting = QgsFeatureRequest().setFilterExpression(entry["filter"]).setLimit(1)
        if next(layer.getFeatures(fitting), None) is None:
            continue
        look = _resolved(definition["symbol"] | entry)
        drawn = symbol(layer.geometryType(), look, factor)
        rule = QgsRuleBasedRenderer.Rule(drawn, 0, 0, entry["filter"], entry["label"])
        rule.setRuleKey(entry["key"])
        root.appendChild(rule)
    drawn = QgsRuleBasedRenderer(root)
    if "order" in definition:
        _draw_in_order(drawn, definition["order"])
    return drawn


def _rule_entries(style: str, definition: dict, language: str) -> list[dict]:
    """Rules of a style, with what they are called; lists of them combined."""
    theme = definition.get("rules_of", style)
    entries = definition.get("rules")
    if entries is None:
        entries = _combined(read_toml("styles", f"{theme}.toml"))
    return [
        entry | {"label": text(f"styles.{theme}.{entry['key']}", language)}
        for entry in entries
    ]


def _combined(lists: dict[str, list[dict]]) -> list[dict]:
    """One entry of each list, in every combination."""
    combined = []
    for parts in product(*lists.values()):
        entry = {name: value for part in parts for name, value in part.items()}
        entry["key"] = "_".join(part["key"] for part in parts if part["key"])
        entry["filter"] = " AND ".join(part["filter"] for part in parts)
        combined.append(entry)
    return combined


def _rules_by_size(definition: dict, language: str) -> list[dict]:
    """A rule for each class of size, the largest first, where a style has them."""
    carriers = read_toml("styles", "carriers.toml")["carriers"]
    rules = []
    for carrier in carriers if "sizes" in definition else []:
        scale = definition["sizes"][carrier["key"]]
        bounds = [None, *scale["limits"], None]
        shape = {name: carrier[name] for name in ("shape", "enlarged", "colour")}
        sizes = enumerate(definition["symbol"]["sizes"], 1)
        for place, size in reversed(list(sizes)):
            low, high = bounds[place - 1 : place + 1]
            rule = {
                "key": f"{SIZE}_{carrier['key']}_{place}",
                "size": size,
                "filter": f'{carrier["filter"]} AND "size" = {place}',
                "label": amount_between(low, high, scale["unit"], language),
            }
            rules.append(definition["size_symbol"] | shape | rule)
    return rules


def _resolved(look: dict) -> dict:
    """A look in which ``@name`` is replaced by what the look has under that name."""

    def found(value: object) -> object:
        if isinstance(value, dict):
            return {name: found(each) for name, each in value.items()}
        known = isinstance(value, str) and value.startswith("@")
        return look[value[1:]] if known else value

    return {name: found(value) for name, value in look.items()}


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
            body = f"{least} + {_share(arrow)} * {width}"
            expression = f"{times} * coalesce({body}, {usual}) + {more * factor}"
            drawn.setDataDefinedProperty(prop, QgsProperty.fromExpression(expression))
    return drawn


def _share(arrow: dict) -> str:
    """Quantity as a part of the largest of its group, as an expression."""
    field, group = (
        QgsExpression.quotedColumnRef(arrow[name]) for name in ("field", "group")
    )
    return f"{field} / maximum({field}, group_by:={group})"


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
