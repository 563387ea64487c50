"""The type environments of zones and of lines, and the classes of the synthesis map."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property, partial
from itertools import compress

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from ..clip import clip_to_shape
from ..progress import Progress, silent
from ..texts import listing, text
from ..threads import patiently
from .conditions import LINES, ZONES
from .kleene import TRUE, UNKNOWN
from .library import Rule, class_rules, type_rules, type_titles
from .measures import hectares, state
from .scene import Layers, Near, Scene, straight_line

SEPARATOR = ";"
TYPES, UNKNOWN_TYPES, CLASSES = "types", "types_unknown", "synthesis_classes"
STYLES = {ZONES: "environment_zones", LINES: "environment_network"}
"""Where the classes of zones and of lines are called."""
FIRM_TESTS = {"firms", "firms_per_ha", "activities"}
"""Tests that look at establishments."""
LAYER_OF_TEST = {
    "near_facility": "facilities",
    "near_mode": "infrastructure",
    "covered": "constraints",
    "near_zone": "zones",
}
"""Layer in which a test looks for kinds."""


@dataclass(frozen=True)
class EnvironmentTypes:
    """Places with what they are.

    Parameters
    ----------
    zones
        The zones with ``types``, ``types_unknown`` and ``synthesis_classes``.
    network
        The lines with the same; None without lines.
    absent
        Kinds that rules ask for and of which a layer holds nothing, by layer.
    language
        ``nl`` or ``en``, of titles and remarks.
    """

    zones: gpd.GeoDataFrame
    network: gpd.GeoDataFrame | None
    absent: dict[str, set[str]]
    language: str

    @cached_property
    def types(self) -> pd.DataFrame:
        """One row per type; fields of ``environment_totals``."""
        titles = type_titles(self.language)
        rows = [
            {"title": titles[rule.name]} | self._total(rule, TYPES, UNKNOWN_TYPES)
            for rule in type_rules()
        ]
        fields = ["type", "zones", "area_ha", "unknown", "title", "lines", "length_km"]
        return pd.DataFrame(rows, columns=fields)

    @cached_property
    def classes(self) -> pd.DataFrame:
        """One row per class of the synthesis map: zones and hectares, or lines."""
        rows = []
        for rule in class_rules():
            title = text(f"styles.{STYLES[rule.on]}.{rule.name}", self.language)
            rows.append({"title": title} | self._total(rule, CLASSES))
        fields = ["type", "zones", "area_ha", "title", "lines", "length_km"]
        return pd.DataFrame(rows, columns=fields)

    @cached_property
    def remarks(self) -> list[tuple[str, dict]]:
        """Keys and values of sentences for the log: what the layers lack."""
        remarks = []
        unknown = self.types[self.types["unknown"].gt(0) | self.types["unknown"].isna()]
        if len(unknown):
            names = listing(unknown["type"].tolist(), self.language)
            remarks.append(("environments.types_unknown", {"names": names}))
        for role, absent in self.absent.items():
            theme = "styles.words" if role == "zones" else "messages.options"
            words = [text(f"{theme}.{name}", self.language) for name in sorted(absent)]
            values = {"names": listing(words, self.language)}
            remarks.append((f"environments.absent_{role}", values))
        return remarks

    def inside(self, shape: shapely.Geometry) -> EnvironmentTypes:
        """Zones with a point in their middle in a polygon, and what lines it holds."""
        middles = shapely.point_on_surface(self.zones.geometry.to_numpy())
        shapely.prepare(shape)
        zones = self.zones[shapely.intersects(shape, middles)].reset_index(drop=True)
        lines = self.network
        network = None if lines is None else clip_to_shape(lines, shape)
        return replace(self, zones=zones, network=network)

    def _total(self, rule: Rule, field: str, doubt: str | None = None) -> dict:
        """Zones and hectares, or lines and kilometres, of which a rule holds."""
        places = self.zones if rule.on == ZONES else self.network
        row = {"type": rule.name}
        if places is None:
            return row
        holds = _among(rule.name, places[field])
        if doubt is not None:
            row["unknown"] = int(_among(rule.name, places[doubt]).sum())
        if rule.on == ZONES:
            sizes = {"zones": holds.sum(), "area_ha": hectares(places)[holds].sum()}
        else:
            length = places.length.to_numpy()[holds].sum() / 1000
            sizes = {"lines": holds.sum(), "length_km": length}
        return row | sizes


def environment_types(
    layers: Layers,
    distances: Mapping[str, float],
    language: str = "nl",
    near: Near = straight_line,
    progress: Progress = silent,
) -> EnvironmentTypes:
    """Say of every zone which type environments it is, and of which nobody knows.

    A zone can be of many types. A type whose layer is absent is unknown, unless what is
    known decides it already.

    Parameters
    ----------
    layers
        Canonical layers in one CRS in metres.
    distances
        How far every mode reaches, in metres.
    language
        ``nl`` or ``en``, of the titles.
    near
        How distance is measured.

    Source
    ------
    Departement Omgeving, Een passende omgeving voor circulaire economie. Its words
    stand beside each rule in ``resources/rules``; the rules and their numbers are ours.
    """
    scene = Scene(layers, distances, near)
    scenes = {ZONES: scene}
    if layers.infrastructure is not None:
        scenes[LINES] = scene.of_lines()
    rules = (*type_rules(), *class_rules())
    states = {}
    for number, rule in enumerate(rules):
        if rule.on in scenes:
            states[rule.name] = patiently(
                partial(state, scenes[rule.on], rule.condition),
                partial(progress, number / len(rules)),
            )
    progress(1.0)
    lines = layers.infrastructure
    zones = _with_names(layers.zones, ZONES, states)
    network = None if lines is None else _with_names(lines, LINES, states)
    return EnvironmentTypes(zones, network, _absent_kinds(layers), language)


def types_of_areas(areas: pd.DataFrame, zones: pd.DataFrame) -> pd.DataFrame:
    """Types of areas that are parts of zones, and the types that are unknown.

    Parameters
    ----------
    areas
        With ``zone_id``.
    zones
        As :func:`environment_types` gives them.
    """
    by_id = zones.drop_duplicates("zone_id").set_index("zone_id")
    found = by_id[[TYPES, UNKNOWN_TYPES]].reindex(areas["zone_id"])
    return found.set_index(areas.index)


def types_of_firms() -> list[str]:
    """Types of which it can depend on establishments whether they hold."""
    return [
        rule.name
        for rule in type_rules()
        if FIRM_TESTS & {part.test for part in rule.condition.inside()}
    ]


def _with_names(places: gpd.GeoDataFrame, on: str, states: dict) -> gpd.GeoDataFrame:
    """Zones or lines with what they are."""
    types, classes = (
        [rule.name for rule in rules if rule.on == on]
        for rules in (type_rules(), class_rules())
    )
    names = {
        TYPES: _names(types, states, TRUE),
        UNKNOWN_TYPES: _names(types, states, UNKNOWN),
        CLASSES: _names(classes, states, TRUE),
    }
    return places.assign(**names)


def _names(names: list[str], states: dict, value: int) -> list[str]:
    """Names of the rules that have a value at every place, joined."""
    held = np.stack([states[name] == value for name in names], axis=1)
    return [SEPARATOR.join(compress(names, row)) for row in held.tolist()]


def _among(name: str, names: pd.Series) -> np.ndarray:
    """Whether a name is among those that are joined."""
    joined = SEPARATOR + names.astype(object) + SEPARATOR
    wanted = SEPARATOR + name + SEPARATOR
    return joined.str.contains(wanted, regex=False).to_numpy(bool)


def _absent_kinds(layers: Layers) -> dict[str, set[str]]:
    """Kinds that rules ask for and of which a layer holds nothing, by layer."""
    absent: dict[str, set[str]] = {}
    for rule in (*type_rules(), *class_rules()):
        for condition in rule.condition.inside():
            role = LAYER_OF_TEST.get(condition.test)
            for words in condition.alternatives() if role in layers.kinds else ():
                if layers.lacks(role, words):
                    absent.setdefault(role, set()).update(words)
    return absent
