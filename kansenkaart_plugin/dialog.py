"""QGIS's own dialog of an algorithm, filled in as far as the project tells."""

from __future__ import annotations

from functools import partial

from qgis.core import QgsProject
from qgis.utils import iface

from .known import known_parameters
from .result_bar import offer_result


def planner_dialog(algorithm, parent):
    """The dialog that QGIS would show, with the prepared layers chosen already.

    Parameters
    ----------
    algorithm
        A fresh copy of the algorithm.
    parent
        The window that the dialog belongs to.
    """
    # Part of QGIS's Processing plugin, which only QGIS Desktop has.
    from processing.gui.AlgorithmDialog import AlgorithmDialog

    dialog = AlgorithmDialog(algorithm, parent=parent)
    known = known_parameters(algorithm, QgsProject.instance(), iface.activeLayer())
    dialog.setParameters(known)
    dialog.algorithmFinished.connect(partial(offer_result, dialog))
    return dialog
