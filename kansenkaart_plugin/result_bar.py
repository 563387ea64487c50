"""What a planner can open when the map is made."""

from __future__ import annotations

from functools import partial

from qgis.core import Qgis
from qgis.PyQt.QtCore import QUrl
from qgis.PyQt.QtGui import QDesktopServices
from qgis.PyQt.QtWidgets import QPushButton
from qgis.utils import iface

from ..analysis.texts import text
from ..processing_algorithms.language import interface_language

FILES = ("PROJECT", "PDF_FILE", "REPORT", "OUTPUT_FOLDER")
"""Outputs that can be opened, in the order of the buttons."""


def offer_result(dialog, successful: bool, results: dict) -> None:
    """Offer a button for each file of a finished map, where the planner looks.

    Parameters
    ----------
    dialog
        The dialog of the algorithm; where it was closed, QGIS's window takes over.
    successful
        Whether the run came to its end.
    results
        Outputs of the run; without a project there is nothing to offer.
    """
    if not successful or not results.get("PROJECT"):
        return
    language = interface_language()
    bar = (dialog if dialog.isVisible() else iface).messageBar()
    areas = results.get("AREA_COUNT", 0)
    key = "made" if areas else "made_without_areas"
    item = bar.createMessage(text(f"desktop.{key}", language, count=areas))
    # The map stands behind the dialog, and needs no more offers.
    leave = dialog.close if dialog.isVisible() else partial(bar.popWidget, item)
    for name in FILES:
        if path := results.get(name):
            button = QPushButton(text(f"desktop.open.{name}", language), item)
            button.clicked.connect(partial(_open, name, path, leave))
            item.layout().addWidget(button)
    levels = Qgis.MessageLevel
    bar.pushWidget(item, levels.Success if areas else levels.Warning)


def _open(name: str, path: str, leave, _checked: bool = False) -> None:
    """Open a file; the project in QGIS itself, in the place of the open one."""
    if name != "PROJECT":
        QDesktopServices.openUrl(QUrl.fromLocalFile(path))
        return
    # Opening does not ask whether to save, and temporary layers would be lost.
    if iface.newProject(True) and iface.addProject(path):
        leave()
