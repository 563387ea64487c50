"""The map in a background thread, as QGIS Desktop runs it."""

import time
from pathlib import Path

import pytest
from kansenkaart.analysis.demo import generate
from kansenkaart.analysis.layers import layer_type
from kansenkaart.processing_algorithms.data.prepare_zones import PrepareZones
from kansenkaart.processing_algorithms.geopackage import write_table
from kansenkaart.processing_algorithms.maps.opportunity_map import OpportunityMap
from pytest_qgis.utils import wait_until
from qgis.core import (
    QgsApplication,
    QgsCoordinateReferenceSystem,
    QgsProcessingAlgRunnerTask,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingOutputLayerDefinition,
    QgsProject,
    QgsVectorLayer,
)


@pytest.fixture(scope="module")
def province(tmp_path_factory):
    path = tmp_path_factory.mktemp("province") / "province.gpkg"
    crs = QgsCoordinateReferenceSystem("EPSG:28992")
    for name, frame in generate(1, 2000).items():
        kind, context = layer_type(name), QgsProcessingContext()
        write_table(path, name, frame, kind, context, crs)
    return path


def task_for(province, folder, feedback):
    roles = ("establishments", "zones", "infrastructure", "facilities")
    layers = {
        role.upper(): [QgsVectorLayer(f"{province}|layername={role}", role, "ogr")]
        for role in roles
    }
    context = QgsProcessingContext()
    parameters = layers | {"OUTPUT_FOLDER": str(folder)}
    task = QgsProcessingAlgRunnerTask(
        OpportunityMap().create(), parameters, context, feedback
    )
    outcome = {}
    task.executed.connect(
        lambda ok, results: outcome.update(ok=ok, results=dict(results))
    )
    return task, outcome, (context, parameters)


def wait_for_end(outcome):
    """Until the task has told its outcome and the task manager has let go of it."""
    manager = QgsApplication.taskManager()
    wait_until(
        lambda: bool(outcome) and not manager.tasks(), timeout_milliseconds=300_000
    )


def test_page_is_made_from_a_background_thread(province, tmp_path):
    feedback = QgsProcessingFeedback()
    task, outcome, _kept = task_for(province, tmp_path / "kaart", feedback)
    QgsApplication.taskManager().addTask(task)
    wait_for_end(outcome)
    assert outcome["ok"], feedback.textLog()
    assert Path(outcome["results"]["PDF_FILE"]).stat().st_size > 10_000


def test_cancel_is_answered_and_leaves_nothing(province, tmp_path):
    feedback = QgsProcessingFeedback()
    task, outcome, _kept = task_for(province, tmp_path / "kaart", feedback)
    QgsApplication.taskManager().addTask(task)
    wait_until(lambda: feedback.progress() > 0, timeout_milliseconds=30_000)
    cancelled = time.monotonic()
    task.cancel()
    feedback.cancel()
    wait_for_end(outcome)
    assert time.monotonic() - cancelled < 5
    assert not (tmp_path / "kaart").exists()
    assert not (tmp_path / "kaart.new").exists()


def test_output_is_loaded_into_the_project_under_the_name_of_its_source(province):
    source = QgsVectorLayer(f"{province}|layername=zones", "terreinen", "ogr")
    project, context = QgsProject(), QgsProcessingContext()
    project.addMapLayer(source)
    context.setProject(project)
    output = QgsProcessingOutputLayerDefinition("TEMPORARY_OUTPUT", project)
    parameters = {"INPUT": source.id(), "OUTPUT": output}
    feedback = QgsProcessingFeedback()
    algorithm = PrepareZones().create()
    task = QgsProcessingAlgRunnerTask(algorithm, parameters, context, feedback)
    outcome = {}
    task.executed.connect(
        lambda ok, results: outcome.update(ok=ok, results=dict(results))
    )
    QgsApplication.taskManager().addTask(task)
    wait_for_end(outcome)
    assert outcome["ok"], feedback.textLog()
    loaded = context.layersToLoadOnCompletion()
    assert list(loaded) == [outcome["results"]["OUTPUT"]]
    (details,) = loaded.values()
    assert (details.name, details.forceName) == ("Zones: terreinen", True)
    assert details.postProcessor() is not None
