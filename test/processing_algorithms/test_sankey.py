"""Flow diagrams through QGIS: files, refusals and letters as wide as we think."""

import csv
import math

import numpy as np
import pytest
from bad_layers import memory, one_sentence, run
from kansenkaart.analysis.codes import division_names
from kansenkaart.analysis.matching.sankey_svg import text_width
from qgis.PyQt.QtCore import QRectF
from qgis.PyQt.QtGui import (
    QColor,
    QFont,
    QFontInfo,
    QFontMetricsF,
    QImage,
    QPainter,
)
from qgis.PyQt.QtSvg import QSvgRenderer

pytestmark = pytest.mark.usefixtures("provider")

COLUMNS = {"lead_id": "text", "carrier": "text", "material": "text", "unit": "text",
           "quantity": "real", "available": "real", "allocated": "real",
           "giver_sbi": "text", "receiver_sbi": "text"}  # fmt: skip


def matches(rows=30, columns=COLUMNS, kind="Line", crs="EPSG:28992", **changed):
    """Lines over two squares."""
    rng = np.random.default_rng(2)
    ends = 150000 + 1000 * rng.random((rows, 4))
    shapes = [f"LineString ({a} {b + 3e5}, {c} {d + 3e5})" for a, b, c, d in ends]
    if kind == "Point":
        shapes = [f"Point ({a} {b})" for a, b, *_ in ends]
    codes = ["1011", "2014", "0113"]
    made = [
        {
            "lead_id": f"L{n}",
            "carrier": ("material", "heat")[n % 2],
            "material": ("wood_waste", "heat")[n % 2],
            "unit": ("t/y", "MWh/y")[n % 2],
            "quantity": 1000.0,
            "available": 500.0,
            "allocated": float(n),
            "giver_sbi": codes[n % 3],
            "receiver_sbi": codes[(n + n // 5) % 3],
        }
        | changed
        for n in range(rows)
    ]
    return memory(kind, shapes, made, columns, crs)


def squares(names=("<b>Oost & co</b>", "West")):
    ring = "Polygon (({0} 450000, {1} 450000, {1} 451000, {0} 451000, {0} 450000))"
    shapes = [ring.format(150000, 150500), ring.format(150500, 151000)]
    rows = [{"region_id": f"r{n}", "name": name} for n, name in enumerate(names)]
    return memory("Polygon", shapes, rows, {"region_id": "text", "name": "text"})


def drawn(tmp_path, ending="html", **parameters):
    files = {
        "OUTPUT_HTML": str(tmp_path / f"uit.{ending}"),
        "OUTPUT_CSV": str(tmp_path / "uit.csv"),
    }
    outcome = run("sankey", **({"MATCHES": matches()} | files | parameters))
    return outcome, tmp_path / f"uit.{ending}", tmp_path / "uit.csv"


@pytest.mark.parametrize("by", range(5))
@pytest.mark.parametrize("ending", ["html", "svg"])
def test_files_by_every_grouping(by, ending, tmp_path):
    outcome, page, table = drawn(tmp_path, ending, BY=by, AREAS=squares())
    assert outcome.ok, outcome.log
    written = page.read_text("utf-8")
    assert written.startswith("<!DOCTYPE html>" if ending == "html" else "<svg")
    assert "<b>Oost" not in written
    assert ("&lt;b&gt;Oost &amp; co&lt;/b&gt;" in written) == (by in (0, 3))
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    assert math.fsum(float(row["quantity"]) for row in rows) == sum(range(30))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["uit.csv", page.name]


def test_numbers_come_out():
    found = run("sankey", MATCHES=matches()).results
    assert found["DIAGRAM_COUNT"] == 2
    assert (found["MATCH_COUNT"], found["UNUSABLE_COUNT"]) == (29, 1)


@pytest.mark.parametrize("field", ["available", "quantity"])
def test_leads_are_drawn_with_a_warning(field, tmp_path):
    fields = {"allocated", "available"} if field == "quantity" else {"allocated"}
    columns = {name: kind for name, kind in COLUMNS.items() if name not in fields}
    outcome, page, _ = drawn(tmp_path, MATCHES=matches(columns=columns))
    assert "compete" in outcome.log
    assert "concurreren" in page.read_text("utf-8")


def test_nothing_to_draw_is_a_page_with_a_sentence(tmp_path):
    for layer in (matches(0), matches(allocated=0.0)):
        outcome, page, _ = drawn(tmp_path, MATCHES=layer)
        assert outcome.ok, outcome.log
        assert "niets te tekenen" in page.read_text("utf-8")


@pytest.mark.parametrize("name", ["carrier", "unit", "giver_sbi", "receiver_sbi"])
def test_fields_that_are_missing(name, tmp_path):
    columns = {each: kind for each, kind in COLUMNS.items() if each != name}
    outcome, page, _ = drawn(tmp_path, MATCHES=matches(columns=columns))
    one_sentence(outcome.refusal)
    assert not page.exists()


@pytest.mark.parametrize("by", [0, 3])
def test_places_need_areas(by, tmp_path):
    one_sentence(drawn(tmp_path, BY=by)[0].refusal, "AREAS")


def test_other_layers_are_refused(tmp_path):
    for layer in (matches(kind="Point"), matches(crs="EPSG:4326"), matches(crs="")):
        one_sentence(drawn(tmp_path, MATCHES=layer)[0].refusal)


def test_files_that_cannot_be_written(tmp_path):
    one_sentence(drawn(tmp_path, "txt")[0].refusal, ".svg")
    away = str(tmp_path / "nergens" / "uit.csv")
    one_sentence(drawn(tmp_path, OUTPUT_CSV=away)[0].refusal)
    same = str(tmp_path / "uit.html")
    one_sentence(drawn(tmp_path, OUTPUT_CSV=same)[0].refusal, "OUTPUT_CSV")


def test_the_order_of_rows_makes_no_difference(tmp_path):
    layer = matches()
    turned = memory("Line", [], [], COLUMNS)
    assert turned.dataProvider().addFeatures(list(layer.getFeatures())[::-1])[0]
    written = []
    for each in (layer, turned):
        _, page, table = drawn(tmp_path, MATCHES=each, BY=3, AREAS=squares())
        written.append((page.read_bytes(), table.read_bytes()))
    assert written[0] == written[1]


@pytest.mark.parametrize("family", ["DejaVu Sans", "Open Sans", "Noto Sans"])
def test_letters_are_no_wider_than_we_think(family):
    font = QFont(family)
    if QFontInfo(font).family() != family:
        pytest.skip(f"{family} is not installed")
    font.setPixelSize(100)
    metrics = QFontMetricsF(font)
    names = [*division_names("nl").values(), *division_names("en").values()]
    names += ["MOERDIJK HAVEN 1234567890", "mmwwWW@%&", "Ĳsselmuiden’s-Graveland"]
    for name in names:
        assert metrics.horizontalAdvance(name) <= text_width(name, 100), name


def test_qgis_can_draw_it(tmp_path):
    _, page, _ = drawn(tmp_path, "svg")
    renderer = QSvgRenderer(str(page))
    assert renderer.isValid()
    size = renderer.defaultSize()
    picture = QImage(size, QImage.Format.Format_RGB32)
    picture.fill(QColor("#00ff00"))
    painter = QPainter(picture)
    renderer.render(painter, QRectF(0, 0, size.width(), size.height()))
    painter.end()
    seen = {
        picture.pixelColor(x, y).name()
        for x in range(0, size.width(), 3)
        for y in range(0, size.height(), 3)
    }
    # White over the whole of it, and both carriers in their colours, 70 % opaque.
    assert "#00ff00" not in seen
    assert any(abs(QColor(each).hslHue() - 39) < 4 for each in seen)
    assert any(abs(QColor(each).hslHue() - 5) < 4 for each in seen)
