"""Ways to put values together, against plain loops by definition."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kansenkaart.analysis.scoring import score_values
from kansenkaart.analysis.vocabulary import SCORING_METHODS

# Squares of smaller values would be 0.
VALUE = st.floats(0, 1).map(lambda value: round(value, 6))
CELL = st.one_of(VALUE, st.sampled_from([0.0, 0.5, 1.0]), st.just(math.nan))


@st.composite
def problems(draw):
    """Values with gaps, and weights of which some are 0."""
    count, areas = draw(st.integers(1, 5)), draw(st.integers(1, 6))
    row = st.lists(CELL, min_size=count, max_size=count)
    rows = draw(st.lists(row, min_size=areas, max_size=areas))
    weight = draw(st.lists(st.integers(0, 5), min_size=count, max_size=count))
    weight[0] = weight[0] or 1
    names = list("abcde")[:count]
    return pd.DataFrame(rows, columns=names, dtype=float), pd.Series(
        weight, names
    ) * 1.0


def plain_geometric(row, weight):
    known = [
        (v, w) for v, w in zip(row, weight, strict=True) if not math.isnan(v) and w
    ]
    total = sum(w for _, w in known)
    if not total:
        return math.nan
    return 100 * math.prod(v ** (w / total) for v, w in known)


def plain_topsis(rows, place, weight):
    """Of one area among all, values of which some are unknown."""
    columns = list(zip(*rows, strict=True))
    to_best = to_worst = counted = 0.0
    for value, column, share in zip(rows[place], columns, weight, strict=True):
        if math.isnan(value) or not share:
            continue
        known = [v for v in column if not math.isnan(v)]
        length = math.hypot(*known) or 1.0
        to_best += (share * (value - max(known)) / length) ** 2
        to_worst += (share * (value - min(known)) / length) ** 2
        counted += share
    if not counted:
        return math.nan
    if to_best + to_worst == 0:
        return 50.0
    return 100 * math.sqrt(to_worst) / (math.sqrt(to_best) + math.sqrt(to_worst))


@settings(max_examples=150, deadline=None)
@given(problems())
def test_geometric_mean_and_topsis_by_definition(problem):
    value, weight = problem
    rows = value.to_numpy().tolist()
    geometric = score_values(value, weight, 0.0, "geometric_mean").table["score"]
    topsis = score_values(value, weight, 0.0, "topsis").table["score"]
    for place, row in enumerate(rows):
        expected = plain_geometric(row, weight)
        assert geometric[place] == pytest.approx(expected, abs=1e-9, nan_ok=True)
        expected = plain_topsis(rows, place, weight)
        assert topsis[place] == pytest.approx(expected, abs=1e-7, nan_ok=True)


@settings(max_examples=100, deadline=None)
@given(problems(), st.sampled_from([0.0, 1.0]))
def test_the_range_of_topsis_by_definition(problem, unknown):
    """An area with this for what is unknown of it, the others as they are."""
    value, weight = problem
    table = score_values(value, weight, 0.0, "topsis").table
    told = table["score_high" if unknown else "score_low"]
    rows = value.to_numpy().tolist()
    for place, row in enumerate(rows):
        own = [unknown if math.isnan(each) else each for each in row]
        others = [*rows[:place], own, *rows[place + 1 :]]
        expected = plain_topsis(others, place, weight)
        assert told[place] == pytest.approx(expected, abs=1e-7, nan_ok=True)


@settings(max_examples=100, deadline=None)
@given(problems(), st.sampled_from(SCORING_METHODS))
def test_what_is_unknown_only_widens_the_range(problem, method):
    value, weight = problem
    table = score_values(value, weight, 0.0, method).table.dropna()
    assert (table["score_low"] <= table["score"] + 1e-7).all()
    assert (table["score"] <= table["score_high"] + 1e-7).all()
    assert table["score_low"].ge(-1e-9).all()
    assert table["score_high"].le(100 + 1e-9).all()
    whole = table["completeness"] > 1 - 1e-12
    np.testing.assert_allclose(
        table.loc[whole, "score_low"], table.loc[whole, "score_high"], atol=1e-7
    )


@pytest.mark.parametrize("method", SCORING_METHODS)
def test_the_bounds_are_those_with_this_area_filled_in(method):
    value = pd.DataFrame({"a": [0.9, 0.2, 0.4], "b": [math.nan, 0.5, 0.8]})
    weight = pd.Series({"a": 1.0, "b": 3.0})
    found = score_values(value, weight, 0.0, method).table
    for column, unknown in (("score_low", 0.0), ("score_high", 1.0)):
        full = score_values(value.fillna(unknown), weight, 0.0, method).table
        assert found.loc[0, column] == pytest.approx(full.loc[0, "score"])
    assert found.loc[1, "score_low"] == pytest.approx(found.loc[1, "score"])


@pytest.mark.parametrize("method", SCORING_METHODS)
def test_effect_is_the_score_without_what_sets_it_apart(method):
    value = pd.DataFrame({"a": [0.9, 0.2, 0.4], "b": [0.3, 0.5, 0.8]})
    found = score_values(value, pd.Series({"a": 1.0, "b": 1.0}), 0.0, method)
    # At the median already, a criterion makes no difference.
    assert found.effect.loc[2, "a"] == pytest.approx(0, abs=1e-9)
    assert found.effect.loc[0, "a"] > 0 > found.effect.loc[1, "a"]
    assert found.contribution.notna().all(axis=None) == (method == "weighted_sum")


def test_effect_of_the_geometric_mean_by_hand():
    value = pd.DataFrame({"a": [0.81, 0.25, 0.49], "b": [1.0, 1.0, 1.0]})
    weight = pd.Series({"a": 1.0, "b": 1.0})
    found = score_values(value, weight, 0.0, "geometric_mean")
    assert found.effect["a"].tolist() == pytest.approx([20, -20, 0])
    assert found.effect["b"].tolist() == pytest.approx([0, 0, 0])
