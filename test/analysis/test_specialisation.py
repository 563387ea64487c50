"""Specialisation of regions, against plain implementations and by hand."""

import math
from fractions import Fraction

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from kansenkaart.analysis.errors import RefusalError
from kansenkaart.analysis.groupings import REST, choose_grouping, shipped_grouping
from kansenkaart.analysis.location_quotient import (
    chances,
    counted,
    false_discovery_rates,
    in_decisions,
    location_quotients,
    strongest,
)
from kansenkaart.analysis.nested import dominant_region, level_marks, refuse_nested
from kansenkaart.analysis.region_join import join_regions
from kansenkaart.analysis.region_table import read_region_table, take_out
from kansenkaart.analysis.specialisation import (
    actors_in_cells,
    cells_of_regions,
    count_in_regions,
    named_activities,
    published_counts,
    specialise_establishments,
    specialise_table,
    specialised_regions,
)
from shapely import Point, box

SECTIONS = shipped_grouping("section")


def table(*rows, columns=("region_id", "sector", "count")):
    frame = pd.DataFrame(rows, columns=columns, dtype=object)
    return read_region_table(frame, "region_id", "sector", ["count"])


def of_cells(cells):
    """A table with regions R01 … and sectors S01 …; None is unknown."""
    rows = [
        (f"R{row:02d}", f"S{column:02d}", value)
        for row, values in enumerate(cells, 1)
        for column, value in enumerate(values, 1)
    ]
    return table(*rows)


def specialise(found, unit="establishments", size=10.0, lq_min=1.25, reference=None):
    return specialise_table(found, unit, size, lq_min, reference)


def keys(found):
    return [key.removeprefix("specialisation.") for key, _ in found.notes]


def refusal(action):
    with pytest.raises(RefusalError) as refused:
        action()
    return refused.value.key.removeprefix("specialisation.")


# Oracles: as the definitions read, in plain Python.


def plain_quotient(cells, row, column):
    known = [[Fraction(value or 0) for value in values] for values in cells]
    region, sector = sum(known[row]), sum(values[column] for values in known)
    whole = sum(map(sum, known))
    if cells[row][column] is None or not region or not sector:
        return None
    return (known[row][column] / region) / (sector / whole)


def plain_chance(k, whole, good, draws):
    """Chance of k or more good ones among the draws, without rounding."""
    ways = sum(
        math.comb(good, each) * math.comb(whole - good, draws - each)
        for each in range(k, min(good, draws) + 1)
    )
    return Fraction(ways, math.comb(whole, draws))


def plain_rates(p):
    """Benjamini and Hochberg, one value at a time."""
    ordered = sorted(p)
    scaled = [value * len(p) / rank for rank, value in enumerate(ordered, 1)]
    return [
        min(scaled[place] for place in range(len(p)) if ordered[place] >= value)
        for value in p
    ]


def random_cells(seed, shape=(7, 5), unknown=0.15):
    random = np.random.default_rng(seed)
    cells = random.integers(0, 60, shape).astype(object)
    cells[random.random(shape) < unknown] = None
    return cells.tolist()


@pytest.mark.parametrize("seed", range(10))
def test_quotients_are_the_definition(seed):
    cells = random_cells(seed)
    found = specialise(of_cells(cells)).table
    for place, lq in enumerate(found["lq"]):
        expected = plain_quotient(cells, *divmod(place, 5))
        if expected is None:
            assert math.isnan(lq)
        else:
            assert lq == pytest.approx(float(expected), rel=1e-12)
            symmetric = float((expected - 1) / (expected + 1))
            assert found["lq_symmetric"][place] == pytest.approx(symmetric, abs=1e-12)


@pytest.mark.parametrize("seed", range(10))
def test_chances_are_exact(seed):
    cells = random_cells(seed)
    known = [[value or 0 for value in values] for values in cells]
    found = specialise(of_cells(cells)).table
    whole = sum(map(sum, known))
    for place, p in enumerate(found["p_value"]):
        row, column = divmod(place, 5)
        if cells[row][column] is None:
            assert math.isnan(p)
            continue
        good = sum(values[column] for values in known)
        expected = plain_chance(cells[row][column], whole, good, sum(known[row]))
        assert p == pytest.approx(float(expected), rel=1e-9)


@pytest.mark.parametrize("seed", range(10))
def test_rates_are_those_of_benjamini_and_hochberg(seed):
    random = np.random.default_rng(seed)
    p = random.random(40).round(1 if seed % 2 else 9) ** 2
    holes = np.insert(p, [3, 17], np.nan)
    found = false_discovery_rates(holes)
    assert np.isnan(found[[3, 18]]).all()
    assert found[~np.isnan(found)].tolist() == pytest.approx(plain_rates(p.tolist()))


def test_specialised_asks_for_both():
    found = specialise(of_cells(random_cells(3, (12, 6)))).table
    both = (found["lq"] >= 1.25) & (found["q_value"] <= 0.05)
    assert found["specialised"].fillna(False).tolist() == both.tolist()
    assert found["specialised"].isna().tolist() == found["lq"].isna().tolist()
    assert 0 < both.sum() < (found["lq"] >= 1.25).sum()


def test_the_limit_itself_counts():
    # 500 of 1000 against 4000 of 10000 is 1.25 precisely.
    found = specialise(of_cells([[500, 500], [3500, 5500]])).table
    assert found["lq"][0] == 1.25
    assert bool(found["specialised"][0])


def test_jobs_become_decisions_cell_by_cell():
    cells = [[25, 35, 44], [15, 104, 6], [3, 61, 95]]
    rounded = [[2, 4, 4], [2, 10, 1], [0, 6, 10]]
    jobs = specialise(of_cells(cells), unit="jobs").table
    firms = specialise(of_cells(rounded)).table
    assert jobs["p_value"].tolist() == pytest.approx(firms["p_value"].tolist())
    assert jobs["lq"].tolist() != pytest.approx(firms["lq"].tolist())
    assert in_decisions(np.array([0.4, np.nan]), 0.1)[0] == 4


# Reading tables.


def test_unknown_and_absent_cells_are_told_apart_from_zeros():
    found = specialise(
        table(
            ("R1", "A", "12"), ("R1", "B", "."), ("R2", "A", 0), ("R2", "B", "1.234,5"),
            ("R2", "C", None), ("R3", "A", "veel"), ("R3", "B", "-3"),
        )
    )  # fmt: skip
    rows = found.table.set_index(["region_id", "sector"])
    assert len(rows) == 9
    assert rows["count"].dropna().to_dict() == {
        ("R1", "A"): 12.0,
        ("R2", "A"): 0.0,
        ("R2", "B"): 1234.5,
    }
    assert dict(found.notes)["specialisation.unknown"] == {"count": 4}
    assert dict(found.notes)["specialisation.absent"] == {"count": 2}
    assert rows["p_value"]["R2", "A"] == 1.0
    assert rows["lq"]["R2", "A"] == 0.0
    assert rows["lq_symmetric"]["R2", "A"] == -1.0
    assert rows.loc["R3", ["lq", "p_value", "share_region"]].isna().all(axis=None)
    assert "empty_regions" in keys(found)
    assert "empty_sectors" in keys(found)


def test_a_wide_table_is_a_long_one():
    long = of_cells([[5, 9], [7, 3], [2, 8]])
    frame = pd.DataFrame(
        {"regio": ["R03", "R01", "R02"], "S02": [8, 9, 3], "S01": ["2", "5", "7"]}
    )
    wide = read_region_table(frame, "regio", None, ["S02", "S01"])
    pd.testing.assert_frame_equal(specialise(long).table, specialise(wide).table)


def test_the_order_of_rows_does_not_matter():
    frame = pd.DataFrame(
        [("R1", "B", 4), ("R2", "A", 9), ("R1", "A", 3), ("R2", "B", 1)],
        columns=["r", "s", "n"],
    )
    found = [
        specialise(read_region_table(each, "r", "s", ["n"])).table
        for each in (frame, frame.iloc[::-1], frame.sort_values("n"))
    ]
    pd.testing.assert_frame_equal(found[0], found[1])
    pd.testing.assert_frame_equal(found[0], found[2])
    assert found[0]["count"].tolist() == [3, 4, 9, 1]


def test_names_pass_unchanged():
    read = table((344.0, "01", 1), (" Ede ", "02", 2), ("É", "x", 3))
    assert list(read.regions) == [" Ede ", "344", "É"]
    assert list(read.sectors) == ["01", "02", "x"]


def test_tables_that_cannot_be_read_are_refused():
    frame = pd.DataFrame({"r": ["x", "x"], "s": ["A", "A"], "n": [1, 2]})
    assert refusal(lambda: read_region_table(frame, "r", "s", ["n"])) == "double"
    assert refusal(lambda: read_region_table(frame, "r", "q", ["n"])) == "field_missing"
    empty = frame.assign(s=[None, " "])
    assert refusal(lambda: read_region_table(empty, "r", "s", ["n"])) == "no_rows"
    nothing = frame.iloc[:0]
    assert refusal(lambda: read_region_table(nothing, "r", "s", ["n"])) == "no_rows"


def test_rows_without_a_name_are_counted():
    read = table(("R1", "A", 1), (None, "A", 5), ("R1", " ", 7))
    assert read.unnamed == 2
    assert read.cells.tolist() == [[1.0]]


# With what a region is compared.


def test_the_reference_is_taken_out_first():
    rows = [("R1", "A", 30), ("R1", "B", 70), ("R2", "A", 9), ("R2", "B", 41)]
    whole = [("NL", "A", 200), ("NL", "B", 800)]
    found = specialise(table(*rows, *whole), reference="NL").table
    assert set(found["region_id"]) == {"R1", "R2"}
    assert found["lq"].tolist() == pytest.approx([1.5, 0.875, 0.9, 1.025])
    expected = [plain_chance(30, 1000, 200, 100), plain_chance(70, 1000, 800, 100)]
    assert found["p_value"][:2].tolist() == pytest.approx([float(p) for p in expected])


def test_a_reference_that_is_not_there_is_refused_with_names_like_it():
    read = table(("Nederland", "A", 3), ("Ede", "A", 2))
    with pytest.raises(RefusalError, match="Nederland"):
        take_out(read, "nederlands")
    one = table(("Nederland", "A", 3))
    assert refusal(lambda: take_out(one, "Nederland")) == "reference_only"


def test_what_no_drawing_gives_is_not_tested():
    rows = [("R1", "A", 30), ("R1", "B", 5), ("R2", "A", 1), ("R2", "B", 9)]
    found = specialise(table(*rows, ("X", "A", 20), ("X", "B", 90)), reference="X")
    assert found.table["p_value"].isna().tolist() == [True, True, False, False]
    assert dict(found.notes)["specialisation.impossible"] == {"count": 2}


def test_a_sector_that_the_reference_lacks_is_unknown():
    rows = [("R1", "A", 3), ("R1", "B", 4), ("R2", "A", 7), ("R2", "B", 2)]
    found = specialise(table(*rows, ("X", "A", 20), ("X", "B", ".")), reference="X")
    assert found.table["lq"].isna().tolist() == [False, True, False, True]


def test_one_region_is_one():
    found = specialise(table(("R1", "A", 3), ("R1", "B", 4)))
    assert found.table["lq"].tolist() == [1.0, 1.0]
    assert keys(found) == ["one_region"]


# Nested levels, sign by sign.


def nested(regions=("Ede", "Epe", "Best"), sectors=("x", "y"), cells=None):
    default = np.array([[17, 4], [6, 31], [3, 9]])[: len(regions), : len(sectors)]
    shape = (len(regions), len(sectors))
    if default.shape != shape:
        default = np.arange(1, 1 + shape[0] * shape[1]).reshape(shape) ** 2
    refuse_nested(regions, sectors, (default if cells is None else cells).astype(float))


def test_one_level_passes():
    nested()
    nested(("Bergen (L.)", "Bergen (NH.)", "Utrecht (gemeente)"))
    nested(("GM0003", "GM0034", "GM0344"))
    nested(tuple(f"R{number}" for number in range(1, 13)))
    nested(sectors=("A", "G+I", "H", "K-L", "M-N"))
    nested(sectors=("01", "10", "20"))
    nested(("Leek", "Leeks", "Leeksterveld"))


@pytest.mark.parametrize(
    "regions",
    [
        ("Utrecht (PV)", "Utrecht (CR)", "Ede"),
        ("Utrecht (PV)", "Utrecht (gemeente)", "Ede"),
        ("GM0344", "PV26", "GM0345"),
        ("GM0344", "Utrecht (PV)", "GM0345"),
        ("NL01", "PV26", "PV27"),
    ],
)
def test_more_than_one_mark_of_a_level_is_refused(regions):
    assert refusal(lambda: nested(regions)) == "nested_marks"
    assert len(level_marks(regions)) == 2


@pytest.mark.parametrize(
    "sectors",
    [
        ("A-U", "A", "B"),
        ("A-U Alles", "A Landbouw", "B Winning"),
        ("A-F", "B-E", "G"),
        ("G+I", "I", "J"),
        ("10-12", "11", "13"),
        ("C", "10", "11"),
        ("B-E", "20", "A"),
    ],
)
def test_a_code_that_spans_others_is_refused(sectors):
    assert refusal(lambda: nested(sectors=sectors)) == "nested_codes_sectors"


@pytest.mark.parametrize(
    "codes", [("C", "C10", "D"), ("1", "11", "2"), ("NL1", "NL11")]
)
def test_a_code_with_which_others_begin_is_refused(codes):
    assert refusal(lambda: nested(sectors=codes)) == "nested_codes_sectors"
    assert refusal(lambda: nested(regions=codes)) == "nested_codes_regions"


@pytest.mark.parametrize("off", [0, 0.004, -0.004])
def test_a_total_of_all_others_is_refused(off):
    cells = np.array([[100.0, 400, 60], [300, 250, 35], [40, 10, 700]])
    total = cells.sum(axis=0) * (1 + off)
    names = ("Ede", "Epe", "Best", "Totaal")
    whole = np.vstack([cells, total])
    assert refusal(lambda: nested(names, "xyz", whole)) == "nested_sum_regions"
    assert refusal(lambda: nested("xyz", names, whole.T)) == "nested_sum_sectors"


def test_unknown_cells_do_not_hide_a_total():
    cells = np.array([[100, 400, 60], [300, 250, 35], [40, 10, 700]], float)
    whole = np.vstack([cells, cells.sum(axis=0)])
    whole[0, 2] = np.nan
    names = ("Ede", "Epe", "Best", "Totaal")
    assert refusal(lambda: nested(names, "xyz", whole)) == "nested_sum_regions"


def test_a_region_that_is_as_large_as_the_others_by_chance_passes():
    nested(("Ede", "Epe"), cells=np.array([[30, 10], [10, 30]]))
    nested(cells=np.array([[90, 10], [30, 20], [10, 40]]))
    nested(cells=np.array([[51, 51], [30, 20], [20, 30]]))


def test_nested_levels_are_refused_without_the_reference():
    rows = [("R1", "A", 3), ("R1", "B", 4), ("R2", "A", 7), ("R2", "B", 2)]
    whole = table(*rows, ("NL", "A", 10), ("NL", "B", 6))
    assert refusal(lambda: specialise(whole)) == "nested_sum_regions"
    specialise(whole, reference="NL")


def test_a_region_with_most_of_everything_is_warned_about():
    cells = [[60, 70, 80], [5, 30, 6], [7, 8, 9]]
    assert dominant_region(np.array(cells, float)) == 0
    assert "dominant" in keys(specialise(of_cells(cells)))
    assert dominant_region(np.array([[60, 1, 80], [5, 30, 6]], float)) is None


# Establishments.


@pytest.fixture
def regions():
    return gpd.GeoDataFrame(
        {"region_id": ["R1", "R2", "R3"], "name": ["Ede", "Epe", "Best"]},
        geometry=[box(0, 0, 10, 10), box(10, 0, 20, 10), box(20, 0, 30, 10)],
    )


def firms(*rows):
    """Establishments of (x, activity code, jobs)."""
    frame = pd.DataFrame(rows, columns=["x", "sbi", "jobs"])
    ids = [f"e{number:03d}" for number in range(len(rows))]
    return gpd.GeoDataFrame(
        {"est_id": ids, "sbi": frame["sbi"].astype(object), "jobs": frame["jobs"]},
        geometry=[Point(x, 5) for x in frame["x"]],
    )


def of_firms(rows, regions, grouping=SECTIONS, unit="jobs", reference=None):
    counts = count_in_regions(firms(*rows), regions, grouping)
    return specialise_establishments(counts, grouping, unit, 1.25, reference, "nl")


ROWS = [
    (1, "2014", 30.0), (2, "2015", None), (3, "4941", 12.0), (12, "2014", 5.0),
    (13, "4941", None), (99, "4941", 7.0), (4, "2014", 3.0),
]  # fmt: skip


def test_establishments_are_counted_where_they_lie(regions):
    found = of_firms(ROWS, regions)
    rows = found.table.set_index(["region_id", "sector"])
    assert rows["count"]["R1", "C"] == 33.0
    assert rows["count"]["R1", "H"] == 12.0
    assert np.isnan(rows["count"]["R2", "H"])
    assert rows["count"]["R3"].tolist() == [0, 0]
    assert rows["sector_name"]["R1", "H"] == "Vervoer en opslag"
    assert rows["lq"]["R1", "C"] == pytest.approx((33 / 45) / (38 / 50))
    # Six establishments, four of them in C; three of those among the four of R1.
    expected = plain_chance(3, 6, 4, 4)
    assert rows["p_value"]["R1", "C"] == pytest.approx(float(expected))
    assert rows["p_value"]["R2", "H"] == pytest.approx(float(plain_chance(1, 6, 2, 2)))
    assert rows[["lq", "p_value"]].loc["R3"].isna().all(axis=None)
    assert found.outside == 1
    assert keys(found) == ["outside", "jobs_unknown", "empty_regions"]


def test_an_empty_cell_is_a_true_zero_and_not_tested(regions):
    found = of_firms([*ROWS, (25, "2014", 4.0)], regions)
    cell = found.table.set_index(["region_id", "sector"]).loc[("R3", "H")]
    assert (cell["count"], cell["lq"], cell["lq_symmetric"]) == (0, 0, -1)
    assert np.isnan(cell["p_value"]) and np.isnan(cell["q_value"])
    assert not cell["specialised"]


def test_counts_of_establishments_need_no_jobs(regions):
    found = of_firms(ROWS, regions, unit="establishments")
    rows = found.table.set_index(["region_id", "sector"])
    assert rows["count"].unstack().to_numpy().tolist() == [[3, 1], [1, 1], [0, 0]]
    assert rows["lq"]["R1", "C"] == pytest.approx((3 / 4) / (4 / 6))
    assert "jobs_unknown" not in keys(found)


def test_what_a_grouping_leaves_out_is_the_rest(regions):
    own = choose_grouping("eigen.csv", lambda _: "sbi;group\n20;chemie\n")
    found = of_firms(ROWS, regions, own, "establishments")
    rows = found.table.set_index(["region_id", "sector"])
    assert sorted(set(found.table["sector"])) == ["chemie", REST]
    assert rows["count"]["R1", REST] == 1
    assert rows["share_region"]["R1"].sum() == pytest.approx(1)
    assert dict(found.notes)["specialisation.ungrouped"] == {"count": 2}
    many = of_firms([*[(1, "4941", 1.0)] * 30, *[(12, "2014", 1.0)] * 30], regions, own)
    assert strongest(many.table, many.rest).index.tolist() == ["R2"]


def test_an_establishment_in_two_groups_counts_once_in_its_region(regions):
    rows = "sbi;group;overlap\n20;a;\n20;b;yes\n49;c;\n"
    own = choose_grouping("eigen.csv", lambda _: rows)
    found = of_firms(ROWS, regions, own, "establishments")
    rows = found.table.set_index(["region_id", "sector"])
    assert rows["count"]["R1"].to_dict() == {"a": 3, "b": 3, "c": 1}
    assert rows["share_region"]["R1", "a"] == pytest.approx(3 / 4)
    assert rows["lq"]["R1", "a"] == pytest.approx((3 / 4) / (4 / 6))


def test_a_region_may_be_the_reference(regions):
    found = of_firms(ROWS, regions, unit="establishments", reference="R1")
    rows = found.table.set_index(["region_id", "sector"])
    assert set(found.table["region_id"]) == {"R2", "R3"}
    assert rows["lq"]["R2", "H"] == pytest.approx((1 / 2) / (1 / 4))
    assert refusal(lambda: of_firms(ROWS, regions, reference="R9")) == (
        "reference_unknown"
    )


def test_all_at_one_spot(regions):
    found = of_firms([(10, "2014", 5.0)] * 4 + [(10, "4941", 5.0)] * 2, regions)
    rows = found.table.set_index(["region_id", "sector"])
    assert rows["lq"]["R1"].tolist() == [1, 1]
    assert not found.specialised


def test_no_establishments_at_all(regions):
    found = of_firms([(99, "2014", 5.0)], regions)
    assert found.table.empty
    polygons, unmatched = specialised_regions(found, regions, "nl")
    assert polygons["specialisations"].isna().all()
    assert unmatched["side"].tolist() == ["regions"] * 3


def test_cells_name_everybody_behind_them(regions):
    establishments = firms(*ROWS)
    counts = count_in_regions(establishments, regions, SECTIONS)
    cells = cells_of_regions(counts, SECTIONS, "en").set_index("cell_id")
    assert cells["establishments"].to_dict() == {
        "R1|C": 3, "R1|H": 1, "R2|C": 1, "R2|H": 1,
    }  # fmt: skip
    actors = actors_in_cells(establishments, counts)
    assert sorted(zip(actors["cell_id"], actors["est_id"], strict=True)) == [
        ("R1|C", "e000"), ("R1|C", "e001"), ("R1|C", "e006"), ("R1|H", "e002"),
        ("R2|C", "e003"), ("R2|H", "e004"),
    ]  # fmt: skip
    jobs = actors.groupby("cell_id")["jobs"].sum(min_count=1)
    pd.testing.assert_series_equal(jobs, cells["jobs"], check_names=False)


def test_published_cells_give_the_same(regions):
    found = of_firms(ROWS, regions)
    counts = count_in_regions(firms(*ROWS), regions, SECTIONS)
    cells = cells_of_regions(counts, SECTIONS, "nl")
    again = specialise_establishments(
        published_counts(cells, regions), SECTIONS, "jobs", 1.25, None, "nl"
    )
    pd.testing.assert_frame_equal(found.table, again.table)


def test_withheld_cells_are_unknown_and_in_no_total(regions):
    counts = count_in_regions(firms(*ROWS), regions, SECTIONS)
    cells = cells_of_regions(counts, SECTIONS, "nl").set_index("cell_id")
    cells["establishments"] = cells["establishments"].astype(float)
    cells.loc["R1|H", ["establishments", "jobs"]] = np.nan
    cells.loc["R2|C", "jobs"] = np.nan
    rows = specialise_establishments(
        published_counts(cells.reset_index(), regions),
        SECTIONS, "establishments", 1.25, None, "nl",
    ).table.set_index(["region_id", "sector"])  # fmt: skip
    assert rows.loc[("R1", "H"), ["count", "lq", "p_value"]].isna().all()
    assert rows["share_region"]["R1", "C"] == 1
    assert rows["share_total"]["R1", "H"] == pytest.approx(1 / 5)
    assert rows["count"]["R3", "C"] == 0


# Joining to polygons.


def join(names, polygons):
    ids, called = zip(*polygons, strict=True)
    frame = pd.DataFrame({"region_id": ids, "name": called})
    places, unmatched = join_regions(names, frame)
    pairs = {
        name: ids[place]
        for name, place in zip(names, places, strict=True)
        if place >= 0
    }
    return pairs, unmatched.set_index("region")


def test_codes_and_names_match_in_any_spelling():
    pairs, unmatched = join(
        [
            "GM0034", "344", "SÚDWEST FRYSLÂN", "'s-Gravenhage (gemeente)",
            "Hengelo (O.)",
        ],
        [
            ("GM0344", "Utrecht"), ("0034", "Almere"), ("GM1900", "Súdwest-Fryslân"),
            ("GM0518", "’s-Gravenhage"), ("GM0164", "Hengelo"),
        ],
    )  # fmt: skip
    assert pairs == {
        "GM0034": "0034",
        "344": "GM0344",
        "SÚDWEST FRYSLÂN": "GM1900",
        "'s-Gravenhage (gemeente)": "GM0518",
        "Hengelo (O.)": "GM0164",
    }
    assert unmatched.empty


def test_names_that_fit_more_than_one_are_not_guessed():
    pairs, unmatched = join(
        ["Bergen", "Laren (Gld.)", "Laren (NH.)", "Bergen (L.)"],
        [("1", "Bergen (L.)"), ("2", "Bergen (NH.)"), ("3", "Laren")],
    )
    assert pairs == {"Bergen (L.)": "1"}
    assert unmatched["reason"].to_dict() == {
        "Bergen": "ambiguous",
        "Laren (Gld.)": "ambiguous",
        "Laren (NH.)": "ambiguous",
        "Bergen (NH.)": "none",
        "Laren": "none",
    }


def test_a_name_much_alike_is_a_suggestion_only():
    pairs, unmatched = join(
        ["Dantumadeel", "Wijchen"], [("1", "Dantumadiel"), ("2", "Wijchen")]
    )
    assert pairs == {"Wijchen": "2"}
    assert unmatched["suggestion"].to_dict() == {
        "Dantumadeel": "Dantumadiel",
        "Dantumadiel": "Dantumadeel",
    }
    assert unmatched["side"].tolist() == ["table", "regions"]


def test_polygons_carry_their_strongest_specialisation(regions):
    rows = [
        ("Ede", "C", 400), ("Ede", "H", 100), ("Epe", "C", 100), ("Epe", "H", 300),
        ("Best", "C", 95), ("Best", "H", 81), ("Weg", "C", 9), ("Weg", "H", 8),
    ]  # fmt: skip
    found = named_activities(specialise(table(*rows)), "nl")
    polygons, unmatched = specialised_regions(found, regions, "nl")
    assert polygons["region_id"].tolist() == ["R1", "R2", "R3"]
    assert polygons["sector"].fillna("–").tolist() == ["C", "H", "–"]
    assert polygons["section"].fillna("–").tolist() == ["C", "H", "–"]
    assert polygons["sector_name"][0] == "Industrie"
    assert polygons["specialisations"].tolist() == [1, 1, 0]
    assert unmatched["region"].tolist() == ["Weg"]
    alone, _ = specialised_regions(
        found, regions.assign(name=["Ede", "Epe", "X"]), "nl"
    )
    assert alone["specialisations"].isna().tolist() == [False, False, True]


def test_equal_quotients_go_to_the_first_sector():
    cells = [[90, 90, 10], [10, 10, 170]]
    best = strongest(specialise(of_cells(cells)).table, None)
    assert best["sector"].to_dict() == {"R01": "S01", "R02": "S03"}
    assert best["specialisations"].to_dict() == {"R01": 2, "R02": 1}


def test_a_plain_example():
    counts = counted(np.array([[30.0, 10.0], [10.0, 50.0]]))
    assert location_quotients(counts)[0, 0] == 1.875
    p, impossible = chances(counts)
    assert p[0, 0] == pytest.approx(float(plain_chance(30, 100, 40, 40)))
    assert impossible == 0
