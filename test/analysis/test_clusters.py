"""Clusters, against a plain implementation, scikit-learn and naive geometry."""

import math

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from cluster_scenes import NAMES, scene
from kansenkaart.analysis.clusters import detect_clusters, footprint
from kansenkaart.analysis.layers import layer_type

RNG_SEEDS = range(6)


def plain(xy, ids, jobs, distance, min_establishments, min_jobs):
    """The definition word for word: cluster per point (its core points), or None."""
    places = [(float(x), float(y)) for x, y in xy]
    weights = [0.0 if math.isnan(number) else number for number in jobs]
    reach = distance * distance

    def squared(one, other):
        return (places[one][0] - places[other][0]) ** 2 + (
            places[one][1] - places[other][1]
        ) ** 2

    everyone = range(len(places))
    near = [[j for j in everyone if squared(i, j) <= reach] for i in everyone]
    core = [
        len(near[i]) >= min_establishments
        and sum(weights[j] for j in near[i]) >= min_jobs
        for i in everyone
    ]
    component = {}
    for start in everyone:
        if not core[start] or start in component:
            continue
        component[start], queue = start, [start]
        while queue:
            for other in near[queue.pop()]:
                if core[other] and other not in component:
                    component[other] = start
                    queue.append(other)
    result = []
    for i in everyone:
        if core[i]:
            result.append(component[i])
            continue
        cores = [j for j in near[i] if core[j]]
        nearest = min(cores, key=lambda j: (squared(i, j), ids[j]), default=None)
        result.append(None if nearest is None else component[nearest])
    return result, core, near


def partition(labels):
    """Groups of positions with the same label; blanks belong to none."""
    groups = {}
    for position, label in enumerate(labels):
        if label is not None and not pd.isna(label):
            groups.setdefault(label, set()).add(position)
    return {frozenset(group) for group in groups.values()}


def check_against_plain(frame, distance, min_establishments, min_jobs=0.0):
    """Compare membership with the definition; the frame is sorted by est_id."""
    found = detect_clusters(frame, distance, min_establishments, min_jobs)
    xy = shapely.get_coordinates(frame.geometry.to_numpy())
    ids, jobs = frame["est_id"].tolist(), frame["jobs"].tolist()
    expected, core, near = plain(xy, ids, jobs, distance, min_establishments, min_jobs)
    assert found.members["est_id"].tolist() == ids
    assert partition(found.members["cluster_id"]) == partition(expected)
    return expected, core, near


def random_scene(seed, grid):
    """Clumps and stray points, 50–400, a tenth of them at another's coordinates."""
    rng = np.random.default_rng(seed)
    number = int(rng.integers(50, 401))
    centres = rng.uniform(0, 6000, (max(2, number // 25), 2))
    xy = centres[rng.integers(0, len(centres), number)]
    xy = xy + rng.normal(0, 350, (number, 2))
    stray = rng.random(number) < 0.25
    xy[stray] = rng.uniform(-500, 6500, (stray.sum(), 2))
    if grid:
        xy = np.round(xy / 250) * 250
    doubles = rng.integers(0, number, number // 10)
    xy[doubles] = xy[rng.integers(0, number, len(doubles))]
    jobs = rng.integers(0, 60, number).astype(float)
    jobs[rng.random(number) < 0.15] = np.nan
    return xy + np.array([100_000, 400_000]), jobs, rng


@pytest.mark.parametrize("seed", RNG_SEEDS)
@pytest.mark.parametrize("grid", [False, True], ids=["free", "grid"])
@pytest.mark.parametrize("min_jobs", [0, 150])
def test_definition_on_random_scenes(firms, seed, grid, min_jobs):
    xy, jobs, rng = random_scene(seed, grid)
    ids = [f"E{number:04}" for number in rng.permutation(len(xy))]
    frame = firms(xy, jobs, ids=ids).sort_values("est_id", ignore_index=True)
    check_against_plain(frame, 500, 8, min_jobs)
    check_against_plain(frame, 250, 3, min_jobs)
    check_against_plain(frame, 500, 1, min_jobs)


def test_random_scenes_hold_what_they_should(firms):
    """The scenes above are only worth something when they are hard."""
    tied = several = 0
    for seed in RNG_SEEDS:
        xy, jobs, _rng = random_scene(seed, True)
        frame = firms(xy, jobs)
        expected, core, near = check_against_plain(frame, 500, 8)
        for i in range(len(xy)):
            cores = [j for j in near[i] if core[j]]
            if core[i] or not cores:
                continue
            gap = [np.hypot(*(xy[i] - xy[j])) for j in cores]
            several += len({expected[j] for j in cores}) > 1
            nearest = {
                expected[j] for j, d in zip(cores, gap, strict=True) if d == min(gap)
            }
            tied += len(nearest) > 1
    assert several >= 5
    assert tied >= 1


def test_distance_is_inclusive(firms):
    row = [(500 * number, 0) for number in range(10)]
    assert len(detect_clusters(firms(row), 500, 2).footprints) == 1
    assert len(detect_clusters(firms(row), 499.999, 2).footprints) == 0
    slanted = [(0, 0), (300, 400), (600, 800)]
    assert len(detect_clusters(firms(slanted), 500, 3).footprints) == 1
    assert len(detect_clusters(firms(slanted), 500, 4).footprints) == 0


@pytest.mark.parametrize("first", ["left", "right"])
def test_border_point_between_two_clusters_joins_smallest_id(firms, first):
    """A border point at 500 m from one core point on either side."""
    left = [(-500, 0), (-700, 0), (-700, 100), (-700, -100)]
    right = [(-x, y) for x, y in left]
    ids = ["A1", "B1", "B2", "B3", "A2", "B4", "B5", "B6", "M"]
    if first == "right":
        ids = ["A2", "B1", "B2", "B3", "A1", "B4", "B5", "B6", "M"]
    frame = firms([*left, *right, (0, 0)], ids=ids)
    members = detect_clusters(frame, 500, 4).members.set_index("est_id")["cluster_id"]
    assert members["A1"] != members["A2"]
    assert members["M"] == members["A1"]


def test_border_point_joins_the_nearest_core_point_not_the_smallest_id(firms):
    left = [(-500, 0), (-700, 0), (-700, 100), (-700, -100)]
    right = [(499, 0), (700, 0), (700, 100), (700, -100)]
    ids = ["A1", "A2", "A3", "A4", "B1", "B2", "B3", "B4", "M"]
    frame = firms([*left, *right, (0, 0)], ids=ids)
    members = detect_clusters(frame, 500, 4).members.set_index("est_id")["cluster_id"]
    assert members["M"] == members["B1"] != members["A1"]


def test_jobs_within_distance(firms):
    """Five points in a row, 400 m apart; the jobs of the neighbours count too."""
    row = [(400 * number, 0) for number in range(5)]
    jobs = [10, 20, np.nan, 5, 5]
    found = detect_clusters(firms(row, jobs), 400, 2, 30)
    assert found.unknown_jobs == 1
    # Sums within 400 m: 30, 30, 25, 10, 10: the first two are core, the third border.
    assert found.members["cluster_id"].notna().tolist() == [True] * 3 + [False] * 2
    assert found.footprints["jobs"].tolist() == [30]
    assert len(detect_clusters(firms(row, jobs), 400, 2, 30.5).footprints) == 0


def labels_of(found):
    return found.members["cluster_id"].to_numpy(dtype=object)


def check_against_dbscan(labels, oracle, xy, distance):
    """Same partition of core points; same border points where no choice exists.

    Gives the number of core points and of border points that were compared.
    """
    core = np.zeros(len(xy), dtype=bool)
    core[oracle.core_sample_indices_] = True
    assert partition(np.where(core, labels, None)) == partition(
        np.where(core, oracle.labels_.astype(object), None)
    )
    gap = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1))
    borders = 0
    for i in np.flatnonzero(~core):
        touched = set(labels[core & (gap[i] <= distance)])
        if len(touched) == 1:
            borders += 1
            assert {labels[i]} == touched
            assert set(labels[core & (oracle.labels_ == oracle.labels_[i])]) == touched
        elif not touched:
            assert pd.isna(labels[i])
            assert oracle.labels_[i] == -1
    return int(core.sum()), borders


@pytest.mark.parametrize("seed", RNG_SEEDS)
def test_agrees_with_scikit_learn(firms, seed):
    cluster = pytest.importorskip("sklearn.cluster")
    xy, jobs, _rng = random_scene(seed + 100, False)
    labels = labels_of(detect_clusters(firms(xy, jobs), 500, 8))
    oracle = cluster.DBSCAN(eps=500, min_samples=8).fit(xy)
    assert all(check_against_dbscan(labels, oracle, xy, 500))


def test_agrees_with_scikit_learn_on_many_points(firms):
    cluster = pytest.importorskip("sklearn.cluster")
    rng = np.random.default_rng(11)
    xy = rng.uniform(0, 40_000, (60, 2))[rng.integers(0, 60, 1500)]
    xy = np.vstack(
        [xy + rng.normal(0, 600, xy.shape), rng.uniform(0, 40_000, (700, 2))]
    )
    labels = labels_of(detect_clusters(firms(xy), 500, 9))
    oracle = cluster.DBSCAN(eps=500, min_samples=9).fit(xy)
    assert all(check_against_dbscan(labels, oracle, xy, 500))


@pytest.mark.parametrize("seed", RNG_SEEDS)
def test_job_weights_agree_with_scikit_learn(firms, seed):
    cluster = pytest.importorskip("sklearn.cluster")
    xy, jobs, _rng = random_scene(seed + 200, False)
    labels = labels_of(detect_clusters(firms(xy, jobs), 400, 1, 200))
    weights = np.nan_to_num(jobs)
    oracle = cluster.DBSCAN(eps=400, min_samples=200).fit(xy, sample_weight=weights)
    assert all(check_against_dbscan(labels, oracle, xy, 400))


def in_order(firms, xy, jobs):
    """Firms whose ids are in no order that their places tell, sorted by id."""
    ids = [f"E{number:04}" for number in np.random.default_rng(3).permutation(len(xy))]
    frame = firms(xy, jobs, ids=ids).sort_values("est_id", ignore_index=True)
    places = shapely.get_coordinates(frame.geometry.to_numpy())
    return frame, places, frame["jobs"].tolist()


@pytest.mark.parametrize("name", NAMES)
def test_generated_set_agrees_with_scikit_learn(firms, name):
    """Scikit-learn knows a number of points or of jobs, not both at once."""
    cluster = pytest.importorskip("sklearn.cluster")
    made = scene(name)
    frame, xy, jobs = in_order(firms, made.xy, made.jobs)
    distance = made.distance
    labels = labels_of(detect_clusters(frame, distance, made.least))
    oracle = cluster.DBSCAN(eps=distance, min_samples=made.least).fit(xy)
    check_against_dbscan(labels, oracle, xy, distance)
    labels = labels_of(detect_clusters(frame, distance, 1, made.least_jobs))
    oracle = cluster.DBSCAN(eps=distance, min_samples=made.least_jobs)
    oracle.fit(xy, sample_weight=np.nan_to_num(jobs))
    check_against_dbscan(labels, oracle, xy, distance)


@pytest.mark.parametrize("name", NAMES)
def test_generated_set_agrees_with_the_definition(firms, name):
    made = scene(name)
    frame, _xy, _jobs = in_order(firms, made.xy, made.jobs)
    check_against_plain(frame, made.distance, made.least, made.least_jobs)


def test_generated_sets_hold_what_they_should():
    """Core and border points, noise, ties between clusters, and pairs just as far."""
    assert len(NAMES) == len({scene(name).xy.tobytes() for name in NAMES}) == 50
    found = dict.fromkeys(("core", "border", "noise", "choice", "exact"), 0)
    for name in NAMES:
        xy, jobs, distance, least, _least_jobs = scene(name)
        ids = list(range(len(xy)))
        labels, core, near = plain(xy, ids, jobs, distance, least, 0)
        gap = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1))
        found["exact"] += (gap == distance).any()
        found["core"] += any(core)
        found["noise"] += None in labels
        border = [i for i in ids if labels[i] is not None and not core[i]]
        found["border"] += bool(border)
        found["choice"] += any(
            len({labels[j] for j in near[i] if core[j]}) > 1 for i in border
        )
    assert found["core"] >= 40
    assert found["noise"] >= 30
    assert found["border"] >= 25
    assert found["choice"] >= 5
    assert found["exact"] >= 10


def naive_footprint(xy, radius):
    """Union of discs; holes smaller than a disc are filled."""
    union = shapely.union_all(shapely.buffer(shapely.points(xy), radius, quad_segs=64))
    parts = []
    for part in shapely.get_parts(union):
        holes = [
            hole
            for hole in part.interiors
            if shapely.area(shapely.polygons(hole)) >= math.pi * radius**2
        ]
        parts.append(shapely.Polygon(part.exterior, holes))
    return shapely.union_all(parts)


def difference(one, other):
    return shapely.area(shapely.symmetric_difference(one, other)) / shapely.area(other)


def ring(number, radius):
    angle = np.linspace(0, 2 * math.pi, number, endpoint=False)
    return np.column_stack([np.cos(angle), np.sin(angle)]) * radius


# A disc of 16 segments per quarter is 0.16 % smaller than the circle; its outline is
# compared with one of the same accuracy.
FINE = 0.001
COARSE = 0.0025


def footprint_scenes():
    rng = np.random.default_rng(5)
    clump = rng.normal(0, 700, (300, 2))
    snake = np.column_stack([np.arange(0, 12_000, 100), np.zeros(120)])
    snake[:, 1] = 1500 * np.sin(snake[:, 0] / 1500)
    return {
        "clump": clump,
        "even": rng.uniform(0, 4000, (400, 2)),
        "sparse": rng.uniform(0, 3000, (90, 2)),
        "snake": snake,
        "ring": ring(60, 1500) + rng.normal(0, 40, (60, 2)),
        "two rings": np.vstack([ring(60, 1200), ring(110, 2600), [[1900, 0]]]),
        "grid": np.array([(x, y) for x in range(10) for y in range(10)]) * 250.0,
        "wide grid": np.array([(x, y) for x in range(9) for y in range(9)]) * 480.0,
        "line": np.column_stack([np.arange(80) * 120.0, np.zeros(80)]),
        "slanted line": np.column_stack([np.arange(80), np.arange(80) / 3]) * 120.0,
        "one place": np.zeros((70, 2)),
        "few": rng.normal(0, 300, (12, 2)),
        "one": np.zeros((1, 2)),
        "two": np.array([(0, 0), (400, 300)]),
    }


@pytest.mark.parametrize("name", footprint_scenes())
def test_footprint(name):
    xy = footprint_scenes()[name] + [150_000, 450_000]
    shape = footprint(xy, 250)
    assert shapely.is_valid(shape)
    assert shapely.get_type_id(shape) in (3, 6)
    assert shapely.covers(shape, shapely.points(xy)).all()
    coarse = naive_footprint(xy, 250)
    assert difference(shape, coarse) < COARSE
    same_discs = shapely.union_all(
        shapely.buffer(shapely.points(xy), 250, quad_segs=16)
    )
    filled = shapely.union_all(
        [same_discs, *(h for h in holes_of(same_discs) if h.area < math.pi * 250**2)]
    )
    assert difference(shape, filled) < FINE


def holes_of(shape):
    return [
        shapely.Polygon(hole)
        for part in shapely.get_parts(shape)
        for hole in part.interiors
    ]


def test_big_hole_stays_and_small_hole_goes():
    big = footprint(ring(60, 1500), 250)
    assert len(holes_of(big)) == 1
    assert holes_of(big)[0].area == pytest.approx(math.pi * 1250**2, rel=0.02)
    small = footprint(ring(60, 400), 250)
    assert holes_of(small) == []
    few = footprint(ring(9, 400), 250)
    assert holes_of(few) == []
    few_big = footprint(ring(24, 1000), 250)
    assert len(holes_of(few_big)) == 1


def test_footprints_of_clusters(firms):
    xy, jobs, _rng = random_scene(3, False)
    found = detect_clusters(firms(xy, jobs), 600, 6)
    assert found.footprints["establishments"].max() > 50
    assert found.footprints["establishments"].min() <= 50
    for row in found.footprints.itertuples():
        inside = found.members[found.members["cluster_id"] == row.cluster_id]
        assert len(inside) == row.establishments
        assert inside.within(row.geometry).all()
        points = shapely.get_coordinates(inside.geometry.to_numpy())
        assert difference(row.geometry, naive_footprint(points, 300)) < COARSE
        assert row.area_ha == pytest.approx(row.geometry.area / 10_000)


def one_place(firms, jobs, sbi):
    places = [(number, 0) for number in range(len(jobs))]
    return detect_clusters(firms(places, jobs, sbi), 500, 2)


def test_profile_by_hand(firms):
    jobs = [10, 20, 30, 40, np.nan]
    found = one_place(firms, jobs, ["2014", "2015", "3811", "4711", "62"])
    row = found.footprints.iloc[0]
    shares = [0.3, 0.3, 0.4]
    entropy = -sum(share * math.log(share) for share in shares)
    assert row["establishments"] == 5
    assert row["jobs"] == 100
    assert row["divisions"] == 4
    assert row["diversity"] == pytest.approx(entropy / math.log(88), abs=1e-12)
    assert row["divisions_effective"] == pytest.approx(math.exp(entropy), abs=1e-12)
    assert row["largest_share"] == pytest.approx(0.4)
    assert found.unknown_jobs == 1


def test_profile_of_one_division(firms):
    row = one_place(firms, [5, 15], ["4711", "4791"]).footprints.iloc[0]
    assert row["divisions"] == 1
    assert row["diversity"] == 0
    assert row["divisions_effective"] == 1
    assert row["largest_share"] == 0.75


def test_profile_without_known_jobs(firms):
    found = one_place(firms, [np.nan] * 3, ["2014", "3811", "4711"])
    row = found.footprints.iloc[0]
    assert found.unknown_jobs == 3
    assert (row["establishments"], row["divisions"]) == (3, 3)
    blanks = ["jobs", "diversity", "divisions_effective", "largest_share"]
    assert row[blanks].isna().all()


def test_profile_of_jobs_that_are_all_zero(firms):
    row = one_place(firms, [0, 0, 0], ["2014", "3811", "4711"]).footprints.iloc[0]
    assert row["jobs"] == 0
    for name in ("diversity", "divisions_effective", "largest_share"):
        assert pd.isna(row[name]) or math.isfinite(row[name])


def test_effective_divisions_of_equal_shares(firms):
    sbi = [f"{number}11" for number in range(10, 31)]
    row = one_place(firms, [7] * 21, sbi).footprints.iloc[0]
    assert row["divisions_effective"] == pytest.approx(21)
    assert row["diversity"] == pytest.approx(math.log(21) / math.log(88))


def test_ids_by_smallest_member(firms):
    xy, jobs, _rng = random_scene(2, False)
    found = detect_clusters(firms(xy, jobs), 400, 4)
    assert len(found.footprints) > 3
    assert found.footprints["cluster_id"].is_unique
    assert found.footprints["cluster_id"].is_monotonic_increasing
    smallest = found.members.groupby("cluster_id")["est_id"].min()
    assert smallest.is_monotonic_increasing


def test_ids_of_many_clusters_are_sorted_as_text(firms):
    pairs = [
        (x * 1000 + dx, y * 1000) for x in range(35) for y in range(30) for dx in (0, 9)
    ]
    found = detect_clusters(firms(pairs), 10, 2).footprints
    assert len(found) == 1050
    assert found["cluster_id"].is_unique
    assert found["cluster_id"].tolist() == sorted(found["cluster_id"])


@pytest.mark.parametrize("grid", [False, True], ids=["free", "grid"])
def test_row_order_does_not_matter(firms, shuffled, same_tables, grid):
    xy, jobs, _rng = random_scene(4, grid)
    frame = firms(xy, jobs, sbi=[f"{10 + number % 60}11" for number in range(len(xy))])
    found = detect_clusters(frame, 500, 6, 20)
    assert len(found.footprints) > 2
    for seed in (1, 2, 3):
        other = detect_clusters(shuffled(frame, seed), 500, 6, 20)
        same_tables(found.members, other.members)
        same_tables(found.footprints, other.footprints)
        assert found.unknown_jobs == other.unknown_jobs


def test_equal_clusters_have_ids_that_row_order_does_not_change(firms, shuffled):
    blocks = [(x * 3000 + dx, 0) for x in range(6) for dx in (0, 10, 20)]
    frame = firms(blocks)
    expected = detect_clusters(frame, 100, 3).members["cluster_id"].tolist()
    for seed in range(4):
        found = detect_clusters(shuffled(frame, seed), 100, 3)
        assert found.members["cluster_id"].tolist() == expected


def test_input_is_left_alone(firms, same_tables):
    frame = firms([(0, 0), (10, 0), (9000, 0)])
    before = frame.copy()
    detect_clusters(frame, 100, 2)
    same_tables(frame, before)


def check_fields(found):
    # What depends on the reader's language, or on what the firms tell, comes later.
    later = {"group_name", "top_activities", "value_added_keur"}
    assert set(layer_type("clusters").fields) - later <= set(found.footprints.columns)
    assert set(layer_type("members").fields) <= set(found.members.columns)
    assert isinstance(found.footprints, gpd.GeoDataFrame)
    assert found.footprints.crs == found.members.crs == "EPSG:28992"


def test_empty_layer(firms):
    found = detect_clusters(firms([]))
    check_fields(found)
    assert len(found.footprints) == len(found.members) == found.unknown_jobs == 0


def test_noise_only(firms):
    found = detect_clusters(firms([(0, 0), (9000, 0)]), 500, 2)
    check_fields(found)
    assert len(found.footprints) == 0
    assert found.members["cluster_id"].isna().all()


def test_one_point(firms):
    assert detect_clusters(firms([(0, 0)])).members["cluster_id"].isna().all()
    found = detect_clusters(firms([(5, 5)]), 500, 1)
    check_fields(found)
    assert found.footprints["establishments"].tolist() == [1]
    assert found.footprints.area[0] == pytest.approx(math.pi * 250**2, rel=0.002)


@pytest.mark.parametrize("step", [(100, 0), (0, 100), (60, 80)])
def test_points_on_one_line(firms, step):
    frame = firms([(step[0] * i, step[1] * i) for i in range(120)])
    found = detect_clusters(frame, 200, 5)
    check_against_plain(frame, 200, 5)
    assert found.footprints["establishments"].tolist() == [120]
    exact = 119 * 100 * 200 + math.pi * 100**2
    # Between neighbouring discs of 100 m the outline dips a little.
    assert found.footprints.area[0] == pytest.approx(exact, rel=0.05)


def test_group_is_named(firms):
    found = detect_clusters(firms([(0, 0), (1, 0)]), 500, 2)
    assert found.footprints["group"].tolist() == ["all"]


def test_progress_reaches_the_end_and_never_goes_back(firms):
    xy, jobs, _rng = random_scene(1, False)
    heard = []
    detect_clusters(firms(xy, jobs), 500, 5, progress=heard.append)
    assert heard == sorted(heard)
    assert 0 <= heard[0] <= heard[-1] <= 1
