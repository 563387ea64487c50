"""Who is missing in a coalition: what its parties still offer, and still ask for."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ..flows.min_flows import MinFlow, least_quantities, shipped_min_flows
from ..flows.tables import DIRECTIONS, MATERIAL, SUPPLY
from ..layers import layer_type
from .sides import usable_flows
from .ties import ALONE, Ties, inside

TAKER, GIVER = WANTED = ("taker", "giver")
"""Who takes what is left of a supply, and who brings what is left of a demand."""
STREAM = ["carrier", "material", "unit"]
UNLOCK = ["material", "unit", "receiver_sbi", "missing"]
"""What is used of the table ``unlocks``."""


def missing_parties(
    ties: Ties,
    group: np.ndarray,
    ids: list[str],
    flows: pd.DataFrame | None,
    unlocks: pd.DataFrame | None,
    min_size: float = 1.0,
    limits: list[MinFlow] | None = None,
) -> pd.DataFrame:
    """What coalitions have left, and who could take or bring it.

    Left is what is free of the flows of a party (quantity less what is promised) less
    what all its matches take of it, by stream; below the limit of the stream it counts
    for nothing. Flows of which nobody knows what is promised count for nothing either.
    Demand counts where the coalition serves some of it: who asks for natural gas buys
    it, and nobody is missing for that.

    Parameters
    ----------
    ties
        Matches and parties.
    group
        Number of the coalition of each party, ``ALONE`` where it is in none.
    ids
        Of the coalitions.
    flows
        Canonical flows; without them nothing is known to be missing.
    unlocks
        Layer type ``unlocks``: who could take what is left over.
    min_size
        So many times the limit of its stream is worth a party.
    limits
        Smallest quantities by stream; None takes the shipped ones.

    Returns
    -------
    DataFrame
        Layer type ``coalition_missing``, of each coalition that first which is the
        most times the limit of its stream.
    """
    fields = [*layer_type("coalition_missing").fields]
    if flows is None or not len(ids):
        return pd.DataFrame(columns=fields)
    left = _left(ties, _free(flows))
    numbers = pd.Series(ties.parties.index, ties.parties["actor_id"])
    party = left["actor_id"].map(numbers)
    left["group"] = [ALONE if np.isnan(row) else group[int(row)] for row in party]
    least = least_quantities(left, shipped_min_flows() if limits is None else limits)
    worth = (left["quantity"] >= min_size * least) & (left["quantity"] > 0)
    worth &= (left["direction"] == SUPPLY) | _served(ties, group, left)
    left = left.assign(times=left["quantity"] / np.where(least > 0, least, np.inf))
    keys = ["group", "direction", *STREAM]
    summed = left[worth & (left["group"] != ALONE)].groupby(keys, as_index=False)
    table = summed.agg(
        quantity=("quantity", "sum"),
        parties=("quantity", "size"),
        times=("times", "sum"),
    )
    table["coalition_id"] = [ids[number] for number in table["group"]]
    supply = table["direction"] == SUPPLY
    table["wanted"] = np.where(supply, TAKER, GIVER)
    table = _with_takers(table, supply, unlocks)
    order = ["group", "times", "wanted", *STREAM]
    rising = [name != "times" for name in order]
    return table.sort_values(order, ascending=rising, ignore_index=True)[fields]


def _free(flows: pd.DataFrame) -> pd.DataFrame:
    """What is free of the streams of each party, ``actor_id`` and ``direction``."""
    rows, _ = usable_flows(flows)
    rows["quantity"] = rows["free"]
    keys = ["actor_id", "direction", *STREAM]
    known = rows[np.isfinite(rows["quantity"])]
    return known.groupby(keys, as_index=False)["quantity"].sum()


def _left(ties: Ties, free: pd.DataFrame) -> pd.DataFrame:
    """What no match takes or brings of these streams."""
    names = ties.parties["actor_id"].to_numpy(object)
    sides = (("giver", "material", "allocated"), ("receiver", "replaces", "delivered"))
    used = [
        pd.DataFrame(
            {
                "actor_id": names[ties.matches[end]],
                "direction": direction,
                "carrier": ties.matches["carrier"],
                "material": ties.matches[stream],
                "unit": ties.matches["unit"],
                "used": ties.matches[amount],
            }
        )
        for direction, (end, stream, amount) in zip(DIRECTIONS, sides, strict=True)
    ]
    keys = ["actor_id", "direction", *STREAM]
    taken = pd.concat(used).groupby(keys, as_index=False)["used"].sum()
    both = free.merge(taken, how="left", on=keys)
    return both.assign(quantity=(both["quantity"] - both["used"].fillna(0)).clip(0))


def _served(ties: Ties, group: np.ndarray, left: pd.DataFrame) -> np.ndarray:
    """Whether the coalition of each row takes something of its stream already."""
    own = inside(ties, group)
    streams = ["carrier", "replaces", "unit"]
    known = {*own[["group", *streams]].itertuples(index=False, name=None)}
    rows = left[["group", *STREAM]].itertuples(index=False, name=None)
    return np.array([row in known for row in rows], bool)


def _with_takers(
    table: pd.DataFrame, supply: pd.Series, unlocks: pd.DataFrame | None
) -> pd.DataFrame:
    """Which activities could take what is left, and why they do not."""
    if unlocks is None:
        return table.assign(activities=None, reason=None)
    # The first row of a material is the one with which most would arrive.
    first = unlocks[UNLOCK].drop_duplicates(["material", "unit"])
    first = first.rename(columns={"receiver_sbi": "activities", "missing": "reason"})
    found = table.merge(first, how="left", on=["material", "unit"])
    fits = supply & (found["carrier"] == MATERIAL)
    for name in ("activities", "reason"):
        found[name] = found[name].astype(object).where(fits & found[name].notna(), None)
    return found
