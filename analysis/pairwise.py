"""Weights from comparing criteria two by two: the analytic hierarchy process."""

from __future__ import annotations

import csv
import io
from fractions import Fraction

import numpy as np
import pandas as pd

from .errors import RefusalError
from .numbers import parse_number
from .weights import Weights

RANDOM_INDEX = (
    0.0, 0.0, 0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49, 1.51, 1.48, 1.56, 1.57,
    1.59,
)  # fmt: skip
"""Mean consistency index of random judgements on 1 to 15 criteria; Saaty (1980), The
Analytic Hierarchy Process."""
MOST_INCONSISTENT = 0.1
"""A consistency ratio above this asks for other judgements; Saaty (1980)."""
ROUNDED = 0.05
"""Two judgements of one pair may differ from each other's reciprocal by this part, as
0,33 and 3 do (aanname)."""
HEAD = "criterion"


def pairwise_weights(content: str) -> Weights:
    """Weights of a file with judgements.

    Parameters
    ----------
    content
        Text of a CSV file with ``;``: column ``criterion``, then one column per
        criterion. A cell says how many times more the criterion of its row counts than
        that of its column (1–9, or a fraction such as 1/3); an empty one is the
        reciprocal of its mirror image, 1 on the diagonal.

    Raises
    ------
    RefusalError
        If a judgement is missing, can't be read or contradicts its mirror image, or
        there are more criteria than the random index is known for.
    """
    names, table = _table(content)
    weight, ratio = eigenvector_weights(_completed(names, table))
    return Weights(pd.Series(weight, names), origin="pairwise", consistency=ratio)


def eigenvector_weights(matrix: np.ndarray) -> tuple[np.ndarray, float]:
    """Weights and consistency ratio of judgements.

    The weights are the principal eigenvector, adding up to 1. The ratio is
    ``((λ − n) / (n − 1)) / RI``, with λ the principal eigenvalue of *n* criteria and RI
    the :data:`RANDOM_INDEX`; 0 for one or two criteria, which can't contradict.

    Parameters
    ----------
    matrix : ndarray, shape (n, n)
        Judgements above 0.

    Source
    ------
    Saaty (1980), The Analytic Hierarchy Process.

    >>> weights, ratio = eigenvector_weights(np.array([[1, 3], [1 / 3, 1]]))
    >>> weights.round(3).tolist(), round(ratio, 3)
    ([0.75, 0.25], 0.0)
    """
    values, vectors = np.linalg.eig(matrix)
    first = int(np.argmax(values.real))
    weight = np.abs(vectors[:, first].real)
    count = len(matrix)
    index = RANDOM_INDEX[count - 1]
    ratio = (values[first].real - count) / (count - 1) / index if index else 0.0
    return weight / weight.sum(), max(float(ratio), 0.0)


def _table(content: str) -> tuple[list[str], list[list[str]]]:
    """Criteria, and the cells of their judgements in that order, (n, n)."""
    try:
        rows = list(csv.reader(io.StringIO(content), delimiter=";"))
    except csv.Error as error:
        raise RefusalError("scoring.pairwise_unreadable", error=str(error)) from None
    rows = [[cell.strip() for cell in row] for row in rows if any(map(str.strip, row))]
    head = rows[0] if rows else []
    while head and not head[-1]:
        head = head[:-1]
    names = [row[0] for row in rows[1:]]
    alike = sorted(names) == sorted(head[1:]) and len(set(names)) == len(names)
    if not (head and head[0] == HEAD and names and all(names) and alike):
        raise RefusalError(
            "scoring.pairwise_square",
            columns=", ".join(head[1:]),
            rows=", ".join(names),
        )
    if len(names) > len(RANDOM_INDEX):
        raise RefusalError(
            "scoring.pairwise_many", count=len(names), most=len(RANDOM_INDEX)
        )
    places = [head.index(name) for name in names]
    cells = [[row[at] if at < len(row) else "" for at in places] for row in rows[1:]]
    return names, cells


def _completed(names: list[str], cells: list[list[str]]) -> np.ndarray:
    """The judgements as numbers, what is empty from its mirror image."""
    count = len(names)
    given = np.array(
        [
            [_judgement(cells[i][j], names[i], names[j]) for j in range(count)]
            for i in range(count)
        ]
    )
    given[np.diag_indices(count)] = np.where(
        np.isnan(np.diagonal(given)), 1.0, np.diagonal(given)
    )
    matrix = np.where(np.isnan(given), 1 / given.T, given)
    for i, j in zip(*np.triu_indices(count), strict=True):
        pair = {"one": names[i], "other": names[j]}
        if np.isnan(matrix[i, j]):
            raise RefusalError("scoring.pairwise_missing", **pair)
        if abs(matrix[i, j] * matrix[j, i] - 1) > ROUNDED:
            raise RefusalError("scoring.pairwise_contradicts", **pair)
    return matrix


def _judgement(written: str, one: str, other: str) -> float:
    """Number of a cell, NaN where it is empty."""
    if not written:
        return np.nan
    above, _, below = written.partition("/")
    number, divisor = parse_number(above), parse_number(below or "1")
    if not (number and divisor and number > 0 and divisor > 0):
        raise RefusalError(
            "scoring.pairwise_judgement", value=written, one=one, other=other
        )
    return float(Fraction(number) / Fraction(divisor))
