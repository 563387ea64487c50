"""The demo province as the algorithm writes it: all of it, or nothing."""

import sqlite3

import pytest
from kansenkaart.analysis.texts import text
from kansenkaart.processing_algorithms.data.demo_data import DemoData
from kansenkaart.processing_algorithms.geopackage import table_name
from qgis.core import QgsProcessingContext, QgsProcessingFeedback, QgsProject

INPUTS = {"SEED": 4, "ESTABLISHMENTS_COUNT": 1000}


def run(path, feedback, context, **more):
    """Run the algorithm; give its results and whether all went well."""
    parameters = INPUTS | more | {"OUTPUT": str(path)}
    return DemoData().create().run(parameters, context, feedback, catchExceptions=False)


@pytest.fixture(scope="module")
def control(qgis_app, tmp_path_factory):  # noqa: ARG001 - QGIS must run
    """A province without planted exchanges: its file, and what the run said."""
    path = tmp_path_factory.mktemp("control") / "control.gpkg"
    project, context, feedback = (
        QgsProject(), QgsProcessingContext(), QgsProcessingFeedback()
    )  # fmt: skip
    context.setProject(project)
    _results, well = run(path, feedback, context, PLANTED=False)
    assert well
    shown = {
        table_name(destination): (details.layerSortKey, details.forceName)
        for destination, details in context.layersToLoadOnCompletion().items()
    }
    return path, feedback.textLog(), shown


def test_it_says_which_province_is_made(control):
    path, log, _ = control
    words = {"number": 1, "count": 1}
    said = [text("messages.province_made", name, **words) for name in ("nl", "en")]
    assert any(words in log for words in said)
    assert list(path.parent.iterdir()) == [path]


def test_without_planted_exchanges_their_tables_are_empty(control):
    path, _, _ = control
    with sqlite3.connect(path) as database:
        for table in ("flows", "truth"):
            counts = database.execute(f"SELECT count(*) FROM {table}")
            assert counts.fetchone() == (0,)


def test_it_is_loaded_with_its_points_on_top(control):
    _, _, shown = control
    assert shown["establishments"] > shown["infrastructure"] > shown["zones"]


def test_its_layers_are_named_in_the_language_of_the_planner(control):
    _, _, shown = control
    assert all(forced for _key, forced in shown.values())


@pytest.mark.parametrize("share", [10, 60])
def test_cancel_leaves_the_files_and_nothing_else(qgis_app, tmp_path, share):  # noqa: ARG001
    """While the province is made, and while it is written."""
    path, feedback = tmp_path / "demo.gpkg", QgsProcessingFeedback()
    path.write_text("old", "utf-8")
    other = tmp_path / "new_demo.gpkg"
    other.write_text("somebody's", "utf-8")
    feedback.progressChanged.connect(
        lambda done: feedback.cancel() if done > share else None
    )
    results, _well = run(path, feedback, QgsProcessingContext())
    assert "OUTPUT" not in results
    assert path.read_text("utf-8") == "old"
    assert set(tmp_path.iterdir()) == {path, other}


def test_cancel_is_no_error(qgis_app, tmp_path):  # noqa: ARG001
    """Nor is what QGIS does after a run, of which nothing is left."""
    feedback, context = QgsProcessingFeedback(False), QgsProcessingContext()
    feedback.cancel()
    algorithm = DemoData().create()
    algorithm.run(INPUTS | {"OUTPUT": str(tmp_path / "demo.gpkg")}, context, feedback)
    said = feedback.textLog()
    words = [text("messages.cancelled", name) for name in ("nl", "en")]
    assert any(word in said for word in words)
    assert "Error" not in said
