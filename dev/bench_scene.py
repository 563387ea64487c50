"""The big scene that ``make bench`` measures on, made once in ``build/bench/``."""

from __future__ import annotations

import sqlite3
import sys
import warnings
from pathlib import Path

from demo import ROLES

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "build" / "bench"
SCENE = FOLDER / "scene.gpkg"
"""Four demo provinces as one: 250,000 establishments, some 3,700 zones."""
DENSE = FOLDER / "dense.gpkg"
"""One demo province with all 250,000 establishments."""
ESTABLISHMENTS = 250_000
PROVINCES = 4
MILLION = 1_000_000
MILLION_DENSE = FOLDER / "million_dense.gpkg"
"""One demo province with a million establishments."""
MILLION_SPREAD = FOLDER / "million_spread.gpkg"
"""A million establishments in four demo provinces."""
LINES = 100_000
MEMORY = {"OUTPUT": "TEMPORARY_OUTPUT"}


def start_qgis():
    """Start QGIS with its own algorithms and ours; give the application."""
    from qgis.core import QgsApplication

    sys.path[:0] = [str(ROOT / ".dev" / "plugins"), "/usr/share/qgis/python/plugins"]
    application = QgsApplication([], False)
    application.initQgis()
    from processing.core.Processing import Processing
    from qgis.analysis import QgsNativeAlgorithms

    # QGIS turns on warnings about packages of its own choosing.
    warnings.simplefilter("ignore")
    Processing.initialize()
    registry = QgsApplication.processingRegistry()
    if registry.providerById("native") is None:
        registry.addProvider(QgsNativeAlgorithms(registry))
    from kansenkaart import classFactory

    application.kansenkaart = classFactory(None)
    application.kansenkaart.initProcessing()
    return application


def table(path: Path, name: str) -> str:
    """How QGIS names a table of the scene."""
    return f"{path}|layername={name}"


def layer_of(path: Path, name: str):
    """A table of the scene as a layer."""
    from qgis.core import QgsVectorLayer

    return QgsVectorLayer(table(path, name), name, "ogr")


def inputs(path: Path = SCENE) -> dict[str, str]:
    """The layers of the scene by role, as opportunitymap takes them."""
    return {role.upper(): table(path, role) for role in ROLES}


def make_scenes() -> None:
    """Make the scenes that are not there yet; QGIS must run."""
    from kansenkaart.analysis.demo import generate

    if not _holds(DENSE, ["establishments"]):
        layers = generate(seed=1, establishments_count=ESTABLISHMENTS)
        _write(DENSE, {"establishments": layers["establishments"]})
    if not _holds(SCENE, ROLES):
        count = ESTABLISHMENTS // PROVINCES
        layers = generate(seed=1, establishments_count=count, provinces=PROVINCES)
        layers["infrastructure"] = cut(layers["infrastructure"], LINES)
        _write(SCENE, layers)


def make_millions() -> None:
    """Make the scenes of a million establishments that are not there yet."""
    from kansenkaart.analysis.demo import generate

    for path, provinces in ((MILLION_DENSE, 1), (MILLION_SPREAD, PROVINCES)):
        if not _holds(path, ["establishments"]):
            count = MILLION // provinces
            layers = generate(seed=1, establishments_count=count, provinces=provinces)
            _write(path, {"establishments": layers["establishments"]})


def _holds(path: Path, names) -> bool:
    """Whether a scene is there with all its tables: the demo may have got more."""
    if not path.exists():
        return False
    with sqlite3.connect(path) as database:
        found = {
            row[0] for row in database.execute("SELECT table_name FROM gpkg_contents")
        }
    return set(names) <= found


def cut(lines, wanted: int):
    """Cut lines into straight pieces, at least as many as wanted and few more."""
    import numpy as np
    import shapely

    shapes = lines.geometry.to_numpy()
    short, long = 1.0, 10_000.0
    while long - short > 0.01:
        step = (short + long) / 2
        vertices = shapely.get_num_coordinates(shapely.segmentize(shapes, step))
        if (vertices - 1).sum() >= wanted:
            short = step
        else:
            long = step
    xy, line = shapely.get_coordinates(
        shapely.segmentize(shapes, short), return_index=True
    )
    inner = np.flatnonzero(line[1:] == line[:-1])
    pieces = shapely.linestrings(np.stack([xy[inner], xy[inner + 1]], axis=1))
    parts = lines.iloc[line[inner]].reset_index(drop=True).set_geometry(pieces)
    number = parts.groupby("infra_id").cumcount().astype(str)
    parts["infra_id"] = parts["infra_id"] + "-" + number
    return parts.set_crs(lines.crs)


def _write(path: Path, layers: dict) -> None:
    """Write layers through QGIS; the file is there only when it is complete."""
    from kansenkaart.analysis.demo import CRS
    from kansenkaart.analysis.layers import layer_type
    from kansenkaart.processing_algorithms.geopackage import write_table
    from qgis.core import QgsCoordinateReferenceSystem, QgsProcessingContext

    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name("new_" + path.name)
    unfinished.unlink(missing_ok=True)
    for name, frame in layers.items():
        crs = QgsCoordinateReferenceSystem(CRS)
        write_table(
            unfinished, name, frame, layer_type(name), QgsProcessingContext(), crs
        )
    unfinished.replace(path)
