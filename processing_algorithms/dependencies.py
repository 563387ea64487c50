"""Which packages the algorithms need, and what to say when one is missing."""

from __future__ import annotations

import sys
from functools import cache
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

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
"""Lowest version by name of the distribution; in lower case it is the module's."""
FLATPAK = Path("/.flatpak-info")
"""Stands in the root of every Flatpak."""


def missing_packages() -> list[str]:
    """Packages that are absent or too old, with the version that is needed."""
    return [
        f"{name} ≥ {lowest}"
        for name, lowest in NEEDED.items()
        if _version(name) < _numbers(lowest)
    ]


def platform() -> str:
    """What decides how packages are installed."""
    if FLATPAK.exists():
        return "flatpak"
    return {"win32": "windows", "darwin": "macos"}.get(sys.platform, "linux")


def advice(missing: list[str], language: str) -> str:
    """What is missing, and how to get it on this platform."""
    debian = " ".join(f"python3-{entry.split()[0].lower()}" for entry in missing)
    how = text(f"messages.packages_{platform()}", language, debian=debian)
    names = ", ".join(missing)
    return text("messages.packages_missing", language, packages=names, how=how)


@cache
def _version(name: str) -> tuple[int, ...]:
    """Of a package; empty where it can't be found. QGIS asks for each algorithm."""
    try:
        found = find_spec(name.lower()) and metadata.version(name)
    except ImportError:
        found = None
    return _numbers(found or "")


def _numbers(version: str) -> tuple[int, ...]:
    """Major and minor number; what follows does not decide here."""
    return tuple(int(part) for part in version.split(".")[:2] if part.isdigit())
