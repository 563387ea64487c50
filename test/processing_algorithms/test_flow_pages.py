"""Flows on the map: a layer and a page per carrier."""

import re
import shutil
import subprocess
from unicodedata import normalize

import geopandas as gpd
import numpy as np
import pytest
from kansenkaart.analysis.resources import read_toml
from kansenkaart.processing_algorithms.amounts import (
    amount_between,
    rounded,
    significant,
    told_unit,
)
from kansenkaart.processing_algorithms.maps.flow_pages import add_flow_page, flow_pages
from kansenkaart.processing_algorithms.maps.page import (
    PageContent,
    add_page,
    export_pdf,
)
from kansenkaart.processing_algorithms.maps.project import (
    build_project,
    drawn_layers,
    find_layer,
    save_project,
)
from kansenkaart.processing_algorithms.maps.spread import spread
from qgis.core import (
    QgsLayoutItem,
    QgsProject,
    QgsRenderContext,
    QgsSymbolLayer,
)
from shapely import Point

needs_poppler = pytest.mark.skipif(
    shutil.which("pdftotext") is None, reason="poppler-utils is not installed"
)
HOSTILE = "<b>Kade</b> [% 1 + 1 %]"
LIMITS = {
    name: each["limits"]
    for name, each in read_toml("styles", "flow_places.toml")["sizes"].items()
}
UNITS = {"material": "t/y", "water": "m3/y", "heat": "MWh/y", "co2": "t/y"}


def row(place, carrier, direction, quantity, **given):
    """One row of flow_places, at a spot that follows from its place."""
    values = {
        "place_id": f"zone-{place:02}",
        "name": f"Plek {place:02}",
        "place_kind": "zone",
        "carrier": carrier,
        "direction": direction,
        "quantity": float(quantity),
        "quantity_low": quantity / 4,
        "quantity_high": quantity * 4.0,
        "unit": UNITS[carrier],
        "flows": 3,
        "data_quality": 3,
        "materials": "hout en glas",
        "size": 1 + int(np.searchsorted(LIMITS[carrier], quantity, side="right")),
        "shown": True,
        "geometry": Point(100_450 + 900 * place, 400_300),
    }
    return values | given


def table(*rows):
    return gpd.GeoDataFrame(list(rows), geometry="geometry", crs="EPSG:28992")


@pytest.fixture
def project(write_map, small_map):
    """Makes a project of the small map with these rows."""
    alive = []

    def make(*rows):
        small_map["flow_places"] = table(*rows)
        alive.append(build_project(write_map(small_map), "nl", "Kaart"))
        return alive[-1]

    yield make
    alive.clear()


def content(**changes):
    given = {"title": "Kansen in Zuidland", "subtitle": "Waar?", "date": "vandaag"}
    return PageContent(**(given | changes))


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def listed(layout):
    """Labels in the legend, by layer."""
    model = layout.itemById("legend").model()
    return {
        tree.layer().name(): [node.data(0) for node in model.layerLegendNodes(tree)]
        for tree in model.rootGroup().findLayers()
    }


HEAT = [
    row(1, "heat", "supply", 2_345_000, data_quality=5),
    row(1, "heat", "demand", 12_340),
    row(2, "heat", "supply", 500, shown=False),
    row(3, "heat", "demand", 98_760, data_quality=1),
    row(4, "heat", "demand", 1_000, shown=False),
]


# What the page says.


def test_table_is_in_one_unit_with_the_figures_that_are_known():
    (page,) = flow_pages(table(*HEAT), "nl")
    assert page.unit == "GWh"
    assert [(each.name, each.supply, each.demand) for each in page.places] == [
        ("Plek 01", "2\u202f000 (600–9\u202f000)", "12"),
        ("Plek 03", "–", "98,8"),
    ]


def test_share_that_is_drawn_is_never_rounded_up():
    rows = [row(1, "co2", "supply", 99_999), row(2, "co2", "supply", 1, shown=False)]
    (page,) = flow_pages(table(*rows), "nl")
    expected = "Op de kaart staan de grootste plekken: 1 met aanbod (99 % van al het"
    assert page.notes.startswith(expected)
    assert "vraag (" not in page.notes


def test_only_carriers_that_are_drawn_and_only_in_their_unit():
    rows = [
        row(1, "material", "supply", 5_000),
        row(1, "material", "supply", 7_000_000, unit="MWh/y", shown=False, size=0),
        row(1, "water", "supply", 5_000, shown=False),
        row(2, "co2", "demand", 40),
    ]
    pages = {page.carrier: page for page in flow_pages(table(*rows), "nl")}
    assert list(pages) == ["material", "co2"]
    (place,) = pages["material"].places
    assert (place.name, place.supply) == ("Plek 01\nhout en glas", "5,0")
    assert "100 % van al het aanbod" in pages["material"].notes


def test_ten_places_by_what_is_told_of_their_largest():
    rows = [row(n, "co2", "supply", 150_000 + n * 1000) for n in range(12)]
    rows += [row(13, "co2", "demand", 158_900, data_quality=5)]
    (page,) = flow_pages(table(*rows), "nl")
    # 158,9 kton of quality 5 is told as 200, 161 of quality 3 as 160.
    places = [place.place_id for place in page.places]
    assert places[0] == "zone-13"
    assert places[1:] == [f"zone-{n:02}" for n in range(11, 2, -1)]
    assert flow_pages(table(*rows[::-1]), "nl") == [page]


def test_nothing_drawn_gives_no_page():
    rows = [row(1, "heat", "supply", 10, shown=False)]
    assert flow_pages(table(*rows), "nl") == []
    assert flow_pages(table(row(1, "heat", "supply", 1)).iloc[:0], "nl") == []


@pytest.mark.parametrize(
    ("value", "figures", "expected"),
    [
        (12_345, 3, "12\u202f300"),
        (98.76, 3, "98,8"),
        (98.76, 2, "99"),
        (9.96, 2, "10"),
        (0.96, 1, "1"),
        (0.34, 3, "0,3"),
        (0.04, 3, "<\u00a00,1"),
        (0, 2, "0"),
    ],
)
def test_significant(value, figures, expected):
    assert significant(value, figures, "nl") == expected


def test_rounded_keeps_what_is_not_a_number():
    assert np.isnan(rounded(float("nan"), 2))


@pytest.mark.parametrize(
    ("quantities", "name"),
    [([5], "tonne"), ([999, 10, 5_000], "tonne"), ([1_000, 10, 5_000], "kilotonne")],
)
def test_told_unit(quantities, name):
    assert told_unit(quantities, "t/y").name == name


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (None, 10_000, "minder dan 10\u202f000 m³ per jaar"),
        (100_000, 1_000_000, "100\u202f000–1\u202f000\u202f000 m³ per jaar"),
        (1_000_000, 10_000_000, "1–10 mln m³ per jaar"),
        (10_000_000, None, "10 mln m³ per jaar of meer"),
    ],
)
def test_classes_in_words(low, high, expected):
    assert amount_between(low, high, "m3/y", "nl") == expected


# The project.


def test_a_hidden_layer_per_carrier_that_is_drawn(project):
    made = project(*HEAT, row(5, "water", "demand", 5), row(6, "co2", "demand", 1))
    (group,) = (
        group
        for group in made.layerTreeRoot().findGroups()
        if group.name() == "Reststromen: vraag en aanbod"
    )
    assert [node.name() for node in group.findLayers()] == ["Water", "Warmte", "CO₂"]
    assert not any(node.isVisible() for node in group.findLayers())
    heat = find_layer(made, "flow_places:heat")
    assert heat.featureCount() == 3
    assert heat not in drawn_layers(made)
    assert find_layer(made, "leverage_areas").featureCount() == 12


@pytest.mark.parametrize("carrier", UNITS)
def test_one_carrier_alone(project, carrier):
    """The layers of the others are opened and closed again, and harm nothing."""
    made = project(row(1, carrier, "supply", 10))
    assert find_layer(made, f"flow_places:{carrier}").featureCount() == 1
    assert all(layer.featureCount() >= 0 for layer in made.mapLayers().values())


def test_project_opens_again_elsewhere(write_map, small_map, tmp_path):
    small_map["flow_places"] = table(*HEAT)
    folder = write_map(small_map, tmp_path / "kaart.new")
    made = build_project(folder, "nl", "Kaart")
    add_flow_page(made, content(), flow_pages(table(*HEAT), "nl")[0])
    save_project(made, folder / "kansenkaart.qgz")
    made.clear()
    moved = shutil.move(folder, tmp_path / "elders")
    opened = QgsProject()
    assert opened.read(f"{moved}/kansenkaart.qgz")
    heat = find_layer(opened, "flow_places:heat")
    assert heat.isValid() and str(moved) in heat.source()
    assert heat.featureCount() == 3
    (layout,) = opened.layoutManager().layouts()
    assert layout.name() == "Kansenkaart A3: warmte"


# What the map shows.


def drawn(layer):
    """Place, direction, size, offset and whether there is a letter, as drawn."""
    renderer, context = layer.renderer(), QgsRenderContext()
    context.setExpressionContext(layer.createExpressionContext())
    renderer.startRender(context, layer.fields())
    expressions, found = context.expressionContext(), []
    for item in layer.getFeatures():
        expressions.setFeature(item)
        *_, symbol = renderer.symbolsForFeature(item, context)
        outline, letter = symbol.symbolLayer(0), symbol.symbolLayers()[-1]
        size, offset, shown = (
            part.dataDefinedProperties().value(name, expressions)
            for part, name in (
                (outline, QgsSymbolLayer.Property.Size),
                (outline, QgsSymbolLayer.Property.Offset),
                (letter, QgsSymbolLayer.Property.LayerEnabled),
            )
        )
        offset = tuple(float(part) for part in offset.split(","))
        found.append((item["direction"], item["size"], size, offset, bool(shown)))
    renderer.stopRender(context)
    return found


def test_supply_and_demand_touch_and_sizes_follow_the_class(project):
    rows = [
        row(n, "material", direction, 10.0 ** (n + 1) * 2)
        for n in range(1, 6)
        for direction in ("supply", "demand")
    ]
    made = project(*rows)
    sizes = read_toml("styles", "flow_places.toml")["symbol"]["sizes"]
    found = drawn(find_layer(made, "flow_places:material"))
    assert len(found) == 10
    for direction, size, width, (x, y), letter in found:
        assert width == sizes[size - 1]
        assert x == (-1 if direction == "supply" else 1) * width / 2
        assert y == 0
        assert letter == (size > 1)


def test_legend_lists_what_is_on_the_map(project):
    far = row(9, "heat", "supply", 5, geometry=Point(900_000, 0))
    made = project(*HEAT, far)
    (page,) = flow_pages(table(*HEAT), "nl")
    shown = listed(add_flow_page(made, content(), page))
    assert shown["Warmte"] == [
        "Warmte, aanbod",
        "Warmte, aanbod (ruwe schatting)",
        "Warmte, vraag",
        "1\u202f000 GWh per jaar of meer",
        "10–100 GWh per jaar",
        "minder dan 1 GWh per jaar",
    ]
    made = project(*HEAT)
    shown = listed(add_flow_page(made, content(), page))
    assert shown["Warmte"] == [
        "Warmte, aanbod (ruwe schatting)",
        "Warmte, vraag",
        "1\u202f000 GWh per jaar of meer",
        "10–100 GWh per jaar",
    ]
    assert not any("Hefboomgebied" in name for name in shown)


def test_map_of_the_areas_shows_no_flows(project):
    shown = listed(add_page(project(*HEAT), content()))
    assert "Warmte" not in shown
    assert "Hefboomgebieden naar score" in shown


@needs_poppler
@pytest.mark.parametrize("page", ["A3", "A0"])
def test_one_file_with_a_page_per_carrier(project, tmp_path, page):
    rows = [
        row(n, carrier, direction, 1000 * n, name=f"{HOSTILE} {n}")
        for n in range(1, 13)
        for carrier in UNITS
        for direction in ("supply", "demand")
    ]
    made = project(*rows)
    first = add_page(made, content(), page)
    pages = flow_pages(table(*rows), "nl")
    layouts = [add_flow_page(made, content(), each, page) for each in pages]
    path = tmp_path / "kaart.pdf"
    export_pdf(first, path, *layouts)
    assert re.search(r"Pages: +5", run("pdfinfo", str(path)))
    assert len(run("pdfimages", "-list", str(path)).splitlines()) == 2  # heading only
    for number, carrier in enumerate(UNITS, 2):
        only = ("-f", str(number), "-l", str(number), str(path), "-")
        # Letters may be joined in one, as ff is.
        raw = normalize("NFKC", run("pdftotext", "-raw", *only))
        said = raw.replace("\n", " ")
        assert "Kansen in Zuidland" in said
        subtitle = read_toml("texts", "nl", "page.toml")["flows"]["subtitle"][carrier]
        assert normalize("NFKC", subtitle) in said
        assert said.count(HOSTILE) == 10
        box = run("pdftotext", "-bbox", *only)
        width = float(re.search(r'page width="([\d.]+)"', box)[1])
        words = re.findall(r'xMin="([\d.]+)".*>(.*)</word>', box)
        on_map = {word for left, word in words if float(left) < 0.7 * width}
        assert {str(place) for place in range(1, 11)} <= on_map


@pytest.mark.parametrize("page", ["A3", "A1"])
def test_nothing_in_the_column_overlaps(project, page):
    name = "Bedrijventerrein Zeer Lange Naam aan het Kanaal van Hier naar Ginder " * 2
    rows = [
        row(n, "material", "supply", 10.0**n, name=name, materials=name, data_quality=5)
        for n in range(1, 12)
    ]
    (flows,) = flow_pages(table(*rows), "nl")
    layout = add_flow_page(project(*rows), content(title=name), flows, page)
    edge = layout.itemById("map").sceneBoundingRect().right()
    column = [
        item.sceneBoundingRect().adjusted(0.1, 0.1, -0.1, -0.1)
        for item in layout.items()
        if isinstance(item, QgsLayoutItem) and item.pos().x() > edge
    ]
    column = [part for part in column if part.width() > part.height() * 1.5]
    for first, part in enumerate(column):
        assert not any(part.intersects(other) for other in column[first + 1 :])


def test_a_page_made_again_replaces_only_its_own(project):
    made = project(*HEAT, row(1, "co2", "supply", 5))
    pages = flow_pages(table(*HEAT, row(1, "co2", "supply", 5)), "nl")
    for page in (*pages, *pages):
        add_flow_page(made, content(), page)
    names = sorted(layout.name() for layout in made.layoutManager().layouts())
    assert names == ["Kansenkaart A3: CO₂", "Kansenkaart A3: warmte"]


# Symbols apart.


def overlaps(middles, halves):
    """Pairs of rectangles that overlap, counted one by one."""
    count = 0
    for first in range(len(middles)):
        for second in range(first):
            gap = abs(middles[first] - middles[second])
            count += bool((gap < halves[first] + halves[second] - 1e-3).all())
    return count


@pytest.mark.parametrize("seed", range(5))
def test_symbols_go_apart_where_there_is_room(seed):
    rng = np.random.default_rng(seed)
    middles, halves = rng.uniform(0, 100, (40, 2)), rng.uniform(0.8, 3.3, (40, 2))
    shifts = spread(middles, halves, 12)
    assert overlaps(middles, halves) > 0
    assert overlaps(middles + shifts, halves) == 0
    order = rng.permutation(40)
    again = spread(middles[order], halves[order], 12)
    assert np.allclose(again, shifts[order])


def test_nobody_goes_further_than_reach_and_who_is_alone_stays():
    middles = np.array([[0.0, 0.0]] * 30 + [[50.0, 0.0]])
    shifts = spread(middles, np.full((31, 2), 2.0), 3)
    assert np.hypot(*shifts.T).max() <= 3 + 1e-9
    assert (shifts[-1] == 0).all()


def test_the_smaller_goes_further():
    middles = np.array([[0.0, 0.0], [1.0, 0.0]])
    halves = np.array([[4.0, 4.0], [1.0, 1.0]])
    shifts = spread(middles, halves, 9)
    assert abs(shifts[1, 0]) == pytest.approx(16 * abs(shifts[0, 0]))
    assert overlaps(middles + shifts, halves) == 0
