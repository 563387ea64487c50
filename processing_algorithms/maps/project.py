"""The QGIS project that goes with a finished map."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable
from html import escape
from pathlib import Path

from qgis.core import (
    Qgis,
    QgsCoordinateReferenceSystem,
    QgsProject,
    QgsRectangle,
    QgsReferencedRectangle,
    QgsVectorLayer,
)

from ...analysis.flows.tables import CARRIERS
from ...analysis.resources import read_toml
from ...analysis.texts import text
from ..geopackage import table_uri
from ..styling import read_style, store_style, style_layer, style_of

ZONE_SCORES = "zone_scores"
SCORED = ("leverage_areas", ZONE_SCORES)
"""Tables that have the fields of their areas, and scores."""
FLOW_PLACES = "flow_places"
MATCH_PAIRS = "match_pairs"
GEOPACKAGE = "kansenkaart.gpkg"
TABLE = "kansenkaart/table"
"""Property of a layer that says which table it shows."""
USER = re.compile(rb' saveUser(?:Full)?="[^"]*"')
PROJECT = "kansenkaart.qgz"


def build_project(folder: Path, language: str, title: str) -> QgsProject:
    """A project with every layer of a finished map, styled and in groups.

    The styles are also kept in the GeoPackage, as its defaults.

    Parameters
    ----------
    folder
        Where ``kansenkaart.gpkg`` lies.
    language
        ``nl`` or ``en``.
    title
        Title of the project.

    Raises
    ------
    OSError
        If the GeoPackage is not there or can't be read.
    """
    project = QgsProject()
    project.setFilePathStorage(Qgis.FilePathType.Relative)
    project.setTitle(title)
    metadata = project.metadata()
    metadata.setTitle(title)
    # Else the name of whoever is logged in goes into the PDF.
    metadata.setAuthor("")
    project.setMetadata(metadata)
    path = folder / GEOPACKAGE
    present = _tables(path)
    groups = read_toml("styles", "project.toml")["groups"]
    # All styles go in before any layer is opened to stay open: storing one closes the
    # file under the layers that read it.
    named = (name for group in groups for name in group["layers"])
    for table in dict.fromkeys(name.partition(":")[0] for name in named):
        if table in present:
            _store_default_style(path, table, language)
    for group in groups:
        _add_group(project, path, group, present, language)
    _set_view(project)
    return project


def save_project(project: QgsProject, path: Path) -> None:
    """Write a project that refers to nothing outside its folder.

    Raises
    ------
    OSError
        If it can't be written.
    """
    if not project.write(str(path)):
        raise OSError(f"{path}: {project.error()}")
    _forget_folder(path)


def _forget_folder(path: Path) -> None:
    """Make the paths relative that QGIS keeps whole, and forget who was logged in.

    Whole are the paths of a page's layers.
    """
    with zipfile.ZipFile(path) as archive:
        contents = {name: archive.read(name) for name in archive.namelist()}
    # As Qt writes it: an apostrophe stays as it is.
    folder = escape(f"{path.parent.as_posix()}/", quote=False)
    folder = folder.replace('"', "&quot;").encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in contents.items():
            plain = content.replace(folder, b"./")
            kept = USER.sub(b"", plain) if name.endswith(".qgs") else content
            archive.writestr(name, kept)


def find_layer(project: QgsProject, table: str) -> QgsVectorLayer | None:
    """The project's layer of a table; None where it has none."""
    for layer in project.mapLayers().values():
        if layer.customProperty(TABLE) == table:
            return layer
    return None


def carrier_layer(table: str, carrier: str) -> str:
    """What the layer of the rows of a carrier is found by."""
    return f"{table}:{carrier}"


def drawn_layers(project: QgsProject, about: str | None = None) -> list[QgsVectorLayer]:
    """The layers that are printed, the topmost first."""
    return [layer for _, layers in drawn_groups(project, about) for layer in layers]


def drawn_groups(
    project: QgsProject, about: str | None = None
) -> list[tuple[str, list[QgsVectorLayer]]]:
    """The printed layers by group (its key), in the order of the project.

    Parameters
    ----------
    project
        The project.
    about
        Layer of a carrier that the map is about, as :func:`carrier_layer` names it;
        None for the map of the areas.
    """
    data = read_toml("styles", "project.toml")
    drawn = data["map"]["layers"]
    if about is not None:
        drawn = [about, *data["map"]["flow_layers"]]
    groups = []
    for group in data["groups"]:
        tables = [table for table in group["layers"] if table in drawn]
        found = [find_layer(project, table) for table in tables]
        layers = [layer for layer in found if layer is not None]
        if layers:
            groups.append((group["key"], layers))
    return groups


def printed_style(layer: QgsVectorLayer, about: str | None) -> dict:
    """The data of a layer's style as a map draws it; some are quieter there."""
    style = style_of(layer)
    looks = read_toml("styles", "project.toml")["map"]["flow_looks"]
    definition = read_style(style)
    if about is not None and style in looks:
        definition = definition | {"symbol": definition["symbol"] | looks[style]}
    return definition


def extents(
    project: QgsProject, about: str | None = None
) -> tuple[QgsRectangle, QgsRectangle]:
    """What a map is about, and that with its setting: the regions round it.

    The map of the areas is about them; one of a carrier about the places of all
    carriers, so that such maps compare. A study area is both. Where one is absent the
    other stands in for it; without both, all that is drawn.
    """
    interest, setting = ["leverage_areas"], ["regions"]
    if about is not None:
        interest = [carrier_layer(FLOW_PLACES, each) for each in CARRIERS]
    if find_layer(project, "study_area") is not None:
        interest = setting = ["study_area"]
    found = [
        _extent(find_layer(project, table) for table in tables)
        for tables in (interest, interest + setting)
    ]
    given = [extent for extent in found if not extent.isNull()]
    given = given or [_extent(drawn_layers(project, about))]
    return given[0], given[-1]


def _extent(layers: Iterable[QgsVectorLayer | None]) -> QgsRectangle:
    """Extent of layers; null where there is nothing in them."""
    extent = QgsRectangle()
    for layer in layers:
        if layer is not None and layer.featureCount():
            extent.combineExtentWith(layer.extent())
    return extent


def _tables(path: Path) -> set[str]:
    """Names of the tables in a GeoPackage."""
    if not path.is_file():
        raise OSError(str(path))
    probe = QgsVectorLayer(str(path), "probe", "ogr")
    parts = (entry.split("!!::!!") for entry in probe.dataProvider().subLayers())
    return {part[1] for part in parts}


def _add_group(project, path: Path, group: dict, present: set, language: str) -> None:
    """Add the layers of one group, the first on top."""
    layers = _layers(path, group, present, language)
    if not layers:
        return
    title = text(f"styles.groups.{group['key']}", language)
    node = project.layerTreeRoot().addGroup(title)
    drawn = read_toml("styles", "project.toml")["map"]["layers"]
    for layer in layers:
        project.addMapLayer(layer, False)
        entry = node.addLayer(layer)
        shown = layer.customProperty(TABLE) in drawn
        entry.setItemVisibilityChecked(shown)
        entry.setExpanded(shown)


def _layers(
    path: Path, group: dict, present: set, language: str
) -> list[QgsVectorLayer]:
    """The layers of a group; a carrier of which nothing is drawn has none."""
    layers = []
    for name in group["layers"]:
        table, _, carrier = name.partition(":")
        if table not in present:
            continue
        layer = _named(_open(path, table, carrier), table, language)
        if carrier:
            _name_carrier(layer, table, carrier, language)
        if not carrier or layer.featureCount():
            layers.append(layer)
    return layers


def _name_carrier(
    layer: QgsVectorLayer, table: str, carrier: str, language: str
) -> None:
    """Tell the layer of a carrier from the others, and show only its own classes."""
    style_layer(layer, table, language)
    layer.setName(text(f"styles.layers.{table}_{carrier}", language))
    layer.setCustomProperty(TABLE, carrier_layer(table, carrier))


def _store_default_style(path: Path, table: str, language: str) -> None:
    layer = _open(path, table)
    style = _style_name(layer, table)
    style_layer(layer, style, language)
    store_style(layer, style)


def _open(path: Path, table: str, carrier: str = "") -> QgsVectorLayer:
    """A layer, with the default style that its file holds; or what is drawn of it."""
    source = table_uri(path, table)
    if carrier:
        source += f'|subset="carrier" = \'{carrier}\' AND "shown" = 1'
    layer = QgsVectorLayer(source, table, "ogr")
    if not layer.isValid():
        raise OSError(f"{path}: {table}")
    return layer


def _style_name(layer: QgsVectorLayer, table: str) -> str:
    if table == "density":
        return _density_style(layer)
    scored = table in SCORED and layer.fields().lookupField("score") >= 0
    return "scored_areas" if scored else table


def _density_style(layer: QgsVectorLayer) -> str:
    """By class, where numbers may not be told; else by what is measured."""
    fields = layer.fields()
    if fields.lookupField("count_class") >= 0:
        return "density_classes"
    measures = layer.uniqueValues(fields.lookupField("measure"))
    return "density_jobs" if "jobs" in measures else "density"


def _named(layer: QgsVectorLayer, table: str, language: str) -> QgsVectorLayer:
    """The same layer, with a name to read and what we must find it by."""
    style = _style_name(layer, table)
    # The style of scored areas is also that of zones.
    title = table if table == ZONE_SCORES else style
    layer.setName(text(f"styles.layers.{title}", language))
    layer.setCustomProperty(TABLE, table)
    layer.setCustomProperty("kansenkaart/style", style)
    return layer


def _set_view(project: QgsProject) -> None:
    """Let the project open on the areas, in their coordinate system."""
    spatial = [layer for layer in project.mapLayers().values() if layer.isSpatial()]
    crs = next((layer.crs() for layer in spatial), QgsCoordinateReferenceSystem())
    project.setCrs(crs)
    extent, _ = extents(project)
    if not extent.isNull():
        margin = read_toml("styles", "project.toml")["map"]["margin"]
        extent.scale(1 + 2 * margin)
        view = project.viewSettings()
        view.setDefaultViewExtent(QgsReferencedRectangle(extent, crs))
