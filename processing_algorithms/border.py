"""The one border crossing between QGIS layers and GeoDataFrames.

Geometries cross as WKB, attributes as columns; QGIS reads, writes and reprojects.

Frames carry no CRS on this side: pyproj keeps what it knows of one per thread, and
crashes when a second thread of QGIS asks for it (seen with pyproj 3.7).
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
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
    QgsExpression,
    QgsExpressionContext,
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
from qgis.PyQt.QtCore import QMetaType, Qt

from ..analysis.errors import RefusalError
from ..analysis.layers import LayerType
from ..analysis.progress import Progress, silent

BATCH = 10_000
FEW = 500
"""Features that are handed over at a time: few enough to stay in the cache."""
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
PROJECTED = {
    Qgis.CrsType.Projected,
    Qgis.CrsType.DerivedProjected,
    Qgis.CrsType.Compound,
    Qgis.CrsType.Bound,
}
_NULL_TYPE = type(NULL)
PLAIN_TYPES = {str, int, float, bool, type(None)}
LAST_STRAIGHT = 7
"""Type number of a collection in shapely; curves have higher ones."""


def check_metric(crs: QgsCoordinateReferenceSystem, layer: str) -> None:
    """Refuse a coordinate system in which distances can't be measured in metres.

    A GeoPackage without one reaches QGIS as a valid system called "Undefined …".
    """
    if is_undefined(crs):
        raise RefusalError("messages.crs_missing", layer=layer)
    if crs.isGeographic():
        raise RefusalError("messages.crs_geographic", layer=layer, crs=crs.authid())
    if not is_metric(crs):
        raise RefusalError("messages.crs_not_metric", layer=layer, crs=crs.authid())


def is_metric(crs: QgsCoordinateReferenceSystem) -> bool:
    """Whether a coordinate system is a projected one in metres."""
    in_metres = crs.mapUnits() == Qgis.DistanceUnit.Meters
    return in_metres and not crs.isGeographic() and crs.type() in PROJECTED


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
    box: tuple[float, float, float, float] | None = None,
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
    box
        (xmin, ymin, xmax, ymax) in ``crs``: leave out what does not touch it.

    Returns
    -------
    GeoDataFrame
        Index: the feature ids as text. NULL becomes None, a missing geometry None,
        dates and times text (ISO 8601), curves lines of many short pieces. Without
        CRS: QGIS keeps it.
    """
    names = [field.name() for field in source.fields()]
    wanted = names if fields is None else [name for name in names if name in fields]
    request = QgsFeatureRequest()
    request.setInvalidGeometryCheck(Qgis.InvalidGeometryCheck.NoCheck)
    request.setSubsetOfAttributes([names.index(name) for name in wanted])
    if crs is not None:
        request.setDestinationCrs(crs, context.transformContext())
    if box is not None:
        request.setFilterRect(QgsRectangle(*box))
    places = [names.index(name) for name in wanted]
    ids, shapes, columns = _gather(source, request, places, progress)
    data = dict(zip(wanted, columns, strict=True))
    # A source may have a field of that name.
    place = "geometry" if "geometry" not in data else "geometry_of_feature"
    data[place] = gpd.array.from_shapely(shapes)
    index = pd.Index(ids, dtype=object)
    return gpd.GeoDataFrame(pd.DataFrame(data, index=index), geometry=place)


def lost_columns(source) -> list[str]:
    """Fields of which QGIS loses values.

    A field in which GDAL finds numbers beside texts passes for JSON, and QGIS gives
    back only what is a list or a table in it.
    """
    fields = source.fields()
    mixed = [
        field.name() for field in fields if field.type() == QMetaType.Type.QVariantMap
    ]
    request = QgsFeatureRequest().setFlags(Qgis.FeatureRequestFlag.NoGeometry)
    request.setSubsetOfAttributes([fields.lookupField(name) for name in mixed])
    lost = set()
    for feature in source.getFeatures(request) if mixed else ():
        # What is NULL in the source is not None but QGIS's NULL.
        lost |= {name for name in mixed if feature[name] is None}
    return sorted(lost)


def write(
    frame: pd.DataFrame,
    kind: LayerType,
    sink: QgsFeatureSink,
    fields: QgsFields,
    progress: Progress = silent,
) -> None:
    """Write a frame into a sink, in batches; progress is told after each.

    A sink takes copies, and a feature takes longer to make than to fill: the same few
    serve all rows.

    Raises
    ------
    OSError
        If the sink refuses a batch (disk full, file locked).
    """
    blank = [QgsFeature(fields) for _ in range(min(FEW, len(frame)))]
    for start in range(0, len(frame), BATCH):
        rows = _outgoing_rows(frame.iloc[start : start + BATCH], kind)
        while features := _filled(blank, rows, kind.geometry in {"Line", "Polygon"}):
            if not sink.addFeatures(features, QgsFeatureSink.Flag.FastInsert):
                raise OSError(sink.lastError())
        progress(min(start + BATCH, len(frame)) / len(frame))


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


class FilteredSource:
    """The features of a source for which an expression holds.

    Parameters
    ----------
    source
        A QgsFeatureSource, or anything with its methods.
    words
        The expression.
    parameter
        Where it was given, for the sentence that refuses it.
    context
        The processing context.

    Raises
    ------
    RefusalError
        If the words are no expression; while reading, if it can't be computed.
    """

    def __init__(self, source, words: str, parameter: str, context) -> None:
        self._source = source
        self._parameter = parameter
        self._expression = QgsExpression(words)
        self._context = QgsExpressionContext(context.expressionContext())
        self._context.setFields(source.fields())
        if self._expression.hasParserError():
            self._refuse(self._expression.parserErrorString())
        known = [field.name() for field in source.fields()]
        asked = self._expression.referencedColumns() - {
            QgsFeatureRequest.ALL_ATTRIBUTES
        }
        for name in sorted(asked - {*known}):
            raise RefusalError(
                "messages.expression_field",
                parameter=parameter,
                name=name,
                known=", ".join(known),
            )
        self._expression.prepare(self._context)

    def fields(self) -> QgsFields:
        """Its fields."""
        return self._source.fields()

    def sourceCrs(self) -> QgsCoordinateReferenceSystem:
        """Its coordinate system."""
        return self._source.sourceCrs()

    def featureCount(self) -> int:
        """At most so many features; negative where it is not known."""
        return self._source.featureCount()

    def getFeatures(self, request: QgsFeatureRequest):
        """The features for which the expression holds."""
        whole = QgsFeatureRequest(request)
        # The expression may ask for other fields than the reader does.
        subset = Qgis.FeatureRequestFlag.SubsetOfAttributes
        whole.setFlags(request.flags() & ~subset)
        return filter(self._holds, self._source.getFeatures(whole))

    def _holds(self, feature: QgsFeature) -> bool:
        self._context.setFeature(feature)
        found = self._expression.evaluate(self._context)
        if self._expression.hasEvalError():
            self._refuse(self._expression.evalErrorString())
        return found is not None and bool(found)

    def _refuse(self, error: str) -> None:
        raise RefusalError(
            "messages.expression_faulty", parameter=self._parameter, error=error.strip()
        )


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
        return _shapes([_moved(wkb, transform) for wkb in shapely.to_wkb(shapes)])

    return reproject


def area_of_use(
    crs: QgsCoordinateReferenceSystem, context
) -> tuple[float, float, float, float] | None:
    """Box in which a coordinate system may be used, in its own units.

    None where QGIS doesn't know it.
    """
    bounds: QgsRectangle = crs.bounds()
    if bounds.isEmpty():
        return None
    wgs84 = QgsCoordinateReferenceSystem("EPSG:4326")
    transform = QgsCoordinateTransform(wgs84, crs, context.transformContext())
    transform.setBallparkTransformsAreAppropriate(True)
    try:
        box = transform.transformBoundingBox(bounds)
    except QgsCsException:
        return None
    return box.xMinimum(), box.yMinimum(), box.xMaximum(), box.yMaximum()


def _gather(source, request, places: list[int], progress: Progress):
    """Ids, geometries and the attributes at some places of all features, in batches.

    The collector of cyclic garbage looks in vain at every new feature, and takes half
    the time; nothing here is cyclic.
    """
    ids, shapes = [], [np.empty(0, dtype=object)]
    columns: list[list] = [[] for _ in places]
    count = max(source.featureCount(), 1)
    collecting = gc.isenabled()
    gc.disable()
    try:
        features = source.getFeatures(request)
        while batch := list(islice(features, BATCH)):
            ids += [feature.id() for feature in batch]
            shapes.append(_shapes([_wkb(feature) for feature in batch]))
            for column, place in zip(columns, places, strict=True):
                column.extend(_plain_values([feature[place] for feature in batch]))
            progress(min(len(ids) / count, 1.0))
    finally:
        if collecting:
            gc.enable()
    columns = [_column(values) for values in columns]
    return list(map(str, ids)), np.concatenate(shapes), columns


def _wkb(feature: QgsFeature) -> bytes | None:
    return feature.geometry().asWkb().data() or None


def _shapes(wkb: list[bytes | None]) -> np.ndarray:
    """Geometries; None where there is none, or none that can be read, shape (n,)."""
    try:
        shapes = shapely.from_wkb(np.array(wkb, dtype=object), on_invalid="ignore")
        unread = shapely.is_missing(shapes)
        unread |= shapely.get_type_id(shapes) > LAST_STRAIGHT
    except NotImplementedError:
        # Shapely refuses the curves that GEOS 3.13 and newer read.
        shapes, unread = np.full(len(wkb), None), np.ones(len(wkb), bool)
    curved = [place for place in np.flatnonzero(unread) if wkb[place] is not None]
    straight = np.array([_straight(wkb[place]) for place in curved], dtype=object)
    shapes[curved] = shapely.from_wkb(straight, on_invalid="ignore")
    return shapes


def _straight(wkb: bytes) -> bytes:
    """A geometry with its curves cut into short straight pieces."""
    geometry = QgsGeometry()
    geometry.fromWkb(wkb)
    geometry.convertToStraightSegment()
    return bytes(geometry.asWkb())


def _column(values: list) -> np.ndarray:
    """One column of attributes, its values as they are."""
    column = np.empty(len(values), dtype=object)
    column[:] = values
    return column


def _plain_values(values: list) -> list:
    """Attributes with QGIS's NULL and its dates as plain Python."""
    kinds = set(map(type, values))
    if _NULL_TYPE in kinds:
        values = [None if type(value) is _NULL_TYPE else value for value in values]
    plain = kinds <= PLAIN_TYPES | {_NULL_TYPE}
    return values if plain else [_plain(value) for value in values]


def _plain(value: object) -> object:
    if value is None or isinstance(value, _NULL_TYPE):
        return None
    if isinstance(value, str | int | float | bool):
        return value
    written = getattr(value, "toString", None)
    return str(value) if written is None else written(Qt.DateFormat.ISODate)


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


def _outgoing_rows(rows: pd.DataFrame, kind: LayerType) -> Iterator[tuple]:
    """Rows of a frame as QGIS takes them: the shape as WKB, then the attributes."""
    columns = [_outgoing(rows, name, field) for name, field in kind.fields.items()]
    return zip(_outgoing_shapes(rows, kind.geometry), *columns, strict=True)


def _filled(blank: list[QgsFeature], rows: Iterator, multi: bool) -> list[QgsFeature]:
    """The next rows, as far as there are features to put them in."""
    geometry, count = QgsGeometry(), 0
    for feature, (wkb, *values) in zip(blank, rows):  # noqa: B905 - rows may be fewer
        feature.setAttributes(values)
        geometry.fromWkb(wkb or b"")
        if multi:
            geometry.convertToMultiType()
        feature.setGeometry(geometry)
        count += 1
    return blank[:count]


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
