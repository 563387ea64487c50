"""Preparing a source layer: select, test, read, and account for every feature."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from ..errors import RefusalError
from ..ground import HECTARE
from ..numbers import as_texts
from .geometry import Box, Reproject, read_shapes
from .ledger import Ledger, Note
from .mapping import Mapping, find_column, named_column
from .reading import READERS, Cells
from .roles import ROLES, Field, Role

NUMBERS = {"number", "amount", "jobs", "env_category"}


@dataclass
class Prepared:
    """A canonical layer and the account of how it came about.

    Attributes
    ----------
    frame
        Canonical layer in the target CRS, sorted by id, with all fields of its role.
    skipped, repaired
        One row per feature and reason: ``layer``, ``source_id``, ``reason``,
        ``count`` (1). ``source_id`` is the source's own id, else the feature id.
    notes
        Keys and values of counted sentences for the log.
    """

    frame: gpd.GeoDataFrame
    skipped: pd.DataFrame
    repaired: pd.DataFrame
    notes: list[Note]


def prepare(
    role: str,
    frame: gpd.GeoDataFrame,
    mapping: Mapping,
    *,
    layer: str,
    language: str = "nl",
    target_crs: object = None,
    area_of_use: Box | None = None,
    reproject: Reproject | None = None,
) -> Prepared:
    """Make a canonical layer of a source layer.

    Features in equal features out plus rows in ``skipped``, always. Of features with
    one id the first that passes every other test is kept; first is the one with the
    lowest feature id, whatever the order of the rows.

    Parameters
    ----------
    role
        Role of the layer in lower case, e.g. ``zones``.
    frame
        Source features: raw attributes, geometry in the source CRS, and the feature
        ids as index.
    mapping
        Where the fields come from; see :func:`mapping_for`.
    layer
        Name of the layer, for the accounts.
    language
        Language of the reasons, ``nl`` or ``en``.
    target_crs
        A projected CRS in metres, given to the result.
    area_of_use
        (xmin, ymin, xmax, ymax) of the target CRS in metres; None to skip nothing for
        lying far away.
    reproject
        Takes an array of geometries from the source to the target CRS, with None
        where that fails; None when the two are the same.

    Raises
    ------
    RefusalError
        If a named column does not exist, a field that is needed has no source, the
        geometry is of another kind, or a code list has no table.
    """
    schema = ROLES[role]
    source = pd.DataFrame(frame.drop(columns=frame.geometry.name))
    source = source.reset_index(drop=True)
    features = np.array([str(name) for name in frame.index], dtype=object)
    ledger = Ledger(len(frame), language)
    _select(source, mapping, ledger)
    shapes = read_shapes(
        np.array(frame.geometry.array, dtype=object),
        schema.geometry,
        ledger,
        area_of_use=area_of_use,
        reproject=reproject,
        outlines=mapping.outlines,
    )
    ids = _read_ids(source, mapping, features, ledger)
    fields = _read_fields(source, mapping, ledger)
    _skip_duplicates(ids, features, ledger)
    columns = _assemble(schema, ids, fields, shapes, ledger.kept)
    canonical = gpd.GeoDataFrame(columns, geometry="geometry", crs=target_crs)
    source_ids = np.where(np.equal(ids, None), features, ids)
    skipped = ledger.skipped(layer, source_ids)
    repaired = ledger.repaired(layer, source_ids)
    return Prepared(canonical, skipped, repaired, ledger.notes(skipped, repaired))


def _select(source: pd.DataFrame, mapping: Mapping, ledger: Ledger) -> None:
    """Leave out what the preset does not select, naming column and value."""
    for name, wanted in mapping.keep.items():
        column = named_column(name, "keep", source.columns)
        texts = pd.Series(as_texts(source[column]), dtype=object)
        _leave_out(~texts.isin(as_texts(wanted)), texts, column, ledger)
    for name, unwanted in mapping.leave_out.items():
        column = named_column(name, "leave_out", source.columns)
        texts = pd.Series(as_texts(source[column]), dtype=object)
        _leave_out(texts.isin(as_texts(unwanted)), texts, column, ledger)


def _leave_out(mask: pd.Series, texts: pd.Series, column: str, ledger: Ledger) -> None:
    """Skip the features in a mask, with their value in the reason."""
    shown = texts.where(texts.notna(), "–")
    for value in sorted(set(shown[mask])):
        found = (mask & (shown == value)).to_numpy(bool)
        ledger.skip(found, "left_out", column=column, value=value)


def _read_ids(
    source: pd.DataFrame, mapping: Mapping, features: np.ndarray, ledger: Ledger
) -> np.ndarray:
    """Ids as texts; the feature ids where the source has none of its own."""
    id_name = ROLES[mapping.role].id_name
    column = _column(source, mapping, "ID_FIELD", id_name)
    if column is None:
        ledger.say(np.ones(len(source), bool), "ids_made")
        return features
    ids = as_texts(_without_nulls(source[column], mapping))
    ledger.skip(np.equal(ids, None), "no_id")
    return ids


def _read_fields(
    source: pd.DataFrame, mapping: Mapping, ledger: Ledger
) -> dict[str, np.ndarray]:
    """All fields of the role, in its order."""
    done: dict[str, np.ndarray] = {}
    for entry in ROLES[mapping.role].fields:
        cells = _cells(source, mapping, entry, ledger, done)
        done[entry.name] = READERS[entry.reader](cells)
    return done


def _cells(
    source: pd.DataFrame,
    mapping: Mapping,
    entry: Field,
    ledger: Ledger,
    done: dict[str, np.ndarray],
) -> Cells:
    """Cells that a field is read from: a column, a constant, a default or nothing."""
    constant = mapping.constants.get(entry.constant)
    # A constant makes a column of the canonical name that happens to be there idle.
    fallback = entry.name if constant is None else None
    column = _column(source, mapping, entry.parameter, fallback)
    if column is None and constant is None:
        constant = _default(entry, len(source), ledger, source.columns)
    raw = pd.Series([None] * len(source), dtype=object)
    if column is not None:
        raw = _without_nulls(source[column], mapping)
    values = mapping.values.get(entry.parameter, {})
    values = {key.strip().casefold(): value for key, value in values.items()}
    fixed = np.full(len(source), None, dtype=object)
    if values or constant is not None:
        known = {None: constant, **values}
        fixed[:] = [known.get(text and text.casefold()) for text in as_texts(raw)]
    factor = mapping.factors.get(entry.parameter, 1.0)
    return Cells(entry, column or entry.name, raw, fixed, values, factor, ledger, done)


def _default(
    entry: Field, count: int, ledger: Ledger, available: pd.Index
) -> str | None:
    """Value of a field that has no source; refused where it is needed."""
    if entry.refusal is not None:
        raise RefusalError(entry.refusal, available=", ".join(available) or "–")
    if entry.default is not None:
        ledger.say(np.ones(count, bool), f"default_{entry.name}")
    return entry.default


def _column(
    source: pd.DataFrame, mapping: Mapping, parameter: str, fallback: str | None
) -> str | None:
    """Source column of a parameter: the named one, else the canonical one."""
    named = mapping.columns.get(parameter)
    if named is not None:
        return named_column(named, parameter, source.columns)
    return None if fallback is None else find_column(fallback, source.columns)


def _without_nulls(column: pd.Series, mapping: Mapping) -> pd.Series:
    """Mark the null tokens of the source as missing."""
    if not mapping.nulls:
        return column
    texts = pd.Series(as_texts(column), dtype=object)
    return column.mask(texts.isin(as_texts(mapping.nulls)))


def _skip_duplicates(ids: np.ndarray, features: np.ndarray, ledger: Ledger) -> None:
    """Skip all but the first feature of each id among those that passed."""
    kept = np.flatnonzero(ledger.kept)
    numbers = pd.to_numeric(pd.Series(features[kept]), errors="coerce").to_numpy(float)
    order = kept[np.lexsort((features[kept].astype(str), numbers))]
    again = pd.Series(ids[order], dtype=object).duplicated().to_numpy()
    duplicate = np.zeros(len(ids), bool)
    duplicate[order[again]] = True
    ledger.skip(duplicate, "duplicate")


def _assemble(
    schema: Role,
    ids: np.ndarray,
    fields: dict[str, np.ndarray],
    shapes: np.ndarray,
    kept: np.ndarray,
) -> dict[str, pd.Series | np.ndarray]:
    """Columns of the canonical layer: kept features, sorted by id."""
    places = np.flatnonzero(kept)
    places = places[np.argsort(ids[places].astype(str), kind="stable")]
    columns = {schema.id_name: pd.Series(ids[places], dtype=object)}
    for entry in schema.fields:
        values = fields[entry.name][places]
        if entry.name == "name":
            values = np.where(np.equal(values, None), ids[places], values)
        kind = float if entry.reader in NUMBERS else object
        columns[entry.name] = pd.Series(values, dtype=kind)
    if schema.with_area:
        areas = shapely.area(shapes[places]) / HECTARE
        columns["area_ha"] = pd.Series(areas, dtype=float)
    columns["geometry"] = shapes[places]
    return columns
