"""The QGIS project that goes with a finished map."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from xml.sax.saxutils import escape

from qgis.core import (
    Qgis,
    QgsCoordinateReferenceSystem,
    QgsProject,
    QgsRectangle,
    QgsReferencedRectangle,
    QgsVectorLayer,
)

from ...analysis.resources import read_toml
from ...analysis.texts import text
from ..styling import store_style, style_layer

GEOPACKAGE = "kansenkaart.gpkg"
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
    for table in (table for group in groups for table in group["layers"]):
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
    folder = escape(f"{path.parent.as_posix()}/", {'"': "&quot;"}).encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in contents.items():
            plain = content.replace(folder, b"./")
            kept = USER.sub(b"", plain) if name.endswith(".qgs") else content
            archive.writestr(name, kept)


def find_layer(project: QgsProject, table: str) -> QgsVectorLayer | None:
    """The project's layer of a table; None where it has none."""
    for layer in project.mapLayers().values():
        if layer.customProperty("kansenkaart/table") == table:
            return layer
    return None


def drawn_layers(project: QgsProject) -> list[QgsVectorLayer]:
    """The layers that are printed, the topmost first."""
    return [layer for _, layers in drawn_groups(project) for layer in layers]


def drawn_groups(project: QgsProject) -> list[tuple[str, list[QgsVectorLayer]]]:
    """The printed layers by group (its key), in the order of the project."""
    data = read_toml("styles", "project.toml")
    groups = []
    for group in data["groups"]:
        tables = [table for table in group["layers"] if table in data["map"]["layers"]]
        found = [find_layer(project, table) for table in tables]
        layers = [layer for layer in found if layer is not None]
        if layers:
            groups.append((group["key"], layers))
    return groups


def extents(project: QgsProject) -> tuple[QgsRectangle, QgsRectangle]:
    """What the map is about, its areas, and the setting: the regions round them.

    A study area is both. Where one is absent the other stands in for it; without both,
    all that is drawn.
    """
    tables = ("leverage_areas", "regions")
    if find_layer(project, "study_area") is not None:
        tables = ("study_area", "study_area")
    found = [_extent(find_layer(project, table)) for table in tables]
    everything = QgsRectangle()
    for layer in drawn_layers(project):
        everything.combineExtentWith(_extent(layer))
    given = [extent for extent in found if not extent.isNull()] or [everything]
    return given[0], given[-1]


def _extent(layer: QgsVectorLayer | None) -> QgsRectangle:
    """Extent of a layer; null where there is nothing in it."""
    if layer is None or not layer.featureCount():
        return QgsRectangle()
    return layer.extent()


def _tables(path: Path) -> set[str]:
    """Names of the tables in a GeoPackage."""
    if not path.is_file():
        raise OSError(str(path))
    probe = QgsVectorLayer(str(path), "probe", "ogr")
    parts = (entry.split("!!::!!") for entry in probe.dataProvider().subLayers())
    return {part[1] for part in parts}


def _add_group(project, path: Path, group: dict, present: set, language: str) -> None:
    """Add the layers of one group, the first on top."""
    tables = [table for table in group["layers"] if table in present]
    if not tables:
        return
    title = text(f"styles.groups.{group['key']}", language)
    node = project.layerTreeRoot().addGroup(title)
    drawn = read_toml("styles", "project.toml")["map"]["layers"]
    for table in tables:
        layer = _named(_open(path, table), table, language)
        project.addMapLayer(layer, False)
        entry = node.addLayer(layer)
        entry.setItemVisibilityChecked(table in drawn)
        entry.setExpanded(table in drawn)


def _store_default_style(path: Path, table: str, language: str) -> None:
    layer = _open(path, table)
    style = _style_name(layer, table)
    style_layer(layer, style, language)
    store_style(layer, style)


def _open(path: Path, table: str) -> QgsVectorLayer:
    """A layer, with the default style that its file holds."""
    layer = QgsVectorLayer(f"{path}|layername={table}", table, "ogr")
    if not layer.isValid():
        raise OSError(f"{path}: {table}")
    return layer


def _style_name(layer: QgsVectorLayer, table: str) -> str:
    if table == "density":
        return _density_style(layer)
    scored = table == "leverage_areas" and layer.fields().lookupField("score") >= 0
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
    layer.setName(text(f"styles.layers.{style}", language))
    layer.setCustomProperty("kansenkaart/table", table)
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
