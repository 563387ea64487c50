"""Jobs of establishments of which only the size class is known."""

from __future__ import annotations

import numpy as np

from ..size_classes import SizeClass
from .ledger import Ledger


def fill_jobs(fields: dict[str, np.ndarray], ledger: Ledger) -> dict[str, np.ndarray]:
    """Give unknown jobs the value of their size class, with its bounds.

    Parameters
    ----------
    fields
        Fields as read: ``jobs``, ``jobs_low``, ``jobs_high`` (jobs, NaN where unknown)
        and ``size_class`` (a :class:`SizeClass` or None), each of shape (n,).
    ledger
        Where jobs that come from a class, and jobs that stay unknown, are counted.

    Returns
    -------
    dict
        The fields without ``size_class``. The bounds are known only where the jobs
        come from a class, here or in a layer that was prepared before.
    """
    filled = dict(fields)
    classes = filled.pop("size_class")
    used = ~np.equal(classes, None) & np.isnan(fields["jobs"])
    for name, part in (("jobs", "jobs"), ("jobs_low", "low"), ("jobs_high", "high")):
        values = fields[name].copy()
        values[used] = [getattr(found, part) for found in classes[used]]
        filled[name] = values
    shown = np.full(len(classes), None, dtype=object)
    shown[used] = [_shown(found) for found in classes[used]]
    ledger.say(used, "jobs_from_class", shown)
    ledger.say(np.isnan(filled["jobs"]), "jobs_unknown")
    return filled


def _shown(found: SizeClass) -> str:
    """Write a class with what it counts for: ``10–19 → 14``."""
    bounds = dict.fromkeys((found.low, found.high))
    return f"{'–'.join(f'{bound:g}' for bound in bounds)} → {found.jobs:g}"
