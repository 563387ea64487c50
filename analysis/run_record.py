"""The record of a run: what went in, with which settings, and what was said."""

from __future__ import annotations

import hashlib
import json
import math
import platform
from importlib import metadata

import geopandas as gpd
import shapely

from .progress import Progress, silent

BATCH = 20_000
PACKAGES = ("numpy", "pandas", "geopandas", "shapely", "pyproj", "scipy", "networkx")


def content_hash(frame: gpd.GeoDataFrame, progress: Progress = silent) -> str:
    """SHA-256 of a layer's geometries and fields, whatever the order of its rows.

    Parameters
    ----------
    frame
        A layer as it was used in the run.
    """
    names = sorted(frame.columns.drop(frame.geometry.name))
    digests: list[bytes] = []
    for start in range(0, len(frame), BATCH):
        digests += _row_digests(frame.iloc[start : start + BATCH], names)
        progress(len(digests) / len(frame))
    total = hashlib.sha256("\x1f".join(names).encode())
    for digest in sorted(digests):
        total.update(digest)
    return total.hexdigest()


def _row_digests(rows: gpd.GeoDataFrame, names: list[str]) -> list[bytes]:
    shapes = shapely.to_wkb(rows.geometry.to_numpy())
    fields = [rows[name].astype(str).tolist() for name in names]
    return [
        hashlib.sha256(shape + "\x1f".join(row).encode()).digest()
        for shape, *row in zip(shapes, *fields, strict=True)
    ]


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
