"""CO2 by purity: down the ladder as it is, up through capture or purification."""

from itertools import product

import pytest
from kansenkaart.analysis.matching import co2
from kansenkaart.analysis.resources import read_csv

LADDER = ["flue", "raw", "technical", "food"]
TREATED = [
    row for row in read_csv("matching", "treatments.csv") if row["carrier"] == "co2"
]


@pytest.mark.parametrize(("giver", "receiver"), [*product(LADDER, LADDER)])
def test_every_pair_of_classes(giver, receiver):
    found = co2.transfer([giver], [receiver]).iloc[0]
    assert found["compatible"]
    if LADDER.index(giver) >= LADDER.index(receiver):
        assert found["treatment"] == "" and found["yield"] == 1
        above = LADDER.index(giver) - LADDER.index(receiver)
        assert found["margin"] == pytest.approx(0.5 + above / 6)
    else:
        steps = [
            row
            for row in TREATED
            if (row["treatment"], row["from_class"]) == (found["treatment"], giver)
        ]
        assert steps and float(steps[0]["yield"]) == found["yield"] < 1
        assert found["electricity_kwh"] > 0 and found["margin"] < 0.5


def test_flue_gas_needs_capture_and_its_heat():
    found = co2.transfer(["flue"] * 3, ["raw", "technical", "food"])
    assert found["treatment"].str.startswith("amine_capture").all()
    assert (found["heat_mwh"] == 0.72).all()
    assert co2.transfer(["raw"], ["technical"])["heat_mwh"][0] == 0


def test_purer_co2_never_does_worse():
    ways = co2.routes()
    for giver, receiver in product(LADDER, LADDER):
        for better in LADDER[LADDER.index(giver) :]:
            for name in ("electricity_kwh", "heat_mwh", "reject_per_unit"):
                assert ways[name][better, receiver] <= ways[name][giver, receiver]


def test_without_a_class_nothing_is_proposed():
    assert not co2.transfer([None, "raw"], ["food", ""])["compatible"].any()
