"""What is left over, and which activity or treatment would find it a use.

After an allocation that brings most, nobody within reach of what is left still asks for
it. So each rule or use of that material names an activity that is missing: it is not
there at all, it is too far away, or what it asks for is served already.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from ..flows.tables import DEMAND, MATERIAL
from ..layers import layer_type
from .in_reach import InReach
from .knowledge import Knowledge
from .links import ROUNDING, USE
from .rules import begins
from .sides import Sides
from .why import treatment_name

ABSENT, FAR, SERVED = MISSING = ("absent", "far", "served")
"""Why nobody takes it: nobody asks for it, only too far away, or nobody any more."""
KEYS = ["material", "unit", "rule_id", "replaces"]
CRUMB = 1e-6
"""What is left of a flow is nothing below this part of what was free."""


def unlocks(
    source: InReach,
    sides: Sides,
    known: Knowledge,
    balance: pd.DataFrame,
    min_fit: float,
    language: str,
) -> pd.DataFrame:
    """Left-over supply of materials by what could take it, the largest first.

    Parameters
    ----------
    source
        Pairs of materials.
    sides
        Supply and demand of which is known what is free.
    known
        Rules, uses and bans.
    balance
        What of each flow is left, by ``flow_id``.
    min_fit
        A use with a suitability times importance below it counts for nothing.
    language
        Of the names of treatments.

    Returns
    -------
    DataFrame
        Layer type ``unlocks``. Rows of one material compete: never add them up.
    """
    left, asked = left_of(sides.supply, balance), _asked(balance, sides)
    rows = []
    for kind, flows in zip(
        source.givers.table.itertuples(index=False), source.givers.members, strict=True
    ):
        amount = left[flows]
        if amount.sum() > 0:
            bans = known.forbidden["receiver_sbi"].iloc[list(kind.bans)]
            own = {"left": amount.sum(), "flows": int((amount > 0).sum())}
            rows += [
                {"material": kind.material, "unit": kind.unit, **own, **ground}
                for ground in _grounds(kind, known, min_fit, [*bans])
            ]
    fields = [*layer_type("unlocks").fields]
    if not rows:
        return pd.DataFrame(columns=fields)
    table = pd.DataFrame(rows)
    sums = table.groupby(KEYS, sort=True).agg(
        left=("left", "sum"),
        flows=("flows", "sum"),
        **{name: (name, "first") for name in ("treatment", "yield", "receiver_sbi")},
    )
    table = sums.reset_index()
    table["would_arrive"] = table["left"] * table["yield"]
    table["missing"] = [_missing(row, asked) for row in table.itertuples(index=False)]
    names = [treatment_name(each, language) for each in table["treatment"]]
    table["treatment"] = pd.Series(names, dtype=object).where(table["treatment"] != "")
    table["quality"] = None
    order = ["would_arrive", *KEYS]
    rising = [False, *(True for _ in KEYS)]
    return table.sort_values(order, ascending=rising, ignore_index=True)[fields]


def left_of(side: pd.DataFrame, balance: pd.DataFrame) -> np.ndarray:
    """What is left of each flow of a side."""
    rows = balance.set_index("flow_id").loc[side["flow_id"]]
    left, free = rows["left"].to_numpy(float), rows["available"].to_numpy(float)
    return np.where(left > CRUMB * free, left, 0.0)


def _asked(balance: pd.DataFrame, sides: Sides) -> pd.DataFrame:
    """What is asked for by material, unit and activity, and what of that is left."""
    rows = balance[(balance["direction"] == DEMAND) & (balance["carrier"] == MATERIAL)]
    activity = sides.demand.set_index("flow_id")["sbi"]
    rows = rows.assign(sbi=rows["flow_id"].map(activity).fillna(""))
    keys = ["material", "unit", "sbi"]
    return rows.groupby(keys)[["available", "left"]].sum().reset_index()


def _grounds(kind, known: Knowledge, min_fit: float, bans: list[str]) -> list[dict]:
    """Rules and uses that could bring what a kind of supply has to somebody."""
    found = []
    for rule in known.rules.iloc[list(kind.rules)].to_dict("records"):
        names = ("rule_id", "replaces", "treatment", "yield")
        takers = _allowed(rule["receiver_sbi"].split("|"), bans)
        found.append({name: rule[name] for name in names} | {"receiver_sbi": takers})
    uses = known.material_uses[known.material_uses["material"] == kind.material]
    for use in uses.to_dict("records"):
        takers = known.activity_uses[known.activity_uses["use"] == use["use"]]
        fit = use["suitability"] * takers["importance"]
        for replaces, some in takers[fit >= min_fit - ROUNDING].groupby("replaces"):
            found.append(
                {
                    "rule_id": USE + use["use"],
                    "replaces": replaces,
                    "treatment": use["treatment"],
                    "yield": use["yield"],
                    "receiver_sbi": _allowed([*some["sbi"]], bans),
                }
            )
    return [ground for ground in found if ground["receiver_sbi"]]


def _allowed(takers: list[str], bans: list[str]) -> str:
    """Activities that no ban names, not even in part."""
    named = [each for ban in bans for each in ban.split("|")]
    return "|".join(
        sorted(
            taker
            for taker in takers
            if not any(
                "*" in (taker, ban) or taker.startswith(ban) or ban.startswith(taker)
                for ban in named
            )
        )
    )


def _missing(row, asked: pd.DataFrame) -> str:
    """Why nobody takes it."""
    rows = asked[(asked["material"] == row.replaces) & (asked["unit"] == row.unit)]
    rows = rows[rows["sbi"].map(lambda sbi: begins(row.receiver_sbi, sbi)).astype(bool)]
    if not rows["available"].sum() > 0:
        return ABSENT
    return FAR if rows["left"].sum() > CRUMB * rows["available"].sum() else SERVED
