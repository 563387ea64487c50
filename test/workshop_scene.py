"""Scenes in which figures of firms can be taken from one another."""

from __future__ import annotations

import json
import random

import numpy as np
import shapely
from workshop_attack import table

# Planted firms.

TITLES = (
    "Zyqxaabb Planted & Söhne <b>",
    'Zyqxaacc "Vlijtwerk" B.V.',
    "Zyqxaadd O'Wezelaer en Zn.",
    "Zyqxaaee \\ ../Onderweg/..",
    "=HYPERLINK(Zyqxaaff)",
    "Zyqxaagg Crème Brûlée [% 1 + 1 %]",
)
"""Names that must be escaped in one file or another."""


def planted(number):
    """A firm that nobody could take for another: name, id and quantities."""
    title = TITLES[number] if number < len(TITLES) else f"Wyqzzfirm{number:02}"
    jobs = 31.40625 + 1.703125 * number
    return {
        "name": title,
        "est_id": f"Vqxplant{number:02}&<i>'x\"",
        "jobs": jobs,
        "value_added_keur": 731902.4375 + 1003.8125 * number,
        "jobs_low": jobs - 7.8671875,
        "jobs_high": jobs + 911.51953125,
    }


PLANTED = [planted(number) for number in range(20)]
PLANTED[0]["jobs"] = 98765.4375  # more than all others of its cluster together
PLANTED[1]["jobs"] = 7919.25
TEXTS = [firm[field] for firm in PLANTED for field in ("name", "est_id")]
QUANTITY_FIELDS = ("jobs", "value_added_keur", "jobs_low", "jobs_high")
QUANTITIES = [firm[field] for firm in PLANTED for field in QUANTITY_FIELDS]


def rows_of(source):
    """Rows of a table that is named as QGIS names it."""
    path, _, name = source.partition("|layername=")
    return table(path, name)


def places_to_plant(firms, zones):
    """Rows by situation, from their position alone: who gets which planted firm."""
    points = [row["geom"] for row in firms]
    tree = shapely.STRtree(points)
    near, _ = tree.query(points, predicate="dwithin", distance=500)
    neighbours = np.bincount(near, minlength=len(points))
    shapes = [row["geom"] for row in zones]
    inside = [tree.query(shape, predicate="intersects") for shape in shapes]
    zoned = set(np.concatenate(inside).tolist())
    pair = next(list(map(int, each)) for each in inside if len(each) == 2)
    others = [n for n in range(len(points)) if n not in pair]
    core = [n for n in others if neighbours[n] >= 10]
    situations = (
        (core, 9),  # in a cluster; the first of them dominates it
        (pair, 2),
        ([n for n in others if neighbours[n] == 1], 5),
        ([n for n in others if n in zoned and 1 < neighbours[n] < 10], 4),
    )
    chosen = []
    for candidates, count in situations:
        free = sorted(set(candidates) - set(chosen))
        chosen += free[:: max(len(free) // count, 1)][:count]
    return chosen


# Firms on rows and in towns.

STEP, APART, NORTH, WEST = 40, 3000, 450_000, 20_000
"""Metres between firms on a row, between rows, and where it all lies."""


def upward(count, first=10):
    """Jobs of firms none of which stands out."""
    return [first + number % 5 for number in range(count)]


def point(place, **fields):
    geometry = {"type": "Point", "coordinates": [float(each) for each in place]}
    return {"type": "Feature", "properties": fields, "geometry": geometry}


def drawn(shape, **fields):
    geometry = json.loads(shapely.to_geojson(shape))
    return {"type": "Feature", "properties": fields, "geometry": geometry}


def write(path, features):
    """A GeoJSON file in Dutch RD."""
    crs = {"type": "name", "properties": {"name": "EPSG:28992"}}
    whole = {"type": "FeatureCollection", "crs": crs, "features": features}
    path.write_text(json.dumps(whole), encoding="utf-8")
    return str(path)


def firms_of(**jobs):
    """Firms by division, as pairs of a code and jobs: ``d26=[200, 5]``."""
    return [(f"{name[1:]}11", value) for name, own in jobs.items() for value in own]


TOWNS = {
    "west_plain": firms_of(d10=upward(12), d46=upward(8), d62=upward(6)),
    "west_chip": firms_of(d26=[200, 5, 5, 4], d10=upward(8), d46=upward(7)),
    "west_bank": firms_of(d64=[300, 9, 8], d66=[7, 6, 5], d10=upward(9)),
    "west_metal": firms_of(d25=[60, 4, 3], d10=upward(5), d46=upward(6)),
    "west_split": firms_of(d10=[4] * 5, d25=[6, 1, 1], d62=[2, 2]),
    "east_plain": firms_of(d10=upward(9), d25=upward(10), d46=upward(5), d66=[6] * 5),
    "east_waste": firms_of(d38=[17], d10=upward(8), d46=upward(4)),
    "east_sewer": firms_of(d37=[21, 5, 4, 9], d46=upward(7), d62=upward(3)),
    "east_pair": firms_of(d62=[13, 14]),
    "east_school": firms_of(d85=[41], d46=upward(9), d66=upward(4)),
    "east_zero": firms_of(d90=[0] * 4, d96=[None] * 4, d10=upward(6)),
    "east_ones": firms_of(d10=upward(6), d13=[1], d14=[1], d15=[1], d16=[1, 1]),
    "north_lone": firms_of(d62=[19]),
    "north_plain": firms_of(d10=upward(7), d25=upward(5), d62=upward(7), d85=[5, 6, 7]),
    "none_chip": firms_of(d26=[77]),
    "none_food": firms_of(d10=[5]),
    "none_metal": firms_of(d25=[6]),
}
"""Firms close together, by region; those of "none" lie outside all regions."""
KINDS = ("10", "10", "10", "25", "25", "46", "46", "47", "62", "64", "66", "85", "96")


def chance_towns(count, seed=2):
    """Towns as they come: some divisions, jobs of every kind."""
    draw = random.Random(seed)  # noqa: S311
    towns = {}
    for number in range(count):
        region = draw.choice(("west", "east", "north"))
        kinds = draw.sample(KINDS, draw.randint(1, 5))
        odd = (None, 0, 1, 1, 2, 5, 40, 150, draw.randrange(480) / 16)
        towns[f"{region}_chance_{number:02}"] = [
            (f"{kind}11", draw.choice(odd if draw.random() < 0.4 else range(3, 16)))
            for kind in kinds
            for _ in range(draw.choice((1, 1, 2, 3, 4, 6, 9)))
        ]
    return towns


def build_towns(folder, jobs=None):
    """The towns as four layers; ``jobs`` by firm where they differ."""
    firms, zones, regions, place = [], [], [], 0
    towns = TOWNS | chance_towns(24)
    for region in ("west", "east", "north", "none"):
        start = WEST + APART * place - APART / 2
        for name in [name for name in towns if name.startswith(region)]:
            west = WEST + APART * place
            for number, (code, known) in enumerate(towns[name]):
                firm = f"{name}-{number:02}"
                spot = (west + STEP * (number % 6), NORTH + STEP * (number // 6))
                own = known if jobs is None else jobs[firm]
                firms.append(point(spot, est_id=firm, name=firm, sbi=code, jobs=own))
            ground = shapely.box(west - 20, NORTH - 20, west + 220, NORTH + 60)
            fields = {"zone_id": f"Z-{name}", "name": name, "kinds": "mixed"}
            zones.append(drawn(ground, **fields, area_ha=ground.area / 10_000))
            place += 1
        end = WEST + APART * place - APART / 2
        ground = shapely.box(start, NORTH - APART, end, NORTH + APART)
        if region != "none":
            regions.append(drawn(ground, region_id=region, name=region))
    lines = [
        drawn(
            shapely.LineString([(0, NORTH + off), (WEST + APART * place, NORTH + off)]),
            infra_id=mode,
            mode=mode,
        )
        for mode, off in (("road", 300), ("rail", -300))
    ]
    layers = {"ESTABLISHMENTS": firms, "ZONES": zones, "INFRASTRUCTURE": lines}
    layers |= {"REGIONS": regions}
    return {
        role: write(folder / f"{role.lower()}.geojson", features)
        for role, features in layers.items()
    }
