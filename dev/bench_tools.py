"""What the cases of ``make bench`` share: timing, and the lines that are printed."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

LONG = 20.0
"""A run of so many seconds is not repeated."""


def median_time(action: Callable[[], object], runs: int = 3) -> tuple[float, object]:
    """Median of the time that an action takes, and its last result."""
    took = []
    while len(took) < runs and not (took and took[0] >= LONG):
        start = time.perf_counter()
        result = action()
        took.append(time.perf_counter() - start)
    return statistics.median(took), result


def say(
    case: str, n: object, ours: float, other: tuple[str, float], agree: bool
) -> bool:
    """Print the line of a case; give back whether both sides agree."""
    name, seconds = other
    print(
        f"bench {case} n={n} ours_s={ours:.3g} other={name} other_s={seconds:.3g} "
        f"ratio={seconds / ours:.2f} agree={str(bool(agree)).lower()}",
        flush=True,
    )
    return bool(agree)


def target(what: str, measured: str, met: bool) -> None:
    """Print a target and whether it is met; missing one is no failure."""
    print(f"  target {what}: {measured}, {'met' if met else 'MISSED'}", flush=True)


def target_ratio(wanted: float, ours: float, other: float) -> None:
    """Print how many times faster we should be, and are."""
    target(f">= {wanted:g} x", f"{other / ours:.2f} x", other / ours >= wanted)


def note(text: str) -> None:
    """Print where the time goes."""
    print(f"  {text}", flush=True)
