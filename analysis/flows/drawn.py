"""What a map draws of totals: the largest, in classes of size, by their materials."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from ..texts import listing
from .numbering import firsts, numbered, ranks
from .tables import material_name

NAMED = 3
"""So many materials are named."""


def size_classes(
    totals: pd.DataFrame, amount: str, sizes: Mapping[tuple[str, str], Sequence[float]]
) -> np.ndarray:
    """Class of size from 1; 0 where there are no limits.

    Parameters
    ----------
    totals
        With ``carrier`` and ``unit``.
    amount
        Field of the quantity.
    sizes
        Limits between classes by carrier and unit.
    """
    found = np.zeros(len(totals), int)
    for (carrier, unit), limits in sizes.items():
        own = ((totals["carrier"] == carrier) & (totals["unit"] == unit)).to_numpy()
        quantity = totals[amount].to_numpy()[own]
        found[own] = 1 + np.searchsorted(limits, quantity, side="right")
    return found


def largest(
    totals: pd.DataFrame, amount: str, groups: list[str], ties: list[str], count: int
) -> np.ndarray:
    """Which totals with a class of size are among the largest of their group.

    Parameters
    ----------
    totals
        With ``size``, index from 0.
    amount
        Field of the quantity.
    groups, ties
        Fields of the group, and those that decide between equals.
    count
        How many of each group.
    """
    able = totals[totals["size"] > 0]
    rising = [False, *(True for _ in ties)]
    order = able.sort_values([amount, *ties], ascending=rising)
    shown = np.zeros(len(totals), bool)
    shown[order.groupby(groups).head(count).index] = True
    return shown


def largest_materials(
    material: pd.Series, quantity: np.ndarray, number: np.ndarray, language: str
) -> list[str]:
    """Names of the materials of each total, the largest first.

    Parameters
    ----------
    material, quantity
        Of every row, in a fixed order.
    number : ndarray of int
        The total that each row belongs to.
    language
        ``nl`` or ``en``.
    """
    kind = numbered([number, ranks(material)])
    first = firsts(kind)
    sums = pd.DataFrame(
        {
            "number": number[first],
            "material": material.to_numpy(object)[first],
            "quantity": np.bincount(kind, quantity),
        }
    )
    sums = sums.sort_values(["number", "quantity", "material"], ascending=[1, 0, 1])
    most = sums.groupby("number").head(NAMED).groupby("number")["material"]
    return [
        listing([material_name(code, language) for code in codes], language)
        for _, codes in most
    ]
