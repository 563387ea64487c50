"""Reading rules, cases and forbidden combinations, and counting evidence."""

import pytest
from kansenkaart.analysis.errors import RefusalError
from kansenkaart.analysis.matching.rules import (
    begins,
    choose_rules,
    evidence,
    leaving_out,
    read_cases,
    read_forbidden,
    read_rules,
    rule_remarks,
    same_place,
    shipped_rules,
)

HEAD = (
    "rule_id;carrier;giver_sbi;material;receiver_sbi;replaces;r_strategy;treatment;"
    "yield;quality_out;reach_km;legal;source"
)
ROW = {
    "rule_id": "R1",
    "carrier": "material",
    "giver_sbi": "1105",
    "material": "brewers_grain",
    "receiver_sbi": "014|0150",
    "replaces": "soy_meal",
    "r_strategy": "R7",
    "treatment": "drying",
    "yield": "0,9",
    "quality_out": "wet feed",
    "reach_km": "80",
    "legal": "a note",
    "source": "somebody 2020",
}


def file(*changes, extra=""):
    """A file of rules; each change is what differs from ROW."""
    columns = HEAD.split(";") + [name for name in extra.split(";") if name]
    lines = [
        ";".join({**ROW, **change}.get(name, "") for name in columns)
        for change in changes
    ]
    return "\n".join([";".join(columns), *lines]) + "\n"


def read(*changes, extra=""):
    return read_rules(file(*changes, extra=extra), "RULES")


def cases(*rows):
    lines = "\n".join(["rule_id;place;year;source", *rows])
    return read_cases(lines + "\n", "cases.csv")


def test_a_rule_is_read_in_its_type():
    row = read({"evidence": "3"}, extra="evidence").iloc[0]
    assert row["yield"] == 0.9 and row["reach_km"] == 80
    assert row["evidence"] == 3
    assert row["remark"] == row["hazard_note"] == ""


def test_what_may_be_empty():
    empty = dict.fromkeys(
        ("replaces", "treatment", "yield", "quality_out", "reach_km", "legal"), ""
    )
    row = read(empty).iloc[0]
    assert row["replaces"] == "brewers_grain"
    assert row["yield"] == 1 and row["evidence"] == 0
    assert row["reach_km"] != row["reach_km"]
    assert row["treatment"] == row["legal"] == ""


def test_rules_are_sorted_and_prefixes_are_said_once():
    rules = read({"rule_id": "b"}, {"rule_id": "a", "giver_sbi": "11 | 1105|11"})
    assert list(rules["rule_id"]) == ["a", "b"]
    assert rules["giver_sbi"].iloc[0] == "11|1105"


def test_a_star_is_every_activity():
    assert read({"giver_sbi": "*"}).iloc[0]["giver_sbi"] == "*"
    assert begins("*", "0111") and begins("10|11", "1105")
    assert not begins("1105", "11")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"rule_id": ""}, "row 2"),
        ({"carrier": "steam"}, "steam"),
        ({"carrier": "heat"}, "brewers_grain"),
        ({"carrier": "heat", "material": "heat", "replaces": "water"}, "water"),
        ({"material": "water"}, "water"),
        ({"giver_sbi": ""}, "giver_sbi"),
        ({"giver_sbi": "C10"}, "C10"),
        ({"giver_sbi": "10|*"}, "10|*"),
        ({"receiver_sbi": "10,11"}, "10,11"),
        ({"receiver_sbi": "1"}, "receiver_sbi"),
        ({"r_strategy": "R12"}, "R12"),
        ({"yield": "1.2"}, "1.2"),
        ({"yield": "0"}, "above 0"),
        ({"reach_km": "-1"}, "-1"),
        ({"reach_km": "far"}, "far"),
        ({"source": ""}, "source"),
    ],
)
def test_a_row_that_cannot_be_used_is_refused_by_its_number(change, words):
    with pytest.raises(RefusalError) as error:
        read(change)
    for language in ("en", "nl"):
        said = error.value.sentence(language)
        assert "RULES" in said and "{" not in said
    assert words in error.value.sentence("en")
    assert "row 2" in error.value.sentence("en")


def test_a_class_of_water_must_be_one():
    water = {"carrier": "water", "material": "water", "replaces": ""}
    assert read({**water, "quality_out": "demin"}).iloc[0]["replaces"] == "water"
    with pytest.raises(RefusalError, match="wet feed"):
        read(water)


def test_double_ids_and_other_columns_are_refused():
    with pytest.raises(RefusalError, match="rows 2 and 3"):
        read({}, {"material": "whey"})
    with pytest.raises(RefusalError, match="colour"):
        read({}, extra="colour")
    with pytest.raises(RefusalError, match="source"):
        read_rules("rule_id;carrier\n", "RULES")


BOTH = {"legal_nl": "een opmerking", "legal_en": "a remark", "source_nl": "iemand 2020"}


def read_both(language):
    """Two rules in columns of two languages, which the first fills."""
    text = file(BOTH, {"rule_id": "R2"}, extra=";".join(BOTH))
    return read_rules(text, "RULES", language).to_dict("records")


def test_texts_may_stand_in_two_languages():
    both, plain = read_both("nl")
    assert (both["legal"], both["source"]) == ("een opmerking", "iemand 2020")
    assert (plain["legal"], plain["source"]) == ("a note", "somebody 2020")
    both, plain = read_both("en")
    assert (both["legal"], both["source"]) == ("a remark", "somebody 2020")
    assert plain["legal"] == "a note"
    assert {*both} == {*read({}).columns}


def test_what_no_planner_reads_has_no_column_in_a_language():
    with pytest.raises(RefusalError, match="remark_nl"):
        read({}, extra="remark_nl")


def test_nothing_but_the_texts_depends_on_the_language():
    dutch, english = shipped_rules("nl"), shipped_rules("en")
    texts = ["legal", "hazard_note", "source"]
    assert dutch.drop(columns=texts).equals(english.drop(columns=texts))
    assert not dutch[texts].equals(english[texts])


def test_unknown_codes_are_kept_and_told():
    rules = read({"material": "moon_dust", "giver_sbi": "9999"})
    assert rules.iloc[0]["material"] == "moon_dust"
    (materials, names), (prefixes, codes) = rule_remarks(rules)
    assert (materials, prefixes) == (
        "matching.materials_unknown",
        "matching.prefixes_unknown",
    )
    assert names == {"names": "moon_dust"} and codes == {"names": "9999"}
    assert rule_remarks(read({})) == []


def test_own_rules_replace_and_extra_rules_extend_and_override():
    own = choose_rules(file({"rule_id": "M001"}))
    assert list(own["rule_id"]) == ["M001"]
    shipped = shipped_rules()
    both = choose_rules(extra=file({"rule_id": "M001"}, {"rule_id": "Z1"}))
    assert set(both["rule_id"]) == {*shipped["rule_id"], "Z1"}
    assert both.set_index("rule_id").loc["M001", "source"] == "somebody 2020"
    assert choose_rules(extra=file({}), own=file()).equals(read({}))


def test_the_order_of_the_rows_does_not_matter(same_tables):
    rows = [{"rule_id": name} for name in "dacb"]
    same_tables(read(*rows), read(*reversed(rows)))


def test_evidence_is_the_number_of_documented_exchanges():
    rules = read({"rule_id": "a"}, {"rule_id": "b"}, {"rule_id": "c"})
    told = cases("a;Ghent BE;;x", "a;Ede NL;2015;y", "b;;;z", "other;;;z")
    assert evidence(rules, told) == [2, 1, 0]
    assert evidence(rules, told, "Gent Noord BE") == [2, 0, 0]
    assert evidence(rules, told, "Ghent") == [1, 0, 0]


def test_a_rule_that_rests_on_a_place_alone_goes_with_it():
    rules = read({"rule_id": "a"}, {"rule_id": "b"}, {"rule_id": "c"})
    told = cases("a;Ghent BE;;x", "a;Ede NL;;y", "b;Ede NL;;z")
    left = leaving_out(rules, told, "Ede NL")
    assert left[["rule_id", "evidence"]].values.tolist() == [["a", 1]]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Ghent BE", "Ghent BE", True),
        ("Kalundborg DK", "Kalundborg-Aalborg DK", True),
        ("Botlek Rotterdam NL", "Rotterdam-Westland NL", True),
        ("kalundborg", "Kalundborg DK", True),
        ("Ghent BE", "Terneuzen NL", False),
        ("Ghent BE", "Tienen BE", False),
        ("NL", "Terneuzen NL", True),
        ("NL", "Ghent BE", False),
        ("NL", "Ghent", True),
        ("", "Ghent BE", True),
    ],
)
def test_names_that_may_mean_one_place(one, other, same):
    assert same_place(one, other) is same
    assert same_place(other, one) is same


def test_a_case_that_cannot_be_used_is_refused():
    with pytest.raises(RefusalError, match="1500"):
        cases("a;Ghent BE;1500;x")
    with pytest.raises(RefusalError, match="source"):
        cases("a;Ghent BE;2015;")


def test_what_is_forbidden_is_of_a_material_or_of_a_property():
    head = "material_or_property;receiver_sbi;use;reason;source\n"
    rows = "manure;10|11;food;faeces;law\nproperty:asbestos;*;any;fibres;law\n"
    table = read_forbidden(head + rows, "forbidden.csv")
    assert table["material"].tolist() == ["manure", ""]
    assert table["property"].tolist() == ["", "asbestos"]
    with pytest.raises(RefusalError, match="reason"):
        read_forbidden(head + "manure;10;food;;law\n", "forbidden.csv")
    with pytest.raises(RefusalError, match="rows 2 and 3"):
        read_forbidden(head + rows[: rows.index("p")] * 2, "forbidden.csv")
