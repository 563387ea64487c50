"""Where outputs go: never in the place of an input, nor of each other."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from qgis.core import (
    QgsProcessingOutputLayerDefinition,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterFile,
    QgsProcessingParameterFolderDestination,
    QgsProcessingParameterMultipleLayers,
    QgsProviderRegistry,
)

from ..analysis.errors import RefusalError

# How QGIS names a table to be added to a file: ogr:dbname="x.gpkg" table="y" (geom).
TABLE = re.compile(r"""ogr:dbname=(["'])(?P<file>.*?)\1 table=(["'])(?P<table>.*?)\3""")
BESIDE = ("", ".new", ".old")
"""Folders that a result in a folder takes, by the ending of their name."""


@dataclass(frozen=True)
class Place:
    """A file, or one table in it.

    Parameters
    ----------
    path
        The whole path.
    table
        Name of the table; empty where it is all of the file.
    """

    path: Path
    table: str = ""

    def meets(self, other: Place) -> bool:
        """Whether writing one of the two changes the other."""
        apart = self.table and other.table and self.table != other.table
        return self.path == other.path and not apart


def check_destinations(algorithm, parameters: dict, context) -> None:
    """Refuse outputs that would destroy an input or one another.

    Only in the main thread, since it looks at layers.

    Raises
    ------
    RefusalError
        If an output is an input, lies in a file or folder that an input lies in, two
        outputs are one, or a path holds a NUL.
    """
    inputs = _inputs(algorithm, parameters, context)
    seen: dict[str, Place] = {}
    for definition in algorithm.parameterDefinitions():
        name = definition.name()
        if not definition.isDestination():
            continue
        # QGIS writes to a path as far as a NUL in it: another file.
        if "\0" in str(parameters.get(name)):
            raise RefusalError("messages.output_unwritable", parameter=name)
        place = _place(parameters.get(name))
        if place is None:
            continue
        folder = isinstance(definition, QgsProcessingParameterFolderDestination)
        meets = _holds if folder else Place.meets
        if any(meets(place, each) for each in inputs):
            raise RefusalError(
                "messages.output_is_input", parameter=name, path=str(place.path)
            )
        for other in (other for other, taken in seen.items() if place.meets(taken)):
            raise RefusalError(
                "messages.outputs_are_one",
                names=f"{other}, {name}",
                path=str(place.path),
            )
        seen[name] = place


def _inputs(algorithm, parameters: dict, context) -> list[Place]:
    """Files, and tables in them, that the run reads."""
    places, layers = [], []
    for definition in algorithm.parameterDefinitions():
        name = definition.name()
        if isinstance(definition, QgsProcessingParameterMultipleLayers):
            layers += algorithm.parameterAsLayerList(parameters, name, context)
        elif isinstance(definition, QgsProcessingParameterFeatureSource):
            layers.append(algorithm.parameterAsVectorLayer(parameters, name, context))
        elif isinstance(definition, QgsProcessingParameterFile):
            places.append(_place(algorithm.parameterAsFile(parameters, name, context)))
    places += [_place_of(layer) for layer in layers if layer is not None]
    return [place for place in places if place is not None]


def _place_of(layer) -> Place | None:
    """Where a layer lies; None where that is no file."""
    registry = QgsProviderRegistry.instance()
    parts = registry.decodeUri(layer.providerType(), layer.source())
    # QGIS opens a path as far as a NUL in it.
    path = (parts.get("path") or "").partition("\0")[0]
    return Place(_whole(path), parts.get("layerName") or "") if path else None


def _place(value: object) -> Place | None:
    """Where an output goes; None where that is no file."""
    if isinstance(value, QgsProcessingOutputLayerDefinition):
        value = value.sink.staticValue()
    if not isinstance(value, str) or not value.strip():
        return None
    if found := TABLE.match(value):
        return Place(_whole(found["file"]), found["table"])
    path = value.split("|")[0]
    # memory:, postgres:, TEMPORARY_OUTPUT: no path begins so.
    return Place(_whole(path)) if Path(path).is_absolute() or "/" in path else None


def _whole(path: str) -> Path:
    return Path(os.path.normcase(os.path.realpath(path)))


def _holds(folder: Place, place: Place) -> bool:
    """Whether a file lies in a folder that a result takes or clears."""
    taken = [f"{folder.path}{ending}" for ending in BESIDE]
    return any(place.path.is_relative_to(each) for each in taken)
