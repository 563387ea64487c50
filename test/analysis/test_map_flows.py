"""Flows of a map: each once, in the right place, drawn and told."""

import re
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
import shapely
from kansenkaart.analysis.flows.balance import EVERYWHERE, balance_of_places
from kansenkaart.analysis.flows.balance_chart import Pair, amount, balance_chart
from kansenkaart.analysis.flows.balance_section import LISTED, balance_section
from kansenkaart.analysis.flows.coefficients import (
    NEEDED,
    choose_coefficients,
    shipped_coefficients,
)
from kansenkaart.analysis.flows.facility import facility_flows, shipped_factors
from kansenkaart.analysis.flows.flow_places import flow_places
from kansenkaart.analysis.flows.map_places import (
    place_kind,
    place_names,
    place_points,
    places_of,
)
from kansenkaart.analysis.flows.tables import CARRIERS, materials
from kansenkaart.analysis.flows.whole import flows_of_map, holds_estimates
from kansenkaart.analysis.layers import layer_type
from kansenkaart.analysis.texts import text

PLAIN = {
    "actor_name": "x", "sbi": "1013", "direction": "supply", "carrier": "material",
    "material": "gft", "quantity": 5.0, "quantity_low": 4.0, "quantity_high": 7.0,
    "unit": "t/y", "quality": None, "basis": "reported", "data_quality": 1,
    "source": "opgave", "year": 2024.0,
}  # fmt: skip
HEAT = {"carrier": "heat", "material": "heat", "unit": "MWh/y"}


@pytest.fixture
def flows(layer):
    """Make canonical flows from rows with their place ``xy``."""

    def make(*rows):
        table = [{"flow_id": f"R{n:03}"} | PLAIN | row for n, row in enumerate(rows)]
        shapes = shapely.points([row.pop("xy", (9, 9)) for row in table])
        columns = {name: [row.get(name) for row in table]
                   for name in layer_type("flows").fields
                   if any(name in row for row in table)}  # fmt: skip
        return layer(shapes, **columns)

    return make


@pytest.fixture
def zones(layer):
    """Zones that overlap in part, some with negative coordinates."""
    boxes = [(0, 0, 4000, 4000), (3000, 0, 7000, 4000), (-9000, -9000, -6000, -6000)]
    return layer(
        [shapely.box(*each) for each in boxes][::-1],
        zone_id=["C", "B", "A"],
        name=["Zee", None, "Aa"],
        kinds="mixed",
        area_ha=1.0,
    )


def members(**clusters):
    pairs = [(firm, each) for firm, own in clusters.items() for each in own]
    return pd.DataFrame(pairs, columns=["est_id", "cluster_id"], dtype=object)


# Places.


def place_by_rule(actor, x, y, clusters, zones):
    """Where a flow is, in words of the rule."""
    if actor.startswith("region-"):
        return actor
    if actor in clusters and any(clusters[actor]):
        return f"cluster-{min(each for each in clusters[actor] if each)}"
    ids = sorted(zones["zone_id"])
    if actor in {f"zone-{own}" for own in ids}:
        return actor
    shapes = dict(zip(zones["zone_id"], zones.geometry, strict=True))
    spot = shapely.Point(x, y)
    for predicate in (shapely.contains_properly, shapely.intersects):
        inside = [own for own in ids if predicate(shapes[own], spot)]
        if inside:
            return f"zone-{inside[0]}"
    corner = [5 * int(np.floor(each / 5000)) for each in (x, y)]
    return f"square-{corner[0]}-{corner[1]}"


def test_places_as_by_a_plain_loop(flows, zones, shuffled):
    rng = np.random.default_rng(2)
    clusters = {"E1": ["k2", "k1"], "E2": [None], "E3": ["k3"], "E4": [None, "k9"]}
    actors = [*clusters, "E5", "region-R1", "zone-A", "zone-weg", "line-7",
              "facility-V1", "region-onbekend"]  # fmt: skip
    spots = rng.choice(
        [-9000, -8999.5, -5000, -0.5, 0, 3500, 4000, 7000, 9999], (60, 2)
    )
    rows = [{"actor_id": actors[n % len(actors)], "xy": tuple(xy)}
            for n, xy in enumerate(spots)]  # fmt: skip
    made = flows(*rows)
    found = places_of(made, members(**clusters), zones)
    for own, row in zip(found, rows, strict=True):
        wanted = place_by_rule(row["actor_id"], *row["xy"], clusters, zones)
        assert own == wanted, row
    turned = shuffled(made.assign(at=found))
    again = places_of(turned, shuffled(members(**clusters)), shuffled(zones))
    assert again.tolist() == turned["at"].tolist()
    kinds = {place_kind(each) for each in found}
    assert kinds == {"cluster", "zone", "region", "square"}


def test_a_firm_is_no_region_whatever_its_id(flows, zones):
    """Two layers of firms with the same ids get the layers' names in front."""
    made = flows({"actor_id": "region-0017"}, {"actor_id": "zone-A", "xy": (-9e3, 9e3)})
    found = places_of(made, members(**{"region-0017": ["k1"], "zone-A": [None]}), zones)
    assert found.tolist() == ["cluster-k1", "square--10-5"]


def test_flows_of_nobody_have_a_place(flows, zones):
    made = flows({"actor_id": None, "xy": (10, 10)}, {"actor_id": "E1", "xy": (1, 1)})
    found = places_of(made, members(E1=["k1"]), zones)
    assert found.tolist() == ["zone-A", "cluster-k1"]


def test_without_flows_zones_or_members(flows, zones):
    made = flows({"actor_id": "E1", "xy": (-1, 1)})
    nobody = members()
    assert places_of(made[:0], nobody, zones).tolist() == []
    assert places_of(made, nobody, zones[:0]).tolist() == ["square--5-0"]


def test_names_and_points_of_places(zones, layer):
    clusters = layer([shapely.box(0, 0, 9, 9)], cluster_id=["k1"], name=["Kade"])
    regions = layer(
        [shapely.box(-5000, 0, 0, 5000)], region_id=["R1"], name=["Drechterland"]
    )
    places = np.array(["cluster-k1", "zone-A", "zone-B", "region-R1", "square--5-0",
                       "square--15--10", "region-weg"], dtype=object)  # fmt: skip
    for language in ("nl", "en"):
        found = place_names(places, clusters, zones, regions, language)
        assert found == {
            "cluster-k1": "Kade", "zone-A": "Aa", "zone-B": "B", "region-weg": "weg",
            "region-R1": "Drechterland",
            "square--5-0": text(
                "flows.place.outskirts", language, region="Drechterland"),
            "square--15--10": text("flows.place.outside", language),
        }  # fmt: skip
    names = place_names(places[4:6], clusters, zones, None, "nl")
    assert set(names.values()) == {"Buiten de regio’s"}
    points = place_points(places, clusters, zones, regions)
    assert set(points) == set(places) - {"region-weg"}
    assert points["square--5-0"].equals(shapely.Point(-2500, 2500))
    assert points["square--15--10"].equals(shapely.Point(-12500, -7500))
    assert zones.geometry.iloc[2].contains(points["zone-A"])


# Totals of places.


def test_totals_of_places_by_plain_loops(flows, shuffled, same_tables):
    rng = np.random.default_rng(5)
    codes = ["gft", "waste_paper", "eigen_stof", "zout"]
    rows = [
        {"actor_id": f"E{n % 40}", "xy": tuple(rng.uniform(0, 99, 2)),
         "direction": ["supply", "demand"][n % 3 == 0], "quantity": float(q),
         "material": codes[n % 4], "data_quality": [1, 4, None][n % 3],
         "quantity_low": None if n % 5 == 0 else q / 2, "quantity_high": 2.0 * q}
        | (HEAT if n % 7 == 0 else {})
        for n, q in enumerate(rng.choice([0, 1, 50, 120.5, 3000], 150))
    ]  # fmt: skip
    made = flows(*rows)
    places = np.array([f"zone-{n % 5}" for n in range(150)], dtype=object)
    names = {place: place.upper() for place in places}
    sizes = {("material", "t/y"): [100, 1000], ("heat", "MWh/y"): [10]}
    found = flow_places(made, places, names, sizes, 2, "nl")
    turn = shuffled(made.assign(at=places))
    same_tables(found, flow_places(turn, turn["at"].to_numpy(), names, sizes, 2, "nl"))
    groups = {}
    for row, place in zip(made.itertuples(), places, strict=True):
        if row.quantity > 0:
            key = (place, row.carrier, row.direction)
            groups.setdefault(key, []).append(row)
    assert len(found) == len(groups)
    shown = {}
    for row in found.itertuples():
        own = groups[row.place_id, row.carrier, row.direction]
        total = sum(each.quantity for each in own)
        assert row.quantity == pytest.approx(total, rel=1e-9)
        assert row.flows == len(own) and row.name == row.place_id.upper()
        low = sum(
            e.quantity if np.isnan(e.quantity_low) else e.quantity_low for e in own
        )
        assert row.quantity_low == pytest.approx(low, rel=1e-9)
        quality = sum(
            e.quantity * (5 if np.isnan(e.data_quality) else e.data_quality)
            for e in own
        )
        assert row.data_quality == round(quality / total)
        limits = sizes[row.carrier, row.unit]
        assert row.size == 1 + sum(total >= limit for limit in limits)
        by_material = pd.Series(
            [e.quantity for e in own], [e.material for e in own]
        ).groupby(level=0).sum().sort_values(ascending=False)  # fmt: skip
        first = by_material.index[0]
        known = materials().get(first)
        assert row.materials.startswith(known.name("nl") if known else first)
        spots = {e.actor_id: (e.geometry.x, e.geometry.y) for e, at in zip(
            made[::-1].itertuples(), places[::-1], strict=True)
            if at == row.place_id and e.quantity > 0}  # fmt: skip
        centre = np.mean(list(spots.values()), axis=0)
        assert (row.geometry.x, row.geometry.y) == pytest.approx(tuple(centre))
        shown.setdefault((row.carrier, row.direction), []).append((total, row.shown))
    for totals in shown.values():
        drawn = [each for each, is_shown in totals if is_shown]
        assert sorted(drawn) == sorted(each for each, _ in totals)[-2:]


def test_totals_without_a_size_are_never_drawn(flows):
    rows = flows({"unit": "MWh/y", "actor_id": "E1"}, {"quantity": 0, "actor_id": "E1"})
    at = np.array(["zone-A", "zone-B"], dtype=object)
    found = flow_places(rows, at, {}, {("material", "t/y"): [1]}, 9, "en")
    assert found[["size", "shown"]].to_numpy().tolist() == [[0, False]]
    assert len(flow_places(rows[:0], at[:0], {}, {}, 9, "en")) == 0


def test_totals_of_flows_with_an_empty_material(flows):
    rows = flows(HEAT | {"material": None, "actor_id": "E1"})
    at = np.array(["zone-A"], dtype=object)
    found = flow_places(rows, at, {}, {("heat", "MWh/y"): [1]}, 9, "nl")
    assert found["materials"].tolist() == [materials()["heat"].name("nl")]


# Each flow once.


def coefficients(*rows):
    head = ";".join(NEEDED)
    plain = {"sbi": "10", "direction": "supply", "carrier": "material", "low": "1",
             "mode": "2", "high": "4", "unit": "t/y", "data_quality": "3",
             "source": "x"}  # fmt: skip
    lines = [";".join((plain | row)[name] for name in NEEDED) for row in rows]
    return choose_coefficients("\n".join([head, *lines]))


THREE = coefficients(
    {"material": "gft"},
    {"material": "waste_paper"},
    HEAT | {"sbi": "37", "material": "heat"},
    {"sbi": "37", "material": "sewage_sludge"},
)


@pytest.fixture
def plant(layer, firms):
    """A sewage plant that is firm E0001, one that is none, and their flows."""
    firms = firms([[0, 0], [5000, 0], [9000, 0]], 10, ["1013", "3700", "1013"])
    facilities = layer(
        shapely.points([[5050, 0], [8000, 8000]]), facility_id=["V1", "V2"],
        name=["Rwzi Noord", "Rwzi Zuid"], kind="wwtp", capacity=1e5, unit="p.e.",
    )  # fmt: skip
    return firms, facility_flows(facilities, shipped_factors(), firms)


def streams(frame):
    keys = ["actor_id", "direction", "material"]
    found = frame.set_index(keys)[["flow_id", "basis", "quantity"]]
    assert found.index.is_unique
    return found


def test_a_report_stands_before_a_plant_and_that_before_jobs(plant, flows):
    firms, made = plant
    assert set(made.flows["actor_id"]) == {"E0001", "facility-V2"}
    stream = made.flows[made.flows["actor_id"] == "E0001"].iloc[0]
    same = {name: stream[name] for name in ("direction", "carrier", "material", "unit")}
    layers = {"establishments": firms, "facility_flows": made.flows}
    before = streams(flows_of_map(layers, THREE).flows)
    told = flows(
        same | {"actor_id": "E0001", "quantity": 77.0},
        {"actor_id": "E0000", "quantity": 8.0},
        {"actor_id": "E0000", "direction": "demand", "quantity": 9.0},
    )
    found = flows_of_map(layers | {"given_flows": told}, THREE)
    after = streams(found.flows)
    key = ("E0001", same["direction"], same["material"])
    assert before.loc[key, "flow_id"].startswith("E0001:wwtp")
    assert after.loc[key].tolist() == ["R000", "reported", 77]
    assert after.loc["E0000", "supply", "gft"].tolist() == ["R001", "reported", 8]
    assert set(after.index) - set(before.index) == {("E0000", "demand", "gft")}
    assert set(before.index) <= set(after.index)
    said = dict(found.remarks)
    assert said["flows.said.facility_replaced"] == {"count": 1}
    jobs = streams(flows_of_map({"establishments": firms}, THREE).flows)
    of_plants = after["flow_id"].isin(made.flows["flow_id"])
    better = after.index[of_plants | (after["basis"] == "reported")]
    assert said["flows.said.replaced"] == {"count": len(set(jobs.index) & set(better))}
    kept = after.loc[~after.index.isin(jobs.index)]
    assert "facility-V2" in kept.index.get_level_values(0)
    assert found.flows["flow_id"].is_monotonic_increasing
    assert found.flows.crs == firms.crs


def test_what_a_report_leaves_unknown_stays_unknown(plant, flows):
    firms, made = plant
    told = flows({"actor_id": "E0000", "data_quality": None, "year": None})
    layers = {"establishments": firms, "facility_flows": made.flows}
    found = flows_of_map(layers | {"given_flows": told}, THREE).flows
    row = found[found["flow_id"] == "R000"]
    assert row[["data_quality", "year"]].isna().all(axis=None)
    assert found["data_quality"].dropna().between(1, 5).all()


def test_a_plant_takes_the_place_of_what_its_jobs_tell(plant):
    firms, made = plant
    stream = made.flows[made.flows["carrier"] == "material"].iloc[0]
    material = stream["material"]
    rows = coefficients({"sbi": "37", "material": material, "unit": stream["unit"]},
                        {"sbi": "37", "material": "waste_paper"})  # fmt: skip
    layers = {"establishments": firms, "facility_flows": made.flows}
    found = flows_of_map(layers, rows)
    own = streams(found.flows).loc["E0001"]
    assert own.loc["supply", material]["flow_id"].startswith("E0001:wwtp")
    assert own.loc["supply", "waste_paper"]["quantity"] == 20
    assert ("flows.said.replaced", {"count": 1}) in found.remarks
    assert "flows.said.facility_replaced" not in dict(found.remarks)
    assert len(found.flows) == len(made.flows) + 1


def test_given_estimates_are_all_there_is(plant, flows):
    firms, made = plant
    told = flows({"actor_id": "E0002", "basis": "estimated"}, {"actor_id": "E0000"})
    assert holds_estimates(told) and not holds_estimates(None)
    assert not holds_estimates(told[1:])
    layers = {"establishments": firms, "facility_flows": made.flows}
    found = flows_of_map(layers | {"given_flows": told[::-1]}, THREE)
    assert found.flows["flow_id"].tolist() == ["R000", "R001"]
    assert found.remarks == [("flows.said.given_estimates", {"count": 1})]
    assert found.skipped.empty
    assert list(found.flows) == [*layer_type("flows").fields, "geometry"]
    report = found.flows.iloc[1]
    assert report["confidential"] is True and report["contracted_share"] == 0


def test_what_gives_no_flow_is_listed(firms):
    made = firms([[0, 0]] * 3, [10, np.nan, 0], "1013")
    found = flows_of_map({"establishments": made}, THREE)
    assert found.skipped.to_numpy().tolist() == [
        ["establishments", "E0001", "jobs_unknown"]
    ]
    said = dict(found.remarks)
    assert said["flows.said.jobs_unknown"] == {"count": 1}
    assert said["flows.said.no_jobs"] == {"count": 1}


def test_reports_replace_estimates_in_a_province(province, flows):
    """Of each stream of a firm there is one flow, and totals change by the reports."""
    rows = shipped_coefficients()
    before = flows_of_map(province, rows).flows
    firm = before["actor_id"].isin(province["establishments"]["est_id"])
    chosen = before[firm & before["quality"].isna()].iloc[::97]
    told = flows(*[
        {name: row[name] for name in ("actor_id", "direction", "carrier", "material",
         "unit")} | {"quantity": 3 * row["quantity"]}
        for _, row in chosen.iterrows()
    ])  # fmt: skip
    found = flows_of_map(province | {"given_flows": told}, rows)
    assert len(found.flows) == len(before)
    assert ("flows.said.replaced", {"count": len(chosen)}) in found.remarks
    keys = ["direction", "carrier", "material", "unit"]
    gain = chosen.groupby(keys)["quantity"].sum() * 2
    totals = before.groupby(keys)["quantity"].sum()
    after = found.flows.groupby(keys)["quantity"].sum()
    np.testing.assert_allclose(
        after, totals.add(gain.reindex(totals.index, fill_value=0)), rtol=1e-9
    )


# Chart and section.

SVG = "{http://www.w3.org/2000/svg}"
BAD = "<script>alert(\"x\")</script> & 'kade'"


def test_labels_are_text_and_bars_are_as_long_as_their_total():
    pairs = [
        Pair(BAD, (100.0, 50.0, 400.0), (0.0, 0.0, 0.0)),
        Pair("b" * 80, (25.0, 20.0, 30.0), (50.0, 40.0, 60.0)),
    ]
    drawn = balance_chart(pairs, "heat", BAD, BAD, "nl")
    assert "<script" not in drawn
    root = ElementTree.fromstring(drawn)  # noqa: S314
    titles = [each.text for each in root.iter(f"{SVG}title")]
    assert titles == [BAD, BAD, "b" * 80]
    bars = [float(each.get("width")) for each in root.iter(f"{SVG}rect")]
    assert bars == pytest.approx([330, 82.5, 165], abs=0.05)
    ends = [float(each.get(name)) for each in root.iter(f"{SVG}line")
            for name in ("x1", "x2")]  # fmt: skip
    assert max(ends) <= 570 and min(ends) >= 240
    # Only the first range ends beyond the drawing.
    assert len(list(root.iter(f"{SVG}path"))) == 1
    shown = [each.text for each in root.iter(f"{SVG}text")]
    assert shown.count("–") == 1 and "100" in shown and "50" in shown


@pytest.mark.parametrize("total", [1e-9, 0.3, 1, 9.99, 10, 99.6, 1e6, 7.7e11])
def test_charts_of_any_size(total):
    pair = Pair("a", (0.0, 0.0, 0.0), (total, total, total))
    for carrier in CARRIERS:
        drawn = balance_chart([pair], carrier, "t", "b", "en")
        ticks = re.findall(r'class="tick">([^<]*)<', drawn)
        assert 2 <= len(ticks) <= 5 and ticks[0] == "0"
        assert len(set(ticks)) == len(ticks)
        assert "nan" not in drawn and "inf" not in drawn


def test_an_amount_has_two_figures():
    told = {0.0123: "0,012", 0.996: "1,0", 1.25: "1,2", 99.6: "100", 12345: "12 000"}
    for value, words in told.items():
        assert amount(value, "nl").replace("\u202f", " ") == words


@pytest.fixture
def balance(flows):
    """A balance of three places, one with a name that tries something."""
    rows = [
        {"actor_id": f"E{n}", "quantity": 10.0 * (n + 1),
         "direction": ["supply", "demand"][n % 2], "material": f"stof_{n % 20}"}
        | (HEAT if n % 3 == 0 else {})
        for n in range(60)
    ]  # fmt: skip
    places = np.array([f"zone-{n % 3}" for n in range(60)], dtype=object)
    names = {"zone-0": BAD, "zone-1": "Kop", "zone-2": "Staart", EVERYWHERE: "alles"}
    return balance_of_places(flows(*rows), places, names)


def test_the_section_tells_totals_in_both_languages(balance):
    for language in ("nl", "en"):
        section = balance_section(balance, True, language)
        assert section.title == text("steps.flows.title", language)
        totals, largest = section.tables
        assert len(totals.rows) == 2 and len(largest.rows) == LISTED
        whole = balance[balance["area_id"] == EVERYWHERE]
        sums = whole.groupby("carrier")[["supply", "demand"]].sum()
        for row in totals.rows:
            name = "heat" if row[0] in {"Warmte", "Heat"} else "material"
            wanted = [amount(each, language) for each in sums.loc[name]]
            assert row[1:3] == wanted and row[-1] == "100 %"
        assert len(section.figures) == 2
        assert "<script" not in "".join(section.figures)
        assert all(ElementTree.fromstring(each) is not None  # noqa: S314
                   for each in section.figures)  # fmt: skip
    said = balance_section(balance, False, "nl")
    assert len(said.paragraphs) == 3


def test_nothing_to_tell(balance):
    for language in ("nl", "en"):
        section = balance_section(balance[:0], True, language)
        assert not section.tables and not section.figures


def test_units_are_not_mixed_in_one_drawing(flows):
    rows = flows(
        HEAT | {"actor_id": "E1", "quantity": 1.0},
        HEAT | {"actor_id": "E2", "quantity": 3600.0, "unit": "GJ/y"},
    )
    at = np.array(["zone-1", "zone-2"], dtype=object)
    names = {"zone-1": "Kop", "zone-2": "Staart", EVERYWHERE: "alles"}
    section = balance_section(balance_of_places(rows, at, names), True, "en")
    (figure,) = section.figures
    assert "Staart" not in figure and "Kop" in figure
