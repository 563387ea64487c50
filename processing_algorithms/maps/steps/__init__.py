"""The steps of an opportunity map, one file each, run by their place.

A step names its algorithm, its place, the layers that it needs, what it computes, the
tables that come out (each styled by its name), who stands behind their figures and its
section of the report. Adding a file adds the step; no other module names it.
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
        Makes its section of the report from the tables as they are published, None
        when it has none.
    actors
        By table: the firms behind the figures of its rows, as
        :func:`.analysis.confidentiality.withhold` takes them.
    kept
        Tables and the like for the next steps only, which are not written.
    skipped
        What of the input gave nothing: role, id, and the reason in words.
    """

    tables: dict[str, pd.DataFrame]
    notes: list[tuple[str, dict]] = field(default_factory=list)
    section: Callable[[dict], Section] | None = None
    actors: dict[str, pd.DataFrame] = field(default_factory=dict)
    kept: dict[str, pd.DataFrame] = field(default_factory=dict)
    skipped: list[tuple[str, str, str]] = field(default_factory=list)


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
    from_published
        Whether it works with what is published only, so that nothing that is left out
        can be computed back from what it gives.
    told
        Place of its section in the report; None: that of the step.
    for_workshop
        Whether it only prepares what a workshop may see.
    """

    place: int
    algorithm: type
    needs: tuple[str, ...]
    compute: Callable[..., Outcome]
    from_published: bool = False
    told: int | None = None
    for_workshop: bool = False


def all_steps() -> list[Step]:
    """Every step in this folder, in order; a file gives ``STEP`` or several ``STEPS``.

    Several are one before publishing, and what is computed from its published cells.
    """
    modules = [
        import_module(f"{__name__}.{module.name}")
        for module in pkgutil.iter_modules(__path__)
    ]
    steps = [step for module in modules for step in _steps_of(module)]
    return sorted(steps, key=lambda step: step.place)


def _steps_of(module) -> tuple[Step, ...]:
    return module.STEPS if hasattr(module, "STEPS") else (module.STEP,)
