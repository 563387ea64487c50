"""Criteria: for each a scene whose raw value is known by hand."""

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from kansenkaart.analysis.criteria import (
    Layers,
    criterion_ids,
    linear_value,
    measure,
)
from kansenkaart.analysis.resources import read_toml
from shapely.geometry import LineString, Point, box

KM = 1000.0
ALL = [
    "C1_mass", "C1_diversity", "C4_modes", "C2", "C8", "C6", "space", "C10",
    "symbiosis",
]  # fmt: skip
REACH = {
    "road": 1000,
    "rail": 1000,
    "water": 500,
    "pipeline": 500,
    "heat": 1000,
    "steam": 1000,
    "co2": 1000,
    "power": 1000,
}
SQUARE = box(0, 0, KM, KM)
FAR_SQUARE = box(50 * KM, 0, 51 * KM, KM)


@pytest.fixture(scope="module")
def zones(layer):
    def make(*shapes, kinds="business_park", available=np.nan):
        ids = pd.Series(
            [f"Z{number + 1}" for number in range(len(shapes))], dtype=object
        )
        frame = layer(shapes, zone_id=ids, name="Terrein", kinds=kinds)
        frame["area_ha"] = frame.area / 10_000
        frame["available_ha"] = pd.Series(available, index=frame.index, dtype=float)
        return frame

    return make


@pytest.fixture(scope="module")
def areas(layer):
    """Leverage areas, with only the fields that a criterion can't do without."""

    def make(*shapes, **columns):
        ids = [f"A{number + 1}" for number in range(len(shapes))]
        return layer(shapes, area_id=pd.Series(ids, dtype=object), **columns)

    return make


@pytest.fixture(scope="module")
def lines(layer):
    def make(*rows):
        modes = pd.Series([mode for mode, _ in rows], dtype=object)
        ids = pd.Series([f"I{number}" for number in range(len(rows))], dtype=object)
        shapes = [LineString(shape) for _, shape in rows]
        return layer(shapes, infra_id=ids, mode=modes)

    return make


@pytest.fixture(scope="module")
def matches(layer):
    def make(*shapes):
        return layer([LineString(shape) for shape in shapes], avoided_co2_t=500.0)

    return make


@pytest.fixture(scope="module")
def places(layer):
    def make(*rows):
        kinds = pd.Series([kind for kind, _ in rows], dtype=object)
        ids = pd.Series([f"F{number}" for number in range(len(rows))], dtype=object)
        shapes = [Point(place) for _, place in rows]
        return layer(shapes, facility_id=ids, name="", kind=kinds)

    return make


@pytest.fixture(scope="module")
def constraints(layer):
    def make(*rows):
        effects = pd.Series([effect for effect, _ in rows], dtype=object)
        return layer([shape for _, shape in rows], kind="housing", effect=effects)

    return make


def one(given, layers, criterion):
    """Raw value and value of one criterion, per area."""
    found = measure(given, layers, [criterion])
    assert list(found.raw.columns) == list(found.value.columns) == [criterion]
    return found.raw[criterion].tolist(), found.value[criterion].tolist()


def test_ids_are_those_of_the_data_file():
    further = ["C3", "C5", "C7", "C9", "env_category", "environment"]
    assert criterion_ids() == [*ALL, *further] == list(read_toml("criteria.toml"))


def test_limits_that_a_source_gives_are_named():
    entries = read_toml("criteria.toml").items()
    given = {name: each["given"] for name, each in entries if "given" in each}
    assert given == {"space": ["best"], "env_category": ["worst", "best"]}


def test_linear_value():
    raw = pd.Series([-10, 0, 25, 100, 900, np.nan], index=list("abcdef"))
    value = linear_value(raw, 0, 100)
    assert value.index.tolist() == list("abcdef")
    assert value[:5].tolist() == [0, 0, 0.25, 1, 1]
    assert pd.isna(value["f"])


def test_linear_value_where_less_is_better():
    value = linear_value(pd.Series([-1.0, 0, 1000, 5000, 9e9]), 5000, 0)
    assert value.tolist() == [1, 1, 0.8, 0, 0]


def test_mass(zones, firms):
    inside = [(10 * number, 5) for number in range(25)]
    layers = Layers(establishments=firms([*inside, (KM + 1, 5), (2 * KM, 0)]))
    assert one(zones(SQUARE, FAR_SQUARE), layers, "C1_mass") == ([25, 0], [0.25, 0])


def test_mass_is_clipped(zones, firms):
    layers = Layers(establishments=firms([(5, 5)] * 140))
    assert one(zones(SQUARE), layers, "C1_mass") == ([140], [1])


def test_diversity(zones, firms):
    """Two equal divisions: ln 2 / ln 88; one division: 0; none: unknown."""
    places = [(5, 5), (6, 6), (50 * KM + 5, 5)]
    layers = Layers(establishments=firms(places, [10, 10, 3], ["2014", "3811", "47"]))
    third = box(80 * KM, 0, 81 * KM, KM)
    raw, value = one(zones(SQUARE, FAR_SQUARE, third), layers, "C1_diversity")
    share = math.log(2) / math.log(88)
    assert raw[:2] == pytest.approx([share, 0])
    assert value[:2] == pytest.approx([share / 0.6, 0])
    assert math.isnan(raw[2])
    assert math.isnan(value[2])


def test_diversity_without_known_jobs_is_unknown(zones, firms):
    layers = Layers(establishments=firms([(5, 5), (6, 6)], np.nan, ["2014", "3811"]))
    raw, value = one(zones(SQUARE), layers, "C1_diversity")
    assert np.isnan([raw, value]).all()


def test_modes_in_one_place_are_those_of_the_area(areas):
    given = areas(
        SQUARE, FAR_SQUARE, mode_count=[2, 4], modes=["rail,road"] * 2, modes_any=[4, 4]
    )
    raw, value = one(given, Layers(), "C4_modes")
    assert raw == [2, 4]
    assert value == pytest.approx([1 / 3, 1])


def network(lines):
    """Road across; rail 900 m above; water 501 m below; heat everywhere."""
    return lines(
        ("road", [(-9 * KM, 500), (9 * KM, 500)]),
        ("rail", [(-9 * KM, 1900), (9 * KM, 1900)]),
        ("water", [(-9 * KM, -501), (9 * KM, -501)]),
        ("heat", [(-9 * KM, 500), (9 * KM, 500)]),
    )


def test_modes_within_reach_of_a_zone(zones, lines):
    """Water lies a metre too far, heat is no transport."""
    layers = Layers(infrastructure=network(lines), mode_distances=REACH)
    raw, value = one(zones(SQUARE, FAR_SQUARE), layers, "C4_modes")
    assert raw == [2, 0]
    assert value == pytest.approx([1 / 3, 0])
    raw, value = one(zones(SQUARE, FAR_SQUARE), layers, "C2")
    assert (raw, value) == ([1, 0], [0.5, 0])


@pytest.mark.parametrize(("distance", "water"), [(500.999, 0), (501.001, 1)])
def test_every_mode_has_its_own_distance(zones, lines, distance, water):
    distances = REACH | {"water": distance}
    layers = Layers(infrastructure=network(lines), mode_distances=distances)
    assert one(zones(SQUARE), layers, "C4_modes")[0] == [2 + water]
    assert one(zones(SQUARE), layers, "C2")[0] == [1 + water]


def test_sustainable_modes_of_an_area(areas):
    modes = ["road", "rail,road", "rail,road,water", "pipeline,road,water"]
    shapes = [box(x, 0, x + KM, KM) for x in (0, 2000, 4000, 6000)]
    given = areas(*shapes, modes=modes, mode_count=2)
    assert one(given, Layers(), "C2") == ([0, 1, 2, 1], [0, 0.5, 1, 0.5])


@pytest.mark.parametrize("kind", ["energy_hub", "power_plant", "heat_source"])
def test_distance_to_an_energy_facility(zones, places, kind):
    """1250 m from the edge; a quay nearby does not count."""
    layers = Layers(facilities=places((kind, (2250, 500)), ("quay", (1001, 0))))
    raw, value = one(zones(SQUARE, FAR_SQUARE), layers, "C8")
    assert raw[0] == pytest.approx(1250)
    assert value == pytest.approx([0.75, 0])


@pytest.mark.parametrize("mode", ["heat", "steam", "co2"])
def test_distance_to_an_energy_line(zones, lines, mode):
    rows = [(mode, [(2000, -KM), (2000, KM)]), ("power", [(0, 0), (KM, KM)])]
    layers = Layers(infrastructure=lines(*rows), mode_distances=REACH)
    raw, value = one(zones(SQUARE), layers, "C8")
    assert raw == pytest.approx([1000])
    assert value == pytest.approx([0.8])


def test_nearest_of_energy_facility_and_line(zones, lines, places):
    layers = Layers(
        infrastructure=lines(("heat", [(2000, 0), (2000, KM)])),
        facilities=places(("heat_source", (500, 1300)), ("energy_hub", (500, 9000))),
        mode_distances=REACH,
    )
    assert one(zones(SQUARE), layers, "C8")[0] == pytest.approx([300])


def test_energy_inside_the_area_is_at_no_distance(zones, places):
    layers = Layers(facilities=places(("energy_hub", (500, 500))))
    assert one(zones(SQUARE), layers, "C8") == ([0], [1])


@pytest.mark.parametrize("kind", ["waste_processor", "container_park"])
def test_distance_to_waste_processing(zones, places, kind):
    layers = Layers(facilities=places((kind, (3000, 500)), ("wwtp", (500, 500))))
    raw, value = one(zones(SQUARE), layers, "C6")
    assert raw == pytest.approx([2000])
    assert value == pytest.approx([0.8])


def test_distance_to_a_zone_for_waste(zones):
    given = zones(
        SQUARE,
        box(4000, 0, 5000, KM),
        box(1100, 0, 1200, KM),
        kinds=["business_park", "mixed;waste", "other"],
    )
    raw, _value = one(given, Layers(zones=given), "C6")
    assert raw == pytest.approx([3000, 0, 2800])


def test_available_space_of_a_zone(zones):
    given = zones(
        SQUARE, FAR_SQUARE, box(80 * KM, 0, 81 * KM, KM), available=[2.5, np.nan, 40]
    )
    raw, value = one(given, Layers(zones=given), "space")
    assert raw[::2] == [2.5, 40]
    assert value[::2] == [0.25, 1]
    assert math.isnan(raw[1])
    assert math.isnan(value[1])


def test_available_space_of_a_part_of_a_zone(zones, areas):
    """A quarter of the zone's ground gets a quarter of its available hectares."""
    given = areas(
        box(0, 0, 500, 500), box(50 * KM, 0, 51 * KM, KM), zone_id=["Z1", "Z2"]
    )
    layers = Layers(zones=zones(SQUARE, FAR_SQUARE, available=[8, 3]))
    raw, value = one(given, layers, "space")
    assert raw == pytest.approx([2, 3])
    assert value == pytest.approx([0.2, 0.3])


def test_no_available_space_is_known_to_be_none(zones):
    given = zones(SQUARE, available=[0])
    assert one(given, Layers(zones=given), "space") == ([0], [0])


# Area and surroundings: the square, 200 m on every side and four quarter discs.
GROUND = KM * KM + 4 * 200 * KM + math.pi * 200**2


def test_conflict(zones, constraints):
    """Housing right of x 500 covers half, so does it twice."""
    half = box(500, -9 * KM, 20 * KM, 9 * KM)
    for rows in ([half], [half, box(600, -KM, 2 * KM, KM)]):
        layers = Layers(constraints=constraints(*(("penalise", row) for row in rows)))
        raw, value = one(zones(SQUARE, FAR_SQUARE), layers, "C10")
        assert raw == pytest.approx([50, 0])
        assert value == pytest.approx([0, 1], abs=1e-9)


def test_conflict_reaches_two_hundred_metres(zones, constraints):
    strip = box(1100, 0, 9 * KM, KM)
    layers = Layers(constraints=constraints(("penalise", strip)))
    raw, value = one(zones(SQUARE), layers, "C10")
    assert raw == pytest.approx([100 * 100 * KM / GROUND], rel=2e-3)
    assert value == pytest.approx([1 - raw[0] / 50])
    beyond = constraints(("penalise", box(1201, 0, 9 * KM, KM)))
    assert one(zones(SQUARE), Layers(constraints=beyond), "C10") == ([0], [1])


def test_excluded_ground_is_no_conflict(zones, constraints):
    layers = Layers(constraints=constraints(("exclude", box(-KM, -KM, 2 * KM, 2 * KM))))
    assert one(zones(SQUARE), layers, "C10") == ([0], [1])


def test_conflict_of_many_areas_and_constraints(zones, constraints):
    """Each area gets its own share, also where constraints overlap."""
    shapes = [box(x, 0, x + KM, KM) for x in range(0, 30_000, 3000)]
    rows = [
        ("penalise", box(x - 300, -300, x + 100 * number, 1300))
        for number, x in enumerate(range(0, 30_000, 3000))
    ]
    rows += [("penalise", box(100, 100, 200, 200)), ("exclude", box(0, 0, 900, 900))]
    raw, _value = one(zones(*shapes), Layers(constraints=constraints(*rows)), "C10")
    joined = constraints(*rows)
    sensitive = joined[joined["effect"] == "penalise"].union_all()
    for shape, found in zip(shapes, raw, strict=True):
        around = shape.buffer(200, quad_segs=64)
        expected = 100 * around.intersection(sensitive).area / around.area
        assert found == pytest.approx(expected, abs=0.1)


def everything(zones, lines, places, constraints, firms):
    return Layers(
        establishments=firms([(5, 5)]),
        zones=zones(SQUARE, kinds="waste", available=[1]),
        infrastructure=lines(("heat", [(0, 0), (1, 1)])),
        facilities=places(("energy_hub", (0, 0))),
        constraints=constraints(("penalise", SQUARE)),
        mode_distances=REACH,
    )


def test_only_what_is_wanted_is_measured(
    zones, lines, places, constraints, firms, matches
):
    layers = everything(zones, lines, places, constraints, firms)
    found = measure(zones(SQUARE), layers, ["C10", "C1_mass"])
    assert sorted(found.raw) == sorted(found.value) == ["C10", "C1_mass"]
    layers = replace(layers, matches=matches([(0, 0), (KM, KM)]))
    assert sorted(measure(zones(SQUARE), layers, ALL).raw) == sorted(ALL)


def test_absent_layers_are_left_out_for_all(
    areas, zones, lines, places, constraints, firms
):
    """Per layer the criteria that it alone makes possible."""
    given = areas(SQUARE, FAR_SQUARE, zone_id=["Z1", "Z2"])
    layers = everything(zones, lines, places, constraints, firms)
    assert list(measure(given, Layers(mode_distances=REACH), ALL).raw) == []

    def possible(**some):
        return set(measure(given, Layers(mode_distances=REACH, **some), ALL).raw)

    assert possible(establishments=layers.establishments) == {"C1_mass", "C1_diversity"}
    assert possible(infrastructure=layers.infrastructure) == {"C4_modes", "C2", "C8"}
    assert possible(facilities=layers.facilities) == {"C8", "C6"}
    assert possible(zones=layers.zones) == {"space", "C6"}
    assert possible(constraints=layers.constraints) == {"C10"}


def test_layers_without_anything_of_the_kind(zones, lines, places, constraints, firms):
    """The layer is there, so nothing of the kind is known: worst, not unknown."""
    layers = Layers(
        establishments=firms([(90 * KM, 0)]),
        infrastructure=lines(("power", [(90 * KM, 0), (91 * KM, 0)])),
        facilities=places(("quay", (5, 5)), ("station", (5, 5))),
        constraints=constraints(("exclude", SQUARE)),
        mode_distances=REACH,
    )
    found = measure(zones(SQUARE), layers, ALL)
    value = found.value.loc[0].to_dict()
    assert math.isnan(value.pop("C1_diversity"))
    value.pop("space", None)
    assert value == {"C1_mass": 0, "C4_modes": 0, "C2": 0, "C8": 0, "C6": 0, "C10": 1}
    raw = found.raw.loc[0]
    assert raw[["C1_mass", "C4_modes", "C2", "C10"]].tolist() == [0, 0, 0, 0]


def test_empty_layers(zones, lines, places, firms):
    layers = Layers(
        establishments=firms([]),
        zones=zones(),
        infrastructure=lines(),
        facilities=places(),
        mode_distances=REACH,
    )
    value = measure(zones(SQUARE), layers, ALL).value.loc[0]
    known = ["C1_mass", "C4_modes", "C2", "C8", "C6"]
    assert value[known].tolist() == [0, 0, 0, 0, 0]
    assert math.isnan(value["C1_diversity"])


def test_empty_constraints(zones, constraints):
    found = measure(
        zones(SQUARE, FAR_SQUARE), Layers(constraints=constraints()), ["C10"]
    )
    assert found.raw["C10"].tolist() == [0, 0]


def test_no_areas(zones, lines, places, constraints, firms):
    layers = everything(zones, lines, places, constraints, firms)
    found = measure(zones(), layers, ALL)
    assert len(found.raw) == len(found.value) == 0


def test_values_lie_in_zero_to_one(zones, lines, places, constraints, firms, matches):
    rng = np.random.default_rng(8)
    corners = rng.uniform(0, 20 * KM, (40, 2))
    given = zones(
        *(box(x, y, x + 900, y + 700) for x, y in corners),
        kinds=["waste", "other"] * 20,
        available=rng.uniform(0, 30, 40),
    )
    layers = Layers(
        establishments=firms(rng.uniform(0, 20 * KM, (900, 2)), 3.0),
        zones=given,
        infrastructure=lines(
            *((mode, rng.uniform(0, 20 * KM, (2, 2))) for mode in REACH)
        ),
        facilities=places(("energy_hub", (0, 0)), ("waste_processor", (0, 0))),
        constraints=constraints(
            *(("penalise", box(x, y, x + 600, y + 600)) for x, y in corners[:20])
        ),
        matches=matches([(0, 0), (KM, KM)]),
        mode_distances=REACH,
    )
    found = measure(given, layers, ALL)
    assert list(found.value.columns) == list(found.raw.columns)
    assert found.value.drop(columns="C1_diversity").notna().all(axis=None)
    values = found.value.to_numpy()
    assert np.nanmin(values) >= 0
    assert np.nanmax(values) <= 1
    scale = read_toml("criteria.toml")
    for criterion in ALL:
        entry = scale[criterion]
        expected = linear_value(found.raw[criterion], entry["worst"], entry["best"])
        assert np.allclose(found.value[criterion], expected, equal_nan=True)


def test_avoided_co2_counts_a_match_once_per_area(areas, layer):
    """A line inside one area, one between two, one without a factor, one elsewhere."""
    shapes = [
        LineString([(10, 10), (90, 90)]),
        LineString([(10, 10), (1050, 50)]),
        LineString([(20, 20), (30, 30)]),
        LineString([(-500, -500), (-600, -600)]),
    ]
    matches = layer(shapes, avoided_co2_t=[10.0, 200.0, None, 5000.0])
    given = areas(box(0, 0, 100, 100), box(1000, 0, 1100, 100))
    raw, value = one(given, Layers(matches=matches), "symbiosis")
    assert raw == [210, 200]
    assert value == pytest.approx([0.021, 0.02])
