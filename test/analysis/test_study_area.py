"""A study area: what counts, what is listed, and that it tells what the whole tells."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from kansenkaart.analysis.clusters import detect_clusters
from kansenkaart.analysis.corridors import corridors
from kansenkaart.analysis.criteria import Layers, criterion_ids, largest_reach
from kansenkaart.analysis.errors import RefusalError
from kansenkaart.analysis.leverage_areas import leverage_areas
from kansenkaart.analysis.score_areas import choose_weights, score_areas
from kansenkaart.analysis.study_area import study_area
from shapely import box

DISTANCES = dict.fromkeys(
    ["road", "rail", "water", "pipeline", "heat", "steam", "co2", "power"], 1000
)


def layer(*shapes, **fields):
    return gpd.GeoDataFrame(fields, geometry=list(shapes))


ZONES = layer(box(90, 0, 110, 10), box(500, 0, 510, 10), zone_id=["Z1", "Z2"])
SQUARE = np.array([box(0, 0, 100, 100)])


def test_ground_holds_the_zones_that_cross_the_border():
    study = study_area(SQUARE, ZONES, 50)
    assert study.box == (-50, -50, 160, 150)
    points = layer(*shapely.points([[150, 5], [160, 5], [161, 5], [0, -50], [0, -51]]))
    assert study.near(points).geometry.x.tolist() == [150, 160, 0]


def test_several_polygons_count_together():
    halves = np.array([box(0, 0, 50, 100), box(50, 0, 100, 100), None])
    study = study_area(halves, ZONES, 0)
    assert study.shape.equals(SQUARE[0])


@pytest.mark.parametrize("shapes", [[], [None], [shapely.Polygon()]])
def test_without_a_polygon_it_is_refused(shapes):
    with pytest.raises(RefusalError) as refusal:
        study_area(np.array(shapes, dtype=object), ZONES, 0)
    assert "STUDY_AREA" in refusal.value.sentence("nl")


def test_what_is_listed():
    study = study_area(SQUARE, ZONES, 50)
    found = study.listed(
        {
            "leverage_areas": layer(
                box(80, 0, 110, 10),
                box(95, 0, 120, 10),
                area_id=["in", "out"],
                cluster_ids=["C1;C3", "C2"],
            ),
            "clusters": layer(
                box(90, 0, 200, 5),
                box(110, 0, 200, 5),
                box(105, 0, 200, 5),
                cluster_id=["C1", "C2", "C3"],
            ),
            "corridors": layer(
                box(50, 0, 200, 10), box(150, 0, 200, 10), modes=["a", "b"]
            ),
            "members": layer(*shapely.points([[1, 1], [101, 1]]), est_id=["E1", "E2"]),
            "criteria": pd.DataFrame({"area_id": ["in"]}),
        }
    )
    assert found["leverage_areas"]["area_id"].tolist() == ["in"]
    assert found["clusters"]["cluster_id"].tolist() == ["C1", "C3"]
    assert found["corridors"].total_bounds.tolist() == [50, 0, 100, 10]
    assert found["members"]["est_id"].tolist() == ["E1"]
    assert len(found["criteria"]) == 1


def chain(layers):
    clusters = detect_clusters(layers["establishments"]).footprints
    pieces = corridors(layers["infrastructure"], DISTANCES).multimodal
    areas = leverage_areas(
        layers["zones"],
        clusters,
        pieces,
        layers["establishments"],
        layers["constraints"],
    ).areas
    names = ("establishments", "zones", "infrastructure", "facilities", "constraints")
    seen = Layers(**{name: layers[name] for name in names})
    return {
        "leverage_areas": score_areas(
            areas, seen, choose_weights("basis", [], None)
        ).areas,
        "clusters": clusters,
    }


def test_parts_of_a_province_tell_what_the_whole_tells(province):
    layers = {
        name: frame.set_crs(None, allow_override=True)
        for name, frame in province.items()
    }
    whole = chain(layers)["leverage_areas"].set_index("area_id")
    reach = max(largest_reach(criterion_ids()), 1000)
    assert reach == 10_000
    listed = []
    xmin, ymin, xmax, ymax = layers["regions"].total_bounds
    middle = (xmin + xmax) / 2
    for half in (box(xmin, ymin, middle, ymax), box(middle, ymin, xmax, ymax)):
        study = study_area(np.array([half]), layers["zones"], reach)
        near = {name: study.near(frame) for name, frame in layers.items()}
        assert len(near["establishments"]) < len(layers["establishments"])
        listed.append(study.listed(chain(near))["leverage_areas"])
    fields = ["score", "modes", "establishments", "jobs", "diversity", "area_ha"]
    parts = pd.concat(listed).set_index("area_id").sort_index()
    assert len(parts) > 20
    pd.testing.assert_frame_equal(parts[fields], whole.sort_index()[fields])
