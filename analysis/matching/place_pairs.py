"""Matches added up between places: what a map draws of them.

A province has tens of thousands of matches. Between two places all of one carrier are
one arrow; those within a place are one that turns round above it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from ..flows.drawn import largest, largest_materials, size_classes
from ..flows.numbering import firsts, numbered, ranks
from ..layers import layer_type

KEYS = ["carrier", "unit", "from_id", "to_id"]
SUMMED = ["allocated", "delivered", "avoided_co2_t", "avoided_co2_t_low",
          "avoided_co2_t_high"]  # fmt: skip
BULGE = 0.12
"""How far an arrow bends to its right, as a part of its length: so those that go to
and fro lie side by side."""
TURN = 0.015
"""Radius of an arrow within a place, as a part of the diagonal round all places."""


def place_pairs(
    matches: gpd.GeoDataFrame,
    place_of: Mapping[str, str],
    names: Mapping[str, str],
    points: Mapping[str, shapely.Point],
    sizes: Mapping[tuple[str, str], Sequence[float]],
    drawn: int,
    language: str,
) -> gpd.GeoDataFrame:
    """Totals of matches by the places of their ends, per carrier and unit.

    Parameters
    ----------
    matches
        Fields of layer type ``matches``, CRS in metres.
    place_of
        Place by flow id, for all ends.
    names, points
        What places are called, and their middle.
    sizes
        Limits between classes of size by carrier and unit; other totals are never
        drawn.
    drawn
        How many totals of a carrier are drawn: those of which most arrives.
    language
        ``nl`` or ``en``.

    Returns
    -------
    GeoDataFrame
        Fields of layer type ``match_pairs``, sorted by carrier and places. Lines have
        three points, of which the middle one lies on the bow. ``distance_m`` is the
        mean of the matches by what is allocated.
    """
    table, number = _numbered(matches, place_of)
    totals = table[KEYS].iloc[firsts(number)].reset_index(drop=True)
    sums = table.groupby(number)
    totals[SUMMED] = sums[SUMMED].sum(min_count=1).to_numpy()
    totals["matches"] = np.bincount(number)
    way = np.bincount(number, table["distance_m"] * table["allocated"])
    totals["distance_m"] = way / totals["allocated"]
    delivered = table["delivered"].to_numpy(float)
    totals["materials"] = largest_materials(
        table["material"], delivered, number, language
    )
    for end in ("from", "to"):
        totals[f"{end}_name"] = totals[f"{end}_id"].map(names)
    totals["size"] = size_classes(totals, "delivered", sizes)
    ends = ["from_id", "to_id"]
    totals["shown"] = largest(totals, "delivered", ["carrier"], ends, drawn)
    totals["pair_id"] = ["|".join(key) for key in totals[KEYS].itertuples(index=False)]
    lines = _lines(totals, points)
    fields = [*layer_type("match_pairs").fields]
    return gpd.GeoDataFrame(totals[fields], geometry=lines, crs=matches.crs)


def _numbered(
    matches: gpd.GeoDataFrame, place_of: Mapping[str, str]
) -> tuple[pd.DataFrame, np.ndarray]:
    """Matches by id with the places of their ends, and the total of each."""
    table = pd.DataFrame(matches.drop(columns="geometry")).sort_values("lead_id")
    table["from_id"] = table["flow_supply"].map(place_of)
    table["to_id"] = table["flow_demand"].map(place_of)
    return table, numbered([ranks(table[name]) for name in KEYS])


def _lines(totals: pd.DataFrame, points: Mapping[str, shapely.Point]) -> np.ndarray:
    """Arcs from place to place, each by three points on a circle."""
    start, end = (
        shapely.get_coordinates([points[each] for each in totals[f"{side}_id"]])
        for side in ("from", "to")
    )
    start, end = start.reshape(-1, 2), end.reshape(-1, 2)
    way = end - start
    middle = (start + end) / 2 + BULGE * np.column_stack([way[:, 1], -way[:, 0]])
    both = np.concatenate([start, end])
    size = np.ptp(both, axis=0) if len(both) else np.zeros(2)
    radius = TURN * max(float(np.hypot(*size)), 1.0)
    within = (totals["from_id"] == totals["to_id"]).to_numpy()
    start[within] += radius * np.array([-0.5, 0.5])
    end[within] += radius * np.array([0.5, 0.5])
    middle[within] += radius * np.array([0.0, 2.0])
    return shapely.linestrings(np.stack([start, middle, end], axis=1))
