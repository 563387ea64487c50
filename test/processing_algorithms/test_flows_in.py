"""Reported flows and flows of facilities through QGIS's layers."""

import pytest
from bad_layers import memory, one_sentence, run

pytestmark = pytest.mark.usefixtures("provider")

TEXT = dict.fromkeys(("nr", "wie", "eural", "ton", "x", "y"), "text")
ROWS = [
    {"nr": "1", "wie": "E1", "eural": "20304", "ton": "1.234,5"},
    {"nr": "2", "wie": "E9", "eural": "020304", "ton": "1"},
    {"nr": "3", "wie": "E9", "eural": "17 06 01*", "ton": "2", "x": "155000",
     "y": "463000"},
    {"nr": "4", "wie": "E1", "eural": "999999", "ton": "3"},
]  # fmt: skip
NAMED = {
    "ID_FIELD": "nr", "ACTOR_FIELD": "wie", "EURAL_FIELD": "eural",
    "QUANTITY_FIELD": "ton", "UNIT": "ton", "DIRECTION": 0,
}  # fmt: skip
SINKS = dict.fromkeys(("OUTPUT", "SKIPPED", "REPAIRED"), "memory:")


def firms(rows=1, crs="EPSG:28992"):
    columns = {"est_id": "text", "name": "text", "sbi": "text", "jobs": "real"}
    table = [
        {"est_id": f"E{n + 1}", "name": f"Bakker {n}", "sbi": "1071", "jobs": 5.0}
        for n in range(rows)
    ]
    shapes = [f"POINT ({155000 + n} 463000)" for n in range(rows)]
    return memory("Point", shapes, table, columns, crs, "firms")


def waste(rows=ROWS):
    return memory("None", [None] * len(rows), rows, TEXT, "", "afval")


def test_a_table_finds_its_places():
    outcome = run(
        "prepareflows", INPUT=waste(), ESTABLISHMENTS=firms(), **NAMED, **SINKS
    )
    first, second = outcome.rows()
    assert outcome.layer().crs().authid() == "EPSG:28992"
    assert (first["flow_id"], first["actor_name"], first["sbi"]) == (
        "1", "Bakker 0", "1071",
    )  # fmt: skip
    assert first["quantity"] == 1234.5 and first["source"] == "afval"
    assert first["confidential"] is True and first["basis"] == "reported"
    assert (second["actor_id"], second["hazardous"]) == ("E9", True)
    assert {row["source_id"] for row in outcome.rows("SKIPPED")} == {"2", "4"}
    assert outcome.results["COUNT_IN"] == 4
    assert outcome.results["COUNT_OUT"] + outcome.results["COUNT_SKIPPED"] == 4


def test_a_table_without_a_system_names_two():
    told = run("prepareflows", INPUT=waste(), **NAMED, **SINKS).refusal
    one_sentence(told, "28992", "31370")
    wrong = run("prepareflows", INPUT=waste(), TARGET_CRS="EPSG:4326", **NAMED, **SINKS)
    one_sentence(wrong.refusal, "EPSG:4326")


def test_degrees_are_recognised():
    rows = [ROWS[2] | {"x": "5.387", "y": "52.155"}]
    given = NAMED | SINKS | {"TARGET_CRS": "EPSG:28992"}
    outcome = run("prepareflows", INPUT=waste(rows), **given)
    (feature,) = outcome.layer().getFeatures()
    point = feature.geometry().asPoint()
    assert abs(point.x() - 155_000) < 1000 and abs(point.y() - 463_000) < 1000


def test_only_the_mandatory_parameter():
    columns = dict.fromkeys(("direction", "material", "quantity", "unit"), "text")
    row = {"direction": "vraag", "material": "zand", "quantity": "7", "unit": "kton"}
    layer = memory("Point", ["POINT (155000 463000)"], [row], columns)
    (found,) = run("prepareflows", INPUT=layer, OUTPUT="memory:").rows()
    assert (found["quantity"], found["direction"]) == (7000, "demand")
    told = run("prepareflows", INPUT=waste(), TARGET_CRS="EPSG:28992", OUTPUT="memory:")
    one_sentence(told.refusal, "DIRECTION")


def test_lines_and_unknown_systems_are_refused():
    line = memory("Line", ["LINESTRING (0 0, 1 1)"], [ROWS[0]], TEXT)
    one_sentence(run("prepareflows", INPUT=line, **NAMED, **SINKS).refusal)
    nowhere = memory("Point", ["POINT (155000 463000)"], [ROWS[0]], TEXT, "")
    one_sentence(run("prepareflows", INPUT=nowhere, **NAMED, **SINKS).refusal)


def plants(*rows, crs="EPSG:28992"):
    columns = {"facility_id": "text", "name": "text", "kind": "text",
               "capacity": "real", "unit": "text"}  # fmt: skip
    table = [
        {"facility_id": f"V{n}", "name": f"Plek {n}", "kind": kind,
         "capacity": capacity, "unit": unit}
        for n, (kind, capacity, unit) in enumerate(rows)
    ]  # fmt: skip
    shapes = [f"POINT ({155100 + 1000 * n} 463000)" for n in range(len(rows))]
    return memory("Point", shapes, table, columns, crs, "plants")


def test_facilities_give_flows_and_a_list():
    layer = plants(("power_plant", 100.0, "MW gas"), ("wwtp", 9.0, "p.e."),
                   ("quay", None, None), ("wwtp", 5.0, "m3/h"))  # fmt: skip
    actors = firms()
    actors.startEditing()
    actors.changeAttributeValue(1, actors.fields().indexOf("sbi"), "3511")
    assert actors.commitChanges()
    outcome = run("facilityflows", FACILITIES=[layer], ESTABLISHMENTS=actors,
                  OUTPUT="memory:", SKIPPED="memory:")  # fmt: skip
    rows, skipped = outcome.rows(), outcome.rows("SKIPPED")
    assert {row["actor_id"] for row in rows} == {"E1", "facility-V1"}
    assert [row["source_id"] for row in skipped] == ["V2", "V3"]
    assert "p.e." in skipped[1]["reason"] and skipped[0]["layer"] == "plants"
    results = outcome.results
    assert results["FLOW_COUNT"] == len(rows) == 8
    assert (results["SAME_SITE_COUNT"], results["FACILITY_COUNT"]) == (1, 2)
    assert (results["FLOW_COUNT_HEAT"], results["FLOW_COUNT_WATER"]) == (4, 1)


def test_the_distance_counts():
    given = {"ESTABLISHMENTS": firms(), "OUTPUT": "memory:"}
    layer = plants(("heat_source", 3.0, "GWh/y"))
    for distance in (200, 100):
        outcome = run("facilityflows", FACILITIES=[layer], SAME_SITE=distance, **given)
        # A bakery has process heat, so it may be a heat source.
        assert {row["actor_id"] for row in outcome.rows()} == {"E1"}
    outcome = run("facilityflows", FACILITIES=[layer], SAME_SITE=99, **given)
    assert {row["actor_id"] for row in outcome.rows()} == {"facility-V0"}


def test_own_factors(tmp_path):
    head = (
        "kind;input;direction;carrier;material;low;mode;high;unit;data_quality;source"
    )
    path = tmp_path / "eigen.csv"
    path.write_text(f"{head}\nwwtp;pe;supply;water;water;1;2;3;m3/y;1;meting\n")
    layer = plants(("wwtp", 10.0, "p.e."))
    outcome = run(
        "facilityflows", FACILITIES=layer, FACTORS=str(path), OUTPUT="memory:"
    )
    (row,) = outcome.rows()
    assert row["quantity"] == 20
    path.write_text(f"{head}\nwwtp;pe;supply;water;water;1;veel;3;m3/y;1;meting\n")
    outcome = run(
        "facilityflows", FACILITIES=layer, FACTORS=str(path), OUTPUT="memory:"
    )
    one_sentence(outcome.refusal, "veel", "2")
