"""Kansenkaart: opportunity maps for industrial symbiosis, as a QGIS plugin."""


def classFactory(_iface):
    """Give QGIS the plugin, which takes the window from ``qgis.utils``."""
    from .kansenkaart_plugin.plugin import KansenkaartPlugin

    return KansenkaartPlugin()
