"""Pairs as an allocation takes them: what is free, and through what it can flow."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from .leads import Search


@dataclass(frozen=True)
class Candidates:
    """What an allocation of one carrier chooses from.

    Attributes
    ----------
    available, asked : Series of float
        Free supply and free demand by ``flow_id``, of the flows that stand in a pair.
    pairs : DataFrame
        ``flow_supply``, ``flow_demand``, ``yield``, ``distance_m`` and ``most`` (the
        most that may leave the giver, NaN where only both quantities limit it). The
        index is that of the pairs of the search, for :func:`.leads.lead_table`.
    """

    available: pd.Series
    asked: pd.Series
    pairs: pd.DataFrame


def candidates(found: Search, carrier: str) -> Candidates:
    """The pairs of a carrier of which is known what is free on both sides.

    Parameters
    ----------
    found
        A search; one with ``per_division`` and ``most`` 0 leaves no pair out.
    carrier
        One of the carriers.
    """
    supply, demand = found.sides.supply, found.sides.demand
    table = found.pairs.table
    givers = supply.iloc[table["supply"]].set_index(table.index)
    receivers = demand.iloc[table["demand"]].set_index(table.index)
    gain = found.pairs.links["yield"].iloc[table["link"]].set_axis(table.index)
    known = givers["free"].notna() & receivers["free"].notna()
    used = known & (givers["carrier"] == carrier)
    year = np.minimum(table["given"], receivers["amount"])
    by_month = table["shared"] < year
    pairs = pd.DataFrame(
        {
            "flow_supply": givers["flow_id"],
            "flow_demand": receivers["flow_id"],
            "yield": gain.astype(float),
            "distance_m": table["distance_m"],
            "most": (table["shared"] / gain.astype(float)).where(by_month),
        }
    )[used]
    return Candidates(
        _free(supply, pairs["flow_supply"]), _free(demand, pairs["flow_demand"]), pairs
    )


def _free(side: pd.DataFrame, ids: pd.Series) -> pd.Series:
    free = side.set_index("flow_id")["free"]
    return free[free.index.isin(ids)].sort_index()
