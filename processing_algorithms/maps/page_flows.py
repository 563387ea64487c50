"""Flows on a printed map: symbols that hide no other, the first places numbered."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from qgis.core import QgsFeature, QgsLayoutItemMap, QgsPointXY, QgsVectorLayer

from ...analysis.flows.tables import DIRECTIONS, SUPPLY
from ...analysis.resources import read_toml
from ..labels import number_labels, pin_labels
from ..styling import style_layer
from .mark_places import Anchor, rank_places, ring
from .project import FLOW_PLACES
from .sheet import Sheet
from .spread import spread

EVERY = 4
"""Of the spots round a symbol one in so many is enough to keep circles off it."""


def style_flows(
    layer: QgsVectorLayer,
    definition: dict,
    places: Sequence[str],
    printed: QgsLayoutItemMap,
    sheet: Sheet,
) -> None:
    """Style the layer of a carrier for one printed map.

    Parameters
    ----------
    layer
        What is drawn of the carrier, changed in place.
    definition
        Its style.
    places
        Ids of the places that get a number, in this order.
    printed, sheet
        The map and its page.
    """
    length = sheet.mm(printed.scale() / 1000)
    look = definition["symbol"] | _shape(layer)
    shifts = _shifts(layer, look, length)
    symbol = definition["symbol"] | {"shifts": shifts}
    moved = definition | {"symbol": symbol}
    style_layer(layer, FLOW_PLACES, sheet.language, sheet.factor, moved)
    numbers = _numbers(layer, places)
    ends = {key: _end(layer, key, shifts, length) for key in numbers}
    covered = _covered(layer, look, shifts, length)
    add_numbers(
        layer, definition["place_number"], numbers, ends, covered, printed, sheet
    )


def add_numbers(
    layer: QgsVectorLayer,
    mark: dict,
    numbers: dict[int, int],
    ends: dict[int, QgsPointXY],
    covered: list[Anchor],
    printed: QgsLayoutItemMap,
    sheet: Sheet,
) -> None:
    """Put numbers in circles beside features, each with a leader.

    Parameters
    ----------
    layer
        Changed in place.
    mark
        How circles look.
    numbers, ends
        By feature id: its number, and where its leader goes; the first first.
    covered
        What circles keep off where they can.
    printed, sheet
        The map and its page.
    """
    circles = rank_places(
        {key: Anchor(end) for key, end in ends.items()},
        covered,
        printed.extent(),
        sheet.mm(mark["diameter"]) * printed.scale() / 1000,
    )
    layer.setLabeling(number_labels(mark, numbers, sheet.factor))
    pin_labels(layer, circles, ends)


def _shifts(
    points: QgsVectorLayer, look: dict, length: float
) -> dict[int, tuple[float, float]]:
    """How far symbols go to hide no other: right and down in mm, by feature id.

    Supply and demand of a place go together.

    Parameters
    ----------
    points
        Features with a place, a class of size and a direction.
    look
        How they are drawn, with ``sizes``.
    length
        One mm on paper, in the map's units.
    """
    places: dict[str, list[QgsFeature]] = {}
    for feature in sorted(points.getFeatures(), key=QgsFeature.id):
        places.setdefault(feature["place_id"], []).append(feature)
    boxes = [_box(features, look) for features in places.values()]
    spots = [features[0].geometry().asPoint() for features in places.values()]
    middles = np.array([[spot.x(), -spot.y()] for spot in spots]) / length
    middles += [(right - left, 0) for left, right, _ in boxes]
    halves = np.array([(left + right, height) for left, right, height in boxes])
    found = spread(middles, halves, look["reach"])
    return {
        feature.id(): (float(x), float(y))
        for features, (x, y) in zip(places.values(), found, strict=True)
        for feature in features
        if x or y
    }


def _box(features: list[QgsFeature], look: dict) -> tuple[float, float, float]:
    """Half the widths of the symbols left and right of a place, and the height."""
    left, right = (
        max(
            _radius(feature, look) if feature["direction"] == direction else 0.0
            for feature in features
        )
        for direction in DIRECTIONS
    )
    return left, right, max(left, right)


def _radius(feature: QgsFeature, look: dict) -> float:
    """Half the width of a symbol, in mm."""
    return look.get("enlarged", 1) * look["sizes"][feature[look["size_field"]] - 1] / 2


def _covered(
    points: QgsVectorLayer, look: dict, shifts: dict, length: float
) -> list[Anchor]:
    """What symbols cover, as spots that lie close together.

    Parameters
    ----------
    points, look, length
        As for :func:`_shifts`.
    shifts
        How far symbols go.
    """
    covered = []
    for feature in points.getFeatures():
        radius = _radius(feature, look) * length
        side = -1 if feature["direction"] == SUPPLY else 1
        end = _end(points, feature.id(), shifts, length)
        middle = QgsPointXY(end.x() + side * radius, end.y())
        covered += [middle, *ring(middle, 0.8 * radius)[::EVERY]]
    return [Anchor(spot) for spot in covered]


def _shape(layer: QgsVectorLayer) -> dict:
    """How symbols of the carrier of a layer are drawn."""
    carrier = next(layer.getFeatures())["carrier"]
    carriers = read_toml("styles", "carriers.toml")["carriers"]
    return next(each for each in carriers if each["key"] == carrier)


def _numbers(layer: QgsVectorLayer, places: Sequence[str]) -> dict[int, int]:
    """The number of each place, by one of its features."""
    found: dict[str, int] = {}
    for feature in sorted(layer.getFeatures(), key=QgsFeature.id):
        found.setdefault(feature["place_id"], feature.id())
    numbered = enumerate(places, 1)
    return {found[place]: number for number, place in numbered if place in found}


def _end(layer: QgsVectorLayer, key: int, shifts: dict, length: float) -> QgsPointXY:
    """Where a leader goes: between supply and demand of the place."""
    right, down = shifts.get(key, (0.0, 0.0))
    spot = layer.getGeometry(key).asPoint()
    return QgsPointXY(spot.x() + right * length, spot.y() - down * length)
