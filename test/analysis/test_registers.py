"""Every shipped preset on a small register that is written as its source writes.

Whoever picks a preset names no field: only the preset is given here.
"""

import csv
import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from kansenkaart.analysis.errors import RefusalError
from kansenkaart.analysis.prepare import mapping_for, prepare
from kansenkaart.analysis.presets import load_preset, preset_ids
from kansenkaart.analysis.resources import resource_path
from kansenkaart.analysis.texts import text

REGISTERS = Path(__file__).resolve().parents[1] / "data" / "registers"
ROLES = sorted(folder.name for folder in resource_path("presets").iterdir())


def register(name):
    path = next(REGISTERS.glob(f"{name}.*"))
    return from_csv(path) if path.suffix == ".csv" else from_geojson(path)


def from_csv(path):
    with path.open(encoding="utf-8", newline="") as file:
        rows = pd.DataFrame(csv.DictReader(file, delimiter=";"), dtype=object)
    places = rows[["x", "y"]].astype(float).to_numpy()
    rows = rows.drop(columns=["x", "y"]).replace("", None)
    return numbered(rows, shapely.points(places))


def from_geojson(path):
    features = json.loads(path.read_text(encoding="utf-8"))["features"]
    rows = pd.DataFrame([feature["properties"] for feature in features], dtype=object)
    shapes = [feature["geometry"] for feature in features]
    return numbered(
        rows, [shape and shapely.from_geojson(json.dumps(shape)) for shape in shapes]
    )


def numbered(rows, shapes):
    rows.index = [str(number + 1) for number in range(len(rows))]
    return gpd.GeoDataFrame(rows, geometry=np.array(shapes, dtype=object))


def run(role, preset, name, parameters=None, language="nl"):
    frame = register(name)
    mapping = mapping_for(role, load_preset(role, preset), parameters or {})
    prepared = prepare(role, frame, mapping, layer=name, language=language)
    assert len(frame) == len(prepared.frame) + len(prepared.skipped)
    return prepared


def rows_of(prepared, columns):
    frame = prepared.frame[columns.split()].astype(object)
    return list(frame.where(frame.notna(), None).itertuples(index=False, name=None))


def skipped(prepared):
    table = prepared.skipped
    return dict(zip(table["source_id"], table["reason"], strict=True))


def said(prepared, key, language="nl"):
    notes = [values for name, values in prepared.notes if name == f"prepare.note.{key}"]
    return [text(f"prepare.note.{key}", language, **values) for values in notes]


def left_out(column, value):
    return f"Niet gekozen in de voorinstelling: {column} = {value}"


MORPHOLOGY = {
    "dual": "weg met gescheiden rijbanen die geen autosnelweg is",
    "ramp": "op- of afrit, behorende tot een niet-gelijkgrondse verbinding",
    "single": "weg bestaande uit één rijbaan",
}
FIRM = "est_id name sbi jobs jobs_low jobs_high"
PLANT = "est_id name sbi"
ZONE = "zone_id name kinds area_ha available_ha"
LINE = "infra_id mode class name"
PLACE = "facility_id name kind capacity unit"
AREA = "region_id name population"
LIMIT = "kind effect"
CLOSED = "Niet gekozen in de voorinstelling: Datum_stopzetting is ingevuld"
ORIGIN = "Ligt op coördinaat (0, 0): de plek is onbekend"
NO_TABLE = "Geen tabel van de codelijst nacebel2025"
NO_CODE = "Geen activiteitencode"

# Role, preset, register, columns, expected rows, expected reasons by source id.
CASES = [
    (
        "establishments", "lisa", "lisa", FIRM,
        [("0001234567", "Bakkerij De Halm", "1071", 12, None, None),
         ("0001234568", "Chemie Oost", "2014", 316, 200, 499),
         ("0001234569", "Loods Zuid", "52102", None, None, None)],
        {"0001234570": NO_CODE},
    ),
    (
        "establishments", "kvk", "kvk", FIRM,
        [("000012345678", "Chemie Oost", "2014", 250, None, None),
         ("000012345679", "Maalderij", "1061", None, None, None)],
        {},
    ),
    (
        "establishments", "vkbo", "vkbo", FIRM + " code_list",
        [("0400000001", "Staalbouw", "2511", 141, 100, 199, "nacebel2008"),
         ("2000000001", "Staalbouw", "2511", 7, 5, 9, "nacebel2008"),
         ("2000000002", "Brouwerij", "1105", None, None, None, "nacebel2008")],
        {"2000000003": CLOSED, "2000000004": ORIGIN, "2000000005": NO_TABLE,
         "2000000006": NO_CODE},
    ),
    (
        "establishments", "vkbo_vestigingen", "vkbo", PLANT,
        [("2000000001", "Staalbouw", "2511"), ("2000000002", "Brouwerij", "1105")],
        {"0400000001": left_out("Ondernemingsnr_maatsch_zetel", "–"),
         "2000000003": CLOSED, "2000000004": ORIGIN, "2000000005": NO_TABLE,
         "2000000006": NO_CODE},
    ),
    (
        "establishments", "eprtr", "eprtr", PLANT,
        [("NL.E1", "Chemie Oost", "201"), ("NL.E2", "Centrale", "351")],
        {"NL.E3": NO_CODE},
    ),
    (
        "establishments", "hotmaps", "hotmaps", PLANT,
        [("11", "Papierfabriek", "17"), ("12", "Glashut", "231")], {},
    ),
    (
        "establishments", "powerplants", "powerplants", PLANT,
        [("1", "Gascentrale", "3511")],
        {"2": left_out("Fueltype", "Wind"), "3": left_out("DateOut", "2019")},
    ),
    (
        "establishments", "uwwtd", "uwwtd", PLANT,
        [("NL-0001", "RWZI Noord", "3700")], {"NL-0002": left_out("uwwState", "0")},
    ),
    (
        "zones", "ibis", "ibis", ZONE,
        [("205007", "Zuid", "business_park", 4, None),
         ("205080", "Noord", "business_park", 4, 1.25)],
        {},
    ),
    (
        "zones", "ibis_2017", "ibis_2017", "zone_id name kinds",
        [("1", "De Mors", "business_park"), ("2", "De Mors", "business_park")], {},
    ),
    (
        "zones", "vlaio_bedrter", "vlaio_bedrter", ZONE,
        [("2428", "Kluizendok", "business_park", 4, None),
         ("3277", "Plassendale", "business_park", 4, None)],
        {},
    ),
    (
        "zones", "bedrijventerreinen_oslo", "bedrijventerreinen_oslo", ZONE,
        [("1001", "Hoogveld", "business_park", 4, 2.5),
         ("1002", "Laagveld", "business_park", 4, None)],
        {},
    ),
    (
        "zones", "top10nl_bedrijventerrein", "top10nl_functioneel_gebied", ZONE,
        [("131", "De Vaart", "business_park", 4, None),
         ("132", "132", "other;business_park", 4, None)],
        {"133": left_out("typefunctioneelgebied", "jachthaven")},
    ),
    (
        "zones", "gewestplan", "gewestplan", "zone_id name kinds",
        [("1", "industriegebieden", "business_park"),
         ("2", "ambachtelijke bedrijven en kmo's", "business_park"),
         ("3", "gebied voor zeehaven- en watergebonden bedrijven", "sea_port"),
         ("4", "gemengde woon- en industriegebieden", "mixed")],
        {"5": left_out("svnaam", "agrarische gebieden"),
         "6": left_out("svnaam", "woongebieden met landelijk karakter"),
         "7": left_out("svnaam", "natuurgebieden")},
    ),
    (
        "zones", "seveso_vlaanderen", "seveso_vlaanderen", ZONE,
        [("VL0001", "VL0001", "seveso_industry", 4, None)], {},
    ),
    (
        "zones", "osm_landuse", "osm_landuse", "zone_id name kinds",
        [("w1", "Haven", "business_park"), ("w2", "w2", "retail_core")],
        {"w3": left_out("landuse", "residential")},
    ),
    (
        "zones", "osm_landuse", "osm_landuse_geofabrik", "zone_id name kinds",
        [("1", "Haven", "business_park")], {"2": left_out("fclass", "residential")},
    ),
    (
        "zones", "osm_landuse", "osm_multipolygons", "zone_id kinds",
        [("7", "landfill"), ("8", "brownfield")], {},
    ),
    (
        "zones", "cbs_gemeenten_2022", "gemeenten_2022", "zone_id name kinds",
        [("GM0014", "Groningen", "other"), ("GM0344", "Utrecht", "other")], {},
    ),
    (
        "infrastructure", "nwb_wegen", "nwb_wegvakken", LINE,
        [("100", "road", "motorway", "A12"), ("101", "road", "main_road", "Rijksweg"),
         ("102", "road", None, "Oprit")],
        {"103": left_out("wegbehsrt", "P"), "104": left_out("wegbehsrt", "G")},
    ),
    (
        "infrastructure", "nwb_vaarwegen", "nwb_vaarwegen", LINE,
        [("7", "water", None, "Twentekanaal")], {},
    ),
    (
        "infrastructure", "vnds_bevaarbaarheid", "vnds", LINE,
        [("1", "water", "Va", "Twentekanaal"), ("2", "water", "VIc", "Rijn"),
         ("3", "water", "II", "Vecht"), ("5", "water", None, "Meer")],
        {"4": left_out("code", "0")},
    ),
    (
        "infrastructure", "prorail_spooras", "prorail_spooras", LINE,
        [("1", "rail", None, "1"), ("2", "rail", None, "2")], {},
    ),
    (
        "infrastructure", "top10nl_rail", "top10nl_rail", "infra_id mode",
        [("nl.top10nl.1", "rail")], {"nl.top10nl.2": "Lege of ontbrekende lijn"},
    ),
    (
        "infrastructure", "top10nl_wegen", "top10nl_wegdeel_hartlijn", LINE,
        [("1", "road", "motorway", "A12"), ("2", "road", "main_road", "N35")],
        {"3": left_out("typeweg", "lokale weg")},
    ),
    (
        "infrastructure", "wegenregister", "wegenregister", LINE,
        [("1", "road", "motorway", "E40"), ("2", "road", "main_road", "2")],
        {"3": left_out("LBLMORF", MORPHOLOGY["ramp"]),
         "4": left_out("LBLMORF", MORPHOLOGY["single"])},
    ),
    (
        "infrastructure", "wegenregister", "wegenregister_wfs", LINE,
        [("1", "road", "motorway", "E40")],
        {"3": left_out("morfologischeWegklasse", MORPHOLOGY["ramp"])},
    ),
    (
        "infrastructure", "vha_waterlopen", "vha_waterlopen", LINE,
        [("6000001", "water", None, "Leie")],
        {"6000002": left_out("LBLCATC", "Onbevaarbaar cat. 2")},
    ),
    (
        "infrastructure", "infrabel_geosporen", "infrabel_geosporen", LINE,
        [("9", "rail", None, "Lijn 132")], {},
    ),
    (
        "infrastructure", "krw_water", "krw_water", LINE,
        [("NL92_MEER", "water", "M21", "Meer")], {},
    ),
    (
        "facilities", "uwwtd", "uwwtd", PLACE,
        [("NL-0001", "RWZI Noord", "wwtp", 50000, "p.e.")],
        {"NL-0002": left_out("uwwState", "0")},
    ),
    (
        "facilities", "hotmaps", "hotmaps", PLACE,
        [("11", "Papierfabriek", "heat_source", 12.5, "GWh/y"),
         ("12", "Glashut", "heat_source", None, "GWh/y")],
        {},
    ),
    (
        "facilities", "hotmaps_100_200", "hotmaps", PLACE,
        [("11", "Papierfabriek", "heat_source", 10, "GWh/y 100-200 °C"),
         ("12", "Glashut", "heat_source", None, "GWh/y 100-200 °C")],
        {},
    ),
    (
        "facilities", "hotmaps_200_500", "hotmaps", PLACE,
        [("11", "Papierfabriek", "heat_source", 2.5, "GWh/y 200-500 °C"),
         ("12", "Glashut", "heat_source", None, "GWh/y 200-500 °C")],
        {},
    ),
    (
        "facilities", "hotmaps_500", "hotmaps", PLACE,
        [("11", "Papierfabriek", "heat_source", None, "GWh/y 500 °C"),
         ("12", "Glashut", "heat_source", None, "GWh/y 500 °C")],
        {},
    ),
    (
        "facilities", "hotmaps_co2", "hotmaps", PLACE,
        [("11", "Papierfabriek", "heat_source", 20000, "t CO2/y paper"),
         ("12", "Glashut", "heat_source", 9000, "t CO2/y glass")],
        {},
    ),
    (
        "facilities", "powerplants", "powerplants", PLACE,
        [("1", "Gascentrale", "power_plant", 400, "MW gas")],
        {"2": left_out("Fueltype", "Wind"), "3": left_out("DateOut", "2019")},
    ),
    (
        "facilities", "sea_ports", "sea_ports", PLACE,
        [("NLRTM", "Rotterdam", "other", None, None)], {},
    ),
    (
        "facilities", "stations", "stations", PLACE,
        [("8400621", "Utrecht Centraal", "station", None, None)], {},
    ),
    (
        "facilities", "top10nl_stations", "top10nl_stations", PLACE,
        [("1", "Utrecht", "station", None, None)],
        {"2": left_out("typeinrich", "tramhalte")},
    ),
    (
        "facilities", "prorail_stations", "prorail_stations", PLACE,
        [("1", "Utrecht Centraal", "station", None, None)], {},
    ),
    (
        "facilities", "nwb_afritten", "nwb_wegvakken", PLACE,
        [("102", "Oprit", "motorway_junction", None, None)],
        {"100": left_out("bst_code", "HR"), "101": left_out("bst_code", "HR"),
         "103": left_out("wegbehsrt", "P"), "104": left_out("wegbehsrt", "G")},
    ),
    (
        "facilities", "wegenregister_afritten", "wegenregister", PLACE,
        [("3", "Oprit", "motorway_junction", None, None)],
        {"1": left_out("LBLMORF", "autosnelweg"),
         "2": left_out("LBLMORF", MORPHOLOGY["dual"]),
         "4": left_out("LBLMORF", MORPHOLOGY["single"])},
    ),
    (
        "facilities", "top10nl_kassen", "top10nl_gebouw", PLACE,
        [("1", "1", "greenhouse", None, None),
         ("2", "Proeftuin", "greenhouse", None, None),
         ("3", "3", "greenhouse", None, None)],
        {"4": left_out("typegebouw", "fabriek")},
    ),
    (
        "facilities", "rwzi_damo", "rwzi_damo", PLACE,
        [("RW01", "RWZI Oost", "wwtp", 1200, "m3/h")], {},
    ),
    (
        "facilities", "rev_seveso", "rev", PLACE,
        [("R1", "Chemie Oost", "seveso", None, None)],
        {"R2": left_out("label", "TankenBrandstoffen")},
    ),
    (
        "facilities", "seveso_vlaanderen", "seveso_vlaanderen", PLACE,
        [("VL0001", "VL0001", "seveso", None, None)], {},
    ),
    (
        "regions", "cbs_gemeenten_2022", "gemeenten_2022", AREA,
        [("GM0014", "Groningen", None), ("GM0344", "Utrecht", None)], {},
    ),
    (
        "regions", "cbs_gebiedsindelingen", "gemeenten_2022", AREA,
        [("GM0014", "Groningen", None), ("GM0344", "Utrecht", None)], {},
    ),
    (
        "regions", "cbs_provincies_2022", "provincies_2022", AREA,
        [("26", "Utrecht", None)], {},
    ),
    (
        "regions", "bestuurlijke_gebieden", "bestuurlijke_gebieden", AREA,
        [("GM0344", "Utrecht", None)], {},
    ),
    (
        "regions", "cbs_gemeenten", "cbs_gemeenten", AREA,
        [("GM0344", "Noord", 1250), ("GM0349", "Zuid", None)],
        {"GM0344": left_out("water", "JA")},
    ),
    (
        "regions", "cbs_wijken", "cbs_wijken", AREA,
        [("WK034401", "Noord", 1250), ("WK034409", "Zuid", None)],
        {"WK034401": left_out("water", "JA")},
    ),
    (
        "regions", "cbs_buurten", "cbs_buurten", AREA,
        [("BU03440111", "Noord", 1250), ("BU03440119", "Zuid", None)],
        {"BU03440111": left_out("water", "JA")},
    ),
    (
        "regions", "statbel_sectoren", "statbel_sectoren", AREA,
        [("11002A00-", "Centrum", None)], {},
    ),
    ("regions", "vrbg_gemeenten", "refgem", AREA, [("44021", "Gent", None)], {}),
    (
        "constraints", "natura2000", "natura2000", LIMIT,
        [("nature", "exclude"), ("nature", "exclude")], {},
    ),
    (
        "constraints", "gewestplan", "gewestplan", LIMIT,
        [("housing", "penalise"), ("nature", "exclude")],
        {"1": left_out("svnaam", "industriegebieden"),
         "2": left_out("svnaam", "ambachtelijke bedrijven en kmo's"),
         "3": left_out("svnaam", "gebied voor zeehaven- en watergebonden bedrijven"),
         "4": left_out("svnaam", "gemengde woon- en industriegebieden"),
         "5": left_out("svnaam", "agrarische gebieden")},
    ),
    (
        "constraints", "ovam_bodem", "ovam", LIMIT, [("other", "penalise")],
        {"2": left_out(
            "uitspraak", "Laatste bodemonderzoek ontdekte geen bodemverontreiniging"
        )},
    ),
]  # fmt: skip

# Preset, register, and the rows that it takes of the many that are in it.
OSM_LINES = {
    "osm_roads": [
        ("w1", "road", "motorway", "Autosnelweg"), ("w2", "road", "main_road", "w2"),
    ],
    "osm_railways": [("w4", "rail", "rail", "w4")],
    "osm_waterways": [("w6", "water", "Va", "Kanaal")],
    "osm_pipelines": [("w9", "pipeline", "gas", "w9")],
    "osm_heat": [("w11", "heat", None, "w11"), ("w12", "steam", None, "w12")],
    "osm_power": [("w13", "power", "150000", "w13")],
}  # fmt: skip
OSM_PLACES = {
    "osm_quays": ("w1", "Loskade", "quay"),
    "osm_rail_terminals": ("w2", "w2", "rail_terminal"),
    "osm_wastewater": ("w3", "w3", "wwtp"),
    "osm_recycling_centres": ("w4", "w4", "container_park"),
    "osm_waste_transfer": ("w6", "w6", "waste_processor"),
    "osm_power_plants": ("w7", "w7", "power_plant"),
    "osm_junctions": ("n8", "n8", "motorway_junction"),
    "osm_stations": ("n9", "n9", "station"),
    "osm_greenhouses": ("w11", "w11", "greenhouse"),
}


@pytest.mark.parametrize(
    ("role", "preset", "name", "columns", "rows", "reasons"),
    CASES,
    ids=["-".join(case[:3]) for case in CASES],
)
def test_the_preset_alone_is_enough(role, preset, name, columns, rows, reasons):
    prepared = run(role, preset, name)
    assert rows_of(prepared, columns) == rows
    assert skipped(prepared) == reasons


@pytest.mark.parametrize("preset", OSM_LINES)
def test_a_preset_per_mode_takes_its_own_lines(preset):
    prepared = run("infrastructure", preset, "osm_lines")
    assert (
        sorted(rows_of(prepared, LINE), key=lambda row: int(row[0][1:]))
        == (OSM_LINES[preset])
    )


@pytest.mark.parametrize("preset", OSM_PLACES)
def test_a_preset_per_kind_takes_its_own_places(preset):
    prepared = run("facilities", preset, "osm_places")
    assert rows_of(prepared, "facility_id name kind") == [OSM_PLACES[preset]]
    assert set(prepared.frame.geometry.geom_type) == {"Point"}


def test_no_preset_goes_untested():
    tested = {case[:2] for case in CASES}
    tested |= {("infrastructure", preset) for preset in OSM_LINES}
    tested |= {("facilities", preset) for preset in OSM_PLACES}
    assert tested == {(role, name) for role in ROLES for name in preset_ids(role)}


# --- what a preset cannot know --------------------------------------------------


UNSEEN_LISA = {
    "nl": "Voorinstelling “lisa” is niet getoetst. Controleer: Kenmerk vestiging ← "
    "lisanr; Naam ← naam; Activiteitencode ← sbi2008; Banen ← banen; Grootteklasse ← "
    "grkl. Noem een veld zelf om het vast te leggen.",
    "en": "Preset “lisa” is not tested. Check: Firm id ← lisanr; Name ← naam; Activity "
    "code ← sbi2008; Jobs ← banen; Size class ← grkl. Name a field yourself to settle "
    "it.",
}


@pytest.mark.parametrize("language", ["nl", "en"])
def test_an_unseen_preset_says_what_it_took(language):
    prepared = run("establishments", "lisa", "lisa", language=language)
    assert said(prepared, "preset_unseen", language) == [UNSEEN_LISA[language]]


def test_an_unseen_preset_says_what_it_did_not_find():
    prepared = run("establishments", "lisa", "lisa_without_classes")
    (sentence,) = said(prepared, "preset_unseen_absent")
    assert "Activiteitencode ← sbi." in sentence
    assert "Niet gevonden: Banen (banen, banen_tot, wp_tot" in sentence
    assert "Grootteklasse (grootteklasse, grkl)" in sentence
    assert rows_of(prepared, FIRM) == [
        ("000012345678", "Bakkerij De Halm", "1071", None, None, None)
    ]


def test_naming_all_fields_silences_it():
    named = {
        "ID_FIELD": "lisanr", "NAME_FIELD": "naam", "ACTIVITY_FIELD": "sbi2008",
        "JOBS_FIELD": "banen",
    }  # fmt: skip
    prepared = run("establishments", "lisa", "lisa", named)
    assert said(prepared, "preset_unseen") == [
        "Voorinstelling “lisa” is niet getoetst. Controleer: Grootteklasse ← grkl. "
        "Noem een veld zelf om het vast te leggen."
    ]
    named["SIZE_CLASS_FIELD"] = "grkl"
    prepared = run("establishments", "lisa", "lisa", named)
    assert not [key for key, _ in prepared.notes if "preset" in key]
    assert len(prepared.frame) == 3


def test_a_needed_field_that_is_not_found_is_refused_with_those_there_are():
    with pytest.raises(RefusalError) as refusal:
        run("establishments", "lisa", "hotmaps")
    assert refusal.value.key == "prepare.activity_missing"
    assert "Subsector" in refusal.value.sentence("nl")


def test_a_field_that_the_user_names_must_exist_also_with_an_unseen_preset():
    with pytest.raises(RefusalError, match="werkenden") as refusal:
        run("establishments", "lisa", "lisa", {"JOBS_FIELD": "werkenden"})
    assert "grkl" in refusal.value.sentence("nl")


@pytest.mark.parametrize(
    ("role", "preset", "name", "lacking"),
    [
        ("establishments", "vkbo", "lisa", "Datum_stopzetting"),
        ("zones", "ibis", "ibis_2017", "RIN_NUMMER"),
        ("zones", "osm_landuse", "ibis", "landuse / fclass"),
        ("infrastructure", "osm_waterways", "osm_lines_gdal", "CEMT"),
        ("facilities", "rev_seveso", "stations", "label"),
    ],
)
def test_a_source_that_has_changed_is_noticed(role, preset, name, lacking):
    with pytest.raises(RefusalError) as refusal:
        run(role, preset, name)
    assert refusal.value.key == "prepare.field_missing"
    assert f"“{lacking}”" in refusal.value.sentence("nl")
    first = register(name).columns[0]
    assert first in refusal.value.sentence("en")


def test_what_a_source_does_not_always_have_is_said():
    prepared = run("infrastructure", "osm_pipelines", "osm_lines_gdal")
    assert rows_of(prepared, LINE) == [("1", "pipeline", None, "1")]
    assert said(prepared, "preset_absent") == [
        "Voorinstelling “osm_pipelines”: niet in deze laag, dus onbekend: Klasse "
        "(substance)."
    ]


def test_a_constant_of_the_user_leaves_the_selection_of_the_preset():
    prepared = run("constraints", "gewestplan", "gewestplan", {"KIND": "other"})
    assert rows_of(prepared, LIMIT) == [("other", "penalise"), ("other", "exclude")]
    excluded = run("constraints", "gewestplan", "gewestplan", {"EFFECT": "exclude"})
    assert set(excluded.frame["effect"]) == {"exclude"}


def test_size_classes_are_counted_with_their_values():
    prepared = run("establishments", "vkbo", "vkbo")
    assert said(prepared, "jobs_from_class") == [
        "Aantal banen uit de grootteklasse (2); de waarde van een klasse is een "
        "aanname: 100–199 → 141, 5–9 → 7"
    ]
    assert said(prepared, "jobs_unknown") == ["Aantal banen onbekend (1)"]
    lisa = run("establishments", "lisa", "lisa")
    assert lisa.repaired["source_id"].tolist() == ["0001234569"]
    assert lisa.repaired["reason"].tolist() == [
        "Grootteklasse niet herkend: aantal banen onbekend"
    ]


def test_banks_and_centres():
    banks = run("infrastructure", "krw_water", "krw_water").frame
    assert banks.geometry.length.tolist() == [800]
    centre = run("facilities", "seveso_vlaanderen", "seveso_vlaanderen")
    site = register("seveso_vlaanderen").geometry.iloc[0]
    assert centre.frame.geometry.iloc[0].within(site)
    assert said(centre, "centred") == ["Lijnen en vlakken als één punt gebruikt (1)"]
