"""How layers look in QGIS: symbols, labels, names of fields and map tips.

What a style looks like is data: ``resources/styles/<style>.toml``.
"""

from __future__ import annotations

import time
from typing import ClassVar

from qgis.core import (
    Qgis,
    QgsProcessingContext,
    QgsProcessingLayerPostProcessorInterface,
    QgsVectorLayer,
)

from ..analysis.resources import read_toml, resource_path
from .labels import labelling
from .map_tips import map_tip
from .renderers import renderer

STYLE = "kansenkaart/style"
"""Property of a layer that says how it is styled, and so what it is."""
LOADED = "kansenkaart/loaded"
"""Property of a layer in a project: when a run put it there."""


def style_layer(
    layer: QgsVectorLayer,
    style: str,
    language: str,
    factor: float = 1.0,
    definition: dict | None = None,
) -> None:
    """Give a layer its renderer, labels, field names and map tip.

    Categories are those whose values the layer holds now.

    Parameters
    ----------
    layer
        The layer, changed in place.
    style
        A file in ``resources/styles``.
    language
        ``nl`` or ``en``.
    factor
        Enlarges every length and letter, for large sheets of paper.
    definition
        What takes the place of the data of the style.

    Raises
    ------
    KeyError
        If there is no such style.
    """
    definition = definition or read_style(style)
    layer.setCustomProperty(STYLE, style)
    name_fields(layer, language)
    if layer.geometryType() == Qgis.GeometryType.Null:
        return
    layer.setRenderer(renderer(layer, style, definition, language, factor))
    labels = labelling(layer, definition, language, factor)
    layer.setLabeling(labels)
    layer.setLabelsEnabled(labels is not None)
    if tip := definition.get("tip"):
        layer.setMapTipTemplate(map_tip(layer, tip, language))
    layer.triggerRepaint()


def style_output(
    layer: QgsVectorLayer,
    style: str,
    language: str,
    destination: str,
    context: QgsProcessingContext,
) -> None:
    """Style what an algorithm wrote, in its file and in the project that loads it.

    Parameters
    ----------
    layer
        The written layer.
    style, language
        As for :func:`style_layer`.
    destination
        The sink's destination id.
    context
        The context of the run.
    """
    style_layer(layer, style, language)
    if in_geopackage(layer):
        store_style(layer, style)
    if context.willLoadLayerOnCompletion(destination):
        details = context.layerToLoadOnCompletionDetails(destination)
        details.setPostProcessor(StyleWhenLoaded.kept(destination, style, language))


def style_of(layer: QgsVectorLayer) -> str | None:
    """Style that a layer was given, also in a file; None where it has none of ours."""
    return layer.customProperty(STYLE)


def loaded_at(layer: QgsVectorLayer) -> float:
    """When a run put a layer into the project, in seconds; 0 where none did."""
    return float(layer.customProperty(LOADED) or 0)


def read_style(style: str) -> dict:
    """The data of a style; KeyError where there is none."""
    if not resource_path("styles", f"{style}.toml").is_file():
        raise KeyError(style)
    return read_toml("styles", f"{style}.toml")


def class_limits(look: dict) -> dict[tuple[str, str], list[float]]:
    """Limits between classes of size by carrier and unit, of the data of a style."""
    sizes = look["sizes"].items()
    return {(carrier, each["unit"]): each["limits"] for carrier, each in sizes}


def name_fields(layer: QgsVectorLayer, language: str) -> None:
    """Give fields the names that a reader knows."""
    names = read_toml("texts", language, "fields.toml")
    for index, field in enumerate(layer.fields()):
        if field.name() in names:
            layer.setFieldAlias(index, names[field.name()])


def in_geopackage(layer: QgsVectorLayer) -> bool:
    """Whether a layer lies in a GeoPackage, which can keep its style."""
    path = layer.source().split("|")[0]
    return layer.providerType() == "ogr" and path.lower().endswith(".gpkg")


def store_style(layer: QgsVectorLayer, style: str) -> None:
    """Keep a layer's style in its GeoPackage, so that it opens styled.

    Raises
    ------
    OSError
        If the GeoPackage refuses.
    """
    if hasattr(layer, "saveStyleToDatabaseV2"):  # QGIS 3.44 and newer
        _, error = layer.saveStyleToDatabaseV2(style, "", True, "")
    else:
        error = layer.saveStyleToDatabase(style, "", True, "")
    if error:
        raise OSError(error)
    # Storing closes the file under whoever read it before, and would find no features.
    layer.dataProvider().reloadData()


class StyleWhenLoaded(QgsProcessingLayerPostProcessorInterface):
    """Styles an output at the moment QGIS Desktop adds it to the project.

    Parameters
    ----------
    style, language
        As for :func:`style_layer`.
    """

    # QGIS holds no reference from Python's side, so somebody else must.
    _alive: ClassVar[dict[str, StyleWhenLoaded]] = {}

    def __init__(self, style: str, language: str) -> None:
        super().__init__()
        self._style = style
        self._language = language

    @classmethod
    def kept(cls, destination: str, style: str, language: str) -> StyleWhenLoaded:
        """A post-processor that lives until the same destination is written again."""
        cls._alive[destination] = cls(style, language)
        return cls._alive[destination]

    def postProcessLayer(self, layer, context, feedback) -> None:  # noqa: ARG002
        """Style the layer."""
        if isinstance(layer, QgsVectorLayer):
            style_layer(layer, self._style, self._language)
            layer.setCustomProperty(LOADED, time.time())
