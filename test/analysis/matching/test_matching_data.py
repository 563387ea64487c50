"""The shipped treatments and avoided factors: known words, sane numbers, a source."""

from collections import Counter, defaultdict

import pytest
from kansenkaart.analysis.resources import read_csv, resource_path

TREATMENTS = read_csv("matching", "treatments.csv")
BY_CLASS = [row for row in TREATMENTS if row["carrier"] in ("water", "co2")]
AVOIDED = read_csv("matching", "avoided.csv")
MATERIALS = {row["material"]: row for row in read_csv("flows", "materials.csv")}
CLASSES = {
    carrier: {row["class"] for row in read_csv("flows", f"{carrier}_classes.csv")}
    for carrier in ("water", "co2")
}
REJECTS = {"brine": "m3/m3", "backwash": "m3/m3", "sludge": "kg/m3", "off_gas": "t/t"}
NEITHER = {"electricity": "t/kWh", "transport": "t/tkm"}


@pytest.mark.parametrize("name", ["treatments", "avoided"])
def test_files_are_plain(name):
    text = resource_path("matching", f"{name}.csv").read_text(encoding="utf-8")
    lines = text.splitlines()
    assert text.endswith("\n") and "\r" not in text and '"' not in text
    for line in lines:
        cells = line.split(";")
        assert len(cells) == lines[0].count(";") + 1, line
        assert cells == [cell.strip() for cell in cells], line


def test_keys_are_unique():
    keys = ("carrier", "treatment", "from_class", "to_class")
    counted = Counter(tuple(row[key] for key in keys) for row in TREATMENTS)
    assert set(counted.values()) == {1}
    assert len({row["material"] for row in AVOIDED}) == len(AVOIDED)


def test_a_treatment_has_one_name():
    names = defaultdict(set)
    for row in TREATMENTS:
        names[row["treatment"]].add((row["name_nl"], row["name_en"]))
        assert row["name_nl"] and row["name_en"]
    assert all(len(found) == 1 for found in names.values())


@pytest.mark.parametrize("row", BY_CLASS, ids=str)
def test_treatments_are_sane(row):
    known = CLASSES[row["carrier"]]
    assert {row["from_class"], row["to_class"]} <= known
    assert row["from_class"] != row["to_class"]
    assert 0 < float(row["yield"]) < 1
    assert float(row["electricity_kwh_per_unit"]) > 0
    assert float(row["heat_mwh_per_unit"]) >= 0
    assert REJECTS[row["reject"]] == row["reject_unit"]


@pytest.mark.parametrize("row", BY_CLASS, ids=str)
def test_what_goes_in_comes_out(row):
    """Of what is rejected in its own unit, all that does not arrive."""
    arrives, left = float(row["yield"]), float(row["reject_per_unit"])
    if row["reject"] == "sludge":
        # A kilo of dry matter takes some 20 to 150 kg of water with it.
        assert 0.003 < left * 0.02 < left * 0.15 < 0.03
    else:
        assert arrives * (1 + left) == pytest.approx(1, abs=1e-3)


def limit(name, parameter):
    for row in read_csv("flows", "water_limits.csv"):
        if (row["class"], row["parameter"]) == (name, parameter):
            return float(row["limit"])
    return float("inf")


def test_only_membranes_for_salt_take_salt_out():
    """Where salt falls without them, the remark says what that counts on."""
    for row in BY_CLASS:
        salts = [
            limit(row["to_class"], salt) < limit(row["from_class"], salt)
            for salt in ("ec", "cl", "hardness")
        ]
        desalts = {"ro", "edi"} & set(row["treatment"].split("_"))
        if row["carrier"] == "water" and any(salts) and not desalts:
            assert row["remark"], row


def test_an_aanname_has_quality_five():
    for row in (*TREATMENTS, *AVOIDED):
        assert row["source"] and row["derivation"], row
        assert row["data_quality"] in set("12345"), row
        if row["source"].startswith("aanname"):
            assert row["data_quality"] == "5", row


def test_avoided_factors_are_of_what_can_be_replaced():
    for row in AVOIDED:
        low, mode, high = (float(row[name]) for name in ("co2_low", "co2", "co2_high"))
        assert 0 <= low <= mode <= high, row
        material = MATERIALS.get(row["material"])
        if material:
            assert material["role"] in ("primary", "both"), row
            assert row["unit"] == f"t/{material['unit'].removesuffix('/y')}", row
        else:
            assert row["unit"] == NEITHER[row["material"]], row


def test_what_every_lead_needs_has_a_factor():
    found = {row["material"] for row in AVOIDED}
    assert found >= {"electricity", "transport", "water", "heat", "natural_gas", "co2"}


def test_heat_is_natural_gas_in_a_boiler():
    factors = {row["material"]: float(row["co2"]) for row in AVOIDED}
    assert factors["heat"] == pytest.approx(factors["natural_gas"] / 0.9, abs=1e-3)


def test_a_heat_pump_saves_with_the_power_of_today():
    """From a COP of 1.5 on, so that no proposed pump is worse than a boiler."""
    factors = {row["material"]: float(row["co2"]) for row in AVOIDED}
    assert factors["electricity"] * 1000 / 1.5 < factors["heat"]


def test_tables_are_sorted_and_counted():
    keys = [
        [row[name] for name in ("carrier", "treatment", "from_class", "to_class")]
        for row in TREATMENTS
    ]
    assert keys == sorted(keys)
    names = [row["material"] for row in AVOIDED]
    assert names == sorted(names)
    text = resource_path("matching", "README.md").read_text(encoding="utf-8")
    for name, rows in (("treatments", TREATMENTS), ("avoided", AVOIDED)):
        assert f"| `{name}.csv` | {len(rows)} |" in text, name
