"""Matches, against one linear programme over all pairs of plain loops."""

import numpy as np
import pandas as pd
import pytest
from lead_oracle import flows_of, free_of, plain_leads, random_flows
from scipy import sparse
from scipy.optimize import linprog

RULES = (
    "rule_id;carrier;giver_sbi;material;receiver_sbi;replaces;r_strategy;treatment;"
    "yield;quality_out;reach_km;legal;source\n"
)
CEMENT = {"direction": "demand", "sbi": "2351", "material": "sand"}
WORKS = {"direction": "supply"}
CARRIERS = ("material", "water", "heat", "co2")
BEST = 1e-9


@pytest.fixture(scope="module")
def shipped():
    from kansenkaart.analysis.matching.knowledge import choose_knowledge

    return choose_knowledge()


def rules(*rows):
    """Knowledge with own rules of slag instead of sand: id, yield, reach."""
    from kansenkaart.analysis.matching.knowledge import choose_knowledge

    lines = [
        f"{name};material;24;steel_slag;2351;sand;R7;{treatment};{gain};;{reach};;t"
        for name, treatment, gain, reach in rows
    ]
    return choose_knowledge(RULES + "\n".join(lines), uses=False)


SLAG = rules(("R", "", 1, 50))


def matched(flows, known, objective="quantity", **limits):
    from kansenkaart.analysis.matching.matches import match_flows
    from kansenkaart.analysis.matching.pairs import Limits

    return match_flows(flows, known, Limits(**limits), objective=objective)


# The oracle.


def quantities(flows):
    """Free quantities by flow: a row of twelve months for heat, of one year else."""
    from kansenkaart.analysis.flows.tables import profiles

    found = {}
    for flow in flows.to_dict("records"):
        free = free_of(flow)
        if free is None:
            continue
        share = np.ones(1)
        if flow["carrier"] == "heat":
            share = np.array(profiles()[flow["profile"] or "flat"])
        found[flow["flow_id"]] = free * share / share.sum()
    return found


def best(flows, known, objective):
    """Highest worth and least tonne-kilometres by carrier, over all pairs at once."""
    leads, *_ = plain_leads(flows, known, per_division=0, most=0)
    free = quantities(flows)
    kind = flows.set_index("flow_id")["carrier"]
    leads["carrier"] = leads["flow_supply"].map(kind)
    known_ends = [leads[name].isin(free) for name in ("flow_supply", "flow_demand")]
    leads = leads[known_ends[0] & known_ends[1]]
    return {
        carrier: programme(rows, free, worth_of(rows, flows, carrier, objective))
        for carrier, rows in leads.groupby("carrier")
    }


def worth_of(leads, flows, carrier, objective):
    if objective == "quantity":
        return np.ones(len(leads)) if carrier == "heat" else leads["yield"].to_numpy()
    from kansenkaart.analysis.matching.avoided import factors

    table, by_id = factors()["co2"], flows.set_index("flow_id")
    return np.array(
        [one_avoided(row, by_id, table) for row in leads.to_dict("records")]
    )


def one_avoided(lead, by_id, table):
    """Tonnes of CO2 per unit that leaves the giver."""
    from kansenkaart.analysis.matching import co2, heat, water

    giver, receiver = by_id.loc[lead["flow_supply"]], by_id.loc[lead["flow_demand"]]
    carrier = giver["carrier"]
    replaces = receiver["material"] if carrier == "material" else carrier
    if replaces not in table:
        return 0.0
    saved = table[replaces] * lead["yield"]
    if receiver["unit"] == "t/y":
        saved -= table["transport"] * lead["distance_m"] / 1000
    if carrier != "material":
        key = "temperature_c" if carrier == "heat" else "quality"
        dtype = float if carrier == "heat" else object
        module = {"heat": heat, "water": water, "co2": co2}[carrier]
        way = module.transfer(*(np.array([x[key]], dtype) for x in (giver, receiver)))
        saved -= table["electricity"] * lead["yield"] * way["electricity_kwh"].iloc[0]
        saved -= table["heat"] * lead["yield"] * way["heat_mwh"].iloc[0]
    return saved


def programme(leads, free, worth):
    """One linear programme with a column per pair and month."""
    months = len(free[leads["flow_supply"].iloc[0]])
    ends = [leads[name].tolist() for name in ("flow_supply", "flow_demand")]
    rows, columns, values, limits = [], [], [], []
    for names, gain in zip(ends, (np.ones(len(leads)), leads["yield"]), strict=True):
        for name in sorted(set(names)):
            mine = [n for n, each in enumerate(names) if each == name]
            for month in range(months):
                rows += [len(limits)] * len(mine)
                columns += [n * months + month for n in mine]
                values += [float(np.asarray(gain)[n]) for n in mine]
                limits.append(free[name][month])
    size = len(leads) * months
    matrix = sparse.csr_matrix((values, (rows, columns)), (len(limits), size))
    cost = -np.repeat(worth, months)
    found = linprog(cost, A_ub=matrix, b_ub=limits, method="highs")
    assert found.status == 0
    enough = sparse.vstack([matrix, sparse.csr_matrix(cost[None])])
    far = np.repeat(leads["distance_m"].to_numpy() / 1e5, months)
    # Pairs that are worth nothing never take part.
    most = np.where(np.repeat(worth, months) > 0, np.inf, 0.0)
    nearest = linprog(
        far,
        A_ub=enough.tocsr(),
        b_ub=[*limits, found.fun * (1 - 1e-9)],
        bounds=np.column_stack([0 * far, most]),
        method="highs",
    )
    assert nearest.status == 0
    return -found.fun, 1e5 * nearest.fun


def worth_found(found, flows, carrier, objective):
    rows = found.table[found.table["carrier"] == carrier]
    worth = worth_of(rows, flows, carrier, objective)
    return float(worth @ rows["allocated"]), rows["allocated"] @ rows["distance_m"]


@pytest.mark.parametrize("objective", ["quantity", "avoided_co2"])
@pytest.mark.parametrize("seed", range(4))
def test_the_best_of_all_pairs(shipped, seed, objective):
    flows = random_flows(130, seed, side=12_000)
    found = matched(flows, shipped, objective)
    expected = best(flows, shipped, objective)
    assert {*found.table["carrier"]} <= {*expected}
    for carrier, (most, least) in expected.items():
        worth, metres = worth_found(found, flows, carrier, objective)
        assert worth == pytest.approx(most, rel=1e-7)
        assert metres == pytest.approx(least, rel=1e-4, abs=1e-6)
        assert found.gap[carrier] == 0
    assert not found.nearly


@pytest.fixture
def many(monkeypatch):
    """So many pairs count as too many for an exact optimum."""
    from kansenkaart.analysis.matching import best_use, in_reach

    monkeypatch.setattr(best_use, "MOST", 20)
    monkeypatch.setattr(best_use, "FEW", 0)
    monkeypatch.setattr(in_reach, "BLOCK", 40)
    monkeypatch.setattr(in_reach, "LINKS", 100)


@pytest.mark.usefixtures("many")
@pytest.mark.parametrize("objective", ["quantity", "avoided_co2"])
@pytest.mark.parametrize("seed", range(3))
def test_of_many_pairs_the_gap_is_proven(shipped, seed, objective):
    flows = random_flows(180, seed, side=12_000)
    found = matched(flows, shipped, objective)
    for carrier, (most, _) in best(flows, shipped, objective).items():
        worth, _ = worth_found(found, flows, carrier, objective)
        assert worth <= most * (1 + 1e-9)
        assert most <= worth / (1 - found.gap[carrier]) * (1 + 1e-9)
        assert found.gap[carrier] < 0.03, carrier
    assert found.nearly
    told = [values for key, values in found.remarks("en") if key.endswith("nearly")]
    assert len(told) == len(found.nearly)


@pytest.mark.usefixtures("many")
def test_of_many_pairs_the_order_of_the_rows_does_not_matter(shipped):
    flows = random_flows(180, 1, side=12_000)
    turned = flows.sample(frac=1, random_state=1)
    found, again = matched(flows, shipped).table, matched(turned, shipped).table
    pd.testing.assert_frame_equal(found, again)


@pytest.mark.usefixtures("many")
def test_of_very_many_pairs_only_near_ones_take_part(shipped, monkeypatch):
    from kansenkaart.analysis.matching import best_use

    monkeypatch.setattr(best_use, "HELD", 150)
    flows = random_flows(180, 2, side=12_000)
    found = matched(flows, shipped)
    for carrier, (most, _) in best(flows, shipped, "quantity").items():
        worth, _ = worth_found(found, flows, carrier, "quantity")
        assert worth <= most * (1 + 1e-9)
        assert most <= worth / (1 - found.gap[carrier]) * (1 + 1e-9)


@pytest.mark.parametrize("seed", range(3))
def test_matches_are_leads_that_keep_to_every_limit(shipped, seed):
    flows = random_flows(180, seed, side=12_000)
    found = matched(flows, shipped)
    leads, *_ = plain_leads(flows, shipped, per_division=0, most=0)
    keys = ["flow_supply", "flow_demand"]
    lead = leads.set_index(keys).loc[pd.MultiIndex.from_frame(found.table[keys])]
    for name in ("rule_id", "treatment"):
        assert found.table[name].fillna("").tolist() == lead[name].fillna("").tolist()
    for name in ("distance_m", "available", "yield", "score", "score_quantity"):
        np.testing.assert_allclose(found.table[name], lead[name].astype(float), 1e-9)
    by_id, free = flows.set_index("flow_id"), quantities(flows)
    for side, name in (("flow_supply", "allocated"), ("flow_demand", "delivered")):
        for flow, amount in found.table.groupby(side)[name].sum().items():
            assert amount <= free[flow].sum() * (1 + 1e-9)
    assert (found.table["delivered"] <= found.table["available"] * (1 + 1e-9)).all()
    actors = [found.table[name] for name in ("giver", "receiver")]
    assert (actors[0] != actors[1]).all()
    assert not by_id.loc[found.table["flow_supply"], "quantity"].isna().any()
    np.testing.assert_allclose(
        found.table["delivered"], found.table["allocated"] * found.table["yield"], 1e-9
    )


def test_the_order_of_the_rows_does_not_matter(shipped):
    flows = random_flows(250, 5, side=20_000)
    mixed = flows.sample(frac=1, random_state=3).reset_index(drop=True)
    one, other = (matched(each, shipped) for each in (flows, mixed))
    for name in ("table", "balance", "totals", "unlocks"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name))
    assert (one.allocated, one.gap, one.counts) == (
        other.allocated, other.gap, other.counts,
    )  # fmt: skip


@pytest.mark.parametrize("objective", ["quantity", "avoided_co2"])
def test_the_balance_adds_up(shipped, objective):
    flows = random_flows(400, 6, side=20_000)
    found = matched(flows, shipped, objective)
    table = found.balance
    free = {
        flow: free_of(row)
        for flow, row in zip(flows["flow_id"], flows.to_dict("records"), strict=True)
    }
    assert table["flow_id"].tolist() == sorted(f for f in free if free[f] is not None)
    close = {"rtol": 1e-9, "atol": 1e-9}
    np.testing.assert_allclose(
        table["quantity"], table["contracted"] + table["available"], **close
    )
    np.testing.assert_allclose(
        table["available"], table["allocated"] + table["left"], **close
    )
    np.testing.assert_allclose(
        table["available"], [free[flow] for flow in table["flow_id"]], **close
    )
    for direction, name in (("supply", "allocated"), ("demand", "delivered")):
        rows = table[table["direction"] == direction]
        assert rows["allocated"].sum() == pytest.approx(found.table[name].sum())
    for name in ("allocated", "delivered", "avoided_co2_t", "avoided_primary_t"):
        assert found.totals[name].sum() == pytest.approx(found.table[name].sum())
    assert found.totals["matches"].sum() == len(found.table)
    assert sum(found.allocated.values()) == pytest.approx(
        found.table["allocated"].sum()
    )


# Small scenes with known answers.


def test_a_supply_goes_to_whom_it_serves_best():
    flows = flows_of(
        WORKS | {"quantity": 100.0},
        CEMENT | {"at": (1000, 0), "quantity": 70.0},
        CEMENT | {"at": (9000, 0), "quantity": 70.0},
    )
    found = matched(flows, SLAG)
    assert found.table["flow_demand"].tolist() == ["f1", "f2"]
    assert found.table["allocated"].tolist() == pytest.approx([70, 30])
    assert found.table["available"].tolist() == pytest.approx([70, 70])
    assert found.allocated == {("material", "t/y"): pytest.approx(100)}
    assert found.table["avoided_primary_t"].tolist() == pytest.approx([70, 30])
    assert found.balance.set_index("flow_id")["left"].to_dict() == pytest.approx(
        {"f0": 0, "f1": 0, "f2": 40}
    )
    assert found.unlocks.empty


def test_a_yield_loses_what_it_must():
    flows = flows_of(WORKS | {"quantity": 100.0}, CEMENT | {"quantity": 40.0})
    found = matched(flows, rules(("R", "crushing", 0.8, 50)))
    (match,) = found.table.to_dict("records")
    assert match["allocated"] == pytest.approx(50)
    assert match["delivered"] == pytest.approx(40)
    assert match["quantity"] == 100
    assert found.balance["left"].tolist() == pytest.approx([50, 0])


def test_what_is_gross_or_promised_takes_no_part():
    gross = {"basis": "estimated", "material": "unheard_of"}
    for changed, listed in (
        ({"contracted_share": 1.0}, True),
        ({"contracted_share": 7.0}, False),
        ({"quantity": 0.0}, True),
        (gross, False),
    ):
        flows = flows_of(WORKS | {"quantity": 5.0} | changed, CEMENT)
        found = matched(flows, SLAG)
        assert found.table.empty
        assert ("f0" in found.balance["flow_id"].tolist()) == listed
        assert (found.counts["gross"] > 0) != listed
        assert found.balance["allocated"].sum() == 0


def test_nothing_beyond_reach_and_never_to_itself():
    far = flows_of(WORKS, CEMENT | {"at": (38_500, 0)})
    assert matched(far, SLAG).table.empty
    assert len(matched(far.iloc[:0], SLAG).table) == 0
    near = flows_of(WORKS, CEMENT | {"at": (38_400, 0)})
    assert len(matched(near, SLAG).table) == 1
    assert matched(near, SLAG, max_distance=40_000).table.empty
    own = flows_of(WORKS | {"actor_id": "x"}, CEMENT | {"actor_id": "x"})
    assert matched(own, SLAG).table.empty
    together = flows_of(WORKS, CEMENT)
    assert matched(together, SLAG).table["distance_m"].tolist() == [0.0]


def test_enormous_and_tiny_quantities():
    flows = flows_of(
        WORKS | {"quantity": 1e14},
        CEMENT | {"quantity": 3e-6},
        CEMENT | {"quantity": 8e13},
    )
    found = matched(flows, SLAG)
    assert found.allocated[("material", "t/y")] == pytest.approx(8e13)
    assert found.gap["material"] < 1e-9


def test_heat_is_shared_month_by_month(shipped):
    heat = {"carrier": "heat", "material": None, "unit": "MWh/y", "sbi": "3530"}
    flows = flows_of(
        heat | {"direction": "supply", "temperature_c": 90.0, "quantity": 120.0},
        heat
        | {
            "direction": "demand",
            "temperature_c": 70.0,
            "quantity": 60.0,
            "profile": "winter",
            "at": (500, 0),
        },
    )
    (match,) = matched(flows, shipped).table.to_dict("records")
    # Ten a month are given; 60 × 0.17 are asked for in January and in December.
    assert match["delivered"] == pytest.approx(60 - 2 * 0.2, rel=1e-6)
    assert match["avoided_primary_t"] is None or np.isnan(match["avoided_primary_t"])


def test_the_objective_decides_who_gets_it():
    known = rules(("R", "", 1, 200))
    flows = flows_of(
        WORKS | {"quantity": 100.0},
        CEMENT | {"at": (150_000, 0), "quantity": 100.0},
    )
    most = matched(flows, known)
    clean = matched(flows, known, "avoided_co2")
    assert most.table["allocated"].tolist() == pytest.approx([100])
    # So far by lorry costs more CO2 than digging sand.
    assert most.table["avoided_co2_t"].iloc[0] < 0
    assert clean.table.empty


def test_what_is_left_tells_what_is_missing():
    alone = matched(flows_of(WORKS), SLAG).unlocks.to_dict("records")
    assert [(row["rule_id"], row["missing"], row["left"]) for row in alone] == [
        ("R", "absent", 100.0)
    ]
    assert alone[0]["receiver_sbi"] == "2351"
    far = flows_of(WORKS, CEMENT | {"at": (90_000, 0)})
    assert matched(far, SLAG).unlocks["missing"].tolist() == ["far"]
    served = flows_of(WORKS | {"quantity": 300.0}, CEMENT)
    (row,) = matched(served, SLAG).unlocks.to_dict("records")
    assert (row["missing"], row["left"]) == ("served", pytest.approx(200))


HEAT = {"carrier": "heat", "material": "heat", "unit": "MWh/y", "sbi": "2410"}
TOWN = {"direction": "demand", "sbi": "3530", "quantity": 40.0}
WATER = {"carrier": "water", "material": "water", "unit": "m3/y", "sbi": "3700"}
CLEAN = {"direction": "demand", "sbi": "2110", "quantity": 40.0}


@pytest.mark.parametrize(
    ("giver", "receiver", "reason", "asked"),
    [
        (HEAT | {"temperature_c": 90.0}, None, "absent", ""),
        # Next door: the giver has more than is asked.
        (HEAT | {"temperature_c": 90.0}, {"temperature_c": 70.0}, "served", "70 °C"),
        (
            HEAT | {"temperature_c": 90.0},
            {"temperature_c": 70.0, "at": (90_000, 0)},
            "far",
            "70 °C",
        ),
        # No heat pump gives steam of 250 °C.
        (HEAT | {"temperature_c": 90.0}, {"temperature_c": 250.0}, "unfit", "250 °C"),
        (WATER | {"quality": "effluent"}, None, "absent", ""),
        (
            WATER | {"quality": "drinking"},
            {"quality": "process", "at": (90_000, 0)},
            "far",
            "process",
        ),
    ],
)
def test_what_is_left_of_other_carriers_tells_why(
    shipped, giver, receiver, reason, asked
):
    rows = [WORKS | giver | {"quantity": 100.0}]
    if receiver:
        kind = TOWN if giver["carrier"] == "heat" else CLEAN
        rows.append(giver | {"at": (10, 0)} | kind | receiver)
    found = matched(flows_of(*rows), shipped).unlocks
    (row,) = found.to_dict("records")
    assert (row["material"], row["missing"]) == (giver["carrier"], reason)
    given = giver.get("quality") or f"{giver['temperature_c']:g} °C"
    assert (row["quality"], row["replaces"]) == (given, asked)
    assert row["left"] == pytest.approx(60 if reason == "served" else 100)
    assert row["flows"] == 1
    assert row["receiver_sbi"] == ("" if not receiver else rows[1]["sbi"][:2])


def test_left_over_of_all_carriers_is_what_the_balance_leaves(shipped):
    found = matched(random_flows(400, 8, side=20_000), shipped)
    table = found.unlocks[found.unlocks["material"].isin(CARRIERS[1:])]
    rest = found.balance[found.balance["direction"] == "supply"]
    for carrier, own in table.groupby("material"):
        left = rest.loc[rest["carrier"] == carrier, "left"].sum()
        # Flows without a temperature or class take no part.
        assert 0 < own["left"].sum() <= left * (1 + 1e-9)
    assert len(table)
    # Materials first.
    first = found.unlocks["material"].isin(CARRIERS[1:]).to_numpy()
    assert (np.diff(first.astype(int)) >= 0).all()


def test_nothing_forbidden_is_called_missing(shipped):
    held = {"properties": "pfas_above_limit", "material": "compost", "sbi": "3821"}
    banned = shipped.forbidden
    (takers,) = {*banned.loc[banned["property"] == "pfas_above_limit", "receiver_sbi"]}
    clean = matched(flows_of(WORKS | held | {"properties": None}), shipped).unlocks
    dirty = matched(flows_of(WORKS | held), shipped).unlocks
    named = {each for row in dirty["receiver_sbi"] for each in row.split("|")}
    assert named < {each for row in clean["receiver_sbi"] for each in row.split("|")}
    for taker in named:
        assert not any(
            taker.startswith(ban) or ban.startswith(taker) for ban in takers.split("|")
        )


def test_what_has_no_reach_is_said(shipped):
    from dataclasses import replace

    reach = shipped.reach[shipped.reach["carrier"] == "heat"]
    found = matched(flows_of(WORKS, CEMENT), replace(SLAG, reach=reach))
    said = ("leads.said.without_reach", {"names": "material"})
    assert said in found.remarks("en")


def test_it_can_be_stopped(shipped):
    from kansenkaart.analysis.matching.matches import match_flows
    from kansenkaart.analysis.progress import CancelledError

    told = []

    def stop(done):
        told.append(done)
        if len(told) > 5:
            raise CancelledError

    with pytest.raises(CancelledError):
        match_flows(random_flows(100, 1), shipped, progress=stop)


def test_progress_only_rises(shipped):
    from kansenkaart.analysis.matching.matches import match_flows

    told = []
    match_flows(random_flows(200, 1), shipped, progress=told.append)
    assert told == sorted(told)
    assert told[0] >= 0 and told[-1] <= 1
