"""Leads and matches over roads: against plain loops with distances of networkx."""

import geopandas as gpd
import lead_oracle
import numpy as np
import pandas as pd
import pytest
from kansenkaart.analysis.flows.tables import CARRIERS
from kansenkaart.analysis.matching.knowledge import choose_knowledge
from kansenkaart.analysis.matching.leads import find_leads
from kansenkaart.analysis.matching.matches import match_flows
from kansenkaart.analysis.matching.pairs import Limits
from kansenkaart.analysis.road_network import road_network
from kansenkaart.analysis.travel import Travel
from lead_oracle import flows_of, plain_leads, random_flows
from road_oracle import by_networkx, random_lines
from shapely import LineString

SAME = ["flow_supply", "flow_demand", "rule_id", "treatment"]
CLOSE = ["distance_m", "available", "score", "score_distance"]
CORNER = (100_000.0, 400_000.0)
RULES = (
    "rule_id;carrier;giver_sbi;material;receiver_sbi;replaces;r_strategy;treatment;"
    "yield;quality_out;reach_km;legal;source\n"
    "R;material;24;steel_slag;2351;sand;R7;;1;;2;;a source\n"
)
"""Steelworks give slag to cement works within 2 km."""


def travel(*lines):
    shapes = [LineString(line) for line in lines]
    return Travel(road_network(gpd.GeoDataFrame({"mode": "road"}, geometry=shapes,
                                                index=range(len(shapes)))))  # fmt: skip


@pytest.fixture(scope="module")
def scene():
    """Flows among roads, and their distances."""
    flows = random_flows(140, 4, side=11_000)
    # Off the grid of the flows: none lies as near to two roads.
    corner = CORNER[0] + 13.7, CORNER[1] + 29.3
    lines = random_lines(np.random.default_rng(4), 1000.0, 60, corner)
    xy = np.column_stack([flows.geometry.x, flows.geometry.y])
    spots = [tuple(spot) for spot in np.unique(xy, axis=0)]
    table = by_networkx(lines, spots, spots, 1000)
    number = {spot: place for place, spot in enumerate(spots)}

    def apart(giver, receiver, _detour):
        ends = [(flow["geometry"].x, flow["geometry"].y) for flow in (giver, receiver)]
        return table[number[ends[0]], number[ends[1]]]

    return flows, travel(*lines), apart


@pytest.mark.parametrize(
    "limits", [{}, {"most": 20}, {"per_division": 1}, {"max_distance": 6000.0}]
)
def test_leads_are_those_of_plain_loops(scene, limits, monkeypatch):
    flows, roads, apart = scene
    monkeypatch.setattr(lead_oracle, "apart", apart)
    known = choose_knowledge()
    found = find_leads(flows, known, Limits(**limits), travel=roads)
    plain, compatible, in_reach = plain_leads(flows, known, **limits)
    assert len(plain) > 5
    ours = found.table.sort_values(SAME[:2], ignore_index=True)
    theirs = plain.sort_values(SAME[:2], ignore_index=True)
    # Newer versions of pandas keep texts in a type of their own, with NaN for None.
    ours_same, theirs_same = (each[SAME].astype(object) for each in (ours, theirs))
    pd.testing.assert_frame_equal(
        ours_same.where(ours_same.notna(), None),
        theirs_same.where(theirs_same.notna(), None),
    )
    np.testing.assert_allclose(ours[CLOSE], theirs[CLOSE], rtol=1e-6, atol=1e-5)
    assert {name: found.compatible[name] for name in compatible} == compatible
    assert {name: found.in_reach[name] for name in in_reach} == in_reach


@pytest.mark.parametrize("approach", ["area", "chain"])
def test_neighbours_are_so_over_the_road(scene, approach, monkeypatch):
    flows, roads, apart = scene
    monkeypatch.setattr(lead_oracle, "apart", apart)
    known = choose_knowledge()

    def together(giver, receiver):
        return (apart(giver, receiver, 1) <= 1000) == (approach == "area")

    found = find_leads(flows, known, approach=approach, travel=roads)
    plain, compatible, in_reach = plain_leads(flows, known, together=together)
    assert len(found.table) == len(plain)
    assert {name: found.compatible[name] for name in compatible} == compatible
    assert {name: found.in_reach[name] for name in in_reach} == in_reach


def test_what_lies_in_reach_in_a_straight_line_only_is_counted(scene, monkeypatch):
    flows, roads, apart = scene
    known = choose_knowledge()
    *_, straight, _ = plain_leads(flows, known, detour=1.0)
    monkeypatch.setattr(lead_oracle, "apart", apart)
    *_, over, _ = plain_leads(flows, known)
    beyond = sum(straight.values()) - sum(over.values())
    assert beyond > 10
    found = find_leads(flows, known, travel=roads)
    assert dict(found.remarks())["network.beyond"] == {"count": beyond}
    for approach in ("area", "chain"):
        part = find_leads(flows, known, approach=approach, travel=roads)
        assert part.counts["beyond"] == beyond


def works(at):
    return {"direction": "supply", "at": at, "contracted_share": 0.0}


def cement(at):
    return {"direction": "demand", "sbi": "2351", "material": "sand", "at": at,
            "contracted_share": 0.0}  # fmt: skip


def line(*spots):
    return [(CORNER[0] + x, CORNER[1] + y) for x, y in spots]


ROAD = line((0, 0), (0, 900), (900, 900), (900, 0))
"""Round a water: 900 m apart, and three times as far over the road."""


def test_the_way_round_counts():
    flows = flows_of(works((0, 0)), cement((900, 0)), cement((0, 600)))
    known = choose_knowledge(RULES)
    straight = find_leads(flows, known)
    assert straight.table["flow_demand"].tolist() == ["f2", "f1"]
    found = find_leads(flows, known, travel=travel(ROAD))
    (lead,) = found.table.to_dict("records")
    assert (lead["flow_demand"], lead["distance_m"]) == ("f2", 600)
    assert found.in_reach["material"] == 2  # of the widest reach, of all material
    assert dict(found.remarks())["network.beyond"] == {"count": 1}
    assert found.unreached.count == 0


def test_matches_go_the_way_round_too():
    flows = flows_of(works((0, 0)), cement((900, 0)), cement((0, 600)))
    known = choose_knowledge(RULES)
    found = match_flows(flows, known, travel=travel(ROAD))
    (match,) = found.table.to_dict("records")
    assert (match["flow_demand"], match["distance_m"]) == ("f2", 600)
    assert dict(found.remarks("nl"))["network.beyond"] == {"count": 1}


def test_matches_cost_the_way_over_the_road():
    """The nearer one in a straight line lies farther over the road."""
    flows = flows_of(works((0, 0)), cement((450, 0)), cement((0, 600)))
    long = line((0, 0), (0, 900), (450, 900), (450, 0))
    known = choose_knowledge(RULES.replace(";2;", ";5;"))
    assert match_flows(flows, known).table["flow_demand"].tolist() == ["f1"]
    found = match_flows(flows, known, travel=travel(long))
    assert found.table["flow_demand"].tolist() == ["f2"]


def test_who_can_not_be_reached_is_counted_and_said():
    flows = flows_of(
        works((0, 0)),
        cement((0, 500)),
        cement((0, -1500)),  # too far from a road
        cement((0, -1500)),  # at the same place
        cement((9000, 0)),  # on an island
    )
    roads = travel(ROAD, line((9000, 0), (9000, 500)))
    for found in (
        find_leads(flows, choose_knowledge(RULES), travel=roads),
        match_flows(flows, choose_knowledge(RULES), travel=roads),
    ):
        assert found.table["flow_demand"].tolist() == ["f1"]
        told = dict(found.remarks() if hasattr(found, "in_reach")
                    else found.remarks("en"))  # fmt: skip
        assert told["network.unreached"] == {
            "count": 2, "places": 4, "off_road": 1, "cut_off": 1
        }  # fmt: skip


def test_a_large_table_lies_in_a_file(scene, monkeypatch):
    flows, roads, _ = scene
    known = choose_knowledge()
    usual = find_leads(flows, known, travel=roads).table
    monkeypatch.setattr("kansenkaart.analysis.matching.ways.IN_MEMORY", 1)
    pd.testing.assert_frame_equal(find_leads(flows, known, travel=roads).table, usual)


def test_the_order_of_the_rows_does_not_matter(scene):
    flows, roads, _ = scene
    known = choose_knowledge()
    mixed = flows.sample(frac=1, random_state=1).reset_index(drop=True)
    for work in (find_leads, match_flows):
        one, other = (work(each, known, travel=roads).table for each in (flows, mixed))
        pd.testing.assert_frame_equal(one, other)


def test_nobody_to_bring_together():
    found = find_leads(flows_of(works((0, 0))), choose_knowledge(RULES),
                       travel=travel(ROAD))  # fmt: skip
    assert not len(found.table)
    assert all(found.in_reach[carrier] == 0 for carrier in CARRIERS)
    assert found.unreached.cut_off == 1
