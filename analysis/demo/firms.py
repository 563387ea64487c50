"""Establishments: what they do, how many jobs they have, where they settle."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ..progress import Progress
from .activities import ENVIRONMENTS, draw_jobs, read_activities
from .canvas import Zone
from .names import company_names
from .plots import Streets, place_in
from .sampling import FIRST, SECOND, low_discrepancy, systematic


def make_firms(
    seeds: list[np.random.SeedSequence],
    rules: dict,
    zones: list[Zone],
    towns: list[str],
    count: int,
    tell: Progress,
) -> pd.DataFrame:
    """Table of ``count`` establishments with columns name, sbi, jobs, x, y, zone.

    ``zone`` is the row of the zone that each settles in.
    ``tell`` hears the share of the work that is done.
    """
    choice, streets_rng, places, sizes, labels = map(np.random.default_rng, seeds)
    room = _room(streets_rng, rules["density"], zones)
    streets = Streets(
        streets_rng, rules["frame"]["size"], rules["streets"]["neighbourhood"]
    )
    activities = read_activities(rules["jobs"])
    kind = np.sort(systematic(choice, activities["share"].to_numpy(), count))
    jobs = draw_jobs(
        rules["jobs"], activities, kind, low_discrepancy(sizes, count, FIRST)
    )
    zone_of = _settle(choice, rules, (zones, room), activities.iloc[kind], jobs)
    tell(0.1)
    points = _places(places, rules["streets"], zones, zone_of, streets, tell)
    tell(0.8)
    sbi = activities["sbi"].to_numpy()[kind]
    names = company_names(labels, sbi, jobs, towns)
    jobs = np.where(sizes.random(count) < rules["jobs"]["unknown"], np.nan, jobs)
    frame = {
        "name": names,
        "sbi": sbi,
        "jobs": jobs,
        "x": points[:, 0],
        "y": points[:, 1],
        "zone": zone_of,
    }
    tell(1.0)
    return pd.DataFrame(frame).iloc[choice.permutation(count)].reset_index(drop=True)


def _settle(rng, rules: dict, ground: tuple, own: pd.DataFrame, jobs) -> np.ndarray:
    """Zone of each establishment, as row numbers (count,).

    ``ground`` holds the zones and the room in each, ``own`` for each establishment
    the row of its activity. Zones fill as they have room; who asks for most, in rules
    or in ground, chooses first.
    """
    zones, room = ground
    environment = _environments(rng, rules, own, jobs)
    allowed = np.array([float(zone.category or 9) for zone in zones])
    hectares = np.array([zone.shape.area for zone in zones]) / 1e4
    settles = np.array([zone.environment for zone in zones])
    least = np.zeros(len(own))
    for limit, wanted in rules["park_size"]:
        least[(jobs >= limit) & (environment == "park")] = wanted
    demands = np.column_stack([least, own["category"].to_numpy()])
    zone_of = np.zeros(len(own), dtype=int)
    for label in ENVIRONMENTS:
        rows = np.flatnonzero(environment == label)
        weights = room * (settles == label)
        if label == "centre":
            weights = _fullest(weights, len(rows) // rules["centre_least"])
        slots = systematic(rng, weights, len(rows))
        offers = np.column_stack([hectares[slots], allowed[slots]])
        zone_of[rows] = slots[_matched(demands[rows], offers)]
    return zone_of


def _fullest(weights: np.ndarray, count: int) -> np.ndarray:
    """Keep the ``count`` largest weights, one at least; the others become 0."""
    least = np.sort(weights)[-min(max(count, 1), len(weights))]
    return np.where(weights >= least, weights, 0.0)


def _matched(demands: np.ndarray, offers: np.ndarray) -> np.ndarray:
    """Give each row of ``demands`` (n, 2) a row of ``offers`` that meets it.

    Where none is left, any will do: old rights.
    """
    free = np.ones(len(offers), dtype=bool)
    given = np.full(len(demands), -1)
    levels, group = np.unique(demands, axis=0, return_inverse=True)
    for number in reversed(range(len(levels))):
        rows = np.flatnonzero(group.ravel() == number)
        found = np.flatnonzero(free & (offers >= levels[number]).all(axis=1))
        found = found[: len(rows)]
        given[rows[: len(found)]] = found
        free[found] = False
    given[given < 0] = np.flatnonzero(free)
    return given


def _environments(rng, rules: dict, own: pd.DataFrame, jobs: np.ndarray) -> np.ndarray:
    """Draw the kind of surroundings (count,) each establishment settles in.

    Of those with one job, most work from home, unless their activity is a nuisance;
    the more jobs, the more leave the streets of houses for a park, if their activity
    has its place there.
    """
    shares = own[list(ENVIRONMENTS)].to_numpy()
    mild = own["category"].to_numpy() <= rules["home"]["category"]
    home, park = map(ENVIRONMENTS.index, ("residential", "park"))
    stay = np.array([1 - rules["home"].get(label, 0) for label in ENVIRONMENTS])
    shares = np.where(((jobs == 1) & mild)[:, None], shares * stay, shares)
    shares[:, home] += 1 - shares.sum(axis=1)
    for least, part in rules["leave_home"]:
        _move(shares, home, park, part * ((jobs >= least) & (shares[:, park] > 0)))
    _move(shares, park, home, rules["stay_in_town"] * (mild & (jobs > 1)))
    limits = np.cumsum(shares, axis=1)
    place = low_discrepancy(rng, len(own), SECOND)
    chosen = (place[:, None] > limits).sum(axis=1)
    return np.array(ENVIRONMENTS)[np.minimum(chosen, len(ENVIRONMENTS) - 1)]


def _move(shares: np.ndarray, start: int, end: int, part: np.ndarray) -> None:
    """Move a ``part`` (n,) of one column of ``shares`` to another."""
    moving = shares[:, start] * part
    shares[:, start] -= moving
    shares[:, end] += moving


def _room(rng, density: dict, zones: list[Zone]) -> np.ndarray:
    """Relative number of establishments each zone can hold; the same at any count."""
    area = np.array([zone.shape.area for zone in zones]) / 1e4
    dense = np.array([max(density[kind] for kind in zone.kinds) for zone in zones])
    return area * dense * np.exp(rng.normal(0, density["spread"], len(zones)))


def _places(
    rng, patterns: dict, zones: list[Zone], zone_of, streets: Streets, tell: Progress
):
    """Coordinates (n, 2) of establishments, zone by zone."""
    order = np.argsort(zone_of, kind="stable")
    counts = np.bincount(zone_of, minlength=len(zones))
    done = np.cumsum(counts) / len(zone_of)
    drawn = []
    for zone, number, share in zip(zones, counts, done, strict=True):
        if number:
            drawn.append(place_in(rng, zone, number, patterns[zone.pattern], streets))
            tell(0.1 + 0.7 * share)
    points = np.empty((len(zone_of), 2))
    points[order] = np.vstack(drawn)
    return points
