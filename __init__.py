"""Kansenkaart: opportunity maps for industrial symbiosis, as a QGIS plugin."""


def classFactory(iface):
    """Give QGIS the plugin."""
    from .kansenkaart_plugin.plugin import KansenkaartPlugin

    return KansenkaartPlugin(iface)
