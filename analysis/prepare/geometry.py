"""Tests and repairs of the geometry of a source layer."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import shapely

from ..errors import RefusalError
from ..shapes import POLYGONS, TYPES, finite, has_shape, mend
from .ledger import Ledger

Reproject = Callable[[np.ndarray], np.ndarray]
Box = tuple[float, float, float, float]

# How far outside the area of use of its CRS a feature may lie, in metres.
MARGIN = 100_000.0


def read_shapes(
    shapes: np.ndarray,
    kind: str,
    ledger: Ledger,
    *,
    area_of_use: Box | None = None,
    reproject: Reproject | None = None,
    outlines: bool = False,
    centres: bool = False,
) -> np.ndarray:
    """Geometries fit for the method, in the target CRS.

    Parameters
    ----------
    shapes : ndarray of shapely geometries, shape (n,)
        In the source CRS; None, empty, with Z and of several parts as they come.
    kind
        ``point``, ``line`` or ``polygon``.
    ledger
        Where skipped and mended features are noted.
    area_of_use
        (xmin, ymin, xmax, ymax) in metres of the target CRS.
    reproject
        From the source CRS to the target CRS; None when they are the same.
    outlines
        Take areas by their outline, for lines.
    centres
        Take lines and areas by one point on them, for points.

    Returns
    -------
    ndarray of shapely geometries, shape (n,)
        Of features that were skipped it may be anything.

    Raises
    ------
    RefusalError
        If not one of the geometries is of the right kind.
    """
    shapes = shapely.force_2d(shapes)
    _test_source(shapes, kind, ledger)
    shapes = _centred(shapes, ledger) if centres else shapes
    shapes = _of_kind(shapes, kind, ledger, outlines)
    if reproject is not None:
        shapes[ledger.kept] = reproject(shapes[ledger.kept])
    _test_place(shapes, area_of_use, ledger)
    if kind != "point":
        shapes = _mended(shapes, ledger)
    if outlines:
        shapes = _outlined(shapes, ledger)
    return shapes


def _test_source(shapes: np.ndarray, kind: str, ledger: Ledger) -> None:
    """Skip what has no place at all, in the source CRS."""
    ledger.skip(~has_shape(shapes), f"no_{kind}")
    ledger.skip(~finite(shapes), "not_finite")
    # An address that was not found often gets the point (0, 0).
    ledger.skip((_bounds(shapes, ledger) == 0).all(axis=1), "origin")


def _of_kind(
    shapes: np.ndarray, kind: str, ledger: Ledger, outlines: bool
) -> np.ndarray:
    """Keep the right kind of geometry; points in one part become single points."""
    kept = ledger.kept
    wanted = (*TYPES[kind], *POLYGONS) if outlines else TYPES[kind]
    right = np.isin(shapely.get_type_id(shapes), wanted)
    if kept.any() and not right[kept].any():
        found = shapes[kept][0].geom_type
        raise RefusalError(f"prepare.wrong_geometry_{kind}", found=found)
    ledger.skip(~right, f"other_than_{kind}")
    if kind != "point":
        return shapes
    ledger.skip(shapely.get_num_geometries(shapes) > 1, "several_points")
    return shapely.get_geometry(shapes, 0)


def _test_place(shapes: np.ndarray, area_of_use: Box | None, ledger: Ledger) -> None:
    """Skip what has no place in the target CRS, or one far outside its area."""
    ledger.skip(~(has_shape(shapes) & finite(shapes)), "outside")
    if area_of_use is None:
        return
    left, bottom, right, top = area_of_use
    bounds = _bounds(shapes, ledger)
    x, y = bounds[:, [0, 2]].mean(axis=1), bounds[:, [1, 3]].mean(axis=1)
    inside = (x >= left - MARGIN) & (x <= right + MARGIN)
    inside &= (y >= bottom - MARGIN) & (y <= top + MARGIN)
    ledger.skip(~inside, "outside")


def _mended(shapes: np.ndarray, ledger: Ledger) -> np.ndarray:
    """Mend invalid lines and polygons; what nothing is left of is skipped."""
    invalid = ledger.kept & ~shapely.is_valid(shapes)
    mended = shapes.copy()
    mended[invalid] = [mend(shape) for shape in shapes[invalid]]
    ledger.skip(~has_shape(mended), "unmendable")
    ledger.repair(invalid, "geometry")
    return mended


def _centred(shapes: np.ndarray, ledger: Ledger) -> np.ndarray:
    """Replace lines and areas by a point on them, in the source CRS."""
    extended = ledger.kept & np.isin(
        shapely.get_type_id(shapes), TYPES["line"] + POLYGONS
    )
    centred = shapes.copy()
    centred[extended] = shapely.point_on_surface(shapes[extended])
    ledger.say(extended, "centred")
    return centred


def _outlined(shapes: np.ndarray, ledger: Ledger) -> np.ndarray:
    """Replace areas by their outline."""
    areas = ledger.kept & np.isin(shapely.get_type_id(shapes), POLYGONS)
    outlined = shapes.copy()
    outlined[areas] = shapely.boundary(shapes[areas])
    ledger.say(areas, "outlined")
    return outlined


def _bounds(shapes: np.ndarray, ledger: Ledger) -> np.ndarray:
    """Boxes (xmin, ymin, xmax, ymax) of the kept features, NaN for others, (n, 4)."""
    with np.errstate(invalid="ignore"):
        return shapely.bounds(np.where(ledger.kept, shapes, None))
