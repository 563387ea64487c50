"""Months that two flows share, against a plain loop over the table."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kansenkaart.analysis.matching import months
from kansenkaart.analysis.resources import read_csv

SHARES = [*read_csv("flows", "profiles.csv")[0]]
NAMES = SHARES[SHARES.index("jan") : SHARES.index("dec") + 1]
TABLE = {
    row["profile"]: [float(row[month]) for month in NAMES]
    for row in read_csv("flows", "profiles.csv")
}
PROFILE = st.sampled_from(sorted(TABLE))
QUANTITY = st.floats(0, 1e6)


def plain(supply, demand, given_profile, asked_profile):
    """Sum over months of the lesser of supply and demand."""
    total = 0.0
    for month in range(12):
        offered = supply * TABLE[given_profile][month]
        asked = demand * TABLE[asked_profile][month]
        total += min(offered, asked)
    return total


def found(supply, demand, given_profile, asked_profile):
    given_code, asked_code = months.profile_codes([given_profile, asked_profile])
    return float(
        months.shared(
            np.array([supply]), np.array([demand]), [given_code], [asked_code]
        )[0]
    )


@given(QUANTITY, QUANTITY, PROFILE, PROFILE)
def test_as_a_plain_loop_says(supply, demand, given_profile, asked_profile):
    expected = plain(supply, demand, given_profile, asked_profile)
    result = found(supply, demand, given_profile, asked_profile)
    assert result == pytest.approx(expected, rel=1e-9, abs=1e-9)
    assert result <= min(supply, demand)
    mirrored = found(demand, supply, asked_profile, given_profile)
    assert mirrored == pytest.approx(result)


@given(QUANTITY, QUANTITY, PROFILE, PROFILE, st.floats(1, 10))
def test_more_never_passes_less(supply, demand, given_profile, asked_profile, more):
    least = found(supply, demand, given_profile, asked_profile)
    assert found(supply * more, demand, given_profile, asked_profile) >= least
    both = found(supply * more, demand * more, given_profile, asked_profile)
    assert both == pytest.approx(least * more)


@pytest.mark.parametrize("profile", sorted(TABLE))
def test_equal_profiles_share_all_of_it(profile):
    for tenths in range(1, 1000):
        assert found(tenths / 10, 1000.0, profile, profile) == tenths / 10
        assert found(1000.0, tenths / 10, profile, profile) == tenths / 10


def test_flat_heat_for_winter_by_hand():
    """Above a twelfth in Jan, Feb, Mar, Nov and Dec: 5/12, the rest as asked: 0.25."""
    assert found(1, 1, "flat", "winter") == pytest.approx(5 / 12 + 0.25)
    # Ten times as much is enough in every month; a tenth is all taken but for summer.
    assert found(10, 1, "flat", "winter") == pytest.approx(1)
    assert found(0.1, 1, "flat", "winter") == pytest.approx(0.1)


def test_a_campaign_has_nothing_for_summer_but_september_and_january():
    share = min(0.16, 0.11) + min(0.21, 0.07) + min(0.21, 0.03) + min(0.21, 0.015)
    assert found(1, 1, "batch", "summer") == pytest.approx(share + min(0.21, 0.01))


def test_unknown_profiles_are_flat():
    codes = months.profile_codes(["", None, np.nan, "moonlight", "flat"])
    assert len(set(codes.tolist())) == 1
    assert months.shares()[codes[0]] == pytest.approx(np.full(12, 1 / 12))


def test_overlap_of_equal_quantities():
    codes = months.profile_codes(sorted(TABLE))
    first, second = np.repeat(codes, len(codes)), np.tile(codes, len(codes))
    expected = [plain(1, 1, a, b) for a in sorted(TABLE) for b in sorted(TABLE)]
    assert months.overlap(first, second) == pytest.approx(expected, rel=1e-9)
