"""Corridors, against areas known by hand and against plain overlays."""

import itertools
import math

import numpy as np
import pandas as pd
import pytest
import shapely
from kansenkaart.analysis.corridors import corridors
from kansenkaart.analysis.layers import layer_type
from shapely.geometry import LineString, MultiLineString, Point, box

TRANSPORT = ["pipeline", "rail", "road", "water"]
ENERGY = ["co2", "heat", "power", "steam"]
DISTANCES = dict.fromkeys([*TRANSPORT, *ENERGY], 1000.0)
FAR = 20_000


@pytest.fixture(scope="module")
def lines(layer):
    def make(*rows):
        """Infrastructure from pairs of mode and geometry or coordinates."""
        shapes = [
            LineString(shape) if isinstance(shape, list) else shape for _, shape in rows
        ]
        names = [f"I{number:03}" for number in range(len(rows))]
        modes = pd.Series([mode for mode, _ in rows], dtype=object)
        return layer(shapes, infra_id=pd.Series(names, dtype=object), mode=modes)

    return make


@pytest.fixture(scope="module")
def places(layer):
    def make(*rows):
        """Facilities from pairs of kind and coordinates."""
        names = [f"F{number:03}" for number in range(len(rows))]
        kinds = pd.Series([kind for kind, _ in rows], dtype=object)
        shapes = [Point(place) for _, place in rows]
        return layer(
            shapes, facility_id=pd.Series(names, dtype=object), name="", kind=kinds
        )

    return make


def across(y):
    return [(-FAR, y), (FAR, y)]


def along(x):
    return [(x, -FAR), (x, FAR)]


def areas(found):
    """Area of the multimodal pieces by modes."""
    pieces = found.multimodal
    return pieces.area.groupby(pieces["modes"].to_numpy()).sum().to_dict()


def energies(row):
    return [] if pd.isna(row.energy) or not row.energy else row.energy.split(",")


def difference(one, other):
    return shapely.area(shapely.symmetric_difference(one, other))


def check_pieces(found, min_modes=2):
    """No overlap, no holes in time: the clauses that hold for every scene."""
    pieces = found.multimodal
    shapes = pieces.geometry.to_numpy()
    assert shapely.is_valid(shapes).all()
    assert set(shapely.get_type_id(shapes)) <= {3, 6}
    union = shapely.union_all(shapes)
    total = shapely.area(shapes).sum()
    assert total == pytest.approx(shapely.area(union), rel=1e-6, abs=0.1)
    for row in pieces.itertuples():
        modes = row.modes.split(",")
        assert modes == sorted(set(modes))
        assert set(modes) <= set(TRANSPORT)
        assert len(modes) == row.mode_count >= min_modes
        assert energies(row) == sorted(set(energies(row)))
        assert set(energies(row)) <= set(ENERGY)
    reach = dict(zip(found.by_mode["mode"], found.by_mode.geometry, strict=True))
    overlaps = [
        shapely.intersection_all([reach[mode] for mode in chosen])
        for chosen in itertools.combinations(
            sorted(set(reach) & set(TRANSPORT)), min_modes
        )
    ]
    expected = shapely.union_all(overlaps)
    assert difference(union, expected) <= 1e-6 * shapely.area(expected) + 0.1


def test_crossing_lines(lines):
    found = corridors(lines(("road", across(0)), ("rail", along(0))), DISTANCES)
    assert difference(found.multimodal.union_all(), box(-1000, -1000, 1000, 1000)) < 1
    assert areas(found) == {"rail,road": pytest.approx(4e6, rel=1e-6)}
    assert found.multimodal["mode_count"].tolist() == [2]
    assert not energies(next(found.multimodal.itertuples()))
    assert found.by_mode["mode"].tolist() == ["rail", "road"]
    assert found.without_points == []
    check_pieces(found)


def test_distance_per_mode(lines):
    distances = DISTANCES | {"road": 300, "rail": 700}
    found = corridors(lines(("road", across(0)), ("rail", along(0))), distances)
    assert difference(found.multimodal.union_all(), box(-700, -300, 700, 300)) < 1
    reach = found.by_mode.set_index("mode")
    assert reach["distance_m"].to_dict() == {"rail": 700, "road": 300}
    exact = 2 * FAR * 600 + math.pi * 300**2
    assert reach.area["road"] == pytest.approx(exact, rel=1e-4)
    assert reach["area_ha"]["road"] == pytest.approx(reach.area["road"] / 10_000)


def test_parallel_lines(lines):
    found = corridors(lines(("road", across(0)), ("water", across(1500))), DISTANCES)
    middle = box(-FAR, 500, FAR, 1000)
    assert shapely.area(shapely.difference(middle, found.multimodal.union_all())) < 1
    ends = 2 * (1000**2 * math.acos(0.75) - 750 * math.sqrt(1000**2 - 750**2))
    exact = 2 * FAR * 500 + ends
    assert areas(found) == {"road,water": pytest.approx(exact, rel=2e-4)}
    check_pieces(found)


def test_parallel_lines_too_far_apart(lines):
    found = corridors(lines(("road", across(0)), ("water", across(2001))), DISTANCES)
    assert len(found.multimodal) == 0
    assert len(found.by_mode) == 2
    assert set(layer_type("corridors").fields) <= set(found.multimodal.columns)
    assert found.multimodal.crs == "EPSG:28992"


@pytest.mark.parametrize("mode", TRANSPORT)
def test_a_mode_alone_is_not_multimodal(lines, mode):
    rows = [(mode, across(0)), (mode, along(0)), (mode, across(300))]
    found = corridors(lines(*rows), DISTANCES)
    assert len(found.multimodal) == 0
    assert found.by_mode["mode"].tolist() == [mode]


def three_modes(lines):
    return lines(("road", across(0)), ("rail", along(0)), ("water", along(1000)))


def test_three_modes(lines):
    """Rail reaches x −1000–1000, water 0–2000, road y −1000–1000."""
    found = corridors(three_modes(lines), DISTANCES)
    ends = 2 * (1000**2 * math.acos(0.5) - 500 * math.sqrt(1000**2 - 500**2))
    expected = {
        "rail,road": 2e6,
        "rail,road,water": 2e6,
        "road,water": 2e6,
        "rail,water": 1000 * 2 * (FAR - 1000) + ends,
    }
    assert areas(found).keys() == expected.keys()
    for modes, area in expected.items():
        assert areas(found)[modes] == pytest.approx(area, rel=2e-4)
    middle = found.multimodal[found.multimodal["modes"] == "rail,road,water"]
    assert difference(middle.union_all(), box(0, -1000, 1000, 1000)) < 1
    check_pieces(found)


def test_min_modes(lines):
    found = corridors(three_modes(lines), DISTANCES, min_modes=3)
    assert areas(found) == {"rail,road,water": pytest.approx(2e6, rel=1e-6)}
    check_pieces(found, 3)
    found = corridors(three_modes(lines), DISTANCES, min_modes=1)
    assert {"rail", "road", "water"} < set(found.multimodal["modes"])
    check_pieces(found, 1)
    assert len(corridors(three_modes(lines), DISTANCES, min_modes=4).multimodal) == 0


@pytest.mark.parametrize("mode", ENERGY)
def test_energy_shows_but_does_not_count(lines, mode):
    alone = corridors(lines(("road", across(0)), (mode, along(0))), DISTANCES)
    assert len(alone.multimodal) == 0
    assert alone.by_mode["mode"].tolist() == sorted([mode, "road"])
    rows = [("road", across(0)), ("rail", along(0)), (mode, along(1200))]
    found = corridors(lines(*rows), DISTANCES)
    assert areas(found) == {"rail,road": pytest.approx(4e6, rel=1e-6)}
    assert set(found.multimodal["mode_count"]) == {2}
    with_energy = [bool(energies(row)) for row in found.multimodal.itertuples()]
    served = found.multimodal[with_energy]
    assert {tuple(energies(row)) for row in served.itertuples()} == {(mode,)}
    assert difference(served.union_all(), box(200, -1000, 1000, 1000)) < 1
    check_pieces(found)


def test_two_energy_lines(lines):
    rows = [("road", across(0)), ("rail", along(0))]
    rows += [("steam", along(0)), ("heat", along(0)), ("power", along(FAR))]
    found = corridors(lines(*rows), DISTANCES | {"heat": 1500, "steam": 2000})
    assert [energies(row) for row in found.multimodal.itertuples()] == [
        ["heat", "steam"]
    ]
    assert found.by_mode["mode"].tolist() == ["heat", "power", "rail", "road", "steam"]


POINTS = [("motorway_junction", "road"), ("rail_terminal", "rail"), ("quay", "water")]


@pytest.mark.parametrize(("kind", "mode"), POINTS)
def test_access_points(lines, places, kind, mode):
    """The mode's points lie at x 5000; its line is far away from there."""
    infrastructure = lines(("pipeline", across(0)), (mode, along(-9000)))
    facilities = places((kind, (5000, 0)), ("station", (9000, 0)))
    modes = ",".join(sorted([mode, "pipeline"]))
    disc = Point(5000, 0).buffer(1000, quad_segs=64)
    square = box(-10_000, -1000, -8000, 1000)

    found = corridors(infrastructure, DISTANCES, facilities, "points")
    assert list(areas(found)) == [modes]
    assert difference(found.multimodal.union_all(), disc) < 0.003 * disc.area
    assert found.without_points == ["pipeline"]
    check_pieces(found)

    found = corridors(infrastructure, DISTANCES, facilities, "both")
    expected = shapely.union(disc, square)
    assert difference(found.multimodal.union_all(), expected) < 0.003 * expected.area
    check_pieces(found)

    for other in (facilities, None):
        found = corridors(infrastructure, DISTANCES, other, "lines")
        assert difference(found.multimodal.union_all(), square) < 1
        assert found.without_points == []


def test_access_points_of_a_mode_without_lines(lines, places):
    infrastructure = lines(("road", across(0)))
    facilities = places(("quay", (0, 0)), ("motorway_junction", (0, 0)))
    found = corridors(infrastructure, DISTANCES, facilities, "points")
    assert found.by_mode["mode"].tolist() == ["road", "water"]
    disc = math.pi * 1000**2
    assert areas(found) == {"road,water": pytest.approx(disc, rel=0.002)}


@pytest.mark.parametrize("facilities", ["none", "empty", "stations"])
def test_without_access_points_lines_are_taken(lines, places, facilities):
    given = {
        "none": None,
        "empty": places(),
        "stations": places(("station", (0, 0)), ("other", (5, 5))),
    }[facilities]
    infrastructure = lines(("road", across(0)), ("rail", along(0)), ("heat", along(0)))
    found = corridors(infrastructure, DISTANCES, given, "points")
    assert difference(found.multimodal.union_all(), box(-1000, -1000, 1000, 1000)) < 1
    assert sorted(found.without_points) == ["rail", "road"]


@pytest.mark.parametrize("access", ["lines", "points", "both"])
def test_stations_never_count(lines, places, same_tables, access):
    infrastructure = lines(("road", across(0)), ("rail", along(0)))
    some = places(("rail_terminal", (3000, 0)), ("motorway_junction", (3000, 100)))
    more = places(
        ("rail_terminal", (3000, 0)),
        ("motorway_junction", (3000, 100)),
        *(("station", (x, 0)) for x in range(-9000, 9000, 500)),
    )
    one = corridors(infrastructure, DISTANCES, some, access)
    other = corridors(infrastructure, DISTANCES, more, access)
    same_tables(one.multimodal, other.multimodal)
    same_tables(one.by_mode, other.by_mode)


@pytest.mark.parametrize("distance", [50, 500, 1000, 12_345])
def test_buffers_are_round(lines, places, distance):
    infrastructure = lines(("water", across(0)))
    facilities = places(("quay", (123_456.7, 456_789.1)))
    distances = DISTANCES | {"water": distance}
    found = corridors(infrastructure, distances, facilities, "points")
    exact = math.pi * distance**2
    assert exact * 0.998 <= found.by_mode.area[0] <= exact


def zigzag(rng, steps):
    angle = np.cumsum(rng.normal(0, 0.7, steps)) + rng.uniform(0, 6.3)
    path = np.cumsum(np.column_stack([np.cos(angle), np.sin(angle)]) * 900, axis=0)
    return path + rng.uniform(-6000, 6000, 2)


def random_lines(lines, seed):
    rng = np.random.default_rng(seed)
    rows = []
    for mode in [*TRANSPORT, *ENERGY]:
        for _ in range(int(rng.integers(1, 5))):
            shape = LineString(zigzag(rng, int(rng.integers(2, 14))))
            if rng.random() < 0.3:
                shape = MultiLineString([shape, LineString(zigzag(rng, 3))])
            rows.append((mode, shape))
    ring = box(-4000, -4000, 4000, 4000).exterior
    rows.append(("road", LineString(ring.coords)))
    distances = {mode: float(rng.integers(200, 1500)) for mode in DISTANCES}
    return lines(*rows), distances


@pytest.mark.parametrize("seed", range(5))
def test_reach_of_random_lines(lines, seed):
    """Nowhere outside the true buffer, and inside it by less than a chord's height.

    GEOS rounds the number of chords of a bend, so one may span one and a half step.
    """
    infrastructure, distances = random_lines(lines, seed)
    found = corridors(infrastructure, distances)
    assert found.by_mode["mode"].tolist() == sorted(DISTANCES)
    for row in found.by_mode.itertuples():
        shapes = infrastructure.geometry[infrastructure["mode"] == row.mode].to_numpy()
        distance = distances[row.mode]
        inner = distance * math.cos(1.5 * math.pi / 64) - 0.05
        widest = shapely.union_all(shapely.buffer(shapes, distance, quad_segs=512))
        least = shapely.union_all(shapely.buffer(shapes, inner, quad_segs=512))
        assert shapely.area(shapely.difference(row.geometry, widest)) < 30
        assert shapely.area(shapely.difference(least, row.geometry)) < 30


@pytest.mark.filterwarnings("ignore:invalid value encountered")
@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("min_modes", [2, 3])
def test_pieces_of_random_lines(lines, seed, min_modes):
    infrastructure, distances = random_lines(lines, seed + 50)
    found = corridors(infrastructure, distances, min_modes=min_modes)
    check_pieces(found, min_modes)
    reach = {}
    for mode, distance in distances.items():
        shapes = infrastructure.geometry[infrastructure["mode"] == mode].to_numpy()
        reach[mode] = shapely.union_all(shapely.buffer(shapes, distance, quad_segs=16))
    expected = {}
    for number in range(min_modes, 5):
        for chosen in itertools.combinations(TRANSPORT, number):
            rest = [reach[mode] for mode in TRANSPORT if mode not in chosen]
            shape = shapely.intersection_all([reach[mode] for mode in chosen])
            expected[",".join(chosen)] = shapely.difference(
                shape, shapely.union_all(rest)
            )
    total = sum(shape.area for shape in expected.values())
    by_modes = found.multimodal.groupby("modes")["geometry"].agg(shapely.union_all)
    for modes, shape in expected.items():
        got = by_modes.get(modes, shapely.Polygon())
        assert difference(got, shape) < 0.002 * total
        assert got.area == pytest.approx(shape.area, rel=0.01, abs=0.0005 * total)
    for mode in ENERGY:
        served = [mode in energies(row) for row in found.multimodal.itertuples()]
        got = found.multimodal[served].union_all()
        shape = shapely.intersection(reach[mode], found.multimodal.union_all())
        assert difference(got, shape) < 0.002 * total


def test_long_lines_have_no_seams(lines):
    """Many lines over 40 km: no gaps where the work may have been cut up."""
    rows = [("road", across(y)) for y in range(-4000, 4001, 800)]
    rows += [("rail", [(-FAR, -FAR), (FAR, FAR)]), ("rail", along(4990))]
    found = corridors(lines(*rows), DISTANCES)
    road = found.by_mode.set_index("mode").geometry["road"]
    assert shapely.get_num_geometries(road) == 1
    assert shapely.get_num_interior_rings(shapely.get_geometry(road, 0)) == 0
    exact = 2 * FAR * 10_000 + 2 * 1000 * 8000
    assert exact < road.area
    assert shapely.covers(road.buffer(0.1), box(-FAR, -5000, FAR, 5000))
    check_pieces(found)


@pytest.mark.parametrize("number", [40, 100, 500, 1000])
def test_lines_of_many_vertices_have_no_gaps(lines, number):
    """Vertices 3 km apart and a reach of 1 km: every segment must be there."""
    x = np.arange(number + 1) * 3000.0
    vertices = np.column_stack([x, 10.0 * (np.arange(number + 1) % 2)])
    found = corridors(lines(("water", LineString(vertices))), DISTANCES).by_mode
    expected = shapely.buffer(LineString(vertices), 1000, quad_segs=16)
    assert found.area[0] == pytest.approx(expected.area, rel=1e-4)
    assert shapely.get_num_geometries(found.geometry[0]) == 1


def test_row_order_does_not_matter(lines, places, shuffled, same_tables):
    infrastructure, distances = random_lines(lines, 99)
    rng = np.random.default_rng(3)
    kinds = [kind for kind, _ in POINTS] * 6
    facilities = places(*((kind, rng.uniform(-6000, 6000, 2)) for kind in kinds))
    for access in ("lines", "points", "both"):
        one = corridors(infrastructure, distances, facilities, access)
        assert len(one.multimodal) > 3
        for seed in (1, 2):
            other = corridors(
                shuffled(infrastructure, seed),
                distances,
                shuffled(facilities, seed),
                access,
            )
            same_tables(one.by_mode, other.by_mode)
            same_tables(one.multimodal, other.multimodal)
            assert one.without_points == other.without_points


def test_direction_of_lines_does_not_matter(lines):
    infrastructure, distances = random_lines(lines, 98)
    turned = infrastructure.copy()
    turned["geometry"] = shapely.reverse(turned.geometry.to_numpy())
    one = corridors(infrastructure, distances).multimodal
    other = corridors(turned, distances).multimodal
    assert difference(one.union_all(), other.union_all()) < 1e-3 * one.area.sum()


@pytest.mark.parametrize("access", ["lines", "points", "both"])
def test_empty(lines, places, access):
    for facilities in (None, places()):
        found = corridors(lines(), DISTANCES, facilities, access)
        assert len(found.by_mode) == len(found.multimodal) == 0
        assert set(layer_type("corridors").fields) <= set(found.multimodal.columns)
        assert set(layer_type("mode_corridors").fields) <= set(found.by_mode.columns)
        assert found.without_points == []


def test_progress_stays_between_zero_and_one(lines):
    heard = []
    corridors(three_modes(lines), DISTANCES, progress=heard.append)
    assert heard == sorted(heard)
    assert 0 <= heard[0] <= heard[-1] <= 1
