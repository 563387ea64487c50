"""The patchwork of zones: what is laid first is cut out of what comes later."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import shapely
from shapely import Polygon

from .shapes import opened, parts_of


@dataclass
class Zone:
    """One planned area.

    ``environment`` says which establishments settle here, ``pattern`` how their
    streets run, ``angle`` (radians) in which direction; None leaves it to chance.
    """

    name: str
    kinds: tuple[str, ...]
    shape: Polygon
    environment: str
    pattern: str
    angle: float | None = None
    share_free: float = np.nan
    category: str | None = None
    managed: bool | None = None


@dataclass
class Canvas:
    """Zones laid so far and the ground where none may come."""

    ground: shapely.Geometry
    zones: list[Zone] = field(default_factory=list)

    def free(self, shape: Polygon):
        """Give what is left of ``shape`` on open ground."""
        left = shape.intersection(self.ground)
        if not self.zones or left.is_empty:
            return left
        laid = np.array([zone.shape for zone in self.zones])
        touched = laid[shapely.intersects(laid, left)]
        return left.difference(shapely.union_all(touched))

    def fits(self, shape: Polygon, margin: float) -> bool:
        """Whether ``shape`` lies on open ground, ``margin`` m away from any zone."""
        shapely.prepare(self.ground)
        if not shapely.contains(self.ground, shape):
            return False
        laid = np.array([zone.shape for zone in self.zones])
        return not len(laid) or not shapely.dwithin(laid, shape, margin).any()

    def lay(self, zone: Zone, smallest: float, neck: float = 0.0) -> int:
        """Lay the free parts of ``zone`` of at least ``smallest`` m2; their count."""
        left = self.free(zone.shape)
        if neck:
            left = opened(left, neck)
        parts = parts_of(left, smallest)
        for part in parts:
            self.zones.append(Zone(**{**vars(zone), "shape": part}))
        return len(parts)

    def shapes(self, *kinds: str) -> list[Polygon]:
        """Shapes of the zones of one of ``kinds``."""
        return [zone.shape for zone in self.zones if set(kinds) & set(zone.kinds)]
