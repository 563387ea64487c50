"""Matches through real qgis_process: only the mandatory, and all parameters."""

import sqlite3

import pytest
from geopackages import only_table

RULE = (
    "rule_id;carrier;giver_sbi;material;receiver_sbi;replaces;r_strategy;treatment;"
    "yield;quality_out;reach_km;legal;source\n"
    "EIGEN;material;*;waste_paper;*;waste_paper;R8;sorting;0.9;;20;;eigen bron\n"
)
REACH = "carrier;material;reach_km;source\n" + "".join(
    f"{carrier};*;10;eigen\n" for carrier in ("material", "water", "heat", "co2")
)


@pytest.fixture(scope="module")
def flows(run, province, tmp_path_factory):
    """Estimates of every third firm of the demo province."""
    path = str(tmp_path_factory.mktemp("flows") / "flows.gpkg")
    third = f"{province['ESTABLISHMENTS']}|subset=fid % 3 = 0"
    run("estimateflows", ESTABLISHMENTS=third, OUTPUT=path)
    return path


def test_mandatory_only(run, flows, tmp_path):
    output = tmp_path / "matches.gpkg"
    results = run("matchflows", FLOWS=flows, OUTPUT=str(output))
    rows = only_table(output)
    assert results["MATCH_COUNT"] == len(rows) > 100
    assert results["GAP"] == 0
    assert all(0 < row["allocated"] <= row["quantity"] * (1 + 1e-9) for row in rows)
    with sqlite3.connect(output) as database:
        (style,) = database.execute("SELECT styleName FROM layer_styles").fetchone()
    assert style == "matches"


def test_all_parameters(run, flows, tmp_path):
    rules, reach = tmp_path / "regels.csv", tmp_path / "reik.csv"
    rules.write_text(RULE, encoding="utf-8")
    reach.write_text(REACH, encoding="utf-8")
    paths = {
        name: tmp_path / f"{name}.gpkg"
        for name in ("OUTPUT", "OUTPUT_BALANCE", "OUTPUT_TOTALS", "OUTPUT_UNLOCKS")
    }
    results = run(
        "matchflows",
        FLOWS=flows,
        RULES=str(rules),
        EXTRA_RULES=str(rules),
        USES=True,
        REACH=str(reach),
        DETOUR=1.2,
        MAX_DISTANCE=8000,
        MIN_FIT=0.5,
        OBJECTIVE=1,
        **{name: str(path) for name, path in paths.items()},
    )
    table = {name: only_table(path) for name, path in paths.items()}
    assert table["OUTPUT"] and table["OUTPUT_UNLOCKS"]
    assert max(row["distance_m"] for row in table["OUTPUT"]) <= 8000 * (1 + 1e-9)
    assert min(row["avoided_co2_t"] for row in table["OUTPUT"]) > 0
    avoided = sum(row["avoided_co2_t"] for row in table["OUTPUT"])
    assert results["AVOIDED_CO2_T"] == pytest.approx(avoided)
    totals = sum(row["allocated"] for row in table["OUTPUT_TOTALS"])
    balance = [row for row in table["OUTPUT_BALANCE"] if row["direction"] == "supply"]
    assert totals == pytest.approx(sum(row["allocated"] for row in balance))
    assert totals == pytest.approx(sum(row["allocated"] for row in table["OUTPUT"]))
    for row in table["OUTPUT_BALANCE"]:
        parts = row["contracted"] + row["allocated"] + row["left"]
        assert parts == pytest.approx(row["quantity"], rel=1e-9, abs=1e-9)
