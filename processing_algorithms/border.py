"""The one border crossing between QGIS layers and GeoDataFrames.

Geometries cross as WKB, attributes as columns; QGIS reads, writes and reprojects.

Frames carry no CRS on this side: pyproj keeps what it knows of one per thread, and
crashes when a second thread of QGIS asks for it (seen with pyproj 3.7).
"""

from __future__ import annotations

import gc
from collections.abc import Callable
from itertools import islice

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from qgis.core import (
    NULL,
    Qgis,
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsCsException,
    QgsFeature,
    QgsFeatureRequest,
    QgsFeatureSink,
    QgsField,
    QgsFields,
    QgsGeometry,
    QgsRectangle,
    QgsVectorLayer,
    QgsVectorLayerFeatureSource,
)
from qgis.PyQt.QtCore import QMetaType

from ..analysis.errors import RefusalError
from ..analysis.layers import LayerType
from ..analysis.progress import Progress, silent

BATCH = 10_000
FIELD_TYPES = {
    "text": QMetaType.Type.QString,
    "real": QMetaType.Type.Double,
    "integer": QMetaType.Type.LongLong,
    "boolean": QMetaType.Type.Bool,
}
WKB_TYPES = {
    "Point": Qgis.WkbType.Point,
    "Line": Qgis.WkbType.MultiLineString,
    "Polygon": Qgis.WkbType.MultiPolygon,
    "None": Qgis.WkbType.NoGeometry,
}
_NULL_TYPE = type(NULL)
PLAIN_TYPES = {str, int, float, bool, type(None)}


def check_metric(crs: QgsCoordinateReferenceSystem, layer: str) -> None:
    """Refuse a coordinate system in which distances can't be measured in metres.

    A GeoPackage without one reaches QGIS as a valid system called "Undefined …".
    """
    if is_undefined(crs):
        raise RefusalError("messages.crs_missing", layer=layer)
    if crs.isGeographic():
        raise RefusalError("messages.crs_geographic", layer=layer, crs=crs.authid())
    if crs.mapUnits() != Qgis.DistanceUnit.Meters:
        raise RefusalError("messages.crs_not_metric", layer=layer, crs=crs.authid())


def no_crs() -> QgsCoordinateReferenceSystem:
    """The coordinate system of a table."""
    return QgsCoordinateReferenceSystem()


def is_undefined(crs: QgsCoordinateReferenceSystem) -> bool:
    """Whether a layer carries no usable coordinate system."""
    return not crs.isValid() or crs.description().lower().startswith("undefined")


def read(
    source,
    crs: QgsCoordinateReferenceSystem | None,
    context,
    fields: list[str] | None = None,
    progress: Progress = silent,
) -> gpd.GeoDataFrame:
    """Read a feature source.

    Parameters
    ----------
    source
        A QgsFeatureSource, or anything with its methods.
    crs
        Reproject to this; None keeps the source's own.
    context
        The processing context: its transform settings hold.
    fields
        Fields to read; None means all.
    progress
        Called after every batch.

    Returns
    -------
    GeoDataFrame
        Index: the feature ids as text. NULL becomes None, a missing geometry None.
        Without CRS: QGIS keeps it.
    """
    names = [field.name() for field in source.fields()]
    wanted = names if fields is None else [name for name in names if name in fields]
    request = QgsFeatureRequest()
    request.setInvalidGeometryCheck(Qgis.InvalidGeometryCheck.NoCheck)
    request.setSubsetOfAttributes([names.index(name) for name in wanted])
    if crs is not None:
        request.setDestinationCrs(crs, context.transformContext())
    ids, shapes, columns = _gather(source, request, progress, len(names))
    data = {name: _column(columns[names.index(name)]) for name in wanted}
    geometry = shapely.from_wkb(np.array(shapes, dtype=object), on_invalid="ignore")
    index = pd.Index(ids, dtype=object)
    return gpd.GeoDataFrame(data, index=index, geometry=geometry)


def write(
    frame: pd.DataFrame,
    kind: LayerType,
    sink: QgsFeatureSink,
    fields: QgsFields,
    progress: Progress = silent,
) -> None:
    """Write a frame into a sink, in batches; progress is told after each.

    Raises
    ------
    OSError
        If the sink refuses a batch (disk full, file locked).
    """
    columns = [_outgoing(frame, name, field) for name, field in kind.fields.items()]
    shapes = _outgoing_shapes(frame, kind.geometry)
    multi = kind.geometry in {"Line", "Polygon"}
    rows = zip(shapes, *columns, strict=True)
    written = 0
    while batch := [_feature(fields, row, multi) for row in islice(rows, BATCH)]:
        if not sink.addFeatures(batch, QgsFeatureSink.Flag.FastInsert):
            raise OSError(sink.lastError())
        written += len(batch)
        progress(written / len(frame))


class LayerSource:
    """A layer's features as they are now, readable in any thread.

    Parameters
    ----------
    layer
        A QgsVectorLayer; only the main thread may hand it over.
    """

    def __init__(self, layer: QgsVectorLayer) -> None:
        self._source = QgsVectorLayerFeatureSource(layer)
        self._fields = layer.fields()
        self._crs = layer.crs()
        self._count = layer.featureCount()

    def fields(self) -> QgsFields:
        """Its fields."""
        return self._fields

    def sourceCrs(self) -> QgsCoordinateReferenceSystem:
        """Its coordinate system."""
        return self._crs

    def featureCount(self) -> int:
        """Number of features; negative where it is not known."""
        return self._count

    def getFeatures(self, request: QgsFeatureRequest):
        """Its features."""
        return self._source.getFeatures(request)


def qgis_fields(columns: dict[str, str]) -> QgsFields:
    """QGIS's fields for a table of name → text, real, integer or boolean."""
    fields = QgsFields()
    for name, kind in columns.items():
        fields.append(QgsField(name, FIELD_TYPES[kind]))
    return fields


def reprojector(
    source: QgsCoordinateReferenceSystem,
    target: QgsCoordinateReferenceSystem,
    context,
) -> Callable[[np.ndarray], np.ndarray] | None:
    """QGIS's own reprojection, as a function on arrays of geometries.

    A geometry that can't be reprojected becomes None. None where nothing is to do.
    """
    if source == target:
        return None
    transform = QgsCoordinateTransform(source, target, context.transformContext())

    def reproject(shapes: np.ndarray) -> np.ndarray:
        moved = [_moved(wkb, transform) for wkb in shapely.to_wkb(shapes)]
        return shapely.from_wkb(np.array(moved, dtype=object), on_invalid="ignore")

    return reproject


def area_of_use(
    crs: QgsCoordinateReferenceSystem, context
) -> tuple[float, float, float, float] | None:
    """Box in which a coordinate system may be used, in its own units."""
    bounds: QgsRectangle = crs.bounds()
    if bounds.isEmpty():
        return None
    wgs84 = QgsCoordinateReferenceSystem("EPSG:4326")
    transform = QgsCoordinateTransform(wgs84, crs, context.transformContext())
    transform.setBallparkTransformsAreAppropriate(True)
    box = transform.transformBoundingBox(bounds)
    return box.xMinimum(), box.yMinimum(), box.xMaximum(), box.yMaximum()


def _gather(source, request, progress: Progress, width: int):
    """Ids, geometries as WKB, and columns of attributes of all features.

    The collector of cyclic garbage looks in vain at every new row, and takes half the
    time; nothing here is cyclic.
    """
    ids, shapes, rows = [], [], []
    count = max(source.featureCount(), 1)
    collecting = gc.isenabled()
    gc.disable()
    try:
        for feature in source.getFeatures(request):
            ids.append(str(feature.id()))
            shapes.append(_wkb(feature))
            rows.append(feature.attributes())
            if len(ids) % BATCH == 0:
                progress(min(len(ids) / count, 1.0))
    finally:
        if collecting:
            gc.enable()
    return ids, shapes, list(zip(*rows, strict=True)) if rows else [()] * width


def _wkb(feature: QgsFeature) -> bytes | None:
    return bytes(feature.geometry().asWkb()) if feature.hasGeometry() else None


def _column(values: tuple) -> np.ndarray:
    """One column of attributes: QGIS's NULL and its dates become plain Python."""
    column = np.empty(len(values), dtype=object)
    strange = set(map(type, values)) - PLAIN_TYPES
    column[:] = [_plain(value) for value in values] if strange else values
    return column


def _plain(value: object) -> object:
    if value is None or isinstance(value, _NULL_TYPE):
        return None
    if isinstance(value, str | int | float | bool):
        return value
    return value.toString("yyyy-MM-dd") if hasattr(value, "toString") else str(value)


def _outgoing(frame: pd.DataFrame, name: str, field_type: str) -> list:
    """A column as QGIS takes it: None for every kind of missing value."""
    if name not in frame:
        return [None] * len(frame)
    column = frame[name]
    if field_type == "integer":
        column = column.astype("Int64")
    return column.astype(object).where(column.notna(), None).tolist()


def _outgoing_shapes(frame: pd.DataFrame, geometry: str) -> list:
    if geometry == "None":
        return [None] * len(frame)
    return shapely.to_wkb(frame.geometry.to_numpy()).tolist()


def _feature(fields: QgsFields, row: tuple, multi: bool) -> QgsFeature:
    feature = QgsFeature(fields)
    feature.setAttributes(list(row[1:]))
    if row[0] is not None:
        geometry = QgsGeometry()
        geometry.fromWkb(row[0])
        if multi:
            geometry.convertToMultiType()
        feature.setGeometry(geometry)
    return feature


def _moved(wkb: bytes | None, transform: QgsCoordinateTransform) -> bytes | None:
    if wkb is None:
        return None
    geometry = QgsGeometry()
    geometry.fromWkb(wkb)
    try:
        geometry.transform(transform)
    except QgsCsException:
        return None
    return bytes(geometry.asWkb())
