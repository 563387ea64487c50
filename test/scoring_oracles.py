"""Scores, weights and their robustness by definition, in plain loops.

Written from the words of the definitions, without a look at the code. Values and
weights are dicts: area → criterion → value in [0, 1] (None is unknown), criterion →
weight.
"""

from __future__ import annotations

import math
import random
from fractions import Fraction

import numpy as np

EQUAL = 1e-9
"""Points of a score within which two are equal."""


def shares(weight) -> dict[str, float]:
    """Weights above 0, adding up to 1."""
    total = math.fsum(weight.values())
    return {name: part / total for name, part in weight.items() if part > 0}


def known_part(row, weight) -> float:
    """Share of the weight of which the value is known."""
    parts = shares(weight)
    return math.fsum(part for name, part in parts.items() if row[name] is not None)


# --- methods --------------------------------------------------------------------


def weighted_sum(row, weight) -> float | None:
    """Weighted mean of what is known, in points."""
    known = {name: part for name, part in weight.items() if row[name] is not None}
    if not sum(known.values()):
        return None
    parts = shares(known)
    return 100 * math.fsum(part * row[name] for name, part in parts.items())


def geometric_mean(row, weight) -> float | None:
    """Weighted geometric mean of what is known, in points."""
    known = {name: part for name, part in weight.items() if row[name] is not None}
    if not sum(known.values()):
        return None
    parts = shares(known)
    return 100 * math.prod(row[name] ** part for name, part in parts.items())


def topsis(values, weight) -> dict[str, float | None]:
    """Closeness to the best of every criterion, in points.

    Over what is known: of an area for its distances (in which one factor for all its
    weights makes no difference), of a criterion for its length, best and worst.
    """
    parts = shares(weight)
    columns = {
        name: [row[name] for row in values.values() if row[name] is not None]
        for name in parts
    }
    length = {name: math.hypot(*column) or 1.0 for name, column in columns.items()}
    found = {}
    for area, row in values.items():
        known = [name for name in parts if row[name] is not None]
        gaps = [
            math.hypot(
                *(
                    parts[name] * (row[name] - end(columns[name])) / length[name]
                    for name in known
                )
            )
            for end in (max, min)
        ]
        found[area] = 100 * gaps[1] / sum(gaps) if sum(gaps) else None
    return found


def scores(method: int, values, weight) -> dict[str, float | None]:
    """Score of every area by the index of the method."""
    if method == 2:
        return topsis(values, weight)
    one = (weighted_sum, geometric_mean)[method]
    return {area: one(row, weight) for area, row in values.items()}


def filled(row, with_) -> dict[str, float]:
    """A row with its unknown values put at 0 or 1."""
    return {name: with_ if value is None else value for name, value in row.items()}


def ranks(score, allowed=None) -> dict[str, int]:
    """One plus the number of better areas, among those that may have a rank."""
    running = [area for area in score if allowed is None or area in allowed]
    return {
        area: 1 + sum(score[other] > score[area] + EQUAL for other in running)
        for area in running
    }


def at_median(method: int, values, weight, area, criterion) -> float:
    """Score of an area with one criterion at the set's median.

    What TOPSIS compares it with stays as it is.
    """
    known = [row[criterion] for row in values.values() if row[criterion] is not None]
    changed = {**values[area], criterion: float(np.median(known))}
    if method != 2:
        return scores(method, {area: changed}, weight)[area]
    to_best = to_worst = 0.0
    for name, part in shares(weight).items():
        column = [other[name] for other in values.values()]
        length = math.hypot(*column)
        to_best += (part * (changed[name] - max(column)) / length) ** 2
        to_worst += (part * (changed[name] - min(column)) / length) ** 2
    return 100 * math.sqrt(to_worst) / (math.sqrt(to_best) + math.sqrt(to_worst))


# --- weights --------------------------------------------------------------------

SAATY_1980 = dict(zip(
    range(3, 16),
    (0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49, 1.51, 1.48, 1.56, 1.57, 1.59),
    strict=True,
))  # fmt: skip
SAATY_2005 = dict(zip(
    range(3, 16),
    (0.52, 0.89, 1.11, 1.25, 1.35, 1.40, 1.45, 1.49, 1.52, 1.54, 1.56, 1.58, 1.59),
    strict=True,
))  # fmt: skip
RANDOM_INDICES = (SAATY_1980, SAATY_2005)
"""Mean consistency of random matrices by size, as Saaty published it over the years."""


def pairwise(matrix) -> tuple[list[float], float]:
    """Weights of a pairwise matrix and its consistency *index*, by repetition."""
    size = len(matrix)
    weight = [1 / size] * size
    for _ in range(10_000):
        product = [math.fsum(map(_times, row, weight)) for row in matrix]
        total = math.fsum(product)
        before, weight = weight, [part / total for part in product]
        if max(abs(a - b) for a, b in zip(before, weight, strict=True)) < 1e-16:
            break
    largest = math.fsum(math.fsum(map(_times, row, weight)) for row in matrix)
    return weight, (largest - size) / max(size - 1, 1)


def _times(one: float, other: float) -> float:
    return one * other


def rank_order_centroid(order: dict[str, int]) -> dict[str, float]:
    """Centre of all weights that keep an order without equals, in fractions."""
    size = len(order)
    return {
        name: float(sum(Fraction(1, k) for k in range(place, size + 1)) / size)
        for name, place in order.items()
    }


# --- robustness -----------------------------------------------------------------


def dirichlet(alpha: list[float], draws: int, seed: int) -> np.ndarray:
    """Draws of weights: gamma variates over their sum."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    rows = []
    for _ in range(draws):
        parts = [chance.gammavariate(shape, 1) if shape else 0.0 for shape in alpha]
        total = sum(parts)
        rows.append([part / total for part in parts])
    return np.array(rows)


def normalised_uniforms(size: int, draws: int, seed: int) -> np.ndarray:
    """What is no Dirichlet: even draws, divided by their sum."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    rows = [[chance.random() for _ in range(size)] for _ in range(draws)]
    return np.array([[part / sum(row) for part in row] for row in rows])


def drawn_weights(weight, confidence: float, draws: int, seed: int) -> np.ndarray:
    """Weights round those given, a column for each, those of weight 0 included."""
    parts = shares(weight)
    alpha = [len(parts) * parts.get(name, 0.0) * confidence for name in weight]
    return dirichlet(alpha, draws, seed)


def drawn_scores(method: int, values, weight, drawn: np.ndarray) -> np.ndarray:
    """Scores by draw and area."""
    table = np.array(
        [[np.nan if row[name] is None else row[name] for name in weight]
         for row in values.values()]
    )  # fmt: skip
    if method == 2:
        return np.array([_topsis_of(table, draw) for draw in drawn])
    known = ~np.isnan(table)
    seen = np.where(known, table, 0.0)
    share = drawn @ known.T.astype(float)
    if method == 0:
        return 100 * (drawn @ seen.T) / share
    with np.errstate(divide="ignore"):
        logs = np.where(known, np.log(np.where(known, table, 1.0)), 0.0)
    return 100 * np.exp((drawn @ logs.T) / share)


def _topsis_of(table: np.ndarray, draw: np.ndarray) -> np.ndarray:
    length = np.sqrt((table**2).sum(axis=0))
    weighted = draw * table / np.where(length > 0, length, 1)
    to_best = np.sqrt(((weighted - weighted.max(axis=0)) ** 2).sum(axis=1))
    to_worst = np.sqrt(((weighted - weighted.min(axis=0)) ** 2).sum(axis=1))
    return 100 * to_worst / (to_best + to_worst)


def drawn_ranks(score: np.ndarray) -> np.ndarray:
    """Ranks by draw and area; equal scores share the best place."""
    better = score[:, None, :] > score[:, :, None] + EQUAL
    return 1 + better.sum(axis=2)


class Robustness:
    """What the draws say: acceptability, ranks and central weights.

    Parameters
    ----------
    method, values, weight
        As of :func:`scores`.
    confidence, top
        As the parameters of these names.
    drawn
        Other draws than Dirichlet ones.
    """

    def __init__(
        self, method, values, weight, confidence, top, draws=40_000, drawn=None
    ):
        self.areas, self.criteria, self.draws = list(values), list(weight), draws
        if drawn is None:
            drawn = drawn_weights(weight, confidence, draws, seed=20_261_122)
        self.drawn = drawn
        self.rank = drawn_ranks(drawn_scores(method, values, weight, drawn))
        self.among = self.rank <= top

    def acceptability(self, area) -> float:
        """Share of the draws in the best places."""
        return float(self.among[:, self.areas.index(area)].mean())

    def rank_between(self, area, point: float, draws: int) -> tuple[int, int]:
        """Between what a point of the ranks lies when it is taken from other draws."""
        slack = 5 * math.sqrt(point * (1 - point) * (1 / self.draws + 1 / draws))
        ordered = np.sort(self.rank[:, self.areas.index(area)])
        low = max(math.floor((point - slack) * self.draws) - 1, 0)
        high = min(math.ceil((point + slack) * self.draws) + 1, self.draws - 1)
        return int(ordered[low]), int(ordered[high])

    def central(self, area) -> tuple[dict[str, float], dict[str, float], int]:
        """Mean and spread of the weights in the draws that put an area on top."""
        of_area = self.drawn[self.among[:, self.areas.index(area)]]
        if not len(of_area):
            return {}, {}, 0
        mean = dict(zip(self.criteria, of_area.mean(axis=0), strict=True))
        spread = dict(zip(self.criteria, of_area.std(axis=0), strict=True))
        return mean, spread, len(of_area)


def share_error(share: float, one: int, other: float = math.inf) -> float:
    """Five standard errors of the difference of two shares, and one draw."""
    spread = math.sqrt(max(share * (1 - share), 0) * (1 / one + 1 / other))
    return 5 * spread + 5 / one
