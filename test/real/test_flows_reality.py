"""docs/flows.md: estimates beside what is published, as the code gives them."""

import re
from pathlib import Path

import flows_reality
import pytest
from kansenkaart.analysis.resources import read_csv

ROOT = Path(__file__).resolve().parents[2]
NUMBER = r"\d+(?:,\d{3})*(?:\.\d+)?"
UNITS = {"kt": 1e3, "Mt": 1e6, "PJ": 1e15 / 3.6e9, "million m3": 1e6}
CIRCULAR = {
    "CBS 84971NED": ("10", "11", "17", "23", "24"),
    "CBS 83300NED": ("10",),
}
"""Tables whose totals stand behind the coefficients of these divisions."""


@pytest.fixture(scope="module")
def figures():
    return flows_reality.figures()


@pytest.fixture(scope="module")
def page():
    return (ROOT / "docs" / "flows.md").read_text("utf-8")


def part(page, name):
    return page.split(f"<!-- {name} -->")[1].split(f"<!-- end of {name} -->")[0].strip()


def lines(page):
    """Rows of the table of pairs in the document, by heading."""
    table = [line.strip("| ").split(" | ") for line in part(page, "pairs").split("\n")]
    return [dict(zip(table[0], cells, strict=True)) for cells in table[2:]]


def plain(text):
    return float(text.replace(",", "").strip("*"))


def words_and_numbers(text):
    """Text with its numbers taken out, and the numbers."""
    found = re.findall(NUMBER, text)
    return re.sub(NUMBER, "#", text), [float(each.replace(",", "")) for each in found]


@pytest.mark.parametrize("name", ["pairs", "readings", "sums"])
def test_the_page_tells_what_the_code_gives(name, figures, page):
    words, numbers = words_and_numbers(part(page, name))
    now, computed = words_and_numbers(figures[name])
    assert words == now
    assert numbers == pytest.approx(computed, rel=0.05)


def belongs(row, who, pair):
    """Whether a row of the file is of an activity and of the flow of a pair."""
    same = all(row[key] == pair[key] for key in ("direction", "carrier"))
    fuel = row["carrier"] == "material" and row["unit"] == "MWh/y"
    fits = pair["material"] in ("", row["material"]) and not fuel
    return who in (row["sbi"], row["per"]) and same and fits


def test_our_totals_by_a_loop_over_the_rows_of_the_file(page):
    rows = read_csv("flows", "coefficients.csv")
    checked = 0
    for pair, line in zip(flows_reality.published(), lines(page), strict=True):
        if pair["material"] == flows_reality.HARMLESS:
            continue
        total = 0.0
        for each in pair["who"].split("|"):
            who, amount = each.split("=")
            total += float(amount) * sum(
                float(row["mode"]) for row in rows if belongs(row, who, pair)
            )
        ours = total / UNITS[pair["unit"]]
        assert plain(line["ours"]) == pytest.approx(ours, rel=6e-3)
        checked += 1
    assert checked >= 25


def test_factors_are_ours_over_published(page):
    for line in lines(page):
        expected = plain(line["ours"]) / plain(line["published"])
        assert plain(line["factor"]) == pytest.approx(expected, rel=0.01, abs=0.006)


def test_enough_pairs_are_independent_and_circular_ones_are_marked(page):
    told = [line["kind"] for line in lines(page)]
    assert set(told) == {"independent", "circular"}
    assert told.count("independent") >= 8
    for pair, kind in zip(flows_reality.published(), told, strict=True):
        assert (pair["circular"] == "yes") == (kind == "circular")
        codes = [each.split("=")[0] for each in pair["who"].split("|")]
        if any(code in CIRCULAR.get(pair["source"], ()) for code in codes):
            assert kind == "circular"


def test_no_independent_total_is_named_in_the_derivation_of_its_coefficient():
    """The table and the year of a pair never both stand behind a row that it uses."""
    rows = read_csv("flows", "coefficients.csv")
    for pair in flows_reality.published():
        table = re.search(r"\d{5}NED", pair["source"])
        if pair["circular"] == "yes" or table is None:
            continue
        codes = {each.split("=")[0] for each in pair["who"].split("|")}
        for row in rows:
            if row["sbi"] not in codes and row["per"] not in codes:
                continue
            if row["direction"] != pair["direction"]:
                continue
            if row["carrier"] != pair["carrier"]:
                continue
            if pair["material"] in ("", row["material"]):
                behind = table[0] in row["source"] and pair["year"] == row["year"]
                assert not behind, (pair["sector"], row["material"])


def test_every_pair_that_is_far_off_is_read(page):
    said = part(page, "readings")
    for pair, line in zip(flows_reality.published(), lines(page), strict=True):
        factor = plain(line["factor"])
        far = line["factor"].startswith("**")
        assert far or 0.495 <= factor <= 2.005
        if far and line["kind"] == "independent":
            assert len(pair["note"]) > 60 and pair["note"] in said


def test_a_thousand_firms_stay_as_wide_as_their_coefficient(page):
    rows = [
        line.strip("| ").split(" | ") for line in part(page, "sums").split("\n")[2:]
    ]
    spans = [[plain(each) for each in row[2].strip("× ").split("–")] for row in rows]
    row = next(
        row
        for row in read_csv("flows", "coefficients.csv")
        if (row["sbi"], row["direction"], row["material"])
        == ("18", "supply", "waste_paper")
    )
    low, high = (float(row[end]) / float(row["mode"]) for end in ("low", "high"))
    assert spans[-1] == pytest.approx([low, high], rel=0.1)
    assert spans[0][0] <= spans[-1][0] and spans[-1][1] <= spans[0][1]
