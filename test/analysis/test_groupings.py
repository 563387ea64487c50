"""Groupings of activities: the shipped ones, and a user's file with what goes wrong."""

import pytest
from kansenkaart.analysis.codes import code_table, section_of
from kansenkaart.analysis.errors import RefusalError
from kansenkaart.analysis.groupings import (
    choose_grouping,
    group_rows,
    shipped_grouping,
    shipped_groupings,
)
from kansenkaart.analysis.resources import read_csv, read_toml

CLASSES = sorted(code for code in code_table("nacebel2008") if len(code) == 4)


def own(content):
    """A grouping of a user's file."""
    return choose_grouping("map/eigen.csv", lambda _: content)


def refusal(content):
    with pytest.raises(RefusalError) as refused:
        own(content)
    return refused.value


@pytest.mark.parametrize("name", shipped_groupings())
def test_shipped_groupings_are_whole(name):
    grouping = shipped_grouping(name)
    assert grouping.unknown == ()
    for language in ("nl", "en"):
        assert read_toml("texts", language, "groupings.toml")["title"][name]
        for group in grouping.groups:
            assert grouping.name(group, language) != group


@pytest.mark.parametrize("name", shipped_groupings())
def test_an_establishment_counts_once_unless_the_grouping_says_so(name):
    counted = group_rows(CLASSES, shipped_grouping(name)).groupby("row").size()
    assert (counted.max() > 1) == (name == "agendas_study")


def test_sections_and_divisions_leave_nothing_out():
    for name in ("all", "section", "division"):
        assert len(group_rows(CLASSES, shipped_grouping(name))) == len(CLASSES)
    assert shipped_grouping("section").groups_of("2014") == (section_of()["20"],)
    assert shipped_grouping("division").groups_of("20141") == ("20",)


def test_the_study_counts_chemistry_with_manufacturing_too():
    assert shipped_grouping("agendas_study").groups_of("2014") == ("WA3", "WA4")
    assert shipped_grouping("agendas").groups_of("2014") == ("WA3",)


def test_passenger_transport_is_logistics_only_in_the_study():
    assert shipped_grouping("agendas_study").groups_of("4932") == ("logistics",)
    assert shipped_grouping("agendas").groups_of("4932") == ()
    assert shipped_grouping("agendas").groups_of("4941") == ("logistics",)


def test_shipped_files_are_sorted_and_separate():
    for name in set(shipped_groupings()) - {"all", "section", "division"}:
        rows = read_csv("groupings", f"{name}.csv")
        assert len({(row["sbi"], row["group"]) for row in rows}) == len(rows)


def test_the_longest_beginning_decides():
    grouping = own("sbi;group\n20;chemie\n20.1;basis\n2014;organisch\n")
    assert grouping.groups_of("20411") == ("chemie",)
    assert grouping.groups_of("2013") == ("basis",)
    assert grouping.groups_of("20149") == ("organisch",)
    assert grouping.groups_of("21") == ()


def test_a_section_stands_for_its_divisions_and_a_code_beats_it():
    grouping = own("sbi;group;name_nl\nC;maak;Maken\n20;chemie;Chemie\n")
    assert grouping.groups_of("1011") == ("maak",)
    assert grouping.groups_of("2014") == ("chemie",)
    assert grouping.name("maak", "nl") == "Maken"
    assert grouping.name("maak", "en") == "maak"


def test_overlap_counts_beside_what_a_code_belongs_to():
    grouping = own("sbi;group;overlap\n20;chemie;\nC;maak;ja\n")
    assert grouping.groups_of("2014") == ("chemie", "maak")
    assert grouping.groups_of("1011") == ("maak",)


def test_the_order_of_rows_does_not_matter():
    head = "sbi;group;overlap;name_nl"
    rows = ["20;a;;A", "201;b;;B", "C;c;yes;C"]
    assert own("\n".join([head, *rows])) == own("\n".join([head, *rows[::-1]]))


def test_rows_of_groups_in_the_order_of_the_rows():
    grouping = own("sbi;group;overlap\n20;b;\n20;a;yes\n10;c;\n")
    found = group_rows(["2014", "4711", "1011", "2014"], grouping)
    assert found.to_dict("list") == {
        "row": [0, 0, 2, 3, 3],
        "group": ["a", "b", "c", "a", "b"],
    }


def test_codes_that_no_list_knows_are_named():
    grouping = own("sbi;group\n20;chemie\n987;niets\nZZ;niets\n")
    assert grouping.unknown == ("987", "ZZ")
    (remark,) = grouping.remarks()
    assert remark == (
        "groupings.codes_unknown",
        {"name": "eigen.csv", "codes": "987, ZZ"},
    )


def test_five_digits_are_remarked():
    keys = [key for key, _ in own("sbi;group\n01131;tuinbouw\n").remarks()]
    assert keys == ["groupings.below_four"]


@pytest.mark.parametrize(
    ("content", "key", "value"),
    [
        ("sbi;group\n20;a\n20;b\n", "groupings.double", "20"),
        ("sbi;group\nC;a\nC;b\n", "groupings.double", ": C."),
        ("sbi;group\n", "groupings.empty", "eigen.csv"),
        ("", "messages.table_columns", "–"),
        ("sbi;groep\n20;a\n", "messages.table_columns", "groep"),
        ("sbi,group\n20,a\n", "messages.table_columns", "sbi,group"),
        ("sbi;group;kleur\n20;a;rood\n", "messages.table_columns", "kleur"),
        ("sbi;group\n;a\n", "groupings.row_incomplete", "eigen.csv"),
        ("sbi;group\n20;\n", "groupings.row_incomplete", "eigen.csv"),
        ("sbi;group;overlap\n20;a;misschien\n", "groupings.overlap_unreadable", "miss"),
        ("sbi;group;name_nl\n20;a;A\n21;a;B\n", "groupings.two_names", "a"),
    ],
)
def test_what_is_wrong_in_a_file_is_a_sentence(content, key, value):
    refused = refusal(content)
    assert refused.key == key
    for language in ("nl", "en"):
        assert value in refused.sentence(language)


def test_an_unknown_grouping_names_the_known_ones():
    with pytest.raises(RefusalError) as refused:
        choose_grouping("sectie", str)
    assert "section, division" in refused.value.sentence("nl")


def test_names_from_a_file_stay_text():
    grouping = own('sbi;group;overlap;name_nl;name_en\n20;"=1+1<b>";;"a;b";\n')
    assert grouping.name("=1+1<b>", "nl") == "a;b"
