"""The region of a point, against naive geometry."""

import geopandas as gpd
import numpy as np
import shapely
from kansenkaart.analysis.regions import region_of


def squares(ids):
    """Unit squares side by side, in the order of the ids."""
    shapes = [shapely.box(n, 0, n + 1, 1) for n in range(len(ids))]
    return gpd.GeoDataFrame({"region_id": ids}, geometry=shapes)


def test_a_point_on_a_border_belongs_to_the_smallest_id():
    points = gpd.GeoDataFrame(geometry=shapely.points([[1, 0.5], [2, 0.5], [9, 9]]))
    regions = squares(["b", "a", "c"])
    assert region_of(points, regions).tolist() == ["a", "a", None]
    assert region_of(points, regions.iloc[::-1]).tolist() == ["a", "a", None]


def test_like_looking_at_every_region():
    rng = np.random.default_rng(1)
    centres = shapely.points(rng.uniform(0, 100, (20, 2)))
    shapes = shapely.buffer(centres, rng.uniform(3, 15, 20))
    ids = [f"R{n:02d}" for n in rng.permutation(20)]
    regions = gpd.GeoDataFrame({"region_id": ids}, geometry=shapes)
    points = gpd.GeoDataFrame(geometry=shapely.points(rng.uniform(0, 100, (300, 2))))
    expected = [
        min(
            (i for i, s in zip(ids, shapes, strict=True) if s.intersects(p)),
            default=None,
        )
        for p in points.geometry
    ]
    assert region_of(points, regions).tolist() == expected


def test_without_regions_nothing_lies_in_one():
    points = gpd.GeoDataFrame(geometry=shapely.points([[1, 0.5]]))
    regions = squares(["a"]).iloc[:0]
    assert region_of(points, regions).tolist() == [None]
