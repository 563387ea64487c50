"""Scores of input that says little: warned about or refused, and always sane."""

import re

import pytest
import scoring_oracles as oracle
from bad_layers import one_sentence
from pytest import approx
from scoring_scene import (
    MEAN,
    METHODS,
    ROBUSTNESS,
    SUM,
    TABLES,
    TOPSIS,
    by_area,
    by_criterion,
    random_values,
    random_weights,
    sane,
    scored,
    stakeholders_file,
    weights_file,
)

pytestmark = [
    pytest.mark.usefixtures("provider"),
    pytest.mark.parametrize("method", METHODS),
]
ALL_TABLES = dict.fromkeys(TABLES, "memory:")


@pytest.fixture
def tried(method, tmp_path):
    """Run on values with all tables and a few draws."""

    def run(values, weight=None, **more):
        weight = weight or dict.fromkeys(next(iter(values.values())), 1.0)
        file = weights_file(tmp_path / "weights.csv", weight)
        given = {"WEIGHTS_FILE": file, "METHOD": method, "DRAWS": 200, "TOP": 2}
        return scored(values, **(given | ALL_TABLES | more))

    return run


def finite(outcome):
    """No cell of any table is other than NULL or a number."""
    for name in TABLES:
        for row in outcome.rows(name):
            for value in row.values():
                assert value == value, row  # noqa: PLR0124 - NaN differs from itself


def test_a_constant_criterion(tried, method):
    values, weight = random_values(6, 3), random_weights(3)
    for row in values.values():
        row["k1"] = 0.4
    outcome = tried(values, weight)
    found = sane(outcome, values)
    finite(outcome)
    assert found == approx(oracle.scores(method, values, weight), abs=1e-9)
    assert "k1" in outcome.log, "a criterion that tells nothing apart is said"
    for row in by_criterion(outcome, "effect").values():
        assert row["k1"] == approx(0, abs=1e-9)


@pytest.mark.parametrize("level", [0.0, 0.3, 1.0])
def test_everything_constant(tried, method, level):
    values = {f"A{number}": {"k0": level, "k1": level} for number in range(4)}
    outcome = tried(values)
    found = sane(outcome, values)
    finite(outcome)
    assert len(set(found.values())) == 1
    assert None not in found.values()
    assert set(by_area(outcome, "rank").values()) == {1}
    assert set(by_area(outcome, "acceptability").values()) == {1}
    if method != TOPSIS:
        assert found["A0"] == approx(100 * level, abs=1e-9)


@pytest.mark.parametrize("level", [0.0, 0.3, 1.0])
def test_one_area(tried, method, level):
    outcome = tried({"A": {"k0": level, "k1": 0.5}})
    found = sane(outcome, ["A"])
    finite(outcome)
    (row,) = outcome.rows()
    assert row["rank"] == 1
    assert [row[name] for name in ROBUSTNESS] == [1, 1, 1]
    assert found["A"] is not None
    if method == SUM:
        assert found["A"] == approx(50 * (level + 0.5), abs=1e-9)
    if method == MEAN:
        assert found["A"] == approx(100 * (level * 0.5) ** 0.5, abs=1e-9)


@pytest.mark.parametrize("rows", ["empty cells", "no rows"])
def test_all_missing_in_one_area(tried, method, rows):
    values, weight = random_values(6, 3), random_weights(3)
    known = {area: row for area, row in values.items() if area != "A002"}
    values["A002"] = dict.fromkeys(weight) if rows == "empty cells" else {}
    outcome = tried(values, weight)
    sane(outcome, values)
    finite(outcome)
    row = {row["area_id"]: row for row in outcome.rows()}["A002"]
    for name in ("score", "rank", *ROBUSTNESS):
        assert row[name] is None
    assert row["completeness"] == 0
    assert row["score_low"] == approx(0, abs=1e-9)
    if method != TOPSIS:
        assert row["score_high"] == approx(100, abs=1e-9)
    expected = oracle.scores(method, known, weight)
    found = {area: by_area(outcome)[area] for area in known}
    assert found == approx(expected, abs=1e-9)
    ranks = {area: by_area(outcome, "rank")[area] for area in known}
    assert ranks == oracle.ranks(expected)
    assert row["why"], "says that nothing is known"


def test_all_missing_everywhere(tried):
    values = {f"A{number}": {"k0": None, "k1": None} for number in range(3)}
    one_sentence(tried(values).refusal)


def test_one_criterion_missing_everywhere(tried, method):
    values = random_values(5, 3)
    for row in values.values():
        row["k1"] = None
    outcome = tried(values, random_weights(3), MIN_COMPLETENESS=0)
    found = sane(outcome, values)
    finite(outcome)
    weight = {name: part for name, part in random_weights(3).items() if name != "k1"}
    known = {
        area: {name: value for name, value in row.items() if name != "k1"}
        for area, row in values.items()
    }
    assert found == approx(oracle.scores(method, known, weight), abs=1e-9)


def test_all_weights_zero(tried):
    outcome = tried(random_values(5, 3), dict.fromkeys(("k0", "k1", "k2"), 0.0))
    one_sentence(outcome.refusal)


def test_weight_only_on_what_nobody_measures(tried):
    outcome = tried(random_values(5, 3), {"C8": 1.0, "k0": 0.0})
    one_sentence(outcome.refusal)


def test_weights_that_do_not_add_up_are_rescaled_and_said(tried, method):
    values, weight = random_values(6, 3), {"k0": 3.0, "k1": 0.25, "k2": 4.0}
    outcome = tried(values, weight)
    assert sane(outcome, values) == approx(
        oracle.scores(method, values, weight), abs=1e-9
    )
    assert re.search(r"\b7[.,]25\b", outcome.log)
    parts = oracle.shares(weight)
    for row in by_criterion(outcome, "weight").values():
        assert row == approx(parts, abs=1e-12)
    quiet = tried(values, parts)
    assert len(quiet.log.splitlines()) < len(outcome.log.splitlines())
    assert by_area(quiet) == approx(by_area(outcome), abs=1e-9)
    for name in ROBUSTNESS:
        assert by_area(quiet, name) == by_area(outcome, name)


def test_ties_share_a_rank_and_nobody_is_dropped(tried):
    values, weight = random_values(7, 3), random_weights(3)
    best, twins = "A004", ("B0", "B1")
    values[best] = {"k0": 0.98, "k1": 0.97, "k2": 0.99}
    for name in twins:
        values[name] = dict(values[best])
    outcome = tried(values, weight)
    sane(outcome, values)
    ranks = by_area(outcome, "rank")
    assert [ranks[name] for name in (best, *twins)] == [1, 1, 1]
    for name in (best, *twins):
        assert f"Terrein {name}" in outcome.log, "who shares a place is named"
    assert sorted(ranks.values())[3] == 4
    told = by_criterion(outcome, "value")
    assert set(twins) <= set(told)
    # Three in the best two: all have the first place.
    shares = by_area(outcome, "acceptability")
    assert shares[best] == shares["B0"] == shares["B1"] > 0


def test_scores_that_differ_in_the_last_bit_are_equal(tried):
    """0.1 + 0.2 is not 0.3 to a computer."""
    values = {
        "A": {"k0": 0.1 + 0.2, "k1": 0.5},
        "B": {"k0": 0.3, "k1": 0.5},
        "C": {"k0": 0.1, "k1": 0.9},
    }
    ranks = by_area(tried(values), "rank")
    assert ranks["A"] == ranks["B"]


def test_a_stakeholder_without_any_weight(tried, tmp_path):
    """Refused or passed over, by name; it never makes a score unknown."""
    values = random_values(5, 2)
    of_each = {"Haven": {"k0": 1, "k1": 3}, "Niemand": {"k0": 0, "k1": 0}}
    file = stakeholders_file(tmp_path / "stakeholders.csv", of_each)
    outcome = tried(values, WEIGHTS_FILE=file)
    assert "Niemand" in outcome.log
    if not outcome.ok:
        one_sentence(outcome.log)
        return
    assert None not in sane(outcome, values).values()
    finite(outcome)
    told = outcome.rows("OUTPUT_STAKEHOLDERS")
    assert {row["stakeholder"] for row in told} == {"Haven"}


def test_no_areas(tried):
    outcome = tried({}, random_weights(2))
    if not outcome.ok:
        one_sentence(outcome.log)
        return
    assert outcome.rows() == []


def test_values_at_the_ends(tried, method):
    """A zero makes a geometric mean zero; nothing else does."""
    values = {
        "A": {"k0": 0.0, "k1": 1.0},
        "B": {"k0": 1.0, "k1": 1.0},
        "C": {"k0": 0.0, "k1": 0.0},
        "D": {"k0": 1e-300, "k1": 1.0},
    }
    outcome = tried(values)
    found = sane(outcome, values)
    finite(outcome)
    assert (found["B"], found["C"]) == (approx(100, abs=1e-9), approx(0, abs=1e-9))
    if method == MEAN:
        assert found["A"] == 0
    assert found == approx(oracle.scores(method, values, {"k0": 1, "k1": 1}), abs=1e-9)


def test_a_criterion_of_zeros(tried):
    """Its vector has no length."""
    values = random_values(5, 3)
    for row in values.values():
        row["k2"] = 0.0
    outcome = tried(values)
    assert None not in sane(outcome, values).values()
    finite(outcome)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DRAWS", -1),
        ("DRAWS", 0.5),
        ("CONFIDENCE", 0),
        ("CONFIDENCE", -4),
        ("CONFIDENCE", float("nan")),
        ("CONFIDENCE", float("inf")),
        ("TOP", 0),
        ("SEED", 0.5),
        ("METHOD", 3),
        ("METHOD", -1),
        ("METHOD", "gewogen som"),
    ],
)
def test_parameters_that_make_no_sense(tried, name, value):
    one_sentence(tried(random_values(3, 2), **{name: value}).refusal)
