"""Arrows between places on a printed map, the widest numbered."""

from __future__ import annotations

from collections.abc import Sequence

from qgis.core import QgsLayoutItemMap, QgsPointXY, QgsVectorLayer

from ..styling import style_layer
from .mark_places import Anchor
from .page_flows import add_numbers
from .project import MATCH_PAIRS
from .sheet import Sheet


def style_arrows(
    layer: QgsVectorLayer,
    definition: dict,
    pairs: Sequence[str],
    printed: QgsLayoutItemMap,
    sheet: Sheet,
) -> None:
    """Style the arrows of a carrier for one printed map.

    Parameters
    ----------
    layer
        What is drawn of the carrier, changed in place.
    definition
        Its style.
    pairs
        Ids of the pairs of places that get a number, in this order.
    printed, sheet
        The map and its page.
    """
    style_layer(layer, MATCH_PAIRS, sheet.language, sheet.factor, definition)
    features = {feature["pair_id"]: feature for feature in layer.getFeatures()}
    found = [(number, features[pair]) for number, pair in enumerate(pairs, 1)]
    numbers = {feature.id(): number for number, feature in found}
    bows = [[*feature.geometry().vertices()] for _, feature in found]
    middles = {
        feature.id(): QgsPointXY(middle)
        for (_, feature), (_, middle, _) in zip(found, bows, strict=True)
    }
    ends = [Anchor(QgsPointXY(end)) for start, _, stop in bows for end in (start, stop)]
    mark = definition["pair_number"]
    add_numbers(layer, mark, numbers, middles, ends, printed, sheet)
