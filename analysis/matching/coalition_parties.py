"""Who is in which coalition, with what each brings and takes there."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from ..layers import layer_type
from ..progress import Progress, silent
from .coalition_words import streams_told
from .ties import ALONE, ENDS, Ties, cut_off

GIVER, RECEIVER = ENDS
BOTH = "both"
SIDES = {GIVER: ("brings", "material", "allocated"),
         RECEIVER: ("takes", "replaces", "delivered")}  # fmt: skip
"""Of each end of a match: the field with its words, the stream and the quantity."""
STREAM = ["material", "unit"]
FEW = 5000
"""Parties between two words of progress."""


def party_points(
    ties: Ties,
    table: pd.DataFrame,
    own: pd.DataFrame,
    numbers: tuple[np.ndarray, np.ndarray],
    language: str,
    crs,
    progress: Progress = silent,
) -> gpd.GeoDataFrame:
    """Parties at the tables, and their followers.

    Parameters
    ----------
    ties
        Matches and parties.
    table
        Coalitions by number: ``coalition_id``, ``name``, ``rank``, ``strength`` and
        ``tie_party``.
    own
        Matches at the tables, as :func:`.ties.inside` gives them.
    numbers
        Of each party the table at which it is, and that which it follows.
    language
        ``nl`` or ``en``.
    crs
        Of the coordinates.
    progress
        Called as the work goes on.

    Returns
    -------
    GeoDataFrame
        Layer type ``coalition_parties``, sorted by coalition, table and party. What a
        follower brings and takes is what it exchanges with the table, however little.
    """
    group, following = numbers
    stakes = pd.concat([_stakes(own), _hanging_on(ties, group, following)])
    belongs = np.where(group != ALONE, group, following)
    at = np.flatnonzero(belongs != ALONE)
    of = belongs[at]
    rows = ties.parties.iloc[at].reset_index(drop=True)
    rows["coalition_id"] = table["coalition_id"].to_numpy(object)[of]
    rows["coalition"] = table["name"].to_numpy(object)[of]
    rows["rank"] = table["rank"].to_numpy()[of]
    rows["at_table"] = group[at] != ALONE
    told = _words(stakes, language, progress)
    for end, (field, *_) in SIDES.items():
        rows[field] = [told.get((end, party)) for party in at.tolist()]
    gives, takes = rows["brings"].notna(), rows["takes"].notna()
    rows["party_role"] = np.where(gives & takes, BOTH, np.where(gives, GIVER, RECEIVER))
    by_party = stakes.groupby("party")["strength"]
    rows["matches"] = by_party.size().reindex(at).to_numpy()
    whole = 2 * table["strength"].to_numpy()[of]
    stake = by_party.sum().reindex(at).to_numpy() / whole
    rows["stake"] = np.where(rows["at_table"], stake, np.nan)
    rows["is_tie"] = np.isin(at, table["tie_party"])
    rows["cuts_off"] = pd.Series(cut_off(own, group)[at]).where(rows["at_table"])
    places = gpd.points_from_xy(rows["x"], rows["y"])
    order = ["coalition_id", "at_table", "actor_id"]
    frame = gpd.GeoDataFrame(rows, geometry=places, crs=crs)
    frame = frame.sort_values(order, ascending=[True, False, True], ignore_index=True)
    return frame[[*layer_type("coalition_parties").fields, "geometry"]]


def link_lines(
    ties: Ties, table: pd.DataFrame, own: pd.DataFrame, language: str, crs
) -> gpd.GeoDataFrame:
    """Who gives to whom at one table: layer type ``coalition_links``."""
    keys = ["group", *ENDS]
    pairs = own.groupby(keys, as_index=False).agg(
        matches=("strength", "size"),
        strength=("strength", "sum"),
        distance_m=("distance_m", "min"),
        carriers=("carrier", lambda each: ";".join(sorted(set(each)))),
    )
    avoided = own.groupby(keys)["avoided_co2_t"].sum(min_count=1)
    pairs["avoided_co2_t"] = avoided.to_numpy()
    sums = _summed(own.rename(columns={"delivered": "quantity"}), keys)
    told = {key: streams_told(streams, language) for key, streams in sums.items()}
    pairs["what"] = [
        told[key] for key in pairs[keys].itertuples(index=False, name=None)
    ]
    pairs["geometry"] = lines_between(pairs, ties)
    for end in ENDS:
        party = pairs[end].to_numpy(int)
        pairs[end] = ties.parties["actor_id"].to_numpy(object)[party]
        pairs[f"{end}_name"] = ties.parties["name"].to_numpy(object)[party]
    of = pairs["group"].to_numpy(int)
    pairs["coalition_id"] = table["coalition_id"].to_numpy(object)[of]
    pairs["coalition"] = table["name"].to_numpy(object)[of]
    pairs["rank"] = table["rank"].to_numpy()[of]
    frame = gpd.GeoDataFrame(pairs, geometry="geometry", crs=crs)
    return frame[[*layer_type("coalition_links").fields, "geometry"]]


def lines_between(pairs: pd.DataFrame, ties: Ties) -> np.ndarray:
    """A straight line from giver to receiver of each pair, shape (n,)."""
    places = ties.parties[["x", "y"]].to_numpy(float)
    ends = np.stack([places[pairs[end].to_numpy(int)] for end in ENDS], axis=1)
    return shapely.linestrings(ends)


def _stakes(matches: pd.DataFrame, ends=ENDS) -> pd.DataFrame:
    """One row for each party in each match: which end, and how much of what."""
    return pd.concat(
        [
            pd.DataFrame(
                {
                    "end": end,
                    "party": matches[end],
                    "material": matches[SIDES[end][1]],
                    "unit": matches["unit"],
                    "quantity": matches[SIDES[end][2]],
                    "strength": matches["strength"],
                }
            )
            for end in ends
        ]
    )


def _hanging_on(ties: Ties, group: np.ndarray, following: np.ndarray) -> pd.DataFrame:
    """What followers exchange with parties at the table that they follow."""
    found = []
    for end, other in (ENDS, ENDS[::-1]):
        own = following[ties.matches[end]]
        shared = (own != ALONE) & (own == group[ties.matches[other]])
        found.append(_stakes(ties.matches[shared], (end,)))
    return pd.concat(found)


def _words(stakes: pd.DataFrame, language: str, progress: Progress) -> dict:
    """What each party brings and takes, by end and party."""
    sums = _summed(stakes, ["end", "party"])
    told = {}
    for done, (key, streams) in enumerate(sums.items()):
        if done % FEW == 0:
            progress(done / len(sums))
        told[key] = streams_told(streams, language)
    return told


def _summed(rows: pd.DataFrame, keys: list[str]) -> dict[tuple, list[tuple]]:
    """Streams with their quantities by some fields, the strongest first."""
    streams = rows.groupby([*keys, *STREAM], as_index=False)
    sums = streams[["quantity", "strength"]].sum()
    order = [*keys, "strength", *STREAM]
    rising = [name != "strength" for name in order]
    sums = sums.round({"strength": 9}).sort_values(order, ascending=rising)
    found: dict[tuple, list[tuple]] = {}
    streams = sums[[*STREAM, "quantity"]].itertuples(index=False, name=None)
    labels = sums[keys].itertuples(index=False, name=None)
    for key, stream in zip(labels, streams, strict=True):
        found.setdefault(key, []).append(stream)
    return found
