"""Places that suit a work agenda of the study, planted in a demo province.

They are built from the study's own words (``agenda_places.csv``: a row for each
property, with the words and where they stand) and from nothing else, so that a ranking
that reads the study otherwise can be held against them. Beside each place comes a near
miss: another zone with the same properties but for the one that is ``essential``.
The text edition of the study has no page marks: ``r.`` counts its lines.
"""

import csv
from itertools import count
from pathlib import Path
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from agenda_hosts import (
    FACILITIES,
    FIRMS,
    Layers,
    Wish,
    draw_host,
    firms_of,
    has_kind,
    lines_of,
)

AGENDAS = ("WA2", "WA3", "WA4")
TABLE = Path(__file__).with_name("agenda_places.csv")
KEYS = {
    "establishments": "est_id",
    "infrastructure": "infra_id",
    "facilities": "facility_id",
}
BUILT = ("waste_processor", "container_park", "merchant", "energy_hub", "power_plant")
"""Facilities that are added; the others are where they are."""
UNDERGROUND = ("pipeline", "heat", "steam")
WORK = {"business_park", "sea_port", "mixed", "waste", "innovation"}
LEAST_FIRMS = 20
"""A critical mass is as many firms as the fullest zone has, and at least so many."""
SMALLEST_HA = 3.0
MOST_FREE = 0.5
"""No more of a zone (share) is free than this: firms stand on the rest."""


class Pair(NamedTuple):
    """Zone ids of a place and of its near miss."""

    place: str
    miss: str


def read_places(agenda: str) -> dict[str, list[dict[str, str]]]:
    """Rows of the table by place of one agenda, in the order of the table."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    places: dict[str, list[dict[str, str]]] = {}
    for row in rows:
        if row["agenda"] == agenda:
            places.setdefault(row["place"], []).append(row)
    return places


def essential(rows: list[dict[str, str]]) -> list[str]:
    """Properties that a near miss lacks."""
    return [row["property"] for row in rows if row["essential"]]


def plant(layers: Layers, agenda: str, seed: int) -> tuple[Layers, dict[str, Pair]]:
    """Plant the places of one agenda and their near misses.

    Parameters
    ----------
    layers
        Canonical layers of a demo province; they are left as they are.
    agenda
        ``WA2`` (circular construction), ``WA3`` (chemistry and plastics) or ``WA4``
        (manufacturing).
    seed
        Draws the hosts and what stands where in them.

    Returns
    -------
    tuple
        The layers with rows added to establishments, infrastructure and facilities
        (ids begin with that of the zone) and with the kinds, free hectares and park
        management of the hosts changed; and by place the zone ids.
    """
    rng = np.random.default_rng([seed, AGENDAS.index(agenda)])
    site = _Site(rng, layers, agenda)
    places, hosts = read_places(agenda), {}
    for lacking in (False, True):
        for name, rows in places.items():
            wish = _wish(rows, lacking)
            host = draw_host(rng, site.layers, wish, list(hosts.values()))
            hosts[name, lacking] = host
            site.build(host, rows, wish)
    return site.finished(), {
        name: Pair(hosts[name, False], hosts[name, True]) for name in places
    }


def _wish(rows: list[dict[str, str]], lacking: bool) -> Wish:
    """What the rows ask of a host, with room for what shall be free there."""
    hectares = [float(row["amount"]) for row in rows if row["amount"]]
    least = max([SMALLEST_HA, *(one / MOST_FREE for one in hectares)])
    names = [row["property"] for row in rows]
    return Wish(names, essential(rows), lacking, least)


class _Site:
    """The layers while they are being built in."""

    def __init__(self, rng: np.random.Generator, layers: Layers, agenda: str):
        self._rng, self._agenda, self._plain = rng, agenda, layers
        self.layers = {name: layer.copy() for name, layer in layers.items()}
        self._other = {
            "mixed": self._mixed,
            "brownfield": self._brownfield,
            "management": self._management,
            "underground": self._underground,
            "siding": self._siding,
            "quay": self._quay,
        }

    def build(self, zone_id: str, rows: list[dict], wish: Wish) -> None:
        """Give a zone the properties of ``rows`` that it shall have."""
        zones = self.layers["zones"]
        place = zones.index[zones["zone_id"] == zone_id][0]
        numbers = count(1)
        if "free" not in wish.had and "free" in wish.properties:
            zones.loc[place, "available_ha"] = 0.0
        for row in rows:
            name = row["property"]
            if name not in wish.had:
                continue
            if name == "free":
                self._free(place, float(row["amount"]))
            elif name in FIRMS:
                self._firms(place, name, numbers)
            elif name in BUILT:
                self._facility(place, FACILITIES[name], self._spot(place), numbers)
            elif name in self._other:
                self._other[name](place, numbers)

    def finished(self) -> Layers:
        """All layers, in the order of their ids."""
        for name, key in KEYS.items():
            layer = self.layers[name].sort_values(key, ignore_index=True)
            self.layers[name] = layer
        return self.layers

    def _free(self, place: int, least: float) -> None:
        """Free hectares: the study's, or what the freest tenth of parks has."""
        zones = self.layers["zones"]
        usual = self._plain["zones"]["available_ha"].quantile(0.9)
        most = MOST_FREE * zones.at[place, "area_ha"]
        known = np.nan_to_num(zones.at[place, "available_ha"])
        zones.loc[place, "available_ha"] = max(known, min(max(least, usual), most))

    def _mixed(self, place: int, _numbers) -> None:
        zones = self.layers["zones"]
        if not has_kind(zones.loc[[place]], {"mixed"})[0]:
            zones.loc[place, "kinds"] += ";mixed"

    def _brownfield(self, place: int, _numbers) -> None:
        """A park whose time is over."""
        self.layers["zones"].loc[place, "kinds"] = "brownfield"

    def _management(self, place: int, _numbers) -> None:
        self.layers["zones"].at[place, "park_management"] = True

    def _quay(self, place: int, numbers) -> None:
        spot = self._foot(place, lines_of(self.layers, "water"))
        self._facility(place, "quay", spot, numbers)

    def _firms(self, place: int, name: str, numbers) -> None:
        """Add as many firms as the fullest zone has, evenly over their divisions."""
        plain, zones = self._plain["establishments"], self._plain["zones"]
        known = firms_of(plain, name)
        work = zones[has_kind(zones, WORK)]
        inside = work.sindex.query(known.geometry, predicate="within")[1]
        size = max(LEAST_FIRMS, np.bincount(inside, minlength=1).max())
        codes = pd.Series(np.sort(known["sbi"].unique()))
        divisions = [part.to_numpy() for _, part in codes.groupby(codes.str[:2])]
        order = self._rng.permutation(len(divisions))
        chosen = [divisions[order[number % len(order)]] for number in range(size)]
        self._add(
            "establishments",
            place,
            numbers,
            [self._spot(place) for _ in range(size)],
            name=[f"Bedrijf {number}" for number in range(1, size + 1)],
            sbi=[str(self._rng.choice(part)) for part in chosen],
            jobs=self._rng.choice(known["jobs"].dropna().to_numpy(), size),
        )

    def _underground(self, place: int, numbers) -> None:
        """Add pipes through the length of the zone, side by side."""
        shape = self.layers["zones"].geometry[place]
        corners = shapely.get_coordinates(shape.minimum_rotated_rectangle)[:4]
        if np.hypot(*(corners[1] - corners[0])) < np.hypot(*(corners[2] - corners[1])):
            corners = np.roll(corners, -1, axis=0)
        start, end = corners[[0, 1]], corners[[3, 2]]
        for number, mode in enumerate(UNDERGROUND, start=1):
            share = number / (len(UNDERGROUND) + 1)
            course = shapely.LineString(start + share * (end - start))
            parts = shapely.get_parts(course.intersection(shape))
            longest = max(parts, key=lambda part: part.length)
            self._line(place, mode, None, longest, numbers)

    def _siding(self, place: int, numbers) -> None:
        """Add a freight track from the nearest railway to a terminal in the zone."""
        rails = lines_of(self.layers, "rail")
        spot = self._foot(place, rails)
        middle = self.layers["zones"].geometry[place].representative_point()
        start = shapely.shortest_line(rails.union_all(), spot).coords[0]
        track = shapely.LineString([start, middle])
        self._line(place, "rail", "freight_rail", track, numbers)
        self._facility(place, "rail_terminal", spot, numbers)

    def _foot(self, place: int, lines: gpd.GeoDataFrame) -> shapely.Point:
        """Place of the zone that is nearest to ``lines``."""
        shape = self.layers["zones"].geometry[place]
        return shapely.get_point(shapely.shortest_line(shape, lines.union_all()), 0)

    def _spot(self, place: int) -> shapely.Point:
        """A place in the zone."""
        shape = self.layers["zones"].geometry[place]
        low, high = np.array(shape.bounds).reshape(2, 2)
        points = self._rng.uniform(low, high, (60, 2))
        inside = points[shapely.contains_xy(shape, *points.T)]
        return shapely.Point(inside[0]) if len(inside) else shape.representative_point()

    def _facility(self, place: int, kind: str, spot, numbers) -> None:
        """Add a facility of the middle size of its kind."""
        known = self._plain["facilities"].query("kind == @kind")
        self._add(
            "facilities",
            place,
            numbers,
            [spot],
            name=[f"{kind} {self.layers['zones'].at[place, 'name']}"],
            kind=[kind],
            capacity=[known["capacity"].median()],
            unit=[known["unit"].iloc[0] if len(known) else ""],
        )

    def _line(self, place: int, mode: str, grade, course, numbers) -> None:
        name = f"{mode} {self.layers['zones'].at[place, 'name']}"
        self._add(
            "infrastructure",
            place,
            numbers,
            [course],
            mode=[mode],
            name=[name],
            **{"class": [grade]},
        )

    def _add(self, layer: str, place: int, numbers, shapes: list, **columns) -> None:
        """Add rows with the columns of a layer, and ids that say where they stand."""
        zone_id, frame = self.layers["zones"].at[place, "zone_id"], self.layers[layer]
        ids = [f"{zone_id}-{self._agenda}-{next(numbers):03d}" for _ in shapes]
        rows = pd.DataFrame({KEYS[layer]: ids, **columns}, dtype=object)
        rows = rows.reindex(columns=frame.columns.drop("geometry"))
        rows = rows.astype(frame.drop(columns="geometry").dtypes)
        rows = gpd.GeoDataFrame(rows, geometry=shapes, crs=frame.crs)
        self.layers[layer] = pd.concat([frame, rows], ignore_index=True)
