"""In which region a point lies."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely


def region_of(points: gpd.GeoDataFrame, regions: gpd.GeoDataFrame) -> np.ndarray:
    """Region of each point.

    A point on the border of several regions belongs to the one with the smallest id.

    Parameters
    ----------
    points
        Points, CRS in metres.
    regions
        Canonical regions in the same CRS, with unique ``region_id``.

    Returns
    -------
    ndarray of object, shape (n,)
        ``region_id``, None outside all regions.
    """
    ordered = regions.sort_values("region_id", ignore_index=True)
    shapes = ordered.geometry.to_numpy()
    shapely.prepare(shapes)
    tree = shapely.STRtree(shapes)
    point, region = tree.query(points.geometry.to_numpy(), predicate="intersects")
    first = np.full(len(points), len(ordered))
    np.minimum.at(first, point, region)
    ids = np.append(ordered["region_id"].to_numpy(object), None)
    return ids[first]
