"""Flows adjusted to known totals: which flows, how far, and what is said."""

import numpy as np
import pandas as pd
import pytest
import shapely
from kansenkaart.analysis.errors import RefusalError
from kansenkaart.analysis.flows.reconcile import reconcile
from kansenkaart.analysis.flows.totals import read_totals
from kansenkaart.analysis.layers import layer_type
from scipy.optimize import lsq_linear
from scipy.stats import norm

HEAD = "region;direction;carrier;material;total;uncertainty"


def totals(*rows, head=HEAD):
    return read_totals("\n".join([head, *rows]))


@pytest.fixture
def make(layer):
    """Make canonical flows from rows of what matters here."""

    def flows(*rows, **columns):
        frame = pd.DataFrame(rows).reset_index(drop=True)
        xy = [row.get("xy", (5, 5)) for row in rows]
        frame = frame.drop(columns="xy", errors="ignore")
        defaults = {
            "flow_id": [f"F{place:03}" for place in range(len(frame))],
            "actor_id": "A", "actor_name": "A", "sbi": "1011", "direction": "supply",
            "carrier": "material", "material": "paper", "unit": "t/y",
            "basis": "reported", "data_quality": 3, "source": "test", "year": 2020,
        }  # fmt: skip
        for name, value in (defaults | columns).items():
            if name not in frame:
                frame[name] = value
            elif isinstance(value, str):
                frame[name] = frame[name].fillna(value)
        frame["quantity"] = frame["quantity"].astype(float)
        for name, times in (("quantity_low", 0.5), ("quantity_high", 2.0)):
            if name not in frame:
                frame[name] = frame["quantity"] * times
        return layer(shapely.points(xy), **{name: frame[name] for name in frame})

    return flows


@pytest.fixture
def regions(layer):
    return layer(
        [shapely.box(0, 0, 10, 10), shapely.box(10, 0, 20, 10)],
        region_id=["R1", "R2"],
        name=["Noord", "Zuid"],
    )


def quantities(found):
    return found.flows["quantity"].to_numpy()


def test_an_exact_total_is_met_and_ranges_scale_along(make):
    flows = make(
        {"quantity": 10}, {"quantity": 30}, {"quantity": 5, "material": "sand"}
    )
    found = reconcile(flows, totals(";supply;material;paper;60;0"))
    assert quantities(found)[:2].sum() == pytest.approx(60)
    assert quantities(found)[2] == 5
    factor = found.flows["factor"]
    assert factor.isna().tolist() == [False, False, True]
    for name in ("quantity_low", "quantity_high"):
        scaled = flows[name] * factor.fillna(1)
        assert found.flows[name].to_numpy() == pytest.approx(scaled.to_numpy())
    assert found.flows["quantity_before"].tolist() == [10, 30, 5]
    assert found.flows["totals"].tolist() == ["2", "2", None]
    names = [name for name in found.flows if name != "geometry"]
    known = {**layer_type("flows").fields, **layer_type("reconciled_flows").fields}
    assert {*names} <= {*known}


def test_each_flow_by_itself_as_a_bounded_solver_has_it(make, regions):
    rng = np.random.default_rng(3)
    size = 40
    frame = [
        {
            "quantity": value,
            "xy": (float(x), 5.0),
            "material": material,
            "sbi": sbi,
        }
        for value, x, material, sbi in zip(
            rng.lognormal(2, 1, size),
            rng.choice([3, 13, 30], size),
            rng.choice(["paper", "glass"], size),
            rng.choice(["1011", "1020", "4711"], size),
            strict=True,
        )
    ]
    flows = make(*frame)
    flows["quantity_low"] = flows["quantity"] * rng.uniform(0.2, 0.9, size)
    flows["quantity_high"] = flows["quantity"] * rng.uniform(1.1, 4, size)
    known = totals(
        "R1;supply;material;paper;500;0.05;",
        "Zuid;supply;;glass;20;0,2;",
        "*;supply;material;*;2.000;0.1;",
        ";supply;material;paper;3;0.1;10",
        head=f"{HEAD};sbi",
    )
    found = reconcile(flows, known, regions, shared_errors=False)
    x = flows.geometry.x.to_numpy()
    paper = (flows["material"] == "paper").to_numpy()
    food = flows["sbi"].str.startswith("10").to_numpy()
    groups = {2: paper & (x < 10), 3: ~paper & (x > 10) & (x < 20), 4: x > 0,
              5: paper & food}  # fmt: skip
    value = flows["quantity"].to_numpy()
    wide = np.log(flows["quantity_high"] / flows["quantity_low"]).to_numpy()
    wide = wide / (2 * norm.ppf(0.95))
    spread = value * np.sqrt(np.exp(wide**2) - 1) * np.exp(wide**2 / 2)
    rows, right = [np.diag(1 / spread)], [value / spread]
    for total in known:
        sd = total.target * total.uncertainty
        rows.append(groups[total.row][None] / sd)
        right.append([total.target / sd])
    result = lsq_linear(
        np.vstack(rows), np.concatenate(right), (0, np.inf), "bvls", tol=1e-15,
        max_iter=1000,
    )  # fmt: skip
    assert {total.row: total.target for total in known}[4] == 2
    expected = result.x
    np.testing.assert_allclose(quantities(found), expected, rtol=1e-6, atol=1e-6)
    told = found.totals.set_index("row")
    for row, group in groups.items():
        assert told.at[row, "before"] == pytest.approx(value[group].sum())
        assert told.at[row, "after"] == pytest.approx(expected[group].sum())
        assert told.at[row, "flows"] == group.sum()


def test_estimates_of_one_coefficient_move_together(make):
    rows = [
        {"quantity": size, "actor_id": f"E{size}", "flow_id": f"E{size}:17-paper"}
        for size in (1, 10, 100, 1000)
    ]
    flows = make(*rows, basis="estimated")
    known = totals(";supply;;paper;11110;0")
    together = reconcile(flows, known).flows["factor"]
    assert together.max() / together.min() < 2
    alone = reconcile(flows, known, shared_errors=False).flows["factor"]
    assert alone.max() / alone.min() > 5


def test_reported_flows_yield_less_than_estimates(make):
    flows = make(
        {"quantity": 100, "quantity_low": np.nan, "quantity_high": np.nan},
        {"quantity": 100, "basis": "estimated", "quantity_low": 50,
         "quantity_high": 200},
        {"quantity": 100, "basis": "estimated", "quantity_low": np.nan,
         "quantity_high": np.nan},
    )  # fmt: skip
    found = quantities(reconcile(flows, totals(";supply;;paper;400;0.01")))
    assert 100 < found[0] < 100.5 < found[1] < found[2]


def test_what_contradicts_is_told_with_its_opponents(make):
    flows = make({"quantity": 100}, {"quantity": 100, "material": "glass"})
    known = totals(
        ";supply;;paper;100;0.02", ";supply;;paper;160;0.02", ";supply;;glass;90;0.1"
    )
    found = reconcile(flows, known)
    told = found.totals.set_index("row").sort_index()
    assert told["contradiction"].tolist() == [True, True, False]
    assert told["contradicts"].tolist() == ["3", "2", None]
    left = (told["target"] - told["after"]) / (told["target"] * told["uncertainty"])
    assert told["residual_sd"].tolist() == pytest.approx(left.tolist())
    assert ("reconcile.said.contradiction", {"count": 2}) in found.remarks()


def test_a_reported_flow_can_be_what_contradicts(make):
    flows = make({"quantity": 100, "quantity_low": 100, "quantity_high": 100})
    told = reconcile(flows, totals(";supply;;paper;200;0.1")).totals
    assert told["contradiction"].tolist() == [True]
    assert told["contradicts"].tolist() == [None]
    assert told["gap_sd"].iloc[0] == pytest.approx(100 / np.hypot(20, 5))


def test_exact_totals_that_contradict_are_named(make, regions):
    flows = make({"quantity": 1}, {"quantity": 2, "xy": (15, 5)})
    known = totals("R1;supply;;paper;8;0", "R2;supply;;paper;4;0.1",
                   ";supply;;paper;7;0", ";demand;;paper;7;0")  # fmt: skip
    with pytest.raises(RefusalError) as refused:
        reconcile(flows, known, regions)
    assert "2 (R1, supply, paper: 8)" in str(refused.value)
    assert "4 (supply, paper: 7)" in str(refused.value)
    assert "3 (" not in str(refused.value)


def test_totals_that_cannot_be_used_are_listed(make, regions):
    flows = make(
        {"quantity": 1},
        {"quantity": 0, "material": "glass"},
        {"quantity": 3, "material": "biogas", "unit": "MWh/y"},
        {"quantity": np.nan, "material": "wood"},
        {"quantity": 7, "material": "own_stuff"},
    )
    known = totals(
        "R9;supply;;paper;1;0.1", ";supply;;papper;1;0.1", ";demand;;paper;5;0.1",
        ";supply;;glass;5;0.1", ";supply;material;*;5;0.1", ";supply;;wood;5;0.1",
        ";supply;;own_stuff;9;0.1", "Noord;supply;;paper;2;3",
    )  # fmt: skip
    found = reconcile(flows, known, regions)
    told = found.totals.set_index("row").sort_index()
    used = [False, False, False, False, False, False, True, True]
    assert told["used"].tolist() == used
    assert told["remark"].isna().tolist() == used
    assert told["remark"].nunique() == 5
    keys = {key.rsplit(".", 1)[1]: values["count"] for key, values in found.remarks()}
    assert keys == {
        "region_unknown": 1, "material_unknown": 1, "no_flows": 2, "no_quantity": 1,
        "several_units": 1, "unusable": 1, "wide": 1,
    }  # fmt: skip
    assert np.isnan(quantities(found)[3])
    assert told.at[8, "after"] > 8


def test_a_total_of_nothing_empties_its_flows(make):
    flows = make({"quantity": 3}, {"quantity": 4, "direction": "demand"})
    found = reconcile(flows, totals(";supply;;paper;0;0.1"))
    assert quantities(found) == pytest.approx([0, 4])
    assert ("reconcile.said.to_zero", {"count": 1}) in found.remarks()


def test_without_use(make):
    found = reconcile(make({"quantity": 3}), totals(";demand;;paper;1;0"))
    assert quantities(found).tolist() == [3]
    assert found.totals["used"].tolist() == [False]


def test_order_of_rows_makes_no_difference(make, regions, shuffled, same_tables):
    rng = np.random.default_rng(1)
    flows = make(
        *[
            {"quantity": rng.lognormal(2, 1), "xy": (rng.uniform(0, 20), 5.0)}
            for _ in range(30)
        ]
    )
    rows = ["R1;supply;;paper;500;0.1", "R2;supply;;paper;100;0.2",
            ";supply;;paper;500;0.1"]  # fmt: skip
    one = reconcile(flows, totals(*rows), regions)
    two = reconcile(flows, totals(*rows[::-1]), shuffled(regions))
    same_tables(one.flows.drop(columns="totals"), two.flows.drop(columns="totals"))
    left, right = (
        found.totals.drop(columns=["row", "contradicts"]) for found in (one, two)
    )
    pd.testing.assert_frame_equal(left, right, check_exact=True)


@pytest.mark.parametrize(
    ("rows", "key"),
    [
        ([], "reconcile.no_totals"),
        ([";aanbod;;paper;1;0"], "reconcile.word"),
        ([";supply;stuff;paper;1;0"], "reconcile.word"),
        ([";supply;;paper;much;0"], "reconcile.unreadable"),
        ([";supply;;paper;1;"], "reconcile.unreadable"),
        ([";supply;;paper;1;10%"], "reconcile.unreadable"),
        ([";supply;;paper;-1;0"], "reconcile.negative"),
        ([";supply;;paper;1e16;0"], "reconcile.too_large"),
        ([";supply;;paper;1;-0.1"], "reconcile.negative"),
    ],
)
def test_tables_that_cannot_be_read(rows, key):
    with pytest.raises(RefusalError) as refused:
        totals(*rows)
    assert refused.value.key == key


def test_columns_that_are_missing_or_unknown():
    for head in (HEAD.replace("total;", ""), f"{HEAD};totaal", f"{HEAD};total"):
        with pytest.raises(RefusalError) as refused:
            totals(";supply;;paper;1;0", head=head)
        assert refused.value.key == "messages.table_columns"


def test_a_total_in_another_unit_or_of_a_region_without_regions(make):
    flows = make({"quantity": 3})
    with pytest.raises(RefusalError, match="kt/y"):
        reconcile(flows, totals(";supply;;paper;1;0;kt/y", head=f"{HEAD};unit"))
    with pytest.raises(RefusalError, match="REGIONS"):
        reconcile(flows, totals("R1;supply;;paper;1;0"))
    reconcile(flows, totals(";supply;;paper;1;0;t/y", head=f"{HEAD};unit"))


def test_sizes_that_no_stream_has(make):
    """Very large, very small and very wide: kept out, or without harm."""
    flows = make(
        {"quantity": 1e300, "quantity_low": 1, "quantity_high": 2},
        {"quantity": 1e-300, "quantity_low": 0, "quantity_high": np.inf},
        {"quantity": 1e9, "quantity_low": 0, "quantity_high": 1e15},
        {"quantity": 1e-3, "quantity_low": 1e-3, "quantity_high": 1e-9},
        {"quantity": np.inf, "quantity_low": 0, "quantity_high": np.inf},
        {"quantity": 4, "quantity_low": 2, "quantity_high": 5},
    )
    for uncertainty in ("0", "1e-9", "1e-5", "0.3"):
        found = reconcile(flows, totals(f";supply;;paper;2e9;{uncertainty}"))
        after = quantities(found)
        assert after[[0, 1, 4]].tolist() == [1e300, 1e-300, np.inf]
        assert after[[2, 3, 5]].sum() == pytest.approx(2e9, rel=1e-4)
        assert after[5] == pytest.approx(4, rel=1e-3)
        assert found.counts["unusable"] == 2


def test_exact_totals_of_very_different_sizes(make, regions):
    flows = make({"quantity": 3e-3}, {"quantity": 5e8, "xy": (15, 5)})
    known = totals("R1;supply;;paper;2e-3;0", ";supply;;paper;7e8;0")
    found = quantities(reconcile(flows, known, regions))
    assert found == pytest.approx([2e-3, 7e8], rel=1e-6)
    known = totals("R1;supply;;paper;8e8;0", ";supply;;paper;7e8;0")
    with pytest.raises(RefusalError, match="8"):
        reconcile(flows, known, regions)
