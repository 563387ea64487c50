"""Flows of the real plants and sites of the Netherlands, beside published totals."""

import re
from pathlib import Path

import pytest
from kansenkaart.analysis.canonical import merge_layers
from kansenkaart.analysis.flows.facility import facility_flows, shipped_factors
from test_prepare_real import DATA, INDUSTRY, PLANTS, WASTE_WATER, geojson, run

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="no real data at hand")
DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "flows_facilities.md"
PJ = 3.6e-6
"""In a MWh."""
HOTMAPS = (
    "hotmaps",
    "hotmaps_100_200",
    "hotmaps_200_500",
    "hotmaps_500",
    "hotmaps_co2",
)


@pytest.fixture(scope="module")
def water():
    plants = run("facilities", "uwwtd", geojson(WASTE_WATER)).frame
    return facility_flows(plants, shipped_factors())


@pytest.fixture(scope="module")
def power():
    plants = run("facilities", "powerplants", geojson(PLANTS)).frame
    return facility_flows(plants, shipped_factors())


@pytest.fixture(scope="module")
def industry():
    frame = geojson(INDUSTRY)
    layers = {name: run("facilities", name, frame).frame for name in HOTMAPS}
    merged, _ = merge_layers(layers, "facility_id")
    return facility_flows(merged, shipped_factors())


def total(found, words):
    return found.flows.query(words)["quantity"].sum()


def table():
    """Ours and the published figure, by flow, as the document has them."""
    rows = re.findall(
        r"^\| ([^|]+) \| ([\d.]+) \| ([\d.]+) \| [^|]+ \| ([\d.]+) \| \w",
        DOCUMENT.read_text("utf-8"),
        re.MULTILINE,
    )
    return {name: tuple(map(float, numbers)) for name, *numbers in rows}


def test_the_document_has_our_totals(water, power, industry):
    fossil = power.flows[~power.flows["flow_id"].str.contains("biomass")]
    heat = total(power, "carrier == 'heat'"), total(industry, "carrier == 'heat'")
    hot = [total(each, "temperature_c >= 90") for each in (power, industry)]
    effluent = total(water, "carrier == 'water'") / 1e6
    ours = {
        "effluent": effluent,
        "effluent, against the influent of 2021": effluent,
        "sewage sludge": total(water, "material == 'sewage_sludge'") / 1e3,
        "biogas of treatment plants": total(water, "material == 'biogas'") / 1e3,
        "CO2 of power plants, fossil": (
            fossil.query("carrier == 'co2'")["quantity"].sum() / 1e6
        ),
        "heat of power plants, all bands": heat[0] * PJ,
        "CO2 of industry": total(industry, "carrier == 'co2'") / 1e6,
        "heat of industry and power plants, all bands": sum(heat) * PJ,
        "heat of industry and power plants, from 90 °C": sum(hot) * PJ,
    }
    written = table()
    assert written.keys() == ours.keys()
    for name, (said, published, factor) in written.items():
        assert said == pytest.approx(ours[name], rel=0.005), name
        assert factor == pytest.approx(said / published, abs=0.006), name
        assert 0.5 < factor < 2, "read every pair off by more than 2"


def test_nothing_gets_lost(water, power, industry):
    assert water.counts["facilities"] == 337
    assert power.skipped["unit"].tolist() == ["MW oil"]
    assert power.counts["facilities"] == 71
    # Five layers of 133 sites, each with a figure or listed.
    assert industry.counts["facilities"] + len(industry.skipped) == 5 * 133
    assert set(industry.skipped["reason"]) == {"capacity"}


def test_a_site_has_one_heat_figure(industry):
    heat = industry.flows.query("carrier == 'heat'")
    inputs = heat["flow_id"].str.extract(r":heat_source-(\w+):")[0]
    by_site = inputs.groupby(heat["actor_id"]).agg(set)
    for found in by_site:
        from_co2 = {name for name in found if name.startswith("t_co2")}
        assert not from_co2 or found == from_co2
    own = heat[~inputs.str.startswith("t_co2")]["quantity"].sum()
    assert own == pytest.approx(803_020)
