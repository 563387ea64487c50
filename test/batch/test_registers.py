"""Presets through QGIS: other shapes, dates, degrees, and what an unseen one says."""

import csv
import sqlite3
from pathlib import Path

import qgis_process

REGISTERS = Path(__file__).resolve().parents[1] / "data" / "registers"


def values(path, *columns):
    """Rows of the only table of a GeoPackage."""
    with sqlite3.connect(path) as file:
        (table,) = file.execute("select table_name from gpkg_contents").fetchone()
        return file.execute(f"select {', '.join(columns)} from {table}").fetchall()


def test_greenhouses_that_are_drawn_as_areas(run, tmp_path):
    output = tmp_path / "facilities.gpkg"
    counts = run(
        "preparefacilities",
        INPUT=str(REGISTERS / "top10nl_gebouw.geojson"),
        PRESET="top10nl_kassen",
        OUTPUT=str(output),
    )
    assert (counts["COUNT_OUT"], counts["COUNT_SKIPPED"]) == (3, 1)
    assert {kind for (kind,) in values(output, "kind")} == {"greenhouse"}


def test_areas_are_no_facilities_without_such_a_preset(refusal):
    told = refusal(
        "preparefacilities", INPUT=str(REGISTERS / "top10nl_gebouw.geojson"), KIND=6
    )
    assert "points" in told


def test_dates_and_size_classes_of_a_flemish_register(run, tmp_path):
    output, skipped = tmp_path / "firms.gpkg", tmp_path / "skipped.csv"
    run(
        "prepareestablishments",
        INPUT=str(REGISTERS / "vkbo.geojson"),
        PRESET="vkbo",
        OUTPUT=str(output),
        SKIPPED=str(skipped),
    )
    assert values(output, "est_id", "jobs", "jobs_low", "jobs_high") == [
        ("0400000001", 141, 100, 199),
        ("2000000001", 7, 5, 9),
        ("2000000002", None, None, None),
    ]
    with skipped.open(encoding="utf-8", newline="") as file:
        reasons = {row["source_id"]: row["reason"] for row in csv.DictReader(file)}
    assert reasons["2000000003"].endswith("Datum_stopzetting is filled in")
    assert len(reasons) == 4


def test_an_unseen_preset_speaks_in_the_log(env, tmp_path, capsys):
    inputs = {
        "INPUT": str(REGISTERS / "rev.geojson"),
        "PRESET": "rev_seveso",
        "OUTPUT": str(tmp_path / "seveso.gpkg"),
    }
    qgis_process.run("preparefacilities", inputs, env)
    told = capsys.readouterr().out
    assert "Facility id ← identificatie; Name ← naam" in told
    named = {"ID_FIELD": "identificatie", "NAME_FIELD": "naam"}
    qgis_process.run("preparefacilities", inputs | named, env)
    assert "not tested" not in capsys.readouterr().out
