"""The planner's path in QGIS Desktop: own layers, prepared, and made into a map.

Run inside QGIS Desktop by ``dev/desktop.sh``. It goes through menu and dialogs as a
planner does, says how long each run took, and takes the pictures of docs/planner.md.
Where it stumbles, QGIS ends with 1.
"""

import os
import sys
import time
import traceback
from dataclasses import dataclass
from pathlib import Path

import processing
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsProject,
    QgsVectorFileWriter,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QEventLoop, QPoint, QTimer
from qgis.PyQt.QtGui import QCursor
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QApplication, QDockWidget, QMessageBox, QPushButton
from qgis.utils import iface

WORK = Path(sys.argv[1])
RD, DEGREES = "EPSG:28992", "EPSG:4326"


@dataclass
class Own:
    """A layer as a planner has it: made of a demo layer, under names of its own.

    Attributes
    ----------
    name
        Of the layer.
    table, chosen
        The demo layer, and an expression that chooses features of it.
    crs
        Its coordinate system.
    fields
        Field of the demo layer by name of one's own.
    named
        What the planner points at in the dialog; the rest is filled in already.
    """

    name: str
    table: str
    chosen: str
    crs: str
    fields: dict[str, str]
    named: dict[str, object]


LAYERS = (
    Own(
        "gemeenten",
        "regions",
        "TRUE",
        RD,
        {"gemcode": "region_id", "gemeente": "name"},
        {"ID_FIELD": "gemcode", "NAME_FIELD": "gemeente"},
    ),
    Own(
        "natuur",
        "constraints",
        "kind = 'nature'",
        RD,
        {"soort": "kind"},
        {"KIND": 0, "EFFECT": 0},
    ),
    *(
        Own(
            name,
            "infrastructure",
            f"mode = '{mode}'",
            RD,
            {"nummer": "infra_id", "naam": "name"},
            {"ID_FIELD": "nummer", "NAME_FIELD": "naam", "MODE": choice},
        )
        for choice, (name, mode) in enumerate(
            (("wegen", "road"), ("spoor", "rail"), ("vaarwegen", "water"))
        )
    ),
    Own(
        "bedrijventerreinen",
        "zones",
        "kinds ~ 'business_park|port|mixed|innovation|waste|brownfield'",
        DEGREES,
        {
            "rin": "zone_id",
            "plannaam": "name",
            "soort": "kinds",
            "uitgeefbaar": "available_ha",
        },
        {
            "ID_FIELD": "rin",
            "NAME_FIELD": "plannaam",
            "KIND_FIELD": "soort",
            "AVAILABLE_FIELD": "uitgeefbaar",
        },
    ),
    Own(
        "voorzieningen",
        "facilities",
        "TRUE",
        RD,
        {"nummer": "facility_id", "naam": "name", "soort": "kind"},
        {"ID_FIELD": "nummer", "NAME_FIELD": "naam", "KIND_FIELD": "soort"},
    ),
    Own(
        "vestigingen",
        "establishments",
        "TRUE",
        DEGREES,
        {"vestnr": "est_id", "naam": "name", "sbi_code": "sbi", "werkzaam": "jobs"},
        {
            "ID_FIELD": "vestnr",
            "NAME_FIELD": "naam",
            "ACTIVITY_FIELD": "sbi_code",
            "JOBS_FIELD": "werkzaam",
        },
    ),
)
"""From the bottom of the map to the top."""


def walk() -> None:
    """From own layers to the open map."""
    iface.mainWindow().setGeometry(QApplication.primaryScreen().availableGeometry())
    iface.mainWindow().findChild(QDockWidget, "Browser").hide()
    province = str(WORK / "province.gpkg")
    processing.run("kansenkaart:demodata", {"OUTPUT": province})
    for own in LAYERS:
        iface.addVectorLayer(str(make_own(own, province)), own.name, "ogr")
    iface.mapCanvas().zoomToFullExtent()
    picture_of_menu("desktop_1_menu")
    for own in reversed(LAYERS):
        prepare(own)
    make_map()
    open_map()


def make_own(own: Own, province: str) -> Path:
    """Write a layer as a planner has it."""
    layer = QgsVectorLayer(f"{province}|layername={own.table}", own.table, "ogr")
    layer.selectByExpression(own.chosen)
    names = layer.fields().names()
    known_as = {theirs: ours for ours, theirs in own.fields.items()}
    project = QgsProject.instance()
    options = QgsVectorFileWriter.SaveVectorOptions()
    options.onlySelectedFeatures = True
    options.attributes = [names.index(name) for name in own.fields.values()]
    options.attributesExportNames = [known_as.get(name, name) for name in names]
    target = QgsCoordinateReferenceSystem(own.crs)
    options.ct = QgsCoordinateTransform(layer.crs(), target, project)
    path = WORK / f"{own.name}.gpkg"
    QgsVectorFileWriter.writeAsVectorFormatV3(
        layer, str(path), project.transformContext(), options
    )
    return path


def prepare(own: Own) -> None:
    """Select a layer, open the dialog of its role, point at the fields, and run."""
    (layer,) = QgsProject.instance().mapLayersByName(own.name)
    iface.setActiveLayer(layer)
    dialog = open_dialog(f"prepare{own.table}")
    dialog.setParameters(own.named)
    given = dialog.createProcessingParameters()
    check(given["INPUT"] == layer.id(), f"{own.name}: filled in as the source")
    check(given["TARGET_CRS"].authid() == RD, f"{own.name}: to metres")
    check(given | own.named == given, f"{own.name}: all fields are there")
    if own.table == "establishments":
        picture("desktop_2_prepare", dialog)
    run(dialog)
    check(dialog.results()["COUNT_SKIPPED"] == 0, f"{own.name}: all prepared")
    dialog.close()


def make_map() -> None:
    """Run the map on what was prepared, without choosing any layer."""
    dialog = open_dialog("opportunitymap", 880)
    given = dialog.createProcessingParameters()
    check(len(given["INFRASTRUCTURE"]) == 3, "all prepared lines are chosen")
    folder = str(WORK / "kansenkaart")
    dialog.setParameters({"TITLE": "Kansenkaart Zandland", "OUTPUT_FOLDER": folder})
    picture("desktop_3_map", dialog)
    run(dialog)
    picture("desktop_4_done", dialog)
    press(dialog, "Open de kaart")


def open_map() -> None:
    """Look at the map: point at the best area."""
    project = QgsProject.instance()
    check(project.title() == "Kansenkaart Zandland", "the map is open")
    (areas,) = (
        layer
        for layer in project.mapLayers().values()
        if layer.customProperty("kansenkaart/table") == "leverage_areas"
    )
    best = min(areas.getFeatures(), key=lambda area: area["rank"] or 999)
    iface.setActiveLayer(areas)
    iface.actionMapTips().setChecked(True)
    canvas = iface.mapCanvas()
    wait(3)
    place = best.geometry().pointOnSurface().asPoint()
    pixel = canvas.mapSettings().mapToPixel().transform(place).toQPointF().toPoint()
    QCursor.setPos(canvas.mapToGlobal(pixel))
    QTest.mouseMove(canvas.viewport(), pixel + QPoint(2, 2))
    wait(3)
    picture("desktop_5_result")


# Hands and eyes.


def open_dialog(algorithm: str, height: int = 720):
    """Open the dialog of an algorithm, as menu and toolbox do."""
    dialog = processing.createAlgorithmDialog(f"kansenkaart:{algorithm}")
    dialog.show()
    # Showing brings back the size that it had the last time.
    dialog.resize(1000, height)
    wait(0.5)
    return dialog


def run(dialog) -> None:
    """Press Run and wait for the end."""
    ended = []
    dialog.algorithmFinished.connect(lambda successful, _: ended.append(successful))
    began = time.monotonic()
    dialog.runButton().click()
    wait(120, until=lambda: ended)
    name = dialog.algorithm().displayName()
    check(ended == [True], f"{name}: {time.monotonic() - began:.1f} s")
    wait(0.5)


def press(parent, words: str) -> None:
    """Press a button, and let what is temporary go when QGIS asks."""
    timer = QTimer()
    timer.timeout.connect(let_go)
    timer.start(300)
    buttons = parent.findChildren(QPushButton)
    next(button for button in buttons if button.text() == words).click()
    timer.stop()
    wait(2)


def let_go() -> None:
    """Answer that nothing needs to be saved."""
    box = QApplication.activeModalWidget()
    if isinstance(box, QMessageBox):
        answers = QMessageBox.StandardButton.Yes, QMessageBox.StandardButton.Discard
        next(filter(None, map(box.button, answers))).click()


def wait(seconds: float, until=lambda: False) -> None:
    """Let QGIS go on for a while, or until something is so."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and not until():
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)
        time.sleep(0.01)


def check(holds: bool, what: str) -> None:
    """Say what holds; stop where it does not."""
    if not holds:
        raise AssertionError(what)
    print(what)


def picture_of_menu(name: str) -> None:
    """Take a picture with the menu of the plugin open."""
    wait(3)
    plugins = iface.pluginMenu()
    (action,) = [each for each in plugins.actions() if each.text() == "Kansenkaart"]
    bar = plugins.parentWidget()
    plugins.popup(
        bar.mapToGlobal(bar.actionGeometry(plugins.menuAction()).bottomLeft())
    )
    corner = plugins.actionGeometry(action).topRight()
    action.menu().popup(plugins.mapToGlobal(corner))
    picture(name)
    action.menu().close()
    plugins.close()


def picture(name: str, window=None) -> None:
    """Take a picture of a window, or of the whole screen."""
    wait(1)
    seen = window.grab() if window else QApplication.primaryScreen().grabWindow(0)
    seen.save(str(WORK / f"{name}.png"))


def main() -> None:
    """Walk, and end QGIS without asking."""
    try:
        walk()
    except Exception:
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


QTimer.singleShot(3000, main)
