"""A fresh profile and a small province for real qgis_process."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "dev"))

import qgis_process


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
