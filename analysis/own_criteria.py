"""Criteria of the user's own: read, scaled, and put beside what was measured."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from .criteria import OWN_SOURCE, Measured, linear_value
from .errors import RefusalError
from .numbers import as_texts, parse_numbers
from .weights import Weights


@dataclass(frozen=True)
class OwnCriteria:
    """Values of the user's own, or of an earlier run.

    Parameters
    ----------
    value
        As given, areas × criteria.
    raw
        Measured values of an earlier run, by the same areas and criteria; None where
        the table holds none.
    strangers
        Number of rows for areas that do not exist.
    theirs
        Criteria that the user made, which may bear the id of one of ours; the others
        were measured in the earlier run.
    """

    value: pd.DataFrame
    raw: pd.DataFrame | None = None
    strangers: int = 0
    theirs: frozenset[str] = frozenset()

    def without(self, criterion: str) -> OwnCriteria:
        """The others."""
        value, raw = (
            None if table is None else table.drop(columns=criterion, errors="ignore")
            for table in (self.value, self.raw)
        )
        return replace(self, value=value, raw=raw)


def own_criteria(own: pd.DataFrame, area_ids: pd.Series) -> OwnCriteria:
    """Read a table of criteria.

    Parameters
    ----------
    own
        Table with ``area_id``, ``criterion`` and ``value``; with ``raw`` as well it is
        the table of criteria of an earlier run.
    area_ids
        Ids of the areas.

    Raises
    ------
    RefusalError
        If a column is missing, a row occurs twice, or a value is no number.
    """
    missing = [name for name in ("area_id", "criterion", "value") if name not in own]
    if missing:
        raise RefusalError("scoring.criteria_columns", columns=", ".join(missing))
    # A spreadsheet makes numbers of ids that look like them.
    texts = {name: as_texts(own[name]) for name in ("area_id", "criterion")}
    figures = [name for name in ("value", "raw") if name in own]
    own = own.assign(**texts, **{name: _numbers(own, name) for name in figures})
    strangers = int((~own["area_id"].isin(area_ids) | own["criterion"].isna()).sum())
    own = own.dropna(subset=list(texts))
    if own.duplicated(["area_id", "criterion"]).any():
        raise RefusalError("scoring.criteria_double")
    tables = {
        name: own.pivot(index="area_id", columns="criterion", values=name)
        .reindex(area_ids)
        .reset_index(drop=True)
        for name in figures
    }
    theirs = own["criterion"]
    if "raw" in own:
        theirs = theirs[own["source"] == OWN_SOURCE] if "source" in own else theirs[:0]
    return OwnCriteria(tables["value"], tables.get("raw"), strangers, frozenset(theirs))


def with_own_criteria(
    measured: Measured, own: OwnCriteria, weights: Weights
) -> Measured:
    """Add the user's own criteria to what was measured; theirs win.

    Where the weights give a scale, it turns the values as measured into [0, 1]; those
    of an earlier run hold both.

    Parameters
    ----------
    measured
        Index from 0, as ``own``.

    Raises
    ------
    RefusalError
        If a value lies outside 0–1 and no worst and best are given.
    """
    raw, value = measured.raw.copy(), measured.value.copy()
    again = own.raw is not None
    for name in own.value:
        scale = weights.scales.get(name)
        raw[name] = own.raw[name] if again else own.value[name]
        if scale is not None and (name in own.theirs or not again):
            value[name] = linear_value(raw[name], *scale)
        else:
            value[name] = _between(own.value[name], name)
    return Measured(raw, value, own.theirs & set(own.value))


def _numbers(own: pd.DataFrame, column: str) -> np.ndarray:
    numbers, unreadable = parse_numbers(own[column])
    if unreadable.any():
        first = own[unreadable].iloc[0]
        raise RefusalError(
            "scoring.value_unreadable",
            value=str(first[column]),
            criterion=first["criterion"],
        )
    return numbers


def _between(value: pd.Series, criterion: str) -> pd.Series:
    """Values, refused where they lie outside 0–1."""
    if ((value < 0) | (value > 1)).any():
        raise RefusalError("scoring.value_outside", criterion=criterion)
    return value
