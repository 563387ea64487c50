"""Specialisation as QGIS runs it, and as a step of the map."""

import geopandas as gpd
import pandas as pd
import pytest
from shapely import Point, box


@pytest.fixture
def settings(qgis_app):  # noqa: ARG001 - parameters ask for QGIS
    """The settings of the step, with changes by name."""
    from kansenkaart.processing_algorithms.clusters.specialisation import Specialisation
    from kansenkaart.processing_algorithms.maps.settings import StepSettings

    def make(**changed):
        return StepSettings(Specialisation().create(), changed, {}, "nl", None)

    return make


@pytest.fixture
def layers():
    """Two regions, one of chemistry and one of transport, and some firms elsewhere."""
    rows = [
        (x, code)
        for x, code, count in (
            (5, "2014", 40), (5, "4941", 5), (5, "0111", 2), (15, "2014", 6),
            (15, "4941", 60), (25, "4941", 90),
        )
        for _ in range(count)
    ]  # fmt: skip
    firms = gpd.GeoDataFrame(
        {
            "est_id": [f"e{number:03d}" for number in range(len(rows))],
            "sbi": [code for _, code in rows],
            "jobs": [1.0 + number % 7 for number in range(len(rows))],
        },
        geometry=[Point(x, 5) for x, _ in rows],
    )
    regions = gpd.GeoDataFrame(
        {"region_id": ["R1", "R2", "R3"], "name": ["Ede", "Epe", "Best"]},
        geometry=[box(0, 0, 10, 10), box(10, 0, 20, 10), box(20, 0, 30, 10)],
    )
    return {"establishments": firms, "regions": regions}


def run_steps(layers, settings, workshop):
    """Both steps, with what a workshop may see between them."""
    from kansenkaart.analysis.confidentiality import Rule, publishable, withhold
    from kansenkaart.processing_algorithms.maps.steps import all_steps

    first, second = [
        step for step in all_steps() if step.algorithm.ID == "specialisation"
    ]
    assert second.from_published and not first.from_published
    found = first.compute(layers, settings, lambda _: True)
    tables = found.tables
    if workshop:
        tables, _ = withhold(tables, found.actors, Rule())
        tables = {name: publishable(name, table) for name, table in tables.items()}
    layers = layers | tables
    outcome = second.compute(layers, settings, lambda _: True)
    if workshop:
        for name, table in outcome.tables.items():
            assert list(publishable(name, table)) == list(table)
    return layers | outcome.tables, outcome


def test_the_step_finds_what_the_algorithm_finds(layers, settings):
    from kansenkaart.analysis.groupings import shipped_grouping
    from kansenkaart.analysis.specialisation import (
        count_in_regions,
        specialise_establishments,
    )

    tables, outcome = run_steps(layers, settings(), workshop=False)
    sections = shipped_grouping("section")
    expected = specialise_establishments(
        count_in_regions(layers["establishments"], layers["regions"], sections),
        sections, "jobs", 1.25, None, "nl",
    )  # fmt: skip
    pd.testing.assert_frame_equal(tables["specialisation"], expected.table)
    drawn = tables["specialised_regions"]["sector"].fillna("–")
    assert drawn.tolist() == ["C", "–", "H"]
    section = outcome.section(tables)
    assert section.tables[0].rows[0][:2] == ["Ede", "Industrie"]
    assert "1,25" in section.paragraphs[0]


def test_a_withheld_cell_is_unknown(layers, settings):
    tables, _ = run_steps(layers, settings(COUNT_UNIT="establishments"), workshop=True)
    assert "R1|A" not in set(tables["region_sectors"]["cell_id"])
    found = tables["specialisation"].set_index(["region_id", "sector"])
    # Of the whole sector nothing is published, and nobody sees that it is there.
    assert ("R1", "A") not in found.index
    assert found["share_region"]["R1", "C"] == 40 / 45
    assert tables["specialised_regions"]["sector"][0] == "C"


def test_only_the_study_area_counts(layers, settings):
    study = gpd.GeoDataFrame({"name": ["x"]}, geometry=[box(0, 0, 20, 5.5)])
    tables, outcome = run_steps(layers | {"study_area": study}, settings(), False)
    assert tables["specialised_regions"]["name"].tolist() == ["Ede", "Epe"]
    assert tables["specialised_regions"].area.tolist() == [55, 55]
    assert tables["region_sectors"]["establishments"].sum() == 113
    assert "studiegebied" in outcome.section(tables).paragraphs[1]


def test_what_is_asked_of_a_table_is_no_setting_of_the_map(settings):
    from kansenkaart.analysis.errors import RefusalError

    for name in ("TABLE", "REGION_FIELD", "COUNT_FIELD", "FILTER", "OUTPUT"):
        with pytest.raises(RefusalError):
            settings(**{name: "x"})


@pytest.fixture
def run(provider):  # noqa: ARG001 - the provider must be registered
    """Run the algorithm; give its outputs."""
    import processing

    def start(**parameters):
        wanted = {"OUTPUT": "TEMPORARY_OUTPUT"} | parameters
        return processing.run("kansenkaart:specialisation", wanted)

    return start


def table_layer(fields, rows):
    from qgis.core import QgsFeature, QgsVectorLayer

    layer = QgsVectorLayer(f"None?{fields}", "tabel", "memory")
    features = []
    for row in rows:
        feature = QgsFeature(layer.fields())
        feature.setAttributes(list(row))
        features.append(feature)
    assert layer.dataProvider().addFeatures(features)[0]
    return layer


def test_canonical_names_are_taken_where_no_field_is_named(run):
    rows = [(1, "C", 4.0), (1, "H", 5.0), (2, "C", None), (2, "H", 3.0)]
    fields = "field=region_id:integer&field=sector:string&field=count:double"
    found = run(TABLE=table_layer(fields, rows), COUNT_UNIT=1)
    read = [
        (each["region_id"], each["sector"], each["count"])
        for each in found["OUTPUT"].getFeatures()
    ]
    assert read[:2] == [("1", "C", 4.0), ("1", "H", 5.0)]
    assert not read[2][2] and read[3] == ("2", "H", 3.0)
    assert found["CELL_COUNT"] == 4
    assert found["TESTED_COUNT"] == 3


def test_sectors_that_are_no_sections_get_a_colour_each(qgis_app):  # noqa: ARG001
    from kansenkaart.processing_algorithms.styling import style_layer
    from qgis.core import QgsFeature, QgsGeometry, QgsVectorLayer

    def drawn(rows):
        fields = "".join(
            f"&field={name}:{kind}"
            for name, kind in (
                ("sector", "string"), ("sector_name", "string"),
                ("section", "string"), ("specialisations", "integer"),
            )
        )  # fmt: skip
        layer = QgsVectorLayer(f"Polygon?crs=EPSG:28992{fields}", "x", "memory")
        features = []
        for row in rows:
            feature = QgsFeature(layer.fields())
            feature.setAttributes(list(row))
            feature.setGeometry(QgsGeometry.fromWkt("Polygon((0 0, 1 0, 1 1, 0 0))"))
            features.append(feature)
        layer.dataProvider().addFeatures(features)
        style_layer(layer, "specialised_regions", "nl")
        return [each.label() for each in layer.renderer().legendSymbolItems()]

    empty, unknown = (None, None, None, 0), (None, None, None, None)
    assert drawn([("C", "Industrie", "C", 1), empty, unknown]) == [
        "Industrie (C)", "Geen specialisatie", "Niet in de gegevens",
    ]  # fmt: skip
    assert drawn([("voedsel", "Voedsel", None, 1), empty]) == [
        "Geen specialisatie", "Voedsel",
    ]  # fmt: skip
