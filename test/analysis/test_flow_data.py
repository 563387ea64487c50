"""The shipped tables of flows: one vocabulary, sane numbers, a source in every row."""

from collections import Counter, defaultdict
from itertools import pairwise

import pytest
from kansenkaart.analysis.codes import code_table
from kansenkaart.analysis.resources import read_csv, resource_path
from kansenkaart.analysis.vocabulary import FACILITY_KINDS, ZONE_KINDS

FILES = sorted(path.name for path in resource_path("flows").glob("*.csv"))
CARRIERS = ("material", "water", "heat", "co2")
UNITS = {
    "material": {"t/y", "MWh/y"},
    "water": {"m3/y"},
    "heat": {"MWh/y"},
    "co2": {"t/y"},
}
HEAD = (
    "sbi;direction;carrier;material;low;mode;high;unit;per;kind;temperature_c;"
    "return_c;quality;profile;contracted_share;data_quality;year;source;source_nl;"
    "derivation"
)
CATCH_ALL = {"hazardous_waste", "residual_waste", "aqueous_waste", "industrial_sludge"}
PROPERTIES = {
    "",
    "abp_category_2",
    "asbestos",
    "hazardous",
    "pops_above_limit",
    "tar_asphalt",
    "wood_preserved",
}
NAMES = {"profile", "name_nl", "name_en", "source"}


def table(name):
    return read_csv("flows", f"{name}.csv")


MATERIALS = {row["material"]: row for row in table("materials")}
CLASSES = {
    "material": {""},
    "water": {row["class"] for row in table("water_classes")},
    "heat": {row["band"] for row in table("heat_bands")},
    "co2": {row["class"] for row in table("co2_classes")},
}
NUMBERED = table("coefficients") + table("facility_factors")
PER_JOB = [row for row in table("coefficients") if row["per"] == "job"]


def sets_by_prefix():
    """What one prefix says of one stream: its classes with their numbers."""
    found = defaultdict(dict)
    for row in PER_JOB:
        stream = (row["direction"], row["carrier"], row["material"])
        numbers = tuple(float(row[field]) for field in ("low", "mode", "high"))
        found[row["sbi"], stream][row["quality"]] = numbers
    return found


@pytest.mark.parametrize("name", FILES)
def test_files_are_plain(name):
    text = resource_path("flows", name).read_text(encoding="utf-8")
    lines = text.splitlines()
    width = lines[0].count(";")
    assert text.endswith("\n") and "\r" not in text and '"' not in text
    for line in lines:
        cells = line.split(";")
        assert len(cells) == width + 1, line
        assert cells == [cell.strip() for cell in cells], line


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("materials", ["material"]),
        ("material_groups", ["group"]),
        ("eural", ["eural"]),
        ("reach", ["carrier", "material"]),
        ("water_classes", ["class"]),
        ("water_parameters", ["parameter"]),
        ("water_limits", ["class", "parameter"]),
        ("heat_bands", ["band"]),
        ("co2_classes", ["class"]),
        ("profiles", ["profile"]),
        ("facility_inputs", ["input"]),
        ("same_stream", ["per", "kind", "carrier", "material"]),
        (
            "coefficients",
            ["per", "kind", "sbi", "direction", "carrier", "material", "quality"],
        ),
        (
            "facility_factors",
            ["kind", "input", "direction", "carrier", "material", "quality"],
        ),
    ],
)
def test_keys_are_unique(name, key):
    counted = Counter(tuple(row[field] for field in key) for row in table(name))
    assert [found for found, times in counted.items() if times > 1] == []


@pytest.mark.parametrize("name", FILES)
def test_names_are_given_and_unique(name):
    rows = read_csv("flows", name)
    for field in ("name_nl", "name_en"):
        if field in rows[0]:
            names = [row[field] for row in rows]
            assert all(names) and len(set(names)) == len(names)


def test_materials_speak_the_vocabulary():
    groups = {row["group"] for row in table("material_groups")}
    themes = {row["group"] for row in read_csv("groupings", "themes.csv")}
    assert {row["group"] for row in MATERIALS.values()} == groups
    for code, row in MATERIALS.items():
        assert row["theme"] in themes | {""}, code
        assert row["carrier"] in CARRIERS, code
        assert (row["carrier"] == code) == (row["carrier"] != "material"), code
        assert row["unit"] in UNITS[row["carrier"]], code
        assert row["role"] in ("residual", "primary", "both"), code
        assert row["hazardous_possible"] in ("0", "1"), code
        assert set(row["properties"].split("|")) <= PROPERTIES, code
        ladder = set(filter(None, row["r_strategies"].split("|")))
        assert ladder <= {f"R{step}" for step in range(10)}, code
        assert 0 <= float(row["contracted_share_default"]) <= 1, code
        assert row["contracted_share_source"], code


def test_every_residual_has_what_a_planner_asks_for():
    for code, row in MATERIALS.items():
        if row["role"] != "primary" and code != "hazardous_waste":
            assert row["r_strategies"], code
            assert float(row["typical_reach_km"]) > 0, code


def test_an_eural_code_finds_exactly_one_material():
    choices = {row["eural"]: row for row in table("eural")}
    assert len(choices) == 842
    chapters = {f"{chapter:02}" for chapter in range(1, 21)}
    assert {code[:2] for code in choices} == chapters
    for code, row in choices.items():
        assert len(code) == 6 and code.isdigit()
        material = MATERIALS[row["material"]]
        assert material["carrier"] == "material" and material["role"] != "primary"
        assert row["hazardous"] in ("0", "1") and row["properties"] in PROPERTIES
        assert row["hazardous"] == "0" or material["hazardous_possible"] == "1", code
        listed = material["eural_codes"].split("|")
        assert row["material"] in CATCH_ALL or code in listed, code


def test_eural_codes_of_materials_exist():
    known = {row["eural"] for row in table("eural")}
    for code, row in MATERIALS.items():
        codes = list(filter(None, row["eural_codes"].split("|")))
        assert codes == sorted(set(codes)) and set(codes) <= known, code


def test_the_hazardous_entries_are_those_of_the_list():
    """Counted in the list of Decision 2000/532/EC: 408 of 842 have an asterisk."""
    counted = Counter(
        row["eural"][:2] for row in table("eural") if row["hazardous"] == "1"
    )
    assert counted["17"] == 16 and counted["15"] == 3 and counted["20"] == 14
    assert counted["02"] == 1 and counted["13"] == 34
    assert sum(counted.values()) == 408


@pytest.mark.parametrize("name", ["coefficients", "facility_factors"])
def test_rows_are_sane(name):
    profiles = {row["profile"] for row in table("profiles")} | {""}
    for row in table(name):
        low, mode, high = (float(row[field]) for field in ("low", "mode", "high"))
        assert low == mode == high == 0 or 0 < low <= mode <= high, row
        material = MATERIALS[row["material"]]
        assert row["carrier"] == material["carrier"], row
        assert row["unit"] == material["unit"], row
        assert row["direction"] in ("supply", "demand"), row
        assert row["direction"] == "demand" or material["role"] != "primary", row
        assert row["quality"] in CLASSES[row["carrier"]], row
        assert row["profile"] in profiles, row
        assert row["data_quality"] in set("12345"), row
        assert row["source"] and row["derivation"], row


def test_an_aanname_has_quality_five():
    for row in NUMBERED:
        if row["source"].startswith("aanname"):
            assert row["data_quality"] == "5", row


def test_heat_lies_in_its_band():
    bands = {row["band"]: row for row in table("heat_bands")}
    for row in NUMBERED:
        if row["carrier"] == "heat":
            band = bands[row["quality"]]
            low, high = float(band["low_c"]), float(band["high_c"] or "inf")
            assert low <= float(row["temperature_c"]) <= high, row


def test_coefficients_follow_the_format():
    zones = set(ZONE_KINDS)
    modes = {"road", "rail", "water", "pipeline", "heat", "steam", "co2", "power"}
    codes = set(code_table("sbi2008")) | set(code_table("nacebel2008"))
    kinds = {"job": {""}, "inhabitant": {""}, "ha": zones, "km": modes}
    assert ";".join(table("coefficients")[0]) == HEAD
    for row in table("coefficients"):
        assert row["kind"] in kinds[row["per"]], row
        assert (row["per"] == "job") == (row["sbi"] != ""), row
        assert row["sbi"] == "" or row["sbi"] in codes, row
        assert row["year"] == "" or 1990 <= int(row["year"]) <= 2026, row
        share = row["contracted_share"]
        assert share == "" or 0 <= float(share) <= 1, row


def test_a_longer_prefix_says_something_else_than_it_inherits():
    found = sets_by_prefix()
    for (sbi, stream), numbers in found.items():
        shorter = [sbi[:length] for length in range(len(sbi) - 1, 1, -1)]
        above = next((found[p, stream] for p in shorter if (p, stream) in found), None)
        assert numbers != above, (sbi, stream)


def test_a_zero_row_switches_something_off():
    found = sets_by_prefix()
    for (sbi, stream), numbers in found.items():
        if all(values == (0, 0, 0) for values in numbers.values()):
            above = [sbi[:length] for length in range(2, len(sbi))]
            assert any((prefix, stream) in found for prefix in above), (sbi, stream)


def test_households_land_and_lines_have_rows():
    found = defaultdict(set)
    for row in table("coefficients"):
        found[row["per"]].add(row["material"])
    assert found["inhabitant"] >= {
        "gft",
        "waste_paper",
        "container_glass_cullet",
        "mixed_plastics",
        "post_consumer_textile",
        "weee_batteries",
        "water",
    }
    assert found["ha"] >= {"straw", "roadside_grass"}
    assert "roadside_grass" in found["km"]


def test_all_four_carriers_are_supplied_and_asked_for():
    found = {(row["carrier"], row["direction"]) for row in PER_JOB}
    assert found == {(c, d) for c in CARRIERS for d in ("supply", "demand")}


def test_streams_counted_twice_are_known():
    coefficients = table("coefficients")
    for row in table("same_stream"):
        assert any(
            all(row[field] == other[field] for field in ("per", "kind", "material"))
            for other in coefficients
        ), row
        assert all(prefix.isdigit() for prefix in row["sbi"].split("|")), row


def test_facility_factors_know_their_kinds_and_inputs():
    inputs = {row["input"] for row in table("facility_inputs")}
    assert {row["input"] for row in table("facility_factors")} == inputs
    assert {row["kind"] for row in table("facility_factors")} <= set(FACILITY_KINDS)


def test_reach_covers_every_residual_and_every_carrier():
    reach = {(row["carrier"], row["material"]): row for row in table("reach")}
    assert {carrier for carrier, code in reach if code == "*"} == set(CARRIERS)
    for (_, code), row in reach.items():
        assert code == "*" or code in MATERIALS
        assert float(row["reach_km"]) > 0 and row["source"]
    for code, row in MATERIALS.items():
        if row["carrier"] == "material" and row["role"] != "primary":
            km = reach["material", code]["reach_km"]
            assert float(km) == float(row["typical_reach_km"]), code


def test_profiles_are_shares_of_a_year():
    for row in table("profiles"):
        shares = [float(row[month]) for month in row.keys() - NAMES]
        assert len(shares) == 12
        assert all(0 <= share <= 1 for share in shares)
        assert sum(shares) == pytest.approx(1, abs=1e-9), row["profile"]
    assert CLASSES["water"] and {row["profile"] for row in table("profiles")} == {
        "batch",
        "flat",
        "office",
        "summer",
        "winter",
    }


def limits():
    found = defaultdict(dict)
    for row in table("water_limits"):
        found[row["class"]][row["parameter"]] = float(row["limit"])
    return found


def serves(giver, receiver):
    """Whether water within the giver's limits keeps every limit of the receiver."""
    given, asked = limits()[giver], limits()[receiver]
    return all(given.get(name, float("inf")) <= limit for name, limit in asked.items())


def test_water_limits_are_whole():
    parameters = {row["parameter"]: row["unit"] for row in table("water_parameters")}
    for row in table("water_limits"):
        assert row["class"] in CLASSES["water"]
        assert row["unit"] == parameters[row["parameter"]]
        assert float(row["limit"]) >= 0 and row["source"]
    for found in CLASSES["water"] - {"raw"}:
        assert set(limits()[found]) == set(parameters)
    assert "raw" not in limits()


@pytest.mark.parametrize(
    ("giver", "receiver", "expected"),
    [
        ("ultrapure", "demin", True),
        ("demin", "process", True),
        ("drinking", "irrigation", True),
        ("drinking", "demin", False),
        ("process", "cooling", True),
        ("irrigation", "wash", True),
        ("cooling", "cooling", True),
        ("cooling", "process", False),
        ("effluent", "irrigation", False),
        ("effluent", "cooling", False),
        ("grey", "wash", False),
        ("raw", "cooling", False),
    ],
)
def test_water_classes_serve_as_one_expects(giver, receiver, expected):
    assert serves(giver, receiver) is expected


def test_co2_classes_are_a_ladder_of_purity():
    ladder = sorted(table("co2_classes"), key=lambda row: int(row["order"]))
    assert [row["class"] for row in ladder] == ["flue", "raw", "technical", "food"]
    shares = [float(row["min_share"]) for row in ladder]
    assert shares == sorted(shares)


def test_heat_bands_touch_without_a_gap():
    bands = sorted(table("heat_bands"), key=lambda row: float(row["low_c"]))
    for below, above in pairwise(bands):
        assert below["high_c"] == above["low_c"]
    assert bands[-1]["high_c"] == ""


def test_tables_are_sorted():
    for name in ("materials", "eural", "reach", "water_limits", "profiles"):
        keys = [list(row.values())[:2] for row in table(name)]
        assert keys == sorted(keys), name


def test_the_readme_counts_its_rows():
    """The README says how many rows each file has; it is read by people."""
    text = resource_path("flows", "README.md").read_text(encoding="utf-8")
    for name in ("materials", "eural", "reach", "coefficients", "facility_factors"):
        assert f"| `{name}.csv` | {len(table(name))} |" in text, name
    made = [row for row in MATERIALS.values() if row["carrier"] == "material"]
    assert f"a material ({len(made)})" in text


def test_the_readme_counts_what_rows_rest_on():
    text = resource_path("flows", "README.md").read_text(encoding="utf-8")
    others = [row for row in table("coefficients") if row["per"] != "job"]
    columns = (PER_JOB, others, table("facility_factors"), table("water_limits"))
    counts = [Counter(row["data_quality"] for row in rows) for rows in columns]
    for quality in "12345":
        cells = " | ".join(str(count[quality]) for count in counts)
        assert any(
            line.startswith(f"| {quality} |") and line.endswith(f"| {cells} |")
            for line in text.splitlines()
        ), quality
    told = Counter(map(_rests_on, PER_JOB))
    assert (
        f"{told['figure']} rest on a published figure, {told['both']} on an aanname "
        f"about one, {told['aanname']} on an aanname alone"
    ) in text
    assert f"{told['nothing']} switch something off" in text


def _rests_on(row):
    if float(row["high"]) == 0:
        return "nothing"
    if not row["source"].startswith("aanname"):
        return "figure"
    alone = row["source"] == "aanname" or row["source"].startswith("aanname:")
    return "aanname" if alone else "both"
