"""Draws of weights, and the places that they give."""

import numpy as np
import pandas as pd
import pytest
from kansenkaart.analysis.robustness import (
    dirichlet_weights,
    percentiles,
    places,
    robustness,
)
from kansenkaart.analysis.scoring import score_values


def scores_of(value, weight, least=0.0):
    return score_values(pd.DataFrame(value), pd.Series(weight, dtype=float), least)


def test_places_share_the_best_of_theirs():
    found = places(np.array([[0.5, 0.9, 0.5, 0.1], [0.1, 0.2, 0.3, 0.3 + 1e-15]]))
    assert found.tolist() == [[2, 1, 2, 4], [4, 3, 1, 1]]


def test_percentiles_are_places_that_occur():
    draws = np.array([[5], [1], [2], [4], [3]] * 4)
    low, high, middle = (
        percentiles(draws, part)[0].tolist() for part in (0.05, 0.95, 0.5)
    )
    assert (low, high, middle) == ([1], [5], [3])


def test_draws_have_the_mean_and_spread_of_a_dirichlet():
    weight = pd.Series({"a": 0.5, "b": 0.3, "c": 0.2})
    drawn = dirichlet_weights(weight, 200_000, 4.0, seed=3)
    assert drawn.sum(axis=1) == pytest.approx(1)
    total = 3 * 4.0
    share = weight.to_numpy()
    spread = share * (1 - share) / (total + 1)
    error = 5 * np.sqrt(spread / len(drawn))
    assert (np.abs(drawn.mean(axis=0) - share) < error).all()
    np.testing.assert_allclose(drawn.var(axis=0), spread, rtol=0.03)


def test_two_areas_by_hand():
    """With one criterion each, the first wins when its weight is above a half."""
    scores = scores_of({"a": [1.0, 0.0], "b": [0.0, 1.0]}, {"a": 0.5, "b": 0.5})
    found = robustness(scores, 4000, 1.0, top=1, seed=2)
    share = found.table["acceptability"]
    assert share.sum() == pytest.approx(1)
    assert share[0] == pytest.approx(0.5, abs=5 * 0.5 / 4000**0.5)
    assert found.table["rank_low"].tolist() == [1, 1]
    assert found.table["rank_high"].tolist() == [2, 2]
    # Uniform weights above a half have a mean of three quarters.
    assert found.central.loc[0].tolist() == pytest.approx([0.75, 0.25], abs=0.02)
    assert found.central.loc[1].tolist() == pytest.approx([0.25, 0.75], abs=0.02)


def test_the_order_of_criteria_makes_no_difference():
    rng = np.random.default_rng(5)
    value = pd.DataFrame(rng.random((40, 4)), columns=list("dbca"))
    weight = {"d": 0.4, "b": 0.3, "c": 0.2, "a": 0.1}
    one = robustness(scores_of(value, weight), 300)
    other = robustness(
        scores_of(value[list("abcd")], dict(sorted(weight.items()))), 300
    )
    pd.testing.assert_frame_equal(one.table, other.table)
    pd.testing.assert_frame_equal(one.central, other.central[one.central.columns])


def test_areas_without_a_rank_take_no_part():
    value = {"a": [0.9, np.nan, 0.1], "b": [0.5, 0.9, 0.4]}
    found = robustness(scores_of(value, {"a": 0.6, "b": 0.4}, 0.5), 100, top=1)
    assert found.table["acceptability"].isna().tolist() == [False, True, False]
    assert found.table["rank_high"].max() == 2
    assert found.central.loc[1].isna().all()
    assert found.central.loc[2].isna().all()


def test_no_draws_no_robustness():
    found = robustness(scores_of({"a": [0.9, 0.1]}, {"a": 1.0}), draws=0)
    assert found.table.isna().all(axis=None)
    assert found.central.isna().all(axis=None)


def test_criteria_without_weight_stay_without():
    scores = scores_of({"a": [1.0, 0.0], "b": [0.0, 1.0]}, {"a": 1.0, "b": 0.0})
    found = robustness(scores, 50)
    assert found.central.loc[0].to_dict() == {"a": 1.0, "b": 0.0}
    assert found.central.loc[1].to_dict() == pytest.approx({"a": 1.0, "b": 0.0})
    assert found.table["rank_high"].tolist() == [1, 2]
