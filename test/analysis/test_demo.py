"""The fictional province: believable, exact, and the same every time."""

import csv

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal
from kansenkaart.analysis.demo import generate
from kansenkaart.analysis.resources import read_csv, resource_path

COUNT = 6000
COLUMNS = {
    "establishments": ["est_id", "name", "sbi", "jobs"],
    "zones": [
        "zone_id", "name", "kinds", "area_ha", "available_ha", "env_category",
        "park_management",
    ],
    "infrastructure": ["infra_id", "mode", "class", "name"],
    "facilities": ["facility_id", "name", "kind", "capacity", "unit"],
    "regions": ["region_id", "name", "population", "centre_city"],
    "constraints": ["kind", "effect"],
}  # fmt: skip
FORMS = {
    "establishments": "Point",
    "zones": "Polygon",
    "infrastructure": "LineString",
    "facilities": "Point",
    "regions": "Polygon",
    "constraints": "Polygon",
}
ZONE_KINDS = {
    "business_park", "sea_port", "inland_port", "seveso_industry", "mixed",
    "retail_core", "innovation", "waste", "city_centre", "urban_high", "urban_medium",
    "urban_low", "brownfield", "landfill", "agriculture", "nature", "other",
}  # fmt: skip
FACILITY_KINDS = {
    "wwtp", "waste_processor", "container_park", "energy_hub", "power_plant",
    "heat_source", "greenhouse", "knowledge", "quay", "rail_terminal",
    "motorway_junction", "station", "seveso", "data_centre", "building_materials",
    "housing_centre", "other",
}  # fmt: skip
MODES = {"road", "rail", "water", "pipeline", "heat", "steam", "co2", "power"}
WORK = ("business_park", "sea_port", "inland_port", "mixed", "waste", "innovation")


@pytest.fixture(scope="module")
def layers():
    return generate(seed=1, establishments_count=COUNT)


@pytest.fixture(scope="module")
def pair():
    return generate(seed=5, establishments_count=800, provinces=2)


def zones_of(layers, *kinds):
    listed = layers["zones"]["kinds"].str.split(";")
    return layers["zones"][[bool(set(kinds) & set(row)) for row in listed]]


def keys(name):
    return COLUMNS[name][0]


def land_of(layers):
    return shapely.union_all(layers["regions"].geometry.array)


def slope(sizes):
    """Slope of log size against log rank, largest first."""
    sizes = np.sort(np.asarray(sizes, dtype=float))[::-1]
    return np.polyfit(np.log(np.arange(1, len(sizes) + 1)), np.log(sizes), 1)[0]


def test_counts_are_exact(layers, pair):
    assert len(layers["establishments"]) == COUNT
    assert len(pair["establishments"]) == 1600
    assert len(layers["regions"]) == 12
    assert 250 <= len(layers["zones"]) <= 560


@pytest.mark.parametrize("name", COLUMNS)
def test_columns_reference_and_forms(layers, name):
    layer = layers[name]
    assert list(layer.columns) == [*COLUMNS[name], "geometry"]
    assert layer.crs == "EPSG:28992"
    assert set(layer.geom_type) == {FORMS[name]}
    assert layer.geometry.is_valid.all()
    assert not layer.geometry.is_empty.any()


@pytest.mark.parametrize("name", [name for name in COLUMNS if name != "constraints"])
def test_ids_are_unique_sorted_texts(layers, pair, name):
    for made in (layers, pair):
        ids = made[name][keys(name)]
        assert all(isinstance(value, str) for value in ids)
        assert ids.is_unique
        assert ids.is_monotonic_increasing


def test_words_are_from_the_lists(layers):
    assert set(";".join(layers["zones"]["kinds"]).split(";")) <= ZONE_KINDS
    assert set(layers["facilities"]["kind"]) == FACILITY_KINDS
    assert set(layers["infrastructure"]["mode"]) == MODES
    assert set(layers["constraints"]["effect"]) == {"exclude", "penalise"}
    effects = layers["constraints"].groupby("kind")["effect"].agg(set)
    assert effects["nature"] == {"exclude"}
    assert effects["housing"] == {"penalise"}


def test_zone_numbers_make_sense(layers):
    zones = layers["zones"]
    assert np.allclose(zones["area_ha"], zones.area / 1e4)
    free = zones["available_ha"].dropna()
    assert (free >= 0).all()
    assert (free <= zones.loc[free.index, "area_ha"]).all()
    assert free.index.isin(zones_of(layers, *WORK, "brownfield").index).all()
    levels = {1, 2, 3.1, 3.2, 4.1, 4.2, 5.1, 5.2, 5.3, 6}
    assert set(zones["env_category"].dropna()) <= levels
    assert zones["park_management"].map(type).isin([bool, type(None)]).all()


def test_same_seed_same_tables(layers):
    again = generate(seed=1, establishments_count=COUNT)
    assert list(again) == list(layers)
    for name, layer in layers.items():
        assert_geodataframe_equal(layer, again[name])


def test_geography_does_not_depend_on_the_count(layers):
    small = generate(seed=1, establishments_count=1000)
    assert len(small["establishments"]) == 1000
    for name in ("zones", "infrastructure", "facilities", "regions", "constraints"):
        assert_geodataframe_equal(layers[name], small[name])


def test_another_seed_gives_another_province(layers, pair):
    for number in ("P01-", "P02-"):
        part = pair["regions"][pair["regions"]["region_id"].str.startswith(number)]
        assert not np.allclose(part.area, layers["regions"].area, rtol=0.01)
    first = pair["regions"].iloc[:12].area.to_numpy()
    assert not np.allclose(first, pair["regions"].iloc[12:].area, rtol=0.01)


def test_municipalities_tile_the_land(layers):
    shapes = layers["regions"].geometry.array
    land = shapely.union_all(shapes)
    assert abs(shapely.area(shapes).sum() - land.area) < 1.0
    # No gaps: whatever is not covered is open water outside, not a hole inside.
    holes = [len(shapely.get_rings(part)) - 1 for part in shapely.get_parts(land)]
    assert sum(holes) == 0
    assert layers["regions"]["centre_city"].sum() >= 1


def test_every_municipality_holds_its_own_town(layers):
    centres = zones_of(layers, "city_centre").drop_duplicates("name")
    joined = centres.set_geometry(centres.representative_point()).sjoin(
        layers["regions"], predicate="within"
    )
    towns = joined["name_left"].str.replace(" Binnenstad", "")
    assert len(joined) == 12
    assert (towns == joined["name_right"]).all()


def test_province_lies_in_the_north_sea(layers, pair):
    for made in (layers, pair):
        west, south, east, _ = made["regions"].total_bounds
        assert west > 5000
        assert south > 440000
        assert east < 70000
    assert layers["regions"].to_crs(4326).total_bounds[0] >= 3.2


def test_establishments_and_facilities_are_on_land(layers):
    land = land_of(layers)
    points = layers["establishments"].geometry
    shapely.prepare(land)
    assert shapely.contains(land, points.array).all()
    dry = layers["facilities"].geometry
    assert (shapely.distance(land, dry.array) < 1).all()
    canals = layers["infrastructure"].query("mode == 'water'").geometry
    assert shapely.distance(canals.union_all(), points.array).min() > 15


def test_zones_hardly_overlap(layers):
    zones = layers["zones"].geometry.array
    both = shapely.area(zones).sum() - shapely.union_all(zones).area
    assert both < 1e-4 * shapely.area(zones).sum()
    assert shapely.union_all(zones).difference(land_of(layers)).area < 1e4


def test_codes_are_valid(layers):
    sbi = layers["establishments"]["sbi"]
    assert sbi.str.fullmatch(r"\d{4,5}").all()
    assert sbi.str.startswith("0").any()
    if resource_path("codes", "sbi2008.csv").exists():
        known = {row["code"] for row in read_csv("codes", "sbi2008.csv")}
        assert set(sbi) <= known
        with resource_path("demo", "activities.csv").open(encoding="utf-8") as file:
            assert {row["sbi"] for row in csv.DictReader(file, delimiter=";")} <= known


def test_sections_follow_the_national_shares(layers):
    activities = pd.DataFrame(read_csv("demo", "activities.csv"))
    national = activities["establishments"].astype(float)
    national = national.groupby(activities["section"]).sum() / national.sum()
    section = activities.set_index("sbi")["section"]
    made = layers["establishments"]["sbi"].map(section).value_counts(normalize=True)
    assert (made.reindex(national.index, fill_value=0) - national).abs().max() < 0.02


def test_jobs(layers):
    jobs = layers["establishments"]["jobs"]
    assert 0.004 < jobs.isna().mean() < 0.018
    known = jobs.dropna()
    assert (known >= 1).all()
    assert (known == known.round()).all()
    assert 3.3 < known.mean() < 5.2
    assert 0.68 < (known <= 2).mean() < 0.84
    assert -1.25 < slope(known[known >= 10]) < -0.6


def test_share_of_jobs_on_parks_and_in_the_port(layers):
    work = zones_of(layers, *WORK)[["geometry"]]
    inside = layers["establishments"].sjoin(work, predicate="within").index.unique()
    jobs = layers["establishments"]["jobs"]
    assert 0.25 < jobs[inside].sum() / jobs.sum() < 0.45


def test_heavy_industry_keeps_to_parks_and_port(layers):
    heavy = layers["establishments"]
    heavy = heavy[heavy["sbi"].str[:2].isin(["19", "20", "24"])]
    inside = heavy.sjoin(zones_of(layers, *WORK, "brownfield"), predicate="within")
    assert len(heavy) > 5
    assert inside.index.nunique() == len(heavy)


def test_town_sizes_follow_rank(layers):
    people = layers["regions"]["population"]
    assert -1.35 < slope(people) < -0.6
    assert 3e5 < people.sum() < 2e6


def test_park_sizes(layers):
    sizes = zones_of(layers, "business_park")["area_ha"]
    assert 60 < len(sizes) < 140
    assert 5 < sizes.median() < 30
    assert 0 < (sizes > 100).mean() < 0.12
    assert zones_of(layers, "sea_port")["area_ha"].sum() > 1000


def test_parks_lie_near_junctions(layers):
    facilities = layers["facilities"]
    junctions = facilities[facilities["kind"] == "motorway_junction"].union_all()
    parks = zones_of(layers, "business_park").centroid.distance(junctions)
    rng = np.random.default_rng(7)
    land = layers["regions"]
    west, south, east, north = land.total_bounds
    places = gpd.points_from_xy(
        rng.uniform(west, east, 2000), rng.uniform(south, north, 2000)
    )
    places = places[shapely.contains(land_of(layers), places)]
    anywhere = shapely.distance(junctions, places)
    assert parks.median() < 0.7 * np.median(anywhere)


def test_junctions_lie_on_motorways_at_a_distance(layers):
    lines = layers["infrastructure"]
    motorways = lines[lines["class"] == "motorway"]
    spots = layers["facilities"].query("kind == 'motorway_junction'")
    assert len(motorways) in (3, 4)
    assert spots.distance(motorways.union_all()).max() < 1
    for line in motorways.geometry:
        own = spots[spots.distance(line) < 1].geometry
        gaps = np.diff(np.sort(shapely.line_locate_point(line, own.array)))
        assert gaps.min() > 3500
        assert gaps.max() < 12500


def test_provinces_do_not_overlap(pair):
    regions = pair["regions"]
    number = regions["region_id"].str[:4]
    assert sorted(set(number)) == ["P01-", "P02-"]
    first, second = (regions[number == one].union_all() for one in ("P01-", "P02-"))
    assert first.distance(second) > 0
    for name in ("establishments", "zones", "infrastructure", "facilities"):
        assert pair[name][keys(name)].str.match(r"P0[12]-").all()
    assert {f"{one:.4s}" for one in pair["establishments"]["est_id"]} == set(number)


def test_progress_is_told_and_can_stop():
    told = []

    def stop(share):
        told.append(share)
        return share < 0.02

    with pytest.raises(InterruptedError):
        generate(seed=1, establishments_count=1000, progress=stop)
    assert told[0] == 0
    assert len(told) == 2
