"""Canonical layers as they are handed in: checked, typed and put together."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from .errors import RefusalError
from .layers import LayerType

_TRUTHS = {"1": True, "true": True, "ja": True, "0": False, "false": False}


def canonical(
    frame: gpd.GeoDataFrame, kind: LayerType, layer: str
) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Check a canonical layer and put its fields in their type.

    Parameters
    ----------
    frame
        Layer as read, any columns beside the canonical ones.
    kind
        What it must be.
    layer
        Name of the layer, for the sentence.

    Returns
    -------
    tuple
        The layer: all columns of ``frame``, the canonical ones typed, sorted by id,
        index from 0; and the ids of the rows without geometry, which are left out.

    Raises
    ------
    RefusalError
        If a mandatory field is missing, or an id is empty or occurs twice.
    """
    missing = [name for name in kind.mandatory if name not in frame]
    if missing:
        raise RefusalError(
            f"messages.not_canonical_{kind.name}",
            layer=layer,
            fields=", ".join(missing),
        )
    present = ~(shapely.is_missing(frame.geometry) | shapely.is_empty(frame.geometry))
    kept = frame[present].copy()
    for name, field_type in kind.fields.items():
        if name in kept:
            kept[name] = typed(kept[name], field_type)
    if kind.id in kept:
        _check_ids(kept[kind.id], layer)
    ids = frame.get(kind.id, frame.index)
    empty = [plain_text(value) or "" for value in ids[~present]]
    return sorted_frame(kept, kind), empty


def merge_layers(
    frames: dict[str, gpd.GeoDataFrame], id_field: str
) -> tuple[gpd.GeoDataFrame, int]:
    """Put canonical layers of one role one behind the other.

    Parameters
    ----------
    frames
        Layers by name, in one CRS.
    id_field
        Their id; an id that occurs in more than one layer gets the name of its layer
        in front. Empty where the layers have no id.

    Returns
    -------
    tuple
        The merged layer, sorted by id, and the number of ids that were changed.
    """
    if len(frames) == 1:
        return next(iter(frames.values())), 0
    named = list(frames.items())
    merged = gpd.GeoDataFrame(pd.concat([f for _, f in named], ignore_index=True))
    renamed = 0
    if id_field:
        origin = np.repeat([name for name, _ in named], [len(f) for _, f in named])
        clash = merged[id_field].duplicated(keep=False)
        renamed = int(clash.sum())
        prefixed = pd.Series(origin, index=merged.index) + "-" + merged[id_field]
        merged[id_field] = merged[id_field].where(~clash, prefixed)
        merged = merged.sort_values(id_field, ignore_index=True)
    return merged, renamed


def sorted_frame(frame: gpd.GeoDataFrame, kind: LayerType) -> gpd.GeoDataFrame:
    """Rows in an order that only their content decides: by id, else by place."""
    if kind.id and kind.id in frame:
        return frame.sort_values(kind.id, ignore_index=True)
    bounds = frame.geometry.bounds.round(3)
    order = np.lexsort(bounds[["maxy", "maxx", "miny", "minx"]].to_numpy().T)
    return frame.iloc[order].reset_index(drop=True)


def typed(values: pd.Series, kind: str) -> pd.Series:
    """Values in the type of a field, NULL where they can't be read so."""
    if kind in {"real", "integer"}:
        return pd.to_numeric(values, errors="coerce").astype(float)
    convert = _truth if kind == "boolean" else plain_text
    return pd.Series([convert(value) for value in values], values.index, dtype=object)


def plain_text(value: object) -> str | None:
    """Value as text: ``12`` for 12.0, None for every kind of missing."""
    if value is None or value != value:  # noqa: PLR0124 - NaN differs from itself
        return None
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _truth(value: object) -> bool | None:
    written = plain_text(value)
    return None if written is None else _TRUTHS.get(written.lower())


def _check_ids(ids: pd.Series, layer: str) -> None:
    if ids.isna().any():
        raise RefusalError("messages.id_empty", layer=layer, field=ids.name)
    double = ids[ids.duplicated()]
    if len(double):
        raise RefusalError(
            "messages.id_double", layer=layer, field=ids.name, example=min(double)
        )
