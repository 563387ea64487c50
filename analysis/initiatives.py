"""Initiatives: their numbers on a map."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd

from .clip import clip_to_box
from .vocabulary import INITIATIVE_KINDS


def number_initiatives(
    initiatives: gpd.GeoDataFrame, box: tuple[float, float, float, float]
) -> gpd.GeoDataFrame:
    """Number the initiatives inside a box, for the map and every list of them.

    Numbers run from 1 by kind (in the order of the vocabulary, unknown kinds last),
    then by name whatever its capitals, then by id: the content decides, not the order
    of the rows.

    Parameters
    ----------
    initiatives
        Canonical initiatives, sorted by id.
    box
        (xmin, ymin, xmax, ymax) in their CRS; what lies outside is left out.

    Returns
    -------
    GeoDataFrame
        The initiatives inside the box, in the order in which they came, with
        ``number``.
    """
    inside = clip_to_box(initiatives, box)
    places = {kind: place for place, kind in enumerate(INITIATIVE_KINDS)}
    names = inside["name"].fillna("").astype(str)
    keys = pd.DataFrame(
        {
            "kind": inside["kind"].map(places).fillna(len(places)),
            "folded": names.str.casefold(),
            "name": names,
            "id": inside["initiative_id"],
        }
    )
    order = keys.sort_values(list(keys)).index
    numbers = pd.Series(range(1, len(order) + 1), index=order, dtype=int)
    return inside.assign(number=numbers)
