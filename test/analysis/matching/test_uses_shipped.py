"""The shipped uses: one vocabulary, and few enough pairs to be worth reading."""

from collections import defaultdict
from itertools import product

from kansenkaart.analysis.codes import WITH_TABLE, code_table
from kansenkaart.analysis.flows.coefficients import shipped_coefficients
from kansenkaart.analysis.flows.tables import MATERIAL, materials
from kansenkaart.analysis.matching.rules import (
    begins,
    shipped_forbidden,
    unknown_prefixes,
)
from kansenkaart.analysis.matching.uses import (
    shipped_activity_uses,
    shipped_material_uses,
    shipped_uses,
)
from kansenkaart.analysis.resources import read_csv

USES = shipped_uses()
GIVEN = shipped_material_uses()
ASKED = shipped_activity_uses()
NO_USE = {row["material"]: row["reason"] for row in read_csv("matching", "no_use.csv")}
MIN_FIT = 0.2
MOST_LEADS = 0.05


def residuals():
    return {
        code
        for code, each in materials().items()
        if each.carrier == MATERIAL and each.role != "primary"
    }


def test_every_use_is_given_and_asked():
    assert set(GIVEN["use"]) == set(ASKED["use"]) == set(USES["use"])


def test_every_residual_has_a_use_or_a_reason_why_not():
    served = set(GIVEN["material"])
    assert served <= residuals()
    assert residuals() - served == set(NO_USE)
    assert all(NO_USE.values())


def test_the_loop_follows_the_ladder():
    loops = {"short": {"R3"}, "medium": {"R4", "R5", "R6", "R7"}, "long": {"R8", "R9"}}
    for row in USES.itertuples():
        assert row.r_strategy in loops[row.loop], row.use


def test_a_use_has_one_unit():
    units = defaultdict(set)
    for use, material in zip(GIVEN["use"], GIVEN["material"], strict=True):
        units[use].add(materials()[material].unit)
    for use, material in zip(ASKED["use"], ASKED["replaces"], strict=True):
        units[use].add(materials()[material].unit)
    assert {use for use, found in units.items() if len(found) > 1} == set()


def test_what_is_replaced_is_demanded_there():
    demanded = defaultdict(set)
    for row in shipped_coefficients().to_dict("records"):
        if row["direction"] == "demand" and row["high"] > 0 and row["per"] == "job":
            demanded[row["material"]].add(row["sbi"])
    for row in ASKED.itertuples():
        assert any(
            prefix.startswith(row.sbi) or row.sbi.startswith(prefix)
            for prefix in demanded[row.replaces]
        ), row


def test_prefixes_begin_codes_that_exist():
    assert unknown_prefixes(ASKED["sbi"]) == []


def test_judgement_says_that_it_is():
    for table in (GIVEN, ASKED):
        assert table["source"].str.startswith("aanname").all()
        assert set(table["data_quality"]) <= {4, 5}


def test_no_row_is_too_weak_to_ever_count():
    """Suitability times the importance of the activity that needs it most."""
    most = ASKED.groupby("use")["importance"].max()
    assert (GIVEN["suitability"] * GIVEN["use"].map(most) >= MIN_FIT / 2 - 1e-9).all()


def test_a_use_of_an_everyday_stream_stays_below_any_rule():
    from kansenkaart.analysis.matching import score
    from kansenkaart.analysis.matching.everyday import everyday

    most = GIVEN.groupby("material")["suitability"].max()
    rule = score.rule_evidence(0, everyday=True)
    assert len(everyday()) == 9
    for material in everyday():
        assert score.use_evidence(most[material]) < rule, material


def test_no_feed_of_animals_for_ruminants():
    """The law is in the bans; uses must not even suggest it."""
    bans = shipped_forbidden()
    ruminant = set(GIVEN.loc[GIVEN["use"] == "feed_ruminant", "material"])
    for material in ruminant:
        for receivers in bans.loc[bans["material"] == material, "receiver_sbi"]:
            assert not begins(receivers, "0141"), material


def decided(sbi, prefixes):
    """Longest prefix that begins an activity code; empty where none does."""
    return max((each for each in prefixes if sbi.startswith(each)), key=len, default="")


def streams(direction):
    """Materials that each four-digit activity gives or asks for."""
    found = defaultdict(dict)
    for row in shipped_coefficients().to_dict("records"):
        if row["direction"] == direction and row["carrier"] == MATERIAL and row["sbi"]:
            stream = found[row["material"]]
            stream[row["sbi"]] = max(row["high"], stream.get(row["sbi"], 0))
    codes = {code for name in WITH_TABLE for code in code_table(name) if len(code) == 4}
    for code, material in product(sorted(codes), sorted(found)):
        stream = found[material]
        if stream.get(decided(code, stream), 0) > 0:
            yield code, material


def test_few_pairs_of_activities_are_leads():
    """Of every supply and every demand, one firm of each activity: at most 5 %."""
    importance = defaultdict(dict)
    for row in ASKED.itertuples():
        importance[row.use][row.sbi] = (row.importance, row.replaces)
    wanted = defaultdict(list)
    for code, material in streams("demand"):
        for use, rows in importance.items():
            most, replaces = rows.get(decided(code, rows), (0, ""))
            if replaces == material:
                wanted[code, material].append((use, most))
        wanted.setdefault((code, material), [])
    fits = {
        material: dict(zip(rows["use"], rows["suitability"], strict=True))
        for material, rows in GIVEN.groupby("material")
    }
    givers = defaultdict(int)
    for _, material in streams("supply"):
        givers[material] += 1
    leads = sum(
        count
        for material, count in givers.items()
        for asked in wanted.values()
        if any(
            fits.get(material, {}).get(use, 0) * most >= MIN_FIT - 1e-9
            for use, most in asked
        )
    )
    share = leads / (sum(givers.values()) * len(wanted))
    print(f"{share:.2%} of pairs")
    assert 0.01 < share < MOST_LEADS
