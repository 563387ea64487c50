"""Why a lead is there, in one sentence without names of firms."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd

from ..codes import division_names
from ..flows.tables import MATERIAL, class_names, materials, unit_name
from ..progress import Progress, silent
from ..resources import read_csv, read_toml
from ..texts import distance, number, text
from .heat import HEAT_PUMP
from .links import USE
from .uses import shipped_uses

_LINK = (
    "carrier", "material", "replaces", "giver_division", "receiver_division",
    "rule_id", "evidence", "treatment", "electricity_kwh", "given", "asked", "unit",
)  # fmt: skip
"""What all leads between the same streams and divisions tell alike."""


FEW = 5000
"""Sentences between two words of progress."""


def reasons(
    leads: pd.DataFrame, language: str, progress: Progress = silent
) -> list[str]:
    """A sentence for each lead.

    Parameters
    ----------
    leads
        Leads with their fields, and ``giver_division``, ``receiver_division``,
        ``electricity_kwh`` (per unit that arrives), ``given`` and ``asked``
        (temperature or class).
    language
        ``nl`` or ``en``.
    progress
        Called as the work goes on.
    """
    rows = zip(
        leads[list(_LINK)].itertuples(index=False, name=None),
        leads["distance_m"],
        leads["available"],
        leads["reject"],
        leads["reject_quantity"],
        leads["reject_unit"],
        strict=True,
    )
    words = read_toml("texts", language, "leads.toml")
    told: dict[tuple, dict[str, str]] = {}
    sentences = []
    for done, (link, apart, available, reject, left, unit) in enumerate(rows):
        if done % FEW == 0:
            progress(done / len(leads))
        if link not in told:
            told[link] = _of_link(dict(zip(_LINK, link, strict=True)), language)
        sentence = words["why" if link[0] == MATERIAL else "why_carrier"].format(
            **told[link],
            distance=distance(apart, language),
            amount=_amount(available, unit_name(link[-1], language), words, language),
            left=_left(reject, left, unit, language) if reject else "",
        )
        sentences.append(sentence)
    return sentences


def amount_text(value: float, language: str) -> str:
    """A quantity with as many digits as it deserves."""
    return number(value, language, 0 if value >= 10 else 1)


def _of_link(link: dict, language: str) -> dict[str, str]:
    """Who, what instead of what, how and on what ground."""
    name = _material_name(link["material"], language)
    return {
        "material": name[:1].upper() + name[1:],
        "replaces": _material_name(link["replaces"], language),
        "giver": _activity(link["giver_division"], language),
        "receiver": _activity(link["receiver_division"], language),
        "how": _how(link, language),
        "ground": _ground(link, language),
    }


def _material_name(code: str, language: str) -> str:
    known = materials().get(code)
    return known.name(language) if known else code


def _activity(division: str, language: str) -> str:
    name = division_names(language).get(division)
    if name is None:
        return division or text("leads.activity_unknown", language)
    return f"{name} ({division})"


def _how(link: dict, language: str) -> str:
    """As it is, or after which treatment."""
    treatment, kwh = link["treatment"], link["electricity_kwh"]
    if not treatment:
        return text("leads.how.direct", language)
    values = {
        "treatment": treatment_name(treatment, language),
        "kwh": number(kwh, language, 0 if kwh >= 10 else 2),
        "unit": link["unit"].removesuffix("/y"),
    }
    if treatment == HEAT_PUMP:
        return text("leads.how.heat_pump", language, **values)
    return text(f"leads.how.{'powered' if kwh else 'treated'}", language, **values)


def _ground(link: dict, language: str) -> str:
    """What the lead rests on."""
    rule, carrier = link["rule_id"], link["carrier"]
    if rule.startswith(USE):
        use = _use_names(language).get(rule.removeprefix(USE), rule)
        return text("leads.ground.use", language, use=use)
    cases = ("none", "one", "several")[int(np.clip(link["evidence"], 0, 2))]
    cited = text(
        f"leads.ground.{cases}", language, rule=rule, cases=int(link["evidence"])
    )
    if carrier == MATERIAL:
        return cited
    kind = "heat" if carrier == "heat" else "class"
    ends = {
        name: class_names(carrier, language).get(end, end)
        if isinstance(end, str)
        else number(end, language)
        for name, end in (("given", link["given"]), ("asked", link["asked"]))
    }
    fits = text(f"leads.ground.{kind}", language, **ends)
    if not rule:
        return fits
    return text("leads.ground.with_rule", language, physics=fits, rule=cited)


def _amount(available: float, unit: str, words: dict, language: str) -> str:
    if np.isnan(available):
        return words["amount_unknown"]
    shown = amount_text(available, language)
    return words["amount"].format(available=shown, unit=unit)


def _left(reject: str, quantity: float, unit: str, language: str) -> str:
    """What a treatment leaves, where that is known."""
    if np.isnan(quantity):
        return ""
    return text(
        "leads.reject",
        language,
        quantity=amount_text(quantity, language),
        unit=unit_name(unit, language),
        reject=text(f"leads.reject_name.{reject}", language),
    )


def treatment_name(treatment: str, language: str) -> str:
    """Name of a treatment of water, heat or CO2; of a material as the rule says."""
    return treatment_names(language).get(treatment, treatment)


@cache
def reject_units() -> dict[str, str]:
    """Unit per year of what is left, by what it is."""
    return {
        row["reject"]: f"{row['reject_unit'].split('/')[0]}/y"
        for row in read_csv("matching", "treatments.csv")
        if row["reject"]
    }


@cache
def treatment_names(language: str) -> dict[str, str]:
    """Names of all treatments that we know, by id."""
    rows = read_csv("matching", "treatments.csv")
    return {row["treatment"]: row[f"name_{language}"] for row in rows}


@cache
def _use_names(language: str) -> dict[str, str]:
    return shipped_uses().set_index("use")[f"name_{language}"].to_dict()
