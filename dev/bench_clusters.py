"""Cases `clusters` and `million` of ``make bench``: DBSCAN of many points."""

from __future__ import annotations

from functools import partial

import numpy as np
from bench_scene import (
    DENSE,
    FOLDER,
    MEMORY,
    MILLION,
    MILLION_DENSE,
    MILLION_SPREAD,
    SCENE,
    layer_of,
    make_millions,
    start_qgis,
    table,
)
from bench_tools import in_turn, say, target, target_ratio
from qgis_process import environment, measured

DISTANCE = 500
SMALLEST = 10
MOST_GB = 4


def clusters() -> bool:
    """DBSCAN of 250,000 points, packed in one province and spread over four."""
    application = start_qgis()
    agree = [_clusters("clusters", DENSE), _clusters("clusters_spread", SCENE)]
    return all(agree) and application is not None


def million() -> bool:
    """Memory of a million points, from file to file in a process of its own."""
    application = start_qgis()
    make_millions()
    env = environment()
    for case, path in (
        ("million", MILLION_DENSE),
        ("million_spread", MILLION_SPREAD),
    ):
        sinks = {
            name: str(FOLDER / f"{case}_{name.lower()}.gpkg")
            for name in ("OUTPUT", "OUTPUT_MEMBERS")
        }
        limits = {"DISTANCE": DISTANCE, "MIN_ESTABLISHMENTS": SMALLEST}
        inputs = {"ESTABLISHMENTS": table(path, "establishments")} | limits | sinks
        found = measured("detectclusters", inputs, env, FOLDER)
        peak = found["memory_gb"]
        print(f"bench {case} n={MILLION} ours_s={found['seconds']:.3g} gb={peak:.2f}")
        target(f"< {MOST_GB} GB", f"{peak:.2f} GB", peak < MOST_GB)
    return application is not None


def _clusters(case: str, path) -> bool:
    layer = layer_of(path, "establishments")
    ids, points = _points(layer)
    (full_s, full), (native_s, native), (label_s, (core, labels)) = in_turn(
        partial(our_clusters, layer),
        partial(_native_clusters, layer),
        partial(_label, points),
    )
    ((learn_s, (expected, learned)),) = in_turn(partial(_scikit_learn, points), runs=1)
    members = _by_id(full["OUTPUT_MEMBERS"], "est_id", "cluster_id", ids)
    natives = _by_id(native["OUTPUT"], "est_id", "CLUSTER_ID", ids)

    def agree(found: np.ndarray, theirs: np.ndarray) -> bool:
        """The same core points, and the same partition of them."""
        return np.array_equal(core, expected) and same_partition(
            found[expected], theirs[expected]
        )

    lines = (
        (case, full_s, "native:dbscanclustering", native_s, agree(members, natives)),
        (f"{case}_labels", label_s, "native", native_s, agree(labels, natives)),
        (f"{case}_labels", label_s, "scikit-learn", learn_s, agree(labels, learned)),
    )
    for name, ours, other, theirs, same in lines:
        say(name, len(points), ours, (other, theirs), same)
        target_ratio(1, ours, theirs)
    return all(same for *_, same in lines)


def _scikit_learn(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Core points and labels of scikit-learn, our oracle."""
    from sklearn.cluster import DBSCAN

    found = DBSCAN(eps=DISTANCE, min_samples=SMALLEST, n_jobs=-1).fit(points)
    core = np.zeros(len(points), bool)
    core[found.core_sample_indices_] = True
    return core, found.labels_


def our_clusters(layer) -> dict:
    """Our algorithm, with footprints and members."""
    import processing

    limits = {"DISTANCE": DISTANCE, "MIN_ESTABLISHMENTS": SMALLEST}
    sinks = {"OUTPUT_MEMBERS": "TEMPORARY_OUTPUT"} | MEMORY
    return processing.run(
        "kansenkaart:detectclusters", {"ESTABLISHMENTS": layer} | limits | sinks
    )


def _native_clusters(layer) -> dict:
    import processing

    limits = {"INPUT": layer, "EPS": DISTANCE, "MIN_SIZE": SMALLEST, "DBSCAN*": False}
    return processing.run("native:dbscanclustering", limits | MEMORY)


def _label(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Core points and labels, without reading, footprints and writing."""
    from kansenkaart.analysis.clusters import _labels
    from kansenkaart.analysis.dbscan import core_points
    from kansenkaart.analysis.progress import silent

    jobs = np.zeros(len(points))
    core = core_points(points, jobs, DISTANCE, SMALLEST, 0)
    return core, _labels(points, core, DISTANCE, silent)


def same_partition(one: np.ndarray, other: np.ndarray) -> bool:
    """Whether two labellings put the same points together."""
    _, left = np.unique(one.astype(str), return_inverse=True)
    _, right = np.unique(other.astype(str), return_inverse=True)
    pairs = np.unique(np.column_stack([left, right]), axis=0)
    return len(pairs) == left.max() + 1 == right.max() + 1


def _points(layer) -> tuple[list[str], np.ndarray]:
    """Ids and coordinates, sorted by id."""
    rows = [
        (feature["est_id"], feature.geometry().asPoint())
        for feature in layer.getFeatures()
    ]
    rows.sort(key=lambda row: row[0])
    xy = np.array([(point.x(), point.y()) for _, point in rows])
    return [name for name, _ in rows], xy


def _by_id(layer, key: str, field: str, ids: list[str]) -> np.ndarray:
    found = {feature[key]: feature[field] for feature in layer.getFeatures()}
    return np.array([str(found[name]) for name in ids])
