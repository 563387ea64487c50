"""Cases of ``make bench`` on scores: other weights, drawn weights, all strategies."""

from __future__ import annotations

import sys
from functools import partial

import numpy as np
import pandas as pd
from bench_scene import MEMORY, ROOT, inputs, start_qgis
from bench_tools import in_turn, say, target
from scipy.stats import rankdata

AREAS = 350_000
CRITERIA = 10
UNKNOWN = 0.03
"""Share of the values that is unknown."""
COMPLETE = 0.6
RUNS = 7
DRAWN_AREAS, DRAWS, TOP = 10_000, 1_000, 10
SURE = 6
"""Standard errors by which two sets of draws may differ."""


def reweigh() -> bool:
    """Scores and ranks by other weights, against the formula area by area."""
    sys.path.insert(0, str(ROOT / ".dev" / "plugins"))
    from kansenkaart.analysis.scoring import score_values

    value, weight = _values()
    (ours_s, scores), (other_s, expected) = in_turn(
        partial(score_values, value, weight, COMPLETE),
        partial(_by_formula, value, weight),
        runs=RUNS,
    )
    found = scores.table.join(scores.effect.add_prefix("effect_"))
    # Scores on both sides of where the other rounds are equal here, and not there.
    within = {"rank": 1.0}
    agree = all(
        np.allclose(
            found[name], expected[name], 0.0, within.get(name, 1e-9), equal_nan=True
        )
        for name in expected
    )
    size = f"{AREAS}areas*{CRITERIA}criteria"
    say("reweigh", size, ours_s, ("pandas", other_s), agree)
    target("<= 0.2 s", f"{ours_s:.3f} s", ours_s <= 0.2)
    return agree


def smaa() -> bool:
    """Places by drawn weights, against one draw after the other with other draws."""
    sys.path.insert(0, str(ROOT / ".dev" / "plugins"))
    from kansenkaart.analysis.robustness import robustness
    from kansenkaart.analysis.scoring import score_values

    random = np.random.default_rng(2)
    names = [f"criterion {number}" for number in range(CRITERIA)]
    value = pd.DataFrame(random.random((DRAWN_AREAS, CRITERIA)), columns=names)
    weight = pd.Series(1 / CRITERIA, names)
    scores = score_values(value, weight, 0.0)
    (ours_s, found), (other_s, expected) = in_turn(
        partial(robustness, scores, DRAWS, 1.0, TOP),
        partial(_one_by_one, value.to_numpy()),
    )
    share, other = found.table["acceptability"].to_numpy(), expected
    middle = (share + other) / 2
    error = np.sqrt(2 * middle * (1 - middle) / DRAWS)
    agree = bool((np.abs(share - other) <= SURE * error + 2 / DRAWS).all())
    size = f"{DRAWN_AREAS}areas*{DRAWS}draws"
    say("smaa", size, ours_s, ("scipy", other_s), agree)
    target("<= 1 s", f"{ours_s:.2f} s", ours_s <= 1)
    return agree


def strategies() -> bool:
    """All strategies of the study with draws, for zones, through the algorithm."""
    application = start_qgis()
    import processing

    looked_at = ("ESTABLISHMENTS", "ZONES", "INFRASTRUCTURE", "FACILITIES", "REGIONS")
    layers = {role: inputs()[role] for role in (*looked_at, "CONSTRAINTS")}
    sinks = ("OUTPUT", "OUTPUT_CRITERIA", "OUTPUT_STRATEGIES")
    asked = layers | dict.fromkeys(sinks, MEMORY["OUTPUT"])
    asked |= {"AREAS": layers["ZONES"], "STRATEGY": "all", "DRAWS": DRAWS}
    ((ours_s, found),) = in_turn(
        partial(processing.run, "kansenkaart:scoreareas", asked), runs=1
    )
    tables = [_frame(found[name]) for name in sinks[1:]]
    agree = application is not None and _scores_agree(*tables)
    count = found["AREA_COUNT"]
    size = f"{int(count)}zones*26strategies*{DRAWS}draws"
    say("strategies", size, ours_s, ("target", 20.0), agree)
    target("<= 20 s", f"{ours_s:.1f} s", ours_s <= 20)
    return agree


def _one_by_one(value: np.ndarray) -> np.ndarray:
    """Share of the draws in which areas are among the best; uniform weights."""
    random = np.random.default_rng(3)
    inside = np.zeros(len(value))
    for _ in range(DRAWS):
        drawn = random.exponential(size=value.shape[1])
        inside += rankdata(-(value @ (drawn / drawn.sum())), "min") <= TOP
    return inside / DRAWS


def _frame(layer) -> pd.DataFrame:
    """Attributes of a layer."""
    from qgis.PyQt.QtCore import QVariant

    rows = [
        [None if isinstance(cell, QVariant) else cell for cell in row.attributes()]
        for row in layer.getFeatures()
    ]
    return pd.DataFrame(rows, columns=layer.fields().names())


def _scores_agree(criteria: pd.DataFrame, strategies: pd.DataFrame) -> bool:
    """Whether strategies without type environments score as their criteria add up."""
    from kansenkaart.analysis.strategies import ENVIRONMENT, criterion_shares

    shares = criterion_shares()
    value = criteria.pivot(index="area_id", columns="criterion", values="value")
    value = value.astype(float)
    plain = shares.index[shares[ENVIRONMENT] == 0]
    for name in plain:
        share = shares.loc[name, shares.loc[name] > 0].reindex(value.columns).fillna(0)
        known = value.notna().astype(float) @ share
        expected = 100 * value.fillna(0) @ share / known
        own = strategies[strategies["strategy"] == name].set_index("area_id")
        score = own["score"].astype(float).reindex(value.index)
        if not np.allclose(score, expected, atol=1e-6, equal_nan=True):
            return False
    return len(plain) > 0


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
