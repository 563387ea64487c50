"""Robustness against an own sampler, within Monte Carlo error."""

import math

import numpy as np
import pytest
import scoring_oracles as oracle
from pytest import approx
from scipy import stats
from scoring_scene import (
    METHODS,
    ROBUSTNESS,
    SUM,
    TABLES,
    TOPSIS,
    by_area,
    by_criterion,
    pairwise_file,
    random_values,
    random_weights,
    scored,
    stakeholders_file,
    weights_file,
)

pytestmark = pytest.mark.usefixtures("provider")
DRAWS = 20_000
CENTRAL = {"OUTPUT_CENTRAL": "memory:"}
SETTINGS = [
    {"method": 0, "confidence": 4.0, "top": 3},
    {"method": 0, "confidence": 1.0, "top": 1},
    {"method": 0, "confidence": 0.3, "top": 5},
    {"method": 1, "confidence": 4.0, "top": 3},
    {"method": 2, "confidence": 4.0, "top": 3},
]


def drawn(values, weight, path, confidence=4.0, top=3, draws=DRAWS, **more):
    file = weights_file(path / "weights.csv", weight)
    given = {"WEIGHTS_FILE": file} | CENTRAL | more
    return scored(values, DRAWS=draws, CONFIDENCE=confidence, TOP=top, **given)


def central(outcome):
    """Central weights by area, without those that are not known."""
    rows = outcome.rows("OUTPUT_CENTRAL")
    if rows:
        names = [name for name in rows[0] if name != "fid"]
        assert names == ["area_id", "criterion", "weight"]
    found = by_criterion(outcome, "weight", "OUTPUT_CENTRAL")
    return {
        area: row
        for area, row in found.items()
        if any(weight is not None for weight in row.values())
    }


def agree(outcome, expected, draws=DRAWS):
    """Check everything that the draws say against other draws."""
    assert outcome.ok, outcome.log
    weights = central(outcome)
    for row in outcome.rows():
        area = row["area_id"]
        share = expected.acceptability(area)
        near = oracle.share_error(share, draws, expected.draws)
        assert row["acceptability"] == approx(share, abs=near), area
        for field, point in (("rank_low", 0.05), ("rank_high", 0.95)):
            low, high = expected.rank_between(area, point, draws)
            assert low <= row[field] <= high, (area, field)
        mean, spread, count = expected.central(area)
        mine = round(row["acceptability"] * draws)
        assert (area in weights) == (mine > 0), area
        if min(mine, count) < 50:
            continue
        assert math.fsum(weights[area].values()) == approx(1, abs=1e-9)
        for name, weight in mean.items():
            error = 5 * spread[name] * math.sqrt(1 / count + 1 / mine) + 1e-12
            assert weights[area].get(name, 0) == approx(weight, abs=error), (area, name)


# --- against an own sampler -----------------------------------------------------


@pytest.mark.parametrize("setting", SETTINGS, ids=str)
def test_draws_agree_with_an_own_sampler(setting, tmp_path):
    values, weight = random_values(8, 4, 11), random_weights(4)
    outcome = drawn(
        values,
        weight,
        tmp_path,
        setting["confidence"],
        setting["top"],
        METHOD=setting["method"],
    )
    agree(outcome, oracle.Robustness(values=values, weight=weight, **setting))


@pytest.mark.parametrize("method", METHODS[:2])
def test_draws_with_unknown_values(method, tmp_path):
    """Weights of a draw are spread over what is known, as those of the score are."""
    values, weight = random_values(10, 4, 12, gaps=5), random_weights(4)
    setting = {"confidence": 2.0, "top": 3}
    outcome = drawn(
        values, weight, tmp_path, **setting, METHOD=method, MIN_COMPLETENESS=0
    )
    agree(outcome, oracle.Robustness(method, values, weight, **setting))


def test_a_weight_of_zero_stays_zero_and_does_not_count(tmp_path):
    """With n counting it, draws would lie closer to the weights."""
    values, weight = random_values(8, 5, 13), random_weights(4) | {"k4": 0.0}
    setting = {"confidence": 1.0, "top": 2}
    outcome = drawn(values, weight, tmp_path, **setting)
    agree(outcome, oracle.Robustness(SUM, values, weight, **setting))
    for row in central(outcome).values():
        assert row.get("k4", 0) == 0


def test_draws_lie_round_the_weights_of_comparisons(tmp_path):
    cells = [["1", "3", "5"], ["1/3", "1", "2"], ["1/5", "1/2", "1"]]
    names, values = ["k0", "k1", "k2"], random_values(8, 3, 14)
    file = pairwise_file(tmp_path / "pairwise.csv", names, cells)
    outcome = scored(values, PAIRWISE=file, DRAWS=DRAWS, TOP=3, **CENTRAL)
    matrix = [[1, 3, 5], [1 / 3, 1, 2], [1 / 5, 1 / 2, 1]]
    weight = dict(zip(names, oracle.pairwise(matrix)[0], strict=True))
    agree(outcome, oracle.Robustness(SUM, values, weight, 4.0, 3))


def test_draws_lie_round_the_mean_of_the_stakeholders(tmp_path):
    values = random_values(8, 3, 15)
    of_each = {"Een": {"k0": 1, "k1": 1, "k2": 2}, "Twee": {"k0": 6, "k1": 3, "k2": 1}}
    file = stakeholders_file(tmp_path / "weights.csv", of_each)
    outcome = scored(values, WEIGHTS_FILE=file, DRAWS=DRAWS, TOP=3, **CENTRAL)
    weight = {"k0": 0.425, "k1": 0.275, "k2": 0.3}
    agree(outcome, oracle.Robustness(SUM, values, weight, 4.0, 3))


# --- against the distribution itself --------------------------------------------


def beats(level, weight, confidence, path, draws=DRAWS):
    """How often one criterion weighs more than a level.

    One area has all of the first criterion and nothing else, the other the level of
    everything: it is better when the weight of the first is above it.
    """
    first, *others = weight
    values = {
        "A": {first: 1.0, **dict.fromkeys(others, 0.0)},
        "B": dict.fromkeys(weight, level),
    }
    outcome = drawn(values, weight, path, confidence, top=1, draws=draws)
    found = by_area(outcome, "acceptability")
    assert found["A"] + found["B"] == approx(1, abs=2e-3)
    return found["A"]


@pytest.mark.parametrize("confidence", [0.5, 1.0, 4.0, 25.0])
@pytest.mark.parametrize("level", [0.1, 0.3, 0.6])
def test_a_weight_is_distributed_as_the_parts_of_a_dirichlet(
    confidence, level, tmp_path
):
    """α_i = n · w_i · confidence: one part follows Beta(α_i, Σα − α_i)."""
    weight = {"k0": 0.5, "k1": 0.3, "k2": 0.2, "k3": 0.0}
    found = beats(level, weight, confidence, tmp_path)
    expected = stats.beta.sf(level, 1.5 * confidence, 1.5 * confidence)
    assert found == approx(expected, abs=oracle.share_error(expected, DRAWS))


def test_draws_are_dirichlet_and_not_normalised_uniforms(tmp_path):
    """With equal weights and confidence 1: the weight of one of n exceeds a level in
    (1 − level)^(n − 1) of the draws; normalised uniforms seldom get that far."""
    weight = {f"k{number}": 0.25 for number in range(4)}
    for level in (0.4, 0.5, 0.6):
        found = beats(level, weight, 1.0, tmp_path)
        expected = (1 - level) ** 3
        error = oracle.share_error(expected, DRAWS)
        assert found == approx(expected, abs=error)
        wrong = oracle.normalised_uniforms(4, 40_000, 1)[:, 0]
        assert abs(float((wrong > level).mean()) - expected) > 2 * error


def test_central_weights_are_those_of_the_even_simplex(tmp_path):
    """Of areas that have one criterion each the best is that of the largest weight,
    which is on average (1 + 1/2 + 1/3 + 1/4)/4; normalised uniforms give less."""
    names = [f"k{number}" for number in range(4)]
    values = {
        name.upper(): {other: float(other == name) for other in names} for name in names
    }
    weight = dict.fromkeys(names, 0.25)
    outcome = drawn(values, weight, tmp_path, confidence=1.0, top=1)
    expected = (1 + 1 / 2 + 1 / 3 + 1 / 4) / 4
    wrong = oracle.normalised_uniforms(4, 40_000, 1).max(axis=1)
    # Spread of the largest part is 0.13; each area has a quarter of the draws.
    error = 0.13 / math.sqrt(DRAWS / 4)
    assert abs(wrong.mean() - expected) > 10 * error
    found = central(outcome)
    for name in names:
        row = found[name.upper()]
        assert row[name] == approx(expected, abs=5 * error)
        assert math.fsum(row.values()) == approx(1, abs=1e-9)
        for other in set(names) - {name}:
            assert row[other] == approx((1 - expected) / 3, abs=5 * error)
    for share in by_area(outcome, "acceptability").values():
        assert share == approx(0.25, abs=oracle.share_error(0.25, DRAWS))


def test_mean_square_of_an_even_weight(tmp_path):
    """2/(n(n + 1)), from how often it exceeds each of many levels."""
    weight = {f"k{number}": 0.2 for number in range(5)}
    middles, width = np.linspace(0, 1, 20, endpoint=False) + 0.025, 0.05
    shares = [beats(level, weight, 1.0, tmp_path) for level in middles]
    found = 2 * width * math.fsum(np.multiply(middles, shares))
    exact = 2 * width * math.fsum(level * (1 - level) ** 4 for level in middles)
    assert exact == approx(2 / 30, abs=1e-3)
    # The same draws each time, so that errors add up.
    errors = [oracle.share_error((1 - level) ** 4, DRAWS) for level in middles]
    assert found == approx(
        exact, abs=2 * width * math.fsum(np.multiply(middles, errors))
    )
    wrong = oracle.normalised_uniforms(5, 40_000, 1)[:, 0]
    assert exact - float((wrong**2).mean()) > 0.01


# --- what parameters do ---------------------------------------------------------


def test_confidence_makes_more_certain(tmp_path):
    values, weight = random_values(12, 4, 16), random_weights(4)
    spreads, widths = [], []
    for confidence in (0.5, 2.0, 8.0, 64.0):
        outcome = drawn(values, weight, tmp_path, confidence, top=4)
        shares = list(by_area(outcome, "acceptability").values())
        assert math.fsum(shares) == approx(4, abs=1e-6)
        spreads.append(math.fsum(share * (1 - share) for share in shares))
        widths.append(sum(row["rank_high"] - row["rank_low"] for row in outcome.rows()))
    assert spreads == sorted(spreads, reverse=True)
    assert widths == sorted(widths, reverse=True)
    assert spreads[-1] < 0.5 * spreads[0]


def test_a_very_large_confidence_leaves_the_ranking_as_it_is(tmp_path):
    values = {
        f"A{number}": {"k0": 0.1 * number, "k1": 0.1 * number + 0.03 * (number % 2)}
        for number in range(1, 9)
    }
    for row in drawn(values, random_weights(2), tmp_path, 1000.0, top=4).rows():
        assert row["acceptability"] == float(row["rank"] <= 4)
        assert row["rank_low"] == row["rank"] == row["rank_high"]


@pytest.mark.parametrize("method", METHODS)
def test_the_best_by_every_criterion_is_always_first(method, tmp_path):
    values = random_values(12, 4, 18)
    values["A003"] = dict.fromkeys(values["A003"], 1.0)
    values["A007"] = dict.fromkeys(values["A007"], 0.01)
    outcome = drawn(values, random_weights(4), tmp_path, top=1, METHOD=method)
    rows = {row["area_id"]: row for row in outcome.rows()}
    assert [rows["A003"][name] for name in ROBUSTNESS] == [1, 1, 1]
    assert [rows["A007"][name] for name in ROBUSTNESS] == [0, 12, 12]
    assert set(central(outcome)) == {"A003"}


@pytest.mark.parametrize("confidence", [0.1, 1.0])
def test_a_zero_makes_a_geometric_mean_zero_in_every_draw(confidence, tmp_path):
    """However little its weight in the draw, as long as there is any."""
    values = random_values(5, 3, 24)
    values["A002"] = {"k0": 0.0, "k1": 1.0, "k2": 1.0}
    outcome = drawn(values, random_weights(3), tmp_path, confidence, top=4, METHOD=1)
    rows = {row["area_id"]: row for row in outcome.rows()}
    assert rows["A002"]["score"] == 0
    assert [rows["A002"][name] for name in ROBUSTNESS] == [0, 5, 5]


def test_with_room_for_all_everyone_is_accepted(tmp_path):
    values, weight = random_values(6, 3, 19), random_weights(3)
    outcome = drawn(values, weight, tmp_path, top=6, draws=500)
    assert set(by_area(outcome, "acceptability").values()) == {1}
    rows = list(central(outcome).values())
    assert len(rows) == 6
    assert all(row == rows[0] for row in rows)


def test_equal_areas_stand_equal_in_every_draw(tmp_path):
    values = random_values(6, 3, 20)
    values["A004"] = dict(values["A002"])
    outcome = drawn(values, random_weights(3), tmp_path, top=1)
    rows = {row["area_id"]: row for row in outcome.rows()}
    for name in ("score", "rank", *ROBUSTNESS):
        assert rows["A004"][name] == rows["A002"][name]


@pytest.mark.parametrize("method", METHODS)
def test_no_draws_no_robustness(method, tmp_path):
    outcome = drawn(random_values(), random_weights(), tmp_path, draws=0, METHOD=method)
    assert outcome.ok, outcome.log
    for row in outcome.rows():
        assert row["score"] is not None
        assert [row[name] for name in ROBUSTNESS] == [None] * 3
    assert central(outcome) == {}


def test_one_draw(tmp_path):
    outcome = drawn(random_values(), random_weights(), tmp_path, draws=1)
    for row in outcome.rows():
        assert row["acceptability"] in (0, 1)
        assert row["rank_low"] == row["rank_high"]
        assert row["acceptability"] == float(row["rank_low"] <= 3)


# --- the same again -------------------------------------------------------------


def tables(outcome):
    return {
        name: [
            {field: value for field, value in row.items() if field != "fid"}
            for row in outcome.rows(name)
        ]
        for name in TABLES
    }


@pytest.mark.parametrize("method", METHODS)
def test_row_order_makes_no_difference(method, tmp_path):
    values = random_values(15, 4, 21, gaps=0 if method == TOPSIS else 4)
    parts = list(random_weights(4).items())
    of_each = {"Een": dict(parts), "Twee": dict.fromkeys(dict(parts), 1)}
    file = stakeholders_file(tmp_path / "weights.csv", of_each)
    more = {"METHOD": method, "DRAWS": 700, "SEED": 5, "WEIGHTS_FILE": file}
    more |= dict.fromkeys(TABLES, "memory:")
    runs = [tables(scored(values, order, **more)) for order in (None, 1, 2)]
    assert len(runs[0]["OUTPUT_STAKEHOLDERS"]) == 30
    assert runs[0] == runs[1] == runs[2]


def test_order_of_the_weights_makes_no_difference(tmp_path):
    values, weight = random_values(15, 4, 22), random_weights(4)
    back = dict(reversed(weight.items()))
    one, other = (drawn(values, given, tmp_path, draws=700) for given in (weight, back))
    for name in ("score", "rank", *ROBUSTNESS):
        assert by_area(one, name) == by_area(other, name), name
    assert central(one) == central(other)


def test_a_seed_gives_its_own_draws(tmp_path):
    values, weight = random_values(15, 4, 23), random_weights(4)
    one, same, other = (
        by_area(drawn(values, weight, tmp_path, SEED=seed), "acceptability")
        for seed in (1, 1, 2)
    )
    assert one == same != other
    for area, share in one.items():
        error = oracle.share_error(share, DRAWS, DRAWS)
        assert other[area] == approx(share, abs=error)
