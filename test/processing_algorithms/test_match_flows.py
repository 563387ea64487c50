"""Allocating flows in QGIS: what is written, said and refused."""

import pytest
from bad_layers import one_sentence, run, small, usual
from kansenkaart.analysis.layers import layer_type
from steel_scene import steel_and_cement

pytestmark = pytest.mark.usefixtures("provider")

HEAD = (
    "rule_id;carrier;giver_sbi;material;receiver_sbi;replaces;r_strategy;treatment;"
    "yield;quality_out;reach_km;legal;source"
)
RULE = "R1;material;24;steel_slag;2351;sand;R7;;0.5;;50;;een bron"
TABLES = {
    "OUTPUT_BALANCE": "match_balance",
    "OUTPUT_TOTALS": "match_totals",
    "OUTPUT_UNLOCKS": "unlocks",
}


@pytest.fixture
def own(tmp_path):
    """A file with one rule: half of the slag can replace sand."""
    path = tmp_path / "regels.csv"
    path.write_text(f"{HEAD}\n{RULE}\n", encoding="utf-8")
    return str(path)


def flows(*scene, **changed):
    """One steelworks and some cement works that lie apart."""
    quantity = {"quantity": lambda n: 30.0 if n else 100.0}
    return steel_and_cement(*scene, **(quantity | changed))


def found(**parameters):
    return run("matchflows", **({"FLOWS": flows(), "OUTPUT": "memory:"} | parameters))


def test_mandatory_only():
    outcome = found()
    assert all([*row] == [*layer_type("matches").fields] for row in outcome.rows())
    assert outcome.results["MATCH_COUNT"] == len(outcome.rows())
    assert outcome.results["GAP"] == 0


def test_what_is_written_adds_up(own):
    outcome = found(RULES=own, **dict.fromkeys(TABLES, "memory:"))
    rows = outcome.rows()
    assert [row["allocated"] for row in rows] == pytest.approx([60, 40])
    assert [row["delivered"] for row in rows] == pytest.approx([30, 20])
    assert outcome.results["ALLOCATED_MATERIAL"] == pytest.approx(100)
    assert outcome.results["AVOIDED_PRIMARY_T"] == pytest.approx(50)
    for name, kind in TABLES.items():
        table = outcome.rows(name)
        assert all([*row] == [*layer_type(kind).fields] for row in table)
    balance = {row["flow_id"]: row["left"] for row in outcome.rows("OUTPUT_BALANCE")}
    assert balance == pytest.approx({"f0": 0, "f1": 0, "f2": 10, "f3": 30})


def test_every_limit_is_used(own):
    total = lambda **more: found(RULES=own, **more).results["ALLOCATED_MATERIAL"]  # noqa: E731
    assert total(MAX_DISTANCE=1500) == pytest.approx(60)
    assert total(MAX_DISTANCE=1200) == 0
    assert total(MAX_DISTANCE=1200, DETOUR=1) == pytest.approx(60)
    far = flows(1, apart=38_000)
    assert total(FLOWS=far) == pytest.approx(60)
    assert total(FLOWS=far, OBJECTIVE=1) == 0


def test_what_is_left_out_is_said(own):
    promised = found(RULES=own, FLOWS=flows(contracted_share=lambda _: 1.0))
    assert not promised.rows() and promised.results["TAKEN_COUNT"] == 4
    unknown = found(RULES=own, FLOWS=flows(contracted_share=lambda _: 7.0))
    assert not unknown.rows() and unknown.results["GROSS_COUNT"] == 4
    assert "(4)" in unknown.log
    alone = found(RULES=own, FLOWS=flows(0))
    assert "2351" in alone.log


def test_layers_that_cannot_be_used_are_refused():
    for crs in ("", "EPSG:4326"):
        one_sentence(found(FLOWS=flows(crs=crs)).refusal, "28992", "31370")
    one_sentence(found(FLOWS=usual("zones")).refusal)


def test_layers_without_features():
    empty = found(FLOWS=small("flows", []), **dict.fromkeys(TABLES, "memory:"))
    assert empty.rows() == []
    assert empty.results["AVOIDED_CO2_T"] == 0


def test_all_at_one_spot(own):
    rows = found(FLOWS=flows(apart=0), RULES=own).rows()
    assert {row["distance_m"] for row in rows} == {0.0}


@pytest.mark.parametrize("algorithm", ["findleads", "matchflows"])
def test_nothing_next_to_an_enormous_amount(own, algorithm):
    amounts = [1e15, 0.0, 1e-3, 1e14]
    outcome = run(
        algorithm,
        FLOWS=flows(quantity=lambda n: amounts[n]),
        RULES=own,
        OUTPUT="memory:",
    )
    assert outcome.ok, outcome.log
    assert {row["flow_demand"] for row in outcome.rows()} == {"f2", "f3"}
    assert outcome.results["TAKEN_COUNT"] == 1


def test_small_demand_is_served_next_to_enormous_demand(own):
    amounts = [1e15, 1e-3, 1e14, 1e-3]
    rows = found(RULES=own, FLOWS=flows(quantity=lambda n: amounts[n])).rows()
    given = {row["flow_demand"]: row["delivered"] for row in rows}
    assert given == pytest.approx({"f1": 1e-3, "f2": 1e14, "f3": 1e-3})


@pytest.mark.parametrize("algorithm", ["findleads", "matchflows"])
def test_rules_that_go_in_a_circle(tmp_path, algorithm):
    back = "R2;material;2351;sand;24;steel_slag;R7;;1;;50;;een bron"
    path = tmp_path / "regels.csv"
    path.write_text(f"{HEAD}\n{RULE}\n{back}\n", encoding="utf-8")
    scene = flows(
        receivers=3,
        actor_id=lambda n: f"a{n % 2}",
        direction=lambda n: "supply" if n in (0, 1) else "demand",
        sbi=lambda n: "2351" if n % 2 else "2410",
        material=lambda n: ["steel_slag", "sand", "steel_slag", "sand"][n],
    )
    outcome = run(algorithm, FLOWS=scene, RULES=str(path), OUTPUT="memory:")
    pairs = {(row["flow_supply"], row["flow_demand"]) for row in outcome.rows()}
    assert pairs == {("f0", "f3"), ("f1", "f2")}


@pytest.mark.parametrize("algorithm", ["findleads", "matchflows"])
def test_rules_with_unknown_codes_are_said_or_refused(tmp_path, algorithm):
    path = tmp_path / "regels.csv"

    def outcome(rule):
        path.write_text(f"{HEAD}\n{rule}\n", encoding="utf-8")
        return run(algorithm, FLOWS=flows(), RULES=str(path), OUTPUT="memory:")

    strange = outcome(RULE.replace("steel_slag", "moon_dust"))
    assert not strange.rows() and "moon_dust" in strange.log
    nobody = outcome(RULE.replace("2351", "99999"))
    assert not nobody.rows() and "99999" in nobody.log
    one_sentence(outcome(RULE.replace("R7", "R77")).refusal, "R77")
    one_sentence(outcome(RULE.replace("0.5", "-1")).refusal, "-1")


@pytest.mark.parametrize("algorithm", ["findleads", "matchflows"])
def test_what_a_file_of_reaches_leaves_out_is_said(tmp_path, own, algorithm):
    path = tmp_path / "reikwijdte.csv"
    path.write_text("carrier;material;reach_km;source\nheat;*;5;bron\n")
    outcome = run(
        algorithm, FLOWS=flows(), RULES=own, REACH=str(path), OUTPUT="memory:"
    )
    assert outcome.ok and "material" in outcome.log
