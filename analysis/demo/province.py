"""One province: geography first, then its establishments, then the tables."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from ..layers import layer_type
from ..progress import Progress, part
from ..resources import read_toml
from .canvas import Canvas
from .constraints import make_constraints
from .exchanges import Planted, plant_exchanges
from .facilities import make_facilities
from .firms import make_firms
from .initiatives import make_initiatives
from .lines import Network
from .networks import make_network
from .parks import lay_parks
from .port import lay_port
from .regions import make_regions
from .rural import lay_farmland, lay_glasshouses, lay_nature, open_ground
from .terrain import Terrain, make_terrain
from .towns import Town, make_towns
from .urban import lay_special, lay_towns
from .utilities import make_utilities

WORK = {
    "business_park", "sea_port", "inland_port", "mixed", "innovation", "waste",
    "brownfield", "seveso_industry",
}  # fmt: skip
SIDES, PARTIES = ("flow_supply", "flow_demand"), ("giver", "receiver")
DTYPES = {"text": object, "real": float, "integer": "Int64", "boolean": object}


@dataclass
class Geography:
    """Everything of a province but its establishments."""

    terrain: Terrain
    towns: list[Town]
    network: Network
    canvas: Canvas
    regions: list[shapely.Polygon]
    facilities: list[dict]
    constraints: list[dict]


def make_province(
    seed: np.random.SeedSequence,
    count: int,
    origin: tuple[float, float],
    prefix: str,
    tell: Progress,
    planted: bool = True,
) -> dict[str, gpd.GeoDataFrame]:
    """Layers of one province with ``count`` establishments, placed at ``origin``.

    ``tell`` hears the share of the work that is done; without ``planted`` the tables
    of exchanges are empty.
    """
    tell(0.0)
    rules = read_toml("demo", "province.toml")
    land_seed, *firm_seeds, exchange_seed = seed.spawn(7)
    geography = _make_geography(land_seed.spawn(12), rules, part(tell, 0, 0.5))
    zones = geography.canvas.zones
    towns = [town.name for town in geography.towns if not town.village]
    firms = make_firms(firm_seeds, rules, zones, towns, count, part(tell, 0.5, 0.95))
    exchanges = Planted(firms, pd.DataFrame(), pd.DataFrame())
    if planted:
        rng = np.random.default_rng(exchange_seed)
        exchanges = plant_exchanges(rng, rules, zones, firms, towns)
    layers = _tables(geography, exchanges.firms, prefix)
    layers |= _exchange_tables(exchanges, layers["establishments"], prefix)
    for layer in layers.values():
        layer["geometry"] = shapely.transform(
            layer.geometry.array, lambda xy: xy + origin
        )
    tell(1.0)
    return layers


def _make_geography(seeds: list, rules: dict, tell: Progress) -> Geography:
    """Geography from seeds, one for each stage: no stage disturbs another."""
    dice = iter([np.random.default_rng(seed) for seed in seeds])
    names = read_toml("demo", "names.toml")
    terrain = make_terrain(next(dice), rules)
    towns = make_towns(next(dice), rules, terrain, names)
    network = make_network(next(dice), rules["roads"], terrain, towns)
    tell(0.1)
    ground = open_ground(terrain, network, rules["river"]["canal_half_width"])
    canvas = Canvas(ground)
    lay_port(next(dice), canvas, terrain)
    lay_parks(next(dice), rules["parks"], canvas, network, towns)
    tell(0.2)
    urban_dice = next(dice)
    lay_special(urban_dice, canvas, towns)
    lay_towns(urban_dice, rules["towns"], canvas, network, towns, part(tell, 0.2, 0.5))
    rural_dice = next(dice)
    lay_glasshouses(rural_dice, rules["land"], canvas, towns, names)
    lay_nature(rural_dice, rules, canvas, terrain, names)
    tell(0.6)
    lay_farmland(rural_dice, rules["land"], canvas, names)
    tell(0.7)
    network.lines += make_utilities(next(dice), canvas, terrain, towns)
    main = [town for town in towns if not town.village]
    regions = make_regions(next(dice), rules["municipality"], terrain, main)
    tell(0.85)
    facilities = make_facilities(next(dice), canvas, network, towns)
    constraints = make_constraints(next(dice), canvas, terrain, towns, regions)
    tell(1.0)
    return Geography(terrain, towns, network, canvas, regions, facilities, constraints)


def _tables(geography: Geography, firms: pd.DataFrame, prefix: str) -> dict:
    zones, network = geography.canvas.zones, geography.network
    points = gpd.GeoSeries(shapely.points(firms[["x", "y"]].to_numpy()))
    firms = firms.drop(columns=["x", "y", "zone"])
    lines = [
        {
            "mode": line.mode,
            "class": line.grade,
            "name": line.name,
            "geometry": line.shape,
        }
        for line in network.lines
    ]
    facilities = pd.DataFrame(geography.facilities)
    facilities = facilities[["name", "kind", "capacity", "unit", "geometry"]]
    initiatives = make_initiatives(geography.facilities, geography.towns)
    return {
        "establishments": _table(firms.assign(geometry=points), "est_id", f"{prefix}E"),
        "zones": _table(pd.DataFrame(map(_zone_row, zones)), "zone_id", f"{prefix}Z"),
        "infrastructure": _table(pd.DataFrame(lines), "infra_id", f"{prefix}I"),
        "facilities": _table(facilities, "facility_id", f"{prefix}F"),
        "regions": _table(_region_rows(geography), "region_id", f"{prefix}G"),
        "constraints": gpd.GeoDataFrame(geography.constraints, geometry="geometry"),
        "initiatives": _table(pd.DataFrame(initiatives), "initiative_id", f"{prefix}N"),
    }


def _exchange_tables(planted: Planted, firms: gpd.GeoDataFrame, prefix: str) -> dict:
    """Planted flows at their establishments, and the truth as lines between them."""
    flows, truth = planted.flows, planted.truth
    if len(flows):
        flows["actor_id"] = firms["est_id"].to_numpy()[flows["firm"]]
        flows["geometry"] = firms.geometry.to_numpy()[flows["firm"]]
        flows = _table(flows, "flow_id", f"{prefix}S")
        ends = [flows.iloc[truth[side]] for side in ("supply", "demand")]
        truth["exchange_id"] = prefix + truth["exchange"]
        for side, party, rows in zip(SIDES, PARTIES, ends, strict=True):
            truth[side] = rows["flow_id"].to_numpy()
            truth[party] = rows["actor_id"].to_numpy()
        spots = np.stack([shapely.get_coordinates(rows.geometry) for rows in ends], 1)
        truth["geometry"] = shapely.linestrings(spots)
    return {"flows": _typed(flows, "flows"), "truth": _typed(truth, "truth")}


def _typed(frame: pd.DataFrame, name: str) -> gpd.GeoDataFrame:
    """A table with all fields of its layer type, and those alone."""
    fields = layer_type(name).fields
    frame = frame.reindex(columns=[*fields, "geometry"])
    frame = frame.astype({field: DTYPES[kind] for field, kind in fields.items()})
    return gpd.GeoDataFrame(frame, geometry="geometry")


def _table(frame: pd.DataFrame, key: str, prefix: str) -> gpd.GeoDataFrame:
    """GeoDataFrame with text ids that sort in the order of the rows."""
    digits = 7 if key == "est_id" else 4
    ids = [f"{prefix}{number:0{digits}d}" for number in range(1, len(frame) + 1)]
    frame = frame.reset_index(drop=True)
    frame.insert(0, key, ids)
    return gpd.GeoDataFrame(frame, geometry="geometry")


def _zone_row(zone) -> dict:
    area = zone.shape.area / 1e4
    work = bool(WORK & set(zone.kinds))
    return {
        "name": zone.name,
        "kinds": ";".join(zone.kinds),
        "area_ha": area,
        "available_ha": round(area * zone.share_free, 2) if work else np.nan,
        "env_category": float(zone.category) if zone.category else np.nan,
        "park_management": zone.managed,
        "geometry": zone.shape,
    }


def _region_rows(geography: Geography) -> pd.DataFrame:
    """Municipalities, with the inhabitants of their town and villages."""
    people = np.zeros(len(geography.regions), dtype=int)
    for town in geography.towns:
        away = shapely.distance(geography.regions, shapely.Point(town.centre))
        people[int(np.argmin(away))] += town.inhabitants
    main = [town for town in geography.towns if not town.village]
    return pd.DataFrame(
        {
            "name": [town.name for town in main],
            "population": people,
            "centre_city": [town.rank <= 3 for town in main],
            "geometry": geography.regions,
        }
    )
