"""The ZIP in a profile that nobody has used, and a QGIS without the packages."""

import json
import subprocess
import zipfile

import pytest
import qgis_process
from geopackages import only_table
from hidden_packages import without


def qgis(env, *words, inputs=None):
    """Run qgis_process; give exit code, output and errors."""
    done = subprocess.run(
        ["qgis_process", *words],
        input=inputs and json.dumps({"inputs": inputs}),
        env=env,
        check=False,
        capture_output=True,
        text=True,
    )
    return done.returncode, done.stdout, done.stderr


@pytest.fixture(scope="module")
def installed(env, package, tmp_path_factory):
    """Environment of a fresh profile in which only the ZIP was installed."""
    config = tmp_path_factory.mktemp("installed")
    plugins = config / "profiles" / "default" / "python" / "plugins"
    with zipfile.ZipFile(package) as archive:
        archive.extractall(plugins)
    # The plugin of the working tree must not stand in for the installed one.
    fresh = env | {"QGIS_CUSTOM_CONFIG_PATH": str(config), "QGIS_PLUGINPATH": ""}
    code, _, told = qgis(fresh, "plugins", "enable", "kansenkaart")
    assert code == 0, told
    return fresh


def test_installed_zip_offers_every_algorithm(installed, provider):
    code, listed, told = qgis(installed, "list")
    assert code == 0, told
    ours = {algorithm.id() for algorithm in provider.algorithms()}
    # A line holds the id, and the name after a tab.
    ids = {line.strip().split("\t")[0] for line in listed.splitlines()}
    assert ours == {name for name in ids if name.startswith("kansenkaart:")}
    assert "Traceback" not in told


def test_installed_zip_runs(installed, tmp_path):
    path = tmp_path / "province.gpkg"
    made = {"OUTPUT": str(path), "ESTABLISHMENTS_COUNT": 1000}
    qgis_process.run("demodata", made, installed, quiet=True)
    names = ("establishments", "zones", "infrastructure", "facilities", "constraints")
    given = {name.upper(): f"{path}|layername={name}" for name in names}
    asked = {"AREAS": given["ZONES"], "OUTPUT": str(tmp_path / "scores.gpkg")}
    results = qgis_process.run("scoreareas", given | asked, installed, quiet=True)
    scores = [row["score"] for row in only_table(results["OUTPUT"])]
    assert all(0 <= score <= 100 for score in scores if score is not None)
    assert any(scores)


def test_without_packages_qgis_says_what_to_do(env, tmp_path):
    lacking = without(env, tmp_path, hidden=["geopandas"], old=["shapely"])
    code, listed, told = qgis(lacking, "list")
    assert code == 0
    assert "kansenkaart:demodata" in listed, told
    path = tmp_path / "province.gpkg"
    code, _, told = qgis(
        lacking, "run", "kansenkaart:demodata", "-", inputs={"OUTPUT": str(path)}
    )
    assert code == 1
    assert "geopandas ≥ 1.0, shapely ≥ 2.0" in told
    assert "Traceback" not in told
    assert not path.exists()
