"""Outlines that tell that somebody is near, and no more."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from kansenkaart.analysis.clusters import footprint
from kansenkaart.analysis.coarse import coarse_outlines


def coarse(points, side=250.0):
    frame = gpd.GeoDataFrame({"area_ha": [0.0]}, geometry=[footprint(points, side)])
    return coarse_outlines(frame, side).iloc[0]


def points(seed, count=30):
    return np.random.default_rng(seed).uniform(0, 4000, (count, 2))


@pytest.mark.parametrize("seed", range(5))
def test_outline_stays_near_the_footprint(seed):
    found = coarse(points(seed))
    assert found.geometry.is_valid
    exact = footprint(points(seed), 250)
    assert found.area_ha == pytest.approx(found.geometry.area / 1e4)
    assert (
        shapely.area(shapely.symmetric_difference(found.geometry, exact)) < exact.area
    )
    assert found.geometry.buffer(180).contains(shapely.multipoints(points(seed)))


@pytest.mark.parametrize("seed", range(5))
def test_moving_within_the_squares_changes_nothing(seed):
    # Two sets of points whose footprints hold the middles of the same squares.
    own = points(seed)
    grid = np.arange(-500, 4751, 250) + 125
    middles = np.stack(np.meshgrid(grid, grid), axis=-1).reshape(-1, 2)

    def held(places):
        shape = footprint(places, 250)
        return shapely.contains_xy(shape, *middles.T)

    rng = np.random.default_rng(seed)
    moved = own.copy()
    for place in range(len(own)):
        shifted = moved.copy()
        shifted[place] += rng.uniform(-20, 20, 2)
        if (held(shifted) == held(own)).all():
            moved = shifted
    assert np.abs(moved - own).max() > 1
    assert coarse(moved).geometry.equals(coarse(own).geometry)


def test_no_corner_points_at_a_member():
    # Corners lie on the grid's own circles, wherever the members are.
    one, other = coarse(np.array([[10.0, 20.0]])), coarse(np.array([[30.0, 5.0]]))
    assert one.geometry.equals(other.geometry)


def test_an_empty_layer_stays_empty():
    frame = gpd.GeoDataFrame({"area_ha": []}, geometry=[])
    assert coarse_outlines(frame, 250).empty
