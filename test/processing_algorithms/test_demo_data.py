"""The demo provinces as the algorithm writes them: one by one, and whole."""

import sqlite3

import pytest
from kansenkaart.analysis.texts import text
from kansenkaart.processing_algorithms.data.demo_data import DemoData
from qgis.core import QgsProcessingContext, QgsProcessingFeedback

INPUTS = {"SEED": 4, "ESTABLISHMENTS_COUNT": 1000, "PROVINCES": 2}


@pytest.fixture
def feedback():
    return QgsProcessingFeedback()


def run(path, feedback):
    """Run the algorithm; give its results and whether all went well."""
    context = QgsProcessingContext()
    return (
        DemoData()
        .create()
        .run(INPUTS | {"OUTPUT": str(path)}, context, feedback, catchExceptions=False)
    )


def test_provinces_stand_side_by_side_in_every_table(tmp_path, feedback):
    path = tmp_path / "demo.gpkg"
    results, well = run(path, feedback)
    assert well
    with sqlite3.connect(path) as database:
        for table, key, least in (
            ("establishments", "est_id", 1000),
            ("zones", "zone_id", 600),
            ("infrastructure", "infra_id", 100),
            ("facilities", "facility_id", 100),
            ("regions", "region_id", 24),
            ("initiatives", "initiative_id", 5),
            ("flows", "flow_id", 3),
            ("truth", "exchange_id", 2),
        ):
            query = f"SELECT substr({key}, 1, 4), count(*) FROM {table} GROUP BY 1"
            counts = dict(database.execute(query))
            assert set(counts) == {"P01-", "P02-"}
            assert min(counts.values()) >= least
        (zones,) = database.execute("SELECT count(*) FROM zones").fetchone()
        (extent,) = database.execute(
            "SELECT max_y - min_y FROM gpkg_contents WHERE table_name = 'regions'"
        ).fetchall()
    assert results["ZONE_COUNT"] == zones
    assert extent[0] > 100_000
    words = {"number": 2, "count": 2}
    said = [text("messages.province_made", name, **words) for name in ("nl", "en")]
    assert any(words in feedback.textLog() for words in said)
    assert list(tmp_path.iterdir()) == [path]


def test_without_planted_exchanges_their_tables_are_empty(tmp_path, feedback):
    path = tmp_path / "control.gpkg"
    inputs = {"ESTABLISHMENTS_COUNT": 1000, "PLANTED": False, "OUTPUT": str(path)}
    DemoData().create().run(inputs, QgsProcessingContext(), feedback)
    with sqlite3.connect(path) as database:
        for table in ("flows", "truth"):
            counts = database.execute(f"SELECT count(*) FROM {table}")
            assert counts.fetchone() == (0,)


@pytest.mark.parametrize("share", [30, 80])
def test_cancel_leaves_the_old_file_and_nothing_else(tmp_path, feedback, share):
    path = tmp_path / "demo.gpkg"
    path.write_text("old", "utf-8")
    feedback.progressChanged.connect(
        lambda done: feedback.cancel() if done > share else None
    )
    results, _well = run(path, feedback)
    assert "OUTPUT" not in results
    assert path.read_text("utf-8") == "old"
    assert list(tmp_path.iterdir()) == [path]
