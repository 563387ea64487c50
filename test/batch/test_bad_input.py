"""Bad input to real qgis_process: exit 1 with a sentence, or exit 0 and a result."""

import json
import sqlite3
import subprocess
from itertools import cycle

import bad_input as bad
import pytest
import shapely
import workshop_attack as attack

POINT = bad.POINT.__geo_interface__


@pytest.fixture(scope="module")
def call(env):
    """Run an algorithm; gives exit code, results, and all that was said."""

    def start(algorithm, **inputs):
        done = subprocess.run(
            ["qgis_process", "run", f"kansenkaart:{algorithm}", "-"],
            input=json.dumps({"inputs": inputs}),
            env=env,
            check=False,
            capture_output=True,
            text=True,
        )
        said = done.stdout + done.stderr
        assert "Traceback" not in said, said
        assert done.returncode in {0, 1}, said
        results = json.loads(done.stdout)["results"] if done.returncode == 0 else None
        return done.returncode, results, said

    return start


def geojson(path, rows, crs="EPSG:28992"):
    """A file with features of any kind; rows of properties and geometry."""
    features = [
        {"type": "Feature", "properties": properties, "geometry": geometry}
        for properties, geometry in rows
    ]
    named = {"type": "name", "properties": {"name": crs}}
    content = {"type": "FeatureCollection", "crs": named, "features": features}
    path.write_text(json.dumps(content), encoding="utf-8")
    return str(path)


def rows_of(path, table=None):
    """Rows of the only table of a GeoPackage, or of a named one."""
    with sqlite3.connect(path) as database:
        database.row_factory = sqlite3.Row
        if table is None:
            names = database.execute("SELECT table_name FROM gpkg_contents").fetchall()
            (table,) = {row["table_name"] for row in names} - {"layer_styles"}
        rows = database.execute(f'SELECT * FROM "{table}"').fetchall()
    return [dict(row) for row in rows]


def dirty_points():
    """Rows of a source with every kind of dirt, each with its number and fate."""
    rows = []

    def add(geometry=POINT, **properties):
        given = {"id": f"n{len(rows):03}", "code": "0111", "banen": "1", "naam": "x"}
        rows.append((given | properties, geometry))

    for shape, _ in bad.SHAPES["Point"].values():
        finite = shape is None or not shapely.is_empty(shape)
        known = shape is not None and shapely.is_valid(shape) and finite
        add(shape.__geo_interface__ if known else None)
    for text in (*bad.NUMBERS, *bad.NO_NUMBERS, "-3"):
        add(banen=text)
    for text in (*bad.CODES, *bad.NO_CODES):
        add(code=text)
    for name in bad.names():
        add(naam=name, id=name)
    for given in (None, "", " ", "n000", "dubbel", "dubbel"):
        add(id=given)
    return rows


def test_a_dirty_source_is_accounted_for(call, tmp_path):
    rows = dirty_points()
    source = geojson(tmp_path / "bron.geojson", rows)
    paths = {
        name: str(tmp_path / f"{name.lower()}.gpkg")
        for name in ("OUTPUT", "SKIPPED", "REPAIRED")
    }
    code, results, said = call(
        "prepareestablishments",
        INPUT=source,
        ID_FIELD="id",
        NAME_FIELD="naam",
        ACTIVITY_FIELD="code",
        JOBS_FIELD="banen",
        **paths,
    )
    assert code == 0, said
    kept, skipped = rows_of(paths["OUTPUT"]), rows_of(paths["SKIPPED"])
    assert len(kept) + len(skipped) == len(rows) == results["COUNT_IN"]
    assert {row["count"] for row in skipped} == {1}
    assert len(kept) == len({row["est_id"] for row in kept})
    assert set(bad.names()) <= {row["name"] for row in kept}
    numbers = sorted(value for value in bad.NUMBERS.values() if value is not None)
    assert set(numbers) <= {row["jobs"] for row in kept}
    assert set(bad.CODES.values()) <= {row["sbi"] for row in kept}

    again = str(tmp_path / "nog_eens.gpkg")
    code, results, said = call(
        "prepareestablishments", INPUT=paths["OUTPUT"], OUTPUT=again
    )
    assert code == 0, said
    assert results["COUNT_SKIPPED"] == results["COUNT_REPAIRED"] == 0
    plain = [{k: v for k, v in row.items() if k != "geom"} for row in kept]
    twice = [{k: v for k, v in row.items() if k != "geom"} for row in rows_of(again)]
    assert plain == twice


def test_a_shapefile_of_an_old_program(call, tmp_path):
    rows = [
        ({"naam": "Café – “Müller” €", "soort": "mixed"}, shape.__geo_interface__)
        for shape, fate in bad.POLYGONS.values()
        if fate != bad.SKIPPED and not shape.has_z
    ]
    source = geojson(tmp_path / "bron.geojson", rows)
    old = tmp_path / "oud.shp"
    subprocess.run(
        ["ogr2ogr", "-lco", "ENCODING=CP1252", "-skipfailures", old, source],
        check=True,
        capture_output=True,
    )
    output = str(tmp_path / "zones.gpkg")
    code, results, said = call(
        "preparezones",
        INPUT=str(old),
        NAME_FIELD="naam",
        KIND_FIELD="soort",
        OUTPUT=output,
    )
    assert code == 0, said
    assert results["COUNT_IN"] == results["COUNT_OUT"] > 5
    assert {row["name"] for row in rows_of(output)} == {"Café – “Müller” €"}


def refusals(folder, province):
    """What must be refused: algorithm, inputs, and a word of the sentence."""
    points = province["ESTABLISHMENTS"]
    zones = province["ZONES"]
    file, binary = folder / "bestand", folder / "binary.toml"
    file.write_text("x")
    binary.write_bytes(bytes(range(256)))
    empty = folder / "map.toml"
    empty.mkdir()
    lines = [province["INFRASTRUCTURE"], zones]
    path = zones.split("|")[0]
    return {
        "second_of_a_list": ("corridors", {"INFRASTRUCTURE": lines}, "zones"),
        "input_as_output": ("preparezones", {"INPUT": zones, "OUTPUT": path}, "OUTPUT"),
        "no_folder": (
            "detectclusters",
            {"ESTABLISHMENTS": points, "OUTPUT": f"{file}/uit.gpkg"},
            "uit.gpkg",
        ),
        "no_system": (
            "preparezones",
            {"INPUT": zones, "TARGET_CRS": "EPSG:999999"},
            "EPSG:999999",
        ),
        "binary": ("preparezones", {"INPUT": zones, "PRESET": str(binary)}, "binary"),
        "not_a_number": (
            "detectclusters",
            {"ESTABLISHMENTS": points, "DISTANCE": "nan"},
            "DISTANCE",
        ),
        "folder_as_settings": (
            "opportunitymap",
            {
                "ESTABLISHMENTS": points,
                "ZONES": zones,
                "INFRASTRUCTURE": province["INFRASTRUCTURE"],
                "SETTINGS": str(empty),
                "OUTPUT_FOLDER": str(folder / "kaart"),
            },
            "map.toml",
        ),
    }


def test_refusals_are_one_sentence(call, province, tmp_path):
    before = rows_of(province["ZONES"].split("|")[0], "zones")
    for name, (algorithm, inputs, word) in refusals(tmp_path, province).items():
        code, _, said = call(algorithm, **inputs)
        assert code == 1, name
        assert word in said, name
    assert rows_of(province["ZONES"].split("|")[0], "zones") == before
    assert {path.name for path in tmp_path.iterdir()} == {
        "bestand", "binary.toml", "map.toml",
    }  # fmt: skip


def municipality(path, source):
    """The part of a province round its first municipality, as a file of its own."""
    ground = attack.table(source, "regions")[0]["geom"]
    window = [str(side) for side in ground.bounds]
    subprocess.run(
        ["ogr2ogr", "-spat", *window, path, source], check=True, capture_output=True
    )
    return path


def test_names_stay_names_on_the_map(call, province, tmp_path):
    whole = province["ZONES"].split("|")[0]
    source = municipality(tmp_path / "gemeente.gpkg", whole)
    names = bad.names()
    with sqlite3.connect(source) as database:
        # They call functions that only GDAL knows.
        query = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        for (trigger,) in database.execute(query).fetchall():
            database.execute(f'DROP TRIGGER "{trigger}"')
        for table in ("zones", "establishments", "regions", "facilities"):
            query = f"SELECT fid FROM {table} ORDER BY fid"
            rows = [row for (row,) in database.execute(query).fetchall()]
            named = zip(cycle(names), rows, strict=False)
            query = f"UPDATE {table} SET name = ? WHERE fid = ?"
            database.executemany(query, named)
    folder = tmp_path / "../kaart [% 1+1 %]"
    layers = {role: f"{source}|layername={role.lower()}" for role in province}
    code, results, said = call(
        "opportunitymap",
        **layers,
        TITLE=bad.NAMES["expression"],
        AUDIENCE=1,
        OUTPUT_FOLDER=str(folder),
    )
    assert code == 0, said
    listed = {row["name"] for row in rows_of(results["GEOPACKAGE"], "zones")}
    assert listed == set(names)
    for table in ("flows", "leads", "matches"):
        assert rows_of(results["GEOPACKAGE"], table)
    report = (folder.resolve() / "rapport.html").read_text(encoding="utf-8")
    assert "<script>alert" not in report
    assert "[% 1+1 %]" in report
    page = subprocess.run(
        ["pdftotext", "-layout", results["PDF_FILE"], "-"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    assert "[% 1+1 %]" in page
