"""What a place gives off and asks for, per carrier: what a map draws."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from ..layers import layer_type
from .coefficients import WORST_QUALITY
from .drawn import largest, largest_materials, size_classes
from .map_places import place_kind
from .numbering import firsts, numbered, ranks

KEYS = ["place_id", "carrier", "unit", "direction"]
USED = [
    "flow_id", "actor_id", "carrier", "material", "unit", "direction", "quantity",
    "quantity_low", "quantity_high", "data_quality", "geometry",
]  # fmt: skip


def flow_places(
    flows: gpd.GeoDataFrame,
    places: np.ndarray,
    names: dict[str, str],
    sizes: Mapping[tuple[str, str], Sequence[float]],
    drawn: int,
    language: str,
) -> gpd.GeoDataFrame:
    """Totals of places per carrier, unit and direction, in the middle of their actors.

    Parameters
    ----------
    flows
        Canonical flows, CRS in metres.
    places : ndarray of object, shape (n,)
        Where each is.
    names
        What the places are called.
    sizes
        Limits between classes of size by carrier and unit; other totals are never
        drawn.
    drawn
        How many totals of a carrier and direction are drawn: the largest.
    language
        ``nl`` or ``en``.

    Returns
    -------
    GeoDataFrame
        Fields of layer type ``flow_places``, sorted by place, carrier and direction.
        ``data_quality`` is the mean weighted by quantity, rounded.
    """
    table, number = _numbered(flows, places)
    totals = table[KEYS].iloc[firsts(number)].reset_index(drop=True)
    quantity = table["quantity"].to_numpy(float)
    totals["quantity"] = np.bincount(number, quantity)
    totals["flows"] = np.bincount(number)
    for end in ("quantity_low", "quantity_high"):
        known = table[end].astype(float).fillna(table["quantity"])
        totals[end] = np.bincount(number, known)
    quality = table["data_quality"].astype(float).fillna(WORST_QUALITY)
    sums = np.bincount(number, quality * quantity)
    totals["data_quality"] = np.rint(sums / totals["quantity"])
    totals["materials"] = largest_materials(
        table["material"], quantity, number, language
    )
    totals["name"] = totals["place_id"].map(names)
    totals["place_kind"] = totals["place_id"].map(place_kind)
    totals["size"] = size_classes(totals, "quantity", sizes)
    groups = ["carrier", "direction"]
    totals["shown"] = largest(totals, "quantity", groups, ["place_id"], drawn)
    centres = _centres(table)
    totals["geometry"] = shapely.points(centres.loc[totals["place_id"]].to_numpy())
    fields = [*layer_type("flow_places").fields, "geometry"]
    return gpd.GeoDataFrame(totals[fields], geometry="geometry", crs=flows.crs)


def _numbered(flows: gpd.GeoDataFrame, places) -> tuple[pd.DataFrame, np.ndarray]:
    """Flows of some quantity by id, and the total that each belongs to."""
    wanted = [name for name in USED if name in flows]
    material = flows["material"].fillna(flows["carrier"])
    table = pd.DataFrame(flows[wanted]).assign(place_id=places, material=material)
    table = table[table["quantity"] > 0]
    # Sums come out alike to the last figure in whatever order the flows come.
    if not table["flow_id"].is_monotonic_increasing:
        table = table.sort_values("flow_id")
    table = table.reset_index(drop=True)
    return table, numbered([ranks(table[name]) for name in KEYS])


def _centres(table: pd.DataFrame) -> pd.DataFrame:
    """Middle of the actors of each place: one, whatever the carrier."""
    actors = table.drop_duplicates(["place_id", "actor_id"])
    points = shapely.get_coordinates(actors["geometry"].to_numpy())
    places = actors["place_id"].to_numpy(object)
    return pd.DataFrame(points, places).groupby(level=0).mean()
