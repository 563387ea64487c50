"""Matches added up between places, and leads: what a map draws of them.

A province has tens of thousands of matches. Between two places all of one carrier are
one arrow; those within a place are one that turns round above it. Leads compete and
are never added up: of them the best between two places stands for all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from ..flows.drawn import largest, largest_materials, size_classes
from ..flows.numbering import firsts, numbered, ranks
from ..flows.tables import material_name
from ..layers import layer_type

KEYS = ["carrier", "unit", "from_id", "to_id"]
SUMMED = ["allocated", "delivered", "avoided_co2_t", "avoided_co2_t_low",
          "avoided_co2_t_high"]  # fmt: skip
BULGE = 0.12
"""How far an arrow bends to its right, as a part of its length: so those that go to
and fro lie side by side."""
ARC = 33
"""Points of the line of a lead."""
TURN = 0.015
"""Radius of an arrow within a place, as a part of the diagonal round all places."""


def place_pairs(
    matches: gpd.GeoDataFrame,
    leads: gpd.GeoDataFrame,
    place_of: Mapping[str, str],
    names: Mapping[str, str],
    points: Mapping[str, shapely.Point],
    sizes: Mapping[tuple[str, str], Sequence[float]],
    drawn: tuple[int, int],
    language: str,
) -> gpd.GeoDataFrame:
    """Totals of matches by the places of their ends, per carrier and unit.

    Parameters
    ----------
    matches, leads
        Fields of layer types ``matches`` and ``leads``, CRS in metres.
    place_of
        Place by flow id, for all ends.
    names, points
        What places are called, and their middle.
    sizes
        Limits between classes of size by carrier and unit; other totals are never
        drawn.
    drawn
        How many totals of matches of a carrier are drawn, those of which most arrives;
        and how many of the other pairs, those with the best lead.
    language
        ``nl`` or ``en``.

    Returns
    -------
    GeoDataFrame
        Fields of layer type ``match_pairs``, sorted by carrier and places. Lines of
        matches have three points, of which the middle one lies on the bow.
        ``distance_m`` is the mean of the matches by what is allocated. Pairs of places
        that have leads only have 0 ``matches`` and no quantities but what is
        ``available`` to the best lead.
    """
    totals = _totals(matches, place_of, sizes, drawn[0], language)
    others = _others(leads, place_of, totals, drawn[1], language)
    parts = [each for each in (totals, others) if len(each)] or [totals]
    table = pd.concat(parts).sort_values(KEYS, ignore_index=True)
    for end in ("from", "to"):
        table[f"{end}_name"] = table[f"{end}_id"].map(names)
    table["pair_id"] = ["|".join(key) for key in table[KEYS].itertuples(index=False)]
    lines = _lines(table, points)
    table = table.reindex(columns=[*layer_type("match_pairs").fields])
    return gpd.GeoDataFrame(table, geometry=lines, crs=matches.crs)


def _totals(
    matches: gpd.GeoDataFrame, place_of, sizes, drawn: int, language: str
) -> pd.DataFrame:
    """Matches by their places."""
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
    totals["size"] = size_classes(totals, "delivered", sizes)
    ends = ["from_id", "to_id"]
    totals["shown"] = largest(totals, "delivered", ["carrier"], ends, drawn)
    return totals


def _others(
    leads: gpd.GeoDataFrame,
    place_of: Mapping[str, str],
    totals: pd.DataFrame,
    drawn: int,
    language: str,
) -> pd.DataFrame:
    """The best lead of pairs of places without a match, as many as are drawn."""
    table = _placed(leads, place_of)
    table = table.sort_values(["score", "lead_id"], ascending=[False, True])
    table = table.drop_duplicates(KEYS)
    matched = pd.MultiIndex.from_frame(totals[KEYS])
    table = table[~pd.MultiIndex.from_frame(table[KEYS]).isin(matched)]
    best = table.groupby("carrier").head(drawn)
    kept = best[[*KEYS, "available", "score", "distance_m"]].copy()
    named = [material_name(code, language) for code in best["material"]]
    return kept.assign(materials=named, matches=0, size=0, shown=True)


def _numbered(
    matches: gpd.GeoDataFrame, place_of: Mapping[str, str]
) -> tuple[pd.DataFrame, np.ndarray]:
    """Matches by id with the places of their ends, and the total of each."""
    table = _placed(matches, place_of).sort_values("lead_id")
    return table, numbered([ranks(table[name]) for name in KEYS])


def _placed(table: gpd.GeoDataFrame, place_of: Mapping[str, str]) -> pd.DataFrame:
    """Matches or leads with the places of their ends."""
    return pd.DataFrame(table.drop(columns="geometry")).assign(
        from_id=table["flow_supply"].map(place_of),
        to_id=table["flow_demand"].map(place_of),
    )


def _lines(totals: pd.DataFrame, points: Mapping[str, shapely.Point]) -> np.ndarray:
    """Arcs from place to place: of matches by three points on a circle."""
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
    lines = shapely.linestrings(np.stack([start, middle, end], axis=1))
    leads = (totals["matches"] == 0).to_numpy()
    lines[leads] = _arcs(start[leads], middle[leads], end[leads])
    return lines


def _arcs(start: np.ndarray, middle: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Arcs of circles through three points, as lines: QGIS bends only arrows itself.

    In the complex plane z(t) = (a(b − c)(1 − t) − ct(b − a)) / ((b − c)(1 − t) −
    t(b − a)) is a at 0, b at ½ and c at 1, and a Möbius map of the real line: a circle.
    """
    a, b, c = (1j * each[:, 1] + each[:, 0] for each in (start, middle, end))
    t = np.linspace(0, 1, ARC)[:, None]
    above = a * (b - c) * (1 - t) - c * t * (b - a)
    below = (b - c) * (1 - t) - t * (b - a)
    # All three may be one point.
    z = np.divide(
        above, below, where=below != 0, out=np.broadcast_to(a, below.shape).copy()
    )
    return shapely.linestrings(np.stack([z.real.T, z.imag.T], axis=-1))
