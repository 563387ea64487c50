"""Matches between places: every match once, the largest drawn, bows apart."""

import numpy as np
import pandas as pd
import pytest
import shapely
from kansenkaart.analysis.layers import layer_type
from kansenkaart.analysis.matching.matches_section import matches_section
from kansenkaart.analysis.matching.place_pairs import place_pairs

SIZES = {("heat", "MWh/y"): [10, 100], ("material", "t/y"): [10, 100]}
POINTS = {
    "zone-a": shapely.Point(0, 0),
    "zone-b": shapely.Point(3000, 0),
    "zone-c": shapely.Point(3000, 4000),
}
NAMES = {"zone-a": "Aa", "zone-b": "Be", "zone-c": None}


@pytest.fixture
def some(layer):
    """Matches by chance between flows whose ids name their place."""

    def make(count, seed=0):
        rng = np.random.default_rng(seed)
        places = rng.choice([*POINTS], (2, count))
        carrier = rng.choice(["heat", "material"], count)
        heat = carrier == "heat"
        given = rng.uniform(1, 60, count)
        rows = {
            "lead_id": [f"L{n:04}" for n in range(count)],
            "flow_supply": [f"{p}|{n}" for n, p in enumerate(places[0])],
            "flow_demand": [f"{p}|{n}" for n, p in enumerate(places[1])],
            "giver_sbi": "2410",
            "receiver_sbi": rng.choice(["3530", ""], count),
            "carrier": carrier,
            "material": np.where(heat, "heat", rng.choice(["gft", "slib"], count)),
            "unit": np.where(heat, "MWh/y", "t/y"),
            "allocated": given,
            "delivered": given * np.where(heat, 1.3, 0.9),
            "distance_m": rng.uniform(0, 5000, count),
            "avoided_co2_t": np.where(heat, given / 5, np.nan),
            "avoided_co2_t_low": np.where(heat, given / 9, np.nan),
            "avoided_co2_t_high": np.where(heat, given / 2, np.nan),
        }
        lines = shapely.linestrings(rng.uniform(0, 5000, (count, 2, 2)))
        return layer(lines, **rows)

    return make


def pairs_of(matches, drawn=100, leads=None):
    leads = (
        matches.iloc[:0].assign(score=1.0, available=1.0) if leads is None else leads
    )
    both = (matches, leads)
    ends = pd.concat(
        [each[name] for each in both for name in ("flow_supply", "flow_demand")]
    )
    place_of = {end: end.partition("|")[0] for end in ends}
    return place_pairs(*both, place_of, NAMES, POINTS, SIZES, (drawn, 3), "nl")


def test_sums_are_those_of_the_matches_added_one_by_one(some):
    matches = some(200)
    pairs = pairs_of(matches)
    assert [*pairs.columns[:-1]] == [*layer_type("match_pairs").fields]
    assert len(pairs) == 2 * 9
    for row in pairs.to_dict("records"):
        own = [
            match
            for match in matches.to_dict("records")
            if match["carrier"] == row["carrier"]
            and match["flow_supply"].startswith(row["from_id"])
            and match["flow_demand"].startswith(row["to_id"])
        ]
        assert row["matches"] == len(own)
        for name in ("allocated", "delivered"):
            assert row[name] == pytest.approx(sum(each[name] for each in own))
        way = sum(each["distance_m"] * each["allocated"] for each in own)
        assert row["distance_m"] == pytest.approx(way / row["allocated"])
        avoided = sum(each["avoided_co2_t"] for each in own)
        known = row["carrier"] == "heat"
        assert row["avoided_co2_t"] == pytest.approx(avoided, nan_ok=not known)
        assert row["size"] == 1 + sum(row["delivered"] >= edge for edge in (10, 100))


def test_the_largest_of_each_carrier_are_drawn(some):
    pairs = pairs_of(some(150, 3), drawn=4)
    for _, own in pairs.groupby("carrier"):
        shown = own[own["shown"]]
        assert len(shown) == 4
        assert shown["delivered"].min() >= own[~own["shown"]]["delivered"].max()


def test_the_order_of_rows_does_not_matter(some):
    matches = some(120, 5)
    mixed = matches.sample(frac=1, random_state=1).reset_index(drop=True)
    pd.testing.assert_frame_equal(pairs_of(matches), pairs_of(mixed))


def test_to_and_fro_lie_apart_and_what_stays_goes_round(some):
    lines = pairs_of(some(200)).set_index(["carrier", "from_id", "to_id"]).geometry
    to, fro = lines["heat", "zone-a", "zone-b"], lines["heat", "zone-b", "zone-a"]
    assert to.coords[0] == fro.coords[-1] == (0, 0)
    assert to.coords[1][1] == -fro.coords[1][1] != 0
    start, middle, end = lines["heat", "zone-c", "zone-c"].coords
    assert start[1] == end[1] > 4000 and start[0] < 3000 < end[0]
    assert middle[0] == 3000 and middle[1] > start[1]


def _radii(spots, *three):
    """Distances of spots to the middle of the circle through three of them."""
    rows = np.column_stack([2 * np.array(three), np.ones(3)])
    x, y, _ = np.linalg.solve(rows, (np.array(three) ** 2).sum(axis=1))
    return np.hypot(*(spots - (x, y)).T)


def test_leads_stand_where_no_match_is_the_best_first(some):
    matches, leads = some(200), some(200, 9)
    place = matches["flow_supply"].str[:6] + matches["flow_demand"].str[:6]
    matches = matches[place != "zone-azone-b"].reset_index(drop=True)
    leads["score"] = np.linspace(0.9, 0.1, len(leads))
    leads["available"] = np.arange(len(leads), dtype=float)
    pairs = pairs_of(matches, leads=leads)
    pd.testing.assert_frame_equal(
        pairs[pairs["matches"] > 0].dropna(axis=1, how="all").reset_index(drop=True),
        pairs_of(matches).dropna(axis=1, how="all"),
    )
    found = pairs[pairs["matches"] == 0]
    assert [*found["carrier"]] == ["heat", "material"]
    for row in found.to_dict("records"):
        assert (row["from_id"], row["to_id"]) == ("zone-a", "zone-b")
        own = leads[
            leads["flow_supply"].str.startswith("zone-a")
            & leads["flow_demand"].str.startswith("zone-b")
            & (leads["carrier"] == row["carrier"])
        ]
        # Competing: the best one, and no sum.
        assert row["score"] == own["score"].max()
        assert row["available"] == own["available"].iloc[0]
        assert row["shown"] and pd.isna(row["delivered"])
        spots = np.array(row["geometry"].coords)
        top = spots[len(spots) // 2]
        assert np.ptp(_radii(spots, spots[0], top, spots[-1])) < 1e-6
    only = pairs_of(matches.iloc[:0], leads=leads)
    assert (only.groupby("carrier").size() == 3).all() and (only["matches"] == 0).all()


def test_nothing_and_a_single_place(some):
    assert pairs_of(some(3).iloc[:0]).empty
    matches = some(3)
    matches["flow_supply"] = matches["flow_demand"] = [
        "zone-a|1",
        "zone-a|2",
        "zone-a|3",
    ]
    assert shapely.is_valid(pairs_of(matches).geometry).all()


def told(matches, **more):
    pairs = pairs_of(matches)
    totals = matches.assign(matches=1, scale="local")
    sums = ["matches", "allocated", "delivered", "avoided_co2_t"]
    totals = totals.groupby(["carrier", "material", "unit", "scale"])[sums].sum()
    columns = [*layer_type("unlocks").fields]
    layers = {
        "matches": matches,
        "match_pairs": pairs,
        "match_totals": totals.reset_index(),
        "unlocks": pd.DataFrame(more.get("unlocks", []), columns=columns),
    }
    return matches_section(layers, {"heat": 0.0, "material": 0.004}, "nl")


def test_report_tells_totals_pairs_and_a_diagram(some):
    section = told(some(200))
    totals, pairs = section.tables
    assert [row[:2] for row in totals.rows] == [
        ["Materialen", pytest.approx(some(200)["carrier"].eq("material").sum())],
        ["Warmte", pytest.approx(some(200)["carrier"].eq("heat").sum())],
    ]
    assert len(pairs.rows) == 10
    # No factor is known for materials.
    assert [row[-1] for row in pairs.rows[:5]] == ["–"] * 5
    assert "0,40 %" in section.paragraphs[0]
    (figure,) = section.figures
    titles = ("Materialen: van", "Warmte: van", "gemengd of onbekend")
    assert all(title in figure for title in titles)


def test_report_without_matches_says_so(some):
    section = told(some(5).iloc[:0])
    assert not section.tables and not section.figures
    assert "geen matches" in section.paragraphs[0]


def test_report_tells_who_could_take_what_is_left(some):
    left = {
        "material": "gft", "unit": "t/y", "left": 5000.0, "flows": 3,
        "rule_id": "use:digestion", "treatment": None, "replaces": "gft",
        "receiver_sbi": "3530|38|3821", "would_arrive": 5000.0, "missing": "far",
    }  # fmt: skip
    *_, unlocks = told(some(9), unlocks=[left]).tables
    (row,) = unlocks.rows
    assert row[1] == "5\u202f000" and row[-1] == "wie het vraagt, zit te ver weg"
