"""Ways to put the weighted values of an area together into one figure.

Each takes values (areas × criteria, in [0, 1], NaN where unknown) and sets of weights
(sets × criteria, from 0), and gives figures in [0, 1], sets × areas. The weight of what
is unknown in an area is spread over what is known there; where nothing is known, or has
weight, the figure is NaN. Weights need not add up to 1.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

MIDDLE = 0.5
"""Closeness of an area where all areas are the same (aanname)."""


@dataclass(frozen=True)
class Reference:
    """What TOPSIS compares an area with.

    Parameters
    ----------
    length
        Euclidean length of every criterion's values, (criteria,) or (areas, criteria).
    best, worst
        Highest and lowest value, divided by that length.
    """

    length: np.ndarray
    best: np.ndarray
    worst: np.ndarray


def weighted_sum(value: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Simple additive weighting: ``Σ w_i v_i / Σ w_i``.

    Source
    ------
    Hwang and Yoon (1981), Multiple Attribute Decision Making, section 3.2.

    >>> weighted_sum(np.array([[1.0, 0.5]]), np.array([[0.75, 0.25]]))
    array([[0.875]])
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        # Weights that add up to 1 do so but for the last bit.
        return np.minimum(_sums(value, weight) / _known_weight(value, weight), 1.0)


def geometric_mean(value: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Weighted product: ``Π v_i ^ (w_i / Σ w)``; a value of 0 can't be made up for.

    Source
    ------
    Hwang and Yoon (1981), Multiple Attribute Decision Making, section 3.3 (weighted
    product method), with values that need no further scaling.

    >>> geometric_mean(np.array([[1.0, 0.25], [1.0, 0.0]]), np.array([[1.0, 1.0]]))
    array([[0.5, 0. ]])
    """
    zero = value == 0
    with np.errstate(divide="ignore", invalid="ignore"):
        logarithm = np.log(np.where(zero, 1.0, value))
        mean = _sums(logarithm, weight) / _known_weight(value, weight)
    found = np.exp(np.minimum(mean, 0.0))
    return np.where(weight @ zero.T > 0, 0.0, found) if zero.any() else found


def topsis(
    value: np.ndarray, weight: np.ndarray, reference: Reference | None = None
) -> np.ndarray:
    """Closeness to the best: ``d⁻ / (d⁺ + d⁻)``.

    d⁺ and d⁻ are the Euclidean distances of the weighted values, divided by the length
    of their criterion, to the best and the worst that occur. More is always better.

    Parameters
    ----------
    reference
        What to compare with; that of these values where it is not given.

    Source
    ------
    Hwang and Yoon (1981), Multiple Attribute Decision Making, section 3.4 (vector
    normalisation).

    >>> topsis(np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]), np.array([[1.0, 1.0]]))
    array([[0.5, 0.5, 1. ]])
    """
    reference = reference or reference_of(value)
    scaled = value / reference.length
    to_best, to_worst = (
        np.sqrt(_sums((scaled - end) ** 2, weight**2))
        for end in (reference.best, reference.worst)
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        found = to_worst / (to_best + to_worst)
    found[(to_best + to_worst) == 0] = MIDDLE
    return np.where(_known_weight(value, weight) > 0, found, np.nan)


def reference_of(value: np.ndarray, alone: np.ndarray | None = None) -> Reference:
    """Length, best and worst of every criterion over the areas that it is known of.

    Parameters
    ----------
    value
        Areas × criteria.
    alone
        Values of the same shape: then each area is compared with the others as they
        are and itself with these instead.
    """
    with_zeros, lowest, highest = (
        np.where(np.isnan(value), other, value) for other in (0.0, np.inf, -np.inf)
    )
    squares = (with_zeros**2).sum(axis=0)
    worst, best = lowest.min(axis=0), highest.max(axis=0)
    if alone is not None:
        new = np.isnan(value)
        squares = squares + np.where(new, alone**2, 0.0)
        worst = np.minimum(worst, np.where(new, alone, np.inf))
        best = np.maximum(best, np.where(new, alone, -np.inf))
    length = np.sqrt(squares)
    # A criterion that is 0 everywhere tells no area from another.
    length = np.where(length > 0, length, 1.0)
    return Reference(length, best / length, worst / length)


def aggregate(method: str, value: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Figures of one of :data:`.vocabulary.SCORING_METHODS`."""
    return _FUNCTIONS[method](value, weight)


def among(method: str, value: np.ndarray) -> Callable[..., np.ndarray]:
    """The function of a method with these areas as what is compared with.

    It takes other values (areas × criteria) and weights.
    """
    if method != "topsis":
        return _FUNCTIONS[method]
    reference = reference_of(value)
    return lambda other, weight: topsis(other, weight, reference)


def filled(
    method: str, value: np.ndarray, weight: np.ndarray, unknown: float
) -> np.ndarray:
    """Figures of each area with this for its unknown values, the others as they are."""
    known = np.where(np.isnan(value), unknown, value)
    if method == "topsis":
        return topsis(known, weight, reference_of(value, known))
    return aggregate(method, known, weight)


_FUNCTIONS = {
    function.__name__: function for function in (weighted_sum, geometric_mean, topsis)
}


def _sums(value: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Sums of what is known, sets × areas."""
    return weight @ np.where(np.isnan(value), 0.0, value).T


def _known_weight(value: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Weight of what is known, sets × areas, or (sets, 1) where everything is."""
    unknown = np.isnan(value)
    if not unknown.any():
        return weight.sum(axis=1, keepdims=True)
    return weight @ (~unknown).astype(float).T
