"""How far totals of estimates may be off, against drawing every firm by itself."""

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
        LOW * quantity,
        HIGH * quantity,
        one + coefficient,
        one + group,
        **{"draws": 20_000} | options,
    )
    return found.iloc[0]


def drawn_one_by_one(quantities, coefficients, draws=20_000, seed=5):
    """The total in every draw, with a loop over firms; scipy's quantiles."""
    from scipy.stats import norm

    rng = np.random.default_rng(seed)
    spread = np.log(FIRM_FACTOR) / norm.ppf(0.95)
    shared = {}
    total = np.zeros(draws)
    for quantity, name in zip(quantities, coefficients, strict=True):
        z = shared.setdefault(name, rng.standard_normal(draws))
        low, high = np.log(LOW) / norm.ppf(0.05), np.log(HIGH) / norm.ppf(0.95)
        draw = np.where(z < 0, np.exp(low * z), np.exp(high * z))
        own = np.exp(spread * rng.standard_normal(draws) - spread**2 / 2)
        total += quantity * draw * own
    return np.quantile(total, [0.05, 0.95])


def test_the_normal_point():
    from scipy.stats import norm

    assert norm.ppf(0.95) == pytest.approx(NORMAL_POINT, abs=1e-12)


def test_a_figure_of_its_own_has_its_own_points():
    found = interval([10.0], own_factor=False)
    assert found["total"] == 10
    assert found["low"] == pytest.approx(10 * LOW, rel=0.04)
    assert found["high"] == pytest.approx(10 * HIGH, rel=0.04)


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


@pytest.mark.parametrize("firms", [1, 2, 5, 40])
def test_as_drawing_every_firm_by_itself(firms):
    rng = np.random.default_rng(firms)
    jobs = rng.lognormal(2, 0.5, firms)
    names = np.array([f"c{number % 3}" for number in range(firms)], object)
    found = interval(jobs, names)
    low, high = drawn_one_by_one(jobs, names)
    assert found["low"] == pytest.approx(low, rel=0.05)
    assert found["high"] == pytest.approx(high, rel=0.05)


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
    monkeypatch.setattr("kansenkaart.analysis.flows.uncertainty.CELLS", 7)
    pd.testing.assert_frame_equal(totals(rows), expected)


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
