"""Who uses which coefficient: firms by activity, regions, zones and lines by kind.

Numbers of flows run into the millions, so that a flow is a pair of an actor and a row
of the coefficients until it is written out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, fields

import numpy as np
import pandas as pd
import shapely

from ..ground import HECTARE as SQUARE_METRES
from .coefficients import HECTARE, INHABITANT, JOB, KILOMETRE, MOST

KILOMETRES = 1000.0
SHORTEST_PREFIX = 2


@dataclass
class Tally:
    """What gives no flow, and why.

    Attributes
    ----------
    counts
        Numbers by the name of what they count.
    skipped
        Layer, id and reason (key of a text) of what is unknown.
    """

    counts: Counter = field(default_factory=Counter)
    skipped: list[tuple[str, str, str]] = field(default_factory=list)

    def skip(self, role: str, ids: np.ndarray, reason: str) -> None:
        """Count and list what gives no flow for a reason."""
        self.counts[reason] += len(ids)
        self.skipped += [(role, name, reason) for name in ids]

    def table(self) -> pd.DataFrame:
        """What was skipped: ``role``, ``source_id`` and ``reason``, sorted."""
        columns = ["role", "source_id", "reason"]
        table = pd.DataFrame(self.skipped, columns=columns, dtype=object)
        return table.sort_values(columns, ignore_index=True)


@dataclass(frozen=True)
class Actors:
    """Who gives or asks, and how many jobs, hectares … each has, all of length a."""

    ids: np.ndarray
    names: np.ndarray
    sbi: np.ndarray
    points: np.ndarray
    amounts: np.ndarray
    confidential: np.ndarray


@dataclass(frozen=True)
class Pairs:
    """Actors, and which of them uses which row of the coefficients."""

    actors: Actors
    actor: np.ndarray = field(repr=False)
    row: np.ndarray = field(repr=False)

    def where(self, kept: np.ndarray) -> Pairs:
        """Some of the pairs."""
        return Pairs(self.actors, self.actor[kept], self.row[kept])


def firms_of(establishments, rows: pd.DataFrame, tally: Tally) -> Pairs:
    """Pairs of establishments with rows per job."""
    firms = establishments.sort_values("est_id", ignore_index=True)
    jobs = firms["jobs"].to_numpy(float)
    known = (jobs >= 0) & (jobs <= MOST)
    active = firms["sbi"].notna().to_numpy()
    ids = firms["est_id"].to_numpy(object)
    tally.skip("establishments", ids[~known], "jobs_unknown")
    tally.skip("establishments", ids[known & ~active], "activity_unknown")
    tally.counts["no_jobs"] = int((known & active & (jobs == 0)).sum())
    place, codes = pd.factorize(firms["sbi"])
    lists = list(_rows_by_code(codes, rows[rows["per"] == JOB]))
    usable = np.flatnonzero(known & active & (jobs > 0))
    actor, row = _spread(usable, place[usable], lists)
    found = np.zeros(len(firms), bool)
    found[actor] = True
    tally.counts["without_coefficient"] = len(usable) - int(found.sum())
    actors = Actors(
        ids,
        firms["name"].to_numpy(object),
        firms["sbi"].to_numpy(object),
        firms.geometry.to_numpy(),
        jobs,
        np.full(len(firms), True),
    )
    return Pairs(actors, actor, row)


def _rows_by_code(codes, rows: pd.DataFrame) -> Iterator[np.ndarray]:
    """Rows that each activity code uses: the longest prefix of every stream wins."""
    by_prefix: dict[str, dict[tuple, list[int]]] = {}
    columns = (rows["sbi"], rows["direction"], rows["carrier"], rows["material"])
    for number, sbi, *stream in zip(rows.index, *columns, strict=True):
        streams = by_prefix.setdefault(sbi, {})
        streams.setdefault(tuple(stream), []).append(number)
    nothing = frozenset(rows.index[rows["high"] == 0])
    for code in codes:
        used: dict[tuple, list[int]] = {}
        for length in range(SHORTEST_PREFIX, len(code) + 1):
            used |= by_prefix.get(code[:length], {})
        found = {number for numbers in used.values() for number in numbers}
        yield np.array(sorted(found - nothing), np.int64)


def _spread(members, kind, lists) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of every member with every row in the list of its kind.

    Parameters
    ----------
    members, kind : ndarray of int, shape (m,)
        Actors, and the list of each.
    lists
        Arrays of rows.
    """
    flat = np.concatenate([np.empty(0, np.int64), *lists])
    sizes = np.array([len(each) for each in lists], np.int64)
    starts = np.cumsum(sizes) - sizes
    counts = sizes[kind]
    within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    return np.repeat(members, counts), flat[np.repeat(starts[kind], counts) + within]


def land_of(role: str, layer, rows: pd.DataFrame, tally: Tally) -> list[Pairs]:
    """Pairs of the regions, zones or lines of a layer with the rows that fit them."""
    per, kind, id_field, amount_of = LAND[role]
    own = rows[(rows["per"] == per) & (rows["high"] > 0)]
    layer = layer.sort_values(id_field, ignore_index=True)
    amounts = amount_of(layer)
    known = (amounts >= 0) & (amounts <= MOST)
    unknown = np.zeros(len(layer), bool)
    pairs = []
    for word, fitting in own.groupby("kind", sort=True):
        concerned = _holds(layer, kind, word)
        unknown |= concerned & ~known
        members = np.flatnonzero(concerned & known & (amounts > 0))
        numbers = fitting.index.to_numpy(np.int64)
        pairs.append(_spread(members, np.zeros(len(members), int), [numbers]))
    ids = layer[id_field].to_numpy(object)
    tally.skip(role, ids[unknown], REASONS[role])
    actors = _land_actors(ACTOR_WORDS[role], layer, ids, amounts)
    return [Pairs(actors, actor, row) for actor, row in pairs]


def _holds(layer, kind: str | None, word: str) -> np.ndarray:
    """Which features a row is about: all regions, zones of a kind, lines of a mode."""
    if kind is None:
        return np.ones(len(layer), bool)
    cells = layer[kind].fillna("")
    known = {cell: word in cell.split(";") for cell in cells.unique()}
    return cells.map(known).to_numpy(bool)


def _land_actors(word: str, layer, ids, amounts) -> Actors:
    called = ids
    if "name" in layer:
        called = layer["name"].astype(object).where(layer["name"].notna(), ids)
    return Actors(
        np.array([f"{word}-{own}" for own in ids], object),
        np.asarray(called, object),
        np.full(len(layer), None, object),
        shapely.point_on_surface(layer.geometry.to_numpy()),
        amounts,
        np.full(len(layer), False),
    )


def _population(regions) -> np.ndarray:
    if "population" not in regions:
        return np.full(len(regions), np.nan)
    return regions["population"].to_numpy(float)


def _hectares(zones) -> np.ndarray:
    """Area by the field; measured where it is empty."""
    measured = shapely.area(zones.geometry.to_numpy()) / SQUARE_METRES
    return zones["area_ha"].fillna(pd.Series(measured, zones.index)).to_numpy(float)


def _kilometres(lines) -> np.ndarray:
    return shapely.length(lines.geometry.to_numpy()) / KILOMETRES


LAND = {
    "regions": (INHABITANT, None, "region_id", _population),
    "zones": (HECTARE, "kinds", "zone_id", _hectares),
    "infrastructure": (KILOMETRE, "mode", "infra_id", _kilometres),
}
"""Per role: what its rows are per, field of the kind, id, how much there is of it."""
ACTOR_WORDS = {"regions": "region", "zones": "zone", "infrastructure": "line"}
REASONS = {
    "regions": "population_unknown",
    "zones": "area_unknown",
    "infrastructure": "area_unknown",
}


def joined(groups: list[Pairs]) -> Pairs:
    """All pairs as one, sorted as the ids of their flows will be."""
    sizes = [len(group.actors.ids) for group in groups]
    starts = np.cumsum(sizes) - sizes
    actor = [group.actor + start for group, start in zip(groups, starts, strict=True)]
    actor, row = np.concatenate(actor), np.concatenate([g.row for g in groups])
    actors = Actors(
        *(
            np.concatenate([getattr(group.actors, each.name) for group in groups])
            for each in fields(Actors)
        )
    )
    rank = np.empty(len(actors.ids), np.int64)
    rank[np.argsort(actors.ids + ":", kind="stable")] = np.arange(len(rank))
    order = np.lexsort([row, rank[actor]])
    return Pairs(actors, actor[order], row[order])
