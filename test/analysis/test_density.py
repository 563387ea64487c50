"""Density, against plain loops and shapely."""

import math

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from kansenkaart.analysis import density
from kansenkaart.analysis.confidentiality import Rule
from kansenkaart.analysis.density import business_density, coarse_density, highest
from kansenkaart.analysis.errors import RefusalError
from kansenkaart.analysis.groupings import choose_grouping, shipped_grouping
from kansenkaart.analysis.hexagons import Lattice
from kansenkaart.analysis.progress import CancelledError
from kansenkaart.analysis.study_area import study_area

ALL = shipped_grouping("all")
SECTIONS = shipped_grouping("section")
CODES = ("0111", "2511", "4711", "6201")
SIZES = (500.0, 137.5, 2000.0)


def scene(firms, seed, number=300, width=6000):
    """Clumps and stray points, some at another's place, some without known jobs."""
    rng = np.random.default_rng(seed)
    centres = rng.uniform(0, width, (6, 2))
    xy = centres[rng.integers(0, 6, number)] + rng.normal(0, 400, (number, 2))
    stray = rng.random(number) < 0.3
    xy[stray] = rng.uniform(-width / 10, width, (stray.sum(), 2))
    xy[: number // 10] = xy[number // 10 : 2 * (number // 10)]
    jobs = rng.integers(0, 60, number).astype(float)
    jobs[rng.random(number) < 0.15] = np.nan
    frame = firms(xy + np.array([100_000, 400_000]), jobs)
    frame["sbi"] = rng.choice(CODES, number)
    return frame


def spot(firms, number, at=(100_000, 400_000), **fields):
    """Firms that are all in one place."""
    return firms(np.tile(at, (number, 1)).astype(float), **fields)


def middle(hex_id, size):
    """Middle of a hexagon, from its id as the documentation says."""
    q, r = (int(part) for part in hex_id.split("_"))
    return size * (q + r / 2), size * r * math.sqrt(3) / 2


def plain_kernel(frame, place, radius, measure):
    """The formula, one establishment after the other; per m²."""
    total = 0.0
    for point, jobs in zip(frame.geometry, frame["jobs"], strict=True):
        away = math.dist((point.x, point.y), place)
        weight = 1.0 if measure == "establishments" else jobs
        if away < radius and not math.isnan(weight):
            height = 3 / (math.pi * radius**2) * (1 - (away / radius) ** 2) ** 2
            total += weight * height
    return total


@pytest.mark.parametrize("size", SIZES)
def test_an_establishment_lies_in_its_hexagon(size):
    lattice = Lattice(size)
    rng = np.random.default_rng(3)
    xy = rng.uniform(-1, 1, (4000, 2)) * 40 * size
    cells = lattice.cells(xy)
    around = np.unique(
        (cells[:, None] + [[0, 0], [1, 0], [0, 1], [-1, 1], [1, -1]]).reshape(-1, 2),
        axis=0,
    )
    shapes = lattice.polygons(around)
    tree = shapely.STRtree(shapes)
    point, found = tree.query(shapely.points(xy), predicate="intersects")
    # No point of a random cloud lies on an edge, so each lies in one hexagon.
    assert np.array_equal(point, np.arange(len(xy)))
    assert np.array_equal(around[found], cells)


@pytest.mark.parametrize("size", SIZES)
def test_hexagons_are_regular_and_tile_the_plane(size):
    lattice = Lattice(size)
    cells = np.array([(q, r) for q in range(-4, 5) for r in range(600, 609)])
    shapes = lattice.polygons(cells)
    edges = np.diff(shapely.get_coordinates(shapes[0]), axis=0)
    assert np.hypot(*edges.T) == pytest.approx(np.full(6, size / math.sqrt(3)))
    assert shapely.area(shapes) == pytest.approx(math.sqrt(3) / 2 * size**2)
    assert shapely.area(shapes) == pytest.approx(lattice.area)
    middles = shapely.get_coordinates(shapely.centroid(shapes))
    assert middles == pytest.approx(lattice.middles(cells))
    expected = [middle(f"{q}_{r}", size) for q, r in cells.tolist()]
    assert middles == pytest.approx(np.array(expected))
    # Neighbours share corners to the last bit, so nothing is left between them.
    together = shapely.coverage_union_all(shapes)
    assert shapely.get_num_interior_rings(together) == 0
    assert together.area == pytest.approx(len(cells) * lattice.area)
    assert len(np.unique(shapely.get_coordinates(shapes), axis=0)) == 2 * 10 * 10 - 2


def test_a_point_on_an_edge_goes_to_one_hexagon():
    lattice = Lattice(500.0)
    on_edges = np.array([[250.0, 0], [-250, 0], [750, 0], [1_000_250, 0]])
    cells = lattice.cells(on_edges)
    away = np.hypot(*(on_edges - lattice.middles(cells)).T)
    assert away == pytest.approx(np.full(4, 250))
    for order in ([3, 1, 0, 2], [0]):
        assert np.array_equal(lattice.cells(on_edges[order]), cells[order])


@pytest.mark.parametrize("reach", [0, 499, 500, 900, 2600])
def test_hexagons_around(reach):
    lattice = Lattice(500.0)
    every = np.array([(q, r) for q in range(-12, 13) for r in range(-12, 13)])
    near = every[np.hypot(*lattice.middles(every).T) <= reach + 1e-6]
    strips = list(lattice.around(reach + 1e-6))
    found = {(q, r) for r, first, last in strips for q in range(first, last + 1)}
    assert found == set(map(tuple, near.tolist()))
    assert strips[0][0] == 0


@pytest.mark.parametrize("grouping", [ALL, SECTIONS], ids=["all", "section"])
@pytest.mark.parametrize("measure", ["establishments", "jobs"])
def test_counts_per_hexagon(firms, grouping, measure):
    frame = scene(firms, 1)
    found = business_density(frame, grouping, measure).hexagons
    assert found["establishments"].sum() == len(frame)
    km2 = math.sqrt(3) / 2 * 0.5**2
    for row in found.itertuples():
        inside = frame[frame.geometry.intersects(row.geometry)]
        own = [grouping.groups_of(code)[0] == row.group for code in inside["sbi"]]
        inside = inside[own]
        assert row.establishments == len(inside)
        jobs = inside["jobs"].sum(min_count=1)
        assert row.jobs == jobs or (math.isnan(row.jobs) and math.isnan(jobs))
        amount = len(inside) if measure == "establishments" else inside["jobs"].sum()
        assert row.density == pytest.approx(amount / km2)
    assert set(found["measure"]) == {measure}
    keys = list(zip(found["group"], found["hex_id"], strict=True))
    assert keys == sorted(set(keys))


@pytest.mark.parametrize(
    ("size", "radius"), [(500.0, 290), (500.0, 500), (260.0, 1234.5), (500.0, 3000)]
)
@pytest.mark.parametrize("measure", ["establishments", "jobs"])
def test_kernel_is_the_formula_in_every_middle(firms, size, radius, measure):
    frame = scene(firms, int(radius), 60)
    found = business_density(frame, ALL, measure, size, radius).hexagons
    for row in found.itertuples():
        plain = plain_kernel(frame, middle(row.hex_id, size), radius, measure)
        assert row.density == pytest.approx(1e6 * plain, rel=1e-9, abs=1e-12)
    # And nowhere else is there any.
    xmin, ymin, xmax, ymax = frame.total_bounds
    xs = np.arange(xmin - radius, xmax + radius, size / 2)
    ys = np.arange(ymin - radius, ymax + radius, size / 2)
    mesh = np.array(np.meshgrid(xs, ys)).reshape(2, -1).T
    cells = np.unique(Lattice(size).cells(mesh), axis=0).tolist()
    listed = set(found["hex_id"])
    rest = [f"{q}_{r}" for q, r in cells if f"{q}_{r}" not in listed]
    places = shapely.points([middle(hex_id, size) for hex_id in rest])
    assert len(places) > 20
    working = frame if measure == "establishments" else frame[frame["jobs"] > 0]
    everyone = shapely.multipoints(working.geometry.to_numpy())
    assert shapely.distance(places, everyone).min() > radius - 1e-6


def test_kernel_per_group_is_that_of_the_group_alone(firms, same_tables):
    frame = scene(firms, 5)
    together = business_density(frame, SECTIONS, radius=900).hexagons
    assert together["group"].nunique() == 4
    for group, own in together.groupby("group"):
        mine = [SECTIONS.groups_of(code) == (group,) for code in frame["sbi"]]
        alone = business_density(frame[mine], SECTIONS, radius=900).hexagons
        same_tables(own.reset_index(drop=True), alone)


def test_establishments_add_up_whatever_the_radius(firms):
    frame = scene(firms, 6)
    for radius in (0, 100, 700, 3000):
        found = business_density(frame, SECTIONS, "jobs", radius=radius).hexagons
        counts = found.groupby("group")["establishments"].sum()
        groups = pd.Series([SECTIONS.groups_of(code)[0] for code in frame["sbi"]])
        assert counts.to_dict() == groups.value_counts().to_dict()
        assert found["jobs"].sum() == frame["jobs"].sum()


@pytest.mark.parametrize(
    ("radius", "share"), [(500, 0.04), (1000, 0.01), (2500, 0.001), (8000, 1e-4)]
)
def test_the_volume_under_the_kernels_is_the_number(firms, radius, share):
    frame = scene(firms, 7)
    for measure, total in (("establishments", 300), ("jobs", frame["jobs"].sum())):
        found = business_density(frame, ALL, measure, radius=radius).hexagons
        volume = (found["density"] * found.area / 1e6).sum()
        assert volume == pytest.approx(total, rel=share)


def test_order_of_rows_does_not_matter(firms, shuffled, same_tables):
    frame = scene(firms, 8)
    for radius in (0, 1500):
        one = business_density(frame, SECTIONS, "jobs", 500, radius)
        other = business_density(shuffled(frame), SECTIONS, "jobs", 500, radius)
        same_tables(one.hexagons, other.hexagons)


def test_two_halves_fit_together(firms):
    frame = scene(firms, 9, 400)
    west = frame.geometry.x < 103_000
    whole = business_density(frame, ALL, radius=800).hexagons.set_index("hex_id")
    parts = [
        business_density(half, ALL, radius=800).hexagons.set_index("hex_id")
        for half in (frame[west], frame[~west])
    ]
    assert set(parts[0].index) & set(parts[1].index), "nothing was cut"
    for field in ("establishments", "density"):
        summed = parts[0][field].add(parts[1][field], fill_value=0)
        assert summed.sort_index().to_numpy() == pytest.approx(
            whole[field].sort_index().to_numpy(), rel=1e-12, abs=1e-12
        )
    for part in parts:
        own = whole.loc[part.index]
        assert own.geometry.to_wkb().tolist() == part.geometry.to_wkb().tolist()


def test_all_in_one_place(firms):
    frame = spot(firms, 20_000, jobs=2.0)
    found = business_density(frame, ALL).hexagons
    assert found[["establishments", "jobs"]].to_numpy().tolist() == [[20_000, 40_000]]
    found = business_density(frame, ALL, "jobs", radius=1000).hexagons
    one = business_density(frame.head(1), ALL, radius=1000).hexagons
    assert found["density"].to_numpy() == pytest.approx(40_000 * one["density"])


def test_unknown_jobs_are_counted_and_are_not_zero(firms):
    frame = firms([[0, 0], [0, 1], [9000, 0], [9000, 1], [18_000, 0]], jobs=np.nan)
    frame.loc[1, "jobs"], frame.loc[4, "jobs"] = 5, 0
    found = business_density(frame, ALL, "jobs")
    jobs = dict(zip(found.hexagons["hex_id"], found.hexagons["jobs"], strict=True))
    assert (jobs["0_0"], jobs["36_0"]) == (5, 0)
    assert math.isnan(jobs["18_0"])
    assert found.unknown_jobs == 3
    assert found.hexagons["density"].tolist()[1:] == [0, 0]
    assert found.remarks() == [("messages.jobs_unknown", {"count": 3})]
    around = business_density(frame, ALL, radius=1500).hexagons
    empty = around[around["establishments"] == 0]
    assert len(empty) > 10
    assert (empty["jobs"] == 0).all()


def test_groups_without_establishments_are_absent(firms):
    frame = scene(firms, 10)
    mine = choose_grouping("mine.csv", lambda _: "sbi;group\n25;metaal\n99;niemand\n")
    found = business_density(frame, mine)
    assert set(found.hexagons["group"]) == {"metaal"}
    assert found.ungrouped == (frame["sbi"] != "2511").sum()
    nobody = choose_grouping("mine.csv", lambda _: "sbi;group\n99;niemand\n")
    for radius in (0, 700):
        found = business_density(frame, nobody, radius=radius)
        assert list(found.hexagons.columns) == [
            "hex_id", "group", "establishments", "jobs", "density", "geometry",
            "measure",
        ]  # fmt: skip
        assert found.hexagons.empty
        assert ("density.empty", {}) in found.remarks()


def test_an_establishment_without_a_code_counts_where_all_count(firms):
    frame = firms([[0, 0], [1, 1]], sbi="2511")
    frame.loc[0, "sbi"] = None
    assert business_density(frame, ALL).hexagons["establishments"].tolist() == [2]
    found = business_density(frame, SECTIONS)
    assert found.hexagons["group"].tolist() == ["C"]
    assert found.ungrouped == 1


def test_no_establishments(firms):
    found = business_density(firms(np.empty((0, 2))), ALL, radius=1000)
    assert found.hexagons.empty
    assert found.remarks() == [("density.empty", {})]


def test_overlapping_groups_count_in_both_and_once_in_the_totals(firms):
    rows = "sbi;group;overlap\n25;metaal;\n25;maak;yes\n"
    both = choose_grouping("mine.csv", lambda _: rows)
    frame = spot(firms, 3, sbi="2511", jobs=np.nan)
    found = business_density(frame, both, radius=100, cell_size=500)
    assert found.hexagons["group"].tolist() == ["maak", "metaal"]
    assert (found.unknown_jobs, found.ungrouped) == (3, 0)


def test_a_radius_that_misses_establishments_says_how_many(firms):
    size = 500.0
    xs = np.linspace(0, 250, 26)
    frame = firms(np.column_stack([xs, np.zeros(26)]))
    for radius in (100, 200, 280):
        found = business_density(frame, ALL, "establishments", size, radius)
        assert found.missed == (xs >= radius).sum()
        assert (found.hexagons["density"].sum() > 0) == (radius > 0)
    assert business_density(frame, ALL, "establishments", size, 289).missed == 0
    assert found.hexagons["establishments"].sum() == 26


@pytest.mark.parametrize(
    ("size", "radius"), [(500, 0), (500, 700), (0.001, 1e7), (1000, 2e7), (0.001, 0)]
)
def test_too_many_hexagons_are_refused(firms, monkeypatch, size, radius):
    monkeypatch.setattr(density, "MOST_HEXAGONS", 50)
    frame = scene(firms, 11)
    with pytest.raises(RefusalError) as refusal:
        business_density(frame, ALL, "establishments", size, radius)
    sentence = refusal.value.sentence("nl")
    assert "50" in sentence and "CELL_SIZE" in sentence and "RADIUS" in sentence


def test_stopping(firms):
    def stop(_done):
        raise CancelledError

    with pytest.raises(CancelledError):
        business_density(scene(firms, 12), ALL, radius=2000, progress=stop)


def test_progress_rises(firms):
    told = []
    business_density(scene(firms, 12), ALL, radius=2000, progress=told.append)
    assert told == sorted(told)
    assert 0 <= told[0] <= told[-1] <= 1


# What a workshop may see.


def named(found):
    return found.hexagons.assign(group_name=found.hexagons["group"])


def row_of_spots(firms, counts):
    """Hexagons next to each other with these numbers of establishments."""
    xy = [
        [500.0 * place, 0] for place, count in enumerate(counts) for _ in range(count)
    ]
    return named(business_density(firms(xy), ALL))


def test_classes_by_plain_counting(firms):
    counts = [1, 2, 3, 9, 10, 29, 30, 99, 100, 299, 300, 1234]
    coarse = coarse_density(row_of_spots(firms, counts), Rule(3))
    found = dict(zip(coarse["hex_id"], coarse["count_class"], strict=True))
    names = ["3–9"] * 2 + ["10–29"] * 2 + ["30–99"] * 2 + ["100–299"] * 2 + ["300+"] * 2
    assert found == {f"{2 + n}_0": name for n, name in enumerate(names)}
    assert set(coarse.columns) == {
        "hex_id", "group", "group_name", "count_class", "geometry",
    }  # fmt: skip


@pytest.mark.parametrize(
    "lowest", [1, 2, 3, 5, 6, 9, 10, 15, 16, 50, 51, 150, 151, 999]
)
def test_no_class_is_narrow_and_none_overlap(firms, lowest):
    """Also where the smallest number lies just below the limit of a class."""
    counts = [*range(1, 120, 1), 149, 150, 151, 299, 300, 301, 998, 999, 1000, 4000]
    coarse = coarse_density(row_of_spots(firms, counts), Rule(lowest))
    told = {
        counts[int(hex_id.split("_")[0])]: name
        for hex_id, name in zip(coarse["hex_id"], coarse["count_class"], strict=True)
    }
    assert set(told) == {count for count in counts if count >= lowest}
    for count, name in told.items():
        if name.endswith("+"):
            assert count >= int(name[:-1])
            continue
        low, high = (int(part) for part in name.split("–"))
        assert low <= count <= high
        assert high - low + 1 >= max(lowest, 2)


def test_kernel_and_jobs_change_nothing_in_a_workshop(firms, same_tables):
    frame = scene(firms, 13)
    plain = coarse_density(named(business_density(frame, SECTIONS)), Rule())
    assert len(plain) > 5
    other = business_density(frame, SECTIONS, "jobs", radius=3000)
    same_tables(plain, coarse_density(named(other), Rule()))


def test_nothing_to_tell(firms):
    coarse = coarse_density(row_of_spots(firms, [1, 2]), Rule())
    assert coarse.empty
    assert highest(coarse, None) == []


# Where the density is highest.


def test_where_the_density_is_highest(firms, layer):
    frame = scene(firms, 14)
    xmin, ymin, xmax, ymax = frame.total_bounds
    half = (xmin + xmax) / 2
    regions = layer(
        [shapely.box(xmin, ymin, half, ymax), shapely.box(half, ymin, xmax, ymax)],
        region_id=["R1", "R2"],
        name=["West", "Oost"],
    )
    hexagons = named(business_density(frame, SECTIONS)).set_crs(regions.crs)
    rows = highest(hexagons, regions)
    assert [row[0] for row in rows] == (
        hexagons.groupby("group")["density"].max().sort_values(ascending=False).index
    ).tolist()
    for group, value, place in rows:
        own = hexagons[hexagons["group"] == group]
        tops = own[own["density"] == own["density"].max()]
        west = (tops.geometry.centroid.x < half).mean()
        assert value == tops["density"].iloc[0]
        assert place == ("West" if west > 0.5 else "Oost")
    assert [row[2] for row in highest(hexagons, None)] == [None] * 4


def test_the_highest_class_is_the_largest_not_the_last_in_the_alphabet(firms):
    coarse = coarse_density(row_of_spots(firms, [5, 12, 40, 150]), Rule())
    assert highest(coarse, None) == [["all", "100–299", None]]


# A study area.


def test_two_study_areas_have_the_hexagons_of_the_whole(firms):
    frame = scene(firms, 15)
    whole = business_density(frame, SECTIONS, radius=1000).hexagons
    xmin, ymin, xmax, ymax = shapely.box(*frame.total_bounds).buffer(2000).bounds
    half = (xmin + xmax) / 2
    listed = []
    for box in ((xmin, ymin, half, ymax), (half, ymin, xmax, ymax)):
        study = study_area(np.array([shapely.box(*box)]), frame.head(0), 1500)
        near = study.near(frame)
        assert len(near) < len(frame)
        own = business_density(near, SECTIONS, radius=1000).hexagons
        listed.append(study.listed({"density": own})["density"])
        assert listed[-1].geometry.centroid.within(study.shape).all()
    parts = gpd.GeoDataFrame(pd.concat(listed))
    parts = parts.sort_values(["group", "hex_id"], ignore_index=True)
    assert parts[["group", "hex_id"]].equals(whole[["group", "hex_id"]])
    assert parts["density"].to_numpy() == pytest.approx(whole["density"].to_numpy())
    assert parts["establishments"].equals(whole["establishments"])
