"""The border crossing: what goes in comes out."""

import numpy as np
import pytest
from kansenkaart.analysis.errors import RefusalError
from kansenkaart.analysis.layers import layer_type
from kansenkaart.processing_algorithms import border
from qgis.core import (
    NULL,
    QgsCoordinateReferenceSystem,
    QgsFeature,
    QgsGeometry,
    QgsProcessingContext,
    QgsVectorLayer,
)

RD = QgsCoordinateReferenceSystem("EPSG:28992")
DEFINITION = (
    "Point?crs=EPSG:28992&field=est_id:string&field=name:string&field=sbi:string"
    "&field=jobs:double"
)


@pytest.fixture
def points():
    layer = QgsVectorLayer(DEFINITION, "points", "memory")
    rows = [
        ("b", "Dok 'n <b>", "0111", 3.5, "POINT (155000 463000)"),
        ("a", NULL, "2011", NULL, "POINT (156000 464000)"),
        ("c", "leeg", "2011", 1.0, None),
    ]
    features = []
    for *values, wkt in rows:
        feature = QgsFeature(layer.fields())
        feature.setAttributes(values)
        if wkt:
            feature.setGeometry(QgsGeometry.fromWkt(wkt))
        features.append(feature)
    assert layer.dataProvider().addFeatures(features)[0]
    return layer


def test_round_trip(points):
    frame = border.read(points, None, QgsProcessingContext())
    kept = frame[frame.geometry.notna()]
    target = QgsVectorLayer(DEFINITION, "target", "memory")
    provider = target.dataProvider()
    kind = layer_type("establishments")
    fields = border.qgis_fields({name: kind.fields[name] for name in kind.mandatory})
    only = type(kind)(
        "x", "Point", "est_id", {n: kind.fields[n] for n in kind.mandatory}, ()
    )
    border.write(kept, only, provider, fields)
    again = border.read(target, None, QgsProcessingContext())
    assert again.drop(columns="geometry").to_dict("list") == kept.drop(
        columns="geometry"
    ).to_dict("list")
    assert again.geometry.to_wkt().tolist() == kept.geometry.to_wkt().tolist()


def test_null_and_missing_geometry_become_none(points):
    frame = border.read(points, None, QgsProcessingContext())
    assert frame["name"].tolist() == ["Dok 'n <b>", None, "leeg"]
    assert frame["jobs"].tolist() == [3.5, None, 1.0]
    assert frame.geometry.isna().tolist() == [False, False, True]
    assert frame.crs is None


def test_qgis_reprojects(points):
    wgs84 = QgsCoordinateReferenceSystem("EPSG:4326")
    frame = border.read(points, wgs84, QgsProcessingContext())
    assert frame.geometry[0:1].x.iloc[0] == pytest.approx(5.387, abs=0.001)
    assert frame.geometry[0:1].y.iloc[0] == pytest.approx(52.155, abs=0.001)


def test_reprojector_gives_none_where_it_fails(points):
    frame = border.read(points, None, QgsProcessingContext())
    wgs84 = QgsCoordinateReferenceSystem("EPSG:4326")
    move = border.reprojector(RD, wgs84, QgsProcessingContext())
    shapes = np.array([frame.geometry.iloc[0], None], dtype=object)
    moved = move(shapes)
    assert moved[0].x == pytest.approx(5.387, abs=0.001)
    assert moved[1] is None
    assert border.reprojector(RD, RD, QgsProcessingContext()) is None


def test_area_of_use_covers_the_netherlands():
    xmin, ymin, xmax, ymax = border.area_of_use(RD, QgsProcessingContext())
    assert xmin < 14_000
    assert xmax > 276_000
    assert ymin < 307_000
    assert ymax > 619_000


@pytest.mark.parametrize(
    ("crs", "key"),
    [
        ("", "messages.crs_missing"),
        ("EPSG:4326", "messages.crs_geographic"),
        ("EPSG:2263", "messages.crs_not_metric"),
    ],
)
def test_unusable_coordinate_systems(crs, key):
    with pytest.raises(RefusalError) as refused:
        border.check_metric(QgsCoordinateReferenceSystem(crs), "laag")
    assert refused.value.key == key
    assert "28992" in refused.value.sentence("nl")


@pytest.mark.parametrize("crs", ["EPSG:28992", "EPSG:31370", "EPSG:3812", "EPSG:32631"])
def test_metric_coordinate_systems(crs):
    border.check_metric(QgsCoordinateReferenceSystem(crs), "laag")


def test_undefined_is_no_coordinate_system():
    crs = QgsCoordinateReferenceSystem.fromWkt(
        'LOCAL_CS["Undefined Cartesian SRS",UNIT["metre",1]]'
    )
    assert border.is_undefined(crs)
