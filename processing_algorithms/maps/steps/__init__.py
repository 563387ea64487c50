"""The steps of an opportunity map, one file each, run by their place.

A step names its algorithm, its place, the layers that it needs, what it computes, the
tables that come out (each styled by its name) and its section of the report. Adding a
file adds the step; no other file changes.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module

import pandas as pd

from ....analysis.report_content import Section


@dataclass
class Outcome:
    """What a step gives.

    Parameters
    ----------
    tables
        Tables for the GeoPackage and for the next steps, by name.
    notes
        Keys and values of sentences for the log and the report.
    section
        Its section of the report, None when it has none.
    """

    tables: dict[str, pd.DataFrame]
    notes: list[tuple[str, dict]] = field(default_factory=list)
    section: Section | None = None


@dataclass(frozen=True)
class Step:
    """One step.

    Parameters
    ----------
    place
        Steps run in the order of their places.
    algorithm
        The algorithm whose settings it takes.
    needs
        Layers without which it is passed over, by role in lower case or table name.
    compute
        Takes the layers, the settings and a progress; gives an :class:`Outcome`.
    """

    place: int
    algorithm: type
    needs: tuple[str, ...]
    compute: Callable[..., Outcome]


def all_steps() -> list[Step]:
    """Every step in this folder, in order."""
    modules = [
        import_module(f"{__name__}.{module.name}")
        for module in pkgutil.iter_modules(__path__)
    ]
    return sorted((module.STEP for module in modules), key=lambda step: step.place)
