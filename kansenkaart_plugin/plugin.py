"""The life cycle of the plugin in QGIS."""

from __future__ import annotations

from qgis.core import QgsApplication

from ..processing_algorithms.provider import KansenkaartProvider


class KansenkaartPlugin:
    """Registers the Processing provider, and takes it away again.

    Parameters
    ----------
    iface
        QGIS's window, or None in qgis_process: nothing here may need it.
    """

    def __init__(self, iface) -> None:
        self.iface = iface
        self.provider = None

    def initProcessing(self) -> None:
        """Register the provider; the one thing that qgis_process calls."""
        self.provider = KansenkaartProvider()
        QgsApplication.processingRegistry().addProvider(self.provider)

    def initGui(self) -> None:
        """Start in QGIS Desktop."""
        self.initProcessing()

    def unload(self) -> None:
        """Leave QGIS as it was."""
        if self.provider is not None:
            QgsApplication.processingRegistry().removeProvider(self.provider)
            self.provider = None
