"""The record of a run: what went in, with which settings, and what was said."""

from __future__ import annotations

import hashlib
import json
import math
import platform
from importlib import metadata

import geopandas as gpd
import shapely

PACKAGES = ("numpy", "pandas", "geopandas", "shapely", "pyproj", "scipy", "networkx")


def content_hash(frame: gpd.GeoDataFrame) -> str:
    """SHA-256 of a layer's geometries and fields, whatever the order of its rows.

    Parameters
    ----------
    frame
        A layer as it was used in the run.
    """
    shapes = shapely.to_wkb(frame.geometry.to_numpy())
    columns = [frame[name] for name in sorted(frame.columns.drop(frame.geometry.name))]
    fields = [column.astype(str).tolist() for column in columns]
    rows = (
        hashlib.sha256(shape + "\x1f".join(row).encode()).digest()
        for shape, *row in zip(shapes, *fields, strict=True)
    )
    total = hashlib.sha256("\x1f".join(str(c.name) for c in columns).encode())
    for digest in sorted(rows):
        total.update(digest)
    return total.hexdigest()


def versions(plugin: str, qgis: str) -> dict[str, str]:
    """Versions of everything that the result rests on."""
    found = {"kansenkaart": plugin, "qgis": qgis, "python": platform.python_version()}
    return found | {name: metadata.version(name) for name in PACKAGES}


def to_json(record: dict) -> str:
    """A record as JSON; numbers that are not finite become null."""
    return json.dumps(_plain(record), ensure_ascii=False, indent=2, allow_nan=False)


def _plain(value: object) -> object:
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set):
        return [_plain(item) for item in value]
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if value is None or isinstance(value, str | int | float | bool):
        return value
    return str(value)
