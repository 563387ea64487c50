"""Kansenkaart: opportunity maps for industrial symbiosis, as a QGIS plugin."""

import sys

OLDEST = (3, 11)
"""What Python the plugin is written for; this file alone is read by older ones."""


def classFactory(_iface):
    """Give QGIS the plugin, which takes the window from ``qgis.utils``."""
    if sys.version_info < OLDEST:
        return TooOld()
    from .kansenkaart_plugin.plugin import KansenkaartPlugin

    return KansenkaartPlugin()


class TooOld:
    """Says what is missing where Python is too old to read the rest."""

    def initProcessing(self):
        """Offer nothing."""

    def initGui(self):
        """Tell the planner, in both languages: texts can't be read here."""
        from qgis.utils import iface

        if iface is not None:
            iface.messageBar().pushWarning(
                "Kansenkaart",
                "Nodig is een nieuwere QGIS, met Python 3.11 of hoger. "
                "A newer QGIS is needed, with Python 3.11 or higher.",
            )

    def unload(self):
        """Nothing was added."""
