"""Flows that firms report themselves take the place of what we estimate of them."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from .pairs import Pairs
from .tables import REPORTED

STREAM = ("direction", "carrier", "material")


def replaced(
    pairs: Pairs, coefficients: pd.DataFrame, reported: pd.DataFrame
) -> np.ndarray:
    """Which estimates a reported flow replaces.

    It replaces the same actor's estimates of the same direction, carrier and material.
    One that names a quality leaves estimates of another quality alone; an estimate
    without quality is of any.

    Parameters
    ----------
    pairs
        The estimates: n actors and their row of ``coefficients``.
    coefficients, reported
        Rows of coefficients; canonical flows.

    Returns
    -------
    ndarray of bool, shape (n,)
    """
    return _replaced(pairs.actors.ids, pairs.actor, coefficients, pairs.row, reported)


def replaced_flows(flows: pd.DataFrame, reported: pd.DataFrame) -> np.ndarray:
    """The same for canonical flows instead of pairs, shape (n,)."""
    rows = np.arange(len(flows))
    streams = flows.assign(quality=_qualities(flows))
    return _replaced(flows["actor_id"].to_numpy(object), rows, streams, rows, reported)


def _replaced(actor_ids, actor, streams: pd.DataFrame, row, reported) -> np.ndarray:
    told: dict[tuple, set[str]] = {}
    keys = zip(reported["actor_id"], *map(reported.get, STREAM), strict=True)
    for stream, quality in zip(keys, _qualities(reported), strict=True):
        told.setdefault(stream, set()).add(quality)
    gone = np.zeros(len(actor), bool)
    tellers = pd.Index(actor_ids).isin([stream[0] for stream in told])
    named = [streams[name].to_numpy() for name in STREAM]
    quality = streams["quality"].to_numpy()
    for place in np.flatnonzero(tellers[actor]):
        of = row[place]
        stream = (actor_ids[actor[place]], *(column[of] for column in named))
        known = told.get(stream, ())
        unnamed = "" in known or (known and not quality[of])
        gone[place] = unnamed or quality[of] in known
    return gone


def passed_through(reported: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Reported flows as they are, with what the contract supposes of them.

    Where nothing is said, a reported flow is confidential and not contracted.
    """
    flows = reported.copy()
    own = (flows["basis"] == REPORTED).to_numpy()
    for name, default in (("confidential", True), ("contracted_share", 0.0)):
        kind = object if default is True else float
        told = flows[name] if name in flows else pd.Series(None, flows.index, kind)
        flows[name] = told.astype(kind).mask(told.isna() & own, default)
    return flows


def _qualities(reported: pd.DataFrame) -> list[str]:
    """Quality that each flow names; empty where it names none."""
    if "quality" not in reported:
        return [""] * len(reported)
    named = reported["quality"].astype(object)
    return named.where(named.notna(), "").tolist()
