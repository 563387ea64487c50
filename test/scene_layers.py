"""Layers of a scene by hand as parameters of an algorithm."""

import shapely
from bad_layers import in_place, memory, plain
from kansenkaart.analysis.layers import layer_type

ROLES = (
    "zones", "establishments", "regions", "infrastructure", "facilities", "constraints",
)  # fmt: skip
WKB = {"Line": "MultiLine", "Polygon": "MultiPolygon", "Point": "Point"}


def given(layers, without=()):
    """Layers of a scene as parameters."""
    parameters = {}
    for role in set(ROLES) - set(without):
        frame, kind = getattr(layers, role), layer_type(role)
        columns = {name: kind.fields[name] for name in frame if name in kind.fields}
        rows = [
            {name: plain(value) for name, value in row.items()}
            for row in frame[list(columns)].astype(object).to_dict("records")
        ]
        wkb = WKB[kind.geometry]
        shapes = list(frame.geometry)
        if wkb.startswith("Multi"):
            several = {"MultiLine": shapely.multilinestrings}
            build = several.get(wkb, shapely.multipolygons)
            shapes = [build([shape]) for shape in shapes]
        layer = memory(wkb, shapes, rows, columns, name=role)
        parameters[role.upper()] = in_place(role.upper(), layer)
    return parameters
