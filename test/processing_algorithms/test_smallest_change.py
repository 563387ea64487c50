"""The smallest change of one value that brings an area among the best."""

import pytest
import scoring_oracles as oracle
from scoring_scene import (
    MEAN,
    METHODS,
    SUM,
    TOPSIS,
    random_values,
    random_weights,
    scored,
    weights_file,
)

pytestmark = pytest.mark.usefixtures("provider")
TOP = 3
STEP = 0.01
"""Figures are rounded to this or finer, always to what is enough."""


def changes(values, weight, path, **more):
    file = weights_file(path / "weights.csv", weight)
    outcome = scored(values, WEIGHTS_FILE=file, TOP=TOP, **more)
    return {row["area_id"]: row for row in outcome.rows()}


@pytest.mark.parametrize("seed", [41, 42])
@pytest.mark.parametrize("method", METHODS)
def test_with_the_change_an_area_is_among_the_best(method, seed, tmp_path):
    """As a new run says; nobody else's value has changed."""
    values, weight = random_values(9, 3, seed), random_weights(3)
    rows = changes(values, weight, tmp_path, METHOD=method)
    told = 0
    for area, row in rows.items():
        assert row["rank"] > TOP or row["change_criterion"] is None
        if row["change_criterion"] is None:
            continue
        told += 1
        raw = values[area][row["change_criterion"]]
        assert raw < row["change_raw"] <= 1
        new = {**values[area], row["change_criterion"]: row["change_raw"]}
        again = changes(values | {area: new}, weight, tmp_path, METHOD=method)
        # What TOPSIS compares with moves along a little.
        within = TOP + (method == TOPSIS)
        assert again[area]["rank"] <= within, (area, row["change_criterion"])
    assert told > 1


def least(method, row, weight, target):
    """By criterion the least value with which a row has a score, where one has."""
    found = {}
    for name in weight:
        low, high = row[name], 1.0
        if _score(method, row, weight, name, high) < target:
            continue
        for _ in range(200):
            middle = (low + high) / 2
            enough = _score(method, row, weight, name, middle) >= target
            low, high = (low, middle) if enough else (middle, high)
        found[name] = high
    return found


def _score(method, row, weight, name, value):
    return oracle.scores(method, {"A": {**row, name: value}}, weight)["A"]


@pytest.mark.parametrize("seed", [43, 44, 45])
@pytest.mark.parametrize("method", [SUM, MEAN])
def test_it_is_the_least_rise_of_all(method, seed, tmp_path):
    values, weight = random_values(15, 4, seed), random_weights(4)
    rows = changes(values, weight, tmp_path, METHOD=method)
    score = oracle.scores(method, values, weight)
    target = sorted(score.values())[-TOP]
    for area, row in rows.items():
        if row["rank"] <= TOP:
            continue
        found = least(method, values[area], weight, target)
        if not found:
            assert row["change_criterion"] is None
            continue
        rises = {name: value - values[area][name] for name, value in found.items()}
        best = min(rises, key=rises.get)
        assert row["change_criterion"] == best
        assert found[best] - 1e-9 <= row["change_raw"] <= found[best] + STEP


def test_unknown_values_are_no_change(tmp_path):
    """What nobody knows can't be raised."""
    values, weight = random_values(12, 3, 46, gaps=8), random_weights(3)
    rows = changes(values, weight, tmp_path, MIN_COMPLETENESS=0)
    for area, row in rows.items():
        if row["change_criterion"] is not None:
            assert values[area][row["change_criterion"]] is not None
