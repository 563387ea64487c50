"""Classes of quality: what serves as it is, and what through a treatment.

Water and CO2 have a handful of classes each, so all that can be said of a pair of flows
is said once per pair of classes.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from itertools import product

import numpy as np
import pandas as pd

from ..resources import read_csv

TRANSFER = (
    "treatment", "yield", "electricity_kwh", "heat_mwh", "reject", "reject_per_unit",
    "margin",
)  # fmt: skip
"""How a stream gets from giver to receiver.

``treatment`` is empty where it serves as it is; ``yield`` is what arrives per unit
taken; ``electricity_kwh``, ``heat_mwh`` and ``reject_per_unit`` (what is left, its kind
in ``reject``) are per unit that arrives; ``margin`` is 0–1: from 0.5 what serves as it
is, up to 0.5 what needs a treatment (aanname).
"""
AS_IT_IS = ""
HALF = 0.5
"""Quality margin where a treatment ends and what serves as it is begins (aanname)."""
KEYS = ("quality",)
"""What decides whether a class fits."""

_NUMBERS = ("yield", "electricity_kwh_per_unit", "heat_mwh_per_unit", "reject_per_unit")


@cache
def treatments(carrier: str) -> pd.DataFrame:
    """The shipped treatments of a carrier, sorted by id; do not change them."""
    rows = [
        row
        for row in read_csv("matching", "treatments.csv")
        if row["carrier"] == carrier
    ]
    table = pd.DataFrame(rows).sort_values("treatment", ignore_index=True)
    table[list(_NUMBERS)] = table[list(_NUMBERS)].apply(pd.to_numeric)
    return table


def pairs_of(givers: int, receivers: int) -> tuple[np.ndarray, np.ndarray]:
    """Row numbers of every giver with every receiver, both of length g · r."""
    return (
        np.repeat(np.arange(givers), receivers),
        np.tile(np.arange(receivers), givers),
    )


def routes(
    direct: pd.DataFrame,
    headroom: pd.DataFrame,
    treated: pd.DataFrame,
    own: Collection[str] = (),
) -> pd.DataFrame:
    """The way from each class to each class that it can serve.

    A treatment takes in what serves its ``from_class``, and gives its ``to_class``. Of
    several the one that takes the least energy is chosen, then the one with the highest
    yield, then the first by id.

    Parameters
    ----------
    direct
        Whether the class of the row serves that of the column as it is.
    headroom
        How much better than needed it is then, 0–1, with the same rows and columns.
    treated
        As :func:`treatments` gives them.
    own
        Classes that only a treatment made for them reaches.

    Returns
    -------
    DataFrame
        Columns of :data:`TRANSFER`, by class of the giver and of the receiver.
    """
    found = {
        (giver, receiver): (AS_IT_IS, 1.0, 0.0, 0.0, "", 0.0, HALF + HALF * room)
        for giver, rooms in headroom.iterrows()
        for receiver, room in rooms.items()
        if direct.loc[giver, receiver]
    }
    for row in _best_first(treated):
        way = (
            row["treatment"],
            row["yield"],
            row["electricity_kwh_per_unit"],
            row["heat_mwh_per_unit"],
            row["reject"],
            row["reject_per_unit"],
            HALF * row["yield"],
        )
        made = direct.loc[row["to_class"]]
        reached = [
            name
            for name in direct.columns[made]
            if name not in own or name == row["to_class"]
        ]
        for pair in product(direct.index[direct[row["from_class"]]], reached):
            found.setdefault(pair, way)
    index = pd.MultiIndex.from_tuples(found, names=["giver", "receiver"])
    return pd.DataFrame([*found.values()], index, list(TRANSFER)).sort_index()


def transfer(
    ways: pd.DataFrame, giver: np.ndarray, receiver: np.ndarray
) -> pd.DataFrame:
    """How a stream gets from givers to receivers, pair by pair.

    Parameters
    ----------
    ways
        As :func:`routes` gives them.
    giver, receiver : ndarray of object, shape (m,)
        Class that is given and class that is asked for; None where unknown.

    Returns
    -------
    DataFrame
        ``compatible`` and the columns of :data:`TRANSFER`, m rows; empty where a pair
        does not fit.
    """
    asked = pd.MultiIndex.from_arrays(
        [np.asarray(giver, object), np.asarray(receiver, object)]
    )
    table = ways.reindex(asked).reset_index(drop=True)
    table.insert(0, "compatible", table["yield"].notna())
    return table


def serves(
    ways: pd.DataFrame, givers: pd.DataFrame, receivers: pd.DataFrame
) -> pd.DataFrame:
    """Which classes of supply can serve which classes of demand.

    Parameters
    ----------
    ways
        As :func:`routes` gives them.
    givers, receivers
        Distinct values of :data:`KEYS`.

    Returns
    -------
    DataFrame
        ``giver`` and ``receiver`` (row numbers, sorted) and the columns of
        :data:`TRANSFER`.
    """
    giver, receiver = pairs_of(len(givers), len(receivers))
    table = transfer(
        ways,
        givers["quality"].to_numpy(object)[giver],
        receivers["quality"].to_numpy(object)[receiver],
    )
    table.insert(0, "giver", giver)
    table.insert(1, "receiver", receiver)
    return table[table.pop("compatible")].reset_index(drop=True)


def _best_first(treated: pd.DataFrame) -> list[dict]:
    """Treatments in the order in which they are tried."""
    energy = treated["electricity_kwh_per_unit"] + 1000 * treated["heat_mwh_per_unit"]
    best = treated.assign(energy=energy).sort_values(
        ["energy", "yield", "treatment"], ascending=[True, False, True]
    )
    return best.to_dict("records")
