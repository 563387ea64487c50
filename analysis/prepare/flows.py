"""Reported flows: what they are of, how much, and who gives or asks.

People write an Eural code instead of a material, and tonnes or terajoules.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache

import numpy as np
import pandas as pd

from ..flows.tables import (
    HAZARDOUS,
    MATERIAL,
    REPORTED,
    classes,
    materials,
)
from ..flows.tables import units as units_of
from ..flows.units import ENERGY, GAS, LONGEST_YEAR, energy_factor, find_unit
from ..resources import read_csv
from .ledger import Ledger
from .reading import plain

THEME = "prepare_flows"
MOST = 1e12
"""More than this per year nobody gives or asks."""
EURAL = re.compile(r"(\d[\d\s.]*)(\*?)")
CODE_LENGTH = 6
HELPERS = ("hours", "heating_value", "x", "y")
QUANTITIES = ("quantity", "quantity_low", "quantity_high")
CLASS_TABLES = {"water": ("water_classes", "class"), "heat": ("heat_bands", "band"),
                "co2": ("co2_classes", "class")}  # fmt: skip
Columns = dict[str, np.ndarray]


def fill_flows(fields: Columns, ledger: Ledger) -> Columns:
    """Make the fields of canonical flows of what was read.

    Parameters
    ----------
    fields
        Fields of the role ``flows`` as read, each of shape (n,).
    ledger
        Where contradictions are skipped and repairs noted.

    Returns
    -------
    dict
        The fields without the helpers: quantities per year in the unit of the
        material; reported flows are confidential and not contracted where nothing is
        said.
    """
    filled = {name: each for name, each in fields.items() if name not in HELPERS}
    filled |= _streams(fields, ledger)
    filled["quality"] = _qualities(fields["quality"], filled["carrier"], ledger)
    filled |= _quantities(fields, filled, ledger)
    quantity, low, high = (filled[name] for name in QUANTITIES)
    ledger.skip(quantity > MOST, f"{THEME}.quantity")
    ledger.skip(quantity < low, f"{THEME}.below_low")
    ledger.skip(quantity > high, f"{THEME}.above_high")
    basis, secret = fields["basis"], fields["confidential"]
    share = fields["contracted_share"]
    filled["basis"] = np.where(np.equal(basis, None), REPORTED, basis)
    filled["confidential"] = np.where(np.equal(secret, None), True, secret)
    nothing = np.isnan(share) & (filled["basis"] == REPORTED)
    filled["contracted_share"] = np.where(nothing, 0.0, share)
    return filled


# What a flow is of.


@dataclass
class _Stream:
    """What a carrier, a material and an Eural code say together.

    Attributes
    ----------
    fault
        Why the flow can't be used, as the key of a reason; empty where it can.
    repairs
        Keys of what was put right.
    """

    carrier: str | None = None
    material: str | None = None
    eural: str | None = None
    hazardous: bool | None = None
    properties: set[str] = field(default_factory=set)
    fault: str = ""
    repairs: set[str] = field(default_factory=set)


def _streams(fields: Columns, ledger: Ledger) -> Columns:
    """Carrier, material, Eural code, hazard and properties of each flow."""
    told = [*zip(fields["carrier"], fields["material"], fields["eural"], strict=True)]
    known = {each: _stream(*each) for each in set(told)}
    found = [known[each] for each in told]
    for key in ("eural", "no_material", "carrier_material"):
        ledger.skip(_mask(each.fault == key for each in found), f"{THEME}.{key}")
    for key in ("eural_padded", "eural_left_out", "eural_starred", "carrier_itself"):
        ledger.repair(_mask(key in each.repairs for each in found), f"{THEME}.{key}")
    material = _objects(each.material for each in found)
    strange = ~np.isin(material.astype(str), [*materials()])
    ledger.say(strange, f"{THEME}.materials_unknown", material)
    hazardous, properties = fields["hazardous"], fields["properties"]
    own_hazard = _objects(each.hazardous for each in found)
    return {
        "carrier": _objects(each.carrier for each in found),
        "material": material,
        "eural": _objects(each.eural for each in found),
        "hazardous": np.where(np.equal(hazardous, None), own_hazard, hazardous),
        "properties": _objects(map(_joined, properties, found)),
    }


def _stream(carrier: str | None, written: str | None, code: str | None) -> _Stream:
    """Judge one combination of carrier, material and Eural code."""
    stream = _Stream(carrier)
    of_code = _read_eural(code, stream)
    own = _material_code(written)
    listed = materials().get(own)
    if own is None:
        of_carrier = carrier if carrier != MATERIAL else None
        stream.material = of_carrier or of_code
        if stream.material is None:
            stream.fault = "eural" if code else "no_material"
    elif carrier in (None, MATERIAL) or listed:
        stream.material = own
    else:
        # Of water, heat and CO2 the quality tells which, not the material.
        stream.material = carrier
        stream.repairs.add("carrier_itself")
    if code and stream.eural is None:
        stream.repairs.add("eural_left_out")
    _add_carrier(stream)
    return stream


def _add_carrier(stream: _Stream) -> None:
    """Take carrier, hazard and properties from the material, where it is ours."""
    known = materials().get(stream.material)
    if known is None:
        stream.carrier = stream.carrier or MATERIAL
        return
    if stream.carrier not in (None, known.carrier):
        stream.fault = stream.fault or "carrier_material"
    stream.carrier = known.carrier
    stream.properties |= {*known.properties.split(";")} - {"", HAZARDOUS}
    if stream.hazardous is None:
        stream.hazardous = known.hazardous


def _read_eural(written: str | None, stream: _Stream) -> str | None:
    """Note what an Eural code says of a flow, and give the material it becomes."""
    found = EURAL.fullmatch(written or "")
    digits = re.sub(r"\D", "", found[1]) if found else ""
    # A spreadsheet eats the zero in front.
    code = digits.zfill(CODE_LENGTH) if len(digits) == CODE_LENGTH - 1 else digits
    row = _eural_list().get(code)
    if row is None:
        return None
    stream.eural = code
    stream.hazardous = row["hazardous"] == "1" or found[2] == "*"
    stream.properties |= {*row["properties"].split("|")} - {""}
    if code != digits:
        stream.repairs.add("eural_padded")
    if stream.hazardous and row["hazardous"] != "1":
        stream.repairs.add("eural_starred")
    return row["material"]


def _joined(told: str | None, stream: _Stream) -> str | None:
    """Properties that the source gives, and those that follow from the stream."""
    own = {part.strip() for part in (told or "").split(";")} - {""}
    hazard = {HAZARDOUS} if stream.hazardous else set()
    return ";".join(sorted(own | stream.properties | hazard)) or None


def _material_code(written: str | None) -> str | None:
    """Code of a material by its code or name; one that is not ours as it is."""
    return None if written is None else _material_names().get(plain(written), written)


@cache
def _material_names() -> dict[str, str]:
    return {
        plain(name): code
        for code, material in materials().items()
        for name in (material.name_nl, material.name_en, code)
    }


@cache
def _eural_list() -> dict[str, dict[str, str]]:
    return {row["eural"]: row for row in read_csv("flows", "eural.csv")}


def _qualities(told: np.ndarray, carrier: np.ndarray, ledger: Ledger) -> np.ndarray:
    """Classes of water, heat and CO2 by id or name; of materials any text."""
    pairs = [*zip(told, carrier, strict=True)]
    known = {each: _quality(*each) for each in set(pairs)}
    found = _objects(known[each] for each in pairs)
    left_out = np.equal(found, None) & ~np.equal(told, None)
    ledger.repair(left_out, f"{THEME}.quality")
    return found


def _quality(told: str | None, carrier: str | None) -> str | None:
    if told is None or not classes().get(carrier):
        return told
    return _class_names(carrier).get(plain(told))


@cache
def _class_names(carrier: str) -> dict[str, str]:
    """Classes of a carrier by their id and names."""
    table, key = CLASS_TABLES[carrier]
    return {
        plain(row[name]): row[key]
        for row in read_csv("flows", f"{table}.csv")
        for name in ("name_nl", "name_en", key)
    }


# How much of it.


def _quantities(fields: Columns, filled: Columns, ledger: Ledger) -> Columns:
    """Quantities per year in the unit of the material, and that unit."""
    hours = _hours(fields["hours"], ledger)
    energy = energy_factor(fields["heating_value"])
    count = len(hours)
    factors, unit = np.full(count, np.nan), np.full(count, None, dtype=object)
    keys = [*zip(fields["unit"], filled["carrier"], filled["material"], strict=True)]
    places = pd.Series(range(count), dtype=int).groupby(pd.factorize(_objects(keys))[0])
    for _, group in places if count else ():
        at = group.to_numpy()
        written, carrier, material = keys[at[0]]
        found, allowed = find_unit(written or ""), units_of(carrier, material)
        rows = np.isin(np.arange(count), at)
        if found is None:
            ledger.skip(rows, f"{THEME}.unit", unit=written or "–")
            continue
        factors[at] = found.per_year(hours[at])
        ledger.skip(rows & np.isnan(factors), f"{THEME}.hours", unit=written)
        unit[at] = found.target
        if found.target in GAS and carrier == MATERIAL and ENERGY in allowed:
            factors[at], unit[at] = factors[at] * energy[at], ENERGY
            ledger.skip(rows & np.isnan(factors), f"{THEME}.heating_value")
        elif found.target not in allowed:
            values = {"unit": written, "material": material, "known": allowed[0]}
            ledger.skip(rows, f"{THEME}.unit_wrong", **values)
    return {name: fields[name] * factors for name in QUANTITIES} | {"unit": unit}


def _hours(hours: np.ndarray, ledger: Ledger) -> np.ndarray:
    """Hours per year; more than a year has are left out."""
    wrong = (hours <= 0) | (hours > LONGEST_YEAR)
    ledger.repair(wrong, f"{THEME}.hours_wrong")
    return np.where(wrong, np.nan, hours)


def _mask(values) -> np.ndarray:
    return np.array([*values], dtype=bool)


def _objects(values) -> np.ndarray:
    listed = [*values]
    found = np.empty(len(listed), dtype=object)
    found[:] = listed
    return found


# Who gives or asks.


def with_actors(
    flows: pd.DataFrame, establishments: pd.DataFrame | None, source: str
) -> tuple[pd.DataFrame, int]:
    """Give flows what is not said of their actor and source.

    Parameters
    ----------
    flows
        Canonical flows, some cells of which are empty.
    establishments
        Canonical establishments; an actor that is one has its name and activity.
    source
        What stands for the source where none is named.

    Returns
    -------
    tuple
        The flows, and the number of them without an actor: their name, else their own
        id, stands for it.
    """
    flows = flows.copy()
    nobody = flows["actor_id"].isna()
    flows["actor_id"] = (
        flows["actor_id"].fillna(flows["actor_name"]).fillna(flows["flow_id"])
    )
    if establishments is not None:
        firms = establishments.set_index("est_id")
        for name, column in (("actor_name", "name"), ("sbi", "sbi")):
            known = flows["actor_id"].map(firms[column])
            flows[name] = flows[name].astype(object).where(flows[name].notna(), known)
    flows["actor_name"] = flows["actor_name"].fillna(flows["actor_id"])
    flows["source"] = flows["source"].fillna(source)
    return flows, int(nobody.sum())
