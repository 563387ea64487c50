"""Conditions that only strategies ask for: for each a scene high and one low."""

import math

import environment_scenes as scenes
import geopandas as gpd
import numpy as np
import pytest
from environment_scenes import DISTANCES, LARGE, frame, line, square
from kansenkaart.analysis.criteria import Layers, measure
from kansenkaart.analysis.resources import read_toml
from kansenkaart.analysis.strategies import strategies

CITY, PARK = ("city_centre", square(8000)), ("business_park", square(12_000, LARGE))
MAIN = ("road", "motorway", line(1500))
"""A road past the zone only."""
ROUTE = scenes.shapely.LineString([(1500, 500), (9000, 500), (14_000, 500)])
PEOPLE = 1e6
"""Inhabitants of 20 by 20 km: 2,500 per km²."""

ON_WATER = scenes.shapely.LineString([(900, 500), (9000, 500), (14_000, 500)])
LINKS = [("road", None, ROUTE), ("rail", None, ROUTE), ("water", None, ON_WATER)]
VARIED = [f"{division}11" for division in range(10, 33)]

HIGH = {
    "C1_mass": {"firms": ["4711"] * 100},
    "C1_diversity": {"firms": VARIED},
    "C2": {"lines": [("rail", None, line(1500)), ("water", None, line(1400))]},
    "C4_modes": {"lines": [(mode, None, line(500)) for mode in ("road", "rail", "water",
                                                               "pipeline")]},
    "space": {"available_ha": 12.0},
    "C3": {"kinds": "business_park;sea_port", "available_ha": 12.0},
    "C5": {"population": PEOPLE},
    "C6": {"facilities": [("waste_processor", 1100)]},
    "C7": {"lines": [("steam", None, line(300)), ("pipeline", None, line(600))]},
    "C8": {"facilities": [("energy_hub", 500)]},
    "C9": {"lines": LINKS, "zones": [CITY, PARK]},
    "C10": {},
    "env_category": {"env_category": 4.1},
}  # fmt: skip
LOW = {
    "C1_mass": {"firms": ["4711"] * 20},
    "C1_diversity": {"firms": ["4711"] * 20},
    "C2": {"lines": [("rail", None, line(2100)), ("road", None, line(1400))]},
    "C4_modes": {"lines": [("rail", None, line(500))]},
    "space": {"available_ha": 1.0},
    "C3": {"available_ha": 12.0},
    "C5": {"population": PEOPLE / 20},
    "C6": {"facilities": [("waste_processor", 9000)]},
    "C7": {"lines": [("power", None, line(300)), ("road", None, line(600))]},
    "C8": {"facilities": [("energy_hub", 5900)]},
    "C9": {"lines": [("rail", None, line(1500)), MAIN], "zones": [CITY, PARK]},
    "C10": {"housing": square(-200, 1400)},
    "env_category": {"env_category": 3.2},
}
RAW = {
    "C3": (12, 0),
    "C7": (2, 0),
    "C9": (3, 0),
    "env_category": (4.1, 3.2),
}


def layers_of(available_ha=np.nan, env_category=np.nan, housing=None, **words):
    """Layers of a scene and the zone itself."""
    found = scenes.scene(**words)
    zones = found.zones.assign(available_ha=available_ha, env_category=env_category)
    constraints = found.constraints
    if housing is not None:
        constraints = frame([housing], kind="housing", effect="penalise")
    layers = Layers(
        establishments=found.establishments,
        zones=zones,
        infrastructure=found.infrastructure,
        facilities=found.facilities,
        constraints=constraints,
        regions=found.regions,
        mode_distances=DISTANCES,
    )
    return zones[zones["zone_id"] == "Z"].reset_index(drop=True), layers


def of_zone(criterion, words, own=True):
    """Raw value and value of the zone, or of an area with its shape."""
    zone, layers = layers_of(**words)
    if not own:
        zone = gpd.GeoDataFrame(
            {"area_id": ["A"], "zone_id": ["Z"]}, geometry=zone.geometry, crs=zone.crs
        )
    found = measure(zone, layers, [criterion])
    return found.raw.loc[0, criterion], found.value.loc[0, criterion]


@pytest.mark.parametrize("own", [True, False])
@pytest.mark.parametrize("criterion", HIGH)
def test_high_and_low(criterion, own):
    high, low = (of_zone(criterion, words[criterion], own) for words in (HIGH, LOW))
    assert high[1] >= 0.9
    assert low[1] <= 0.25
    if criterion in RAW:
        assert (high[0], low[0]) == pytest.approx(RAW[criterion])


def test_every_condition_has_its_scenes_and_is_measured():
    conditions = read_toml("rules", "spatial_conditions.toml")
    used = {name for entry in conditions.values() for name in entry["criteria"]}
    assert used | {"env_category"} == set(HIGH) == set(LOW)
    assert used < set(read_toml("criteria.toml"))
    asked = {
        name
        for each in strategies().values()
        for name in (*each.conditions, *each.also)
    }
    assert asked == set(conditions)


def test_people_around():
    """A square of 1 km with 3 km round it, in a region of 2,500 people per km²."""
    ground = 1 + 4 * 3 + math.pi * 9
    raw, value = of_zone("C5", {"population": PEOPLE})
    assert raw == pytest.approx(2500 * ground, rel=2e-3)
    assert value == 1
    raw, value = of_zone("C5", {"population": PEOPLE / 5})
    assert value == pytest.approx(500 * ground / 40_000, rel=2e-3)


def test_what_is_not_told_is_unknown():
    assert np.isnan(of_zone("C5", {"population": np.nan})).all()
    assert np.isnan(of_zone("C3", {"kinds": "sea_port"})).all()
    assert np.isnan(of_zone("env_category", {})).all()
    assert of_zone("C3", {}) == (0, 0)


def test_a_link_of_which_nobody_knows_whether_it_is_one():
    """Without city centres in the layer a line may go to one, and so may every other.

    The criterion is left out then: else only what has no line near would be known.
    """
    zone, layers = layers_of(lines=[("rail", None, ROUTE)], zones=[PARK])
    cities = layers.zones["kinds"].isin(["city_centre", "urban_high"])
    zones = layers.zones[~cities].reset_index(drop=True)
    without = Layers(zones=zones, infrastructure=layers.infrastructure,
                     mode_distances=DISTANCES)  # fmt: skip
    assert list(measure(zone, without, ["C9"]).raw) == []
    far = zone.set_geometry(zone.geometry.translate(0, 90_000))
    assert measure(far, layers, ["C9"]).raw.loc[0, "C9"] == 0


def test_absent_layers():
    zone, layers = layers_of()
    names = ["C3", "C5", "C7", "C9", "env_category"]
    bare = zone[["zone_id", "geometry"]]
    assert list(measure(bare, Layers(mode_distances=DISTANCES), names).raw) == []
    lines = Layers(infrastructure=layers.infrastructure, mode_distances=DISTANCES)
    assert list(measure(bare, lines, names).raw) == ["C7"]
    assert list(measure(zone, lines, names).raw) == ["C3", "C7", "C9", "env_category"]
