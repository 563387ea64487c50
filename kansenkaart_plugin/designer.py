"""The models that ship with the plugin, in QGIS's own model designer."""

from __future__ import annotations

from qgis.core import QgsApplication


def open_designer(model):
    """Open a copy of a model; saving asks for a place, by choice among the user's own.

    Parameters
    ----------
    model
        A model of the provider, which stays as it is.
    """
    # Part of QGIS's Processing plugin, which only QGIS Desktop has.
    from processing.modeler.ModelerDialog import ModelerDialog

    own = model.create()
    own.setSourceFilePath("")
    own.setGroup("Kansenkaart")
    designer = ModelerDialog.create(own)
    designer.update_model.connect(_list_again)
    designer.show()
    designer.activate()
    return designer


def _list_again() -> None:
    """Have the toolbox list the user's own models again."""
    QgsApplication.processingRegistry().providerById("model").refreshAlgorithms()
