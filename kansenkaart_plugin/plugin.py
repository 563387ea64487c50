"""The life cycle of the plugin in QGIS."""

from __future__ import annotations

from functools import partial

from qgis.core import QgsApplication
from qgis.PyQt.QtWidgets import QMenu
from qgis.utils import iface

from ..analysis.texts import text
from ..processing_algorithms.language import interface_language
from ..processing_algorithms.models import attach, models_of
from ..processing_algorithms.provider import ALGORITHMS, KansenkaartProvider

MENU_GROUPS = ("data", "maps")
"""Groups of algorithms that stand in the menu: the way from own layers to a map."""


class KansenkaartPlugin:
    """Registers the Processing provider and a menu, and takes them away again.

    QGIS's window, ``iface``, is None in qgis_process: nothing here may need it.
    """

    def __init__(self) -> None:
        self.provider = None
        self.menu = None

    def initProcessing(self) -> None:
        """Register the provider; the one thing that qgis_process calls."""
        self.provider = KansenkaartProvider()
        QgsApplication.processingRegistry().addProvider(self.provider)
        attach(models_of(self.provider))

    def initGui(self) -> None:
        """Start in QGIS Desktop."""
        self.initProcessing()
        if iface is not None:
            self.provider.dialog = _dialog
            self.menu = self._menu()
            iface.pluginMenu().addMenu(self.menu)

    def unload(self) -> None:
        """Leave QGIS as it was."""
        if self.menu is not None:
            iface.pluginMenu().removeAction(self.menu.menuAction())
            # Its parent, the window, would keep it.
            self.menu.deleteLater()
            self.menu = None
        if self.provider is not None:
            QgsApplication.processingRegistry().removeProvider(self.provider)
            self.provider = None

    def _menu(self) -> QMenu:
        """The way from own layers to a map, in the order in which it is walked."""
        menu = QMenu(self.provider.name(), iface.mainWindow())
        menu.setIcon(self.provider.icon())
        algorithms = [kind() for kind in ALGORITHMS]
        for group in MENU_GROUPS:
            menu.addSeparator()
            for algorithm in algorithms:
                if algorithm.groupId() == group:
                    action = menu.addAction(f"{algorithm.displayName()} …")
                    action.triggered.connect(partial(_open, algorithm.name()))
        menu.addSeparator()
        models = menu.addMenu(text("desktop.models", interface_language()))
        for model in models_of(self.provider):
            action = models.addAction(f"{model.displayName()} …")
            action.triggered.connect(partial(_change, model.id()))
        return menu


def _dialog(algorithm, parent):
    """The dialog of an algorithm; it needs packages that QGIS may lack."""
    from .dialog import planner_dialog

    return planner_dialog(algorithm, parent)


def _open(name: str, _checked: bool = False) -> None:
    """Open the dialog of an algorithm, or say what it lacks."""
    from qgis import processing

    registry = QgsApplication.processingRegistry()
    algorithm = registry.algorithmById(f"kansenkaart:{name}")
    able, told = algorithm.canExecute()
    if able:
        processing.execAlgorithmDialog(algorithm.id())
    else:
        iface.messageBar().pushWarning(algorithm.displayName(), told)


def _change(model: str, _checked: bool = False) -> None:
    """Open a model in the model designer."""
    from .designer import open_designer

    open_designer(QgsApplication.processingRegistry().algorithmById(model))
