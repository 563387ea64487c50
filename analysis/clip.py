"""Copies of layers, cut to what a map shows."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely

MARGIN = 0.05
"""How far a map reaches beyond its zones, as a share of their extent."""


def map_box(zones: gpd.GeoDataFrame) -> tuple[float, float, float, float]:
    """Box of a map: the extent of the zones and a margin.

    Parameters
    ----------
    zones
        The zones, CRS in metres.
    """
    xmin, ymin, xmax, ymax = zones.total_bounds
    margin = MARGIN * max(xmax - xmin, ymax - ymin)
    return xmin - margin, ymin - margin, xmax + margin, ymax + margin


def clip_to_box(
    frame: gpd.GeoDataFrame, box: tuple[float, float, float, float]
) -> gpd.GeoDataFrame:
    """Features inside a box, those that cross its edge cut along it.

    Parameters
    ----------
    frame
        Any layer.
    box
        (xmin, ymin, xmax, ymax) in its CRS.
    """
    return clip_to_shape(frame, shapely.box(*box))


def clip_to_shape(frame: gpd.GeoDataFrame, shape: shapely.Geometry) -> gpd.GeoDataFrame:
    """Features inside a polygon, those that cross its edge cut along it.

    Parameters
    ----------
    frame
        Any layer.
    shape
        In its CRS.
    """
    shapes = frame.geometry.to_numpy()
    shapely.prepare(shape)
    kept = shapely.intersects(shape, shapes)
    crossing = kept & ~shapely.covers(shape, shapes)
    cut = np.array(shapes, dtype=object)
    cut[crossing] = shapely.intersection(shapes[crossing], shape)
    # Touching an edge leaves a shape of a lower dimension, which is no such feature.
    same = shapely.get_dimensions(cut) == shapely.get_dimensions(shapes)
    clipped = frame.set_geometry(gpd.GeoSeries(cut, frame.index, crs=frame.crs))
    return clipped[kept & same].reset_index(drop=True)
