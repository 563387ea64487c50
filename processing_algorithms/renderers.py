"""Renderers built from the data of a style.

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
    QgsCategorizedSymbolRenderer,
    QgsExpression,
    QgsFeatureRenderer,
    QgsFeatureRequest,
    QgsGraduatedSymbolRenderer,
    QgsProperty,
    QgsRendererCategory,
    QgsRendererRange,
    QgsRuleBasedRenderer,
    QgsSingleSymbolRenderer,
    QgsSymbolLayer,
    QgsVectorLayer,
)

from ..analysis.resources import read_toml
from ..analysis.texts import number, text
from .amounts import amount_between
from .hatching import HATCHED, hatched, hatches
from .symbols import share_of_largest, symbol

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
        _draw_in_order(drawn, {"field": share_of_largest(arrow), "rising": True})
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


def _draw_in_order(drawn: QgsFeatureRenderer, order: dict) -> None:
    """Draw the features by the values of a field, the last on top."""
    clause = QgsFeatureRequest.OrderByClause(order["field"], order["rising"])
    drawn.setOrderBy(QgsFeatureRequest.OrderBy([clause]))
    drawn.setOrderByEnabled(True)


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


def _field(definition: dict, some_empty: bool) -> str:
    """The field of a style, as an expression where some features have no value.

    They would not even be read otherwise.
    """
    field = definition["field"]
    if not some_empty:
        return field
    return f"coalesce({QgsExpression.quotedColumnRef(field)}, '')"


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
