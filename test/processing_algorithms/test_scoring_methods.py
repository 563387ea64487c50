"""Methods against two libraries each, and against their definitions."""

import math
import random
import warnings

import numpy as np
import pytest
import scoring_oracles as oracle
from pytest import approx
from scoring_scene import (
    MEAN,
    METHODS,
    ROBUSTNESS,
    SUM,
    TOPSIS,
    by_area,
    by_criterion,
    random_values,
    random_weights,
    scored,
    weights_file,
)

pytestmark = pytest.mark.usefixtures("provider")
CLOSE = 1e-9
SIZES = ((12, 5, 1), (3, 2, 2), (60, 9, 3), (7, 1, 4))
"""Areas, criteria and seed."""


def close(expected):
    return approx(expected, abs=CLOSE, rel=0)


# --- libraries ------------------------------------------------------------------


def by_pymcdm(method, matrix, weight):
    from pymcdm import methods
    from pymcdm.normalizations import vector_normalization

    found = {
        SUM: methods.WSM(_as_is),
        MEAN: methods.WPM(_as_is),
        TOPSIS: methods.TOPSIS(vector_normalization),
    }[method]
    return 100 * found(matrix, weight, np.ones(len(weight)))


def _as_is(column, cost=False):
    assert not cost
    return column


def by_scikit_criteria(method, matrix, weight):
    import skcriteria
    from skcriteria.agg import topsis
    from skcriteria.agg.simple import WeightedProductModel, WeightedSumModel
    from skcriteria.preprocessing.scalers import VectorScaler

    table = skcriteria.mkdm(matrix, [max] * len(weight), weights=weight)
    if method == SUM:
        return 100 * WeightedSumModel().evaluate(table).e_.score
    if method == MEAN:
        # It gives the logarithm.
        return 100 * 10 ** WeightedProductModel().evaluate(table).e_.score
    table = VectorScaler(target="matrix").transform(table)
    return 100 * topsis.TOPSIS().evaluate(table).e_.similarity


# --- methods --------------------------------------------------------------------


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_scores_agree_with_two_libraries(method, size, tmp_path):
    areas, criteria, seed = size
    values, weight = random_values(areas, criteria, seed), random_weights(criteria)
    file = weights_file(tmp_path / "weights.csv", weight)
    outcome = scored(values, WEIGHTS_FILE=file, METHOD=method)
    found = by_area(outcome)
    assert list(found) == sorted(values)
    matrix = np.array([list(row.values()) for row in values.values()])
    parts = np.array(list(weight.values()))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for library in (by_pymcdm, by_scikit_criteria):
            expected = library(method, matrix, parts)
            assert list(found.values()) == close(expected.tolist())
    expected = oracle.scores(method, values, weight)
    assert found == close(expected)
    assert by_area(outcome, "rank") == oracle.ranks(expected)
    for row in outcome.rows():
        assert row["completeness"] == close(1)
        assert (row["score_low"], row["score_high"]) == (
            close(row["score"]), close(row["score"])
        )  # fmt: skip


def test_topsis_with_one_criterion_is_the_place_between_worst_and_best(tmp_path):
    values = random_values(7, 1)
    file = weights_file(tmp_path / "weights.csv", {"k0": 1})
    found = by_area(scored(values, WEIGHTS_FILE=file, METHOD=TOPSIS))
    of_one = {area: row["k0"] for area, row in values.items()}
    low, high = min(of_one.values()), max(of_one.values())
    expected = {
        area: 100 * (value - low) / (high - low) for area, value in of_one.items()
    }
    assert found == close(expected)


@pytest.mark.parametrize("method", METHODS)
def test_a_weight_of_zero_changes_nothing(method, tmp_path):
    values, weight = random_values(), random_weights()
    without = scored(
        values, WEIGHTS_FILE=weights_file(tmp_path / "a.csv", weight), METHOD=method
    )
    for row in values.values():
        row["leeg"] = random.Random(row["k0"]).random()  # noqa: S311
    file = weights_file(tmp_path / "b.csv", weight | {"leeg": 0})
    found = scored(values, WEIGHTS_FILE=file, METHOD=method)
    assert by_area(found) == close(by_area(without))


@pytest.mark.parametrize("method", (SUM, MEAN))
def test_unknown_values(method, tmp_path):
    """Weights of an area are those of what is known there, together 1."""
    values, weight = random_values(20, 4, 5, gaps=12), random_weights(4)
    file = weights_file(tmp_path / "weights.csv", weight)
    outcome = scored(values, WEIGHTS_FILE=file, METHOD=method, MIN_COMPLETENESS=0.7)
    one = (oracle.weighted_sum, oracle.geometric_mean)[method]
    score = {area: one(row, weight) for area, row in values.items()}
    assert by_area(outcome) == close(score)
    for row in outcome.rows():
        of_area = values[row["area_id"]]
        assert row["completeness"] == close(oracle.known_part(of_area, weight))
        for field, with_ in (("score_low", 0.0), ("score_high", 1.0)):
            assert row[field] == close(one(oracle.filled(of_area, with_), weight))
    enough = {
        area
        for area, row in values.items()
        if oracle.known_part(row, weight) >= 0.7 - 1e-12
    }
    assert 0 < len(enough) < len(values)
    ranked = oracle.ranks(score, enough)
    assert by_area(outcome, "rank") == {area: ranked.get(area) for area in values}


def test_unknown_values_with_topsis(tmp_path):
    """At its bounds an area's own values change, and those of the others do not."""
    values, weight = random_values(20, 4, 5, gaps=12), random_weights(4)
    file = weights_file(tmp_path / "weights.csv", weight)
    score = oracle.topsis(values, weight)
    for row in scored(values, WEIGHTS_FILE=file, METHOD=TOPSIS).rows():
        area = row["area_id"]
        of_area = values[area]
        assert row["score"] == close(score[area])
        assert row["completeness"] == close(oracle.known_part(of_area, weight))
        for field, with_ in (("score_low", 0.0), ("score_high", 1.0)):
            changed = values | {area: oracle.filled(of_area, with_)}
            assert row[field] == close(oracle.topsis(changed, weight)[area]), field
        whole = None not in of_area.values()
        assert whole or row["score_low"] < row["score"] < row["score_high"]


def any_scene(seed):
    """Few areas and round values, so that there are zeros, ties and gaps."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    names = [f"k{number}" for number in range(chance.randint(1, 5))]
    weight = {name: float(chance.choice((0, 1, 1, 2, 5))) for name in names}
    weight[names[0]] = 1.0
    kinds = (0.0, 0.25, 0.25, 0.5, 1.0, chance.random(), None)
    values = {
        f"A{number}": {name: chance.choice(kinds) for name in names}
        for number in range(chance.randint(2, 8))
    }
    # What nobody knows is another matter.
    values["A0"] = {name: value or 0.75 for name, value in values["A0"].items()}
    return values, weight


@pytest.mark.parametrize("method", METHODS)
def test_scenes_of_any_kind_against_the_definition(method, tmp_path):
    for seed in range(25):
        values, weight = any_scene(seed)
        if method == TOPSIS:
            values = {area: oracle.filled(row, 0.4) for area, row in values.items()}
            if len({tuple(row.values()) for row in values.values()}) == 1:
                continue
        file = weights_file(tmp_path / "weights.csv", weight)
        more = {"METHOD": method, "MIN_COMPLETENESS": 0.5}
        rows = scored(values, WEIGHTS_FILE=file, **more).rows()
        score = oracle.scores(method, values, weight)
        part = {area: oracle.known_part(row, weight) for area, row in values.items()}
        enough = {area for area in values if part[area] >= 0.5 - 1e-12}
        ranks = oracle.ranks(score, enough)
        assert [row["area_id"] for row in rows] == sorted(values)
        for row in rows:
            area = row["area_id"]
            assert row["score"] == (None if part[area] == 0 else close(score[area]))
            assert row["completeness"] == close(part[area]), (seed, area)
            assert row["rank"] == ranks.get(area), (seed, area)
            if method == TOPSIS:
                continue
            for field, with_ in (("score_low", 0.0), ("score_high", 1.0)):
                bound = {area: oracle.filled(values[area], with_)}
                expected = oracle.scores(method, bound, weight)[area]
                assert row[field] == close(expected), (seed, area)


@pytest.mark.parametrize("gaps", (0, 8))
def test_contributions_add_up_to_the_weighted_sum(gaps, tmp_path):
    values, weight = random_values(20, 4, 6, gaps), random_weights(4)
    file = weights_file(tmp_path / "weights.csv", weight)
    outcome = scored(values, WEIGHTS_FILE=file)
    score, points = by_area(outcome), by_criterion(outcome, "contribution")
    weights = by_criterion(outcome, "weight")
    for area, row in values.items():
        known = {name for name, value in row.items() if value is not None}
        parts = oracle.shares({name: weight[name] for name in known})
        assert math.fsum(points[area][name] for name in known) == close(score[area])
        for name in weight:
            if name in known:
                assert weights[area][name] == close(parts[name])
                assert points[area][name] == close(100 * parts[name] * row[name])
            else:
                assert weights[area][name] is None
                assert points[area][name] is None


@pytest.mark.parametrize("method", METHODS)
def test_effect_is_the_score_less_that_at_the_median(method, tmp_path):
    values, weight = random_values(11, 4, 7), random_weights(4)
    file = weights_file(tmp_path / "weights.csv", weight)
    outcome = scored(values, WEIGHTS_FILE=file, METHOD=method)
    score = oracle.scores(method, values, weight)
    effects = by_criterion(outcome, "effect")
    if method != SUM:
        told = by_criterion(outcome, "contribution").values()
        assert {value for row in told for value in row.values()} == {None}
    for area in values:
        for name in weight:
            moved = oracle.at_median(method, values, weight, area, name)
            assert effects[area][name] == close(score[area] - moved), (area, name)


# --- fields ---------------------------------------------------------------------


def test_parameters_are_those_of_the_contract(provider):
    found = {
        definition.name(): definition
        for definition in provider.algorithm("scoreareas").parameterDefinitions()
    }
    defaults = {"METHOD": 0, "MIN_COMPLETENESS": 0.6, "DRAWS": 1000, "CONFIDENCE": 4,
                "TOP": 10}  # fmt: skip
    for name, default in defaults.items():
        assert float(found[name].defaultValue()) == default
    assert len(found["METHOD"].options()) == 3
    assert {"PAIRWISE", "SEED", "OUTPUT_STAKEHOLDERS", "OUTPUT_CENTRAL"} <= set(found)


def test_fields_are_those_of_the_contract(tmp_path):
    file = weights_file(tmp_path / "weights.csv", random_weights())
    outcome = scored(random_values(), WEIGHTS_FILE=file, OUTPUT_CENTRAL="memory:")
    fields = {"score", "rank", "score_low", "score_high", "completeness", "why",
              "why_short", *ROBUSTNESS}  # fmt: skip
    assert fields <= set(outcome.rows()[0])
    names = "area_id criterion raw unit value weight contribution effect source"
    found = [name for name in outcome.rows("OUTPUT_CRITERIA")[0] if name != "fid"]
    assert found == names.split()
    assert all(len(row["why_short"].split()) <= 5 for row in outcome.rows())
