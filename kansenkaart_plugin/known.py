"""What the open project tells about the parameters of an algorithm."""

from __future__ import annotations

from itertools import chain, count
from pathlib import Path

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsMapLayer,
    QgsProcessingParameterMultipleLayers,
    QgsProject,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QStandardPaths

from ..analysis.layers import layer_type
from ..processing_algorithms.base import GEOMETRY_TYPES, ROLE_LAYERS
from ..processing_algorithms.border import is_metric
from ..processing_algorithms.maps.result_folder import RECORD
from ..processing_algorithms.styling import loaded_at, style_of

WEB_MERCATOR = "EPSG:3857"
"""Its metres are not metres on the ground."""


def known_parameters(
    algorithm, project: QgsProject, active: QgsMapLayer | None = None
) -> dict:
    """Layers, coordinate system and folder, where the project tells them.

    A layer that Kansenkaart has prepared goes to the parameter of its role. The source
    to prepare is a layer of the right geometry that was not prepared yet, and its
    coordinate system becomes that of the other layers. A new folder takes the result.

    Parameters
    ----------
    algorithm
        The algorithm.
    project
        The open project.
    active
        The layer that the user has selected in the list of layers.

    Returns
    -------
    dict
        Values by parameter; parameters of which nothing is known are absent.
    """
    nodes = project.layerTreeRoot().findLayers()
    layers = [node.layer() for node in nodes]
    layers = [layer for layer in layers if isinstance(layer, QgsVectorLayer)]
    known = {}
    for definition in algorithm.parameterDefinitions():
        name = definition.name()
        if name == "NETWORK":
            # Off until asked for: any layer of lines may lack roads.
            continue
        if name in ROLE_LAYERS:
            found = _prepared(layers, ROLE_LAYERS[name])
            several = isinstance(definition, QgsProcessingParameterMultipleLayers)
            known[name] = found if several else next(iter(found), None)
        elif name == "INPUT":
            known[name] = _source(layers, active, algorithm.ROLE)
        elif name == "TARGET_CRS":
            known[name] = _common_crs(layers, project)
        elif name == "OUTPUT_FOLDER":
            known[name] = _new_folder(project)
    return {name: value for name, value in known.items() if value}


def _prepared(layers: list[QgsVectorLayer], kind: str) -> list[str]:
    """Ids of the layers of a kind; of those with one name only the newest."""
    found = [layer for layer in layers if style_of(layer) == kind]
    newest = {layer.name(): layer.id() for layer in sorted(found, key=loaded_at)}
    return [layer.id() for layer in found if newest[layer.name()] == layer.id()]


def _source(
    layers: list[QgsVectorLayer], active: QgsMapLayer | None, role: str
) -> str | None:
    """Id of a layer that can still be prepared, by choice the selected one."""
    geometry = GEOMETRY_TYPES[layer_type(role).geometry]
    fitting = [
        layer
        for layer in layers
        if layer.geometryType() == geometry and style_of(layer) is None
    ]
    chosen = active if active in fitting else next(iter(fitting), None)
    return chosen and chosen.id()


def _common_crs(
    layers: list[QgsVectorLayer], project: QgsProject
) -> QgsCoordinateReferenceSystem | None:
    """That of a prepared layer, else of the project, else of any layer, in metres."""
    prepared = [layer.crs() for layer in layers if style_of(layer)]
    every = [*prepared, project.crs(), *(layer.crs() for layer in layers)]
    fit = (crs for crs in every if is_metric(crs) and crs.authid() != WEB_MERCATOR)
    return next(fit, None)


def _new_folder(project: QgsProject) -> str:
    """A folder that is not there yet, beside the project or else the documents.

    What QGIS proposes, a temporary folder, goes when QGIS is closed.
    """
    documents = QStandardPaths.StandardLocation.DocumentsLocation
    home = Path(project.homePath() or QStandardPaths.writableLocation(documents))
    if (home / RECORD).is_file():
        home = home.parent
    names = chain(["kansenkaart"], (f"kansenkaart {number}" for number in count(2)))
    return str(next(home / name for name in names if not (home / name).exists()))
