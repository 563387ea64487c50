"""The table of assumptions of a run."""

from __future__ import annotations

from collections.abc import Collection

import pandas as pd

from ...analysis.confidentiality import Rule
from ...analysis.explain import HERE, STRONG, WEAK, criterion_title
from ...analysis.layers import layer_type
from ...analysis.resources import read_toml
from ...analysis.texts import number, text
from ..language import help_text, label
from .settings import StepSettings


def assumptions_table(
    settings: list[StepSettings],
    criteria: pd.DataFrame,
    weights,
    language: str,
    rule: Rule | None = None,
    rule_changed: Collection[str] = (),
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

    Returns
    -------
    DataFrame
        Fields of ``assumptions`` in ``resources/layers.toml``.
    """
    rows = [row for each in settings for row in _of_step(each, language)]
    if weights is not None:
        rows += _of_criteria(criteria, weights, language)
    if rule is not None:
        rows += _of_rule(rule, rule_changed, language)
    fields = list(layer_type("assumptions").fields)
    return pd.DataFrame(rows, columns=fields, dtype=object)


def _of_step(settings: StepSettings, language: str) -> list[tuple]:
    algorithm = settings.algorithm
    step = help_text(algorithm.ID, language)["name"]
    fixed = [
        (
            step,
            text(f"assumptions.{algorithm.ID}.{name}.label", language),
            number(value_of(settings), language, 1),
            text(f"units.{unit}", language),
            _setter(False, language),
            text(f"assumptions.{algorithm.ID}.{name}.why", language),
        )
        for name, (unit, value_of) in algorithm.FIXED_ASSUMPTIONS.items()
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
        why = text("assumptions.value_function", language, source=entry["source"])
        unit = text(f"units.{entry['unit']}", language)
        for end in ("worst", "best"):
            what = text(f"steps.map.value_{end}", language, criterion=title)
            value = number(entry[end], language, _decimals(entry[end]))
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
        rows.append((step, what, number(value, language, 2), unit, ours, why))
    return rows


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


def _setter(user: bool, language: str) -> str:
    return text(f"steps.map.set_by_{'user' if user else 'us'}", language)


def _decimals(value: float) -> int:
    return 0 if float(value).is_integer() else 2
