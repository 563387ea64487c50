"""Type environments through QGIS: layers in, styled layers out."""

from itertools import combinations

import environment_scenes as scenes
import pytest
from bad_layers import memory, run
from kansenkaart.analysis.layers import layer_type
from kansenkaart.processing_algorithms.styling import read_style, style_layer
from qgis.core import QgsExpression
from qgis.PyQt.QtGui import QColor, qGray
from scene_layers import given

pytestmark = pytest.mark.usefixtures("provider")


def typed(layers, without=(), **more):
    sinks = dict.fromkeys(("OUTPUT", "OUTPUT_NETWORK", "OUTPUT_TYPES"), "memory:")
    outcome = run("environmenttypes", **(given(layers, without) | sinks | more))
    assert outcome.ok, outcome.log
    return outcome


def test_zones_lines_and_totals_come_out():
    scene = scenes.scene(
        "sea_port;business_park",
        lines=[("water", "Va", scenes.line(1500))],
        zones=[("city_centre", scenes.square(2000))],
    )
    outcome = typed(scene)
    zone = next(row for row in outcome.rows("OUTPUT") if row["zone_id"] == "Z")
    assert zone["types"] == "T1;T5;T7"
    assert zone["types_unknown"] == ""
    assert zone["synthesis_classes"] == "sea_port;near_urban"
    lines = {row["infra_id"]: row for row in outcome.rows("OUTPUT_NETWORK")}
    assert lines["L"]["types"] == "T21"
    assert lines["L"]["synthesis_classes"] == "waterway"
    totals = outcome.rows("OUTPUT_TYPES")
    assert [row["type"] for row in totals] == [f"T{n}" for n in range(1, 24)]
    assert totals[20]["lines"] == 1
    assert totals[20]["zones"] is None
    assert outcome.results["ZONE_COUNT"] == len(scene.zones)


def test_distances_are_those_of_the_user():
    scene = scenes.scene(lines=[("water", "Va", scenes.line(1500))])
    outcome = typed(scene, WATER_DISTANCE=499)
    zone = next(row for row in outcome.rows("OUTPUT") if row["zone_id"] == "Z")
    assert zone["types"] == ""


def test_without_layers_types_are_unknown_and_there_is_no_network():
    without = ("establishments", "regions", "infrastructure", "facilities")
    outcome = typed(scenes.scene(), without)
    zone = next(row for row in outcome.rows("OUTPUT") if row["zone_id"] == "Z")
    assert zone["types_unknown"] == "T2;T3;T4;T5;T6;T7;T8;T10;T11;T13"
    assert "OUTPUT_NETWORK" not in outcome.results
    assert "T10" in outcome.log


def styled(name, rows, language="nl"):
    """A layer of an output with its style."""
    kind = layer_type(name)
    shape = scenes.square() if kind.geometry == "Polygon" else scenes.line(0)
    layer = memory(kind.geometry, [shape] * len(rows), rows, kind.fields)
    style_layer(layer, name, language)
    return layer


def test_a_zone_is_drawn_as_its_first_class_and_its_tip_names_all():
    row = {"name": "Kop", "types": "T1;T5", "synthesis_classes": "sea_port;near_urban"}
    layer = styled("environment_zones", [row, {"synthesis_classes": ""}])
    labels = [each.label() for each in layer.renderer().categories()]
    assert labels == ["Economische zone: zeehaven", "In geen klasse"]
    context = layer.createExpressionContext()
    context.setFeature(next(layer.getFeatures()))
    tip = QgsExpression.replaceExpressionText(layer.mapTipTemplate(), context)
    assert "zeehaven, Economische zone: nabij stedelijke gebieden" in tip
    assert "T1 Havengebieden, T5 Economische zones langs" in tip


def test_classes_differ_in_grey():
    """By how dark they are, else by their lines or their rim."""
    style = read_style("environment_zones")
    looks = [style["symbol"] | each for each in style["classes"]]
    for one, other in combinations(looks, 2):
        angles = [look.get("hatch", {}).get("angle") for look in (one, other)]
        greys = [qGray(QColor(look["fill"]).rgb()) for look in (one, other)]
        told = angles[0] != angles[1] or one["stroke"] != other["stroke"]
        assert told or abs(greys[0] - greys[1]) > 40
    rows = [{"synthesis_classes": look["key"]} for look in looks]
    layer = styled("environment_zones", rows)
    drawn = layer.renderer().categories()
    counts = [each.symbol().symbolLayerCount() for each in drawn]
    assert counts == [1 + ("hatch" in look) for look in looks]


def test_every_class_has_its_place_in_the_legend():
    from kansenkaart.analysis.environments.library import class_rules

    for on, style in (("zones", "environment_zones"), ("lines", "environment_network")):
        names = [rule.name for rule in class_rules() if rule.on == on]
        rows = [{"synthesis_classes": name} for name in names]
        for language in ("nl", "en"):
            layer = styled(style, rows, language)
            labels = {each.label() for each in layer.renderer().categories()}
            assert len(labels) == len(names)
