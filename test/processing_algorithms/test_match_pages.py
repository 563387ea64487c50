"""Matches on the map: a layer and a page per carrier."""

import re
import shutil
import subprocess
from unicodedata import normalize

import geopandas as gpd
import pytest
from kansenkaart.analysis.resources import read_toml
from kansenkaart.processing_algorithms.maps.match_pages import (
    add_match_page,
    match_pages,
)
from kansenkaart.processing_algorithms.maps.page import PageContent, export_pdf
from kansenkaart.processing_algorithms.maps.project import build_project, find_layer
from qgis.core import Qgis, QgsLayoutItem, QgsRenderContext
from shapely import LineString

needs_poppler = pytest.mark.skipif(
    shutil.which("pdftotext") is None, reason="poppler-utils is not installed"
)
HOSTILE = "<b>Kade</b> [% 1 + 1 %]"
STYLE = read_toml("styles", "match_pairs.toml")


def pair(number, carrier, delivered, **given):
    """One row of match_pairs, at a spot that follows from its number."""
    limits, unit = STYLE["sizes"][carrier]["limits"], STYLE["sizes"][carrier]["unit"]
    x, y = 100_450 + 700 * number, 400_300
    values = {
        "pair_id": f"{carrier}|{number:02}",
        "carrier": carrier,
        "unit": unit,
        "from_id": f"zone-{number:02}",
        "from_name": f"Plek {number:02}",
        "to_id": "zone-99",
        "to_name": "Plek 99",
        "matches": 3,
        "materials": "hout en glas",
        "allocated": float(delivered),
        "delivered": float(delivered),
        "distance_m": 1200.0,
        "avoided_co2_t": delivered / 7,
        "avoided_co2_t_low": None,
        "avoided_co2_t_high": None,
        "size": 1 + sum(delivered >= edge for edge in limits),
        "shown": True,
        "geometry": LineString([(x, y), (x + 300, y + 900), (x + 900, y + 1200)]),
    }
    return values | given


def table(*rows):
    return gpd.GeoDataFrame(list(rows), geometry="geometry", crs="EPSG:28992")


@pytest.fixture
def project(write_map, small_map):
    """Makes a project of the small map with these rows."""
    alive = []

    def make(*rows):
        small_map["match_pairs"] = table(*rows)
        alive.append(build_project(write_map(small_map), "nl", "Kaart"))
        return alive[-1]

    yield make
    alive.clear()


def content(**changes):
    given = {"title": "Kansen in Zuidland", "subtitle": "Waar?", "date": "vandaag"}
    return PageContent(**(given | changes))


HEAT = [
    pair(1, "heat", 234_500),
    pair(2, "heat", 12_340, to_id="zone-02", to_name="Plek 02"),
    pair(3, "heat", 500, shown=False),
    pair(4, "heat", 98_760, avoided_co2_t=None),
]


def test_table_lists_the_largest_with_two_figures():
    (page,) = match_pages(table(*HEAT), "nl")
    assert page.unit == "GWh"
    assert [(each.name, each.delivered, each.avoided) for each in page.pairs] == [
        ("Plek 01 → Plek 99", "230", "34\u202f000"),
        ("Plek 04 → Plek 99", "99", "–"),
        ("Binnen Plek 02", "12", "1\u202f800"),
    ]
    # 345,600 of 346,100, and never rounded up.
    assert "is 3, samen 99 %" in page.notes


def test_leads_are_drawn_dashed_and_not_listed(project):
    nothing = {"matches": 0, "delivered": None, "allocated": None, "size": 0}
    lead = pair(5, "heat", 1) | nothing
    (page,) = match_pages(table(*HEAT, lead), "nl")
    assert len(page.pairs) == 3
    layer = find_layer(project(*HEAT, lead), "match_pairs:heat")
    rules = {rule.label(): rule for rule in layer.renderer().rootRule().children()}
    (dashed,) = (rule for label, rule in rules.items() if label.startswith("Kans"))
    line, head = dashed.symbol().symbolLayers()
    assert line.useCustomDashPattern() and line.color().name() == "#d7301f"
    assert head.placements() == Qgis.MarkerLinePlacement.LastVertex
    assert match_pages(table(lead), "nl") == []


def test_what_costs_more_than_it_saves_is_told():
    (page,) = match_pages(table(pair(1, "co2", 5_000, avoided_co2_t=-1234.0)), "nl")
    assert page.pairs[0].avoided == "−1\u202f200"


def test_no_page_where_nothing_is_drawn():
    assert match_pages(table(pair(1, "heat", 5, shown=False)), "nl") == []


def test_arrows_are_as_wide_as_their_class(project):
    layer = find_layer(project(*HEAT), "match_pairs:heat")
    renderer, context = layer.renderer(), QgsRenderContext()
    context.setExpressionContext(layer.createExpressionContext())
    renderer.startRender(context, layer.fields())
    widths = {}
    for feature in layer.getFeatures():
        context.expressionContext().setFeature(feature)
        (symbol,) = renderer.symbolsForFeature(feature, context)
        arrow = symbol.symbolLayer(0)
        assert arrow.isCurved() and arrow.color().name() == "#d7301f"
        widths[feature["from_id"]] = arrow.arrowWidth()
    renderer.stopRender(context)
    thin, middle, wide = STYLE["symbol"]["sizes"]
    assert widths == {"zone-01": wide, "zone-04": middle, "zone-02": middle}
    assert thin < middle < wide


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@needs_poppler
def test_pages_say_what_they_are_about_and_hold_no_pixels(project, tmp_path):
    rows = [
        pair(n, carrier, 1000 * n, from_name=f"{HOSTILE} {n}")
        for n in range(1, 13)
        for carrier in STYLE["sizes"]
    ]
    made = project(*rows)
    pages = match_pages(table(*rows), "nl")
    layouts = [add_match_page(made, content(), each) for each in pages]
    path = tmp_path / "kaart.pdf"
    export_pdf(layouts[0], path, *layouts[1:])
    assert re.search(r"Pages: +4", run("pdfinfo", str(path)))
    assert len(run("pdfimages", "-list", str(path)).splitlines()) == 2  # heading only
    for number, carrier in enumerate(STYLE["sizes"], 1):
        only = ("-f", str(number), "-l", str(number), str(path), "-")
        said = normalize("NFKC", run("pdftotext", "-raw", *only)).replace("\n", " ")
        subtitle = read_toml("texts", "nl", "page.toml")["matches"]["subtitle"][carrier]
        assert normalize("NFKC", subtitle) in said
        assert said.count(HOSTILE) == 10


def test_legend_lists_the_widths_that_are_drawn(project):
    layout = add_match_page(
        project(*HEAT), content(), match_pages(table(*HEAT), "nl")[0]
    )
    model = layout.itemById("legend").model()
    (tree,) = (
        each
        for each in model.rootGroup().findLayers()
        if each.name() == "Warmte: wat aankomt"
    )
    assert [node.data(0) for node in model.layerLegendNodes(tree)] == [
        "100 GWh per jaar of meer",
        "10–100 GWh per jaar",
    ]


def test_nothing_in_the_column_overlaps(project):
    name = "Bedrijventerrein Zeer Lange Naam aan het Kanaal van Hier naar Ginder " * 2
    rows = [
        pair(n, "material", 10.0**n, from_name=name, to_name=name, materials=name)
        for n in range(1, 12)
    ]
    (page,) = match_pages(table(*rows), "nl")
    layout = add_match_page(project(*rows), content(title=name), page)
    edge = layout.itemById("map").sceneBoundingRect().right()
    column = [
        item.sceneBoundingRect().adjusted(0.1, 0.1, -0.1, -0.1)
        for item in layout.items()
        if isinstance(item, QgsLayoutItem) and item.pos().x() > edge
    ]
    column = [part for part in column if part.width() > part.height() * 1.5]
    for first, part in enumerate(column):
        assert not any(part.intersects(other) for other in column[first + 1 :])
