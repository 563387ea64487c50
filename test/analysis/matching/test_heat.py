"""Heat between temperatures, against worked examples and a plain scalar version."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kansenkaart.analysis.matching import heat, months

CELSIUS = st.floats(-50, 400).map(lambda value: round(value, 2))


def one(giver, receiver):
    """The only row for one pair of temperatures."""
    return heat.transfer(np.array([giver]), np.array([receiver])).iloc[0]


def by_the_contract(giver, receiver):
    """Yield and electricity (MWh per MWh taken), or None; written from the text."""
    if giver - 5 >= receiver:
        return 1.0, 0.0
    hot, cold = receiver + 273.15, giver - 5 + 273.15
    cop = 0.5 * hot / (hot - cold)
    if receiver > 150 or cop < 1.5:
        return None
    cop = min(cop, 8)
    return cop / (cop - 1), 1 / (cop - 1)


@pytest.mark.parametrize(
    ("giver", "receiver", "arrives", "kwh"),
    [
        # 343.15 / 45 / 2 = 3.8128: 3.8128 / 2.8128 = 1.3555, 1000 / 3.8128 = 262.3
        (30, 70, 1.3555, 262.3),
        # 363.15 / 40 / 2 = 4.5394
        (55, 90, 1.2825, 220.3),
        # 423.15 / 105 / 2 = 2.015
        (50, 150, 1.9852, 496.3),
        (120, 90, 1, 0),
        (400, 25, 1, 0),
    ],
)
def test_worked_examples(giver, receiver, arrives, kwh):
    found = one(giver, receiver)
    assert found["compatible"]
    assert found["yield"] == pytest.approx(arrives, abs=5e-5)
    assert found["electricity_kwh"] == pytest.approx(kwh, abs=0.05)
    assert found["treatment"] == ("heat_pump" if kwh else "")


def test_five_kelvin_is_enough_and_less_is_not():
    assert one(75, 70)["treatment"] == ""
    assert one(74.99, 70)["treatment"] == "heat_pump"
    assert one(70, 70)["treatment"] == "heat_pump"


def test_five_kelvin_of_decimals_is_five_kelvin():
    for tenths in range(0, 1500):
        found = one((tenths + 50) / 10, tenths / 10)
        assert found["compatible"] and found["treatment"] == "", tenths


def test_a_small_lift_has_a_cop_of_eight():
    # The lift at which 353.15 / lift / 2 is 8 is 22.07 K.
    below, at, above = 62.928125, 62.93, 74.9
    for giver in (below, at, above):
        assert one(giver, 80)["yield"] == pytest.approx(8 / 7)
    assert one(62, 80)["yield"] > 8 / 7


def test_a_cop_below_one_and_a_half_is_not_proposed():
    # 423.15 / lift / 2 is 1.5 at a lift of 141.05 K: a giver of 13.95 °C.
    assert one(13.95, 150)["yield"] == pytest.approx(3)
    assert not one(13.94, 150)["compatible"]


def test_the_hottest_sink():
    assert one(100, 150)["compatible"]
    assert not one(100, 150.01)["compatible"]
    assert one(155.01, 150.01)["compatible"]


@pytest.mark.parametrize("unknown", [np.nan, np.inf, -np.inf])
def test_without_a_temperature_nothing_is_proposed(unknown):
    assert not one(unknown, 70)["compatible"]
    assert not one(70, unknown)["compatible"]


def test_no_pairs_give_no_rows():
    assert len(heat.transfer(np.array([]), np.array([]))) == 0


@settings(max_examples=300)
@given(giver=CELSIUS, receiver=CELSIUS)
def test_as_the_contract_says(giver, receiver):
    expected, found = by_the_contract(giver, receiver), one(giver, receiver)
    # Where rounding decides, either is right.
    lift = receiver - giver + 5
    if abs(lift) < 1e-6 or abs(0.5 * (receiver + 273.15) / lift - 1.5) < 1e-6:
        return
    assert found["compatible"] == (expected is not None)
    if expected:
        arrives, power = expected
        assert found["yield"] == pytest.approx(arrives)
        # What arrives is what was taken and the electricity.
        assert found["yield"] * found["electricity_kwh"] / 1000 == pytest.approx(power)
        assert found["yield"] == pytest.approx(1 + power)


@settings(max_examples=300)
@given(giver=CELSIUS, receiver=CELSIUS, warmer=st.floats(0, 100))
def test_warmer_heat_never_does_worse(giver, receiver, warmer):
    first, second = one(giver, receiver), one(giver + warmer, receiver)
    if first["compatible"]:
        assert second["compatible"]
        assert second["electricity_kwh"] <= first["electricity_kwh"] + 1e-6
        assert second["margin"] >= first["margin"] - 1e-9
    cooler = one(giver, receiver - warmer)
    if first["compatible"]:
        assert cooler["electricity_kwh"] <= first["electricity_kwh"] + 1e-6
        assert cooler["margin"] >= first["margin"] - 1e-9


@given(giver=CELSIUS, receiver=CELSIUS)
def test_the_margin_tells_a_pump_from_direct(giver, receiver):
    found = one(giver, receiver)
    if found["compatible"]:
        assert 0 <= found["margin"] <= 1
        pumped = found["treatment"] == "heat_pump"
        assert found["margin"] <= 0.5 if pumped else found["margin"] >= 0.5


def test_the_margin_by_hand():
    assert one(75, 70)["margin"] == pytest.approx(0.5)
    assert one(85, 70)["margin"] == pytest.approx(0.75)
    assert one(95, 70)["margin"] == pytest.approx(1)
    assert one(13.95, 150)["margin"] == pytest.approx(0, abs=1e-9)
    assert one(74.9, 70)["margin"] == pytest.approx(0.5)
    # A COP of 3.8128: (3.8128 - 1.5) / 6.5 / 2
    assert one(30, 70)["margin"] == pytest.approx(0.1779, abs=5e-5)


def kinds(*rows):
    return pd.DataFrame(rows, columns=["temperature_c", "profile"])


def test_serves_gives_the_fitting_combinations_only():
    givers = kinds((30, ""), (90, "summer"), (5, "flat"))
    receivers = kinds((70, "winter"), (150, ""), (200, "flat"))
    found = heat.serves(givers, receivers)
    expected = [
        (g, r)
        for g, warm in enumerate(givers["temperature_c"])
        for r, asked in enumerate(receivers["temperature_c"])
        if by_the_contract(warm, asked)
    ]
    assert list(zip(found["giver"], found["receiver"], strict=True)) == expected
    for row in found.itertuples():
        warm = givers["temperature_c"][row.giver]
        alone = one(warm, receivers["temperature_c"][row.receiver])
        assert found.loc[row.Index, "yield"] == alone["yield"]
        codes = months.profile_codes(
            [givers["profile"][row.giver], receivers["profile"][row.receiver]]
        )
        assert row.overlap == months.overlap(*codes)


def test_serves_nobody():
    assert len(heat.serves(kinds(), kinds((70, "")))) == 0
    assert math.isclose(heat.serves(kinds((80, "")), kinds((70, "")))["overlap"][0], 1)
