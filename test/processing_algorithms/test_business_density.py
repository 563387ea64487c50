"""Business density in QGIS: against its own heatmap and hexagons, style and log."""

from itertools import pairwise

import numpy as np
import pytest
import shapely
from kansenkaart.analysis.resources import read_toml
from kansenkaart.processing_algorithms.styling import style_layer
from qgis.core import (
    QgsFeature,
    QgsGeometry,
    QgsPointXY,
    QgsProcessingFeedback,
    QgsRasterLayer,
    QgsVectorLayer,
)
from qgis.PyQt.QtGui import QColor

pytestmark = pytest.mark.usefixtures("provider")

DENSITY_STYLES = ("density", "density_jobs", "density_classes")
RADIUS, PIXEL = 1000, 4


def establishments(xy, jobs=1.0, sbi="2511"):
    """Canonical establishments in memory."""
    fields = "field=est_id:string&field=name:string&field=sbi:string&field=jobs:double"
    layer = QgsVectorLayer(f"Point?crs=EPSG:28992&{fields}", "bedrijven", "memory")
    features = []
    for number, (x, y) in enumerate(xy):
        feature = QgsFeature(layer.fields())
        name = f"E{number:04}"
        codes = sbi if isinstance(sbi, list) else [sbi] * len(xy)
        feature.setAttributes([name, name, codes[number], jobs])
        feature.setGeometry(QgsGeometry.fromPointXY(QgsPointXY(x, y)))
        features.append(feature)
    assert layer.dataProvider().addFeatures(features)[0]
    layer.updateExtents()
    return layer


def run(algorithm, **parameters):
    import processing

    return processing.run(algorithm, {"OUTPUT": "TEMPORARY_OUTPUT"} | parameters)


def density(layer, **parameters):
    found = run("kansenkaart:businessdensity", ESTABLISHMENTS=layer, **parameters)
    return found, list(found["OUTPUT"].getFeatures())


@pytest.fixture(scope="module")
def places():
    """Random places, some of them twice."""
    xy = np.random.default_rng(1).uniform([-2000, -1500], [4000, 1500], (60, 2))
    return [*xy.tolist(), *xy[:4].tolist()]


def test_kernel_is_that_of_the_heatmap_of_qgis(places):
    layer = establishments(places)
    heatmap = run(
        "qgis:heatmapkerneldensityestimation",
        INPUT=layer,
        RADIUS=RADIUS,
        PIXEL_SIZE=PIXEL,
        KERNEL=0,
        OUTPUT_VALUE=1,
    )["OUTPUT"]
    raster = QgsRasterLayer(heatmap)
    _, rows = density(layer, RADIUS=RADIUS)
    middles = [row.geometry().centroid().asPoint() for row in rows]
    sampled = [raster.dataProvider().sample(middle, 1) for middle in middles]
    pairs = [
        (row["density"], 1e6 * value)
        for row, (value, there) in zip(rows, sampled, strict=True)
        if there and row["density"] > 1
    ]
    ours, theirs = np.array(pairs).T
    assert len(pairs) > 80
    # The heatmap's pixels lie up to one pixel beside the place they are computed for.
    assert np.abs(ours - theirs).max() < 2 * PIXEL / RADIUS * ours.max()
    assert (ours - theirs).mean() == pytest.approx(0, abs=1e-3 * ours.max())


def test_counts_are_those_of_qgis_in_the_same_hexagons(places):
    layer = establishments(places)
    found, _ = density(layer)
    counted = run(
        "native:countpointsinpolygon", POLYGONS=found["OUTPUT"], POINTS=layer
    )["OUTPUT"]
    rows = list(counted.getFeatures())
    assert [row["NUMPOINTS"] for row in rows] == [row["establishments"] for row in rows]
    assert sum(row["NUMPOINTS"] for row in rows) == len(places)


def test_key_totals_names_and_title(places):
    sbi = ["2511", "4711"] * (len(places) // 2)
    found, rows = density(
        establishments(places, sbi=sbi), GROUPING="section", MEASURE=1, RADIUS=700
    )
    assert found["HEXAGON_COUNT"] == len(rows)
    assert (found["UNKNOWN_JOBS"], found["UNGROUPED"]) == (0, 0)
    assert found["HIGHEST"] == max(row["density"] for row in rows)
    assert {(row["group"], row["group_name"]) for row in rows} == {
        ("C", rows[0]["group_name"]),
        ("G", rows[-1]["group_name"]),
    }
    assert rows[0]["group_name"] != "C"
    assert {row["measure"] for row in rows} == {"jobs"}


def test_lattice_does_not_depend_on_the_points():
    _, here = density(establishments([[100_010, 400_020]]))
    _, both = density(establishments([[100_010, 400_020], [7, 9]]))
    shapes = {
        row["hex_id"]: shapely.from_wkb(bytes(row.geometry().asWkb())) for row in both
    }
    (row,) = here
    own = shapely.from_wkb(bytes(row.geometry().asWkb()))
    assert shapes[row["hex_id"]].equals_exact(own)
    assert set(shapes) == {row["hex_id"], "0_0"}


def test_nothing_to_show_is_said():
    import processing

    feedback = QgsProcessingFeedback()
    found = processing.run(
        "kansenkaart:businessdensity",
        {
            "ESTABLISHMENTS": establishments([[1, 1]], sbi="9900"),
            "GROUPING": "low_hanging_fruit",
            "OUTPUT": "TEMPORARY_OUTPUT",
        },
        feedback=feedback,
    )
    assert found["OUTPUT"].featureCount() == 0
    assert found["HIGHEST"] is None
    assert "(1)" in feedback.textLog()


# Style.


def luminance(colour):
    """Lightness L* of a colour (CIE 1976), 0–100."""
    parts = np.array(QColor(colour).getRgbF()[:3])
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    y = linear @ [0.2126, 0.7152, 0.0722]
    return 116 * np.cbrt(y) - 16


@pytest.mark.parametrize("style", DENSITY_STYLES)
def test_steps_can_be_told_apart_in_grey(style):
    look = read_toml("styles", f"{style}.toml")
    fills = [entry["fill"] for entry in look.get("ranges", look.get("classes"))]
    steps = np.diff([luminance(fill) for fill in fills])
    assert len(fills) == 5
    assert steps.min() > 10


def test_legend_has_units_and_no_gap(places):
    found, _ = density(establishments(places))
    layer = found["OUTPUT"]
    style_layer(layer, "density", "nl")
    ranges = layer.renderer().ranges()
    assert [each.label() for each in ranges] == [
        "1\u202f000 of meer per km²",
        "200–1\u202f000 per km²",
        "50–200 per km²",
        "10–50 per km²",
        "2–10 per km²",
    ]
    bounds = [(each.lowerValue(), each.upperValue()) for each in reversed(ranges)]
    assert all(one[1] == other[0] for one, other in pairwise(bounds))
    assert bounds[-1][1] >= 1e15


def test_classes_of_a_workshop_are_called_by_themselves():
    layer = QgsVectorLayer(
        "Polygon?crs=EPSG:28992&field=count_class:string", "x", "memory"
    )
    for name in ("5–9", "10–29", "300+"):
        feature = QgsFeature(layer.fields())
        feature["count_class"] = name
        feature.setGeometry(QgsGeometry.fromWkt("POLYGON((0 0, 1 0, 1 1, 0 0))"))
        assert layer.dataProvider().addFeature(feature)
    style_layer(layer, "density_classes", "nl")
    shown = {
        each.label(): each.symbol().color().name()
        for each in layer.renderer().categories()
    }
    look = read_toml("styles", "density_classes.toml")["classes"]
    assert shown == {
        "300+": look[0]["fill"], "10–29": look[3]["fill"], "5–9": look[4]["fill"],
    }  # fmt: skip
