"""The printed page: complete, legible, made of vectors and text."""

import re
import shutil
import subprocess
from itertools import combinations, pairwise

import pytest
from kansenkaart.analysis.resources import read_toml
from kansenkaart.processing_algorithms.maps.mark_places import (
    Anchor,
    area_anchors,
    number_places,
    point_anchors,
    rank_places,
)
from kansenkaart.processing_algorithms.maps.page import (
    NumberedInitiative,
    PageContent,
    RankedArea,
    add_page,
    export_pdf,
)
from kansenkaart.processing_algorithms.maps.page_map import next_round
from kansenkaart.processing_algorithms.maps.project import (
    build_project,
    extents,
    find_layer,
    save_project,
)
from kansenkaart.processing_algorithms.maps.sheet import literal
from qgis.core import (
    QgsExpression,
    QgsExpressionContext,
    QgsGeometry,
    QgsLayoutItem,
    QgsPointXY,
    QgsProject,
    QgsRectangle,
)
from shapely import box

needs_poppler = pytest.mark.skipif(
    shutil.which("pdftotext") is None, reason="poppler-utils is not installed"
)
HOSTILE = "<b>Kade</b> & [% 1 + 1 %]"
LONG = "Bedrijventerrein Zeer Lange Naam aan het Kanaal van Hier naar Ginder Oost II"


def content(project, **changes):
    areas = find_layer(project, "leverage_areas")
    ranking = [
        RankedArea(item["rank"], item["name"], item["score"], item["why_short"])
        for item in areas.getFeatures()
    ]
    given = {
        "title": "Kansen in Zuidland",
        "subtitle": "Waar komt het samen?",
        "ranking": ranking,
        "sources": ["bedrijven 2026", "gebieden 2025"],
        "assumptions_note": "Aannames: zie rapport.",
        "date": "21 november 2026",
        "version": "0.1.0",
    }
    return PageContent(**(given | changes))


@pytest.fixture
def project(write_map, small_map):
    return build_project(write_map(small_map), "nl", "Kansen in Zuidland")


def boxes(layout):
    return {
        item.id() or item.displayName(): item.sceneBoundingRect()
        for item in layout.items()
        if isinstance(item, QgsLayoutItem) and item.displayName() != "Page"
    }


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def words(path):
    """Text and box of every word in a PDF."""
    page = run("pdftotext", "-bbox", str(path), "-")
    size = re.search(r'page width="([\d.]+)" height="([\d.]+)"', page)
    pattern = r'xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)">(.*)<'
    found = [(m[5], *map(float, m.groups()[:4])) for m in re.finditer(pattern, page)]
    return found, (float(size[1]), float(size[2]))


@needs_poppler
@pytest.mark.parametrize("page", ["A3", "A1", "A0"])
def test_page_is_vector_and_text(project, tmp_path, page):
    path = tmp_path / "kaart.pdf"
    export_pdf(add_page(project, content(project), page), path)
    said = run("pdftotext", "-layout", str(path), "-")
    for expected in ("Kansen in Zuidland", "Waar komt het samen?", "97,5", "Zuidland"):
        assert expected in said
    about = run("pdfinfo", str(path))
    assert "Kansen in Zuidland" in about
    assert not re.search(r"Author: +\S", about)
    assert len(run("pdfimages", "-list", str(path)).splitlines()) == 2  # heading only
    assert re.search(r"Sans.*yes", run("pdffonts", str(path)))
    found, (width, height) = words(path)
    margin = width * 10 / 420
    for word, left, top, right, bottom in found:
        assert margin - 2 <= left and right <= width - margin + 2, word
        assert margin - 2 <= top and bottom <= height - margin + 2, word


@needs_poppler
def test_no_letter_is_too_small(project, tmp_path):
    """At least 6 pt on A3 and 14 pt on A0: lines are about 1.36 times as high."""
    for page, points in (("A3", 6), ("A0", 14)):
        path = tmp_path / f"{page}.pdf"
        export_pdf(add_page(project, content(project), page), path)
        found, _ = words(path)
        assert min(bottom - top for _, _, top, _, bottom in found) >= 1.15 * points


@needs_poppler
def test_names_are_never_evaluated(project, tmp_path):
    path = tmp_path / "kaart.pdf"
    title = "Kade [% 1 + 1 %] west"
    export_pdf(add_page(project, content(project, title=title)), path)
    said = run("pdftotext", "-raw", str(path), "-").replace("\n", " ")
    assert title in said
    assert "1 <b>Kade</b> & [% 1 + 1 %] 'west'" in said  # the first row of the table


@pytest.mark.parametrize("page", ["A3", "A0"])
@pytest.mark.parametrize("rows", [0, 1, 10])
def test_nothing_in_the_column_overlaps(project, page, rows):
    """Also with a title of several lines and names that wrap."""
    ranking = [
        RankedArea(n + 1, LONG, 50.0, "kade naast spoor " * 3) for n in range(rows)
    ]
    layout = add_page(project, content(project, ranking=ranking, title=LONG), page)
    column = [
        item.sceneBoundingRect().adjusted(0.1, 0.1, -0.1, -0.1)
        for item in layout.items()
        if isinstance(item, QgsLayoutItem)
        and item.pos().x() > layout.itemById("map").sceneBoundingRect().right()
    ]
    column = [part for part in column if part.width() > part.height() * 1.5]
    for first, part in enumerate(column):
        assert not any(part.intersects(other) for other in column[first + 1 :])


@needs_poppler
def test_table_drops_no_row(project, tmp_path):
    path = tmp_path / "kaart.pdf"
    ranking = [RankedArea(n, f"{LONG} nummer{n}", 50.0, "x") for n in range(1, 11)]
    export_pdf(add_page(project, content(project, ranking=ranking)), path)
    said = run("pdftotext", "-raw", str(path), "-")
    assert all(f"nummer{number}" in said for number in range(1, 11))


@needs_poppler
def test_empty_ranking_says_so(write_map, small_map, tmp_path):
    small_map["leverage_areas"] = small_map["leverage_areas"].iloc[:0]
    project = build_project(write_map(small_map), "nl", "Kaart")
    path = tmp_path / "kaart.pdf"
    export_pdf(add_page(project, content(project, ranking=[])), path)
    said = run("pdftotext", "-raw", str(path), "-")
    assert "Geen enkel gebied" in said.replace("\n", " ")
    assert "Hefboomgebieden" not in said


def test_legend_lists_what_is_on_the_map(project):
    layout = add_page(project, content(project))
    model = layout.itemById("legend").model()
    listed = [
        node.data(0)
        for tree in model.rootGroup().findLayers()
        for node in model.layerLegendNodes(tree)
    ]
    assert "Bedrijventerrein" in listed
    assert "Natuur" not in listed  # far outside the map
    assert "Weg" in listed and "Spoor" not in listed
    assert "80–100" in listed
    assert "Aannames" not in listed


@needs_poppler
def test_heading_stays_where_one_class_does_not_explain_itself(
    write_map, small_map, tmp_path
):
    small_map["leverage_areas"] = small_map["leverage_areas"].iloc[:1]
    small_map["clusters"]["group"] = HOSTILE
    project = build_project(write_map(small_map), "nl", "Kaart")
    path = tmp_path / "kaart.pdf"
    export_pdf(add_page(project, content(project, ranking=[])), path)
    said = run("pdftotext", "-raw", str(path), "-").replace("\n", " ")
    assert "Hefboomgebieden naar score 80–100" in said
    assert "Bedrijvenclusters" in said
    assert "1 + 1" in said


@pytest.mark.parametrize("page", ["A3", "A1", "A0"])
def test_large_sheets_keep_the_legend_and_the_proportions(project, page):
    small = boxes(add_page(project, content(project)))
    layout = add_page(project, content(project), page)
    large = boxes(layout)
    factor = layout.pageCollection().page(0).rect().width() / 420
    for name in ("map", "legend", "ranking"):
        expected = factor * small[name].width()
        assert large[name].width() == pytest.approx(expected, rel=0.03)


def test_large_legend_is_still_large_when_opened_again(project, tmp_path):
    add_page(project, content(project), "A0")
    save_project(project, tmp_path / "kaart.qgz")
    opened = QgsProject()
    assert opened.read(str(tmp_path / "kaart.qgz"))
    (layout,) = opened.layoutManager().layouts()
    model = layout.itemById("legend").model()
    (node,) = (
        tree
        for tree in model.rootGroup().findLayers()
        if "regio" in tree.layer().name()
    )
    (shown,) = model.layerLegendNodes(node)
    on_paper = shown.customSymbol().symbolLayer(0).strokeWidth()
    on_screen = node.layer().renderer().symbol().symbolLayer(0).strokeWidth()
    assert on_paper == pytest.approx(1189 / 420 * on_screen)


def test_a_page_made_again_replaces_the_first(project):
    add_page(project, content(project))
    add_page(project, content(project))
    assert len(project.layoutManager().layouts()) == 1


def test_nothing_to_draw_at_all(write_map, small_map):
    empty = {name: small_map[name].iloc[:0] for name in ("regions", "zones")}
    project = build_project(write_map(empty), "nl", "Kaart")
    layout = add_page(project, PageContent("Leeg", "Niets", language="nl"))
    assert layout.itemById("map").extent().isFinite()


def test_map_shows_the_areas_at_a_round_scale(project):
    printed = add_page(project, content(project)).itemById("map")
    interest, _ = extents(project)
    assert printed.extent().contains(interest)
    assert printed.scale() == pytest.approx(
        next_round(printed.scale() * 0.99, [1, 1.25, 1.5, 2, 2.5, 3, 4, 5, 6, 7.5, 8])
    )
    ratio = printed.extent().width() / printed.extent().height()
    assert ratio == pytest.approx(printed.rect().width() / printed.rect().height())


def test_many_groups_leave_room(write_map, small_map):
    """The column is never fuller than the page, whatever it lists."""
    count = 24
    clusters = small_map["clusters"].loc[[0] * count].reset_index(drop=True)
    clusters["group"] = [f"Bedrijfstak nummer {n:02}" for n in range(count)]
    small_map["clusters"] = clusters
    project = build_project(write_map(small_map), "nl", "Kaart")
    ranking = [RankedArea(n, LONG, 50.0, "x") for n in range(1, 11)]
    layout = add_page(project, content(project, ranking=ranking, title=2 * LONG))
    placed = boxes(layout)
    assert placed["legend"].bottom() < placed["ranking"].top()
    assert placed["ranking"].bottom() < placed["scale bar"].top()


def test_rank_circles_cover_no_other(write_map, small_map):
    """Also where the ten best areas lie close together."""
    areas = small_map["leverage_areas"]
    areas["geometry"] = [box(n, n, n + 90, n + 90) for n in range(100_000, 100_600, 50)]
    project = build_project(write_map(small_map), "nl", "Kaart")
    layer = find_layer(project, "leverage_areas")
    extent = layer.extent().buffered(10_000)
    rank = read_toml("styles", "scored_areas.toml")["rank"]
    places = rank_places(area_anchors(layer, rank, 1000), [], extent, diameter=1000)
    assert len(places) == 10
    assert all(extent.contains(place) for place in places.values())
    for first, second in combinations(places.values(), 2):
        assert first.distance(second) > 1000


def test_rank_stays_on_an_area_with_room(project):
    layer = find_layer(project, "leverage_areas")
    rank = read_toml("styles", "scored_areas.toml")["rank"]
    anchors = area_anchors(layer, rank, 100)
    places = rank_places(anchors, [], layer.extent(), diameter=100)
    for feature in layer.getFeatures():
        if feature["rank"] <= 10:
            place = QgsGeometry.fromPointXY(places[feature.id()])
            assert feature.geometry().contains(place)


@needs_poppler
def test_all_ten_ranks_are_printed(write_map, small_map, tmp_path):
    areas = small_map["leverage_areas"]
    areas["geometry"] = [box(n, n, n + 90, n + 90) for n in range(100_000, 100_600, 50)]
    project = build_project(write_map(small_map), "nl", "Kaart")
    path = tmp_path / "kaart.pdf"
    export_pdf(add_page(project, content(project, ranking=[])), path)
    found, (width, _) = words(path)
    ranks = {word for word, left, *_ in found if word.isdigit() and left < 0.7 * width}
    assert ranks == {str(number) for number in range(1, 11)}


# Initiatives.


@pytest.fixture
def with_initiatives(write_map, small_map):
    """A project with so many initiatives; the kinds take turns, the last is unknown."""

    def make(count, xs=None):
        import geopandas as gpd
        from shapely import Point

        kinds = ["running", "planned", "exchange", "hub", None]
        xs = xs or [99_000 + 14_000 * n / count for n in range(count)]
        small_map["initiatives"] = gpd.GeoDataFrame(
            {
                "initiative_id": [f"i{n:02}" for n in range(count)],
                "name": [HOSTILE] * count,
                "kind": [kinds[n % 5] for n in range(count)],
                "number": list(range(1, count + 1)),
            },
            geometry=[Point(x, 403_000 - 150 * (n % 7)) for n, x in enumerate(xs)],
            crs="EPSG:28992",
        )
        return build_project(write_map(small_map), "nl", "Kaart")

    return make


def initiatives(count):
    return [
        NumberedInitiative(n, f"Initiatief {n} {HOSTILE}", "lopend")
        for n in range(1, count + 1)
    ]


@needs_poppler
@pytest.mark.parametrize("count", [1, 8, 40])
@pytest.mark.parametrize("page", ["A3", "A0"])
def test_every_initiative_is_numbered_on_the_map(
    with_initiatives, tmp_path, count, page
):
    project = with_initiatives(count)
    path = tmp_path / "kaart.pdf"
    listed = content(project, ranking=[], initiatives=initiatives(count))
    export_pdf(add_page(project, listed, page), path)
    found, (width, _) = words(path)
    on_map = sorted(
        int(w) for w, left, *_ in found if w.isdigit() and left < 0.7 * width
    )
    # The ten ranks stand on the map too.
    assert on_map == sorted([*range(1, 11), *range(1, count + 1)])
    assert len(run("pdfimages", "-list", str(path)).splitlines()) == 2


@needs_poppler
@pytest.mark.parametrize(
    ("count", "rows", "rest"), [(0, 0, 0), (1, 1, 0), (8, 8, 0), (40, 12, 28)]
)
def test_list_of_initiatives(with_initiatives, tmp_path, count, rows, rest):
    project = with_initiatives(max(count, 1))
    path = tmp_path / "kaart.pdf"
    listed = content(project, initiatives=initiatives(count))
    export_pdf(add_page(project, listed), path)
    said = run("pdftotext", "-raw", str(path), "-")
    assert re.findall(r"Initiatief (\d+)", said) == [str(n + 1) for n in range(rows)]
    assert said.count(f"{HOSTILE} lopend") == rows
    assert ("Initiatieven, met hun nummer" in said) == (count > 0)
    assert re.findall(r"en nog (\d+): zie het rapport", said) == [str(rest)] * (
        rest > 0
    )


@pytest.mark.parametrize("page", ["A3", "A1", "A0"])
@pytest.mark.parametrize("count", [1, 8, 40])
def test_column_with_initiatives_has_room(with_initiatives, page, count):
    """From the title to the small print, whatever is listed."""
    project = with_initiatives(count)
    ranking = [
        RankedArea(n + 1, LONG, 50.0, "kade naast spoor " * 3) for n in range(10)
    ]
    given = content(
        project, ranking=ranking, initiatives=initiatives(count), title=LONG
    )
    placed = boxes(add_page(project, given, page))
    blocks = ["legend", "ranking", "initiatives", "scale bar"]
    for above, below in pairwise(placed[block] for block in blocks if block in placed):
        assert above.bottom() < below.top()
    assert "initiatives" in placed


@needs_poppler
def test_initiatives_outside_the_page_are_left_to_the_report(
    with_initiatives, tmp_path
):
    project = with_initiatives(3, xs=[101_000, 900_000, 103_000])
    path = tmp_path / "kaart.pdf"
    export_pdf(add_page(project, content(project, initiatives=initiatives(3))), path)
    said = run("pdftotext", "-raw", str(path), "-")
    assert re.findall(r"Initiatief (\d+)", said) == ["1", "3"]
    assert "en nog 1: zie het rapport" in said


def test_legend_lists_the_kinds_shown_after_the_areas(with_initiatives):
    project = with_initiatives(5)
    model = add_page(project, content(project)).itemById("legend").model()
    first = model.rootGroup().findGroups()[0]
    assert [node.layer().name() for node in first.findLayers()] == [
        "Hefboomgebieden naar score",
        "Bedrijvenclusters",
        "Initiatieven",
    ]
    kinds = [
        node.data(0)
        for tree in first.findLayers()
        for node in model.layerLegendNodes(tree)
        if tree.layer().name() == "Initiatieven"
    ]
    assert kinds == [
        "Lopend initiatief",
        "Gepland initiatief",
        "Uitwisseling van reststromen",
        "Hub voor reststromen",
        "Initiatief, soort onbekend",
    ]


def test_numbers_cover_no_rank_and_no_other_number():
    """Also where initiatives lie in and round the best areas."""
    extent = QgsRectangle(0, 0, 40_000, 30_000)
    spots = [(18_000 + 350 * (n % 8), 14_000 + 500 * (n // 8)) for n in range(24)]
    points = {n: Anchor(QgsPointXY(*spot)) for n, spot in enumerate(spots)}
    areas = [Anchor(QgsPointXY(17_000 + 900 * n, 15_000), 100.0) for n in range(5)]
    best = dict(enumerate(areas))
    circles = rank_places(best, points.values(), extent, 500)
    plates = number_places(points, areas, circles.values(), extent, 540)
    marks = [*circles.values(), *plates.values()]
    assert all(extent.contains(mark) for mark in marks)
    for first, second in combinations(marks, 2):
        assert first.distance(second) > 540


def test_a_number_stays_on_its_point_where_it_can():
    extent = QgsRectangle(0, 0, 40_000, 30_000)
    points = {1: Anchor(QgsPointXY(5_000, 5_000)), 2: Anchor(QgsPointXY(39_990, 9))}
    places = number_places(points, [], [], extent, 540)
    assert places[1] == QgsPointXY(5_000, 5_000)
    # At the edge of the map a plate would be cut.
    assert extent.buffered(-300).contains(places[2])


def test_points_are_numbered_in_order_and_inside_the_map(with_initiatives):
    project = with_initiatives(4, xs=[103_000, 101_000, 900_000, 102_000])
    layer = find_layer(project, "initiatives")
    extent = QgsRectangle(100_000, 400_000, 110_000, 410_000)
    spots = [
        anchor.spot.x() for anchor in point_anchors(layer, "number", extent).values()
    ]
    assert spots == [103_000, 101_000, 102_000]


def test_one_small_area(write_map, small_map):
    small_map["leverage_areas"] = small_map["leverage_areas"].iloc[:1]
    project = build_project(write_map(small_map), "nl", "Kaart")
    printed = add_page(project, content(project)).itemById("map")
    assert printed.scale() >= 25_000


@pytest.mark.parametrize("proof", [True, False])
def test_draft_mark(project, proof):
    layout = add_page(project, content(project, proof=proof))
    assert (layout.itemById("mark") is not None) == proof


def test_unwritable_pdf(project, tmp_path):
    layout = add_page(project, content(project))
    taken = tmp_path / "map.pdf"
    taken.mkdir()
    with pytest.raises(OSError, match="map"):
        export_pdf(layout, taken)


@pytest.mark.parametrize(
    ("value", "expected"), [(99_000, 100_000), (100_000, 100_000), (100_001, 125_000)]
)
def test_next_round(value, expected):
    assert next_round(value, [1, 1.25, 2]) == pytest.approx(expected)


@pytest.mark.parametrize("words", ["plain", "[% 1+1 %]", "a'b [% x %] %] \\ c"])
def test_literal(words):
    context = QgsExpressionContext()
    assert QgsExpression.replaceExpressionText(literal(words), context) == words


def test_a_score_on_the_edge_of_two_classes_is_listed_once(write_map, small_map):
    small_map["leverage_areas"]["score"] = 80.0
    project = build_project(write_map(small_map), "nl", "Kaart")
    layout = add_page(project, content(project))
    model = layout.itemById("legend").model()
    (listed,) = (
        [node.data(0) for node in model.layerLegendNodes(tree)]
        for tree in model.rootGroup().findLayers()
        if tree.layer().customProperty("kansenkaart/table") == "leverage_areas"
    )
    assert "80–100" in listed
    assert "60–80" not in listed
