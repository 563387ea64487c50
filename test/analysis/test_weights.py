"""Weights: strategies, the table, files of stakeholders, orders of importance."""

import math

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kansenkaart.analysis.criteria import criterion_ids
from kansenkaart.analysis.errors import RefusalError
from kansenkaart.analysis.resources import resource_path
from kansenkaart.analysis.score_areas import choose_weights
from kansenkaart.analysis.strategies import agenda_ids, strategies
from kansenkaart.analysis.weights import (
    file_weights,
    rank_order_centroid,
    strategy_ids,
    strategy_weights,
    table_weights,
)

# Barron and Barrett (1996), the published weights to four decimals.
PUBLISHED = {
    1: [1.0],
    2: [0.75, 0.25],
    3: [0.6111, 0.2778, 0.1111],
    4: [0.5208, 0.2708, 0.1458, 0.0625],
    5: [0.4567, 0.2567, 0.1567, 0.09, 0.04],
}


def check_refusal(function, *arguments, names=()):
    """One sentence in both languages that names what is wrong."""
    with pytest.raises(RefusalError) as refusal:
        function(*arguments)
    dutch, english = (refusal.value.sentence(language) for language in ("nl", "en"))
    assert dutch != english
    for sentence in (dutch, english):
        assert len(sentence.split()) > 3
        assert sentence.endswith(".")
        assert "{" not in sentence
        assert "}" not in sentence
        for name in names:
            assert name in sentence
    return dutch, english


def weights_of(*rows):
    return file_weights("\n".join(rows) + "\n")


@pytest.mark.parametrize("number", PUBLISHED)
def test_rank_order_centroid_as_published(number):
    found = rank_order_centroid(pd.Series(range(1, number + 1)))
    assert found.tolist() == pytest.approx(PUBLISHED[number], abs=5e-5)


def test_rank_order_centroid_in_any_order():
    found = rank_order_centroid(pd.Series([3, 1, 2], index=["c", "a", "b"]))
    assert found.index.tolist() == ["c", "a", "b"]
    assert found.tolist() == pytest.approx([1 / 9, 11 / 18, 5 / 18])


def test_equal_ranks_share_the_mean_of_their_places():
    found = rank_order_centroid(pd.Series([1, 2, 2]))
    assert found.tolist() == pytest.approx([11 / 18, 7 / 36, 7 / 36])
    assert rank_order_centroid(pd.Series([5] * 4)).tolist() == pytest.approx([0.25] * 4)


@given(st.lists(st.integers(1, 6), min_size=1, max_size=12))
def test_rank_order_centroid_keeps_the_order(ranks):
    found = rank_order_centroid(pd.Series(ranks)).tolist()
    assert math.fsum(found) == pytest.approx(1)
    for one, first in zip(ranks, found, strict=True):
        for other, second in zip(ranks, found, strict=True):
            assert (one < other) == (first > second + 1e-12)


def test_basis_weighs_the_general_criteria_the_same():
    weights = strategy_weights("basis")
    assert weights.weight.index.tolist() == criterion_ids()[:9]
    assert weights.weight.tolist() == pytest.approx([1 / 9] * 9)
    assert weights.origin == "strategy"
    assert weights.rescaled is None
    assert weights.scales == {}


def test_strategies():
    files = [path.stem for path in resource_path("strategies").glob("*.toml")]
    ours = sorted(set(files) - set(agenda_ids()))
    assert "basis" in ours
    assert strategy_ids() == [*ours, "all", *agenda_ids(), *strategies()]
    for strategy in strategy_ids():
        weight = strategy_weights(strategy).weight
        assert weight.sum() == pytest.approx(1)
        assert (weight > 0).all()
        assert set(weight.index) <= set(criterion_ids())


def test_a_strategy_weighs_its_conditions_the_same():
    weight = strategy_weights("WA3.2").weight.to_dict()
    parts = {"environment": 0.4, "C5": 0.3, "C6": 0.15, "space": 0.15}
    assert weight == pytest.approx(parts)
    weight = strategy_weights("WA3.1").weight
    parts = {"environment": 0.4, "C1_mass": 0.1, "C1_diversity": 0.1, "C7": 0.2,
             "C8": 0.2}  # fmt: skip
    assert weight.to_dict() == pytest.approx(parts)
    # Only lines are of T21; the second names no type, the third no condition.
    assert set(strategy_weights("WA3.4").weight.index) == {"environment", "C9"}
    assert strategy_weights("WA2.2").weight.to_dict() == {
        "C4_modes": 0.25, "space": 0.5, "C6": 0.25
    }  # fmt: skip
    assert strategy_weights("WA3.5").weight.to_dict() == {"environment": 1}


def test_several_strategies_weigh_as_their_mean():
    mean = sum(
        strategy_weights(f"WA3.{number}").weight.reindex(criterion_ids(), fill_value=0)
        for number in range(1, 6)
    )
    weight = strategy_weights("WA3").weight
    assert weight.to_dict() == pytest.approx((mean[mean > 0] / 5).to_dict())


def test_unknown_strategy():
    check_refusal(strategy_weights, "goud", names=["goud", "basis"])


def test_file_with_weights():
    found = weights_of("criterion;weight", "C2;0.25", "C8;0.75")
    assert found.weight.to_dict() == {"C2": 0.25, "C8": 0.75}
    assert found.origin == "file"
    assert found.rescaled is None


@pytest.mark.parametrize(
    ("cells", "told"), [((3, 1), 4), ((75, 25), None), ((0.75, 0.25), None)]
)
def test_rescaling_is_said(cells, told):
    found = weights_of("criterion;weight", f"C2;{cells[0]}", f"C8;{cells[1]}")
    assert found.weight.to_dict() == pytest.approx({"C2": 0.75, "C8": 0.25})
    assert found.rescaled == told


def test_weight_zero_stays_in():
    found = weights_of("criterion;weight", "C2;1", "C8;0")
    assert found.weight.to_dict() == {"C2": 1, "C8": 0}


def test_file_as_people_write_it():
    """Windows line ends, decimal comma, blanks round a cell, blank rows."""
    found = file_weights("criterion;weight\r\n C2 ; 0,25\r\nC8;0.75\r\n\r\n")
    assert found.weight.to_dict() == {"C2": 0.25, "C8": 0.75}


def test_file_with_ranks():
    found = weights_of("criterion;rank", "C2;2", "C8;1", "C6;3")
    expected = {"C2": 5 / 18, "C8": 11 / 18, "C6": 1 / 9}
    assert found.weight.to_dict() == pytest.approx(expected)
    assert found.rescaled is None


def test_mean_of_the_stakeholders():
    rows = ["criterion;Gemeente;Haven;Natuurclub", "C2;0.5;0.2;0.2", "C8;0.5;0.8;0.8"]
    found = weights_of(*rows)
    assert found.weight.to_dict() == pytest.approx({"C2": 0.3, "C8": 0.7})


def test_weight_beats_the_stakeholders():
    found = weights_of("criterion;Haven;weight", "C2;0.9;0.4", "C8;0.1;0.6")
    assert found.weight.to_dict() == pytest.approx({"C2": 0.4, "C8": 0.6})


def test_scales_of_own_criteria():
    rows = ["criterion;weight;worst;best", "mooi;1;10;20", "C2;1;;", "duur;2;500;0"]
    found = weights_of(*rows)
    assert found.scales == {"mooi": (10, 20), "duur": (500, 0)}
    assert found.weight.to_dict() == {"mooi": 0.25, "C2": 0.25, "duur": 0.5}


REFUSED = {
    "no criterion": (["naam;weight", "C2;1"], ["naam"]),
    "no weight": (["criterion", "C2"], ["criterion"]),
    "only a scale": (["criterion;worst;best", "C2;0;1"], ["worst"]),
    "nothing": ([""], []),
    "no rows": (["criterion;weight"], []),
    "twice": (["criterion;weight", "C2;1", "C8;1", "C2;2"], ["C2"]),
    "no number": (["criterion;weight", "C2;veel"], ["veel", "C2"]),
    "blank": (["criterion;weight", "C2;1", "C8;"], ["C8"]),
    "not finite": (["criterion;weight", "C2;inf"], ["inf"]),
    "negative": (["criterion;weight", "C2;2", "C8;-1"], []),
    "all zero": (["criterion;weight", "C2;0", "C8;0"], []),
    "rank": (["criterion;rank", "C2;eerste"], ["eerste"]),
    "stakeholder": (["criterion;Haven", "C2;ja"], ["ja", "Haven"]),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_files(name):
    rows, names = REFUSED[name]
    check_refusal(weights_of, *rows, names=names)


def test_table():
    found = table_weights(["C2", "1", "C8", "3"])
    assert found.weight.to_dict() == {"C2": 0.25, "C8": 0.75}
    assert (found.origin, found.rescaled) == ("table", 4)
    assert table_weights(["C2", "25", "C8", "75"]).rescaled is None


@pytest.mark.parametrize("cells", [[], ["", ""], ["", "", "", ""]])
def test_table_that_is_not_filled_in(cells):
    assert table_weights(cells) is None


def test_empty_rows_of_the_table_are_passed_over():
    found = table_weights(["", "", "C2", "1", "", "", "C8", "1", "", ""])
    assert found.weight.to_dict() == {"C2": 0.5, "C8": 0.5}


@pytest.mark.parametrize(
    "cells", [["C2", "veel"], ["C2", "-1"], ["C2", "0"], ["C2", "1", "C2", "2"]]
)
def test_refused_tables(cells):
    check_refusal(table_weights, cells)


def test_file_beats_table_beats_strategy():
    table, file = ["C2", "1"], "criterion;weight\nC8;1\n"
    assert choose_weights("basis", table, file).weight.index.tolist() == ["C8"]
    assert choose_weights("basis", [], file).weight.index.tolist() == ["C8"]
    assert choose_weights("basis", table, None).weight.index.tolist() == ["C2"]
    for empty in ([], ["", ""]):
        chosen = choose_weights("basis", empty, None)
        assert (chosen.origin, len(chosen.weight)) == ("strategy", 9)
