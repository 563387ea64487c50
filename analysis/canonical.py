"""Canonical layers as they are handed in: checked, typed and put together."""

from __future__ import annotations

from itertools import count

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from .errors import RefusalError
from .layers import LayerType
from .numbers import is_numeric, parse_numbers
from .prepare.roles import ROLES
from .shapes import usable

# Above this not every whole number can be written as a float.
LARGEST_INTEGER = 2.0**53
CODE = "[0-9]{2,5}"
_TRUTHS = {"1": True, "true": True, "ja": True, "0": False, "false": False}


def canonical(
    frame: gpd.GeoDataFrame, kind: LayerType, layer: str
) -> tuple[gpd.GeoDataFrame, list[str], int]:
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
        The layer: all columns of ``frame``, the canonical ones typed, shapes flat and
        valid, sorted by id, index from 0; the ids of the rows without usable geometry,
        which are left out; and the number of shapes that were mended.

    Raises
    ------
    RefusalError
        If a mandatory field is missing, an id is empty or occurs twice, or a field
        holds a kind or a code that no prepare algorithm writes.
    """
    missing = [name for name in kind.mandatory if name not in frame]
    if missing:
        raise RefusalError(
            f"messages.not_canonical_{kind.name}",
            layer=layer,
            fields=", ".join(missing),
        )
    if frame.geometry.name != "geometry":
        # A field of the user's that happens to have that name has no part in it.
        frame = frame.drop(columns="geometry", errors="ignore")
        frame = frame.rename_geometry("geometry")
    shapes, mended = usable(frame.geometry.to_numpy(), kind.geometry.lower())
    present = ~shapely.is_missing(shapes)
    kept = frame.set_geometry(shapes)[present]
    kept = kept.assign(
        **{
            name: typed(kept[name], field_type)
            for name, field_type in kind.fields.items()
            if name in kept
        }
    )
    if kind.id in kept:
        _check_ids(kept[kind.id], layer)
    _check_words(kept, frame, kind.name, layer)
    ids = frame.get(kind.id, frame.index)
    empty = [plain_text(value) or "" for value in ids[~present]]
    return sorted_frame(kept, kind), empty, int(mended.sum())


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
        merged[id_field], renamed = _apart(merged[id_field], origin)
        merged = merged.sort_values(id_field, ignore_index=True)
    return merged, renamed


def sorted_frame(frame: gpd.GeoDataFrame, kind: LayerType) -> gpd.GeoDataFrame:
    """Rows in an order that only their content decides: by id, else by place."""
    if kind.id and kind.id in frame:
        if frame[kind.id].is_monotonic_increasing:
            return frame.reset_index(drop=True)
        return frame.sort_values(kind.id, ignore_index=True)
    bounds = frame.geometry.bounds.round(3)
    texts = [frame[name].astype(str) for name in kind.fields if name in frame]
    texts.append(pd.Series(shapely.to_wkb(frame.geometry.to_numpy(), hex=True)))
    content = [pd.factorize(column, sort=True)[0] for column in texts]
    place = bounds[["maxy", "maxx", "miny", "minx"]].to_numpy().T
    return frame.iloc[np.lexsort([*content, *place])].reset_index(drop=True)


def typed(values: pd.Series, kind: str) -> pd.Series:
    """Values in the type of a field, NULL where they can't be read so."""
    if kind in {"real", "integer"}:
        numbers = pd.Series(parse_numbers(values)[0], values.index)
        whole = (numbers % 1 == 0) & (numbers.abs() < LARGEST_INTEGER)
        return numbers if kind == "real" else numbers.where(whole)
    if kind == "text" and set(map(type, values)) <= {str, type(None)}:
        return values
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


def _apart(ids: pd.Series, origin: np.ndarray) -> tuple[pd.Series, int]:
    """Ids with their layer's name in front where they clash, and how many those are."""
    clash = ids.duplicated(keep=False)
    between = "-"
    # An id may look like another one with its layer's name in front.
    for number in count(2):
        apart = ids.where(~clash, pd.Series(origin, ids.index) + between + ids)
        if apart.is_unique:
            return apart, int(clash.sum())
        between = f"-{number}-"
    raise AssertionError


def _check_words(
    frame: pd.DataFrame, source: pd.DataFrame, name: str, layer: str
) -> None:
    """Refuse kinds outside the vocabulary, and codes that are none."""
    fields = ROLES[name].fields if name in ROLES else ()
    for field in fields:
        if field.name not in frame or not (field.choices or field.reader == "code"):
            continue
        words = pd.Series(frame[field.name].dropna().unique(), dtype=object)
        if field.reader == "choices":
            words = words.str.split(";").explode()
        known = words.isin(field.choices)
        if field.reader == "code":
            known = words.str.fullmatch(CODE)
            # A number has lost its leading zero.
            known &= not is_numeric(source[field.name])
        wrong = words[~known.astype(bool)]
        if len(wrong):
            raise RefusalError(
                "messages.word_unknown",
                layer=layer,
                field=field.name,
                example=min(wrong),
                algorithm=f"prepare{name}",
            )


def _check_ids(ids: pd.Series, layer: str) -> None:
    if ids.isna().any() or (ids.map(str.strip) == "").any():
        raise RefusalError("messages.id_empty", layer=layer, field=ids.name)
    double = ids[ids.duplicated()]
    if len(double):
        raise RefusalError(
            "messages.id_double", layer=layer, field=ids.name, example=min(double)
        )
