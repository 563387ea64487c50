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

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from .cells import Cells, Firms, cells_of
from .errors import RefusalError
from .hiding import Hiding
from .progress import Progress, part, silent
from .resources import read_toml

FEW = "few"
"""In field ``withheld``: so few firms that not even their number is told."""
COUNT = "count"
"""The measure in which every firm counts one."""
DIVERSITY = "diversity"
"""How jobs spread over divisions; it is withheld wherever jobs are."""
JOBS = "jobs"
REGIONS = "region_sectors"
PROFILE = "cluster_profile"
"""The table that splits the jobs of clusters by division."""


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

    def forbids(self, firms: Firms) -> np.ndarray:
        """Which totals of firms tell too much of one of them."""
        few = (self.min_actors > 1) & (firms.number < self.min_actors)
        return few | (firms.largest > self.dominance * firms.total)


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
    progress
        Hears how far it is.

    Returns
    -------
    tuple
        The tables with empty cells and the field ``withheld``, which names the
        measures that are; and which cells these are.
    """
    found = Withheld()
    measures = _all_measures(tables)
    numbers = _numbered(actors)
    for place, measure in enumerate(measures):
        start, end = ((place + n) / (len(measures) + 1) for n in (0, 1))
        told = part(progress, start, end)
        cells = _cells_of(measure, tables, actors, numbers, part(told, 0, 0.2))
        unsafe = _unsafe(cells, measure, rule)
        forbids = None if measure == COUNT else rule.forbids
        hidden = Hiding(cells, forbids, part(told, 0.2, 1)).hide(unsafe)
        found.further += len(hidden) - len(unsafe)
        for name in tables:
            found.cells[name, measure] = _rows(cells, hidden, name)
            if measure == COUNT:
                found.few[name] = _rows(cells, unsafe, name)
    told = _told_divisions(tables, actors, found)
    for name, table in tables.items():
        if DIVERSITY in _measures(name, table).values():
            hidden = _telling_diversities(name, table, actors[name], told, rule)
            found.cells[name, DIVERSITY] = found.cells[name, JOBS] | hidden
            progress(len(measures) / (len(measures) + 1))
    return {name: _emptied(name, tables[name], found) for name in tables}, found


def unlisted_totals(
    establishments: pd.DataFrame, actors: dict[str, pd.DataFrame]
) -> tuple[dict[str, pd.DataFrame], dict[str, pd.DataFrame]]:
    """Tables with what is told in words or can be added up, and is no row of a table.

    Parameters
    ----------
    establishments
        All that were read.
    actors
        As for :func:`withhold`; with them come those of these tables.
    """
    every = establishments[["est_id", "sbi", "jobs"]]
    words, outside = [every.assign(total="all")], every.head(0)
    if REGIONS in actors:
        inside = actors[REGIONS].drop_duplicates("est_id")
        words.append(inside.assign(total="in_regions"))
        outside = actors["activities"]
        outside = outside[~outside["est_id"].isin(inside["est_id"])]
    totals = {
        "establishments_in_words": pd.concat(words, ignore_index=True),
        "outside_regions": outside.assign(total="outside"),
    }
    tables = {
        name: pairs.groupby("total", as_index=False).agg(
            establishments=("est_id", "size"), jobs=("jobs", "sum")
        )
        for name, pairs in totals.items()
    }
    return tables, actors | totals


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


def _measures(name: str, table: pd.DataFrame) -> dict[str, str]:
    """Fields of a table that rest on firms, with the measure in which they do."""
    cells = read_toml("confidentiality.toml")[name]["cells"]
    return {field: measure for field, measure in cells.items() if field in table}


def _all_measures(tables: dict[str, pd.DataFrame]) -> list[str]:
    """Measures of all tables, the number of firms first."""
    used = {
        measure
        for name, table in tables.items()
        for measure in _measures(name, table).values()
    }
    return sorted(used - {DIVERSITY}, key=lambda measure: (measure != COUNT, measure))


def _numbered(actors: dict[str, pd.DataFrame]) -> dict[str, np.ndarray]:
    """The firms of every table as whole numbers."""
    firms = [pairs["est_id"] for pairs in actors.values()]
    numbers = pd.factorize(pd.concat(firms, ignore_index=True), sort=True)[0]
    ends = np.cumsum([len(own) for own in firms])
    return dict(zip(actors, np.split(numbers, ends[:-1]), strict=True))


def _cells_of(
    measure: str, tables: dict, actors: dict, numbers: dict, progress: Progress
) -> Cells:
    """The cells of a measure, and the firms with a known amount in them."""
    data = read_toml("confidentiality.toml")
    names: list[tuple[str, object]] = []
    found = []
    for step, name in enumerate(sorted(tables)):
        progress(step / len(tables) / 2)
        if measure not in _measures(name, tables[name]).values():
            continue
        key, pairs = data[name]["id"], actors[name]
        rows = pd.Index(sorted(set(tables[name][key])))
        place = rows.get_indexer(pairs[key])
        amount = np.ones(len(pairs))
        if measure != COUNT:
            amount = pairs[measure].to_numpy(float, na_value=np.nan)
        known = (place >= 0) & (amount >= 0)
        found.append((place[known] + len(names), numbers[name][known], amount[known]))
        names += [(name, row) for row in rows]
    columns = map(np.concatenate, zip(*found, strict=True))
    return cells_of(names, *columns, part(progress, 0.5, 1))


def _rows(cells: Cells, places: set[int], table: str) -> set:
    """Rows of a table of which the cell is among these."""
    found = (cells.names[place] for place in places)
    return {row for name, row in found if name == table}


def _unsafe(cells: Cells, measure: str, rule: Rule) -> set[int]:
    """Cells that are withheld for what they tell themselves."""
    if measure == COUNT:
        unsafe = cells.firms.number < rule.min_actors
    else:
        unsafe = rule.forbids(cells.firms)
    return set(np.flatnonzero(unsafe).tolist())


def _told_divisions(tables: dict, actors: dict, found: Withheld) -> set[frozenset]:
    """The firms of each cluster by division of which the jobs are published.

    A row of which the number of firms is withheld tells nothing.
    """
    if PROFILE not in tables:
        return set()
    told = set(tables[PROFILE]["cell_id"])
    for measure in (JOBS, COUNT):
        told -= found.cells.get((PROFILE, measure), set())
    pairs = actors[PROFILE][actors[PROFILE]["cell_id"].isin(told)]
    return set(_sets(pairs, [pairs["cell_id"]]))


def _sets(pairs: pd.DataFrame, keys: list[pd.Series]) -> pd.Series:
    """The firms of known jobs, by keys."""
    return pairs["est_id"][pairs[JOBS] >= 0].groupby(keys).agg(frozenset)


def _telling_diversities(
    name: str, table: pd.DataFrame, actors: pd.DataFrame, told: set, rule: Rule
) -> set:
    """Rows with so few divisions that their split can be found from their diversity.

    With one division there is nothing to split, and what is told besides is known. As
    many divisions as firms are asked for are still too few: where they are nearly
    equal, the diversity leaves each of them little room.
    """
    key = read_toml("confidentiality.toml")[name]["id"]
    firms = _sets(actors, [actors[key], actors["sbi"].str[:2]])
    divisions = firms[~firms.isin(told)].groupby(level=0).size()
    few = divisions[(divisions > 1) & (divisions <= rule.min_actors)].index
    return set(table[key]) & set(few)


def _emptied(name: str, table: pd.DataFrame, found: Withheld) -> pd.DataFrame:
    """A table with its withheld cells empty, and what is withheld in words.

    Where a row tells by being there that it has a firm, one of which the number is
    withheld is left out.
    """
    known = read_toml("confidentiality.toml")[name]
    table = table.copy()
    ids = table[known["id"]]
    measures = _measures(name, table)
    for column, measure in measures.items():
        hidden = ids.isin(found.cells[name, measure])
        table[column] = table[column].astype(float).mask(hidden)
    for column, decimals in known.get("decimals", {}).items():
        if column in table:
            table[column] = table[column].round(decimals)
    shown = dict.fromkeys(measures.values())
    marks = [_mark(row, name, shown, found) for row in ids]
    few = ids.isin(found.few.get(name, set()))
    table["withheld"] = pd.Series(marks, table.index, dtype=object).mask(few, FEW)
    if known.get("counted_only"):
        table = table[~ids.isin(found.cells[name, COUNT])].reset_index(drop=True)
    return table


def _mark(
    row: object, name: str, measures: Iterable[str], found: Withheld
) -> str | None:
    """Measures of a row that are withheld; that diversity goes with jobs is known."""
    hidden = [measure for measure in measures if row in found.cells[name, measure]]
    if JOBS in hidden and DIVERSITY in hidden:
        hidden.remove(DIVERSITY)
    return ";".join(hidden) or None
