"""What the check on Qt 6 finds, and what it lets pass."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "dev"))

import qt6

CORE = "from qgis.core import Qgis, QgsProcessing, QgsWkbTypes as kinds\n"
QT_CORE = "from qgis.PyQt.QtCore import QStandardPaths, Qt, QVariant\n"
OLD = {
    "Qt.AlignLeft": "by its enum AlignmentFlag",
    "QVariant.Int": "by its enum Type",
    "Qgis.Info": "by its enum MessageLevel",
    "QgsProcessing.TypeVectorPolygon": "by its enum",
    "kinds.Point": "by its enum",
    "QStandardPaths.DocumentsLocation": "by its enum StandardLocation",
    "Qt.MouseButton.MidButton": "does not exist in Qt 6",
    "Qt.ItemDataRole.BackgroundColorRole": "does not exist in Qt 6",
    "Qgis.MessageLevel.Fine": "does not exist in QGIS",
}
NEW = (
    "Qt.AlignmentFlag.AlignLeft",
    "Qgis.MessageLevel.Info",
    "QgsProcessing.SourceType.TypeVectorPolygon",
    "QgsProcessing.TEMPORARY_OUTPUT",
    "kinds.geometryType",
    "QStandardPaths.StandardLocation.DocumentsLocation",
    "QStandardPaths.writableLocation",
)


@pytest.mark.parametrize("expression", OLD)
def test_finds_what_qt6_does_not_know(expression):
    found = list(qt6.findings(f"{CORE}{QT_CORE}{expression}"))
    assert {line for line, _ in found} == {3}
    assert any(OLD[expression] in what for _, what in found)


@pytest.mark.parametrize("expression", NEW)
def test_lets_the_new_way_pass(expression):
    assert list(qt6.findings(f"{CORE}{QT_CORE}{expression}")) == []


@pytest.mark.parametrize(
    "line",
    [
        "from qgis.PyQt.QtCore import QRegExp",
        "from qgis.PyQt.QtWidgets import QDesktopWidget",
        "from qgis.core import QgsNoSuchThing",
    ],
)
def test_finds_removed_classes(line):
    assert len(list(qt6.findings(line))) == 1
