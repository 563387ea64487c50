"""What a cluster consists of, against sums by hand and plain loops."""

import numpy as np
import pandas as pd
import pytest
import shapely
from kansenkaart.analysis.cluster_profile import (
    activity_totals,
    cluster_names,
    describe,
    top_activities,
)
from kansenkaart.analysis.clusters import detect_clusters
from kansenkaart.analysis.groupings import choose_grouping, shipped_grouping


def spots(*counts, apart=5000):
    """Coordinates of groups of points far from each other."""
    return [
        (place * apart + n, 0)
        for place, count in enumerate(counts)
        for n in range(count)
    ]


def described(frame, **options):
    found = detect_clusters(frame, 500, 2, **options)
    totals = activity_totals(frame)
    return found, *describe(found.footprints, found.cells, totals, "nl")


def test_each_group_is_clustered_by_itself(firms):
    # Alternating along a line: together one cluster, apart too far from each other.
    places = [(400 * n, 0) for n in range(10)]
    frame = firms(places, sbi=["2014", "4711"] * 5)
    assert len(detect_clusters(frame, 500, 2).footprints) == 1
    found = detect_clusters(frame, 500, 2, grouping=shipped_grouping("section"))
    assert len(found.footprints) == 0
    found = detect_clusters(frame, 800, 2, grouping=shipped_grouping("section"))
    assert found.footprints["group"].tolist() == ["C", "G"]
    assert found.footprints["establishments"].tolist() == [5, 5]
    assert found.footprints["cluster_id"].tolist() == ["C001", "C002"]


def test_groups_give_what_each_group_alone_gives(firms):
    rng = np.random.default_rng(3)
    frame = firms(
        rng.uniform(0, 4000, (300, 2)), sbi=rng.choice(["2014", "1011", "4711"], 300)
    )
    grouping = shipped_grouping("agendas")
    found = detect_clusters(frame, 300, 4, grouping=grouping)
    for group, code in (("WA3", "2014"), ("WA5", "1011")):
        alone = detect_clusters(frame[frame["sbi"] == code], 300, 4)
        own = found.footprints[found.footprints["group"] == group]
        assert (
            own["establishments"].tolist()
            == alone.footprints["establishments"].tolist()
        )
        same = shapely.equals(
            own.geometry.to_numpy(), alone.footprints.geometry.to_numpy()
        )
        assert same.all()
    outside = found.members[found.members["sbi"] == "4711"]
    assert outside["group"].isna().all()
    assert found.ungrouped == len(outside) > 0


def test_an_establishment_in_two_groups_is_a_member_twice(firms):
    frame = firms(spots(3), sbi=["2014", "2014", "1011"])
    found = detect_clusters(frame, 500, 2, grouping=shipped_grouping("agendas_study"))
    assert found.footprints[["group", "establishments"]].values.tolist() == [
        ["WA3", 2],
        ["WA4", 3],
    ]
    assert found.members["est_id"].tolist() == [
        "E0000",
        "E0000",
        "E0001",
        "E0001",
        "E0002",
    ]
    assert found.members["group"].tolist() == ["WA3", "WA4", "WA3", "WA4", "WA4"]


def test_a_grouping_that_names_nobody_leaves_all_out(firms):
    grouping = choose_grouping("a.csv", lambda _: "sbi;group\n05;kolen\n")
    found = detect_clusters(firms(spots(3)), 500, 2, grouping=grouping)
    assert len(found.footprints) == 0
    assert found.ungrouped == len(found.members) == 3
    assert [key for key, _ in found.remarks()] == ["messages.ungrouped"]


def test_profile_by_hand(firms):
    # Two clusters: 60 of 80 jobs in chemistry, and 10 of 120; the region 70 of 200.
    jobs = [60, 15, 5, 10, 100, 10]
    codes = ["2014", "4941", "4942", "2011", "4711", "4719"]
    _, clusters, profile = described(firms(spots(3, 3), jobs, codes))
    own = profile.set_index(["cluster_id", "division"])
    assert own.loc[("C001", "20"), "share"] == pytest.approx(60 / 80)
    assert own.loc[("C001", "20"), "lq"] == pytest.approx((60 / 80) / (70 / 200))
    assert own.loc[("C001", "49"), ["establishments", "jobs"]].tolist() == [2, 20]
    assert own.loc[("C001", "49"), "lq"] == pytest.approx((20 / 80) / (20 / 200))
    assert own.loc[("C002", "20"), "lq"] == pytest.approx((10 / 120) / (70 / 200))
    first, second = clusters["top_activities"]
    assert (
        first
        == "Chemische industrie 75\u00a0% (2,1×), Vervoer over land 25\u00a0% (2,5×)"
    )
    assert second.startswith("Detailhandel 92\u00a0% (1,7×)")


def test_sums_over_divisions_are_those_of_the_clusters(firms):
    rng = np.random.default_rng(5)
    codes = rng.choice(["2014", "4711", "3811", "6201"], 200)
    jobs = np.where(rng.random(200) < 0.1, np.nan, rng.integers(0, 50, 200))
    _, clusters, profile = described(firms(rng.uniform(0, 3000, (200, 2)), jobs, codes))
    sums = profile.groupby("cluster_id")[["establishments", "jobs", "share"]].sum()
    own = clusters.set_index("cluster_id")
    assert (sums["establishments"] == own["establishments"]).all()
    assert np.allclose(sums["jobs"], own["jobs"])
    assert np.allclose(sums["share"][own["jobs"] > 0], 1)


def test_unknown_jobs_give_no_share(firms):
    _, clusters, profile = described(firms(spots(3), np.nan))
    assert profile["jobs"].isna().all()
    assert profile["lq"].isna().all()
    assert clusters["top_activities"].isna().all()


def test_a_hidden_cell_is_not_told_in_words():
    profile = pd.DataFrame(
        {
            "cluster_id": ["C001", "C001"],
            "division": ["20", "49"],
            "share": [np.nan, 0.25],
            "lq": [np.nan, np.nan],
        }
    )
    assert top_activities(profile, "en").tolist() == ["Land transport 25\u00a0%"]


def test_waste_and_waste_water_are_flagged(firms):
    codes = ["4711", "3811", "4711", "4711", "3700", "4711"]
    found = detect_clusters(firms(spots(2, 2, 2), sbi=codes), 500, 2)
    assert found.footprints["low_hanging_fruit"].tolist() == [True, False, True]


def test_value_added_is_summed_where_it_is_known(firms):
    frame = firms(spots(2, 2)).assign(value_added_keur=[5.0, np.nan, np.nan, np.nan])
    found = detect_clusters(frame, 500, 2).footprints
    assert found["value_added_keur"].tolist()[0] == 5
    assert np.isnan(found["value_added_keur"].tolist()[1])


@pytest.fixture
def regions(layer):
    """West and east of x = 0."""
    shapes = [shapely.box(-1e5, -1e5, 0, 1e5), shapely.box(0, -1e5, 1e5, 1e5)]
    return layer(shapes, region_id=["GM1", "GM2"], name=["Westdorp", "Oostdorp"])


def names_of(frame, regions):
    return detect_clusters(frame, 500, 2, regions=regions).footprints["name"].tolist()


def test_a_cluster_is_called_after_where_it_lies(firms, regions):
    assert names_of(firms([(-90, 0), (-80, 0)]), regions) == ["Westdorp"]
    # Three of four members in the west: a quarter in the east is named too.
    border = [(-30, 0), (-20, 0), (-10, 0), (10, 0)]
    assert names_of(firms(border), regions) == ["Westdorp – Oostdorp"]
    assert names_of(firms([*border, (-40, 0)]), regions) == ["Westdorp"]
    assert names_of(firms([(5e5, 0), (5e5, 1)]), regions) == ["C001"]


def test_clusters_of_the_same_name_are_numbered(firms, regions):
    places = [(9000 * n + dx, 0) for n in range(1, 4) for dx in (0, 10)]
    expected = ["Oostdorp 1", "Oostdorp 2", "Oostdorp 3"]
    assert names_of(firms(places), regions) == expected


def test_names_do_not_depend_on_the_order_of_rows(firms, regions):
    rng = np.random.default_rng(1)
    frame = firms(rng.uniform(-5000, 5000, (150, 2)))
    members = detect_clusters(frame, 400, 3).members
    inside = members[members["cluster_id"].notna()]
    expected = cluster_names(inside, regions)
    mixed = cluster_names(inside.sample(frac=1, random_state=2), regions.iloc[::-1])
    pd.testing.assert_series_equal(mixed.sort_index(), expected.sort_index())
