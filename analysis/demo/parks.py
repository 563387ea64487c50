"""Business parks beside roads, water and rail."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import shapely
from scipy.special import ndtri
from shapely import LineString, Point, Polygon

from ..resources import read_toml
from .canvas import Canvas, Zone
from .lines import Network
from .shapes import block, direction_at
from .towns import Town

HEAVY, MIDDLE, LIGHT = ("5.1", "5.2", "5.3"), ("4.1", "4.2"), ("2", "3.1", "3.2")
ALONG = {"road": 0.0, "water": -0.45, "rail": -0.9}  # appeal of the line itself
MINOR = {"provincial": 0.7, "local": 1.2, "freight_rail": -0.3}


class _Spot(NamedTuple):
    """Place (m) along a line where a park could lie."""

    line: LineString
    place: float
    mode: str


def lay_parks(
    rng: np.random.Generator,
    rules: dict,
    canvas: Canvas,
    network: Network,
    towns: list[Town],
):
    """Lay business parks, largest first, each on the best free spot of its town."""
    spots = _spots(rng, rules, network, towns)
    limits = _limits(network, towns)
    sizes = _sizes(rng, rules)
    used: Counter[str] = Counter()
    due = _appetite(rules, towns, network.junctions) * sizes.sum()

    def free(shape: Polygon) -> bool:
        return not shapely.intersects(limits, shape).any() and canvas.fits(shape, 60.0)

    for size in sizes:
        host = _host(rng, rules, towns, due, size)
        lot = _first_lot(rng, rules, spots[host], size * 1e4, free)
        due[host] -= size
        if lot is not None:
            spot, shape = lot
            name = _park_name(rng, towns[host], shape, spot.mode, used)
            canvas.zones.append(_park(rng, rules, spot, shape, name))


def _sizes(rng, rules: dict) -> np.ndarray:
    """Sizes (ha) of the parks, largest first, spread evenly over their distribution."""
    count = rules["count"]
    places = ndtri((np.arange(count) + rng.random(count)) / count)
    sizes = rules["median_ha"] * np.exp(rules["sigma"] * places)
    return np.clip(sizes, *rules["size_ha"])[::-1]


def _limits(network: Network, towns: list[Town]) -> list:
    """Lines no park crosses and town centres none intrudes upon."""
    barriers = [
        *network.shapes("road", "motorway", "provincial"),
        *network.shapes("rail"),
        *network.shapes("water"),
    ]
    cores = [Point(town.centre).buffer(0.62 * town.radius) for town in towns]
    limits = [shapely.union_all(barriers), shapely.union_all(cores)]
    shapely.prepare(limits)
    return limits


def _appetite(rules: dict, towns: list[Town], junctions: np.ndarray) -> np.ndarray:
    """Share of each town (n,) in the hectares of all parks: more by a motorway."""
    village = np.array([town.village for town in towns])
    people = np.array([town.inhabitants for town in towns], dtype=float)
    steps = np.array([town.centre for town in towns])[:, None] - junctions
    away = np.hypot(steps[..., 0], steps[..., 1]).min(axis=1)
    away = away - np.array([town.radius for town in towns])
    weights = people ** rules["town_power"]
    weights *= np.where(village, rules["village_share"], 1)
    weights *= np.where(away < rules["max_town_distance"], rules["motorway_share"], 1)
    return weights / weights.sum()


def _host(rng, rules: dict, towns: list[Town], due: np.ndarray, size: float) -> int:
    """Draw the town that gets a park of ``size`` ha, the likelier the more is due."""
    people = np.array([town.inhabitants for town in towns], dtype=float)
    village = np.array([town.village for town in towns])
    first, second = rules["room"]
    largest = np.where(village, rules["village_ha"], first + second * people / 1000)
    weights = np.where(largest >= size, np.clip(due, 0.1, None), 0)
    return int(rng.choice(len(towns), p=weights / weights.sum()))


def _spots(rng, rules: dict, network: Network, towns: list[Town]) -> list[list[_Spot]]:
    """For each town its spots, the most attractive first."""
    spots, points, appeal = [], [], []
    for line in network.lines:
        if line.mode not in ALONG:
            continue
        places = np.arange(300, max(line.shape.length - 300, 301), 250.0)
        spots += [_Spot(line.shape, float(place), line.mode) for place in places]
        points.append(
            shapely.get_coordinates(shapely.line_interpolate_point(line.shape, places))
        )
        own = ALONG[line.mode] - MINOR.get(line.grade, 0.0)
        appeal.append(np.full(len(places), own))
    points, appeal = np.vstack(points), np.concatenate(appeal)
    host, score = _appeal(rules, points, network.junctions, towns)
    score += appeal + rng.gumbel(0, 0.45, len(score))
    order = [int(i) for i in np.argsort(-score, kind="stable") if np.isfinite(score[i])]
    chosen: list[list[_Spot]] = [[] for _ in towns]
    for index in order:
        chosen[host[index]].append(spots[index])
    return chosen


def _appeal(rules: dict, points: np.ndarray, junctions: np.ndarray, towns: list):
    """Nearest town (n,) and appeal (n,) of spots; minus infinity when too far out."""
    centres = np.array([town.centre for town in towns])
    radii = np.array([town.radius for town in towns])
    steps = points[:, None] - centres[None]
    away = np.hypot(steps[..., 0], steps[..., 1]) - radii
    host = away.argmin(axis=1)
    near = away[np.arange(len(points)), host]
    ways = points[:, None] - junctions[None]
    junction = np.hypot(ways[..., 0], ways[..., 1]).min(axis=1)
    score = rules["junction_pull"] * np.exp(-junction / rules["junction_scale"])
    score = score - np.abs(near - 150) / rules["town_scale"]
    return host, np.where(near > rules["max_town_distance"], -np.inf, score)


def _first_lot(rng, rules: dict, spots: list[_Spot], size: float, free: Callable):
    """First spot where a lot of ``size`` m2 is free; it is taken from the list."""
    for index, spot in enumerate(spots):
        shape = _lot(rng, rules, spot, size)
        if free(shape):
            del spots[index]
            return spot, shape
    return None


def _lot(rng, rules: dict, spot: _Spot, size: float) -> Polygon:
    """Plot of land on one side of the line."""
    along = direction_at(spot.line, spot.place)
    inward = np.array([-along[1], along[0]]) * rng.choice([-1, 1])
    length = np.sqrt(1.18 * size * rng.uniform(*rules["aspect"]))
    foot = np.array(spot.line.interpolate(spot.place).coords[0])
    anchor = foot + inward * rules["setback"]
    return block(rng, anchor, (along, inward), (length, 1.18 * size / length))


def _park(rng, rules: dict, spot: _Spot, shape: Polygon, name: str) -> Zone:
    """Zone of a business park with its rules and its room."""
    heavy = spot.mode == "water" or rng.random() < rules["heavy_share"]
    levels = (HEAVY, MIDDLE) if heavy else (MIDDLE, LIGHT)
    level = levels[0] if rng.random() < 0.4 else levels[1]
    kinds: tuple[str, ...] = ("business_park",)
    if spot.mode == "water":
        kinds = ("business_park", "inland_port")
    elif level is LIGHT and rng.random() < rules["mixed_share"]:
        kinds = ("mixed",)
    elif level is HEAVY and shape.area > 2e5:
        kinds = ("business_park", "seveso_industry")
    known = rng.random(3) > rules["unknown"]
    managed = bool(rng.random() < 0.25 + shape.area / 2e6)
    along = direction_at(spot.line, spot.place)
    return Zone(
        name, kinds, shape, "park", "business_park",
        angle=float(np.arctan2(along[1], along[0])),
        share_free=float(max(0, rng.normal(0.03, 0.12))) if known[0] else np.nan,
        category=str(rng.choice(level)) if known[1] else None,
        managed=managed if known[2] else None,
    )  # fmt: skip


def _park_name(rng, town: Town, shape: Polygon, mode: str, used: Counter) -> str:
    """Name such as "Hoekland Oost"; the second of a name gets a number."""
    names = read_toml("demo", "names.toml")
    way = np.array(shape.centroid.coords[0]) - town.centre
    compass = ["Oost", "Noord", "West", "Zuid"]
    side = compass[int(np.round(np.arctan2(way[1], way[0]) / (np.pi / 2))) % 4]
    options = names["water_parks"] if mode == "water" else names["parks"]
    label = str(rng.choice(options)).format(town=town.name, side=side)
    used[label] += 1
    return label if used[label] == 1 else f"{label} {used[label]}"
