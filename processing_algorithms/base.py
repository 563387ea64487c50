"""The base of all algorithms: parameters by role, help, icon, refusals.

An algorithm says what it is (``ID``, ``GROUP``), defines its parameters with the
builders below and computes in :meth:`KansenkaartAlgorithm.compute`, where a
:class:`~kansenkaart.processing_algorithms.run.Run` hands it its inputs.
"""

from __future__ import annotations

from html import escape
from typing import ClassVar

from qgis.core import (
    Qgis,
    QgsProcessing,
    QgsProcessingAlgorithm,
    QgsProcessingException,
    QgsProcessingOutputNumber,
    QgsProcessingOutputString,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterCrs,
    QgsProcessingParameterDefinition,
    QgsProcessingParameterDistance,
    QgsProcessingParameterEnum,
    QgsProcessingParameterExpression,
    QgsProcessingParameterFeatureSink,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterField,
    QgsProcessingParameterFile,
    QgsProcessingParameterFileDestination,
    QgsProcessingParameterFolderDestination,
    QgsProcessingParameterMatrix,
    QgsProcessingParameterMultipleLayers,
    QgsProcessingParameterNumber,
    QgsProcessingParameterString,
)
from qgis.PyQt.QtGui import QIcon

from ..analysis.errors import RefusalError
from ..analysis.grouping_ids import shipped_groupings
from ..analysis.layers import layer_type
from ..analysis.progress import CancelledError
from ..analysis.resources import resource_path
from ..analysis.texts import text
from .dependencies import advice, missing_packages
from .language import help_text, interface_language, label

SOURCE_TYPES = {
    "Point": QgsProcessing.SourceType.TypeVectorPoint,
    "Line": QgsProcessing.SourceType.TypeVectorLine,
    "Polygon": QgsProcessing.SourceType.TypeVectorPolygon,
    "Any": QgsProcessing.SourceType.TypeVectorAnyGeometry,
    "None": QgsProcessing.SourceType.TypeVector,
}
GEOMETRY_TYPES = {
    "Point": Qgis.GeometryType.Point,
    "Line": Qgis.GeometryType.Line,
    "Polygon": Qgis.GeometryType.Polygon,
}
LARGEST_INTEGER = 2**31 - 1
"""What QGIS can hand over; a larger number would come out as another one."""
ROLE_LAYERS = {
    "ESTABLISHMENTS": "establishments",
    "ZONES": "zones",
    "INFRASTRUCTURE": "infrastructure",
    "FACILITIES": "facilities",
    "REGIONS": "regions",
    "CONSTRAINTS": "constraints",
    "INITIATIVES": "initiatives",
    "FLOWS": "flows",
    "REPORTED": "flows",
    "CLUSTERS": "clusters",
    "CORRIDORS": "corridors",
    "AREAS": "leverage_areas",
    "MATCHES": "matches",
    "NETWORK": "infrastructure",
}
"""Which layer type a role asks for."""


class KansenkaartAlgorithm(QgsProcessingAlgorithm):
    """What all algorithms of the provider share."""

    ID = ""
    GROUP = ""
    ADVANCED: ClassVar[tuple[str, ...]] = ()
    """Parameters that a dialog keeps folded in, since few need them."""
    ASSUMPTIONS: ClassVar[dict[str, str]] = {}
    """Parameters whose default no source gives, with their unit (texts: units)."""
    FIXED_ASSUMPTIONS: ClassVar[dict[str, tuple]] = {}
    """Choices that are no parameter: unit, and the value as a function of settings."""

    def define(self) -> None:
        """Define the parameters and outputs, with the builders below."""
        raise NotImplementedError

    def compute(self, run) -> dict:
        """Do the work; give the number outputs by name."""
        raise NotImplementedError

    def explained(self, kind: str, name: str, language: str) -> tuple[str, str]:
        """Label and explanation of a parameter or output; a subclass may add to it."""
        title, explanation = label(self.ID, kind, name, language)
        if name == "GROUPING":
            explanation += _groupings(language)
        return title, explanation

    def option_index(self, name: str, option: str) -> int | None:
        """Index of a choice by its id; None where it does not exist."""
        options = self._options.get(name, ())
        return options.index(option) if option in options else None

    # What QGIS asks for.

    def createInstance(self):
        """A fresh copy for every run."""
        return type(self)()

    def name(self) -> str:
        """Id of the algorithm, without the provider."""
        return self.ID

    def displayName(self) -> str:
        """Name in the toolbox."""
        return help_text(self.ID, interface_language())["name"]

    def shortDescription(self) -> str:
        """One line, shown as tooltip."""
        return help_text(self.ID, interface_language())["short"]

    def group(self) -> str:
        """Group in the toolbox, numbered as the guide numbers its steps."""
        return text(f"messages.groups.{self.GROUP}", interface_language())

    def groupId(self) -> str:
        """Id of the group."""
        return self.GROUP

    def icon(self) -> QIcon:
        """The icon of the plugin."""
        return QIcon(str(resource_path("icons", "kansenkaart.svg")))

    def shortHelpString(self) -> str:
        """Help as HTML: what it does, and every parameter and output."""
        language = interface_language()
        about = help_text(self.ID, language)["about"].strip().split("\n\n")
        parts = [f"<p>{paragraph}</p>" for paragraph in about]
        for kind, names in self._described().items():
            parts.append(f"<h3>{text(f'messages.help.{kind}', language)}</h3>")
            for name in names:
                title, explanation = self.explained(kind, name, language)
                parts.append(f"<p><b>{escape(title)}</b> ({name}). {explanation}</p>")
        return "\n".join(parts)

    def createCustomParametersWidget(self, parent):
        """In QGIS Desktop: the dialog that the plugin offers; else QGIS's own."""
        offered = getattr(self.provider(), "dialog", None)
        return offered(self, parent) if offered else None

    def canExecute(self) -> tuple[bool, str]:
        """Whether all packages are there; if not, what to do about it."""
        missing = missing_packages()
        return not missing, advice(missing, interface_language()) if missing else ""

    def checkParameterValues(self, parameters, context) -> tuple[bool, str]:
        """Refuse a parameter that does not exist, which QGIS would pass over.

        And a QGIS without the packages: qgis_process does not ask ``canExecute``.
        """
        able, told = self.canExecute()
        if not able:
            return False, told
        known = {definition.name() for definition in self.parameterDefinitions()}
        unknown = sorted(name for name in parameters if name not in known)
        if unknown:
            values = {"names": ", ".join(unknown), "known": ", ".join(sorted(known))}
            return False, text(
                "messages.parameter_unknown", interface_language(), **values
            )
        return super().checkParameterValues(parameters, context)

    def initAlgorithm(self, configuration=None) -> None:  # noqa: ARG002
        """Define the parameters."""
        self._language = interface_language()
        self._options: dict[str, tuple[str, ...]] = {}
        self.define()

    def prepareAlgorithm(self, parameters, context, feedback) -> bool:
        """In the main thread: take hold of the layers."""
        able, reason = self.canExecute()
        if not able:  # A model does not ask its steps.
            raise QgsProcessingException(reason)
        from .destinations import check_destinations
        from .run import Run

        run = Run(self, parameters, context, feedback)
        self._refusing(lambda: check_destinations(self, parameters, context))
        self._refusing(run.open_layer_lists)
        self._run = run
        return True

    def processAlgorithm(self, parameters, context, feedback) -> dict:  # noqa: ARG002
        """In the background: compute, and turn a refusal into a sentence."""
        # The run holds QGIS's objects: it must not outlive the work, least of all QGIS.
        run, self._run = self._run, None
        # QGIS Desktop gives each thread a context of its own, and loads into the
        # project only the layers that were written through this one.
        run.context = context
        totals = self._refusing(lambda: self.compute(run))
        if feedback.isCanceled():
            feedback.pushInfo(text("messages.cancelled", run.language))
            return {}
        self._run = run
        plain = {name: _plain(value) for name, value in totals.items()}
        return {**run.results, **plain}

    def postProcessAlgorithm(self, context, feedback) -> dict:  # noqa: ARG002
        """In the main thread: give the outputs their style."""
        run, self._run = self._run, None
        if run is None:  # It was cancelled.
            return {}
        run.context = context
        run.style_outputs()
        return {}

    def _refusing(self, action):
        try:
            return action()
        except RefusalError as refusal:
            raise QgsProcessingException(self._sentence(refusal)) from None
        except CancelledError:
            return {}
        except OSError as error:
            sentence = text("messages.write_failed", self._language, error=str(error))
            raise QgsProcessingException(sentence) from error

    def _sentence(self, refusal: RefusalError) -> str:
        """A refusal in words; a parameter is called as the dialog calls it."""
        asked = self.parameterDefinition(str(refusal.values.get("parameter")))
        if asked is not None:
            refusal.values["parameter"] = f"“{asked.description()}” ({asked.name()})"
        # QGIS breaks a sentence off at a NUL, which a user's value may hold.
        return refusal.sentence(self._language).replace("\0", "")

    def _described(self) -> dict[str, list[str]]:
        """Names of parameters and of outputs that are not parameters."""
        parameters = [definition.name() for definition in self.parameterDefinitions()]
        outputs = [output.name() for output in self.outputDefinitions()]
        extra = [name for name in outputs if name not in parameters]
        kinds = {"parameters": parameters, "outputs": extra}
        return {kind: names for kind, names in kinds.items() if names}

    # Builders: one line per parameter in `define`.

    def layer(self, role: str, optional: bool = False) -> None:
        """One canonical layer."""
        kind = layer_type(ROLE_LAYERS[role])
        self._add(
            QgsProcessingParameterFeatureSource(
                role, "", [SOURCE_TYPES[kind.geometry]], optional=optional
            )
        )

    def layers(self, role: str, optional: bool = False) -> None:
        """One canonical layer, or a list of them."""
        kind = layer_type(ROLE_LAYERS[role])
        self._add(
            QgsProcessingParameterMultipleLayers(
                role, "", SOURCE_TYPES[kind.geometry], optional=optional
            )
        )

    def source(self, name: str, geometry: str, optional: bool = False) -> None:
        """Any layer or table."""
        self._add(
            QgsProcessingParameterFeatureSource(
                name, "", [SOURCE_TYPES[geometry]], optional=optional
            )
        )

    def field(self, name: str, parent: str = "INPUT", several: bool = False) -> None:
        """A field of a source, or several."""
        self._add(
            QgsProcessingParameterField(
                name,
                "",
                parentLayerParameterName=parent,
                allowMultiple=several,
                optional=True,
            )
        )

    def expression(self, name: str, parent: str) -> None:
        """An expression on the features of a source."""
        self._add(QgsProcessingParameterExpression(name, "", None, parent, True))

    def distance(self, name: str, default: float | None, parent: str) -> None:
        """A distance in metres; without default it may stay empty."""
        optional = default is None
        self._add(
            QgsProcessingParameterDistance(name, "", default, parent, optional, 0.0)
        )

    def decimal(self, name: str, default: float, low: float, high=None) -> None:
        """A real number."""
        self._number(name, QgsProcessingParameterNumber.Type.Double, default, low, high)

    def integer(
        self, name: str, default: int, low: int, high: int = LARGEST_INTEGER
    ) -> None:
        """A whole number."""
        self._number(
            name, QgsProcessingParameterNumber.Type.Integer, default, low, high
        )

    def choice(self, name: str, options: tuple[str, ...], default: int | None) -> None:
        """One of a fixed list, by its index; without default it may stay empty."""
        titles = [text(f"messages.options.{key}", self._language) for key in options]
        self._options[name] = options
        self._add(
            QgsProcessingParameterEnum(
                name, "", titles, False, default, optional=default is None
            )
        )

    def string(self, name: str, default: str | None = None) -> None:
        """A text, such as the id of a preset."""
        optional = not default
        self._add(QgsProcessingParameterString(name, "", default, optional=optional))

    def grouping(self, default: str) -> None:
        """How activities are grouped: the id of a grouping, or the path of a file."""
        self.string("GROUPING", default)

    def boolean(self, name: str, default: bool) -> None:
        """Yes or no."""
        self._add(QgsProcessingParameterBoolean(name, "", default))

    def file(self, name: str, extension: str, optional: bool = True) -> None:
        """A file that the user may bring, or must."""
        self._add(
            QgsProcessingParameterFile(name, "", extension=extension, optional=optional)
        )

    def crs(self, name: str) -> None:
        """A coordinate system."""
        self._add(QgsProcessingParameterCrs(name, "", optional=True))

    def matrix(self, name: str, headers: list[str], default: list[str]) -> None:
        """A table that is filled in by hand; an empty one counts as not given."""
        titles = [text(f"messages.headers.{key}", self._language) for key in headers]
        self._add(
            QgsProcessingParameterMatrix(
                name, "", headers=titles, defaultValue=default, optional=True
            )
        )

    def geopackage(self, name: str) -> None:
        """A GeoPackage to write."""
        kinds = "GeoPackage (*.gpkg)"
        self._add(QgsProcessingParameterFileDestination(name, "", kinds))

    def result_file(self, name: str, kinds: str) -> None:
        """A file that comes out if asked for; in the dialog, unless it is refused."""
        self._add(
            QgsProcessingParameterFileDestination(name, "", kinds, None, True, True)
        )

    def folder(self, name: str) -> None:
        """A folder to write into."""
        self._add(QgsProcessingParameterFolderDestination(name, ""))

    def sink(self, name: str, geometry: str) -> None:
        """A layer or table that comes out; only ``OUTPUT`` is always written."""
        main = name == "OUTPUT"
        self._add(
            QgsProcessingParameterFeatureSink(
                name,
                "",
                SOURCE_TYPES[geometry],
                defaultValue=QgsProcessing.TEMPORARY_OUTPUT if main else None,
                optional=not main,
                createByDefault=main,
            )
        )

    def number_output(self, name: str) -> None:
        """A key total, which models and scripts can read."""
        title, _ = label(self.ID, "outputs", name, self._language)
        self.addOutput(QgsProcessingOutputNumber(name, title))

    def string_output(self, name: str) -> None:
        """A text result, such as the path of a file."""
        title, _ = label(self.ID, "outputs", name, self._language)
        self.addOutput(QgsProcessingOutputString(name, title))

    def _number(self, name, kind, default, low, high) -> None:
        limits = {"minValue": low} | ({} if high is None else {"maxValue": high})
        self._add(QgsProcessingParameterNumber(name, "", kind, default, **limits))

    def _add(self, parameter: QgsProcessingParameterDefinition) -> None:
        title, explanation = self.explained(
            "parameters", parameter.name(), self._language
        )
        parameter.setDescription(title)
        parameter.setHelp(explanation)
        if parameter.name() in self.ADVANCED:
            advanced = Qgis.ProcessingParameterFlag.Advanced
            parameter.setFlags(parameter.flags() | advanced)
        self.addParameter(parameter)


def _groupings(language: str) -> str:
    """The groupings that a planner may pick, with their titles."""
    titles = [
        f"<code>{name}</code>: {text(f'groupings.title.{name}', language)}"
        for name in shipped_groupings()
    ]
    return f" {'; '.join(titles)}."


def geometry_word(found: Qgis.GeometryType, language: str) -> str:
    """A type of geometry in the reader's language."""
    names = [name for name, kind in GEOMETRY_TYPES.items() if kind == found]
    return text(f"messages.geometry.{(names or ['None'])[0]}", language)


def _plain(value: object) -> object:
    """Numbers as QGIS takes them: no numpy types, None for what is not known."""
    value = value.item() if hasattr(value, "item") else value
    return None if value != value else value  # noqa: PLR0124 - NaN differs from itself
