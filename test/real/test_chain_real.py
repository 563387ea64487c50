"""The chain on real Dutch open data, through real qgis_process."""

import json
import sqlite3

import pytest
import qgis_process
import real


@pytest.fixture(scope="module")
def env(tmp_path_factory):
    return qgis_process.environment(tmp_path_factory.mktemp("profile"))


@pytest.fixture(scope="module")
def netherlands(data, tmp_path_factory):
    """Folder of the map, and of the prepared layers beside it."""
    folder = tmp_path_factory.mktemp("real") / "kaart"
    real.make(data, folder)
    return folder, folder.parent / "kaart_prepared"


def test_the_map_stands(netherlands):
    folder, _ = netherlands
    assert (folder / "run.json").is_file()
    record = json.loads((folder / "run.json").read_text("utf-8"))
    assert record["parameters"]["opportunitymap"]["PROOF"] is True
    assert record["outputs"]["leverage_areas"] > 0


def test_who_knows_the_country_recognises_the_best(netherlands):
    """Steel at the sea locks and the port of Amsterdam lie on rail and water."""
    folder, _ = netherlands
    with sqlite3.connect(folder / "kansenkaart.gpkg") as database:
        query = "SELECT name FROM leverage_areas WHERE rank <= 3"
        best = " ".join(name for (name,) in database.execute(query))
    assert "Velsen" in best
    assert "Amsterdam" in best


def reasons(prepared, name):
    text = (prepared / f"{name}_skipped.csv").read_text("utf-8")
    return text.splitlines()[1:]


def test_empty_rails_and_the_caribbean_port_are_listed(netherlands):
    _, prepared = netherlands
    assert len(reasons(prepared, "infrastructure_top10nl_rail")) == 4179
    (port,) = reasons(prepared, "facilities_sea_ports")
    assert "ANEUX" in port


def test_wind_and_sun_are_left_out_and_listed(netherlands):
    _, prepared = netherlands
    rows = reasons(prepared, "establishments_powerplants")
    assert sum("Wind" in row for row in rows) == 148
    assert sum("Solar" in row for row in rows) == 221


def test_a_planted_point_on_the_origin_is_listed(data, env, tmp_path):
    source = data / "industry/wastewater_plants_nl.geojson"
    plants = json.loads(source.read_text("utf-8"))
    plants["features"][7]["geometry"]["coordinates"] = [0, 0]
    planted = tmp_path / "plants.geojson"
    planted.write_text(json.dumps(plants), encoding="utf-8")
    counts = qgis_process.run(
        "preparefacilities",
        {
            "INPUT": str(planted),
            "ID_FIELD": "uwwCode",
            "KIND": 0,
            "TARGET_CRS": "EPSG:28992",
            "OUTPUT": str(tmp_path / "out.gpkg"),
            "SKIPPED": str(tmp_path / "skipped.csv"),
        },
        env,
        quiet=True,
    )
    assert (counts["COUNT_IN"], counts["COUNT_OUT"]) == (416, 415)
    assert "(0, 0)" in (tmp_path / "skipped.csv").read_text("utf-8")


def test_business_parks_of_rijssen_holten(data, env, tmp_path):
    """Twenty-two real parks, areas as text, ids that occur more than once."""
    output = tmp_path / "parks.gpkg"
    counts = qgis_process.run(
        "preparezones",
        {
            "INPUT": str(data / "zones/ibis_rijssen_holten_2017.geojson"),
            "PRESET": "ibis_2017",
            "OUTPUT": str(output),
        },
        env,
        quiet=True,
    )
    assert (counts["COUNT_IN"], counts["COUNT_OUT"]) == (22, 22)
    with sqlite3.connect(output) as database:
        kinds = set(database.execute("SELECT kinds FROM parks"))
        (area,) = database.execute("SELECT sum(area_ha) FROM parks").fetchone()
    assert kinds == {("business_park",)}
    assert 200 < area < 500
