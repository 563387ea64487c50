"""Criteria that look at an area as the rules of the type environments do.

As the other measures of :mod:`.criteria` these take the areas, the layers and the
arguments of their entry, and give raw values, or None where a layer is absent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np

from .environments import scene as around
from .environments.kleene import TRUE, UNKNOWN
from .environments.library import type_rules
from .environments.measures import inhabitants, line_density, state

if TYPE_CHECKING:
    from .criteria import Layers


def people_around(areas, layers: Layers, entry) -> np.ndarray | None:
    """Inhabitants within a distance of the area, evenly spread over their region."""
    if layers.regions is None or "population" not in layers.regions:
        return None
    shapes = areas.geometry.to_numpy()
    known, doubtful = inhabitants(shapes, layers.regions, entry["distance"])
    return np.where(doubtful, np.nan, known)


def underground_density(areas, layers: Layers, entry) -> np.ndarray | None:
    """Kilometres of underground lines on every square kilometre of the area."""
    lines = layers.infrastructure
    if lines is None:
        return None
    own = lines.geometry.to_numpy()[lines["mode"].isin(entry["modes"]).to_numpy()]
    return line_density(areas.geometry.to_numpy(), own)


def linked_modes(areas, layers: Layers, entry) -> np.ndarray | None:
    """Number of modes that link the area with city centres and large zones.

    Those of which a line that is of the type environment lies within the distance of
    its mode. Unknown where a further mode may do so; None where no line is known to be
    of the type, and some may be.
    """
    lines, zones = layers.infrastructure, zones_around(areas, layers)
    if lines is None or zones is None:
        return None
    scene = around.Scene(
        around.Layers(zones, infrastructure=lines), layers.mode_distances
    )
    rule = next(rule for rule in type_rules() if rule.name == entry["type"])
    links = state(scene.of_lines(), rule.condition)
    if (links == UNKNOWN).any() and not (links == TRUE).any():
        # Only areas without a line would be known: by that they would win.
        return None
    shapes, places = lines.geometry.to_numpy(), areas.geometry.to_numpy()
    sure, doubtful = np.zeros((2, len(areas)))
    for mode in entry["modes"]:
        of_mode = (lines["mode"] == mode).to_numpy()
        within = layers.mode_distances[mode]
        clear, possible = (
            any_near(places, shapes[of_mode & (links == value)], within)
            for value in (TRUE, UNKNOWN)
        )
        sure, doubtful = sure + clear, doubtful + (possible & ~clear)
    return np.where(doubtful > 0, np.nan, sure)


def zones_around(areas, layers: Layers) -> gpd.GeoDataFrame | None:
    """The zones, which may be the areas themselves."""
    if layers.zones is not None:
        return layers.zones
    return areas if {"kinds", "area_ha"} <= set(areas) else None


def any_near(places: np.ndarray, shapes: np.ndarray, metres: float) -> np.ndarray:
    """Whether any of the shapes lies within a distance of each place.

    Of what a place meets no distance is measured, which saves most of the work.
    """
    near = np.zeros(len(places), bool)
    near[around.straight_line(places, shapes, 0.0)[0]] = True
    left = np.flatnonzero(~near)
    near[left[around.straight_line(places[left], shapes, metres)[0]]] = True
    return near
