"""Scores: sums, what is unknown, ranks, own criteria, and the whole in one go."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kansenkaart.analysis.criteria import Layers, Measured
from kansenkaart.analysis.errors import RefusalError
from kansenkaart.analysis.layers import layer_type
from kansenkaart.analysis.own_criteria import own_criteria, with_own_criteria
from kansenkaart.analysis.score_areas import score_areas
from kansenkaart.analysis.scoring import criteria_table, score_values
from kansenkaart.analysis.scoring_choices import Scoring
from kansenkaart.analysis.texts import text
from kansenkaart.analysis.weights import Weights, file_weights, strategy_weights
from shapely.geometry import Point, box

NAMES = list("abcdef")


@st.composite
def problems(draw):
    """Values with gaps, weights with zeros, and a lowest completeness."""
    number, count = draw(st.integers(1, 6)), draw(st.integers(1, 8))
    cell = st.one_of(st.floats(0, 1), st.just(math.nan))
    rows = [
        draw(st.lists(cell, min_size=number, max_size=number)) for _ in range(count)
    ]
    weight = draw(st.lists(st.integers(0, 9), min_size=number, max_size=number))
    if not sum(weight):
        weight[0] = 1
    names = NAMES[:number]
    total = sum(weight)
    return (
        pd.DataFrame(rows, columns=names, dtype=float),
        pd.Series([part / total for part in weight], index=names),
        draw(st.sampled_from([0.0, 0.3, 0.6, 1.0])),
    )


@settings(max_examples=150, deadline=None)
@given(problems())
def test_scores_against_the_definition(problem):
    value, weight, least = problem
    found = score_values(value, weight, least)
    assert found.left_out == []
    for area, row in found.table.iterrows():
        cells = value.loc[area]
        known = cells.notna()
        share = math.fsum(weight[known])
        assert row["completeness"] == pytest.approx(share, abs=1e-12)
        sure = math.fsum((weight * cells)[known])
        assert row["score_low"] == pytest.approx(100 * sure, abs=1e-9)
        assert row["score_high"] == pytest.approx(100 * (sure + 1 - share), abs=1e-9)
        if share == 0:
            assert pd.isna(row["score"])
            assert pd.isna(row["rank"])
            continue
        score = 100 * sure / share
        assert row["score"] == pytest.approx(score, abs=1e-9)
        assert 0 <= row["score"] <= 100
        low, high = row["score_low"], row["score_high"]
        assert low - 1e-9 <= row["score"] <= high + 1e-9
        parts = found.contribution.loc[area]
        assert math.fsum(parts.dropna()) == pytest.approx(row["score"], abs=1e-9)
        counts = weight.index[known & (weight > 0)]
        assert set(counts) <= set(parts.index[parts.notna()])
        assert parts[counts].tolist() == pytest.approx(
            (100 * weight * cells / share)[counts].tolist(), abs=1e-9
        )
        assert found.weight.loc[area, counts].tolist() == pytest.approx(
            (weight / share)[counts].tolist(), abs=1e-12
        )
        assert parts[parts.index.difference(cells.index[known])].isna().all()
        assert math.fsum(found.weight.loc[area].dropna()) == pytest.approx(1)
        if share > least + 1e-9:
            assert row["rank"] >= 1
        if share < least - 1e-9:
            assert pd.isna(row["rank"])


@settings(max_examples=100, deadline=None)
@given(problems())
def test_ranks_follow_scores(problem):
    value, weight, least = problem
    table = score_values(value, weight, least).table
    ranked = table[table["rank"].notna()]
    for one in ranked.itertuples():
        better = (ranked["score"] > one.score + 1e-9).sum()
        equal = (ranked["score"] - one.score).abs() <= 1e-9
        assert better + 1 <= one.rank <= better + equal.sum()


def test_by_hand():
    value = pd.DataFrame({"a": [1.0, 0.5], "b": [0.0, 0.5], "c": [0.5, 1.0]})
    weight = pd.Series({"a": 0.5, "b": 0.3, "c": 0.2})
    found = score_values(value, weight)
    assert found.table["score"].tolist() == pytest.approx([60, 60])
    assert found.table["rank"].tolist() == [1, 1]
    assert found.table["completeness"].tolist() == pytest.approx([1, 1])
    assert found.contribution.loc[0, list("abc")].tolist() == pytest.approx([50, 0, 10])
    assert found.contribution.loc[1, list("abc")].tolist() == pytest.approx(
        [25, 15, 20]
    )


def test_missing_value_is_spread_over_the_others():
    value = pd.DataFrame({"a": [1.0, math.nan], "b": [0.5, 0.5], "c": [0.0, 1.0]})
    weight = pd.Series({"a": 0.5, "b": 0.3, "c": 0.2})
    row = score_values(value, weight, 0.4).table.loc[1]
    assert row["score"] == pytest.approx(100 * (0.15 + 0.2) / 0.5)
    assert row["score_low"] == pytest.approx(35)
    assert row["score_high"] == pytest.approx(85)
    assert row["completeness"] == pytest.approx(0.5)
    found = score_values(value, weight, 0.4)
    assert pd.isna(found.weight.loc[1, "a"])
    assert found.weight.loc[1, ["b", "c"]].tolist() == pytest.approx([0.6, 0.4])


def test_effect_is_what_the_median_would_change():
    value = pd.DataFrame({"a": [0.0, 0.2, 1.0, math.nan], "b": [0.5, 0.1, 0.9, 0.3]})
    weight = pd.Series({"a": 0.75, "b": 0.25})
    found = score_values(value, weight)
    assert found.effect["a"][:3].tolist() == pytest.approx([-15, 0, 60])
    assert pd.isna(found.effect.loc[3, "a"])
    assert found.effect["b"].tolist() == pytest.approx([2.5, -7.5, 12.5, -10])


def ranks(scores, least=0.6, completeness=None):
    """Ranks of areas with one criterion; a second is known where completeness is 1."""
    completeness = completeness or [1] * len(scores)
    value = pd.DataFrame({"a": scores, "b": scores})
    value["b"] = value["b"].where([share == 1 for share in completeness])
    found = score_values(value, pd.Series({"a": 0.5, "b": 0.5}), least)
    return [None if pd.isna(rank) else int(rank) for rank in found.table["rank"]]


def test_equal_scores_share_a_rank():
    assert ranks([0.2, 0.9, 0.2, 0.5, 0.9]) == [4, 1, 4, 3, 1]
    assert ranks([0.3, 0.3, 0.3]) == [1, 1, 1]


def test_areas_without_a_rank_take_no_place():
    assert ranks([0.2, 0.9, 0.5], 0.6, [1, 0.5, 1]) == [2, None, 1]


@pytest.mark.parametrize("order", [[0.1, 0.2, 0.3], [0.3, 0.2, 0.1], [0.7, 0.1, 0.2]])
def test_equal_scores_share_a_rank_however_they_are_summed(order):
    """0.1 + 0.2 + 0.3 and 0.3 + 0.2 + 0.1 differ in the last bit."""
    value = pd.DataFrame([order, order[::-1], [order[1], order[2], order[0]]])
    value.columns = NAMES[:3]
    weight = pd.Series([1 / 3] * 3, index=NAMES[:3])
    assert score_values(value, weight).table["rank"].tolist() == [1, 1, 1]


@pytest.mark.parametrize("known", range(10))
def test_exactly_complete_enough_is_ranked(known):
    """Three of five equal weights are 0.6, in whichever order they are summed."""
    picks = [[i, j, k] for i in range(5) for j in range(i) for k in range(j)][known]
    value = pd.DataFrame([[0.5] * 5, [0.5 if i in picks else np.nan for i in range(5)]])
    value.columns = NAMES[:5]
    weight = pd.Series([0.2] * 5, index=NAMES[:5])
    assert score_values(value, weight, 0.6).table["rank"].notna().tolist() == [True] * 2
    table = score_values(value, weight, 0.61).table
    assert table["rank"].notna().tolist() == [True, False]
    assert table["score"].tolist() == pytest.approx([50, 50])


def test_weight_of_an_absent_criterion_is_left_out():
    value = pd.DataFrame({"a": [1.0, 0.0], "b": [0.5, 0.5]})
    weight = pd.Series({"a": 0.25, "b": 0.25, "z": 0.5})
    found = score_values(value, weight)
    assert found.left_out == ["z"]
    assert found.table["score"].tolist() == pytest.approx([75, 25])
    assert found.table["completeness"].tolist() == pytest.approx([1, 1])
    assert found.table["rank"].tolist() == [1, 2]


def test_criterion_without_weight_does_not_count():
    value = pd.DataFrame({"a": [1.0, 0.0], "b": [0.0, 1.0], "c": [0.0, 1.0]})
    table = score_values(value, pd.Series({"a": 1.0, "b": 0.0})).table
    assert table["score"].tolist() == [100, 0]
    assert table["completeness"].tolist() == [1, 1]


def check_refusal(function, *arguments, names=(), **options):
    with pytest.raises(RefusalError) as refusal:
        function(*arguments, **options)
    dutch, english = (refusal.value.sentence(language) for language in ("nl", "en"))
    assert dutch != english
    for sentence in (dutch, english):
        assert sentence.endswith(".")
        assert not set("{}") & set(sentence)
        for name in names:
            assert name in sentence


def test_nothing_that_counts_can_be_computed():
    value = pd.DataFrame({"a": [1.0]})
    check_refusal(score_values, value, pd.Series({"z": 1.0}))
    check_refusal(score_values, value, pd.Series({"a": 0.0, "z": 1.0}))


AREAS = pd.Series(["A1", "A2", "A3"])


def measured(**columns):
    frame = pd.DataFrame(columns, index=AREAS.index, dtype=float)
    return Measured(frame, frame.copy())


def own_table(*rows):
    return pd.DataFrame(rows, columns=["area_id", "criterion", "value"])


def with_own(start, own, weights):
    """What is known with a table of own criteria, and its rows without area."""
    given = own_criteria(own, AREAS)
    return with_own_criteria(start, given, weights), given.strangers


def weights_for(*names, scales=None):
    weight = pd.Series(1 / len(names), index=list(names))
    return Weights(weight, scales or {}, "file")


def test_own_criterion_without_scale():
    own = own_table(("A3", "mooi", 0.25), ("A1", "mooi", 1), ("A9", "mooi", 0))
    start = measured(C2=[0.0, 0.5, 1.0])
    found, lost = with_own(start, own, weights_for("C2", "mooi"))
    assert lost == 1
    assert found.raw["mooi"][[0, 2]].tolist() == [1, 0.25]
    assert found.value["mooi"][[0, 2]].tolist() == [1, 0.25]
    assert pd.isna(found.value.loc[1, "mooi"])
    assert found.value["C2"].tolist() == [0, 0.5, 1]
    assert list(start.raw) == ["C2"]


@pytest.mark.parametrize(
    ("scale", "expected"), [((0, 200), [0.5, 0, 1]), ((200, 0), [0.5, 1, 0])]
)
def test_own_criterion_with_scale(scale, expected):
    own = own_table(("A1", "euro", 100), ("A2", "euro", -50), ("A3", "euro", 900))
    weights = weights_for("euro", scales={"euro": scale})
    found, lost = with_own(measured(), own, weights)
    assert lost == 0
    assert found.raw["euro"].tolist() == [100, -50, 900]
    assert found.value["euro"].tolist() == expected


def test_own_values_win():
    own = own_table(("A1", "C2", 0.9), ("A2", "C2", 0.8), ("A3", "C2", 0.7))
    start = measured(C2=[0.0, 0.5, 1.0])
    found, _lost = with_own(start, own, weights_for("C2"))
    assert found.value["C2"].tolist() == [0.9, 0.8, 0.7]


@pytest.mark.parametrize("value", [-0.01, 1.01, 55])
def test_own_value_outside_zero_to_one_needs_a_scale(value):
    own = own_table(("A1", "mooi", value))
    check_refusal(
        with_own,
        measured(),
        own,
        weights_for("mooi"),
        names=["mooi"],
    )


def test_own_value_with_decimal_comma():
    """A column of texts, as a CSV file with decimal commas gives."""
    own = own_table(("A1", "mooi", "0,5"), ("A2", "mooi", "0.25"), ("A3", "mooi", "1"))
    found, _lost = with_own(measured(), own, weights_for("mooi"))
    assert found.value["mooi"].tolist() == [0.5, 0.25, 1]


def test_refused_tables_of_own_criteria():
    double = own_table(("A1", "mooi", 0.1), ("A1", "mooi", 0.2))
    check_refusal(with_own, measured(), double, weights_for("mooi"))
    short = own_table(("A1", "mooi", 0.1)).drop(columns="value")
    check_refusal(
        with_own,
        measured(),
        short,
        weights_for("mooi"),
        names=["value"],
    )


def test_criteria_table():
    value = measured(a=[0.0, 0.5, math.nan], b=[1.0, 0.5, 0.5])
    scores = score_values(value.value, pd.Series({"a": 0.5, "b": 0.5}))
    table = criteria_table(AREAS, value, scores, {"a": "m"}, {"a": "bron"})
    assert list(table.columns) == list(layer_type("criteria").fields)
    assert table["area_id"].tolist() == ["A1", "A1", "A2", "A2", "A3", "A3"]
    assert table["criterion"].tolist() == ["a", "b"] * 3
    sums = table.groupby("area_id")["contribution"].sum()
    assert sums.tolist() == pytest.approx(scores.table["score"].tolist())
    known = table["value"].notna()
    assert known.tolist() == [True] * 4 + [False, True]
    assert table.loc[~known, ["raw", "weight", "contribution"]].isna().all(axis=None)


@pytest.fixture(scope="module")
def scene(layer, firms):
    """Three zones, in an order that is not that of their ids."""
    shapes = [box(x, 0, x + 1000, 1000) for x in (0, 5000, 10_000)]
    zones = layer(
        shapes,
        zone_id=["Z2", "Z3", "Z1"],
        name=["Kade", "Kop", "Dok"],
        kinds="business_park",
        area_ha=100.0,
        available_ha=[5.0, np.nan, 10.0],
    )
    places = [(5, 5)] * 30 + [(5005, 5)] * 60
    sbi = ["2014", "3811", "4711"] * 30
    facilities = layer([Point(500, 500)], facility_id="F1", name="", kind="energy_hub")
    constraints = layer([box(0, 0, 500, 1000)], kind="nature", effect="penalise")
    layers = Layers(
        establishments=firms(places, 2.0, sbi),
        zones=zones,
        facilities=facilities,
        constraints=constraints,
    )
    return zones, layers


WEIGHTS = "criterion;weight\nC1_mass;0.25\nspace;0.25\nC8;0.5\n"


def test_score_areas(scene):
    """By hand: mass 30, 60, 0; space 5, –, 10; energy 0, 4500, 9500 m."""
    zones, layers = scene
    found = score_areas(zones, layers, file_weights(WEIGHTS))
    table = found.areas.set_index("zone_id")
    assert table.index.tolist() == ["Z1", "Z2", "Z3"]
    expected = {
        "Z1": 100 * 0.25,
        "Z2": 100 * (0.25 * 0.3 + 0.25 * 0.5 + 0.5),
        "Z3": 100 * (0.25 * 0.6 + 0.5 * 0.1) / 0.75,
    }
    assert table["score"].to_dict() == pytest.approx(expected)
    assert table["rank"].to_dict() == {"Z1": 3, "Z2": 1, "Z3": 2}
    assert table["completeness"].to_dict() == {"Z1": 1, "Z2": 1, "Z3": 0.75}
    assert table.loc["Z3", "score_low"] == pytest.approx(20)
    assert table.loc["Z3", "score_high"] == pytest.approx(45)
    assert table["name"].tolist() == ["Dok", "Kade", "Kop"]
    assert set(layer_type("scores").fields) <= set(found.areas.columns)
    criteria = found.criteria
    assert list(criteria.columns) == list(layer_type("criteria").fields)
    assert set(criteria["criterion"]) == {"C1_mass", "space", "C8"}
    sums = criteria.groupby("area_id")["contribution"].sum()
    assert sums.to_dict() == pytest.approx(expected)
    assert criteria["source"].str.len().min() > 5
    assert criteria["unit"].notna().all()


def test_only_weighted_criteria_count(scene):
    zones, layers = scene
    found = score_areas(zones, layers, file_weights("criterion;weight\nC1_mass;1\n"))
    assert found.areas["score"].tolist() == pytest.approx([0, 30, 60])
    assert set(found.criteria["criterion"]) == {"C1_mass"}


def test_absent_layers_are_left_out_and_said(scene):
    zones, layers = scene
    found = score_areas(zones, layers, strategy_weights("basis"))
    kept = ["C1_mass", "C1_diversity", "C8", "C6", "space", "C10"]
    assert list(dict.fromkeys(found.criteria["criterion"])) == kept
    table = found.areas.set_index("zone_id")
    # Diversity and space are unknown for one zone each; the rest is known for all.
    assert table["completeness"].to_dict() == pytest.approx(
        {"Z1": 5 / 6, "Z2": 1, "Z3": 5 / 6}
    )
    said = [text(key, "nl", **values) for key, values in found.notes]
    assert any("Spoor en water" in sentence for sentence in said)
    assert not any(set("{}") & set(sentence) for sentence in said)


def test_too_little_known_for_a_rank_is_said(scene):
    zones, layers = scene
    found = score_areas(
        zones, layers, file_weights(WEIGHTS), how=Scoring(min_completeness=0.8)
    )
    assert found.areas["rank"].isna().tolist() == [False, False, True]
    assert found.areas["score"].notna().all()
    assert ("scoring.unranked", {"count": 1}) in found.notes


def test_rescaling_is_said(scene):
    zones, layers = scene
    weights = file_weights("criterion;weight\nC1_mass;3\nspace;2\n")
    found = score_areas(zones, layers, weights)
    assert any(key == "scoring.weights_rescaled" for key, _ in found.notes)
    assert found.weights.weight.to_dict() == {"C1_mass": 0.6, "space": 0.4}


def test_own_criteria_in_the_whole(scene):
    zones, layers = scene
    rows = "criterion;weight;worst;best\nC1_mass;0.5;;\nEigen punt;0.5;0;10\n"
    own = own_table(
        ("Z1", "Eigen punt", 10), ("Z2", "Eigen punt", 5), ("Z8", "Eigen punt", 5)
    )
    found = score_areas(
        zones, layers, file_weights(rows), own, Scoring(min_completeness=0.5)
    )
    assert found.areas["score"].tolist() == pytest.approx([50, 40, 60])
    assert ("scoring.rows_without_area", {"count": 1}) in found.notes


def test_area_id_goes_before_zone_id(scene):
    zones, layers = scene
    areas = zones.assign(area_id=["Z2-1", "Z3-1", "Z1-1"])
    found = score_areas(areas, layers, file_weights(WEIGHTS))
    assert found.areas["area_id"].tolist() == ["Z1-1", "Z2-1", "Z3-1"]
    assert sorted(set(found.criteria["area_id"])) == ["Z1-1", "Z2-1", "Z3-1"]


def test_refused(scene):
    zones, layers = scene
    weights = file_weights(WEIGHTS)
    check_refusal(score_areas, zones.drop(columns="zone_id"), layers, weights)
    unknown = file_weights("criterion;weight\nC1_mass;1\nC99;1\n")
    check_refusal(score_areas, zones, layers, unknown, names=["C99"])
    only_rail = file_weights("criterion;weight\nC2;1\n")
    check_refusal(score_areas, zones, layers, only_rail)


def test_row_order_does_not_matter(scene, shuffled, same_tables):
    zones, layers = scene
    weights = strategy_weights("basis")
    one = score_areas(zones, layers, weights)
    for seed in range(3):
        others = Layers(
            establishments=shuffled(layers.establishments, seed),
            zones=shuffled(layers.zones, seed),
            facilities=layers.facilities,
            constraints=layers.constraints,
        )
        other = score_areas(shuffled(zones, seed), others, weights)
        same_tables(one.areas, other.areas)
        same_tables(one.criteria, other.criteria)
        assert one.notes == other.notes


@pytest.mark.parametrize("language", ["nl", "en"])
def test_language(scene, language):
    zones, layers = scene
    found = score_areas(
        zones, layers, file_weights(WEIGHTS), how=Scoring(language=language)
    )
    word = {"nl": "Sterk", "en": "Strong"}[language]
    assert any(sentence.startswith(word) for sentence in found.areas["why"])
