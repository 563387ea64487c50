"""Step: the type environments of the Flemish study.

After publishing, since a type can tell that one firm is there (T8) or how many are
(T2): in a workshop what firms decide is unknown.
"""

from __future__ import annotations

from functools import partial

import pandas as pd
import shapely

from ....analysis.clip import map_box
from ....analysis.report_content import Column, Section, Table
from ....analysis.texts import listing, text
from ...leverage.environment_types import EnvironmentTypes
from . import Outcome, Step

UNKNOWN = "environments.types_unknown"
"""The remark that some types are unknown."""
SIZES = ("zones", "area_ha", "unknown", "lines", "length_km")
"""Columns of the tables of the report."""


def _compute(layers: dict, settings, progress) -> Outcome:
    from ....analysis.environments.types import types_of_areas

    # As the criteria of the map these are measured in a straight line.
    seen = layers | {"network": None}
    found = EnvironmentTypes.calculate(seen, settings, progress)
    told = found.inside(_ground(layers))
    areas = layers["leverage_areas"]
    tables = {
        "environment_zones": told.zones,
        "environment_network": told.network,
        "environment_totals": told.types,
        "leverage_areas": areas.assign(**types_of_areas(areas, found.zones)),
    }
    # Which kinds the layers lack is a long story: the report tells it.
    notes = [remark for remark in told.remarks if remark[0] == UNKNOWN]
    notes += _not_told(layers, told)
    return Outcome(tables, notes, partial(_section, found=told))


def _ground(layers: dict) -> shapely.Geometry:
    """What the map is about: the study area, else all that it shows."""
    if "study_area" in layers:
        return layers["study_area"].geometry.iloc[0]
    return shapely.box(*map_box(layers["zones"]))


def _not_told(layers: dict, found) -> list[tuple[str, dict]]:
    """Which types are unknown somewhere since firms decide, where these are secret."""
    from ....analysis.environments.types import types_of_firms

    names = [name for name in types_of_firms() if name in _unknown(found.types)]
    if "establishments" in layers or not names:
        return []
    return [("environments.firms_not_told", {"names": listing(names, found.language)})]


def _section(layers: dict, found) -> Section:
    """Which types and classes occur, and of which nobody knows."""
    types, unknown = found.types, _unknown(found.types)

    def say(key: str, **values) -> str:
        return text(f"steps.environments.{key}", found.language, **values)

    told = types["type"].isin(unknown) | (types[["zones", "lines"]] > 0).any(axis=1)
    typed = int((found.zones["types"] != "").sum())
    sentences = [say("summary", count=len(found.zones), typed=typed), say("reading")]
    lists = {"none": types["type"][~told].tolist(), "unknown_types": unknown}
    sentences += [
        say(key, names=listing(names, found.language))
        for key, names in lists.items()
        if names
    ]
    absent = [remark for remark in found.remarks if remark[0] != UNKNOWN]
    sentences += [
        text(key, found.language, **values)
        for key, values in absent + _not_told(layers, found)
    ]
    titled = types.assign(title=types["type"] + " " + types["title"])
    tables = [_table("types", titled[told], say), _table("classes", found.classes, say)]
    tables = [table for table in tables if table.rows]
    return Section("environments", say("title"), sentences, tables)


def _unknown(types: pd.DataFrame) -> list[str]:
    """Types of which it is unknown of one place or more."""
    return types["type"][types["unknown"].fillna(1) > 0].tolist()


def _table(key: str, totals: pd.DataFrame, say) -> Table:
    """Zones and hectares, or lines and kilometres, with no sum below them."""
    shown = [name for name in SIZES if name in totals]
    columns = [Column(say(key)), *(Column(say(name), 0) for name in shown)]
    cells = totals[["title", *shown]].astype(object)
    rows = cells.where(cells.notna(), None).to_numpy().tolist()
    return Table(say(f"{key}_caption"), columns, rows)


NEEDS = ("zones", "infrastructure", "leverage_areas")
STEP = Step(32, EnvironmentTypes, NEEDS, _compute, from_published=True)
