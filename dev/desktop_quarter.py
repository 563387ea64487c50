"""The quarter of an hour: from the ZIP to the printed page of the demo province."""

from pathlib import Path
from textwrap import dedent

from desktop_hands import (
    MANUAL,
    WORK,
    answer,
    called_so,
    check,
    open_dialog,
    picture,
    picture_of_menu,
    press,
    run,
    save_as,
    wait,
    wait_for_map,
)
from desktop_install import install
from qgis.core import QgsProject
from qgis.PyQt.QtCore import QPoint, QUrl
from qgis.PyQt.QtGui import QCursor
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import (
    QAction,
    QApplication,
    QDockWidget,
    QGroupBox,
    QScrollArea,
)
from qgis.utils import iface

PROJECT = WORK / "zandland.qgz"
PROVINCE = WORK / "zandland.gpkg"


def walk() -> None:
    """From the ZIP to the page, and once more with another strategy."""
    install()
    make_demo()
    made = make_map()
    read_map()
    read_report(made)
    print_page()
    make_another(made)


def make_demo() -> None:
    """Make the demo province and save the project."""
    picture_of_menu("manual_2_menu", iface.pluginMenu(), "Kansenkaart")
    dialog = open_dialog("demodata", 560)
    dialog.setParameters({"OUTPUT": str(PROVINCE)})
    picture("manual_2_demo", dialog)
    run(dialog)
    dialog.close()
    wait_for_map()
    picture("manual_2_layers")
    answer(iface.actionSaveProject().trigger, save_as(PROJECT))
    check(PROJECT.exists(), "the project is saved")


def make_map() -> dict:
    """Make the map without choosing any layer; give the outputs."""
    dialog = open_dialog("opportunitymap", 1040)
    dialog.setParameters({"TITLE": "Kansenkaart Zandland"})
    picture("manual_3_map", dialog)
    dialog.resize(1000, 640)
    run(dialog)
    made = dialog.results()
    check(Path(made["OUTPUT_FOLDER"]) == WORK / "kansenkaart", "beside the project")
    picture("manual_3_done", dialog)
    press(dialog, "Open de kaart")
    return made


def read_map() -> None:
    """Look at the map, zoom in on the best area and point at it."""
    project = QgsProject.instance()
    check(project.title() == "Kansenkaart Zandland", "the map is open")
    wait_for_map()
    picture("manual_4_map")
    (areas,) = (
        layer
        for layer in project.mapLayers().values()
        if layer.customProperty("kansenkaart/table") == "leverage_areas"
    )
    best = min(areas.getFeatures(), key=lambda area: area["rank"] or 999).geometry()
    iface.setActiveLayer(areas)
    iface.actionMapTips().setChecked(True)
    canvas = iface.mapCanvas()
    canvas.setExtent(best.boundingBox().buffered(3000))
    canvas.refresh()
    wait_for_map()
    place = best.pointOnSurface().asPoint()
    pixel = canvas.mapSettings().mapToPixel().transform(place).toQPointF().toPoint()
    point_at(canvas, pixel)
    picture("manual_4_tip")
    iface.actionMapTips().setChecked(False)
    canvas.zoomToPreviousExtent()
    point_at(canvas, QPoint(5, 5))


def point_at(canvas, pixel: QPoint) -> None:
    """Move the mouse to a place on the map and hold it there."""
    QCursor.setPos(canvas.mapToGlobal(pixel))
    QTest.mouseMove(canvas.viewport(), pixel + QPoint(2, 2))
    wait(3)


def read_report(made: dict) -> None:
    """Look at the top of the report, as a browser shows it."""
    # In QGIS's package for Debian, and no part of QGIS on Qt 6.
    from qgis.PyQt.QtWebKitWidgets import QWebView

    page = QWebView()
    page.resize(1000, 900)
    page.load(QUrl.fromLocalFile(made["REPORT"]))
    page.show()
    wait(2)
    picture("manual_5_report", page)
    page.close()


def print_page() -> None:
    """Open the page from the menu and export it as a PDF."""
    picture_of_menu("manual_6_layouts", iface.projectMenu(), "Lay-outs")
    (first, *_) = QgsProject.instance().layoutManager().printLayouts()
    designer = iface.openLayoutDesigner(first)
    window = designer.window()
    window.setGeometry(QApplication.primaryScreen().availableGeometry())
    for panel in window.findChildren(QDockWidget):
        panel.hide()
    wait(2)
    window.findChild(QAction, "mActionZoomAll").trigger()
    wait(10)
    picture("manual_6_page", window)
    path = WORK / "kaartblad.pdf"
    export = window.findChild(QAction, "mActionExportAsPDF")
    to_printer = window.findChild(QAction, "mActionPrint")
    called_so(export, to_printer)
    answer(export.trigger, save_as(path), accept_options)
    check(path.stat().st_size > 100_000, "the page is a PDF")
    designer.close()


def accept_options(window) -> None:
    """Leave the options of a PDF as they are."""
    picture("manual_6_pdf", window)
    window.accept()


def make_another(made: dict) -> None:
    """Make a map with another strategy, and of work areas only."""
    iface.addProject(str(PROJECT))
    settings = WORK / "werkgebieden.toml"
    settings.write_text(settings_of_manual(), "utf-8")
    dialog = open_dialog("opportunitymap", 880)
    dialog.setParameters({"STRATEGY": "WA3.1", "SETTINGS": str(settings)})
    dialog.findChild(QGroupBox, "grpAdvanced").setProperty("collapsed", False)
    wait(1)
    for area in dialog.findChildren(QScrollArea):
        area.verticalScrollBar().setValue(area.verticalScrollBar().maximum())
    picture("manual_7_another", dialog)
    run(dialog)
    fewer = dialog.results()["AREA_COUNT"]
    check(0 < fewer < made["AREA_COUNT"], f"{fewer} of {made['AREA_COUNT']} areas")
    dialog.close()


def settings_of_manual() -> str:
    """The file with settings that the manual has a planner type."""
    return dedent(MANUAL.split("```toml\n")[1].split("```")[0])
