"""The whole map through real qgis_process."""

import hashlib
import html
import json
import sqlite3
import subprocess
import unicodedata
import zipfile

import pytest
from scene_settings import NO_FLOWS_FILE

FILES = {
    "kansenkaart.gpkg",
    "kansenkaart.pdf",
    "kansenkaart.qgz",
    "ranglijst.xlsx",
    "rapport.html",
    "run.json",
}
TABLES = {
    "leverage_areas",
    "clusters",
    "cluster_criteria",
    "corridors",
    "criteria",
    "assumptions",
    "skipped",
    "zones",
    "regions",
    "infrastructure",
    "facilities",
    "constraints",
    "initiatives",
}


def rows(gpkg, table):
    with sqlite3.connect(gpkg) as database:
        return database.execute(f'SELECT * FROM "{table}" ORDER BY 1').fetchall()


def tables(gpkg):
    with sqlite3.connect(gpkg) as database:
        return {
            name for (name,) in database.execute("SELECT table_name FROM gpkg_contents")
        }


@pytest.fixture(scope="module")
def finished(run, province, tmp_path_factory):
    folder = tmp_path_factory.mktemp("maps") / "kaart"
    settings = folder.parent / "settings.toml"
    settings.write_text(
        "[detectclusters]\nDISTANCE = 800\n\n"
        '[leverageareas]\nZONE_KINDS = "business_park;sea_port"\n\n'
        '[corridors]\nACCESS = "both"\n',
        encoding="utf-8",
    )
    results = run(
        "opportunitymap",
        **province,
        STRATEGY="basis",
        SETTINGS=str(settings),
        TITLE="Kaart <van> 'het' & zo",
        LANGUAGE=0,
        PDF=True,
        PAGE=0,
        OUTPUT_FOLDER=str(folder),
    )
    return folder, results


def test_all_files(finished):
    folder, results = finished
    assert {path.name for path in folder.iterdir()} == FILES
    assert not folder.with_name("kaart.new").exists()
    assert results["AREA_COUNT"] > 0
    assert tables(folder / "kansenkaart.gpkg") >= TABLES


def test_record_says_what_went_in(finished, province):
    folder, _ = finished
    record = json.loads((folder / "run.json").read_text("utf-8"))
    inputs = {entry["role"]: entry for entry in record["inputs"]}
    assert set(inputs) == set(province)
    assert inputs["ESTABLISHMENTS"]["features"] == 3000
    assert inputs["ESTABLISHMENTS"]["crs"] == "EPSG:28992"
    assert len(inputs["ESTABLISHMENTS"]["hash"]) == hashlib.sha256().digest_size * 2
    assert record["parameters"]["detectclusters"]["DISTANCE"] == 800
    assert record["parameters"]["corridors"]["MIN_MODES"] == 2
    assert {"qgis", "kansenkaart", "shapely"} <= set(record["versions"])
    assert record["timings_s"]["corridors"] > 0


def test_page_has_selectable_text(finished):
    folder, _ = finished
    pdf = folder / "kansenkaart.pdf"
    told = subprocess.run(
        ["pdftotext", "-layout", pdf, "-"], capture_output=True, text=True, check=True
    ).stdout
    assert "Kaart <van> 'het' & zo" in " ".join(told.split())
    assert "aannames" in told
    # A long name stands on two lines.
    assert set(name_of_best(folder).split()) <= set(told.split())
    fonts = subprocess.run(
        ["pdffonts", pdf], capture_output=True, text=True, check=True
    )
    assert len(fonts.stdout.splitlines()) > 2
    images = subprocess.run(
        ["pdfimages", "-list", pdf], capture_output=True, text=True, check=True
    )
    assert len(images.stdout.splitlines()) == 2, "the map must not be pixels"


def test_initiatives_have_one_number_everywhere(finished):
    folder, _ = finished
    with sqlite3.connect(folder / "kansenkaart.gpkg") as database:
        query = "SELECT number, name FROM initiatives ORDER BY number"
        numbered = database.execute(query).fetchall()
    assert [number for number, _ in numbered] == list(range(1, len(numbered) + 1))
    told = subprocess.run(
        ["pdftotext", "-raw", folder / "kansenkaart.pdf", "-"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    told = plain(" ".join(told.split()))
    report = html.unescape((folder / "rapport.html").read_text("utf-8"))
    for number, name in numbered:
        assert f"{number}. {name}" in report
        assert plain(f"{number} {name}") in told


def plain(words):
    """Without ligatures, which a printed page has and a table has not."""
    return unicodedata.normalize("NFKC", words)


def name_of_best(folder):
    with sqlite3.connect(folder / "kansenkaart.gpkg") as database:
        query = "SELECT name FROM leverage_areas WHERE rank = 1"
        return database.execute(query).fetchone()[0]


def test_project_refers_to_its_own_folder_only(finished):
    folder, _ = finished
    with zipfile.ZipFile(folder / "kansenkaart.qgz") as archive:
        (name,) = [name for name in archive.namelist() if name.endswith(".qgs")]
        project = archive.read(name).decode("utf-8")
    assert "./kansenkaart.gpkg|layername=leverage_areas" in project
    assert str(folder.parent) not in project
    assert "kaart.new" not in project


def test_report_escapes_and_stands_alone(finished):
    folder, _ = finished
    report = (folder / "rapport.html").read_text("utf-8")
    assert "Kaart &lt;van&gt;" in report
    assert "<script" not in report
    assert "http://" not in report.replace("http://www.w3.org", "")


def test_assumptions_name_who_set_them(finished):
    folder, _ = finished
    found = {
        (row[2], row[5]) for row in rows(folder / "kansenkaart.gpkg", "assumptions")
    }
    setters = {setter for _, setter in found}
    assert setters == {"Kansenkaart", "gebruiker"}
    assert all(row[3] for row in rows(folder / "kansenkaart.gpkg", "assumptions"))


def test_contributions_add_up(finished):
    folder, _ = finished
    with sqlite3.connect(folder / "kansenkaart.gpkg") as database:
        query = (
            "SELECT a.score, total(c.contribution) FROM leverage_areas a "
            "JOIN criteria c ON a.area_id = c.area_id GROUP BY a.area_id"
        )
        pairs = database.execute(query).fetchall()
    assert pairs
    assert all(abs(score - total) < 1e-9 for score, total in pairs)


def test_again_gives_the_same_tables_and_replaces_the_folder(run, finished, province):
    folder, _ = finished
    names = tables(folder / "kansenkaart.gpkg") - {"layer_styles"}
    before = {name: rows(folder / "kansenkaart.gpkg", name) for name in names}
    settings = folder.parent / "settings.toml"
    run(
        "opportunitymap",
        **province,
        SETTINGS=str(settings),
        PDF=False,
        OUTPUT_FOLDER=str(folder),
    )
    assert {path.name for path in folder.iterdir()} == FILES - {"kansenkaart.pdf"}
    after = {name: rows(folder / "kansenkaart.gpkg", name) for name in names}
    assert {"flows", "leads", "matches"} < names
    assert before == after


def test_english_with_mandatory_only(run, province, tmp_path):
    mandatory = ("ESTABLISHMENTS", "ZONES", "INFRASTRUCTURE")
    folder = tmp_path / "map"
    run(
        "opportunitymap",
        **{role: province[role] for role in mandatory},
        LANGUAGE=1,
        PAGE=2,
        OUTPUT_FOLDER=str(folder),
    )
    told = subprocess.run(
        ["pdftotext", folder / "kansenkaart.pdf", "-"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "Opportunity map" in told
    assert "Kansen" not in told.replace("Kansenkaart 0", "").replace("Kansenkaart", "")


def test_initiatives_outside_the_map_are_said(run, province, tmp_path):
    shifted, folder = tmp_path / "shifted.gpkg", tmp_path / "map"
    run(
        "native:translategeometry",
        INPUT=province["INITIATIVES"],
        DELTA_X=1_000_000,
        OUTPUT=str(shifted),
    )
    inputs = province | {"INITIATIVES": str(shifted), "SETTINGS": str(NO_FLOWS_FILE)}
    run("opportunitymap", **inputs, PDF=False, OUTPUT_FOLDER=str(folder))
    assert rows(folder / "kansenkaart.gpkg", "initiatives") == []
    record = json.loads((folder / "run.json").read_text("utf-8"))
    read = {entry["role"]: entry for entry in record["inputs"]}["INITIATIVES"]
    (said,) = [line for line in record["warnings"] if "Initiatieven" in line]
    assert f"({read['features']})" in said


def test_other_points_are_no_initiatives(refused, province, tmp_path):
    told = refused(
        "opportunitymap",
        **{**province, "INITIATIVES": province["ESTABLISHMENTS"]},
        OUTPUT_FOLDER=str(tmp_path / "map"),
    )
    assert "prepareinitiatives" in told


def test_foreign_folder_is_left_alone(refusal, province, tmp_path):
    (tmp_path / "belangrijk.txt").write_text("niet weggooien", encoding="utf-8")
    told = refusal("opportunitymap", **province, OUTPUT_FOLDER=str(tmp_path))
    assert str(tmp_path) in told
    assert [path.name for path in tmp_path.iterdir()] == ["belangrijk.txt"]


def test_unknown_setting(refused, province, tmp_path):
    settings = tmp_path / "settings.toml"
    settings.write_text("[detectclusters]\nAFSTAND = 800\n", encoding="utf-8")
    folder = tmp_path / "map"
    told = refused(
        "opportunitymap", **province, SETTINGS=str(settings), OUTPUT_FOLDER=str(folder)
    )
    assert "AFSTAND" in told
    assert not folder.exists()


def test_ranking_in_a_spreadsheet(finished):
    folder, _ = finished
    with zipfile.ZipFile(folder / "ranglijst.xlsx") as archive:
        texts = archive.read("xl/sharedStrings.xml").decode("utf-8")
        (sheet,) = [name for name in archive.namelist() if "worksheets/sheet" in name]
        cells = archive.read(sheet).decode("utf-8")
    assert "<f>" not in cells
    assert "Plaats" in texts
    assert name_of_best(folder) in texts
    assert cells.count("<row ") == 1 + len(
        rows(folder / "kansenkaart.gpkg", "leverage_areas")
    )


def test_a_name_never_becomes_a_formula(run, province, tmp_path):
    zones = tmp_path / "zones.gpkg"
    formula = "=cmd|' /C calc'!A0"
    run(
        "native:fieldcalculator",
        INPUT=province["ZONES"],
        FIELD_NAME="name",
        FIELD_TYPE=2,
        FORMULA="'" + formula.replace("'", "''") + "'",
        OUTPUT=str(zones),
    )
    folder = tmp_path / "map"
    run(
        "opportunitymap",
        **{**province, "ZONES": str(zones)},
        SETTINGS=str(NO_FLOWS_FILE),
        PDF=False,
        OUTPUT_FOLDER=str(folder),
    )
    with zipfile.ZipFile(folder / "ranglijst.xlsx") as archive:
        parts = {
            name: archive.read(name).decode("utf-8") for name in archive.namelist()
        }
    assert formula in html.unescape(parts["xl/sharedStrings.xml"])
    assert not any("<f>" in part or "<f " in part for part in parts.values())


@pytest.fixture(scope="module")
def half(run, province, tmp_path_factory):
    """Two of the municipalities, as a layer of polygons."""
    folder = tmp_path_factory.mktemp("study")
    path = folder / "half.gpkg"
    run(
        "native:extractbyexpression",
        INPUT=province["REGIONS"],
        EXPRESSION="region_id in ('G0001', 'G0006')",
        OUTPUT=str(path),
    )
    return path


def test_study_area_tells_what_the_whole_tells(run, province, half, tmp_path):
    inputs = province | {"AUDIENCE": 1, "PDF": False, "SETTINGS": str(NO_FLOWS_FILE)}
    whole, part = tmp_path / "whole", tmp_path / "part"
    run("opportunitymap", **inputs, OUTPUT_FOLDER=str(whole))
    run("opportunitymap", **inputs, STUDY_AREA=str(half), OUTPUT_FOLDER=str(part))
    query = (
        "SELECT area_id, name, round(score, 6), jobs, round(area_ha, 6), why "
        "FROM leverage_areas"
    )
    found = {}
    for folder in (whole, part):
        with sqlite3.connect(folder / "kansenkaart.gpkg") as database:
            found[folder] = set(database.execute(query))
    assert found[part] < found[whole]
    assert len(found[part]) > 3
    record = json.loads((part / "run.json").read_text("utf-8"))
    assert record["study_area"] == {"reach_m": 10000}
    assert "study_area" in tables(part / "kansenkaart.gpkg")
    read = {entry["role"]: entry for entry in record["inputs"]}["ESTABLISHMENTS"]
    assert read["features"] < read["features_read"][0]


def test_study_area_of_lines_is_refused(refused, province, tmp_path):
    told = refused(
        "opportunitymap",
        **province,
        STUDY_AREA=province["INFRASTRUCTURE"],
        OUTPUT_FOLDER=str(tmp_path / "map"),
    )
    assert "vlak" in told.lower() or "polygon" in told.lower()


def test_two_runs_on_one_folder(env, province, tmp_path):
    folder = tmp_path / "map"
    inputs = province | {"SETTINGS": str(NO_FLOWS_FILE), "PDF": False}
    inputs["OUTPUT_FOLDER"] = str(folder)
    runs = [
        subprocess.Popen(
            ["qgis_process", "run", "kansenkaart:opportunitymap", "-"],
            env=env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    for process in runs:
        process.stdin.write(json.dumps({"inputs": inputs}))
        process.stdin.close()
    told = [process.stderr.read() + process.stdout.read() for process in runs]
    assert sorted(process.wait() for process in runs) == [0, 1]
    refused = told[[process.returncode for process in runs].index(1)]
    assert str(folder) in refused
    assert "Traceback" not in "".join(told)
    assert {path.name for path in folder.iterdir()} == FILES - {"kansenkaart.pdf"}
    assert [path.name for path in tmp_path.iterdir()] == ["map"]
