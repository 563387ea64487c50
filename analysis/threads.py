"""Work spread over the cores, with an ear for the user meanwhile."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait

import numpy as np
import shapely

from .progress import Progress, silent

PATIENCE = 0.2
"""Seconds after which progress is told again."""
CHUNK = 200
"""Pairs of shapes that are worked on in one go."""


def in_threads(
    function: Callable, items: Sequence, progress: Progress = silent
) -> list:
    """Results of a function for every item, in the order of the items.

    Pays for what is computed in GEOS or Qhull, which let other threads run. When the
    user stops the run, what has begun is left to end by itself.

    Parameters
    ----------
    function
        Must change nothing that others see. Of shapes that it shares with other calls
        it must take :func:`copies`.
    items
        One for each call.
    progress
        Told at every result, and while waiting for one.
    """
    pool = ThreadPoolExecutor(os.cpu_count())
    try:
        futures = [pool.submit(function, item) for item in items]
        for number, future in enumerate(futures):
            while not future.done():
                wait([future], PATIENCE)
                progress(number / len(futures))
        return [future.result() for future in futures]
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def patiently(action: Callable[[], object], tell: Callable[[], object]) -> object:
    """Result of one long action in a thread of its own, telling something meanwhile.

    Parameters
    ----------
    action
        Done to its end, also when ``tell`` raises.
    tell
        Called now and then, here.
    """
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(action)
        while not future.done():
            wait([future], PATIENCE)
            tell()
        return future.result()


def in_pairs(
    function: Callable, one: np.ndarray, other: np.ndarray, progress: Progress = silent
) -> np.ndarray:
    """A function of shapely on pairs of shapes, in threads.

    Parameters
    ----------
    function
        For example ``shapely.intersection``.
    one, other : ndarray of shapely geometries, shape (n,)
        May hold a shape many times.
    """
    chunks = [slice(start, start + CHUNK) for start in range(0, len(one), CHUNK)]
    found = in_threads(
        lambda rows: function(copies(one[rows]), copies(other[rows])), chunks, progress
    )
    return np.concatenate([np.empty(0, dtype=object), *found])


def copies(shapes: np.ndarray) -> np.ndarray:
    """Shapes that no other thread has: GEOS keeps in a shape what it found out."""
    return shapely.force_2d(shapes)
