"""Geometries as they are handed in: which can be used, and how others are mended."""

from __future__ import annotations

import numpy as np
import shapely

# Type numbers of shapely: the single and the multi form.
POLYGONS = (3, 6)
TYPES = {"point": (0, 4), "line": (1, 5), "polygon": POLYGONS}

# No system in metres has larger coordinates on earth.
FURTHEST = 1e9


def has_shape(shapes: np.ndarray) -> np.ndarray:
    """Whether there is a geometry that is not empty, shape (n,)."""
    return ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))


def finite(shapes: np.ndarray) -> np.ndarray:
    """Whether all coordinates are finite, shape (n,)."""
    coordinates, index = shapely.get_coordinates(shapes, return_index=True)
    wrong = index[~np.isfinite(coordinates).all(axis=1)]
    return ~np.isin(np.arange(len(shapes)), wrong)


def mend(shape: shapely.Geometry) -> shapely.Geometry | None:
    """One valid geometry of the same dimension, its parts kept together.

    None where nothing of that dimension is left.
    """
    # Twice, since mending can give a collection that holds a multipolygon.
    parts = shapely.get_parts(shapely.get_parts(shapely.make_valid(shape)))
    same = shapely.get_dimensions(parts) == shapely.get_dimensions(shape)
    parts = parts[same & ~shapely.is_empty(parts)]
    if len(parts) < 2:
        return parts[0] if len(parts) else None
    if shapely.get_type_id(shape) in POLYGONS:
        return shapely.multipolygons(parts)
    return shapely.multilinestrings(parts)


def usable(shapes: np.ndarray, kind: str) -> tuple[np.ndarray, np.ndarray]:
    """Flat and valid geometries of one kind, None for what can't be used.

    Parameters
    ----------
    shapes : ndarray of shapely geometries, shape (n,)
        As they come: None, empty, with Z, invalid, points in one part.
    kind
        ``point``, ``line`` or ``polygon``.

    Returns
    -------
    ndarray of shapely geometries, shape (n,)
        Points in more than one part, coordinates that are not finite or lie beyond
        the earth, and whatever is of another kind are None.
    ndarray of bool, shape (n,)
        Which of them were mended.
    """
    types = shapely.get_type_id(shapes)
    right = np.isin(types, TYPES[kind]) & ~shapely.is_empty(shapes)
    flat = shapely.force_2d(shapes) if shapely.has_z(shapes).any() else shapes.copy()
    several = (types != TYPES["point"][0]) & (kind == "point")
    if several.any():
        right[several] &= shapely.get_num_geometries(flat[several]) == 1
        flat[several] = shapely.get_geometry(flat[several], 0)
    with np.errstate(invalid="ignore"):
        # Of a point this also tells whether it is finite.
        right &= (np.abs(shapely.bounds(flat)) <= FURTHEST).all(axis=1)
    mended = np.zeros(len(flat), bool)
    if kind != "point":
        invalid = np.flatnonzero(right & ~shapely.is_valid(flat))
        # What is not finite is not valid either.
        sound = finite(flat[invalid])
        flat[invalid] = [
            mend(shape) if can else None
            for shape, can in zip(flat[invalid], sound, strict=True)
        ]
        mended[invalid] = ~shapely.is_missing(flat[invalid])
    flat[~right] = None
    return flat, mended


def united(shapes: np.ndarray) -> shapely.Geometry:
    """The union of shapes; one alone is its own union, which saves much time."""
    return shapes[0] if len(shapes) == 1 else shapely.union_all(shapes)
