"""Coalitions: groups of parties that hang together through matches.

The guide (*Naar een Circulair Nederland*, "Coalities vormen") asks of those who come to
a table what they take and bring, whether they complement each other, whether what each
brings and takes is in balance, and who is missing. Matches of a whole region hang
together as one network of thousands of parties. Here it falls apart into tables of at
most a dozen, those whose exchange means most to both ends; all others hang on to the
table with which they exchange most, as its followers.
"""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from ..flows.min_flows import MinFlow
from ..flows.tables import CARRIERS
from ..layers import layer_type
from ..progress import Progress, part, silent
from ..regions import region_of
from ..threads import in_threads
from .coalition_parties import lines_between, link_lines, party_points
from .coalition_words import called, kind_names, missing_told, why
from .leads import scales
from .missing_parties import missing_parties
from .ties import ALONE, AVOIDED, ENDS, Ties, cut_off, followers, groups, inside, tie

MOST = 12
"""So many parties can talk at one table (aanname)."""
AROUND = 400.0
"""Metres of ground round parties and their exchange that is drawn (aanname)."""
SEGMENTS = 8
"""In a quarter of a circle of that ground."""
AMOUNTS = {
    "delivered_material_t": ("material", "t/y"),
    "delivered_material_mwh": ("material", "MWh/y"),
    "delivered_water_m3": ("water", "m3/y"),
    "delivered_heat_mwh": ("heat", "MWh/y"),
    "delivered_co2_t": ("co2", "t/y"),
}
"""Fields with what arrives, and of which carrier and unit."""
BOTH = "both"


@dataclass(frozen=True)
class Coalitions:
    """Groups of parties, who is in them, and who is missing.

    Attributes
    ----------
    table
        Polygons, layer type ``coalitions``, sorted by id.
    parties
        Points, layer type ``coalition_parties``: those at the tables and their
        followers.
    links
        Lines, layer type ``coalition_links``: who gives to whom at one table.
    missing
        Layer type ``coalition_missing``.
    unusable
        Number of matches without two different parties or a quantity above 0.
    small
        Number of matches that are too small, or too long, to bind.
    between
        Number of matches that bind parties of different tables, or of none.
    apart
        Number of parties at no table that exchange with nobody at one.
    """

    table: gpd.GeoDataFrame
    parties: gpd.GeoDataFrame
    links: gpd.GeoDataFrame
    missing: pd.DataFrame
    unusable: int
    small: int
    between: int
    apart: int

    def remarks(self) -> list[tuple[str, dict]]:
        """Keys and values of sentences on what was left out."""
        counted = ("unusable", "small", "between", "apart")
        told = [
            (f"coalitions.said.{name}", {"count": getattr(self, name)})
            for name in counted
            if getattr(self, name)
        ]
        return told if len(self.table) else [*told, ("coalitions.said.nothing", {})]


def find_coalitions(
    matches: gpd.GeoDataFrame,
    most: int = MOST,
    max_distance: float = np.inf,
    min_size: float = 1.0,
    flows: pd.DataFrame | None = None,
    unlocks: pd.DataFrame | None = None,
    regions: gpd.GeoDataFrame | None = None,
    language: str = "en",
    progress: Progress = silent,
    limits: list[MinFlow] | None = None,
) -> Coalitions:
    """Groups of parties that hang together, with what each brings and takes.

    Parameters
    ----------
    matches
        As :func:`.ties.tie` takes them.
    most
        Parties at one table; from :data:`.ties.FEWEST`.
    max_distance
        Longer matches bind nobody, in metres.
    min_size
        A match binds from so many times the limit of its stream.
    flows, unlocks
        For who is missing (:func:`.missing_parties.missing_parties`).
    regions
        Canonical regions in the CRS of the matches, after which coalitions are called.
    language
        Of names and sentences, ``nl`` or ``en``.
    progress
        Called as the work goes on.
    limits
        Smallest quantities by stream; None takes the shipped ones.

    Notes
    -----
    ``balance`` of a table is Σ min(bᵢ, tᵢ) / Σ bᵢ over its parties i, where bᵢ is the
    sum of the strengths of the matches in which i gives to somebody at the table and tᵢ
    of those in which it takes: 0 where everybody only brings or only takes, 1 where
    everybody brings as much as it takes. ``held`` is the sum of the strengths of the
    matches at the table, divided by that of all matches that bind somebody at it.
    """
    ties = tie(matches, max_distance, min_size, limits)
    progress(0.3)
    group = groups(ties, most)
    following = followers(ties, group)
    own = inside(ties, group)
    progress(0.5)
    table = _figures(ties, own, group)
    table["followers"] = _counts(following, len(table))
    ids = [*table["coalition_id"]]
    missing = missing_parties(ties, group, ids, flows, unlocks, min_size, limits)
    table["tie_sbi"], place = _tied(ties, table, regions, matches.crs)
    _tell(table, own, place, missing, language)
    progress(0.6)
    tell = part(progress, 0.8, 1)
    binding = int(ties.matches["binds"].sum())
    return Coalitions(
        _polygons(table, own, ties, matches.crs, part(progress, 0.6, 0.8)),
        party_points(ties, table, own, (group, following), language, matches.crs, tell),
        link_lines(ties, table, own, language, matches.crs),
        missing,
        ties.unusable,
        len(ties.matches) - binding,
        binding - len(own),
        int(((group == ALONE) & (following == ALONE)).sum()),
    )


# Figures


def _figures(ties: Ties, own: pd.DataFrame, group: np.ndarray) -> pd.DataFrame:
    """A row for every coalition with what is counted and added up."""
    seats = _seats(ties, own, group)
    tables = seats.groupby("group")
    rows = pd.DataFrame(
        {
            "parties": tables.size(),
            "givers": tables["gives"].sum(),
            "receivers": tables["takes"].sum(),
            "both": tables[BOTH].sum(),
            "divisions": tables["division"].nunique(),
            "balance": tables["least"].sum() / tables["brought"].sum(),
        }
    )
    matches = own.groupby("group")
    rows["matches"] = matches.size()
    rows["carriers"] = matches["carrier"].agg(lambda each: ";".join(_ordered(each)))
    for field, stream in AMOUNTS.items():
        of_stream = (own["carrier"] == stream[0]) & (own["unit"] == stream[1])
        sums = own[of_stream].groupby("group")["delivered"].sum()
        rows[field] = sums.reindex(rows.index).fillna(0.0)
    for field in AVOIDED:
        rows[field] = matches[field].sum(min_count=1)
    rows["distance_m"] = matches["distance_m"].mean()
    rows["longest_m"] = matches["distance_m"].max()
    rows["scale"] = scales(rows["longest_m"].to_numpy(float))
    rows["strength"] = matches["strength"].sum()
    rows["held"] = rows["strength"] / _touching(ties, group, len(rows))
    firm = seats.sort_values(
        ["group", "cuts_off", "strength", "party"], ascending=[True, False, False, True]
    ).drop_duplicates("group")
    rows["tie_party"] = firm["party"].to_numpy()
    rows["tie_cuts_off"] = firm["cuts_off"].to_numpy()
    rows["tie"] = ties.parties["actor_id"].to_numpy(object)[rows["tie_party"]]
    rows["tie_name"] = ties.parties["name"].to_numpy(object)[rows["tie_party"]]
    digits = max(3, len(str(len(rows))))
    rows["coalition_id"] = [f"K{1 + number:0{digits}d}" for number in rows.index]
    return rows.assign(rank=_ranks(rows))


def _seats(ties: Ties, own: pd.DataFrame, group: np.ndarray) -> pd.DataFrame:
    """Parties at a table: what they bring and take there, and who needs them."""
    at = np.flatnonzero(group != ALONE)
    sums = [own.groupby(end)["strength"].sum().reindex(at) for end in ENDS]
    brought, taken = (each.fillna(0.0).to_numpy() for each in sums)
    gives, takes = (each.notna().to_numpy() for each in sums)
    return pd.DataFrame(
        {
            "party": at,
            "group": group[at],
            "gives": gives,
            "takes": takes,
            BOTH: gives & takes,
            "brought": brought,
            "least": np.minimum(brought, taken),
            "strength": (brought + taken).round(9),
            "division": ties.parties["sbi"].str[:2].to_numpy(object)[at],
            "cuts_off": cut_off(own, group)[at],
        }
    )


def _ordered(carriers: pd.Series) -> list[str]:
    """Carriers in our order, those we do not know behind."""
    places = {carrier: place for place, carrier in enumerate(CARRIERS)}
    return sorted(set(carriers), key=lambda each: (places.get(each, len(places)), each))


def _touching(ties: Ties, group: np.ndarray, count: int) -> np.ndarray:
    """Strength of all matches that bind somebody at each table, shape (count,)."""
    binding = ties.matches[ties.matches["binds"]]
    one, other = (group[binding[end]] for end in ENDS)
    strength = binding["strength"].to_numpy(float)
    # A match within a table counts once.
    counted = one != ALONE, (other != ALONE) & (other != one)
    sums = np.zeros(count)
    for ends, own in zip((one, other), counted, strict=True):
        np.add.at(sums, ends[own], strength[own])
    return sums


def _ranks(rows: pd.DataFrame) -> np.ndarray:
    """Places by CO2 avoided, the unknown behind, then by strength, then by id."""
    keys = rows[["avoided_co2_t", "strength"]].round(6).reset_index(names="number")
    order = keys.sort_values(
        ["avoided_co2_t", "strength", "number"], ascending=[False, False, True]
    )
    ranks = np.empty(len(rows), np.int64)
    ranks[order.index] = np.arange(1, len(rows) + 1)
    return ranks


def _counts(numbers: np.ndarray, count: int) -> np.ndarray:
    return np.bincount(numbers[numbers != ALONE], minlength=count)[:count]


# Words


def _tied(ties: Ties, table: pd.DataFrame, regions, crs):
    """Activity and region of the party that ties each coalition together."""
    party = ties.parties.iloc[table["tie_party"].to_numpy(int)]
    if regions is None:
        return party["sbi"].to_numpy(object), [None] * len(party)
    points = gpd.GeoDataFrame(
        geometry=gpd.points_from_xy(party["x"], party["y"]), crs=crs
    )
    names = regions.set_index("region_id")["name"]
    found = [
        (names[each] or each) if each is not None else None
        for each in region_of(points, regions)
    ]
    return party["sbi"].to_numpy(object), found


def _tell(
    table: pd.DataFrame,
    own: pd.DataFrame,
    places: list[str | None],
    missing: pd.DataFrame,
    language: str,
) -> None:
    """Put names, who is missing and sentences into the table."""
    kinds = own[["group", "strength"]].assign(kind=kind_names(own, language))
    sums = kinds.groupby(["group", "kind"])["strength"].sum().round(9).reset_index()
    order = ["group", "strength", "kind"]
    sums = sums.sort_values(order, ascending=[True, False, True])
    names = sums.groupby("group")["kind"].agg(list)
    wanted: dict[str, list[dict]] = {}
    for row in missing.to_dict("records"):
        wanted.setdefault(row["coalition_id"], []).append(row)
    table["name"] = [
        called(own_kinds, rank, place, language)
        for own_kinds, rank, place in zip(
            names.reindex(table.index), table["rank"], places, strict=True
        )
    ]
    table["missing"] = [
        missing_told(wanted[each], language) if each in wanted else None
        for each in table["coalition_id"]
    ]
    table["why"] = [
        why(row, row["tie_sbi"], language) for row in table.to_dict("records")
    ]


def _polygons(
    table: pd.DataFrame, own: pd.DataFrame, ties: Ties, crs, progress: Progress
) -> gpd.GeoDataFrame:
    """The ground round the exchange of each coalition."""
    # The union of simple shapes is found sooner than what lies round many lines.
    around = shapely.buffer(lines_between(own, ties), AROUND, quad_segs=SEGMENTS)
    rows = [*own.groupby("group").indices.values()]
    shapes = in_threads(lambda at: shapely.union_all(around[at]), rows, progress)
    frame = gpd.GeoDataFrame(table, geometry=[*shapes], crs=crs)
    return frame[[*layer_type("coalitions").fields, "geometry"]].reset_index(drop=True)
