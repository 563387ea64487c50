"""The chain, against the same chain of algorithms that QGIS brings itself."""

import itertools

import numpy as np
import pandas as pd
import pytest
import shapely
from cluster_scenes import NAMES, scene

DISTANCES = {"road": 1000, "rail": 1000, "water": 500, "pipeline": 500}
CELLS = {"object": "string", "str": "string", "float64": "double", "bool": "boolean"}


@pytest.fixture(scope="module")
def run(qgis_app, qgis_processing):  # noqa: ARG001 - Processing must run
    """Run an algorithm; gives its outputs."""
    import processing
    from kansenkaart.processing_algorithms.provider import KansenkaartProvider
    from qgis.core import QgsApplication

    registry = QgsApplication.processingRegistry()
    provider = registry.providerById("kansenkaart")
    added = provider is None
    if added:
        provider = KansenkaartProvider()
        assert registry.addProvider(provider)

    def start(algorithm, *wanted, **parameters):
        wanted = wanted or ("OUTPUT",)
        temporary = dict.fromkeys(wanted, "TEMPORARY_OUTPUT")
        found = processing.run(algorithm, parameters | temporary)
        layers = [found[name] for name in wanted]
        assert all(layer.isValid() for layer in layers)
        return layers[0] if len(layers) == 1 else layers

    yield start
    if added:
        registry.removeProvider(provider)


def to_layer(frame, geometry, name):
    """Layer in memory with the rows of a frame."""
    from qgis.core import QgsFeature, QgsGeometry, QgsVectorLayer

    table = frame.drop(columns="geometry")
    fields = "".join(
        f"&field={column}:{CELLS[str(kind)]}" for column, kind in table.dtypes.items()
    )
    layer = QgsVectorLayer(f"{geometry}?crs=EPSG:28992{fields}", name, "memory")
    features = []
    wkb = shapely.to_wkb(frame.geometry.to_numpy())
    for row, shape in zip(table.itertuples(index=False), wkb, strict=True):
        feature = QgsFeature(layer.fields())
        feature.setAttributes([None if pd.isna(cell) else cell for cell in row])
        one = QgsGeometry()
        one.fromWkb(shape)
        feature.setGeometry(one)
        features.append(feature)
    assert layer.dataProvider().addFeatures(features)[0]
    layer.updateExtents()
    return layer


def shapes_of(layer, key):
    """Geometries by the values of a field, joined."""
    found = {}
    for feature in layer.getFeatures():
        shape = shapely.from_wkb(bytes(feature.geometry().asWkb()))
        found.setdefault(feature[key], []).append(shape)
    return {value: shapely.union_all(parts) for value, parts in found.items()}


@pytest.fixture(scope="module")
def province():
    """The demo province: its layers in memory."""
    from kansenkaart.analysis.demo import generate

    frames = generate(1, 5000)
    geometries = {
        "establishments": "Point",
        "infrastructure": "MultiLineString",
        "zones": "MultiPolygon",
        "constraints": "MultiPolygon",
    }
    unused = ["capacity", "park_management", "available_ha", "env_category"]
    return {
        name: to_layer(frames[name].drop(columns=unused, errors="ignore"), kind, name)
        for name, kind in geometries.items()
    }


@pytest.fixture(scope="module")
def detected(run, province):
    """Clusters and members of the province."""
    return run(
        "kansenkaart:detectclusters",
        "OUTPUT",
        "OUTPUT_MEMBERS",
        ESTABLISHMENTS=province["establishments"],
        DISTANCE=500,
        MIN_ESTABLISHMENTS=10,
    )


@pytest.fixture(scope="module")
def native_corridor(run, province):
    """Ground within reach of two modes or more, by native algorithms only."""
    reach = {}
    for mode, distance in DISTANCES.items():
        lines = run(
            "native:extractbyattribute",
            INPUT=province["infrastructure"],
            FIELD="mode",
            OPERATOR=0,
            VALUE=mode,
        )
        assert lines.featureCount() > 0
        reach[mode] = run(
            "native:buffer",
            INPUT=lines,
            DISTANCE=distance,
            SEGMENTS=16,
            END_CAP_STYLE=0,
            JOIN_STYLE=0,
            DISSOLVE=True,
        )
    pairs = [
        run("native:intersection", INPUT=reach[one], OVERLAY=reach[other])
        for one, other in itertools.combinations(reach, 2)
    ]
    merged = run("native:mergevectorlayers", LAYERS=pairs)
    return run("native:dissolve", INPUT=merged)


@pytest.fixture(scope="module")
def corridors(run, province):
    """The multimodal pieces of the province."""
    distances = {f"{mode.upper()}_DISTANCE": far for mode, far in DISTANCES.items()}
    return run(
        "kansenkaart:corridors",
        "OUTPUT_MULTIMODAL",
        INFRASTRUCTURE=province["infrastructure"],
        MIN_MODES=2,
        OUTPUT="TEMPORARY_OUTPUT",
        **distances,
    )


def gap(one, other):
    return shapely.area(shapely.symmetric_difference(one, other))


def test_corridors_cover_the_same_ground(corridors, native_corridor):
    found = shapely.union_all(list(shapes_of(corridors, "modes").values()))
    parts = [
        shapely.from_wkb(bytes(feature.geometry().asWkb()))
        for feature in native_corridor.getFeatures()
    ]
    expected = shapely.union_all(parts)
    assert expected.area > 1e8
    assert gap(found, expected) < 0.001 * expected.area


@pytest.mark.parametrize("reach", [0, 300])
def test_leverage_areas_cover_the_same_ground(
    run, province, detected, corridors, native_corridor, reach
):
    clusters, _members = detected
    areas = run(
        "kansenkaart:leverageareas",
        ZONES=province["zones"],
        CLUSTERS=clusters,
        CORRIDORS=corridors,
        CONSTRAINTS=province["constraints"],
        CLUSTER_REACH=reach,
        MIN_AREA=1,
    )
    excluded = run(
        "native:extractbyattribute",
        INPUT=province["constraints"],
        FIELD="effect",
        OPERATOR=0,
        VALUE="exclude",
    )
    assert 0 < excluded.featureCount() < province["constraints"].featureCount()
    left = run("native:difference", INPUT=province["zones"], OVERLAY=excluded)
    inside = run("native:intersection", INPUT=left, OVERLAY=native_corridor)
    whole = run("native:dissolve", INPUT=inside, FIELD=["zone_id"])
    parts = run("native:multiparttosingleparts", INPUT=whole)
    near = clusters
    if reach:
        near = run("native:buffer", INPUT=clusters, DISTANCE=reach, SEGMENTS=16)
    kept = run("native:extractbylocation", INPUT=parts, PREDICATE=[0], INTERSECT=near)
    assert kept.featureCount() < parts.featureCount()
    large = run(
        "native:extractbyexpression",
        INPUT=kept,
        EXPRESSION="area($geometry) >= 10000",
    )
    assert large.featureCount() < kept.featureCount()

    found, expected = shapes_of(areas, "zone_id"), shapes_of(large, "zone_id")
    total = sum(shape.area for shape in expected.values())
    assert total > 1e7
    nothing = shapely.Polygon()
    difference = sum(
        gap(found.get(zone, nothing), expected.get(zone, nothing))
        for zone in found.keys() | expected.keys()
    )
    assert difference < 0.001 * total
    assert areas.featureCount() == pytest.approx(large.featureCount(), rel=0.01)


def partition(labels, chosen):
    groups = {}
    for position in np.flatnonzero(chosen):
        groups.setdefault(labels[position], set()).add(int(position))
    return {frozenset(group) for group in groups.values()}


def compared_with_native(run, layer, distance, least):
    """Compare with native DBSCAN; gives numbers of core and border points compared."""
    _clusters, members = run(
        "kansenkaart:detectclusters",
        "OUTPUT",
        "OUTPUT_MEMBERS",
        ESTABLISHMENTS=layer,
        DISTANCE=distance,
        MIN_ESTABLISHMENTS=least,
    )
    native = run(
        "native:dbscanclustering",
        INPUT=layer,
        EPS=distance,
        MIN_SIZE=least,
        **{"DBSCAN*": False},
    )
    theirs, places = {}, {}
    for feature in native.getFeatures():
        label = feature["CLUSTER_ID"]
        theirs[feature["est_id"]] = None if label is None or not label else int(label)
        point = feature.geometry().asPoint()
        places[feature["est_id"]] = (point.x(), point.y())
    ours = {}
    for feature in members.getFeatures():
        label = feature["cluster_id"]
        ours[feature["est_id"]] = label if isinstance(label, str) and label else None
    assert ours.keys() == theirs.keys()
    ids = sorted(ours)
    ours = np.array([ours[each] for each in ids], dtype=object)
    theirs = np.array([theirs[each] for each in ids], dtype=object)

    points = shapely.points([places[each] for each in ids])
    pairs = shapely.STRtree(points).query(points, "dwithin", distance)
    core = np.bincount(pairs[0], minlength=len(ids)) >= least
    assert all(label is not None for label in ours[core])
    assert partition(ours, core) == partition(theirs, core)
    touched = [set() for _ in ids]
    for one, other in pairs.T:
        if core[other]:
            touched[one].add(ours[other])
    borders = 0
    for position in np.flatnonzero(~core):
        if not touched[position]:
            assert ours[position] is None
            assert theirs[position] is None
        if len(touched[position]) == 1:
            borders += 1
            assert {ours[position]} == touched[position]
            label = theirs[position]
            assert set(ours[core & (theirs == label)]) == touched[position]
    return core.sum(), borders


@pytest.mark.parametrize(("distance", "least"), [(500, 10), (300, 4)])
def test_clusters_agree_with_native_dbscan(run, province, distance, least):
    layer = province["establishments"]
    assert min(compared_with_native(run, layer, distance, least)) > 10


@pytest.mark.parametrize("name", NAMES)
def test_generated_set_agrees_with_native_dbscan(run, name):
    made = scene(name)
    ids = [f"E{number:04}" for number in range(len(made.xy))]
    table = {"est_id": ids, "name": ids, "sbi": "4711", "jobs": made.jobs}
    frame = pd.DataFrame(table).assign(geometry=shapely.points(made.xy))
    layer = to_layer(frame, "Point", name)
    compared_with_native(run, layer, made.distance, made.least)
