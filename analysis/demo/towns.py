"""Towns and villages: where they lie and how large they are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from shapely import Point

from .terrain import Terrain


@dataclass
class Town:
    """A town or village; ``radius`` (m) is that of its built-up area."""

    name: str
    centre: np.ndarray
    inhabitants: int
    radius: float
    rank: int
    village: bool = False


def make_towns(
    rng: np.random.Generator, rules: dict, terrain: Terrain, names: dict
) -> list[Town]:
    """Make the main towns, by rank (largest first), and then the villages."""
    towns = _main_towns(rng, rules["towns"], terrain, names)
    return towns + _villages(rng, rules["towns"], terrain, names, towns)


def radius_of(inhabitants: float, rules: dict) -> float:
    """Radius (m) of a round built-up area; larger towns are denser."""
    first, power = rules["density"]
    density = first * (inhabitants / 10000) ** power
    return float(1000 * np.sqrt(inhabitants / density / np.pi))


def _main_towns(rng, rules: dict, terrain: Terrain, names: dict) -> list[Town]:
    ranks = np.arange(1, rules["count"] + 1)
    noise = np.exp(rng.normal(0, rules["noise"], len(ranks)))
    sizes = rules["largest"] / ranks ** rules["zipf_exponent"] * noise
    sizes = np.sort(sizes.round(-1))[::-1]
    radii = [radius_of(size, rules) for size in sizes]
    sites = _anchor_sites(rng, terrain, radii)
    sites = _spread_sites(rng, rules, terrain, sites)
    chosen = _pick_names(rng, names, terrain, sites)
    return [
        Town(name, site, int(size), radius, rank)
        for rank, (name, site, size, radius) in enumerate(
            zip(chosen, sites, sizes, radii, strict=True), start=1
        )
    ]


def _anchor_sites(rng, terrain: Terrain, radii: list[float]) -> list[np.ndarray]:
    """Sites that trade made: estuary, confluence, canal ends, port, upstream river.

    The order is that of the towns' ranks.
    """
    width, height = terrain.width, terrain.height
    beach = terrain.port_start
    jitter = rng.uniform(-1, 1, (7, 2)) * [1500, 1200]
    main = beach + 17500
    meeting = terrain.confluence + 600
    upstream = 0.86 * width
    mouth = beach + 7500
    sites = [
        [main, terrain.bank(main, 1) + 0.50 * radii[0]],
        [meeting, terrain.bank(meeting, 1) + 0.55 * radii[1]],
        [0.40 * width, 0.82 * height],
        [0.46 * width, 0.15 * height],
        [mouth, terrain.bank(mouth) - 4300 - radii[4]],
        [upstream, terrain.bank(upstream) - 0.6 * radii[5]],
        [float(terrain.coast(0.8 * height)) + 2300, 0.8 * height],
    ]
    loose = np.array([[1, 0], [1, 0], [1, 1], [1, 1], [1, 0], [1, 0], [0, 1]])
    return list(np.array(sites) + jitter * loose)


def _spread_sites(rng, rules: dict, terrain: Terrain, sites: list) -> list:
    """Fill up to the wanted count with sites far from those that stand."""
    candidates = _dry_places(rng, terrain, rules["edge"], 900)
    while len(sites) < rules["count"]:
        steps = candidates[:, None] - np.array(sites)[None]
        nearest = np.hypot(steps[..., 0], steps[..., 1]).min(axis=1)
        near_enough = np.minimum(nearest, 1.6 * rules["spacing"])
        score = near_enough * rng.uniform(0.8, 1.0, len(candidates))
        sites.append(candidates[np.argmax(score)])
    return sites


def _dry_places(rng, terrain: Terrain, edge: float, count: int) -> np.ndarray:
    """Random places (n, 2) on land, off the water and the province's border."""
    places = rng.uniform(0, 1, (4 * count, 2)) * [terrain.width, terrain.height]
    inner = shapely.box(edge, edge, terrain.width - edge, terrain.height - edge)
    firm = terrain.land.buffer(-1100).intersection(inner)
    port = shapely.union_all(terrain.port_blocks).buffer(1800)
    shapely.prepare(firm)
    dry = shapely.contains_xy(firm, *places.T) & ~shapely.contains_xy(port, *places.T)
    return places[dry][:count]


def _villages(rng, rules: dict, terrain: Terrain, names: dict, towns: list) -> list:
    candidates = _dry_places(rng, terrain, 1800, 1500)
    centres = [town.centre for town in towns]
    reach = [town.radius * 1.35 + 1500 for town in towns]
    chosen = []
    for place in candidates:
        away = np.hypot(*(np.array(centres) - place).T)
        if len(chosen) < rules["villages"] and (away > np.array(reach)).all():
            chosen.append(place)
            centres.append(place)
            reach.append(rules["village_spacing"])
    low, high = rules["village_inhabitants"]
    sizes = np.exp(rng.uniform(np.log(low), np.log(high), len(chosen))).round(-1)
    labels = rng.permutation(names["villages"])
    return [
        Town(str(label), place, int(size), 1.15 * radius_of(size, rules), 99, True)
        for label, place, size in zip(labels, chosen, sizes, strict=False)
    ]


def _pick_names(rng, names: dict, terrain: Terrain, sites: list) -> list[str]:
    """Names of the main towns; a few fit only by the water."""
    wet = [str(name) for name in rng.permutation(names["water_towns"])]
    dry = [str(name) for name in rng.permutation(names["towns"])]
    waters = shapely.union_all([terrain.river, terrain.tributary])
    near = [waters.distance(Point(site)) < 6500 for site in sites]
    return [(wet if is_near and wet else dry).pop() for is_near in near]
