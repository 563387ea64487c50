"""Places of rows that have none: coordinates in columns, or where their actor is."""

from __future__ import annotations

from collections.abc import Callable

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from ..numbers import as_texts, parse_numbers
from ..shapes import finite, has_shape
from .geometry import Reproject
from .ledger import Note
from .mapping import Mapping, columns_of, find_column
from .source import source_cells

DEGREES = (180.0, 90.0)
"""Coordinates of a table that lie within these all are longitudes and latitudes."""


def placed(
    frame: gpd.GeoDataFrame,
    mapping: Mapping,
    establishments: gpd.GeoDataFrame | None,
    reproject: Reproject | None,
    from_degrees: Callable[[], Reproject | None] | None = None,
) -> tuple[gpd.GeoDataFrame, list[Note]]:
    """Put every row in its place in the target CRS, as far as that is known.

    A geometry comes first, then coordinates in columns, then the establishment whose
    ``est_id`` is the actor. A point at (0, 0) is no place.

    Parameters
    ----------
    frame
        Source rows, with or without geometry in the source CRS.
    mapping
        Names the columns of actor and coordinates.
    establishments
        Canonical establishments in the target CRS.
    reproject
        From the source to the target CRS; None where they are the same.
    from_degrees
        For a table without CRS: gives the way from WGS 84 to the target CRS, in which
        coordinates that look like degrees are; others are in the target CRS.

    Returns
    -------
    tuple
        The frame with its geometry in the target CRS, and counted sentences.
    """
    shapes = shapely.force_2d(np.array(frame.geometry.array, dtype=object))
    missing = ~_somewhere(shapes)
    shapes = np.where(missing, shapes, _moved(shapes, reproject))
    source = pd.DataFrame(frame.drop(columns=frame.geometry.name))
    source = source.reset_index(drop=True)
    notes: list[Note] = []
    found = _from_columns(source, mapping)
    if from_degrees is not None:
        degrees = _degrees(found)
        reproject = from_degrees() if degrees else None
        if degrees:
            notes.append(("prepare_flows.note.degrees", {"count": int(degrees)}))
    for points, key in (
        (lambda: _moved(found, reproject), "by_coordinates"),
        (lambda: _of_actors(source, mapping, establishments), "by_actor"),
    ):
        offered = points()
        taken = missing & _somewhere(offered)
        shapes[taken] = offered[taken]
        missing &= ~taken
        if taken.any():
            notes.append((f"prepare_flows.note.{key}", {"count": int(taken.sum())}))
    return frame.set_geometry(gpd.GeoSeries(shapes, index=frame.index)), notes


def _somewhere(shapes: np.ndarray) -> np.ndarray:
    """Which rows have a shape that is not at (0, 0), shape (n,)."""
    with np.errstate(invalid="ignore"):
        return has_shape(shapes) & ~(shapely.bounds(shapes) == 0).all(axis=1)


def _moved(shapes: np.ndarray, reproject: Reproject | None) -> np.ndarray:
    """Shapes in the target CRS; those that can't be moved stay, to be skipped."""
    able = has_shape(shapes) & finite(shapes)
    if reproject is None or not able.any():
        return shapes
    moved = shapes.copy()
    moved[able] = reproject(shapes[able])
    return np.where(shapely.is_missing(moved), shapes, moved)


def _from_columns(source: pd.DataFrame, mapping: Mapping) -> np.ndarray:
    """Points by the columns of coordinates; None where they are not both known."""
    count = len(source)
    x, y = (
        parse_numbers(_cells(source, mapping, *names))[0]
        for names in (("X_FIELD", "x"), ("Y_FIELD", "y"))
    )
    shapes = np.full(count, None, dtype=object)
    known = np.isfinite(x) & np.isfinite(y) & ((x != 0) | (y != 0))
    shapes[known] = shapely.points(x[known], y[known])
    return shapes


def _degrees(points: np.ndarray) -> int:
    """Number of points, if all of them lie within what degrees can be; else 0."""
    there = points[_somewhere(points)]
    limits = np.array(DEGREES)
    fits = (np.abs(shapely.get_coordinates(there)) <= limits).all()
    return len(there) if fits else 0


def _of_actors(
    source: pd.DataFrame,
    mapping: Mapping,
    establishments: gpd.GeoDataFrame | None,
) -> np.ndarray:
    """Points of the establishments that are the actors; None for others."""
    if establishments is None:
        return np.full(len(source), None, dtype=object)
    places = dict(zip(establishments["est_id"], establishments.geometry, strict=True))
    actors = as_texts(_cells(source, mapping, "ACTOR_FIELD", "actor_id"))
    found = np.empty(len(source), dtype=object)
    found[:] = [places.get(actor) for actor in actors]
    return found


def _cells(
    source: pd.DataFrame, mapping: Mapping, parameter: str, canonical: str
) -> pd.Series:
    """Cells of a named column, else of the canonical one, else nothing."""
    columns = columns_of(mapping, parameter, source.columns)
    if not columns and parameter not in mapping.columns:
        columns = [find_column(canonical, source.columns)]
    columns = [column for column in columns if column is not None]
    if not columns:
        return pd.Series([None] * len(source), dtype=object)
    return source_cells(source, columns, mapping, parameter)[0]
