"""How far totals of estimates may be off, against drawing every firm by itself."""

import tracemalloc

import numpy as np
import pandas as pd
import pytest
from kansenkaart.analysis.flows.uncertainty import (
    FIRM_FACTOR,
    NORMAL_POINT,
    coefficient_ids,
    total_interval,
)

LOW, MODE, HIGH = 0.3, 1.0, 4.0


def interval(quantity, coefficient="c", group="g", **options):
    quantity = np.asarray(quantity, float)
    one = np.full(len(quantity), "", object)
    found = total_interval(
        quantity,
        LOW * np.abs(quantity),
        HIGH * np.abs(quantity),
        one + coefficient,
        one + group,
        **{"draws": 20_000} | options,
    )
    return found.iloc[0]


def drawn_one_by_one(quantities, coefficients, own=None, draws=40_000, seed=5):
    """Points of the total of plain draws, of every firm by itself; scipy's normal."""
    from scipy.stats import norm

    rng = np.random.default_rng(seed)
    spread = np.log(FIRM_FACTOR) / norm.ppf(0.95)
    shared = {}
    total = np.zeros(draws)
    for at, (quantity, name) in enumerate(zip(quantities, coefficients, strict=True)):
        if name not in shared:
            z = rng.standard_normal(draws)
            low, high = np.log(LOW) / norm.ppf(0.05), np.log(HIGH) / norm.ppf(0.95)
            shared[name] = np.where(z < 0, np.exp(low * z), np.exp(high * z))
        if own is None or own[at]:
            factor = np.exp(spread * rng.standard_normal(draws) - spread**2 / 2)
            total += quantity * shared[name] * factor
        else:
            total += quantity * shared[name]
    return np.quantile(total, [0.05, 0.95])


def test_the_normal_point():
    from scipy.stats import norm

    assert norm.ppf(0.95) == pytest.approx(NORMAL_POINT, abs=1e-12)


def test_a_figure_of_its_own_has_its_own_points():
    found = interval([10.0], own_factor=False)
    assert found["total"] == 10
    assert found["low"] == pytest.approx(10 * LOW, rel=1e-3)
    assert found["high"] == pytest.approx(10 * HIGH, rel=1e-3)


def test_figures_with_one_error_add_up_exactly():
    found = interval([10.0, 20.0], own_factor=False, draws=1000)
    assert found["low"] == pytest.approx(30 * LOW, rel=1e-3)
    assert found["high"] == pytest.approx(30 * HIGH, rel=1e-3)


def test_a_thousand_firms_with_one_coefficient_stay_as_uncertain_as_it():
    jobs = np.random.default_rng(1).lognormal(2, 1, 1000)
    found = interval(jobs)
    assert found["total"] == pytest.approx(jobs.sum(), rel=1e-12)
    assert found["low"] / found["total"] == pytest.approx(LOW, rel=0.05)
    assert found["high"] / found["total"] == pytest.approx(HIGH, rel=0.05)


def test_a_thousand_coefficients_of_their_own_even_out():
    names = np.array([f"c{number}" for number in range(1000)], object)
    found = interval(np.ones(1000), names, draws=1000)
    assert found["high"] / found["low"] < 1.3 < (HIGH / LOW)


@pytest.mark.parametrize(
    ("firms", "coefficients"),
    [(1, 1), (2, 2), (3, 1), (3, 2), (40, 3), (1000, 1), (1000, 2), (1000, 30)],
)
@pytest.mark.parametrize("unequal", [0.5, 2.0])
def test_as_drawing_every_firm_by_itself(firms, coefficients, unequal):
    rng = np.random.default_rng(firms)
    jobs = rng.lognormal(2, unequal, firms)
    names = np.array([f"c{number % coefficients}" for number in range(firms)], object)
    found = interval(jobs, names)
    low, high = drawn_one_by_one(jobs, names)
    assert found["low"] == pytest.approx(low, rel=0.03)
    assert found["high"] == pytest.approx(high, rel=0.03)


@pytest.mark.parametrize("draws", [1000, 20_000])
def test_reported_and_estimated_and_what_is_taken_off_as_one_by_one(draws):
    quantity = np.array([8.0, 5, 4, 4, 3, -6, -2, -1, -3])
    names = np.array(list("abccdcaef"), object)
    own = np.array([False, True, True, True, False, True, True, False, False])
    found = interval(quantity, names, own_factor=own, draws=draws)
    low, high = drawn_one_by_one(quantity, names, own)
    close = (0.04 if draws == 20_000 else 0.08) * (high - low)
    assert found["total"] == pytest.approx(quantity.sum())
    assert found["low"] == pytest.approx(low, abs=close)
    assert found["high"] == pytest.approx(high, abs=close)


def test_a_total_rests_on_the_flows_in_it_alone():
    names = np.array(["a", "b", "c", "a", "z"], object)
    groups = np.array(["g", "g", "f", "h", "h"], object)
    size = np.arange(1.0, 6)
    every = total_interval(size, LOW * size, HIGH * size, names, groups)
    some = groups == "g"
    alone = total_interval(
        size[some], LOW * size[some], HIGH * size[some], names[some], groups[some]
    )
    assert every[every["group"] == "g"].iloc[0].tolist() == alone.iloc[0].tolist()


def test_another_seed_gives_about_the_same():
    rng = np.random.default_rng(2)
    names = rng.integers(0, 5, 50).astype(str).astype(object)
    found = [interval(np.ones(50), names, draws=1000, seed=seed) for seed in range(5)]
    for end in ("low", "high"):
        ends = {each[end] for each in found}
        assert len(ends) == 5
        assert max(ends) < 1.15 * min(ends)


def test_neither_the_order_nor_the_blocks_matter(monkeypatch):
    rng = np.random.default_rng(3)
    rows = pd.DataFrame(
        {
            "quantity": rng.lognormal(1, 1, 500),
            "coefficient": rng.integers(0, 9, 500).astype(str),
            "group": rng.integers(0, 40, 500).astype(str),
        }
    )

    def totals(frame):
        size = frame["quantity"].to_numpy()
        return total_interval(
            size, LOW * size, HIGH * size,
            frame["coefficient"].to_numpy(), frame["group"].to_numpy(), draws=50,
        )  # fmt: skip

    expected = totals(rows)
    assert len(expected) == rows["group"].nunique()
    turned = totals(rows.sample(frac=1, random_state=1))
    pd.testing.assert_frame_equal(turned, expected, rtol=1e-9)
    monkeypatch.setattr("kansenkaart.analysis.flows.uncertainty.AT_ONCE", 7)
    pd.testing.assert_frame_equal(totals(rows), expected, rtol=1e-9)


def test_not_all_draws_are_held_at_once():
    """Each flow with an error of its own has 1,000 draws."""
    count = 30_000
    names = np.arange(count).astype(str).astype(object)
    size = np.ones(count)
    tracemalloc.start()
    total_interval(size, LOW * size, HIGH * size, names, names.astype("U1"))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < count * 1000 * 4


def test_zeros_unknown_bounds_and_nothing():
    size = np.array([0.0, 5.0, 5.0, -5.0])
    low = np.array([0.0, np.nan, 0.0, 2.0])
    high = np.array([0.0, np.nan, 9.0, 9.0])
    names = np.array(list("abcd"), object)
    found = total_interval(size, low, high, names, names, own_factor=False)
    assert found["low"].tolist()[:2] == found["high"].tolist()[:2] == [0, 5]
    assert found["low"][2] == pytest.approx(0.005, rel=1)
    assert found["high"][2] == pytest.approx(9, rel=0.1)
    assert (found["low"][3], found["high"][3]) == pytest.approx((-9, -2), rel=0.1)
    nothing = total_interval(*[np.empty(0)] * 3, *[np.empty(0, object)] * 2)
    assert list(nothing) == ["group", "total", "low", "high"] and nothing.empty


def test_beyond_numbers_spoils_nothing_else():
    size = np.array([1e200, 1e-200, 1e300, 7.0])
    high = np.array([4e200, 1e200, np.inf, 8.0])
    names = np.array(["a", "b", "c\ud800", "d"], object)
    with np.errstate(divide="raise", invalid="raise", over="raise"):
        found = total_interval(size, size / 2, high, names, names)
    assert found["low"].between(size / 4, size).all()
    assert found["high"][0] == pytest.approx(4e200, rel=0.3)
    alone = total_interval(size[3:], size[3:] / 2, high[3:], names[3:], names[3:])
    assert found.iloc[3].tolist() == alone.iloc[0].tolist()


def test_what_is_wrong_together_is_told_by_the_id():
    flows = pd.DataFrame(
        {
            "flow_id": ["E1:10:supply:gft:", "E1:x:10:supply:gft:", "R1", "E1:z"],
            "actor_id": ["E1", "E1:x", "E1", "E1"],
            "basis": ["estimated", "estimated", "reported", "reported"],
        }
    )
    one, other, *rest = coefficient_ids(flows)
    assert one == other == "10:supply:gft:"
    assert len({one, *rest}) == 3
