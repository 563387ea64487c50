"""Ranking of clusters against plain Python, and what the flag keeps in."""

import numpy as np
import pandas as pd
import pytest
import shapely
from kansenkaart.analysis.errors import RefusalError
from kansenkaart.analysis.rank_clusters import (
    cluster_criterion_ids,
    cluster_weights,
    mid_rank,
    rank_clusters,
)

IDS = ["economic_value", "jobs", "establishments", "raw_materials", "residual_streams"]
EQUAL = cluster_weights([], None)


@pytest.fixture(scope="module")
def clusters(layer):
    """Make clusters side by side, a kilometre apart: C1, C2 …"""

    def make(number, **figures):
        shapes = [shapely.box(1000 * n, 0, 1000 * n + 500, 500) for n in range(number)]
        ids = [f"C{n + 1}" for n in range(number)]
        return layer(shapes, cluster_id=ids, **figures)

    return make


@pytest.fixture(scope="module")
def flows(layer):
    """Make flows in the middle of clusters: rows of cluster, direction, quantity …"""

    def make(*rows, carrier="material", unit="t/y"):
        table = pd.DataFrame(rows, columns=["cluster", "direction", "quantity"])
        points = [shapely.Point(1000 * n - 750, 250) for n in table.pop("cluster")]
        ids = [f"f{n}" for n in range(len(rows))]
        return layer(points, flow_id=ids, carrier=carrier, unit=unit, **table)

    return make


def ranked(frame, flows=None, weights=EQUAL, **settings):
    return rank_clusters(frame, flows, weights, **settings)


def plain_value(values, at):
    """The share of the others that has less, equal ones counted half."""
    others = [v for n, v in enumerate(values) if n != at and v is not None]
    if values[at] is None:
        return None
    if not others:
        return 0.5
    return sum((v < values[at]) + (v == values[at]) / 2 for v in others) / len(others)


def test_criteria_are_those_of_the_guide_in_its_order():
    assert cluster_criterion_ids() == IDS
    assert EQUAL.weight.tolist() == [0.2] * 5


@pytest.mark.parametrize("seed", range(20))
def test_values_against_plain_python(seed):
    random = np.random.default_rng(seed)
    count = int(random.integers(1, 30))
    values = [
        None if random.random() < 0.2 else float(random.integers(0, 12))
        for _ in range(count)
    ]
    found = mid_rank(pd.Series(values, dtype=float))
    expected = pd.Series([plain_value(values, n) for n in range(count)], dtype=float)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-15)


def test_all_equal_or_only_one_is_the_middle():
    assert mid_rank(pd.Series([7.0, 7.0, 7.0])).tolist() == [0.5, 0.5, 0.5]
    assert mid_rank(pd.Series([7.0])).tolist() == [0.5]
    assert mid_rank(pd.Series([7.0, np.nan])).tolist()[0] == 0.5
    assert mid_rank(pd.Series([np.nan])).isna().all()


def test_scores_by_hand(clusters):
    frame = clusters(3, jobs=[10.0, 30.0, 20.0], establishments=[5, 5, 9])
    found = ranked(frame)
    # Jobs 0, 1, ½; establishments ¼, ¼, 1; three of the five are unknown.
    assert found.clusters["score"].tolist() == pytest.approx([12.5, 62.5, 75])
    assert found.clusters["rank"].tolist() == [3, 2, 1]
    assert found.clusters["completeness"].tolist() == pytest.approx([0.4] * 3)
    assert found.clusters["score_low"].tolist() == pytest.approx([5, 25, 30])
    assert found.clusters["score_high"].tolist() == pytest.approx([65, 85, 90])
    assert found.unknown == ["economic_value", "raw_materials", "residual_streams"]


def test_the_table_adds_up(clusters, flows):
    frame = clusters(
        4,
        jobs=[10.0, None, 20.0, 5.0],
        establishments=[5, 5, 9, 7],
        value_added_keur=[None, 1.0, 2.0, 3.0],
    )
    streams = flows((1, "demand", 3.0), (2, "supply", 4.0), (2, "supply", 0.5))
    found = ranked(frame, streams)
    table = found.criteria
    assert table["criterion"].tolist() == IDS * 4
    assert table["cluster_id"].tolist() == np.repeat(frame["cluster_id"], 5).tolist()
    sums = table.groupby("cluster_id")["contribution"].sum()
    np.testing.assert_allclose(sums, found.clusters["score"])
    raw = table.set_index(["cluster_id", "criterion"])["raw"]
    assert raw["C2", "residual_streams"] == 4.5
    assert raw["C1", "residual_streams"] == raw["C2", "raw_materials"] == 0
    assert np.isnan(raw["C2", "jobs"])
    assert found.clusters["completeness"].tolist() == pytest.approx([0.8, 0.8, 1, 1])
    assert set(table["unit"]) == {
        "banen",
        "vestigingen",
        "duizend euro per jaar",
        "ton per jaar",
    }


def test_flows_raise_completeness(clusters, flows):
    frame = clusters(2, jobs=[1.0, 2.0], establishments=[3, 4])
    both = flows((1, "demand", 1.0), (2, "supply", 1.0))
    assert ranked(frame).clusters["completeness"].tolist() == pytest.approx([0.4] * 2)
    found = ranked(frame, both)
    assert found.clusters["completeness"].tolist() == pytest.approx([0.8] * 2)
    # A direction that no flow tells of is unknown, and not zero.
    found = ranked(frame, flows((1, "demand", 1.0)))
    assert found.clusters["completeness"].tolist() == pytest.approx([0.6] * 2)


def test_tonnes_are_not_added_to_other_units(clusters, flows):
    frame = clusters(2, jobs=[1.0, 2.0])
    parts = [
        flows((1, "supply", 2.0), (1, "supply", None), (1, "supply", -1.0)),
        flows((1, "both", 4.0), (2, "supply", 0.0)),
        flows((1, "supply", 99.0), carrier="water", unit="m3/y"),
        flows((1, "supply", 99.0), (2, "demand", 99.0), unit="MWh/y"),
    ]
    found = ranked(frame, pd.concat(parts, ignore_index=True))
    raw = found.criteria.set_index(["cluster_id", "criterion"])["raw"]
    assert raw["C1", "residual_streams"] == 2
    assert raw["C2", "residual_streams"] == 0
    assert np.isnan(raw["C1", "raw_materials"])
    notes = dict(found.notes)
    assert notes["cluster_ranking.flows_of_other_units"] == {"count": 3}
    assert notes["cluster_ranking.flows_unclear"] == {"count": 3}


def test_a_flow_belongs_to_every_cluster_that_holds_it(layer, flows):
    frame = layer(
        [shapely.box(0, 0, 500, 500), shapely.box(250, 250, 900, 900)],
        cluster_id=["C1", "C2"],
    )
    raw = ranked(frame, flows((1, "supply", 2.0))).criteria.set_index(
        ["cluster_id", "criterion"]
    )["raw"]
    # On the corner of the second one.
    assert raw["C1", "residual_streams"] == raw["C2", "residual_streams"] == 2


def test_low_hanging_fruit_stays_in_although_last(clusters):
    jobs = [float(number) for number in range(20, 0, -1)]
    easy = [number == 19 for number in range(20)]
    found = ranked(
        clusters(20, jobs=jobs, low_hanging_fruit=easy), top=3, min_completeness=0.2
    )
    table = found.clusters.set_index("cluster_id")
    assert table.loc["C20", "rank"] == 20
    assert table.index[table["selected"]].tolist() == ["C1", "C2", "C20", "C3"]
    assert "Laaghangend fruit" in table.loc["C20", "why"]
    assert "Laaghangend fruit" not in table.loc["C1", "why"]


def test_low_hanging_fruit_stays_in_without_a_rank(clusters):
    frame = clusters(2, jobs=[1.0, None], establishments=[2, None])
    frame["low_hanging_fruit"] = pd.Series([None, True], dtype=object)
    found = ranked(frame, top=1)
    assert np.isnan(found.clusters["score"][1])
    assert np.isnan(found.clusters["rank"][1])
    assert found.clusters["selected"].tolist() == [True, True]
    assert "niets bekend" in found.clusters["why"][1]


def test_equal_scores_share_the_last_place_that_is_selected(clusters):
    found = ranked(clusters(3, jobs=[2.0, 2.0, 1.0], establishments=[1, 1, 1]), top=1)
    assert found.clusters["rank"].tolist() == [1, 1, 3]
    assert found.clusters["selected"].tolist() == [True, True, False]


def test_weights_reorder(clusters):
    frame = clusters(2, jobs=[9.0, 1.0], establishments=[1, 9])
    by_jobs = ranked(
        frame, weights=cluster_weights(["jobs", "3", "establishments", "1"], None)
    )
    by_firms = ranked(
        frame,
        weights=cluster_weights([], "criterion;weight\njobs;1\nestablishments;3\n"),
    )
    assert by_jobs.clusters["rank"].tolist() == [1, 2]
    assert by_firms.clusters["rank"].tolist() == [2, 1]
    assert by_jobs.clusters["score"].tolist() == pytest.approx([75, 25])
    assert set(by_jobs.criteria["criterion"]) == {"jobs", "establishments"}
    assert by_jobs.clusters["completeness"].tolist() == [1, 1]
    assert ("scoring.weights_rescaled", {"total": 4.0}) in by_jobs.notes


def test_below_the_lowest_completeness_there_is_no_rank(clusters):
    frame = clusters(3, jobs=[1.0, 2.0, 3.0], establishments=[3, 2, None])
    found = ranked(frame)
    assert found.clusters["score"].notna().all()
    assert found.clusters["rank"].notna().tolist() == [True, True, False]
    assert dict(found.notes)["cluster_ranking.unranked"] == {"count": 1}


def test_reasons_are_true(clusters):
    frame = clusters(
        5,
        jobs=[50.0, 40.0, 30.0, 20.0, 10.0],
        establishments=[1, 2, 3, 4, 5],
        value_added_keur=[9.0, 8.0, 8.0, 8.0, 1.0],
    )
    why = ranked(frame, language="en").clusters["why"]
    assert why[0] == (
        "Strong because of more value added than 4 of the 4 clusters compared and "
        "more jobs than 4 of the 4 clusters compared. "
        "Weaker: fewer establishments than 4 of the 4 clusters compared."
    )
    # Those with as much are neither less nor more.
    assert why[2] == "No criterion stands out."


def test_one_cluster(clusters):
    found = ranked(clusters(1, jobs=[3.0], establishments=[2]))
    assert found.clusters["score"].tolist() == [50]
    assert found.clusters["rank"].tolist() == [1]
    assert "cluster_ranking.one_cluster" in dict(found.notes)
    assert found.scored


def test_no_clusters(clusters, flows):
    found = ranked(clusters(0), flows((1, "supply", 1.0)))
    assert len(found.clusters) == len(found.criteria) == 0
    assert found.scored
    assert {"score", "rank", "selected", "why"} <= set(found.clusters)


def test_no_flows_in_the_layer(clusters, flows):
    found = ranked(clusters(2, jobs=[1.0, 2.0], establishments=[1, 2]), flows())
    assert found.clusters["completeness"].tolist() == pytest.approx([0.4] * 2)


def test_nothing_known(clusters):
    found = ranked(clusters(2))
    assert not found.scored
    assert found.clusters["selected"].tolist() == [False, False]
    jobs_only = cluster_weights(["jobs", "1"], None)
    assert not ranked(clusters(2, establishments=[1, 2]), weights=jobs_only).scored


def test_the_order_of_rows_makes_no_difference(clusters, flows, shuffled, same_tables):
    random = np.random.default_rng(3)
    frame = clusters(
        40,
        jobs=random.integers(0, 9, 40).astype(float),
        establishments=random.integers(1, 5, 40),
        low_hanging_fruit=random.random(40) < 0.2,
    )
    rows = [(int(n % 40) + 1, "supply", 0.1 * (n % 7)) for n in range(400)]
    streams = flows(*rows)
    one = ranked(frame, streams)
    other = ranked(shuffled(frame), shuffled(streams))
    same_tables(one.clusters, other.clusters)
    same_tables(one.criteria, other.criteria)
    assert one.clusters["cluster_id"].is_monotonic_increasing


@pytest.mark.parametrize(
    "table", [["C1_mass", "1"], ["jobs", "1", "omzet", "2"]], ids=str
)
def test_an_unknown_criterion_is_refused(clusters, table):
    with pytest.raises(RefusalError) as refused:
        ranked(clusters(2, jobs=[1.0, 2.0]), weights=cluster_weights(table, None))
    for name in IDS:
        assert name in str(refused.value)


@pytest.mark.parametrize(
    "table",
    [
        ["jobs", "0"],
        ["jobs", "-1", "establishments", "2"],
        ["jobs", "veel"],
        ["jobs", "1", "jobs", "1"],
    ],
)
def test_weights_that_make_no_sense_are_refused(table):
    with pytest.raises(RefusalError):
        cluster_weights(table, None)


def test_own_fields_stay_and_old_scores_go(clusters):
    frame = clusters(2, jobs=[1.0, 2.0], group="all", score=[1.0, 1.0], why="oud")
    found = ranked(frame).clusters
    assert found["group"].tolist() == ["all", "all"]
    assert found["why"].str.contains("oud").sum() == 0
    assert list(found.columns).count("score") == 1
