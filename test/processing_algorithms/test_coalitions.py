"""Coalitions in QGIS: what is written, said, refused and drawn."""

import pytest
from bad_layers import memory, one_sentence, run
from kansenkaart.analysis.layers import layer_type
from kansenkaart.processing_algorithms.styling import style_layer

pytestmark = pytest.mark.usefixtures("provider")

SIDES = {
    "OUTPUT_PARTIES": "coalition_parties",
    "OUTPUT_LINKS": "coalition_links",
    "OUTPUT_MISSING": "coalition_missing",
}
COLUMNS = {name: layer_type("matches").fields[name] for name in (
    "lead_id", "giver", "giver_name", "receiver", "receiver_name", "carrier",
    "material", "unit", "available", "allocated", "distance_m",
)}  # fmt: skip
FLOWS = {name: layer_type("flows").fields[name] for name in (
    "flow_id", "actor_id", "actor_name", "sbi", "direction", "carrier", "material",
    "quantity", "quantity_low", "quantity_high", "unit", "basis", "data_quality",
    "source", "year",
)}  # fmt: skip
HOSTILE = "<b>Hoogoven</b> [% 1 + 1 %]"


def matches(rings=2, size=3, columns=COLUMNS, crs="EPSG:28992", **changed):
    """Rings of parties of which each gives to the next."""
    shapes, rows = [], []
    for ring in range(rings):
        for number in range(size):
            ends = number, (number + 1) % size
            x, y = (155_000 + 20_000 * ring + 500 * each for each in ends)
            shapes.append(f"LineString ({x} 463000, {y} 463000)")
            giver, receiver = (f"r{ring:02}p{each}" for each in ends)
            told = {"giver": giver, "giver_name": HOSTILE, "receiver": receiver}
            told |= {"receiver_name": HOSTILE, "carrier": "heat", "material": "heat"}
            told |= {"unit": "MWh/y", "available": 900.0, "allocated": 900.0 + ring}
            rows.append(
                {"lead_id": f"L{ring}{number}", **told, "distance_m": 650.0} | changed
            )
    return memory("Line", shapes, rows, columns, crs)


def flows(quantity=5000.0):
    told = {"flow_id": "f1", "actor_id": "r00p0", "actor_name": "x", "sbi": "2410"}
    told |= {"direction": "supply", "carrier": "heat", "material": "heat"}
    told |= {"quantity": quantity, "unit": "MWh/y", "basis": "reported"}
    return memory("Point", ["Point (155000 463000)"], [told], FLOWS)


def regions():
    ring = "Polygon ((150000 460000, 200000 460000, 200000 470000, 150000 460000))"
    whole = ring.replace(
        "200000 470000, 150000", "200000 470000, 150000 470000, 150000"
    )
    names = {"region_id": "text", "name": "text"}
    return memory("Polygon", [whole], [{"region_id": "1", "name": "Velsen"}], names)


def found(**parameters):
    given = {"MATCHES": matches(), "OUTPUT": "memory:"} | parameters
    return run("coalitions", **given)


def test_mandatory_only():
    outcome = found()
    assert [[*row] for row in outcome.rows()] == [
        [*layer_type("coalitions").fields]
    ] * 2
    assert outcome.results["COALITION_COUNT"] == 2
    assert outcome.results["PARTY_COUNT"] == outcome.results["MATCH_COUNT"] == 6
    assert all(row["balance"] == pytest.approx(1) for row in outcome.rows())


def test_everything_that_can_come_out():
    more = {"FLOWS": flows(), "REGIONS": regions(), **dict.fromkeys(SIDES, "memory:")}
    outcome = found(**more)
    for name, kind in SIDES.items():
        rows = outcome.rows(name)
        assert rows and all([*row] == [*layer_type(kind).fields] for row in rows)
    (missing,) = outcome.rows("OUTPUT_MISSING")
    assert (missing["wanted"], missing["quantity"]) == ("taker", 4100)
    assert outcome.rows()[0]["name"].endswith("Velsen")
    assert {row["name"] for row in outcome.rows("OUTPUT_PARTIES")} == {HOSTILE}


def test_every_limit_is_used():
    count = lambda **more: found(**more).results["COALITION_COUNT"]  # noqa: E731
    assert count(MATCHES=matches(1, 8), MAX_PARTIES=5) == 2
    assert count(MIN_SIZE=4) == 0
    assert count(MAX_DISTANCE=600) == 0
    assert found(MAX_DISTANCE=600).results["SMALL_COUNT"] == 6


def test_leads_and_other_layers_are_refused():
    leads = {name: kind for name, kind in COLUMNS.items() if name != "allocated"}
    one_sentence(found(MATCHES=matches(columns=leads)).refusal, "matchflows")
    without = {name: kind for name, kind in COLUMNS.items() if name != "giver"}
    one_sentence(found(MATCHES=matches(columns=without)).refusal, "giver")
    for crs in ("", "EPSG:4326"):
        one_sentence(found(MATCHES=matches(crs=crs)).refusal, "28992", "31370")
    one_sentence(found(MATCHES=regions()).refusal)
    one_sentence(found(UNLOCKS=flows()).refusal, "receiver_sbi", "matchflows")
    for most in (2, 101):
        assert not found(MAX_PARTIES=most).ok


def test_what_is_left_out_is_said():
    outcome = found(MATCHES=matches(giver=None))
    assert outcome.results["UNUSABLE_COUNT"] == 6
    assert "(6)" in outcome.log
    assert outcome.rows() == []


def test_without_matches_there_is_a_sentence():
    outcome = found(MATCHES=matches(0), **dict.fromkeys(SIDES, "memory:"))
    assert outcome.ok, outcome.log
    assert "no coalition" in outcome.log
    assert not any(outcome.rows(name) for name in ("OUTPUT", *SIDES))


def test_the_legend_names_the_ten_first_and_puts_the_others_together():
    outcome = found(MATCHES=matches(12))
    ring = "Polygon ((0 0, 1 0, 1 1, 0 0))"
    columns = layer_type("coalitions").fields
    table = memory("Polygon", [ring] * 12, outcome.rows(), columns)
    style_layer(table, "coalitions", "nl")
    labels = [each.label() for each in table.renderer().categories()]
    names = {row["rank"]: row["name"] for row in outcome.rows()}
    assert labels == [*(names[rank] for rank in range(1, 11)), "Andere coalities"]
