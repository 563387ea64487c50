"""Small flows put together: nothing is lost, whatever the order of the rows."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from kansenkaart.analysis.errors import RefusalError
from kansenkaart.analysis.flows.balance import EVERYWHERE, balance_of_places
from kansenkaart.analysis.flows.bundles import SOURCES, bundle_flows, flows_together
from kansenkaart.analysis.flows.coefficients import shipped_coefficients
from kansenkaart.analysis.flows.map_places import places_of
from kansenkaart.analysis.flows.min_flows import choose_min_flows, small_flows
from kansenkaart.analysis.flows.tables import CARRIERS, materials
from kansenkaart.analysis.flows.whole import flows_of_map
from kansenkaart.analysis.layers import layer_type
from kansenkaart.analysis.resources import read_csv

STREAM = ["direction", "carrier", "material", "unit", "quality", "basis", "hazardous"]
ENDS = ["quantity", "quantity_low", "quantity_high"]
PLACES = np.array(["cluster-1", "zone-A", "square-0--5"], dtype=object)
NAMES = {"cluster-1": "Kade", "zone-A": "Kop", "square-0--5": "Verspreid"}


def flows_of(rows, seed=0):
    """Canonical flows of rows of a place and fields, and where they are."""
    rng = np.random.default_rng(seed)
    plain = {
        "actor_name": "x", "sbi": "1013", "direction": "supply", "carrier": "material",
        "material": "gft", "quantity": 1.0, "quantity_low": None, "unit": "t/y",
        "quantity_high": None, "temperature_c": None, "return_c": None,
        "profile": None, "quality": None, "contracted_share": None, "hazardous": False,
        "properties": None, "eural": None, "confidential": True, "basis": "estimated",
        "data_quality": 3, "source": "bron", "year": 2020,
    }  # fmt: skip
    told = [
        {"flow_id": f"F{n:04}", "actor_id": f"E{n:04}"} | plain | row
        for n, row in enumerate(rows)
    ]
    fields = list(layer_type("flows").fields)
    table = pd.DataFrame(told, columns=[*fields, "place"], dtype=object)
    reals = [*ENDS, "temperature_c", "return_c", "contracted_share", "data_quality"]
    table = table.astype(dict.fromkeys([*reals, "year"], float))
    points = shapely.points(rng.uniform(-9e3, 9e3, (len(table), 2)))
    frame = gpd.GeoDataFrame(table[fields], geometry=points, crs="EPSG:28992")
    return frame, table["place"].to_numpy(object)


# To look for the smallest example would take minutes.
quick = settings(max_examples=25, deadline=None, phases=[Phase.generate])
WATER = {"carrier": "water", "material": "water", "unit": "m3/y"}
GAS = {"material": "biogas", "unit": "MWh/y"}
amounts = st.one_of(st.just(0.0), st.floats(1e-6, 1e6), st.sampled_from([49.9, 50.0]))
rows = st.builds(
    lambda stream, quantity, span, place, **more: (
        stream
        | {"quantity": quantity, "place": place}
        | (span and {"quantity_low": quantity / span, "quantity_high": quantity * span})
        | more
    ),
    st.sampled_from([{}, WATER, GAS, WATER | {"quality": "cooling"},
                     {"material": "eigen_stof"}, {"hazardous": None}]),
    amounts,
    st.sampled_from([{}, 1.5, 10]),
    st.sampled_from(PLACES),
    direction=st.sampled_from(["supply", "demand"]),
    contracted_share=st.sampled_from([None, 0.0, 0.25, 1.0]),
    sbi=st.sampled_from([None, "10", "1011", "1013", "10131", "2014"]),
    basis=st.sampled_from(["reported", "estimated"]),
    data_quality=st.sampled_from([None, 1, 4, 5]),
    source=st.sampled_from([None, "b", "a", "c", "d; e", "f"]),
)  # fmt: skip


def sums(flows, places=None):
    """Sums and what of them is free and bruto, by stream and, if given, place."""
    keys = [flows[name].where(flows[name].notna(), "-").astype(str) for name in STREAM]
    if places is not None:
        keys.append(pd.Series(places, flows.index))
    share = flows["contracted_share"].to_numpy(float)
    usual = [materials()[code].contracted_share if code in materials() else None
             for code in flows["material"]]  # fmt: skip
    supposed = np.where(flows["basis"] == "reported", 0.0, np.array(usual, dtype=float))
    share = np.where(np.isnan(share), supposed, share)
    quantity = flows["quantity"].to_numpy(float)
    told = pd.DataFrame(index=flows.index)
    for end in ENDS:
        told[end] = flows[end].astype(float).fillna(flows["quantity"].astype(float))
    told["free"] = np.nan_to_num(quantity * (1 - share))
    told["bruto"] = np.where(np.isnan(share), quantity, 0.0)
    told["bundled"] = flows.get("bundled", 1)
    return told.groupby(keys, sort=True).sum()


def assert_nothing_lost(flows, places, bundles):
    before, after = sums(flows, places), sums(bundles, bundles["place_id"])
    assert before.index.equals(after.index)
    np.testing.assert_allclose(after, before, rtol=1e-9, atol=0)


@quick
@given(st.lists(rows, max_size=25), st.sampled_from([None, 0, 1e9, {"water": 3}]))
def test_nothing_is_lost_and_ids_stay_unique(told, least):
    flows, places = flows_of(told)
    limits = choose_min_flows(least)
    for found in (bundle_flows(flows, places, NAMES, limits),
                  flows_together(flows, places, NAMES)):  # fmt: skip
        assert_nothing_lost(flows, places, found)
        assert found["flow_id"].is_unique and found["flow_id"].is_monotonic_increasing
        assert (found["place_name"] == found["place_id"].map(NAMES)).all()
        assert (found["quantity_low"].fillna(0) <= found["quantity"]).all()
        fields = [*layer_type("flows").fields, *layer_type("bundled_flows").fields]
        assert list(found) == [*fields, "geometry"]
        assert found.crs == flows.crs
    together = flows_together(flows, places, NAMES)
    small = small_flows(flows, limits)
    found = bundle_flows(flows, places, NAMES, limits)
    large = set(flows["flow_id"][~small])
    assert large <= set(found["flow_id"]) and len(together) <= len(flows)
    if least == 0:
        assert found["flow_id"].tolist() == flows["flow_id"].tolist()


@quick
@given(st.lists(rows, min_size=2, max_size=25), st.integers(0, 99))
def test_the_order_of_rows_makes_no_difference(same_tables, told, seed):
    flows, places = flows_of(told)
    turn = np.random.default_rng(seed).permutation(len(flows))
    turned = flows.iloc[turn].reset_index(drop=True)
    limits = choose_min_flows(None)
    for function in (
        lambda *them: bundle_flows(*them, NAMES, limits),
        lambda *them: flows_together(*them, NAMES),
    ):
        same_tables(function(flows, places), function(turned, places[turn]))


# The oracle: bundles by plain loops.


def alike(row):
    """What flows must share to become one."""
    names = ("direction", "carrier", "material", "unit", "quality", "basis", "profile",
             "hazardous", "temperature_c", "confidential")  # fmt: skip
    cells = tuple(str(getattr(row, name)) for name in names)
    return *cells, row.contracted_share == row.contracted_share


def limit_of(row):
    table = {
        (each["carrier"], each["material"], each["unit"]): float(each["min_flow"])
        for each in read_csv("flows", "min_flows.csv")
    }
    known = materials().get(row.material)
    for name in (row.material, known.group if known else "*", "*"):
        if (row.carrier, name, row.unit) in table:
            return table[row.carrier, name, row.unit]
    return 0.0


def by_loops(flows, places):
    """Members of every bundle, as sets of flow ids; singletons are no bundles."""
    groups = {}
    for row, place in zip(flows.itertuples(), places, strict=True):
        if row.quantity < limit_of(row):
            key = (place, (row.sbi or "")[:2], alike(row))
            groups.setdefault(key, []).append(row)
    merged = {}
    for (place, division, stream), members in groups.items():
        enough = sum(each.quantity for each in members) >= limit_of(members[0])
        key = (place, division if enough else "all", stream)
        merged.setdefault(key, []).extend(members)
    return [members for members in merged.values() if len(members) > 1]


@quick
@given(st.lists(rows, max_size=25))
def test_bundles_as_by_plain_loops(told):
    flows, places = flows_of(told)
    found = bundle_flows(flows, places, NAMES, choose_min_flows(None))
    expected = by_loops(flows, places)
    members = {each.flow_id for group in expected for each in group}
    single = found[found["bundled"] == 1]
    assert set(single["flow_id"]) == set(flows["flow_id"]) - members
    made = found[found["bundled"] > 1]
    assert len(made) == len(expected)
    told_of = sorted(map(features, expected))
    for row, wanted in zip(sorted(map(told_as, made.itertuples())), told_of,
                           strict=True):  # fmt: skip
        assert row[:2] == wanted[:2] and row[3:6] == wanted[3:6]
        assert row[2] == pytest.approx(wanted[2], rel=1e-9)
        assert row[6:] == pytest.approx(wanted[6:], rel=1e-9, abs=1e-3)


def told_as(row):
    return (
        len(str(row.bundled)), row.bundled, row.quantity, row.sbi or "", row.source,
        row.direction, row.geometry.x, row.geometry.y, row.contracted_share
        if row.contracted_share == row.contracted_share else -1, row.data_quality,
    )  # fmt: skip


def features(members):
    """The same figures of a bundle, from its members."""
    weights = [max(each.quantity, 1e-300) for each in members]

    def mean(values):
        pairs = zip(weights, values, strict=True)
        return sum(weight * value for weight, value in pairs) / sum(weights)

    codes = [each.sbi for each in members]
    sbi = ""
    while all(codes) and len({code[: len(sbi) + 1] for code in codes}) == 1:
        if sbi == codes[0]:
            break
        sbi = codes[0][: len(sbi) + 1]
    sources = sorted({each.source for each in members if each.source})
    told = "; ".join(sources[:SOURCES]) + (" …" if len(sources) > SOURCES else "")
    share = mean([each.contracted_share for each in members])
    worst = [5 if each.data_quality != each.data_quality else each.data_quality
             for each in members]  # fmt: skip
    return (
        len(str(len(members))), len(members), sum(each.quantity for each in members),
        sbi if len(sbi) > 1 else "", told, members[0].direction,
        mean([each.geometry.x for each in members]),
        mean([each.geometry.y for each in members]),
        share if share == share else -1,  # noqa: PLR0124
        round(mean(worst)),
    )  # fmt: skip


def test_a_wrong_share_stays_unknown_in_a_bundle():
    told = [{"place": "zone-A", "basis": "reported", "contracted_share": share}
            for share in (1.5, 0.5)]  # fmt: skip
    flows, places = flows_of(told)
    found = flows_together(flows, places, NAMES)
    for name in ("free_supply", "bruto_supply"):
        before, after = (
            balance_of_places(each, at, NAMES | {EVERYWHERE: "alles"})[name].tolist()
            for each, at in ((flows, places), (found, found["place_id"].to_numpy()))
        )
        assert before == pytest.approx(after)


def test_a_flow_of_unknown_quantity_is_not_small():
    told = [{"place": "zone-A", "quantity": None}] * 2
    found = bundle_flows(*flows_of(told), NAMES, choose_min_flows(1e9))
    assert found["quantity"].isna().tolist() == [True, True]


def test_all_streams_become_one_where_nothing_tells_them_apart():
    flows, places = flows_of([{"place": "zone-A", "sbi": None}] * 3)
    (found,) = flows_together(flows, places, NAMES).to_dict("records")
    assert (found["quantity"], found["bundled"], found["sbi"]) == (3, 3, None)
    assert found["actor_id"] == "zone-A:supply" and found["actor_name"] == "Kop"


# Limits.


def test_one_number_for_all_and_none_that_bundles_nothing():
    flows, _ = flows_of([{}, WATER, GAS, {"material": "eigen_stof"}] * 2)
    assert not small_flows(flows, choose_min_flows(0)).any()
    assert small_flows(flows, choose_min_flows(1.5)).all()
    assert not small_flows(flows, choose_min_flows(1)).any()


def test_a_table_by_carrier_group_and_material():
    group = materials()["gft"].group
    alike = (code for code, each in materials().items() if each.group == group)
    other = next(code for code in alike if code != "gft")
    told = [{"quantity": 5.0, "material": code} for code in ("gft", other, "eigen")]
    flows, _ = flows_of([*told, WATER | {"quantity": 5.0}])

    def small(**limits):
        return small_flows(flows, choose_min_flows(limits)).tolist()

    assert small(material=6, water=4) == [True, True, True, False]
    assert small(material=6, water=6, **{group: 3}) == [False, False, True, True]
    assert small(material=3, **{group: 3, "gft": 6}) == [True, False, False, True]
    assert small(material=0)[:3] == [False] * 3
    shipped = small_flows(flows, choose_min_flows(None)).tolist()
    assert small() == shipped == [True] * 4


@pytest.mark.parametrize("name", ["gtf", "", "material ", "*", "t/y"])
def test_names_that_are_none_are_refused_by_name(name):
    with pytest.raises(RefusalError) as refused:
        choose_min_flows({name: 5})
    for language in ("nl", "en"):
        assert f"“{name}”" in refused.value.sentence(language)


@pytest.mark.parametrize(
    "value", [True, -1, float("nan"), float("inf"), "veel", [1], None, {"gft": 1}]
)
def test_values_that_are_no_quantity_are_refused(value):
    for limits in ({"gft": value}, value):
        if limits is None or limits == {"gft": 1}:
            continue
        with pytest.raises(RefusalError) as refused:
            choose_min_flows(limits)
        for language in ("nl", "en"):
            assert str(value) in refused.value.sentence(language)


def test_every_material_of_ours_has_a_shipped_limit():
    told = [{"carrier": each.carrier, "material": code, "unit": each.unit}
            for code, each in materials().items()]  # fmt: skip
    flows, _ = flows_of(told)
    assert small_flows(flows, choose_min_flows(None)).all()


# A whole province.


@pytest.fixture(scope="module")
def found_in_province(province):
    """Layers of a province, and its flows with their places."""
    layers = province
    firms = layers["establishments"]
    numbers = np.arange(len(firms))
    clusters = [f"C{n % 7}" if n % 3 else None for n in numbers]
    members = pd.DataFrame({"est_id": firms["est_id"], "cluster_id": clusters})
    found = flows_of_map(layers, shipped_coefficients())
    return layers, found.flows, places_of(found.flows, members, layers["zones"])


def test_a_province_by_firm_flow_bundle_and_balance(found_in_province):
    layers, flows, places = found_in_province
    names = {each: each for each in {*places, EVERYWHERE}}
    bundles = bundle_flows(flows, places, names, choose_min_flows(None))
    assert len(bundles) < len(flows) / 2
    assert_nothing_lost(flows, places, bundles)
    tables = [
        balance_of_places(each, at, names).set_index(["area_id", "material", "unit"])
        for each, at in ((flows, places), (bundles, bundles["place_id"].to_numpy()))
    ]
    same = [f"{part}{side}" for side in ("supply", "demand")
            for part in ("", "free_", "bruto_")]  # fmt: skip
    np.testing.assert_allclose(tables[1][same], tables[0][same], rtol=1e-9, atol=1e-9)
    assert tables[0].index.equals(tables[1].index)
    whole = tables[0].loc[EVERYWHERE, same]
    parts = tables[0].drop(EVERYWHERE, level=0)[same].groupby(level=[1, 2]).sum()
    np.testing.assert_allclose(whole, parts.loc[whole.index], rtol=1e-9, atol=1e-9)
    assert tables[0].index.get_level_values(0)[-1] == EVERYWHERE
    totals = flows.groupby("direction")["quantity"].sum()
    assert whole["supply"].sum() == pytest.approx(totals["supply"], rel=1e-9)
    assert whole["demand"].sum() == pytest.approx(totals["demand"], rel=1e-9)
    of_firms = flows[flows["actor_id"].isin(layers["establishments"]["est_id"])]
    assert len(of_firms) > 10_000 and set(flows["carrier"]) == {*CARRIERS}


def test_a_province_in_another_order(found_in_province, shuffled, same_tables):
    _, flows, places = found_in_province
    names = {each: each for each in set(places)}
    limits = choose_min_flows(None)
    turned = shuffled(flows.assign(at=places))
    same_tables(
        bundle_flows(flows, places, names, limits),
        bundle_flows(turned.drop(columns="at"), turned["at"].to_numpy(), names, limits),
    )
