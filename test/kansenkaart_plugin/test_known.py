"""What a dialog in QGIS Desktop is filled in with."""

from pathlib import Path

import pytest
from kansenkaart.kansenkaart_plugin.known import known_parameters
from kansenkaart.processing_algorithms.clusters.detect_clusters import DetectClusters
from kansenkaart.processing_algorithms.data.prepare_zones import PrepareZones
from kansenkaart.processing_algorithms.maps.opportunity_map import OpportunityMap
from kansenkaart.processing_algorithms.styling import LOADED, STYLE
from qgis.core import QgsCoordinateReferenceSystem, QgsProject, QgsVectorLayer

RD, DEGREES, WEB = "EPSG:28992", "EPSG:4326", "EPSG:3857"


@pytest.fixture
def project(qgis_app):  # noqa: ARG001 - QGIS must run
    project = QgsProject()
    project.setCrs(QgsCoordinateReferenceSystem(DEGREES))
    return project


def add(project, name, style=None, geometry="Polygon", crs=RD):
    """A layer on top of the list, as QGIS adds it; gives its id."""
    layer = QgsVectorLayer(f"{geometry}?crs={crs}", name, "memory")
    if style:
        layer.setCustomProperty(STYLE, style)
    project.addMapLayer(layer, False)
    project.layerTreeRoot().insertLayer(0, layer)
    return layer.id()


def known(kind, project, active=None):
    return known_parameters(kind().create(), project, active)


def test_prepared_layers_go_to_their_roles(project):
    add(project, "bron", geometry="Point")
    firms = add(project, "Vestigingen: a", "establishments", "Point")
    road = add(project, "Infrastructuur: wegen", "infrastructure", "LineString")
    rail = add(project, "Infrastructuur: spoor", "infrastructure", "LineString")
    regions = add(project, "Regio’s: gemeenten", "regions")
    found = known(OpportunityMap, project)
    assert found["ESTABLISHMENTS"] == [firms]
    assert found["INFRASTRUCTURE"] == [rail, road]
    assert found["REGIONS"] == regions
    assert "ZONES" not in found
    assert "NETWORK" not in found
    assert known(DetectClusters, project)["ESTABLISHMENTS"] == firms


def test_of_a_layer_prepared_twice_the_newest_counts(project):
    newest, oldest = (
        add(project, "Vestigingen: a", "establishments", "Point") for _ in range(2)
    )
    # QGIS loads above the selected layer, so the newest may lie below.
    project.mapLayer(newest).setCustomProperty(LOADED, 2.0)
    project.mapLayer(oldest).setCustomProperty(LOADED, 1.0)
    assert known(OpportunityMap, project)["ESTABLISHMENTS"] == [newest]


def test_source_is_a_layer_of_the_right_geometry_not_prepared_yet(project):
    first = add(project, "terreinen")
    second = add(project, "gemeenten")
    add(project, "wegen", geometry="LineString")
    prepared = add(project, "Zones: terreinen", "zones")
    assert known(PrepareZones, project)["INPUT"] == second
    selected = project.mapLayer(first)
    assert known(PrepareZones, project, selected)["INPUT"] == first
    selected = project.mapLayer(prepared)
    assert known(PrepareZones, project, selected)["INPUT"] == second


def test_prepared_layers_share_a_coordinate_system_in_metres(project):
    add(project, "graden", crs=DEGREES)
    add(project, "web", crs=WEB)
    assert "TARGET_CRS" not in known(PrepareZones, project)
    add(project, "terreinen", crs=RD)
    assert known(PrepareZones, project)["TARGET_CRS"].authid() == RD
    add(project, "Zones: haven", "zones", crs="EPSG:31370")
    assert known(PrepareZones, project)["TARGET_CRS"].authid() == "EPSG:31370"


def test_result_goes_to_a_new_folder_beside_the_project(project, tmp_path):
    home = tmp_path / "werk"
    home.mkdir()
    project.setFileName(str(home / "eigen.qgz"))
    assert known(OpportunityMap, project)["OUTPUT_FOLDER"] == str(home / "kansenkaart")
    (home / "kansenkaart").mkdir()
    folder = Path(known(OpportunityMap, project)["OUTPUT_FOLDER"])
    assert folder == home / "kansenkaart 2"


def test_result_does_not_go_into_an_earlier_one(project, tmp_path):
    result = tmp_path / "kansenkaart"
    result.mkdir()
    (result / "run.json").touch()
    project.setFileName(str(result / "kansenkaart.qgz"))
    folder = Path(known(OpportunityMap, project)["OUTPUT_FOLDER"])
    assert folder == tmp_path / "kansenkaart 2"
