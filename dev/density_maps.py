"""Maps of the density of the demo province, in our own style: docs/clusters.md.

Needs the environment of ``make env``.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import qgis_process
from PIL import Image
from qgis.core import QgsApplication

COUNT = 192_000
"""As many as the province would have."""
WIDTH, HEIGHT, LEGEND, GAP = 640, 745, 210, 16
"""In pixels: a map, the legend beside the maps, and the room between them."""
RUNS = {
    "Vestigingen, geteld": {},
    "Met een straal van 1 500 m": {"RADIUS": 1500},
}


def draw(path: Path) -> Path:
    """Run the algorithm on the demo province and draw what comes out."""
    with tempfile.TemporaryDirectory() as folder:
        env = qgis_process.environment(Path(folder) / "profile")
        demo = Path(folder) / "demo.gpkg"
        run = {"ESTABLISHMENTS_COUNT": COUNT, "OUTPUT": str(demo)}
        qgis_process.run("demodata", run, env, quiet=True)
        outputs = []
        for number, settings in enumerate(RUNS.values()):
            output = Path(folder) / f"density_{number}.gpkg"
            layers = {"ESTABLISHMENTS": f"{demo}|layername=establishments"}
            run = layers | settings | {"OUTPUT": str(output)}
            qgis_process.run("businessdensity", run, env, quiet=True)
            outputs.append(output)
        _picture(demo, outputs).save(str(path))
    # Few colours keep the file small.
    Image.open(path).convert("RGB").quantize(96).save(path, optimize=True)
    return path


def _picture(demo: Path, outputs: list[Path]):
    """The maps side by side, and one legend."""
    from kansenkaart.processing_algorithms.styling import style_layer
    from qgis.core import QgsVectorLayer
    from qgis.PyQt.QtGui import QColor, QImage, QPainter

    regions = QgsVectorLayer(f"{demo}|layername=regions", "regions")
    style_layer(regions, "regions", "nl", 1.1)
    size = (2 * WIDTH + LEGEND + 2 * GAP, HEIGHT)
    image = QImage(*size, QImage.Format.Format_RGB32)
    image.fill(QColor("#ffffff"))
    painter = QPainter(image)
    layers = []
    for number, (title, output) in enumerate(zip(RUNS, outputs, strict=True)):
        layer = QgsVectorLayer(str(output), title)
        style_layer(layer, "density", "nl")
        layers.append(layer)
        left = number * (WIDTH + GAP)
        painter.drawImage(left, 0, _map([regions, layer], regions.extent()))
        _write(painter, left + 10, 26, title, 15, bold=True)
    _draw_legend(painter, 2 * (WIDTH + GAP), layers[0])
    painter.end()
    return image


def _map(layers, extent):
    from qgis.core import QgsMapRendererSequentialJob, QgsMapSettings, QgsRectangle
    from qgis.PyQt.QtCore import QSize

    settings = QgsMapSettings()
    settings.setLayers(layers)
    settings.setDestinationCrs(layers[0].crs())
    extent = QgsRectangle(extent)
    extent.scale(1.03)
    settings.setExtent(extent)
    settings.setOutputSize(QSize(WIDTH, HEIGHT))
    settings.setOutputDpi(96)
    job = QgsMapRendererSequentialJob(settings)
    job.start()
    job.waitForFinished()
    return job.renderedImage()


def _draw_legend(painter, left: int, layer) -> None:
    from qgis.PyQt.QtCore import QSize

    top = 60
    _write(painter, left, top, "Vestigingen per km²", 13, bold=True)
    for step in layer.renderer().ranges():
        top += 30
        swatch = step.symbol().asImage(QSize(30, 20))
        painter.drawImage(left, top - 15, swatch)
        _write(painter, left + 40, top, step.label(), 12)


def _write(painter, left: int, top: int, words: str, size: int, bold=False) -> None:
    from kansenkaart.processing_algorithms.labels import font_family
    from qgis.PyQt.QtGui import QColor, QFont

    font = QFont(font_family())
    font.setPixelSize(size)
    font.setBold(bold)
    painter.setFont(font)
    painter.setPen(QColor("#26282a"))
    painter.drawText(left, top, words)


if __name__ == "__main__":
    sys.path.insert(0, str(qgis_process.ROOT / ".dev" / "plugins"))
    application = QgsApplication([], False)
    application.initQgis()
    print(draw(qgis_process.ROOT / "docs" / "images" / "density.png"))
    application.exitQgis()
