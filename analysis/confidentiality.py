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

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush

import numpy as np
import pandas as pd

from .errors import RefusalError
from .progress import Progress, part, silent
from .resources import read_toml

FEW = "few"
"""In field ``withheld``: so few firms that not even their number is told."""
COUNT = "count"
"""The measure in which every firm counts one."""
DIVERSITY = "diversity"
"""How jobs spread over divisions; it is withheld wherever jobs are."""
JOBS = "jobs"
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
    tables: dict[str, pd.DataFrame],
    actors: dict[str, pd.DataFrame],
    rule: Rule,
    progress: Progress = silent,
) -> tuple[dict[str, pd.DataFrame], Withheld]:
    """Empty the cells that may not be published, in all tables together.

    Parameters
    ----------
    tables
        Tables with cells, by name.
    actors
        By table: one row per pair of a row and a firm behind it; the columns are the
        id of the row, ``est_id``, ``sbi``, and the amount of the firm in every measure
        but ``count``. Unknown amounts count for nobody.
    rule
        When a cell is withheld.

    Returns
    -------
    tuple
        The tables with empty cells and the field ``withheld``, which names the
        measures that are; and which cells these are.
    """
    found = Withheld()
    measures = _measures(tables)
    for place, measure in enumerate(measures):
        start, end = ((place + n) / (len(measures) + 1) for n in (0, 1))
        told = part(progress, start, end)
        cells = _cells_of(measure, tables, actors)
        told(0.2)
        hidden, further = _hidden(cells, measure, rule, told)
        found.further += further
        for name in tables:
            rows = {row for table, row in hidden if table == name}
            found.cells[name, measure] = rows
            if measure == COUNT:
                few = _too_few(cells, rule)
                found.few[name] = {row for table, row in few if table == name}
    for name, table in tables.items():
        hidden = _telling_diversities(name, table, actors[name], rule)
        found.cells[name, DIVERSITY] = found.cells[name, JOBS] | hidden
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


def is_public(name: str) -> bool:
    """Whether something of a layer may be published."""
    return name in read_toml("confidentiality.toml")


def _measures(tables: dict[str, pd.DataFrame]) -> list[str]:
    """Measures that the cells of the tables use, the number of firms first."""
    data = read_toml("confidentiality.toml")
    used = {measure for name in tables for measure in data[name]["cells"].values()}
    return sorted(used - {DIVERSITY}, key=lambda measure: (measure != COUNT, measure))


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
            if amount >= 0 and (name, row) in cells:
                cells[name, row][actor] = float(amount)
    return cells


def _too_few(cells: dict[tuple, dict], rule: Rule) -> set[tuple]:
    return {cell for cell, firms in cells.items() if len(firms) < rule.min_actors}


@dataclass(frozen=True)
class _Firms:
    """Some firms: how many have anything, what the largest has, and all together."""

    number: int
    largest: float
    total: float

    def tell(self, rule: Rule) -> bool:
        """Whether their total tells too much of one of them."""
        few = rule.min_actors > 1 and self.number < rule.min_actors
        return few or self.largest > rule.dominance * self.total


def _firms(amounts: Collection[float]) -> _Firms:
    """Firms with these amounts; one with nothing hides nobody."""
    number = sum(amount > 0 for amount in amounts)
    return _Firms(number, max(amounts, default=0.0), sum(amounts))


def _together(blocks: set[int], firms: list[_Firms]) -> _Firms:
    """The firms of several blocks."""
    own = [firms[block] for block in blocks]
    return _Firms(
        sum(each.number for each in own),
        max((each.largest for each in own), default=0.0),
        sum(each.total for each in own),
    )


def _hidden(
    cells: dict[tuple, dict], measure: str, rule: Rule, progress: Progress
) -> tuple[set, int]:
    """Cells to withhold: by the rule, and so that these can't be computed back."""
    if measure == COUNT:
        hidden = _too_few(cells, rule)
    else:
        hidden = {
            cell for cell, own in cells.items() if _firms(own.values()).tell(rule)
        }
    first = len(hidden)
    progress(0.4)
    blocks, firms = _blocks(cells)
    while True:
        progress(0.8)
        published = {cell: rows for cell, rows in blocks.items() if cell not in hidden}
        basis = _basis(published)
        targets = [blocks[cell] for cell in sorted(hidden) if blocks[cell]]
        if measure != COUNT:
            targets += _telling_rests(published, basis, firms, rule)
        more = _further(published, basis, targets, cells)
        if not more:
            return hidden, len(hidden) - first
        hidden |= more


def _blocks(cells: dict[tuple, dict]) -> tuple[dict, list[_Firms]]:
    """Firms that stand in the same cells, as one block.

    Gives the blocks of every cell, and the firms of every block.
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
    return blocks, [_firms(own) for own in amounts]


def _telling_rests(
    published: dict[tuple, set],
    basis: dict[int, dict[int, int]],
    firms: list[_Firms],
    rule: Rule,
) -> list[set[int]]:
    """Sets of blocks that tell too much of one firm, should they be computable.

    Each block by itself, every pair of blocks of which the sum is computable, what is
    left of a cell without a cell inside it or without all of them, and the sums that
    elimination comes upon.
    """
    rests = [{block} for block in range(len(firms))]
    rests += _computable_pairs(published, basis)
    rests += _differences(published)
    rests += [set(row) for row in basis.values() if set(row.values()) == {1}]
    return [rest for rest in rests if _together(rest, firms).tell(rule)]


def _computable_pairs(
    published: dict[tuple, set], basis: dict[int, dict[int, int]]
) -> list[set[int]]:
    """Pairs of blocks of which only the sum is computable.

    What is left of one of them undoes what is left of the other.
    """
    left: dict[frozenset, list[int]] = {}
    pairs = []
    for block in sorted(set().union(*published.values())):
        row = _reduced({block: 1}, basis)
        if not row:
            continue
        undone = frozenset((other, PRIME - value) for other, value in row.items())
        pairs += [{block, other} for other in left.get(undone, ())]
        left.setdefault(frozenset(row.items()), []).append(block)
    return pairs


def _differences(published: dict[tuple, set]) -> list[set[int]]:
    """What is left of a cell without a cell inside it, and without all of them."""
    holders = _holders(published)
    rests = []
    for cell, rows in published.items():
        near = {other for block in rows for other in holders[block]} - {cell}
        inside = [
            published[other] for other in sorted(near) if published[other] <= rows
        ]
        rests += [rows - each for each in inside]
        rests.append(rows - set().union(*inside))
    return [rest for rest in rests if rest]


def _holders(published: dict[tuple, set]) -> dict[int, list[tuple]]:
    """Published cells by block."""
    holders: dict[int, list[tuple]] = {}
    for cell, rows in published.items():
        for block in rows:
            holders.setdefault(block, []).append(cell)
    return holders


def _further(
    published: dict[tuple, set],
    basis: dict[int, dict[int, int]],
    targets: list[set[int]],
    cells: dict[tuple, dict],
) -> set[tuple]:
    """For every target that can be computed, one published cell to withhold as well.

    It is the smallest of those that share a firm with the target.
    """
    holders = _holders(published)
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


def _telling_diversities(
    name: str, table: pd.DataFrame, actors: pd.DataFrame, rule: Rule
) -> set:
    """Rows with so few divisions that their split can be found from their diversity.

    With one division there is nothing to split.
    """
    key = read_toml("confidentiality.toml")[name]["id"]
    working = actors[actors[JOBS] > 0]
    divisions = working["sbi"].str[:2].groupby(working[key]).nunique()
    few = divisions[(divisions > 1) & (divisions < rule.min_actors)].index
    return set(table[key]) & set(few)


def _emptied(name: str, table: pd.DataFrame, found: Withheld) -> pd.DataFrame:
    """A table with its withheld cells empty, and what is withheld in words."""
    known = read_toml("confidentiality.toml")[name]
    table = table.copy()
    ids = table[known["id"]]
    for column, measure in known["cells"].items():
        if column in table:
            hidden = ids.isin(found.cells[name, measure])
            table[column] = table[column].astype(float).mask(hidden)
    for column, decimals in known.get("decimals", {}).items():
        if column in table:
            table[column] = table[column].round(decimals)
    measures = dict.fromkeys(known["cells"].values())
    marks = [_mark(row, name, measures, found) for row in ids]
    few = ids.isin(found.few.get(name, set()))
    table["withheld"] = pd.Series(marks, table.index, dtype=object).mask(few, FEW)
    return table


def _mark(
    row: object, name: str, measures: Iterable[str], found: Withheld
) -> str | None:
    """Measures of a row that are withheld; that diversity goes with jobs is known."""
    hidden = [measure for measure in measures if row in found.cells[name, measure]]
    if JOBS in hidden:
        hidden.remove(DIVERSITY)
    return ";".join(hidden) or None
