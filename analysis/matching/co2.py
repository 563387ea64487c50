"""Which CO2 can serve which demand, by its purity.

Notes
-----
Four classes stand on a ladder of purity. A class serves its own rung and those below;
upward leads capture (from flue gas) or purification. Neglected is what a class says
nothing of: pressure, origin (fossil or not), and the impurities that a crop or a drink
can't bear.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd

from ..resources import read_csv
from . import quality

CARRIER = "co2"
KEYS = quality.KEYS
"""What decides whether CO2 fits, of a giver and of a receiver."""


@cache
def ladder() -> pd.Series:
    """Rung of each class, the purest highest."""
    rows = read_csv("flows", "co2_classes.csv")
    return pd.Series({row["class"]: int(row["order"]) for row in rows})


def direct() -> pd.DataFrame:
    """Whether the class of the row serves that of the column as it is."""
    return _rungs_above() >= 0


def headroom() -> pd.DataFrame:
    """How many rungs the row stands above the column, as part of the ladder, 0–1."""
    above = _rungs_above()
    return above.clip(lower=0) / above.to_numpy().max()


@cache
def routes() -> pd.DataFrame:
    """The way from each class to each class that it can serve; do not change it."""
    return quality.routes(direct(), headroom(), quality.treatments(CARRIER))


def transfer(giver: np.ndarray, receiver: np.ndarray) -> pd.DataFrame:
    """How CO2 gets from givers to receivers by class, pair by pair.

    See :func:`.quality.transfer`. A unit is a tonne.
    """
    return quality.transfer(routes(), giver, receiver)


def serves(givers: pd.DataFrame, receivers: pd.DataFrame) -> pd.DataFrame:
    """Which classes of supply can serve which classes of demand.

    See :func:`.quality.serves`. A unit is a tonne.
    """
    return quality.serves(routes(), givers, receivers)


def _rungs_above() -> pd.DataFrame:
    rungs = ladder()
    above = np.subtract.outer(rungs.to_numpy(), rungs.to_numpy())
    return pd.DataFrame(above, rungs.index, rungs.index)
