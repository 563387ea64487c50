"""Outlines too coarse to find the points they were drawn round."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely

from .ground import HECTARE
from .progress import Progress, silent

ROUNDING = 0.45
"""Radius of rounded corners as a share of a square; below a half nothing is lost."""


def coarse_outlines(
    frame: gpd.GeoDataFrame, side: float, progress: Progress = silent
) -> gpd.GeoDataFrame:
    """Polygons as whole squares of a fixed grid, their corners rounded.

    The edge of a union of discs follows every disc, and tells where their middles are.
    The squares whose middle lies in the polygon tell no more than that somebody is
    near.

    Parameters
    ----------
    frame
        Polygons, with ``area_ha``; CRS in metres.
    side
        Side of a square in metres. With discs of at least that radius, no disc lies
        outside the outline altogether.
    """
    shapes = []
    for number, shape in enumerate(frame.geometry.to_numpy()):
        shapes.append(_coarse(shape, side))
        progress((number + 1) / len(frame))
    coarse = frame.set_geometry(gpd.GeoSeries(shapes, frame.index))
    return coarse.assign(area_ha=coarse.area / HECTARE)


def _coarse(shape: shapely.Geometry, side: float) -> shapely.Geometry:
    xmin, ymin, xmax, ymax = np.array(shape.bounds) // side
    columns, rows = np.meshgrid(np.arange(xmin, xmax + 1), np.arange(ymin, ymax + 1))
    left, bottom = side * columns.ravel(), side * rows.ravel()
    shapely.prepare(shape)
    inside = shapely.contains_xy(shape, left + side / 2, bottom + side / 2)
    left, bottom = left[inside], bottom[inside]
    squares = shapely.box(left, bottom, left + side, bottom + side)
    return _rounded(shapely.coverage_union_all(squares), ROUNDING * side)


def _rounded(shape: shapely.Geometry, radius: float) -> shapely.Geometry:
    """Round the corners that go in, then those that go out."""
    filled = shapely.buffer(shapely.buffer(shape, radius), -2 * radius)
    return shapely.buffer(filled, radius)
