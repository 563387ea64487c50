"""Install from ZIP in QGIS Desktop, as a planner does.

Run by ``dev/desktop_install.sh``. Where it stumbles, QGIS ends with 1.
"""

import os
import sys
import traceback
from pathlib import Path

import processing
import pyplugin_installer
from qgis.core import QgsApplication, QgsVectorLayer
from qgis.PyQt.QtCore import QTimer
from qgis.utils import active_plugins, iface

PACKAGE = Path(sys.argv[1])
LAYERS = ("establishments", "zones", "infrastructure", "facilities", "constraints")


def install() -> None:
    """From the ZIP to a menu and a toolbox, in the profile and nowhere else."""
    check("kansenkaart" not in active_plugins, "the profile is fresh")
    pyplugin_installer.instance().installFromZipFile(str(PACKAGE))
    check("kansenkaart" in active_plugins, "installed from the ZIP and started")
    home = Path(QgsApplication.qgisSettingsDirPath()).resolve()
    loaded = Path(sys.modules["kansenkaart"].__file__).resolve()
    check(home in loaded.parents, "loaded from the profile")
    menu = [action.text() for action in iface.pluginMenu().actions()]
    check("Kansenkaart" in menu, "stands in the menu")
    provider = QgsApplication.processingRegistry().providerById("kansenkaart")
    able = [algorithm.canExecute() for algorithm in provider.algorithms()]
    check(set(able) == {(True, "")}, f"{len(able)} algorithms can run")


def run() -> None:
    """A small province, and the scores of its zones."""
    province = PACKAGE.with_name("province.gpkg")
    made = {"OUTPUT": str(province), "ESTABLISHMENTS_COUNT": 1000}
    processing.run("kansenkaart:demodata", made)
    given = {name.upper(): f"{province}|layername={name}" for name in LAYERS}
    scored = str(PACKAGE.with_name("scores.gpkg"))
    asked = given | {"AREAS": given["ZONES"], "OUTPUT": scored}
    processing.run("kansenkaart:scoreareas", asked)
    count = QgsVectorLayer(scored, "scores", "ogr").featureCount()
    check(count > 0, f"{count} zones scored")


def check(holds: bool, what: str) -> None:
    """Say what holds; stop where it does not."""
    if not holds:
        raise AssertionError(what)
    print(what)


def main() -> None:
    """Install and run, and end QGIS without asking."""
    try:
        install()
        run()
    except Exception:
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


QTimer.singleShot(3000, main)
