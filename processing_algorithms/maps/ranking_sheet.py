"""The ranking as a spreadsheet.

GDAL writes it; texts go in as texts, so that a name never becomes a formula.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from ...analysis.layers import LayerType, layer_type
from ...analysis.resources import read_toml
from ...analysis.texts import text
from ..geopackage import write_table

RANKING = "ranglijst.xlsx"
FIELDS = (
    "rank", "name", "score", "score_low", "score_high", "rank_low", "rank_high",
    "acceptability", "completeness", "why", "change", "area_ha",
    "establishments", "jobs", "zone_id", "area_id",
)  # fmt: skip


def write_ranking(path: Path, areas: pd.DataFrame, language: str, context) -> None:
    """Write the areas in the order of their rank, those without one last.

    Parameters
    ----------
    path
        The file; it must not be there yet.
    areas
        Scored leverage areas, as they may be told.
    language
        Of the headings, ``nl`` or ``en``.
    context
        The processing context.
    """
    titles = read_toml("texts", language, "fields.toml")
    types = layer_type("leverage_areas").fields | layer_type("scores").fields
    shown = [field for field in FIELDS if field in areas]
    ordered = areas.sort_values(["rank", "area_id"], na_position="last")
    table = pd.DataFrame(ordered[shown]).rename(columns=titles)
    fields = {titles[field]: types[field] for field in shown}
    kind = LayerType("ranking", "None", "", fields, ())
    sheet = text("steps.map.ranking", language)
    write_table(path, sheet, table, kind, context, driver="XLSX")
