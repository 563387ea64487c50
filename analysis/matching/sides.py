"""Both sides of an exchange: who offers what, and who asks for what."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, partial

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from ..flows.balance import contracted_shares
from ..flows.tables import (
    CARRIERS,
    DIRECTIONS,
    HAZARDOUS,
    MATERIAL,
    SUPPLY,
    materials,
)

TEXTS = ("actor_name", "sbi", "unit", "profile", "quality", "properties")
WORST_DATA = 5
"""Quality of a figure of which nobody says how good it is."""


@dataclass(frozen=True)
class Sides:
    """Supply and demand, and what was left out of both.

    Attributes
    ----------
    supply, demand
        One row per flow with something available, sorted by ``flow_id``: the
        canonical fields that matching asks for, texts empty where unknown, and

        - ``free``: what is not promised to others yet, NaN where nobody knows;
        - ``amount``: the same, and the whole quantity where nobody knows;
        - ``actor``: a number per actor; a flow without one is its own;
        - ``share``: its quantity as a share in all that its actor offers (of a demand:
          asks) of the carrier in the same unit;
        - ``division``: the first two digits of the activity;
        - ``holds``: properties of the flow and of its material, sorted, in a tuple;
        - ``x``, ``y``.
    unusable
        Number of flows without a quantity of 0 or more, direction or carrier.
    taken
        Number of flows of which nothing is left, or that are 0.
    wrong_shares
        Number of flows whose contracted share is no part: taken as unknown.
    """

    supply: pd.DataFrame
    demand: pd.DataFrame
    unusable: int
    taken: int
    wrong_shares: int


def both_sides(flows: gpd.GeoDataFrame) -> Sides:
    """Take canonical flows apart into supply and demand.

    Parameters
    ----------
    flows
        Canonical flows, CRS in metres.

    Notes
    -----
    What is contracted comes off: an estimate that tells nothing takes the share that is
    usual for its material, and where there is none it is gross; a reported flow that
    tells nothing has promised nothing.
    """
    points = flows.geometry.to_numpy()
    table = pd.DataFrame(flows).reindex(columns=list(_ASKED))
    table["x"], table["y"] = shapely.get_x(points), shapely.get_y(points)
    used, wrong = usable_flows(table)
    unusable = len(flows) - len(used)
    used["amount"] = used["free"].where(used["free"].notna(), used["quantity"])
    left = (used["amount"] > 0).to_numpy()
    used = _described(used[left].reset_index(drop=True))
    supply = (used["direction"] == SUPPLY).to_numpy()
    return Sides(
        used[supply].reset_index(drop=True),
        used[~supply].reset_index(drop=True),
        unusable,
        int((~left).sum()),
        wrong,
    )


def usable_flows(flows: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    """Flows with a quantity of 0 or more, a carrier and a direction, by their ids.

    ``quantity`` is a number, ``material`` of other carriers the carrier, ``free`` what
    is not contracted, NaN where nobody knows. And the number of wrong shares.
    """
    quantity = flows["quantity"].astype(float)
    usable = np.isfinite(quantity) & (quantity >= 0)
    usable &= flows["carrier"].isin(CARRIERS) & flows["direction"].isin(DIRECTIONS)
    used = pd.DataFrame(flows).loc[usable].sort_values("flow_id", ignore_index=True)
    told = used["material"].where(used["carrier"] == MATERIAL, used["carrier"])
    used["material"] = told.fillna("")
    used["quantity"] = used["quantity"].astype(float)
    shares, wrong = contracted_shares(used)
    used["free"] = used["quantity"] * (1 - shares)
    return used, wrong


def _described(table: pd.DataFrame) -> pd.DataFrame:
    """Flows with what matching asks of them."""
    for name in TEXTS:
        table[name] = table[name].astype(object).where(table[name].notna(), "")
    quality = pd.to_numeric(table["data_quality"]).astype(float)
    table["data_quality"] = quality.fillna(WORST_DATA)
    table["temperature_c"] = table["temperature_c"].astype(float)
    table["actor"] = _actors(table)
    same = ["actor", "direction", "carrier", "unit"]
    total = table.groupby(same)["quantity"].transform("sum")
    table["share"] = table["quantity"].astype(float) / total
    table["division"] = table["sbi"].str[:2]
    table["holds"] = _properties(table)
    return table


_ASKED = (
    "flow_id", "actor_id", "actor_name", "sbi", "direction", "carrier", "material",
    "quantity", "unit", "contracted_share", "basis", "data_quality", "temperature_c",
    "profile", "quality", "hazardous", "properties",
)  # fmt: skip


def _actors(table: pd.DataFrame) -> np.ndarray:
    """A number per actor; a flow without one has a number of its own."""
    codes, known = pd.factorize(table["actor_id"], sort=True)
    alone = codes < 0
    codes[alone] = len(known) + np.arange(alone.sum())
    return codes


def _properties(table: pd.DataFrame) -> list[tuple[str, ...]]:
    """Properties of each flow: its own, those of its material, and hazardous."""
    known = {code: each.properties for code, each in materials().items()}
    rows = zip(
        table["properties"],
        table["material"],
        table["hazardous"].eq(True),
        strict=True,
    )
    held = cache(partial(_held, known))
    return [held(*row) for row in rows]


def _held(known: dict, own: str, material: str, hazardous: bool) -> tuple[str, ...]:
    """Properties of flows with the same own ones, material and hazard."""
    parts = f"{own};{known.get(material, '')}".split(";")
    found = {part.strip() for part in parts} - {""}
    return tuple(sorted(found | ({HAZARDOUS} if hazardous else set())))
