"""Initiatives on the map: numbered once, for map, page, tables and report."""

from __future__ import annotations

from functools import partial

import pandas as pd

from ...analysis.initiatives import number_initiatives
from ...analysis.report_content import Column, Section, Table
from ...analysis.resources import read_toml
from ...analysis.texts import text
from .page import NumberedInitiative
from .steps import Outcome


def initiatives_on_map(
    layers: dict, box: tuple[float, float, float, float], language: str
) -> Outcome:
    """The initiatives of a map, with their section of the report.

    Parameters
    ----------
    layers
        With ``initiatives``, in the CRS of the map.
    box
        (xmin, ymin, xmax, ymax) of the map; what lies outside is counted.
    language
        ``nl`` or ``en``.
    """
    numbered = number_initiatives(layers["initiatives"], box)
    notes = []
    if outside := len(layers["initiatives"]) - len(numbered):
        notes.append(("messages.initiatives_outside", {"count": outside}))
    section = partial(_section, language=language)
    return Outcome({"initiatives": numbered}, notes, section)


def listed_initiatives(layers: dict, language: str) -> list[NumberedInitiative]:
    """The initiatives as the page lists them; none where the map has none."""
    if "initiatives" not in layers:
        return []
    return [
        NumberedInitiative(row["number"], row["name"], row["kind"])
        for row in _rows(layers["initiatives"], language)
    ]


def _section(layers: dict, language: str) -> Section:
    """Every initiative on the map, with all that is known of it."""

    def say(key: str, **values) -> str:
        return text(f"steps.initiatives.{key}", language, **values)

    columns = [Column(say(key)) for key in ("name", "kind", "status", "source")]
    rows = [
        [f"{row['number']}. {row['name']}", row["kind"], row["status"], row["source"]]
        for row in _rows(layers["initiatives"], language)
    ]
    sentence = say("summary", count=len(rows))
    tables = [Table(say("caption"), columns, rows)] if rows else []
    return Section("initiatives", say("title"), [sentence], tables)


def _rows(initiatives: pd.DataFrame, language: str) -> list[dict]:
    """Initiatives in the order of their numbers, their kind in words."""
    words = read_toml("texts", language, "styles.toml")["words"]
    unknown = text("steps.initiatives.kind_unknown", language)
    fields = ["number", "name", "kind", "status", "source"]
    ordered = initiatives.sort_values("number")[fields]
    return [
        row | {"name": row["name"] or "–", "kind": words.get(row["kind"], unknown)}
        for row in ordered.to_dict("records")
    ]
