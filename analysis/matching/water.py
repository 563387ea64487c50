"""Which water can serve which demand, by the limits of its class.

Notes
-----
Water of class A serves a demand for class B when every limit of B holds for the limits
of A; else through a treatment. Neglected are the temperature of the water, what no
class has a limit for (metals, medicines, colour), and what health law asks beyond the
limits.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd

from ..flows.tables import classes
from ..resources import read_csv
from . import quality

CARRIER = "water"
KEYS = quality.KEYS
"""What decides whether water fits, of a giver and of a receiver."""

ONLY_ON_PURPOSE = ("drinking",)
"""Classes that treated water is not proposed for, unless its treatment is made for
them: limits alone don't make waste water drinking water."""


@cache
def limits() -> pd.DataFrame:
    """The most a class may hold, by class and parameter; without a limit infinite."""
    rows = pd.DataFrame(read_csv("flows", "water_limits.csv"))
    table = rows.pivot_table(
        index="class", columns="parameter", values="limit", aggfunc="first"
    )
    return table.astype(float).reindex(classes()[CARRIER]).fillna(np.inf)


def direct() -> pd.DataFrame:
    """Whether the class of the row serves that of the column as it is."""
    given, asked = _given_and_asked()
    return _by_class((given <= asked).all(axis=2))


def headroom() -> pd.DataFrame:
    """How far the worst parameter of the row stays below the limit of the column, 0–1.

    Zero where it just reaches a limit; where nothing is allowed and nothing is in, the
    parameter does not count.
    """
    given, asked = _given_and_asked()
    with np.errstate(divide="ignore", invalid="ignore"):
        used = np.where(given == 0, 0.0, given / asked)
    used[np.isinf(asked)] = 0.0
    return _by_class(1 - np.minimum(used, 1).max(axis=2))


@cache
def routes() -> pd.DataFrame:
    """The way from each class to each class that it can serve; do not change it."""
    return quality.routes(
        direct(), headroom(), quality.treatments(CARRIER), own=ONLY_ON_PURPOSE
    )


def transfer(giver: np.ndarray, receiver: np.ndarray) -> pd.DataFrame:
    """How water gets from givers to receivers by class, pair by pair.

    See :func:`.quality.transfer`. A unit is a m3.
    """
    return quality.transfer(routes(), giver, receiver)


def serves(givers: pd.DataFrame, receivers: pd.DataFrame) -> pd.DataFrame:
    """Which classes of supply can serve which classes of demand.

    See :func:`.quality.serves`. A unit is a m3.
    """
    return quality.serves(routes(), givers, receivers)


def _given_and_asked() -> tuple[np.ndarray, np.ndarray]:
    """Limits of the giver and of the receiver, shaped for all pairs of classes."""
    table = limits().to_numpy()
    return table[:, None, :], np.broadcast_to(table, (len(table), *table.shape))


def _by_class(values: np.ndarray) -> pd.DataFrame:
    names = pd.Index(classes()[CARRIER])
    return pd.DataFrame(values, names, names)
