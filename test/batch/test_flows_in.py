"""Reported flows and flows of facilities through real qgis_process."""

import json

import pytest
from geopackages import only_table
from osgeo import ogr

COLUMNS = ("nr", "vestiging", "euralcode", "hoeveelheid", "eenheid", "x", "y")
ROWS = (
    ("1", "E1", "02 03 04", "1.234,5", "kg", "155000", "463000"),
    ("2", "E2", "20304", "12", "ton", "155100", "463000"),
    ("3", "E3", "170601*", "3", "kton", "", ""),
    ("4", "E4", "999999", "4", "ton", "155000", "463000"),
    ("5", "E5", "020304", "-4", "ton", "155000", "463000"),
)
NAMED = {
    "ID_FIELD": "nr",
    "ACTOR_FIELD": "vestiging",
    "DIRECTION": 0,
    "EURAL_FIELD": "euralcode",
    "QUANTITY_FIELD": "hoeveelheid",
    "UNIT_FIELD": "eenheid",
    "TARGET_CRS": "EPSG:28992",
}


def write_csv(folder):
    path = folder / "afval.csv"
    lines = [";".join(row) for row in (COLUMNS, *ROWS)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def write_excel(folder):
    path = folder / "afval.xlsx"
    book = ogr.GetDriverByName("XLSX").CreateDataSource(str(path))
    sheet = book.CreateLayer("afval")
    # GDAL takes the first row for names when numbers stand below it.
    kinds = {"nr": ogr.OFTInteger}
    for name in COLUMNS:
        sheet.CreateField(ogr.FieldDefn(name, kinds.get(name, ogr.OFTString)))
    for row in ROWS:
        feature = ogr.Feature(sheet.GetLayerDefn())
        for name, cell in zip(COLUMNS, row, strict=True):
            feature.SetField(name, cell)
        sheet.CreateFeature(feature)
    del sheet, book
    return path


@pytest.mark.parametrize("write", [write_csv, write_excel])
def test_reported_flows_from_a_file(run, tmp_path, write):
    output, skipped = tmp_path / "flows.gpkg", tmp_path / "skipped.gpkg"
    results = run(
        "prepareflows",
        INPUT=str(write(tmp_path)),
        OUTPUT=str(output),
        SKIPPED=str(skipped),
        **NAMED,
    )
    flows, left = only_table(output), only_table(skipped)
    assert results["COUNT_IN"] == 5 == len(flows) + len(left)
    assert [(flow["flow_id"], flow["quantity"]) for flow in flows] == [
        ("1", 1.2345),
        ("2", 12.0),
    ]
    assert {flow["eural"] for flow in flows} == {"020304"}
    assert {flow["material"] for flow in flows} == {"vegetable_fruit_residues"}
    assert [row["source_id"] for row in left] == ["3", "4", "5"]


def test_a_table_without_a_system_is_refused(refusal, tmp_path):
    named = {name: value for name, value in NAMED.items() if name != "TARGET_CRS"}
    told = refusal("prepareflows", INPUT=str(write_csv(tmp_path)), **named)
    assert "28992" in told and "31370" in told


def test_a_plant_and_its_firm_count_once(run, tmp_path):
    """From open layers to flows: facilities, what they give, and the estimate."""
    plant = {"uwwCode": "NL1", "uwwName": "Noord", "uwwCapacity": 50000, "uwwState": 1}
    firm = {"est_id": "E1", "name": "Waterschap", "sbi": "3700", "jobs": 12}
    places = {"plant": (plant, [5.0, 52.0]), "firm": (firm, [5.001, 52.0])}
    for name, (properties, xy) in places.items():
        feature = {
            "type": "Feature",
            "properties": properties,
            "geometry": {"type": "Point", "coordinates": xy},
        }
        collection = {"type": "FeatureCollection", "features": [feature]}
        (tmp_path / f"{name}.geojson").write_text(json.dumps(collection))
    paths = {name: str(tmp_path / f"{name}.gpkg") for name in ("v", "e", "s", "f", "k")}
    run(
        "preparefacilities",
        INPUT=str(tmp_path / "plant.geojson"),
        PRESET="uwwtd",
        OUTPUT=paths["v"],
    )
    run(
        "prepareestablishments",
        INPUT=str(tmp_path / "firm.geojson"),
        TARGET_CRS="EPSG:28992",
        OUTPUT=paths["e"],
    )
    alone = run("facilityflows", FACILITIES=paths["v"])
    assert alone["SAME_SITE_COUNT"] == 0
    results = run(
        "facilityflows",
        FACILITIES=[paths["v"]],
        ESTABLISHMENTS=paths["e"],
        SAME_SITE=150,
        OUTPUT=paths["f"],
        SKIPPED=paths["k"],
    )
    assert (results["SAME_SITE_COUNT"], results["SKIPPED_COUNT"]) == (1, 0)
    found = only_table(paths["f"])
    assert results["FLOW_COUNT"] == len(found) == 4
    assert {flow["actor_id"] for flow in found} == {"E1"}
    estimate = run(
        "estimateflows",
        ESTABLISHMENTS=paths["e"],
        REPORTED=paths["f"],
        OUTPUT=paths["s"],
    )
    assert estimate["REPORTED_COUNT"] == 4
    assert estimate["REPLACED"] >= 1
    water = [
        flow["quantity"]
        for flow in only_table(paths["s"])
        if (flow["material"], flow["direction"]) == ("water", "supply")
    ]
    assert water == [50000 * 79.6]
