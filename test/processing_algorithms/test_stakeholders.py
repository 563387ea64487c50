"""What stakeholders with weights of their own agree and disagree about."""

import math

import pytest
import scoring_oracles as oracle
from pytest import approx
from scoring_scene import (
    METHODS,
    SUM,
    by_area,
    random_values,
    scored,
    stakeholders_file,
)

pytestmark = pytest.mark.usefixtures("provider")
CLOSE = 1e-9


def close(expected):
    return approx(expected, abs=CLOSE, rel=0)


STAKEHOLDERS = {
    "Haven": {"k0": 3, "k1": 1, "k2": 1, "k3": 0},
    "Gemeente Ådorp": {"k0": 0.1, "k1": 0.2, "k2": 0.3, "k3": 0.4},
    "Natuur": {"k0": 0, "k1": 0, "k2": 50, "k3": 50},
}
FIELDS = ["area_id", "stakeholder", "score", "rank", "dispute", "cause"]


def told(outcome):
    """Rows by area and stakeholder."""
    rows = outcome.rows("OUTPUT_STAKEHOLDERS")
    assert [name for name in rows[0] if name != "fid"][: len(FIELDS)] == FIELDS
    assert [row["area_id"] for row in rows] == sorted(row["area_id"] for row in rows)
    return {(row["area_id"], row["stakeholder"]): row for row in rows}


def heard(values, of_each, path, **more):
    file = stakeholders_file(path / "weights.csv", of_each)
    return scored(values, WEIGHTS_FILE=file, OUTPUT_STAKEHOLDERS="memory:", **more)


@pytest.mark.parametrize("method", METHODS)
def test_scores_of_stakeholders(method, tmp_path):
    values = random_values(9, 4)
    outcome = heard(values, STAKEHOLDERS, tmp_path, METHOD=method)
    rows = told(outcome)
    assert set(rows) == {(area, who) for area in values for who in STAKEHOLDERS}
    for who, weight in STAKEHOLDERS.items():
        score = oracle.scores(method, values, weight)
        ranks = oracle.ranks(score)
        for area in values:
            assert rows[area, who]["score"] == close(score[area])
            assert rows[area, who]["rank"] == ranks[area]
            assert rows[area, who]["dispute"] >= 0
            assert rows[area, who]["cause"] in {None, "", *values[area]}
    mean = {
        name: sum(
            oracle.shares(of_one).get(name, 0) for of_one in STAKEHOLDERS.values()
        )
        for name in STAKEHOLDERS["Haven"]
    }
    assert by_area(outcome) == close(oracle.scores(method, values, mean))


def test_the_column_weight_counts_beside_stakeholders(tmp_path):
    values, weight = random_values(9, 4), {"k0": 1, "k1": 2, "k2": 3, "k3": 4}
    outcome = heard(values, STAKEHOLDERS | {"weight": weight}, tmp_path)
    assert by_area(outcome) == close(oracle.scores(SUM, values, weight))
    assert {who for _, who in told(outcome)} == set(STAKEHOLDERS)


def test_dispute_is_of_an_area_and_has_one_cause(tmp_path):
    """Two want k0 and k1; the areas differ in nothing else but these."""
    values = {
        "A": {"k0": 1.0, "k1": 0.1, "k2": 0.5},
        "B": {"k0": 0.5, "k1": 0.5, "k2": 0.5},
        "C": {"k0": 0.6, "k1": 0.4, "k2": 0.5},
        "D": {"k0": 0.2, "k1": 0.9, "k2": 0.1},
    }
    of_each = {
        "Een": {"k0": 0.6, "k1": 0.1, "k2": 0.3},
        "Twee": {"k0": 0.1, "k1": 0.6, "k2": 0.3},
    }
    rows = told(heard(values, of_each, tmp_path))
    for area in values:
        of_area = [rows[area, who] for who in of_each]
        assert len({(row["dispute"], row["cause"]) for row in of_area}) == 1
        assert of_area[0]["cause"] in ("k0", "k1") or of_area[0]["dispute"] == 0
    disputes = {area: rows[area, "Een"]["dispute"] for area in values}
    assert disputes["A"] == max(disputes.values()) > disputes["C"]
    assert rows["A", "Een"]["cause"] == "k0"
    assert rows["D", "Een"]["cause"] == "k1"


@pytest.mark.parametrize("method", METHODS)
def test_dispute_and_consensus_by_definition(method, tmp_path):
    """Highest less lowest score; share of those for whom it is among the best."""
    values = random_values(9, 4, 31)
    rows = told(heard(values, STAKEHOLDERS, tmp_path, METHOD=method, TOP=3))
    scores = [oracle.scores(method, values, weight) for weight in STAKEHOLDERS.values()]
    ranks = [oracle.ranks(score) for score in scores]
    for (area, _), row in rows.items():
        of_area = [score[area] for score in scores]
        assert row["dispute"] == close(max(of_area) - min(of_area))
        assert row["consensus"] == close(sum(rank[area] <= 3 for rank in ranks) / 3)


def test_cause_has_the_largest_term_of_the_dispute(tmp_path):
    """(w_a − w_b) · (v − s) between who scores it highest and who scores it lowest."""
    values = random_values(9, 4, 32)
    rows = told(heard(values, STAKEHOLDERS, tmp_path))
    parts = [oracle.shares(weight) for weight in STAKEHOLDERS.values()]
    mean = {
        name: sum(part.get(name, 0) for part in parts) / 3 for name in values["A000"]
    }
    causes = set()
    for (area, _), row in rows.items():
        middle = oracle.weighted_sum(values[area], mean) / 100
        ordered = sorted(
            parts, key=lambda part: oracle.weighted_sum(values[area], part)
        )
        terms = {
            name: (ordered[-1].get(name, 0) - ordered[0].get(name, 0))
            * (value - middle)
            for name, value in values[area].items()
        }
        assert 100 * math.fsum(terms.values()) == close(row["dispute"])
        assert row["cause"] == max(terms, key=terms.get)
        causes.add(row["cause"])
    assert len(causes) > 1


@pytest.mark.parametrize("method", METHODS)
def test_who_agrees_has_no_dispute(method, tmp_path):
    of_each = {"Een": {"k0": 1, "k1": 3}, "Twee": {"k0": 25, "k1": 75}}
    rows = told(heard(random_values(5, 2), of_each, tmp_path, METHOD=method))
    for row in rows.values():
        assert row["dispute"] == close(0)
        assert row["cause"] in (None, "")


def test_one_column_of_weights_is_no_stakeholder(tmp_path):
    outcome = heard(random_values(5, 2), {"weight": {"k0": 1, "k1": 3}}, tmp_path)
    assert outcome.ok, outcome.log
    found = "OUTPUT_STAKEHOLDERS" in outcome.results
    assert not found or outcome.rows("OUTPUT_STAKEHOLDERS") == []
