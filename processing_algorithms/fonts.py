"""Which font is used on the map and on the page."""

from __future__ import annotations

from functools import cache

from qgis.core import QgsFontUtils

from ..analysis.resources import read_toml


@cache
def font_family() -> str:
    """The first font of our list that is installed; the last one if none is."""
    families = read_toml("styles", "text.toml")["fonts"]
    installed = (name for name in families if _installed(name))
    return next(installed, families[-1])


def _installed(family: str) -> bool:
    matched = QgsFontUtils.fontFamilyMatchOnSystem(family)
    return matched[0] if isinstance(matched, tuple) else matched
