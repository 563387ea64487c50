"""The project: complete, movable, and styled without it."""

import shutil
from pathlib import PureWindowsPath

import pytest
from kansenkaart.analysis.resources import read_toml
from kansenkaart.analysis.vocabulary import LANGUAGE_CHOICES
from kansenkaart.processing_algorithms.geopackage import table_name, table_uri
from kansenkaart.processing_algorithms.maps.project import (
    build_project,
    drawn_layers,
    extents,
    find_layer,
    save_project,
)
from qgis.core import QgsProject, QgsVectorLayer


def test_every_table_in_its_group(write_map, small_map):
    project = build_project(write_map(small_map), "nl", "Kaart")
    groups = {
        group.name(): [node.name() for node in group.findLayers()]
        for group in project.layerTreeRoot().findGroups()
    }
    assert groups == {
        "Kansen": ["Hefboomgebieden naar score", "Bedrijvenclusters"],
        "Bouwstenen": ["Voorzieningen", "Infrastructuur", "Corridors"],
        "Ondergrond": ["Gemeenten en regio's", "Zones"],
        "Tabellen": ["Aannames"],
    }
    assert project.title() == "Kaart"
    assert project.crs().authid() == "EPSG:28992"


def test_every_table_that_may_be_seen_has_a_group_and_a_title():
    groups = read_toml("styles", "project.toml")["groups"]
    layers = {layer for group in groups for layer in group["layers"]}
    shown = read_toml("confidentiality.toml").keys() & read_toml("layers.toml").keys()
    assert shown <= {layer.partition(":")[0] for layer in layers}
    for language in LANGUAGE_CHOICES:
        titles = read_toml("texts", language, "styles.toml")["layers"]
        assert {layer.replace(":", "_") for layer in layers} <= titles.keys()


def test_english_and_unscored(write_map, small_map):
    areas = small_map["leverage_areas"].drop(columns=["score", "rank"])
    project = build_project(write_map({"leverage_areas": areas}), "en", "Opportunities")
    (layer,) = project.mapLayers().values()
    assert layer.name() == "Leverage areas"


def test_view_opens_on_the_areas(write_map, small_map):
    project = build_project(write_map(small_map), "nl", "Kaart")
    view = project.viewSettings().defaultViewExtent()
    areas = find_layer(project, "leverage_areas").extent()
    assert view.contains(areas)
    assert view.width() < 1.2 * areas.width()


def test_regions_stand_in_for_missing_areas(write_map, small_map):
    small_map["leverage_areas"] = small_map["leverage_areas"].iloc[:0]
    project = build_project(write_map(small_map), "nl", "Kaart")
    interest, setting = extents(project)
    assert interest == setting == find_layer(project, "regions").extent()


def test_visible_is_what_is_printed(write_map, small_map):
    project = build_project(write_map(small_map), "nl", "Kaart")
    tree = project.layerTreeRoot()
    visible = {node.layerId() for node in tree.findLayers() if node.isVisible()}
    assert visible == {layer.id() for layer in drawn_layers(project)}


def test_opens_after_the_folder_moved(write_map, small_map, tmp_path):
    folder = write_map(small_map, tmp_path / "kaart.new")
    project = build_project(folder, "nl", "Kaart")
    save_project(project, folder / "kansenkaart.qgz")
    count = len(project.mapLayers())
    project.clear()
    moved = shutil.move(folder, tmp_path / "elders")
    opened = QgsProject()
    assert opened.read(f"{moved}/kansenkaart.qgz")
    layers = opened.mapLayers().values()
    assert len(layers) == count == len(small_map)
    assert all(layer.isValid() for layer in layers)
    assert all(str(moved) in layer.source() for layer in layers)
    assert find_layer(opened, "zones").featureCount() == 2


def test_geopackage_carries_the_styles(write_map, small_map):
    folder = write_map(small_map)
    build_project(folder, "nl", "Kaart").clear()
    build_project(folder, "nl", "Kaart").clear()
    path = folder / "kansenkaart.gpkg"
    styles = QgsVectorLayer(f"{path}|layername=layer_styles", "s", "ogr")
    stored = [row["f_table_name"] for row in styles.getFeatures()]
    assert sorted(stored) == sorted(small_map)
    table = QgsVectorLayer(f"{path}|layername=assumptions", "t", "ogr")
    assert table.attributeAlias(table.fields().lookupField("value")) == "Waarde"


@pytest.mark.usefixtures("qgis_app")
def test_missing_geopackage(tmp_path):
    with pytest.raises(OSError, match=r"kansenkaart\.gpkg"):
        build_project(tmp_path, "nl", "Kaart")


def test_unwritable_project(write_map, small_map, tmp_path):
    project = build_project(write_map(small_map), "nl", "Kaart")
    with pytest.raises(OSError, match="nergens"):
        save_project(project, tmp_path / "nergens" / "kansenkaart.qgz")


def test_a_table_is_named_with_slashes_on_windows_too():
    """Else the folder of the maker stays in the project."""
    uri = table_uri(PureWindowsPath(r"C:\Users\jan\kaart.new\a.gpkg"), "zones")
    assert uri == "C:/Users/jan/kaart.new/a.gpkg|layername=zones"
    assert table_name(uri) == "zones"
