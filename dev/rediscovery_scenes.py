"""Documented exchanges among decoys, and which receivers are proposed to whom.

The exchanges stand in test/cases. Of firms no more is known than activity and jobs.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
from rediscovery_figures import NOWHERE, rank_of

ROOT = Path(__file__).resolve().parent.parent
CASES = ROOT / "test" / "cases"
FIRST_SET, FURTHER_SET = SETS = ("first", "further")
CARRIER = {
    "mat": "material", "energy": "fuel gas", "heat": "heat", "water": "water",
    "CO2": "co2",
}  # fmt: skip
"""Carrier of each kind; a fuel gas is a material here, but is told apart."""
SAME = {"2"}
"""Exchanges that another text tells as well."""
COUNTRIES = {"United Kingdom": "UK", "Portugal": "PT", "India": "IN", "Taiwan": "TW"}
"""Places that say no more than a country, and how the cases write that."""
JOBS = 200
"""Jobs of each giver and receiver (aanname)."""
APART = 3_000
"""Metres between giver and receiver (aanname)."""
AROUND = 5_000
"""Decoys lie evenly within so many metres of the giver (aanname)."""
DECOYS = 500
SEEDS = (1, 2, 3)
PROVINCE, INDUSTRY = MIXES = ("province", "industry")
LAST_INDUSTRY = "39"
"""Divisions up to here are farming, industry, energy, water and waste."""
ALL, LEFT_OUT, STREAM, USES, BASELINE, AROUND_ONLY = METHODS = (
    "all rules",
    "own place left out",
    "… by the documented stream",
    "uses only",
    "baseline",
    "… of who is around",
)


def exchanges() -> pd.DataFrame:
    """The documented exchanges, both sets, each once."""
    tables = [
        pd.read_csv(CASES / f"{name}_exchanges.csv", sep=";", dtype=str).assign(
            set=name
        )
        for name in SETS
    ]
    table = pd.concat(tables, ignore_index=True).fillna("")
    table = table[~table["id"].isin(SAME)].reset_index(drop=True)
    streams = pd.read_csv(CASES / "streams.csv", sep=";", dtype=str)
    table = table.merge(streams, on="id", how="left")
    table["carrier"] = table["kind"].map(CARRIER)
    for name in ("material", "replaces"):
        table[name] = table[name].fillna(table["carrier"])
    for end, column in (("giver", "g_nace"), ("receiver", "r_nace")):
        table[f"{end}_sbi"] = table[column].map(activity)
        table[f"{end}_division"] = table[f"{end}_sbi"].str[:2]
    table["place"] = table["place"].map(place)
    return table


def activity(nace: str) -> str:
    """A NACE code as the longest beginning, of at most four digits, that we know."""
    from kansenkaart.analysis.codes import WITH_TABLE, code_table

    known = {code[:4] for name in WITH_TABLE for code in code_table(name)}
    digits = nace.replace(".", "")[:4]
    return next(digits[:n] for n in range(len(digits), 1, -1) if digits[:n] in known)


def place(name: str) -> str:
    """A place as cases write it."""
    return next(
        (code for full, code in COUNTRIES.items() if name.startswith(full)), name
    )


def decoys(seed: int, mix: str) -> pd.DataFrame:
    """Firms that stand around, with ``sbi`` and ``jobs``.

    Of the province: activities as often as in the demo province, of sizes that fall off
    geometrically from one job with the mean of the activity. Of industry: one activity
    of four digits as often as another, all as large as giver and receiver.
    """
    random = np.random.default_rng(seed)
    if mix == INDUSTRY:
        codes = random.choice(industry_codes(), DECOYS)
        return pd.DataFrame({"sbi": codes, "jobs": float(JOBS)})
    activities = province()
    share = activities["weight"] / activities["weight"].sum()
    drawn = activities.iloc[random.choice(len(activities), DECOYS, p=share)]
    jobs = random.geometric(1 / drawn["mean_jobs"])
    return pd.DataFrame({"sbi": drawn["sbi"].to_numpy(), "jobs": jobs.astype(float)})


def province() -> pd.DataFrame:
    """Activities of the demo province: ``sbi``, ``weight`` and ``mean_jobs``."""
    from kansenkaart.analysis.resources import read_csv

    table = pd.DataFrame(read_csv("demo", "activities.csv"))
    return table.astype({"weight": float, "mean_jobs": float})


@cache
def industry_codes() -> list[str]:
    """All codes of four digits of farming, industry, energy, water and waste."""
    from kansenkaart.analysis.codes import code_table

    codes = {code[:4] for code in code_table("sbi2008") if len(code) >= 4}
    return sorted(code for code in codes if code[:2] <= LAST_INDUSTRY)


def scene(table: pd.DataFrame, seed: int, mix: str) -> gpd.GeoDataFrame:
    """Givers in the middle, receivers next to each other some way off, decoys around.

    A pair of exchange i and exchange j is never looked at as found, so all exchanges
    can use one scene.
    """
    others = decoys(seed, mix)
    random = np.random.default_rng([seed, 1])
    angle = random.uniform(0, 2 * np.pi, DECOYS)
    away = AROUND * np.sqrt(random.uniform(0, 1, DECOYS))
    sides = [
        pd.DataFrame(
            {
                "est_id": letter + table["id"],
                "sbi": table[f"{end}_sbi"],
                "jobs": float(JOBS),
                "x": x,
                "y": 0.0,
            }
        )
        for letter, end, x in (("G", "giver", 0.0), ("R", "receiver", float(APART)))
    ]
    names = [f"D{number:03}" for number in range(DECOYS)]
    spots = {"x": away * np.cos(angle), "y": away * np.sin(angle)}
    firms = pd.concat([*sides, others.assign(est_id=names, **spots)])
    firms = firms.reset_index(drop=True).assign(name=firms["est_id"].to_numpy())
    points = gpd.points_from_xy(firms.pop("x"), firms.pop("y"))
    firms = firms.astype({"jobs": float, "sbi": object})
    return gpd.GeoDataFrame(firms, geometry=points, crs="EPSG:28992")


def estimated(firms: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """What firms give and ask, by activity and jobs alone."""
    from kansenkaart.analysis.flows.coefficients import choose_coefficients
    from kansenkaart.analysis.flows.estimate import estimate_flows

    return estimate_flows(firms, choose_coefficients()).flows


def proposed(flows: gpd.GeoDataFrame, known, givers: set[str]) -> pd.DataFrame:
    """All leads from some givers to decoys and receivers.

    ``giver``, ``receiver``, ``carrier``, ``material``, ``division`` and ``score``.
    """
    from kansenkaart.analysis.matching.leads import search
    from kansenkaart.analysis.matching.pairs import Limits

    giving = flows["direction"].eq("supply") & flows["actor_id"].isin(givers)
    asking = flows["direction"].eq("demand") & ~flows["actor_id"].str.startswith("G")
    found = search(flows[giving | asking], known, Limits(per_division=0, most=0))
    pairs = found.pairs.table
    supply = found.sides.supply.iloc[pairs["supply"]].reset_index(drop=True)
    demand = found.sides.demand.iloc[pairs["demand"]].reset_index(drop=True)
    fuel = supply["material"].eq("fuel_gas") & supply["carrier"].eq("material")
    return pd.DataFrame(
        {
            "giver": supply["actor_id"].str[1:],
            "receiver": demand["actor_id"],
            "carrier": supply["carrier"].mask(fuel, CARRIER["energy"]),
            "material": supply["material"],
            "division": demand["division"],
            "score": pairs["score"],
        }
    )


@dataclass(frozen=True)
class Found:
    """What one way of looking proposes in one scene.

    Attributes
    ----------
    divisions
        Best score by giver, carrier and division among the decoys.
    receivers
        Best score by giver, carrier and receiver of an exchange.
    streams
        The same, by material too.
    around
        Divisions of the decoys.
    """

    divisions: dict[tuple[str, str], dict[str, float]]
    receivers: dict[tuple[str, str, str], float]
    streams: dict[tuple[str, str, str], float]
    around: frozenset[str]

    def rank(self, giver: pd.Series, receiver: pd.Series) -> float:
        """Rank of the division of a receiver among those proposed to a giver."""
        scores = dict(self.divisions.get((giver["id"], giver["carrier"]), {}))
        own = self.receivers.get((giver["id"], giver["carrier"], receiver["id"]))
        division = receiver["receiver_division"]
        if own is not None:
            scores[division] = max(own, scores.get(division, own))
        return rank_of(division, scores)

    def stream_score(self, exchange: pd.Series) -> float | None:
        """Best score of a giver and its receiver by the documented stream."""
        scores = [
            self.streams.get((exchange["id"], exchange["id"], material))
            for material in exchange["material"].split("|")
        ]
        return max((each for each in scores if each is not None), default=None)

    def stream_rank(self, exchange: pd.Series) -> float:
        """Rank of its receiver's division if only that stream went there."""
        best = self.stream_score(exchange)
        if best is None:
            return NOWHERE
        scores = self.divisions.get((exchange["id"], exchange["carrier"]), {})
        division = exchange["receiver_division"]
        return rank_of(division, scores | {division: best})


def digest(leads: pd.DataFrame, around: frozenset[str]) -> Found:
    """Leads, taken together, and the divisions of the decoys."""
    real = leads["receiver"].str.startswith("R")
    divisions: dict[tuple[str, str], dict[str, float]] = {}
    others = leads[~real].groupby(["giver", "carrier", "division"])["score"].max()
    for (giver, carrier, division), best in others.items():
        divisions.setdefault((giver, carrier), {})[division] = best
    told = leads[real].assign(receiver=leads["receiver"].str[1:])
    receivers = told.groupby(["giver", "carrier", "receiver"])["score"].max().to_dict()
    streams = told.groupby(["giver", "receiver", "material"])["score"].max().to_dict()
    return Found(divisions, receivers, streams, around)


def looked(flows: gpd.GeoDataFrame, table: pd.DataFrame) -> dict[str, Found]:
    """What each way of looking proposes."""
    from kansenkaart.analysis.matching.knowledge import choose_knowledge
    from kansenkaart.analysis.matching.rules import leaving_out, shipped_cases

    known = choose_knowledge()
    givers = {*("G" + table["id"])}
    parts: dict[tuple, tuple[pd.DataFrame, set[str]]] = {}
    for each in table.itertuples():
        rules = leaving_out(known.rules, shipped_cases(), each.place)
        key = tuple(zip(rules["rule_id"], rules["evidence"], strict=True))
        parts.setdefault(key, (rules, set()))[1].add("G" + each.id)
    without = [
        proposed(flows, replace(known, rules=rules), some)
        for rules, some in parts.values()
    ]
    bare = replace(known, rules=known.rules.iloc[:0])
    standing = flows.loc[flows["actor_id"].str.startswith("D"), "sbi"]
    around = frozenset(standing.str[:2])
    return {
        ALL: digest(proposed(flows, known, givers), around),
        LEFT_OUT: digest(pd.concat(without, ignore_index=True), around),
        USES: digest(proposed(flows, bare, givers), around),
    }


def popular(table: pd.DataFrame, giver: pd.Series) -> dict[str, float]:
    """How often divisions receive in exchanges of a carrier at other places."""
    from kansenkaart.analysis.matching.rules import same_place

    others = table[table["carrier"] == giver["carrier"]]
    here = [same_place(each, giver["place"]) for each in others["place"]]
    others = others[~np.array(here)]
    return others["receiver_division"].value_counts().astype(float).to_dict()


@cache
def baselines(key: tuple[tuple[str, str, str, str], ...]) -> dict[str, dict]:
    """What the baseline proposes for exchanges of id, place, carrier, division."""
    names = ["id", "place", "carrier", "receiver_division"]
    table = pd.DataFrame(list(key), columns=names)
    return {each["id"]: popular(table, each) for _, each in table.iterrows()}


def ranks(
    found: list[dict[str, Found]],
    table: pd.DataFrame,
    method: str,
    receivers: pd.DataFrame | None = None,
) -> np.ndarray:
    """Ranks by one method: an exchange a row, a scene a column.

    With ``receivers`` each giver is asked for another receiver than its own.
    """
    taking = table if receivers is None else receivers
    if method in (BASELINE, AROUND_ONLY):
        told = table.assign(receiver_division=taking["receiver_division"].to_numpy())
        return _by_popularity(found if method == AROUND_ONLY else [None], told)
    if method == STREAM:
        return np.array(
            [[scene[LEFT_OUT].stream_rank(each) for scene in found]
             for each in _rows(table)]
        )  # fmt: skip
    pairs = list(zip(_rows(table), _rows(taking), strict=True))
    return np.array([[scene[method].rank(*pair) for scene in found] for pair in pairs])


def _by_popularity(
    found: list[dict[str, Found] | None], table: pd.DataFrame
) -> np.ndarray:
    """Ranks by the baseline; in a scene only divisions count that stand there."""
    told = table[["id", "place", "carrier", "receiver_division"]]
    counts = baselines(tuple(told.itertuples(index=False, name=None)))
    return np.array(
        [
            [_popularity(counts[id_], division, scene) for scene in found]
            for id_, division in zip(told["id"], told["receiver_division"], strict=True)
        ]
    )


def _popularity(
    counts: dict[str, float], division: str, scene: dict[str, Found] | None
) -> float:
    if scene is not None:
        there = scene[ALL].around | {division}
        counts = {each: count for each, count in counts.items() if each in there}
    return rank_of(division, counts)


def _rows(table: pd.DataFrame) -> list[pd.Series]:
    return [each for _, each in table.iterrows()]


@dataclass(frozen=True)
class Scenes:
    """Scenes of one mix of decoys.

    Attributes
    ----------
    flows
        Of each scene.
    found
        What is proposed in it.
    """

    flows: list[gpd.GeoDataFrame]
    found: list[dict[str, Found]]


def made(table: pd.DataFrame, mix: str) -> Scenes:
    """All scenes of a mix."""
    flows = [estimated(scene(table, seed, mix)) for seed in SEEDS]
    return Scenes(flows, [looked(each, table) for each in flows])
