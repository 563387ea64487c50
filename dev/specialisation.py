"""A map of what the municipalities of the Netherlands are specialised in.

Writes docs/images/specialisation.png from the folder with open data that is named, in
the plugin's own style; `eval "$(bash dev/env.sh)"` first.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import qgis_process
from PIL import Image
from qgis.core import QgsApplication

WIDTH, HEIGHT, LEGEND, MARGIN = 880, 1000, 320, 16
"""In pixels: the map, the legend beside it, and the room round them."""
LEVEL = (
    "length(sbi_code) = 1 AND regio <> 'Nederland' "
    "AND NOT regexp_match(regio, '[(](GA|SG)[)]')"
)
"""One letter is a section; GA and SG are agglomerations and urban regions."""
NAMED = {
    "Velsen": (-130, -10),
    "Westland": (-150, -30),
    "Rotterdam": (-215, -12),
    "Terneuzen": (-40, 60),
    "Veldhoven": (-4, 100),
}
"""Places that the text tells of, and how far from them their name stands."""
NOTES = (
    "Per gemeente de sector met de hoogste",
    "locatiequotiënt die geen toeval is:",
    "vestigingen 2012, gemeenten 2022.",
    "De letter is de sectie van de SBI.",
)


def draw(data: Path, path: Path) -> Path:
    """Run the algorithm on the tables of CBS and draw what comes out."""
    with tempfile.TemporaryDirectory() as folder:
        env = qgis_process.environment(Path(folder) / "profile")
        output = Path(folder) / "specialised.gpkg"
        qgis_process.run("specialisation", _inputs(data, folder, env, output), env)
        _picture(output).save(str(path))
    # Few colours keep the file small.
    Image.open(path).convert("RGB").quantize(64).save(path, optimize=True)
    return path


def _inputs(data: Path, folder: str, env: dict, output: Path) -> dict:
    regions = Path(folder) / "regions.gpkg"
    bounds = data / "boundaries" / "nl_boundaries_2022_rd.gpkg"
    source = {
        "INPUT": f"{bounds}|layername=gemeenten",
        "ID_FIELD": "statcode",
        "NAME_FIELD": "statnaam",
        "OUTPUT": str(regions),
    }
    qgis_process.run("prepareregions", source, env)
    table = data / "jobs" / "cbs_establishments_sbi_municipality_2012.csv"
    return {
        "TABLE": str(table),
        "REGION_FIELD": "regio",
        "SECTOR_FIELD": "sbi_code",
        "COUNT_FIELD": "vestigingen",
        "COUNT_UNIT": 1,
        "FILTER": LEVEL,
        "REGIONS": str(regions),
        "OUTPUT_REGIONS": str(output),
    }


def _picture(output: Path):
    """The map and its legend."""
    from kansenkaart.processing_algorithms.styling import style_layer
    from qgis.core import QgsVectorLayer
    from qgis.PyQt.QtGui import QColor, QImage, QPainter

    layer = QgsVectorLayer(str(output), "specialised")
    style_layer(layer, "specialised_regions", "nl")
    image = QImage(WIDTH + LEGEND, HEIGHT, QImage.Format.Format_RGB32)
    image.fill(QColor("#ffffff"))
    painter = QPainter(image)
    settings = _settings(layer)
    painter.drawImage(LEGEND, 0, _map(settings))
    _name_places(painter, layer, settings)
    _write(painter, MARGIN, 40, "Waarin gemeenten", 22, bold=True)
    _write(painter, MARGIN, 68, "gespecialiseerd zijn", 22, bold=True)
    top = _draw_legend(painter, 110, layer)
    for number, words in enumerate(NOTES):
        _write(painter, MARGIN, top + 20 + 18 * number, words, 13, "#5a5f64")
    _write(painter, MARGIN, HEIGHT - MARGIN, "Bron: CBS, Kadaster", 13, "#5a5f64")
    painter.end()
    return image


def _name_places(painter, layer, settings) -> None:
    """Write some names beside the map, with a line to the place."""
    from qgis.PyQt.QtGui import QColor, QPen

    transform = settings.mapToPixel()
    for feature in layer.getFeatures():
        if feature["name"] not in NAMED:
            continue
        place = feature.geometry().pointOnSurface().asPoint()
        at = transform.transform(place)
        x, y = LEGEND + at.x(), at.y()
        right, down = NAMED[feature["name"]]
        painter.setPen(QPen(QColor("#26282a"), 1))
        # The letter of the place stays free.
        off = 10 / (right**2 + down**2) ** 0.5
        x, y = x + off * right, y + off * down
        painter.drawLine(int(x), int(y), int(x + right), int(y + down))
        across = -8 * len(feature["name"]) if down < 50 else -30
        below = 4 if down < 50 else 15
        left, top = int(x + right + across), int(y + down + below)
        _write(painter, left, top, feature["name"], 13, bold=True)


def _settings(layer):
    from qgis.core import QgsMapSettings, QgsRectangle
    from qgis.PyQt.QtCore import QSize

    settings = QgsMapSettings()
    settings.setLayers([layer])
    settings.setDestinationCrs(layer.crs())
    extent = QgsRectangle(layer.extent())
    extent.scale(1.02)
    settings.setExtent(extent)
    settings.setOutputSize(QSize(WIDTH, HEIGHT))
    settings.setOutputDpi(110)
    return settings


def _map(settings):
    from qgis.core import QgsMapRendererSequentialJob

    job = QgsMapRendererSequentialJob(settings)
    job.start()
    job.waitForFinished()
    return job.renderedImage()


def _draw_legend(painter, top: int, layer) -> int:
    """Draw a swatch and words for every class; give where the legend ends."""
    from qgis.PyQt.QtCore import QSize

    for rule in layer.renderer().rootRule().children():
        painter.drawImage(MARGIN, top - 15, rule.symbol().asImage(QSize(28, 20)))
        _write(painter, MARGIN + 38, top, rule.label(), 13)
        top += 30
    return top


def _write(painter, left, top, words, size, colour="#26282a", bold=False) -> None:
    from kansenkaart.processing_algorithms.labels import font_family
    from qgis.PyQt.QtGui import QColor, QFont

    font = QFont(font_family())
    font.setPixelSize(size)
    font.setBold(bold)
    painter.setFont(font)
    painter.setPen(QColor(colour))
    painter.drawText(left, top, words)


if __name__ == "__main__":
    sys.path.insert(0, str(qgis_process.ROOT / ".dev" / "plugins"))
    application = QgsApplication([], False)
    application.initQgis()
    picture = qgis_process.ROOT / "docs" / "images" / "specialisation.png"
    print(draw(Path(sys.argv[1]), picture))
    application.exitQgis()
