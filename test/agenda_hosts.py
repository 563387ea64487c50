"""Where in a demo province the study's places lie: hosts, and how far off a thing is.

The study names no distance. A measure therefore only ranks zones: the less, the more a
zone has of what is meant (metres, hectares with a minus, firms with a minus).
"""

from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

POOLS = {
    "port": {"sea_port"},
    "park": {"business_park"},
    "urban": {"urban_high", "urban_medium", "urban_low"},
}
FIRMS = {
    "construction_firms": ("41", "42", "43"),
    "manufacturing_firms": tuple(str(division) for division in range(10, 34)),
    "chain_firms": ("33", "38", "95", "4677"),
    "all_firms": tuple(str(division) for division in range(10, 54)),
}
"""What counts as a firm of an agenda: prefixes of the activity code (the study's annex
lists construction F and manufacturing C; the links of a chain are repair, waste, and
trade in scrap; all sectors are those that stand on business parks)."""
FACILITIES = {
    "waste_processor": "waste_processor",
    "container_park": "container_park",
    "merchant": "building_materials",
    "energy_hub": "energy_hub",
    "power_plant": "power_plant",
    "transit": "station",
    "knowledge": "knowledge",
    "junction": "motorway_junction",
}
DENSITY = ("urban_high", "urban_medium", "urban_low")
GREAT = ("V", "VI")
"""Classes of waterways for large ships begin so."""
FREIGHT_ROADS = ("motorway", "provincial")
CORES = 3
"""A zone is central between cores when this many are near: two could be one town."""
POSITIONS = (
    "large", "water", "great_water", "rail", "sustainable", "road", "junction", "city",
    "cores", "dense", "transit", "knowledge", "industry", "permit", "calm",
)  # fmt: skip
"""Properties that decide which zone is host; the others are built there."""
APART = 3000.0
"""What is built for one place lies this far (m) from the next where there is room."""
DRAWN = 4
"""The host is drawn from this many of the best, fewer where there are few zones."""
MOST, LEAST = 0.15, 0.1
"""A place is drawn among the zones (share) that have most of what is essential, a near
miss among those that have least of it."""
LINES = ("water", "great_water", "rail", "sustainable", "road")
BESIDE = 250.0
"""Nearer than this (m) to the axis of a line is beside it: no difference counts."""
LARGE_HA = 100.0
"""From here on a business park counts as large-scale industry."""
Layers = dict[str, gpd.GeoDataFrame]


class Wish(NamedTuple):
    """What a host shall be like.

    ``properties`` are all it shall have; of what is ``essential`` it shall have most,
    or least where it shall be ``lacking``; ``least_ha`` is the least it shall measure.
    """

    properties: list[str]
    essential: list[str]
    lacking: bool
    least_ha: float

    @property
    def had(self) -> list[str]:
        """Properties that it shall have, without what it shall lack."""
        left = self.essential if self.lacking else []
        return [name for name in self.properties if name not in left]


def draw_host(
    rng: np.random.Generator, layers: Layers, wish: Wish, taken: list[str]
) -> str:
    """Zone id of a host as wished for; ``taken`` are hosts already drawn."""
    zones = _extreme(layers, _pool(layers, wish, taken), wish)
    position = [name for name in wish.had if name in POSITIONS]
    # Of what is essential all have enough by now.
    good = [name for name in position if name not in wish.essential] or position
    if not good:
        return str(rng.choice(zones["zone_id"]))
    ranks = _ranks([_evened(measure(layers, zones, name), name) for name in good])
    # A place suits as well as its weakest property; the mean breaks ties.
    order = np.lexsort((ranks.mean(axis=0), ranks.max(axis=0)))
    best = order[: min(DRAWN, max(len(zones) // 4, 2))]
    return str(rng.choice(zones["zone_id"].to_numpy()[best]))


def has_kind(zones: gpd.GeoDataFrame, kinds: set[str]) -> np.ndarray:
    """Whether each zone is of one of ``kinds``."""
    return (
        zones["kinds"].map(lambda text: bool(kinds & set(text.split(";")))).to_numpy()
    )


def firms_of(establishments: gpd.GeoDataFrame, name: str) -> gpd.GeoDataFrame:
    """Establishments whose activity is meant by a property."""
    return establishments[establishments["sbi"].str.startswith(FIRMS[name])]


def measure(layers: Layers, zones: gpd.GeoDataFrame, name: str) -> np.ndarray:
    """How little each of ``zones`` has of a property; less is better."""
    if name in FIRMS:
        firms = firms_of(layers["establishments"], name)
        inside = zones.sindex.query(firms.geometry, predicate="within")[1]
        return -np.bincount(inside, minlength=len(zones)).astype(float)
    if name in FACILITIES:
        facilities = layers["facilities"]
        return _away(zones, facilities[facilities["kind"] == FACILITIES[name]])
    return MEASURES[name](layers, zones)


def lines_of(layers: Layers, *modes: str) -> gpd.GeoDataFrame:
    """Infrastructure of one of ``modes``."""
    lines = layers["infrastructure"]
    return lines[lines["mode"].isin(modes)]


def _pool(layers: Layers, wish: Wish, taken: list[str]) -> gpd.GeoDataFrame:
    """Zones that can be host, away from those already taken where there is room."""
    zones = layers["zones"]
    kinds = next(POOLS[name] for name in wish.properties if name in POOLS)
    if "dense" in wish.had:
        kinds = {DENSITY[0]}
    able = has_kind(zones, kinds) & (zones["area_ha"] >= wish.least_ha)
    if "large" in wish.properties:
        able &= zones["area_ha"] >= zones.loc[able, "area_ha"].quantile(2 / 3)
    if "quay" in wish.had and "park" in wish.had:
        able &= _water(layers, zones) <= BESIDE
    hosts = zones["zone_id"].isin(taken)
    able &= ~hosts
    if hosts.any():
        apart = able & (_away(zones, zones[hosts]) > APART)
        able = apart if apart.sum() >= DRAWN else able
    return zones[able].reset_index(drop=True)


def _extreme(layers: Layers, zones, wish: Wish) -> gpd.GeoDataFrame:
    """Zones that have most of what is essential, or least of it."""
    # What is built makes the place, but a near miss must not have it by chance.
    known = {*POSITIONS, *FACILITIES, *FIRMS} if wish.lacking else {*POSITIONS}
    measured = [name for name in wish.essential if name in known]
    if not measured:
        return zones
    sign = -1 if wish.lacking else 1
    ranks = _ranks(
        [sign * _evened(measure(layers, zones, name), name) for name in measured]
    ).max(axis=0)
    share = LEAST if wish.lacking else MOST
    size = min(max(round(share * len(zones)), DRAWN), len(zones))
    return zones[ranks <= np.sort(ranks)[size - 1]].reset_index(drop=True)


def _evened(measured: np.ndarray, name: str) -> np.ndarray:
    """Distances of which those that lie beside are equal."""
    return np.maximum(measured, BESIDE) if name in LINES else measured


def _ranks(measures: list[np.ndarray]) -> np.ndarray:
    """Ranks from 0 to 1 of the zones in each measure; equal ones share the first."""
    return np.array([pd.Series(one).rank(method="min", pct=True) for one in measures])


def _away(zones, things: gpd.GeoDataFrame) -> np.ndarray:
    """Distance (m) to the nearest thing, which need not exist."""
    if not len(things):
        return np.full(len(zones), np.inf)
    shapes = things.geometry.to_numpy()
    nearest = shapely.STRtree(shapes).nearest(zones.geometry.to_numpy())
    return shapely.distance(zones.geometry.to_numpy(), shapes[nearest])


def _water(layers: Layers, zones) -> np.ndarray:
    return _away(zones, lines_of(layers, "water"))


def _great_water(layers: Layers, zones) -> np.ndarray:
    lines = lines_of(layers, "water")
    return _away(zones, lines[lines["class"].str.startswith(GREAT, na=False)])


def _rail(layers: Layers, zones) -> np.ndarray:
    return _away(zones, lines_of(layers, "rail"))


def _sustainable(layers: Layers, zones) -> np.ndarray:
    return _away(zones, lines_of(layers, "water", "rail"))


def _road(layers: Layers, zones) -> np.ndarray:
    lines = lines_of(layers, "road")
    return _away(zones, lines[lines["class"].isin(FREIGHT_ROADS)])


def _city(layers: Layers, zones) -> np.ndarray:
    """Distance to the heart of a centre city."""
    centres = layers["zones"][has_kind(layers["zones"], {"city_centre"})]
    regions = layers["regions"]
    cities = regions[regions["centre_city"].eq(True)].union_all()
    return _away(zones, centres[centres.representative_point().within(cities)])


def _cores(layers: Layers, zones) -> np.ndarray:
    """Distance to the last of the nearest few cores."""
    centres = layers["zones"][has_kind(layers["zones"], {"city_centre"})]
    away = shapely.distance(
        zones.geometry.to_numpy()[:, None], centres.geometry.to_numpy()[None, :]
    )
    return np.sort(away, axis=1)[:, min(CORES, len(centres)) - 1]


def _industry(layers: Layers, zones) -> np.ndarray:
    """Distance to another zone of large industry."""
    every = layers["zones"]
    large = has_kind(every, {"seveso_industry", "sea_port"})
    parks = has_kind(every, {"business_park"})
    large = large | (parks & (every["area_ha"] >= LARGE_HA))
    large = every[large]
    shapes, own = large.geometry.to_numpy(), large["zone_id"].to_numpy()
    away = shapely.distance(zones.geometry.to_numpy()[:, None], shapes[None, :])
    away[zones["zone_id"].to_numpy()[:, None] == own[None, :]] = np.inf
    return away.min(axis=1)


def _calm(layers: Layers, zones) -> np.ndarray:
    """Minus the distance to ground where industry is unwanted or has a price."""
    return -_away(zones, layers["constraints"])


def _dense(_, zones) -> np.ndarray:
    first = [has_kind(zones, {kind}) for kind in DENSITY]
    return np.select(first, range(len(DENSITY)), len(DENSITY)).astype(float)


MEASURES = {
    "large": lambda _, zones: -zones["area_ha"].to_numpy(),
    "permit": lambda _, zones: -zones["env_category"].fillna(0).to_numpy(),
    "water": _water,
    "great_water": _great_water,
    "rail": _rail,
    "sustainable": _sustainable,
    "road": _road,
    "city": _city,
    "cores": _cores,
    "industry": _industry,
    "calm": _calm,
    "dense": _dense,
}
