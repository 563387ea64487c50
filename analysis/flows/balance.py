"""What areas offer and ask for: supply, demand and net, with how sure that is."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from ..layers import layer_type
from ..progress import Progress, part, silent
from .numbering import firsts, numbered, ranks
from .places import area_ids, memberships
from .tables import (
    DEMAND,
    DIRECTIONS,
    ESTIMATED,
    REPORTED,
    SUPPLY,
    material_name,
    materials,
)
from .uncertainty import coefficient_ids, total_interval

STREAM = ("carrier", "material", "unit")
KEY_TOTALS = {
    ("material", "t/y"): "material",
    ("material", "MWh/y"): "fuel",
    ("water", "m3/y"): "water",
    ("heat", "MWh/y"): "heat",
    ("co2", "t/y"): "co2",
}
"""Which totals an area carries, by carrier and unit: fuel gases are told in energy."""
USED = [
    "flow_id", "actor_id", "direction", *STREAM, "quantity", "quantity_low",
    "quantity_high", "contracted_share", "basis", "geometry",
]  # fmt: skip
EVERYWHERE = "all"
"""Stands for all places together."""


@dataclass(frozen=True)
class Balance:
    """Balances of areas, and what was not counted in them.

    Attributes
    ----------
    table
        Fields of layer type ``resource_balance``, sorted by area and stream; what lies
        outside all areas comes last, with ``area_id`` None.
    areas
        Fields of layer type ``balance_areas``: key totals per carrier.
    outside
        Number of flows outside all areas.
    overlapping
        Number of flows in more than one area; they count in each.
    unusable
        Number of flows without a quantity of 0 or more or without direction.
    wrong_shares
        Number of flows whose contracted share is no part: taken as unknown.
    """

    table: pd.DataFrame
    areas: gpd.GeoDataFrame
    outside: int
    overlapping: int
    unusable: int
    wrong_shares: int

    def remarks(self) -> list[tuple[str, dict]]:
        """Keys and values of sentences on what counted twice or not at all."""
        counts = {
            "outside": self.outside,
            "overlapping": self.overlapping,
            "unusable": self.unusable,
            "wrong_shares": self.wrong_shares,
        }
        return [(f"balance.{k}", {"count": n}) for k, n in counts.items() if n]


def resource_balance(
    flows: gpd.GeoDataFrame,
    areas: gpd.GeoDataFrame,
    language: str = "en",
    seed: int = 1,
    progress: Progress = silent,
) -> Balance:
    """Supply, demand and net of areas, per carrier, material and unit.

    Parameters
    ----------
    flows
        Canonical flows, CRS in metres.
    areas
        Polygons in the same CRS with one of the fields ``area_id``, ``cluster_id``,
        ``zone_id`` and ``region_id``; [``name``]. They may overlap.
    language
        Of the names of materials.
    seed
        Of the draws behind the intervals.
    progress
        Called as the work goes on.

    Returns
    -------
    Balance
        Low and high are 5 and 95 % points; estimates that rest on one coefficient are
        wrong together (:func:`.uncertainty.total_interval`). Supply and demand never
        share a coefficient: the interval of net adds theirs as independent ones, each
        side by itself.

    Raises
    ------
    RefusalError
        If the areas have no usable id.
    """
    areas = areas.assign(area_id=area_ids(areas)).sort_values("area_id")
    areas = areas.reset_index(drop=True)
    counted, unusable, wrong = _countable(flows)
    point, area = memberships(counted, areas.geometry.to_numpy())
    outside = np.setdiff1d(np.arange(len(counted)), point)
    entries = _entries(
        counted,
        np.append(point, outside),
        np.append(area, np.full(len(outside), len(areas))),
    )
    ids = np.append(areas["area_id"].to_numpy(object), None)
    names = np.append(_names(areas), None)
    table = _named_table(entries, ids, names, language, seed, progress)
    several = np.bincount(point, minlength=len(counted)) > 1
    return Balance(
        table,
        _key_totals(areas, names, entries),
        len(outside),
        int(several.sum()),
        unusable,
        wrong,
    )


def balance_of_places(
    flows: gpd.GeoDataFrame,
    places: np.ndarray,
    names: dict[str, str],
    language: str = "en",
    seed: int = 1,
    progress: Progress = silent,
) -> pd.DataFrame:
    """Supply, demand and net of places, and of all of them together.

    Parameters
    ----------
    flows
        Canonical flows.
    places : ndarray of object, shape (n,)
        Where each is.
    names
        What the places are called, and the whole by :data:`EVERYWHERE`.
    language, seed, progress
        As for :func:`resource_balance`.

    Returns
    -------
    DataFrame
        Fields of layer type ``resource_balance``, sorted by place and stream, the
        whole last.
    """
    counted, _, _ = _countable(flows)
    at = ranks(places)[_usable(flows)] - 1
    ids = np.array(sorted(set(places)), dtype=object)
    called = np.array([names[each] for each in ids], dtype=object)
    entries = _entries(counted, np.arange(len(counted)), at)
    told = part(progress, 0, 0.6)
    parts = [_named_table(entries, ids, called, language, seed, told)]
    entries = entries.assign(area=0)
    whole = np.array([EVERYWHERE]), np.array([names[EVERYWHERE]])
    parts.append(_named_table(entries, *whole, language, seed, part(progress, 0.6, 1)))
    return pd.concat([each for each in parts if len(each)] or parts, ignore_index=True)


def _countable(flows: pd.DataFrame) -> tuple[pd.DataFrame, int, int]:
    """Flows with a quantity and a direction, and the share of each that is promised.

    And how many are not countable, and how many shares were wrong.
    """
    usable = _usable(flows)
    wanted = [name for name in USED if name in flows]
    counted = flows[wanted][usable].reset_index(drop=True)
    counted["material"] = counted["material"].fillna(counted["carrier"])
    share, wrong = contracted_shares(counted)
    return counted.assign(share=share), int((~usable).sum()), wrong


def _named_table(
    entries: pd.DataFrame, ids, names, language: str, seed: int, progress: Progress
) -> pd.DataFrame:
    """Fields of ``resource_balance`` from the entries of areas."""
    table = _table(entries, seed, progress)
    place = table["area"].to_numpy()
    table.insert(0, "area_id", ids[place])
    table["name"] = names[place]
    table["material_name"] = [
        material_name(code, language) for code in table["material"]
    ]
    return table[[*layer_type("resource_balance").fields]]


def _usable(flows: pd.DataFrame) -> np.ndarray:
    """Which flows have a quantity and a direction."""
    quantity = flows["quantity"].to_numpy(float)
    known = np.isfinite(quantity) & (quantity >= 0)
    return known & flows["direction"].isin(DIRECTIONS).to_numpy()


def contracted_shares(flows: pd.DataFrame) -> tuple[np.ndarray, int]:
    """Shares that are promised already, NaN where nobody knows, and the wrong ones.

    A reported flow that tells nothing has promised nothing; an estimate takes what is
    usual for its material.
    """
    told = flows.get("contracted_share", pd.Series(np.nan, flows.index)).astype(float)
    wrong = told.notna() & ~told.between(0, 1)
    usual = {
        code: np.nan if material.contracted_share is None else material.contracted_share
        for code, material in materials().items()
    }
    usual = flows["material"].map(usual).astype(float)
    supposed = usual.where(flows["basis"] == ESTIMATED, 0.0)
    return told.fillna(supposed).mask(wrong).to_numpy(), int(wrong.sum())


def _entries(flows: pd.DataFrame, flow: np.ndarray, area: np.ndarray) -> pd.DataFrame:
    """One row per flow and area; what lies outside counts as an area of its own."""
    quantity, share = flows["quantity"], flows["share"]
    columns = {
        **{name: flows[name].to_numpy(object) for name in STREAM},
        "supply": (flows["direction"] == SUPPLY).to_numpy(),
        "quantity": quantity.to_numpy(float),
        "low": flows["quantity_low"].to_numpy(float),
        "high": flows["quantity_high"].to_numpy(float),
        "free": (quantity * (1 - share)).fillna(0.0).to_numpy(float),
        "bruto": quantity.where(share.isna(), 0.0).to_numpy(float),
        "reported": quantity.where(flows["basis"] == REPORTED, 0.0).to_numpy(float),
        "estimated": (flows["basis"] == ESTIMATED).to_numpy(),
        "actor": _actors(flows),
        "coefficient": coefficient_ids(flows),
    }
    entries = pd.DataFrame({name: column[flow] for name, column in columns.items()})
    entries[list(STREAM)] = entries[list(STREAM)].fillna("")
    entries.insert(0, "area", area)
    return entries


def _actors(flows: pd.DataFrame) -> np.ndarray:
    """Actors by number; a flow without one is its own."""
    named = flows["actor_id"].notna().to_numpy()
    ids = np.where(named, flows["actor_id"], "=" + flows["flow_id"])
    return pd.factorize(ids)[0]


def _different(cell: np.ndarray, actor: np.ndarray) -> np.ndarray:
    """How many actors each cell has."""
    return np.bincount(cell[firsts(numbered([cell, actor]))])


def _table(entries: pd.DataFrame, seed: int, progress: Progress) -> pd.DataFrame:
    """One row per area and stream."""
    keys = ["area", *STREAM]
    streams = [ranks(entries[name]) for name in STREAM]
    cell = numbered([entries["area"].to_numpy(), *streams])
    entries["cell"] = cell
    table = entries[keys].iloc[firsts(cell)].reset_index(drop=True)
    table["flows"] = np.bincount(cell)
    table["actors"] = _different(cell, entries["actor"].to_numpy())
    table["reported"] = np.bincount(cell, entries["reported"])
    for half, direction in enumerate(DIRECTIONS):
        side = entries[entries["supply"] == (direction == SUPPLY)]
        told = part(progress, half / 2, (half + 1) / 2)
        sums = _side(side, len(table), seed, told)
        table = table.assign(
            **{direction: sums["total"]},
            **{f"{direction}_{end}": sums[end] for end in ("low", "high")},
            **{f"{kind}_{direction}": sums[kind] for kind in ("free", "bruto")},
            **{f"{direction}_actors": sums["actors"].astype(int)},
            **{f"{direction}_largest": sums["largest"]},
        )
    return _with_net(table)


def _side(side: pd.DataFrame, count: int, seed: int, progress: Progress):
    """Totals of one direction by cell; 0 where it has no flow."""
    interval = total_interval(
        side["quantity"].to_numpy(),
        side["low"].to_numpy(),
        side["high"].to_numpy(),
        side["coefficient"].to_numpy(),
        side["cell"].to_numpy(),
        side["estimated"].to_numpy(),
        seed=seed,
        progress=progress,
    ).set_index("group")
    cells = side.groupby("cell")
    by_actor = side.groupby(["cell", "actor"])["quantity"].sum()
    sums = pd.DataFrame(
        {
            "total": cells["quantity"].sum(),
            "low": interval["low"],
            "high": interval["high"],
            "free": cells["free"].sum(),
            "bruto": cells["bruto"].sum(),
            "actors": cells["actor"].nunique(),
            "largest": by_actor.groupby("cell").max(),
        }
    )
    return sums.reindex(range(count), fill_value=0).fillna(0.0)


def _with_net(table: pd.DataFrame) -> pd.DataFrame:
    supply, demand = table[SUPPLY], table[DEMAND]
    net = supply - demand
    down = np.hypot(supply - table["supply_low"], table["demand_high"] - demand)
    up = np.hypot(table["supply_high"] - supply, demand - table["demand_low"])
    shares = [table[f"{side}_largest"] / table[side].where(table[side] > 0)
              for side in DIRECTIONS]  # fmt: skip
    both = supply + demand
    return table.assign(
        net=net,
        net_low=net - down,
        net_high=net + up,
        reported_share=table["reported"] / both.where(both > 0),
        largest_share=np.fmax(*shares),
    )


def _key_totals(areas, names, entries: pd.DataFrame) -> gpd.GeoDataFrame:
    """The areas with their totals per carrier."""
    count = len(areas)
    found = areas[["area_id", areas.geometry.name]].copy()
    found["name"] = names[:count]
    inside = entries[entries["area"] < count]
    for (carrier, unit), word in KEY_TOTALS.items():
        fitting = (inside["carrier"] == carrier) & (inside["unit"] == unit)
        for direction in DIRECTIONS:
            some = inside[fitting & (inside["supply"] == (direction == SUPPLY))]
            sums = np.bincount(some["area"], some["quantity"], count)
            found[f"{word}_{direction}"] = sums
    found["flows"] = np.bincount(inside["area"], minlength=count)
    actors = inside.groupby("area")["actor"].nunique()
    found["actors"] = actors.reindex(range(count), fill_value=0).to_numpy()
    return found


def _names(areas: pd.DataFrame) -> np.ndarray:
    if "name" not in areas:
        return areas["area_id"].to_numpy(object)
    return areas["name"].fillna(areas["area_id"]).to_numpy(object)
