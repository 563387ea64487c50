"""Distances that mean something."""

import math

import pytest
from kansenkaart.analysis.errors import RefusalError
from kansenkaart.analysis.ground import checked_distance


@pytest.mark.parametrize("metres", [0.001, 500, 20_000_000.0])
def test_a_distance_comes_back_as_it_is(metres):
    assert checked_distance(metres, "DISTANCE") == metres


@pytest.mark.parametrize("metres", [0, -1, math.nan, 0.0009, 20_000_001, math.inf])
def test_what_is_no_distance_is_refused(metres):
    with pytest.raises(RefusalError, match="DISTANCE"):
        checked_distance(metres, "DISTANCE")
