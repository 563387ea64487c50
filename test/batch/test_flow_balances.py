"""Balances and reconciliation of flows through real qgis_process."""

import sqlite3

import pytest
from geopackages import only_table

HEAD = "region;direction;carrier;material;total;uncertainty"


def styles_of(path):
    with sqlite3.connect(path) as database:
        return [
            name for (name,) in database.execute("SELECT styleName FROM layer_styles")
        ]


@pytest.fixture(scope="module")
def flows(run, province, tmp_path_factory):
    """Estimates of every third firm of the demo province."""
    path = str(tmp_path_factory.mktemp("flows") / "flows.gpkg")
    third = f"{province['ESTABLISHMENTS']}|subset=fid % 3 = 0"
    run("estimateflows", ESTABLISHMENTS=third, OUTPUT=path)
    return path


def sums(rows, **fields):
    """Sum of quantities by direction and material, of rows that fit."""
    found = {}
    for row in rows:
        if all(row[name] == value for name, value in fields.items()):
            key = (row["direction"], row["material"])
            found[key] = found.get(key, 0) + row["quantity"]
    return found


def test_a_balance_of_regions_loses_nothing(run, province, flows, tmp_path):
    output, areas = tmp_path / "balance.gpkg", tmp_path / "areas.gpkg"
    results = run(
        "resourcebalance",
        FLOWS=flows,
        AREAS=province["REGIONS"],
        OUTPUT=str(output),
        OUTPUT_AREAS=str(areas),
    )
    table, drawn, given = only_table(output), only_table(areas), only_table(flows)
    assert results["ROW_COUNT"] == len(table) and results["AREA_COUNT"] == len(drawn)
    assert results["FLOW_COUNT"] == len(given) == sum(row["flows"] for row in table)
    for direction in ("supply", "demand"):
        found = {}
        for row in table:
            key = (direction, row["material"])
            found[key] = found.get(key, 0) + row[direction]
            low, high = row[f"{direction}_low"], row[f"{direction}_high"]
            assert low <= row[direction] * 1.01 and row[direction] <= high * 1.01
        expected = sums(given, direction=direction)
        kept = {key: total for key, total in found.items() if total}
        assert kept == pytest.approx(expected, rel=1e-9)
    assert all(row["reported_share"] == 0 for row in table)
    heat = sum(row["heat_demand"] for row in drawn)
    inside = [row for row in table if row["area_id"] and row["carrier"] == "heat"]
    assert heat == pytest.approx(sum(row["demand"] for row in inside))
    assert styles_of(output) == ["resource_balance"]
    assert styles_of(areas) == ["balance_areas"]


def test_areas_of_other_kinds_with_the_mandatory_only(run, province, chain, flows):
    for areas in (chain["CLUSTERS"], chain["AREAS"], province["ZONES"]):
        results = run("resourcebalance", FLOWS=flows, AREAS=areas)
        assert results["OUTSIDE_COUNT"] < results["FLOW_COUNT"]
        assert results["ROW_COUNT"] > results["AREA_COUNT"] > 0


def test_the_same_seed_gives_the_same_balance(run, province, flows, tmp_path):
    tables = []
    for seed, name in ((1, "a"), (1, "b"), (2, "c")):
        path = tmp_path / f"{name}.gpkg"
        run("resourcebalance", FLOWS=flows, AREAS=province["REGIONS"], SEED=seed,
            OUTPUT=str(path))  # fmt: skip
        tables.append(only_table(path))
    assert tables[0] == tables[1] != tables[2]


def test_reconciled_flows_meet_their_totals(run, province, flows, tmp_path):
    given = only_table(flows)
    before = sums(given, carrier="material")
    (region,) = [row["region_id"] for row in _regions(province)[:1]]
    supply = max((each for each in before if each[0] == "supply"), key=before.get)
    demand = max((each for each in before if each[0] == "demand"), key=before.get)
    totals = tmp_path / "totals.csv"
    totals.write_text(
        f"{HEAD};sbi;source\n"
        f"*;supply;material;{supply[1]};{2 * before[supply]};0;;count\n"
        f"{region};demand;;{demand[1]};1.000,5;0,2;;\n"
        f"Nergens;demand;;{demand[1]};3;0,1;;\n"
        f";demand;;{demand[1]};{0.5 * before[demand]};0.1;;\n",
        encoding="utf-8",
    )
    output, table = tmp_path / "out.gpkg", tmp_path / "table.gpkg"
    results = run(
        "reconcileflows",
        FLOWS=flows,
        TOTALS=str(totals),
        REGIONS=province["REGIONS"],
        OUTPUT=str(output),
        OUTPUT_TOTALS=str(table),
    )
    found, told = only_table(output), {row["row"]: row for row in only_table(table)}
    after = sums(found)
    assert after[supply] == pytest.approx(2 * before[supply], rel=1e-9)
    assert after[demand] == pytest.approx(told[5]["after"], rel=1e-9)
    assert told[2]["before"] == pytest.approx(before[supply], rel=1e-9)
    assert told[3]["target"] == 1000.5 and told[3]["uncertainty"] == 0.2
    assert told[4]["used"] == 0 and told[4]["remark"]
    assert results["TOTAL_COUNT"] == 4 and results["USED_COUNT"] == 3
    assert min(row["quantity"] for row in found) >= 0
    touched = [row for row in found if row["factor"] is not None]
    assert len(touched) == results["ADJUSTED_COUNT"] > 0
    others = sums([row for row in found if row["factor"] is None])
    assert others == pytest.approx(
        sums([row for row in given if (row["direction"], row["material"]) in others])
    )
    assert styles_of(output) == ["flows"]
    assert styles_of(table) == ["reconciled_totals"]
    again = run("resourcebalance", FLOWS=str(output), AREAS=province["REGIONS"])
    assert again["FLOW_COUNT"] == len(given)


def _regions(province):
    path, name = province["REGIONS"].split("|layername=")
    with sqlite3.connect(path) as database:
        database.row_factory = sqlite3.Row
        query = f'SELECT * FROM "{name}" ORDER BY region_id'
        return [dict(row) for row in database.execute(query)]


@pytest.mark.parametrize(
    ("rows", "word"),
    [
        ([";supply;;gft;1;0", ";supply;;gft;2;0"], "gft: 1"),
        ([";supply;;gft;-1;0"], "total"),
        ([";supply;;gft;veel;0"], "veel"),
        (["Ergens;supply;;gft;1;0"], "REGIONS"),
        ([], "TOTALS"),
    ],
)
def test_totals_that_are_refused(refused, flows, tmp_path, rows, word):
    given = {(row["direction"], row["material"]) for row in only_table(flows)}
    material = min(code for direction, code in given if direction == "supply")
    path = tmp_path / "totals.csv"
    text = "\n".join([HEAD, *rows]).replace("gft", material)
    path.write_text(text, encoding="utf-8")
    told = refused("reconcileflows", FLOWS=flows, TOTALS=str(path))
    assert word.replace("gft", material) in told


def test_what_makes_no_input_is_refused(refusal, refused, province, flows, tmp_path):
    path = tmp_path / "totals.csv"
    path.write_text(HEAD.replace("total;", "totaal;"), encoding="utf-8")
    assert "totaal" in refused("reconcileflows", FLOWS=flows, TOTALS=str(path))
    lines = {"AREAS": province["INFRASTRUCTURE"]}
    refused("resourcebalance", FLOWS=flows, **lines)
    assert "FLOWS" in refusal("resourcebalance", AREAS=province["REGIONS"])
    assert "TOTALS" in refused("reconcileflows", FLOWS=flows)
