"""Reported flows: units, Eural codes, contradictions and places; nothing gets lost."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from kansenkaart.analysis.errors import RefusalError
from kansenkaart.analysis.flows.tables import materials
from kansenkaart.analysis.flows.units import find_unit
from kansenkaart.analysis.layers import layer_type
from kansenkaart.analysis.prepare import mapping_for, prepare
from kansenkaart.analysis.prepare.flows import with_actors
from kansenkaart.analysis.prepare.placing import placed
from kansenkaart.analysis.resources import read_csv, read_toml
from kansenkaart.analysis.texts import text
from scipy import constants

AREA = (0.0, 300_000.0, 300_000.0, 630_000.0)
POINT = shapely.Point(150_000, 450_000)
ROW = {
    "flow_id": "F", "actor_id": "E1", "direction": "supply", "material": "sand",
    "quantity": "10", "unit": "t/y",
}  # fmt: skip


def source(*rows, shapes=None, index=None):
    rows = [ROW | {"flow_id": f"F{place:03}"} | row for place, row in enumerate(rows)]
    table = pd.DataFrame(rows, dtype=object)
    table.index = [str(n + 1) for n in range(len(rows))] if index is None else index
    shapes = [POINT] * len(rows) if shapes is None else shapes
    return gpd.GeoDataFrame(table, geometry=np.array(shapes, dtype=object))


def run(frame, parameters=None, language="en"):
    mapping = mapping_for("flows", None, parameters or {})
    prepared = prepare(
        "flows", frame, mapping, layer="bron", language=language, area_of_use=AREA,
        target_crs=28992,
    )  # fmt: skip
    assert len(frame) == len(prepared.frame) + len(prepared.skipped)
    assert set(prepared.frame.columns) == {*layer_type("flows").fields, "geometry"}
    for key, values in prepared.notes:
        assert text(key, "nl", **values) and text(key, "en", **values)
    return prepared


def one(**row):
    """What becomes of one row: the flow as a table row, or the reason."""
    prepared = run(source(row))
    if prepared.frame.empty:
        return prepared.skipped["reason"].item()
    return prepared.frame.iloc[0]


def reason(key, **values):
    return text(f"prepare_flows.skip.{key}", "en", **values)


def repairs(**row):
    return run(source(row)).repaired["reason"].tolist()


def repair(key):
    return text(f"prepare_flows.repair.{key}", "en")


# --- units: against the physical constants of scipy -----------------------------

TONNE, YEAR = constants.metric_ton, 365 * constants.day
MASS = {
    "kg": 1.0, "kilo": 1.0, "ton": TONNE, "tonnes": TONNE, "t/jaar": TONNE,
    "kton": constants.kilo * TONNE, "Mton": constants.mega * TONNE, "gram": 1e-3,
    "kg/d": YEAR / constants.day, "t/d": TONNE * YEAR / constants.day,
    "kg/week": YEAR / constants.week, "t per week": TONNE * YEAR / constants.week,
    "ton/maand": 12 * TONNE, "kg / maand": 12.0,
}  # fmt: skip
VOLUME = {
    "m3": 1.0, "m³": 1.0, "m³/jr": 1.0, "liter": constants.liter, "Mm3": 1e6,
    "l/s": constants.liter * YEAR, "l/min": constants.liter * YEAR / constants.minute,
    "m3/h": YEAR / constants.hour, "m3 per dag": YEAR / constants.day, "m3/s": YEAR,
    "l/uur": constants.liter * YEAR / constants.hour, "m3/maand": 12.0,
    "1000 m3": 1000.0,
}  # fmt: skip
WATT_HOUR = constants.hour
ENERGY = {
    "kWh": constants.kilo * WATT_HOUR, "MWh": constants.mega * WATT_HOUR,
    "GWh/y": constants.giga * WATT_HOUR, "TWh": constants.tera * WATT_HOUR,
    "MJ": constants.mega, "GJ": constants.giga, "TJ": constants.tera, "PJ": 1e15,
}  # fmt: skip
FAMILIES = (
    ("material", "sand", MASS, TONNE),
    ("co2", "co2", MASS, TONNE),
    ("water", "water", VOLUME, 1.0),
    ("heat", "heat", ENERGY, constants.mega * WATT_HOUR),
    ("material", "natural_gas", ENERGY, constants.mega * WATT_HOUR),
)
WRITTEN = [
    (carrier, material, unit, size / ours)
    for carrier, material, family, ours in FAMILIES
    for unit, size in family.items()
]


@pytest.mark.parametrize(("carrier", "material", "unit", "factor"), WRITTEN)
def test_units_are_what_physics_says(carrier, material, unit, factor):
    flow = one(carrier=carrier, material=material, unit=unit, quantity=3,
               quantity_low=2, quantity_high=5)  # fmt: skip
    found = flow[["quantity", "quantity_low", "quantity_high"]].astype(float)
    assert found.tolist() == pytest.approx([3 * factor, 2 * factor, 5 * factor])
    assert flow["unit"] == materials()[material].unit


@given(
    st.sampled_from([MASS, VOLUME, ENERGY]).flatmap(
        lambda family: st.tuples(*[st.sampled_from(sorted(family))] * 2)
    ),
    st.floats(1e-6, 1e9),
)
@settings(deadline=None)
def test_conversions_round_trip(units, quantity):
    no_hours = np.array([np.nan])
    first, second = (find_unit(unit).per_year(no_hours).item() for unit in units)
    there = quantity * first / second
    assert there * second == pytest.approx(quantity * first, rel=1e-12)
    assert there * second / first == pytest.approx(quantity, rel=1e-12)


def test_every_row_of_the_units_is_tested_or_needs_more():
    tested = {find_unit(unit).name for *_, unit, _ in WRITTEN}
    rest = {row["unit"] for row in read_csv("flows", "units.csv")} - tested
    assert rest == {
        "1000 Nm3", "GW", "MW", "Nm3", "Nm3/h", "kW", "kg/h", "t/h",
    }  # fmt: skip


def test_no_spelling_stands_for_two_units():
    from kansenkaart.analysis.flows.units import plain_unit

    spellings = [
        plain_unit(each)
        for row in read_csv("flows", "units.csv")
        for each in (row["unit"], *row["spellings"].split("|"))
    ]
    assert len(set(spellings)) == len(spellings)


def test_power_needs_its_hours():
    heat = {"carrier": "heat", "material": None, "quantity": 2}
    assert one(**heat, unit="MW") == reason("hours", unit="MW")
    assert one(**heat, unit="MW", hours="4.000")["quantity"] == 8.0
    assert one(**heat, unit="kW", hours=8000)["quantity"] == pytest.approx(16)
    assert one(**heat, unit="MW", hours=8785) == reason("hours", unit="MW")
    assert one(unit="kg/h", quantity=3, hours=1000)["quantity"] == pytest.approx(3)


def test_hours_turn_a_rate_but_not_a_quantity():
    water = {"carrier": "water", "material": "water"}
    assert one(**water, unit="l/s", hours=1000, quantity=1)["quantity"] == 3600
    assert one(**water, unit="m3", hours=1000, quantity=1)["quantity"] == 1


def test_a_volume_of_gas_needs_its_heating_value():
    gas = {"material": "natural_gas", "quantity": 1000}
    for unit in ("m3", "Nm3"):
        assert one(**gas, unit=unit) == reason("heating_value")
        flow = one(**gas, unit=unit, heating_value="31,65")
        assert flow["quantity"] == pytest.approx(1000 * 31.65e6 / 3.6e9)
        assert flow["unit"] == "MWh/y"


@pytest.mark.parametrize(
    ("row", "known"),
    [
        ({"material": "sand", "unit": "m3"}, "t/y"),
        ({"material": "natural_gas", "unit": "ton"}, "MWh/y"),
        ({"carrier": "water", "material": "water", "unit": "GJ"}, "m3/y"),
        ({"carrier": "heat", "material": "heat", "unit": "m3"}, "MWh/y"),
        ({"carrier": "co2", "material": "co2", "unit": "Nm3"}, "t/y"),
    ],
)
def test_a_unit_that_does_not_fit(row, known):
    values = {"unit": row["unit"], "material": row["material"], "known": known}
    assert one(**row) == reason("unit_wrong", **values)


# Mt is a million tonnes to one and a metric ton to another.
@pytest.mark.parametrize("unit", ["", None, "stuks", "t/e", "m", "ton;", "Mt"])
def test_an_unknown_unit(unit):
    assert one(unit=unit) == reason("unit", unit=unit or "–")


# --- materials and Eural codes --------------------------------------------------


def test_every_eural_code_becomes_its_material():
    rows = read_csv("flows", "eural.csv")
    shown = [
        (row["eural"], f"{code[:2]} {code[2:4]} {code[4:]}", str(int(code)))[n % 3]
        for n, row in enumerate(rows)
        for code in [row["eural"]]
    ]
    # Gases are told in energy.
    unit = [materials()[row["material"]].unit for row in rows]
    frame = source(
        *(
            {"eural": code, "material": None, "unit": each}
            for code, each in zip(shown, unit, strict=True)
        )
    )
    found = run(frame).frame
    assert found["material"].tolist() == [row["material"] for row in rows]
    assert found["eural"].tolist() == [row["eural"] for row in rows]
    assert found["hazardous"].tolist() == [row["hazardous"] == "1" for row in rows]
    for flow, row in zip(found.itertuples(), rows, strict=True):
        own = {*(flow.properties or "").split(";")}
        assert {*row["properties"].split("|")} - {""} <= own
        assert ("hazardous" in own) == flow.hazardous


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("02 03 04", "020304"), ("20304", "020304"), ("02.03.04", "020304"),
        (20304, "020304"), (20304.0, "020304"), ("170601*", "170601"),
        ("17 06 01 *", "170601"), (" 17\u00a006\u00a001*", "170601"),
    ],
)  # fmt: skip
def test_eural_codes_as_people_write_them(written, code):
    assert one(eural=written, material=None)["eural"] == code


def test_what_a_star_says():
    assert one(eural="170601", material=None)["hazardous"]
    starred = {"eural": "020304*", "material": None}
    assert one(**starred)["hazardous"]
    assert "hazardous" in one(**starred)["properties"].split(";")
    assert repairs(**starred) == [repair("eural_starred")]
    assert repairs(eural="20304", material=None) == [repair("eural_padded")]
    assert not one(eural="020304", material=None)["hazardous"]
    assert one(eural="020304", material=None, hazardous="ja")["hazardous"]


@pytest.mark.parametrize("code", ["999999", "0203", "2030400", "x", "02 03 04 rest"])
def test_an_eural_code_that_is_not_in_the_list(code):
    assert one(eural=code, material=None) == reason("eural")
    kept = one(eural=code, material="sand")
    assert kept["eural"] is None and kept["material"] == "sand"
    assert repairs(eural=code, material="sand") == [repair("eural_left_out")]


def test_a_material_goes_before_its_eural_code():
    flow = one(eural="020304", material="sand")
    assert (flow["material"], flow["eural"]) == ("sand", "020304")


def test_names_of_materials_are_read():
    for name in ("Zand", "sand", " SAND "):
        assert one(material=name)["material"] == "sand"
    assert one(material="Oud papier en karton")["material"] == "waste_paper"


def test_an_own_material_is_kept_and_told():
    prepared = run(source({"material": "Knikkers"}, {"material": "sand"}))
    assert prepared.frame["material"].tolist() == ["Knikkers", "sand"]
    assert prepared.frame["carrier"].tolist() == ["material"] * 2
    notes = dict(prepared.notes)
    values = {"count": 1, "examples": "Knikkers"}
    assert notes["prepare_flows.note.materials_unknown"] == values
    assert one(material="Knikkers", unit="GJ")["unit"] == "MWh/y"


def test_the_carrier_follows_from_the_material():
    assert one(material="warmte", unit="MWh")["carrier"] == "heat"
    assert one(carrier="water", material=None, unit="m3")["material"] == "water"
    assert one(carrier="Warmte", material=None, unit="MWh")["material"] == "heat"
    assert one(material=None) == reason("no_material")
    assert one(carrier="material", material=None) == reason("no_material")
    assert one(carrier="licht") == reason("carrier")
    assert one(carrier="water", unit="m3") == reason("carrier_material")
    steam = {"carrier": "heat", "material": "stoom", "unit": "MWh"}
    assert one(**steam)["material"] == "heat"
    assert repairs(**steam) == [repair("carrier_itself")]


def test_classes_are_known_by_id_and_name():
    water = {"carrier": "water", "material": "water", "unit": "m3"}
    assert one(**water, quality="Gietwater")["quality"] == "irrigation"
    assert one(**water, quality="effluent")["quality"] == "effluent"
    assert one(**water, quality="troebel")["quality"] is None
    assert repairs(**water, quality="troebel") == [repair("quality")]
    assert one(quality="gebroken, 0-4 mm")["quality"] == "gebroken, 0-4 mm"


# --- contradictions and what nobody says ----------------------------------------


@pytest.mark.parametrize(
    ("row", "key"),
    [
        ({"quantity": "veel"}, "quantity"),
        ({"quantity": "10 ton"}, "quantity"),
        ({"quantity": "1e13"}, "quantity"),
        ({"quantity": "1e300", "unit": "PJ", "carrier": "heat", "material": None},
         "quantity"),
        ({"quantity": None}, "no_quantity"),
        ({"quantity": -0.5}, "negative"),
        ({"quantity_low": 11}, "below_low"),
        ({"quantity_high": 9}, "above_high"),
        ({"contracted_share": "1,01"}, "share"),
        ({"contracted_share": -0.1}, "share"),
    ],
)  # fmt: skip
def test_contradictions_are_skipped(row, key):
    assert one(**row) == reason(key)


@pytest.mark.parametrize("direction", [None, "", "heen", "2"])
def test_a_flow_without_direction(direction):
    assert one(direction=direction) == text("prepare.skip.direction", "en")


def test_directions_are_read_in_both_languages():
    for written, direction in (("Aanbod", "supply"), ("vraag", "demand"),
                               ("Demand", "demand")):  # fmt: skip
        assert one(direction=written)["direction"] == direction
    frame = source({}).drop(columns="direction")
    assert run(frame, {"DIRECTION": "demand"}).frame["direction"].item() == "demand"


def test_what_nobody_says_of_a_reported_flow():
    flow = one()
    assert flow["confidential"] is True
    assert flow["contracted_share"] == 0
    assert flow["basis"] == "reported"
    assert flow["data_quality"] == 1
    assert np.isnan(flow["quantity_low"]) and np.isnan(flow["year"])
    open_flow = one(confidential="nee", contracted_share="0,4", data_quality=3)
    assert open_flow["confidential"] is False
    assert open_flow["contracted_share"] == 0.4
    assert open_flow["data_quality"] == 3


def test_an_estimate_of_somebody_else_stays_gross():
    flow = one(basis="estimated", contracted_share=None)
    assert flow["basis"] == "estimated"
    assert np.isnan(flow["contracted_share"]) and np.isnan(flow["data_quality"])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("quantity_low", "weinig"), ("quantity_low", -1), ("quantity_high", "veel"),
        ("temperature_c", -300), ("temperature_c", "warm"), ("return_c", "koud"),
        ("year", "2021*"), ("year", 20211), ("year", 2021.5), ("data_quality", 6),
        ("data_quality", "goed"), ("profile", "soms"),
    ],
)  # fmt: skip
def test_values_of_no_use_become_empty(name, value):
    assert pd.isna(one(**{name: value})[name])
    said = text("prepare.repair.value", "en", field=name)
    assert repairs(**{name: value}) == [said]


def test_zero_is_a_quantity():
    assert one(quantity=0)["quantity"] == 0


@pytest.mark.parametrize("name", ["direction", "quantity", "unit"])
def test_fields_that_must_be_there(name):
    frame = source({}).drop(columns=name)
    with pytest.raises(RefusalError) as refused:
        run(frame)
    assert refused.value.key == f"prepare_flows.{name}_missing"
    for language in ("nl", "en"):
        assert "actor_id" in refused.value.sentence(language)


def test_one_unit_for_all():
    frame = source({"unit": "x"})
    assert run(frame, {"UNIT": "kg"}).frame["quantity"].item() == pytest.approx(0.01)


def test_the_order_of_rows_does_not_matter():
    words = ["sand", "Knikkers", None, "zand"] * 5
    frame = source(*({"quantity": n, "material": m} for n, m in enumerate(words)))
    first = run(frame)
    mixed = frame.sample(frac=1, random_state=3)
    second = run(mixed)
    pd.testing.assert_frame_equal(
        pd.DataFrame(first.frame.drop(columns="geometry")),
        pd.DataFrame(second.frame.drop(columns="geometry")),
    )
    pd.testing.assert_frame_equal(first.skipped, second.skipped)


def test_an_empty_layer():
    assert run(source({}).iloc[:0]).frame.empty


def test_canonical_flows_come_out_as_they_went_in():
    coded = {"eural": "170601", "material": None, "quantity_low": 5}
    first = run(source(coded, {"material": "Knikkers", "basis": "estimated"})).frame
    again = run(first.set_axis(["1", "2"])).frame
    pd.testing.assert_frame_equal(
        pd.DataFrame(again.drop(columns="geometry")),
        pd.DataFrame(first.drop(columns="geometry")),
    )


CELLS = st.one_of(
    st.none(), st.text(max_size=8), st.floats(), st.integers(),
    st.sampled_from(["sand", "kg", "GJ", "supply", "020304", "heat", "1,5", "-1"]),
)  # fmt: skip
NAMES = (
    "direction", "carrier", "material", "eural", "quantity", "quantity_low", "unit",
    "hours", "quality", "contracted_share", "year", "confidential",
)  # fmt: skip


@given(st.lists(st.fixed_dictionaries(dict.fromkeys(NAMES, CELLS)), max_size=6))
@settings(deadline=None, max_examples=60)
def test_nothing_gets_lost_whatever_the_cells(rows):
    frame = source(*rows) if rows else source({}).iloc[:0]
    found = run(frame).frame
    assert (found["quantity"] >= 0).all()
    assert found["direction"].isin(["supply", "demand"]).all()
    assert found["unit"].isin(["t/y", "m3/y", "MWh/y"]).all()


# --- places and actors ----------------------------------------------------------


def mapped(parameters=None):
    return mapping_for("flows", None, parameters or {})


def shifted(shapes):
    return shapely.transform(shapes, lambda xy: xy + 1000)


def test_places_come_from_geometry_then_columns_then_actor(firms):
    actors = firms([(7, 8)], ids=["E1"])
    frame = source(
        {"x": 1, "y": 2}, {"x": "3,5", "y": 4}, {"x": None, "y": 4}, {"actor_id": "Z"},
        {"x": 0, "y": 0},
        shapes=[shapely.Point(5, 6), None, shapely.Point(0, 0), None, None],
    )  # fmt: skip
    found, notes = placed(frame, mapped(), actors, shifted)
    xy = [None if each is None else (each.x, each.y) for each in found.geometry]
    assert xy[:3] == [(1005, 1006), (1003.5, 1004), (7, 8)]
    assert xy[3:] == [None, (7, 8)]
    counts = {key.split(".")[-1]: values["count"] for key, values in notes}
    assert counts == {"by_coordinates": 1, "by_actor": 2}


def test_a_table_may_hold_degrees():
    frame = source({"x": 5.4, "y": 52.1}, {"x": 4.9, "y": 51}, shapes=[None, None])
    found, notes = placed(frame, mapped(), None, None, lambda: shifted)
    assert [each.x for each in found.geometry] == [1005.4, 1004.9]
    assert notes[0][0].endswith("degrees")
    metres = source({"x": 150_000, "y": 52.1}, {"x": 4.9, "y": 51}, shapes=[None] * 2)
    found, notes = placed(metres, mapped(), None, None, lambda: shifted)
    assert [each.x for each in found.geometry] == [150_000, 4.9]


def test_a_row_without_a_place_is_skipped():
    prepared = run(source({}, shapes=[None]))
    assert prepared.skipped["reason"].item() == text("prepare.skip.no_point", "en")


def test_actors_have_the_name_and_activity_of_their_establishment(firms):
    actors = firms([(7, 8), (9, 9)], sbi=["1071", "2014"], ids=["E1", "E2"])
    baker = {"actor_id": None, "actor_name": "Bakker"}
    second = {"actor_id": "E2", "actor_name": "Zelf"}
    rows = source({"sbi": "3832"}, second, baker, {"actor_id": None})
    flows = run(rows).frame
    found, nobody = with_actors(flows, actors, "opgave")
    assert nobody == 2
    assert found["actor_id"].tolist() == ["E1", "E2", "Bakker", "F003"]
    assert found["actor_name"].tolist() == ["Bedrijf E1", "Zelf", "Bakker", "F003"]
    assert found["sbi"].where(found["sbi"].notna(), None).tolist() == [
        "3832", "2014", None, None,
    ]  # fmt: skip
    assert set(found["source"]) == {"opgave"}


def test_both_languages_say_the_same():
    nl, en = (read_toml("texts", each, "prepare_flows.toml") for each in ("nl", "en"))
    for part in ("skip", "repair", "note"):
        assert set(nl[part]) == set(en[part])
