"""Finding leads in QGIS: what is written, said and refused."""

import pytest
import shapely
from bad_layers import memory, one_sentence, run, small, usual
from kansenkaart.analysis.layers import layer_type
from qgis.PyQt.QtCore import NULL
from steel_scene import steel_and_cement

pytestmark = pytest.mark.usefixtures("provider")

HEAD = (
    "rule_id;carrier;giver_sbi;material;receiver_sbi;replaces;r_strategy;treatment;"
    "yield;quality_out;reach_km;legal;source"
)
RULE = "R1;material;24;steel_slag;2351;sand;R7;;1;;50;;een bron"
COUNTS = (
    "LEAD_COUNT", "COMPATIBLE_PAIRS", "PAIRS_IN_REACH", "NOT_SHOWN_COUNT",
    "UNUSABLE_COUNT", "TAKEN_COUNT", "UNKNOWN_COUNT",
)  # fmt: skip


@pytest.fixture
def file(tmp_path):
    """Write a file of rules, or of anything else."""

    def write(*rows, name="regels.csv", head=HEAD):
        path = tmp_path / name
        path.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
        return str(path)

    return write


def flows(*scene, **changed):
    """One steelworks and some cement works that lie apart."""
    quantity = {"quantity": lambda n: 100.0 * (n + 1)}
    return steel_and_cement(*scene, **(quantity | changed))


def found(**parameters):
    return run("findleads", **({"FLOWS": flows(), "OUTPUT": "memory:"} | parameters))


def test_mandatory_only():
    outcome = run("findleads", FLOWS=flows(), OUTPUT="memory:")
    rows = outcome.rows()
    assert len(rows) == outcome.results["LEAD_COUNT"]
    assert all([*row] == [*layer_type("leads").fields] for row in rows)
    for name in ("COMPATIBLE_PAIRS", "PAIRS_IN_REACH"):
        parts = ("MATERIAL", "WATER", "HEAT", "CO2")
        total = sum(outcome.results[f"{name}_{part}"] for part in parts)
        assert total == outcome.results[name]


def test_own_rules_switch_the_uses_off_and_uses_on_again(file):
    own = file(RULE)
    rows = found(RULES=own).rows()
    assert {row["rule_id"] for row in rows} == {"R1"}
    assert [row["flow_demand"] for row in rows] == ["f1", "f2", "f3"]
    nobody = file(RULE.replace("sand", "zandkoek"), name="geen.csv")
    assert not found(RULES=nobody).rows()
    assert not found(RULES=nobody, USES=False).rows()
    slag = found(USES=True, RULES=nobody, MIN_FIT=0.0).results["COMPATIBLE_PAIRS"]
    assert slag == found(EXTRA_RULES=nobody, MIN_FIT=0.0).results["COMPATIBLE_PAIRS"]


def test_every_limit_is_used(file):
    own = {"RULES": file(RULE)}
    count = lambda **more: len(found(**own, **more).rows())  # noqa: E731
    assert count() == 3
    assert count(PER_DIVISION=2) == 2
    assert count(MAX_LEADS=1) == 1
    assert count(PER_DIVISION=0, MAX_LEADS=0) == 3
    assert count(MAX_DISTANCE=2600) == 2
    assert count(MAX_DISTANCE=2600, DETOUR=1) == 2
    assert count(MAX_DISTANCE=2000, DETOUR=1) == 2
    assert count(MAX_DISTANCE=0) == 0
    assert count(APPROACH=1, DETOUR=1) == 1
    assert count(APPROACH=2, DETOUR=1) == 2
    assert "AREAS" in found(**own, APPROACH=2).log
    assert count(APPROACH=1, AREAS=around()) == 3
    reach = file(
        "material;*;0.5;ons", name="reik.csv", head="carrier;material;reach_km;source"
    )
    anywhere = {"RULES": file(RULE.replace(";50;", ";;"), name="overal.csv")}
    assert len(found(**anywhere).rows()) == 3
    assert not found(**anywhere, REACH=reach).rows()


def around():
    shape = shapely.box(154_000, 462_000, 164_000, 464_000).wkt
    return memory("Polygon", [shape], [{"zone_id": "z"}], {"zone_id": "text"})


def test_what_is_unknown_is_null(file):
    unknown = flows(contracted_share=lambda _: 7.0)
    outcome = found(FLOWS=unknown, RULES=file(RULE))
    assert all(row["available"] in (None, NULL) for row in outcome.rows())
    assert "0 to 1" in outcome.log or "0 tot 1" in outcome.log
    assert all(outcome.results[name] is not None for name in COUNTS)


@pytest.mark.parametrize(
    ("parameter", "row", "head"),
    [
        ("RULES", "R1;material;24;steel_slag", HEAD),
        ("RULES", RULE.replace("R7", "R77"), HEAD),
        ("EXTRA_RULES", RULE.replace("2351", "zement"), HEAD),
        ("RULES", RULE, HEAD.replace("legal", "wettig")),
        ("REACH", "material;*;ver;ons", "carrier;material;reach_km;source"),
        ("REACH", "wind;*;5;ons", "carrier;material;reach_km;source"),
        ("REACH", "heat;*;;ons", "carrier;material;reach_km;source"),
        ("REACH", "heat;*;5;ons\nheat;*;6;ons", "carrier;material;reach_km;source"),
    ],
)
def test_files_that_cannot_be_used_are_refused(file, parameter, row, head):
    path = file(row, head=head)
    one_sentence(found(**{parameter: path}).refusal)


def test_layers_that_cannot_be_used_are_refused():
    for crs in ("", "EPSG:4326"):
        one_sentence(found(FLOWS=flows(crs=crs)).refusal, "28992", "31370")
    one_sentence(found(FLOWS=usual("zones")).refusal)
    nameless = memory("Polygon", ["Polygon ((0 0, 9 0, 9 9, 0 0))"], [{}], {})
    one_sentence(found(AREAS=nameless).refusal)


def test_layers_without_features():
    assert found(FLOWS=small("flows", [])).rows() == []
    assert found(AREAS=small("zones", []), APPROACH=1).ok


def test_all_at_one_spot(file):
    rows = found(FLOWS=flows(apart=0), RULES=file(RULE)).rows()
    assert {row["distance_m"] for row in rows} == {0.0}
    assert len(rows) == 3
