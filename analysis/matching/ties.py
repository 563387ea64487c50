"""How strongly parties hang together through matches, and which groups that makes.

Tonnes, MWh and m3 can't be added up, so a match counts by what it means to its two
ends: the part that it is of what the giver brings of that stream, times the part that
it is of what the receiver takes of it. That is the equivalence index of co-word
analysis. An end that has many partners for a stream shares 1 among them, so that a
plant with a thousand small suppliers does not hold all of them as firmly as a neighbour
that takes half of what it has.
"""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from ..canonical import plain_text
from ..errors import RefusalError
from ..flows.min_flows import MinFlow, least_quantities, shipped_min_flows
from ..numbers import parse_numbers

NEEDED = ("giver", "receiver", "carrier", "unit", "allocated")
COMPETING = "available"
"""What leads have, and matches without ``allocated`` must be."""
LARGEST = 1e15
"""Per year; more is a mistake in the data."""
DECIMALS = 12
"""Of strengths; what lies behind them comes from the order of additions."""
FEWEST = 3
"""Two parties make a contract; from three on there is something to keep together."""
ALONE = -1
AVOIDED = ("avoided_primary_t", "avoided_co2_t", "avoided_co2_t_low",
           "avoided_co2_t_high")  # fmt: skip
ENDS = ("giver", "receiver")


@dataclass(frozen=True)
class Ties:
    """Matches that can be used, and the parties at their ends.

    Attributes
    ----------
    matches
        Sorted by content. ``giver`` and ``receiver`` are rows of ``parties``;
        ``strength`` (above 0, at most 1), and ``binds``: large and near enough to
        bring two parties to one table.
    parties
        ``actor_id``, ``name``, ``sbi``, ``x`` and ``y``, sorted by ``actor_id``.
    unusable
        Number of matches without two different parties, a place for both, or a
        quantity above 0.
    """

    matches: pd.DataFrame
    parties: pd.DataFrame
    unusable: int


def tie(
    matches: gpd.GeoDataFrame,
    max_distance: float = np.inf,
    min_size: float = 1.0,
    limits: list[MinFlow] | None = None,
) -> Ties:
    """Matches with their strength.

    Parameters
    ----------
    matches
        Lines from giver to receiver with the fields ``NEEDED``, CRS in metres;
        [``material``, ``replaces``, ``delivered``, ``distance_m``, ``giver_name``,
        ``receiver_name``, ``giver_sbi``, ``receiver_sbi``, what is avoided].
    max_distance
        Longer matches do not bind, in metres.
    min_size
        A match binds that delivers at least so many times the limit of its stream.
    limits
        Smallest quantities by stream; None takes the shipped ones.

    Raises
    ------
    RefusalError
        If a field is missing, or these are leads.

    Source
    ------
    He (2000), A study of the strength indexes in co-word analysis: of the two usual
    indexes the equivalence index shows the special fields, and not the general ones.
    """
    _check(matches)
    rows = _typed(matches)
    usable = _usable(rows)
    used = rows[usable].sort_values([*rows], ignore_index=True, kind="stable")
    parties = _parties(used)
    numbers = pd.Series(parties.index, parties["actor_id"])
    used["strength"] = _strength(used)
    least = least_quantities(used, shipped_min_flows() if limits is None else limits)
    large = used["delivered"] >= min_size * least
    used["binds"] = large & (used["distance_m"] <= max_distance)
    for end in ENDS:
        used[end] = used[end].map(numbers).astype(np.int64)
    return Ties(used, parties, int((~usable).sum()))


def groups(ties: Ties, most: int) -> np.ndarray:
    """Number of the group of each party, ``ALONE`` where it is in none, shape (n,).

    The pairs of parties are taken by the sum of their strengths, the strongest first
    (then the nearest, then the smallest ids). Each brings the groups of its two ends
    together, unless these have more than ``most`` parties together. Groups of less than
    ``FEWEST`` do not count. They are numbered by their first party.
    """
    pairs = _pairs(ties.matches[ties.matches["binds"]])
    head = list(range(len(ties.parties)))
    size = [1] * len(head)
    for one, other in zip(pairs["a"].tolist(), pairs["b"].tolist(), strict=True):
        first, second = sorted((_root(head, one), _root(head, other)))
        if first != second and size[first] + size[second] <= most:
            head[second] = first
            size[first] += size[second]
    roots = np.array([_root(head, party) for party in range(len(head))], np.int64)
    large = np.array(size)[roots] >= FEWEST
    group = np.full(len(roots), ALONE)
    group[large] = np.unique(roots[large], return_inverse=True)[1]
    return group


def followers(ties: Ties, group: np.ndarray) -> np.ndarray:
    """The group with which a party in none exchanges most, else ``ALONE``, shape (n,).

    Small and far matches count as well; ties go to the group with the lowest number.
    """
    matches, found = ties.matches, np.full(len(group), ALONE)
    rows = [
        pd.DataFrame(
            {
                "party": matches[own],
                "group": group[matches[other]],
                "strength": matches["strength"],
            }
        )[(group[matches[own]] == ALONE) & (group[matches[other]] != ALONE)]
        for own, other in (ENDS, ENDS[::-1])
    ]
    summed = pd.concat(rows).groupby(["party", "group"])["strength"].sum()
    ranked = summed.round(DECIMALS).reset_index()
    ranked = ranked.sort_values(["strength", "group"], ascending=[False, True])
    best = ranked.drop_duplicates("party")
    found[best["party"].to_numpy(int)] = best["group"]
    return found


def inside(ties: Ties, group: np.ndarray) -> pd.DataFrame:
    """Matches that bind two parties of one group, with ``group``."""
    ends = [group[ties.matches[end]] for end in ENDS]
    same = ties.matches["binds"] & (ends[0] == ends[1]) & (ends[0] != ALONE)
    return ties.matches[same].assign(group=ends[0][same]).reset_index(drop=True)


def cut_off(matches: pd.DataFrame, group: np.ndarray) -> np.ndarray:
    """How many parties of its group lose the others without each party, shape (n,).

    Of a group without one of its parties the largest part that hangs together remains;
    the number of those outside it is given.

    Parameters
    ----------
    matches
        As :func:`inside` gives them.
    group
        Number of the group of each party.
    """
    at = np.flatnonzero(group != ALONE)
    own = group[at]
    place = pd.Series(own).groupby(own).cumcount().to_numpy()
    sizes = np.bincount(own)
    row = np.full(len(group), ALONE)
    row[at] = np.arange(len(at))
    ends = np.array([row[matches[end]] for end in ENDS]).reshape(2, -1)
    lost = np.zeros(len(group), np.int64)
    # One party of every group at a time is left out.
    for number in range(place.max(initial=-1) + 1):
        gone = place == number
        kept = ends[:, ~gone[ends].any(axis=0)]
        shape = (len(at), len(at))
        graph = coo_matrix((np.ones(kept.shape[1]), tuple(kept)), shape=shape)
        part = connected_components(graph, directed=False)[1]
        together = np.bincount(part[~gone], minlength=part.max() + 1)
        largest = np.zeros(len(sizes), np.int64)
        np.maximum.at(largest, own[~gone], together[part[~gone]])
        without = own[gone]
        lost[at[gone]] = sizes[without] - 1 - largest[without]
    return lost


def _check(matches: pd.DataFrame) -> None:
    missing = [name for name in NEEDED if name not in matches]
    if missing == [NEEDED[-1]] and COMPETING in matches:
        raise RefusalError("coalitions.leads")
    if missing:
        raise RefusalError("coalitions.fields_missing", fields=", ".join(missing))


def _typed(matches: gpd.GeoDataFrame) -> pd.DataFrame:
    """The fields that count, in their type, and the two ends of each line."""
    empty = pd.Series(None, matches.index, dtype=object)

    def words(name: str, otherwise: pd.Series = empty) -> pd.Series:
        told = matches[name].map(_word) if name in matches else empty
        return told.where(told.notna(), otherwise).astype(object)

    def amounts(name: str, otherwise: object) -> np.ndarray:
        if name not in matches:
            return np.broadcast_to(np.asarray(otherwise, float), len(matches))
        return np.asarray(parse_numbers(matches[name])[0], float)

    rows = pd.DataFrame({end: words(end) for end in ENDS})
    rows["carrier"], rows["unit"] = words("carrier"), words("unit")
    rows["material"] = words("material", rows["carrier"])
    rows["replaces"] = words("replaces", rows["material"])
    rows["allocated"] = amounts("allocated", np.nan)
    rows["delivered"] = amounts("delivered", rows["allocated"])
    rows["distance_m"] = amounts("distance_m", matches.length)
    for name in AVOIDED:
        rows[name] = amounts(name, np.nan)
    for end in ENDS:
        rows[f"{end}_name"] = words(f"{end}_name", rows[end])
        rows[f"{end}_sbi"] = words(f"{end}_sbi")
    rows[["x_giver", "y_giver", "x_receiver", "y_receiver"]] = _line_ends(matches)
    return rows


def _word(value: object) -> str | None:
    return (plain_text(value) or "").strip() or None


def _line_ends(matches: gpd.GeoDataFrame) -> np.ndarray:
    """First and last point of each line, shape (n, 4); NaN where there is none."""
    shapes = matches.geometry.to_numpy()
    spots, line = shapely.get_coordinates(shapes, return_index=True)
    ends = np.full((len(shapes), 4), np.nan)
    present, first = np.unique(line, return_index=True)
    last = len(line) - 1 - np.unique(line[::-1], return_index=True)[1]
    ends[present] = np.hstack([spots[first], spots[last]])
    return ends


def _usable(rows: pd.DataFrame) -> np.ndarray:
    """Between two different parties with a place, and with a quantity."""
    named = rows[[*ENDS, "carrier", "unit"]].notna().all(axis=1)
    apart = rows["giver"] != rows["receiver"]
    amounts = rows[["allocated", "delivered"]]
    counted = ((amounts > 0) & (amounts <= LARGEST)).all(axis=1)
    placed = np.isfinite(rows[["x_giver", "y_giver", "x_receiver", "y_receiver"]])
    return (named & apart & counted & placed.all(axis=1)).to_numpy()


def _parties(used: pd.DataFrame) -> pd.DataFrame:
    """Every party once; of what its matches tell differently the smallest."""
    columns = {"name": "{}_name", "sbi": "{}_sbi", "x": "x_{}", "y": "y_{}"}
    parts = [
        used[[end, *(name.format(end) for name in columns.values())]].set_axis(
            ["actor_id", *columns], axis=1
        )
        for end in ENDS
    ]
    every = pd.concat(parts).sort_values(["actor_id", "x", "y", "name", "sbi"])
    return every.groupby("actor_id", sort=True).first().reset_index()


def _strength(used: pd.DataFrame) -> pd.Series:
    given = used.groupby(["giver", "carrier", "material", "unit"])["allocated"]
    taken = used.groupby(["receiver", "carrier", "replaces", "unit"])["delivered"]
    parts = used["allocated"] / given.transform("sum")
    parts *= used["delivered"] / taken.transform("sum")
    return parts.round(DECIMALS).clip(lower=10**-DECIMALS)


def _pairs(matches: pd.DataFrame) -> pd.DataFrame:
    """Pairs of parties ``a`` and ``b``, in the order in which they are taken."""
    ends = np.sort(matches[[*ENDS]].to_numpy(), axis=1)
    table = matches.assign(a=ends[:, 0], b=ends[:, 1]).groupby(["a", "b"])
    pairs = table.agg(strength=("strength", "sum"), distance=("distance_m", "min"))
    pairs = pairs.round({"strength": DECIMALS, "distance": 3}).reset_index()
    order = ["strength", "distance", "a", "b"]
    return pairs.sort_values(order, ascending=[False, True, True, True])


def _root(head: list[int], party: int) -> int:
    """The first party of a group; on the way there every second step is cut short."""
    while head[party] != party:
        head[party] = head[head[party]]
        party = head[party]
    return party
