"""Rediscovery of documented exchanges: its arithmetic, and its data."""

import sys
from pathlib import Path

import numpy as np
import pytest
from kansenkaart.analysis.flows.tables import materials
from scipy.stats import binomtest

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "dev"))

import rediscovery_figures as figures  # noqa: E402
import rediscovery_scenes as scenes  # noqa: E402


@pytest.fixture(scope="module")
def table():
    return scenes.exchanges()


def test_ranks_are_shared_by_equal_scores():
    scores = {"01": 3.0, "10": 2.0, "20": 2.0, "38": 2.0, "46": 1.0}
    assert [figures.rank_of(each, scores) for each in scores] == [1, 3, 3, 3, 5]
    assert figures.rank_of("35", scores) == np.inf


def test_hits_are_averaged_over_scenes():
    found = figures.measured(np.array([[1.0, 6.0], [np.inf, 10.0]]))
    assert np.allclose(found, [[0.5, 0.5, 1, (1 + 1 / 6) / 2], [0, 0, 0.5, 0.05]])


@pytest.mark.parametrize(("hits", "n"), [(0, 3), (3, 3), (7, 20), (43, 92)])
def test_wilson_is_that_of_scipy(hits, n):
    theirs = binomtest(hits, n).proportion_ci(0.9, method="wilson")
    ours = figures.wilson(hits / n, n)
    assert np.allclose(ours, (theirs.low, theirs.high), atol=1e-4)


def test_intervals_come_from_whole_places():
    values = np.array([[1.0]] * 50 + [[0.0]] * 50)
    apart = figures.spread(values, range(100))
    together = figures.spread(values, [0] * 50 + [1] * 50)
    assert np.allclose(apart.ravel(), [0.42, 0.58], atol=0.01)
    assert together.ravel().tolist() == [0, 1]


def test_groups_are_means():
    values = np.array([[1.0], [0.0], [1.0]])
    assert figures.by_group(values, ["b", "a", "a"]).tolist() == [[0.5], [1.0]]


def test_exchanges_are_whole(table):
    counts = table.groupby("set")["carrier"].value_counts()
    assert counts["first", "material"] == 8
    assert counts["further", "material"] == 92
    told = {code for name in ("material", "replaces") for code in table[name]}
    known = {*materials(), "fuel gas"}
    assert {part for each in told for part in each.split("|")} <= known


def test_only_activity_and_jobs_are_known(table):
    firms = scenes.scene(table, 1, scenes.PROVINCE)
    ours = firms[~firms["est_id"].str.startswith("D")]
    assert set(ours["jobs"]) == {scenes.JOBS}
    assert len(firms) - len(ours) == scenes.DECOYS
    assert [*firms.columns] == ["est_id", "sbi", "jobs", "name", "geometry"]
    givers, receivers = (
        ours[ours["est_id"].str.startswith(letter)].geometry.to_numpy()
        for letter in "GR"
    )
    apart = [one.distance(other) for one, other in zip(givers, receivers, strict=True)]
    assert set(apart) == {scenes.APART}


def test_the_baseline_does_not_know_the_place(table):
    one = table[table["id"] == "15"].iloc[0]
    heat = table[table["carrier"] == "heat"]
    elsewhere = heat[heat["place"] != one["place"]]
    told = scenes.popular(table, one)
    assert sum(told.values()) == len(elsewhere)


@pytest.mark.proof
def test_the_page_shows_what_is_computed():
    import rediscovery

    page = (ROOT / "docs" / "rediscovery.md").read_text("utf-8")
    for name, content in rediscovery.figures().items():
        told = page.split(f"<!-- {name} -->")[1].split(f"<!-- end of {name} -->")[0]
        assert told.strip() == content
