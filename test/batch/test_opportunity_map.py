"""The whole map through real qgis_process."""

import hashlib
import json
import sqlite3
import subprocess
import zipfile

import pytest

FILES = {
    "kansenkaart.gpkg",
    "kansenkaart.pdf",
    "kansenkaart.qgz",
    "rapport.html",
    "run.json",
}
TABLES = {
    "leverage_areas",
    "clusters",
    "corridors",
    "criteria",
    "assumptions",
    "skipped",
    "zones",
    "regions",
    "infrastructure",
    "facilities",
    "constraints",
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


def test_five_files(finished):
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
    before = {name: rows(folder / "kansenkaart.gpkg", name) for name in TABLES}
    settings = folder.parent / "settings.toml"
    run(
        "opportunitymap",
        **province,
        SETTINGS=str(settings),
        PDF=False,
        OUTPUT_FOLDER=str(folder),
    )
    assert {path.name for path in folder.iterdir()} == FILES - {"kansenkaart.pdf"}
    after = {name: rows(folder / "kansenkaart.gpkg", name) for name in TABLES}
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


def test_foreign_folder_is_left_alone(refusal, province, tmp_path):
    (tmp_path / "belangrijk.txt").write_text("niet weggooien", encoding="utf-8")
    told = refusal("opportunitymap", **province, OUTPUT_FOLDER=str(tmp_path))
    assert str(tmp_path) in told
    assert [path.name for path in tmp_path.iterdir()] == ["belangrijk.txt"]


def test_unknown_setting(refusal, province, tmp_path):
    settings = tmp_path / "settings.toml"
    settings.write_text("[detectclusters]\nAFSTAND = 800\n", encoding="utf-8")
    folder = tmp_path / "map"
    told = refusal(
        "opportunitymap", **province, SETTINGS=str(settings), OUTPUT_FOLDER=str(folder)
    )
    assert "AFSTAND" in told
    assert not folder.exists()


def test_no_areas_still_gives_a_map(run, province, tmp_path):
    settings = tmp_path / "settings.toml"
    settings.write_text("[detectclusters]\nMIN_ESTABLISHMENTS = 2999\n", "utf-8")
    folder = tmp_path / "map"
    results = run(
        "opportunitymap", **province, SETTINGS=str(settings), OUTPUT_FOLDER=str(folder)
    )
    assert results["AREA_COUNT"] == 0
    assert {path.name for path in folder.iterdir()} == FILES
