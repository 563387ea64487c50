"""Establishments: what they do, where they settle, how many jobs they have."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ..resources import read_csv
from .canvas import Zone
from .names import company_names
from .plots import Streets, place_in

ENVIRONMENTS = (
    "centre", "residential", "park", "port", "farm", "greenhouse", "campus", "nature",
)  # fmt: skip
DARK_HORSE = 0.04  # weight of zones whose rules forbid an activity: old rights


def make_firms(
    seeds: list[np.random.SeedSequence],
    rules: dict,
    zones: list[Zone],
    towns: list[str],
    count: int,
) -> pd.DataFrame:
    """Table of ``count`` establishments with columns name, sbi, jobs, x, y."""
    choice, streets_rng, places, sizes, labels = map(np.random.default_rng, seeds)
    activities = pd.DataFrame(read_csv("demo", "activities.csv"))
    kind, zone_of = _settle(choice, rules, zones, activities, count)
    pattern = Streets(
        streets_rng, rules["frame"]["size"], rules["streets"]["neighbourhood"]
    )
    points = _places(places, rules["streets"], zones, zone_of, pattern)
    jobs = _jobs(sizes, rules["jobs"], activities["mean_jobs"].astype(float), kind)
    sbi = activities["sbi"].to_numpy()[kind]
    names = company_names(labels, sbi, jobs, towns)
    jobs = np.where(sizes.random(count) < rules["jobs"]["unknown"], np.nan, jobs)
    frame = {
        "name": names,
        "sbi": sbi,
        "jobs": jobs,
        "x": points[:, 0],
        "y": points[:, 1],
    }
    return pd.DataFrame(frame)


def _settle(rng, rules: dict, zones: list[Zone], activities: pd.DataFrame, count: int):
    """Draw activity and zone of each establishment, both as row numbers (count,)."""
    weights = activities["establishments"].astype(float).to_numpy()
    kind = rng.choice(len(weights), count, p=weights / weights.sum())
    shares = activities[list(ENVIRONMENTS)].astype(float).to_numpy()
    limits = np.cumsum(shares / shares.sum(axis=1, keepdims=True), axis=1)
    environment = (rng.random(count)[:, None] > limits[kind]).sum(axis=1)
    environment = np.minimum(environment, len(ENVIRONMENTS) - 1)
    need = activities["category"].astype(float).to_numpy()[kind]
    room = _room(rng, rules["density"], zones)
    settles = np.array([zone.environment for zone in zones])
    allowed = np.array([float(zone.category or 9) for zone in zones])
    zone_of = np.zeros(count, dtype=int)
    for number, label in enumerate(ENVIRONMENTS):
        for level in np.unique(need):
            rows = np.flatnonzero((environment == number) & (need == level))
            fit = np.where(allowed >= level, 1.0, DARK_HORSE)
            weight = room * fit * (settles == label)
            zone_of[rows] = rng.choice(len(zones), len(rows), p=weight / weight.sum())
    return kind, zone_of


def _room(rng, density: dict, zones: list[Zone]) -> np.ndarray:
    """Relative number of establishments each zone can hold."""
    area = np.array([zone.shape.area for zone in zones]) / 1e4
    dense = np.array([max(density[kind] for kind in zone.kinds) for zone in zones])
    return area**0.92 * dense * np.exp(rng.normal(0, 0.18, len(zones)))


def _places(rng, patterns: dict, zones: list[Zone], zone_of, streets: Streets):
    """Coordinates (n, 2) of establishments, zone by zone."""
    order = np.argsort(zone_of, kind="stable")
    counts = np.bincount(zone_of, minlength=len(zones))
    drawn = [
        place_in(rng, zone, number, patterns[zone.pattern], streets)
        for zone, number in zip(zones, counts, strict=True)
        if number
    ]
    points = np.empty((len(zone_of), 2))
    points[order] = np.vstack(drawn)
    return points


def _jobs(rng, rules: dict, means: pd.Series, kind: np.ndarray) -> np.ndarray:
    """Whole numbers of jobs (n,): Pareto tails with the mean of each activity.

    Draws are spread evenly over the distribution of an activity, so that one giant
    more or less does not upset the totals of a small province.
    """
    scale = _tail_scales(rules, means.to_numpy())
    order = np.lexsort((rng.random(len(kind)), kind))
    counts = np.bincount(kind, minlength=len(means))
    first = np.cumsum(counts) - counts
    rank = np.empty(len(kind))
    rank[order] = np.arange(len(kind)) - first[kind[order]]
    share = (rank + rng.random(len(kind))) / counts[kind]
    excess = scale[kind] * ((1 - share) ** (-1 / rules["tail"]) - 1)
    return 1 + np.minimum(np.floor(excess), rules["largest"] - 1)


def _tail_scales(rules: dict, means: np.ndarray) -> np.ndarray:
    """Scale of the Pareto tail that gives each mean number of jobs."""
    scales = np.geomspace(0.005, 400, 400)
    steps = np.arange(1, rules["largest"])
    survival = (1 + steps[None] / scales[:, None]) ** -rules["tail"]
    return np.interp(means, 1 + survival.sum(axis=1), scales)
