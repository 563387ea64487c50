"""Activity codes, however the source wrote them."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kansenkaart.analysis.codes import (
    DIVISIONS_COUNT,
    WITH_TABLE,
    code_table,
    division,
    division_names,
    read_codes,
)
from kansenkaart.analysis.errors import RefusalError
from kansenkaart.analysis.resources import read_csv

SBI = sorted(code_table("sbi2008"))
AMBIGUOUS = [code for code in SBI if "0" + code in SBI]


def read(*values, numeric=False, code_list="sbi2008"):
    return read_codes(list(values), code_list, numeric)


def test_sizes_of_the_tables():
    assert len(AMBIGUOUS) == 30
    assert "141" in AMBIGUOUS
    lengths = pd.Series(sorted(code_table("nacebel2008"))).str.len().value_counts()
    assert lengths.to_dict() == {2: 88, 3: 272, 4: 615}  # NACE Rev. 2
    rows = read_csv("codes", "divisions.csv")
    assert len({row["division"] for row in rows}) == DIVISIONS_COUNT == len(rows)


@pytest.mark.parametrize("code_list", WITH_TABLE)
def test_tables_are_trees_of_known_divisions(code_list):
    table = code_table(code_list)
    assert all(code[:-1] in table for code in table if len(code) > 2)
    assert {code[:2] for code in table} <= set(division_names("nl"))
    sections = {
        row["division"]: row["section"] for row in read_csv("codes", "divisions.csv")
    }
    for row in read_csv("codes", f"{code_list}.csv"):
        assert row["section"] == sections[row["code"][:2]]


def test_division_names_in_both_languages():
    for language in ("nl", "en"):
        names = division_names(language)
        assert len(set(names.values())) == DIVISIONS_COUNT
        assert all(0 < len(name) < 45 for name in names.values())


@pytest.mark.parametrize("code_list", ["sbi2025", "nacebel2025", "naics", ""])
def test_a_list_without_table_is_refused(code_list):
    with pytest.raises(RefusalError) as refusal:
        read("0111", code_list=code_list)
    assert refusal.value.key == "prepare.code_list_unknown"
    assert "sbi2008" in refusal.value.sentence("nl")


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("0111", "0111"),
        (" 01.11 ", "0111"),
        ("1.11", "0111"),
        ("1.13.1", "01131"),
        ("01.13.1", "01131"),
        ("A01.11", "0111"),
        ("A-0111", "0111"),
        ("c 20.1", "201"),
        ("20", "20"),
        ("9", "09"),
        ("62.0", "620"),  # group 62.0 exists: the dot is one of the code
        ("141.0", "141"),
        ("1.0", "01"),
        ("24101", "2410"),
        ("38329", "3832"),
        ("2410999", "2410"),
    ],
)
def test_readings_in_a_text_column(written, code):
    # 0141 shows that zeros are kept, so 141 means 141.
    assert read(written, "0141").codes[0] == code


@pytest.mark.parametrize(
    "written", ["", " ", None, np.nan, "x", "A", "05", "34", "00", "0", "..", "X111",
                "12a", "1,11", "-5", "inf", "٢٠"]
)  # fmt: skip
def test_unreadable(written):
    reading = read(written, "0141")
    assert reading.codes.tolist() == [None, "0141"]
    assert not reading.reread.any()
    assert not reading.cut.any()


def test_zeros_kept_or_not_shown_lost_leave_a_code_alone():
    assert read("141").codes.tolist() == ["141"]
    assert read("141", "0111").codes.tolist() == ["141", "0111"]
    assert read("141", "0111", "111").codes.tolist() == ["141", "0111", "0111"]


def test_two_digits_before_a_dot_show_no_lost_zero():
    assert read("141", "11.1").codes.tolist() == ["141", "11"]


def test_a_code_is_cut_as_it_is_written():
    assert read("1119", "0141").codes[0] == "11"
    # Where zeros were lost, the reading that explains most digits counts.
    lost = read("1119", "24101", "34", "111")
    assert lost.codes.tolist() == ["0111", "2410", None, "0111"]
    assert lost.cut.tolist() == [True, True, False, False]
    assert lost.reread.tolist() == [True, False, False, True]


def test_a_dropped_decimal_is_a_re_reading_in_texts_only():
    assert read("141.0", "0141").reread.tolist() == [True, False]
    assert not read("201.0", numeric=True).reread.any()


def test_zeros_shown_lost_are_put_back():
    reading = read("141", "111")
    assert reading.codes.tolist() == ["0141", "0111"]
    assert reading.reread.tolist() == [True, True]
    assert read("141", "1.11").codes.tolist() == ["0141", "0111"]


@pytest.mark.parametrize("code", AMBIGUOUS)
def test_a_number_column_lost_its_zeros(code):
    reading = read(float(code), None, numeric=True)
    assert reading.codes.tolist() == ["0" + code, None]
    assert reading.reread.tolist() == [True, False]


def test_number_columns():
    values = [620.0, 1.11, 20.14, 10.0, 1.0, 24101.0, 2410]
    codes = read(*values, numeric=True).codes.tolist()
    assert codes == ["0620", "0111", "2014", "10", "01", "2410", "2410"]


def test_belgian_codes_are_cut_to_four_digits():
    reading = read("01.110", "24100", "38.329", code_list="nacebel2008")
    assert reading.codes.tolist() == ["0111", "2410", "3832"]
    assert reading.cut.all()
    assert not reading.reread.any()
    lost = read(1110, 24100, code_list="nacebel2008", numeric=True)
    assert lost.codes.tolist() == ["0111", "2410"]
    assert lost.reread.tolist() == [True, False]


def test_divisions():
    assert division(["0111", None, "20"]).tolist() == ["01", None, "20"]


def dotted(code):
    return ".".join(part for part in (code[:2], code[2:4], code[4:]) if part)


@given(st.lists(st.sampled_from(SBI), max_size=30))
def test_codes_survive_however_they_are_written(codes):
    for write in (str, dotted, lambda code: f" C{dotted(code)} "):
        reading = read("0141", *map(write, codes))
        assert reading.codes[1:].tolist() == codes
        assert not reading.reread.any()
        assert not reading.cut.any()


@given(st.lists(st.sampled_from(SBI), max_size=30))
def test_codes_survive_a_spreadsheet(codes):
    # What a spreadsheet makes of 0141: a number. What has no zero twin comes back.
    eaten = [float(code) for code in codes]
    back = read(*eaten, numeric=True).codes
    for code, found in zip(codes, back, strict=True):
        assert found == ("0" + code if code in AMBIGUOUS else code)


@given(
    st.lists(st.one_of(st.text(max_size=6), st.integers(0, 99999), st.floats())),
    st.booleans(),
)
def test_only_codes_of_the_list_come_out(values, numeric):
    reading = read(*values, numeric=numeric)
    assert set(reading.codes) - {None} <= set(SBI)
    order = np.random.default_rng(1).permutation(len(values))
    again = read(*[values[place] for place in order], numeric=numeric)
    assert again.codes.tolist() == reading.codes[order].tolist()
