"""What is left over of heat, water and CO2, and what stands in its way.

Physics decides what fits, whatever the distance. So what nobody takes is too far from
those who still ask for it, not warm or clean enough for them, or no longer asked for.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from ..layers import layer_type
from ..texts import significant
from . import physics
from .in_reach import InReach
from .sides import Sides
from .unlocks import ABSENT, FAR, SERVED, left_of
from .why import treatment_name

UNFIT = "unfit"
"""Who still asks for it asks for something warmer or cleaner."""
NAMED = 8
"""So many divisions that could take it are named, those that ask for most."""
KEYS = ["quality", "unit", "missing", "treatment", "replaces"]


def carrier_unlocks(
    carrier: str, source: InReach, sides: Sides, balance: pd.DataFrame, language: str
) -> pd.DataFrame:
    """Left-over supply of heat, water or CO2 by its class, the largest first.

    Parameters
    ----------
    carrier
        Which one.
    source
        Its pairs.
    sides
        Supply and demand of which is known what is free.
    balance
        What of each flow is left, by ``flow_id``.
    language
        Of the names of treatments.

    Returns
    -------
    DataFrame
        Layer type ``unlocks``: ``quality`` is what is left over, ``replaces`` what is
        asked most of those who could take it.
    """
    givers, receivers = source.givers, source.receivers
    fields = [*layer_type("unlocks").fields]
    left = left_of(sides.supply, balance)
    unmet = left_of(sides.demand, balance)
    open_ = np.array([unmet[flows].sum() for flows in receivers.members])
    fits = _fits(carrier, givers.table, receivers.table)
    rows = []
    for kind, flows in enumerate(givers.members):
        amount = left[flows]
        if amount.sum() > 0:
            own = fits[fits["giver"] == kind]
            reason, takers, how = _reason(own, open_)
            rows.append(
                {
                    "quality": _called(carrier, givers.table.iloc[kind], language),
                    "unit": givers.table["unit"].iloc[kind],
                    "missing": reason,
                    "left": amount.sum(),
                    "flows": int((amount > 0).sum()),
                    **how,
                    **_takers(
                        carrier, takers, receivers, sides.demand, unmet, language
                    ),
                }
            )
    if not rows:
        return pd.DataFrame(columns=fields)
    table = _together(pd.DataFrame(rows))
    names = [treatment_name(each, language) for each in table["treatment"]]
    table["treatment"] = pd.Series(names, dtype=object).where(table["treatment"] != "")
    table = table.assign(material=carrier, rule_id="")
    order = ["left", "quality", "missing"]
    table = table.sort_values(order, ascending=[False, True, True], ignore_index=True)
    return table[fields]


def _fits(carrier: str, givers: pd.DataFrame, receivers: pd.DataFrame) -> pd.DataFrame:
    """Which kinds fit, wherever they are."""
    fits = physics.serves(carrier, givers, receivers)
    return fits.assign(treatment=fits["treatment"].fillna(""))


def _reason(fits: pd.DataFrame, open_: np.ndarray) -> tuple[str, np.ndarray, dict]:
    """Why nobody takes a kind, who could, and how it would get there."""
    nothing = {"treatment": "", "yield": np.nan}
    takers = fits["receiver"].to_numpy(int)
    asking = open_[takers] > 0
    if asking.any():
        best = fits.iloc[np.argmax(np.where(asking, open_[takers], -1.0))]
        how = {"treatment": best["treatment"], "yield": best["yield"]}
        return FAR, takers[asking], how
    if (open_ > 0).any():
        return UNFIT, np.flatnonzero(open_ > 0), nothing
    return (SERVED if len(takers) else ABSENT), takers, nothing


def _takers(
    carrier: str, kinds: np.ndarray, receivers, demand, unmet, language: str
) -> dict:
    """Divisions that could take it, and what is asked most."""
    if not len(kinds):
        return {"receiver_sbi": "", "replaces": ""}
    flows = np.concatenate([receivers.members[kind] for kind in kinds])
    asked = demand["amount"].to_numpy(float)[flows]
    most = unmet[flows] if unmet[flows].any() else asked
    sums = pd.Series(most).groupby(demand["division"].to_numpy(object)[flows]).sum()
    largest = sums.sort_values(ascending=False, kind="stable").index[:NAMED]
    amounts = [most[np.isin(flows, receivers.members[kind])].sum() for kind in kinds]
    first = receivers.table.iloc[kinds[int(np.argmax(amounts))]]
    named = sorted(each for each in largest if each)
    return {
        "receiver_sbi": "|".join(named),
        "replaces": _called(carrier, first, language),
    }


def _called(carrier: str, kind: pd.Series, language: str) -> str:
    """The temperature or class of a kind."""
    value = kind[physics.CARRIERS[carrier].KEYS[0]]
    if isinstance(value, float):
        return f"{significant(value, 6, language)} °C"
    return str(value)


def _together(table: pd.DataFrame) -> pd.DataFrame:
    """Kinds that are alike in all that is told, as one."""
    table["would_arrive"] = table["left"] * table["yield"]
    sums = table.groupby(KEYS, sort=True).agg(
        left=("left", "sum"),
        flows=("flows", "sum"),
        receiver_sbi=("receiver_sbi", "max"),
    )
    arrives = table.groupby(KEYS)["would_arrive"].sum(min_count=1)
    return sums.assign(would_arrive=arrives).reset_index()
