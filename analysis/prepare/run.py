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
from .flow_readers import FLOW_READERS
from .flows import fill_flows
from .geometry import Box, Reproject, read_shapes
from .ledger import Ledger, Note
from .mapping import Mapping, columns_of, find_column, remarks
from .reading import READERS, Cells
from .roles import ROLES, Field, Role
from .sizes import fill_jobs
from .source import select, source_cells

NUMBERS = {
    "number", "amount", "jobs", "env_category", "quantity", "temperature", "share",
    "data_quality", "year",
}  # fmt: skip
FINISHERS = {"establishments": fill_jobs, "flows": fill_flows}
"""What makes the fields of a role of several columns that were read."""


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
    select(source, mapping, ledger)
    shapes = read_shapes(
        np.array(frame.geometry.array, dtype=object),
        schema.geometry,
        ledger,
        area_of_use=area_of_use,
        reproject=reproject,
        outlines=mapping.outlines,
        centres=mapping.centres,
    )
    ids = _read_ids(source, mapping, features, ledger)
    fields = _read_fields(source, mapping, ledger)
    _skip_duplicates(ids, features, ledger)
    columns = _assemble(schema, ids, fields, shapes, ledger.kept)
    canonical = gpd.GeoDataFrame(columns, geometry="geometry", crs=target_crs)
    source_ids = np.where(np.equal(ids, None), features, ids)
    skipped = ledger.skipped(layer, source_ids)
    repaired = ledger.repaired(layer, source_ids)
    said = remarks(mapping, source.columns, language)
    said += ledger.notes(skipped, repaired)
    return Prepared(canonical, skipped, repaired, said)


def _read_ids(
    source: pd.DataFrame, mapping: Mapping, features: np.ndarray, ledger: Ledger
) -> np.ndarray:
    """Ids as texts; the feature ids where the source has none of its own."""
    id_name = ROLES[mapping.role].id_name
    columns = _columns(source, mapping, "ID_FIELD", id_name)
    if not columns:
        ledger.say(np.ones(len(source), bool), "ids_made")
        return features
    ids = as_texts(source_cells(source, columns, mapping, "ID_FIELD")[0])
    ledger.skip(np.equal(ids, None), "no_id")
    return ids


def _read_fields(
    source: pd.DataFrame, mapping: Mapping, ledger: Ledger
) -> dict[str, np.ndarray]:
    """All fields of the role, in its order."""
    done: dict[str, np.ndarray] = {}
    for entry in ROLES[mapping.role].fields:
        cells = _cells(source, mapping, entry, ledger, done)
        done[entry.name] = (READERS | FLOW_READERS)[entry.reader](cells)
    finish = FINISHERS.get(mapping.role)
    return finish(done, ledger) if finish else done


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
    columns = _columns(source, mapping, entry.parameter, fallback)
    label = " / ".join(columns) or entry.name
    if not columns and constant is None:
        constant = _default(entry, len(source), ledger, source.columns)
    raw = pd.Series([None] * len(source), dtype=object)
    if columns:
        raw, unreadable = source_cells(source, columns, mapping, entry.parameter)
        ledger.repair(unreadable, "value", field=label)
    values = mapping.values.get(entry.parameter, {})
    values = {key.strip().casefold(): value for key, value in values.items()}
    fixed = np.full(len(source), None, dtype=object)
    if values or constant is not None:
        known = {None: constant, **values}
        fixed[:] = [known.get(text and text.casefold()) for text in as_texts(raw)]
    factor = mapping.factors.get(entry.parameter, 1.0)
    return Cells(entry, label, raw, fixed, values, factor, ledger, done)


def _default(
    entry: Field, count: int, ledger: Ledger, available: pd.Index
) -> str | None:
    """Value of a field that has no source; refused where it is needed."""
    if entry.refusal is not None:
        raise RefusalError(entry.refusal, available=", ".join(available) or "–")
    if entry.default is not None:
        ledger.say(np.ones(count, bool), f"default_{entry.name}")
    return entry.default


def _columns(
    source: pd.DataFrame, mapping: Mapping, parameter: str, fallback: str | None
) -> list[str]:
    """Source columns of a parameter: the named ones, else the canonical one."""
    columns = columns_of(mapping, parameter, source.columns)
    if columns or parameter in mapping.columns or fallback is None:
        return columns
    canonical = find_column(fallback, source.columns)
    return [] if canonical is None else [canonical]


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
        if entry.name not in fields:
            continue
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
