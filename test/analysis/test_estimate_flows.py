"""Estimated flows: against a double loop in plain Python, and rule by rule."""

import csv
import io

import numpy as np
import pytest
import shapely
from kansenkaart.analysis.errors import RefusalError
from kansenkaart.analysis.flows.coefficients import (
    NEEDED,
    OPTIONAL,
    choose_coefficients,
    coefficient_remarks,
    read_coefficients,
    shipped_coefficients,
)
from kansenkaart.analysis.flows.estimate import estimate_flows
from kansenkaart.analysis.flows.tables import materials, profiles
from kansenkaart.analysis.layers import layer_type
from kansenkaart.analysis.resources import read_csv

HEAD = (*NEEDED, *OPTIONAL, "source_nl")
ROW = {
    "sbi": "10", "direction": "supply", "carrier": "material", "material": "gft",
    "low": "1", "mode": "2", "high": "4", "unit": "t/y", "data_quality": "3",
    "source": "een bron",
}  # fmt: skip
WATER = {"carrier": "water", "material": "water", "unit": "m3/y", "direction": "demand"}


def file(*rows, head=HEAD):
    """A file of coefficients; every row is one of ours with some cells changed."""
    text = io.StringIO()
    writer = csv.DictWriter(text, head, delimiter=";", restval="")
    writer.writeheader()
    writer.writerows([ROW | row for row in rows])
    return text.getvalue()


def own(*rows):
    return choose_coefficients(own=file(*rows))


def table(flows, *fields):
    """Some fields of the flows, as sorted tuples."""
    frame = flows[list(fields)].astype(object)
    return sorted(map(tuple, frame.where(frame.notna(), None).to_numpy().tolist()))


@pytest.fixture
def reported(layer):
    """Make canonical reported flows."""

    def make(*rows):
        kind = layer_type("flows")
        plain = {
            "actor_name": "x", "sbi": "1013", "direction": "supply",
            "carrier": "material", "material": "gft", "quantity": 5.0,
            "quantity_low": 5.0, "quantity_high": 5.0, "unit": "t/y",
            "basis": "reported", "data_quality": 1, "source": "opgave", "year": 2024,
        }  # fmt: skip
        table = [
            plain | {"flow_id": f"R{number}"} | row for number, row in enumerate(rows)
        ]
        names = [name for name in kind.fields if any(name in row for row in table)]
        columns = {name: [row.get(name) for row in table] for name in names}
        return layer(shapely.points([[9, 9]] * len(rows)), **columns)

    return make


# The oracle: a loop over firms and, for each, over all rows of the file.


def expected_flows(firms, rows):
    found = {}
    for firm in firms.itertuples():
        best = {}
        for row in rows:
            if row["per"] in ("", "job") and firm.sbi.startswith(row["sbi"]):
                stream = (row["direction"], row["carrier"], row["material"])
                best[stream] = max(best.get(stream, 0), len(row["sbi"]))
        for row in rows:
            stream = (row["direction"], row["carrier"], row["material"])
            if (
                row["per"] in ("", "job")
                and firm.sbi.startswith(row["sbi"])
                and len(row["sbi"]) == best[stream]
                and float(row["mode"]) * firm.jobs > 0
            ):
                found[firm.est_id, *stream, row["quality"] or None] = tuple(
                    firm.jobs * float(row[name]) for name in ("mode", "low", "high")
                )
    return found


@pytest.fixture(scope="module")
def many(firms):
    """Firms of all activities that a shipped coefficient names, and some others."""
    rng = np.random.default_rng(4)
    codes = sorted({row["sbi"] for row in read_csv("flows", "coefficients.csv")} - {""})
    codes += ["9999", "6420", "10131", "20149", "01500"]
    xy = rng.uniform(0, 9000, (len(codes), 2))
    frame = firms(xy, rng.lognormal(2, 1.5, len(codes)), codes)
    frame.loc[::17, "jobs"] = np.nan
    frame.loc[::23, "jobs"] = 0
    return frame


def test_as_a_double_loop_over_firms_and_rows(many):
    found = estimate_flows(many, shipped_coefficients()).flows
    known = many[many["jobs"].notna()]
    expected = expected_flows(known, read_csv("flows", "coefficients.csv"))
    assert len(found) == len(expected) > 5000
    keys = ["actor_id", "direction", "carrier", "material", "quality"]
    numbers = ["quantity", "quantity_low", "quantity_high"]
    for key, values in zip(
        found[keys].itertuples(index=False, name=None),
        found[numbers].to_numpy(),
        strict=True,
    ):
        assert values == pytest.approx(expected[key], rel=1e-12)
    total = sum(values[0] for values in expected.values())
    assert found["quantity"].sum() == pytest.approx(total, rel=1e-9)


def test_flows_are_canonical(many):
    found = estimate_flows(many, shipped_coefficients()).flows
    assert list(found) == [*layer_type("flows").fields, "geometry"]
    assert found["flow_id"].is_unique and found["flow_id"].is_monotonic_increasing
    mandatory = [*layer_type("flows").mandatory]
    mandatory.remove("year")
    assert not found[mandatory].isna().any().any()
    known = materials()
    assert (found["unit"] == found["material"].map(lambda m: known[m].unit)).all()
    assert set(found["carrier"]) == {"material", "water", "heat", "co2"}
    assert set(found["basis"]) == {"estimated"}
    assert found["confidential"].eq(True).all()
    places = many.set_index("est_id").geometry
    assert (shapely.to_wkb(found.geometry.to_numpy()) == shapely.to_wkb(
        places[found["actor_id"]].to_numpy())).all()  # fmt: skip


def test_the_order_of_the_rows_does_not_matter(many, shuffled, same_tables):
    lines = file(*read_csv("flows", "coefficients.csv")[:400]).splitlines()
    turned = "\n".join([lines[0], *lines[:0:-1]])
    one = estimate_flows(many, choose_coefficients("\n".join(lines)))
    other = estimate_flows(shuffled(many), choose_coefficients(turned))
    same_tables(one.flows, other.flows)
    same_tables(one.skipped, other.skipped)


def test_blocks_are_put_together(many, monkeypatch, same_tables):
    whole = estimate_flows(many, shipped_coefficients()).flows
    monkeypatch.setattr("kansenkaart.analysis.flows.written.BLOCK", 777)
    told = []
    same_tables(
        whole, estimate_flows(many, shipped_coefficients(), progress=told.append).flows
    )
    assert told == sorted(told) and len(told) > 8


def test_ids_with_colons_in_them_are_sorted_too(firms):
    places = firms([[0, 0]] * 3, 1, "1013", ["A", "A:supply:z", "A:1"])
    found = estimate_flows(places, own({}, {"sbi": "1013", "material": "zout"})).flows
    assert found["flow_id"].is_monotonic_increasing and found["flow_id"].is_unique
    assert len(found) == 6


# Which rows a firm uses.


def test_the_longest_prefix_wins_per_stream_with_all_its_classes(firms):
    coefficients = own(
        {"material": "gft"},
        {"material": "waste_paper"},
        WATER | {"quality": "drinking"},
        WATER | {"quality": "cooling"},
        {"sbi": "1013", "material": "gft", "mode": "3"},
        WATER | {"sbi": "1013", "quality": "process", "mode": "3"},
        WATER | {"sbi": "1013", "direction": "supply", "quality": "raw", "mode": "4"},
    )
    found = estimate_flows(firms([[0, 0]] * 2, 10, ["1013", "1020"]), coefficients)
    fields = ("actor_id", "direction", "material", "quality", "quantity")
    assert table(found.flows, *fields) == [
        ("E0000", "demand", "water", "process", 30.0),
        ("E0000", "supply", "gft", None, 30.0),
        ("E0000", "supply", "waste_paper", None, 20.0),
        ("E0000", "supply", "water", "raw", 40.0),
        ("E0001", "demand", "water", "cooling", 20.0),
        ("E0001", "demand", "water", "drinking", 20.0),
        ("E0001", "supply", "gft", None, 20.0),
        ("E0001", "supply", "waste_paper", None, 20.0),
    ]


def test_a_row_of_zeros_switches_off_and_makes_no_flow(firms):
    nothing = {"low": "0", "mode": "0", "high": "0"}
    coefficients = own(
        {},
        WATER | {"quality": "drinking"},
        WATER | {"quality": "cooling"},
        nothing | {"sbi": "1013"},
        nothing | WATER | {"sbi": "1013", "quality": "cooling"},
        nothing | {"sbi": "20"},
    )
    found = estimate_flows(
        firms([[0, 0]] * 3, 1, ["1013", "1012", "2014"]), coefficients
    )
    assert set(found.flows["actor_id"]) == {"E0001"}
    assert len(found.flows) == 3
    assert found.counts["without_coefficient"] == 2


def test_what_is_unknown_makes_no_flow_and_is_listed(firms):
    places = firms([[0, 0]] * 5, [1, np.nan, -3, 0, 2], "1013")
    places["sbi"] = places["sbi"].astype(object)
    places.loc[4, "sbi"] = None
    found = estimate_flows(places, own({}))
    assert found.flows["actor_id"].tolist() == ["E0000"]
    assert table(found.skipped, *found.skipped) == [
        ("establishments", "E0001", "jobs_unknown"),
        ("establishments", "E0002", "jobs_unknown"),
        ("establishments", "E0004", "activity_unknown"),
    ]
    said = dict(found.remarks())
    assert said["flows.said.jobs_unknown"] == {"count": 2}
    assert said["flows.said.no_jobs"] == {"count": 1}


def test_fields_come_from_the_row_else_from_the_material(firms):
    known = materials()
    dangerous = next(code for code, m in known.items() if m.hazardous)
    coefficients = own(
        {"material": "gft"},
        {"material": "waste_paper", "contracted_share": "0,25"},
        {"material": "eigen_stof"},
        {"material": dangerous},
        {"carrier": "heat", "material": "heat", "unit": "MWh/y", "quality": "low",
         "temperature_c": "35", "return_c": "20", "profile": "winter", "year": "2021"},
    )  # fmt: skip
    estimate = estimate_flows(firms([[1, 2]], 1, "1013"), coefficients)
    found = estimate.flows.set_index("material")
    assert found.loc["gft", "contracted_share"] == known["gft"].contracted_share
    assert found.loc["waste_paper", "contracted_share"] == 0.25
    assert np.isnan(found.loc["eigen_stof", "contracted_share"])
    assert estimate.counts["gross"] == 1
    assert found.loc[dangerous, "hazardous"] is True
    assert "hazardous" in found.loc[dangerous, "properties"].split(";")
    assert found.loc["gft", "hazardous"] is False
    heat = found.loc["heat"]
    assert (heat["temperature_c"], heat["return_c"], heat["year"]) == (35, 20, 2021)
    assert (heat["profile"], heat["quality"]) == ("winter", "low")
    assert np.isnan(found.loc["gft", "year"]) and found.loc["gft", "profile"] is None
    assert found.loc["gft", "source"] == "een bron"
    assert found.loc["gft", "data_quality"] == 3
    remarks = dict(estimate.remarks())
    assert remarks["flows.materials_unknown"] == {"names": "eigen_stof"}


# Own files.


def test_coefficients_replace_and_extra_coefficients_extend_and_override():
    shipped = read_csv("flows", "coefficients.csv")
    first = next(row for row in shipped if row["carrier"] == "material")
    extra = file(
        first | {"low": "7", "mode": "8", "high": "9"},
        {"sbi": "99", "material": "gft"},
    )
    both = choose_coefficients(extra=extra)
    assert len(both) == len(shipped) + 1
    changed = both[(both["sbi"] == first["sbi"]) & (both["mode"] == 8)]
    assert changed["material"].tolist() == [first["material"]]
    assert len(choose_coefficients(file({}))) == 1
    mixed = choose_coefficients(file({}, {"sbi": "11"}), file({"mode": "3"}))
    assert table(mixed, "sbi", "mode") == [("10", 3.0), ("11", 2.0)]
    assert len(choose_coefficients(extra=file())) == len(shipped)
    assert choose_coefficients(file(), file()).empty


def test_an_extra_row_about_one_kind_of_line_leaves_the_others():
    shipped = read_csv("flows", "coefficients.csv")
    verges = [r for r in shipped if r["per"] == "km" and r["kind"] == "road"]
    both = choose_coefficients(extra=file(verges[0] | {"high": "99"}))
    assert len(both) == len(shipped)


def test_the_shipped_file_is_read_as_it_stands():
    shipped = read_csv("flows", "coefficients.csv")
    found = shipped_coefficients()
    assert len(found) == len(shipped) and found["id"].is_unique
    for name in ("low", "mode", "high"):
        assert found[name].sum() == pytest.approx(sum(float(r[name]) for r in shipped))
    assert coefficient_remarks(found) == []


def test_numbers_with_a_comma_and_columns_that_are_left_out():
    text = file({"mode": "2,5", "high": "1.234,5"}, head=NEEDED)
    (row,) = read_coefficients(text, "COEFFICIENTS").itertuples()
    assert (row.mode, row.high, row.per) == (2.5, 1234.5, "job")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"low": "5"}, ["low", "mode", "high"]),
        ({"high": "1"}, ["low", "mode", "high"]),
        ({"low": "0", "mode": "0"}, ["mode"]),
        ({"low": "-1"}, ["low", "-1"]),
        ({"mode": "veel"}, ["mode", "veel"]),
        ({"mode": "1e300"}, ["mode", "1e300"]),
        ({"mode": ""}, ["mode"]),
        ({"unit": ""}, ["unit", "t/y"]),
        ({"unit": "m3/y"}, ["unit", "m3/y", "t/y"]),
        ({"material": "eigen", "unit": "kg"}, ["unit", "kg", "MWh/y"]),
        (WATER | {"unit": "t/y"}, ["unit", "m3/y"]),
        (WATER | {"material": "gft"}, ["material", "gft", "water"]),
        (WATER | {"quality": "zuiver"}, ["quality", "zuiver", "drinking"]),
        ({"material": "water"}, ["water"]),
        ({"material": ""}, ["material"]),
        ({"direction": "aanbod"}, ["direction", "aanbod", "supply"]),
        ({"carrier": ""}, ["carrier", "co2"]),
        ({"sbi": ""}, ["activity code"]),
        ({"sbi": "1"}, ["1", "zero"]),
        ({"sbi": "10.13"}, ["10.13"]),
        ({"sbi": "C10"}, ["C10"]),
        ({"per": "inhabitant"}, ["11", "inhabitant"]),
        ({"per": "woning"}, ["per", "woning", "inhabitant"]),
        ({"kind": "nature"}, ["kind", "nature"]),
        ({"sbi": "", "per": "ha", "kind": "bos"}, ["kind", "bos", "nature"]),
        ({"sbi": "", "per": "km", "kind": ""}, ["kind", "road"]),
        ({"profile": "herfst"}, ["profile", "herfst", "summer"]),
        ({"contracted_share": "60"}, ["contracted_share", "60"]),
        ({"data_quality": "6"}, ["data_quality", "6"]),
        ({"data_quality": "2.5"}, ["data_quality", "2.5"]),
        ({"data_quality": ""}, ["data_quality"]),
        ({"year": "20212"}, ["year", "20212"]),
        ({"temperature_c": "heet"}, ["temperature_c", "heet"]),
        ({"source": ""}, ["source"]),
    ],
)
def test_a_row_that_cannot_be_used_is_refused_by_its_number(change, words):
    with pytest.raises(RefusalError) as refused:
        choose_coefficients(extra=file({}, {"sbi": "11"} | change))
    for language in ("nl", "en"):
        told = refused.value.sentence(language)
        assert "EXTRA_COEFFICIENTS" in told and " 3 " in told
    assert all(word in told for word in words), told


def test_double_keys_are_refused_and_overlapping_prefixes_are_not():
    overlapping = ({"sbi": "10"}, {"sbi": "101"}, {"sbi": "1013"})
    assert len(own(*overlapping)) == 3
    with pytest.raises(RefusalError) as refused:
        own(*overlapping, {"sbi": "101", "source": "andere bron"})
    assert "3 and 5" in str(refused.value)


@pytest.mark.parametrize(
    "text", ["", "sbi\n", "\0", file({}).replace("unit", "eenheid")]
)
def test_files_with_other_columns_are_refused(text):
    with pytest.raises(RefusalError):
        choose_coefficients(text)


def test_unknown_columns_are_refused_by_name():
    with pytest.raises(RefusalError, match="toelichting"):
        own_head = file({}).replace("derivation", "toelichting")
        choose_coefficients(own_head)


def test_an_activity_in_no_list_is_told(firms):
    found = estimate_flows(firms([[0, 0]], 1, "111"), own({"sbi": "111"}))
    assert dict(found.remarks())["flows.prefixes_unknown"] == {"names": "111"}
    assert len(found.flows) == 1


# Households, land and lines.


@pytest.fixture
def land(layer):
    """Regions, zones and lines of known size."""
    square = shapely.box(0, 0, 1000, 1000)
    line = shapely.LineString([[0, 0], [3000, 0], [3000, 4000]])
    return {
        "regions": layer(
            [square] * 3,
            region_id=["r1", "r2", "r3"],
            name=["Een", "Twee", "Drie"],
            population=[1000, np.nan, 0],
        ),
        "zones": layer(
            [square] * 4,
            zone_id=["z1", "z2", "z3", "z4"],
            name=["Een", "Twee", "Drie", None],
            kinds=["agriculture;nature", "business_park", None, "nature"],
            area_ha=[7.0, 8.0, 9.0, np.nan],
        ),
        "infrastructure": layer(
            [line, line], infra_id=["l1", "l2"], mode=["road", "pipeline"]
        ),
    }


PER = (
    {"sbi": "", "per": "inhabitant"},
    {"sbi": "", "per": "ha", "kind": "nature", "material": "roadside_grass"},
    {"sbi": "", "per": "ha", "kind": "agriculture", "material": "straw"},
    {"sbi": "", "per": "ha", "kind": "agriculture", "material": "roadside_grass"},
    {"sbi": "", "per": "km", "kind": "road", "material": "pruning_wood"},
)


def test_inhabitants_hectares_and_kilometres(firms, land):
    found = estimate_flows(firms([[0, 0]], 1, "8411"), own(*PER), **land)
    flows = found.flows
    assert table(flows, "actor_id", "material", "quantity", "sbi") == [
        ("line-l1", "pruning_wood", 14.0, None),
        ("region-r1", "gft", 2000.0, None),
        ("zone-z1", "roadside_grass", 14.0, None),
        ("zone-z1", "roadside_grass", 14.0, None),
        ("zone-z1", "straw", 14.0, None),
        ("zone-z4", "roadside_grass", 200.0, None),
    ]
    assert flows["flow_id"].is_unique
    assert flows["confidential"].eq(False).all()
    assert dict(zip(flows["actor_id"], flows["actor_name"], strict=True)) == {
        "line-l1": "l1", "region-r1": "Een", "zone-z1": "Een", "zone-z4": "z4",
    }  # fmt: skip
    for flow in flows.itertuples():
        role = {"l": "infrastructure", "r": "regions", "z": "zones"}[flow.actor_id[0]]
        assert flow.geometry.within(land[role].geometry.iloc[0].buffer(1e-6))
    assert table(found.skipped, *found.skipped) == [
        ("regions", "r2", "population_unknown")
    ]


def test_without_a_population_field_nobody_lives_there(firms, land):
    regions = land["regions"].drop(columns="population")
    found = estimate_flows(firms([[0, 0]], 1, "10"), own(*PER), regions=regions)
    assert found.flows.empty and len(found.skipped) == 3


def collectors(firms, **options):
    shipped = shipped_coefficients()
    codes = ["3811", "8899", "3700", "0161", "0111", "1013", "5221"]
    return estimate_flows(firms([[0, 0]] * 7, 10, codes), shipped, **options)


def test_what_households_give_is_not_counted_with_collectors_too(firms, land):
    """The rows that ``same_stream.csv`` lists, by an own reading of that file."""
    alone = collectors(firms)
    for role, per in (("regions", "inhabitant"), ("zones", "ha"), (
            "infrastructure", "km")):  # fmt: skip
        found = collectors(firms, **{role: land[role]})
        listed = [
            row for row in read_csv("flows", "same_stream.csv")
            if row["per"] == per and row["kind"] not in ("rail", "water")
        ]  # fmt: skip
        gone = {
            flow.flow_id
            for flow in alone.flows.itertuples()
            for row in listed
            if flow.direction == "supply" and flow.material == row["material"]
            and flow.sbi.startswith(tuple(row["sbi"].split("|")))
        }  # fmt: skip
        of_firms = found.flows[found.flows["sbi"].notna()]
        assert gone and set(of_firms["flow_id"]) == set(alone.flows["flow_id"]) - gone
        assert found.counts["same_stream"] == len(gone)


def test_collectors_stay_where_households_give_nothing(firms, land):
    """A layer without anything of that kind must not lose a stream altogether."""
    empty = land["regions"].assign(population=np.nan)
    alone = collectors(firms)
    assert set(collectors(firms, regions=empty).flows["flow_id"]) == set(
        alone.flows["flow_id"]
    )


# Reported flows.


def both(firms, coefficients, told):
    return estimate_flows(firms([[0, 0]] * 2, 10, "1013"), coefficients, reported=told)


def test_a_reported_flow_replaces_the_firms_own_estimate_only(firms, reported):
    coefficients = own({}, {"direction": "demand"}, {"material": "waste_paper"})
    found = both(firms, coefficients, reported({"actor_id": "E0000"}))
    fields = ("actor_id", "direction", "material", "quantity", "basis")
    assert table(found.flows, *fields) == [
        ("E0000", "demand", "gft", 20.0, "estimated"),
        ("E0000", "supply", "gft", 5.0, "reported"),
        ("E0000", "supply", "waste_paper", 20.0, "estimated"),
        ("E0001", "demand", "gft", 20.0, "estimated"),
        ("E0001", "supply", "gft", 20.0, "estimated"),
        ("E0001", "supply", "waste_paper", 20.0, "estimated"),
    ]
    assert found.counts["replaced"] == 1
    assert found.flows["flow_id"].is_monotonic_increasing


def test_a_reported_flow_that_names_a_class_leaves_the_others(firms, reported):
    coefficients = own(WATER | {"quality": "drinking"}, WATER | {"quality": "cooling"})
    told = {"actor_id": "E0000", "direction": "demand", "carrier": "water",
            "material": "water", "unit": "m3/y"}  # fmt: skip
    named = both(firms, coefficients, reported(told | {"quality": "cooling"}))
    assert named.counts["replaced"] == 1
    qualities = named.flows.query("actor_id == 'E0000'")["quality"]
    assert sorted(qualities) == ["cooling", "drinking"]
    unnamed = both(firms, coefficients, reported(told))
    assert unnamed.counts["replaced"] == 2
    assert len(unnamed.flows.query("actor_id == 'E0000'")) == 1


def test_a_reported_class_replaces_an_estimate_without_one(firms, reported):
    told = reported({"actor_id": "E0000", "quality": "schoon"})
    assert both(firms, own({}), told).counts["replaced"] == 1


def test_reported_flows_pass_through_with_what_is_supposed_of_them(firms, reported):
    told = reported(
        {"actor_id": "elders", "contracted_share": 0.3, "confidential": False},
        {"actor_id": "elders", "material": "zout"},
        {"actor_id": "wkk", "basis": "estimated"},
    )
    found = both(firms, own({}), told).flows.set_index("flow_id")
    assert found.loc["R0", ["contracted_share", "confidential"]].tolist() == [
        0.3,
        False,
    ]
    assert found.loc["R1", ["contracted_share", "confidential"]].tolist() == [0, True]
    assert np.isnan(found.loc["R2", "contracted_share"])
    assert found.loc["R2", "quantity"] == 5
    assert len(found) == 5


def test_ids_of_reported_flows_stay_theirs(firms, reported):
    free = estimate_flows(firms([[0, 0]], 10, "1013"), own({})).flows["flow_id"][0]
    told = reported({"actor_id": "elders", "flow_id": free})
    found = both(firms, own({}), told).flows
    assert found["flow_id"].is_unique and len(found) == 3
    assert found.set_index("flow_id").loc[free, "actor_id"] == "elders"


def test_never_both(many, reported):
    """Whatever firms report, no stream of theirs is estimated beside it."""
    rng = np.random.default_rng(8)
    estimates = estimate_flows(many, shipped_coefficients()).flows
    names = ["actor_id", "direction", "carrier", "material", "quality"]
    picked = estimates.iloc[rng.choice(len(estimates), 400, replace=False)]
    rows = picked[names].to_dict("records")
    for row in rows[::2]:
        row["quality"] = None
    found = estimate_flows(many, shipped_coefficients(), reported=reported(*rows))
    kept = found.flows.query("basis == 'estimated'")
    told = {tuple(row.values()) for row in rows}
    wild = {key[:4] for key in told if key[4] is None}
    assert not [
        key for key in kept[names].itertuples(index=False, name=None)
        if key in told or key[:4] in wild
    ]  # fmt: skip
    assert len(kept) == len(estimates) - found.counts["replaced"]
    assert (found.flows["basis"] == "reported").sum() == len(rows)
    lost = set(estimates["flow_id"]) - set(kept["flow_id"])
    assert all(
        tuple(row[:4]) in {key[:4] for key in told}
        for row in estimates.set_index("flow_id").loc[sorted(lost), names].to_numpy()
    )


def test_nothing_at_all(firms, reported, land):
    nobody = firms(np.empty((0, 2)), [], [])
    for coefficients in (shipped_coefficients(), choose_coefficients(file())):
        found = estimate_flows(nobody, coefficients)
        assert found.flows.empty and list(found.flows)[:-1] == [
            *layer_type("flows").fields
        ]
        assert found.skipped.empty
        told = estimate_flows(
            nobody, coefficients, reported=reported({"actor_id": "x"})
        )
        assert len(told.flows) == 1
    empty = {role: layer.iloc[:0] for role, layer in land.items()}
    assert estimate_flows(nobody, shipped_coefficients(), **empty).flows.empty


def test_profiles_are_twelve_shares():
    assert all(sum(shares) == pytest.approx(1) for shares in profiles().values())


@pytest.mark.parametrize("seed", range(6))
def test_random_files_as_the_double_loop(firms, seed):
    """Prefixes that overlap in every way, classes, zeros, in no order."""
    rng = np.random.default_rng(seed)
    codes = ["10", "101", "1011", "10111", "1013", "11", "110", "20"]
    streams = [
        {}, {"direction": "demand"}, {"material": "waste_paper"},
        *(WATER | {"quality": name} for name in ("drinking", "process", "cooling")),
        *(WATER | {"direction": "supply", "quality": name} for name in ("grey", "raw")),
    ]  # fmt: skip
    rows = [
        ROW | {"per": "", "quality": ""} | stream | {"sbi": code}
        for code in codes
        for stream in streams
        if rng.random() < 0.5
    ]
    for row in rows:
        numbers = np.sort(rng.lognormal(0, 2, 3)) * (rng.random() < 0.8)
        row |= dict(zip(("low", "mode", "high"), map(str, numbers), strict=True))
    rng.shuffle(rows)
    activities = rng.choice([*codes, "10119", "10130", "1102", "2110"], 60)
    places = firms(rng.uniform(0, 9, (60, 2)), rng.lognormal(1, 1, 60), activities)
    found = estimate_flows(places, own(*rows)).flows
    keys = found[["actor_id", "direction", "carrier", "material", "quality"]]
    numbers = found[["quantity", "quantity_low", "quantity_high"]].to_numpy()
    expected = expected_flows(places, rows)
    assert set(keys.itertuples(index=False, name=None)) == set(expected)
    for key, values in zip(
        keys.itertuples(index=False, name=None), numbers, strict=True
    ):
        assert values == pytest.approx(expected[key], rel=1e-12)
