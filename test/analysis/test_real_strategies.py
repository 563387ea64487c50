"""Zones round industrial sites, and the table of their ranks."""

import sys
from pathlib import Path

import numpy as np
import pytest
from shapely import Point, box

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "dev"))

import real_picture  # noqa: E402
import real_strategies  # noqa: E402


@pytest.fixture
def towns(layer):
    boxes = [box(0, 0, 10_000, 9_000), box(10_000, 0, 30_000, 9_000)]
    return layer(boxes, name=["West", "Oost"])


def test_sites_near_each_other_are_one_zone(layer, towns):
    points = [Point(x, 4000) for x in (20_000, 3_000, 4_500, 4_000)]
    sites = layer(
        points,
        name=["Ver", "Klein", "Centrale", "Groot"],
        source=["hotmaps", "hotmaps", "powerplants", "hotmaps"],
        size=[np.nan, 1.0, 900.0, 5.0],
    )
    zones = real_strategies.places(sites, towns)
    assert zones["name"].tolist() == ["West: Groot, Klein and 1 more", "Oost: Ver"]
    assert (zones["area_ha"] > 313).all()
    assert zones["area_ha"].iloc[1] == pytest.approx(100 * np.pi, rel=0.01)


def test_ranks_that_a_crowd_shares_are_not_shown(layer):
    shapes = [Point(x, 0).buffer(1) for x in range(20)]
    names = [f"N{number:02}" for number in range(20)]
    areas = layer(shapes, name=names, rank=[1, 2, 2, *[4] * 16, None], score=50.0)
    top = real_strategies.in_top(areas)
    assert top["shown"].tolist() == ["1", "2=", "2="]
    lines = real_strategies.rank_table({"WA2": areas}).splitlines()
    assert lines[2:5] == ["| N00 | 1 |", "| N01 | 2= |", "| N02 | 2= |"]
    assert lines[5] == "| *ranked / different scores* | 19 / 1 |"


def test_circles_do_not_overlap():
    spots = np.array([[0.0, 0.0], [0.0, 0.0], [3.0, 1.0], [100.0, 100.0]])
    ends = real_picture._apart(spots)
    gaps = np.hypot(*(ends[:, None] - ends[None]).T)[np.triu_indices(4, 1)]
    assert gaps.min() > 2 * real_picture.RADIUS
    assert np.hypot(*(ends[3] - spots[3])) < 1
