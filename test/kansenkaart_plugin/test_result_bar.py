"""What a planner can open when the map is made."""

from types import SimpleNamespace

import pytest
from kansenkaart.kansenkaart_plugin import result_bar
from qgis.gui import QgsMessageBar
from qgis.PyQt.QtWidgets import QDialog, QPushButton

RESULTS = {"PROJECT": "kaart.qgz", "AREA_COUNT": 3}


@pytest.mark.usefixtures("qgis_app")
@pytest.mark.parametrize("agreed", [True, False])
def test_the_map_opens_unless_the_planner_keeps_the_open_project(monkeypatch, agreed):
    opened = []
    window = {"newProject": lambda ask: agreed and ask, "addProject": opened.append}
    monkeypatch.setattr(result_bar, "iface", SimpleNamespace(**window))
    dialog = QDialog()
    bar = QgsMessageBar(dialog)
    dialog.messageBar = lambda: bar
    dialog.show()
    result_bar.offer_result(dialog, True, RESULTS)
    (button,) = bar.findChildren(QPushButton)
    button.click()
    assert opened == (["kaart.qgz"] if agreed else [])
    dialog.close()
