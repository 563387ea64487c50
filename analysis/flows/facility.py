"""Flows of facilities: from what a plant can do to what it gives and asks per year.

A facility has one capacity in one unit. The tables in ``resources/flows`` say which
input a unit of a kind of facility is (``facility_units.csv``), what one unit of an
input gives and asks (``facility_factors.csv``), and which inputs go together
(``facility_inputs.csv``).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cache, partial
from urllib.parse import quote

import geopandas as gpd
import numpy as np
import pandas as pd

from ..csv_tables import parse_table
from ..layers import layer_type
from ..resources import read_csv, resource_path
from ..texts import significant
from ..vocabulary import FACILITY_KINDS, LANGUAGE_CHOICES
from .coefficients import MOST, TOLD, Row, identified, typed_stream
from .same_site import same_site, sites
from .tables import ESTIMATED, materials, unit_name
from .units import plain_unit

NEEDED = (
    "kind", "input", "direction", "carrier", "material", "low", "mode", "high", "unit",
    "data_quality", "source",
)  # fmt: skip
OPTIONAL = (
    "temperature_c", "return_c", "quality", "profile", "contracted_share", "year",
    "derivation",
)  # fmt: skip
KEY = ["kind", "input", "direction", "carrier", "material", "quality"]
FROM_FACTOR = (
    "direction", "carrier", "material", "unit", "temperature_c", "return_c", "profile",
    "quality", "data_quality", "year",
)  # fmt: skip
REASONS = ("kind", "capacity", "unit_missing", "unit")
"""Why a facility gives no flow, in the order of the tests."""


@dataclass(frozen=True)
class FacilityFlows:
    """Flows of facilities, and which facilities gave none.

    Attributes
    ----------
    flows
        Canonical flows, sorted by id.
    skipped
        ``facility_id``, ``reason`` (one of :data:`REASONS`), ``kind``, ``unit`` and
        ``possible`` (units that could be read), sorted by id.
    counts
        ``facilities`` that gave a flow, ``sites`` they stand on, sites that are an
        establishment (``same_site``), and inputs ``replaced`` by a better figure of
        the same site.
    unknown
        Materials of the factors that are not ours.
    owners
        By ``actor_id`` of each flow: id and name of the (first) facility it is of.
    """

    flows: gpd.GeoDataFrame
    skipped: pd.DataFrame
    counts: Counter
    unknown: list[str]
    owners: dict[str, tuple[str, str]]

    def remarks(self) -> list[tuple[str, dict]]:
        """Keys and values of sentences on what was left out and what flows lack."""
        counted = {
            "skipped": len(self.skipped),
            "same_site": self.counts["same_site"],
            "replaced": self.counts["replaced"],
            "gross": int(self.flows["contracted_share"].isna().sum()),
        }
        said = [
            (f"facility_flows.said.{key}", {"count": count})
            for key, count in counted.items()
            if count
        ]
        if self.unknown:
            names = ", ".join(self.unknown)
            said.append(("flows.materials_unknown", {"names": names}))
        return said


# Factors.


def read_factors(
    content: str, parameter: str = "FACTORS", language: str = "en"
) -> pd.DataFrame:
    """Factors of a file, checked and in their type, sorted by their ``id``.

    Parameters
    ----------
    content
        Text of the file; its inputs are those of ``facility_inputs.csv``.
    parameter
        Where it was given, for the sentence that refuses a row.
    language
        Of what is told in two languages, ``nl`` or ``en``.

    Raises
    ------
    RefusalError
        If a column is missing or unknown, or a row can't be used; names the row.
    """
    lines = parse_table(content, NEEDED, OPTIONAL, TOLD, language)
    rows = [Row(cells, number, parameter) for number, cells in enumerate(lines, 2)]
    typed = pd.DataFrame([_typed(row) for row in rows], columns=[*NEEDED, *OPTIONAL])
    return identified(typed, KEY, _factor_id, rows)


@cache
def shipped_factors(language: str = "en") -> pd.DataFrame:
    """The factors that come with Kansenkaart; do not change them."""
    path = resource_path("flows", "facility_factors.csv")
    return read_factors(path.read_text("utf-8"), language=language)


def _typed(row: Row) -> dict[str, object]:
    """The cells of a row in their type; refused where they can't be used."""
    return {
        "kind": row.word("kind", FACILITY_KINDS),
        "input": row.word("input", tuple(_inputs())),
        **typed_stream(row),
    }


def _factor_id(key: dict[str, str]) -> str:
    about = f"{key['kind']}-{key['input']}"
    parts = (about, key["direction"], key["material"], key["quality"])
    return ":".join(quote(part, safe=" ") for part in parts)


# From capacities to flows.


def facility_flows(
    facilities: gpd.GeoDataFrame,
    factors: pd.DataFrame,
    establishments: gpd.GeoDataFrame | None = None,
    distance: float = 200.0,
    language: str = "en",
) -> FacilityFlows:
    """Flows per year of facilities.

    Facilities of one kind at one point are one site: their capacities are added, and
    of one site a capacity is not used beside a better figure of the same thing
    (``unless`` in ``facility_inputs.csv``).

    Parameters
    ----------
    facilities
        Canonical facilities, CRS in metres.
    factors
        As :func:`read_factors` gives them.
    establishments
        Canonical establishments in the same CRS: a facility that is one takes its id
        as ``actor_id``.
    distance
        How far they may lie apart then, in metres.
    language
        In which conversions are told, ``nl`` or ``en``.

    Returns
    -------
    FacilityFlows
        A ``flow_id`` is the ``actor_id`` and the id of the factor. Facilities are
        public: their flows are not confidential.
    """
    table = facilities.sort_values("facility_id", ignore_index=True)
    table, skipped = _readable(table, factors, language)
    table["site"] = sites(table)
    table = table.merge(_actors(table, establishments, distance), on="site")
    inputs, replaced = _inputs_of_sites(table)
    pairs = inputs.merge(factors, on=["kind", "input"]).query("high > 0")
    counts = Counter(
        facilities=len(table),
        sites=table["site"].nunique(),
        same_site=int(table.loc[table["is_firm"], "site"].nunique()),
        replaced=replaced,
    )
    unknown = sorted({*factors["material"]} - {*materials()})
    first = table.drop_duplicates("site")
    named = first["name"].astype(object).fillna(first["facility_id"])
    owned = zip(first["actor_id"], first["facility_id"], named, strict=True)
    owners = {actor: (facility, name) for actor, facility, name in owned}
    flows = _flows(pairs, facilities.crs, language)
    return FacilityFlows(flows, skipped, counts, unknown, owners)


def _readable(table: gpd.GeoDataFrame, factors: pd.DataFrame, language: str):
    """Facilities with the input that their capacity is, and those without."""
    lookup = {kind: _spellings(kind, factors) for kind in factors["kind"].unique()}
    units_told = table.get("unit", pd.Series(None, table.index, dtype=object))
    capacity = table.get("capacity", pd.Series(np.nan, table.index)).astype(float)
    told = [*zip(table["kind"], units_told, capacity, strict=True)]
    found = [_read(*each, lookup) for each in told]
    reasons = np.array([reason for reason, *_ in found], dtype=object)
    table = table.assign(
        input=[name for _, name, _ in found],
        amount=np.array([amount for *_, amount in found], dtype=float),
    )
    gone = reasons != ""
    skipped = pd.DataFrame(
        {
            "facility_id": table["facility_id"],
            "reason": reasons,
            "kind": table["kind"],
            "unit": units_told,
            "possible": [
                ", ".join(_possible(kind, lookup, language)) for kind in table["kind"]
            ],
        },
        dtype=object,
    )
    kept = table[~gone].reset_index(drop=True)
    return kept, skipped[gone].reset_index(drop=True)


def _read(kind: str, unit: str | None, capacity: float, lookup: dict):
    """Why a facility can't be used (empty: it can), its input, and how much."""
    if kind not in lookup:
        return "kind", None, np.nan
    if not 0 < capacity <= MOST:
        return "capacity", None, np.nan
    if not unit:
        return "unit_missing", None, np.nan
    name, factor = lookup[kind].get(plain_unit(unit), (None, np.nan))
    return ("" if name else "unit"), name, capacity * factor


def _spellings(kind: str, factors: pd.DataFrame) -> dict[str, tuple[str, float]]:
    """Input and factor by each way to write a unit of a kind of facility."""
    used = {*factors.loc[factors["kind"] == kind, "input"]}
    # An input may have no factor of its own but that of another one.
    inputs = [name for name, entry in _inputs().items() if used & {name, *entry.also}]
    return {
        spelling: (name, factor)
        for name in inputs
        for spelling, factor in _inputs()[name].spellings.items()
    }


def _possible(kind: str, lookup: dict, language: str) -> list[str]:
    """Units that a kind of facility may have, as we write them."""
    names = {name for name, _ in lookup.get(kind, {}).values()}
    return sorted({_inputs()[name].units[language] for name in names})


@dataclass(frozen=True)
class _Input:
    """What a capacity can be.

    Attributes
    ----------
    units
        As we write it, by language.
    also
        Inputs that it stands for as well.
    unless
        Better figures of the same thing.
    spellings
        Factor to the unit, by each way to write one.
    """

    units: dict[str, str]
    also: tuple[str, ...]
    unless: tuple[str, ...]
    spellings: dict[str, float]


@cache
def _inputs() -> dict[str, _Input]:
    spelled: dict[str, dict[str, float]] = {}
    for row in read_csv("flows", "facility_units.csv"):
        factor = float(row["factor"])
        spelled.setdefault(row["input"], {})[plain_unit(row["spelling"])] = factor
    return {
        row["input"]: _Input(
            {each: row[f"unit_{each}"] for each in LANGUAGE_CHOICES},
            *(tuple(filter(None, row[name].split("|"))) for name in ("also", "unless")),
            {plain_unit(row[f"unit_{each}"]): 1.0 for each in LANGUAGE_CHOICES}
            | spelled.get(row["input"], {}),
        )
        for row in read_csv("flows", "facility_inputs.csv")
    }


def _actors(
    table: gpd.GeoDataFrame, establishments: gpd.GeoDataFrame | None, distance: float
) -> pd.DataFrame:
    """Who each site is: an establishment, else the first of its facilities."""
    first = table.drop_duplicates("site")
    actors = pd.DataFrame(
        {
            "site": first["site"],
            "actor_id": "facility-" + first["facility_id"].astype(object),
            "actor_name": first["name"].fillna(first["facility_id"]),
            "sbi": None,
            "is_firm": False,
        }
    )
    if establishments is None or not len(table):
        return actors
    est_id = pd.Series(same_site(table, establishments, distance), table.index)
    own = est_id[first.index]
    firm = own.notna().to_numpy()
    firms = establishments.set_index("est_id").loc[own[firm]]
    actors["sbi"] = actors["sbi"].astype(object)
    actors.loc[firm, "actor_id"] = own[firm]
    actors.loc[firm, "actor_name"] = firms["name"].to_numpy(object)
    actors.loc[firm, "sbi"] = firms["sbi"].to_numpy(object)
    actors.loc[firm, "is_firm"] = True
    return actors


def _inputs_of_sites(table: gpd.GeoDataFrame) -> tuple[pd.DataFrame, int]:
    """Amount of every input of every site, and how many gave way to a better one."""
    own = table.groupby(["site", "input"], sort=True).agg(amount=("amount", "sum"))
    own = own.reset_index()
    by_site = own.groupby("site")["input"].agg(set).to_dict()
    beaten = [
        bool(by_site[site] & {*_inputs()[name].unless})
        for site, name in zip(own["site"], own["input"], strict=True)
    ]
    also = [
        {"site": row.site, "input": name, "amount": row.amount}
        for row in own.itertuples()
        for name in _inputs()[row.input].also
    ]
    kept = own[~np.array(beaten, dtype=bool)]
    parts = [part for part in (kept, pd.DataFrame(also)) if len(part)]
    every = pd.concat(parts) if parts else own
    summed = every.groupby(["site", "input"], sort=True)["amount"].sum().reset_index()
    first = table.drop_duplicates("site")
    of_site = ["site", "kind", "actor_id", "actor_name", "sbi", "geometry"]
    return summed.merge(first[of_site], on="site"), sum(beaten)


def _flows(pairs: pd.DataFrame, crs, language: str) -> gpd.GeoDataFrame:
    """Canonical flows of sites with their factors."""
    known = [materials().get(code) for code in pairs["material"]]
    shares = [each.contracted_share if each else None for each in known]
    shares = pd.Series(shares, pairs.index, dtype=float)
    texts = partial(pd.Series, index=pairs.index, dtype=object)
    columns = {
        "flow_id": pairs["actor_id"] + ":" + pairs["id"],
        **{name: pairs[name] for name in ("actor_id", "actor_name", "sbi")},
        **{name: _empty_as_none(pairs[name]) for name in FROM_FACTOR},
        "quantity": pairs["amount"] * pairs["mode"],
        "quantity_low": pairs["amount"] * pairs["low"],
        "quantity_high": pairs["amount"] * pairs["high"],
        "contracted_share": pairs["contracted_share"].astype(float).fillna(shares),
        "hazardous": texts([each.hazardous if each else None for each in known]),
        "properties": texts(
            [each.properties or None if each else None for each in known]
        ),
        "eural": None,
        "confidential": False,
        "basis": ESTIMATED,
        "source": texts(_sources(pairs, language)),
        "geometry": pairs["geometry"],
    }
    table = pd.DataFrame(
        {name: columns[name] for name in (*layer_type("flows").fields, "geometry")},
        index=pairs.index,
    )
    table = table.sort_values("flow_id", ignore_index=True)
    return gpd.GeoDataFrame(table, geometry="geometry", crs=crs)


def _empty_as_none(column: pd.Series) -> pd.Series:
    return column if column.dtype != object else column.where(column != "", None)


def _sources(pairs: pd.DataFrame, language: str) -> list[str]:
    """Each conversion in words: capacity times factor, and where the factor is from."""
    return [
        f"{significant(row.amount, 10, language)} "
        f"{_inputs()[row.input].units[language]} × "
        f"{significant(row.mode, 6, language)} {unit_name(row.unit, language)}; "
        f"{row.source}" + (f": {row.derivation}" if row.derivation else "")
        for row in pairs[
            ["amount", "input", "mode", "unit", "source", "derivation"]
        ].itertuples()
    ]
