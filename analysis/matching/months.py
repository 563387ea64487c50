"""What two flows can share when each has its own months.

A profile says how a year is spread over its months (``profiles.csv``); a flow without
one is the same the whole year.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

import numpy as np
import pandas as pd

from ..flows.tables import profiles

FLAT = "flat"
"""Profile of a flow that tells none, or one that we do not know."""


def profile_codes(names: Iterable[str | None]) -> np.ndarray:
    """Profiles as row numbers of :func:`shares`, shape (n,)."""
    known = list(profiles())
    codes = pd.Index(known).get_indexer(pd.Index([*names], dtype=object))
    return np.where(codes < 0, known.index(FLAT), codes)


@cache
def shares() -> np.ndarray:
    """Share of a year in each month, one row per profile, shape (p, 12)."""
    table = np.array([*profiles().values()])
    # Printed shares add up to 1 but for the last digits.
    return table / table.sum(axis=1, keepdims=True)


def shared(
    supply: np.ndarray, demand: np.ndarray, given: np.ndarray, asked: np.ndarray
) -> np.ndarray:
    """Most that can pass in a year: the sum over months of the lesser of the two.

    Parameters
    ----------
    supply, demand : ndarray of float, shape (m,)
        Quantities per year in one unit: what would arrive, and what is asked for.
    given, asked : ndarray of int, shape (m,)
        Profiles of the two, see :func:`profile_codes`.

    Returns
    -------
    ndarray of float, shape (m,)
        Within a month the flows are taken to fit: nothing is known of days and hours,
        and nothing is stored from month to month.

    Examples
    --------
    >>> flat, summer = profile_codes(["flat", "summer"])
    >>> shared(np.array([12.0]), np.array([6.0]), flat, flat).tolist()
    [6.0]
    >>> shared(np.array([12.0]), np.array([12.0]), flat, summer).round(2).tolist()
    [8.16]
    """
    table = shares()
    months = np.zeros(np.broadcast_shapes(np.shape(supply), np.shape(demand)))
    for month in range(table.shape[1]):
        months += np.minimum(supply * table[given, month], demand * table[asked, month])
    year = np.minimum(supply, demand)
    # Equal profiles share the whole year, exactly.
    return np.where(np.equal(given, asked), year, np.minimum(months, year))


def overlap(given: np.ndarray, asked: np.ndarray) -> np.ndarray:
    """Part of equal yearly quantities that falls in the same months, 0–1."""
    return shared(np.ones(np.shape(given)), np.ones(np.shape(asked)), given, asked)
