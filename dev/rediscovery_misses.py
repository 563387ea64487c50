"""Why an exchange is not found, or only by chance, for docs/rediscovery.md."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pandas as pd
from demo_figures import row
from rediscovery_scenes import (
    ALL,
    BASELINE,
    LEFT_OUT,
    STREAM,
    Found,
    Scenes,
    ranks,
)

MISSED = 5
"""An exchange is read when its rank is worse."""
GIVER, GIVER_COARSE, RECEIVER, RECEIVER_COARSE, OWN, LINK, LOW = KINDS = (
    "no coefficient for the giver's stream",
    "giver's class too coarse",
    "no coefficient for the receiver's demand",
    "receiver's class too coarse",
    "rests on the place itself",
    "no rule or use joins them",
    "joined, but ranked too low",
)


def readings(table: pd.DataFrame, scenes: Scenes) -> pd.DataFrame:
    """What became of each exchange.

    Returns
    -------
    DataFrame
        The exchanges with ``rank`` (median over the scenes, own place left out),
        ``own_rank`` (where the receiver's division would stand by the documented
        stream alone), ``baseline``, ``first`` (the divisions that are proposed first
        in the first scene) and ``reading``, one of ``KINDS``.
    """
    flows, found = scenes.flows[0], scenes.found
    return table.assign(
        rank=np.median(ranks(found, table, LEFT_OUT), axis=1),
        own_rank=np.median(ranks(found, table, STREAM), axis=1),
        baseline=ranks(found, table, BASELINE)[:, 0],
        first=[_first(each, found[0][LEFT_OUT]) for _, each in table.iterrows()],
        reading=[_reading(each, flows, found[0]) for _, each in table.iterrows()],
    )


def _first(exchange: pd.Series, found: Found, most: int = 5) -> str:
    scores = found.divisions.get((exchange["id"], exchange["carrier"]), {})
    return " ".join(sorted(scores, key=lambda each: (-scores[each], each))[:most])


def _reading(exchange: pd.Series, flows: pd.DataFrame, found: dict[str, Found]) -> str:
    """Why an exchange is not joined by its own stream, or that it is."""
    if found[LEFT_OUT].stream_score(exchange) is not None:
        return LOW
    for letter, end, direction, name, missing, coarse in (
        ("G", "giver", "supply", "material", GIVER, GIVER_COARSE),
        ("R", "receiver", "demand", "replaces", RECEIVER, RECEIVER_COARSE),
    ):
        codes = exchange[name].split("|")
        mine = flows["actor_id"].eq(letter + exchange["id"])
        mine &= flows["direction"].eq(direction)
        if not flows["material"][mine].isin(codes).any():
            finer = _finer(exchange[f"{end}_sbi"], direction, codes)
            return coarse if finer else missing
    return LINK if found[ALL].stream_score(exchange) is None else OWN


def _finer(code: str, direction: str, materials: list[str]) -> bool:
    """Whether an activity within this one gives or asks for it."""
    from kansenkaart.analysis.flows.coefficients import shipped_coefficients

    rows = shipped_coefficients()
    rows = rows[(rows["direction"] == direction) & rows["material"].isin(materials)]
    rows = rows[(rows["mode"] > 0) & (rows["per"] == "job")]
    longer = rows["sbi"].str.len() > len(code)
    return bool((longer & rows["sbi"].str.startswith(code)).any())


def miss_table(read: pd.DataFrame) -> str:
    """The exchanges that are missed."""
    missed = read[read["rank"] > MISSED]
    names = ("id", "flow", "giver", "receiver", "rank", "baseline", "proposed first",
             "reading")  # fmt: skip
    lines = [row(*names), "|---" * len(names) + "|"]
    for each in missed.sort_values(["reading", "rank", "id"]).itertuples():
        parties = (f"{each.giver} ({each.giver_sbi})",
                   f"{each.receiver} ({each.receiver_sbi})")  # fmt: skip
        places = _place(each.rank), _place(each.baseline)
        lines.append(
            row(each.id, each.flow, *parties, *places, each.first, each.reading)
        )
    return "\n".join(lines)


def chance_table(read: pd.DataFrame) -> str:
    """The exchanges whose receiver is proposed for another stream only."""
    other = read[(read["rank"] <= MISSED) & (read["own_rank"] > MISSED)]
    names = ("id", "flow", "giver", "receiver", "rank", "by its own stream", "reading")
    lines = [row(*names), "|---" * len(names) + "|"]
    for each in other.sort_values(["reading", "rank", "id"]).itertuples():
        parties = (f"{each.giver} ({each.giver_sbi})",
                   f"{each.receiver} ({each.receiver_sbi})")  # fmt: skip
        places = _place(each.rank), _place(each.own_rank)
        lines.append(row(each.id, each.flow, *parties, *places, each.reading))
    return "\n".join(lines)


def kind_table(read: pd.DataFrame) -> str:
    """How many exchanges there are of each reading."""
    groups = {
        "materials, first": read["carrier"].eq("material") & read["set"].eq("first"),
        "materials, further": read["carrier"].eq("material")
        & read["set"].eq("further"),
        "other carriers": read["carrier"].ne("material"),
        f"of all these not in the first {MISSED}": read["rank"] > MISSED,
    }
    good = f"among the first {MISSED}"
    kinds = read["reading"].mask(read["own_rank"] <= MISSED, good)
    counts = [Counter(kinds[chosen]) for chosen in groups.values()]
    lines = [row("by the documented stream", *groups), "|---" * 5 + "|"]
    for kind in (good, *KINDS):
        if (kinds == kind).any():
            lines.append(row(kind, *(str(count[kind]) for count in counts)))
    return "\n".join(lines)


def _place(rank: float) -> str:
    return "–" if np.isinf(rank) else f"{rank:g}"
