"""Case `reweigh` of ``make bench``: scores of known values with other weights."""

from __future__ import annotations

import sys
from functools import partial

import numpy as np
import pandas as pd
from bench_scene import ROOT
from bench_tools import in_turn, say, target

AREAS = 350_000
CRITERIA = 10
UNKNOWN = 0.03
"""Share of the values that is unknown."""
COMPLETE = 0.6
RUNS = 7


def reweigh() -> bool:
    """The weighted sum, with ranks and effects, against its formula area by area."""
    sys.path.insert(0, str(ROOT / ".dev" / "plugins"))
    from kansenkaart.analysis.scoring import score_values

    value, weight = _values()
    (ours_s, scores), (other_s, expected) = in_turn(
        partial(score_values, value, weight, COMPLETE),
        partial(_by_formula, value, weight),
        runs=RUNS,
    )
    found = scores.table.join(scores.effect.add_prefix("effect_"))
    agree = all(
        np.allclose(found[name], expected[name], atol=1e-9, equal_nan=True)
        for name in expected
    )
    size = f"{AREAS}areas*{CRITERIA}criteria"
    say("reweigh", size, ours_s, ("pandas", other_s), agree)
    target("<= 0.2 s", f"{ours_s:.3f} s", ours_s <= 0.2)
    return agree


def _values() -> tuple[pd.DataFrame, pd.Series]:
    """Values in [0, 1] in four decimals, so that scores can be equal; some unknown."""
    random = np.random.default_rng(1)
    names = [f"criterion {number}" for number in range(CRITERIA)]
    shape = (AREAS, CRITERIA)
    value = pd.DataFrame(random.random(shape).round(4), columns=names)
    weight = pd.Series(random.random(CRITERIA), names)
    return value.mask(random.random(shape) < UNKNOWN), weight / weight.sum()


def _by_formula(value: pd.DataFrame, weight: pd.Series) -> pd.DataFrame:
    """The same as the documentation of the scores puts it, criterion by criterion."""
    points, known = pd.Series(0.0, value.index), pd.Series(0.0, value.index)
    for name, share in weight.items():
        points += share * value[name].fillna(0)
        known += share * value[name].notna()
    score = 100 * points / known
    ranked = score[known >= COMPLETE].round(9)
    table = {
        "score": score,
        "rank": ranked.rank(method="min", ascending=False).reindex(value.index),
        "score_low": 100 * points,
        "score_high": 100 * (points + weight.sum() - known),
        "completeness": known,
    }
    for name, share in weight.items():
        middle = value[name] - value[name].median()
        table[f"effect_{name}"] = 100 * share / known * middle
    return pd.DataFrame(table)
