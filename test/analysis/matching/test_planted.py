"""Planted exchanges: true to themselves, and found or not as they should be."""

import pandas as pd
import pytest
from geopandas.testing import assert_geodataframe_equal
from kansenkaart.analysis.demo import generate
from kansenkaart.analysis.matching.knowledge import choose_knowledge
from kansenkaart.analysis.matching.leads import find_leads
from kansenkaart.analysis.matching.pairs import Limits
from kansenkaart.analysis.resources import read_csv

COUNT = 20_000
"""Of these the default province is made."""
FULL = 100_000
"""Enough for every exchange of the file."""
RUNS = [
    (1, COUNT),
    *(pytest.param((seed, COUNT), marks=pytest.mark.proof) for seed in (2, 3)),
    *(pytest.param((seed, FULL), marks=pytest.mark.proof) for seed in range(101, 121)),
]
ATTRIBUTES = [
    "sbi", "direction", "carrier", "material", "quantity", "unit", "temperature_c",
    "return_c", "profile", "quality", "contracted_share", "hazardous", "properties",
]  # fmt: skip
CHANGED = {
    "too_cold": {"temperature_c"},
    "too_dirty": {"quality"},
    "contracted": {"contracted_share"},
    "too_far": {"distance"},
}
DETOUR = 1.3


@pytest.fixture(scope="module")
def default():
    """The default province."""
    return generate(1, COUNT)


@pytest.fixture(scope="module", params=RUNS, ids=str)
def planted(request, default):
    seed, count = request.param
    return default if request.param == (1, COUNT) else generate(seed, count)


@pytest.fixture(scope="module")
def leads(planted):
    return leads_of(planted["flows"])


@pytest.fixture(scope="module")
def pairs(planted):
    """Truth with the attributes of both flows."""
    flows, truth = planted["flows"].set_index("flow_id"), planted["truth"]
    return [
        (row, flows.loc[row.flow_supply], flows.loc[row.flow_demand])
        for row in truth.itertuples()
    ]


def leads_of(flows):
    found = find_leads(flows, choose_knowledge(), Limits(per_division=0, most=0))
    return set(zip(found.table["flow_supply"], found.table["flow_demand"], strict=True))


def same(one, other):
    return one == other or (pd.isna(one) and pd.isna(other))


def begins(prefixes, sbi):
    return prefixes == "*" or any(sbi.startswith(each) for each in prefixes.split("|"))


def reach_km(supply, demand):
    """Farthest that a rule or the table of reaches lets a stream go."""
    rules = [
        float(rule["reach_km"])
        for rule in read_csv("matching", "rules.csv")
        if (rule["carrier"], rule["material"]) == (supply.carrier, supply.material)
        and rule["replaces"] in ("", demand.material)
        and begins(rule["giver_sbi"], supply.sbi)
        and begins(rule["receiver_sbi"], demand.sbi)
    ]
    table = {
        row["material"]: float(row["reach_km"])
        for row in read_csv("flows", "reach.csv")
        if row["carrier"] == supply.carrier
    }
    return max([*rules, table.get(supply.material, table["*"])])


def clean_enough(given, asked):
    """Whether each limit of a class holds, as it is or after one treatment."""
    limits = {}
    for row in read_csv("flows", "water_limits.csv"):
        limits.setdefault(row["class"], {})[row["parameter"]] = float(row["limit"])

    def serves(one, other):
        held = limits.get(one, {})
        return all(
            held.get(name, float("inf")) <= most
            for name, most in limits.get(other, {}).items()
        )

    treated = [
        row["to_class"]
        for row in read_csv("matching", "treatments.csv")
        if row["carrier"] == "water" and serves(given, row["from_class"])
    ]
    return any(serves(each, asked) for each in (given, *treated))


def impossible(supply, demand):
    """Every reason for which a pair of flows can't be exchanged."""
    found = set()
    if supply.carrier == "heat":
        direct = supply.temperature_c - 5 >= demand.temperature_c
        # No heat pump delivers more than 150 °C.
        if not direct and demand.temperature_c > 150:
            found.add("too_cold")
    if supply.carrier == "water" and not clean_enough(supply.quality, demand.quality):
        found.add("too_dirty")
    if supply.quantity * (1 - supply.contracted_share) <= 0:
        found.add("contracted")
    if DETOUR * supply.geometry.distance(demand.geometry) > 1000 * reach_km(
        supply, demand
    ):
        found.add("too_far")
    properties = "" if pd.isna(supply.properties) else supply.properties
    held = {f"property:{each}" for each in properties.split(";")}
    held |= {supply.material} | ({"property:hazardous"} if supply.hazardous else set())
    for ban in read_csv("matching", "forbidden.csv"):
        if ban["material_or_property"] in held and begins(
            ban["receiver_sbi"], demand.sbi
        ):
            found.add("forbidden")
    return found


def test_flows_are_those_of_establishments(planted):
    flows, firms = planted["flows"], planted["establishments"].set_index("est_id")
    own = firms.loc[flows["actor_id"]]
    assert (own["sbi"].to_numpy() == flows["sbi"]).all()
    assert (own["name"].to_numpy() == flows["actor_name"]).all()
    assert flows.geometry.geom_equals(own.geometry.reset_index(drop=True)).all()
    assert flows["actor_id"].is_unique
    assert flows["confidential"].all()
    assert set(flows["basis"]) == {"reported"}


def test_truth_names_flows_and_parties(planted, pairs):
    truth = planted["truth"]
    used = {*truth["flow_supply"], *truth["flow_demand"]}
    assert used == set(planted["flows"]["flow_id"])
    assert (
        truth.groupby("exchange_id")["role"]
        .agg(list)
        .map(sorted)
        .map(lambda roles: roles == ["real", "twin"])
        .all()
    )
    for row, supply, demand in pairs:
        assert (supply.direction, demand.direction) == ("supply", "demand")
        assert (row.giver, row.receiver) == (supply.actor_id, demand.actor_id)
        assert (row.carrier, row.material) == (supply.carrier, supply.material)
        assert row.possible is (row.role == "real")
        ends = [supply.geometry, demand.geometry]
        assert [*row.geometry.coords] == [each.coords[0] for each in ends]


def test_truth_follows_from_the_flows(pairs):
    for row, supply, demand in pairs:
        wanted = {row.reason} if row.role == "twin" else set()
        assert impossible(supply, demand) == wanted, row.exchange_id


def test_a_twin_differs_in_one_attribute(pairs):
    by_role = {(row.exchange_id, row.role): rest for row, *rest in pairs}
    for row, *twin in pairs:
        if row.role == "real":
            continue
        real = by_role[row.exchange_id, "real"]
        changed = {
            name
            for one, other in zip(real, twin, strict=True)
            for name in ATTRIBUTES
            if not same(one[name], other[name])
        }
        if "too_far" in impossible(*twin):
            changed.add("distance")
        if row.reason == "forbidden":
            assert changed in ({"properties"}, {"hazardous"})
        else:
            assert changed == CHANGED[row.reason], row.exchange_id


def test_the_real_ones_are_found_and_no_impossible_one(planted, leads, record_property):
    truth = planted["truth"]
    listed = list(zip(truth["flow_supply"], truth["flow_demand"], strict=True))
    found = pd.Series([pair in leads for pair in listed])
    real = truth["possible"].eq(True)
    record_property("recall", float(found[real].mean()))
    record_property("others", len(leads - set(listed)) / max(len(leads), 1))
    assert not truth.loc[~real & found, "exchange_id"].tolist()
    assert not truth.loc[real & ~found, "exchange_id"].tolist()


def test_whatever_else_is_found_is_possible(planted, leads):
    flows = planted["flows"].set_index("flow_id")
    for supply, demand in leads:
        assert not impossible(flows.loc[supply], flows.loc[demand])


def test_nothing_is_found_in_the_control(default):
    control, planted = generate(1, COUNT, planted=False), default
    assert not len(control["flows"])
    assert not len(control["truth"])
    assert not leads_of(control["flows"])
    firms, before = planted["establishments"], control["establishments"]
    changed = firms.drop(columns="geometry") != before.drop(columns="geometry")
    changed["geometry"] = ~firms.geometry.geom_equals(before.geometry)
    changed["jobs"] = firms["jobs"].fillna(-1) != before["jobs"].fillna(-1)
    moved = firms.loc[changed.any(axis=1), "est_id"]
    assert set(moved) <= set(planted["flows"]["actor_id"])
    assert not changed["jobs"].any()
    for name in {*planted} - {"establishments", "flows", "truth"}:
        assert_geodataframe_equal(planted[name], control[name])
