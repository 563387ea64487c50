"""Where ranks and numbers come on a printed map, so that no mark covers another.

QGIS places labels well in most of a map, but not where what they mark lies together.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import cos, pi, sin
from typing import NamedTuple

from qgis.core import (
    QgsFeature,
    QgsFeatureRequest,
    QgsPointXY,
    QgsRectangle,
    QgsVectorLayer,
)

DIRECTIONS = 24
RINGS = (1.2, 1.5, 1.8, 2.2, 2.7, 3.3, 4.0, 5.0)
"""Distances from what is marked that are tried, in diameters of a mark."""


class Anchor(NamedTuple):
    """What a mark is about: a spot, and the room round it (map units)."""

    spot: QgsPointXY
    room: float = 0.0


def area_anchors(
    areas: QgsVectorLayer, rank: dict, diameter: float
) -> dict[int, Anchor]:
    """Where the best areas are widest, by feature id.

    Parameters
    ----------
    areas
        The scored areas.
    rank
        What the style says of ranks: ``field`` and ``last``.
    diameter
        Of a mark, in the map's units.
    """
    anchors = {}
    for feature in _best(areas, rank):
        pole, room = feature.geometry().poleOfInaccessibility(diameter / 20)
        anchors[feature.id()] = Anchor(pole.asPoint(), room)
    return anchors


def point_anchors(
    points: QgsVectorLayer, field: str, extent: QgsRectangle
) -> dict[int, Anchor]:
    """The points on a map by feature id, in the order of their numbers."""
    features = points.getFeatures(QgsFeatureRequest(extent))
    ordered = sorted(features, key=lambda feature: feature[field])
    return {each.id(): Anchor(each.geometry().asPoint()) for each in ordered}


def rank_places(
    anchors: dict[int, Anchor],
    points: Iterable[Anchor],
    extent: QgsRectangle,
    diameter: float,
) -> dict[int, QgsPointXY]:
    """Place the best areas' circles: on areas with room for it, else beside them.

    Parameters
    ----------
    anchors
        The best areas, the best first.
    points
        What the circles should not cover where they can do otherwise.
    extent
        What the map shows.
    diameter
        Of a circle, in the map's units.

    Returns
    -------
    dict
        Feature id → middle of the circle.
    """
    frame = extent.buffered(-0.6 * diameter)
    roomy = {key for key in anchors if anchors[key].room > 0.75 * diameter}
    placed: dict[int, QgsPointXY] = {}
    # Circles that stay on their area come first: the others make way for them.
    for key in sorted(anchors, key=lambda key: key not in roomy):
        spot, circles = anchors[key].spot, list(placed.values())
        if key in roomy and _clear(spot, circles, [], diameter):
            placed[key] = spot
        else:
            others = _others(anchors, key) + [point.spot for point in points]
            placed[key] = _beside(spot, frame, circles, others, diameter)
    return placed


def number_places(
    anchors: dict[int, Anchor],
    areas: Iterable[Anchor],
    circles: Iterable[QgsPointXY],
    extent: QgsRectangle,
    diameter: float,
) -> dict[int, QgsPointXY]:
    """Place the plates of numbered points: on the point, else beside it.

    A plate moves where it would cover a circle, the middle of one of the best areas,
    another plate or another point.

    Parameters
    ----------
    anchors
        The points, in the order of their numbers.
    areas
        The best areas.
    circles
        Middles of the ranks' circles.
    extent
        What the map shows.
    diameter
        Of a plate, in the map's units.

    Returns
    -------
    dict
        Feature id → middle of the plate.
    """
    frame = extent.buffered(-0.6 * diameter)
    best, circles = [area.spot for area in areas], list(circles)
    others = {key: _others(anchors, key) + best for key in anchors}
    free = {
        key
        for key, anchor in anchors.items()
        if frame.contains(anchor.spot)
        and _clear(anchor.spot, circles, others[key], diameter)
    }
    placed: dict[int, QgsPointXY] = {}
    # Plates that can stay come first, as with circles.
    for key in sorted(anchors, key=lambda key: key not in free):
        spot, marks = anchors[key].spot, circles + list(placed.values())
        if key in free and _clear(spot, marks, [], diameter):
            placed[key] = spot
        else:
            placed[key] = _beside(spot, frame, marks, others[key], diameter)
    return placed


def ring(middle: QgsPointXY, radius: float) -> list[QgsPointXY]:
    """Points all round another."""
    angles = (2 * pi * step / DIRECTIONS for step in range(DIRECTIONS))
    return [
        QgsPointXY(middle.x() + radius * cos(angle), middle.y() + radius * sin(angle))
        for angle in angles
    ]


def _best(areas: QgsVectorLayer, rank: dict) -> list[QgsFeature]:
    """The areas that carry a rank, the best first."""
    features = areas.getFeatures(rank["shown"])
    return sorted(features, key=lambda item: (item[rank["field"]], item.id()))


def _others(anchors: dict[int, Anchor], key: int) -> list[QgsPointXY]:
    return [anchor.spot for other, anchor in anchors.items() if other != key]


def _beside(
    anchor: QgsPointXY,
    frame: QgsRectangle,
    marks: list[QgsPointXY],
    others: list[QgsPointXY],
    diameter: float,
) -> QgsPointXY:
    """A place as near as possible, there in the direction with the most room."""
    shown = [anchor]
    for radius in RINGS:
        around = ring(anchor, radius * diameter)
        shown = [spot for spot in around if frame.contains(spot)] or shown
        clear = [spot for spot in shown if _clear(spot, marks, others, diameter)]
        if clear:
            return max(clear, key=lambda spot: _nearest(spot, marks + others))
    return max(shown, key=lambda spot: _nearest(spot, marks))


def _clear(spot: QgsPointXY, marks: list, others: list, diameter: float) -> bool:
    """Whether a mark covers no other mark and nothing else that is marked."""
    apart = all(spot.distance(mark) > 1.15 * diameter for mark in marks)
    return apart and all(spot.distance(other) > 0.8 * diameter for other in others)


def _nearest(spot: QgsPointXY, points: list[QgsPointXY]) -> float:
    return min((spot.distance(point) for point in points), default=0.0)
