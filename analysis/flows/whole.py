"""All flows of a map, each once: reported ones, those of facilities, and estimates."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import pandas as pd

from ..layers import layer_type
from ..progress import Progress, silent
from .estimate import estimate_flows
from .pairs import Tally
from .reported import passed_through, replaced_flows
from .tables import ESTIMATED
from .written import with_reported


@dataclass(frozen=True)
class MapFlows:
    """The flows of a map.

    Attributes
    ----------
    flows
        Canonical flows, sorted by ``flow_id``.
    remarks
        Keys and values of sentences on what was unknown, replaced or left out.
    skipped
        As of :class:`~.estimate.Estimate`.
    """

    flows: gpd.GeoDataFrame
    remarks: list[tuple[str, dict]]
    skipped: pd.DataFrame


def holds_estimates(flows: pd.DataFrame | None) -> bool:
    """Whether given flows hold estimates: a map then makes none of its own."""
    return flows is not None and bool((flows["basis"] == ESTIMATED).any())


def flows_of_map(
    layers: dict[str, gpd.GeoDataFrame],
    coefficients: pd.DataFrame,
    progress: Progress = silent,
) -> MapFlows:
    """Reported flows, and estimates of what nobody reported.

    What a firm or facility reports stands before what its capacity tells, and that
    before what its jobs tell. Where the given flows hold estimates already, none are
    made.

    Parameters
    ----------
    layers
        Canonical layers in one CRS in metres: ``establishments`` and, where there are
        any, ``regions``, ``zones``, ``infrastructure``, ``given_flows`` and the flows
        of facilities, ``facility_flows``.
    coefficients
        As :func:`~.coefficients.choose_coefficients` gives them.
    progress
        How far it is.
    """
    given, facilities = layers.get("given_flows"), layers.get("facility_flows")
    if holds_estimates(given):
        count = int((given["basis"] == ESTIMATED).sum())
        told = [("flows.said.given_estimates", {"count": count})]
        return MapFlows(_complete(given), told, Tally().table())
    known, remarks = given, []
    if facilities is not None and given is not None:
        gone = replaced_flows(facilities, given)
        if gone.any():
            remarks = [("flows.said.facility_replaced", {"count": int(gone.sum())})]
        known = with_reported(facilities[~gone].reset_index(drop=True), given)
    elif facilities is not None:
        known = facilities
    land = (layers.get(role) for role in ("regions", "zones", "infrastructure"))
    found = estimate_flows(
        layers["establishments"], coefficients, *land, known, progress
    )
    return MapFlows(found.flows, remarks + found.remarks(), found.skipped)


def _complete(given: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Given flows with all fields, sorted."""
    flows = passed_through(given).sort_values("flow_id", ignore_index=True)
    return flows.reindex(columns=[*layer_type("flows").fields, "geometry"])
