"""What the report tells of the best areas."""

import numpy as np
import pandas as pd
import pytest
from kansenkaart.analysis.layers import layer_type
from kansenkaart.analysis.why_section import why_section


def areas_of(**more):
    table = pd.DataFrame(
        {
            "area_id": ["A", "B", "C", "D"],
            "name": ["Dok", None, "Kade", "Werf"],
            "rank": [1, 2, 3, np.nan],
            "rank_low": [1, 1, 2, np.nan],
            "rank_high": [1, 3, 3, np.nan],
            "acceptability": [1.0, 0.55, 0.05, np.nan],
            "strongest": ["C2", "mooi", "C8", None],
            "weakest": ["C8", "C8", "C2", None],
            "types": ["T1;T5", "", None, None],
            "matches": [3, 0, np.nan, np.nan],
            "exchanged": ["warmte", None, None, None],
            "change": [None, None, "Bij de beste.", None],
        }
    )
    return table.assign(**more)


def nobody():
    return pd.DataFrame(columns=list(layer_type("stakeholder_scores").fields))


def test_the_best_and_those_behind_them():
    section = why_section(areas_of(), nobody(), 2, "nl")
    best, changes = section.tables
    assert [row[0] for row in best.rows] == ["Dok", "B"]
    assert best.rows[0][1] == "plaats 1; 100 % bij de beste"
    assert best.rows[1][1] == "plaats 1–3; 55 % bij de beste"
    assert best.rows[0][2] == "Spoor en water"
    assert best.rows[1][2] == "mooi"
    assert [row[4] for row in best.rows] == ["T1, T5", "–"]
    assert [row[5] for row in best.rows] == ["3: warmte", "0"]
    assert changes.rows == [["Kade", 3, "Bij de beste."]]
    assert any("hoort: 1" in text or "horen: 1" in text for text in section.paragraphs)


def test_columns_of_which_nobody_knows_are_left_out():
    section = why_section(
        areas_of(types=None, matches=np.nan, exchanged=None), nobody(), 2, "nl"
    )
    assert len(section.tables[0].columns) == 4
    assert {len(row) for row in section.tables[0].rows} == {4}


def test_what_stakeholders_differ_about():
    votes = pd.DataFrame(
        [
            ("A", "Ann", 80.0, 1, 60.0, "C2", 1.0),
            ("A", "Bob", 20.0, 3, 60.0, "C2", 1.0),
            ("C", "Ann", 50.0, 2, 0.0, None, 1.0),
            ("C", "Bob", 50.0, 1, 0.0, None, 1.0),
        ],
        columns=list(layer_type("stakeholder_scores").fields),
    )
    disputes = why_section(areas_of(), votes, 2, "en").tables[-1]
    assert disputes.rows == [["Dok", "Ann: 80.0", "Bob: 20.0", 60.0, "Rail and water"]]


@pytest.mark.parametrize("language", ["nl", "en"])
def test_no_areas(language):
    section = why_section(areas_of().head(0), nobody(), 10, language)
    assert section.tables == []
    assert len(section.paragraphs) == 1
