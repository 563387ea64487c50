"""The criteria: each measures one thing of every area.

Which criterion uses which measure, with which value function and from which source,
stands in ``resources/criteria.toml``. A measure takes the areas (index from 0), the
layers and the arguments of its entry there, and gives the raw values, or None where
the layer that it needs is absent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import partial

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from .confidentiality import FEW
from .grouping import positions_by
from .leverage_areas import establishments_inside
from .progress import Progress, silent
from .resources import read_toml
from .shapes import united
from .surroundings import any_near, linked_modes, people_around, underground_density
from .threads import in_pairs, in_threads, patiently
from .travel import Travel
from .vocabulary import TRANSPORT_MODES

SUSTAINABLE_MODES = {"rail", "water"}
OWN_SOURCE = "CRITERIA"
"""Source of what the user made."""


@dataclass(frozen=True)
class Layers:
    """What the criteria look at; None where a layer is absent. One CRS in metres."""

    establishments: gpd.GeoDataFrame | None = None
    zones: gpd.GeoDataFrame | None = None
    infrastructure: gpd.GeoDataFrame | None = None
    facilities: gpd.GeoDataFrame | None = None
    constraints: gpd.GeoDataFrame | None = None
    matches: gpd.GeoDataFrame | None = None
    regions: gpd.GeoDataFrame | None = None
    mode_distances: dict[str, float] = field(default_factory=dict)
    network: Travel | None = None
    """Roads over which distances to facilities and zones count, see :mod:`.travel`."""
    fits: pd.DataFrame | None = None
    """Whether a type environment of a strategy holds, see :mod:`.levers`."""
    known: dict[Callable, object] | None = None
    """What several measures of the same areas share, while they are measured."""


@dataclass(frozen=True)
class Measured:
    """Raw values and values in [0, 1] of the areas.

    Parameters
    ----------
    raw
        One column per criterion whose layer is there; NULL is unknown.
    value
        The same through the value functions.
    own
        Criteria of the user's own, which may bear the id of one of ours.
    """

    raw: pd.DataFrame
    value: pd.DataFrame
    own: frozenset[str] = frozenset()


def criterion_ids() -> list[str]:
    """Ids of the criteria that Kansenkaart measures itself, in order."""
    return list(read_toml("criteria.toml"))


def measure(
    areas: gpd.GeoDataFrame,
    layers: Layers,
    wanted: list[str],
    progress: Progress = silent,
) -> Measured:
    """Measure criteria of all areas.

    Parameters
    ----------
    areas
        Leverage areas or zones, index from 0.
    layers
        The layers to look at.
    wanted
        Ids of criteria; one whose layer is absent is left out for all areas.
    """
    raw, value = {}, {}
    layers = replace(layers, known={})
    for number, criterion in enumerate(wanted):
        entry = dict(read_toml("criteria.toml")[criterion])
        scale = entry["worst"], entry["best"]
        found = patiently(
            partial(MEASURES[entry["measure"]], areas, layers, entry),
            partial(progress, number / len(wanted)),
        )
        if found is not None:
            raw[criterion] = pd.Series(np.asarray(found, float), areas.index)
            value[criterion] = linear_value(raw[criterion], *scale)
            if "few" in entry and "withheld" in areas:
                few = areas["withheld"] == FEW
                value[criterion] = value[criterion].mask(few, entry["few"])
        progress((number + 1) / len(wanted))
    return Measured(
        pd.DataFrame(raw, index=areas.index), pd.DataFrame(value, index=areas.index)
    )


def largest_reach(wanted: Iterable[str]) -> float:
    """Furthest distance in metres over which criteria look round an area.

    A distance beyond the worst value of its criterion changes nothing.

    >>> largest_reach(["C6", "C10"])
    10000.0
    """
    catalogue = read_toml("criteria.toml")
    entries = [catalogue[name] for name in wanted if name in catalogue]
    worst = [entry["worst"] for entry in entries if entry["unit"] == "metre"]
    around = [entry["distance"] for entry in entries if "distance" in entry]
    return float(max([0.0, *worst, *around]))


def linear_value(raw: pd.Series, worst: float, best: float) -> pd.Series:
    """Linear value function, clipped: 0 at ``worst``, 1 at ``best``.

    ``v = (raw − worst) / (best − worst)``; ``best`` may be the lower of the two.

    >>> linear_value(pd.Series([0.0, 50.0, 250.0]), 0, 100).tolist()
    [0.0, 0.5, 1.0]
    """
    # Adding zero turns −0.0 into 0.0.
    return ((raw - worst) / (best - worst)).clip(0, 1) + 0.0


def establishments(areas, layers: Layers, entry) -> pd.Series | None:  # noqa: ARG001
    """Number of establishments inside the area."""
    return _counted(areas, layers, "establishments")


def diversity(areas, layers: Layers, entry) -> pd.Series | None:  # noqa: ARG001
    """Diversity of activities inside the area, see :mod:`.entropy`."""
    return _counted(areas, layers, "diversity")


def mode_count(areas, layers: Layers, entry) -> pd.Series | None:  # noqa: ARG001
    """Number of transport modes: the most in one place, else all within reach."""
    if "mode_count" in areas:
        return areas["mode_count"]
    reached = _once(_reached_modes, areas, layers)
    return None if reached is None else reached.map(len)


def sustainable_modes(areas, layers: Layers, entry) -> pd.Series | None:  # noqa: ARG001
    """Number of modes among rail and water that reach the area."""
    if "modes" in areas:
        reached = areas["modes"].fillna("").map(lambda modes: set(modes.split(",")))
    else:
        reached = _once(_reached_modes, areas, layers)
    if reached is None:
        return None
    return reached.map(lambda modes: len(modes & SUSTAINABLE_MODES))


def distance_to_energy(areas, layers: Layers, entry) -> np.ndarray | None:
    """Distance in metres to the nearest energy source, energy hub or energy line."""
    shapes = []
    if layers.facilities is not None:
        chosen = layers.facilities["kind"].isin(entry["facility_kinds"])
        shapes.append(layers.facilities.geometry[chosen])
    if layers.infrastructure is not None:
        chosen = layers.infrastructure["mode"].isin(entry["modes"])
        shapes.append(layers.infrastructure.geometry[chosen])
    return _nearest(areas, shapes, entry, layers.network)


def distance_to_waste_processing(areas, layers: Layers, entry) -> np.ndarray | None:
    """Distance in metres to the nearest waste processor or zone for waste."""
    shapes = []
    if layers.facilities is not None:
        chosen = layers.facilities["kind"].isin(entry["facility_kinds"])
        shapes.append(layers.facilities.geometry[chosen])
    if layers.zones is not None:
        kinds = layers.zones["kinds"].fillna("").str.split(";")
        chosen = kinds.map(lambda names: entry["zone_kind"] in names)
        shapes.append(layers.zones.geometry[chosen])
    return _nearest(areas, shapes, entry, layers.network)


def available_space(areas, layers: Layers, entry) -> pd.Series | None:  # noqa: ARG001
    """Hectares that are still available in the area.

    A part of a zone gets the zone's available hectares by its share of the zone's
    ground (aanname: available plots lie evenly spread).
    """
    available = _of_zone(areas, layers, "available_ha")
    if available is None or "available_ha" in areas:
        return available
    ground = areas["zone_id"].map(_by_id(layers.zones).area)
    return available * (areas.area / ground).clip(upper=1)


def port_space(areas, layers: Layers, entry) -> pd.Series | None:
    """Hectares that are still available in the area, as far as it lies in a port."""
    space = available_space(areas, layers, entry)
    kinds = _of_zone(areas, layers, "kinds")
    if space is None or kinds is None:
        return None
    ports = set(entry["zone_kinds"])
    in_port = kinds.fillna("").map(lambda names: bool(ports & set(names.split(";"))))
    return space.where(in_port, 0.0)


def environmental_category(areas, layers: Layers, entry) -> pd.Series | None:  # noqa: ARG001
    """Highest environmental category that the zone allows."""
    return _of_zone(areas, layers, "env_category")


def conflict(areas, layers: Layers, entry) -> np.ndarray | None:
    """Share in percent of the area and its surroundings that is sensitive.

    Sensitive is what the constraints with effect ``penalise`` cover, such as housing
    and nature; the surroundings reach as far as ``distance`` metres.
    """
    if layers.constraints is None:
        return None
    sensitive = layers.constraints.loc[layers.constraints["effect"] == "penalise"]
    around = shapely.buffer(areas.geometry.to_numpy(), entry["distance"])
    hit, other = shapely.STRtree(sensitive.geometry.to_numpy()).query(
        around, predicate="intersects"
    )
    shapes = sensitive.geometry.to_numpy()
    common = in_pairs(shapely.intersection, around[hit], shapes[other])
    near = list(positions_by(hit))
    grounds = in_threads(united, [common[rows] for _, rows in near])
    covered = np.zeros(len(areas))
    covered[[at for at, _ in near]] = shapely.area(grounds)
    return 100 * covered / shapely.area(around)


def avoided_co2(areas, layers: Layers, entry) -> np.ndarray | None:  # noqa: ARG001
    """Tonnes of CO2 that matches with an end in the area avoid per year.

    A match counts once per area, also with both ends in it, and in every area where it
    has an end. What a match avoids is unknown where no factor is: that counts 0.
    """
    if layers.matches is None:
        return None
    match, area = ends_inside(areas, layers.matches)
    avoided = layers.matches["avoided_co2_t"].astype(float).fillna(0.0).to_numpy()
    return np.bincount(area, avoided[match], len(areas))


def ends_inside(areas, matches) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of a match and an area in which it has an end, by position; each once."""
    lines = matches.geometry.to_numpy()
    ends = [shapely.get_point(lines, place) for place in (0, -1)]
    tree = shapely.STRtree(areas.geometry.to_numpy())
    found = [tree.query(points, predicate="intersects") for points in ends]
    match, area = np.unique(np.concatenate(found, axis=1), axis=1)
    return match, area


def environment_fit(areas, layers: Layers, entry) -> pd.Series | None:  # noqa: ARG001
    """Percentage of the strategies of which a type environment holds.

    Of those of which it is known and that name one.
    """
    return None if layers.fits is None else 100 * layers.fits.mean(axis=1)


MEASURES: dict[str, Callable] = {
    function.__name__: function
    for function in (
        establishments,
        diversity,
        mode_count,
        sustainable_modes,
        distance_to_energy,
        distance_to_waste_processing,
        available_space,
        conflict,
        avoided_co2,
        port_space,
        people_around,
        underground_density,
        linked_modes,
        environmental_category,
        environment_fit,
    )
}


def _counted(areas, layers: Layers, name: str) -> pd.Series | None:
    """A count that the areas carry already, else taken from the establishments."""
    if name in areas and areas[name].notna().any():
        return areas[name]
    if layers.establishments is None:
        return None
    return _once(_of_establishments, areas, layers)[name]


def _of_establishments(areas, layers: Layers) -> pd.DataFrame:
    return establishments_inside(areas, layers.establishments)


def _once(find: Callable, areas, layers: Layers) -> object:
    """What a function finds, looked for by the first measure that needs it."""
    if layers.known is None:
        return find(areas, layers)
    if find not in layers.known:
        layers.known[find] = find(areas, layers)
    return layers.known[find]


def _of_zone(areas, layers: Layers, name: str) -> pd.Series | None:
    """A field of the zone that each area is or lies in."""
    if name in areas:
        return areas[name]
    if layers.zones is None or name not in layers.zones or "zone_id" not in areas:
        return None
    return areas["zone_id"].map(_by_id(layers.zones)[name])


def _by_id(zones: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return zones.drop_duplicates("zone_id").set_index("zone_id")


def _reached_modes(areas, layers: Layers) -> pd.Series | None:
    """Transport modes whose lines lie within the distance of their mode."""
    if layers.infrastructure is None:
        return None
    reached: list[set[str]] = [set() for _ in range(len(areas))]
    for mode in set(TRANSPORT_MODES) & set(layers.mode_distances):
        lines = layers.infrastructure.geometry[layers.infrastructure["mode"] == mode]
        shapes = areas.geometry.to_numpy(), lines.to_numpy()
        for at in np.flatnonzero(any_near(*shapes, layers.mode_distances[mode])):
            reached[at].add(mode)
    return pd.Series(reached, index=areas.index)


def _nearest(areas, shapes: list, entry, network) -> np.ndarray | None:
    """Distance to the nearest shape; None without a layer to look in.

    The distance is at most the worst of the value function, which stands for that far
    or further: a study area does not look beyond it, and the layer may hold nothing of
    the kind at all. So it is where no road leads there.
    """
    if not shapes:
        return None
    furthest, found = float(entry["worst"]), np.concatenate(shapes)
    if network is not None:
        return _nearest_by_road(areas.geometry.to_numpy(), found, furthest, network)
    (area, _), distance = shapely.STRtree(found).query_nearest(
        areas.geometry.to_numpy(),
        max_distance=furthest,
        return_distance=True,
        all_matches=False,
    )
    result = np.full(len(areas), furthest)
    result[area] = distance
    return result


def _nearest_by_road(
    areas: np.ndarray, shapes: np.ndarray, furthest: float, network: Travel
) -> np.ndarray:
    """The same over roads; pipes and cables in a straight line, which they go too."""
    area, other = shapely.STRtree(shapes).query(
        areas, predicate="dwithin", distance=furthest
    )
    metres = shapely.distance(areas[area], shapes[other])
    line = shapely.get_dimensions(shapes[other]) == 1
    by_road = np.flatnonzero(~line & (metres > 0))
    if len(by_road):
        metres[by_road] = network.between(areas, shapes, area[by_road], other[by_road])
    result = np.full(len(areas), furthest)
    np.minimum.at(result, area, metres)
    return result
