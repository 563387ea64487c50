"""Heat, water and CO2: physics decides who can serve whom.

Flows are first reduced to their distinct kinds (temperature and profile, or class), so
that thousands of flows cost no more than the kinds among them.
"""

from __future__ import annotations

from types import ModuleType

import numpy as np
import pandas as pd

from . import co2, heat, water

CARRIERS: dict[str, ModuleType] = {"heat": heat, "water": water, "co2": co2}
"""What says which flows of a carrier fit."""


def kinds(carrier: str, flows: pd.DataFrame) -> tuple[pd.DataFrame, np.ndarray]:
    """Distinct kinds of the flows of a carrier, and the kind of each flow.

    Parameters
    ----------
    carrier
        One of :data:`CARRIERS`.
    flows
        Canonical flows of that carrier and of one direction.

    Returns
    -------
    table : DataFrame
        Distinct values of the carrier's ``KEYS``, sorted.
    number : ndarray of int, shape (n,)
        Row of the table; -1 where temperature or class is unknown, so that nothing can
        be proposed.
    """
    keys = list(CARRIERS[carrier].KEYS)
    wanted = flows.reindex(columns=keys)
    told = wanted[keys[0]].notna() & (wanted[keys[0]] != "")
    # An empty profile is a profile: a year that is flat.
    known = wanted[told].fillna(dict.fromkeys(keys[1:], ""))
    groups = known.groupby(keys, sort=True)
    number = np.full(len(flows), -1)
    number[told.to_numpy()] = groups.ngroup().to_numpy()
    table = known.drop_duplicates().sort_values(keys, ignore_index=True)
    return table, number


def serves(carrier: str, givers: pd.DataFrame, receivers: pd.DataFrame) -> pd.DataFrame:
    """Which kinds of supply can serve which kinds of demand, and how.

    Parameters
    ----------
    carrier
        One of :data:`CARRIERS`.
    givers, receivers
        As :func:`kinds` gives them.

    Returns
    -------
    DataFrame
        ``giver`` and ``receiver`` (row numbers, sorted), the columns of
        :data:`.quality.TRANSFER` and, of heat, ``overlap``. With thousands of measured
        temperatures on both sides these are many: then ask :func:`.heat.transfer` about
        the pairs in reach.
    """
    return CARRIERS[carrier].serves(givers, receivers)
