"""Which packages the algorithms need, and what to say when one is missing."""

from __future__ import annotations

import sys
from importlib import metadata

from ..analysis.texts import text

NEEDED = {
    "numpy": "1.24",
    "pandas": "1.5",
    "geopandas": "1.0",
    "shapely": "2.0",
    "pyproj": "3.4",
    "scipy": "1.10",
    "networkx": "2.8",
    "Jinja2": "3.0",
}
"""Lowest version by name of the distribution."""


def missing_packages() -> list[str]:
    """Packages that are absent or too old, with the version that is needed."""
    return [
        f"{name} ≥ {lowest}"
        for name, lowest in NEEDED.items()
        if _version(name) < _numbers(lowest)
    ]


def advice(missing: list[str], language: str) -> str:
    """What is missing, and how to get it on this platform."""
    platform = {"win32": "windows", "darwin": "macos"}.get(sys.platform, "linux")
    how = text(f"messages.packages_{platform}", language)
    names = ", ".join(missing)
    return text("messages.packages_missing", language, packages=names, how=how)


def _version(name: str) -> tuple[int, ...]:
    try:
        return _numbers(metadata.version(name))
    except metadata.PackageNotFoundError:
        return ()


def _numbers(version: str) -> tuple[int, ...]:
    """Major and minor number; what follows does not decide here."""
    return tuple(int(part) for part in version.split(".")[:2] if part.isdigit())
