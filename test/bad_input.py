"""A corpus of bad input: what real sources hold, and what somebody might try.

Written from the contract, without a look at the code: every entry says what must
become of it. Places are in Dutch RD (EPSG:28992), in metres.
"""

from __future__ import annotations

import numpy as np
import shapely
from shapely import (
    GeometryCollection,
    LineString,
    MultiLineString,
    MultiPoint,
    MultiPolygon,
    Point,
    Polygon,
    box,
)

AREA_OF_USE = (0.0, 300_000.0, 300_000.0, 630_000.0)
"""A round box for the Netherlands."""

ROLES = {
    "establishments": "Point",
    "zones": "Polygon",
    "infrastructure": "Line",
    "facilities": "Point",
    "regions": "Polygon",
    "constraints": "Polygon",
    "initiatives": "Point",
    "flows": "Point",
}
"""Roles with a prepare algorithm, and their geometry."""

KEPT, REPAIRED, SKIPPED = "kept", "repaired", "skipped"

POINT = Point(155_000, 463_000)
LINE = LineString([(150_000, 450_000), (151_000, 450_500)])
SQUARE = box(150_000, 450_000, 150_200, 450_100)


def at(corners, origin=(150_000, 450_000)) -> list[tuple[float, ...]]:
    """Corners in metres from a place in the middle of the country."""
    return [tuple(np.add(corner, origin)) for corner in corners]


NOWHERE = {
    "missing": None,
    "origin": Point(0, 0),
    "collection": GeometryCollection([POINT, LINE, SQUARE]),
    "empty_collection": GeometryCollection(),
}
"""Shapes that no role can use."""

POINTS = {
    "plain": (POINT, KEPT),
    "z": (Point(155_000, 463_000, 9), KEPT),
    "z_unknown": (Point(155_000, 463_000, np.nan), KEPT),
    "one_part": (MultiPoint([POINT]), KEPT),
    "just_inside": (Point(-99_999, 463_000), KEPT),
    "two_parts": (MultiPoint([POINT, (156_000, 463_000)]), SKIPPED),
    "empty": (Point(), SKIPPED),
    "empty_multi": (MultiPoint(), SKIPPED),
    "origin_multi": (MultiPoint([(0, 0)]), SKIPPED),
    "origin_z": (Point(0, 0, 7), SKIPPED),
    "x_unknown": (Point(np.nan, 463_000), SKIPPED),
    "infinite": (Point(155_000, -np.inf), SKIPPED),
    "huge": (Point(1e300, 463_000), SKIPPED),
    "huge_both": (Point(-1e300, 1e300), SKIPPED),
    "just_outside": (Point(-100_001, 463_000), SKIPPED),
    "degrees": (Point(5.38, 52.15), SKIPPED),
    "line": (LINE, SKIPPED),
    "polygon": (SQUARE, SKIPPED),
    "collection_of_one": (GeometryCollection([POINT]), SKIPPED),
}

LINES = {
    "plain": (LINE, KEPT),
    "z": (LineString([(150_000, 450_000, 1), (151_000, 450_500, np.nan)]), KEPT),
    "two_parts": (MultiLineString([LINE, at([(0, 9), (9, 9)])]), KEPT),
    "ring": (LineString(SQUARE.exterior.coords), KEPT),
    "crossing": (LineString(at([(0, 0), (9, 9), (9, 0), (0, 9)])), KEPT),
    "doubled": (LineString(at([(0, 0), (0, 0), (9, 9), (9, 9)])), KEPT),
    "far_end": (LineString(at([(0, 0), (400_000, 0)])), KEPT),
    "dead_part": (MultiLineString([LINE, at([(5, 5), (5, 5)])]), REPAIRED),
    "dead": (LineString(at([(5, 5), (5, 5), (5, 5)])), SKIPPED),
    "dead_parts": (MultiLineString([at([(5, 5), (5, 5)])]), SKIPPED),
    "dead_origin": (LineString([(0, 0), (0, 0)]), SKIPPED),
    "empty": (LineString(), SKIPPED),
    "y_unknown": (LineString([(150_000, np.nan), (151_000, 450_000)]), SKIPPED),
    "infinite": (LineString([(150_000, np.inf), (151_000, 450_000)]), SKIPPED),
    "huge": (LineString([(1e300, 450_000), (1.1e300, 450_000)]), SKIPPED),
    "far": (LineString(at([(0, 0), (600_000, 0)])), SKIPPED),
    "point": (POINT, SKIPPED),
    "polygon": (SQUARE, SKIPPED),
    "collection_of_one": (GeometryCollection([LINE]), SKIPPED),
}

POLYGONS = {
    "plain": (SQUARE, KEPT),
    "z": (shapely.force_3d(SQUARE, 3), KEPT),
    "two_parts": (MultiPolygon([SQUARE, box(2e5, 5e5, 200_100, 500_100)]), KEPT),
    "clockwise": (SQUARE.reverse(), KEPT),
    "doubled": (Polygon(at([(0, 0), (9, 0), (9, 0), (9, 9), (0, 9)])), KEPT),
    "holed": (SQUARE.difference(SQUARE.buffer(-20)), KEPT),
    "far_edge": (box(0, 450_000, 700_000, 450_100), KEPT),
    "bow_tie": (Polygon(at([(0, 0), (100, 100), (100, 0), (0, 100)])), REPAIRED),
    "spike": (Polygon(at([(0, 0), (9, 0), (9, 9), (99, 9), (9, 9), (0, 9)])), REPAIRED),
    "hole_outside": (
        Polygon(SQUARE.exterior.coords, [at([(500, 500), (510, 500), (510, 510)])]),
        REPAIRED,
    ),
    "overlapping": (MultiPolygon([SQUARE, SQUARE.buffer(5)]), REPAIRED),
    "flat_part": (
        MultiPolygon([SQUARE, Polygon(at([(900, 0), (950, 0), (900, 0)]))]),
        REPAIRED,
    ),
    "flat": (Polygon(at([(0, 0), (100, 0), (0, 0)])), SKIPPED),
    "one_spot": (Polygon(at([(5, 5), (5, 5), (5, 5)])), SKIPPED),
    "flat_origin": (Polygon([(0, 0), (0, 0), (0, 0)]), SKIPPED),
    "empty": (Polygon(), SKIPPED),
    "empty_multi": (MultiPolygon(), SKIPPED),
    "x_unknown": (Polygon(at([(0, 0), (np.nan, 0), (9, 9)])), SKIPPED),
    "infinite": (Polygon(at([(0, 0), (np.inf, 0), (9, 9)])), SKIPPED),
    "huge": (box(-1e300, -1e300, 1e300, 1e300), SKIPPED),
    "huge_aside": (box(1e299, 1e299, 1e300, 1e300), SKIPPED),
    "far": (box(500_000, 450_000, 700_000, 450_100), SKIPPED),
    "point": (POINT, SKIPPED),
    "line": (LINE, SKIPPED),
    "collection_of_one": (GeometryCollection([SQUARE]), SKIPPED),
}

SHAPES = {
    kind: shapes | {name: (shape, SKIPPED) for name, shape in NOWHERE.items()}
    for kind, shapes in (("Point", POINTS), ("Line", LINES), ("Polygon", POLYGONS))
}
"""By kind of geometry: shape and fate by name."""

NUMBERS = {
    "1.234,5": 1234.5,
    "1,234.5": 1234.5,
    "1.234.567": 1_234_567,
    "1,234,567": 1_234_567,
    "1.234.567,8": 1_234_567.8,
    "1.234": 1.234,
    "1,234": 1.234,
    "12,5": 12.5,
    " 7 ": 7,
    "1e3": 1000,
    "0": 0,
    "-0": 0,
    "": None,
    "   ": None,
    "\t": None,
}
"""Readable numbers as text; an empty one is unknown."""

NO_NUMBERS = (
    "∞", "inf", "-inf", "Infinity", "nan", "NaN", "n.v.t.", "onbekend", "1e999",
    "12 jobs", "1.2.3", "1,2.3,4", "5%", "€ 5", "0x1F", "1/2", "--1", ",", "-",
    "2020-01-01", "True", "[1, 2]", '{"a": 1}', "1_000",
)  # fmt: skip
"""What is no number."""

CODES = {
    "111": "0111",
    "01.11": "0111",
    "0111": "0111",
    " 0111 ": "0111",
    "1.11": "0111",
    "A0111": "0111",
    "A01.11": "0111",
    "01.1": "011",
    "24101": "2410",
    "2410": "2410",
    "20": "20",
    "46.90.0": "4690",
    "99999": "99",
}
"""Activity codes in a text column that also holds 0111, and what they mean."""

NO_CODES = ("1.11E2", ".0", ".", "", "  ", "A", "34999", "00", "0", "n.v.t.", "-111")
"""What is no activity code."""

NAMES = {
    "apostrophe": "Bakkerij 't Hoekje",
    "quotes": "De \"Gouden\" Leeuw `&` 'Zoon'",
    "script": "<script>alert(1)</script>",
    "formula": "=cmd|' /C calc'!A0",
    "path": "../../etc/passwd",
    "windows_path": r"..\..\windows",
    "percent": "100%n %s %d %1 %2 %%",
    "format": "{0} {layer} {count!r} {",
    "expression": "[% 1+1 %]",
    "expression_open": "[% env('HOME')",
    "template": "{{ 7*7 }} {% raise %} ${7*7}",
    "entity": "&lt;b&gt; &amp; &#60;",
    "accents": "Ærøskøbing Curaçao Ĳsselstein",
    "windows_1252": "Café – “Müller” €",
    "emoji": "🏭♻️👩‍🔬",
    "right_to_left": "שלום \u202eevil\u202c",
    "lines": "eerste\nregel\r\ntweede\tkolom",
    "long": "lang " * 2000,
    "markup": "]]> <!-- x --> <b onmouseover=alert(1)>",
    "sql": "'; DROP TABLE zones; --",
}
"""Names that a careless program would run, follow or lose."""

FIELD_NAMES = (
    "geometry", "geom", "fid", "ogc_fid", "layer", "reason", "count", "index",
    "Aantal werkzame personen", "banen (2023)", 'zeg "ja"', "d'r", "één/twee",
    "[% 1+1 %]", "{0}", "%n", "_id", "select", "🏭", "x" * 60,
)  # fmt: skip
"""Names that a source may give to its fields."""


def names() -> list[str]:
    """The names as a layer keeps them: without blanks around."""
    return [name.strip() for name in NAMES.values()]
