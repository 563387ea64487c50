"""What is refused: one sentence, no output; exit code 1 of a real process."""

import json
import subprocess


def geojson(path, geometry, crs="EPSG:28992"):
    properties = {"est_id": "1", "name": "x", "sbi": "2011", "jobs": 1}
    feature = {"type": "Feature", "properties": properties, "geometry": geometry}
    collection = {
        "type": "FeatureCollection",
        "crs": {"type": "name", "properties": {"name": crs}},
        "features": [feature],
    }
    path.write_text(json.dumps(collection), encoding="utf-8")
    return str(path)


POINT = {"type": "Point", "coordinates": [5.1, 52.1]}
LINE = {"type": "LineString", "coordinates": [[100000, 400000], [100100, 400000]]}


def test_unknown_parameter(refusal, province, tmp_path):
    output = tmp_path / "clusters.gpkg"
    told = refusal(
        "detectclusters",
        ESTABLISHMENTS=province["ESTABLISHMENTS"],
        DISTANCES=400,
        OUTPUT=str(output),
    )
    assert "DISTANCES" in told
    assert "MIN_ESTABLISHMENTS" in told
    assert not output.exists()


def test_degrees_name_two_ways_out(refused, tmp_path):
    source = geojson(tmp_path / "points.geojson", POINT, "EPSG:4326")
    told = refused("detectclusters", ESTABLISHMENTS=source)
    assert "28992" in told
    assert "31370" in told
    told = refused("prepareestablishments", INPUT=source)
    assert "TARGET_CRS" in told


def test_lines_as_points(refused, tmp_path):
    source = geojson(tmp_path / "lines.geojson", LINE)
    output = tmp_path / "clusters.gpkg"
    told = refused("detectclusters", ESTABLISHMENTS=source, OUTPUT=str(output))
    assert "lines" in told
    assert not output.exists()
    refused("prepareestablishments", INPUT=source)


def test_lists_are_checked_too(refused, province):
    told = refused("corridors", INFRASTRUCTURE=[province["ZONES"]])
    assert "zones" in told
    told = refused("corridors", INFRASTRUCTURE=["/nowhere/lines.gpkg"])
    assert "INFRASTRUCTURE" in told


def test_undefined_crs(refused, province, tmp_path):
    source, bare = province["ESTABLISHMENTS"], tmp_path / "bare.gpkg"
    path, layer = source.split("|layername=")
    subprocess.run(
        ["ogr2ogr", "-a_srs", "None", bare, path, layer],
        check=True,
        capture_output=True,
    )
    told = refused("detectclusters", ESTABLISHMENTS=str(bare))
    assert "28992" in told


def test_missing_field(refused, province):
    told = refused(
        "prepareestablishments", INPUT=province["ESTABLISHMENTS"], JOBS_FIELD="banen"
    )
    assert "banen" in told
    assert "jobs" in told


def test_unknown_preset_lists_what_there_is(refused, province):
    told = refused("preparezones", INPUT=province["ZONES"], PRESET="nergens")
    assert "ibis_2017" in told


def test_code_list_without_table(refused, province):
    told = refused(
        "prepareestablishments", INPUT=province["ESTABLISHMENTS"], CODE_LIST=2
    )
    assert "sbi2025" in told


def test_layer_that_was_not_prepared(refused, province):
    told = refused("detectclusters", ESTABLISHMENTS=province["FACILITIES"])
    assert "prepareestablishments" in told


def test_corridors_per_mode_are_not_multimodal(refused, province, chain):
    told = refused(
        "leverageareas",
        ZONES=province["ZONES"],
        CLUSTERS=chain["CLUSTERS"],
        CORRIDORS=chain["MODES"],
    )
    assert "OUTPUT_MULTIMODAL" in told


def test_unknown_criterion_in_weights(refused, chain, tmp_path):
    weights = tmp_path / "weights.csv"
    weights.write_text("criterion;weight\nC99;1\n", encoding="utf-8")
    told = refused("scoreareas", AREAS=chain["AREAS"], WEIGHTS_FILE=str(weights))
    assert "C99" in told
    assert "C1_mass" in told
