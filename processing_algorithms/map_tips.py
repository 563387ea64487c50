"""What a reader sees when pointing at a feature.

Values are data: QGIS writes them as HTML text, never as HTML.
"""

from __future__ import annotations

from html import escape

from qgis.core import QgsExpression, QgsVectorLayer
from qgis.PyQt.QtCore import QMetaType

from ..analysis.environments.library import type_titles
from ..analysis.flows.tables import (
    CLASSES,
    STREAM_UNITS,
    class_names,
    material_name,
    materials,
    unit_name,
)
from ..analysis.resources import read_toml
from ..analysis.strategies import strategies
from ..analysis.texts import THIN_SPACE

# Fields that hold codes, and what stands between several of them.
CODED = {
    "mode": ",",
    "modes": ",",
    "energy": ",",
    "kind": ";",
    "kinds": ";",
    "zone_kinds": ";",
    "effect": ";",
    "access": ";",
    "group": ";",
    "direction": ";",
    "carrier": ";",
    "carriers": ";",
    "scale": ";",
    "party_role": ";",
    "basis": ";",
    "types": ";",
    "types_unknown": ";",
    "synthesis_classes": ";",
    "strategies": ";",
    "material": ";",
    "replaces": ";",
    "treatment": ";",
    "unit": ";",
    "status": ";",
    "role": ";",
    "reason": ";",
}

NAMED = {"env_category"}
"""Numbers that name a class, as 4.2 does in every language."""
SHARES = {"acceptability"}
"""Shares that are told as a percentage."""


def map_tip(layer: QgsVectorLayer, tip: dict, language: str) -> str:
    """HTML with expressions: a bold title and a line per field that has a value.

    Parameters
    ----------
    layer
        The layer; fields that it lacks are left out.
    tip
        ``title``, a field, and ``fields``.
    language
        ``nl`` or ``en``.
    """
    present = layer.fields().names()
    names = read_toml("texts", language, "fields.toml")
    parts = []
    if tip["title"] in present:
        shown = _shown(layer, tip["title"], language)
        parts.append(f"<b>[% coalesce({_escaped(shown)}, '') %]</b>")
    for field in tip["fields"]:
        if field in present:
            label = QgsExpression.quotedString(f"<br>{escape(names[field])}: ")
            shown = _escaped(_shown(layer, field, language))
            # NULL makes the whole line NULL, which leaves it out.
            parts.append(f"[% coalesce({label} || nullif({shown}, ''), '') %]")
    return "\n".join(parts)


def _shown(layer: QgsVectorLayer, field: str, language: str) -> str:
    """Expression that writes a value as the reader's language does."""
    column = QgsExpression.quotedColumnRef(field)
    definition = layer.fields().field(field)
    if definition.type() == QMetaType.Type.Bool:
        told = f"if({column} IS NULL, NULL, if({column}, 'yes', 'no'))"
        return _in_words(told, ";", _words(field, language))
    if field in SHARES:
        return f"format_number(100 * {column}, 0) || ' %'"
    if definition.isNumeric() and field not in NAMED:
        written = f"format_number({column}, 1, '{language}', false, true)"
        thousands = "." if language == "nl" else ","
        return f"replace({written}, '{thousands}', '{THIN_SPACE}')"
    if field == "quality" and "carrier" in layer.fields().names():
        return _quality(column, language)
    if field in CODED:
        return _in_words(column, CODED[field], _words(field, language))
    return f"to_string({column})"


def _words(field: str, language: str) -> dict[str, str]:
    """What the codes of a field are called."""
    if field in {"types", "types_unknown"}:
        return {
            code: f"{code} {title}" for code, title in type_titles(language).items()
        }
    if field == "strategies":
        return {
            name: f"{name} {each.titles[language]}"
            for name, each in strategies().items()
        }
    if field in {"material", "replaces", "treatment", "unit"}:
        return _flow_words(field, language)
    words = read_toml("texts", language, "styles.toml")
    if field == "synthesis_classes":
        return words["environment_zones"] | words["environment_network"]
    return words["words"]


def _flow_words(field: str, language: str) -> dict[str, str]:
    """What materials, treatments and units are called."""
    from ..analysis.matching.why import treatment_names

    if field == "treatment":
        return treatment_names(language)
    if field == "unit":
        return {unit: unit_name(unit, language) for unit in STREAM_UNITS}
    return {code: material_name(code, language) for code in materials()}


def _quality(column: str, language: str) -> str:
    """Expression that names a class of water, heat or CO2: carriers share codes."""
    words = {
        f"{carrier}:{code}": name
        for carrier in CLASSES
        for code, name in class_names(carrier, language).items()
    }
    return f"coalesce(map_get({_map(words)}, \"carrier\" || ':' || {column}), {column})"


def _map(words: dict[str, str]) -> str:
    pairs = ", ".join(
        f"{_quoted(code)}, {_quoted(word)}" for code, word in words.items()
    )
    return f"map({pairs})"


def _quoted(word: str) -> str:
    return QgsExpression.quotedString(word)


def _in_words(column: str, separator: str, words: dict[str, str]) -> str:
    word = f"coalesce(map_get({_map(words)}, @element), @element)"
    parts = f"string_to_array({column}, '{separator}')"
    return f"array_to_string(array_foreach({parts}, {word}), ', ')"


def _escaped(expression: str) -> str:
    """Expression that gives another's value as HTML text."""
    for sign, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        expression = f"replace({expression}, '{sign}', '{entity}')"
    return expression
