"""Settings of the steps: the algorithms' own defaults, and what the user changes."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Callable, Iterable, Sequence

from qgis.core import (
    QgsProcessingAlgorithm,
    QgsProcessingParameterEnum,
    QgsProcessingParameterExpression,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterField,
    QgsProcessingParameterFile,
    QgsProcessingParameterMatrix,
    QgsProcessingParameterMultipleLayers,
    QgsProcessingParameterNumber,
)

from ...analysis.confidentiality import Rule
from ...analysis.errors import RefusalError
from ...analysis.flows.min_flows import MinFlow
from ...analysis.ground import checked_distance
from ...analysis.groupings import ALL, Grouping, choose_grouping

OPTIONS = {"PROOF": False, "FLOWS": True}
"""Settings of the map itself: whether it is marked as a trial, and holds flows."""
MAP_DEFAULTS = {"findleads": {"MAX_LEADS": 10_000}}
"""Where a map takes another value than the algorithm by itself: nobody reads more."""
LAYERS = (
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterMultipleLayers,
    QgsProcessingParameterField,
    QgsProcessingParameterExpression,
)
"""Layers, and what is asked of a user's own: the map has read its layers already."""


class StepSettings:
    """The settings of one step, asked for as an algorithm asks its run.

    Parameters
    ----------
    algorithm
        The algorithm, initialised: its parameters are the settings.
    changed
        Values that the user gives, by parameter.
    fixed
        Values that the map itself decides; the user can't change them here.
    language
        ``nl`` or ``en``.
    read_text
        Gives the text of a file that a setting names.
    min_flows
        Below which quantity flows are put together; a setting of the map.
    defaults
        Values that a map takes where the user gives none, by parameter.

    Raises
    ------
    RefusalError
        If a setting does not exist or its value does not fit.
    """

    def __init__(
        self,
        algorithm: QgsProcessingAlgorithm,
        changed: dict,
        fixed: dict,
        language: str,
        read_text: Callable[[str], str],
        min_flows: Sequence[MinFlow] = (),
        defaults: dict | None = None,
    ) -> None:
        self.algorithm = algorithm
        self.language = language
        self.min_flows = min_flows
        self._read_text = read_text
        self._groupings: dict[str, Grouping] = {}
        definitions = {
            definition.name(): definition
            for definition in algorithm.parameterDefinitions()
            if not definition.isDestination() and not isinstance(definition, LAYERS)
        }
        free = {name for name in definitions if name not in fixed}
        _refuse_unknown(changed, free, algorithm.name())
        standard = {name: each.defaultValue() for name, each in definitions.items()}
        standard |= defaults or {}
        self.values = {
            name: _checked(definition, changed[name])
            if name in changed
            else standard[name]
            for name, definition in definitions.items()
        }
        self.changed = {
            name for name in definitions if self.values[name] != standard[name]
        }
        # A file that can't be read is refused before anything is computed.
        self._texts = {
            name: read_text(self.values[name])
            for name, definition in definitions.items()
            if isinstance(definition, QgsProcessingParameterFile) and self.values[name]
        }
        self._texts |= {name: fixed[name] for name in fixed if name in definitions}
        self.values |= fixed
        self._given = {name for name, value in changed.items() if value is not None}

    def given(self, name: str) -> bool:
        """Whether the user gave a setting a value."""
        return name in self._given

    def boolean(self, name: str) -> bool:
        """Yes or no."""
        return bool(self.values[name])

    def number(self, name: str) -> float:
        """A real number."""
        return float(self.values[name])

    def distance(self, name: str) -> float:
        """A distance in metres above zero."""
        return checked_distance(self.number(name), name)

    def integer(self, name: str) -> int:
        """A whole number."""
        return int(self.values[name])

    def string(self, name: str) -> str | None:
        """A text; None where it is empty."""
        return str(self.values[name] or "").strip() or None

    def choice(self, name: str, options: tuple[str, ...]) -> str:
        """The id behind an index."""
        return options[int(self.values[name])]

    def grouping(self, name: str) -> Grouping:
        """The grouping of activities that a setting names; its file is read once."""
        if name not in self._groupings:
            value = self.string(name) or ALL
            self._groupings[name] = choose_grouping(value, self._read_text)
        return self._groupings[name]

    def matrix(self, name: str) -> list[str]:
        """Cells of a table, row by row."""
        return [str(cell) for cell in self.values[name] or []]

    def text_file(self, name: str) -> str | None:
        """Text of a file; None where there is none."""
        return self._texts.get(name)

    def files(self) -> list[str]:
        """Settings that name a file of the user's."""
        return [name for name in self._texts if name in self.changed]


def read_settings(content: str | None, algorithms: dict[str, set]) -> dict[str, dict]:
    """The user's settings by algorithm.

    Parameters
    ----------
    content
        Text of a TOML file, None where there is none.
    algorithms
        Known tables, by id.

    Raises
    ------
    RefusalError
        If it is no TOML or a table does not exist.
    """
    try:
        settings = tomllib.loads(content or "")
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise RefusalError("messages.settings_unreadable", error=str(error)) from None
    strangers = sorted(
        name
        for name, table in settings.items()
        if name not in algorithms or not isinstance(table, dict)
    )
    if strangers:
        known = ", ".join(sorted(algorithms))
        raise RefusalError(
            "messages.settings_unknown", names=", ".join(strangers), known=known
        )
    return settings


def map_options(changed: dict) -> dict:
    """Settings of the map itself; an unknown one is refused."""
    _refuse_unknown(changed, OPTIONS, "opportunitymap")
    for name, value in changed.items():
        if not isinstance(value, type(OPTIONS[name])):
            raise RefusalError("messages.settings_value", name=name, value=str(value))
    return OPTIONS | changed


def confidentiality_rule(changed: dict) -> tuple[Rule, set[str]]:
    """The rule of who may see what, and which of its settings the user gives.

    Parameters
    ----------
    changed
        ``MIN_ACTORS``, a whole number, and ``DOMINANCE``, in percent; up to 1 it is
        read as a share.

    Raises
    ------
    RefusalError
        If a setting does not exist or makes no rule.
    """
    _refuse_unknown(changed, ("MIN_ACTORS", "DOMINANCE"), "confidentiality")
    for name, value in changed.items():
        kinds = int if name == "MIN_ACTORS" else (int, float)
        if isinstance(value, bool) or not isinstance(value, kinds):
            raise RefusalError("messages.settings_value", name=name, value=str(value))
    standard = Rule()
    dominance = changed.get("DOMINANCE", standard.dominance)
    share = dominance / 100 if dominance > 1 else dominance
    rule = Rule(changed.get("MIN_ACTORS", standard.min_actors), share)
    return rule, set(changed)


def flow_settings(changed: dict) -> tuple[object, dict]:
    """Which flows a user calls small, and settings of ``facilityflows``.

    Parameters
    ----------
    changed
        ``MIN_FLOW`` (:func:`.analysis.flows.min_flows.choose_min_flows`) and
        ``SAME_SITE``.

    Raises
    ------
    RefusalError
        If a setting does not exist.
    """
    _refuse_unknown(changed, ("MIN_FLOW", "SAME_SITE"), "flows")
    own = {name: value for name, value in changed.items() if name == "SAME_SITE"}
    return changed.get("MIN_FLOW"), own


def _refuse_unknown(changed: dict, known: Iterable[str], algorithm: str) -> None:
    strangers = sorted(name for name in changed if name not in known)
    if strangers:
        raise RefusalError(
            "messages.settings_unknown",
            names=", ".join(f"[{algorithm}] {name}" for name in strangers),
            known=", ".join(sorted(known)),
        )


def _checked(definition, value: object) -> object:
    """A value as QGIS takes it; a choice may be given by its id."""
    fits = definition.checkValueIsAcceptable(value) and not isinstance(value, list)
    if isinstance(definition, QgsProcessingParameterNumber):
        fits = fits and _is_number(value, definition)
    elif isinstance(definition, QgsProcessingParameterFile):
        fits = isinstance(value, str)
    elif isinstance(definition, QgsProcessingParameterEnum) and isinstance(value, str):
        index = definition.algorithm().option_index(definition.name(), value)
        fits, value = index is not None, value if index is None else index
    elif isinstance(definition, QgsProcessingParameterMatrix):
        fits = isinstance(value, list)
        value = [str(cell) for row in value for cell in _row(row)] if fits else value
    if not fits:
        raise RefusalError(
            "messages.settings_value", name=definition.name(), value=str(value)
        )
    return value


def _is_number(value: object, definition: QgsProcessingParameterNumber) -> bool:
    """Whether a value is a finite number, and whole where that is asked for."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    whole = definition.dataType() == QgsProcessingParameterNumber.Type.Integer
    return math.isfinite(value) and (not whole or float(value).is_integer())


def _row(row: object) -> list:
    return row if isinstance(row, list) else [row]
