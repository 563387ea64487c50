"""Planted exchanges: pairs of firms of which it is known who can serve whom.

Each is a documented exchange between other firms at another place, with a twin that
differs from it in one attribute and is impossible for that.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely

from ..flows.tables import DEMAND, SUPPLY, materials
from ..resources import read_csv
from .canvas import Zone
from .names import company_names

REAL, TWIN = "real", "twin"
CONTRACTED, FAR = "contracted", "too_far"
NUMBERS = (
    "giver_jobs", "receiver_jobs", "quantity_low", "quantity_high", "taken", "given_c",
    "return_c", "asked_c", "near_km", "far_km", "cold_c",
)  # fmt: skip
CHANGES = {
    "too_cold": ("cold_c", "temperature_c"),
    "too_dirty": ("dirty_class", "quality"),
    "forbidden": ("forbidden", "properties"),
}
"""Why a giver is impossible: where the file says so, and what it changes of a flow."""
DATA_QUALITY = 2
"""Of what firms report themselves."""
MOVED = 10.0
"""Other surroundings weigh as much as jobs that are so far off, in logarithms: as many
as before shall stand in the port, and on parks."""
DRAWS = 300
"""Places that are tried in one go."""


@dataclass(frozen=True)
class Planted:
    """What was planted.

    Attributes
    ----------
    firms
        All establishments, some of which do something else at another place now.
    flows
        What givers and receivers report; ``firm`` is the row of the establishment.
    truth
        Which pairs of flows can be exchanged and which can't; ``supply`` and
        ``demand`` are rows of the flows.
    """

    firms: pd.DataFrame
    flows: pd.DataFrame
    truth: pd.DataFrame


def plant_exchanges(
    rng: np.random.Generator,
    rules: dict,
    zones: list[Zone],
    firms: pd.DataFrame,
    towns: list[str],
) -> Planted:
    """Let some establishments be givers and receivers, and give their flows.

    Those that change are of the same section, the same kind of surroundings and about
    the size that is wanted, so that there are as many of each as before; the others
    stay what and where they are.

    Parameters
    ----------
    rng
        Draws exchanges, places, quantities and names.
    rules
        ``province.toml``.
    zones
        The zones of the province.
    firms
        Columns name, sbi, jobs, x, y and zone (row of the zones).
    towns
        Names of towns, for the names of firms.
    """
    own = rules["planted"]
    exchanges = [_typed(row) for row in read_csv("demo", "exchanges.csv")]
    left = max(own["least"], len(firms) // own["room"])
    ground, field = _Ground(rng, rules, zones), _Field(rng, firms, zones, towns)
    for number in rng.permutation(len(exchanges)):
        left -= _plant(rng, own["spread"], exchanges[number], ground, field)
        if not left:
            break
    return field.planted()


def _typed(row: dict[str, str]) -> dict:
    numbers = {name: float(row[name]) if row[name] else np.nan for name in NUMBERS}
    return {name: cell or None for name, cell in row.items()} | numbers


def _plant(rng, spread: list[float], exchange: dict, ground, field) -> bool:
    """Plant one exchange and its twin; whether there was room for them."""
    why = str(rng.choice(_impossible(exchange)))
    roles = ("giver", "receiver", "receiver" if why == FAR else "giver")
    spots = ground.spots(exchange, why == FAR)
    firms = spots and field.firms(exchange, roles, spots)
    if not firms:
        return False
    amount = rng.uniform(exchange["quantity_low"], exchange["quantity_high"])
    asked = amount * exchange["taken"] * rng.uniform(*spread)
    supply = _flow(exchange, SUPPLY, float(f"{amount:.3g}"))
    demand = _flow(exchange, DEMAND, float(f"{asked:.3g}"))
    other = demand if why == FAR else supply | _change(exchange, why)
    flows = [
        field.stand(firm, exchange[f"{role}_sbi"], spot, flow)
        for firm, role, spot, flow in zip(
            firms, roles, spots, (supply, demand, other), strict=True
        )
    ]
    field.tell(exchange, *flows[:2], None)
    twin = (flows[0], flows[2]) if why == FAR else (flows[2], flows[1])
    field.tell(exchange, *twin, why)
    return True


def _impossible(exchange: dict) -> list[str]:
    """Reasons for which a twin of an exchange can be impossible."""
    changed = [why for why, (cell, _) in CHANGES.items() if pd.notna(exchange[cell])]
    far = [FAR] if pd.notna(exchange["far_km"]) else []
    return [CONTRACTED, *far, *changed]


def _change(exchange: dict, why: str) -> dict:
    """What is different about the flow of an impossible giver."""
    if why == CONTRACTED:
        return {"contracted_share": 1.0}
    cell, field = CHANGES[why]
    if exchange[cell] == "hazardous":
        return {"hazardous": True}
    return {field: exchange[cell]}


def _flow(exchange: dict, direction: str, quantity: float) -> dict:
    """Fields of a flow that follow from the exchange."""
    giving = direction == SUPPLY
    material = exchange["material" if giving else "replaces"]
    heat = exchange["carrier"] == "heat"
    return {
        "direction": direction,
        "carrier": exchange["carrier"],
        "material": material,
        "quantity": quantity,
        "unit": materials()[material].unit,
        "temperature_c": exchange["given_c" if giving else "asked_c"],
        "return_c": exchange["return_c"] if giving else np.nan,
        "profile": ("flat" if giving else exchange["asked_profile"]) if heat else None,
        "quality": exchange["given_class" if giving else "asked_class"],
        "contracted_share": 0.0,
        "hazardous": False,
        "properties": None,
        "eural": None,
        "confidential": True,
        "basis": "reported",
        "data_quality": DATA_QUALITY,
        "source": f"{exchange['location']} ({exchange['source']})",
    }


class _Field:
    """The establishments, and what is planted among them."""

    def __init__(self, rng, firms: pd.DataFrame, zones: list[Zone], towns: list[str]):
        self._rng, self._firms, self._towns = rng, firms.copy(), towns
        rows = read_csv("demo", "activities.csv")
        self._section = {row["sbi"][:2]: row["section"] for row in rows}
        self._sections = firms["sbi"].str[:2].map(self._section).to_numpy()
        around = np.array([zone.environment for zone in zones])
        self._around = around[firms["zone"].to_numpy()]
        # Of whom the jobs are unknown no size can be told: they stay.
        self._jobs = firms["jobs"].to_numpy()
        self._free = ~np.isnan(self._jobs)
        self._flows: list[dict] = []
        self._truth: list[dict] = []

    def firms(self, exchange: dict, roles: tuple, spots: tuple) -> list[int] | None:
        """Rows of establishments for some roles; None where one is lacking."""
        free, rows = self._free.copy(), []
        for role, spot in zip(roles, spots, strict=True):
            section = self._section[exchange[f"{role}_sbi"][:2]]
            able = np.flatnonzero(free & (self._sections == section))
            if not len(able):
                return None
            unlike = np.log(self._jobs[able] / exchange[f"{role}_jobs"])
            moved = self._around[able] != spot.around
            rows.append(int(able[np.argmin(np.abs(unlike) + MOVED * moved)]))
            free[rows[-1]] = False
        return rows

    def stand(self, row: int, sbi: str, spot: _Spot, flow: dict) -> int:
        """Let an establishment report a flow at a spot; give the row of the flow."""
        jobs = self._jobs[[row]]
        name = company_names(self._rng, np.array([sbi]), jobs, self._towns)[0]
        changed = ["name", "sbi", "x", "y"]
        self._firms.loc[row, changed] = [name, sbi, *spot.place]
        self._free[row] = False
        self._flows.append({"firm": row, "actor_name": name, "sbi": sbi, **flow})
        return len(self._flows) - 1

    def tell(self, exchange: dict, supply: int, demand: int, why: str | None) -> None:
        """Note whether a pair of flows can be exchanged, and why not."""
        self._truth.append(
            {
                "exchange": exchange["exchange"],
                "role": TWIN if why else REAL,
                "supply": supply,
                "demand": demand,
                "carrier": exchange["carrier"],
                "material": exchange["material"],
                "possible": why is None,
                "reason": why,
                "source": f"{exchange['location']} ({exchange['source']})",
            }
        )

    def planted(self) -> Planted:
        """What was planted."""
        return Planted(
            self._firms, pd.DataFrame(self._flows), pd.DataFrame(self._truth)
        )


@dataclass(frozen=True)
class _Spot:
    """A place (2,) and its surroundings."""

    place: np.ndarray
    around: str


class _Ground:
    """Where planted firms may stand."""

    def __init__(self, rng: np.random.Generator, rules: dict, zones: list[Zone]):
        self._rng, self._rules = rng, rules
        least = rules["planted"]["category"]
        self._zones = [zone for zone in zones if float(zone.category or 9) >= least]
        self._shapes = np.array([zone.shape for zone in self._zones])
        self._area = shapely.area(self._shapes)
        self._around = np.array([zone.environment for zone in self._zones])

    def spots(self, exchange: dict, far: bool) -> tuple[_Spot, _Spot, _Spot] | None:
        """Giver, receiver and the other firm of the twin; None where there is no room.

        The other one is a receiver out of reach, or a giver within reach.
        """
        near, beyond = 1000 * exchange["near_km"], 1000 * exchange["far_km"]
        for _ in range(self._rules["planted"]["tries"]):
            giver = self._spot(exchange, "giver")
            receiver = giver and self._spot(exchange, "receiver", giver, (0, near))
            if receiver and far:
                other = self._spot(exchange, "receiver", giver, (beyond, np.inf))
            else:
                other = receiver and self._spot(exchange, "giver", receiver, (0, near))
            if other:
                return giver, receiver, other
        return None

    def _spot(
        self, exchange: dict, role: str, beside: _Spot | None = None, away=(0, np.inf)
    ) -> _Spot | None:
        """A spot at a distance (m) from another; the first surroundings come first."""
        for around in exchange[f"{role}_place"].split("|"):
            places = self._places(around, exchange[f"{role}_jobs"], beside, away[1])
            if beside is not None and len(places):
                apart = np.hypot(*(places - beside.place).T)
                places = places[(apart >= away[0]) & (apart <= away[1])]
            if len(places):
                return _Spot(places[0], around)
        return None

    def _places(self, around: str, jobs: float, beside, reach: float) -> np.ndarray:
        """Places (n, 2) spread over the zones that may hold a spot."""
        zones = self._around == around
        sizes = self._rules["park_size"] if around == "park" else []
        least = max((room for limit, room in sizes if jobs >= limit), default=0)
        zones &= self._area >= least * 1e4
        if beside is not None:
            away = shapely.distance(self._shapes, shapely.Point(beside.place))
            zones &= away <= reach
        chosen = np.flatnonzero(zones)
        if not len(chosen):
            return np.empty((0, 2))
        weights = self._area[chosen] / self._area[chosen].sum()
        shapes = self._shapes[self._rng.choice(chosen, DRAWS, p=weights)]
        low_x, low_y, high_x, high_y = shapely.bounds(shapes).T
        places = self._rng.uniform(
            np.c_[low_x, low_y], np.c_[high_x, high_y], (DRAWS, 2)
        )
        return places[shapely.contains_xy(shapes, *places.T)]
