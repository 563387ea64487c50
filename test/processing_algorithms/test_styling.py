"""Styles: what a layer shows, in which words, and that data stays data."""

import re
import string
from pathlib import Path

import pytest
from kansenkaart.analysis.layers import layer_type
from kansenkaart.analysis.resources import read_toml, resource_path
from kansenkaart.processing_algorithms import border
from kansenkaart.processing_algorithms.styling import style_layer, style_output
from qgis.core import (
    Qgis,
    QgsExpression,
    QgsExpressionContext,
    QgsExpressionContextUtils,
    QgsFeature,
    QgsGeometry,
    QgsProcessingContext,
    QgsProject,
    QgsRenderContext,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtGui import QColor, QPainter

ADDED = {
    "scores": "leverage_areas",
    "cluster_ranks": "clusters",
    "reconciled_flows": "flows",
    "bundled_flows": "flows",
}
"""Fields that are added to those of another layer."""
LAYERS = [name for name in read_toml("layers.toml") if name not in ADDED]
UNDER_OTHER_NAME = {"scored_areas": "leverage_areas", "ranked_clusters": "clusters"}
STYLES = [*LAYERS, *UNDER_OTHER_NAME]
SHAPES = {
    "Point": "POINT(100000 400000)",
    "Line": "LINESTRING(100000 400000, 101000 400000)",
    "Polygon": "POLYGON((100000 400000, 101000 400000, 101000 401000, 100000 400000))",
}


def make_layer(style, rows, **fields):
    """A memory layer with some fields of a canonical layer."""
    kind = layer_type(style)
    crs = "" if kind.geometry == "None" else "?crs=EPSG:28992"
    geometry = "LineString" if kind.geometry == "Line" else kind.geometry
    layer = QgsVectorLayer(f"{geometry}{crs}", style, "memory")
    columns = fields or kind.fields
    layer.dataProvider().addAttributes(border.qgis_fields(columns).toList())
    layer.updateFields()
    for row in rows:
        feature = QgsFeature(layer.fields())
        for key, value in row.items():
            feature[key] = value
        if kind.geometry in SHAPES:
            feature.setGeometry(QgsGeometry.fromWkt(SHAPES[kind.geometry]))
        assert layer.dataProvider().addFeature(feature)
    return layer


def map_tip(layer):
    context = QgsExpressionContext(
        QgsExpressionContextUtils.globalProjectLayerScopes(layer)
    )
    context.setFeature(next(layer.getFeatures()))
    return QgsExpression.replaceExpressionText(layer.mapTipTemplate(), context)


def labels_of(layer):
    return [category.label() for category in layer.renderer().categories()]


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("style", STYLES)
def test_every_layer_gets_style_and_names(style, language):
    layer = make_layer(UNDER_OTHER_NAME.get(style, style), [])
    style_layer(layer, style, language)
    for index, field in enumerate(layer.fields()):
        alias = layer.attributeAlias(index)
        assert alias, field.name()
        assert "_" not in alias


def test_unknown_style():
    with pytest.raises(KeyError):
        style_layer(make_layer("regions", []), "no_such_style", "nl")


@pytest.mark.parametrize("theme", ["styles", "fields", "page"])
def test_both_languages_hold_the_same(theme):
    def flat(table, prefix=""):
        found = {}
        for key, value in table.items():
            if isinstance(value, dict):
                found |= flat(value, f"{prefix}{key}.")
            else:
                names = {name for _, name, *_ in string.Formatter().parse(value)}
                found[prefix + key] = names - {None}
        return found

    dutch, english = (
        flat(read_toml("texts", language, f"{theme}.toml")) for language in ("nl", "en")
    )
    assert dutch == english


def test_every_field_has_a_name():
    names = read_toml("texts", "nl", "fields.toml")
    for layer in read_toml("layers.toml").values():
        assert set(layer["fields"]) <= set(names)


def test_legend_lists_only_what_occurs():
    rows = [{"kinds": "inland_port;business_park"}, {"kinds": "nature"}]
    layer = make_layer("zones", rows)
    style_layer(layer, "zones", "nl")
    assert labels_of(layer) == ["Haven", "Natuur"]
    style_layer(layer, "zones", "en")
    assert labels_of(layer) == ["Port", "Nature"]


def test_value_without_class_is_other_and_farmland_stays_paper():
    rows = [{"kinds": "something new"}, {"kinds": None}, {"kinds": "agriculture"}]
    layer = make_layer("zones", rows)
    style_layer(layer, "zones", "nl")
    assert labels_of(layer) == ["Overig gebied"]
    (category,) = layer.renderer().categories()
    assert sorted(category.value()) == ["", "something new"]


@pytest.mark.parametrize(
    ("style", "field"), [("facilities", "kind"), ("infrastructure", "mode")]
)
def test_every_kind_is_drawn(style, field):
    """Every feature gets a symbol, also with a value that no class names."""
    words = list(read_toml("texts", "nl", "styles.toml")["words"])
    layer = make_layer(style, [{field: word} for word in words])
    style_layer(layer, style, "nl")
    renderer, context = layer.renderer(), QgsRenderContext()
    renderer.startRender(context, layer.fields())
    drawn = [renderer.symbolForFeature(item, context) for item in layer.getFeatures()]
    renderer.stopRender(context)
    assert all(symbol is not None for symbol in drawn)


@pytest.mark.parametrize("style", ["facilities", "initiatives"])
def test_a_feature_without_a_kind_is_read_drawn_and_in_the_legend(style):
    layer = make_layer(style, [{"kind": None}])
    style_layer(layer, style, "nl")
    (feature,) = layer.getFeatures()
    renderer, context = layer.renderer(), QgsRenderContext()
    context.setExpressionContext(layer.createExpressionContext())
    context.expressionContext().setFeature(feature)
    renderer.startRender(context, layer.fields())
    wanted = QgsExpression(renderer.filter(layer.fields()))
    assert wanted.evaluate(context.expressionContext())
    assert renderer.symbolForFeature(feature, context) is not None
    assert renderer.legendKeysForFeature(feature, context)
    renderer.stopRender(context)


def test_numbers_stand_in_the_shape_of_their_kind():
    layer = make_layer("initiatives", [], kind="text", number="integer")
    style_layer(layer, "initiatives", "nl", factor=2)
    shapes = {}
    labels = layer.labeling()
    for rule in labels.rootRule().children():
        # Each of these lives as long as the one before.
        letters = rule.settings().format()
        plate = letters.background()
        symbol = plate.markerSymbol()
        marker = symbol.symbolLayer(0)
        dashed = marker.strokeStyle() == Qt.PenStyle.DashLine
        shapes[rule.filterExpression()] = (marker.shape().name, dashed)
        assert plate.size().width() >= 2 * 4
    assert shapes == {
        "\"kind\" IN ('running')": ("Square", False),
        "\"kind\" IN ('planned')": ("Square", True),
        "\"kind\" IN ('exchange')": ("Diamond", False),
        "\"kind\" IN ('hub')": ("Hexagon", False),
        "ELSE": ("Square", False),
    }


def test_without_numbers_there_are_no_labels():
    layer = make_layer("initiatives", [{"kind": "hub"}])
    style_layer(layer, "initiatives", "nl")
    assert not layer.labeling().settings().drawLabels


def test_integer_classes_match():
    layer = make_layer("corridors", [{"mode_count": 3, "modes": "rail,road,water"}])
    style_layer(layer, "corridors", "nl")
    assert labels_of(layer) == ["Drie vervoerswijzen"]
    renderer, context = layer.renderer(), QgsRenderContext()
    renderer.startRender(context, layer.fields())
    assert renderer.symbolForFeature(next(layer.getFeatures()), context) is not None
    renderer.stopRender(context)


def test_score_steps_are_fixed():
    layer = make_layer(
        "leverage_areas", [{"score": 55.0}], score="real", rank="integer"
    )
    style_layer(layer, "scored_areas", "nl")
    steps = [(r.lowerValue(), r.upperValue()) for r in layer.renderer().ranges()]
    assert sorted(steps) == [(0, 20), (20, 40), (40, 60), (60, 80), (80, 100)]
    colours = {
        r.upperValue(): r.symbol().color().name() for r in layer.renderer().ranges()
    }
    assert colours[100] == "#045a8d"
    assert colours[20] == "#f1eef6"


def test_score_and_certainty_together():
    """A hatch where the place among the best is uncertain, and no other colour."""
    fields = {"score": "real", "rank": "integer", "acceptability": "real"}
    sure, unsure, edge = (
        {"score": score, "acceptability": share}
        for score, share in ((90.0, 1.0), (30.0, 0.5), (60.0, 0.9))
    )
    layer = make_layer("leverage_areas", [sure, unsure, edge], **fields)
    style_layer(layer, "scored_areas", "nl")
    renderer, context = layer.renderer(), QgsRenderContext()
    context.expressionContext().appendScopes(
        QgsExpressionContextUtils.globalProjectLayerScopes(layer)
    )
    renderer.startRender(context, layer.fields())
    drawn = {}
    for feature in layer.getFeatures():
        context.expressionContext().setFeature(feature)
        symbols = renderer.symbolsForFeature(feature, context)
        drawn[feature["score"]] = [each.color().name() for each in symbols]
    renderer.stopRender(context)
    assert [len(drawn[score]) for score in (90, 30, 60)] == [1, 2, 2]
    assert [drawn[score][0] for score in (90, 30, 60)] == [
        "#045a8d", "#bdc9e1", "#2b8cbe"
    ]  # fmt: skip
    labels = [item.label() for item in renderer.legendSymbolItems()]
    assert labels[:2] == ["80–100", "60–80"]
    assert labels[-1].startswith("Gearceerd")


def test_selected_clusters_stand_out_and_low_hanging_fruit_by_its_dashes():
    fields = {"selected": "boolean", "low_hanging_fruit": "boolean", "rank": "integer"}
    rows = [
        {"selected": True, "low_hanging_fruit": True, "rank": 40},
        {"selected": True, "low_hanging_fruit": None, "rank": 1},
        {"selected": False, "low_hanging_fruit": False, "rank": 12},
    ]
    layer = make_layer("clusters", rows, **fields)
    style_layer(layer, "ranked_clusters", "en")
    renderer, context = layer.renderer(), QgsRenderContext()
    labels = layer.labeling().settings()
    shown = labels.dataDefinedProperties().property(labels.Property.Show)
    context.setExpressionContext(layer.createExpressionContext())
    renderer.startRender(context, layer.fields())
    found = []
    for item in layer.getFeatures():
        context.expressionContext().setFeature(item)
        (drawn,) = renderer.symbolsForFeature(item, context)
        outline = drawn.symbolLayer(0)
        dashed = outline.strokeStyle() == Qt.PenStyle.DashLine
        ranked = shown.valueAsBool(context.expressionContext())[0]
        found.append((dashed, outline.strokeWidth(), ranked))
    renderer.stopRender(context)
    assert found == [(True, 0.9, True), (False, 0.9, True), (False, 0.4, False)]


def test_rules_are_listed_only_where_something_fits():
    fields = {"selected": "boolean", "low_hanging_fruit": "boolean", "rank": "integer"}
    layer = make_layer("clusters", [{"selected": True}], **fields)
    style_layer(layer, "ranked_clusters", "en")
    (rule,) = layer.renderer().rootRule().children()
    assert rule.label() == "Selected: highest score"


def test_clusters_take_a_colour_per_group():
    layer = make_layer("clusters", [{"group": "C"}, {"group": "all"}, {"group": "C"}])
    style_layer(layer, "clusters", "nl")
    categories = layer.renderer().categories()
    assert [category.label() for category in categories] == [
        "C",
        "Bedrijvencluster",
    ]
    assert len({category.symbol().color().name() for category in categories}) == 2


def test_map_tip_shows_data_as_text():
    row = {"name": "<b>A</b> & [% 1+1 %]", "score": 1234.56, "rank": 3, "why": None}
    fields = {"name": "text", "score": "real", "rank": "integer", "why": "text"}
    layer = make_layer("leverage_areas", [row], **fields)
    style_layer(layer, "scored_areas", "nl")
    shown = map_tip(layer)
    assert "&lt;b&gt;A&lt;/b&gt; &amp; [% 1+1 %]" in shown
    assert "1\u202f234,6" in shown
    assert "Plaats: 3" in shown
    assert "Waarom" not in shown  # NULL: no line


def test_map_tip_writes_a_share_as_a_percentage():
    row, fields = {"name": "Dok", "acceptability": 0.946}, {"name": "text"}
    layer = make_layer("leverage_areas", [row], **fields, acceptability="real")
    style_layer(layer, "scored_areas", "nl")
    assert map_tip(layer).endswith(": 95 %")


def test_map_tip_leaves_out_empty_text():
    layer = make_layer("facilities", [{"name": "Kade 1", "kind": "quay", "unit": ""}])
    style_layer(layer, "facilities", "nl")
    assert "Soort: kade" in map_tip(layer)
    assert "Eenheid" not in map_tip(layer)


LEAD = {
    "carrier": "material", "material": "steel_slag", "replaces": "maanstof",
    "unit": "t/y", "scale": "supra_regional", "treatment": "drying_milling",
}  # fmt: skip


@pytest.mark.parametrize(
    ("style", "row", "lines"),
    [
        ("matches", LEAD, ["<b>staalslak</b>", "maanstof", "ton per jaar",
                           "bovenregionaal", "drogen en malen"]),
        ("flows", {"carrier": "co2", "quality": "raw"}, ["ruwe CO2 (geconcentreerd)"]),
        ("flows", {"carrier": "water", "quality": "raw"}, ["ongezuiverd water"]),
        ("flows", {"carrier": "material", "quality": "nat"}, ["nat"]),
        ("initiatives", {"status": "running"}, ["lopend"]),
        ("truth", {"possible": True, "role": "twin"}, ["tegenhanger", "ja"]),
        ("truth", {"possible": False, "reason": "too_far"}, ["nee", "te ver"]),
    ],
)  # fmt: skip
def test_map_tip_names_codes(style, row, lines):
    layer = make_layer(style, [row])
    style_layer(layer, style, "nl")
    shown = re.split(r"\n|: ", re.sub(r"<br>", "", map_tip(layer)))
    assert [line for line in lines if line not in shown] == []


def test_map_tip_says_nothing_of_what_is_unknown():
    layer = make_layer("truth", [{"exchange_id": "x", "possible": None}])
    style_layer(layer, "truth", "nl")
    assert map_tip(layer).strip() == "<b>x</b>"


def test_map_tip_writes_an_environmental_category_with_a_point():
    layer = make_layer("zones", [{"name": "Kop", "env_category": 4.2}])
    style_layer(layer, "zones", "nl")
    assert map_tip(layer).endswith("4.2")


def test_map_tip_says_codes_in_words():
    layer = make_layer("zones", [{"name": "Kop", "kinds": "inland_port;nature"}])
    style_layer(layer, "zones", "nl")
    assert "binnenhaven, natuur" in map_tip(layer)
    style_layer(layer, "zones", "en")
    assert "inland port, nature" in map_tip(layer)


def test_ground_is_quiet():
    """Fills of zones differ at most 8 % from white."""
    for entry in read_toml("styles", "zones.toml")["classes"]:
        colour = QColor(entry["fill"])
        light = (
            0.2126 * colour.redF() + 0.7152 * colour.greenF() + 0.0722 * colour.blueF()
        )
        assert 0.92 <= light < 1, entry["key"]


def test_no_layer_opacity_or_blend_mode():
    """Both would turn the printed map into pixels."""
    for style in LAYERS:
        layer = make_layer(style, [])
        style_layer(layer, style, "nl")
        assert layer.opacity() == 1
        assert layer.blendMode() == QPainter.CompositionMode.CompositionMode_SourceOver


def test_larger_sheet_enlarges_everything():
    layer = make_layer("regions", [{"name": "A"}])
    style_layer(layer, "regions", "nl")
    width = layer.renderer().symbol().symbolLayer(0).strokeWidth()
    letters = layer.labeling().settings().format().size()
    style_layer(layer, "regions", "nl", factor=2)
    assert layer.renderer().symbol().symbolLayer(0).strokeWidth() == 2 * width
    assert layer.labeling().settings().format().size() == 2 * letters


def test_geopackage_opens_styled(write_map, small_map):
    path = write_map(small_map) / "kansenkaart.gpkg"
    layer = QgsVectorLayer(f"{path}|layername=zones", "z", "ogr")
    style_output(layer, "zones", "nl", layer.source(), QgsProcessingContext())
    again = QgsVectorLayer(f"{path}|layername=zones", "z", "ogr")
    assert labels_of(again) == ["Bedrijventerrein", "Natuur"]
    assert again.attributeAlias(again.fields().lookupField("kinds")) == "Soorten zone"


def test_post_processor_outlives_the_run():
    """QGIS calls it after the algorithm is gone."""
    import gc

    context = QgsProcessingContext()
    layer = make_layer("zones", [{"kinds": "nature"}])
    details = QgsProcessingContext.LayerDetails("zones", QgsProject.instance())
    context.addLayerToLoadOnCompletion("zones_1", details)
    style_output(layer, "zones", "nl", "zones_1", context)
    loaded = make_layer("zones", [{"kinds": "nature"}])
    gc.collect()
    processor = context.layerToLoadOnCompletionDetails("zones_1").postProcessor()
    processor.postProcessLayer(loaded, context, None)
    assert labels_of(loaded) == ["Natuur"]


def test_styles_name_only_fields_that_exist():
    known = set(read_toml("texts", "nl", "fields.toml"))
    for path in Path(resource_path("styles")).glob("*.toml"):
        definition = read_toml("styles", path.name)
        tip = definition.get("tip", {"title": "name", "fields": []})
        used = {tip["title"], *tip["fields"], definition.get("field", "name")}
        assert used <= known, path.name


def test_labels_carry_ranks_only_for_the_best():
    fields = {"score": "real", "rank": "integer"}
    layer = make_layer("leverage_areas", [{"score": 5.0, "rank": 1}], **fields)
    style_layer(layer, "scored_areas", "nl")
    settings = layer.labeling().settings()
    assert layer.labelsEnabled()
    assert settings.placement == Qgis.LabelPlacement.Horizontal
    assert settings.callout().enabled()
    assert settings.format().background().size().width() == 5


SQUARE = (
    "POLYGON((100000 400000, 101000 400000, 101000 401000, 100000 401000, "
    "100000 400000))"
)
"""An area of one by one kilometre."""


def written_on(row, language="nl", scale=None, factor=1):
    """Label of an area with a balance, on a map of a scale."""
    layer = make_layer("balance_areas", [row])
    style_layer(layer, "balance_areas", language, factor)
    feature = next(layer.getFeatures())
    feature.setGeometry(QgsGeometry.fromWkt(SQUARE))
    context = layer.createExpressionContext()
    context.setFeature(feature)
    if scale:
        context.lastScope().setVariable("map_scale", scale)
    labels = layer.labeling().settings()
    assert labels.isExpression
    expression = QgsExpression(labels.fieldName)
    found = expression.evaluate(context)
    assert not expression.hasEvalError(), expression.evalErrorString()
    properties = labels.dataDefinedProperties()
    outside = properties.property(labels.Property.PolygonLabelOutside)
    return found.replace("\u00a0", " "), outside.valueAsBool(context, False)[0]


def test_areas_tell_what_they_offer_and_ask_for_in_figures():
    row = {
        "name": "[% 1+1 %] & \"Zuid\"", "material_supply": 178_400.0,
        "material_demand": 3_040.0, "water_supply": 0.0, "water_demand": 254_321.0,
        "heat_supply": 996.4, "heat_demand": 3.04, "co2_supply": 0.04,
        "co2_demand": None,
    }  # fmt: skip
    assert written_on(row)[0].split("\n") == [
        '[% 1+1 %] & "Zuid"',
        "M +180 −3,0 kton",
        "W −250\u202f000 m³",
        "H +1\u202f000 −3,0 MWh",
    ]
    water = {"name": "A", "water_supply": 36.04e6, "water_demand": 9.96e6}
    assert written_on(water)[0] == "A\nW +36 −10 mln m³"
    assert written_on(water, "en")[0] == "A\nW +36 −10 million m³"
    assert written_on({"name": "A", "heat_supply": 1_250.0}, "en")[0].endswith(
        "+1.3 GWh"
    )
    assert written_on({"name": None}) == ("", False)


def test_figures_of_areas_are_off_by_less_than_one_in_twenty():
    units = {"ton": 1, "kton": 1e3}
    for power in range(-1, 9):
        for lead in (1, 1.249, 2.5, 5.51, 9.49, 9.96):
            value = lead * 10.0**power
            shown, _ = written_on({"name": "A", "co2_demand": value})
            _, amount, unit = shown.split("\n")[1].split(" ", 2)
            told = float(amount[1:].replace("\u202f", "").replace(",", "."))
            off = max(0.05 * value, 0.05)
            assert told * units[unit] == pytest.approx(value, abs=off), shown
            digits = "".join(filter(str.isdigit, amount))
            assert len(digits.strip("0")) <= 2, shown


def test_small_areas_carry_their_name_only_and_may_have_it_beside_them():
    row = {"name": "A", "heat_supply": 5.0}
    figures = "A\nH +5,0 MWh"
    # On paper the area is 40, 20 and 10 mm wide; on the large sheet that is half of it.
    assert written_on(row, scale=25_000) == (figures, False)
    assert written_on(row, scale=50_000) == (figures, True)
    assert written_on(row, scale=100_000) == ("A", True)
    assert written_on(row, scale=50_000, factor=2) == ("A", True)


def test_the_legend_tells_what_the_figures_of_areas_are():
    layer = make_layer("balance_areas", [{"name": "A"}])
    for language, words in (("nl", "+ aanbod en − vraag"), ("en", "+ supply and −")):
        style_layer(layer, "balance_areas", language)
        (item,) = layer.renderer().legendSymbolItems()
        assert item.label().startswith(words)
        assert all(f"{letter} " in item.label() for letter in "MWHC")
    names = set(layer.fields().names())
    for line in read_toml("styles", "balance_areas.toml")["label"]["lines"]:
        assert {line["plus"], line["minus"]} <= names


def drawn_flows(rows):
    layer = make_layer("flows", rows)
    style_layer(layer, "flows", "nl")
    renderer, context = layer.renderer(), QgsRenderContext()
    context.setExpressionContext(layer.createExpressionContext())
    renderer.startRender(context, layer.fields())
    found = []
    for item in layer.getFeatures():
        context.expressionContext().setFeature(item)
        (symbol,) = renderer.symbolsForFeature(item, context)
        found.append(symbol.clone())
    renderer.stopRender(context)
    return layer, found


def test_flows_show_carrier_direction_and_roughness():
    letters = {"material": "M", "water": "W", "heat": "H", "co2": "C"}
    rows = [
        {"carrier": carrier, "direction": direction, "data_quality": quality}
        for carrier in letters
        for direction in ("supply", "demand")
        for quality in (None, 2, 5)
    ]
    layer, symbols = drawn_flows(rows)
    for row, symbol in zip(rows, symbols, strict=True):
        *markers, letter = symbol.symbolLayers()
        assert letter.character() == letters[row["carrier"]]
        hollow = markers[-1].color().name() == "#ffffff"
        assert hollow == (row["direction"] == "demand")
        dotted = Qt.PenStyle.DotLine in {each.strokeStyle() for each in markers}
        assert dotted == (row["data_quality"] == 5)
    labels = {rule.label() for rule in layer.renderer().rootRule().children()}
    assert len(labels) == 16
    assert {"Warmte, vraag", "Water, aanbod (ruwe schatting)"} <= labels
