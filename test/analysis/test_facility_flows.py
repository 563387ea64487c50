"""Flows of facilities: against a plain loop, and one site once."""

import csv
import io
import math

import numpy as np
import pandas as pd
import pytest
import shapely
from kansenkaart.analysis.errors import RefusalError
from kansenkaart.analysis.flows.coefficients import shipped_coefficients
from kansenkaart.analysis.flows.estimate import estimate_flows
from kansenkaart.analysis.flows.facility import (
    NEEDED,
    OPTIONAL,
    facility_flows,
    read_factors,
    shipped_factors,
)
from kansenkaart.analysis.flows.same_site import activities_of_kinds, same_site
from kansenkaart.analysis.flows.uncertainty import coefficient_ids
from kansenkaart.analysis.flows.units import plain_unit
from kansenkaart.analysis.layers import layer_type
from kansenkaart.analysis.resources import read_csv, read_toml
from kansenkaart.analysis.vocabulary import FACILITY_KINDS
from scipy import constants

FACTORS = read_csv("flows", "facility_factors.csv")
INPUTS = {row["input"]: row for row in read_csv("flows", "facility_inputs.csv")}


@pytest.fixture
def facilities(layer):
    """Make canonical facilities: (kind, capacity, unit) and, if wanted, a place."""

    def make(*rows, xy=None, ids=None):
        count = len(rows)
        places = [(1000 * n, 0) for n in range(count)] if xy is None else xy
        return layer(
            shapely.points(np.asarray(places, float).reshape(-1, 2)),
            facility_id=ids or [f"V{n:03}" for n in range(count)],
            name=pd.Series([f"Plek {n}" for n in range(count)], dtype=object),
            kind=pd.Series([row[0] for row in rows], dtype=object),
            capacity=pd.Series([row[1] for row in rows], dtype=float),
            unit=pd.Series([row[2] for row in rows], dtype=object),
        )

    return make


def table(flows):
    """Quantities by actor, direction, material and quality."""
    return {
        (row.actor_id, row.direction, row.material, row.quality or ""): (
            row.quantity_low, row.quantity, row.quantity_high,
        )
        for row in flows.itertuples()
    }  # fmt: skip


def expected(kind, name, amount):
    return {
        (row["direction"], row["material"], row["quality"]): tuple(
            amount * float(row[each]) for each in ("low", "mode", "high")
        )
        for row in FACTORS
        if (row["kind"], row["input"]) == (kind, name)
    }


def approximately(found, wanted):
    assert found.keys() == wanted.keys()
    for key, numbers in found.items():
        assert numbers == pytest.approx(wanted[key], rel=1e-12), key


# --- from capacity to flows -----------------------------------------------------

WRITTEN = [
    ("wwtp", "pe", "p.e.", 1), ("wwtp", "pe", "i.e.", 1), ("wwtp", "pe", "IE", 1),
    ("wwtp", "pe", "inwonerequivalenten", 1), ("wwtp", "pe", "1000 i.e.", 1000),
    ("power_plant", "mw", "MW", 1), ("power_plant", "mw_gas", "MW gas", 1),
    ("power_plant", "mw_coal", "kW kolen", 1e-3),
    ("power_plant", "mw_biomass", "GW biomass", 1e3),
    ("data_centre", "mw_it", "MW", 1), ("data_centre", "mw_it", "kW", 1e-3),
    ("greenhouse", "ha", "ha", 1), ("greenhouse", "ha", "m2", 1e-4),
    ("greenhouse", "ha", "m²", 1 / constants.hectare),
    ("housing_centre", "homes", "woningen", 1),
    ("waste_processor", "t_waste", "t/y", 1), ("waste_processor", "t_waste", "kt", 1e3),
    ("heat_source", "gwh", "GWh/y", 1), ("heat_source", "gwh", "MWh per jaar", 1e-3),
    ("heat_source", "gwh", "TJ/y", constants.tera / (constants.giga * 3600)),
    ("heat_source", "gwh_100_200", "GWh/y 100-200 °C", 1),
    ("heat_source", "gwh_200_500", "GWh/y 200-500 °C", 1),
    ("heat_source", "gwh_500", "GWh/y 500 °C", 1),
    ("heat_source", "t_co2", "t CO2/y", 1), ("heat_source", "t_co2", "kton CO2", 1e3),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "name", "unit", "factor"), WRITTEN)
def test_a_capacity_gives_what_the_table_says(facilities, kind, name, unit, factor):
    found = facility_flows(facilities((kind, 7.5, unit)), shipped_factors())
    assert found.skipped.empty
    wanted = expected(kind, name, 7.5 * factor)
    assert wanted
    approximately(
        table(found.flows), {("facility-V000", *key): wanted[key] for key in wanted}
    )


def test_conversions_are_told_in_dutch(facilities):
    given = facilities(("wwtp", 1000.5, "i.e."), ("wwtp", 1, "ha"))
    found = facility_flows(given, shipped_factors("nl"), language="nl")
    water = found.flows[found.flows["carrier"] == "water"].iloc[0]
    assert water["source"] == (
        "1000,5 i.e. × 79,6 m³ per jaar; CBS 71476ned 2019: 1904 Mm3 / 23,9 M i.e. "
        "ontwerpcapaciteit, laag is het Vlaamse ontwerpdebiet van 150 l per dag"
    )
    assert found.skipped["possible"].tolist() == ["i.e."]
    english = facility_flows(given, shipped_factors("en"))
    columns = found.flows.columns.drop("source")
    pd.testing.assert_frame_equal(found.flows[columns], english.flows[columns])


@pytest.mark.parametrize("name", sorted(INPUTS))
def test_units_are_read_in_both_languages(facilities, name):
    kind = next(row["kind"] for row in FACTORS if name in (row["input"], *also(row)))
    flows = [
        facility_flows(
            facilities((kind, 7, INPUTS[name][f"unit_{language}"])), shipped_factors()
        ).flows
        for language in ("nl", "en")
    ]
    assert len(flows[0])
    pd.testing.assert_frame_equal(*flows)


def also(factor):
    """Inputs that bring a factor although it is of another one."""
    return [n for n, row in INPUTS.items() if factor["input"] in row["also"].split("|")]


def test_all_inputs_are_tried():
    branches = {name for name in INPUTS if name.startswith("t_co2_")}
    assert {name for _, name, _, _ in WRITTEN} | branches == set(INPUTS)


def test_spellings_are_told_apart_within_a_kind():
    for kind in {row["kind"] for row in FACTORS}:
        used = {row["input"] for row in FACTORS if row["kind"] == kind}
        spellings = [
            plain_unit(row["spelling"])
            for row in read_csv("flows", "facility_units.csv")
            if row["input"] in used
        ]
        assert len(spellings) == len(set(spellings)), kind
        units = {
            (plain_unit(INPUTS[name][f"unit_{language}"]), name)
            for name in used
            for language in ("nl", "en")
        }
        assert len(dict(units)) == len(units), kind


def test_flows_are_canonical_and_say_how_they_came_about(facilities):
    flows = facility_flows(facilities(("wwtp", 1000, "p.e.")), shipped_factors()).flows
    assert list(flows) == [*layer_type("flows").fields, "geometry"]
    water = flows[flows["carrier"] == "water"].iloc[0]
    assert water["source"].startswith("1000 p.e. × 79.6 m³ a year; CBS 71476ned 2019: ")
    assert (water["basis"], water["confidential"]) == ("estimated", False)
    assert (water["quality"], water["temperature_c"]) == ("effluent", 14)
    assert water["flow_id"] == "facility-V000:wwtp-pe:supply:water:effluent"
    assert water["actor_name"] == "Plek 0"
    greenhouse = facility_flows(
        facilities(("greenhouse", 10, "ha")), shipped_factors()
    ).flows
    heat = greenhouse[greenhouse["carrier"] == "heat"].iloc[0]
    assert (heat["direction"], heat["profile"]) == ("demand", "winter")


def test_facilities_that_use_one_factor_are_wrong_together(facilities):
    two = facilities(("wwtp", 10, "p.e."), ("wwtp", 20, "p.e."))
    flows = facility_flows(two, shipped_factors()).flows
    assert len(set(coefficient_ids(flows))) == len(flows) / 2


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (("quay", 5, "m"), "kind"), (("other", 5, "MW"), "kind"),
        (("seveso", None, None), "kind"),
        (("wwtp", None, "p.e."), "capacity"), (("wwtp", 0, "p.e."), "capacity"),
        (("wwtp", -5, "p.e."), "capacity"), (("wwtp", math.inf, "p.e."), "capacity"),
        (("wwtp", 1e13, "p.e."), "capacity"),
        (("wwtp", 5, None), "unit_missing"), (("wwtp", 5, ""), "unit_missing"),
        (("wwtp", 5, "m3/h"), "unit"), (("power_plant", 5, "MW nuclear"), "unit"),
        (("heat_source", 5, "t/y"), "unit"), (("greenhouse", 5, "MW"), "unit"),
    ],
)  # fmt: skip
def test_what_gives_no_flow_is_listed(facilities, row, reason):
    found = facility_flows(facilities(row, ("wwtp", 9, "p.e.")), shipped_factors())
    assert found.skipped[["facility_id", "reason"]].to_numpy().tolist() == [
        ["V000", reason]
    ]
    assert set(found.flows["actor_id"]) == {"facility-V001"}
    assert found.counts["facilities"] == 1


def test_the_units_that_could_be_read_are_named(facilities):
    skipped = facility_flows(facilities(("wwtp", 5, "m3/h")), shipped_factors()).skipped
    assert skipped["possible"].item() == "p.e."


def test_layers_without_capacity_or_facilities(facilities):
    bare = facilities(("wwtp", 5, "p.e.")).drop(columns=["capacity", "unit"])
    found = facility_flows(bare, shipped_factors())
    assert found.skipped["reason"].tolist() == ["capacity"]
    assert found.flows.empty and next(iter(found.flows)) == "flow_id"
    assert facility_flows(facilities(), shipped_factors()).flows.empty


# --- several figures of one site ------------------------------------------------


def test_facilities_at_one_point_are_one_site(facilities):
    rows = [("power_plant", 100, "MW gas"), ("power_plant", 50, "MW gas"),
            ("power_plant", 30, "MW coal"), ("wwtp", 10, "p.e.")]  # fmt: skip
    found = facility_flows(facilities(*rows, xy=[(0, 0)] * 4), shipped_factors())
    assert found.counts["sites"] == 2
    assert set(found.flows["actor_id"]) == {"facility-V000", "facility-V003"}
    assert found.flows["flow_id"].is_unique
    # Gas and coal both give CO2: two flows of one actor.
    co2 = found.flows.query("carrier == 'co2'").set_index("flow_id")["quantity"]
    assert co2.to_dict() == {
        "facility-V000:power_plant-mw_coal:supply:co2:flue": 30 * 2770,
        "facility-V000:power_plant-mw_gas:supply:co2:flue": 150 * 1395,
    }


def test_an_own_heat_figure_goes_before_heat_from_co2(facilities):
    rows = [("heat_source", 1000, "t CO2/y paper"),
            ("heat_source", 2, "GWh/y 100-200 °C"), ("heat_source", 3, "GWh/y"),
            ("heat_source", 1000, "t CO2/y glass")]  # fmt: skip
    places = [(0, 0), (0, 0), (0, 0), (500, 0)]
    found = facility_flows(facilities(*rows, xy=places), shipped_factors())
    wanted = {
        ("facility-V000", "supply", "co2", "flue"): (700, 1000, 1200),
        ("facility-V000", "supply", "heat", "hot_water"): (1000, 2000, 3000),
        ("facility-V003", "supply", "co2", "flue"): (700, 1000, 1200),
        ("facility-V003", "supply", "heat", "steam"): (280, 570, 900),
    }
    approximately(table(found.flows), wanted)
    assert found.counts["replaced"] == 2


def test_inputs_refer_to_inputs():
    for row in INPUTS.values():
        for name in ("also", "unless"):
            assert set(filter(None, row[name].split("|"))) <= set(INPUTS)


# --- one site, once -------------------------------------------------------------


def oracle(facilities, establishments, distance, activities):
    """Every site and establishment, pair by pair, in plain Python."""
    places = {}
    for row in facilities.itertuples():
        key = (row.kind, row.geometry.x, row.geometry.y)
        places[key] = min(places.get(key, "~"), row.facility_id)
    pairs = []
    for (kind, x, y), name in places.items():
        for firm in establishments.itertuples():
            apart = math.hypot(firm.geometry.x - x, firm.geometry.y - y)
            fits = any(firm.sbi.startswith(each) for each in activities.get(kind, ()))
            if fits and apart <= distance:
                pairs.append((apart, firm.est_id, name, (kind, x, y)))
    taken = {}
    for _, est_id, _, key in sorted(pairs):
        if key not in taken and est_id not in taken.values():
            taken[key] = est_id
    return [
        taken.get((row.kind, row.geometry.x, row.geometry.y))
        for row in facilities.itertuples()
    ]


@pytest.mark.parametrize("seed", range(8))
def test_same_site_as_pair_by_pair(facilities, firms, seed):
    rng = np.random.default_rng(seed)
    kinds = rng.choice(["wwtp", "power_plant", "heat_source", "quay"], 60)
    # Whole metres on a small field, so that ties and shared points occur.
    sites = facilities(
        *((kind, 1, "x") for kind in kinds), xy=rng.integers(0, 12, (60, 2)) * 50
    )
    codes = rng.choice(["3700", "3511", "2013", "4711", "35"], 90)
    actors = firms(rng.integers(0, 12, (90, 2)) * 50, sbi=codes)
    activities = activities_of_kinds()
    found = same_site(sites, actors, 100, activities)
    assert found.tolist() == oracle(sites, actors, 100, activities)
    assert sum(each is not None for each in found) > 10


def test_ties_limits_and_order(facilities, firms, shuffled):
    plants = facilities(("wwtp", 1, "p.e."), ("wwtp", 1, "p.e."), xy=[(0, 0), (900, 0)])
    actors = firms([(0, 200), (200, 0), (900, 200.5)], sbi="3700")
    assert same_site(plants, actors, 200).tolist() == ["E0000", None]
    mixed = same_site(shuffled(plants), shuffled(actors), 200)
    assert dict(zip(shuffled(plants)["facility_id"], mixed, strict=True)) == {
        "V000": "E0000", "V001": None,
    }  # fmt: skip


def test_unknown_activities_fit_nothing(facilities, firms):
    actors = firms([(0, 0)], sbi="3700")
    actors["sbi"] = None
    assert same_site(facilities(("wwtp", 1, "p.e.")), actors, 200).tolist() == [None]


def test_a_site_carries_its_establishment(facilities, firms):
    plants = facilities(("wwtp", 9, "p.e."), ("wwtp", 9, "p.e."))
    actors = firms([(0, 150), (1000, 201)], sbi="3700")
    found = facility_flows(plants, shipped_factors(), actors)
    assert set(found.flows["actor_id"]) == {"E0000", "facility-V001"}
    own = found.flows[found.flows["actor_id"] == "E0000"]
    assert set(own["sbi"]) == {"3700"}
    assert set(own["actor_name"]) == {"Bedrijf E0000"}
    assert found.counts["same_site"] == 1


def test_an_establishment_and_its_plant_count_once(facilities, firms):
    """No stream of the plant stands beside the estimate of the same stream."""
    plants = facilities(("wwtp", 50_000, "p.e."))
    actors = firms([(0, 150), (5000, 0)], jobs=20, sbi="3700")
    flows = facility_flows(plants, shipped_factors(), actors).flows
    every = estimate_flows(actors, shipped_coefficients(), reported=flows)
    alone = estimate_flows(actors, shipped_coefficients())
    assert every.counts["replaced"] > 0
    assert len(every.flows) == len(alone.flows) + len(flows) - every.counts["replaced"]
    stream = ["actor_id", "direction", "carrier", "material", "quality"]
    plain = every.flows[stream].astype(object)
    assert not plain.where(plain.notna(), "").duplicated().any()


def test_activities_are_known():
    from kansenkaart.analysis.codes import code_table

    known = {code[:size] for code in code_table("sbi2008") for size in range(2, 6)}
    for kind, prefixes in activities_of_kinds().items():
        assert kind in FACILITY_KINDS
        assert set(prefixes) <= known


def test_the_order_of_facilities_does_not_matter(
    facilities, firms, shuffled, same_tables
):
    rng = np.random.default_rng(5)
    rows = [("wwtp", n + 1, "p.e.") for n in range(20)]
    rows += [("heat_source", n + 1, "kt CO2/y glass") for n in range(20)]
    plants = facilities(*rows, xy=rng.integers(0, 6, (40, 2)) * 100)
    actors = firms(rng.integers(0, 6, (50, 2)) * 100, sbi=["3700", "2311"] * 25)
    first = facility_flows(plants, shipped_factors(), actors)
    second = facility_flows(shuffled(plants), shipped_factors(), shuffled(actors))
    same_tables(first.flows, second.flows)
    same_tables(first.skipped, second.skipped)


# --- a user's own factors -------------------------------------------------------

ROW = {
    "kind": "wwtp", "input": "pe", "direction": "supply", "carrier": "water",
    "material": "water", "low": "1", "mode": "2", "high": "3", "unit": "m3/y",
    "data_quality": "2", "source": "eigen meting",
}  # fmt: skip


def file(*rows, head=(*NEEDED, *OPTIONAL)):
    text = io.StringIO()
    writer = csv.DictWriter(text, head, delimiter=";", restval="")
    writer.writeheader()
    writer.writerows([ROW | row for row in rows])
    return text.getvalue()


def test_own_factors_replace(facilities):
    own = read_factors(file({"low": "0,5", "material": "water"}))
    found = facility_flows(
        facilities(("wwtp", 10, "p.e."), ("greenhouse", 1, "ha")), own
    )
    approximately(
        table(found.flows), {("facility-V000", "supply", "water", ""): (5, 20, 30)}
    )
    assert found.skipped["reason"].tolist() == ["kind"]


def test_a_row_of_zeros_gives_nothing(facilities):
    zero = {"low": "0", "mode": "0", "high": "0"}
    found = facility_flows(facilities(("wwtp", 10, "p.e.")), read_factors(file(zero)))
    assert found.flows.empty


def test_an_own_material_is_kept_and_told(facilities):
    own = read_factors(
        file({"carrier": "material", "material": "knikkers", "unit": "t/y"})
    )
    found = facility_flows(facilities(("wwtp", 10, "p.e.")), own)
    assert found.unknown == ["knikkers"]
    assert np.isnan(found.flows["contracted_share"].item())


@pytest.mark.parametrize(
    ("row", "key"),
    [
        ({"kind": "kiosk"}, "row_word"), ({"input": "pk"}, "row_word"),
        ({"direction": ""}, "row_word"), ({"carrier": "stroom"}, "row_word"),
        ({"unit": "t/y"}, "row_word"), ({"quality": "troebel"}, "row_word"),
        ({"profile": "soms"}, "row_word"), ({"low": ""}, "row_empty"),
        ({"mode": "veel"}, "row_number"), ({"low": "-1"}, "row_number"),
        ({"low": "9"}, "row_order"), ({"source": ""}, "row_empty"),
        ({"data_quality": "7"}, "row_number"), ({"year": "20x1"}, "row_number"),
        ({"contracted_share": "1.2"}, "row_number"),
        ({"carrier": "material", "material": "heat"}, "row_carrier"),
    ],
)  # fmt: skip
def test_rows_of_no_use_are_refused_by_number(row, key):
    with pytest.raises(RefusalError) as refused:
        read_factors(file({"quality": "grey"}, row))
    assert refused.value.key == f"flows.{key}"
    for language in ("nl", "en"):
        assert "3" in refused.value.sentence(language)


def test_double_rows_and_strange_columns_are_refused():
    with pytest.raises(RefusalError) as refused:
        read_factors(file({}, {"mode": "2.5"}))
    assert refused.value.key == "flows.row_double"
    for head in ((*NEEDED, "prijs"), NEEDED[1:]):
        lines = [";".join(head), ";".join("1" for _ in head)]
        with pytest.raises(RefusalError) as refused:
            read_factors("\n".join(lines))
        assert refused.value.key == "messages.table_columns"


def test_both_languages_say_the_same():
    nl, en = (read_toml("texts", each, "facility_flows.toml") for each in ("nl", "en"))
    assert {part: set(nl[part]) for part in nl} == {part: set(en[part]) for part in en}
