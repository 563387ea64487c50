"""Estimated flows: what firms, households, land and lines give and ask, per year.

What is known of an actor (jobs, inhabitants, hectares, kilometres) times what one unit
of it gives off or asks for.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from ..progress import Progress, part, silent
from .coefficients import coefficient_remarks
from .pairs import Pairs, Tally, firms_of, joined, land_of
from .reported import replaced
from .same_stream import STREAM, told_twice
from .tables import SUPPLY
from .written import with_reported, written_out


@dataclass(frozen=True)
class Estimate:
    """Flows, and what became of the rest.

    Attributes
    ----------
    flows
        Canonical flows with all their fields, sorted by ``flow_id``: estimates and,
        unchanged, what was reported. Texts are objects, unknown values None or NaN.
    skipped
        ``role`` (the layer), ``source_id`` and ``reason`` (key of a text) of what
        gave no flow because something of it is unknown; sorted.
    counts
        Numbers by the name of what they count.
    coefficients
        The rows that were used.
    """

    flows: gpd.GeoDataFrame
    skipped: pd.DataFrame
    counts: Counter
    coefficients: pd.DataFrame

    def remarks(self) -> list[tuple[str, dict]]:
        """Keys and values of sentences on what was unknown, replaced or left out."""
        counted = [
            (f"flows.said.{name}", {"count": self.counts[name]})
            for name in SAID
            if self.counts[name]
        ]
        return counted + coefficient_remarks(self.coefficients)


SAID = (
    "jobs_unknown",
    "activity_unknown",
    "population_unknown",
    "area_unknown",
    "no_jobs",
    "without_coefficient",
    "same_stream",
    "replaced",
    "gross",
)
"""What is said in words when it is counted."""


def estimate_flows(
    establishments: gpd.GeoDataFrame,
    coefficients: pd.DataFrame,
    regions: gpd.GeoDataFrame | None = None,
    zones: gpd.GeoDataFrame | None = None,
    infrastructure: gpd.GeoDataFrame | None = None,
    reported: gpd.GeoDataFrame | None = None,
    progress: Progress = silent,
) -> Estimate:
    """Estimate what goes in and what comes out.

    A firm's quantity is jobs × ``mode``, with ``low`` and ``high`` likewise. Of each
    direction, carrier and material the rows with the longest beginning of its activity
    code count, all of them; rows of zeros make no flow. Regions count by
    ``population``, zones by ``area_ha`` for every kind they have, lines by their
    length and mode. A row per job that describes the same stream as one of these
    makes no flow once these do (:mod:`.same_stream`).

    Parameters
    ----------
    establishments, regions, zones, infrastructure
        Canonical layers in one CRS in metres.
    coefficients
        As :func:`~.coefficients.choose_coefficients` gives them.
    reported
        Canonical flows that replace what is estimated of the same actor, direction,
        carrier and material (and quality, where they name one).
    progress
        How far it is.

    Notes
    -----
    ``actor_id`` is the ``est_id``, or the id of a region, zone or line with its kind in
    front: ``region-…``, ``zone-…``, ``line-…``. ``flow_id`` is the ``actor_id``, then
    what the coefficient is per (prefix, kind or ``inhabitant``), direction, material
    and quality, joined by colons. What is estimated of a firm is confidential, since
    its jobs can be computed back from it; of regions, zones and lines it is not.
    """
    tally = Tally()
    counts = tally.counts
    rows = coefficients.reset_index(drop=True)
    land = {"regions": regions, "zones": zones, "infrastructure": infrastructure}
    groups = []
    for done, (role, layer) in enumerate(land.items()):
        progress(0.03 * done)
        if layer is not None:
            groups += land_of(role, layer, rows, tally)
    progress(0.1)
    firms = firms_of(establishments, rows, tally)
    twice = told_twice(rows, _supplied(groups, rows))[firms.row]
    counts["same_stream"] = int(twice.sum())
    progress(0.15)
    pairs = joined([*groups, firms.where(~twice)])
    progress(0.2)
    if reported is not None:
        gone = replaced(pairs, rows, reported)
        counts["replaced"] = int(gone.sum())
        pairs = pairs.where(~gone)
    flows = written_out(pairs, rows, part(progress, 0.2, 0.9))
    if reported is not None:
        flows = with_reported(flows, reported)
        progress(0.95)
    flows.geometry.array.crs = establishments.crs
    counts["gross"] = int(flows["contracted_share"].isna().sum())
    counts.update(flows["carrier"].value_counts().to_dict())
    progress(1.0)
    return Estimate(flows, tally.table(), counts, rows)


def _supplied(groups: list[Pairs], rows: pd.DataFrame) -> set[tuple]:
    """Streams that regions, zones and lines supply."""
    used = np.unique(np.concatenate([np.empty(0, np.int64), *(g.row for g in groups)]))
    supplied = rows.loc[used]
    supplied = supplied[supplied["direction"] == SUPPLY]
    return set(supplied[list(STREAM)].itertuples(index=False, name=None))
