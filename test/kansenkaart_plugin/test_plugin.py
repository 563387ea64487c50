"""The plugin's life in QGIS."""

import ast
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import kansenkaart
import qgis.utils
from kansenkaart.kansenkaart_plugin import plugin as life
from kansenkaart.processing_algorithms.about import plugin_version
from kansenkaart.processing_algorithms.data.prepare_zones import PrepareZones
from kansenkaart.processing_algorithms.maps.opportunity_map import OpportunityMap
from qgis.core import QgsApplication
from qgis.PyQt.QtCore import QCoreApplication, QEvent
from qgis.PyQt.QtWidgets import QMenu, QWidget

ROOT = Path(__file__).resolve().parents[2]


def test_registers_and_goes_without_a_trace(monkeypatch):
    monkeypatch.setattr(life, "iface", None)
    registry = QgsApplication.processingRegistry()
    plugin = kansenkaart.classFactory(None)
    plugin.initGui()
    assert registry.providerById("kansenkaart").algorithms()
    plugin.unload()
    assert registry.providerById("kansenkaart") is None
    plugin.unload()


def test_menu_leads_from_own_layers_to_a_map(qgis_app, monkeypatch):  # noqa: ARG001
    window, plugins = QWidget(), QMenu()
    iface = SimpleNamespace(mainWindow=lambda: window, pluginMenu=lambda: plugins)
    monkeypatch.setattr(life, "iface", iface)
    plugin = kansenkaart.classFactory(iface)
    plugin.initGui()
    (menu,) = [action.menu() for action in plugins.actions()]
    names = [action.text() for action in menu.actions() if not action.isSeparator()]
    assert f"{PrepareZones().displayName()} …" in names
    assert names[-2] == f"{OpportunityMap().displayName()} …"
    models = menu.actions()[-1].menu()
    assert [each.text() for each in models.actions()] == [
        f"{name} …" for name in shipped_model_names()
    ]
    plugin.unload()
    assert not plugins.actions()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert not window.children()


def test_an_old_python_is_told(monkeypatch):
    """Its plugin is read by what can't read the rest."""
    source = (ROOT / "__init__.py").read_text("utf-8")
    ast.parse(source, feature_version=(3, 7))
    monkeypatch.setattr(sys, "version_info", (3, 9, 5))
    told = []
    bar = SimpleNamespace(pushWarning=lambda *words: told.append(words))
    window = SimpleNamespace(messageBar=lambda: bar)
    monkeypatch.setattr(qgis.utils, "iface", window)
    plugin = kansenkaart.classFactory(window)
    for step in (plugin.initProcessing, plugin.initGui, plugin.unload):
        step()
    ((title, words),) = told
    assert title == "Kansenkaart"
    assert "Python 3.11" in words
    monkeypatch.setattr(qgis.utils, "iface", None)
    plugin.initGui()
    assert len(told) == 1


def shipped_model_names():
    return sorted(path.stem for path in (ROOT / "resources/models").glob("*.model3"))


def test_a_model_opens_in_the_designer_as_a_copy(provider, monkeypatch):
    from kansenkaart.kansenkaart_plugin.designer import open_designer
    from kansenkaart.processing_algorithms.models import models_of
    from processing.modeler import ModelerDialog

    # The designer takes the size of its icons from QGIS's window.
    monkeypatch.setattr(ModelerDialog, "iface", None)
    for model in models_of(provider):
        designer = open_designer(model)
        opened = designer.model()
        assert opened.name() == model.name()
        assert opened.childAlgorithms().keys() == model.childAlgorithms().keys()
        assert opened.sourceFilePath() == ""
        designer.close()


def test_version_is_that_of_the_metadata():
    lines = (ROOT / "metadata.txt").read_text("utf-8").splitlines()
    assert f"version={plugin_version()}" in lines


def test_loading_pulls_in_no_heavy_package():
    """The plugin must load where geopandas is missing, and quickly."""
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]);"
        "from kansenkaart.processing_algorithms.provider import KansenkaartProvider;"
        "heavy = {'geopandas', 'scipy', 'pandas', 'networkx'} & set(sys.modules);"
        "print(sorted(heavy))"
    )
    plugins = str(ROOT / ".dev" / "plugins")
    done = subprocess.run(
        [sys.executable, "-c", code, plugins],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"
