"""Flows as a canonical layer, from pairs of an actor and a coefficient."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from ..layers import layer_type
from ..progress import Progress
from .pairs import Pairs
from .reported import passed_through
from .tables import ESTIMATED, materials

BLOCK = 200_000
"""Flows that are written out in one go, so that a cancel is soon heard."""
FROM_ACTOR = ("actor_id", "actor_name", "sbi", "confidential")
FROM_COEFFICIENT = (
    "direction", "carrier", "material", "unit", "temperature_c", "return_c", "profile",
    "quality", "contracted_share", "hazardous", "properties", "eural", "basis",
    "data_quality", "source", "year",
)  # fmt: skip
QUANTITIES = {"quantity": "mode", "quantity_low": "low", "quantity_high": "high"}


def written_out(
    pairs: Pairs, rows: pd.DataFrame, progress: Progress
) -> gpd.GeoDataFrame:
    """Canonical flows of the pairs, block by block; sorted by id.

    Parameters
    ----------
    pairs
        Actors and the row that each uses.
    rows
        Coefficients.
    progress
        Told after every block.
    """
    actors, actor, row = pairs.actors, pairs.actor, pairs.row
    of_actor = dict(
        zip(
            FROM_ACTOR,
            (actors.ids, actors.names, actors.sbi, actors.confidential.astype(object)),
            strict=True,
        )
    )
    of_row = _row_values(rows)
    starts, ends = actors.ids + ":", rows["id"].to_numpy(object)
    columns = {
        name: np.empty(len(row), (of_actor | of_row)[name].dtype)
        for name in (*FROM_ACTOR, *FROM_COEFFICIENT)
    }
    columns |= {name: np.empty(len(row)) for name in QUANTITIES}
    columns["flow_id"] = np.empty(len(row), object)
    factors = {name: rows[of].to_numpy(float) for name, of in QUANTITIES.items()}
    for start in range(0, len(row), BLOCK):
        block = slice(start, start + BLOCK)
        who, what = actor[block], row[block]
        columns["flow_id"][block] = starts[who] + ends[what]
        for name, values in of_actor.items():
            columns[name][block] = values[who]
        for name, values in of_row.items():
            columns[name][block] = values[what]
        for name, values in factors.items():
            columns[name][block] = actors.amounts[who] * values[what]
        progress(min(start + BLOCK, len(row)) / len(row))
    flows = _as_layer(columns, actors.points[actor])
    # Ids with a colon in them may stand in another order than we thought.
    if not flows["flow_id"].is_monotonic_increasing:
        flows = flows.sort_values("flow_id", kind="stable", ignore_index=True)
    return flows


def _row_values(rows: pd.DataFrame) -> dict[str, np.ndarray]:
    """What a flow has from its coefficient, by field, unknown texts None."""
    known = [materials().get(code) for code in rows["material"]]
    defaults = [each.contracted_share if each else None for each in known]
    shares = rows["contracted_share"].astype(float)
    made = {
        "contracted_share": shares.fillna(pd.Series(defaults, rows.index, dtype=float)),
        "hazardous": pd.Series([each.hazardous if each else None for each in known]),
        "properties": pd.Series([each.properties if each else "" for each in known]),
        "eural": pd.Series("", rows.index),
        "basis": pd.Series(ESTIMATED, rows.index),
    }
    kinds = layer_type("flows").fields
    return {
        name: _plain(made.get(name, rows.get(name)), kinds[name])
        for name in FROM_COEFFICIENT
    }


def _plain(column: pd.Series, kind: str) -> np.ndarray:
    """A column as objects or floats."""
    if kind in {"real", "integer"}:
        return column.to_numpy(float)
    values = column.to_numpy(object)
    return np.array([None if each == "" else each for each in values], object)


def with_reported(
    flows: gpd.GeoDataFrame, reported: gpd.GeoDataFrame
) -> gpd.GeoDataFrame:
    """Estimates and reported flows as one layer, sorted."""
    told = passed_through(reported).sort_values("flow_id", ignore_index=True)
    clash = flows["flow_id"].isin(told["flow_id"]).to_numpy()
    while clash.any():
        flows.loc[clash, "flow_id"] = ESTIMATED + "-" + flows.loc[clash, "flow_id"]
        flows = flows.sort_values("flow_id", ignore_index=True)
        clash = flows["flow_id"].isin(told["flow_id"]).to_numpy()
    # To sort millions of texts once more would take longer than all the rest.
    places = np.searchsorted(
        flows["flow_id"].to_numpy(object), told["flow_id"].to_numpy(object)
    )
    columns = {
        name: np.insert(_own(flows[name], kind), places, _told(told, name, kind))
        for name, kind in layer_type("flows").fields.items()
    }
    ours, theirs = flows.geometry.to_numpy(), told.geometry.to_numpy()
    return _as_layer(columns, np.insert(ours, places, theirs))


def _as_layer(columns: dict[str, np.ndarray], shapes: np.ndarray) -> gpd.GeoDataFrame:
    """Columns in their order, as they are: to put them together would copy them all."""
    ordered = {
        # Without a word on the type, pandas 3 would turn texts into texts of its own.
        name: pd.Series(columns[name], dtype=columns[name].dtype, copy=False)
        for name in layer_type("flows").fields
    }
    ordered["geometry"] = gpd.array.from_shapely(shapes)
    return gpd.GeoDataFrame(pd.DataFrame(ordered, copy=False), copy=False)


def _own(column: pd.Series, kind: str) -> np.ndarray:
    """A column of ours; whole numbers become such that can be unknown."""
    return column.to_numpy(float if kind in {"real", "integer"} else None)


def _told(told, name: str, kind: str) -> np.ndarray:
    """A column of reported flows, as objects or floats."""
    if name not in told:
        return np.full(len(told), None if kind in {"text", "boolean"} else np.nan)
    return _plain(told[name].where(told[name].notna(), None), kind)
