"""The type environments of zones and of lines, and the classes of the synthesis map."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import compress

import geopandas as gpd
import numpy as np
import pandas as pd

from ..progress import Progress, silent
from ..texts import listing, text
from ..threads import patiently
from .conditions import LINES, ZONES
from .kleene import TRUE, UNKNOWN
from .library import Rule, class_rules, type_rules, type_titles
from .measures import hectares, kinds_in, state
from .scene import Layers, Near, Scene, straight_line

SEPARATOR = ";"
LAYER_OF_TEST = {
    "near_facility": ("facilities", "kind"),
    "near_mode": ("infrastructure", "mode"),
    "covered": ("constraints", "kind"),
    "near_zone": ("zones", "kinds"),
}
"""Layer and field in which a test looks for kinds."""


@dataclass(frozen=True)
class EnvironmentTypes:
    """Places with what they are.

    Parameters
    ----------
    zones
        The zones with ``types``, ``types_unknown`` and ``synthesis_classes``.
    network
        The lines with ``types`` and ``synthesis_classes``; None without lines.
    types
        One row per type; fields of ``environment_totals``.
    remarks
        Keys and values of sentences for the log.
    """

    zones: gpd.GeoDataFrame
    network: gpd.GeoDataFrame | None
    types: pd.DataFrame
    remarks: list[tuple[str, dict]] = field(default_factory=list)


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
    zones = _zones(layers.zones, states)
    network = _network(layers.infrastructure, states)
    totals = _totals(scenes, states, language)
    return EnvironmentTypes(zones, network, totals, _remarks(layers, totals, language))


def _zones(zones: gpd.GeoDataFrame, states: dict) -> gpd.GeoDataFrame:
    types, classes = (_on(rules, ZONES) for rules in (type_rules(), class_rules()))
    return zones.assign(
        types=_names(types, states, TRUE),
        types_unknown=_names(types, states, UNKNOWN),
        synthesis_classes=_names(classes, states, TRUE),
    )


def _network(lines: gpd.GeoDataFrame | None, states: dict) -> gpd.GeoDataFrame | None:
    if lines is None:
        return None
    types, classes = (_on(rules, LINES) for rules in (type_rules(), class_rules()))
    return lines.assign(
        types=_names(types, states, TRUE),
        synthesis_classes=_names(classes, states, TRUE),
    )


def _on(rules: tuple[Rule, ...], on: str) -> list[str]:
    return [rule.name for rule in rules if rule.on == on]


def _names(names: list[str], states: dict, value: int) -> list[str]:
    """Names of the rules that have a value at every place, joined."""
    held = np.stack([states[name] == value for name in names], axis=1)
    return [SEPARATOR.join(compress(names, row)) for row in held.tolist()]


def _totals(scenes: dict, states: dict, language: str) -> pd.DataFrame:
    """Zones and hectares, or lines and kilometres, of every type."""
    titles = type_titles(language)
    area = hectares(scenes[ZONES])
    length = scenes[LINES].places.length.to_numpy() / 1000 if LINES in scenes else None
    rows = []
    for rule in type_rules():
        row = {"type": rule.name, "title": titles[rule.name]}
        if rule.name in states:
            holds = states[rule.name] == TRUE
            row["unknown"] = int((states[rule.name] == UNKNOWN).sum())
            count, total = (
                ("zones", "area_ha") if rule.on == ZONES else ("lines", "length_km")
            )
            row[count] = int(holds.sum())
            row[total] = (area if rule.on == ZONES else length)[holds].sum()
        rows.append(row)
    fields = ["type", "zones", "area_ha", "unknown", "title", "lines", "length_km"]
    return pd.DataFrame(rows, columns=fields)


def _remarks(layers: Layers, totals: pd.DataFrame, language: str) -> list:
    """What the layers lack that the rules look for."""
    remarks = []
    unknown = totals[totals["unknown"].gt(0) | totals["unknown"].isna()]
    if len(unknown):
        names = listing(unknown["type"].tolist(), language)
        remarks.append(("environments.types_unknown", {"names": names}))
    for role, absent in _absent_kinds(layers).items():
        theme = "styles.words" if role == "zones" else "messages.options"
        words = [text(f"{theme}.{name}", language) for name in sorted(absent)]
        values = {"names": listing(words, language)}
        remarks.append((f"environments.absent_{role}", values))
    return remarks


def _absent_kinds(layers: Layers) -> dict[str, set[str]]:
    """Kinds that rules ask for and of which a layer holds nothing, by layer."""
    absent: dict[str, set[str]] = {}
    for rule in (*type_rules(), *class_rules()):
        for condition in rule.condition.inside():
            role, column = LAYER_OF_TEST.get(condition.test, ("", ""))
            layer = getattr(layers, role, None)
            for words in condition.alternatives() if layer is not None else ():
                if words.isdisjoint(kinds_in(layer, column)):
                    absent.setdefault(role, set()).update(words)
    return absent
