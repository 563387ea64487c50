"""Weights of the criteria: from a strategy, a table, or a file of stakeholders."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import zip_longest

import numpy as np
import pandas as pd

from .errors import RefusalError
from .numbers import parse_number
from .resources import read_toml, resource_path
from .strategies import (
    ALL,
    agenda_ids,
    criterion_shares,
    strategies,
    strategies_of,
)

SCALE_COLUMNS = ("worst", "best")
OTHER_COLUMNS = {"weight", "rank", *SCALE_COLUMNS}
"""Columns of a weights file that are no stakeholder."""


@dataclass(frozen=True)
class Weights:
    """How much every criterion counts.

    Parameters
    ----------
    weight
        Weight by criterion, adding up to 1; criteria of weight 0 stay in.
    scales
        Worst and best raw value of the user's own criteria.
    origin
        Where the weights come from: ``strategy``, ``table``, ``file`` or ``pairwise``.
    rescaled
        The sum of the weights as given, where it was not 1 or 100; else None.
    stakeholders
        Weights of each stakeholder, criteria × stakeholders, each adding up to 1.
    uneven
        Stakeholders whose weights did not add up to 1 or 100 as given.
    consistency
        Consistency ratio of judgements by pairs; None for other weights.
    """

    weight: pd.Series
    scales: dict[str, tuple[float, float]] = field(default_factory=dict)
    origin: str = "strategy"
    rescaled: float | None = None
    stakeholders: pd.DataFrame = field(default_factory=pd.DataFrame)
    uneven: tuple[str, ...] = ()
    consistency: float | None = None


def strategy_ids() -> list[str]:
    """Ids that a strategy can have: ours, work agendas and strategies of the study."""
    ours = {path.stem for path in resource_path("strategies").glob("*.toml")}
    agendas = agenda_ids()
    return [*sorted(ours - set(agendas)), ALL, *agendas, *strategies()]


def strategy_weights(strategy: str) -> Weights:
    """Weights of a strategy, or the mean of those of several.

    Raises
    ------
    RefusalError
        If there is no such strategy.
    """
    if strategy not in strategy_ids():
        known = ", ".join(strategy_ids())
        raise RefusalError("scoring.strategy_unknown", strategy=strategy, known=known)
    if chosen := strategies_of(strategy):
        weight = criterion_shares().loc[list(chosen)].mean()
        weight = weight[weight > 0]
    else:
        given = read_toml("strategies", f"{strategy}.toml")["weights"]
        weight = pd.Series(given, dtype=float)
    return Weights(weight / weight.sum())


def chosen_weights(
    table: list[str], file: str | None, standard: Callable[[], Weights]
) -> Weights:
    """A file beats a table beats what holds where neither is given.

    Parameters
    ----------
    table
        Cells of the table that was filled in by hand.
    file
        Text of the weights file, None where there is none.
    standard
        Gives the weights that hold otherwise.
    """
    if file is not None:
        return file_weights(file)
    return table_weights(table) or standard()


def table_weights(cells: list[str]) -> Weights | None:
    """Weights of a table with two columns that was filled in by hand.

    Parameters
    ----------
    cells
        The cells row by row, as QGIS hands a matrix over. Empty rows are passed over;
        None when nothing is filled in.
    """
    rows = [
        {"criterion": name.strip(), "weight": weight}
        for name, weight in zip_longest(cells[::2], cells[1::2], fillvalue="")
        if name.strip()
    ]
    return _weights(rows, ["criterion", "weight"], "table") if rows else None


def file_weights(content: str) -> Weights:
    """Weights of a file.

    Columns: ``criterion``, and ``weight`` or ``rank``; ``worst`` and ``best`` for the
    user's own criteria; any other column is a stakeholder, whose mean counts where
    there is no ``weight``.

    Parameters
    ----------
    content
        Text of a CSV file with ``;``.

    Raises
    ------
    RefusalError
        If a column is missing or a weight can't be read.
    """
    try:
        table = list(csv.reader(io.StringIO(content), delimiter=";"))
    except csv.Error as error:
        raise RefusalError("scoring.weights_unreadable", error=str(error)) from None
    head = [name.strip() for name in table[0]] if table else []
    columns = [name for name in head if name]
    double = len(columns) > len(set(columns))
    if "criterion" not in columns or len(columns) == 1 or double:
        raise RefusalError("scoring.weights_columns", columns=", ".join(columns))
    rows = [
        {name: cell for name, cell in zip_longest(head, row, fillvalue="") if name}
        for row in table[1:]
    ]
    rows = [row for row in rows if row["criterion"].strip()]
    return _weights(rows, columns, "file")


def refuse_unknown_criteria(weights: Weights, known: set[str]) -> None:
    """Refuse weights of criteria that nobody measures, naming those that are known."""
    strangers = sorted(set(weights.weight.index) - known)
    if strangers:
        raise RefusalError(
            "scoring.criterion_unknown",
            names=", ".join(strangers),
            known=", ".join(sorted(known)),
        )


def in_order(weights: Weights, first: Sequence[str]) -> Weights:
    """The same weights, in an order that does not depend on that of a file.

    Sums then have the same last bits.

    Parameters
    ----------
    first
        Criteria that come first, in their order; others follow by name.
    """
    known = [name for name in first if name in weights.weight]
    names = [*known, *sorted(set(weights.weight.index) - set(known))]
    stakeholders = weights.stakeholders
    if not stakeholders.empty:
        stakeholders = stakeholders.reindex(names)
    return replace(weights, weight=weights.weight[names], stakeholders=stakeholders)


def weight_notes(weights: Weights) -> list[tuple[str, dict]]:
    """Keys and values of sentences on what was done to the weights as given."""
    notes = []
    if weights.rescaled is not None and weights.origin != "strategy":
        notes.append(("scoring.weights_rescaled", {"total": weights.rescaled}))
    if weights.uneven:
        names = ", ".join(weights.uneven)
        notes.append(("scoring.stakeholders_rescaled", {"names": names}))
    return notes


def rank_order_centroid(ranks: pd.Series) -> pd.Series:
    """Weights from an order of importance.

    Of *n* criteria the *k*-th gets ``(1/n) · Σ_{i=k..n} 1/i``; equal ranks share the
    mean of their places.

    Parameters
    ----------
    ranks
        1 is the most important.

    Source
    ------
    Barron and Barrett (1996), Decision quality using ranked attribute weights.

    >>> rank_order_centroid(pd.Series([1, 2])).tolist()
    [0.75, 0.25]
    """
    count = len(ranks)
    places = np.array(
        [(1 / np.arange(k, count + 1)).sum() for k in range(1, count + 1)]
    )
    order = ranks.rank(method="first").astype(int)
    weight = pd.Series(places[order - 1] / count, ranks.index)
    return weight.groupby(ranks).transform("mean")


def _weights(rows: list[dict], columns: list[str], origin: str) -> Weights:
    names = [row["criterion"].strip() for row in rows]
    double = sorted({name for name in names if names.count(name) > 1})
    if double:
        raise RefusalError("scoring.weights_double", names=", ".join(double))
    table = pd.DataFrame(
        {
            column: [
                _number(row[column], column, name)
                for row, name in zip(rows, names, strict=True)
            ]
            for column in columns
            if column != "criterion"
        },
        index=names,
    )
    given = table[[name for name in table if name not in OTHER_COLUMNS]]
    sums = pd.Series({name: _total(given[name], name) for name in given}, dtype=float)
    stakeholders = given / sums
    weight = _combined(table, stakeholders)
    total = _total(weight, "weight")
    uneven = tuple(name for name in given if not _even(sums[name]))
    return Weights(
        weight / total,
        _scales(table),
        origin,
        # Weights in percent or by rank need no remark.
        None if _even(total) else total,
        stakeholders,
        uneven,
    )


def _combined(table: pd.DataFrame, stakeholders: pd.DataFrame) -> pd.Series:
    if "weight" in table:
        return table["weight"]
    if "rank" in table:
        if not (table["rank"] >= 1).all():
            raise RefusalError("scoring.rank_below_one")
        return rank_order_centroid(table["rank"])
    if stakeholders.empty:
        raise RefusalError("scoring.weights_columns", columns=", ".join(table))
    return stakeholders.mean(axis=1)


def _total(weight: pd.Series, column: str) -> float:
    """Sum of the weights of a column, refused where it is nothing or no number."""
    with np.errstate(over="ignore"):
        total = float(weight.sum())
    if not ((weight >= 0).all() and 0 < total < math.inf):
        raise RefusalError("scoring.weights_sum", column=column)
    return total


def _even(total: float) -> bool:
    return bool(np.isclose(total, [1, 100]).any())


def _scales(table: pd.DataFrame) -> dict[str, tuple[float, float]]:
    if not set(SCALE_COLUMNS) <= set(table):
        return {}
    scales = table[list(SCALE_COLUMNS)].dropna(how="all")
    for name, worst, best in scales.itertuples():
        if not abs(best - worst) > 0:
            raise RefusalError("scoring.scale_empty", name=name)
    return {
        str(name): (float(worst), float(best))
        for name, worst, best in scales.itertuples()
    }


def _number(written: str, column: str, criterion: str) -> float:
    written = str(written).strip()
    if not written and column in SCALE_COLUMNS:
        return np.nan
    number = parse_number(written)
    if number is None or not np.isfinite(number):
        raise RefusalError(
            "scoring.weight_unreadable", value=written, column=column, name=criterion
        )
    return number
