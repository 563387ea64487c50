"""What a place gives off and asks for, per carrier: what a map draws."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from ..layers import layer_type
from ..texts import listing
from .coefficients import WORST_QUALITY
from .map_places import place_kind
from .numbering import firsts, numbered, ranks
from .tables import material_name

KEYS = ["place_id", "carrier", "unit", "direction"]
USED = [
    "flow_id", "actor_id", "carrier", "material", "unit", "direction", "quantity",
    "quantity_low", "quantity_high", "data_quality", "geometry",
]  # fmt: skip
NAMED = 3
"""So many materials are named."""


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
    totals["materials"] = _materials(table, number, language)
    totals["name"] = totals["place_id"].map(names)
    totals["place_kind"] = totals["place_id"].map(place_kind)
    totals["size"] = _sizes(totals, sizes)
    totals["shown"] = _largest(totals, drawn)
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


def _materials(table: pd.DataFrame, number: np.ndarray, language: str) -> list[str]:
    """Names of the materials of each total, the largest first."""
    kind = numbered([number, ranks(table["material"])])
    first = firsts(kind)
    sums = pd.DataFrame(
        {
            "number": number[first],
            "material": table["material"].to_numpy(object)[first],
            "quantity": np.bincount(kind, table["quantity"]),
        }
    )
    sums = sums.sort_values(["number", "quantity", "material"], ascending=[1, 0, 1])
    largest = sums.groupby("number").head(NAMED).groupby("number")["material"]
    return [
        listing([material_name(code, language) for code in codes], language)
        for _, codes in largest
    ]


def _sizes(totals: pd.DataFrame, sizes) -> np.ndarray:
    """Class of size from 1; 0 where there are no limits."""
    found = np.zeros(len(totals), int)
    for (carrier, unit), limits in sizes.items():
        own = ((totals["carrier"] == carrier) & (totals["unit"] == unit)).to_numpy()
        quantity = totals["quantity"].to_numpy()[own]
        found[own] = 1 + np.searchsorted(limits, quantity, side="right")
    return found


def _largest(totals: pd.DataFrame, drawn: int) -> np.ndarray:
    """Which totals are among the largest of their carrier and direction."""
    shown = np.zeros(len(totals), bool)
    able = totals[totals["size"] > 0]
    order = able.sort_values(["quantity", "place_id"], ascending=[False, True])
    best = order.groupby(["carrier", "direction"]).head(drawn)
    shown[best.index] = True
    return shown


def _centres(table: pd.DataFrame) -> pd.DataFrame:
    """Middle of the actors of each place: one, whatever the carrier."""
    actors = table.drop_duplicates(["place_id", "actor_id"])
    points = shapely.get_coordinates(actors["geometry"].to_numpy())
    places = actors["place_id"].to_numpy(object)
    return pd.DataFrame(points, places).groupby(level=0).mean()
