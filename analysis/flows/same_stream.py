"""One stream that two coefficients describe: counted once.

What households give off passes through collectors, and grass from a verge through
contractors: a row per job and a row per inhabitant, hectare or kilometre then mean the
same tonnes. ``resources/flows/same_stream.csv`` lists such rows.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pandas as pd

from ..resources import read_csv
from .coefficients import JOB
from .tables import SUPPLY

STREAM = ("per", "kind", "carrier", "material")


def told_twice(
    coefficients: pd.DataFrame, used: Collection[tuple[str, str, str, str]]
) -> np.ndarray:
    """Which rows per job describe what households, land or lines give already.

    Parameters
    ----------
    coefficients
        As :func:`~.coefficients.read_coefficients` gives them, n rows.
    used
        Streams (per, kind, carrier, material) of the rows that gave a supply for
        another thing than a job.

    Returns
    -------
    ndarray of bool, shape (n,)
    """
    prefixes: dict[tuple[str, str], tuple[str, ...]] = {}
    for row in read_csv("flows", "same_stream.csv"):
        if tuple(row[name] for name in STREAM) in used:
            stream = (row["carrier"], row["material"])
            listed = tuple(row["sbi"].split("|"))
            prefixes[stream] = prefixes.get(stream, ()) + listed
    supply_of_jobs = (coefficients["per"] == JOB) & (
        coefficients["direction"] == SUPPLY
    )
    listed = [
        sbi.startswith(prefixes.get((carrier, material), ()))
        for sbi, carrier, material in zip(
            coefficients["sbi"],
            coefficients["carrier"],
            coefficients["material"],
            strict=True,
        )
    ]
    return supply_of_jobs.to_numpy() & np.array(listed, bool)
