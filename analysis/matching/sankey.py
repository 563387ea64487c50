"""Who gives how much to whom: matches added up for a Sankey diagram.

A match is a line from giver to receiver. Its two ends are put in groups (places,
activities or materials), and what goes from group to group is added up per carrier
and unit. Tonnes, MWh and m3 are never put together.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from ..canonical import plain_text
from ..codes import division_names, section_names, section_of
from ..errors import RefusalError
from ..flows.places import area_ids
from ..flows.tables import CARRIERS, UNITS, materials
from ..numbers import parse_numbers
from ..regions import region_of
from ..texts import text

BY = ("cluster", "sector", "material", "municipality", "section")
PLACES = ("cluster", "municipality")
AMOUNTS = ("allocated", "available", "quantity")
"""What a match amounts to: the first of these fields that is there."""
LARGEST = 1e15
"""Per year; more is a mistake in the data."""
GROUP, NONE, OTHER = "group", "none", "other"
GIVER, RECEIVER = "giver", "receiver"
TABLE = ["carrier", "unit", "source", "target", "material", "quantity", "matches"]
ENERGY = "MWh/y"
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a cell begins with that a spreadsheet takes for a formula."""


@dataclass(frozen=True, order=True)
class Node:
    """A place where bands begin or end.

    Attributes
    ----------
    kind
        ``group``, ``none`` (in no group) or ``other`` (what was bundled).
    name
        Of a group.
    side
        ``giver`` or ``receiver`` where a node stands on one side only, else empty.
    """

    kind: str
    name: str = ""
    side: str = ""


@dataclass(frozen=True)
class Link:
    """What goes from one node to another; ``pairs`` tells how many pairs of groups."""

    source: Node
    target: Node
    quantity: float
    pairs: int = 1
    matches: int = 1


@dataclass(frozen=True)
class Diagram:
    """The links of one carrier in one unit.

    Attributes
    ----------
    carrier, unit, by
        What flows, how it is counted and how its ends are grouped.
    links
        Sorted by source, then target.
    total
        Sum of the quantities of the table, which is that of the links.
    """

    carrier: str
    unit: str
    by: str
    links: tuple[Link, ...]
    total: float

    @property
    def bundled(self) -> int:
        """Number of pairs of groups that are drawn as part of ``other``."""
        ends = ((link, {link.source.kind, link.target.kind}) for link in self.links)
        return sum(link.pairs for link, kinds in ends if OTHER in kinds)

    @property
    def matches(self) -> int:
        """Number of matches in it."""
        return sum(link.matches for link in self.links)


@dataclass(frozen=True)
class Flows:
    """Matches added up between groups.

    Attributes
    ----------
    table
        ``carrier, unit, source, target, material, quantity, matches``, one row each,
        sorted; source and target are :class:`Node`.
    by
        How the ends are grouped.
    competing
        Whether these are leads, of which the same quantity may serve several.
    unusable
        Number of matches without a quantity above 0, which are not in the table.
    """

    table: pd.DataFrame
    by: str
    competing: bool
    unusable: int


def add_up(
    matches: gpd.GeoDataFrame,
    by: str,
    language: str,
    areas: gpd.GeoDataFrame | None = None,
    flows: pd.DataFrame | None = None,
) -> Flows:
    """Add up what goes from group to group.

    Parameters
    ----------
    matches
        Matches or leads: lines from giver to receiver with ``carrier``, ``unit``, one
        of ``AMOUNTS``; [``material``, ``giver_sbi``, ``receiver_sbi``, ``replaces``,
        ``flow_supply``, ``flow_demand``].
    by
        One of ``BY``. Of a material the ends are what is given and what it replaces.
    language
        Of the names of groups.
    areas
        Polygons in the CRS of the matches, for the groups that are places. An end in
        several areas counts in the one with the smallest id.
    flows
        Canonical flows: where the matches lack activities or what they replace.

    Raises
    ------
    RefusalError
        If a field that is needed is missing, or areas are.
    """
    amount = next((name for name in AMOUNTS if name in matches), None)
    missing = [name for name in ("carrier", "unit") if name not in matches]
    if missing or amount is None:
        fields = [*missing, *([] if amount else [" / ".join(AMOUNTS)])]
        raise RefusalError("sankey.fields_missing", fields=", ".join(fields))
    quantity = np.asarray(parse_numbers(matches[amount])[0], float)
    usable = (quantity > 0) & (quantity <= LARGEST)
    used = matches[usable].reset_index(drop=True)
    sources, targets = _ends(used, by, language, areas, flows)
    rows = pd.DataFrame(
        {
            "carrier": _texts(used["carrier"]),
            "unit": _texts(used["unit"]),
            "source": sources,
            "target": targets,
            "material": _materials(used, language),
            "quantity": quantity[usable],
        },
    )
    competing = amount != AMOUNTS[0]
    return Flows(_summed(rows), by, competing, int((~usable).sum()))


def diagrams(flows: Flows, most: int, share: float) -> list[Diagram]:
    """A diagram per carrier and unit, in the order of the carriers.

    Parameters
    ----------
    flows
        What goes from group to group.
    most
        Groups that are named on each side; the others are bundled.
    share
        Links below this part (0–1) of the total are bundled.
    """
    found = []
    for (carrier, unit), rows in flows.table.groupby(["carrier", "unit"]):
        links = [
            Link(row.source, row.target, row.quantity, 1, row.matches)
            for row in rows.itertuples(index=False)
        ]
        # A pair of groups may exchange several materials.
        links = [replace(link, pairs=1) for link in _merged(links)]
        total = math.fsum(rows["quantity"])
        found.append(
            Diagram(carrier, unit, flows.by, tuple(bundle(links, most, share)), total)
        )
    streams = ((carrier, unit) for carrier in CARRIERS for unit in UNITS[carrier])
    places = {stream: place for place, stream in enumerate(streams)}
    unknown = len(places)

    def order(each: Diagram) -> tuple:
        stream = (each.carrier, each.unit)
        return places.get(stream, unknown), *stream

    return sorted(found, key=order)


def bundle(links: list[Link], most: int, share: float) -> list[Link]:
    """Put small givers, small receivers and small links together as ``other``.

    The sum stays the same. What would stand for one link only is left as it is.
    """
    givers, receivers = Node(OTHER, side=GIVER), Node(OTHER, side=RECEIVER)
    sources = _largest(links, lambda link: link.source, most)
    targets = _largest(links, lambda link: link.target, most)
    limit = share * math.fsum(link.quantity for link in links)
    steps = (
        (lambda link: link.source not in sources, {"source": givers}),
        (lambda link: link.target not in targets, {"target": receivers}),
        (lambda link: link.quantity < limit, {"target": receivers}),
        (lambda link: link.quantity < limit, {"source": givers}),
    )
    found = links
    for applies, changes in steps:
        chosen = [link for link in found if applies(link)]
        if sum(link.pairs for link in chosen) > 1:
            kept = [link for link in found if not applies(link)]
            found = _merged([*kept, *(replace(link, **changes) for link in chosen)])
    return found


def node_label(node: Node, by: str, language: str) -> str:
    """What a node is called."""
    if node.kind == GROUP:
        return node.name
    key = f"other.{node.side}" if node.kind == OTHER else f"none.{by}"
    return text(f"sankey.{key}", language)


def as_csv(flows: Flows, language: str) -> str:
    """The whole table, nothing bundled, for STAN or a spreadsheet; one flow a row.

    STAN tells goods (mass and volume) from energy: column ``layer``.
    """
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\n")
    writer.writerow(
        ("flow", "process_from", "process_to", "layer", "carrier", "material",
         "quantity", "unit", "matches")
    )  # fmt: skip
    for number, row in enumerate(flows.table.itertuples(index=False), start=1):
        ends = (
            node_label(node, flows.by, language) for node in (row.source, row.target)
        )
        words = (
            *ends,
            "energy" if row.unit == ENERGY else "goods",
            row.carrier,
            row.material,
        )
        cells = (f"F{number}", *map(_cell, words), repr(row.quantity), _cell(row.unit))
        writer.writerow((*cells, row.matches))
    return out.getvalue()


# Groups


def _ends(
    matches: gpd.GeoDataFrame,
    by: str,
    language: str,
    areas: gpd.GeoDataFrame | None,
    flows: pd.DataFrame | None,
) -> tuple[list[Node], list[Node]]:
    """Group of the giver and of the receiver of each match."""
    if by in PLACES:
        if areas is None:
            raise RefusalError("sankey.areas_missing")
        return _by_place(matches, areas)
    if by == "material":
        given = _materials(matches, language)
        told = _told(matches, "replaces", "flow_demand", "material", flows)
        replaced = given if told is None else _named(told, language, given)
        instead = [
            name and text("sankey.instead", language, name=name) for name in replaced
        ]
        return _nodes(given), _nodes(instead)
    columns = (("giver_sbi", "flow_supply"), ("receiver_sbi", "flow_demand"))
    told = [_told(matches, *names, "sbi", flows) for names in columns]
    if any(each is None for each in told):
        raise RefusalError("sankey.activities_missing")
    name = _activity(by, language)
    givers, receivers = ([name(code) for code in each] for each in told)
    return _nodes(givers), _nodes(receivers)


def _by_place(matches: gpd.GeoDataFrame, areas: gpd.GeoDataFrame):
    """Areas in which the lines begin and end."""
    ids = area_ids(areas)
    names = areas["name"] if "name" in areas else pd.Series(None, areas.index, object)
    called = pd.Series(np.where(names.notna(), names, ids), ids).astype(str)
    double = called.duplicated(keep=False)
    called[double] += " (" + called.index[double].astype(str) + ")"
    regions = areas[[areas.geometry.name]].assign(region_id=ids)
    lines = matches.geometry.to_numpy()
    ends = []
    for place in (0, -1):
        points = gpd.GeoDataFrame(geometry=[_end(line, place) for line in lines])
        found = region_of(points, regions)
        ends.append(_nodes([called.get(each) if each else None for each in found]))
    return ends


def _end(line, place: int):
    """First or last point of a line."""
    spots = shapely.get_coordinates(line)
    return shapely.Point(spots[place]) if len(spots) else None


def _told(
    matches: pd.DataFrame,
    field: str,
    key: str,
    asked: str,
    flows: pd.DataFrame | None,
) -> pd.Series | None:
    """A field of the matches, else of the flows that they join; None without either."""
    if field in matches:
        return matches[field]
    if flows is None or key not in matches:
        return None
    return matches[key].map(flows.set_index("flow_id")[asked])


def _activity(by: str, language: str) -> Callable[[object], str | None]:
    """What gives the name of the division or section of an activity code."""
    names, sections = division_names(language), section_of()
    if by == "section":
        letters = section_names(language)
        names = {code: letters[sections[code]] for code in names}
    return lambda code: names.get(str(code)[:2])


def _materials(matches: pd.DataFrame, language: str) -> list[str]:
    """Names of what is given; where there is none that of the carrier."""
    told = _texts(matches["carrier"])
    carriers = _named(told, language, told)
    if "material" not in matches:
        return carriers
    return _named(matches["material"], language, carriers)


def _named(codes: Iterable, language: str, otherwise: Iterable[str]) -> list[str]:
    """Names of materials; of an unknown one its code, of none the other name."""
    known = {code: each.name(language) for code, each in materials().items()}
    return [
        known.get(code, code) or other
        for code, other in zip(map(plain_text, codes), otherwise, strict=True)
    ]


def _texts(column: pd.Series) -> list[str]:
    return [plain_text(value) or "" for value in column]


def _nodes(names: Iterable[str | None]) -> list[Node]:
    made = {name: Node(GROUP, name) if name else Node(NONE) for name in set(names)}
    return [made[name] for name in names]


# Sums


def _summed(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows added up; exactly, so that their order makes no difference."""
    keys = TABLE[:5]
    grouped = rows.groupby(keys)["quantity"]
    table = grouped.agg([math.fsum, "size"]).reset_index()
    return table.set_axis(TABLE, axis=1)


def _merged(links: list[Link]) -> list[Link]:
    """Links between the same nodes as one, sorted."""
    groups: dict[tuple[Node, Node], list[Link]] = {}
    for link in links:
        groups.setdefault((link.source, link.target), []).append(link)
    return [
        Link(
            *ends,
            math.fsum(link.quantity for link in group),
            sum(link.pairs for link in group),
            sum(link.matches for link in group),
        )
        for ends, group in sorted(groups.items())
    ]


def _largest(links: list[Link], end: Callable[[Link], Node], most: int) -> set[Node]:
    """The nodes at one end through which most goes; all if but one would be left."""
    parts: dict[Node, list[float]] = {}
    for link in links:
        parts.setdefault(end(link), []).append(link.quantity)
    ranked = sorted(parts, key=lambda node: (-math.fsum(parts[node]), node))
    return set(ranked if len(ranked) <= most + 1 else ranked[:most])


def _cell(value: str) -> str:
    """A text that a spreadsheet reads as a text."""
    return f"'{value}" if value.startswith(FORMULA) else value
