"""Bad input to the prepare algorithms, through QGIS's layers and files."""

import json
import sqlite3

import bad_input as bad
import numpy as np
import pytest
import shapely
from bad_layers import (
    CURVED,
    MEASURED,
    MOMENT,
    NEEDED,
    ROLES,
    STRANGE,
    USUAL,
    geopackage,
    memory,
    one_sentence,
    parameters_of,
    run,
    shapes_of,
    simple,
)
from kansenkaart.analysis.layers import layer_type
from qgis.core import Qgis, QgsVectorLayer, QgsWkbTypes
from qgis.PyQt.QtCore import QTime

pytestmark = pytest.mark.usefixtures("provider")


# --- prepare: geometry ----------------------------------------------------------


@pytest.mark.parametrize("role", ROLES)
def test_every_shape_meets_its_fate(role, tmp_path):
    kind = ROLES[role]
    fit = CURVED[kind] | MEASURED[kind]
    corpus = bad.SHAPES[kind] | {name: (wkt, bad.KEPT) for name, wkt in fit.items()}
    rows = [{"nr": name, **NEEDED.get(role, {})} for name in corpus]
    columns = dict.fromkeys(rows[0], "text")
    shapes = [shape for shape, _ in corpus.values()]
    source = geopackage(tmp_path / "bron.gpkg", "Any", shapes, rows, columns)
    outcome = run(
        f"prepare{role}",
        INPUT=source,
        ID_FIELD="nr",
        OUTPUT=str(tmp_path / "uit.gpkg"),
        SKIPPED=str(tmp_path / "weg.gpkg"),
        REPAIRED=str(tmp_path / "hersteld.gpkg"),
    )
    skipped, repaired = outcome.rows("SKIPPED"), outcome.rows("REPAIRED")
    gone = {row["source_id"] for row in skipped}
    mended = {row["source_id"] for row in repaired}
    fates = {
        name: bad.SKIPPED
        if name in gone
        else bad.REPAIRED
        if name in mended
        else bad.KEPT
        for name in corpus
    }
    # Dutch RD reaches far outside the Netherlands in QGIS's own list of systems.
    expected = {name: fate for name, (_, fate) in corpus.items()}
    unsure = {"just_inside", "just_outside", "far_edge", "far_end", "far"}
    assert {k: v for k, v in fates.items() if k not in unsure} == {
        k: v for k, v in expected.items() if k not in unsure
    }
    layer = outcome.layer()
    assert outcome.results["COUNT_IN"] == len(corpus)
    assert layer.featureCount() + len(skipped) == len(corpus)
    assert {row["count"] for row in skipped} == {1}
    assert {row["layer"] for row in skipped + repaired} == {"laag"}
    found = np.array(shapes_of(layer))
    assert shapely.is_valid(found).all()
    assert not shapely.is_empty(found).any()
    assert not QgsWkbTypes.hasZ(layer.wkbType())
    assert not QgsWkbTypes.hasM(layer.wkbType())
    if kind == "Point":
        assert layer.wkbType() == Qgis.WkbType.Point


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("kind", ["Point", "Line", "Polygon", "None"])
def test_a_wrong_type_of_geometry_is_refused(role, kind, tmp_path):
    if kind == ROLES[role]:
        return
    shapes = [USUAL.get(kind)]
    layer = memory(
        kind, shapes, [NEEDED.get(role, {})], {"sbi": "text", "mode": "text"}
    )
    output = tmp_path / "uit.gpkg"
    outcome = run(f"prepare{role}", INPUT=layer, OUTPUT=str(output))
    one_sentence(outcome.refusal)
    assert not output.exists()


@pytest.mark.parametrize("role", ROLES)
def test_no_features(role):
    outcome = run(
        f"prepare{role}",
        INPUT=simple(role, 0),
        OUTPUT="TEMPORARY_OUTPUT",
        SKIPPED="TEMPORARY_OUTPUT",
        REPAIRED="TEMPORARY_OUTPUT",
    )
    assert outcome.rows() == outcome.rows("SKIPPED") == outcome.rows("REPAIRED") == []
    assert set(layer_type(role).fields) <= set(outcome.layer().fields().names())


# --- prepare: coordinate systems ------------------------------------------------


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(
    "crs", ["", "EPSG:4326", "EPSG:4258", "EPSG:2263", "EPSG:4978"]
)
def test_a_system_without_metres_is_refused(role, crs):
    told = run(f"prepare{role}", INPUT=simple(role, crs=crs), OUTPUT="memory:").refusal
    one_sentence(told, "28992", "31370")


@pytest.mark.parametrize("target", ["EPSG:4326", "EPSG:2263", "EPSG:4978"])
def test_a_target_without_metres_is_refused(target):
    outcome = run(
        "preparezones", INPUT=simple("zones"), TARGET_CRS=target, OUTPUT="memory:"
    )
    one_sentence(outcome.refusal, "28992", "31370")


@pytest.mark.parametrize("target", ["EPSG:999999", "nonsense", 28992, "[% 1+1 %]"])
def test_a_target_that_does_not_exist_is_refused(target):
    outcome = run(
        "preparezones", INPUT=simple("zones"), TARGET_CRS=target, OUTPUT="memory:"
    )
    one_sentence(outcome.refusal, "TARGET_CRS")


def test_degrees_are_reprojected_to_the_target():
    rows, shapes = [{"sbi": "2014"}] * 3, ["POINT (5.387 52.155)", "POINT (0 0)", None]
    layer = memory("Point", shapes, rows, {"sbi": "text"}, "EPSG:4326")
    outcome = run(
        "prepareestablishments",
        INPUT=layer,
        TARGET_CRS="EPSG:28992",
        OUTPUT="memory:",
        SKIPPED="memory:",
    )
    (shape,) = shapes_of(outcome.layer())
    assert shape.distance(bad.POINT) < 100
    assert outcome.layer().crs().authid() == "EPSG:28992"
    assert len(outcome.rows("SKIPPED")) == 2


def test_places_that_cannot_be_reprojected_are_skipped():
    shapes = ["POINT (5.387 52.155)", "POINT (1e300 0)", "POINT (400 95)",
              "POINT (-70 -33)", "POINT (0 90)"]  # fmt: skip
    layer = memory("Point", shapes, [{"sbi": "20"}] * 5, {"sbi": "text"}, "EPSG:4326")
    outcome = run(
        "prepareestablishments",
        INPUT=layer,
        TARGET_CRS="EPSG:28992",
        OUTPUT="memory:",
        SKIPPED="memory:",
    )
    assert len(outcome.rows()) == 1
    assert len(outcome.rows("SKIPPED")) == 4


PRESET = 'title_nl = "x"\ntitle_en = "x"\nsource = "x"\nfields_seen = true\n'


@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:2263"])
def test_the_system_of_the_preset_comes_next(crs, tmp_path):
    preset = tmp_path / "eigen.toml"
    preset.write_text(PRESET + 'crs = "EPSG:31370"\n')
    shape = {"EPSG:4326": "POINT (4.4 51.2)", "EPSG:2263": "POINT (1e6 2e5)"}[crs]
    layer = memory("Point", [shape], [{"kind": "quay"}], {"kind": "text"}, crs)
    outcome = run(
        "preparefacilities", INPUT=layer, PRESET=str(preset), OUTPUT="memory:"
    )
    assert outcome.layer().crs().authid() == "EPSG:31370"


def test_a_preset_with_a_system_that_does_not_exist(tmp_path):
    preset = tmp_path / "eigen.toml"
    preset.write_text(PRESET + 'crs = "EPSG:abc"\n')
    layer = simple("facilities", crs="EPSG:4326")
    outcome = run(
        "preparefacilities", INPUT=layer, PRESET=str(preset), OUTPUT="memory:"
    )
    one_sentence(outcome.refusal, "EPSG:abc")


@pytest.fixture(scope="module")
def undefined(tmp_path_factory):
    """Two GeoPackages without coordinate system, which QGIS calls Undefined …."""
    folder = tmp_path_factory.mktemp("undefined")
    source = folder / "rd.gpkg"
    rows = [{"sbi": "20", "est_id": "a", "name": "x", "jobs": 1.0}]
    columns = {"sbi": "text", "est_id": "text", "name": "text", "jobs": "real"}
    geopackage(source, "Point", [bad.POINT], rows, columns)
    paths = []
    for number in (-1, 0):
        path = folder / f"bare{number}.gpkg"
        path.write_bytes(source.read_bytes())
        with sqlite3.connect(path) as database:
            database.execute("PRAGMA writable_schema = 1")
            for table in ("gpkg_contents", "gpkg_geometry_columns"):
                database.execute(f"UPDATE {table} SET srs_id = {number}")
        paths.append(f"{path}|layername=laag")
    return paths


@pytest.mark.parametrize("algorithm", ["prepareestablishments", "detectclusters"])
def test_undefined_is_no_system(algorithm, undefined):
    name = "INPUT" if algorithm.startswith("prepare") else "ESTABLISHMENTS"
    for path in undefined:
        told = run(algorithm, **{name: path, "OUTPUT": "memory:"}).refusal
        one_sentence(told, "28992", "31370")


@pytest.mark.parametrize(
    "crs",
    ["EPSG:31370", "EPSG:3812", "EPSG:32631", "EPSG:25831", "EPSG:3035", "EPSG:7415",
     "EPSG:3857", "EPSG:3031", "EPSG:5514", "EPSG:3395", "EPSG:27700"],
)  # fmt: skip
def test_systems_in_metres_are_taken(crs):
    layer = memory("Point", ["POINT (5.4 52.2)"], [{}], {"x": "text"}, "EPSG:4326")
    outcome = run("preparefacilities", INPUT=layer, TARGET_CRS=crs, OUTPUT="memory:")
    assert outcome.layer().crs().authid() == crs


def test_a_system_of_ones_own_is_taken():
    crs = "PROJ:+proj=laea +lat_0=52 +lon_0=5 +units=m +type=crs"
    layer = memory("Point", ["POINT (5.4 52.2)"], [{}], {"x": "text"}, "EPSG:4326")
    outcome = run("preparefacilities", INPUT=layer, TARGET_CRS=crs, OUTPUT="memory:")
    assert outcome.layer().featureCount() == 1


# --- prepare: fields ------------------------------------------------------------


@pytest.mark.parametrize("kind", STRANGE)
def test_values_of_a_strange_type_are_no_jobs_or_codes(kind):
    values = [STRANGE[kind], None]
    layer = simple("establishments", 2, vreemd=(kind, values))
    outcome = run(
        "prepareestablishments",
        INPUT=layer,
        JOBS_FIELD="vreemd",
        OUTPUT="memory:",
        SKIPPED="memory:",
    )
    assert [row["jobs"] for row in outcome.rows()] == [None]
    assert len(outcome.rows("SKIPPED")) == 1
    outcome = run(
        "prepareestablishments",
        INPUT=layer,
        ACTIVITY_FIELD="vreemd",
        OUTPUT="memory:",
        SKIPPED="memory:",
    )
    assert outcome.rows() == []
    assert len(outcome.rows("SKIPPED")) == 2


@pytest.mark.parametrize("kind", STRANGE)
@pytest.mark.parametrize("role", ROLES)
def test_values_of_a_strange_type_break_nothing(role, kind):
    layer = simple(role, 2, vreemd=(kind, [STRANGE[kind], None]))
    names = [
        name
        for name in parameters_of(f"prepare{role}")
        if name.endswith("_FIELD") and name not in {"ACTIVITY_FIELD", "MODE_FIELD"}
    ]
    for name in names:
        outcome = run(
            f"prepare{role}",
            INPUT=layer,
            OUTPUT="memory:",
            SKIPPED="memory:",
            **{name: "vreemd"},
        )
        assert len(outcome.rows()) + len(outcome.rows("SKIPPED")) == 2


@pytest.mark.parametrize("kind", ["time", "moment"])
def test_moments_that_differ_are_different_ids(kind):
    later = {"time": QTime(14, 45, 10), "moment": MOMENT.addSecs(60)}[kind]
    layer = simple("facilities", 2, nr=(kind, [STRANGE[kind], later]))
    outcome = run("preparefacilities", INPUT=layer, ID_FIELD="nr", OUTPUT="memory:")
    ids = [row["facility_id"] for row in outcome.rows()]
    assert len(set(ids)) == 2
    assert all("13:45" in one or "14:45" in one or "13:46" in one for one in ids)


@pytest.mark.parametrize("name", bad.FIELD_NAMES)
def test_fields_may_have_any_name(name):
    layer = simple("establishments", 1, columns={name: ("text", ["0111"])})
    outcome = run(
        "prepareestablishments", INPUT=layer, ACTIVITY_FIELD=name, OUTPUT="memory:"
    )
    assert [row["sbi"] for row in outcome.rows()] == ["0111"]


def test_fields_that_differ_in_case_only():
    layer = simple("establishments", 1, SBI=("text", ["20"]), Sbi=("text", ["10"]))
    for name, code in (("sbi", "2014"), ("SBI", "20"), ("Sbi", "10")):
        outcome = run(
            "prepareestablishments", INPUT=layer, ACTIVITY_FIELD=name, OUTPUT="memory:"
        )
        assert [row["sbi"] for row in outcome.rows()] == [code]


@pytest.mark.parametrize("role", ROLES)
def test_a_field_that_is_not_there_is_named(role, tmp_path):
    layer = simple(role, wel=("text", ["a", "b", "c"]))
    output = tmp_path / "uit.gpkg"
    for name in parameters_of(f"prepare{role}"):
        if name.endswith("_FIELD"):
            parameters = {name: "<nergens> {0}", "OUTPUT": str(output)}
            told = run(f"prepare{role}", INPUT=layer, **parameters).refusal
            one_sentence(told, "<nergens> {0}", "wel")
            assert not output.exists()


def test_names_go_through_a_file_unchanged(tmp_path):
    names = bad.names()
    for role in set(ROLES) - {"constraints", "flows"}:
        layer = simple(role, len(names), name=("text", names), nr=("text", names))
        path = tmp_path / f"{role}.gpkg"
        outcome = run(f"prepare{role}", INPUT=layer, ID_FIELD="nr", OUTPUT=str(path))
        rows = outcome.rows()
        assert sorted(row["name"] for row in rows) == sorted(names)
        assert sorted(row[layer_type(role).id] for row in rows) == sorted(names)


@pytest.mark.parametrize(
    "name", ["<b>a|b</b>", "x/../y", "%n {0} [% 1+1 %]", "a\nb", ""]
)
def test_a_layer_may_have_any_name(name):
    shapes = [bad.POINT, None]
    layer = memory("Point", shapes, [{}] * 2, {"x": "text"}, name=name)
    outcome = run("preparefacilities", INPUT=layer, OUTPUT="memory:", SKIPPED="memory:")
    assert [row["layer"] or "" for row in outcome.rows("SKIPPED")] == [name]


# --- files ----------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "latin-1"])
def test_files_of_old_programs_are_read(encoding, tmp_path):
    path = tmp_path / "bron.csv"
    path.write_bytes("naam;sbi;x;y\nCafé;0111;155000;463000\n".encode(encoding))
    charset = {"cp1252": "windows-1252", "latin-1": "ISO-8859-1"}.get(encoding, "UTF-8")
    uri = (
        f"file://{path}?delimiter=;&xField=x&yField=y&crs=EPSG:28992&encoding={charset}"
    )
    layer = QgsVectorLayer(uri, "bron", "delimitedtext")
    assert layer.isValid()
    outcome = run(
        "prepareestablishments", INPUT=layer, NAME_FIELD="naam", OUTPUT="memory:"
    )
    assert [(row["name"], row["sbi"]) for row in outcome.rows()] == [("Café", "0111")]


@pytest.mark.parametrize("name", ["missing", "folder", "binary", "text", "nul"])
def test_files_that_cannot_be_read(name, tmp_path):
    paths = {
        "missing": tmp_path / "nergens.toml",
        "folder": tmp_path / "map.toml",
        "binary": tmp_path / "binary.toml",
        "text": tmp_path / "tekst.toml",
        "nul": "a\0b.toml",
    }
    paths["folder"].mkdir()
    paths["binary"].write_bytes(bytes(range(256)) * 9)
    paths["text"].write_text("Dit is geen TOML.", encoding="utf-8")
    layer = simple("facilities")
    outcome = run(
        "preparefacilities", INPUT=layer, PRESET=str(paths[name]), OUTPUT="memory:"
    )
    one_sentence(outcome.refusal)


@pytest.mark.parametrize(
    "source",
    ["/nergens/bron.gpkg", "", "folder", "binary", "picture", 5, None, ["a", "b"]],
)
def test_sources_that_cannot_be_read(source, tmp_path):
    binary = tmp_path / "binary.gpkg"
    binary.write_bytes(bytes(range(256)) * 99)
    source = {
        "folder": str(tmp_path),
        "binary": str(binary),
        "picture": str(tmp_path / "x.png"),
    }.get(source if isinstance(source, str) else "-", source)
    one_sentence(run("preparefacilities", INPUT=source, OUTPUT="memory:").refusal)
    told = run("corridors", INFRASTRUCTURE=[source], OUTPUT="memory:").refusal
    one_sentence(told)
    told = run("detectclusters", ESTABLISHMENTS=source, OUTPUT="memory:").refusal
    one_sentence(told)


def test_a_field_of_which_qgis_loses_values_is_refused(tmp_path):
    """Newer versions of GDAL read numbers and texts as texts, and lose nothing."""
    path = tmp_path / "bron.geojson"
    features = [
        {
            "type": "Feature",
            "properties": {"sbi": "2014", "banen": jobs},
            "geometry": {"type": "Point", "coordinates": [5, 52]},
        }
        for jobs in (12, "1.234,5", None)
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    given = {"INPUT": str(path), "TARGET_CRS": "EPSG:28992", "OUTPUT": "memory:"}
    outcome = run("prepareestablishments", **given, JOBS_FIELD="banen")
    if outcome.ok:
        assert [row["jobs"] for row in outcome.rows()] == [12, 1234.5, None]
    else:
        one_sentence(outcome.refusal, "banen")
    assert len(run("prepareestablishments", **given).rows()) == 3
