"""Specialisation through real qgis_process: from establishments and from tables."""

import csv
import math

import pytest
from geopackages import only_table

TABLE = [
    ("gebied", "tak", "peildatum", "banen"),
    ("G 1", "C Industrie", "2010", "400,0"), ("G 1", "H Vervoer", "2010", "100"),
    ("G 2", "C Industrie", "2010", "100"), ("G 2", "H Vervoer", "2010", "1.300,5"),
    ("G 3", "C Industrie", "2010", "."), ("G 3", "H Vervoer", "2010", "80"),
    ("G 3", "C Industrie", "2009", "55"), ("Land", "C Industrie", "2010", "500"),
]  # fmt: skip
FIELDS = {"REGION_FIELD": "gebied", "SECTOR_FIELD": "tak", "COUNT_FIELD": "banen"}
FILTER = "\"peildatum\" = '2010' AND \"gebied\" <> 'Land'"


@pytest.fixture
def table(tmp_path):
    """A table in a text file."""
    path = tmp_path / "tabel.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=";").writerows(TABLE)
    return str(path)


def test_a_table_with_a_filter(run, table, tmp_path):
    output = tmp_path / "uit.gpkg"
    results = run(
        "specialisation", TABLE=table, FILTER=FILTER, OUTPUT=str(output), **FIELDS
    )
    found = only_table(output)
    cells = {(row["region_id"], row["sector"]): row for row in found}
    assert [*cells] == sorted(cells)
    assert results["CELL_COUNT"] == len(found) == 6
    assert results["TESTED_COUNT"] == 5
    whole = 400 + 100 + 100 + 1300.5 + 80
    expected = (400 / 500) / (500 / whole)
    assert math.isclose(cells["G 1", "C Industrie"]["lq"], expected)
    assert cells["G 1", "C Industrie"]["specialised"] == 1
    unknown = cells["G 3", "C Industrie"]
    empty = ("count", "share_region", "lq", "lq_symmetric", "p_value", "q_value")
    assert all(unknown[name] is None for name in (*empty, "specialised"))


def test_a_wide_table_that_is_no_utf_8(run, tmp_path):
    path = tmp_path / "breed.csv"
    path.write_text("region_id;C;H\nÛ;4;1\nX;1;9\nY;5;5\n", encoding="cp1252")
    output = tmp_path / "uit.gpkg"
    run(
        "specialisation",
        TABLE=str(path),
        COUNT_FIELD=["C", "H"],
        COUNT_UNIT=1,
        OUTPUT=str(output),
    )
    found = [
        (row["region_id"], row["sector"], row["count"]) for row in only_table(output)
    ]
    assert found == [
        ("X", "C", 1), ("X", "H", 9), ("Y", "C", 5), ("Y", "H", 5), ("Û", "C", 4),
        ("Û", "H", 1),
    ]  # fmt: skip


def test_establishments_with_the_mandatory_pair_only(run, province):
    pair = {name: province[name] for name in ("ESTABLISHMENTS", "REGIONS")}
    results = run("specialisation", **pair)
    assert results["CELL_COUNT"] > results["TESTED_COUNT"] > results["HIGH_COUNT"] > 0
    assert results["UNMATCHED_TABLE"] == results["UNMATCHED_REGIONS"] == 0


def test_establishments_with_all(run, province, tmp_path):
    paths = {
        name: str(tmp_path / f"{name}.gpkg")
        for name in ("OUTPUT", "OUTPUT_REGIONS", "OUTPUT_UNMATCHED")
    }
    results = run(
        "specialisation",
        ESTABLISHMENTS=province["ESTABLISHMENTS"],
        REGIONS=province["REGIONS"],
        FILTER="\"sbi\" <> '4941'",
        GROUPING="division",
        COUNT_UNIT=1,
        LQ_MIN=1.5,
        **paths,
    )
    found = only_table(paths["OUTPUT"])
    marked = [row for row in found if row["specialised"]]
    assert len(marked) == results["SPECIALISED_COUNT"] > 0
    assert all(row["lq"] >= 1.5 and row["q_value"] <= 0.05 for row in marked)
    best = {}
    for row in sorted(marked, key=lambda each: (-each["lq"], each["sector"])):
        best.setdefault(row["region_id"], row["sector"])
    drawn = {
        row["region_id"]: row["sector"] for row in only_table(paths["OUTPUT_REGIONS"])
    }
    assert {name: sector for name, sector in drawn.items() if sector} == best
    assert only_table(paths["OUTPUT_UNMATCHED"]) == []


def test_what_does_not_match_is_listed(run, province, table, tmp_path):
    unmatched, drawn = tmp_path / "zonder.gpkg", tmp_path / "kaart.gpkg"
    results = run(
        "specialisation",
        TABLE=table,
        FILTER=FILTER,
        REGIONS=province["REGIONS"],
        OUTPUT=str(tmp_path / "uit.gpkg"),
        OUTPUT_REGIONS=str(drawn),
        OUTPUT_UNMATCHED=str(unmatched),
        **FIELDS,
    )
    listed = only_table(unmatched)
    ours = [row["region"] for row in listed if row["side"] == "table"]
    assert ours == ["G 1", "G 2", "G 3"]
    assert results["UNMATCHED_TABLE"] == 3
    assert results["UNMATCHED_REGIONS"] == len(only_table(drawn)) == len(listed) - 3
    assert all(row["reason"] for row in listed)


def test_what_makes_no_pair_is_refused(refusal, refused, province, table):
    both = {name: province[name] for name in ("ESTABLISHMENTS", "REGIONS")}
    assert "TABLE" in refusal("specialisation")
    assert "TABLE" in refused("specialisation", REGIONS=province["REGIONS"])
    told = refused("specialisation", ESTABLISHMENTS=province["ESTABLISHMENTS"])
    assert "REGIONS" in told
    assert "TABLE" in refused("specialisation", TABLE=table, **both)
    told = refused(
        "specialisation", TABLE=table, FILTER=FILTER, OUTPUT_REGIONS="memory:", **FIELDS
    )
    assert "REGIONS" in told


def test_tables_that_cannot_be_used_are_refused(refused, table):
    asked = FIELDS | {"TABLE": table}
    assert "G 3 × C Industrie" in refused("specialisation", **asked)
    dates = "\"peildatum\" = '2010'"
    told = refused("specialisation", FILTER='"peildatum" = ', **asked)
    # Why, in words that differ from one QGIS to another.
    assert "(FILTER) can’t be used: " in told
    assert "peildag" in refused("specialisation", FILTER='"peildag" = 1', **asked)
    assert "FILTER" in refused("specialisation", FILTER='"peildatum" = 1', **asked)
    assert "region_id" in refused("specialisation", TABLE=table, FILTER=dates)
    named = asked | {"FILTER": dates, "REFERENCE_REGION": "Lend"}
    assert "Land" in refused("specialisation", **named)
    zero = asked | {"FILTER": FILTER, "JOBS_PER_DECISION": 0}
    assert "JOBS_PER_DECISION" in refused("specialisation", **zero)
