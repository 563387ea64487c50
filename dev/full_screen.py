"""Run inside QGIS Desktop: fill the screen, as a window manager would do."""

from qgis.PyQt.QtCore import QTimer
from qgis.PyQt.QtWidgets import QApplication
from qgis.utils import iface


def fill_screen() -> None:
    """Let the window and the map take all the room there is."""
    screen = QApplication.primaryScreen().availableGeometry()
    iface.mainWindow().setGeometry(screen)
    QTimer.singleShot(3000, iface.mapCanvas().zoomToProjectExtent)


QTimer.singleShot(5000, fill_screen)
