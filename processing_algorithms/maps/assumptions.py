"""The table of assumptions of a run."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import pandas as pd

from ...analysis.confidentiality import Rule
from ...analysis.explain import HERE, STRONG, WEAK, criterion_title, raw_text
from ...analysis.flows.map_places import SIDE
from ...analysis.flows.min_flows import EVERY, MinFlow
from ...analysis.flows.tables import (
    carrier_name,
    material_groups,
    material_name,
    unit_name,
)
from ...analysis.layers import layer_type
from ...analysis.resources import read_toml
from ...analysis.texts import listing, number, text
from ..language import help_text, label
from ..network import NETWORK_ASSUMPTIONS
from .settings import StepSettings


def assumptions_table(
    settings: list[StepSettings],
    criteria: pd.DataFrame,
    weights,
    language: str,
    rule: Rule | None = None,
    rule_changed: Collection[str] = (),
    min_flows: Sequence[MinFlow] = (),
    min_flows_changed: bool = False,
    network: bool = False,
) -> pd.DataFrame:
    """Every threshold that no source gives, with who set it and why.

    Parameters
    ----------
    settings
        Settings of the steps that ran.
    criteria
        The table of criteria of the run; those in it are listed with their value
        function.
    weights
        The weights that were used, None when nothing was scored.
    language
        ``nl`` or ``en``.
    rule, rule_changed
        The rule of who may see what, None where all is told; and which of its settings
        the user gave.
    min_flows, min_flows_changed
        Below which quantity flows were put together; and whether the user said so.
    network
        Whether distances are over roads.

    Returns
    -------
    DataFrame
        Fields of ``assumptions`` in ``resources/layers.toml``.
    """
    unused = () if network else NETWORK_ASSUMPTIONS
    rows = [row for each in settings for row in _of_step(each, unused, language)]
    if weights is not None:
        rows += _of_criteria(criteria, weights, language)
    rows += _of_flows(min_flows, min_flows_changed, language)
    if rule is not None:
        rows += _of_rule(rule, rule_changed, language)
        rows += _of_coarseness(settings, language)
    fields = list(layer_type("assumptions").fields)
    return pd.DataFrame(rows, columns=fields, dtype=object)


def _of_step(
    settings: StepSettings, unused: Collection[str], language: str
) -> list[tuple]:
    algorithm = settings.algorithm
    step = help_text(algorithm.ID, language)["name"]
    fixed = [
        (
            step,
            text(f"assumptions.{algorithm.ID}.{name}.label", language),
            number(value_of(settings), language, _decimals(value_of(settings))),
            text(f"units.{unit}", language),
            _setter(False, language),
            text(f"assumptions.{algorithm.ID}.{name}.why", language),
        )
        for name, (unit, value_of) in algorithm.FIXED_ASSUMPTIONS.items()
        if name not in unused
    ]
    return fixed + [
        (
            step,
            label(algorithm.ID, "parameters", name, language)[0],
            number(settings.number(name), language, _decimals(settings.number(name))),
            text(f"units.{unit}", language),
            _setter(name in settings.changed, language),
            text(f"assumptions.{algorithm.ID}.{name}", language),
        )
        for name, unit in algorithm.ASSUMPTIONS.items()
    ]


def _of_criteria(criteria: pd.DataFrame, weights, language: str) -> list[tuple]:
    step = help_text("scoreareas", language)["name"]
    ours = _setter(False, language)
    catalogue = read_toml("criteria.toml")
    used = [name for name in catalogue if name in set(criteria["criterion"])]
    rows = []
    for name in used:
        entry, title = catalogue[name], criterion_title(name, language)
        unit = text(f"units.{entry['unit']}", language)
        for end in ("worst", "best"):
            what = text(f"steps.map.value_{end}", language, criterion=title)
            value = _bound(name, entry, end, language)
            given = end in entry.get("given", ())
            why = f"assumptions.value_{'given' if given else 'function'}"
            why = text(why, language, source=entry["source"])
            rows.append((step, what, value, unit, ours, why))
    why = text("assumptions.weight", language)
    setter = _setter(weights.origin != "strategy", language)
    for name, weight in weights.weight.items():
        title = criterion_title(str(name), language)
        what = text("steps.map.weight", language, criterion=title)
        rows.append((step, what, number(weight, language, 3), "", setter, why))
    why = text("assumptions.strong_weak", language)
    metre = text("units.metre", language)
    words = (("strong", STRONG, ""), ("weak", WEAK, ""), ("here", HERE, metre))
    for key, value, unit in words:
        what = text(f"steps.map.{key}", language)
        shown = number(value, language, _decimals(value))
        rows.append((step, what, shown, unit, ours, why))
    return rows


def _of_flows(limits: Sequence[MinFlow], changed: bool, language: str) -> list[tuple]:
    step, setter = text("steps.flows.title", language), _setter(changed, language)
    why = text("assumptions.flows.MIN_FLOW", language)
    groups = material_groups(language)
    rows = []
    for limit in limits:
        name = groups.get(limit.material) or material_name(limit.material, language)
        if limit.material == EVERY:
            name = carrier_name(limit.carrier, limit.unit, language)
        what = text("assumptions.flows.MIN_FLOW_label", language, name=name)
        value = number(limit.quantity, language, _decimals(limit.quantity))
        rows.append((step, what, value, unit_name(limit.unit, language), setter, why))
    side = number(SIDE, language)
    what = text("assumptions.flows.SIDE_label", language)
    why = text("assumptions.flows.SIDE", language)
    metre = text("units.metre", language)
    return [*rows, (step, what, side, metre, _setter(False, language), why)]


def _of_rule(rule: Rule, changed: Collection[str], language: str) -> list[tuple]:
    step = text("confidentiality.title", language)
    settings = (
        ("MIN_ACTORS", rule.min_actors, "establishments"),
        ("DOMINANCE", 100 * rule.dominance, "percent"),
    )
    return [
        (
            step,
            text(f"confidentiality.{name}.label", language),
            number(value, language),
            text(f"units.{unit}", language),
            _setter(name in changed, language),
            text(f"confidentiality.{name}.why", language),
        )
        for name, value, unit in settings
    ]


def _of_coarseness(settings: list[StepSettings], language: str) -> list[tuple]:
    """How coarse outlines and densities are told."""
    step, ours = text("confidentiality.title", language), _setter(False, language)
    limits = read_toml("confidentiality.toml")["density"]["limits"]
    clusters = next(each for each in settings if each.algorithm.ID == "detectclusters")
    told = (
        (
            "CLASSES",
            listing([number(n, language) for n in limits], language),
            "establishments",
        ),
        ("SQUARES", number(outline_side(clusters), language), "metre"),
    )
    return [
        (
            step,
            text(f"confidentiality.{name}.label", language),
            value,
            text(f"units.{unit}", language),
            ours,
            text(f"confidentiality.{name}.why", language),
        )
        for name, value, unit in told
    ]


def outline_side(clusters: StepSettings) -> float:
    """Side of the squares in which a workshop sees outlines of clusters, in metres."""
    return clusters.number("DISTANCE") / 2


def _setter(user: bool, language: str) -> str:
    return text(f"steps.map.set_by_{'user' if user else 'us'}", language)


def _bound(criterion: str, entry: dict, end: str, language: str) -> str:
    """A worst or best value; that of a category is a name."""
    if entry["unit"] == "category":
        return raw_text(criterion, entry[end], language)
    return number(entry[end], language, _decimals(entry[end]))


def _decimals(value: float) -> int:
    """None of a whole number, and enough to see that a small one is not zero."""
    if round(float(value), 6).is_integer():
        return 0
    return 2 if abs(value) >= 0.01 else 4
