"""Whether what leaves an activity can go anywhere, and what is asked for come."""

from collections import defaultdict
from functools import cache

from kansenkaart.analysis.codes import WITH_TABLE, code_table
from kansenkaart.analysis.flows.coefficients import shipped_coefficients
from kansenkaart.analysis.flows.tables import MATERIAL
from kansenkaart.analysis.matching.rules import begins, shipped_rules
from kansenkaart.analysis.matching.uses import (
    shipped_activity_uses,
    shipped_material_uses,
)
from kansenkaart.analysis.resources import read_csv

MIN_FIT = 0.2
ROUNDING = 1e-9
CODES = {code for name in WITH_TABLE for code in code_table(name) if len(code) == 4}
NO_USE = {row["material"] for row in read_csv("matching", "no_use.csv")}
NO_OFFER = read_csv("matching", "no_offer.csv")


def longest(code, prefixes):
    return max(
        (each for each in prefixes if code.startswith(each)), key=len, default=""
    )


@cache
def prefixes_of(direction):
    """Highest figure by prefix, of each material."""
    rows = shipped_coefficients()
    rows = rows[(rows["carrier"] == MATERIAL) & (rows["per"] == "job")]
    found = defaultdict(dict)
    for row in rows[rows["direction"] == direction].itertuples():
        found[row.material][row.sbi] = row.high
    return found


def codes_by_prefix(direction, material):
    """Activities that have a stream, under the prefix that says so."""
    prefixes, found = prefixes_of(direction)[material], defaultdict(set)
    for code in CODES:
        prefix = longest(code, prefixes)
        if prefix and prefixes[prefix] > 0:
            found[prefix].add(code)
    return found


@cache
def importance():
    """Of each use and activity what it replaces, and how much it matters."""
    found = {}
    for use, rows in shipped_activity_uses().groupby("use"):
        told = {row.sbi: (row.replaces, row.importance) for row in rows.itertuples()}
        for code in CODES:
            if prefix := longest(code, told):
                found[use, code] = told[prefix]
    return found


def takers(material):
    """Activities that a use lets take a material."""
    given = shipped_material_uses()
    given = given[given["material"] == material].set_index("use")["suitability"]
    return {
        code
        for (use, code), (replaces, most) in importance().items()
        if given.get(use, 0) * most >= MIN_FIT - ROUNDING
        and code in set().union(*codes_by_prefix("demand", replaces).values())
    }


def ruled(code, side, column, material):
    rules = shipped_rules()
    rules = rules[(rules["carrier"] == MATERIAL) & (rules[column] == material)]
    return any(begins(prefixes, code) for prefixes in rules[side])


def test_what_leaves_an_activity_can_go_somewhere():
    for material in prefixes_of("supply"):
        if material not in NO_USE:
            assert takers(material), material


def test_what_is_asked_for_can_be_replaced_or_says_why_not():
    best = shipped_material_uses().groupby("use")["suitability"].max()
    served = {
        (code, replaces)
        for (use, code), (replaces, most) in importance().items()
        if best[use] * most >= MIN_FIT - ROUNDING
    }
    open_ends = {
        (material, prefix)
        for material in prefixes_of("demand")
        for prefix, codes in codes_by_prefix("demand", material).items()
        for code in codes
        if (code, material) not in served
        and not ruled(code, "receiver_sbi", "replaces", material)
    }
    told = {
        (row["material"], prefix)
        for row in NO_OFFER
        for prefix in row["receiver_sbi"].split("|")
    }
    assert open_ends == told
    assert all(row["reason"] for row in NO_OFFER)
