"""What a region is specialised in: the location quotient, and whether it is chance.

Notes
-----
The quotient is the index of Balassa (1965), which the guide names ("Balassa-indexering"
in step 1): the share of a sector in a region divided by its share in the whole. Its
symmetric form is that of Laursen (1998). The chance of a quotient follows Fisher's
exact test, one-sided: the tail of the hypergeometric distribution. Many tests at once
are held to a false discovery rate after Benjamini and Hochberg (1995).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

SIGNIFICANCE = 0.05
"""Largest false discovery rate of what is called specialised."""


@dataclass(frozen=True)
class Counts:
    """Counts by region and sector, and the margins that they are compared with.

    Parameters
    ----------
    cells
        By region and sector, NaN where unknown, shape (r, s).
    regions
        All sectors of each region together, shape (r,).
    sectors
        Each sector in all that is compared with, shape (s,).
    whole
        All sectors in all that is compared with.
    """

    cells: np.ndarray
    regions: np.ndarray
    sectors: np.ndarray
    whole: float


def counted(cells: np.ndarray, reference: np.ndarray | None = None) -> Counts:
    """Counts with their margins; an unknown cell counts 0 in these.

    Parameters
    ----------
    cells
        By region and sector, NaN where unknown, shape (r, s).
    reference
        Sectors of what is compared with, NaN where unknown, shape (s,); None for all
        regions together.
    """
    known = np.nan_to_num(cells)
    sectors = known.sum(axis=0) if reference is None else np.nan_to_num(reference)
    return Counts(cells, known.sum(axis=1), sectors, float(sectors.sum()))


def in_decisions(cells: np.ndarray, size: float) -> np.ndarray:
    """Cells as a number of decisions to settle, each cell a whole number.

    Parameters
    ----------
    cells
        Counts of any shape, NaN where unknown.
    size
        How much one decision brings, in the unit of the cells.
    """
    return np.rint(cells / size)


def location_quotients(counts: Counts) -> np.ndarray:
    """Location quotient ``(E_rs / E_r) / (E_s / E)`` of every cell, shape (r, s).

    NaN where the cell is unknown, or the region or the sector is empty.

    >>> counts = counted(np.array([[30.0, 10.0], [10.0, 50.0]]))
    >>> location_quotients(counts).round(3).tolist()
    [[1.875, 0.417], [0.417, 1.389]]
    """
    # Products of whole numbers are exact, so that 1.25 is 1.25; of absurdly large ones
    # nothing is known.
    with np.errstate(over="ignore", invalid="ignore"):
        part = counts.cells * counts.whole
        return _ratio(part, counts.regions[:, None] * counts.sectors[None, :])


def symmetric(quotients: np.ndarray) -> np.ndarray:
    """Quotients between -1 (absent) and 1, 0 where a region is as the whole.

    >>> symmetric(np.array([0.0, 1.0, 3.0])).tolist()
    [-1.0, 0.0, 0.5]
    """
    return (quotients - 1) / (quotients + 1)


def chances(counts: Counts) -> tuple[np.ndarray, int]:
    """Chance of at least so many in a cell if they were dealt out blindly.

    Parameters
    ----------
    counts
        Whole numbers of decisions to settle.

    Returns
    -------
    p : ndarray, shape (r, s)
        One-sided p-value of the exact hypergeometric test: ``E_r`` draws without
        replacement from ``E``, of which ``E_s`` belong to the sector. NaN where the
        cell is unknown or impossible.
    impossible : int
        Number of known cells that no such drawing can give, since the cell is larger
        than the sector of the reference, or the region larger than it.
    """
    # scipy.stats takes long to load, and only this needs it.
    from scipy.stats import hypergeom  # noqa: PLC0415

    cells, draws, good = np.broadcast_arrays(
        counts.cells, counts.regions[:, None], counts.sectors[None, :]
    )
    known = ~np.isnan(cells)
    fits = known & (cells <= good) & (draws - cells <= counts.whole - good)
    p = np.full(cells.shape, np.nan)
    p[fits] = hypergeom.sf(cells[fits] - 1, counts.whole, good[fits], draws[fits])
    return p, int((known & ~fits).sum())


def false_discovery_rates(p: np.ndarray) -> np.ndarray:
    """q-values of Benjamini and Hochberg over all p-values that are there.

    >>> false_discovery_rates(np.array([0.01, 0.04, np.nan, 0.03])).round(3).tolist()
    [0.03, 0.04, nan, 0.04]
    """
    q = np.full(p.shape, np.nan)
    tested = np.flatnonzero(~np.isnan(p))
    order = tested[np.argsort(p.flat[tested], kind="stable")]
    scaled = p.flat[order] * len(order) / np.arange(1, len(order) + 1)
    q.flat[order] = np.minimum.accumulate(scaled[::-1])[::-1]
    return q


def specialisation(
    regions: Sequence[str],
    sectors: Sequence[str],
    amounts: Counts,
    decisions: Counts,
    lq_min: float,
) -> tuple[pd.DataFrame, int]:
    """Location quotients with their significance, one row per region and sector.

    Parameters
    ----------
    regions, sectors
        Ids of the rows and columns of the cells, sorted.
    amounts
        What the quotients are of: jobs or establishments.
    decisions
        The same cells in establishments, for the test.
    lq_min
        Smallest quotient of a specialisation.

    Returns
    -------
    tuple
        Table sorted by region and sector, NULL where something is unknown; and the
        number of cells that the test can't take, see :func:`chances`.
    """
    p, impossible = chances(decisions)
    q = false_discovery_rates(p)
    quotients = location_quotients(amounts)
    columns = {
        "count": amounts.cells,
        "share_region": _ratio(amounts.cells, amounts.regions[:, None]),
        "share_total": _ratio(amounts.sectors, amounts.whole)[None, :],
        "lq": quotients,
        "lq_symmetric": symmetric(quotients),
        "p_value": p,
        "q_value": q,
    }
    shape = amounts.cells.shape
    table = pd.DataFrame(
        {
            "region_id": np.repeat(np.asarray(regions, object), shape[1]),
            "sector": np.tile(np.asarray(sectors, object), shape[0]),
        }
        | {name: np.broadcast_to(v, shape).ravel() for name, v in columns.items()}
    )
    table["specialised"] = _at_least(table["lq"], lq_min) & _at_least(
        -table["q_value"], -SIGNIFICANCE
    )
    return table, impossible


def strongest(table: pd.DataFrame, rest: str | None) -> pd.DataFrame:
    """The strongest specialisation of each region that has one.

    Parameters
    ----------
    table
        As :func:`specialisation` gives it.
    rest
        A sector that says nothing, since it holds what belongs nowhere else.

    Returns
    -------
    DataFrame
        One row of the table per region, by ``region_id``, with the number of
        ``specialisations``. Equal quotients: the sector that sorts first.
    """
    found = table[table["specialised"].fillna(False) & (table["sector"] != rest)]
    found = found.sort_values(
        ["region_id", "lq", "sector"], ascending=[True, False, True]
    )
    number = found.groupby("region_id").size()
    first = found.drop_duplicates("region_id").set_index("region_id")
    return first.assign(specialisations=number)


def _at_least(values: pd.Series, limit: float) -> pd.Series:
    """Whether values reach a limit; NULL where they are unknown."""
    return (values >= limit).astype("boolean").mask(values.isna())


def _ratio(part: np.ndarray, whole: np.ndarray | float) -> np.ndarray:
    """Quotient, NaN where the divisor is 0 or both are beyond all numbers."""
    divisor = np.where(whole == 0, np.nan, whole)
    with np.errstate(invalid="ignore"):
        return part / divisor
