"""Leverage areas: a hand-made scene for every clause of the definition."""

import math

import numpy as np
import pandas as pd
import pytest
import shapely
from kansenkaart.analysis.errors import RefusalError
from kansenkaart.analysis.layers import layer_type
from kansenkaart.analysis.leverage_areas import (
    establishments_inside,
    leverage_areas,
    zones_of_kinds,
)
from shapely.geometry import MultiPolygon, Point, Polygon, box

KM = 1000.0


@pytest.fixture(scope="module")
def zones(layer):
    def make(*shapes, kinds="business_park"):
        """Zones Z1, Z2 … with a name each."""
        ids = pd.Series(
            [f"Z{number + 1}" for number in range(len(shapes))], dtype=object
        )
        frame = layer(shapes, zone_id=ids, name="Terrein " + ids, kinds=kinds)
        frame["area_ha"] = frame.area / 10_000
        return frame

    return make


@pytest.fixture(scope="module")
def clusters(layer):
    def make(*shapes):
        """Clusters C1, C2 …"""
        ids = [f"C{number + 1}" for number in range(len(shapes))]
        return layer(shapes, cluster_id=pd.Series(ids, dtype=object))

    return make


@pytest.fixture(scope="module")
def pieces(layer):
    def make(*rows):
        """Multimodal pieces from pairs of modes and shape."""
        modes = pd.Series([modes for modes, _ in rows], dtype=object)
        count = [len(value.split(",")) for value in modes]
        return layer(
            [shape for _, shape in rows], modes=modes, mode_count=count, energy=""
        )

    return make


@pytest.fixture(scope="module")
def constraints(layer):
    def make(*rows):
        """Constraints from pairs of effect and shape."""
        effects = pd.Series([effect for effect, _ in rows], dtype=object)
        return layer([shape for _, shape in rows], kind="nature", effect=effects)

    return make


EVERYWHERE = box(-9 * KM, -9 * KM, 20 * KM, 20 * KM)
SQUARE = box(0, 0, KM, KM)


@pytest.fixture(scope="module")
def anywhere(clusters, pieces):
    """Clusters and corridors that are everywhere: only the zones decide."""
    return clusters(EVERYWHERE), pieces(("rail,road", EVERYWHERE))


def hectares(found):
    return sorted(round(area / 10_000, 6) for area in found.areas.area)


def same_ground(found, *shapes):
    union = shapely.union_all(found.areas.geometry.to_numpy())
    gap = shapely.symmetric_difference(union, shapely.union_all(list(shapes)))
    return gap.area < 0.01


def test_zone_and_corridor(zones, clusters, pieces):
    found = leverage_areas(
        zones(SQUARE),
        clusters(box(0, 0, 300, 300)),
        pieces(("rail,road", box(-500, -500, 600, 5000))),
    )
    assert same_ground(found, box(0, 0, 600, KM))
    row = found.areas.iloc[0]
    assert row["area_ha"] == pytest.approx(60)
    assert row["zone_id"] == "Z1"
    assert row["name"] == "Terrein Z1"
    assert row["zone_kinds"] == "business_park"
    assert row["cluster_ids"] == "C1"
    assert row["modes"] == "rail,road"
    assert row["mode_count"] == row["modes_any"] == 2
    assert row["area_id"].startswith("Z1")
    assert set(layer_type("leverage_areas").fields) <= set(found.areas.columns)
    assert found.areas.crs == "EPSG:28992"
    assert (found.dropped, found.excluded_ha, found.overlap_ha) == (0, 0, 0)


def test_zone_that_touches_nothing(zones, clusters, pieces):
    far = box(5 * KM, 5 * KM, 6 * KM, 6 * KM)
    found = leverage_areas(zones(SQUARE), clusters(SQUARE), pieces(("rail,road", far)))
    assert (len(found.areas), found.dropped) == (0, 0)
    found = leverage_areas(
        zones(SQUARE), clusters(far), pieces(("rail,road", EVERYWHERE))
    )
    assert (len(found.areas), found.dropped) == (0, 0)


def test_corridor_that_only_shares_an_edge(zones, clusters, pieces):
    beside = box(KM, 0, 2 * KM, KM)
    found = leverage_areas(
        zones(SQUARE), clusters(EVERYWHERE), pieces(("rail,road", beside)), min_area=0
    )
    assert len(found.areas) == 0


def test_exclude_is_cut(zones, anywhere, constraints):
    cut = constraints(("exclude", box(-500, -500, 200, 5000)))
    found = leverage_areas(zones(SQUARE), *anywhere, constraints=cut)
    assert same_ground(found, box(200, 0, KM, KM))
    assert found.excluded_ha == pytest.approx(20)


def test_exclude_is_cut_before_the_overlay(zones, clusters, pieces, constraints):
    """The hectares are those of the zones, also where no corridor runs."""
    cut = constraints(("exclude", box(0, 0, 200, KM)))
    corridor = pieces(("rail,road", box(500, 0, KM, KM)))
    found = leverage_areas(
        zones(SQUARE), clusters(EVERYWHERE), corridor, constraints=cut
    )
    assert same_ground(found, box(500, 0, KM, KM))
    assert found.excluded_ha == pytest.approx(20)


def test_overlapping_excludes_count_once(zones, anywhere, constraints):
    cut = constraints(
        ("exclude", box(0, 0, 200, KM)),
        ("exclude", box(100, 0, 300, KM)),
        ("exclude", box(5 * KM, 0, 6 * KM, KM)),
    )
    found = leverage_areas(zones(SQUARE), *anywhere, constraints=cut)
    assert found.excluded_ha == pytest.approx(30)
    assert same_ground(found, box(300, 0, KM, KM))


def test_penalise_is_not_cut(zones, anywhere, constraints):
    soft = constraints(("penalise", box(0, 0, 200, KM)))
    found = leverage_areas(zones(SQUARE), *anywhere, constraints=soft)
    assert same_ground(found, SQUARE)
    assert found.excluded_ha == 0


def test_zone_that_is_excluded_altogether(zones, anywhere, constraints):
    cut = constraints(("exclude", EVERYWHERE))
    found = leverage_areas(zones(SQUARE), *anywhere, constraints=cut)
    assert len(found.areas) == 0
    assert found.excluded_ha == pytest.approx(100)


def test_exclude_that_splits_a_zone(zones, anywhere, constraints):
    cut = constraints(("exclude", box(400, -10, 500, 2 * KM)))
    found = leverage_areas(zones(SQUARE), *anywhere, constraints=cut)
    assert hectares(found) == [40, 50]
    assert found.areas["area_id"].is_unique
    assert found.areas["area_id"].is_monotonic_increasing
    assert found.areas["area_id"].str.startswith("Z1").all()
    assert found.areas["zone_id"].tolist() == ["Z1", "Z1"]
    assert found.areas["name"].str.startswith("Terrein Z1").all()


def test_parts_that_share_an_edge_are_one(zones, clusters, pieces):
    """And the modes of both count: two in one place, four in all."""
    corridor = pieces(
        ("rail,road", box(0, 0, 500, 500)),
        ("pipeline,water", box(500, 0, KM, 500)),
    )
    found = leverage_areas(zones(SQUARE), clusters(EVERYWHERE), corridor)
    row = found.areas.iloc[0]
    assert hectares(found) == [50]
    assert row["mode_count"] == 2
    assert row["modes_any"] == 4
    assert row["modes"] == "pipeline,rail,road,water"


def test_parts_that_touch_in_a_point_are_two(zones, clusters, pieces):
    corridor = pieces(
        ("rail,road", box(0, 0, 500, 500)),
        ("pipeline,rail,water", box(500, 500, KM, KM)),
    )
    found = leverage_areas(zones(SQUARE), clusters(EVERYWHERE), corridor)
    assert hectares(found) == [25, 25]
    assert set(shapely.get_type_id(found.areas.geometry.to_numpy())) == {3}
    assert sorted(found.areas["modes"]) == ["pipeline,rail,water", "rail,road"]
    assert sorted(found.areas["mode_count"]) == [2, 3]
    assert sorted(found.areas["modes_any"]) == [2, 3]
    assert found.areas["area_id"].is_unique


def test_a_part_that_touches_itself_in_a_point_stays_one(zones, clusters, pieces):
    """A ring of four squares round a hole, corner to corner at one side only."""
    corridor = pieces(
        ("rail,road", box(0, 0, 500, 500)),
        ("rail,road", box(0, 500, 500, KM)),
        ("rail,water", box(500, 0, KM, 500)),
    )
    found = leverage_areas(zones(SQUARE), clusters(EVERYWHERE), corridor)
    assert hectares(found) == [75]
    assert found.areas["modes"].tolist() == ["rail,road,water"]


def test_modes_of_a_piece_that_only_touches_do_not_count(zones, clusters, pieces):
    corridor = pieces(
        ("rail,road", box(0, 0, KM, KM)),
        ("pipeline,rail,road,water", box(KM, 0, 2 * KM, KM)),
    )
    found = leverage_areas(zones(SQUARE), clusters(EVERYWHERE), corridor)
    row = found.areas.iloc[0]
    assert (row["modes"], row["mode_count"], row["modes_any"]) == ("rail,road", 2, 2)


def test_most_modes_in_one_place(zones, clusters, pieces):
    corridor = pieces(
        ("rail,road", box(0, 0, 900, KM)),
        ("pipeline,rail,road", box(900, 0, KM, KM)),
        ("rail,water", box(-100, 0, 0, KM)),
    )
    found = leverage_areas(zones(box(-50, 0, KM, KM)), clusters(EVERYWHERE), corridor)
    row = found.areas.iloc[0]
    assert row["mode_count"] == 3
    assert row["modes_any"] == 4
    assert row["modes"] == "pipeline,rail,road,water"


@pytest.mark.parametrize(
    ("min_modes", "expected"), [(1, 100), (2, 80), (3, 30), (4, 0)]
)
def test_min_modes(zones, clusters, pieces, min_modes, expected):
    corridor = pieces(
        ("road", box(0, 0, 200, KM)),
        ("rail,road", box(200, 0, 700, KM)),
        ("rail,road,water", box(700, 0, KM, KM)),
    )
    found = leverage_areas(
        zones(SQUARE), clusters(EVERYWHERE), corridor, min_modes=min_modes
    )
    assert sum(hectares(found)) == expected


@pytest.mark.parametrize(
    ("gap", "reach", "kept"),
    [
        (0, 0, True),
        (1, 0, False),
        (1, 1, True),
        (250, 250, True),
        (250, 249.99, False),
        (-500, 0, True),
    ],
)
def test_cluster_reach(zones, clusters, pieces, gap, reach, kept):
    cluster = box(KM + gap, 0, 2 * KM + gap, KM)
    found = leverage_areas(
        zones(SQUARE),
        clusters(cluster),
        pieces(("rail,road", EVERYWHERE)),
        cluster_reach=reach,
    )
    assert hectares(found) == ([100] if kept else [])
    assert found.dropped == 0


def test_cluster_reach_is_no_box(zones, clusters, pieces):
    """Diagonally 1000·√2 away."""
    cluster = clusters(box(2 * KM, 2 * KM, 3 * KM, 3 * KM))
    corridor = pieces(("rail,road", EVERYWHERE))
    for reach, number in ((1414, 0), (1415, 1)):
        found = leverage_areas(zones(SQUARE), cluster, corridor, cluster_reach=reach)
        assert len(found.areas) == number


def test_only_the_part_near_a_cluster_is_kept(zones, clusters, pieces):
    corridor = pieces(
        ("rail,road", box(0, 0, 300, KM)), ("rail,road", box(700, 0, KM, KM))
    )
    cluster = clusters(box(250, 0, 260, 10), box(-50, 0, 10, 10))
    found = leverage_areas(zones(SQUARE), cluster, corridor)
    assert same_ground(found, box(0, 0, 300, KM))
    assert found.areas["cluster_ids"].tolist() == ["C1;C2"]
    assert found.areas["name"].tolist()[0].startswith("Terrein Z1")


def test_cluster_in_the_hole_of_a_part_does_not_touch(zones, clusters, pieces):
    ring = Polygon(SQUARE.exterior, [box(200, 200, 800, 800).exterior])
    corridor = pieces(("rail,road", EVERYWHERE))
    cluster = clusters(box(300, 300, 700, 700))
    assert len(leverage_areas(zones(ring), cluster, corridor).areas) == 0
    found = leverage_areas(zones(ring), cluster, corridor, cluster_reach=100)
    assert hectares(found) == [64]


def test_min_area(zones, clusters, pieces):
    corridor = pieces(
        ("rail,road", box(0, 0, 100, 100)),
        ("rail,road", box(200, 0, 300, 99)),
        ("rail,road", box(400, 0, 500, 50)),
        ("rail,road", box(600, 0, KM, KM)),
    )
    near = clusters(EVERYWHERE)
    found = leverage_areas(zones(SQUARE), near, corridor)
    assert hectares(found) == [1, 40]
    assert found.dropped == 2
    found = leverage_areas(zones(SQUARE), near, corridor, min_area=0.5)
    assert hectares(found) == [0.5, 0.99, 1, 40]
    assert found.dropped == 0
    found = leverage_areas(zones(SQUARE), near, corridor, min_area=50)
    assert (len(found.areas), found.dropped) == (0, 4)


def test_small_parts_without_a_cluster_are_not_counted(zones, clusters, pieces):
    corridor = pieces(
        ("rail,road", box(0, 0, 50, 50)), ("rail,road", box(700, 0, KM, KM))
    )
    found = leverage_areas(zones(SQUARE), clusters(box(800, 0, 900, 99)), corridor)
    assert (len(found.areas), found.dropped) == (1, 0)


def test_small_pieces_that_share_an_edge_are_dissolved_first(zones, clusters, pieces):
    corridor = pieces(
        ("rail,road", box(0, 0, 100, 60)), ("road,water", box(0, 60, 100, 120))
    )
    found = leverage_areas(zones(SQUARE), clusters(EVERYWHERE), corridor)
    assert hectares(found) == [1.2]


def test_zones_are_not_dissolved_together(zones, anywhere):
    found = leverage_areas(zones(SQUARE, box(KM, 0, 2 * KM, KM)), *anywhere)
    assert found.areas["zone_id"].tolist() == ["Z1", "Z2"]
    assert found.areas["name"].tolist() == ["Terrein Z1", "Terrein Z2"]
    assert hectares(found) == [100, 100]
    assert found.overlap_ha == pytest.approx(0, abs=1e-9)


def test_ground_in_two_zones_belongs_to_both(zones, anywhere):
    found = leverage_areas(zones(SQUARE, box(900, 0, 2 * KM, KM)), *anywhere)
    assert hectares(found) == [100, 110]
    assert found.overlap_ha == pytest.approx(10)


def test_ground_in_three_zones(zones, anywhere):
    found = leverage_areas(zones(SQUARE, SQUARE, box(500, 0, KM, KM)), *anywhere)
    assert hectares(found) == [50, 100, 100]
    assert found.overlap_ha == pytest.approx(150)


def test_overlap_is_that_of_the_areas(zones, clusters, pieces):
    """Zones overlap on 50 ha, of which 20 in the corridor."""
    corridor = pieces(("rail,road", box(0, 0, KM, 400)))
    found = leverage_areas(
        zones(SQUARE, box(500, 0, 2 * KM, KM)), clusters(EVERYWHERE), corridor
    )
    assert found.overlap_ha == pytest.approx(20)


def test_zone_of_several_parts(zones, anywhere):
    apart = MultiPolygon([box(0, 0, 300, 300), box(2 * KM, 0, 2 * KM + 200, 200)])
    found = leverage_areas(zones(apart), *anywhere)
    assert hectares(found) == [4, 9]
    assert found.areas["area_id"].is_unique


def test_many_parts_keep_unique_sorted_ids(zones, clusters, pieces):
    strips = [box(x, 0, x + 40, KM) for x in range(0, 1000, 80)]
    found = leverage_areas(
        zones(SQUARE),
        clusters(EVERYWHERE),
        pieces(*(("rail,road", strip) for strip in strips)),
    )
    ids = found.areas["area_id"]
    assert len(ids) == 13
    assert ids.is_unique
    assert ids.tolist() == sorted(ids)


def test_parts_of_two_zones_never_share_an_id(zones, anywhere):
    """A zone called Z1-1 next to a zone Z1 with parts."""
    two = MultiPolygon([box(0, 0, 300, 300), box(400, 0, 700, 300)])
    frame = zones(
        two, MultiPolygon([box(0, 2000, 300, 2300), box(400, 2000, 700, 2300)])
    )
    frame["zone_id"] = ["Z1", "Z1-1"]
    found = leverage_areas(frame, *anywhere)
    assert len(found.areas) == 4
    assert found.areas["area_id"].is_unique


def inside_scene(firms):
    places = [(100, 100), (200, 200), (300, 300), (700, 500), (KM + 1, 500), (500, 0)]
    jobs = [10, 30, np.nan, 99, 99, 20]
    return firms(places, jobs, ["2014", "2015", "3811", "3811", "3811", "4711"])


def test_establishments_are_counted_by_position(zones, clusters, pieces, firms):
    """Four lie inside; the one at (500, 0) lies on the edge of the area."""
    found = leverage_areas(
        zones(SQUARE),
        clusters(EVERYWHERE),
        pieces(("rail,road", box(0, 0, 600, KM))),
        establishments=inside_scene(firms),
    )
    row = found.areas.iloc[0]
    entropy = -(2 / 3 * math.log(2 / 3) + 1 / 3 * math.log(1 / 3))
    assert row["establishments"] == 4
    assert row["jobs"] == 60
    assert row["diversity"] == pytest.approx(entropy / math.log(88))


def test_establishments_of_overlapping_zones_count_in_both(zones, anywhere, firms):
    found = leverage_areas(
        zones(SQUARE, box(0, 0, 500, 500)), *anywhere, inside_scene(firms)
    )
    assert found.areas["establishments"].tolist() == [5, 4]


def test_area_without_establishments(zones, anywhere, firms):
    found = leverage_areas(zones(SQUARE), *anywhere, firms([(9000, 9000)]))
    row = found.areas.iloc[0]
    assert row["establishments"] == 0
    assert row["jobs"] == 0
    assert pd.isna(row["diversity"])


def test_area_where_no_jobs_are_known(zones, anywhere, firms):
    found = leverage_areas(zones(SQUARE), *anywhere, firms([(5, 5), (6, 6)], np.nan))
    row = found.areas.iloc[0]
    assert row["establishments"] == 2
    assert pd.isna(row["jobs"])
    assert pd.isna(row["diversity"])


def test_without_establishments_the_fields_are_null(zones, anywhere):
    found = leverage_areas(zones(SQUARE), *anywhere)
    assert found.areas[["establishments", "jobs", "diversity"]].isna().all(axis=None)


def test_establishments_inside(zones, firms):
    areas = zones(SQUARE, box(5 * KM, 0, 6 * KM, KM), box(0, 0, 250, 250))
    found = establishments_inside(areas, inside_scene(firms))
    assert found.index.tolist() == [0, 1, 2]
    assert found["establishments"].tolist() == [5, 0, 2]
    assert found["jobs"].tolist() == [159, 0, 40]
    assert found["diversity"].isna().tolist() == [False, True, False]
    assert found["diversity"][2] == 0


def test_establishment_on_a_shared_edge_counts_on_both_sides(zones, firms):
    areas = zones(SQUARE, box(KM, 0, 2 * KM, KM))
    found = establishments_inside(areas, firms([(KM, 500)], 4))
    assert found["establishments"].tolist() == [1, 1]
    assert found["jobs"].tolist() == [4, 4]


def test_zones_of_kinds(zones):
    kinds = ["business_park", "waste;business_park", "mixed", "sea_port"]
    frame = zones(SQUARE, SQUARE, SQUARE, SQUARE, kinds=kinds)

    def kept(wanted):
        return zones_of_kinds(frame, wanted)["zone_id"].tolist()

    assert kept(None) == kept("") == ["Z1", "Z2", "Z3", "Z4"]
    assert kept("waste") == ["Z2"]
    assert kept("business_park") == ["Z1", "Z2"]
    assert kept("sea_port;mixed") == ["Z3", "Z4"]
    assert kept("nature") == []


def test_unknown_kind_is_refused(zones):
    with pytest.raises(RefusalError) as refusal:
        zones_of_kinds(zones(SQUARE), "business_park;kasteel")
    for language in ("nl", "en"):
        sentence = refusal.value.sentence(language)
        assert "kasteel" in sentence
        assert "{" not in sentence


def check_nothing(found):
    assert len(found.areas) == 0
    assert set(layer_type("leverage_areas").fields) <= set(found.areas.columns)
    assert (found.dropped, found.overlap_ha) == (0, 0)


def test_no_clusters_or_corridors(zones, clusters, pieces, firms, constraints):
    corridor, cluster = pieces(("rail,road", SQUARE)), clusters(SQUARE)
    for given in ((clusters(), corridor), (cluster, pieces()), (clusters(), pieces())):
        check_nothing(leverage_areas(zones(SQUARE), *given, firms([]), constraints()))
    found = leverage_areas(zones(SQUARE), cluster, corridor, firms([]), constraints())
    assert found.areas["establishments"].tolist() == [0]


@pytest.mark.parametrize("way", ["empty layer", "no zone of the kinds asked for"])
def test_no_zones(zones, anywhere, way):
    frame = zones() if way == "empty layer" else zones_of_kinds(zones(SQUARE), "waste")
    check_nothing(leverage_areas(frame, *anywhere))


def crowded(zones, clusters, pieces, constraints, firms, seed):
    """Many overlapping, odd zones, pieces of a grid, clusters and constraints."""
    rng = np.random.default_rng(seed)

    def blob(reach, least, most):
        place = Point(rng.uniform(0, reach, 2))
        return place.buffer(rng.uniform(least, most), quad_segs=3)

    modes = ["rail,road", "road,water", "rail,road,water", "pipeline,rail", "road"]
    grid = [
        (modes[rng.integers(0, 5)], box(x, y, x + 700, y + 700))
        for x in range(0, 7000, 700)
        for y in range(0, 7000, 700)
        if rng.random() < 0.7
    ]
    kinds = ["business_park", "mixed;waste", "nature"]
    effects = ["exclude", "penalise"]
    return {
        "zones": zones(
            *(blob(7000, 200, 1500) for _ in range(25)),
            kinds=[kinds[number % 3] for number in range(25)],
        ),
        "clusters": clusters(*(blob(7000, 200, 600) for _ in range(8))),
        "corridors": pieces(*grid),
        "constraints": constraints(
            *((effects[number % 2], blob(7000, 100, 500)) for number in range(10))
        ),
        "establishments": firms(
            rng.uniform(0, 7000, (400, 2)),
            rng.integers(1, 90, 400),
            [f"{10 + number % 60}11" for number in range(400)],
        ),
    }


@pytest.mark.filterwarnings("ignore:invalid value encountered")
@pytest.mark.parametrize("seed", range(4))
def test_random_scene_against_the_definition(
    zones, clusters, pieces, constraints, firms, seed
):
    scene = crowded(zones, clusters, pieces, constraints, firms, seed)
    found = leverage_areas(**scene, cluster_reach=100, min_area=2)
    soft = scene["constraints"]
    cut = soft[soft["effect"] == "exclude"].union_all()
    corridor = scene["corridors"].query("mode_count >= 2").union_all()
    expected, dropped, excluded = {}, 0, 0.0
    for zone in scene["zones"].itertuples():
        excluded += zone.geometry.intersection(cut).area
        ground = zone.geometry.difference(cut).intersection(corridor)
        for part in shapely.get_parts(ground):
            if part.area < 1 or (scene["clusters"].distance(part) > 100).all():
                continue
            if part.area < 20_000:
                dropped += 1
                continue
            expected.setdefault(zone.zone_id, []).append(part)
    assert found.dropped == dropped
    assert found.excluded_ha == pytest.approx(excluded / 10_000)
    got = found.areas.groupby("zone_id")["geometry"].agg(list).to_dict()
    assert got.keys() == expected.keys()
    for zone_id, parts in expected.items():
        assert len(got[zone_id]) == len(parts)
        difference = shapely.symmetric_difference(
            shapely.union_all(got[zone_id]), shapely.union_all(parts)
        )
        assert difference.area < 1
    everything = [part for parts in expected.values() for part in parts]
    double = sum(part.area for part in everything) - shapely.union_all(everything).area
    assert found.overlap_ha == pytest.approx(double / 10_000, rel=1e-6)
    for row in found.areas.itertuples():
        inside = scene["establishments"].intersects(row.geometry)
        assert row.establishments == inside.sum()
        assert row.jobs == scene["establishments"].loc[inside, "jobs"].sum()
        cover = scene["corridors"].intersection(row.geometry).area > 0.01
        pieces_here = scene["corridors"][cover & (scene["corridors"]["mode_count"] > 1)]
        modes = sorted(set(",".join(pieces_here["modes"]).split(",")))
        assert row.modes == ",".join(modes)
        assert row.modes_any == len(modes)
        assert row.mode_count == pieces_here["mode_count"].max()
        near = scene["clusters"].distance(row.geometry) <= 100
        assert row.cluster_ids.split(";") == sorted(
            scene["clusters"].loc[near, "cluster_id"]
        )


@pytest.mark.parametrize("seed", range(3))
def test_row_order_does_not_matter(
    zones, clusters, pieces, constraints, firms, shuffled, same_tables, seed
):
    scene = crowded(zones, clusters, pieces, constraints, firms, seed + 20)
    one = leverage_areas(**scene)
    assert len(one.areas) > 5
    turned = {name: shuffled(frame, seed) for name, frame in scene.items()}
    other = leverage_areas(**turned)
    same_tables(one.areas, other.areas)
    assert one.dropped == other.dropped
    assert one.excluded_ha == pytest.approx(other.excluded_ha, rel=1e-12)
    assert one.overlap_ha == pytest.approx(other.overlap_ha, rel=1e-12)


def test_input_is_left_alone(zones, anywhere, firms, same_tables):
    frame, firm_frame = zones(SQUARE), inside_scene(firms)
    before, firms_before = frame.copy(), firm_frame.copy()
    leverage_areas(frame, *anywhere, firm_frame)
    same_tables(frame, before)
    same_tables(firm_frame, firms_before)
