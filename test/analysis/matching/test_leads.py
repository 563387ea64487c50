"""Leads, against plain loops over all pairs and small scenes with known answers."""

from dataclasses import replace
from itertools import product

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from lead_oracle import flows_of, plain_leads, random_flows

SAME = ("flow_supply", "flow_demand", "rule_id", "treatment")
CLOSE = (
    "distance_m", "available", "yield", "score", "score_distance", "score_quantity",
    "score_quality", "score_evidence", "score_data", "score_ladder",
)  # fmt: skip
RULES = (
    "rule_id;carrier;giver_sbi;material;receiver_sbi;replaces;r_strategy;treatment;"
    "yield;quality_out;reach_km;legal;source\n"
)
SLAG = ("R", "24", "steel_slag", "2351", "sand", 1, 50)
"""A rule: steelworks give slag to cement works instead of sand."""
CEMENT = {"direction": "demand", "sbi": "2351", "material": "sand"}
WORKS = {"direction": "supply"}


@pytest.fixture(scope="module")
def shipped():
    from kansenkaart.analysis.matching.knowledge import choose_knowledge

    return choose_knowledge()


def rules(*rows, uses=False, **files):
    """Knowledge with own rules: id, giver, material, receiver, replaces, reach."""
    from kansenkaart.analysis.matching.knowledge import choose_knowledge

    lines = [
        f"{name};material;{giver};{material};{receiver};{replaces};R7;;{gain};;{reach};;t"
        for name, giver, material, receiver, replaces, gain, reach in rows
    ]
    return choose_knowledge(RULES + "\n".join(lines), uses=uses, **files)


def leads(flows, known, areas=None, approach="all", detour=1.3, **limits):
    from kansenkaart.analysis.matching.leads import find_leads
    from kansenkaart.analysis.matching.pairs import Limits

    return find_leads(flows, known, Limits(**limits), detour, areas, approach)


def assert_same(found, plain):
    assert len(found) == len(plain)
    if not len(plain):
        return
    # Scores that differ in the last bit only may change places.
    keys = ["flow_supply", "flow_demand"]
    one = found.sort_values(keys).reset_index(drop=True)
    other = plain.sort_values(keys).reset_index(drop=True)
    for name in SAME:
        assert one[name].fillna("").tolist() == other[name].fillna("").tolist(), name
    for name in CLOSE:
        np.testing.assert_allclose(
            one[name].astype(float), other[name].astype(float), 1e-9, 1e-9, err_msg=name
        )
    assert found["score"].is_monotonic_decreasing


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    "limits",
    [
        {},
        {"per_division": 1, "most": 40},
        {"per_division": 0, "most": 0, "max_distance": 12_000},
        {"per_division": 2, "most": 0, "min_fit": 0.5},
    ],
)
def test_leads_are_those_of_plain_loops(shipped, seed, limits, monkeypatch):
    from kansenkaart.analysis.matching import pairs

    # Small blocks, so that flows of one kind are looked at in several.
    monkeypatch.setattr(pairs, "BLOCK", 40)
    monkeypatch.setattr(pairs, "LINKS", 200)
    flows = random_flows(140, seed)
    found = leads(flows, shipped, **limits)
    plain, compatible, in_reach = plain_leads(flows, shipped, **limits)
    assert_same(found.table, plain)
    assert {name: found.compatible[name] for name in compatible} == compatible
    assert {name: found.in_reach[name] for name in in_reach} == in_reach
    assert found.counts["not_shown"] == sum(compatible.values()) - len(plain)


@pytest.mark.parametrize("approach", ["area", "chain"])
@pytest.mark.parametrize("with_areas", [True, False])
def test_approaches_are_those_of_plain_loops(shipped, approach, with_areas, layer):
    flows = random_flows(300, 9, side=12_000)
    squares = [shapely.box(x, 400_000, x + 4000, 406_000) for x in (100_000, 106_000)]
    # It overlaps the first one, so both are one area.
    squares.append(shapely.box(103_000, 403_000, 105_500, 409_000))
    areas = layer(squares, zone_id=["a", "c", "b"]) if with_areas else None
    first = squares[0].union(squares[2])

    def together(giver, receiver):
        one, other = giver["geometry"], receiver["geometry"]
        inside = with_areas and any(
            area.covers(one) and area.covers(other) for area in (first, squares[1])
        )
        near = inside or 1.3 * one.distance(other) <= 1000
        return near == (approach == "area")

    found = leads(flows, shipped, areas, approach)
    plain, compatible, in_reach = plain_leads(flows, shipped, together=together)
    assert_same(found.table, plain)
    assert len(plain) > 5
    assert {name: found.compatible[name] for name in compatible} == compatible
    assert {name: found.in_reach[name] for name in in_reach} == in_reach


def test_the_order_of_the_rows_does_not_matter(shipped):
    flows = random_flows(600, 5)
    mixed = flows.sample(frac=1, random_state=3).reset_index(drop=True)
    for limits in ({}, {"most": 50, "per_division": 2}):
        one, other = (leads(each, shipped, **limits) for each in (flows, mixed))
        pd.testing.assert_frame_equal(one.table, other.table)
        assert (one.compatible, one.in_reach) == (other.compatible, other.in_reach)


def test_a_rule_makes_a_lead():
    flows = flows_of(
        WORKS | {"at": (0, 0), "quantity": 300.0, "contracted_share": 0.5},
        CEMENT | {"at": (3000, 4000), "quantity": 100.0},
    )
    known = rules(("R", "24", "steel_slag", "2351", "sand", 0.8, 50))
    (lead,) = leads(flows, known).table.to_dict("records")
    assert (lead["giver"], lead["receiver"]) == ("a0", "a1")
    assert (lead["material"], lead["replaces"]) == ("steel_slag", "sand")
    assert lead["quantity"] == 300
    assert lead["available"] == 100
    assert lead["distance_m"] == pytest.approx(6500)
    assert lead["scale"] == "regional"
    assert lead["score_distance"] == pytest.approx(1 - 6.5 / 50)
    # 120 t would arrive, 100 t are asked for.
    assert lead["score_quantity"] == pytest.approx(np.sqrt(100 / 120))
    assert lead["treatment"] is None
    assert lead["rule_id"] == "R"
    assert shapely.get_coordinates(lead["geometry"]).tolist() == [
        [100_000, 400_000],
        [103_000, 404_000],
    ]


def test_quantity_is_a_part_of_all_that_a_giver_offers():
    """Of 400 t that leave the works 300 t are slag, of which a third finds a place."""
    flows = flows_of(
        WORKS | {"actor_id": "works", "quantity": 300.0},
        WORKS | {"actor_id": "works", "quantity": 100.0, "material": "mill_scale"},
        WORKS | {"actor_id": "other", "quantity": 900.0, "material": "mill_scale"},
        CEMENT | {"quantity": 100.0},
    )
    known = rules(("R", "24", "steel_slag", "2351", "sand", 1, 50))
    (lead,) = leads(flows, known).table.to_dict("records")
    assert lead["score_quantity"] == pytest.approx(np.sqrt(300 / 400 * 100 / 300))


def test_what_an_exchange_avoids():
    """Sand: 0.0078 t CO2 per t (0.0055 to 0.0101); 104 g per tkm (26 to 204)."""
    flows = flows_of(
        WORKS | {"quantity": 300.0}, CEMENT | {"at": (10_000, 0), "quantity": 1000.0}
    )
    known = rules(("R", "24", "steel_slag", "2351", "sand", 0.8, 50))
    (lead,) = leads(flows, known).table.to_dict("records")
    # 300 t go 13 km, 240 t arrive.
    assert lead["avoided_primary_t"] == pytest.approx(240)
    co2 = [lead[f"avoided_co2_t{end}"] for end in ("_low", "", "_high")]
    assert co2 == pytest.approx(
        [
            240 * 0.0055 - 3900 * 0.000204,
            240 * 0.0078 - 3900 * 0.000104,
            240 * 0.0101 - 3900 * 0.000026,
        ]
    )


def test_heat_through_a_pump(shipped):
    """30 °C to 70 °C: COP 3.8128, so 1.3555 arrives and 262.3 kWh go in per MWh."""
    heat = {"carrier": "heat", "material": None, "unit": "MWh/y"}
    flows = flows_of(
        heat | WORKS | {"sbi": "9999", "temperature_c": 30.0, "quantity": 100.0},
        heat | CEMENT | {"material": None, "temperature_c": 70.0, "quantity": 500.0},
    )
    (lead,) = leads(flows, shipped).table.to_dict("records")
    assert lead["treatment"] == "heat_pump"
    assert lead["available"] == pytest.approx(135.55, rel=1e-4)
    assert lead["electricity_mwh"] == pytest.approx(0.2623 * 135.55, rel=1e-3)
    assert lead["rule_id"] is None
    assert np.isnan(lead["avoided_primary_t"])
    saved = 0.263 * lead["available"] - 0.268 * lead["electricity_mwh"]
    assert lead["avoided_co2_t"] == pytest.approx(saved)
    assert "262 kWh" in lead["why"]


def test_a_winter_need_takes_no_summer_heat(shipped):
    heat = {"carrier": "heat", "material": "heat", "unit": "MWh/y", "quantity": 120.0}
    hot, cold = {"temperature_c": 90.0}, {"temperature_c": 60.0, "profile": "winter"}
    flows = flows_of(heat | WORKS | hot, CEMENT | heat | cold)
    (lead,) = leads(flows, shipped).table.to_dict("records")
    assert 0 < lead["available"] < 100


def test_water_leaves_brine(shipped):
    water = {"carrier": "water", "material": "water", "unit": "m3/y"}
    flows = flows_of(
        water | WORKS | {"quality": "effluent", "sbi": "9999"},
        CEMENT | water | {"quality": "process", "quantity": 1e6},
    )
    (lead,) = leads(flows, shipped).table.to_dict("records")
    assert (lead["treatment"], lead["reject"]) == ("uf_ro", "brine")
    assert lead["available"] == pytest.approx(72)
    assert lead["reject_quantity"] == pytest.approx(72 * 0.389)
    assert lead["reject_unit"] == "m3/y"
    assert "28 m³ a year" in lead["why"]


def test_without_temperature_or_class_nothing_is_proposed_and_counted(shipped):
    heat = {"carrier": "heat", "material": "heat", "unit": "MWh/y"}
    water = {"carrier": "water", "material": "water", "unit": "m3/y"}
    flows = flows_of(
        heat | WORKS, CEMENT | heat | {"temperature_c": 20.0},
        water | WORKS | {"quality": "demin"}, CEMENT | water,
    )  # fmt: skip
    found = leads(flows, shipped)
    assert not len(found.table)
    assert found.counts["unknown"] == 2


# Rules and uses.


def test_a_use_scores_less_than_a_cited_rule_would(shipped):
    flows = random_flows(400, 8)
    found = leads(flows, replace(shipped, rules=shipped.rules.iloc[:0])).table
    found = found[found["carrier"] == "material"]
    assert len(found) > 50
    known = found["rule_id"].str.removeprefix("use:")
    assert found["rule_id"].str.startswith("use:").all()
    assert (found["evidence"] == 0).all()
    assert known.isin(shipped.uses["use"]).all()
    for lead in found.head(12).to_dict("records"):
        row = shipped.material_uses.query(
            f"material == '{lead['material']}' and use == '{lead['rule_id'][4:]}'"
        ).iloc[0]
        reach = 1e-3 * lead["distance_m"] / (1 - lead["score_distance"])
        line = (
            f"X;material;*;{lead['material']};*;{lead['replaces']};"
            f"{lead['r_strategy']};{row['treatment']};{row['yield']};;{reach};;t"
        )
        from kansenkaart.analysis.matching.knowledge import choose_knowledge

        cited = leads(flows, choose_knowledge(RULES + line, uses=False), most=0).table
        pair = (cited["flow_supply"] == lead["flow_supply"]) & (
            cited["flow_demand"] == lead["flow_demand"]
        )
        assert cited[pair]["score"].item() > lead["score"]


def feed(uses):
    """One use: brewers' grain feeds cattle instead of soy meal."""
    from kansenkaart.analysis.matching import uses as readers

    given = (
        "material;use;suitability;treatment;yield;hazard_note;data_quality;source\n"
        "brewers_grain;feed_ruminant;1;;1;;4;t\n"
    )
    wanted = (
        "sbi;use;replaces;importance;data_quality;source\n"
        "01;feed_ruminant;soy_meal;1;4;t\n"
    )
    return {
        "material_uses": readers.read_material_uses(given, "t", uses),
        "activity_uses": readers.read_activity_uses(wanted, "t", uses),
    }


def test_beyond_the_reach_of_a_rule_the_use_is_left(shipped):
    """Near by the rule, farther by the use, beyond both nothing."""
    grain = {"direction": "supply", "sbi": "1105", "material": "brewers_grain"}
    cow = {"direction": "demand", "sbi": "0141", "material": "soy_meal"}
    near = rules(("R", "1105", "brewers_grain", "0141", "soy_meal", 1, 10))
    known = replace(shipped, rules=near.rules, **feed(shipped.uses))
    flows = flows_of(
        grain,
        cow | {"at": (5000, 0)},
        cow | {"at": (20_000, 0)},
        cow | {"at": (1e6, 0)},
    )
    found = leads(flows, known)
    by = found.table.set_index("flow_demand")["rule_id"]
    assert by["f1"] == "R"
    assert by["f2"].startswith("use:")
    assert set(by.index) == {"f1", "f2"}
    assert found.compatible["material"] == 2


def test_the_reach_of_a_rule_then_of_the_material_then_of_the_carrier():
    reach = (
        "carrier;material;reach_km;source\nmaterial;*;5;t\nmaterial;steel_slag;20;t\n"
    )
    flows = flows_of(WORKS, CEMENT | {"at": (10_000, 0)})

    def count(reach_km, material="steel_slag", **limits):
        known = rules(("R", "24", material, "2351", "sand", 1, reach_km), reach=reach)
        own = flows.assign(material=[material, "sand"])
        return len(leads(own, known, **limits).table)

    assert count(12) == 0
    assert count(14) == 1
    assert count("") == 1
    assert count("", "other_slag") == 0
    assert count(14, "other_slag") == 1
    assert count(14, max_distance=12_999) == 0
    assert count(14, max_distance=13_000) == 1


def test_a_carrier_without_reach_is_said():
    known = rules(SLAG, reach="carrier;material;reach_km;source\nheat;*;5;t\n")
    found = leads(flows_of(WORKS, CEMENT), known)
    assert len(found.table) == 1
    assert ("leads.said.without_reach", {"names": "material"}) in found.remarks()


def test_a_material_without_reach_is_said():
    known = rules(
        SLAG, reach="carrier;material;reach_km;source\nmaterial;wood_clean;5;t\n"
    )
    found = leads(flows_of(WORKS, CEMENT), known)
    said = ("leads.said.without_reach", {"names": "steel_slag"})
    assert said in found.remarks()


def test_units_must_be_equal():
    flows = flows_of(WORKS, CEMENT | {"unit": "MWh/y"})
    assert not len(leads(flows, rules(SLAG)).table)


def test_circular_rules_and_codes_that_nobody_knows():
    known = rules(
        ("A", "24", "steel_slag", "2351", "zandkoek", 1, 50),
        ("B", "2351", "zandkoek", "24", "steel_slag", 1, 50),
        ("C", "88888", "zandkoek", "*", "", 1, 50),
    )
    flows = flows_of(
        WORKS, {"direction": "demand"},
        CEMENT | {"material": "zandkoek", "at": (10, 0)},
        CEMENT | {"direction": "supply", "material": "zandkoek", "at": (10, 0)},
        {"direction": "demand", "sbi": None, "material": None},
    )  # fmt: skip
    found = leads(flows, known).table
    pairs = found[["rule_id", "flow_supply", "flow_demand"]]
    assert set(pairs.itertuples(index=False, name=None)) == {
        ("A", "f0", "f2"),
        ("B", "f3", "f1"),
    }
    assert {key for key, _ in known.remarks()} == {
        "matching.materials_unknown", "matching.prefixes_unknown"
    }  # fmt: skip


def test_every_forbidden_combination_is_never_proposed(shipped):
    """Each row blocks, by itself, pairs that would be leads without it."""
    pairs, rows = [], []
    for number, ban in enumerate(shipped.forbidden.itertuples()):
        for prefix in ban.receiver_sbi.split("|"):
            at = {"at": (100_000 * len(rows), 0)}
            receiver = "2410" if prefix == "*" else f"{prefix}00"[:4]
            given = {
                "material": ban.material or "steel_slag",
                "properties": ban.property or None,
            }
            asked = {"direction": "demand", "sbi": receiver, "material": "sand"}
            pairs += [WORKS | given | at, asked | at]
            rows.append(number)
    flows = flows_of(*pairs)
    given = sorted({pair["material"] for pair in pairs} - {"sand"})
    known = rules(*((each, "*", each, "*", "sand", 1, 1) for each in given))

    def found(forbidden, places):
        own = flows.iloc[[2 * place + end for place in places for end in (0, 1)]]
        table = leads(own, replace(known, forbidden=forbidden)).table
        return {int(flow.removeprefix("f")) // 2 for flow in table["flow_supply"]}

    bans = shipped.forbidden
    everywhere = range(len(rows))
    assert found(bans.iloc[:0], everywhere) == set(everywhere)
    for number in range(len(bans)):
        about = [place for place, row in enumerate(rows) if row == number]
        assert found(bans.iloc[[number]], about) == set(), bans.iloc[number]
    assert found(bans, everywhere) == set()


def test_a_hazardous_flow_feeds_nobody():
    known = rules(("R", "*", "brewers_grain", "*", "soy_meal", 1, 50))
    flows = flows_of(
        WORKS | {"material": "brewers_grain", "hazardous": True},
        {"direction": "demand", "sbi": "0141", "material": "soy_meal"},
    )
    assert not len(leads(flows, known).table)
    assert len(leads(flows.assign(hazardous=None), known).table) == 1


# How many.


def test_the_best_per_division_and_the_best_of_all():
    kinds = [("2351", "a"), ("2361", "b"), ("4211", "c")]
    flows = flows_of(
        WORKS,
        *(
            {
                "flow_id": f"{name}{place}",
                "direction": "demand",
                "sbi": sbi,
                "material": "sand",
                "at": (1000 * place, 0),
            }
            for (sbi, name), place in product(kinds, range(1, 6))
        ),
    )
    known = rules(("R", "24", "steel_slag", "*", "sand", 1, 50))
    ids = lambda **limits: leads(flows, known, **limits).table["flow_demand"].tolist()  # noqa: E731
    assert len(ids()) == 15
    # 2351 and 2361 are of one division: its best two, and the best two of the other.
    assert ids(per_division=2) == ["a1", "b1", "c1", "c2"]
    assert ids(most=3) == ["a1", "b1", "c1"]
    assert ids(most=4) == ["a1", "b1", "c1", "a2"]
    assert ids(per_division=2, most=1) == ["a1"]
    found = leads(flows, known, per_division=2, most=1)
    assert found.compatible["material"] == 15
    assert found.counts["not_shown"] == 14


# Quantities at their worst.


def test_nothing_available_is_no_lead():
    full = {"contracted_share": 1.0}
    for giver, receiver in (
        (full, {}), ({}, full), ({"quantity": 0.0}, {}), ({}, {"quantity": 0.0}),
        (full, {"contracted_share": 2.0}),
    ):  # fmt: skip
        found = leads(flows_of(WORKS | giver, CEMENT | receiver), rules(SLAG))
        assert not len(found.table)
        assert found.counts["taken"] == 1
        assert not sum(found.in_reach.values())


def test_gross_flows_are_leads_of_an_unknown_size():
    flows = flows_of(WORKS | {"contracted_share": 1.5}, CEMENT)
    found = leads(flows, rules(SLAG))
    (lead,) = found.table.to_dict("records")
    assert np.isnan(lead["available"])
    assert np.isnan(lead["avoided_primary_t"])
    assert 0 < lead["score"] < 1
    assert found.counts["wrong_shares"] == 1
    assert "unknown" in lead["why"]


def test_an_estimate_takes_the_usual_share_of_its_material():
    from kansenkaart.analysis.flows.tables import materials

    flows = flows_of(WORKS | {"basis": "estimated"}, CEMENT | {"quantity": 1e9})
    (lead,) = leads(flows, rules(SLAG)).table.to_dict("records")
    share = materials()["steel_slag"].contracted_share
    assert lead["available"] == pytest.approx(100 * (1 - share))


@pytest.mark.parametrize("quantity", [1e-300, 1e-9, 1e15, 1e300])
def test_tiny_and_enormous_quantities(quantity):
    for giver, receiver in ((quantity, 1.0), (1.0, quantity), (quantity, quantity)):
        flows = flows_of(WORKS | {"quantity": giver}, CEMENT | {"quantity": receiver})
        (lead,) = leads(flows, rules(SLAG)).table.to_dict("records")
        assert 0 <= lead["score"] <= 1
        assert lead["available"] == min(giver, receiver)


@pytest.mark.parametrize("quantity", [-1.0, np.nan, np.inf])
def test_unusable_quantities_are_counted(quantity):
    found = leads(flows_of(WORKS | {"quantity": quantity}, CEMENT), rules(SLAG))
    assert not len(found.table)
    assert found.counts["unusable"] == 1


def test_the_same_spot_and_a_reach_of_nought():
    flows = flows_of(WORKS, CEMENT)
    for reach in (50, 0):
        known = rules(("R", "24", "steel_slag", "2351", "sand", 1, reach))
        (lead,) = leads(flows, known).table.to_dict("records")
        assert lead["distance_m"] == 0
        assert lead["score_distance"] == 1
        assert lead["scale"] == "local"


def test_a_flow_never_matches_its_own_actor():
    flows = flows_of(WORKS | {"actor_id": "x"}, CEMENT | {"actor_id": "x"})
    found = leads(flows, rules(SLAG))
    assert not len(found.table)
    assert not sum(found.compatible.values()) + sum(found.in_reach.values())
    # Who has no id is nobody else.
    assert len(leads(flows.assign(actor_id=None), rules(SLAG)).table) == 1


@pytest.mark.parametrize("rows", [(), (WORKS,), (CEMENT,)])
def test_one_side_or_none(rows, shipped):
    flows = flows_of(WORKS, CEMENT).iloc[: len(rows)]
    if rows == (CEMENT,):
        flows = flows_of(WORKS, CEMENT).iloc[1:]
    found = leads(flows, shipped)
    assert isinstance(found.table, gpd.GeoDataFrame)
    assert not len(found.table)
    assert not sum(found.compatible.values())


# What is told.


def test_sentences_and_ids_tell_no_firm(shipped):
    flows = random_flows(500, 4).assign(actor_name="Geheim BV")
    for name in ("flow_id", "actor_id"):
        flows[name] = "geheim-" + flows[name]
    found = leads(flows, shipped).table
    assert len(found) > 100
    told = found["why"] + found["lead_id"]
    assert not told.str.contains("geheim", case=False).any()
    assert found["lead_id"].is_unique


def test_sentences_in_both_languages(shipped):
    from kansenkaart.analysis.matching.leads import find_leads

    flows = random_flows(500, 4)
    one, other = (
        find_leads(flows, shipped, language=each).table for each in ("nl", "en")
    )
    assert (one["why"] != other["why"]).all()
    pd.testing.assert_frame_equal(one.drop(columns="why"), other.drop(columns="why"))
    assert not (one["why"] + other["why"]).str.contains("[{}]|nan|None").any()


def test_weights_add_up():
    from kansenkaart.analysis.matching import score

    assert sum(score.WEIGHTS.values()) == pytest.approx(1)
    # A use can't reach what a rule without cases has.
    assert score.use_evidence(1) < score.rule_evidence(0) < score.rule_evidence(1) < 1
    # Everyday streams come after the rest.
    assert score.rule_evidence(9, everyday=True) < score.rule_evidence(0)


def test_it_stops_when_asked(shipped):
    from kansenkaart.analysis.matching.leads import find_leads
    from kansenkaart.analysis.progress import CancelledError

    def stop(done):
        if done > 0.1:
            raise CancelledError

    with pytest.raises(CancelledError):
        find_leads(random_flows(300, 2), shipped, progress=stop)
