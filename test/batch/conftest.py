"""A fresh profile and a small province for real qgis_process."""

import shutil
import sys
from pathlib import Path

import pytest
import shapely

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "dev"))

import qgis_process
import workshop_scene as scene
from scene_settings import NO_FLOWS_FILE

INTERNAL = 1


@pytest.fixture(scope="session")
def env(tmp_path_factory):
    """Environment of a profile that nobody has used."""
    return qgis_process.environment(tmp_path_factory.mktemp("profile"))


@pytest.fixture(scope="session")
def run(env):
    """Run an algorithm; give its results."""

    def run_algorithm(algorithm, **inputs):
        return qgis_process.run(algorithm, inputs, env, quiet=True)

    return run_algorithm


@pytest.fixture(scope="session")
def refusal(env):
    """Run an algorithm that must say no; give the sentence."""

    def run_algorithm(algorithm, **inputs):
        with pytest.raises(qgis_process.RunFailedError) as refused:
            qgis_process.run(algorithm, inputs, env, quiet=True)
        told = str(refused.value)
        assert "(1)" in told.splitlines()[0], "exit code must be 1"
        assert "Traceback" not in told
        return told

    return run_algorithm


@pytest.fixture(scope="module")
def refused(provider):  # noqa: ARG001 - the algorithms must be there
    """Run an algorithm in this process that must say no; give the sentence."""
    import bad_layers

    def run_algorithm(algorithm, **inputs):
        told = bad_layers.run(algorithm, **inputs).refusal
        bad_layers.one_sentence(told)
        return told

    return run_algorithm


@pytest.fixture(scope="session")
def province(run, tmp_path_factory):
    """The demo province as canonical layers: role in upper case to source."""
    path = tmp_path_factory.mktemp("province") / "province.gpkg"
    run("demodata", OUTPUT=str(path), ESTABLISHMENTS_COUNT=3000)
    roles = (
        "establishments",
        "zones",
        "infrastructure",
        "facilities",
        "regions",
        "constraints",
        "initiatives",
    )
    return {role.upper(): f"{path}|layername={role}" for role in roles}


@pytest.fixture(scope="session")
def chain(run, province, tmp_path_factory):
    """Clusters, corridors, leverage areas and scores of the province, with defaults."""
    folder = tmp_path_factory.mktemp("chain")
    paths = {
        name: str(folder / f"{name.lower()}.gpkg")
        for name in ("CLUSTERS", "MODES", "CORRIDORS", "AREAS")
    }
    run(
        "detectclusters",
        ESTABLISHMENTS=province["ESTABLISHMENTS"],
        OUTPUT=paths["CLUSTERS"],
    )
    run(
        "corridors",
        INFRASTRUCTURE=province["INFRASTRUCTURE"],
        OUTPUT=paths["MODES"],
        OUTPUT_MULTIMODAL=paths["CORRIDORS"],
    )
    run(
        "leverageareas",
        ZONES=province["ZONES"],
        CLUSTERS=paths["CLUSTERS"],
        CORRIDORS=paths["CORRIDORS"],
        OUTPUT=paths["AREAS"],
    )
    return paths


@pytest.fixture(scope="session")
def sown(province, tmp_path_factory):
    """The province with twenty planted firms in all sorts of places."""
    firms = scene.rows_of(province["ESTABLISHMENTS"])
    chosen = scene.places_to_plant(firms, scene.rows_of(province["ZONES"]))
    assert len(set(chosen)) == len(scene.PLANTED)
    for place, firm in zip(chosen, scene.PLANTED, strict=True):
        firms[place] |= firm
    path = tmp_path_factory.mktemp("sown") / "establishments.geojson"
    points = [(shapely.get_coordinates(row.pop("geom"))[0], row) for row in firms]
    scene.write(path, [scene.point(place, **row) for place, row in points])
    return province | {"ESTABLISHMENTS": str(path)}


@pytest.fixture(scope="session")
def sown_maps(env, sown, tmp_path_factory):
    """The internal map, and the workshop's that took its place; files left behind."""
    temporary = tmp_path_factory.mktemp("temporary")
    folder = tmp_path_factory.mktemp("sown_maps") / "kaart"
    own = env | {"TMPDIR": str(temporary)}

    def make(**more):
        inputs = sown | more | {"OUTPUT_FOLDER": str(folder)}
        qgis_process.run("opportunitymap", inputs, own, quiet=True)

    make(AUDIENCE=INTERNAL, PDF=False, SETTINGS=str(NO_FLOWS_FILE))
    internal = folder.with_name("internal")
    shutil.copytree(folder, internal)
    make()  # a workshop is who it is for when nobody says
    assert {path.name for path in folder.parent.iterdir()} == {"kaart", "internal"}
    return folder, internal, temporary
