"""Every algorithm through real qgis_process: only the mandatory, and all parameters."""

import json
import sqlite3
import subprocess

import pytest

ROLES = (
    "establishments",
    "zones",
    "infrastructure",
    "facilities",
    "regions",
    "constraints",
    "initiatives",
)


def count(path, table=None):
    with sqlite3.connect(path) as database:
        if table is None:
            query = "SELECT table_name FROM gpkg_contents"
            names = {name for (name,) in database.execute(query)}
            (table,) = names - {"layer_styles"}
        return database.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0]


@pytest.mark.parametrize("role", ROLES)
def test_prepare_with_mandatory_only(run, province, role):
    results = run(f"prepare{role}", INPUT=province[role.upper()])
    assert results["COUNT_IN"] == results["COUNT_OUT"] + results["COUNT_SKIPPED"]
    assert results["COUNT_OUT"] > 0


ALL_PARAMETERS = {
    "establishments": {
        "ID_FIELD": "est_id",
        "NAME_FIELD": "name",
        "ACTIVITY_FIELD": "sbi",
        "JOBS_FIELD": "jobs",
        "VALUE_ADDED_FIELD": "jobs",
        "CODE_LIST": 0,
    },
    "zones": {
        "ID_FIELD": "zone_id",
        "NAME_FIELD": "name",
        "KIND_FIELD": "kinds",
        "AVAILABLE_FIELD": "available_ha",
        "ENV_CATEGORY_FIELD": "env_category",
        "PARK_MANAGEMENT_FIELD": "park_management",
    },
    "infrastructure": {
        "ID_FIELD": "infra_id",
        "NAME_FIELD": "name",
        "MODE": 1,
        "CLASS_FIELD": "class",
    },
    "facilities": {
        "ID_FIELD": "facility_id",
        "NAME_FIELD": "name",
        "KIND_FIELD": "kind",
        "CAPACITY_FIELD": "capacity",
    },
    "regions": {
        "ID_FIELD": "region_id",
        "NAME_FIELD": "name",
        "POPULATION_FIELD": "population",
        "CENTRE_CITY_FIELD": "centre_city",
    },
    "constraints": {"KIND": 0, "EFFECT": 1},
    "initiatives": {
        "ID_FIELD": "initiative_id",
        "NAME_FIELD": "name",
        "KIND_FIELD": "kind",
        "STATUS_FIELD": "status",
        "SOURCE_FIELD": "source",
    },
}


@pytest.mark.parametrize("role", ROLES)
def test_prepare_with_all(run, province, tmp_path, role):
    output, skipped = tmp_path / "out.gpkg", tmp_path / "skipped.gpkg"
    results = run(
        f"prepare{role}",
        INPUT=province[role.upper()],
        TARGET_CRS="EPSG:31370",
        OUTPUT=str(output),
        SKIPPED=str(skipped),
        REPAIRED=str(tmp_path / "repaired.gpkg"),
        **ALL_PARAMETERS[role],
    )
    assert results["COUNT_IN"] == count(output) + count(skipped)


def test_demo_data_with_all(run, tmp_path):
    """Provinces stand side by side in every table."""
    output = tmp_path / "provinces.gpkg"
    results = run(
        "demodata",
        SEED=7,
        ESTABLISHMENTS_COUNT=1000,
        PROVINCES=2,
        OUTPUT=str(output),
        PLANTED=True,
    )
    assert count(output, "establishments") == 2000
    assert count(output, "truth") == 16
    assert count(output, "regions") == 48
    assert count(output, "zones") == results["ZONE_COUNT"]
    with sqlite3.connect(output) as database:
        for name, key, least in (
            ("establishments", "est_id", 1000),
            ("zones", "zone_id", 600),
            ("infrastructure", "infra_id", 100),
            ("facilities", "facility_id", 100),
            ("regions", "region_id", 24),
            ("initiatives", "initiative_id", 5),
            ("flows", "flow_id", 3),
            ("truth", "exchange_id", 2),
        ):
            query = f"SELECT substr({key}, 1, 4), count(*) FROM {name} GROUP BY 1"
            counts = dict(database.execute(query))
            assert set(counts) == {"P01-", "P02-"}
            assert min(counts.values()) >= least
        query = "SELECT max_y - min_y FROM gpkg_contents WHERE table_name = 'regions'"
        ((height,),) = database.execute(query)
    assert height > 100_000
    assert list(tmp_path.iterdir()) == [output]


def test_chain_with_mandatory_only(run, province, chain):
    assert run("detectclusters", ESTABLISHMENTS=province["ESTABLISHMENTS"])[
        "CLUSTER_COUNT"
    ]
    assert run("corridors", INFRASTRUCTURE=province["INFRASTRUCTURE"])["MULTIMODAL_HA"]
    areas = run(
        "leverageareas",
        ZONES=province["ZONES"],
        CLUSTERS=chain["CLUSTERS"],
        CORRIDORS=chain["CORRIDORS"],
    )
    assert areas["AREA_COUNT"] == count(chain["AREAS"])
    ranked = run("rankclusters", CLUSTERS=chain["CLUSTERS"])
    assert ranked["CLUSTER_COUNT"] == count(chain["CLUSTERS"])
    scores = run("scoreareas", AREAS=chain["AREAS"])
    assert scores["AREA_COUNT"] == areas["AREA_COUNT"]
    types = run("environmenttypes", ZONES=province["ZONES"])
    assert types["UNKNOWN_COUNT"] == types["ZONE_COUNT"] > types["TYPED_COUNT"] > 0


def test_chain_with_all(run, province, tmp_path):
    clusters = run(
        "detectclusters",
        ESTABLISHMENTS=province["ESTABLISHMENTS"],
        DISTANCE=600,
        MIN_ESTABLISHMENTS=8,
        MIN_JOBS=20,
        OUTPUT=str(tmp_path / "clusters.gpkg"),
        OUTPUT_MEMBERS=str(tmp_path / "members.gpkg"),
    )
    assert clusters["MEMBER_COUNT"] > clusters["CLUSTER_COUNT"] > 0
    assert count(tmp_path / "members.gpkg") == 3000
    run(
        "corridors",
        INFRASTRUCTURE=[province["INFRASTRUCTURE"]],
        FACILITIES=[province["FACILITIES"]],
        ACCESS=2,
        ROAD_DISTANCE=900,
        RAIL_DISTANCE=900,
        WATER_DISTANCE=400,
        PIPELINE_DISTANCE=400,
        ENERGY_DISTANCE=900,
        MIN_MODES=2,
        OUTPUT=str(tmp_path / "modes.gpkg"),
        OUTPUT_MULTIMODAL=str(tmp_path / "corridors.gpkg"),
    )
    run(
        "leverageareas",
        ZONES=province["ZONES"],
        CLUSTERS=str(tmp_path / "clusters.gpkg"),
        CORRIDORS=str(tmp_path / "corridors.gpkg"),
        ESTABLISHMENTS=province["ESTABLISHMENTS"],
        CONSTRAINTS=[province["CONSTRAINTS"]],
        ZONE_KINDS="business_park;sea_port",
        MIN_MODES=2,
        CLUSTER_REACH=100,
        MIN_AREA=2,
        OUTPUT=str(tmp_path / "areas.gpkg"),
    )
    areas = count(tmp_path / "areas.gpkg")
    own = tmp_path / "own.csv"
    own.write_text("area_id,criterion,value\nZ0001-1,support,0.5\n", encoding="utf-8")
    weights = tmp_path / "weights.csv"
    weights.write_text(
        "criterion;weight\nC2;2\nC4_modes;1\nsupport;1\n", encoding="utf-8"
    )
    results = run(
        "scoreareas",
        AREAS=str(tmp_path / "areas.gpkg"),
        ESTABLISHMENTS=province["ESTABLISHMENTS"],
        ZONES=province["ZONES"],
        INFRASTRUCTURE=province["INFRASTRUCTURE"],
        FACILITIES=province["FACILITIES"],
        CONSTRAINTS=province["CONSTRAINTS"],
        CRITERIA=str(own),
        STRATEGY="basis",
        WEIGHTS=["C2", "1"],
        WEIGHTS_FILE=str(weights),
        MIN_COMPLETENESS=0.5,
        LANGUAGE=1,
        OUTPUT=str(tmp_path / "scored.gpkg"),
        OUTPUT_CRITERIA=str(tmp_path / "criteria.gpkg"),
    )
    assert results["AREA_COUNT"] == areas > 0
    assert count(tmp_path / "criteria.gpkg") == 3 * areas


def test_type_environments_with_all(run, province, tmp_path):
    paths = {
        name: str(tmp_path / f"{name}.gpkg")
        for name in ("OUTPUT", "OUTPUT_NETWORK", "OUTPUT_TYPES")
    }
    results = run(
        "environmenttypes",
        ZONES=province["ZONES"],
        ESTABLISHMENTS=province["ESTABLISHMENTS"],
        REGIONS=province["REGIONS"],
        INFRASTRUCTURE=[province["INFRASTRUCTURE"]],
        FACILITIES=province["FACILITIES"],
        CONSTRAINTS=[province["CONSTRAINTS"]],
        ROAD_DISTANCE=900,
        RAIL_DISTANCE=900,
        WATER_DISTANCE=400,
        PIPELINE_DISTANCE=400,
        ENERGY_DISTANCE=900,
        **paths,
    )
    assert results["ZONE_COUNT"] == count(paths["OUTPUT"])
    assert count(paths["OUTPUT_TYPES"]) == 23
    with sqlite3.connect(paths["OUTPUT"]) as database:
        rows = database.execute("SELECT types, types_unknown FROM OUTPUT").fetchall()
    assert sum(types != "" for types, _ in rows) == results["TYPED_COUNT"]
    found = {name for types, _ in rows for name in types.split(";")} - {""}
    # T21 is about lines, and the establishments are too few for T2.
    assert found == {f"T{number}" for number in range(1, 24)} - {"T2", "T21"}


FLOW = {"actor_name": "x", "sbi": "2014", "carrier": "material", "material": "x",
        "unit": "t/y", "basis": "estimated", "data_quality": 5, "source": "x",
        "year": 2024}  # fmt: skip


def test_clusters_are_ranked_as_a_table_of_them_says(run, province, tmp_path):
    """From demo data to ranked clusters, against a count of the files."""
    paths = {
        name: str(tmp_path / f"{name}.gpkg")
        for name in ("clusters", "ranked", "criteria")
    }
    run(
        "detectclusters",
        ESTABLISHMENTS=province["ESTABLISHMENTS"],
        OUTPUT=paths["clusters"],
    )
    clusters = table(paths["clusters"], "clusters")
    weights = tmp_path / "weights.csv"
    weights.write_text("criterion;rank\njobs;1\nraw_materials;2\n", encoding="utf-8")
    results = run(
        "rankclusters",
        CLUSTERS=paths["clusters"],
        FLOWS=flows_at_the_corner_of_the_world(tmp_path),
        WEIGHTS=["establishments", "1"],
        WEIGHTS_FILE=str(weights),
        MIN_COMPLETENESS=0.3,
        TOP=3,
        LANGUAGE=1,
        OUTPUT=paths["ranked"],
        OUTPUT_CRITERIA=paths["criteria"],
    )
    ranked = table(paths["ranked"], "ranked")
    jobs = [row["jobs"] for row in clusters]
    others = len(jobs) - 1
    for row, own in zip(ranked, jobs, strict=True):
        less = sum(each < own for each in jobs)
        equal = sum(each == own for each in jobs) - 1
        # Jobs weigh ¾; of raw materials nobody has any: everybody is in the middle.
        expected = 75 * (less + equal / 2) / others + 25 * 0.5
        assert row["score"] == pytest.approx(expected)
        assert row["completeness"] == pytest.approx(1)
        assert row["selected"] == (row["rank"] <= 3 or row["low_hanging_fruit"])
    easy = [row for row in clusters if row["low_hanging_fruit"]]
    assert results["CLUSTER_COUNT"] == results["RANKED_COUNT"] == len(clusters)
    assert results["FLAGGED_COUNT"] == len(easy)
    assert results["SELECTED_COUNT"] == sum(row["selected"] for row in ranked)
    assert count(paths["criteria"]) == 2 * len(clusters)


def table(path, name):
    with sqlite3.connect(path) as database:
        database.row_factory = sqlite3.Row
        return database.execute(
            f'SELECT * FROM "{name}" ORDER BY cluster_id'
        ).fetchall()


def flows_at_the_corner_of_the_world(folder):
    """One demand, in no cluster."""
    path = folder / "flows.geojson"
    quantities = {"quantity": 5.0, "quantity_low": 1.0, "quantity_high": 9.0}
    properties = {"flow_id": "f1", "actor_id": "a1", "direction": "demand"}
    feature = {
        "type": "Feature",
        "properties": properties | quantities | FLOW,
        "geometry": {"type": "Point", "coordinates": [1.0, 300_000.0]},
    }
    system = {"type": "name", "properties": {"name": "EPSG:28992"}}
    content = {"type": "FeatureCollection", "crs": system, "features": [feature]}
    path.write_text(json.dumps(content), encoding="utf-8")
    return str(path)


def test_outputs_in_a_geopackage_carry_their_style(chain):
    with sqlite3.connect(chain["AREAS"]) as database:
        query = "SELECT useAsDefault, styleQML FROM layer_styles"
        default, style = database.execute(query).fetchone()
    assert default
    assert "Leverage" in style or "Hefboom" in style


def test_json_answer_is_all_that_stands_on_stdout(env, province):
    done = subprocess.run(
        ["qgis_process", "run", "kansenkaart:detectclusters", "-"],
        input=json.dumps({"inputs": {"ESTABLISHMENTS": province["ESTABLISHMENTS"]}}),
        env=env,
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout)["results"]["CLUSTER_COUNT"] > 0
