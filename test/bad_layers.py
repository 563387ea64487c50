"""Layers by hand for tests through QGIS, and runs that end in a result or a sentence.

The layers of :data:`SMALL` lie together so that every algorithm finds something.
"""

from __future__ import annotations

import re
from functools import cache

import bad_input as bad
import shapely
from bad_input import ROLES
from kansenkaart.analysis.layers import LayerType, layer_type
from qgis.core import (
    NULL,
    Qgis,
    QgsApplication,
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransformContext,
    QgsFeature,
    QgsField,
    QgsFields,
    QgsGeometry,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingUtils,
    QgsProject,
    QgsVectorFileWriter,
    QgsVectorLayer,
    QgsWkbTypes,
)
from qgis.PyQt.QtCore import QByteArray, QDate, QDateTime, QMetaType, QTime

LISTS = {"INFRASTRUCTURE", "FACILITIES", "CONSTRAINTS"}
"""Roles that every algorithm takes as a list."""
WKB = {
    "Point": Qgis.WkbType.Point,
    "Line": Qgis.WkbType.LineString,
    "Polygon": Qgis.WkbType.Polygon,
    "MultiPoint": Qgis.WkbType.MultiPoint,
    "MultiLine": Qgis.WkbType.MultiLineString,
    "MultiPolygon": Qgis.WkbType.MultiPolygon,
    "Any": Qgis.WkbType.Unknown,
    "None": Qgis.WkbType.NoGeometry,
}
TYPES = {
    "text": QMetaType.Type.QString,
    "real": QMetaType.Type.Double,
    "integer": QMetaType.Type.LongLong,
    "boolean": QMetaType.Type.Bool,
    "date": QMetaType.Type.QDate,
    "time": QMetaType.Type.QTime,
    "moment": QMetaType.Type.QDateTime,
    "binary": QMetaType.Type.QByteArray,
    "texts": QMetaType.Type.QStringList,
    "map": QMetaType.Type.QVariantMap,
}
MOMENT = QDateTime(QDate(2024, 2, 29), QTime(13, 45, 10))
STRANGE = {
    "boolean": True,
    "date": MOMENT.date(),
    "time": MOMENT.time(),
    "moment": MOMENT,
    "binary": QByteArray(b"\x00\xff1"),
    "texts": ["a", "b"],
    "map": {"a": 1},
}
"""Values that are neither a text nor a number, by type of field."""

_RING = "150000 450000, 150050 450050, 150100 450000, 150050 449950, 150000 450000"
_BEND = "CircularString (150010 450000, 150060 450050, 150110 450000)"
_START = "(150000 450000, 150010 450000)"
_TRIANGLE = "((160000 450000, 160100 450000, 160100 450100, 160000 450000))"
CURVED = {
    "Point": {},
    "Line": {
        "curve": _BEND,
        "compound": f"CompoundCurve ({_START}, {_BEND})",
        "curves": f"MultiCurve ({_START}, {_BEND})",
    },
    "Polygon": {
        "curve": f"CurvePolygon (CircularString ({_RING}))",
        "surface": f"MultiSurface (CurvePolygon (CircularString ({_RING})), "
        f"{_TRIANGLE})",
    },
}
"""Shapes with curves, all fit to be kept."""
MEASURED = {
    "Point": {
        "m": "PointM (155000 463000 7)",
        "zm": "PointZM (155000 463000 7 8)",
        "m_one_part": "MultiPointM ((155000 463000 7))",
    },
    "Line": {
        "m": "LineStringM (150000 450000 1, 151000 450000 2)",
        "zm": "MultiLineStringZM ((150000 450000 1 9, 151000 450000 2 9))",
    },
    "Polygon": {
        "m": "PolygonM ((0 450000 1, 100 450000 1, 100 450100 1, 0 450000 1))",
        "zm": "MultiPolygonZM (((0 450000 1 2, 100 450000 1 2, 100 450100 1 2, "
        "0 450000 1 2)))",
    },
}
"""Shapes with measures, all fit to be kept."""


# --- layers ---------------------------------------------------------------------


def fields_of(columns: dict[str, str]) -> QgsFields:
    """Fields by name and type (a key of :data:`TYPES`)."""
    fields = QgsFields()
    for name, kind in columns.items():
        fields.append(QgsField(name, TYPES[kind]))
    return fields


def geometry_of(shape) -> QgsGeometry:
    """QGIS's geometry of a WKT text or a shapely geometry; None gives none."""
    if shape is None or isinstance(shape, str):
        return QgsGeometry.fromWkt(shape) if shape else QgsGeometry()
    geometry = QgsGeometry()
    geometry.fromWkb(shapely.to_wkb(shape))
    return geometry


def features_of(fields: QgsFields, shapes, rows) -> list[QgsFeature]:
    """Features of shapes and rows, one of each."""
    features = []
    for shape, row in zip(shapes, rows, strict=True):
        feature = QgsFeature(fields)
        feature.setAttributes([row.get(field.name()) for field in fields])
        feature.setGeometry(geometry_of(shape))
        features.append(feature)
    return features


def memory(kind, shapes, rows, columns, crs="EPSG:28992", name="laag"):
    """A layer in memory; kind is a key of :data:`WKB`."""
    wkb = QgsWkbTypes.displayString(WKB[kind])
    layer = QgsVectorLayer(f"{wkb}?crs={crs}", name, "memory")
    provider = layer.dataProvider()
    assert not columns or provider.addAttributes(fields_of(columns).toList())
    layer.updateFields()
    assert provider.addFeatures(features_of(layer.fields(), shapes, rows))[0]
    layer.updateExtents()
    if not crs:
        layer.setCrs(QgsCoordinateReferenceSystem())
    return layer


def geopackage(path, kind, shapes, rows, columns, name="laag"):
    """A layer in a GeoPackage; gives what QGIS calls it."""
    options = QgsVectorFileWriter.SaveVectorOptions()
    options.driverName, options.layerName = "GPKG", name
    if path.exists():
        action = QgsVectorFileWriter.ActionOnExistingFile.CreateOrOverwriteLayer
        options.actionOnExistingFile = action
    fields = fields_of(columns)
    writer = QgsVectorFileWriter.create(
        str(path),
        fields,
        WKB[kind],
        QgsCoordinateReferenceSystem("EPSG:28992"),
        QgsCoordinateTransformContext(),
        options,
    )
    assert writer.hasError() == QgsVectorFileWriter.WriterError.NoError
    assert writer.addFeatures(features_of(fields, shapes, rows)), writer.errorMessage()
    del writer
    return f"{path}|layername={name}"


def plain(value):
    """An attribute, with None for QGIS's NULL."""
    return None if value is None or value == NULL else value


def shapes_of(layer):
    """Geometries of a layer."""
    return [
        shapely.from_wkb(bytes(feature.geometry().asWkb()) or None)
        for feature in layer.getFeatures()
    ]


# --- sources of the prepare algorithms ------------------------------------------

USUAL = {"Point": bad.POINT, "Line": bad.LINE, "Polygon": bad.SQUARE}
NEEDED = {
    "establishments": {"sbi": "2014"},
    "infrastructure": {"mode": "rail"},
    "flows": {
        "direction": "supply", "material": "sand", "quantity": "1", "unit": "t/y",
    },
}  # fmt: skip
"""What a role can't do without."""


def simple(role, number=3, crs="EPSG:28992", columns=None, **more):
    """A small layer in memory that the prepare algorithm of a role takes.

    Columns are given as their type and their values.
    """
    rows = [dict(NEEDED.get(role, {})) for _ in range(number)]
    kinds = dict.fromkeys(NEEDED.get(role, {}), "text")
    for name, (kind, values) in ((columns or {}) | more).items():
        kinds[name] = kind
        for row, value in zip(rows, values, strict=True):
            row[name] = value
    shapes = [USUAL[ROLES[role]]] * number
    return memory(ROLES[role], shapes, rows, kinds, crs)


# --- canonical layers -----------------------------------------------------------


def _square(x) -> str:
    corners = ((x, 462_500), (x + 900, 462_500), (x + 900, 463_500), (x, 463_500))
    return shapely.Polygon(corners).wkt


SQUARES = [_square(x) for x in (154_000, 155_000, 156_000)]
SMALL = {
    "establishments": [
        f"POINT ({155_000 + 40 * n} {463_000 + 30 * (n % 3)})" for n in range(12)
    ],
    "zones": SQUARES,
    "infrastructure": [
        "MULTILINESTRING ((150000 463200, 160000 463200))",
        "MULTILINESTRING ((155200 460000, 155200 466000))",
    ],
    "facilities": ["POINT (155100 463000)", "POINT (155900 463000)"],
    "regions": SQUARES[:2],
    "constraints": SQUARES[2:],
    "initiatives": ["POINT (155050 463000)", "POINT (155060 463000)"],
    "clusters": SQUARES[1:2],
    "flows": ["POINT (155050 463000)", "POINT (155060 463000)"],
    "corridors": SQUARES,
    "areas": SQUARES,
}
VALUES = {"text": "x", "real": 3.5, "integer": 1, "boolean": True}
FIXED = {
    "sbi": "2014",
    "code_list": "sbi2008",
    "kinds": "business_park",
    "kind": "other",
    "effect": "penalise",
    "modes": "rail,road",
    "mode_count": 2,
    "env_category": 3.1,
    "group": "all",
    "direction": "supply",
    "carrier": "material",
    "profile": "flat",
    "basis": "estimated",
}


def canonical_type(role: str) -> LayerType:
    """Layer type of a role in lower case."""
    return layer_type({"areas": "leverage_areas"}.get(role, role))


def small(
    role, shapes=None, wkb=None, crs="EPSG:28992", without=(), extra=None, **changed
):
    """A canonical layer in memory.

    Parameters
    ----------
    role
        In lower case.
    shapes, wkb
        Other shapes than the usual ones; a key of :data:`WKB`.
    without
        Fields that it lacks.
    extra
        Type and function of the row number, by field.
    **changed
        Functions of the row number, by canonical field.
    """
    shapes = SMALL[role] if shapes is None else shapes
    kind = canonical_type(role)
    columns, count = dict(kind.fields), range(len(shapes))
    values = {name: FIXED.get(name, VALUES[field]) for name, field in columns.items()}
    cells = {name: lambda _, name=name: values[name] for name in columns}
    cells |= {"name": "naam {}".format, kind.id: f"{role[0]}{{:02}}".format}
    if role == "initiatives":
        cells["kind"] = lambda number: ("hub", "running")[number % 2]
    if role == "facilities":
        cells |= {"kind": lambda _: "wwtp", "unit": lambda _: "p.e."}
    if role == "flows":
        cells["unit"] = lambda _: "t/y"
    if role == "infrastructure":
        cells["mode"] = lambda number: ("rail", "road")[number % 2]
    cells |= changed
    for name, (field, cell) in (extra or {}).items():
        columns[name], cells[name] = field, cell
    columns = {name: kind for name, kind in columns.items() if name not in without}
    rows = [{name: cells[name](number) for name in columns} for number in count]
    usual_kind = kind.geometry.replace("Line", "MultiLine")
    return memory(wkb or usual_kind, shapes, rows, columns, crs, role)


@cache
def usual(role):
    """The small layer of a role, made once; no algorithm changes its input."""
    return small(role)


def in_place(role, layer):
    """A layer as a parameter takes it: alone, or as a list."""
    return [layer] if role in LISTS else layer


# --- runs -----------------------------------------------------------------------


class Outcome:
    """What came of a run: results, or the sentence with which it was refused."""

    def __init__(self, results, ok, log, context):
        self.results, self.ok, self.log, self.context = results, ok, log, context

    @property
    def refusal(self) -> str:
        """The sentence of a run that must have been refused."""
        assert not self.ok, f"was not refused\n{self.log}"
        return self.log

    def layer(self, name="OUTPUT"):
        """A layer that came out."""
        assert self.ok, self.log
        found = self.results[name]
        if isinstance(found, QgsVectorLayer):
            return found
        return QgsProcessingUtils.mapLayerFromString(found, self.context)

    def rows(self, name="OUTPUT") -> list[dict]:
        """Its rows."""
        layer = self.layer(name)
        fields = layer.fields().names()
        return [
            dict(zip(fields, map(plain, feature.attributes()), strict=True))
            for feature in layer.getFeatures()
        ]


def parameters_of(algorithm: str) -> list[str]:
    """Names of the parameters of an algorithm."""
    found = QgsApplication.processingRegistry().algorithmById(
        f"kansenkaart:{algorithm}"
    )
    return [definition.name() for definition in found.parameterDefinitions()]


def run(algorithm: str, **parameters) -> Outcome:
    """Run as qgis_process does: check the parameters first. Never a traceback."""
    registry = QgsApplication.processingRegistry()
    found = registry.createAlgorithmById(f"kansenkaart:{algorithm}")
    context, feedback = QgsProcessingContext(), QgsProcessingFeedback(False)
    context.setProject(QgsProject())
    context.setFeedback(feedback)
    fine, told = found.checkParameterValues(parameters, context)
    if not fine:
        return Outcome({}, False, told, context)
    results, ok = found.run(parameters, context, feedback)
    log = feedback.textLog()
    assert "Traceback" not in log, log
    assert ok or len(log.strip()) > 20, "refused without a word"
    return Outcome(results, ok, log, context)


def one_sentence(told: str, *words: str) -> None:
    """Check a refusal: words for people, these among them."""
    for word in words:
        assert word in told
    assert not re.search(r"Traceback|[A-Za-z]+(Error|Exception)\b", told)
    assert len(told) < 2000
