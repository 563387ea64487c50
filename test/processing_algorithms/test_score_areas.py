"""Scores by the strategies of the study, through QGIS."""

import environment_scenes as scenes
import pytest
from bad_layers import run
from scene_layers import given

pytestmark = pytest.mark.usefixtures("provider")
PORT = {
    "kinds": "sea_port",
    "side": scenes.LARGE,
    "firms": scenes.CODES * 10,
    "facilities": [("energy_hub", 500)],
    "lines": [("steam", None, scenes.line(300))],
}


def scored(layers, **more):
    parameters = {"AREAS": layers["ZONES"]} | layers
    sinks = {"OUTPUT": "memory:", "OUTPUT_CRITERIA": "memory:"}
    outcome = run("scoreareas", **(parameters | sinks | more))
    assert outcome.ok, outcome.log
    rows = {row["zone_id"]: row for row in outcome.rows("OUTPUT")}
    return rows["Z"], outcome


def test_a_strategy_a_work_agenda_and_all():
    layers = given(scenes.scene(**PORT))
    for strategy in ("WA3.1", "WA3", "all"):
        zone, outcome = scored(layers, STRATEGY=strategy, TOP=2)
        assert zone["rank"] == 1
        named = zone["strategies"].split(";")
        assert 1 <= len(named) <= 3
        assert strategy != "WA3" or all(name.startswith("WA3.") for name in named)
        assert zone["shared_agendas"] == 3
        told = {row["criterion"] for row in outcome.rows("OUTPUT_CRITERIA")}
        assert {"environment", "C7", "C8"} <= told
    zone, _ = scored(layers)
    assert zone["strategies"] is None
    assert zone["shared_agendas"] is None


def test_types_that_were_found_before_are_used(tmp_path):
    layers = given(scenes.scene(**PORT))
    zone, _ = scored(layers, STRATEGY="WA3.1")
    zones = str(tmp_path / "zones.gpkg")
    found = run("environmenttypes", **layers, OUTPUT=zones)
    assert found.ok, found.log
    only = {"AREAS": zones, "ESTABLISHMENTS": layers["ESTABLISHMENTS"]}
    outcome = run("scoreareas", **only, STRATEGY="WA3.1", OUTPUT="memory:")
    assert outcome.ok, outcome.log
    rows = {row["zone_id"]: row for row in outcome.rows("OUTPUT")}
    assert "type-omgeving die past" in rows["Z"]["why"]
    assert "type-omgeving die past" in zone["why"]


def test_types_that_nobody_looked_for_are_found(tmp_path):
    """The output of an earlier run without a strategy holds none."""
    layers = given(scenes.scene(**PORT))
    earlier = str(tmp_path / "earlier.gpkg")
    assert run("scoreareas", AREAS=layers["ZONES"], **layers, OUTPUT=earlier).ok
    zone, _ = scored(layers, AREAS=earlier, STRATEGY="WA3.1")
    fresh, _ = scored(layers, STRATEGY="WA3.1")
    assert "T1" in zone["types"].split(";")
    assert zone["score"] == pytest.approx(fresh["score"])
