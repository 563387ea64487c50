"""One run of an algorithm: its inputs as frames, its outputs as layers, its log."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
from qgis.core import (
    NULL,
    Qgis,
    QgsCoordinateReferenceSystem,
    QgsProcessingContext,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterMultipleLayers,
    QgsProcessingUtils,
    QgsVectorLayer,
    QgsWkbTypes,
)

from ..analysis.canonical import canonical, merge_layers
from ..analysis.errors import RefusalError
from ..analysis.ground import checked_distance
from ..analysis.groupings import ALL, Grouping, choose_grouping
from ..analysis.layers import LayerType, layer_type
from ..analysis.progress import CancelledError, part
from ..analysis.resources import read_toml
from ..analysis.texts import text
from ..analysis.threads import patiently
from ..analysis.vocabulary import LANGUAGE_CHOICES
from . import border
from .base import GEOMETRY_TYPES, ROLE_LAYERS, SOURCE_TYPES, geometry_word
from .geopackage import table_name, table_uri
from .language import help_text
from .whole_file import written_whole

SILENCE = 1.0
"""Seconds after which progress is told in words too."""
CHUNK = 1_000_000
"""Letters of a file that are read at a time."""


@dataclass
class Opened:
    """A layer that is ready to be read in any thread."""

    name: str
    source: object
    crs: object
    wkb_type: object
    feature_count: int
    path: str


class Run:
    """What an algorithm asks for while it computes.

    Parameters
    ----------
    algorithm
        The algorithm that runs.
    parameters, context, feedback
        As QGIS hands them over.
    """

    def __init__(self, algorithm, parameters: dict, context, feedback) -> None:
        self.algorithm = algorithm
        self.parameters = parameters
        self.context = context
        self.feedback = feedback
        self.language = algorithm._language
        self.results: dict = {}
        self.messages: list[str] = []
        self.skipped: list[tuple[str, str, str, int]] = []
        self._opened: dict[str, list[Opened]] = {}
        self._styles: dict[str, str] = {}
        self._titles: dict[str, str] = {}
        self._doing = ""
        self._done = 0.0
        self._spoken = time.monotonic()

    # Inputs.

    def open_layer_lists(self) -> bool:
        """Take hold of layers that are given as a list; only the main thread may.

        Of tables in text files too, where they are in another encoding than QGIS takes.
        """
        for definition in self.algorithm.parameterDefinitions():
            name = definition.name()
            if isinstance(definition, QgsProcessingParameterMultipleLayers):
                self._opened[name] = self._open_list(name)
            elif _takes_tables(definition):
                self._open_in_windows_1252(name)
        return True

    def given(self, name: str) -> bool:
        """Whether a parameter was given a value."""
        value = self.parameters.get(name)
        return value is not None and value != NULL and value not in ("", [])

    def opened(self, name: str) -> list[Opened]:
        """The layers behind a parameter, checked for geometry type and CRS."""
        if name not in self._opened:
            self._opened[name] = self._open_one(name)
        for layer in self._opened[name] if name in ROLE_LAYERS else []:
            self._check_geometry(layer, layer_type(ROLE_LAYERS[name]).geometry)
        return self._opened[name]

    def crs_of(self, name: str):
        """Coordinate system of the first layer of a parameter, checked to be metric."""
        first = self.opened(name)[0]
        border.check_metric(first.crs, first.name)
        return first.crs

    def frame(
        self,
        name: str,
        crs,
        progress=None,
        box=None,
        optional: bool | tuple[str, ...] = True,
    ) -> gpd.GeoDataFrame | None:
        """The canonical layer of a role in a CRS; None where it was not given.

        Several layers are put one behind the other. With a box (xmin, ymin, xmax,
        ymax) in the CRS, only what touches it; without optional fields, or with a few
        by name, it is read sooner.
        """
        if not self.given(name):
            return None
        kind = layer_type(ROLE_LAYERS[name])
        # Other fields than its own are used, and come out again, only with areas.
        wanted = kind.optional if optional is True else optional or ()
        own = [*kind.mandatory, *wanted]
        fields = None if kind.name == "leverage_areas" else own
        frames = {}
        layers = self.opened(name)
        for place, layer in enumerate(layers):
            border.check_metric(layer.crs, layer.name)
            start, end = (place / len(layers), (place + 1) / len(layers))
            report = part(progress or self.progress, start, end)
            raw = border.read(layer.source, crs, self.context, fields, report, box)
            frame, empty, mended = patiently(
                partial(canonical, raw, kind, layer.name), partial(report, 1.0)
            )
            frames[layer.name] = frame
            self._leave_out(layer.name, empty)
            if mended:
                self.say("messages.shapes_mended", layer=layer.name, count=mended)
        merged, renamed = merge_layers(frames, kind.id)
        if renamed:
            role = self.algorithm.parameterDefinition(name).description()
            self.say("messages.ids_prefixed", count=renamed, role=role)
        return merged

    def frames(
        self, roles: tuple[str, ...], crs, optional: bool = True
    ) -> dict[str, gpd.GeoDataFrame]:
        """The layers of several roles, by role in lower case; those not given: None."""
        return {
            role.lower(): self.frame(role, crs, optional=optional) for role in roles
        }

    def shapes(self, name: str, crs) -> np.ndarray:
        """Geometries of a layer of any polygons, in a CRS, shape (n,)."""
        (layer,) = self.opened(name)
        border.check_metric(layer.crs, layer.name)
        self._check_geometry(layer, "Polygon")
        return border.read(layer.source, crs, self.context, []).geometry.to_numpy()

    def lines(self, name: str, crs) -> gpd.GeoDataFrame:
        """A layer of any lines in a CRS, with all its fields."""
        (layer,) = self.opened(name)
        border.check_metric(layer.crs, layer.name)
        self._check_geometry(layer, "Line")
        return border.read(layer.source, crs, self.context, progress=self.progress)

    def table(self, name: str) -> pd.DataFrame | None:
        """A table without geometry; None where it was not given."""
        if not self.given(name):
            return None
        (layer,) = self.opened(name)
        frame = border.read(layer.source, None, self.context)
        return pd.DataFrame(frame.drop(columns=frame.geometry.name))

    def number(self, name: str) -> float:
        """A real number; what is not finite is refused."""
        value = self.algorithm.parameterAsDouble(self.parameters, name, self.context)
        if not math.isfinite(value):
            raise RefusalError("messages.not_a_number", parameter=name)
        return value

    def distance(self, name: str) -> float:
        """A distance in metres above zero."""
        return checked_distance(self.number(name), name)

    def integer(self, name: str) -> int:
        """A whole number; what is none is refused."""
        value = self.number(name)
        if not value.is_integer():
            raise RefusalError("messages.not_a_whole_number", parameter=name)
        return int(value)

    def string(self, name: str) -> str | None:
        """A text; None where it is empty, and a list or table is refused."""
        if isinstance(self.parameters.get(name), list | tuple | dict | bytes):
            raise RefusalError("messages.not_a_text", parameter=name)
        value = self.algorithm.parameterAsString(self.parameters, name, self.context)
        return value.strip() or None

    def keep_only(self, name: str, expression: str) -> None:
        """Pass over the features of a layer for which an expression does not hold.

        Parameters
        ----------
        name
            The parameter that names the layer.
        expression
            The parameter that holds the expression; without one all features pass.
        """
        words = self.string(expression)
        for layer in self.opened(name) if words else []:
            layer.source = border.FilteredSource(
                layer.source, words, expression, self.context
            )

    def field_names(self, name: str) -> list[str]:
        """Names of the fields that a parameter lists; none where it is empty."""
        if not self.given(name):
            return []
        return self.algorithm.parameterAsStrings(self.parameters, name, self.context)

    def field_name(self, name: str) -> str | None:
        """Name of a field; one that does not exist is refused where it is read."""
        value = self.parameters.get(name)
        return str(value) if self.given(name) else None

    def boolean(self, name: str) -> bool:
        """Yes or no."""
        return self.algorithm.parameterAsBoolean(self.parameters, name, self.context)

    def choice(self, name: str, options: tuple[str, ...]) -> str | None:
        """The id behind an index; None where nothing was chosen."""
        if self.parameters.get(name) is None and not self._default(name):
            return None
        index = self.algorithm.parameterAsEnum(self.parameters, name, self.context)
        if not 0 <= index < len(options):
            raise RefusalError(
                "prepare.choice_unknown",
                value=str(self.parameters.get(name)),
                parameter=name,
                available=", ".join(options),
            )
        return options[index]

    def file(self, name: str) -> str | None:
        """Path of a file; None where it is not given."""
        path = self.algorithm.parameterAsFile(self.parameters, name, self.context)
        return path or None

    def text_file(self, name: str) -> str | None:
        """Text of a file; None where it is not given."""
        path = self.file(name)
        return None if path is None else self.read_text(path)

    def read_text(self, path: str) -> str:
        """Text of a file: UTF-8, with or without byte order mark; else Windows-1252.

        The latter is said.
        """
        try:
            content = Path(path).read_bytes()
        except (OSError, ValueError):  # a path with a NUL in it is no path
            raise RefusalError("messages.file_unreadable", path=path) from None
        try:
            return content.decode("utf-8-sig")
        except UnicodeDecodeError:
            self.say("messages.file_windows_1252", path=path)
            return content.decode("cp1252", errors="replace")

    def grouping(self, name: str) -> Grouping:
        """The grouping of activities that a parameter names."""
        grouping = choose_grouping(self.string(name) or ALL, self.read_text)
        for key, values in grouping.remarks():
            self.say(key, **values)
        return grouping

    def destination(self, name: str) -> Path:
        """Path of a file or folder to write."""
        path = self.algorithm.parameterAsFileOutput(self.parameters, name, self.context)
        return Path(path)

    def matrix(self, name: str) -> list[str]:
        """Cells of a table, row by row, as texts."""
        cells = self.algorithm.parameterAsMatrix(self.parameters, name, self.context)
        return ["" if cell is None or cell == NULL else str(cell) for cell in cells]

    def crs(self, name: str):
        """A coordinate system; None where it is not given."""
        found = self.algorithm.parameterAsCrs(self.parameters, name, self.context)
        if found.isValid():
            return found
        value = self.parameters.get(name)
        # QGIS Desktop hands over an invalid one where nothing was chosen.
        if self.given(name) and not isinstance(value, QgsCoordinateReferenceSystem):
            raise RefusalError("messages.crs_unknown", parameter=name, crs=str(value))
        return None

    # Outputs.

    def write(
        self,
        name: str,
        frame: pd.DataFrame | None,
        kind: LayerType,
        crs=None,
        title: str | None = None,
    ) -> None:
        """Write a frame into a sink, if the user asked for it.

        The title is the name of the layer in the project; else that of the output.
        """
        if frame is None:
            return
        fields = border.qgis_fields(kind.fields)
        sink, destination = self.algorithm.parameterAsSink(
            self.parameters,
            name,
            self.context,
            fields,
            border.WKB_TYPES[kind.geometry],
            crs if crs is not None else border.no_crs(),
        )
        if sink is None:
            if self.given(name):
                raise RefusalError("messages.output_unwritable", parameter=name)
            return
        border.write(frame, kind, sink, fields, self.pulse)
        del sink
        self.results[name] = destination
        self._styles[destination] = kind.name
        if title and self.context.willLoadLayerOnCompletion(destination):
            self._titles[destination] = title

    def write_file(self, name: str, content: str) -> None:
        """Write a text into a file, which comes when it is complete."""
        path = self.destination(name)
        with written_whole(path) as unfinished:
            unfinished.write_text(content, "utf-8", "replace", "\n")
        self.results[name] = str(path)

    def show_table(self, path: Path, name: str, title: str) -> None:
        """Have a table of a GeoPackage styled and, in QGIS Desktop, loaded."""
        destination = table_uri(path, name)
        self._styles[destination] = name
        project = self.context.project()
        if project is not None:
            details = QgsProcessingContext.LayerDetails(title, project)
            # Else QGIS takes the name of the file or table.
            details.forceName = True
            # Points above lines above areas.
            order = list(GEOMETRY_TYPES)
            details.layerSortKey = -order.index(layer_type(name).geometry)
            self.context.addLayerToLoadOnCompletion(destination, details)

    def style_outputs(self) -> None:
        """Give every written layer its default style, also inside a GeoPackage."""
        from .styling import style_output

        for destination, style in self._styles.items():
            layer = QgsProcessingUtils.mapLayerFromString(destination, self.context)
            if isinstance(layer, QgsVectorLayer):
                style_output(layer, style, self.language, destination, self.context)
        for destination, title in self._titles.items():
            details = self.context.layerToLoadOnCompletionDetails(destination)
            output = self.algorithm.parameterDefinition(details.outputName)
            # A model may have named the layer itself.
            if output and details.name == output.description():
                details.name = title
                details.forceName = True

    # Words.

    def say(self, key: str, **values: object) -> None:
        """One line in the log."""
        sentence = text(key, self.language, **values)
        self.messages.append(sentence)
        self._spoken = time.monotonic()
        self.feedback.pushWarning(sentence)

    def mode_name(self, mode: str) -> str:
        """A mode in the reader's language."""
        return text(f"messages.options.{mode}", self.language)

    def tell_text(self, key: str, **values: object) -> None:
        """One line of progress in words."""
        self._doing = text(key, self.language, **values)
        self._tell(self._doing)

    def progress(self, done: float) -> bool:
        """How far the run is (0–1); raises CancelledError when the user stops it."""
        self._done = done
        self.feedback.setProgress(100 * done)
        return self.pulse()

    def pulse(self, _done: float = 0.0) -> bool:
        """As far as before, but look whether the user stops the run, and be heard."""
        if self.feedback.isCanceled():
            raise CancelledError
        self.be_heard()
        return True

    def be_heard(self) -> None:
        """Say again what goes on, and how far, if nothing was said for a while."""
        if time.monotonic() - self._spoken >= SILENCE:
            name = help_text(self.algorithm.ID, self.language)["name"]
            done = round(100 * self._done)
            percent = text("messages.percent", self.language, value=done)
            self._tell(f"{self._doing or name} {percent}")

    def _tell(self, words: str) -> None:
        self._spoken = time.monotonic()
        self.feedback.pushInfo(words)

    # Helpers.

    def _leave_out(self, layer: str, ids: list[str]) -> None:
        """Count features that can't be used, and keep their ids for the record."""
        if ids:
            reason = text("messages.no_geometry", self.language)
            self.skipped += [(layer, name, reason, 1) for name in ids]
            self.say("messages.without_geometry", layer=layer, count=len(ids))

    def _default(self, name: str) -> object:
        return self.algorithm.parameterDefinition(name).defaultValue() is not None

    def _open_in_windows_1252(self, name: str) -> None:
        """Open a table in a text file that is no UTF-8, which QGIS takes it for."""
        layer = self.algorithm.parameterAsVectorLayer(
            self.parameters, name, self.context
        )
        if layer is None or not _is_other_text(layer.source()):
            return
        # The user's own layer stays as it is.
        own = layer.clone()
        own.setProviderEncoding("windows-1252")
        self._opened[name] = [self._open(own, name)]
        self.say("messages.file_windows_1252", path=layer.source())

    def _open_list(self, name: str) -> list[Opened]:
        value = self.parameters.get(name)
        layers = self.algorithm.parameterAsLayerList(
            self.parameters, name, self.context
        )
        asked = len(value) if isinstance(value, list | tuple) else int(bool(value))
        optional = Qgis.ProcessingParameterFlag.Optional
        needed = not self.algorithm.parameterDefinition(name).flags() & optional
        if len(layers) < max(asked, int(bool(needed))):
            raise RefusalError("messages.layer_unreadable", parameter=name)
        opened = [self._open(layer, name) for layer in layers]
        names = [layer.name for layer in opened]
        for place, layer in enumerate(opened):
            # Tables of two files often share a name; the name tells layers apart.
            if layer.name in names[:place]:
                layer.name = f"{layer.name} ({names[: place + 1].count(layer.name)})"
        return opened

    def _open(self, layer, name: str) -> Opened:
        if not isinstance(layer, QgsVectorLayer):
            raise RefusalError("messages.layer_unreadable", parameter=name)
        return Opened(
            table_name(layer.source()) or _source_name(layer.name(), name),
            border.LayerSource(layer),
            layer.crs(),
            layer.wkbType(),
            layer.featureCount(),
            layer.source(),
        )

    def _open_one(self, name: str) -> list[Opened]:
        given = self.parameters, name, self.context
        try:
            source = self.algorithm.parameterAsSource(*given)
        except Exception:
            # QGIS 3.44 can't tell the extent of a layer with coordinates near 1e300.
            return [self._open(self.algorithm.parameterAsVectorLayer(*given), name)]
        if source is None:
            raise RefusalError("messages.layer_unreadable", parameter=name)
        return [
            Opened(
                table_name(str(self.parameters.get(name)))
                or _source_name(source.sourceName(), name),
                source,
                source.sourceCrs(),
                source.wkbType(),
                source.featureCount(),
                str(self.parameters.get(name)),
            )
        ]

    def _check_geometry(self, layer: Opened, wanted: str) -> None:
        """Refuse a layer of another geometry type, which QGIS lets through."""
        found = QgsWkbTypes.geometryType(layer.wkb_type)
        if found != GEOMETRY_TYPES[wanted]:
            raise RefusalError(
                "messages.geometry_wrong",
                layer=layer.name,
                wanted=text(f"messages.geometry.{wanted}", self.language),
                found=geometry_word(found, self.language),
            )


def _takes_tables(definition) -> bool:
    """Whether a parameter takes tables without geometry."""
    if not isinstance(definition, QgsProcessingParameterFeatureSource):
        return False
    return definition.dataTypes() == [SOURCE_TYPES["None"]]


def _is_other_text(path: str) -> bool:
    """Whether a path is that of a text file in another encoding than UTF-8."""
    if not path.lower().endswith(".csv") or "\0" in path or not Path(path).is_file():
        return False
    try:
        with Path(path).open(encoding="utf-8", newline="") as file:
            while file.read(CHUNK):
                pass
    except UnicodeDecodeError:
        return True
    return False


def _source_name(layer: str, role: str) -> str:
    """Name of a layer without its kind in front, which the role says already."""
    for language in LANGUAGE_CHOICES:
        titles = read_toml("texts", language, "prepare.toml")["layer"]
        kind = titles.get(ROLE_LAYERS.get(role, ""), "")
        layer = layer.removeprefix(kind.partition("{")[0])
    return layer


def field_types(frame: pd.DataFrame) -> dict[str, str]:
    """Field types of a frame whose fields are not fixed beforehand."""
    return {str(name): _field_type(frame[name]) for name in frame}


def _field_type(column: pd.Series) -> str:
    if pd.api.types.is_bool_dtype(column):
        return "boolean"
    if pd.api.types.is_integer_dtype(column):
        return "integer"
    return "real" if pd.api.types.is_numeric_dtype(column) else "text"
