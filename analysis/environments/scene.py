"""The places that rules are asked of, and what lies around them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import shapely

from .conditions import LINES, ZONES, Condition

Near = Callable[[np.ndarray, np.ndarray, float], tuple[np.ndarray, np.ndarray]]
"""Pairs of positions of origins and targets that lie within metres of each other."""


def straight_line(
    origins: np.ndarray, targets: np.ndarray, metres: float
) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of an origin and a target within a distance as the crow flies.

    Parameters
    ----------
    origins, targets : ndarray of shapely geometries
        In one CRS in metres. The distance is that between their edges; 0 where they
        touch or overlap.
    metres
        Largest distance, inclusive.
    """
    tree = shapely.STRtree(targets)
    if metres == 0:
        return tuple(tree.query(origins, predicate="intersects"))
    return tuple(tree.query(origins, predicate="dwithin", distance=metres))


@dataclass(frozen=True)
class Layers:
    """Canonical layers in one CRS in metres; None where a layer is absent."""

    zones: gpd.GeoDataFrame
    establishments: gpd.GeoDataFrame | None = None
    regions: gpd.GeoDataFrame | None = None
    infrastructure: gpd.GeoDataFrame | None = None
    facilities: gpd.GeoDataFrame | None = None
    constraints: gpd.GeoDataFrame | None = None


@dataclass
class Scene:
    """Zones or lines, the layers around them, and what is known of them already.

    Parameters
    ----------
    layers
        All layers.
    distances
        How far every mode reaches, in metres.
    near
        How distance is measured: :func:`straight_line`, or along a network.
    on
        What the rules are asked of: ``zones`` or ``lines``.
    """

    layers: Layers
    distances: Mapping[str, float]
    near: Near = straight_line
    on: str = ZONES
    zones: Scene | None = None
    """The scene of the zones, for one of the lines."""
    states: dict[Condition, np.ndarray] = field(default_factory=dict)
    """Values of conditions that were asked before."""
    inside: tuple[np.ndarray, np.ndarray] | None = None
    """Pairs of a place and an establishment in it, once they are known."""

    @property
    def places(self) -> gpd.GeoDataFrame:
        """What the rules are asked of."""
        if self.on == LINES:
            return self.layers.infrastructure
        return self.layers.zones

    @property
    def shapes(self) -> np.ndarray:
        """Geometries of the places."""
        return self.places.geometry.to_numpy()

    def of_zones(self) -> Scene:
        """The scene of the zones."""
        return self.zones or self

    def of_lines(self) -> Scene:
        """The scene of the lines round these zones."""
        return Scene(self.layers, self.distances, self.near, LINES, self)
