"""The smallest single change into the best, against trying every value."""

import math

import numpy as np
import pandas as pd
import pytest
from kansenkaart.analysis.criteria import Measured
from kansenkaart.analysis.scoring import score_values
from kansenkaart.analysis.smallest_change import smallest_changes
from kansenkaart.analysis.vocabulary import SCORING_METHODS
from kansenkaart.analysis.why_here import changes, strong_and_weak

NAMES = list("abcd")


def random_scores(method, seed=4, count=25):
    rng = np.random.default_rng(seed)
    value = pd.DataFrame(rng.random((count, 4)).round(3), columns=NAMES)
    value = value.mask(rng.random(value.shape) < 0.1)
    weight = pd.Series([0.4, 0.3, 0.2, 0.1], NAMES)
    return value, weight, score_values(value, weight, 0.3, method)


def is_best(value, weight, method, area, name, new):
    """Whether an area has one of the five best places with another value."""
    other = value.copy()
    other.at[area, name] = new
    return score_values(other, weight, 0.3, method).table.at[area, "rank"] <= 5


@pytest.mark.parametrize("method", ["weighted_sum", "geometric_mean"])
def test_the_change_is_enough_and_no_other_is_smaller(method):
    value, weight, scores = random_scores(method)
    found = smallest_changes(scores, 5)
    before = scores.table["rank"]
    assert found["within"].tolist() == (before <= 5).tolist()
    changed = 0
    for area, criterion, needed, within in found.itertuples():
        if within:
            assert criterion is None
            continue
        steps = {}
        for name in value:
            low, high = value.at[area, name], 1.0
            if math.isnan(low) or not is_best(value, weight, method, area, name, high):
                continue
            while high - low > 1e-4:
                middle = (low + high) / 2
                best = is_best(value, weight, method, area, name, middle)
                low, high = (low, middle) if best else (middle, high)
            steps[name] = high - value.at[area, name]
        if criterion is None:
            assert not steps
            continue
        changed += 1
        step = needed - value.at[area, criterion]
        assert step == pytest.approx(min(steps.values()), abs=2e-4)
    assert changed > 5


def test_topsis_with_what_it_compares_with_as_it_is():
    value, _, scores = random_scores("topsis")
    found = smallest_changes(scores, 5).dropna(subset=["criterion"])
    assert len(found) > 5
    assert (found["value"] <= 1).all()
    own = [value.at[area, row["criterion"]] for area, row in found.iterrows()]
    assert (found["value"] > own).all()


@pytest.mark.parametrize("method", SCORING_METHODS)
def test_none_is_needed_where_all_are_among_the_best(method):
    scores = random_scores(method, count=4)[2]
    assert smallest_changes(scores, 10)["within"].all()


def test_a_criterion_that_nobody_can_change_is_not_named():
    scores = random_scores("weighted_sum")[2]
    found = smallest_changes(scores, 5, fixed=["a"])
    assert "a" not in set(found["criterion"])
    assert found["criterion"].notna().any()


def test_of_equal_changes_the_weakest_criterion():
    value = pd.DataFrame({"a": [1.0, 0.6], "b": [1.0, 0.2]})
    scores = score_values(value, pd.Series({"a": 0.5, "b": 0.5}))
    found = smallest_changes(scores, 1)
    # Both need more than there is room for.
    assert found.loc[1, "criterion"] is None
    value = pd.DataFrame({"a": [0.8, 0.6], "b": [0.4, 0.2]})
    found = smallest_changes(score_values(value, pd.Series({"a": 0.5, "b": 0.5})), 1)
    assert found.loc[1].tolist() == ["b", pytest.approx(0.6), False]


def test_the_change_in_words_is_enough():
    raw = pd.DataFrame({"space": [9.0, 2.04], "C8": [4000.0, 4500.0]})
    value = pd.DataFrame({"space": [0.9, 0.204], "C8": [0.2, 0.1]})
    scores = score_values(value, pd.Series({"space": 0.5, "C8": 0.5}))
    found = changes(Measured(raw, value), scores, {}, 1, "nl")
    assert found.loc[0].isna().all()
    # It needs 0.796 more, so C8 goes to 0.896.
    assert found.loc[1, "change_criterion"] == "C8"
    assert found.loc[1, "change_raw"] == 520
    assert "in plaats van 4,5\u00a0km" in found.loc[1, "change"]
    assert "beste 1" in found.loc[1, "change"]


def test_a_change_of_the_users_own_criterion():
    raw = pd.DataFrame({"euro": [40.0, 90.0]})
    value = pd.DataFrame({"euro": [0.6, 0.1]})
    scores = score_values(value, pd.Series({"euro": 1.0}))
    own = Measured(raw, value, frozenset({"euro"}))
    found = changes(own, scores, {"euro": (100, 0)}, 1, "en")
    assert found.loc[1, "change_raw"] == 40
    assert found.loc[1, "change"].endswith("40.00 in place of 90.00 (euro).")


def test_strongest_and_weakest():
    value = pd.DataFrame({"a": [0.5, math.nan], "b": [0.9, math.nan]})
    scores = score_values(value, pd.Series({"a": 0.9, "b": 0.1}), 0.0)
    found = strong_and_weak(scores)
    assert found.loc[0].tolist() == ["a", "a"]
    assert found.loc[1].isna().all()
