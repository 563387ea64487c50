"""Water by class: every pair of classes against the limit table, by brute force."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from kansenkaart.analysis.matching import water
from kansenkaart.analysis.resources import read_csv

CLASSES = [row["class"] for row in read_csv("flows", "water_classes.csv")]
LIMITS = {
    (row["class"], row["parameter"]): float(row["limit"])
    for row in read_csv("flows", "water_limits.csv")
}
PARAMETERS = [row["parameter"] for row in read_csv("flows", "water_parameters.csv")]
TREATED = [
    row for row in read_csv("matching", "treatments.csv") if row["carrier"] == "water"
]


def limit(name, parameter):
    return LIMITS.get((name, parameter), float("inf"))


def serves(giver, receiver):
    """Every limit of the receiver holds for the limits of the giver."""
    return all(limit(giver, p) <= limit(receiver, p) for p in PARAMETERS)


def ways(giver, receiver):
    """Rows of treatments that lead from giver to receiver."""
    return [
        row
        for row in TREATED
        if serves(giver, row["from_class"])
        and serves(row["to_class"], receiver)
        and (receiver != "drinking" or row["to_class"] == "drinking")
    ]


def energy(row):
    kwh, mwh = row["electricity_kwh_per_unit"], row["heat_mwh_per_unit"]
    return float(kwh) + 1000 * float(mwh)


@pytest.mark.parametrize(("giver", "receiver"), [*product(CLASSES, CLASSES)])
def test_every_pair_of_classes(giver, receiver):
    found = water.transfer([giver], [receiver]).iloc[0]
    if serves(giver, receiver):
        assert found["compatible"] and found["treatment"] == ""
        assert found["yield"] == 1 and found["electricity_kwh"] == 0
        assert found["reject_per_unit"] == 0 and 0.5 <= found["margin"] <= 1
        return
    possible = ways(giver, receiver)
    assert found["compatible"] == bool(possible)
    if possible:
        same = [row for row in possible if row["treatment"] == found["treatment"]]
        assert energy(same[0]) == min(energy(row) for row in possible)
        assert found["yield"] == float(same[0]["yield"])
        assert found["electricity_kwh"] == float(same[0]["electricity_kwh_per_unit"])
        assert found["reject"] == same[0]["reject"]
        assert found["reject_per_unit"] == float(same[0]["reject_per_unit"])
        assert found["margin"] == found["yield"] / 2


@pytest.mark.parametrize(
    ("giver", "receiver", "expected"),
    [
        ("demin", "process", ""),
        ("cooling", "cooling", ""),
        ("effluent", "process", "uf_ro"),
        ("effluent", "demin", "uf_ro_edi"),
        ("effluent", "irrigation", "uf_uv"),
        ("effluent", "cooling", "filter_uv"),
        ("irrigation", "process", "filter_uv"),
        ("grey", "wash", "mbr"),
        ("raw", "process", "mbr_ro"),
        ("process", "ultrapure", "ro_edi_polish"),
    ],
)
def test_treatments_as_one_expects(giver, receiver, expected):
    assert water.transfer([giver], [receiver])["treatment"][0] == expected


def test_waste_water_never_becomes_drinking_water():
    for giver in CLASSES:
        found = water.transfer([giver], ["drinking"]).iloc[0]
        assert found["compatible"] == serves(giver, "drinking"), giver
        assert not found["compatible"] or found["treatment"] == ""


def test_better_water_never_does_worse():
    cost = water.routes()["electricity_kwh"]
    for better, worse, receiver in product(CLASSES, CLASSES, CLASSES):
        if serves(better, worse) and (worse, receiver) in cost.index:
            assert (better, receiver) in cost.index
            assert cost[better, receiver] <= cost[worse, receiver]


def test_headroom_by_hand():
    room = water.headroom()
    # Drinking water for washing: EC 2500 of 3000 is the worst.
    assert room.loc["drinking", "wash"] == pytest.approx(1 - 2500 / 3000)
    # Demineralised for drinking: COD 2 of 5; no germs where none are allowed.
    assert room.loc["demin", "drinking"] == pytest.approx(0.6)
    assert room.loc["process", "process"] == 0
    assert room.loc["grey", "raw"] == 1


@pytest.mark.parametrize("unknown", [None, np.nan, "", "moonshine"])
def test_without_a_class_nothing_is_proposed(unknown):
    found = water.transfer(
        np.array([unknown, "demin", unknown], object),
        np.array(["process", unknown, unknown], object),
    )
    assert not found["compatible"].any()


def test_serves_is_transfer_of_every_pair():
    givers = pd.DataFrame({"quality": ["effluent", "raw", "demin"]})
    receivers = pd.DataFrame({"quality": ["process", "drinking"]})
    found = water.serves(givers, receivers)
    pairs = list(zip(found["giver"], found["receiver"], strict=True))
    assert pairs == [(0, 0), (1, 0), (2, 0), (2, 1)]
    for row in found.itertuples():
        giver = givers["quality"][row.giver]
        alone = water.transfer([giver], [receivers["quality"][row.receiver]])
        assert row.treatment == alone["treatment"][0]
        assert row.margin == alone["margin"][0]
