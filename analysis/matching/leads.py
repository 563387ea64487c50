"""Leads: who could give what to whom, on what ground, and what that would avoid.

A lead is a possible pair. Leads compete for the same quantities, so they are never
added up; what can really be exchanged is what an allocation gives.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from ..flows.tables import CARRIERS
from ..layers import layer_type
from ..progress import Progress, part, silent
from ..travel import Travel
from .avoided import avoided
from .knowledge import Knowledge
from .links import widest_reach
from .near import ALL, Near, areas_of
from .pairs import Limits, Pairs, best_pairs
from .reach import without_reach
from .sides import Sides, both_sides
from .ways import Unreached, Ways
from .why import reasons, reject_units

LOCAL, REGIONAL, SUPRA_REGIONAL = SCALES = ("local", "regional", "supra_regional")
LOCAL_KM = 5.0
"""Up to here a lead is local: as far as heat goes by pipe."""
REGIONAL_KM = 50.0
"""Up to here a lead is regional: about the size of a province."""
DETOUR = 1.3


@dataclass(frozen=True)
class Search:
    """Pairs that were found, and what they were found among.

    Attributes
    ----------
    sides
        Supply and demand.
    pairs
        The best pairs.
    crs
        Of the flows.
    unreached
        What the network does not join; None without one.
    """

    sides: Sides
    pairs: Pairs
    crs: object
    unreached: Unreached | None = None


@dataclass(frozen=True)
class Leads:
    """Leads, and what was counted.

    Attributes
    ----------
    table
        Lines with the fields of layer type ``leads``, the best first.
    compatible, in_reach
        Number of pairs that fit, and of all pairs within the widest reach, by carrier.
    counts
        Numbers by the name of what they count.
    silent_carriers
        Carriers for which the table of reaches says nothing.
    unreached
        What the network does not join; None without one.
    """

    table: gpd.GeoDataFrame
    compatible: Counter
    in_reach: Counter
    counts: Counter
    silent_carriers: tuple[str, ...]
    unreached: Unreached | None = None

    def remarks(self) -> list[tuple[str, dict]]:
        """Keys and values of sentences on what was left out or is unknown."""
        told = [
            (f"leads.said.{name}", {"count": self.counts[name]})
            for name in SAID
            if self.counts[name]
        ]
        if self.silent_carriers:
            names = ", ".join(self.silent_carriers)
            told.append(("leads.said.without_reach", {"names": names}))
        return told + over_network(self.unreached, self.counts["beyond"])


SAID = ("unusable", "taken", "wrong_shares", "unknown", "not_shown")
"""What is said in words when it is counted."""


def over_network(unreached: Unreached | None, beyond: int) -> list[tuple[str, dict]]:
    """Keys and values of sentences on what can't be reached over the network."""
    told = []
    if unreached is not None and unreached.count:
        values = {name: getattr(unreached, name)
                  for name in ("count", "places", "off_road", "cut_off")}  # fmt: skip
        told.append(("network.unreached", values))
    if beyond:
        told.append(("network.beyond", {"count": beyond}))
    return told


def find_leads(
    flows: gpd.GeoDataFrame,
    known: Knowledge,
    limits: Limits | None = None,
    detour: float = DETOUR,
    areas: gpd.GeoDataFrame | None = None,
    approach: str = ALL,
    language: str = "en",
    progress: Progress = silent,
    travel: Travel | None = None,
) -> Leads:
    """Who could give what to whom.

    Parameters
    ----------
    flows
        Canonical flows, CRS in metres.
    known
        Rules, uses, what is forbidden, and reaches.
    limits
        How much is looked for.
    detour
        A way is so many times as long as the straight line; 1 or more.
    areas
        Clusters or zones in the same CRS; areas that overlap count as one.
    approach
        One of :data:`..vocabulary.APPROACHES`.
    language
        Of the sentences, ``nl`` or ``en``.
    progress
        Called as the work goes on.
    travel
        Roads over which distances count, in place of straight lines and the detour.
    """
    tell = part(progress, 0.0, 0.8)
    found = search(flows, known, limits, detour, areas, approach, tell, travel)
    tell = part(progress, 0.8, 1.0)
    table = lead_table(found, found.pairs.table, language, tell)
    sides, pairs = found.sides, found.pairs
    counts = Counter(
        unusable=sides.unusable,
        taken=sides.taken,
        wrong_shares=sides.wrong_shares,
        unknown=pairs.unknown,
        not_shown=sum(pairs.compatible.values()) - len(table),
        beyond=pairs.beyond,
    )
    mute = without_reach(known.reach, sides.supply, sides.demand)
    totals = pairs.compatible, pairs.in_reach, counts
    return Leads(table, *totals, mute, found.unreached)


def search(
    flows: gpd.GeoDataFrame,
    known: Knowledge,
    limits: Limits | None = None,
    detour: float = DETOUR,
    areas: gpd.GeoDataFrame | None = None,
    approach: str = ALL,
    progress: Progress = silent,
    travel: Travel | None = None,
) -> Search:
    """Find the pairs behind leads; parameters as of :func:`find_leads`."""
    sides, limits = both_sides(flows), limits or Limits()
    start = 0.0 if travel is None else 0.5
    tell = part(progress, 0.0, start)
    near = near_of(sides, known, limits, detour, areas, approach, travel, tell)
    pairs = best_pairs(sides, known, near, limits, part(progress, start, 1.0))
    unreached = near.ways and near.ways.unreached
    return Search(sides, pairs, flows.crs, unreached)


def near_of(
    sides: Sides,
    known: Knowledge,
    limits: Limits,
    detour: float,
    areas: gpd.GeoDataFrame | None = None,
    approach: str = ALL,
    travel: Travel | None = None,
    progress: Progress = silent,
) -> Near:
    """Places of both sides, and how far apart they are."""
    points = [side[["x", "y"]].to_numpy(float) for side in (sides.supply, sides.demand)]
    inside = [areas_of(each, areas) for each in points]
    if travel is None:
        return Near(*points, *inside, detour, approach)
    widest = max(widest_reach(each, known, limits.max_distance) for each in CARRIERS)
    ways = Ways(travel, *points, widest, progress)
    return Near(*points, *inside, 1.0, approach, ways)


def lead_table(
    found: Search,
    pairs: pd.DataFrame,
    language: str = "en",
    progress: Progress = silent,
) -> gpd.GeoDataFrame:
    """Some of the pairs that were found, with the fields of leads.

    Parameters
    ----------
    found
        What a search gave.
    pairs
        Rows of its ``pairs.table``, in the order that they shall have.
    language
        Of the sentences.
    progress
        Called as the work goes on.
    """
    pairs = pairs.reset_index(drop=True)
    supply = found.sides.supply.iloc[pairs["supply"]].reset_index(drop=True)
    demand = found.sides.demand.iloc[pairs["demand"]].reset_index(drop=True)
    link = found.pairs.links.iloc[pairs["link"]].reset_index(drop=True)
    known = supply["free"].notna() & demand["free"].notna()
    available = pairs["shared"].where(known)
    table = pd.DataFrame(
        {
            "lead_id": _ids(supply["flow_id"], demand["flow_id"]),
            "flow_supply": supply["flow_id"],
            "flow_demand": demand["flow_id"],
            **_parties(supply, "giver"),
            **_parties(demand, "receiver"),
            "carrier": supply["carrier"],
            "material": supply["material"],
            "replaces": demand["material"],
            "quantity": supply["quantity"].astype(float),
            "available": available,
            "unit": supply["unit"],
            "distance_m": pairs["distance_m"],
            "scale": scales(pairs["distance_m"].to_numpy(float)),
            **{name: pairs[name] for name in pairs if name.startswith("score")},
            **{name: link[name] for name in _OF_LINK},
            "electricity_mwh": available * link["electricity_kwh"] / 1000,
            "heat_mwh": available * link["heat_mwh"],
            "reject_quantity": (available * link["reject_per_unit"]).where(
                link["reject"] != ""
            ),
            "reject_unit": link["reject"].map(reject_units()),
        }
    )
    progress(0.2)
    table = table.join(avoided(table))
    told = _told(table, supply, demand, link)
    table["why"] = reasons(told, language, part(progress, 0.3, 0.9))
    texts = [name for name in ("treatment", *_EMPTY) if name in table]
    table[texts] = table[texts].astype(object).where(table[texts] != "", None)
    lines = shapely.linestrings(
        np.stack([each[["x", "y"]].to_numpy(float) for each in (supply, demand)], 1)
    )
    fields = [*layer_type("leads").fields]
    return gpd.GeoDataFrame(table[fields], geometry=lines, crs=found.crs)


_OF_LINK = (
    "score_quality", "score_evidence", "score_ladder", "treatment", "yield", "reject",
    "r_strategy", "rule_id", "evidence", "legal", "hazard_note", "source",
)  # fmt: skip
_EMPTY = ("reject", "rule_id", "legal", "hazard_note", "source")
"""Texts that may be missing."""


def _parties(side: pd.DataFrame, role: str) -> dict[str, pd.Series]:
    name = side["actor_name"]
    return {
        role: side["actor_id"],
        f"{role}_name": name.where(name != "", None),
        f"{role}_sbi": side["sbi"].where(side["sbi"] != "", None),
    }


def scales(distance: np.ndarray) -> np.ndarray:
    """Scale level of each distance in metres."""
    limits = np.array([LOCAL_KM, REGIONAL_KM]) * 1000
    return np.array(SCALES, object)[np.searchsorted(limits, distance, side="left")]


def _ids(supply: pd.Series, demand: pd.Series) -> list[str]:
    """An id per pair of flows, which doesn't tell the ids of the flows."""
    return [
        hashlib.sha256(f"{one}\0{other}".encode()).hexdigest()[:16]
        for one, other in zip(supply, demand, strict=True)
    ]


def _told(table, supply, demand, link) -> pd.DataFrame:
    """Leads with what the sentence tells besides."""
    heat = supply["carrier"] == "heat"
    return table.assign(
        giver_division=supply["division"],
        receiver_division=demand["division"],
        electricity_kwh=link["electricity_kwh"],
        given=supply["quality"].where(~heat, supply["temperature_c"]),
        asked=demand["quality"].where(~heat, demand["temperature_c"]),
    )
