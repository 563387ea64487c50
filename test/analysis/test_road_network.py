"""Travel distances over roads: hand-made scenes, and networkx on random networks."""

import math

import geopandas as gpd
import numpy as np
import pytest
import shapely
from kansenkaart.analysis.criteria import Layers, measure
from kansenkaart.analysis.environments.scene import over_roads, straight_line
from kansenkaart.analysis.errors import RefusalError
from kansenkaart.analysis.road_network import access, road_network
from kansenkaart.analysis.travel import Travel, off_road
from road_oracle import by_networkx, random_lines
from shapely import LineString, MultiLineString, Point, box


def roads(*lines, mode="road"):
    shapes = [
        line if hasattr(line, "geom_type") else LineString(line) for line in lines
    ]
    return gpd.GeoDataFrame({"mode": mode}, index=range(len(shapes)), geometry=shapes)


def metres(network, sources, targets, farthest=1000.0, limit=np.inf):
    places = [
        np.array([p if hasattr(p, "geom_type") else Point(p) for p in each], object)
        for each in (sources, targets)
    ]
    ends = [access(network, each, farthest) for each in places]
    return Travel(network).table(*ends, limit)


class TestNetwork:
    def test_a_layer_without_roads_is_refused(self):
        with pytest.raises(RefusalError, match="NETWORK"):
            road_network(roads([(0, 0), (1, 0)], mode="rail"))
        empty = LineString([(0, 0), (0, 0)])
        with pytest.raises(RefusalError):
            road_network(roads(empty))

    def test_other_modes_are_no_part_of_it(self):
        lines = roads([(0, 0), (100, 0)], [(100, 0), (200, 0)])
        lines["mode"] = ["road", "rail"]
        assert len(road_network(lines).lines) == 1

    def test_a_vertex_that_lines_share_is_a_junction(self):
        network = road_network(
            roads([(0, 0), (500, 0), (1000, 0)], [(500, 0), (500, 400)])
        )
        assert len(network.lines) == 3
        assert metres(network, [(0, 0)], [(500, 400)])[0, 0] == 900

    def test_lines_that_cross_without_one_are_not_joined(self):
        bridge = roads([(0, 0), (1000, 0)], [(500, -400), (500, 400)])
        network = road_network(bridge)
        assert len(network.lines) == 2
        assert np.isinf(metres(network, [(0, 0)], [(500, 400)], farthest=50)[0, 0])

    def test_two_lines_may_share_a_vertex_in_their_middles(self):
        crossing = roads(
            [(0, 0), (500, 0), (1000, 0)], [(500, -400), (500, 0), (500, 400)]
        )
        assert metres(road_network(crossing), [(0, 0)], [(500, 400)])[0, 0] == 900

    @pytest.mark.parametrize("gap", [0.0, 0.6, -0.6])
    def test_an_end_that_lies_on_another_line_joins_it(self, gap):
        network = road_network(roads([(0, 0), (1000, 0)], [(500, gap), (500, 400)]))
        found = metres(network, [(0, 0)], [(500, 400)])[0, 0]
        assert found == pytest.approx(900, abs=1e-9)

    def test_ends_that_lie_together_meet_and_others_do_not(self):
        for gap, joined in ((0.9, True), (1.1, False)):
            lines = roads([(0, 0), (500, 0)], [(500 + gap, 0), (1000, 0)])
            found = metres(road_network(lines), [(0, 0)], [(1000, 0)], farthest=5)
            assert np.isfinite(found[0, 0]) == joined

    def test_parts_of_a_line_and_heights_are_taken_as_they_lie(self):
        lines = MultiLineString([[(0, 0, 3), (500, 0, 3)], [(500, 0, 9), (1000, 0, 1)]])
        assert metres(road_network(roads(lines)), [(0, 0)], [(1000, 0)])[0, 0] == 1000

    def test_the_longest_part_is_the_first(self):
        network = road_network(
            roads([(0, 0), (10, 0)], [(0, 50), (900, 50)], [(900, 50), (950, 50)])
        )
        by_part = np.bincount(network.part, network.length)
        assert by_part.tolist() == [950, 10]


class TestAccess:
    def test_a_place_goes_to_the_nearest_place_on_a_line(self):
        network = road_network(roads([(0, 0), (1000, 0)]))
        found = metres(network, [(300, 40)], [(900, 0)])
        assert found[0, 0] == pytest.approx(640)

    def test_a_place_too_far_from_every_road_is_not_reached(self):
        network = road_network(roads([(0, 0), (3000, 0)]))
        places = shapely.points([(0, 1000), (0, 1001)])
        assert access(network, places).none.tolist() == [False, True]
        assert np.isinf(metres(network, [(0, 1001)], [(500, 0)])[0, 0])
        assert metres(network, [(0, 1000)], [(2500, 0)])[0, 0] == 3500

    def test_two_parts_are_out_of_each_other_s_reach(self):
        network = road_network(roads([(0, 0), (1000, 0)], [(0, 9000), (800, 9000)]))
        found = metres(network, [(0, 0), (0, 9000)], [(700, 0), (700, 9000)])
        assert found.tolist() == [[700, math.inf], [math.inf, 700]]

    def test_who_lives_beside_a_loose_motorway_takes_the_other_road(self):
        network = road_network(
            roads([(0, 0), (5000, 0)], [(0, 100), (5000, 100)], [(0, 0), (0, -900)])
        )
        found = metres(network, [(4000, 90)], [(0, -900), (1000, 100)])
        assert found[0].tolist() == [90 + 4000 + 900, 10 + 3000]

    def test_both_ends_on_one_edge(self):
        network = road_network(roads([(0, 0), (1000, 0)]))
        found = metres(network, [(200, 30)], [(700, 20), (100, -10), (200, 30)])
        assert found[0].tolist() == [550, 140, 0]

    def test_neighbours_go_straight_where_roads_are_the_smaller_half(self):
        network = road_network(roads([(0, 0), (1000, 0)]))
        found = metres(network, [(200, 300)], [(200, 340), (500, -340), (900, 340)])
        near, across, far = found[0]
        assert near == pytest.approx(40)
        assert across == pytest.approx(math.hypot(300, 640))
        assert far == pytest.approx(300 + 700 + 340)

    def test_neighbours_across_water_go_round(self):
        network = road_network(roads([(0, 0), (5000, 0), (5000, 800), (0, 800)]))
        found = metres(network, [(0, 300)], [(0, 500)])
        assert found[0, 0] == pytest.approx(300 + 5000 + 800 + 5000 + 300)

    def test_a_loop_is_entered_from_both_sides(self):
        ring = [(0, 0), (400, 0), (400, 400), (0, 400), (0, 0)]
        network = road_network(roads(ring, [(0, 0), (-300, 0)]))
        found = metres(network, [(-300, 0)], [(0, 300), (300, 0)])
        assert found[0].tolist() == [600, 600]

    def test_an_area_is_left_where_its_roads_leave_it(self):
        network = road_network(roads([(0, 0), (2000, 0)], [(0, 0), (0, 3000)]))
        area = box(200, -50, 600, 50)
        found = metres(network, [area], [(400, 20), (1000, 0), (0, 500)])
        assert found[0].tolist() == [0, 400, 700]

    def test_an_area_beside_a_road_goes_there_first(self):
        network = road_network(roads([(0, 0), (2000, 0)]))
        found = metres(network, [box(200, 100, 600, 300)], [(2000, 0)])
        assert 1500 <= found[0, 0] <= 1900


class TestTravel:
    def test_beyond_the_limit_nothing_is_reached(self):
        network = road_network(roads([(0, 0), (1000, 0)]))
        found = metres(network, [(0, 0)], [(400, 0), (400.1, 0)], limit=400)
        assert found[0].tolist() == [400, math.inf]

    def test_nobody_to_reach(self):
        network = road_network(roads([(0, 0), (1000, 0)]))
        assert metres(network, [(0, 0)], []).shape == (1, 0)
        assert metres(network, [], [(0, 0)]).shape == (0, 1)

    @pytest.mark.parametrize("seed", range(12))
    def test_networkx_finds_the_same(self, seed, monkeypatch):
        dense = 0 if seed % 3 else 10
        monkeypatch.setattr("kansenkaart.analysis.travel.DENSE", dense)
        monkeypatch.setattr("kansenkaart.analysis.travel.BLOCK", 7)
        random = np.random.default_rng(seed)
        lines = random_lines(random)
        sources, targets = (random.uniform(-2, 12, (n, 2)) * 100 for n in (20, 30))
        found = metres(road_network(roads(*lines)), sources, targets, farthest=150)
        expected = by_networkx(lines, sources, targets, 150)
        assert np.isinf(expected).any()
        np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-6)

    @pytest.mark.parametrize("seed", range(4))
    def test_order_and_direction_of_lines_change_nothing(self, seed):
        random = np.random.default_rng(seed)
        lines = random_lines(random)
        places = random.uniform(0, 1000, (30, 2))
        once = metres(road_network(roads(*lines)), places, places)
        shuffled = [lines[at] for at in random.permutation(len(lines))]
        again = metres(road_network(roads(*shuffled)), places, places)
        assert (once == again).all()
        turned = [line[::-1] for line in lines]
        other = metres(road_network(roads(*turned)), places, places)
        np.testing.assert_allclose(once, other, rtol=0, atol=1e-9)

    def test_it_is_never_shorter_than_the_straight_line(self):
        random = np.random.default_rng(3)
        places = random.uniform(0, 1000, (60, 2))
        found = metres(road_network(roads(*random_lines(random))), places, places)
        straight = np.hypot(*(places[:, None] - places[None]).transpose(2, 0, 1))
        assert (found >= straight - 1e-6).all()
        assert (np.diag(found)[np.isfinite(np.diag(found))] == 0).all()


class TestPairs:
    def test_pairs_are_those_of_the_table(self):
        random = np.random.default_rng(5)
        network = road_network(roads(*random_lines(random)))
        sources, targets = (
            shapely.points(random.uniform(0, 1000, (n, 2))) for n in (9, 14)
        )
        one, other = random.integers(9, size=60), random.integers(14, size=60)
        travel = Travel(network)
        table = travel.table(access(network, sources), access(network, targets))
        for ends in ((sources, targets, one, other), (targets, sources, other, one)):
            found = travel.between(*ends)
            np.testing.assert_allclose(found, table[one, other], rtol=1e-12)

    def test_near_over_roads_is_what_touches_or_has_a_short_way(self):
        long_way = roads([(90, 50), (110, 50), (110, 900), (400, 900), (400, 50)])
        travel = Travel(road_network(long_way))
        origins = np.array([box(0, 0, 100, 100), box(5000, 0, 5100, 100)])
        targets = np.array([box(100, 0, 150, 20), Point(110, 400), Point(400, 50),
                            Point(5150, 50)])  # fmt: skip
        straight = np.transpose(straight_line(origins, targets, 500))
        assert sorted(straight.tolist()) == [[0, 0], [0, 1], [0, 2], [1, 3]]
        near = np.transpose(over_roads(travel, origins, targets, 500))
        assert sorted(near.tolist()) == [[0, 0], [0, 1]]

    def test_who_finds_no_road_is_said(self):
        travel = Travel(road_network(roads([(0, 0), (1000, 0)])))
        places = shapely.points([(0, 0), (0, 5000), (0, 6000)])
        assert off_road(travel, places) == [
            ("network.off_road", {"count": 2, "places": 3})
        ]
        assert off_road(travel, places[:1]) == off_road(None, places) == []

    def test_criteria_take_the_way_and_the_worst_where_there_is_none(self, layer):
        areas = layer(
            [box(0, 0, 100, 100), box(0, 9000, 100, 9100)], area_id=["a", "b"]
        )
        hub = layer([Point(400, 50), Point(400, 9050)], kind=["energy_hub"] * 2)
        lines = layer([LineString([(350, 9000), (350, 9200)])], mode=["heat"])
        way = roads([(90, 50), (110, 50), (110, 900), (400, 900), (400, 50)])
        travel = Travel(road_network(way))
        for infrastructure, other in ((None, 5000), (lines, 250)):
            found = measure(
                areas,
                Layers(facilities=hub, infrastructure=infrastructure, network=travel),
                ["C8"],
            )
            metres = [10 + 850 + 290 + 850, other]
            assert found.raw["C8"].tolist() == metres
            assert found.value["C8"].iat[1] == (0 if other == 5000 else 0.95)
