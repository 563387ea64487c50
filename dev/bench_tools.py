"""What the cases of ``make bench`` share: timing, and the lines that are printed."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

LONG = 20.0
"""What takes so many seconds is not repeated."""


def in_turn(
    *actions: Callable[[], object], runs: int = 3
) -> list[tuple[float, object]]:
    """Median time and last result of every action.

    They take turns, so that what else the machine does weighs on all alike.
    """
    took: list[list[float]] = [[] for _ in actions]
    results: list[object] = [None for _ in actions]
    for _ in range(runs):
        for place, action in enumerate(actions):
            if took[place] and took[place][0] >= LONG:
                continue
            start = time.perf_counter()
            results[place] = action()
            took[place].append(time.perf_counter() - start)
    medians = map(statistics.median, took)
    return list(zip(medians, results, strict=True))


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
