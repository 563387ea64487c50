"""Tables of counts by region and sector, as statistical offices publish them.

A table is long (one row per region and sector) or wide (one column per sector). Cells
that are not there, or hold no number, are unknown.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from .errors import RefusalError
from .numbers import as_texts, parse_numbers

SHOWN = 5
"""How many names a sentence tells."""


@dataclass(frozen=True)
class RegionTable:
    """Counts by region and sector.

    Parameters
    ----------
    regions, sectors
        Their names or codes as they stand in the table, sorted.
    cells
        Counts, NaN where unknown, shape (r, s).
    absent
        Number of cells for which the table has no row.
    unknown
        Number of cells that stand in it without a number.
    unnamed
        Number of rows without a region or sector.
    """

    regions: np.ndarray
    sectors: np.ndarray
    cells: np.ndarray
    absent: int
    unknown: int
    unnamed: int


def read_region_table(
    frame: pd.DataFrame, region: str, sector: str | None, counts: Sequence[str]
) -> RegionTable:
    """Read a table, long or wide.

    Parameters
    ----------
    frame
        Any columns; texts or numbers.
    region
        Column of the regions.
    sector
        Column of the sectors; None for a wide table.
    counts
        The column of the counts; of a wide table one per sector.

    Raises
    ------
    RefusalError
        If a column or every row is missing, or a region and sector occur twice.
    """
    _check_columns(frame, [region, *([sector] if sector else []), *counts])
    if sector is None:
        frame = frame.melt([region], list(counts), "sector", "count")
        sector, counts = "sector", ["count"]
    names = pd.DataFrame({"region": _ids(frame[region]), "sector": _ids(frame[sector])})
    named = names.notna().all(axis=1).to_numpy()
    if not named.any():
        raise RefusalError("specialisation.no_rows")
    names, written = names[named], frame[counts[0]].to_numpy(object)[named]
    _check_once(names)
    numbers, _ = parse_numbers(written)
    # There is no such thing as less than nobody.
    numbers = np.where(numbers < 0, np.nan, numbers)
    row, regions = pd.factorize(names["region"], sort=True)
    column, sectors = pd.factorize(names["sector"], sort=True)
    cells = np.full((len(regions), len(sectors)), np.nan)
    cells[row, column] = numbers
    return RegionTable(
        regions.to_numpy(object),
        sectors.to_numpy(object),
        cells,
        cells.size - len(names),
        int(np.isnan(numbers).sum()),
        int((~named).sum()),
    )


def take_out(table: RegionTable, region: str) -> tuple[RegionTable, np.ndarray]:
    """The table without a region, and the cells of that region, shape (s,).

    Raises
    ------
    RefusalError
        If it is not there, or nothing else is.
    """
    found = table.regions == region
    if not found.any():
        raise RefusalError(
            "specialisation.reference_unknown",
            name=region,
            close=close_names(region, table.regions),
        )
    if found.all():
        raise RefusalError("specialisation.reference_only", name=region)
    rest = replace(table, regions=table.regions[~found], cells=table.cells[~found])
    return rest, table.cells[found][0]


def first_names(names: Sequence[str]) -> str:
    """The first few names, for a sentence."""
    return ", ".join(names[:SHOWN]) + (", …" if len(names) > SHOWN else "")


def close_names(name: str, known: Sequence[str]) -> str:
    """Names that look like one, whatever its capitals, for a sentence."""
    plain = {each.casefold(): each for each in known}
    close = difflib.get_close_matches(name.casefold(), plain, n=SHOWN)
    return ", ".join(plain[each] for each in close) or "–"


def _check_columns(frame: pd.DataFrame, asked: list[str]) -> None:
    for name in asked:
        if name not in frame:
            available = ", ".join(str(column) for column in frame)
            raise RefusalError(
                "specialisation.field_missing", field=name, available=available
            )


def _check_once(names: pd.DataFrame) -> None:
    double = names[names.duplicated()].drop_duplicates()
    if len(double):
        cells = (double["region"] + " × " + double["sector"]).sort_values()
        raise RefusalError(
            "specialisation.double", count=len(double), examples=first_names([*cells])
        )


def _ids(values: pd.Series) -> np.ndarray:
    """Names and codes as texts; a text stays as it is, None where it is blank."""
    texts = as_texts(values)
    written = np.array([isinstance(value, str) for value in values], dtype=bool)
    return np.where(pd.notna(texts) & written, values.to_numpy(object), texts)
