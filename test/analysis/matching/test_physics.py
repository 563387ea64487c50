"""Flows reduced to kinds, kinds joined by physics: the same as pair by pair."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from kansenkaart.analysis.matching import co2, heat, physics, water
from kansenkaart.analysis.resources import read_csv

DEMANDS = {
    "heat": pd.DataFrame(
        {"temperature_c": [70.0, 150.0, np.nan], "profile": ["winter", None, "flat"]}
    ),
    "water": pd.DataFrame({"quality": ["process", None, "demin"]}),
    "co2": pd.DataFrame({"quality": ["food", "technical", ""]}),
}
SUPPLIES = {
    "heat": pd.DataFrame(
        {
            "temperature_c": [90.0, np.nan, 30.0, 90.0, 90.0, 5.0],
            "profile": ["flat", "flat", None, "flat", "", "batch"],
        }
    ),
    "water": pd.DataFrame({"quality": ["raw", "effluent", None, "raw", "grey"]}),
    "co2": pd.DataFrame({"quality": ["flue", "", "raw", "flue"]}),
}


def pair_by_pair(carrier, supply, demand):
    if carrier == "heat":
        return heat.transfer([supply["temperature_c"]], [demand["temperature_c"]])
    module = {"water": water, "co2": co2}[carrier]
    return module.transfer([supply["quality"]], [demand["quality"]])


@pytest.mark.parametrize("carrier", sorted(physics.CARRIERS))
def test_kinds_give_what_all_pairs_give(carrier):
    supplies, demands = SUPPLIES[carrier], DEMANDS[carrier]
    (givers, given), (receivers, asked) = (
        physics.kinds(carrier, flows) for flows in (supplies, demands)
    )
    served = physics.serves(carrier, givers, receivers)
    served = served.set_index(["giver", "receiver"])
    for s, d in product(range(len(supplies)), range(len(demands))):
        alone = pair_by_pair(carrier, supplies.iloc[s], demands.iloc[d]).iloc[0]
        together = (given[s], asked[d]) in served.index
        assert together == alone["compatible"]
        if together:
            row = served.loc[(given[s], asked[d])]
            assert row["treatment"] == alone["treatment"]
            assert row["yield"] == alone["yield"]


@pytest.mark.parametrize("carrier", sorted(physics.CARRIERS))
def test_kinds_are_distinct_sorted_and_free_of_the_unknown(carrier):
    flows = SUPPLIES[carrier]
    table, number = physics.kinds(carrier, flows)
    first = physics.CARRIERS[carrier].KEYS[0]
    unknown = flows[first].isna() | (flows[first] == "")
    assert ((number == -1) == unknown).all()
    assert not table.duplicated().any()
    assert sorted(set(number) - {-1}) == list(range(len(table)))
    for at, kind in enumerate(number):
        if kind >= 0:
            assert table[first][kind] == flows[first][at]


def test_the_order_of_the_flows_does_not_matter():
    flows = SUPPLIES["heat"]
    table, number = physics.kinds("heat", flows)
    other, turned = physics.kinds("heat", flows[::-1].reset_index(drop=True))
    pd.testing.assert_frame_equal(table, other)
    assert number.tolist() == turned[::-1].tolist()


@pytest.mark.parametrize("carrier", sorted(physics.CARRIERS))
def test_no_flows(carrier):
    empty = SUPPLIES[carrier].iloc[:0]
    table, number = physics.kinds(carrier, empty)
    assert len(table) == len(number) == 0
    assert len(physics.serves(carrier, table, table)) == 0


def test_flows_without_the_field_are_unknown():
    _, number = physics.kinds("water", pd.DataFrame({"flow_id": ["a", "b"]}))
    assert number.tolist() == [-1, -1]


@pytest.mark.parametrize("carrier", sorted(physics.CARRIERS))
def test_what_the_coefficients_give_finds_somebody(carrier):
    rows = pd.DataFrame(read_csv("flows", "coefficients.csv"))
    rows = rows[rows["carrier"] == carrier]
    rows = rows.assign(temperature_c=pd.to_numeric(rows["temperature_c"]))
    givers, given = physics.kinds(carrier, rows[rows["direction"] == "supply"])
    receivers, asked = physics.kinds(carrier, rows[rows["direction"] == "demand"])
    assert (given >= 0).all() and (asked >= 0).all()
    served = physics.serves(carrier, givers, receivers)
    assert set(served["giver"]) == set(range(len(givers)))
