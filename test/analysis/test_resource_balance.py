"""Balances of areas, against plain sums and loops."""

import numpy as np
import pandas as pd
import pytest
import shapely
from kansenkaart.analysis.errors import RefusalError
from kansenkaart.analysis.flows.balance import KEY_TOTALS, resource_balance
from kansenkaart.analysis.flows.tables import DIRECTIONS, materials
from kansenkaart.analysis.layers import layer_type

STREAMS = [
    ("material", "paper_cardboard", "t/y"), ("material", "biogas", "MWh/y"),
    ("material", "own_stuff", "t/y"), ("water", "water", "m3/y"),
    ("heat", "heat", "MWh/y"), ("co2", "co2", "t/y"),
]  # fmt: skip


@pytest.fixture(scope="module")
def flows(layer):
    """Flows of 40 actors over a plane of 40 by 20, a tenth of them unknown."""
    rng = np.random.default_rng(4)
    count = 600
    stream = [STREAMS[place] for place in rng.integers(0, len(STREAMS), count)]
    actor = rng.integers(0, 40, count)
    spots = rng.uniform((0, 0), (40, 20), (40, 2)).round(0)
    quantity = rng.lognormal(2, 2, count)
    quantity[rng.random(count) < 0.1] = np.nan
    share = rng.choice([0, 0.3, np.nan, 1.0], count)
    frame = {
        "flow_id": [f"A{a:02}:{place:03}" for place, a in enumerate(actor)],
        "actor_id": [f"A{a:02}" for a in actor],
        "sbi": "1011",
        "direction": rng.choice(DIRECTIONS, count),
        "carrier": [each[0] for each in stream],
        "material": [each[1] for each in stream],
        "unit": [each[2] for each in stream],
        "quantity": quantity,
        "quantity_low": quantity * 0.5,
        "quantity_high": quantity * 2,
        "contracted_share": share,
        "basis": rng.choice(["reported", "estimated"], count),
    }
    made = layer(shapely.points(spots[actor]), **frame)
    return made.sort_values("flow_id", ignore_index=True)


@pytest.fixture(scope="module")
def areas(layer):
    """Three that touch and one that covers part of two."""
    boxes = [(0, 0, 10, 20), (10, 0, 20, 20), (20, 0, 30, 20), (15, 5, 25, 15)]
    return layer(
        [shapely.box(*each) for each in boxes],
        area_id=["A", "B", "C", "D"],
        name=["Aa", "Bee", "Cee", None],
        cluster_id=["x", "x", "x", "x"],
    )


def inside(point, area, areas):
    """Whether a point counts in an area, in words of the rule."""
    if shapely.contains_properly(area.geometry, point):
        return True
    others = areas[shapely.intersects(areas.geometry.to_numpy(), point)]
    if shapely.contains_properly(others.geometry.to_numpy(), point).any():
        return False
    return len(others) > 0 and others["area_id"].min() == area["area_id"]


def test_every_number_of_the_table_by_plain_loops(flows, areas):
    found = resource_balance(flows, areas)
    table = found.table.set_index(["area_id", "carrier", "material"])
    assert table.index.is_unique
    expected = {}
    for area in areas.itertuples():
        row = areas.loc[area.Index]
        for flow in flows.itertuples():
            if np.isfinite(flow.quantity) and inside(flow.geometry, row, areas):
                key = (row["area_id"], flow.carrier, flow.material)
                expected.setdefault(key, []).append(flow)
    assert {*expected} == {key for key in table.index if pd.notna(key[0])}
    for key, members in expected.items():
        told = table.loc[key]
        sums, largest = {}, 0.0
        for direction in DIRECTIONS:
            side = [each for each in members if each.direction == direction]
            sums[direction] = sum(each.quantity for each in side)
            free, bruto = free_and_bruto(side)
            assert told[direction] == pytest.approx(sums[direction], rel=1e-12)
            assert told[f"free_{direction}"] == pytest.approx(free)
            assert told[f"bruto_{direction}"] == pytest.approx(bruto)
            assert told[f"{direction}_actors"] == len({each.actor_id for each in side})
            low, high = told[f"{direction}_low"], told[f"{direction}_high"]
            assert low <= sums[direction] * 1.001 and sums[direction] <= high * 1.001
            largest = max(largest, largest_of(side))
        assert told["largest_share"] == pytest.approx(largest)
        assert told["net"] == pytest.approx(sums["supply"] - sums["demand"])
        assert told["net_low"] <= told["net"] <= told["net_high"]
        reported = sum(each.quantity for each in members if each.basis == "reported")
        assert told["reported_share"] == pytest.approx(reported / sum(sums.values()))
        assert told["flows"] == len(members)
        assert told["actors"] == len({each.actor_id for each in members})


def free_and_bruto(side):
    free = bruto = 0.0
    for each in side:
        share = each.contracted_share
        if np.isnan(share) and each.basis == "reported":
            share = 0.0
        elif np.isnan(share):
            usual = materials().get(each.material)
            share = usual.contracted_share if usual else None
        if share is None:
            bruto += each.quantity
        else:
            free += each.quantity * (1 - share)
    return free, bruto


def largest_of(side):
    of = {}
    for each in side:
        of[each.actor_id] = of.get(each.actor_id, 0) + each.quantity
    return max(of.values()) / sum(of.values()) if of else 0.0


def test_nothing_is_lost_between_flows_and_areas(flows, areas):
    found = resource_balance(flows, areas[:3])
    whole = flows[flows["quantity"].notna()]
    for direction in DIRECTIONS:
        sums = (
            whole[whole["direction"] == direction].groupby("material")["quantity"].sum()
        )
        told = found.table.groupby("material")[direction].sum()
        np.testing.assert_allclose(told[sums.index], sums, rtol=1e-9)
    assert found.table["flows"].sum() == len(whole)
    assert found.overlapping == 0
    outside = found.table[found.table["area_id"].isna()]
    assert outside["flows"].sum() == found.outside > 0
    assert pd.isna(found.table["area_id"].iloc[-1])
    counts = dict(found.remarks())
    assert counts["balance.unusable"] == {"count": flows["quantity"].isna().sum()}


def test_overlapping_areas_each_count_and_it_is_said(flows, areas):
    apart, all_four = resource_balance(flows, areas[:3]), resource_balance(flows, areas)
    kept = all_four.table[all_four.table["area_id"].isin(["A", "B", "C"])]
    same = ["area_id", "material", "supply", "demand", "flows"]
    first = apart.table[apart.table["area_id"].notna()]
    # A flow on the border of two areas may lie inside the fourth.
    assert (kept["area_id"] == "A").sum() == (first["area_id"] == "A").sum()
    pd.testing.assert_frame_equal(
        kept.loc[kept["area_id"] == "A", same].reset_index(drop=True),
        first.loc[first["area_id"] == "A", same].reset_index(drop=True),
    )
    assert (
        "balance.overlapping",
        {"count": all_four.overlapping},
    ) in all_four.remarks()


def test_key_totals_of_the_areas_are_those_of_the_table(flows, areas):
    found = resource_balance(flows, areas)
    assert found.areas["area_id"].tolist() == ["A", "B", "C", "D"]
    assert found.areas["name"].tolist() == ["Aa", "Bee", "Cee", "D"]
    for (carrier, unit), word in KEY_TOTALS.items():
        of = found.table[
            (found.table["carrier"] == carrier) & (found.table["unit"] == unit)
        ]
        for direction in DIRECTIONS:
            sums = of.groupby("area_id")[direction].sum()
            told = found.areas.set_index("area_id")[f"{word}_{direction}"]
            np.testing.assert_allclose(told, sums.reindex(told.index, fill_value=0))
    fields = layer_type("balance_areas").fields
    assert {*fields} == {*found.areas} - {"geometry"}


def test_a_thousand_firms_with_one_coefficient_stay_as_unsure_as_it(layer):
    ids = [f"E{number:04}" for number in range(1000)]
    made = layer(
        shapely.points(np.full((1000, 2), 5.0)),
        flow_id=[f"{each}:c" for each in ids], actor_id=ids, direction="supply",
        carrier="material", material="own_stuff", unit="t/y", quantity=1.0,
        quantity_low=0.2, quantity_high=5.0, basis="estimated",
    )  # fmt: skip
    area = layer([shapely.box(0, 0, 9, 9)], region_id=["R"])
    told = resource_balance(made, area).table.iloc[0]
    assert told["supply"] == 1000
    assert told["supply_low"] == pytest.approx(200, rel=0.15)
    assert told["supply_high"] == pytest.approx(5000, rel=0.15)
    assert told["bruto_supply"] == 1000 and told["free_supply"] == 0
    told = resource_balance(made.assign(basis="reported"), area).table.iloc[0]
    assert told["supply_low"] > 900 and told["free_supply"] == 1000


def test_order_of_rows_and_of_areas_makes_no_difference(
    flows, areas, shuffled, same_tables
):
    one, two = resource_balance(flows, areas), resource_balance(flows, shuffled(areas))
    same_tables(one.table, two.table)
    same_tables(one.areas, two.areas)


def test_names_of_materials_in_both_languages(flows, areas):
    for language in ("nl", "en"):
        table = resource_balance(flows, areas, language).table
        names = dict(zip(table["material"], table["material_name"], strict=True))
        assert names["biogas"] == materials()["biogas"].name(language)
        assert names["own_stuff"] == "own_stuff"


def test_ids_that_cannot_be_used_are_refused(flows, areas):
    for change, key in (
        ({"area_id": ["A", "A", "C", "D"]}, "balance.area_id_double"),
        ({"area_id": ["A", None, "C", "D"]}, "balance.area_id_empty"),
    ):
        with pytest.raises(RefusalError) as refused:
            resource_balance(flows, areas.assign(**change))
        assert refused.value.key == key
    with pytest.raises(RefusalError, match="region_id"):
        resource_balance(flows, areas[["geometry"]])


def test_odd_shares_directions_and_missing_materials(layer):
    made = layer(
        shapely.points([(5, 5)] * 4),
        flow_id=list("abcd"), actor_id=[None, None, "x", "x"],
        direction=["supply", "supply", "both", "supply"], carrier="heat",
        material=[None, "heat", "heat", "heat"], unit="MWh/y",
        quantity=[1.0, 2.0, 4.0, -8.0], quantity_low=np.nan, quantity_high=np.nan,
        contracted_share=[1.5, 0.5, 0.0, 0.0], basis="reported",
    )  # fmt: skip
    area = layer([shapely.box(0, 0, 9, 9)], zone_id=["Z"])
    found = resource_balance(made, area)
    (told,) = found.table.to_dict("records")
    assert (told["supply"], told["bruto_supply"], told["free_supply"]) == (3, 1, 1)
    assert (told["actors"], told["area_id"], told["name"]) == (2, "Z", "Z")
    assert told["supply_low"] == told["supply_high"] == pytest.approx(3)
    assert (found.unusable, found.wrong_shares) == (2, 1)


def test_without_flows_or_areas(flows, areas):
    found = resource_balance(flows[:0], areas)
    assert len(found.table) == 0 and found.areas["flows"].tolist() == [0, 0, 0, 0]
    found = resource_balance(flows, areas[:0])
    assert found.outside == flows["quantity"].notna().sum()
