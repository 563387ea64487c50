"""Matches: what can really be exchanged when everybody gives and takes only once.

Of all leads an optimal allocation takes those that together bring most. A match has the
fields of its lead; what it avoids and why it is there is told of what is delivered.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd

from ..flows.tables import CARRIERS, MATERIAL, SUPPLY, materials, unit_name
from ..layers import layer_type
from ..progress import Progress, part, silent
from ..texts import number, text
from ..travel import Travel
from ..vocabulary import OBJECTIVES
from . import months, score
from .avoided import avoided
from .best_use import BestUse, Worth, best_use
from .carrier_unlocks import carrier_unlocks
from .in_reach import InReach
from .knowledge import Knowledge
from .leads import DETOUR, Search, lead_table, near_of, over_network
from .pairs import FIXED, Limits, Pairs
from .reach import without_reach
from .sides import Sides, both_sides, usable_flows
from .unlocks import unlocks
from .ways import Unreached
from .why import amount_text

QUANTITY, AVOIDED_CO2 = OBJECTIVES
HEAT = "heat"
AVOIDED = ("avoided_primary_t", "avoided_co2_t", "avoided_co2_t_low",
           "avoided_co2_t_high")  # fmt: skip
STREAM = ("carrier", "material", "unit")
SAID = ("unusable", "gross", "wrong_shares", "unknown", "without_factor")
"""What is said in words when it is counted."""
TOLD = 3
"""Of so many materials is said what is missing."""


@dataclass(frozen=True)
class Matches:
    """Matches, and what they leave.

    Attributes
    ----------
    table
        Lines with the fields of layer type ``matches``, sorted by supply and demand.
    balance
        Layer type ``match_balance``: flows of which is known what is free.
    totals
        Layer type ``match_totals``: by material and scale.
    unlocks
        Layer type ``unlocks``: left-over supply, and what could take it; materials
        first.
    allocated
        What leaves givers, by carrier and unit.
    gap
        What may be missing to the optimum at most, as a part of it, by carrier.
    counts
        Numbers by the name of what they count.
    nearly
        Of carriers with too many pairs for an exact optimum: how many there are.
    mute
        Carriers and materials of which nothing tells how far they go.
    unreached
        What the network does not join; None without one.
    """

    table: gpd.GeoDataFrame
    balance: pd.DataFrame
    totals: pd.DataFrame
    unlocks: pd.DataFrame
    allocated: dict[tuple[str, str], float]
    gap: dict[str, float]
    counts: Counter
    nearly: dict[str, int]
    mute: tuple[str, ...]
    unreached: Unreached | None = None

    def remarks(self, language: str) -> list[tuple[str, dict]]:
        """Keys and values of sentences: left out, not proven, and missing."""
        told = [
            (f"matches.said.{name}", {"count": self.counts[name]})
            for name in SAID
            if self.counts[name]
        ]
        for carrier, count in self.nearly.items():
            values = {
                "carrier": text(f"matches.carrier.{carrier}", language),
                "count": number(count, language),
                "gap": number(100 * self.gap[carrier], language, 2),
            }
            told.append(("matches.said.nearly", values))
        if self.mute:
            told.append(("leads.said.without_reach", {"names": ", ".join(self.mute)}))
        told += over_network(self.unreached, self.counts["beyond"])
        largest = self.unlocks.drop_duplicates("material").head(TOLD)
        for row in largest.to_dict("records"):
            unit = unit_name(row["unit"], language)
            values = {
                "material": _name(row["material"], language),
                "amount": f"{amount_text(row['left'], language)} {unit}",
                "takers": row["receiver_sbi"].replace("|", ", "),
            }
            told.append((f"matches.unlock.{row['missing']}", values))
        return told


def match_flows(
    flows: gpd.GeoDataFrame,
    known: Knowledge,
    limits: Limits | None = None,
    detour: float = DETOUR,
    objective: str = QUANTITY,
    language: str = "en",
    progress: Progress = silent,
    travel: Travel | None = None,
) -> Matches:
    """Who gives how much to whom, at best.

    Parameters
    ----------
    flows
        Canonical flows, CRS in metres. Those of which nobody knows what is promised
        take no part.
    known
        Rules, uses, what is forbidden, and reaches.
    limits
        Largest distance and lowest fit of a use.
    detour
        A way is so many times as long as the straight line; 1 or more.
    objective
        One of :data:`..vocabulary.OBJECTIVES`: most delivered (of heat: most of the
        source used), or most CO2 avoided. Then the fewest quantity × kilometres.
    language
        Of the sentences, ``nl`` or ``en``.
    progress
        Called as the work goes on.
    travel
        Roads over which distances count, in place of straight lines and the detour.

    Notes
    -----
    A pair rests on the ground that its lead shows: a cited rule before none, then the
    best fit. Heat is allocated month by month. The same whatever the order of the
    flows.
    """
    both = both_sides(flows)
    gross = both.supply["free"].isna(), both.demand["free"].isna()
    sides = replace(
        both,
        supply=both.supply[~gross[0]].reset_index(drop=True),
        demand=both.demand[~gross[1]].reset_index(drop=True),
    )
    counts = Counter(
        unusable=both.unusable,
        taken=both.taken,
        wrong_shares=both.wrong_shares,
        gross=int(gross[0].sum() + gross[1].sum()),
    )
    limits = limits or Limits()
    first = 0.0 if travel is None else 0.4
    tell = part(progress, 0.0, first)
    near = near_of(sides, known, limits, detour, travel=travel, progress=tell)
    found, streams = {}, {}
    for place, carrier in enumerate(CARRIERS):
        size = (0.9 - first) / len(CARRIERS)
        start, end = first + place * size, first + (place + 1) * size
        source = InReach(sides, known, near, carrier, limits)
        counts["unknown"] += source.givers.unknown + source.receivers.unknown
        counts["beyond"] += source.beyond()
        worth = _worth(source, carrier, objective)
        counts["without_factor"] += _without_factor(source, worth)
        worth = replace(worth, fixed=np.nan_to_num(worth.fixed))
        quantities = (
            _by_period(each, carrier) for each in (sides.supply, sides.demand)
        )
        tell = part(progress, start, end)
        found[carrier] = best_use(source, *quantities, worth, tell)
        streams[carrier] = source
    tell = part(progress, 0.9, 1.0)
    search = _search(sides, streams, found, flows.crs)
    table = _table(search, language, tell)
    balance = _balance(flows, table)
    return Matches(
        table,
        balance,
        _totals(table),
        _unlocks(streams, sides, known, balance, limits.min_fit, language),
        table.groupby(["carrier", "unit"])["allocated"].sum().to_dict(),
        {carrier: each.gap for carrier, each in found.items()},
        counts,
        {carrier: each.of for carrier, each in found.items() if not each.exact},
        without_reach(known.reach, sides.supply, sides.demand),
        near.ways and near.ways.unreached,
    )


def _name(material: str, language: str) -> str:
    known = materials().get(material)
    return known.name(language) if known else material


def _unlocks(
    streams: dict[str, InReach], sides: Sides, known: Knowledge, balance, fit, language
) -> pd.DataFrame:
    """What is left over of materials, then of the other carriers."""
    parts = [unlocks(streams[MATERIAL], sides, known, balance, fit, language)]
    parts += [
        carrier_unlocks(carrier, source, sides, balance, language)
        for carrier, source in streams.items()
        if carrier != MATERIAL
    ]
    filled = [each for each in parts if len(each)]
    return pd.concat(filled or parts[:1], ignore_index=True)


def _worth(source: InReach, carrier: str, objective: str) -> Worth:
    """What counts per unit that leaves a giver."""
    gain = source.links["yield"].to_numpy(float)
    if objective == QUANTITY:
        # Electricity of a pump arrives as heat, which is no merit of the match.
        return Worth(np.ones(len(gain)) if carrier == HEAT else gain, 0 * gain)
    fixed = _avoided_by_unit(source, carrier, 0.0)
    farther = _avoided_by_unit(source, carrier, 1000.0)
    return Worth(fixed, np.nan_to_num(farther - fixed) / 1000)


def _without_factor(source: InReach, worth: Worth) -> int:
    """How many kinds of demand stand in a pair of which nobody knows the worth."""
    return source.links.loc[np.isnan(worth.fixed), "receiver"].nunique()


def _avoided_by_unit(source: InReach, carrier: str, metres: float) -> np.ndarray:
    """CO2 avoided per unit that leaves a giver over some way, by link, in tonnes."""
    links = source.links
    asked = source.receivers.table.iloc[links["receiver"].to_numpy(int)]
    gain = links["yield"].to_numpy(float)
    unit = pd.DataFrame(
        {
            "carrier": carrier,
            "replaces": asked["material"].to_numpy()
            if carrier == MATERIAL
            else carrier,
            "unit": asked["unit"].to_numpy(),
            "available": gain,
            "yield": gain,
            "distance_m": metres,
            "electricity_mwh": gain * links["electricity_kwh"].to_numpy(float) / 1000,
            "heat_mwh": gain * links["heat_mwh"].to_numpy(float),
        }
    )
    return avoided(unit)["avoided_co2_t"].to_numpy(float)


def _by_period(side: pd.DataFrame, carrier: str) -> pd.DataFrame:
    """Free quantities: of heat by month, which nobody keeps, else of the year."""
    free = side["free"].to_numpy(float)[:, None]
    if carrier == HEAT:
        free = free * months.shares()[months.profile_codes(side["profile"])]
    return pd.DataFrame(free)


def _search(sides: Sides, streams: dict, found: dict[str, BestUse], crs) -> Search:
    """The pairs of all carriers as a search would have found them."""
    pairs, links, size = [], [], 0
    for carrier, source in streams.items():
        used = _scored(found[carrier].pairs, sides, source.links)
        used["link"] = used["link"].astype(int) + size
        size += len(source.links)
        pairs.append(used)
        links.append(source.links)
    some, told = (
        [each for each in tables if len(each)] or tables[:1]
        for tables in (pairs, links)
    )
    table = pd.concat(some, ignore_index=True)
    table = table.sort_values(["supply", "demand"], ignore_index=True)
    return Search(
        sides,
        Pairs(table, pd.concat(told, ignore_index=True), Counter(), Counter(), 0),
        crs,
    )


def _scored(pairs: pd.DataFrame, sides: Sides, links: pd.DataFrame) -> pd.DataFrame:
    """Pairs with what their leads share and score."""
    supply = sides.supply.iloc[pairs["supply"].astype(int)]
    demand = sides.demand.iloc[pairs["demand"].astype(int)]
    link = links.iloc[pairs["link"].astype(int)]
    given = supply["free"].to_numpy(float) * link["yield"].to_numpy(float)
    asked = demand["free"].to_numpy(float)
    shared = np.minimum(given, asked)
    if (link["overlap"] < 1).any():
        profiles = (months.profile_codes(each["profile"]) for each in (supply, demand))
        shared = months.shared(given, asked, *profiles)
    quality = (supply["data_quality"].to_numpy(float), demand["data_quality"])
    reach = link["reach_m"].to_numpy(float)
    parts = {
        "distance": score.distance_part(pairs["distance_m"].to_numpy(float), reach),
        "quantity": score.quantity_part(supply["share"].to_numpy(float), given, shared),
        "data": sum(score.data_part(np.asarray(each, float)) for each in quality) / 2,
    }
    fixed = {name: link[f"score_{name}"].to_numpy(float) for name in FIXED}
    return pairs.assign(
        shared=shared,
        score=score.weighted(**parts, **fixed),
        **{f"score_{name}": values for name, values in parts.items()},
    )


def _table(search: Search, language: str, progress: Progress) -> gpd.GeoDataFrame:
    """Matches with their fields; all that depends on a quantity is of what arrives."""
    pairs = search.pairs.table
    told = lead_table(
        search, pairs.assign(shared=pairs["delivered"]), language, progress
    )
    told["available"] = pairs["shared"].astype(float)
    for name in ("allocated", "delivered"):
        told[name] = pairs[name].astype(float)
    return told[[*layer_type("matches").fields, told.geometry.name]]


def _balance(flows: gpd.GeoDataFrame, table: pd.DataFrame) -> pd.DataFrame:
    """What of each flow is promised, given away or taken, and left."""
    rows, _ = usable_flows(flows)
    rows = rows.rename(columns={"free": "available"})
    rows["contracted"] = rows["quantity"] - rows["available"]
    given = table.groupby("flow_supply")["allocated"].sum()
    got = table.groupby("flow_demand")["delivered"].sum()
    supply = rows["direction"] == SUPPLY
    used = rows["flow_id"].map(given).where(supply, rows["flow_id"].map(got))
    rows["allocated"] = used.fillna(0.0)
    rows["left"] = (rows["available"] - rows["allocated"]).clip(lower=0.0)
    known = rows["available"].notna()
    return rows.loc[known, [*layer_type("match_balance").fields]].reset_index(drop=True)


def _totals(table: pd.DataFrame) -> pd.DataFrame:
    """Sums by material and scale; what is avoided is empty where nobody knows it."""
    groups = table.groupby([*STREAM, "scale"], sort=True)
    sums = groups[["allocated", "delivered", *AVOIDED]].sum(min_count=1)
    totals = sums.assign(matches=groups.size()).reset_index()
    return totals[[*layer_type("match_totals").fields]]
