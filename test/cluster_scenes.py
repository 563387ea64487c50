"""Fifty data sets for DBSCAN, easy ones and awkward ones, the same every time."""

from functools import cache
from typing import NamedTuple

import numpy as np

DISTANCE = 500
SEEDS = range(5)


class Scene(NamedTuple):
    """Points, their jobs, and the limits to cluster them with."""

    xy: np.ndarray
    jobs: np.ndarray
    distance: float
    least: int
    least_jobs: int


def _clumps(rng):
    """Clumps of establishments, and stray ones."""
    centres = rng.uniform(0, 8000, (8, 2))
    clumps = centres[rng.integers(0, 8, 160)] + rng.normal(0, 300, (160, 2))
    return np.vstack([clumps, rng.uniform(0, 8000, (60, 2))])


def _even(rng):
    """Spread so thinly that hardly any point has enough around it."""
    return rng.uniform(0, 6000, (200, 2))


def _street(rng):
    """A line with gaps of one step, some of them just as wide as the distance."""
    steps = rng.choice([50, 250, DISTANCE, DISTANCE + 1, 1200], 180)
    return np.column_stack([np.cumsum(steps), np.zeros(180)]).astype(float)


def _slanted(rng):
    """All on one slanted line, anywhere."""
    return rng.uniform(0, 20_000, (200, 1)) * [0.6, 0.8]


def _grid(rng):
    """A grid at exactly the distance, with holes."""
    x, y = np.meshgrid(np.arange(16), np.arange(16))
    whole = np.column_stack([x.ravel(), y.ravel()]) * float(DISTANCE)
    return whole[rng.random(len(whole)) < 0.75]


def _slanted_grid(rng):
    """A grid turned by 3, 4, 5: at exactly the distance, and never along an axis."""
    return _grid(rng) / DISTANCE @ np.array([[300.0, 400.0], [-400.0, 300.0]])


def _doubles(rng):
    """Many at few places, as where an address stands for all firms of a building."""
    places = np.round(rng.uniform(0, 5000, (40, 2)) / 250) * 250
    return places[rng.integers(0, 40, 200)]


def _one_spot(rng):
    """All at one spot: as many as it takes, or one fewer."""
    return np.full((int(rng.integers(5, 8)), 2), 1234.5)


def _bridge(rng):
    """Two dense blobs, and a bridge between them that holds or just does not."""
    blobs = rng.normal(0, 250, (140, 2)) + np.repeat([[0, 0], [6000, 0]], 70, axis=0)
    step = float(rng.choice([160, 240, 260, DISTANCE]))
    bridge = np.arange(0, 6001, step)
    return np.vstack([blobs, np.column_stack([bridge, np.zeros(len(bridge))])])


def _rings(rng):
    """A ring of border points round a core, and a ring that surrounds it."""
    angle = rng.uniform(0, 2 * np.pi, 180)
    away = np.repeat([100.0, DISTANCE - 1.0, 2400.0], 60)
    away += rng.normal(0, 5, 180)
    return np.column_stack([np.cos(angle), np.sin(angle)]) * away[:, None]


KINDS = {
    kind.__name__.strip("_"): kind
    for kind in (
        _clumps,
        _even,
        _street,
        _slanted,
        _grid,
        _slanted_grid,
        _doubles,
        _one_spot,
        _bridge,
        _rings,
    )
}
NAMES = [f"{kind}-{seed}" for kind in KINDS for seed in SEEDS]
ORIGINS = [(0, 0), (155_000, 463_000), (4_000_000, 3_100_000), (-7000, 0), (9, 9)]
"""Where the scenes lie: in Dutch RD, in Europe's grid, and across zero."""


@cache
def scene(name: str) -> Scene:
    """One of the scenes by name."""
    kind, seed = name.rsplit("-", 1)
    rng = np.random.default_rng([int(seed), *kind.encode()])
    xy = rng.permutation(KINDS[kind](rng) + ORIGINS[int(seed)])
    jobs = rng.integers(0, 60, len(xy)).astype(float)
    jobs[rng.random(len(xy)) < 0.15] = np.nan
    least = int(rng.choice([3, 4, 6])) if kind != "one_spot" else 6
    return Scene(xy, jobs, DISTANCE, least, int(rng.choice([60, 150])))
