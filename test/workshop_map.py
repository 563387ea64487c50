"""What insiders see of a map, and what a workshop is told of it."""

from __future__ import annotations

import csv
from collections import defaultdict
from pathlib import Path

import shapely
import workshop_attack as attack

GPKG = "kansenkaart.gpkg"
ROOT = Path(__file__).resolve().parents[1]
TABLES = {
    "clusters": "cluster_id",
    "leverage_areas": "area_id",
    "cluster_profile": "cell_id",
    "activities": "division",
    "region_sectors": "cell_id",
}
"""Tables with figures of firms, and what names their rows."""
SPARSE = {"cluster_profile", "activities", "region_sectors"}
"""Tables whose rows tell by being there that they have firms."""
FIGURES = ("establishments", "jobs")
NOTHING = dict.fromkeys([*FIGURES, "share", "lq", "withheld"])
"""What a row tells that is left out."""


def sections():
    """Section of every division."""
    path = ROOT / "resources" / "codes" / "divisions.csv"
    with path.open(encoding="utf-8") as file:
        rows = csv.DictReader(file, delimiter=";")
        return {row["division"]: row["section"] for row in rows}


class Map:
    """What insiders see of a map, and what a workshop is told."""

    def __init__(self, internal, workshop):
        self.folder = workshop
        self.section = sections()
        members = attack.table(internal / GPKG, "members")
        self.firms = {row["est_id"]: row["jobs"] for row in members}
        self.cells = self._cells(internal, members)
        self.inside = self.rows(internal)
        self.listed = self.rows(workshop)
        self.told = {
            cell: self.listed.get(cell) or row | NOTHING
            for cell, row in self.inside.items()
        }

    def _cells(self, internal, members):
        """The firms of every row, from their positions and codes."""
        found = defaultdict(set)
        tree = shapely.STRtree([row["geom"] for row in members])
        for row in attack.table(internal / GPKG, "leverage_areas"):
            own = tree.query(row["geom"], predicate="intersects")
            firms = {members[place]["est_id"] for place in own}
            found["leverage_areas", row["area_id"]] = firms
        for row in attack.table(internal / GPKG, "regions"):
            for place in tree.query(row["geom"], predicate="intersects"):
                section = self.section[members[place]["sbi"][:2]]
                cell = ("region_sectors", f"{row['region_id']}|{section}")
                found[cell].add(members[place]["est_id"])
        for row in members:
            division, cluster = row["sbi"][:2], row["cluster_id"]
            found["activities", division].add(row["est_id"])
            if cluster:
                found["clusters", cluster].add(row["est_id"])
                found["cluster_profile", f"{cluster}|{division}"].add(row["est_id"])
        return {cell: frozenset(firms) for cell, firms in found.items()}

    @staticmethod
    def rows(folder):
        """Rows of all tables with figures, by table and id."""
        return {
            (name, row[key]): row
            for name, key in TABLES.items()
            for row in attack.table(folder / GPKG, name)
        }

    def amounts(self, figure):
        """What every firm has."""
        return self.firms if figure == "jobs" else dict.fromkeys(self.firms, 1)

    def published(self, figure):
        return {c: m for c, m in self.cells.items() if self.told[c][figure] is not None}

    def withheld(self, figure):
        """Cells that are not told, and of which there is something to hide.

        The jobs of a row that is left out for its number of firms may be known.
        """
        known = {firm for firm, n in self.amounts(figure).items() if n is not None}
        return {
            cell: members
            for cell, members in self.cells.items()
            if members & known and self.told[cell][figure] is None
            if figure == "establishments" or self.hides(cell)
        }

    def hides(self, cell):
        """Whether the jobs of a cell that does not tell them are a secret."""
        jobs = [self.firms[firm] for firm in self.cells[cell]]
        return cell in self.listed or attack.unsafe(jobs)

    def order(self, figure):
        return sorted(f for f, n in self.amounts(figure).items() if n is not None)

    def totals(self):
        """The numbers of establishments that the record and the report tell."""
        inside = [m for cell, m in self.cells.items() if cell[0] == "region_sectors"]
        return {"all": frozenset(self.firms), "regions": frozenset().union(*inside)}

    def sums(self):
        """Cells, and what a reader adds up of them."""
        found = defaultdict(set, {"all": set(self.firms)})
        for (table, row), members in self.cells.items():
            *owners, kind = row.split("|")
            found[table] |= members
            if table in ("activities", "cluster_profile"):
                section = self.section[kind]
                for key in {(table, kind), (table, section), (table, *owners, section)}:
                    found[key] |= members
            if table == "region_sectors":
                found[owners[0]] |= members
        return self.cells | {name: frozenset(own) for name, own in found.items()}
