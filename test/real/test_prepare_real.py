"""The shipped presets on real open data, where that is at hand."""

import json
import os
import sqlite3
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from kansenkaart.analysis.prepare import mapping_for, prepare
from kansenkaart.analysis.presets import load_preset
from pyproj import Transformer

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("DATA", ROOT.parent / "shared" / "data"))
AREA = (482.06, 306_602.42, 284_182.97, 637_049.52)  # of Amersfoort / RD New

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="no real data at hand")


def geojson(name):
    features = json.loads((DATA / name).read_text(encoding="utf-8"))["features"]
    rows = pd.DataFrame([feature["properties"] for feature in features], dtype=object)
    rows = rows.set_axis([str(number) for number in range(len(rows))])
    shapes = [shapely.from_geojson(json.dumps(found["geometry"])) for found in features]
    return gpd.GeoDataFrame(rows, geometry=np.array(shapes, dtype=object))


def geopackage(name, table):
    """Read a table; its geometry is WKB behind a header of 8 bytes and an envelope."""
    with sqlite3.connect(f"file:{DATA / name}?mode=ro&immutable=1", uri=True) as file:
        rows = pd.read_sql(f"select * from {table}", file, index_col="fid")
    sizes = {0: 0, 1: 32, 2: 48, 3: 48, 4: 64}
    wkb = [blob and blob[8 + sizes[blob[3] >> 1 & 7] :] for blob in rows.pop("geom")]
    rows.index = rows.index.astype(str)
    return gpd.GeoDataFrame(rows, geometry=shapely.from_wkb(np.array(wkb, object)))


def to_rd(shapes):
    transformer = Transformer.from_crs(4326, 28992, always_xy=True)
    return shapely.transform(
        shapes, lambda xy: np.column_stack(transformer.transform(*xy.T))
    )


def run(role, preset, frame, reproject=to_rd):
    mapping = mapping_for(role, load_preset(role, preset), {})
    prepared = prepare(
        role, frame, mapping, layer="bron", target_crs=28992, area_of_use=AREA,
        reproject=reproject,
    )  # fmt: skip
    assert len(frame) == len(prepared.frame) + len(prepared.skipped)
    assert prepared.frame.iloc[:, 0].is_unique
    assert prepared.frame.geometry.is_valid.all()
    return prepared


INDUSTRY = "industry/hotmaps_industry_nl.geojson"
PLANTS = "industry/powerplants_nl.geojson"
WASTE_WATER = "industry/wastewater_plants_nl.geojson"
RAIL_WATER = "infrastructure/nl_rail_water_rd.gpkg"
BOUNDARIES = "boundaries/nl_boundaries_2022_rd.gpkg"


def test_industrial_sites():
    frame = geojson(INDUSTRY)
    firms = run("establishments", "hotmaps", frame)
    assert len(firms.frame) == 133
    counts = firms.frame["sbi"].value_counts()
    assert counts[["20", "23", "17"]].tolist() == [47, 43, 19]
    assert not len(firms.repaired)
    sources = run("facilities", "hotmaps", frame)
    assert sources.frame["capacity"].count() == 18
    assert set(sources.frame["unit"]) == {"GWh/y"}


@pytest.mark.parametrize("role", ["establishments", "facilities"])
def test_waste_water_plants(role):
    prepared = run(role, "uwwtd", geojson(WASTE_WATER))
    assert len(prepared.frame) == 337
    assert prepared.skipped["reason"].str.endswith("uwwState = 0").sum() == 79


@pytest.mark.parametrize("role", ["establishments", "facilities"])
def test_power_plants(role):
    frame = geojson(PLANTS)
    prepared = run(role, "powerplants", frame)
    renewable = frame["Fueltype"].isin(["Wind", "Solar"]).sum()
    reasons = prepared.skipped["reason"]
    assert reasons.str.contains("Fueltype").sum() == renewable == 369
    assert reasons.str.contains("DateOut").sum() == len(reasons) - renewable


def test_ports_and_stations():
    ports = run(
        "facilities", "sea_ports", geojson("infrastructure/sea_ports_nl.geojson")
    )
    assert ports.skipped["source_id"].tolist() == ["ANEUX"]  # Sint Eustatius
    assert set(ports.frame["kind"]) == {"other"}
    stations = geojson("infrastructure/stations_nl.geojson")
    assert len(run("facilities", "stations", stations).frame) > 400
    top10nl = geopackage(RAIL_WATER, "stations_top10nl")
    kept = run("facilities", "top10nl_stations", top10nl, None)
    assert len(kept.frame) == 441
    assert len(kept.skipped) == 200


def test_business_parks():
    parks = run("zones", "ibis_2017", geojson("zones/ibis_rijssen_holten_2017.geojson"))
    assert len(parks.frame) == 22
    assert set(parks.frame["kinds"]) == {"business_park"}
    assert 100 < parks.frame["area_ha"].sum() < 600


def test_the_field_names_of_business_parks_in_2024():
    names = pd.read_csv(
        DATA / "zones/ibis_2024_attributes_sample.csv", sep=";", nrows=0
    )
    mapping = mapping_for("zones", load_preset("zones", "ibis"), {})
    wanted = {mapping.columns[name].lower() for name in ("ID_FIELD", "NAME_FIELD")}
    assert wanted <= set(names)
    assert set(mapping.columns["AVAILABLE_FIELD"]) & set(names)


def test_railways_without_a_line():
    frame = geopackage(RAIL_WATER, "spoorbaandeel_top10nl")
    prepared = run("infrastructure", "top10nl_rail", frame, None)
    assert len(prepared.frame) == 15_573
    assert set(prepared.skipped["reason"]) == {"Lege of ontbrekende lijn"}


def test_large_waters():
    frame = geopackage(RAIL_WATER, "krw_oppervlaktewater")
    prepared = run("infrastructure", "krw_water", frame, None)
    assert len(prepared.frame) == 14
    assert set(prepared.frame.geometry.geom_type) <= {"LineString", "MultiLineString"}


@pytest.mark.parametrize("role", ["zones", "regions"])
def test_municipalities(role):
    prepared = run(
        role, "cbs_gemeenten_2022", geopackage(BOUNDARIES, "gemeenten"), None
    )
    assert len(prepared.frame) == 345
    if role == "zones":
        assert 3.3e6 < prepared.frame["area_ha"].sum() < 4.2e6


def test_provinces():
    prepared = run(
        "regions", "cbs_provincies_2022", geopackage(BOUNDARIES, "provincies"), None
    )
    assert prepared.frame["name"].tolist()[:2] == ["Groningen", "Friesland"]
    assert len(prepared.frame) == 12
