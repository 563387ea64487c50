"""For which strategies an area is a lever: by hand, and against the weighted sum."""

from dataclasses import replace

import environment_scenes as scenes
import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from environment_scenes import DISTANCES, LARGE, line
from kansenkaart.analysis.criteria import Layers, Measured, criterion_ids
from kansenkaart.analysis.errors import RefusalError
from kansenkaart.analysis.levers import (
    area_types,
    best_strategies,
    environment_fits,
    strategy_scores,
    told_scores,
)
from kansenkaart.analysis.score_areas import score_areas
from kansenkaart.analysis.scoring_choices import Scoring
from kansenkaart.analysis.strategies import strategies
from kansenkaart.analysis.weights import file_weights, strategy_weights

SYMBIOSIS = {
    "kinds": "sea_port",
    "side": LARGE,
    "firms": scenes.CODES * 10,
    "facilities": [("energy_hub", 500)],
    "lines": [("steam", None, line(300))],
}
"""A port with many firms, a hub and a steam network: all that WA3.1 asks for."""


def layers_of(**words):
    found = scenes.scene(**words)
    return Layers(
        establishments=found.establishments,
        zones=found.zones.assign(available_ha=5.0, env_category=4.2),
        infrastructure=found.infrastructure,
        facilities=found.facilities,
        constraints=found.constraints,
        regions=found.regions,
        mode_distances=DISTANCES,
    )


def scored(layers, strategy, areas=None, **more):
    areas = layers.zones if areas is None else areas
    weights = strategy_weights(strategy)
    how = Scoring(strategy=strategy, draws=0, **more)
    found = score_areas(areas, layers, weights, how=how)
    return found.areas.set_index("zone_id"), found


def random_value(count=60, seed=3):
    """Values of all criteria and fits of all strategies, some of them unknown."""
    rng = np.random.default_rng(seed)
    names = [name for name in criterion_ids() if name != "environment"]
    value = pd.DataFrame(rng.random((count, len(names))), columns=names)
    value = value.mask(rng.random(value.shape) < 0.2)
    typed = [name for name, each in strategies().items() if each.zone_types]
    fits = pd.DataFrame(rng.integers(0, 2, (count, len(typed))) * 1.0, columns=typed)
    return value, fits.mask(rng.random(fits.shape) < 0.3)


@pytest.mark.parametrize("absent", [None, "C7", "environment"])
def test_every_strategy_scores_as_it_does_alone(absent):
    value, fits = random_value()
    if absent == "environment":
        fits = None
    value = value.drop(columns=absent or [], errors="ignore")
    found = told_scores(strategy_scores(Measured(value, value), fits, 0.6))
    assert list(found) == list(strategies())
    for name in strategies():
        own = value
        if fits is not None and name in fits:
            own = value.assign(environment=fits[name])
        weight = strategy_weights(name).weight
        if not set(weight.index) & set(own):
            assert found[name].isna().all()
            continue
        names = [one for one in weight.index if one in own]
        cells, share = own[names], weight[names] / weight[names].sum()
        known = cells.notna().mul(share).sum(axis=1)
        expected = 100 * cells.mul(share).sum(axis=1) / known
        np.testing.assert_allclose(
            found[name], expected.where(known >= 0.6 - 1e-12), atol=1e-8
        )


def test_best_strategies_by_hand():
    scores = pd.DataFrame(np.nan, index=range(4), columns=list(strategies()))
    scores.loc[0, ["WA2.1", "WA3.1", "WA3.2", "WA4.10"]] = [50, 80, 90, 80]
    scores.loc[1, ["WA2.1", "WA3.1", "WA4.9"]] = [60, 10, 0]
    scores.loc[2, ["WA2.1", "WA3.1"]] = [50, 10]
    every = tuple(strategies())
    # The second has the first place for WA2.1, two share the third; of the last nobody
    # knows anything, and nothing counts for nothing.
    for top, wanted in ((1, [2, 1, 0, 0]), (2, [2, 1, 0, 0]), (3, [3, 2, 2, 0])):
        found = best_strategies(scores, every, top)
        assert found["shared_agendas"].tolist() == wanted
        assert found["strategies"].tolist() == [
            "WA3.2;WA3.1;WA4.10", "WA2.1;WA3.1", "WA2.1;WA3.1", ""
        ]  # fmt: skip
    own = best_strategies(scores, ("WA3.1", "WA3.2"), 1)
    assert own["strategies"].tolist() == ["WA3.2;WA3.1", "WA3.1", "WA3.1", ""]
    assert own["shared_agendas"].tolist() == [2, 1, 0, 0]


def test_a_place_that_has_all_is_the_best_for_its_strategy():
    layers = layers_of(**SYMBIOSIS)
    areas, found = scored(layers, "WA3.1")
    assert areas.loc["Z", "rank"] == 1
    assert areas.loc["Z", "score"] > 90
    assert "type-omgeving die past" in areas.loc["Z", "why"]
    table = found.criteria[found.criteria["area_id"] == "Z"]
    assert table["contribution"].sum() == pytest.approx(areas.loc["Z", "score"])
    assert set(table["criterion"]) == set(strategy_weights("WA3.1").weight.index)


def test_a_place_without_a_type_is_told_so_and_stays():
    layers = layers_of(**SYMBIOSIS | {"kinds": "urban_high"})
    areas, _ = scored(layers, "WA3.1")
    assert areas.loc["Z", "score"] <= 60
    assert areas.loc["Z", "rank"] >= 1
    assert "geen type-omgeving die past" in areas.loc["Z", "why"]


def test_an_unknown_type_is_unknown_and_drops_nothing():
    full = layers_of(**SYMBIOSIS | {"kinds": "business_park"})
    layers = Layers(
        zones=full.zones, infrastructure=full.infrastructure, mode_distances=DISTANCES
    )
    fits = environment_fits(area_types(layers.zones, layers)).loc[0]
    assert np.isnan(fits["WA3.2"])
    # A steam network makes it T4; rail and water lie far.
    assert fits[["WA3.1", "WA3.3", "WA3.5"]].tolist() == [1, 0, 0]
    layers = replace(layers, facilities=full.facilities, regions=full.regions)
    areas, _ = scored(layers, "WA3.2")
    assert "Onbekend: type-omgeving" in areas.loc["Z", "why"]
    assert areas.loc["Z", "completeness"] == pytest.approx(0.6)
    assert areas.loc["Z", "rank"] >= 1


def test_a_pairing_that_can_be_read_in_more_ways_counts_half():
    zones = layers_of().zones.iloc[[0] * 5].reset_index(drop=True)
    zones["types"] = ["T18", "T1", "T1", "", ""]
    zones["types_unknown"] = ["T9", "", "T18", "T9", "T8"]
    fits = environment_fits(area_types(zones, Layers()))["WA4.3"]
    np.testing.assert_array_equal(fits, [1, 0.5, np.nan, np.nan, 0])


def test_types_that_are_told_are_not_looked_for():
    layers = layers_of()
    zones = layers.zones.assign(types="T23", types_unknown="")
    zones.loc[0, ["types", "types_unknown"]] = ["T1;T5", "T8"]
    fits = environment_fits(area_types(zones, Layers()))
    assert fits.loc[0, ["WA3.1", "WA3.3", "WA3.5"]].tolist() == [1, 1, 0]
    assert np.isnan(fits.loc[0, "WA3.2"])
    assert fits.loc[1, ["WA3.1", "WA3.5"]].tolist() == [0, 1]
    assert "WA2.2" not in fits
    zones.loc[0, ["types", "types_unknown"]] = None
    assert environment_fits(area_types(zones, Layers())).loc[0].isna().all()


def test_a_leverage_area_is_what_its_zone_is():
    layers = layers_of(**SYMBIOSIS)
    areas = gpd.GeoDataFrame(
        {"area_id": ["A", "B"], "zone_id": ["Z", "elsewhere"]},
        geometry=[layers.zones.geometry[0]] * 2,
        crs=layers.zones.crs,
    )
    fits = environment_fits(area_types(areas, layers))
    assert fits.loc[0].equals(environment_fits(area_types(layers.zones, layers)).loc[0])
    assert fits.loc[1].isna().all()
    assert environment_fits(area_types(areas, Layers())) is None


def test_agendas_that_want_the_same_area():
    layers = layers_of(**SYMBIOSIS)
    for strategy in ("all", "WA2", "WA3.1"):
        areas, _ = scored(layers, strategy, top=1)
        wanted = areas["shared_agendas"]
        assert wanted.between(0, 3).all()
        assert wanted["Z"] >= 1
        named = areas["strategies"].str.split(";")
        assert named.map(len).max() == 3
        if strategy == "WA2":
            assert named.explode().str.startswith("WA2.").all()
    areas, _ = scored(layers, "basis")
    assert areas[["strategies", "shared_agendas"]].isna().all(axis=None)


def test_order_of_the_rows_never_matters():
    layers = layers_of(**SYMBIOSIS)
    first, _ = scored(layers, "all")
    turned, _ = scored(layers, "all", layers.zones.iloc[::-1].reset_index(drop=True))
    fields = ["score", "strategies", "shared_agendas", "why"]
    pd.testing.assert_frame_equal(first[fields], turned[fields])


def test_own_weights_may_name_the_type_environment():
    layers = layers_of(**SYMBIOSIS)
    weights = file_weights("criterion;weight\nenvironment;1")
    found = score_areas(layers.zones, layers, weights).areas.set_index("zone_id")
    fits = environment_fits(area_types(layers.zones, layers))
    assert found.loc["Z", "score"] == pytest.approx(100 * fits.loc[0].mean())
    with pytest.raises(RefusalError):
        score_areas(layers.zones[["zone_id", "geometry"]], Layers(), weights)
