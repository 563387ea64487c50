"""The places that rules are asked of, and what lies around them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from ..travel import INCLUSIVE, Travel
from .conditions import LINES, ZONES, Condition

Near = Callable[[np.ndarray, np.ndarray, float], tuple[np.ndarray, np.ndarray]]
"""Pairs of positions of origins and targets that lie within metres of each other."""


KIND_FIELDS = {
    "zones": "kinds",
    "infrastructure": "mode",
    "facilities": "kind",
    "constraints": "kind",
}
"""In which field of a layer its kinds stand."""


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


def over_roads(
    travel: Travel, origins: np.ndarray, targets: np.ndarray, metres: float
) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of an origin and a target within a distance over roads.

    What touches is near, wherever its roads are. Parameters as of
    :func:`straight_line`.
    """
    origin, target = straight_line(origins, targets, metres)
    near = shapely.distance(origins[origin], targets[target]) == 0
    apart = np.flatnonzero(~near)
    if len(apart):
        pairs = origin[apart], target[apart]
        ways = travel.between(origins, targets, *pairs)
        near[apart] = ways <= metres * INCLUSIVE
    return origin[near], target[near]


@dataclass(frozen=True)
class Layers:
    """Canonical layers in one CRS in metres; None where a layer is absent."""

    zones: gpd.GeoDataFrame
    establishments: gpd.GeoDataFrame | None = None
    regions: gpd.GeoDataFrame | None = None
    infrastructure: gpd.GeoDataFrame | None = None
    facilities: gpd.GeoDataFrame | None = None
    constraints: gpd.GeoDataFrame | None = None

    @cached_property
    def kinds(self) -> dict[str, set[str]]:
        """Kinds that occur in each layer that is there, also those in lists."""
        given = {role: getattr(self, role) for role in KIND_FIELDS}
        return {
            role: _words(layer[KIND_FIELDS[role]])
            for role, layer in given.items()
            if layer is not None
        }

    def lacks(self, role: str, words: Iterable[str]) -> bool:
        """Whether a layer is absent, or holds nothing of what is asked for."""
        return self.kinds.get(role, set()).isdisjoint(words)


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
    """The scene of all zones, for one of lines or of some zones."""
    whole: Scene | None = None
    """The scene of which it is a part."""
    rows: np.ndarray | None = None
    """Places of the whole that are in the part."""
    states: dict[Condition, np.ndarray] = field(default_factory=dict)
    """Values of conditions that were asked before."""
    parts: dict[Condition, Scene] = field(default_factory=dict)
    """Parts by the condition that can hold there."""

    @cached_property
    def places(self) -> gpd.GeoDataFrame:
        """What the rules are asked of."""
        if self.whole is not None:
            return self.whole.places.iloc[self.rows]
        if self.on == LINES:
            return self.layers.infrastructure
        return self.layers.zones

    @cached_property
    def numbers(self) -> np.ndarray:
        """Which rows of their layer the places are."""
        if self.whole is not None:
            return self.whole.numbers[self.rows]
        return np.arange(len(self.places))

    @cached_property
    def shapes(self) -> np.ndarray:
        """Geometries of the places."""
        return self.places.geometry.to_numpy()

    @cached_property
    def inside(self) -> tuple[np.ndarray, np.ndarray]:
        """Pairs of a place and an establishment in it or on its edge."""
        if self.whole is None:
            firms = self.layers.establishments.geometry.to_numpy()
            return straight_line(self.shapes, firms, 0.0)
        place, firm = self.whole.inside
        own = np.full(len(self.whole.places), -1)
        own[self.rows] = np.arange(len(self.rows))
        kept = own[place] >= 0
        return own[place[kept]], firm[kept]

    @cached_property
    def activities(self) -> tuple[np.ndarray, pd.Index]:
        """Of every establishment the place of its code among all that occur."""
        if self.whole is not None:
            return self.whole.activities
        return pd.factorize(self.layers.establishments["sbi"].fillna(""))

    def of_zones(self) -> Scene:
        """The scene of the zones."""
        return self.zones or self

    def of_lines(self) -> Scene:
        """The scene of the lines round these zones."""
        return Scene(self.layers, self.distances, self.near, LINES, self)

    def part(self, condition: Condition, rows: np.ndarray) -> Scene:
        """The scene of the places for which a condition can hold."""
        if condition not in self.parts:
            self.parts[condition] = Scene(
                self.layers,
                self.distances,
                self.near,
                self.on,
                self.of_zones(),
                self,
                rows,
            )
        return self.parts[condition]


def _words(column: pd.Series) -> set[str]:
    return {word for words in column.dropna().unique() for word in words.split(";")}
