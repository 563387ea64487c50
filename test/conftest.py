"""What all tests share: the plugin's name and provider, and a small finished map."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from hypothesis import settings

# How long an example takes says something of the machine, not of the code.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / ".dev" / "plugins"))
sys.path.insert(0, str(Path(__file__).resolve().parent))

HOSTILE = "<b>Kade</b> & [% 1 + 1 %] 'west'"
"""A name that a careless map would show as bold, or as 2."""


@pytest.fixture(scope="session")
def package(tmp_path_factory):
    """The ZIP that ``make package`` makes."""
    folder = tmp_path_factory.mktemp("package")
    script = Path(__file__).resolve().parent.parent / "dev" / "package.sh"
    subprocess.run(["bash", script, folder], check=True, capture_output=True)
    (path,) = folder.iterdir()
    return path


@pytest.fixture(scope="session")
def unpacked(package):
    """The folder that holds what the ZIP held."""
    folder = package.with_suffix("")
    with zipfile.ZipFile(package) as archive:
        archive.extractall(folder)
    return folder


@pytest.fixture(scope="module")
def provider(qgis_app, qgis_processing):  # noqa: ARG001 - Processing must run
    """The provider, registered while a module's tests run."""
    import bad_layers
    from kansenkaart.processing_algorithms.provider import KansenkaartProvider
    from qgis.core import QgsApplication

    registry = QgsApplication.processingRegistry()
    found = registry.providerById("kansenkaart")
    added = found is None
    if added:
        assert registry.addProvider(KansenkaartProvider())
    yield registry.providerById("kansenkaart")
    # Layers must not outlive QGIS.
    bad_layers.usual.cache_clear()
    if added:
        registry.removeProvider("kansenkaart")


@pytest.fixture
def small_map():
    """Frames of a small finished map in Dutch RD: table name → GeoDataFrame."""
    import geopandas as gpd
    import pandas as pd
    from shapely.geometry import LineString, Point, box

    def frame(shapes, **columns):
        index = range(len(shapes))
        return gpd.GeoDataFrame(
            pd.DataFrame(columns, index=index), geometry=shapes, crs="EPSG:28992"
        )

    squares = [box(x, 400_000, x + 900, 400_700) for x in range(100_000, 112_000, 1000)]
    line = LineString([(98_000, 399_500), (114_000, 399_500)])
    ground = [box(99_500, 399_500, 113_500, 401_200), box(0, 300_000, 9, 300_009)]
    names = [HOSTILE, *(f"Bedrijventerrein {number}" for number in range(2, 13))]
    return {
        "leverage_areas": frame(
            squares,
            area_id=[f"a{number:02}" for number in range(12)],
            name=names,
            modes="rail,road",
            score=[97.5 - 8 * number for number in range(12)],
            rank=list(range(1, 13)),
            why=["Water & spoor"] * 12,
            why_short=["kade naast spoor"] * 12,
        ),
        "clusters": frame(
            [box(100_000, 399_900, 102_000, 401_000)], cluster_id="c1", group="all"
        ),
        "corridors": frame(
            [box(99_000, 399_000, 113_000, 401_500)], modes="rail,road", mode_count=2
        ),
        "facilities": frame([Point(103_000, 402_000)], name="Kade 1", kind="quay"),
        "infrastructure": frame([line], mode="road"),
        "zones": frame(
            ground,
            zone_id=["z1", "z2"],
            name=["Kop", "Ver weg"],
            kinds=["business_park;waste", "nature"],
        ),
        "regions": frame([box(98_000, 396_000, 114_000, 405_000)], name="Zuidland"),
        "assumptions": pd.DataFrame({"parameter": ["DISTANCE"], "value": ["500"]}),
    }


@pytest.fixture
def write_map(tmp_path, qgis_app):  # noqa: ARG001 - QGIS must run
    """Write frames into ``kansenkaart.gpkg``, as QGIS does; gives the folder."""

    def write(frames, folder=None):
        folder = folder or tmp_path / "kaart"
        folder.mkdir(exist_ok=True)
        for first, (name, table) in enumerate(frames.items()):
            _write(folder / "kansenkaart.gpkg", name, table, first == 0)
        return folder

    return write


def _write(path, name, frame, first):
    from kansenkaart.analysis.layers import LayerType, layer_type
    from kansenkaart.processing_algorithms import border
    from qgis.core import (
        QgsCoordinateReferenceSystem,
        QgsCoordinateTransformContext,
        QgsVectorFileWriter,
    )

    geometry = layer_type(name).geometry
    known = (
        layer_type(name).fields
        | layer_type("scores").fields
        | {"rank": "integer", "number": "integer"}
    )
    columns = {key: known[key] for key in frame.columns if key != "geometry"}
    kind = LayerType(name, geometry, "", columns, ())
    action = QgsVectorFileWriter.ActionOnExistingFile
    options = QgsVectorFileWriter.SaveVectorOptions()
    options.driverName = "GPKG"
    options.layerName = name
    options.actionOnExistingFile = (
        action.CreateOrOverwriteFile if first else action.CreateOrOverwriteLayer
    )
    authid = "" if geometry == "None" else "EPSG:28992"
    writer = QgsVectorFileWriter.create(
        str(path),
        border.qgis_fields(columns),
        border.WKB_TYPES[geometry],
        QgsCoordinateReferenceSystem(authid),
        QgsCoordinateTransformContext(),
        options,
    )
    border.write(frame, kind, writer, border.qgis_fields(columns))
    del writer
