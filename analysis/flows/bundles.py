"""Small flows of one place put together: nothing is lost, and far fewer are left.

A province has millions of estimated flows, most of them of less than a lorry a year.
"""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from ..codes import division
from ..layers import layer_type
from .coefficients import WORST_QUALITY
from .min_flows import MinFlow, small_flows
from .numbering import firsts, numbered, ranks

ALIKE = [
    "direction", "carrier", "material", "quality", "unit", "temperature_c", "return_c",
    "profile", "hazardous", "properties", "confidential", "basis",
]  # fmt: skip
"""What flows must share to become one."""
QUANTITIES = ["quantity", "quantity_low", "quantity_high"]
SUMMED = {
    *QUANTITIES, "contracted_share", "data_quality", "sbi", "year", "source",
}  # fmt: skip
"""What a bundle has from all of its flows."""
SOURCES = 3
"""Of more sources only the first are named."""
ALL = "all"
"""Stands in the id of a bundle of several divisions."""


def bundle_flows(
    flows: gpd.GeoDataFrame,
    places: np.ndarray,
    names: dict[str, str],
    limits: list[MinFlow],
) -> gpd.GeoDataFrame:
    """Flows below a limit as one per place, division and stream.

    What is still below the limit then is put together over divisions. Large flows, and
    small ones that are alone in their place, stay as they are.

    Parameters
    ----------
    flows
        Canonical flows, CRS in metres.
    places : ndarray of object, shape (n,)
        Where each is.
    names
        What the places are called.
    limits
        As :func:`~.min_flows.choose_min_flows` gives them.

    Returns
    -------
    GeoDataFrame
        Canonical flows with ``place_id``, ``place_name`` and ``bundled`` (how many
        flows each stands for), sorted by id. Quantities of a bundle, and what of them
        is free, are sums, its ends too: as if all its estimates were wrong together.
        Its place is the centre weighted by quantity, its ``actor_id`` the place with
        the direction, its ``sbi`` what the activity codes begin with alike; sums over
        the bundles are those over the flows.
    """
    table, places = _ordered(flows, places)
    small = small_flows(table, limits)
    rows = np.flatnonzero(small)
    alike = _alike(table, places, rows)
    divisions = _divisions(table["sbi"].to_numpy(object)[rows])
    number = numbered([*alike, ranks(divisions)])
    still = small_flows(_summed(table, rows, number), limits)[number]
    divisions = np.where(still, ALL, divisions)
    number = numbered([*alike, ranks(divisions)])
    several = np.bincount(number)[number] > 1
    bundled = (rows[several], number[several], divisions[several])
    return _joined(table, places, *bundled, names)


def flows_together(
    flows: gpd.GeoDataFrame, places: np.ndarray, names: dict[str, str]
) -> gpd.GeoDataFrame:
    """All flows of one place, division and stream as one; see :func:`bundle_flows`."""
    table, places = _ordered(flows, places)
    rows = np.arange(len(table))
    divisions = _divisions(table["sbi"].to_numpy(object))
    number = numbered([*_alike(table, places, rows), ranks(divisions)])
    return _joined(table, places, rows, number, divisions, names)


def _ordered(flows: gpd.GeoDataFrame, places: np.ndarray):
    """Flows by id, so that sums come out alike to the last figure; and their places.

    Millions of flows are not copied where they are in order already.
    """
    ids = flows["flow_id"]
    if ids.is_monotonic_increasing:
        return flows, places
    order = np.argsort(ids.to_numpy(object), kind="stable")
    return flows.iloc[order], places[order]


def _joined(
    table: gpd.GeoDataFrame, places, rows: np.ndarray, number, divisions, names
) -> gpd.GeoDataFrame:
    """A table in which the rows of one number are one."""
    kept = np.setdiff1d(np.arange(len(table)), rows)
    whole = pd.DataFrame(table.iloc[kept]).assign(place_id=places[kept], bundled=1)
    parts = [whole]
    if len(rows):
        _, number = np.unique(number, return_inverse=True)
        number = number.reshape(-1)
        parts.append(_bundles(table, places, rows, number, divisions, names))
    found = pd.concat([each for each in parts if len(each)] or parts)
    found["place_name"] = found["place_id"].map(names)
    fields = [*layer_type("flows").fields, *layer_type("bundled_flows").fields]
    found = found.reindex(columns=[*fields, "geometry"])
    found = found.sort_values("flow_id", ignore_index=True)
    return gpd.GeoDataFrame(found, geometry="geometry", crs=table.crs)


def _divisions(sbi: np.ndarray) -> np.ndarray:
    """Divisions of activity codes; empty where there is none."""
    codes, values = pd.factorize(sbi)
    return np.append(division(values), "").astype(object)[codes]


def _alike(table: pd.DataFrame, places, rows: np.ndarray) -> list[np.ndarray]:
    """What rows must share, as numbers."""
    shared = [ranks(places[rows])]
    shared += [ranks(table[name].to_numpy()[rows]) for name in ALIKE]
    share = table["contracted_share"].to_numpy(float)[rows]
    # The mean of shares that are none could look like one.
    usable = (share >= 0) & (share <= 1)
    return [*shared, ranks(np.where(usable, 0, share))]


def _summed(table: pd.DataFrame, rows: np.ndarray, number: np.ndarray) -> pd.DataFrame:
    """Quantity of each bundle, with what says how small is small."""
    streams = table[["carrier", "material", "unit"]].iloc[rows[firsts(number)]]
    quantity = table["quantity"].to_numpy(float)[rows]
    return streams.assign(quantity=np.bincount(number, quantity))


def _bundles(
    table: gpd.GeoDataFrame, places, rows: np.ndarray, number, divisions, names: dict
) -> pd.DataFrame:
    """One flow for the rows of one number."""
    first = firsts(number)
    made = pd.DataFrame(table.iloc[rows[first]]).drop(columns="geometry")
    made = made.reset_index(drop=True).assign(place_id=places[rows[first]])
    column = {name: table[name].to_numpy()[rows] for name in table if name in SUMMED}
    quantity = column["quantity"].astype(float)
    for name in QUANTITIES:
        amounts = column[name].astype(float)
        # A flow that tells no range is sure.
        made[name] = np.bincount(number, np.where(amounts >= 0, amounts, quantity))
    made["bundled"] = np.bincount(number)
    weights = np.maximum(quantity, np.finfo(float).tiny)

    def mean(values: np.ndarray) -> np.ndarray:
        """Weighted by quantity."""
        return np.bincount(number, weights * values) / np.bincount(number, weights)

    made["contracted_share"] = mean(column["contracted_share"].astype(float))
    quality = column["data_quality"].astype(float)
    made["data_quality"] = np.rint(
        mean(np.where(quality > 0, quality, float(WORST_QUALITY)))
    )
    points = shapely.get_coordinates(table.geometry.to_numpy()[rows])
    made["geometry"] = shapely.points(mean(points[:, 0]), mean(points[:, 1]))
    made["sbi"] = _beginnings(column["sbi"], number)
    made["eural"], made["year"] = None, _latest(column["year"].astype(float), number)
    made["source"] = _sources(column["source"], number)
    made["actor_id"] = made["place_id"] + ":" + made["direction"]
    made["actor_name"] = made["place_id"].map(names)
    made["flow_id"] = _ids(made, pd.Series(divisions[first]))
    return made


def _beginnings(sbi: np.ndarray, number: np.ndarray) -> list[str | None]:
    """What the codes of each number begin with alike; None where one has no code."""
    place = ranks(sbi)
    codes = [None, *sorted({code for code in sbi if isinstance(code, str)})]
    low = np.full(number.max() + 1, len(codes))
    high = np.zeros(number.max() + 1, int)
    np.minimum.at(low, number, place)
    np.maximum.at(high, number, place)
    ends = zip(low, high, strict=True)
    return [_common(codes[one], codes[other]) if one else None for one, other in ends]


def _common(low: str, high: str) -> str | None:
    """What all codes from the lowest to the highest begin with; None below a division.

    >>> _common("1011", "1013"), _common("10", "1013"), _common("10", "11")
    ('101', '10', None)
    """
    alike = [one == other for one, other in zip(low, high, strict=False)]
    length = [*alike, False].index(False)
    return low[:length] if length > 1 else None


def _latest(year: np.ndarray, number: np.ndarray) -> np.ndarray:
    """Last year of each number; NaN where none is known."""
    latest = np.full(number.max() + 1, -np.inf)
    np.maximum.at(latest, number, np.where(np.isfinite(year), year, -np.inf))
    return np.where(np.isfinite(latest), latest, np.nan)


def _sources(source: np.ndarray, number: np.ndarray) -> list[str]:
    """Sources of each number, the first by alphabet."""
    place = ranks(source)
    names = ["", *sorted({str(each) for each in source if isinstance(each, str)})]
    listed: list[list[str]] = [[] for _ in range(number.max() + 1)]
    for own, which in np.unique(np.column_stack([number, place]), axis=0).tolist():
        if which:
            listed[own].append(names[which])
    return [
        "; ".join(own[:SOURCES]) + (" …" if len(own) > SOURCES else "")
        for own in listed
    ]


def _ids(made: pd.DataFrame, divisions: pd.Series) -> list[str]:
    """Actor, division, stream, and a number where that is not enough."""
    parts = [made["actor_id"], divisions.replace("", "-"), made["material"]]
    parts.append(made["quality"].fillna(""))
    ids = parts[0].str.cat([part.astype(str) for part in parts[1:]], sep=":")
    again = ids.groupby(ids).cumcount()
    pairs = zip(ids, again, strict=True)
    return [f"{name}:{number + 1}" if number else name for name, number in pairs]
