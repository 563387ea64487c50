"""How far a stream may travel.

The shipped reaches lie in ``resources/flows/reach.csv``; a file of the user's replaces
them.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd

from ..flows.tables import CARRIERS, MATERIAL
from ..resources import resource_path
from .rules import MOST_KM, MatchRow, table_rows

COLUMNS = ("carrier", "material", "reach_km", "source")
DEFAULT = "*"
"""Material of the row that holds for every other one of its carrier."""


def read_reach(content: str, parameter: str) -> pd.DataFrame:
    """Reaches of a file, checked and in their type, sorted.

    Parameters
    ----------
    content
        Text of the file.
    parameter
        Where it was given, for the sentence that refuses a row.

    Returns
    -------
    DataFrame
        The columns of the file format; ``reach_km`` in kilometres, of a carrier's
        other materials under ``*``.

    Raises
    ------
    RefusalError
        If a column is missing or unknown, or a row can't be used; names the row.
    """
    key = ("carrier", "material")
    rows = table_rows(content, parameter, COLUMNS, (), key)
    typed = [_typed(row) for row in rows]
    table = pd.DataFrame(typed, columns=list(COLUMNS))
    return table.sort_values(list(key), ignore_index=True)


@cache
def shipped_reach() -> pd.DataFrame:
    """The reaches that come with Kansenkaart; do not change them."""
    path = resource_path("flows", "reach.csv")
    return read_reach(path.read_text("utf-8"), "reach.csv")


def choose_reach(own: str | None = None) -> pd.DataFrame:
    """The reaches that the user asks for: the text of a file, else the shipped ones."""
    return shipped_reach() if own is None else read_reach(own, "REACH")


def reach_of(reach: pd.DataFrame, carrier: str, materials: pd.Series) -> pd.Series:
    """Reach of materials of a carrier in kilometres, NaN where the table has none."""
    rows = reach[reach["carrier"] == carrier].set_index("material")["reach_km"]
    return materials.map(rows).astype(float).fillna(rows.get(DEFAULT, np.nan))


def without_reach(reach: pd.DataFrame, supply, demand) -> tuple[str, ...]:
    """What both sides have of which the table tells no reach.

    Parameters
    ----------
    reach
        As :func:`choose_reach` gives it.
    supply, demand : DataFrame
        Flows with ``carrier`` and ``material``.

    Returns
    -------
    tuple of str
        Carriers, and the materials that are given where others have a reach.
    """
    names: list[str] = []
    for carrier in CARRIERS:
        rows = reach.loc[reach["carrier"] == carrier, "material"]
        both = all((side["carrier"] == carrier).any() for side in (supply, demand))
        if not both or DEFAULT in {*rows}:
            continue
        given = supply.loc[supply["carrier"] == carrier, "material"]
        mute = sorted({*given.dropna()} - {*rows})
        names += mute if carrier == MATERIAL and len(rows) else [carrier]
    return tuple(names)


def _typed(row: MatchRow) -> dict[str, object]:
    """The cells of a row in their type; refused where they can't be used."""
    carrier = row.word("carrier", CARRIERS)
    default = row.text("material") == DEFAULT
    row.filled("reach_km")
    return {
        "carrier": carrier,
        "material": DEFAULT if default else row.material("material", carrier),
        "reach_km": row.number_in("reach_km", 0, MOST_KM),
        "source": row.filled("source"),
    }
