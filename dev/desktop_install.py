"""The first steps: the ZIP in a profile that nobody has used, and one algorithm."""

import sys
from pathlib import Path

from desktop_hands import (
    WORK,
    agree,
    answer,
    called_so,
    check,
    open_dialog,
    picture,
    press,
    run,
    wait,
)
from qgis.core import QgsApplication
from qgis.gui import QgsFileWidget
from qgis.PyQt.QtWidgets import QListWidget
from qgis.utils import active_plugins, iface

FEWEST = 1000
"""Firms of the smallest province."""


def walk() -> None:
    """Install, and make a small province."""
    install()
    dialog = open_dialog("demodata", 560)
    path = WORK / "province.gpkg"
    dialog.setParameters({"OUTPUT": str(path), "ESTABLISHMENTS_COUNT": FEWEST})
    run(dialog)
    check(path.stat().st_size > 0, "the province is written")
    dialog.close()


def install() -> None:
    """Install the ZIP in a profile that nobody has used."""
    check("kansenkaart" not in active_plugins, "the profile is fresh")
    called_so(iface.actionManagePlugins(), iface.actionSaveProject())
    called_so(iface.actionMapTips())
    answer(iface.actionManagePlugins().trigger, install_zip)
    check("kansenkaart" in active_plugins, "installed from the ZIP and started")
    home = Path(QgsApplication.qgisSettingsDirPath()).resolve()
    loaded = Path(sys.modules["kansenkaart"].__file__).resolve()
    check(home in loaded.parents, "loaded from the profile")
    provider = QgsApplication.processingRegistry().providerById("kansenkaart")
    able = [algorithm.canExecute() for algorithm in provider.algorithms()]
    check(set(able) == {(True, "")}, f"{len(able)} algorithms can run")


def install_zip(window) -> None:
    """Choose the ZIP in the window of plugins, install it and close the window."""
    (package,) = WORK.glob("kansenkaart-*.zip")
    pages = window.findChild(QListWidget, "mOptionsListWidget")
    names = [pages.item(row).text() for row in range(pages.count())]
    pages.setCurrentRow(names.index("Installeren vanuit ZIP"))
    window.resize(924, 420)
    window.findChild(QgsFileWidget, "mZipFileWidget").setFilePath(str(package))
    picture("manual_1_install", window)
    answer(lambda: press(window, "Plug-in installeren"), agree)
    wait(3)
    window.close()
