"""Places built for a strategy: the arithmetic of their ranks, and whether they show."""

import itertools
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "dev"))

import agenda_figures as figures  # noqa: E402
import agenda_ranks as ranks  # noqa: E402


def test_equal_scores_share_their_places():
    scores = np.array([5.0, 4.0, 4.0, 4.0, 1.0, np.nan, np.nan])
    found = [figures.places_of(score, scores) for score in scores]
    assert found == [(1, 1), (2, 4), (2, 4), (2, 4), (5, 5), (6, 7), (6, 7)]


def test_an_order_at_random_is_counted_out():
    """Two rankings, of 4 and 5 zones with 2 and 1 built: every order, top 2."""
    counts = []
    for one in itertools.permutations(range(4)):
        for other in itertools.permutations(range(5)):
            hits = sum(zone < 2 for zone in one[:2]) + (0 in other[:2])
            counts.append(hits)
    expected, low, high = figures.at_random([(4, 2), (5, 1)], top=2)
    assert expected == pytest.approx(np.mean(counts))
    ends = np.quantile(counts, [0.025, 0.975], method="inverted_cdf")
    assert (low, high) == tuple(ends)


def rows(**columns):
    base = {"seed": 1, "agenda": "WA2", "place": "a", "strategy": "WA2.4", "zones": 50}
    return pd.DataFrame(base | columns)


def test_a_place_stands_higher_in_its_own_strategy():
    table = rows(
        ranking=["WA2", "WA2.4", "WA2.5", "WA2.6", "WA2.7"],
        first=[1, 3, 3, 2, 9],
        last=[1, 3, 3, 2, 9],
    )
    assert ranks.higher(table) == pytest.approx(0.5)


@pytest.fixture(scope="module", params=[1, pytest.param(2, marks=pytest.mark.proof)])
def found(request):
    """Places of one agenda in a small province."""
    return pd.DataFrame(ranks.seed_rows(request.param, 2000, ("WA3",)))


def test_places_built_for_a_strategy_lead_its_ranking(found):
    own = ranks.own(found)
    _, _, most = figures.at_random([(900, 1)] * len(own))
    assert (own["last"] <= figures.TOP).sum() >= max(most + 1, len(own) / 2)


def test_places_stand_above_their_near_misses(found):
    for part in (ranks.own(found), ranks.whole(found)):
        assert (part["lead"] > 0).mean() > 0.8
