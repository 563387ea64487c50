"""A scene with flows, and what a curious reader would solve from published ones.

Written without a look at `analysis/flows/publishing.py`. What the reader has: the
shipped coefficients, and jobs, flows and balances as they are published.
"""

from __future__ import annotations

import csv
import random
from collections import defaultdict
from functools import cache
from pathlib import Path

import numpy as np
import shapely
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array, eye, hstack
from workshop_attack import Cells, table
from workshop_scene import APART, NORTH, STEP, WEST, drawn, point, upward, write

GPKG = "kansenkaart.gpkg"
FLOW_FILES = Path(__file__).resolve().parents[1] / "resources" / "flows"

# Firms, facilities and reports.


def firms_of(**jobs):
    """Firms by activity, as pairs of a code and jobs: ``c1071=[20, 5]``."""
    return [(name[1:], value) for name, own in jobs.items() for value in own]


TOWNS = {
    "west_bakery": firms_of(c1071=upward(8), c1105=[23], c4634=upward(4), c56101=[8]),
    "west_oil": firms_of(c1920=[90], c2014=[200, 6, 5, 7], c1071=upward(5), c4711=[9]),
    "west_milk": firms_of(c1051=[40, 5, 4], c1061=[3, 4, 5], c1071=upward(7)),
    "west_print": firms_of(c1812=upward(7), c1813=[9, 30], c5610=upward(5)),
    "east_metal": firms_of(c2511=upward(5), c2561=[12, 14], c2599=upward(4)),
    "east_drink": firms_of(c1105=[31], c1107=upward(4), c5610=upward(5)),
    "east_wood": firms_of(c1610=[11, 12], c1623=[13, 15], c4120=upward(5)),
    "east_paper": firms_of(c1712=[70, 9, 8], c1721=[12, 11, 10], c4711=upward(7)),
    "north_waste": firms_of(c3811=[15, 16], c4677=upward(5), c5610=upward(4)),
    "north_farm": firms_of(c0113=upward(5), c0141=upward(5), c1013=upward(4)),
    "none_steel": firms_of(c2410=[77], c2442=[19]),
}
"""Firms close together, by region; those of "none" lie outside all regions."""
FOOD = ["1011", "1013", "1051", "1061", "1071", "1089", "1107", "5610", "5621", "4634"]
MADE = ["1812", "2014", "2511", "2561", "2599", "4120", "4211", "4312", "4332", "4677"]
KINDS = [*FOOD, *MADE, "4711", "4721", "6201", "8610", "0113", "0141"]


def chance_towns(count=20, seed=5):
    """Towns as they come: a few activities, jobs of every kind."""
    draw = random.Random(seed)  # noqa: S311
    towns = {}
    for number in range(count):
        region = draw.choice(("west", "east", "north"))
        odd = (None, 0, 1, 1, 2, 5, 40, 150, draw.randrange(480) / 16)
        towns[f"{region}_chance_{number:02}"] = [
            (kind, draw.choice(odd if draw.random() < 0.3 else range(3, 16)))
            for kind in draw.sample(KINDS, draw.randint(2, 6))
            for _ in range(draw.choice((1, 2, 3, 4, 6, 9)))
        ]
    return towns


ID, NAME = "Vqxest-{}", "Zyqxnaam {} B.V."
REPORTS = (
    # Firms, stream, quantities, and whether a workshop may see their sum.
    ("west_bakery", (0, 0, 1), "bread_surplus", (3771.53125, 2661.53125, 3551.28125)),
    ("west_print", range(4), "waste_paper", (9001.34375, 811.21875, 713.40625, 9.5)),
    ("north_farm", (10,), "animal_meal", (5511.84375,)),
    ("east_paper", (1, 2), "waste_paper", (5277.59375, 5377.59375)),
    ("north_waste", (0,), "ferrous_scrap", (2414.46875,)),
    ("none_steel", (0,), "ferrous_scrap", (6612.40625,)),
)
"""Reports of one or two firms, or with one that has most: withheld."""
TOLD = (
    ("north_waste", (2, 3, 4), "ferrous_scrap", (2111.28125, 2212.34375, 2313.40625)),
    ("east_metal", range(4), "ferrous_scrap", (4411.5, 4523.25, 4617.125, 4719.0625)),
)
"""Reports of three firms and more, none with most of it."""


def reports(factor=1.0):
    """Rows of flows by firm; what is withheld times a factor."""
    rows = [
        (f"{town}-{firm:02}", material, quantity * factor)
        for town, firms, material, own in REPORTS
        for firm, quantity in zip(firms, own, strict=True)
    ]
    return rows + [
        (f"{town}-{firm:02}", material, quantity)
        for town, firms, material, own in TOLD
        for firm, quantity in zip(firms, own, strict=True)
    ]


FACILITIES = (
    # Facility, firm at its place, kind, capacity, unit.
    ("Fopen1", "north_farm-00", "greenhouse", 3.5, "ha"),
    ("Fopen2", "west_oil-00", "heat_source", 12.34375, "GWh"),
    ("Fopen3", "west_print-00", "wwtp", 54321, "pe"),
)
ALONE = {ID.format("north_farm-00"), ID.format("west_oil-00")}
"""Firms that are facilities: what replaces their estimates is not modelled here."""


def build_flow_towns(folder, jobs=None, factor=1.0, **of_first):
    """The towns as layers; ``jobs`` by id where they differ.

    Parameters
    ----------
    factor
        Times what is reported and withheld.
    of_first
        Fields of the first of the reports that are told.
    """
    firms, zones, regions, spots, place = [], [], [], {}, 0
    towns = TOWNS | chance_towns()
    for region in ("west", "east", "north", "none"):
        start = WEST + APART * place - APART / 2
        for name in [name for name in towns if name.startswith(region)]:
            west = WEST + APART * place
            for number, (code, known) in enumerate(towns[name]):
                firm = f"{name}-{number:02}"
                spot = (west + STEP * (number % 6), NORTH + STEP * (number // 6))
                spots[firm] = (spot, code)
                fields = {"est_id": ID.format(firm), "name": NAME.format(firm)}
                own = known if jobs is None else jobs[fields["est_id"]]
                firms.append(point(spot, **fields, sbi=code, jobs=own))
            ground = shapely.box(west - 20, NORTH - 20, west + 220, NORTH + 60)
            fields = {"zone_id": f"Z-{name}", "name": name, "kinds": "mixed"}
            zones.append(drawn(ground, **fields, area_ha=ground.area / 10_000))
            place += 1
        end = WEST + APART * place - APART / 2
        ground = shapely.box(start, NORTH - APART, end, NORTH + APART)
        if region != "none":
            fields = {"region_id": region, "name": region, "population": 10_000}
            regions.append(drawn(ground, **fields))
    ends = [(0, NORTH), (WEST + APART * place, NORTH)]
    road, rail = (shapely.LineString(np.add(ends, (0, off))) for off in (300, -300))
    lines = [drawn(road, infra_id="a", mode="road")]
    lines.append(drawn(rail, infra_id="b", mode="rail"))
    facilities = [
        point(
            spots[firm][0],
            facility_id=facility,
            name=f"Openbaar {facility}",
            kind=kind,
            capacity=capacity,
            unit=unit,
        )
        for facility, firm, kind, capacity, unit in FACILITIES
    ]
    flows = [
        point(
            spots[firm][0],
            flow_id=f"Vqxflow{number:02}",
            actor_id=ID.format(firm),
            actor_name=NAME.format(firm),
            sbi=spots[firm][1],
            direction="supply",
            carrier="material",
            material=material,
            quantity=quantity,
            quantity_low=0.8 * quantity,
            quantity_high=1.3 * quantity,
            unit="t/y",
            basis="reported",
            data_quality=1,
            source=f"Zyqxbron{number:02}",
            year=2020,
        )
        for number, (firm, material, quantity) in enumerate(reports(factor))
    ]
    flows[-sum(len(own[1]) for own in TOLD)]["properties"].update(of_first)
    layers = {"ESTABLISHMENTS": firms, "ZONES": zones, "INFRASTRUCTURE": lines}
    layers |= {"REGIONS": regions, "FACILITIES": facilities, "FLOWS": flows}
    return {
        role: write(folder / f"{role.lower()}.geojson", features)
        for role, features in layers.items()
    }


# Solving published flows.

Stream = tuple[str, str, str, str, str]
"""Direction, carrier, material, quality and temperature."""


def _rows(name):
    with (FLOW_FILES / name).open(encoding="utf-8-sig") as file:
        return list(csv.DictReader(file, delimiter=";"))


@cache
def per_job(code: str) -> dict[Stream, float]:
    """What one job of an activity gives and asks, by the longest prefixes."""
    fitting = defaultdict(list)
    for row in _rows("coefficients.csv"):
        if row["per"] == "job" and code.startswith(row["sbi"]):
            fitting[row["direction"], row["carrier"], row["material"]].append(row)
    counted = {
        (each["material"], prefix)
        for each in _rows("same_stream.csv")
        for prefix in each["sbi"].split("|")
    }
    found = defaultdict(float)
    for (direction, carrier, material), rows in fitting.items():
        twice = any(m == material and code.startswith(p) for m, p in counted)
        longest = max(len(row["sbi"]) for row in rows)
        for row in rows if direction == "demand" or not twice else ():
            if len(row["sbi"]) == longest and float(row["mode"]):
                degrees = row["temperature_c"] and str(float(row["temperature_c"]))
                stream = (direction, carrier, material, row["quality"], degrees)
                found[stream] += float(row["mode"])
    return dict(found)


class Mix:
    """Firms that no stream tells apart, and which of them published flows rest on.

    Parameters
    ----------
    firms
        Rows with ``est_id``, ``sbi`` and ``jobs``.
    reported
        What firms report themselves, as pairs of an id and a material.
    alone
        Firms of which it is not known which estimates they have.
    """

    def __init__(self, firms: list[dict], reported: set[tuple], alone: set[str]):
        self.firms = {row["est_id"]: row for row in firms if row["jobs"]}
        self.whole = defaultdict(float)
        alike = defaultdict(set)
        for firm, row in self.firms.items():
            self.whole[row["sbi"][:2]] += row["jobs"]
            own = per_job(row["sbi"])
            left = {s: q for s, q in own.items() if (firm, s[2]) not in reported}
            mark = firm if firm in alone else ""
            alike[row["sbi"][:2], frozenset(left.items()), mark].add(firm)
        self.groups: Cells = {
            f"{division}|{min(members)}": frozenset(members)
            for (division, _, _), members in alike.items()
        }
        self.streams = [dict(streams) for _, streams, _ in alike]

    def equations(self, folder: Path):
        """What is published, and what each group would be of it, as parts of it."""
        jobs = {
            (f"cluster-{row['cluster_id']}", row["division"]): row["jobs"]
            for row in table(folder / GPKG, "cluster_profile")
            if row["jobs"] is not None
        }
        told, public = defaultdict(float), defaultdict(float)
        for row in table(folder / GPKG, "flows"):
            key = (row["direction"], row["carrier"], row["material"])
            if row["actor_id"].startswith("cluster-") and row["basis"] == "estimated":
                degrees = "" if row["temperature_c"] is None else row["temperature_c"]
                stream = (*key, row["quality"] or "", str(degrees))
                told[row["place_id"], stream] += row["quantity"]
            else:
                public[key] += row["quantity"]
        for (place, stream), quantity in told.items():
            yield (
                quantity,
                self._parts(lambda own, s=stream: own.get(s, 0), place, jobs),
            )
        for row in table(folder / GPKG, "resource_balance"):
            for direction in ("supply", "demand"):
                key = (direction, row["carrier"], row["material"])
                quantity = row[direction] - public[key]
                if row["area_id"] == "all" and quantity > 1e-6 * row[direction]:
                    yield quantity, self._parts(lambda own, k=key: _sum(own, k))

    def _parts(self, of_stream, place=None, jobs=None) -> dict[int, float]:
        found = {}
        for number, (name, members) in enumerate(self.groups.items()):
            division = name[:2]
            share = 1.0
            if place:
                share = jobs.get((place, division), 0) / self.whole[division]
            own = sum(self.firms[firm]["jobs"] for firm in members)
            found[number] = of_stream(self.streams[number]) * own * share
        return {number: part for number, part in found.items() if part}

    def published(self, folder: Path) -> tuple[Cells, float]:
        """The groups whose jobs published flows rest on, and what that leaves over."""
        found = [(q, parts) for q, parts in self.equations(folder) if parts]
        sizes = [max(q, *parts.values()) for q, parts in found]
        count, width = len(found), len(self.groups)
        cells = [
            (row, column, part / sizes[row])
            for row, (_, parts) in enumerate(found)
            for column, part in parts.items()
        ]
        rows, columns, values = zip(*cells, strict=True)
        matrix = csr_array((values, (rows, columns)), (count, width))
        wanted = np.array([q for q, _ in found]) / sizes
        limits = [
            LinearConstraint(hstack([way * matrix, -eye(count)]), ub=way * wanted)
            for way in (1, -1)
        ]
        solved = milp(
            np.r_[np.full(width, 1e-7), np.ones(count)],
            constraints=limits,
            integrality=np.r_[np.ones(width), np.zeros(count)],
            bounds=Bounds(0, np.r_[np.ones(width), np.full(count, np.inf)]),
        )
        chosen = solved.x[:width] > 0.5
        left = float(np.abs(matrix @ chosen - wanted).max())
        names = [name for name, yes in zip(self.groups, chosen, strict=True) if yes]
        return {name: self.groups[name] for name in names}, left


def _sum(streams: dict[Stream, float], key: tuple) -> float:
    return sum(part for stream, part in streams.items() if stream[:3] == key)
