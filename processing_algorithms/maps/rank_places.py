"""Where the ranks come on a printed map, so that no circle covers another.

QGIS places labels well in most of a map, but not where the best areas lie together.
"""

from __future__ import annotations

from math import cos, pi, sin

from qgis.core import QgsFeature, QgsPointXY, QgsRectangle, QgsVectorLayer

DIRECTIONS = 24
RINGS = (1.2, 1.5, 1.8, 2.2, 2.7, 3.3, 4.0, 5.0)
"""Distances from an area's middle that are tried, in diameters of a circle."""


def rank_places(
    areas: QgsVectorLayer, rank: dict, extent: QgsRectangle, diameter: float
) -> dict[int, QgsPointXY]:
    """Place the best areas' circles: on areas with room for it, else beside them.

    Parameters
    ----------
    areas
        The scored areas.
    rank
        What the style says of ranks: ``field`` and ``last``.
    extent
        What the map shows.
    diameter
        Of a circle, in the map's units.

    Returns
    -------
    dict
        Feature id → middle of the circle.
    """
    anchors, roomy = {}, set()
    for feature in _best(areas, rank):
        pole, room = feature.geometry().poleOfInaccessibility(diameter / 20)
        anchors[feature.id()] = pole.asPoint()
        if room > 0.75 * diameter:
            roomy.add(feature.id())
    frame = extent.buffered(-0.6 * diameter)
    placed: dict[int, QgsPointXY] = {}
    # Circles that stay on their area come first: the others make way for them.
    for key in sorted(anchors, key=lambda key: key not in roomy):
        others = [anchors[other] for other in anchors if other != key]
        circles = list(placed.values())
        if key in roomy and _clear(anchors[key], circles, [], diameter):
            placed[key] = anchors[key]
        else:
            placed[key] = _beside(anchors[key], frame, circles, others, diameter)
    return placed


def _best(areas: QgsVectorLayer, rank: dict) -> list[QgsFeature]:
    """The areas that carry a rank, the best first."""
    features = areas.getFeatures(f'"{rank["field"]}" <= {rank["last"]}')
    return sorted(features, key=lambda item: (item[rank["field"]], item.id()))


def _beside(
    anchor: QgsPointXY,
    frame: QgsRectangle,
    circles: list[QgsPointXY],
    others: list[QgsPointXY],
    diameter: float,
) -> QgsPointXY:
    """A place as near as possible, there in the direction with the most room."""
    shown = [anchor]
    for radius in RINGS:
        ring = _ring(anchor, radius * diameter)
        shown = [spot for spot in ring if frame.contains(spot)] or shown
        clear = [spot for spot in shown if _clear(spot, circles, others, diameter)]
        if clear:
            return max(clear, key=lambda spot: _nearest(spot, circles + others))
    return max(shown, key=lambda spot: _nearest(spot, circles))


def _ring(middle: QgsPointXY, radius: float) -> list[QgsPointXY]:
    angles = (2 * pi * step / DIRECTIONS for step in range(DIRECTIONS))
    return [
        QgsPointXY(middle.x() + radius * cos(angle), middle.y() + radius * sin(angle))
        for angle in angles
    ]


def _clear(spot: QgsPointXY, circles: list, others: list, diameter: float) -> bool:
    """Whether a circle covers no other circle and no middle of another best area."""
    apart = all(spot.distance(circle) > 1.15 * diameter for circle in circles)
    return apart and all(spot.distance(other) > 0.8 * diameter for other in others)


def _nearest(spot: QgsPointXY, points: list[QgsPointXY]) -> float:
    return min((spot.distance(point) for point in points), default=0.0)
