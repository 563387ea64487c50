"""How many pairs there are, without writing them out."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np
import pandas as pd

from ..progress import Progress, silent
from ..threads import patiently
from .kinds import Kinds
from .near import INCLUSIVE, Near
from .sides import Sides

CHUNK = 2_000_000
"""Pairs of flows of one actor that are looked at in one go."""


def count_in_reach(
    sides: Sides, near: Near, carrier: str, reach: float, progress: Progress = silent
) -> int:
    """Number of pairs of different actors and one carrier within a reach in metres."""
    givers, receivers = (
        np.flatnonzero((side["carrier"] == carrier).to_numpy())
        for side in (sides.supply, sides.demand)
    )
    action = partial(near.count, givers, receivers, reach)
    count = patiently(action, partial(progress, 0.0))
    for giver, receiver in _same_actor(sides, givers, receivers):
        count -= int(_within(near, giver, receiver, reach).sum())
    return count


def count_compatible(
    sides: Sides,
    near: Near,
    links: pd.DataFrame,
    givers: Kinds,
    receivers: Kinds,
    progress: Progress = silent,
) -> int:
    """Number of pairs of different actors that some links join within their reach.

    Each pair counts once, within the farthest reach of the links of its kinds.
    """
    farthest = links.drop_duplicates(["giver", "receiver"], keep="last")
    rows = farthest.groupby(["giver", "reach_m"])["receiver"].agg(tuple)
    alike = rows.reset_index().groupby(["receiver", "reach_m"])["giver"].agg(list)
    count = 0
    for done, ((taking, reach), giving) in enumerate(alike.items()):
        action = partial(
            near.count,
            np.concatenate([givers.members[kind] for kind in giving]),
            np.concatenate([receivers.members[kind] for kind in taking]),
            reach,
        )
        tell = partial(progress, done / len(alike))
        tell()
        count += patiently(action, tell)
    return count - _own_pairs(sides, near, farthest, givers, receivers)


def _own_pairs(
    sides: Sides, near: Near, farthest: pd.DataFrame, givers: Kinds, receivers: Kinds
) -> int:
    """Number of compatible pairs of flows of one actor."""
    width = len(receivers.members)
    keys = (farthest["giver"] * width + farthest["receiver"]).to_numpy(np.int64)
    reaches = farthest["reach_m"].to_numpy(float)
    giving = _kind_of(givers, len(sides.supply))
    taking = _kind_of(receivers, len(sides.demand))
    able = np.flatnonzero(np.isin(giving, farthest["giver"]))
    count = 0
    for giver, receiver in _same_actor(sides, able, np.flatnonzero(taking >= 0)):
        asked = giving[giver] * width + taking[receiver]
        place = np.minimum(np.searchsorted(keys, asked), len(keys) - 1)
        fits = keys[place] == asked
        reach = reaches[place[fits]]
        count += int(_within(near, giver[fits], receiver[fits], reach).sum())
    return count


def _kind_of(kinds: Kinds, size: int) -> np.ndarray:
    """Kind of each flow of a side, -1 where it has none."""
    kind = np.full(size, -1)
    for number, members in enumerate(kinds.members):
        kind[members] = number
    return kind


def _within(near: Near, giver, receiver, reach) -> np.ndarray:
    """Pairs within reach that belong to the approach."""
    distance = near.distance(giver, receiver)
    close = distance <= reach * INCLUSIVE
    return close & near.looked_at(giver, receiver, distance)


def _same_actor(
    sides: Sides, givers: np.ndarray, receivers: np.ndarray
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Pairs of flows of one actor, in chunks, of some places in both sides."""
    actor = sides.demand["actor"].to_numpy()[receivers]
    order = np.argsort(actor, kind="stable")
    receivers, actor = receivers[order], actor[order]
    own = sides.supply["actor"].to_numpy()[givers]
    start = np.searchsorted(actor, own, "left")
    size = np.searchsorted(actor, own, "right") - start
    givers, start, size = (each[size > 0] for each in (givers, start, size))
    chunk = (np.cumsum(size) - size) // CHUNK
    for number in np.unique(chunk):
        rows = chunk == number
        lengths = size[rows]
        inner = np.arange(lengths.sum())
        inner -= np.repeat(np.cumsum(lengths) - lengths, lengths)
        places = np.repeat(start[rows], lengths) + inner
        yield np.repeat(givers[rows], lengths), receivers[places]
