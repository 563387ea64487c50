"""What a workshop may see of flows.

Estimates follow from jobs by figures that everybody can look up. Whoever sees several
streams of a cluster can therefore solve the jobs of each activity in it, however large
the sums. So the estimates of firms are not added up and then withheld where few stand
behind them; they are made afresh from numbers of jobs that are published:

1. Over the whole map, firms of one division with the same estimates per job are a
   *group*. Its jobs are a cell like any other (:mod:`..confidentiality`).
2. What the published groups of a division give and ask is spread over clusters by
   their published jobs in that division.

What is reported is a cell per place, division and stream. Flows of facilities, regions,
zones and lines rest on public figures and are shown as they are.
"""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from ..codes import division
from ..layers import layer_type
from .bundles import ALIKE, QUANTITIES
from .map_places import CLUSTER
from .numbering import numbered, ranks
from .tables import ESTIMATED
from .uncertainty import coefficient_ids

REST = "rest"
"""Place of what is in no cluster of which the jobs are published."""
ROUNDING = 1e-12
OF_FIRM = (
    "flow_id", "actor_id", "actor_name", "sbi", "jobs", "place_id", "geometry",
)  # fmt: skip
"""What of an estimate is its firm's own."""
FIGURES = 9
"""To so many significant figures estimates per job are the same."""


@dataclass(frozen=True)
class FlowCells:
    """Flows as cells, before anything is withheld.

    Attributes
    ----------
    public
        Flows that are shown as they are; a facility stands under its own id and name.
    groups
        ``cell_id``, ``division``, ``establishments``, ``jobs`` of firms with the same
        estimates per job.
    streams
        The estimates per job of each group: ``cell_id`` and the fields of flows.
    reported
        ``cell_id``, ``place_id``, ``division``, ``quantity`` and what the flows of the
        cell share.
    actors
        Who stands behind the cells of ``groups`` and ``reported``, by table.
    """

    public: gpd.GeoDataFrame
    groups: pd.DataFrame
    streams: pd.DataFrame
    reported: pd.DataFrame
    actors: dict[str, pd.DataFrame]


def flow_cells(
    flows: gpd.GeoDataFrame,
    establishments: pd.DataFrame,
    owners: pd.DataFrame | None = None,
) -> FlowCells:
    """Sort flows by what may be told of them.

    Parameters
    ----------
    flows
        Canonical flows with their ``place_id``, sorted by id.
    establishments
        Canonical establishments.
    owners
        ``actor_id`` of the flows of facilities with ``facility_id`` and ``name``.

    Returns
    -------
    FlowCells
        Every flow with a quantity is in one of its parts.
    """
    firms = establishments.set_index("est_id")
    of_firm = flows["actor_id"].isin(firms.index).to_numpy()
    secret = ~flows["confidential"].isin([False, 0]).to_numpy()
    of_facility = np.zeros(len(flows), bool)
    if owners is not None:
        of_facility = flows["actor_id"].isin(owners["actor_id"]).to_numpy()
    public = ~secret & (~of_firm | of_facility) & ~_of_tellers(flows, secret)
    jobs = flows["actor_id"].map(firms["jobs"]).astype(float).to_numpy()
    estimated = (flows["basis"] == ESTIMATED).to_numpy() & secret & of_firm & (jobs > 0)
    estimated &= ~public
    grouped = flows[estimated].assign(jobs=jobs[estimated])
    groups, streams, behind = _groups(grouped, firms)
    told = ~public & ~estimated
    reported, tellers = _reported(flows[told])
    return FlowCells(
        _renamed(flows[public], owners),
        groups,
        streams,
        reported,
        {"flow_groups": behind, "reported_cells": tellers},
    )


def published_flows(
    tables: dict[str, pd.DataFrame], points: dict[str, shapely.Point], crs
) -> gpd.GeoDataFrame:
    """All flows that a workshop may see, each with its ``place_id``.

    Parameters
    ----------
    tables
        As they are published, withheld cells empty: ``public_flows``, ``flow_groups``,
        ``flow_streams`` and ``reported_cells`` of :class:`FlowCells`, ``activities``
        with jobs per ``division`` of the whole map, and ``cluster_profile`` with jobs
        per ``cluster_id`` and ``division``.
    points
        A point for every place.
    crs
        Of the points.

    Returns
    -------
    GeoDataFrame
        Canonical flows; firms stand in groups, with their division as ``sbi``. What is
        in no cluster that is told of is at :data:`REST`, without a point.
    """
    parts = [_estimates(tables), _told(tables["reported_cells"])]
    for part in parts:
        part["geometry"] = [points.get(each) for each in part["place_id"]]
    fields = [*layer_type("flows").fields, "place_id", "geometry"]
    parts = [part.reindex(columns=fields) for part in parts]
    parts.append(pd.DataFrame(tables["public_flows"]).reindex(columns=fields))
    flows = pd.concat([each for each in parts if len(each)] or parts)
    flows = flows.sort_values("flow_id", ignore_index=True)
    return gpd.GeoDataFrame(flows, geometry="geometry", crs=crs)


def _estimates(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Estimates per cluster and group of firms, from published numbers of jobs."""
    groups = tables["flow_groups"]
    known = groups[groups["jobs"] > 0][["cell_id", "division", "jobs"]]
    known = known.astype({"cell_id": object, "division": object})
    shares = _shares(tables["activities"], tables["cluster_profile"], known)
    streams = tables["flow_streams"].astype({"cell_id": object})
    rows = streams.merge(known, on="cell_id").merge(shares, on="division")
    for name in QUANTITIES:
        rows[name] = rows[name] * rows["jobs"].astype(float) * rows["share"]
    rows["sbi"] = rows["division"]
    # Behind the actor stands the coefficient: flows that share it are wrong together.
    rows["actor_id"] = rows["place_id"] + "|" + rows["cell_id"]
    rows["flow_id"] = rows["actor_id"] + ":" + rows["stream"]
    return rows


def _told(cells: pd.DataFrame) -> pd.DataFrame:
    """Reported flows of the cells that are published."""
    rows = cells[cells["quantity"].notna()].copy()
    rows["flow_id"] = rows["cell_id"]
    rows["sbi"] = rows["division"].where(rows["division"] != "", None)
    return rows


def _of_tellers(flows: pd.DataFrame, secret: np.ndarray) -> np.ndarray:
    """Which flows are of an actor that reports something in confidence."""
    told = secret & (flows["basis"] != ESTIMATED).to_numpy()
    return flows["actor_id"].isin(flows["actor_id"][told]).to_numpy()


def _renamed(public: gpd.GeoDataFrame, owners) -> gpd.GeoDataFrame:
    """Flows of facilities under the name of the facility, not that of the firm."""
    if owners is None or public.empty:
        return public.reset_index(drop=True)
    known = owners.set_index("actor_id")
    mine = public["actor_id"].isin(known.index)
    old = public.loc[mine, "actor_id"]
    # As objects, or none of them would be taken for numbers.
    new = "facility-" + old.map(known["facility_id"]).astype(object)
    renamed = public.copy()
    pairs = zip(renamed.loc[mine, "flow_id"], old, new, strict=True)
    renamed.loc[mine, "flow_id"] = [
        after + flow.removeprefix(before) for flow, before, after in pairs
    ]
    renamed.loc[mine, "actor_id"] = new
    renamed.loc[mine, "actor_name"] = old.map(known["name"])
    renamed.loc[mine, "sbi"] = None
    return renamed.sort_values("flow_id", ignore_index=True)


def _groups(flows: pd.DataFrame, firms: pd.DataFrame):
    """Groups of firms with the same estimates per job, those, and who they are."""
    stream = coefficient_ids(flows)
    per_job = {name: _to_figures(flows[name] / flows["jobs"]) for name in QUANTITIES}
    flows = flows.assign(**per_job)
    actors = _members(flows, stream, firms)
    groups = actors.groupby(["cell_id", "division"], as_index=False, sort=True)
    groups = groups.agg(establishments=("est_id", "size"), jobs=("jobs", "sum"))
    first = actors.drop_duplicates("cell_id").set_index("est_id")["cell_id"]
    own = flows["actor_id"].isin(first.index).to_numpy()
    streams = pd.DataFrame(flows[own])
    streams["stream"] = stream[own]
    streams["cell_id"] = streams["actor_id"].map(first)
    streams = streams.drop(columns=[name for name in OF_FIRM if name in streams])
    streams = streams.sort_values(["cell_id", "stream"])
    return groups, streams.reset_index(drop=True), actors.drop(columns="division")


def _members(flows: pd.DataFrame, stream: np.ndarray, firms) -> pd.DataFrame:
    """The group of each firm: all that is shown of it is alike for its firms."""
    shown = [flows[name] for name in flows if name not in OF_FIRM]
    number = numbered([ranks(stream), *map(ranks, shown)])
    # Firms alike have the same sum of numbers drawn by lot for their estimates.
    draw = np.random.default_rng(0).integers(2**63, size=number.max(initial=0) + 1)
    lots = pd.Series(draw[number], flows.index).groupby(flows["actor_id"]).sum()
    table = pd.DataFrame({"lot": lots}).join(firms[["sbi", "jobs"]])
    table["division"] = division(table["sbi"])
    kinds = table.groupby(["division", "lot"], sort=True).ngroup()
    table["cell_id"] = table["division"] + "|" + kinds.astype(str)
    members = table.rename_axis("est_id").reset_index()
    members = members[["cell_id", "division", "est_id", "sbi", "jobs"]]
    return members.sort_values(["cell_id", "est_id"], ignore_index=True)


def _to_figures(values: pd.Series) -> np.ndarray:
    """Numbers rounded to so many significant figures."""
    plain = values.to_numpy(float)
    with np.errstate(divide="ignore", invalid="ignore"):
        power = np.floor(np.log10(np.abs(plain)))
        scale = 10.0 ** (FIGURES - 1 - power)
        rounded = np.rint(plain * scale) / scale
    return np.where(np.isfinite(rounded), rounded, plain)


def _reported(flows: gpd.GeoDataFrame):
    """Cells of what is reported, and who reports it."""
    flows = flows[flows["quantity"].notna()]
    codes = flows["sbi"].astype(object)
    table = flows.assign(division=division(codes.where(codes.notna(), "")))
    keys = ["place_id", "division", *ALIKE]
    table["cell_id"] = _joined(table[keys])
    table["confidential"] = True
    cells = pd.DataFrame(table).sort_values(["cell_id", "flow_id"])
    totals = cells.groupby("cell_id", sort=True)["quantity"].sum()
    cells = cells.drop_duplicates("cell_id").set_index("cell_id")
    cells["quantity"] = totals
    # That of the first, or the worst, could be one reporter's.
    quality = table.groupby("cell_id", sort=True)["data_quality"].median()
    cells["data_quality"] = np.rint(quality)
    shown = ["place_id", "division", *ALIKE, "quantity", "data_quality"]
    actors = table.groupby(["cell_id", "actor_id"], as_index=False)["quantity"].sum()
    # A firm counts in every stream by itself.
    actors["est_id"] = actors["cell_id"] + "|" + actors["actor_id"]
    actors = actors.assign(sbi="", reported=actors["quantity"])
    actors = actors[["cell_id", "est_id", "sbi", "reported"]]
    return cells[shown].reset_index(), actors


def _joined(table: pd.DataFrame) -> np.ndarray:
    """The cells of each row as one text, shape (n,)."""
    rows = [
        "|".join("" if pd.isna(each) else str(each) for each in row)
        for row in table.itertuples(index=False)
    ]
    return np.array(rows, dtype=object)


def _shares(
    activities: pd.DataFrame, profile: pd.DataFrame, groups: pd.DataFrame
) -> pd.DataFrame:
    """Part of the jobs of each division in each cluster; the rest at :data:`REST`.

    A division of which groups are told, but not its jobs, is there as a whole.
    """
    whole = activities[activities["jobs"] > 0].set_index("division")["jobs"]
    cells = profile[(profile["jobs"] > 0) & profile["division"].isin(whole.index)]
    inside = cells.groupby("division")["jobs"].sum().reindex(whole.index).fillna(0.0)
    # Clusters may reach beyond the map.
    whole = np.maximum(whole.astype(float), inside.astype(float))
    in_clusters = pd.DataFrame(
        {
            "division": cells["division"].to_numpy(object),
            "place_id": f"{CLUSTER}-" + cells["cluster_id"].astype(object).to_numpy(),
            "share": (cells["jobs"] / cells["division"].map(whole)).to_numpy(float),
        }
    )
    divisions = sorted(set(groups["division"]))
    rest = (1 - inside / whole).reindex(divisions).fillna(1.0).to_numpy(float)
    outside = pd.DataFrame({"division": divisions, "place_id": REST, "share": rest})
    shares = pd.concat([in_clusters, outside[rest > ROUNDING]], ignore_index=True)
    return shares.astype({"division": object})
