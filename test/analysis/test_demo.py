"""The fictional province: believable, exact, and the same every time."""

import csv
import sys
from functools import cache
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal
from kansenkaart.analysis.clusters import detect_clusters
from kansenkaart.analysis.demo import _origin, generate
from kansenkaart.analysis.demo.sampling import low_discrepancy, systematic
from kansenkaart.analysis.layers import layer_type
from kansenkaart.analysis.progress import CancelledError
from kansenkaart.analysis.resources import read_csv, read_toml, resource_path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "dev"))

import demo_figures

COUNT = 20_000
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
    "initiatives": ["initiative_id", "name", "kind", "status", "source"],
    "flows": [*layer_type("flows").fields],
    "truth": [*layer_type("truth").fields],
}  # fmt: skip
FORMS = {
    "establishments": "Point",
    "zones": "Polygon",
    "infrastructure": "LineString",
    "facilities": "Point",
    "regions": "Polygon",
    "constraints": "Polygon",
    "initiatives": "Point",
    "flows": "Point",
    "truth": "LineString",
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


SIZES = [1_000, 20_000, pytest.param(250_000, marks=pytest.mark.proof)]
# How far a figure may be from what is published (dev/demo_published.csv), with 1,000
# establishments and with more; in the unit of the figure.
MARGINS = {
    "one": (2.0, 0.5),
    "few": (2.0, 0.5),
    "ten": (1.6, 0.3),
    "hundreds": (0.9, 0.25),
    "mean": (0.7, 0.4),
    "jobs_ten": (10, 6),
    "pareto_small": (0.5, 0.15),
    "est_c": (0.3, 0.05),
    "est_f": (0.3, 0.05),
    "est_g": (0.3, 0.05),
    "est_mn": (0.3, 0.05),
    "est_a": (0.3, 0.05),
    "jobs_c": (2.5, 1.5),
    "jobs_f": (1.5, 1.0),
    "jobs_g": (2.0, 1.5),
    "jobs_h": (2.0, 1.0),
    "jobs_mn": (2.5, 1.5),
    "jobs_q": (2.0, 1.5),
    "park_est": (3.5, 1.5),
    "park_jobs": (12, 5),
    "park_est_c": (14, 7),
    "park_jobs_c": (16, 12),
}
GROUND_MARGINS = {
    "spread": 60,
    "municipalities": 6,
    "towns": 0.25,
    "capital": 8,
    "park_ha": 1000,
    "park_sigma": 0.2,
    "park_land": 1.0,
    "motorway": 15,
    "motorway_ha": 20,
    "glass": 400,
}


@cache
def of_size(count):
    """The province of so many firms, made once; do not change it."""
    return generate(seed=1, establishments_count=count)


@pytest.fixture(scope="module")
def layers():
    return of_size(COUNT)


@pytest.fixture(scope="module", params=SIZES)
def sized(request):
    return of_size(request.param)


@pytest.fixture(scope="module")
def published():
    """What is published: the number that a cell begins with."""
    cells = {row["id"]: row["published"] for row in demo_figures.published()}
    first = {name: cell.split()[0].rstrip(",") for name, cell in cells.items()}
    return {name: value.split("–")[0].replace(",", "") for name, value in first.items()}


@pytest.fixture(scope="module")
def made_pair():
    """Two provinces, and the progress that was told."""
    told = []
    layers = generate(
        seed=5, establishments_count=800, provinces=2, progress=told.append
    )
    return layers, told


@pytest.fixture(scope="module")
def pair(made_pair):
    return made_pair[0]


def zones_of(layers, *kinds):
    listed = layers["zones"]["kinds"].str.split(";")
    return layers["zones"][[bool(set(kinds) & set(row)) for row in listed]]


def keys(name):
    return COLUMNS[name][0]


def land_of(layers):
    return shapely.union_all(layers["regions"].geometry.array)


def test_counts_are_exact(layers, pair):
    assert len(layers["establishments"]) == COUNT
    assert len(pair["establishments"]) == 1600
    assert len(layers["regions"]) == 24
    assert 700 <= len(layers["zones"]) <= 1200


@pytest.mark.parametrize("name", COLUMNS)
def test_columns_reference_and_forms(layers, name):
    layer = layers[name]
    assert list(layer.columns) == [*COLUMNS[name], "geometry"]
    assert layer.crs == "EPSG:28992"
    assert set(layer.geom_type) == {FORMS[name]}
    assert layer.geometry.is_valid.all()
    assert not layer.geometry.is_empty.any()


@pytest.mark.parametrize("name", sorted({*COLUMNS} - {"constraints", "truth"}))
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
    small = of_size(1000)
    assert len(small["establishments"]) == 1000
    for name in ("zones", "infrastructure", "facilities", "regions", "constraints"):
        assert_geodataframe_equal(layers[name], small[name])


def test_another_seed_gives_another_province(layers, pair):
    for number in ("P01-", "P02-"):
        part = pair["regions"][pair["regions"]["region_id"].str.startswith(number)]
        assert not np.allclose(part.area, layers["regions"].area, rtol=0.01)
    first = pair["regions"].iloc[:24].area.to_numpy()
    assert not np.allclose(first, pair["regions"].iloc[24:].area, rtol=0.01)


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
    assert len(joined) == 24
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
    national = pd.DataFrame(read_csv("demo", "sections.csv")).set_index("section")
    national = national["establishments"].astype(float)
    national = national / national.sum()
    made = demo_figures.sections(layers).value_counts(normalize=True)
    assert (made.reindex(national.index, fill_value=0) - national).abs().max() < 0.001


def test_shape_is_as_published_at_every_size(sized, published):
    found = demo_figures.sizes(sized) | demo_figures.sectors(sized)
    found |= demo_figures.places(sized)
    sample = len(sized["establishments"]) > 1000
    off = {
        name: (found[name], published[name])
        for name, margins in MARGINS.items()
        if abs(found[name] - float(published[name])) > margins[sample]
    }
    assert not off


def test_ground_is_as_published(layers, published):
    found = demo_figures.ground(layers)
    off = {
        name: (found[name], published[name])
        for name, margin in GROUND_MARGINS.items()
        if abs(found[name] - float(published[name])) > margin
    }
    assert not off
    assert abs(found["people"] - 1.45e6) < 1.2e5


def test_parks_are_no_empty_shells(sized):
    found, few = demo_figures.places(sized), len(sized["establishments"]) == 1000
    assert found["filled"] > (40 if few else 95)
    assert found["filled_ha"] > (70 if few else 99)


def test_clusters_show_at_every_size(sized):
    firms = sized["establishments"]
    if len(firms) > 100_000:  # where the defaults join towns
        assert len(detect_clusters(firms, 200, 50).footprints) > 100
        return
    assert len(detect_clusters(firms).footprints) >= 5
    assert len(detect_clusters(firms, 1000, 5).footprints) > 20


def test_towns_are_not_absurdly_dense(sized):
    # 250,000 are a third more than a province of this size has.
    assert demo_figures.places(sized)["centre"] < 45
    xy = sized["establishments"].get_coordinates().to_numpy()
    hectares = np.unique(np.floor(xy / 100), axis=0, return_counts=True)[1]
    assert hectares.max() < 150


def test_jobs(layers):
    jobs = layers["establishments"]["jobs"]
    assert 0.004 < jobs.isna().mean() < 0.018
    known = jobs.dropna()
    assert (known >= 1).all()
    assert (known == known.round()).all()
    assert known.max() > 500


def test_large_firms_have_room(layers):
    parks = zones_of(layers, "business_park", "mixed")
    large = layers["establishments"].query("jobs >= 200")
    joined = large.sjoin(parks[["area_ha", "geometry"]], predicate="within")
    assert len(joined) > 3
    assert (joined["area_ha"] >= 15).mean() > 0.9


def test_one_job_is_most_often_at_home(layers):
    firms = layers["establishments"]
    homes = zones_of(layers, "urban_high", "urban_medium", "urban_low")
    inside = firms.sjoin(homes[["geometry"]], predicate="within").index.unique()
    at_home = firms.index.isin(inside)
    assert at_home[firms["jobs"] == 1].mean() > 0.7
    assert at_home[firms["jobs"] >= 50].mean() < 0.5


def test_heavy_industry_keeps_to_parks_and_port(sized):
    activities = pd.DataFrame(read_csv("demo", "activities.csv"))
    codes = activities.loc[activities["category"].astype(float) > 5, "sbi"]
    heavy = sized["establishments"]
    heavy = heavy[heavy["sbi"].isin(codes)]
    inside = heavy.sjoin(zones_of(sized, *WORK, "brownfield"), predicate="within")
    outside = heavy[~heavy.index.isin(inside.index)]
    assert len(heavy) > 0
    # Sand and gravel are dug where they lie.
    assert set(outside["sbi"]) <= {"0812"}


def test_sea_port(layers):
    assert zones_of(layers, "sea_port")["area_ha"].sum() > 1000


def test_density_does_not_fall_in_rings(layers):
    """A dense district may lie further from the centre than a sparse one."""
    zones = layers["zones"]
    town = layers["regions"].nlargest(1, "population")["name"].iloc[0]
    own = zones[zones["name"].str.startswith(town)]
    centre = own[own["kinds"] == "city_centre"].union_all().centroid
    away = {
        kind: own[own["kinds"] == kind].centroid.distance(centre)
        for kind in ("urban_high", "urban_medium", "urban_low")
    }
    assert away["urban_high"].median() < away["urban_medium"].median()
    assert away["urban_medium"].median() < away["urban_low"].median()
    assert away["urban_high"].max() > away["urban_medium"].min()
    assert away["urban_medium"].max() > away["urban_low"].min()


def test_land_border_is_no_coast(layers):
    """It runs straight for a kilometre and more; the shore never does."""
    lines = layers["infrastructure"]
    river = lines[lines["name"] == "Brede Maren"].union_all()
    parts = shapely.get_parts(shapely.simplify(land_of(layers), 1))
    sides = [shapely.get_coordinates(part.exterior) for part in parts]
    sides = np.vstack([np.hstack([xy[:-1], xy[1:]]) for xy in sides])
    sides = shapely.linestrings(sides.reshape(-1, 2, 2))
    sides = sides[shapely.distance(sides, river) > 2000]
    west, _, east, _ = layers["regions"].total_bounds
    place = shapely.get_x(shapely.centroid(sides))
    inland, length = place > (west + east) / 2, shapely.length(sides)
    assert length[inland & (length > 1000)].sum() > 0.8 * length[inland].sum()
    shore = place < west + 8000
    assert length[shore & (length > 1000)].sum() < 0.4 * length[shore].sum()


def test_names_of_nature_do_not_repeat(layers):
    """Parts of one area share its name; two areas do not."""
    nature = zones_of(layers, "nature")
    for name, shapes in nature.groupby("name").geometry:
        apart = [shape.distance(shapes.union_all().centroid) for shape in shapes]
        assert max(apart) < 5000, name
    farms = zones_of(layers, "agriculture")
    farms = farms[~farms["name"].str.startswith("Glastuinbouw")]
    assert farms["name"].is_unique


def test_systematic_draws_are_off_by_less_than_one():
    rng = np.random.default_rng(3)
    weights = rng.random(40)
    drawn = np.bincount(systematic(rng, weights, 1000), minlength=40)
    assert np.abs(drawn - 1000 * weights / weights.sum()).max() < 1
    assert len(systematic(rng, weights, 0)) == 0


def test_places_are_even_in_every_stretch():
    places = low_discrepancy(np.random.default_rng(4), 10_000, 0.7548776662466927)
    assert np.allclose(np.sort(places), (np.arange(10_000) + 0.5) / 10_000)
    for start in range(0, 10_000, 250):
        part = np.sort(places[start : start + 250])
        assert np.abs(part - (np.arange(250) + 0.5) / 250).max() < 0.02


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
    for name in ("establishments", "zones", "infrastructure", "facilities", "flows"):
        assert pair[name][keys(name)].str.match(r"P0[12]-").all()
    assert {f"{one:.4s}" for one in pair["establishments"]["est_id"]} == set(number)
    for name in ("exchange_id", "flow_supply", "flow_demand", "giver", "receiver"):
        assert {f"{one:.4s}" for one in pair["truth"][name]} == set(number)


def test_twelve_provinces_have_ground_of_their_own():
    frame = read_toml("demo", "province.toml")["frame"]
    corners = np.array([_origin(number, 12) for number in range(12)])
    far = np.array(frame["size"]) + frame["gap"]
    for number, corner in enumerate(corners[:-1]):
        steps = np.abs(corners[number + 1 :] - corner)
        assert (steps >= far).any(axis=1).all()
    # Where EPSG:28992 may be used.
    assert (corners + frame["size"] < [276_000, 636_000]).all()


def test_progress_rises_to_the_end(made_pair):
    _, told = made_pair
    assert told == sorted(told)
    assert told[0] == 0
    assert told[-1] == 1
    assert np.diff(told).max() < 0.08


def test_progress_can_stop():
    def stop(share):
        if share > 0.04:
            raise CancelledError

    with pytest.raises(CancelledError):
        generate(seed=1, establishments_count=1000, progress=stop)


def test_planted_towns_and_parks_are_found(layers):
    firms, zones = layers["establishments"], layers["zones"]
    members = detect_clusters(firms).members
    planted = {
        10: demo_figures.of_kind(zones, "city_centre"),
        20: demo_figures.of_kind(zones, *WORK),
    }
    for enough, places in planted.items():
        tree = shapely.STRtree(members.geometry.to_numpy())
        place, firm = tree.query(places.geometry.to_numpy(), predicate="intersects")
        found = members["cluster_id"].iloc[firm].groupby(place)
        filled = found.size() >= enough
        # Most of its firms lie in one and the same cluster.
        most = found.agg(lambda own: own.value_counts().max()) / found.size()
        assert filled.sum() >= 20
        assert (most[filled] > 0.5).all()
