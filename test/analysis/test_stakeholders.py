"""What stakeholders differ about."""

import math

import numpy as np
import pandas as pd
import pytest
from kansenkaart.analysis.scoring import score_values
from kansenkaart.analysis.stakeholders import stakeholder_scores
from kansenkaart.analysis.weights import file_weights

FILE = "criterion;Ann;Bob;Cas\na;80;10;50\nb;10;80;50\nc;10;10;0\n"


def table_of(value, file=FILE, **more):
    weights = file_weights(file)
    scores = score_values(pd.DataFrame(value), weights.weight, 0.0)
    return stakeholder_scores(scores, weights.stakeholders, 0.0, **more)


def test_scores_dispute_and_cause_by_hand():
    found = table_of({"a": [1.0, 0.5], "b": [0.0, 0.5], "c": [0.5, 0.5]}, top=1)
    one = found[found["area"] == 0].set_index("stakeholder")
    assert one["score"].to_dict() == pytest.approx({"Ann": 85, "Bob": 15, "Cas": 50})
    assert one["dispute"].tolist() == pytest.approx([70, 70, 70])
    # Ann gains as much by the strong criterion as Bob loses by the weak one.
    assert set(one["cause"]) == {"a"}
    assert one["rank"].to_dict() == {"Ann": 1, "Bob": 2, "Cas": 1}
    assert one["consensus"].tolist() == pytest.approx([2 / 3] * 3)
    other = found[found["area"] == 1]
    assert other["dispute"].tolist() == pytest.approx([0, 0, 0])
    assert other["cause"].isna().all()


def test_a_weak_criterion_that_the_other_weighs_is_the_cause():
    file = "criterion;Ann;Bob\na;10;10\nb;90;10\nc;0;80\n"
    found = table_of({"a": [0.9], "b": [0.8], "c": [0.0]}, file)
    assert set(found["cause"]) == {"c"}


def test_the_terms_add_up_to_the_dispute():
    rng = np.random.default_rng(1)
    value = pd.DataFrame(rng.random((30, 3)), columns=list("abc"))
    found = table_of(value).drop_duplicates("area").set_index("area")
    weights = file_weights(FILE).stakeholders
    score = 100 * value @ weights
    for area, cells in value.iterrows():
        a, b = score.loc[area].idxmax(), score.loc[area].idxmin()
        middle = (cells * weights.mean(axis=1)).sum()
        terms = (weights[a] - weights[b]) * (cells - middle)
        assert 100 * terms.sum() == pytest.approx(found.loc[area, "dispute"])
        assert terms.idxmax() == found.loc[area, "cause"]


def test_who_weighs_only_what_is_absent_is_left_out():
    found = table_of({"a": [0.4, 0.6]}, "criterion;Ann;Bob\na;1;0\nz;1;1\n")
    assert set(found["stakeholder"]) == {"Ann"}


def test_an_area_of_which_nothing_is_known():
    found = table_of({"a": [math.nan, 0.1], "b": [math.nan, 0.9], "c": [math.nan, 1]})
    nobody = found[found["area"] == 0]
    assert nobody[["score", "rank", "dispute", "cause"]].isna().all(axis=None)


def test_weights_that_do_not_add_up_are_said():
    weights = file_weights("criterion;Ann;Bob\na;5;0.5\nb;7;0.5\n")
    assert weights.uneven == ("Ann",)
    assert weights.stakeholders.sum().tolist() == pytest.approx([1, 1])
