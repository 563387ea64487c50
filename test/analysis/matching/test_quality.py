"""Ways from class to class on an invented ladder, and how one of several is chosen."""

import numpy as np
import pandas as pd
import pytest
from kansenkaart.analysis.matching import quality

CLASSES = ["clean", "fair", "dirty"]


def ladder(values):
    return pd.DataFrame(values, CLASSES, CLASSES)


DIRECT = ladder(np.triu(np.ones((3, 3), dtype=bool)))
NO_ROOM = ladder(np.zeros((3, 3)))


def treated(*rows):
    """Treatments as: id, from, to, yield, kWh, MWh of heat."""
    names = [
        "treatment", "from_class", "to_class", "yield", "electricity_kwh_per_unit",
        "heat_mwh_per_unit",
    ]  # fmt: skip
    table = pd.DataFrame(rows, columns=names)
    return table.assign(reject="brine", reject_per_unit=0.5)


def chosen(table, giver="dirty", receiver="clean", own=()):
    ways = quality.routes(DIRECT, NO_ROOM, table, own)
    return quality.transfer(ways, [giver], [receiver])["treatment"][0]


def test_least_energy_then_yield_then_id():
    warm = ("warm", "dirty", "clean", 0.99, 1.0, 0.01)
    power = ("power", "dirty", "clean", 0.5, 10.9, 0.0)
    assert chosen(treated(warm, power)) == "power"
    lossy = ("lossy", "dirty", "clean", 0.4, 10.9, 0.0)
    assert chosen(treated(lossy, power)) == "power"
    again = ("again", "dirty", "clean", 0.5, 10.9, 0.0)
    assert chosen(treated(power, again)) == chosen(treated(again, power)) == "again"


def test_a_treatment_takes_in_what_is_better_and_gives_to_what_asks_less():
    table = treated(("wash", "dirty", "fair", 0.9, 1.0, 0.0))
    ways = quality.routes(DIRECT, NO_ROOM, table)
    assert ways["treatment"].to_dict() == {
        ("clean", "clean"): "",
        ("clean", "fair"): "",
        ("clean", "dirty"): "",
        ("fair", "fair"): "",
        ("fair", "dirty"): "",
        ("dirty", "dirty"): "",
        ("dirty", "fair"): "wash",
    }


def test_a_class_of_its_own_is_reached_by_its_own_treatment_only():
    table = treated(("to_clean", "dirty", "clean", 0.9, 1.0, 0.0))
    assert chosen(table, receiver="fair") == "to_clean"
    ways = quality.routes(DIRECT, NO_ROOM, table, own=["fair"])
    assert ("dirty", "fair") not in ways.index
    assert ("clean", "fair") in ways.index and ("dirty", "clean") in ways.index
    made = treated(("to_fair", "dirty", "fair", 0.9, 2.0, 0.0))
    both = pd.concat([table, made], ignore_index=True)
    assert chosen(both, receiver="fair", own=["fair"]) == "to_fair"


def test_margins():
    room = ladder(np.full((3, 3), 0.4))
    table = treated(("wash", "dirty", "fair", 0.9, 1.0, 0.0))
    margin = quality.routes(DIRECT, room, table)["margin"]
    assert margin["clean", "fair"] == pytest.approx(0.7)
    assert margin["dirty", "fair"] == pytest.approx(0.45)


def test_treatments_are_numbers_where_there_are_any():
    heat = quality.treatments("heat")
    assert heat["treatment"].tolist() == ["heat_pump"] and heat["yield"].isna().all()
    water = quality.treatments("water")
    assert water["yield"].between(0, 1).all()
    assert water["treatment"].is_monotonic_increasing
