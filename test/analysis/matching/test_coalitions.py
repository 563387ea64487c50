"""Coalitions, next to a plain implementation on networkx graphs."""

import math
from collections import defaultdict

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely
from kansenkaart.analysis.errors import RefusalError
from kansenkaart.analysis.flows.min_flows import MinFlow
from kansenkaart.analysis.layers import layer_type
from kansenkaart.analysis.matching.coalitions import find_coalitions

LIMITS = [MinFlow("material", "*", "t/y", 10.0), MinFlow("heat", "*", "MWh/y", 10.0)]
UNITS = {"material": "t/y", "heat": "MWh/y"}


def matches(rows, **columns):
    """Matches from (giver, receiver, quantity, [material]); parties on a line."""
    table = pd.DataFrame(
        [(*row, "slag")[:4] for row in rows],
        columns=["giver", "receiver", "allocated", "material"],
    )
    heat = table["material"] == "heat"
    table["allocated"] = table["allocated"].astype(float)
    table["carrier"] = np.where(heat, "heat", "material")
    table["unit"] = table["carrier"].map(UNITS)
    table["avoided_co2_t"] = table["allocated"] / 10
    table = table.assign(**columns)
    at = {
        name: 1000.0 * ord(str(name)[-1])
        for name in [*table["giver"], *table["receiver"]]
    }
    lines = [
        shapely.LineString([(at[row.giver], 450_000), (at[row.receiver], 450_000)])
        for row in table.itertuples()
    ]
    return gpd.GeoDataFrame(table, geometry=lines, crs="EPSG:28992")


def found(rows, most=12, **given):
    layer = rows if isinstance(rows, gpd.GeoDataFrame) else matches(rows)
    return find_coalitions(layer, most, **({"limits": LIMITS} | given))


def tables(outcome):
    """Who sits together."""
    seated = outcome.parties[outcome.parties["at_table"]]
    groups = seated.groupby("coalition_id")["actor_id"].agg(frozenset)
    return {*groups}


# By hand.


def test_a_ring_takes_as_much_as_it_brings():
    ring = found([("a", "b", 100), ("b", "c", 100), ("c", "a", 100)])
    (row,) = ring.table.to_dict("records")
    assert row["balance"] == pytest.approx(1)
    assert row["held"] == pytest.approx(1)
    assert (row["parties"], row["both"], row["tie_cuts_off"]) == (3, 3, 0)
    assert row["delivered_material_t"] == 300
    assert ring.parties["stake"].sum() == pytest.approx(1)


def test_a_star_only_brings_and_hangs_on_its_middle():
    star = found([("m", name, 100) for name in "abcd"])
    (row,) = star.table.to_dict("records")
    assert row["balance"] == 0
    assert (row["tie"], row["tie_cuts_off"]) == ("m", 3)
    assert (row["givers"], row["receivers"], row["both"]) == (1, 4, 0)


def test_the_strongest_ties_come_first_and_the_rest_follows():
    rows = [
        ("a", "b", 100),
        ("b", "c", 90),
        ("c", "d", 80),
        ("a", "e", 20),
        ("e", "f", 15),
    ]
    outcome = found(rows, most=4)
    assert tables(outcome) == {frozenset("abcd")}
    followers = outcome.parties[~outcome.parties["at_table"]]
    assert [*followers["actor_id"]] == ["e"]
    assert followers["stake"].isna().all()
    assert outcome.apart == 1
    assert outcome.between == 2


def test_two_are_no_coalition():
    pair = found([("a", "b", 100), ("b", "a", 100)])
    assert len(pair.table) == len(pair.parties) == 0
    assert pair.remarks()[-1] == ("coalitions.said.nothing", {})


def test_small_and_far_matches_bind_nobody():
    rows = [("a", "b", 100), ("b", "c", 9.99)]
    assert len(found(rows).table) == 0
    assert len(found(rows, min_size=0.9).table) == 1
    assert len(found(rows, min_size=0).table) == 1
    chain = [("a", "b", 100), ("b", "d", 100)]
    assert len(found(chain, max_distance=2000).table) == 1
    assert len(found(chain, max_distance=1999).table) == 0


def test_what_parties_bring_and_take_is_told():
    rows = [("a", "b", 1234, "steel_slag"), ("b", "c", 77, "heat")]
    outcome = found(rows, language="nl")
    middle = outcome.parties.set_index("actor_id").loc["b"]
    assert middle["party_role"] == "both"
    assert "1\u202f200 ton per jaar" in middle["takes"]
    assert middle["brings"] == "warmte (77 MWh per jaar)"
    assert outcome.table["carriers"].tolist() == ["material;heat"]
    assert outcome.table["name"].tolist()[0].startswith("Coalitie 1: ")


def test_coalitions_are_called_after_the_place_of_who_ties_them():
    x = 1000.0 * ord("m")
    regions = gpd.GeoDataFrame(
        {"region_id": ["r"], "name": ["<b>Velsen</b>"]},
        geometry=[shapely.box(x - 1, 0, x + 1, 9e5)],
        crs="EPSG:28992",
    )
    star = [("m", name, 100, "heat") for name in "abc"]
    for language, called in (("nl", "warmte bij"), ("en", "heat near")):
        outcome = found(star, regions=regions, language=language)
        assert f"{called} <b>Velsen</b>" in outcome.table["name"][0]


def test_the_most_co2_avoided_comes_first_and_ids_do_not_tell():
    small = [("a", "b", 20), ("b", "c", 20)]
    large = [("x", "y", 2000), ("y", "z", 2000)]
    table = found([*small, *large]).table
    assert table["coalition_id"].tolist() == ["K001", "K002"]
    assert table["rank"].tolist() == [2, 1]
    unknown = matches([*small, *large], avoided_co2_t=[1.0, None, None, None])
    table = found(unknown).table
    assert table["rank"].tolist() == [1, 2]
    assert table["avoided_co2_t"].isna().tolist() == [False, True]


# Who is missing.


def flows(*rows):
    names = ["actor_id", "direction", "material", "quantity", "contracted_share"]
    table = pd.DataFrame(rows, columns=names)
    heat = table["material"] == "heat"
    table["carrier"] = np.where(heat, "heat", "material")
    table["unit"] = table["carrier"].map(UNITS)
    return table.assign(flow_id=[f"f{n}" for n in table.index], basis="reported")


def test_who_is_missing():
    rows = matches([("a", "b", 100), ("b", "c", 50)], replaces="sand")
    known = flows(
        ("a", "supply", "slag", 400, 0.5),
        ("b", "demand", "sand", 105, 0.0),
        ("c", "demand", "sand", 80, 0.0),
        ("c", "demand", "natural_gas", 1e6, 0.0),
        ("b", "supply", "heat", 500, 0.0),
        ("b", "supply", "heat", 5000, np.nan),
        ("elsewhere", "supply", "slag", 1e6, 0.0),
    )
    known.loc[5, "contracted_share"] = 7.0
    over = pd.DataFrame(
        {"material": ["slag"], "unit": ["t/y"], "receiver_sbi": ["2351|42"],
         "missing": ["far"]}
    )  # fmt: skip
    outcome = found(rows, flows=known, unlocks=over, language="nl")
    fields = ["wanted", "material", "quantity", "parties", "activities", "reason"]
    told = outcome.missing[fields].to_numpy(object).tolist()
    assert told == [
        ["taker", "heat", 500, 1, None, None],
        ["taker", "slag", 100, 1, "2351|42", "far"],
        ["giver", "sand", 30, 1, None, None],
    ]
    words = outcome.table["missing"][0]
    assert "warmte" in words and "(42): ligt te ver weg" in words
    assert found(rows).table["missing"].tolist() == [None]


# Against the plain implementation.


def instance(seed):
    rng = np.random.default_rng(seed)
    names = [f"p{chr(number)}" for number in range(65, 65 + rng.integers(4, 60))]
    hub = rng.random() < 0.5
    rows = []
    for _ in range(rng.integers(3, 120)):
        one, other = rng.choice(len(names), 2, replace=False)
        one = one // 6 if hub else one
        if one != other:
            kind = rng.choice(["slag", "sand", "heat"])
            rows.append(
                (names[one], names[other], float(rng.integers(1, 99)), str(kind))
            )
    return rows or [("pA", "pB", 50.0, "slag")]


def plain(rows, most):
    """Tables, followers, balance, held and what falls off, by sets and sums."""
    given, taken = defaultdict(float), defaultdict(float)
    for giver, receiver, amount, material in rows:
        given[giver, material] += amount
        taken[receiver, material] += amount
    strong = [
        (
            giver,
            receiver,
            amount**2 / given[giver, kind] / taken[receiver, kind],
            amount,
        )
        for giver, receiver, amount, kind in rows
    ]
    pairs = defaultdict(float)
    for giver, receiver, strength, amount in strong:
        if amount >= 10:
            pairs[min(giver, receiver), max(giver, receiver)] += strength
    near = lambda pair: abs(ord(pair[0][-1]) - ord(pair[1][-1]))  # noqa: E731
    order = sorted(pairs, key=lambda pair: (-round(pairs[pair], 10), near(pair), pair))
    group = {name: {name} for pair in pairs for name in pair}
    for one, other in order:
        union = group[one] | group[other]
        if len(union) <= most:
            group |= dict.fromkeys(union, union)
    seats = {name: frozenset(own) for name, own in group.items() if len(own) > 2}
    ties = defaultdict(lambda: defaultdict(float))
    for giver, receiver, strength, _ in strong:
        for own, other in ((giver, receiver), (receiver, giver)):
            if own not in seats and other in seats:
                ties[own][seats[other]] += strength
    follow = {
        name: min(sums, key=lambda table: (-round(sums[table], 10), min(table)))
        for name, sums in ties.items()
    }
    return seats, follow, [row for row in strong if row[3] >= 10]


def figures(table, strong):
    inner = [row for row in strong if {row[0], row[1]} <= table]
    touching = [row for row in strong if {row[0], row[1]} & table]
    brought, taken = defaultdict(float), defaultdict(float)
    for giver, receiver, strength, _ in inner:
        brought[giver] += strength
        taken[receiver] += strength
    whole = math.fsum(brought.values())
    graph = nx.Graph((row[0], row[1]) for row in inner)
    lost = {}
    for name in table:
        rest = graph.subgraph(table - {name})
        parts = [len(part) for part in nx.connected_components(rest)]
        lost[name] = len(table) - 1 - max(parts)
    return {
        "balance": math.fsum(min(brought[n], taken[n]) for n in table) / whole,
        "held": whole / math.fsum(row[2] for row in touching),
        "tie_cuts_off": max(lost.values()),
        "matches": len(inner),
    }, lost


@pytest.mark.parametrize("seed", range(30))
def test_as_the_plain_implementation_finds_them(seed):
    rows, most = instance(seed), (3, 5, 12)[seed % 3]
    outcome = found(rows, most)
    seats, follow, strong = plain(rows, most)
    assert tables(outcome) == {*seats.values()}
    by_id = outcome.parties[outcome.parties["at_table"]].groupby("coalition_id")
    who = by_id["actor_id"].agg(frozenset)
    followers = outcome.parties[~outcome.parties["at_table"]].set_index("actor_id")
    assert {n: who[i] for n, i in followers["coalition_id"].items()} == follow
    for row in outcome.table.to_dict("records"):
        told, lost = figures(who[row["coalition_id"]], strong)
        assert {name: row[name] for name in told} == pytest.approx(told)
        assert lost[row["tie"]] == told["tie_cuts_off"]
        seated = outcome.parties[outcome.parties["coalition_id"] == row["coalition_id"]]
        assert (
            seated[seated["at_table"]].set_index("actor_id")["cuts_off"].to_dict()
            == lost
        )


@pytest.mark.parametrize("seed", range(5))
def test_the_order_of_rows_does_not_matter(seed):
    layer = matches(instance(seed))
    mixed = layer.sample(frac=1, random_state=seed)
    for name in ("table", "parties", "links"):
        one, other = (getattr(found(each, 5), name) for each in (layer, mixed))
        pd.testing.assert_frame_equal(
            pd.DataFrame(one).assign(geometry=one.geometry.to_wkt()),
            pd.DataFrame(other).assign(geometry=other.geometry.to_wkt()),
        )


def test_groups_that_were_planted_come_back():
    rng = np.random.default_rng(3)
    rows = []
    for number in range(6):
        own = [f"p{chr(65 + 8 * number + each)}" for each in range(8)]
        rows += [(own[n], own[(n + 1) % 8], 100.0) for n in range(8)]
        rows += [(own[n], f"p{chr(65 + rng.integers(48))}", 11.0) for n in (0, 4)]
    rows = [row for row in rows if row[0] != row[1]]
    planted = {
        frozenset(f"p{chr(65 + 8 * number + each)}" for each in range(8))
        for number in range(6)
    }
    assert tables(found(rows, 12)) == planted


# Bad input.


def test_leads_and_missing_fields_are_refused():
    layer = matches([("a", "b", 100)])
    leads = layer.rename(columns={"allocated": "available"})
    with pytest.raises(RefusalError) as refusal:
        found(leads)
    assert refusal.value.key == "coalitions.leads"
    with pytest.raises(RefusalError) as refusal:
        found(layer.drop(columns=["giver", "unit"]))
    assert refusal.value.values == {"fields": "giver, unit"}


def test_what_can_not_be_used_is_counted():
    good = [("a", "b", 100), ("b", "c", 100)]
    layer = matches([*good, *(("x", "y", 100) for _ in range(8)), ("x", "x", 100)])
    for row, (name, value) in enumerate(
        [("giver", None), ("receiver", "  "), ("allocated", 0.0), ("allocated", -1.0),
         ("allocated", np.inf), ("allocated", 1e16), ("carrier", None)], 2
    ):  # fmt: skip
        layer.loc[row, name] = value
    layer.loc[9, "geometry"] = None
    outcome = found(layer)
    assert outcome.unusable == 9
    assert tables(outcome) == {frozenset("abc")}


def test_layers_without_matches():
    outcome = found(matches([("a", "b", 100)]).iloc[:0], flows=flows())
    frames = {
        "coalitions": outcome.table,
        "coalition_parties": outcome.parties,
        "coalition_links": outcome.links,
        "coalition_missing": outcome.missing,
    }
    for kind, frame in frames.items():
        assert len(frame) == 0
        fields = [name for name in frame if name != "geometry"]
        assert fields == [*layer_type(kind).fields]


def test_enormous_quantities_one_spot_and_words_that_look_like_code():
    layer = matches(
        [("a", "b", 1e15), ("b", "c", 1e15)],
        giver_name="<b>[% 1 + 1 %]</b> {x}",
        material="=1+1 {0}",
        giver_sbi="??",
    )
    layer["geometry"] = [shapely.LineString([(1e5, 4e5), (1e5, 4e5)])] * 2
    (row,) = found(layer).table.to_dict("records")
    assert row["geometry"].area > 0
    assert row["longest_m"] == 0
    assert "=1+1 {0}" in row["name"]
