"""The shipped rules, cases and bans: one vocabulary, and rules that can fire."""

from collections import defaultdict

import pytest
from kansenkaart.analysis.codes import WITH_TABLE, code_table
from kansenkaart.analysis.flows.coefficients import shipped_coefficients
from kansenkaart.analysis.flows.tables import materials
from kansenkaart.analysis.matching.rules import (
    begins,
    shipped_cases,
    shipped_forbidden,
    shipped_rules,
    unknown_prefixes,
)
from kansenkaart.analysis.resources import read_csv, resource_path

RULES = shipped_rules().to_dict("records")
BANS = shipped_forbidden().to_dict("records")
CASES = shipped_cases().to_dict("records")
IDS = {row["rule_id"] for row in RULES}
SILENT = {
    (row["rule_id"], row["code_list"]): row["reason"]
    for row in read_csv("matching", "silent_rules.csv")
}
NAMES = (
    "rules", "cases", "forbidden", "uses", "material_uses", "activity_uses",
    "no_use", "no_offer", "silent_rules",
)  # fmt: skip
PROPERTIES = {
    "hazardous",
    "abp_category_1",
    "abp_category_2",
    "asbestos",
    "co2_flue_untreated",
    "foodstuff_with_meat_or_fish",
    "pfas_above_limit",
    "pops_above_limit",
    "tar_asphalt",
    "water_untreated_sewage",
    "wood_preserved",
}


def by_stream():
    """Highest figure of each prefix, by direction, carrier and material."""
    found = defaultdict(dict)
    for row in shipped_coefficients().to_dict("records"):
        if row["per"] == "job":
            stream = found[row["direction"], row["carrier"], row["material"]]
            stream[row["sbi"]] = max(row["high"], stream.get(row["sbi"], 0))
    return found


STREAMS = by_stream()


def coefficients_of(code_list, direction, carrier, material, prefixes):
    """Prefixes of the coefficients that count for a code which a rule names."""
    stream = STREAMS[direction, carrier, material]
    deciding = set()
    for code in code_table(code_list):
        own = [prefix for prefix in stream if code.startswith(prefix)]
        if own and begins(prefixes, code):
            deciding.add(max(own, key=len))
    return sorted(prefix for prefix in deciding if stream[prefix] > 0)


def both_sides(rule, code_list):
    """What supplies a rule and what asks for what it replaces."""
    told = (code_list, "supply", rule["carrier"], rule["material"], rule["giver_sbi"])
    asked = (
        code_list, "demand", rule["carrier"], rule["replaces"], rule["receiver_sbi"],
    )  # fmt: skip
    return coefficients_of(*told), coefficients_of(*asked)


@pytest.mark.parametrize("name", NAMES)
def test_files_are_plain_and_counted(name):
    text = resource_path("matching", f"{name}.csv").read_text(encoding="utf-8")
    lines = text.splitlines()
    assert text.endswith("\n") and "\r" not in text and '"' not in text
    for line in lines:
        cells = line.split(";")
        assert len(cells) == lines[0].count(";") + 1, line
        assert cells == [cell.strip() for cell in cells], line
    readme = resource_path("matching", "README.md").read_text(encoding="utf-8")
    assert f"| `{name}.csv` | {len(lines) - 1} |" in readme


def test_rules_speak_the_vocabulary():
    for rule in RULES:
        for code in (rule["material"], rule["replaces"]):
            assert materials()[code].carrier == rule["carrier"], rule["rule_id"]
        given, asked = materials()[rule["material"]], materials()[rule["replaces"]]
        assert given.role in ("residual", "both"), rule["rule_id"]
        assert asked.role in ("primary", "both") or rule["replaces"] == "mixed_rubble"
        assert given.unit == asked.unit, rule["rule_id"]


def test_prefixes_begin_codes_that_exist():
    told = [rule[side] for rule in RULES for side in ("giver_sbi", "receiver_sbi")]
    assert unknown_prefixes(told + [ban["receiver_sbi"] for ban in BANS]) == []


@pytest.mark.parametrize("code_list", WITH_TABLE)
def test_rules_are_about_activities_of_both_lists(code_list):
    known = {code[:size] for code in code_table(code_list) for size in range(2, 6)}
    for rule in RULES:
        for side in ("giver_sbi", "receiver_sbi"):
            assert set(rule[side].split("|")) & known, (rule["rule_id"], side)


@pytest.mark.parametrize("code_list", WITH_TABLE)
def test_rules_can_fire_or_say_why_not(code_list):
    """Run with -s to read which coefficients supply and demand each rule."""
    silent = set()
    for rule in RULES:
        supply, demand = both_sides(rule, code_list)
        print(code_list, rule["rule_id"], rule["material"], supply,
              "->", rule["replaces"], demand)  # fmt: skip
        if not (supply and demand):
            silent.add((rule["rule_id"], code_list))
            print("   cannot fire:", SILENT.get((rule["rule_id"], code_list)))
    assert silent == {key for key in SILENT if key[1] == code_list}
    assert all(SILENT.values())


def test_every_treatment_has_a_name():
    named = {
        row["treatment"]
        for row in read_csv("matching", "treatments.csv")
        if row["carrier"] == "material"
    }
    told = {rule["treatment"] for rule in RULES} - {""}
    uses = {row["treatment"] for row in read_csv("matching", "material_uses.csv")}
    assert told | (uses - {""}) == named


def test_physics_decides_where_there_is_physics():
    for rule in RULES:
        if rule["carrier"] != "material":
            assert rule["treatment"] == "" and rule["yield"] == 1, rule["rule_id"]
            assert rule["quality_out"], rule["rule_id"]


def test_no_rule_rests_on_a_source_that_nobody_saw():
    for rule in RULES:
        assert "not re-checked" not in rule["source"], rule["rule_id"]
        assert not rule["source"].startswith("aanname"), rule["rule_id"]


def test_cases_are_of_rules_and_have_a_country():
    for case in CASES:
        assert case["rule_id"] in IDS
        country = case["place"].split()[-1:]
        assert all(len(word) == 2 and word.isupper() for word in country), case


def test_evidence_of_the_shipped_rules_is_counted():
    for rule in RULES:
        rows = [case for case in CASES if case["rule_id"] == rule["rule_id"]]
        assert rule["evidence"] == len(rows)


def test_bans_are_of_something_that_is_known():
    for ban in BANS:
        assert bool(ban["material"]) != bool(ban["property"])
        assert ban["material"] in {*materials(), ""}
        assert ban["property"] in PROPERTIES | {""}


def test_every_property_of_a_material_is_in_a_ban():
    told = {ban["property"] for ban in BANS}
    for material in materials().values():
        assert set(filter(None, material.properties.split(";"))) <= told


def meets(some, others):
    """Whether a code can fall under prefixes of both lists."""
    return "*" in (some, others) or any(
        one.startswith(other) or other.startswith(one)
        for one in some.split("|")
        for other in others.split("|")
    )


def test_no_rule_contradicts_a_ban():
    for rule in RULES:
        told = {rule["material"], *materials()[rule["material"]].properties.split(";")}
        for ban in BANS:
            about = (ban["material"] or ban["property"]) in told
            touches = about and meets(ban["receiver_sbi"], rule["receiver_sbi"])
            assert not touches, (rule["rule_id"], ban["use"])
