"""The best allocation, against one linear programme over all pairs and OR-tools."""

import threading
import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kansenkaart.analysis.matching import pair_rounds
from kansenkaart.analysis.matching.allocation import allocate, allocate_by_period
from kansenkaart.analysis.matching.linear_program import highs
from kansenkaart.analysis.progress import CancelledError
from scipy import sparse
from scipy.optimize import linprog

TRIFLE = 1e-12
KINDS = ["plain", "yields", "heat", "caps", "co2"]


def scene(seed, kind, givers, receivers, reach=0.4):
    """Quantities by id and pairs within reach of points in a square, as in a region."""
    rng = np.random.default_rng(seed)
    at, to = rng.random((givers, 2)), rng.random((receivers, 2))
    distance = np.linalg.norm(at[:, None] - to, axis=2)
    giver, receiver = np.nonzero(distance < reach)
    available = pd.Series(
        rng.lognormal(3, 1.5, givers), [f"s{number:05}" for number in range(givers)]
    )
    asked = pd.Series(
        rng.lognormal(3, 1.5, receivers),
        [f"d{number:05}" for number in range(receivers)],
    )
    pairs = pd.DataFrame(
        {
            "flow_supply": available.index[giver],
            "flow_demand": asked.index[receiver],
            "distance_m": 100_000 * distance[giver, receiver],
        }
    )
    some = rng.random(len(pairs))
    if kind == "yields":
        pairs["yield"] = rng.choice([1.0, 0.9, 0.75, 0.5, 0.31], len(pairs))
    elif kind == "co2":
        pairs["yield"] = 0.5 + some / 2
        pairs["worth"] = 3 * rng.random(len(pairs)) - 0.3
    elif kind == "heat":
        # Coefficient of performance of a heat pump: 0.5 T / (T − T_giver), in kelvin.
        hot, needed = rng.uniform(20, 90, givers), rng.uniform(50, 120, receivers)
        lift = needed[receiver] - hot[giver] + 5
        cop = 0.5 * (needed[receiver] + 273.15) / np.maximum(lift, 1e-9)
        pairs["yield"] = np.where(lift <= 0, 1.0, cop / (cop - 1))
        pairs["worth"] = 1.0
        pairs = pairs[(cop >= 1.5) & ((lift <= 0) | (cop <= 8))]
    if kind in ("caps", "heat"):
        least = np.minimum(
            available[pairs["flow_supply"]].to_numpy(),
            asked[pairs["flow_demand"]].to_numpy(),
        )
        some = some[: len(pairs)]
        pairs["most"] = np.where(some < 0.7, least * some, np.nan)
    return available, asked, pairs.reset_index(drop=True)


def column(pairs, name, otherwise):
    return pairs[name].to_numpy() if name in pairs else otherwise


def whole(available, asked, pairs):
    """Highest worth, then least amount × distance, by two programmes on all pairs.

    The second may fall short of the highest worth by a trifle, as no solver meets a
    limit exactly that is the best there is. With yields a trifle can save many
    kilometres; its price tells how many, and they are added again.
    """
    number = np.arange(len(pairs))
    gain = column(pairs, "yield", np.ones(len(pairs)))
    worth = column(pairs, "worth", gain)
    most = column(pairs, "most", np.full(len(pairs), np.nan))
    giver = available.index.get_indexer(pairs["flow_supply"])
    receiver = asked.index.get_indexer(pairs["flow_demand"])
    matrix = sparse.vstack(
        [
            sparse.csr_matrix(
                (1.0 * (gain > 0), (giver, number)), (len(available), len(pairs))
            ),
            sparse.csr_matrix((gain, (receiver, number)), (len(asked), len(pairs))),
        ]
    )
    limits = {
        "A_ub": matrix.tocsr(),
        "b_ub": np.r_[available, asked],
        "bounds": np.column_stack([0 * gain, np.where(np.isnan(most), np.inf, most)]),
    }
    best = linprog(-worth, **limits, method="highs")
    assert best.status == 0
    enough = sparse.csr_matrix(-worth[None])
    limits["A_ub"] = sparse.vstack([limits["A_ub"], enough]).tocsr()
    limits["b_ub"] = np.r_[limits["b_ub"], best.fun * (1 - TRIFLE)]
    nearest = linprog(pairs["distance_m"] / 1e5, **limits, method="highs")
    assert nearest.status == 0
    saved = nearest.ineqlin.marginals[-1] * best.fun * TRIFLE
    return -best.fun, 1e5 * (nearest.fun + saved)


def metres(found, pairs):
    return found.allocated @ pairs["distance_m"]


def check_limits(found, available, asked, pairs):
    """Nothing gives more, takes more or carries more than it can."""
    gain = column(pairs, "yield", 1.0)
    most = column(pairs, "most", np.full(len(pairs), np.nan))
    given = found.allocated.groupby(pairs["flow_supply"]).sum()
    got = found.delivered.groupby(pairs["flow_demand"]).sum()
    assert (found.allocated >= 0).all()
    assert (given <= available[given.index] * (1 + 1e-12)).all()
    assert (got <= asked[got.index] * (1 + 1e-12)).all()
    assert not (found.allocated > most).any()
    np.testing.assert_array_equal(found.delivered, found.allocated * gain)


@pytest.mark.parametrize("seed", range(30))
def test_equals_one_programme_over_all_pairs(seed, monkeypatch):
    """In rounds, even where there are few pairs."""
    monkeypatch.setattr(pair_rounds, "AT_ONCE", 0)
    rng = np.random.default_rng(1000 + seed)
    sizes = [200, 200] if seed < 5 else rng.integers(1, 120, 2)
    case = scene(seed, KINDS[seed % len(KINDS)], *sizes)
    found = allocate(*case)
    worth, distance = whole(*case)
    assert found.worth == pytest.approx(worth, rel=1e-8)
    assert metres(found, case[2]) == pytest.approx(distance, rel=1e-6)
    assert found.bound == pytest.approx(worth, rel=1e-8)
    assert found.gap == 0
    check_limits(found, *case)


def flows(**quantities):
    return pd.Series(quantities, dtype=float)


def leads(*rows, **columns):
    table = pd.DataFrame(rows, columns=["flow_supply", "flow_demand", "distance_m"])
    return table.assign(**columns)


def test_the_nearest_is_not_the_best():
    """Whoever takes the nearest first leaves the other one without."""
    pairs = leads(("a", "x", 1000), ("a", "y", 2000), ("b", "x", 3000))
    found = allocate(flows(a=10, b=10), flows(x=10, y=10), pairs)
    assert found.allocated.tolist() == [0, 10, 10]
    assert (found.worth, found.bound, found.gap) == (20, 20, 0)


def test_of_equal_worth_the_nearest():
    pairs = leads(
        ("a", "x", 1000), ("a", "y", 2000), ("b", "x", 2000), ("b", "y", 9000)
    )
    found = allocate(flows(a=10, b=10), flows(x=10, y=10), pairs)
    assert found.allocated.tolist() == [0, 10, 10, 0]


def test_what_arrives_counts_and_not_what_leaves():
    """10 t of demand need 20 t through the near pair with half the yield."""
    pairs = leads(("a", "x", 1000), ("a", "y", 9000), **{"yield": [0.5, 1.0]})
    found = allocate(flows(a=20), flows(x=10, y=10), pairs)
    assert found.allocated.tolist() == [10, 10]
    assert found.delivered.tolist() == [5, 10]
    assert found.worth == 15


def test_electricity_of_a_heat_pump_is_no_merit():
    """Delivered would be most through the pump; source heat is used as well without."""
    pairs = leads(("a", "x", 1000), ("a", "y", 2000), **{"yield": [1.0, 1.5]})
    supply, demand = flows(a=10), flows(x=10, y=15)
    assert allocate(supply, demand, pairs).allocated.tolist() == [0, 10]
    found = allocate(supply, demand, pairs.assign(worth=1.0))
    assert found.allocated.tolist() == [10, 0]


def test_what_is_worth_nothing_does_not_flow():
    pairs = leads(("a", "x", 0), ("a", "y", 5), ("a", "z", 5), worth=[0, -1, 2.0])
    found = allocate(flows(a=10), flows(x=10, y=10, z=4), pairs)
    assert found.allocated.tolist() == [0, 0, 4]


def test_a_pair_may_be_there_with_and_without_treatment():
    pairs = leads(("a", "x", 5), ("a", "x", 5), **{"yield": [0.5, 1], "most": [9, 2]})
    found = allocate(flows(a=10), flows(x=10), pairs)
    assert found.allocated.tolist() == [8, 2]
    assert found.delivered.tolist() == [4, 2]


@pytest.mark.parametrize("kind", KINDS)
def test_order_of_rows_does_not_matter(kind, monkeypatch):
    monkeypatch.setattr(pair_rounds, "AT_ONCE", 0)
    available, asked, pairs = scene(77, kind, 60, 60)
    # Places on a coarse grid: many distances are equal, as many optima are.
    pairs["distance_m"] = pairs["distance_m"].round(-4)
    expected = allocate(available, asked, pairs)
    other = pairs.sample(frac=1, random_state=3)
    found = allocate(
        available.sample(frac=1, random_state=1),
        asked.sample(frac=1, random_state=2),
        other,
    )
    assert found.allocated.index.equals(other.index)
    found_again = found.allocated.sort_index()
    pd.testing.assert_series_equal(found_again, expected.allocated, check_exact=True)
    assert (found.worth, found.bound) == (expected.worth, expected.bound)


quantity = st.one_of(st.just(0.0), st.floats(1e-3, 1e7))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(quantity, min_size=1, max_size=8),
    st.lists(quantity, min_size=1, max_size=8),
    st.integers(0, 10**6),
    st.sampled_from([0, 10**6]),
)
def test_limits_hold_and_the_bound_is_met(supply, demand, seed, at_once):
    rng = np.random.default_rng(seed)
    available = pd.Series(supply, [f"s{number}" for number in range(len(supply))])
    asked = pd.Series(demand, [f"d{number}" for number in range(len(demand))])
    giver, receiver = np.nonzero(rng.random((len(supply), len(demand))) < 0.7)
    some = rng.random((3, len(giver)))
    pairs = pd.DataFrame(
        {
            "flow_supply": available.index[giver],
            "flow_demand": asked.index[receiver],
            "distance_m": (50_000 * some[0]).round(-4),
            "yield": 10 ** (2 * some[1] - 1),
            "most": np.where(some[2] < 0.5, 10 ** (14 * some[2] - 1), np.nan),
        }
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pair_rounds, "AT_ONCE", at_once)
        found = allocate(available, asked, pairs)
    check_limits(found, available, asked, pairs)
    assert found.gap == 0
    assert found.worth == pytest.approx(found.delivered.sum())
    assert found.worth <= found.bound * (1 + 1e-9)


@pytest.mark.parametrize("kind", KINDS)
def test_a_solver_that_is_a_trifle_off_breaks_no_limit(kind):
    """Solvers meet limits up to a tolerance; what is allocated is never too much."""

    def generous(program):
        values, prices = highs(program)
        # What the first programme finds is a limit of the second.
        return values * (1 + 1e-8 * program.exact.any()), prices

    available, asked, pairs = scene(3, kind, 12, 15)
    found = allocate(available, asked, pairs, solve=generous)
    assert found.allocated.sum() > 0
    check_limits(found, available, asked, pairs)


def test_nothing_to_allocate():
    none = leads().astype({"distance_m": float})
    for supply, demand, pairs in [
        (flows(), flows(), none),
        (flows(a=1), flows(), none),
        (flows(a=1), flows(x=1), none),
        (flows(a=0), flows(x=1), leads(("a", "x", 0))),
        (flows(a=1, b=0), flows(x=0, y=1), leads(("a", "x", 0), ("b", "y", 0))),
    ]:
        found = allocate(supply, demand, pairs)
        assert found.allocated.tolist() == [0] * len(pairs)
        assert (found.worth, found.bound, found.gap) == (0, 0, 0)


@pytest.mark.parametrize("enormous", [1e9, 1e15, 1e300])
def test_enormous_quantities_hide_no_small_ones(enormous):
    pairs = leads(("a", "x", 0), ("a", "y", 0), ("b", "y", 0), ("b", "z", 0))
    found = allocate(flows(a=enormous, b=1), flows(x=3, y=0.5, z=2), pairs)
    assert found.allocated.tolist() == pytest.approx([3, 0.5, 0, 1])
    both = allocate(flows(a=enormous), flows(x=enormous), leads(("a", "x", 0)))
    assert both.allocated.tolist() == [enormous]


def test_equal_points():
    """A thousand pairs without any distance: whichever flows, all demand is met."""
    supply = pd.Series(1.0, [f"s{number}" for number in range(40)])
    demand = pd.Series(1.5, [f"d{number}" for number in range(25)])
    pairs = pd.DataFrame(
        [(giver, receiver, 0.0) for giver in supply.index for receiver in demand.index],
        columns=["flow_supply", "flow_demand", "distance_m"],
    )
    found = allocate(supply, demand, pairs)
    assert found.worth == pytest.approx(37.5)
    check_limits(found, supply, demand, pairs)


@pytest.mark.parametrize(
    ("column", "value"),
    [("yield", 0), ("yield", np.inf), ("distance_m", np.nan), ("most", -1)],
)
def test_impossible_pairs_are_refused(column, value):
    with pytest.raises(ValueError, match="must be"):
        allocate(flows(a=1), flows(x=1), leads(("a", "x", 1)).assign(**{column: value}))


@pytest.mark.parametrize("value", [-1, np.nan, np.inf])
def test_impossible_quantities_are_refused(value):
    with pytest.raises(ValueError, match="Quantities"):
        allocate(flows(a=value), flows(x=1), leads(("a", "x", 1)))


def test_unknown_ids_are_refused():
    with pytest.raises(KeyError, match="b"):
        allocate(flows(a=1), flows(x=1), leads(("b", "x", 1)))


def test_months_are_no_store():
    """Heat of summer is no help in winter; what is flat can go on in both."""
    pairs = leads(("a", "x", 1000), ("a", "y", 2000))
    months = ["january", "july"]
    supply = pd.DataFrame([[5, 5]], ["a"], months)
    demand = pd.DataFrame([[8, 0], [1, 9]], ["x", "y"], months)
    found = allocate_by_period(supply, demand, pairs)
    assert found.allocated.tolist() == [5, 5]
    assert allocate(supply.sum(axis=1), demand.sum(axis=1), pairs).worth == 10
    winter = allocate_by_period(supply, demand.drop("y"), pairs.iloc[:1])
    assert (winter.worth, winter.bound) == (5, 5)


@pytest.mark.parametrize("seed", range(3))
def test_months_against_one_programme_over_all_months(seed):
    """A year as one network, in which flows of different months share no pair."""
    available, asked, pairs = scene(seed, "heat", 25, 25)
    pairs = pairs.drop(columns="most")
    rng = np.random.default_rng(seed)
    profiles = rng.dirichlet(np.ones(12), 3)
    profiles[0] = 1 / 12
    supply = pd.DataFrame(profiles[np.arange(25) % 3], available.index)
    demand = pd.DataFrame(profiles[np.arange(25) % 2], asked.index)
    supply, demand = supply.mul(available, axis=0), demand.mul(asked, axis=0)
    found = allocate_by_period(supply, demand, pairs)
    year = pd.concat(
        [
            pairs.assign(
                flow_supply=pairs["flow_supply"] + f" {month}",
                flow_demand=pairs["flow_demand"] + f" {month}",
            )
            for month in range(12)
        ],
        ignore_index=True,
    )
    stacked = [
        pd.concat([table[month].add_suffix(f" {month}") for month in range(12)])
        for table in (supply, demand)
    ]
    worth, distance = whole(*stacked, year)
    assert found.worth == pytest.approx(worth, rel=1e-8)
    assert metres(found, pairs) == pytest.approx(distance, rel=1e-6)
    assert found.gap == 0


def test_equal_months_are_solved_once():
    available, asked, pairs = scene(5, "plain", 20, 20)
    solved = []

    def solve(program):
        solved.append(program)
        return highs(program)

    expected = allocate(available, asked, pairs, solve=solve)
    rounds = len(solved)
    months = range(12)
    flat = [
        pd.DataFrame(dict.fromkeys(months, each / 12)) for each in (available, asked)
    ]
    found = allocate_by_period(*flat, pairs, solve=solve)
    assert len(solved) == 2 * rounds
    np.testing.assert_allclose(found.allocated, expected.allocated, rtol=1e-9)
    assert found.worth == pytest.approx(expected.worth)


def test_a_stop_is_answered_while_the_solver_works():
    """And what the solver still does disturbs nobody."""
    begun, finish = threading.Event(), threading.Event()

    def slow(program):
        begun.set()
        finish.wait(10)
        return highs(program)

    def stop(_done):
        if begun.is_set():
            raise CancelledError

    case = scene(1, "plain", 5, 5, reach=2)
    start = time.perf_counter()
    try:
        with pytest.raises(CancelledError):
            allocate(*case, stop, slow)
        assert time.perf_counter() - start < 5
    finally:
        finish.set()


def test_progress_goes_on():
    told = []

    def solve(program):
        time.sleep(0.25)
        return highs(program)

    allocate(*scene(1, "plain", 5, 5, reach=2), told.append, solve)
    assert len(told) >= 2
    assert told == sorted(told)
    assert 0 <= told[0] < told[-1] <= 1


@pytest.mark.proof
@pytest.mark.parametrize("seed", range(3))
def test_equals_or_tools_at_full_size(seed):
    """Whole kilograms and metres, which OR-tools asks for."""
    min_cost_flow = pytest.importorskip("ortools.graph.python.min_cost_flow")
    available, asked, pairs = scene(seed, "plain", 3000, 3000, reach=0.3)
    available, asked = (1000 * available).round(), (1000 * asked).round()
    pairs["distance_m"] = pairs["distance_m"].round()
    found = allocate(available, asked, pairs)
    giver = available.index.get_indexer(pairs["flow_supply"])
    receiver = asked.index.get_indexer(pairs["flow_demand"]) + len(available)
    limits = np.r_[available, asked].astype(np.int64)
    solver = min_cost_flow.SimpleMinCostFlow()
    most = np.minimum(limits[giver], limits[receiver])
    metre = pairs["distance_m"].to_numpy(np.int64)
    solver.add_arcs_with_capacity_and_unit_cost(giver, receiver, most, metre)
    signs = np.r_[np.ones(len(available), int), -np.ones(len(asked), int)]
    solver.set_nodes_supplies(np.arange(len(limits)), signs * limits)
    assert solver.solve_max_flow_with_min_cost() == solver.OPTIMAL
    assert found.worth == pytest.approx(solver.maximum_flow(), rel=1e-9)
    assert metres(found, pairs) == pytest.approx(solver.optimal_cost(), rel=1e-9)
    assert found.gap == 0
    check_limits(found, available, asked, pairs)
