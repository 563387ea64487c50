"""Reading uses, what materials serve for, and what activities use."""

import pytest
from kansenkaart.analysis.errors import RefusalError
from kansenkaart.analysis.matching.uses import (
    read_activity_uses,
    read_material_uses,
    read_uses,
    use_remarks,
)

USES = (
    "use;name_nl;name_en;r_strategy;loop;typical_reach_km\n"
    "fuel;brandstof;fuel;R9;long;80\n"
    "feed;voer;feed;R7;medium;60\n"
)
MATERIALS = (
    "material;use;suitability;treatment;yield;hazard_note;data_quality;source\n"
    "whey;feed;0,6;drying;;;5;aanname\n"
)
ACTIVITIES = (
    "sbi;use;replaces;importance;data_quality;source\n"
    "0146;feed;feed_grain;1;4;aanname\n"
)


def uses(content=USES):
    return read_uses(content, "uses.csv")


def materials(content=MATERIALS):
    return read_material_uses(content, "material_uses.csv", uses())


def activities(content=ACTIVITIES):
    return read_activity_uses(content, "activity_uses.csv", uses())


def test_tables_are_read_in_their_type():
    assert uses()["use"].tolist() == ["feed", "fuel"]
    assert uses()["typical_reach_km"].tolist() == [60, 80]
    row = materials().iloc[0]
    assert (row["suitability"], row["yield"], row["data_quality"]) == (0.6, 1, 5)
    assert activities().iloc[0]["importance"] == 1


@pytest.mark.parametrize(
    ("read", "content", "change", "words"),
    [
        (uses, USES, ("long", "endless"), "endless"),
        (uses, USES, ("R9", "R10"), "R10"),
        (uses, USES, (";80", ";"), "typical_reach_km"),
        (uses, USES, ("fuel;brandstof", "feed;brandstof"), "rows 2 and 3"),
        (uses, USES, ("loop", "ring"), "ring"),
        (materials, MATERIALS, ("feed", "food"), "food"),
        (materials, MATERIALS, ("0,6", "0"), "suitability"),
        (materials, MATERIALS, ("0,6", ""), "suitability"),
        (materials, MATERIALS, ("whey", "heat"), "heat"),
        (materials, MATERIALS, (";5;", ";6;"), "data_quality"),
        (materials, MATERIALS, (";5;", ";;"), "data_quality"),
        (activities, ACTIVITIES, ("0146", "A146"), "A146"),
        (activities, ACTIVITIES, (";1;", ";1.5;"), "importance"),
        (activities, ACTIVITIES, ("feed_grain", ""), "replaces"),
    ],
)
def test_a_row_that_cannot_be_used_is_refused_in_words(read, content, change, words):
    with pytest.raises(RefusalError) as error:
        read(content.replace(*change))
    assert words in error.value.sentence("en")
    assert "{" not in error.value.sentence("nl")


def test_unknown_materials_are_kept_and_told():
    strange = materials(MATERIALS.replace("whey", "moon_dust"))
    assert strange.iloc[0]["material"] == "moon_dust"
    ((key, values),) = use_remarks(strange, activities())
    assert key == "matching.materials_unknown" and values == {"names": "moon_dust"}
    assert use_remarks(materials(), activities()) == []
