"""What of a run may be handed round: the one rule of confidentiality.

Every table passes here before anything is scored, drawn, told or written.
``resources/confidentiality.toml`` says what each table may show; what is not named
there is left out. A *cell* is a figure that rests on firms. It is withheld when fewer
than ``min_actors`` firms stand behind it or one of them has more than ``dominance`` of
it, and when it could be computed from what is published.

A smallest number of respondents, a limit to dominance, and secondary suppression so
that no cell can be computed back are common practice in official statistics: Handbook
on Statistical Disclosure Control, chapter 4, Magnitude tabular data (sdctools).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush

import numpy as np
import pandas as pd

from .errors import RefusalError
from .resources import read_toml

FEW = "few"
"""In field ``withheld``: so few firms that not even their number is told."""
COUNT = "count"
"""The measure in which every firm counts one."""
PRIME = 2_147_483_647
"""Computing modulo a prime keeps sums of whole totals exact."""


@dataclass(frozen=True)
class Rule:
    """When a cell is withheld.

    Parameters
    ----------
    min_actors
        Smallest number of firms behind a published cell.
    dominance
        Largest share of it that one firm may have, 0–1.

    Raises
    ------
    RefusalError
        If the number is below 1 or the share not above 0 and at most 1.
    """

    min_actors: int = 3
    dominance: float = 0.7

    def __post_init__(self) -> None:
        """Refuse what makes no rule."""
        if self.min_actors < 1 or not 0 < self.dominance <= 1:
            raise RefusalError("confidentiality.rule_wrong")


@dataclass
class Withheld:
    """Which cells are withheld.

    Parameters
    ----------
    few
        By table: ids of the rows with fewer firms than the rule asks.
    cells
        By table and measure: ids of the rows whose cell is withheld.
    further
        Number of cells withheld only because they would give others away.
    """

    few: dict[str, set] = field(default_factory=dict)
    cells: dict[tuple[str, str], set] = field(default_factory=dict)
    further: int = 0

    @property
    def count(self) -> int:
        """Number of withheld cells."""
        return sum(len(rows) for rows in self.cells.values())


def withhold(
    tables: dict[str, pd.DataFrame], actors: dict[str, pd.DataFrame], rule: Rule
) -> tuple[dict[str, pd.DataFrame], Withheld]:
    """Empty the cells that may not be published, in all tables together.

    Parameters
    ----------
    tables
        Tables with cells, by name.
    actors
        By table: one row per pair of a row and a firm behind it; the columns are the
        id of the row, ``est_id``, and the amount of the firm in every measure but
        ``count``. Unknown amounts count for nobody.
    rule
        When a cell is withheld.

    Returns
    -------
    tuple
        The tables with empty cells and the field ``withheld``, which names the
        measures that are; and which cells these are.
    """
    found = Withheld()
    for measure in _measures(tables):
        cells = _cells_of(measure, tables, actors)
        hidden, further = _hidden(cells, measure, rule)
        found.further += further
        for name in tables:
            rows = {row for table, row in hidden if table == name}
            found.cells[name, measure] = rows
            if measure == COUNT:
                few = _too_few(cells, rule)
                found.few[name] = {row for table, row in few if table == name}
    return {name: _emptied(name, tables[name], found) for name in tables}, found


def publishable(name: str, table: pd.DataFrame) -> pd.DataFrame | None:
    """What of a table may be published: the fields named in the data file.

    Parameters
    ----------
    name
        Name of the table.
    table
        The table, its cells passed through :func:`withhold`.

    Returns
    -------
    DataFrame or None
        None where nothing of it may be published.
    """
    known = read_toml("confidentiality.toml").get(name)
    if known is None:
        return None
    if "grouped" in known:
        keys, counted = known["grouped"], known["counted"]
        summed = table.groupby(keys, sort=True, as_index=False)[counted].sum()
        return summed.reindex(columns=list(table))
    shown = {*known["public"], *known.get("cells", {}), "geometry"}
    return table[[column for column in table if column in shown]]


def _measures(tables: dict[str, pd.DataFrame]) -> list[str]:
    """Measures that the cells of the tables use, the number of firms first."""
    data = read_toml("confidentiality.toml")
    used = {measure for name in tables for measure in data[name]["cells"].values()}
    return sorted(used, key=lambda measure: (measure != COUNT, measure))


def _cells_of(measure: str, tables: dict, actors: dict) -> dict[tuple, dict]:
    """Amount by firm, by cell: (table, row)."""
    data = read_toml("confidentiality.toml")
    cells = {}
    for name, table in tables.items():
        if measure not in data[name]["cells"].values():
            continue
        key = data[name]["id"]
        cells |= {(name, row): {} for row in table[key]}
        pairs = actors[name]
        amounts = np.ones(len(pairs)) if measure == COUNT else pairs[measure]
        for row, actor, amount in zip(
            pairs[key], pairs["est_id"], amounts, strict=True
        ):
            if amount > 0 and (name, row) in cells:
                cells[name, row][actor] = float(amount)
    return cells


def _too_few(cells: dict[tuple, dict], rule: Rule) -> set[tuple]:
    return {cell for cell, firms in cells.items() if len(firms) < rule.min_actors}


def _sensitive(amounts: list[float], rule: Rule) -> bool:
    """Whether a total of these amounts tells too much of one firm."""
    if len(amounts) < rule.min_actors:
        return True
    return max(amounts) > rule.dominance * sum(amounts)


def _hidden(cells: dict[tuple, dict], measure: str, rule: Rule) -> tuple[set, int]:
    """Cells to withhold: by the rule, and so that these can't be computed back."""
    if measure == COUNT:
        hidden = _too_few(cells, rule)
    else:
        hidden = {
            c for c, firms in cells.items() if _sensitive([*firms.values()], rule)
        }
    first = len(hidden)
    blocks, amounts = _blocks(cells)
    while True:
        published = {cell: rows for cell, rows in blocks.items() if cell not in hidden}
        targets = [blocks[cell] for cell in sorted(hidden) if blocks[cell]]
        if measure != COUNT:
            targets += _telling_rests(published, amounts, rule)
        more = _further(published, targets, cells)
        if not more:
            return hidden, len(hidden) - first
        hidden |= more


def _blocks(cells: dict[tuple, dict]) -> tuple[dict, list[list[float]]]:
    """Firms that stand in the same cells, as one block.

    Gives the blocks of every cell, and the amounts of the firms of every block.
    """
    places: dict[str, list] = {}
    amount = {}
    for cell in sorted(cells):
        for firm, value in cells[cell].items():
            places.setdefault(firm, []).append(cell)
            amount[firm] = value
    numbers: dict[tuple, int] = {}
    amounts: list[list[float]] = []
    blocks: dict[tuple, set[int]] = {cell: set() for cell in cells}
    for firm in sorted(places):
        signature = tuple(places[firm])
        if signature not in numbers:
            numbers[signature] = len(amounts)
            amounts.append([])
            for cell in signature:
                blocks[cell].add(numbers[signature])
        amounts[numbers[signature]].append(amount[firm])
    return blocks, amounts


def _telling_rests(
    published: dict[tuple, set], amounts: list[list[float]], rule: Rule
) -> list[set[int]]:
    """Sets of blocks that tell too much of one firm, should they be computable.

    Each block by itself, and what is left of a cell without the cells inside it.
    """
    rests = [{block} for block in range(len(amounts))]
    holders: dict[int, list] = {}
    for cell, rows in published.items():
        for block in rows:
            holders.setdefault(block, []).append(cell)
    for cell, rows in published.items():
        near = {other for block in rows for other in holders[block]} - {cell}
        inside = [published[other] for other in near if published[other] <= rows]
        rest = rows - set().union(*inside)
        if inside and len(rest) > 1:
            rests.append(rest)
    return [
        rest
        for rest in rests
        if _sensitive([value for block in rest for value in amounts[block]], rule)
    ]


def _further(
    published: dict[tuple, set], targets: list[set[int]], cells: dict[tuple, dict]
) -> set[tuple]:
    """For every target that can be computed, one published cell to withhold as well.

    It is the smallest of those that share a firm with the target.
    """
    basis = _basis(published)
    holders: dict[int, list] = {}
    for cell, rows in published.items():
        for block in rows:
            holders.setdefault(block, []).append(cell)
    chosen: set[tuple] = set()
    for target in targets:
        if not all(block in holders for block in target):
            continue
        near = {cell for block in target for cell in holders[block]}
        if near & chosen or _reduced(dict.fromkeys(target, 1), basis):
            continue
        chosen.add(min(near, key=lambda cell: (sum(cells[cell].values()), cell)))
    return chosen


def _basis(published: dict[tuple, set]) -> dict[int, dict[int, int]]:
    """Everything that sums and differences of published cells give, in echelon form.

    Gaussian elimination; a row is ``{block: coefficient}``, its first block is its key
    and has coefficient 1.
    """
    basis: dict[int, dict[int, int]] = {}
    for cell in sorted(published, key=lambda cell: (len(published[cell]), cell)):
        row = _reduced(dict.fromkeys(published[cell], 1), basis)
        if row:
            first = min(row)
            inverse = pow(row[first], -1, PRIME)
            basis[first] = {
                block: value * inverse % PRIME for block, value in row.items()
            }
    return basis


def _reduced(row: dict[int, int], basis: dict[int, dict[int, int]]) -> dict[int, int]:
    """What is left of a row when the basis has been taken out; empty: computable."""
    waiting = list(row)
    heapify(waiting)
    while waiting:
        block = heappop(waiting)
        value = row.get(block, 0)
        if not value or block not in basis:
            continue
        for other, coefficient in basis[block].items():
            if other not in row:
                heappush(waiting, other)
            row[other] = (row.get(other, 0) - value * coefficient) % PRIME
    return {block: value for block, value in row.items() if value}


def _emptied(name: str, table: pd.DataFrame, found: Withheld) -> pd.DataFrame:
    """A table with its withheld cells empty, and what is withheld in words."""
    known = read_toml("confidentiality.toml")[name]
    table = table.copy()
    ids = table[known["id"]]
    for column, measure in known["cells"].items():
        if column in table:
            hidden = ids.isin(found.cells[name, measure])
            table[column] = table[column].astype(float).mask(hidden)
    measures = list(dict.fromkeys(known["cells"].values()))
    named = [
        ";".join(m for m in measures if row in found.cells[name, m]) or None
        for row in ids
    ]
    few = ids.isin(found.few.get(name, set()))
    table["withheld"] = pd.Series(named, table.index, dtype=object).mask(few, FEW)
    return table
